"""Commands about duplicate groups: duplicates, decide, new-sku."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from supportdesk.cli import output
from supportdesk.cli.invocation import desk_of, wants_json, watched
from supportdesk.core.checks import count_of
from supportdesk.core.duplicates import (
    Choice,
    DuplicateGroup,
    DuplicatesSummary,
    GroupDetail,
    GroupFilter,
    choice_words,
    shared_by,
)
from supportdesk.core.skus import shown_sku
from supportdesk.core.spreadsheet import guarded
from supportdesk.core.text import safe_text
from supportdesk.errors import WrongUsage

_SHOWN: Final[dict[str, GroupFilter]] = {"all": "all", "to-decide": "to_decide", "disagree": "disagree"}
_WINDOW: Final = 1_000
"""Groups read at a time for the table."""


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of one of these commands."""
    parser.add_argument("channel", metavar="CHANNEL", help="as `supportdesk channels` lists it")
    if command == "duplicates":
        parser.add_argument(
            "--csv", action="store_true", help="as CSV, which `decide --from-file` reads back"
        )
        parser.add_argument(
            "--show", choices=list(_SHOWN), default="all", help="which groups (default: all of them)"
        )
        return
    if command == "new-sku":
        parser.add_argument("--listing", required=True, metavar="L", help="HANDLE/OPTION, or the variant id")
        parser.add_argument("--sku", required=True, metavar="S", help="the SKU it is to have")
        parser.add_argument(
            "--confirm", required=True, metavar="SHOP", help="the shop's handle: this writes to the store"
        )
        return
    which = parser.add_argument_group("which groups, one of these")
    which.add_argument("--sku", action="append", metavar="S", help="a group's SKU, any text; may be repeated")
    which.add_argument(
        "--all-to-decide", action="store_true", help="every group that needs a decision and has none"
    )
    which.add_argument(
        "--from-file",
        type=Path,
        metavar="F",
        help="CSV or JSON rows of sku, decision (shared by …, split, left out, clear), note",
    )
    what = parser.add_argument_group("what they are, one of these")
    what.add_argument(
        "--shared-by",
        metavar="oldest|lowest|highest|sum|LISTING",
        help="one product; copying takes this count, or that of the listing HANDLE/OPTION",
    )
    what.add_argument("--split", action="store_true", help="different products that need SKUs of their own")
    what.add_argument("--leave-out", action="store_true", help="not synced")
    what.add_argument("--clear", action="store_true", help="take the decision back")
    parser.add_argument(
        "--elsewhere",
        choices=["oldest", "lowest", "highest", "sum"],
        help="what counts where the named listing is not stocked and others are",
    )
    parser.add_argument(
        "--seen",
        type=int,
        metavar="N",
        help="with one --sku: only while its decision is of this revision (`duplicates --json`; 0 for none)",
    )
    parser.add_argument("--note", metavar="T", help="kept beside the decision, for colleagues")


def run(command: str, options: argparse.Namespace) -> int:
    """Do one of these commands."""
    return {"duplicates": _duplicates, "decide": _decide, "new-sku": _new_sku}[command](options)


def _duplicates(options: argparse.Namespace) -> int:
    from supportdesk.desk import duplicates

    desk, show = desk_of(options), _SHOWN[options.show]
    if options.csv and wants_json(options):
        raise WrongUsage("--csv and --json are two answers; ask for one.", "Leave one of them out.")
    if wants_json(options) or options.csv:
        details = duplicates.export_groups(desk, options.channel, show=show, order="worst")
        if options.csv:
            _emit_csv(details, notes=not desk.settings.presenter)
        else:
            _emit_json(details)
        return 0
    said = duplicates.summary(desk, options.channel)
    with duplicates.open_groups(desk, options.channel, show=show) as table:
        if table.count:
            _line("SKU", ("listings", "oldest", "lowest", "highest", "sum"), "decision")
        for start in range(0, table.count, _WINDOW):
            for group in table.window(start, _WINDOW):
                _line(
                    group.sku,
                    (f"{number:,}" for number in (group.listings, *group.numbers)),
                    _decided(group),
                )
    output.say(_counts(said))
    return 0


def _counts(said: DuplicatesSummary) -> str:
    """Groups nothing is said of apart from those that are decided and wait for the store, or for a second look."""
    first, *others = said.left_to_do
    if said.pre_marked:  # of those to decide, which are named first
        first += f", {said.pre_marked:,} of them alike in title, options and count"
    return " · ".join((count_of(said.groups, "group"), f"{said.disagree:,} disagree", first, *others))


def _line(sku: str, numbers: Iterable[str], decision: str) -> None:
    """One line of the table; its columns have fixed widths, as there may be a hundred thousand lines."""
    output.emit_line(
        f"{output.padded(safe_text(shown_sku(sku)), 32)}  {'  '.join(f'{number:>8}' for number in numbers)}  {decision}"
    )


def _decided(group: DuplicateGroup) -> str:
    """The last cell: what was decided, what is suggested, or that there is nothing to decide."""
    if group.decision is not None:
        said = choice_words(group.decision.choice)
        if not group.to_decide:
            return said
        return f"{said}, not done in the store yet" if said == "split" else f"{said}, recheck"
    if not group.needs_decision:
        return "none needed"
    return "shared?" if group.pre_marked else "-"


def _emit_json(details: Iterator[GroupDetail]) -> None:
    """One JSON list, an element a line: there may be a hundred thousand."""
    from supportdesk.cli.contract import DuplicateLine

    before = "["
    for detail in details:
        output.emit_line(before + output.json_text(DuplicateLine.of(detail).model_dump(mode="json")))
        before = ","
    output.emit_line("]" if before == "," else "[]")


def _emit_csv(details: Iterator[GroupDetail], *, notes: bool) -> None:
    """CSV that is read back and that no spreadsheet runs; what could steer a terminal is written out, and again in full as JSON."""
    from supportdesk.desk.decision_file import AS_TEXT, ESCAPED, escaped
    from supportdesk.desk.duplicate_files import COLUMNS, csv_row

    names = ["sku" if name == AS_TEXT else name for name in COLUMNS]
    _emit_csv_row((*COLUMNS, ESCAPED))
    for detail in details:
        cells = csv_row(detail, notes)
        texts = {name: cell for name, cell in zip(names, cells, strict=True) if isinstance(cell, str)}
        real = escaped(texts)
        _emit_csv_row((*cells, output.json_text(real) if real else ""))


def _emit_csv_row(cells: Iterable[object]) -> None:
    row = io.StringIO()
    csv.writer(row, lineterminator="\n").writerow(
        guarded(cell) if isinstance(cell, str) else cell for cell in cells
    )
    for line in row.getvalue().removesuffix("\n").split("\n"):
        output.emit_line(line)


def _decide(options: argparse.Namespace) -> int:
    from supportdesk.desk import duplicates

    choice = _choice(options)
    desk = desk_of(options)
    if options.from_file is not None:
        changed = duplicates.decide_from_file(desk, options.channel, options.from_file)
    elif options.all_to_decide:
        assert choice is not None
        changed = duplicates.decide_filtered(desk, options.channel, choice, note=options.note)
    elif options.seen is not None:
        changed = duplicates.decide(
            desk, options.channel, choice, {options.sku[0]: options.seen}, note=options.note
        )
    else:
        changed = duplicates.decide_now(desk, options.channel, choice, options.sku, note=options.note)
    said = duplicates.summary(desk, options.channel)
    if wants_json(options):
        from supportdesk.cli.contract import DecidedLine

        output.emit_json(DecidedLine.of(changed, said))
        return 0
    output.emit_line(_what_changed(changed, choice, options))
    output.say(_counts(said))
    return 0


def _what_changed(changed: int, choice: Choice | None, options: argparse.Namespace) -> str:
    """What became of what was said, in a sentence: of nothing changed, why."""
    what = "" if options.from_file else f": {choice_words(choice) if choice else 'taken back'}"
    asked = len(set(options.sku)) if options.sku else None
    already = "not decided anyway" if options.clear else "already so"
    if changed:
        more = f"; {asked - changed:,} {already}" if asked is not None and asked > changed else ""
        return f"{changed:,} {'decision' if changed == 1 else 'decisions'} changed{what}{more}."
    return f"Nothing changed: {'every group is decided' if options.all_to_decide else already}."


def _new_sku(options: argparse.Namespace) -> int:
    from supportdesk.desk import duplicates

    desk = desk_of(options)
    with watched(options) as watch:
        duplicates.give_own_sku(
            desk, options.channel, options.listing, options.sku, confirm=options.confirm, watch=watch
        )
    said = duplicates.summary(desk, options.channel)
    if wants_json(options):
        from supportdesk.cli.contract import DecidedLine

        output.emit_json(DecidedLine.of(1, said))
        return 0
    output.emit_line(f"{options.listing} has the SKU {options.sku} now.")
    output.say(_counts(said))
    return 0


def _choice(options: argparse.Namespace) -> Choice | None:
    """What the options say; None takes back, or leaves it to the file. Raises `WrongUsage` for none, or more than one at a time."""
    how = f"`supportdesk decide {options.channel} --help` says how."
    which = [options.sku is not None, options.all_to_decide, options.from_file is not None]
    if sum(which) != 1:
        raise WrongUsage("Say which groups: --sku=S, --all-to-decide or --from-file=F, one of them.", how)
    if options.sku is not None and "" in options.sku:
        raise WrongUsage("An empty SKU is no group's.", how)
    if options.seen is not None and len(options.sku or ()) != 1:
        raise WrongUsage("--seen is the revision of one group: name that with one --sku=S.", how)
    what = [options.shared_by is not None, options.split, options.leave_out, options.clear]
    if options.from_file is not None:
        if any(what) or options.note is not None or options.elsewhere is not None:
            raise WrongUsage("What the groups are, and notes, stand in the file.", how)
        return None
    if sum(what) != 1:
        raise WrongUsage(
            "Say what they are: --shared-by=…, --split, --leave-out or --clear, one of them.", how
        )
    if options.elsewhere is not None and options.shared_by is None:
        raise WrongUsage("--elsewhere goes with --shared-by=LISTING.", how)
    if options.clear:
        if options.all_to_decide or options.note is not None:
            raise WrongUsage("--clear takes decisions back with their notes; name them with --sku=S.", how)
        return None
    if options.shared_by is not None:
        if not options.shared_by:
            raise WrongUsage("--shared-by needs a rule or a listing.", how)
        return shared_by(options.shared_by, options.elsewhere)
    return Choice("split" if options.split else "left_out")
