"""Commands that lead up to turning sync on: wizard, plan, call-sheet. Applying a plan is in a module of its own."""

from __future__ import annotations

import argparse
import csv
import io
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, get_args

from supportdesk.cli import output
from supportdesk.cli.invocation import desk_of, wants_json, watched
from supportdesk.core.checks import count_of
from supportdesk.core.connections import MASTER_WORDS, Master
from supportdesk.core.plan import RISKS, PlanFor, RiskTotals
from supportdesk.core.plan_view import PlanLine, PlanShow, PlanView
from supportdesk.core.skus import shown_sku
from supportdesk.core.spreadsheet import guarded
from supportdesk.core.wizard import Answer, Next, Unknown, WizardEvent, copying_words
from supportdesk.desk import Desk
from supportdesk.desk.wizard_view import WizardView
from supportdesk.errors import Refused, WrongUsage

_AT_ONCE: Final = 500
"""Rows written at a time."""
_BLOCKS: Final = 20
"""Things in the way that are said one by one."""
_YES_NO: Final = {"yes": True, "no": False}
_MARKS: Final = {"to_do": " ", "done": "✓", "nothing_to_ask": "–", "reopened": "!"}


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of one of these commands."""
    if command == "plan":
        _add_plan(parser)
        return
    parser.add_argument("channel", metavar="CHANNEL", help="as `supportdesk channels` lists it")
    if command == "call-sheet":
        parser.add_argument(
            "--output", metavar="FILE", type=Path, help="write it to a file that is not there yet"
        )
        return
    parser.add_argument(
        "--direction", choices=get_args(Master), help="whose numbers count, unless a location says otherwise"
    )
    _add_answers(parser)
    parser.add_argument("--sumtracker-off", action="store_true", help="sync is off in Sumtracker itself")
    parser.add_argument(
        "--accept-plan", metavar="ID", type=int, help="this plan was looked at, and is accepted"
    )


def _add_answers(parser: argparse.ArgumentParser) -> None:
    copying = parser.add_mutually_exclusive_group()
    copying.add_argument(
        "--copy", action="store_true", default=None, help="copy the store's counts into Sumtracker"
    )
    copying.add_argument(
        "--no-copy", dest="copy", action="store_false", help="Sumtracker's numbers go to the store"
    )
    parser.add_argument(
        "--unknown", choices=get_args(Unknown), help="without copying: what happens to SKUs never counted"
    )
    parser.add_argument(
        "--promised-included",
        choices=list(_YES_NO),
        help="without copying: whether Sumtracker's numbers include what earlier orders have promised",
    )


def _add_plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "channel", metavar="CHANNEL", nargs="?", help="as `supportdesk channels` lists it; not with --show"
    )
    parser.add_argument(
        "--for", dest="purpose", choices=get_args(PlanFor), help="what is planned (default: turn-on)"
    )
    _add_answers(parser)
    parser.add_argument("--master", choices=get_args(Master), help="who is to be master there")
    parser.add_argument(
        "--location", metavar="L", default="", help="of a link or a direction: id or exact name"
    )
    parser.add_argument("--warehouse", metavar="W", default="", help="of a link: id, code or exact name")
    parser.add_argument(
        "--counts",
        choices=("this", "sum"),
        help="of a link that copies, where another location is on the warehouse: this one's count, or the sum of both",
    )
    parser.add_argument(
        "--insist", action="store_true", help="link a fulfilment service that keeps its own stock numbers"
    )
    parser.add_argument(
        "--keep", metavar="CAUSE", action="append", default=[], help="of a roll back: stays as it is"
    )
    parser.add_argument(
        "--show", metavar="ID", help="show a plan that was made: its number, or CHANNEL/NUMBER"
    )
    parser.add_argument("--csv", action="store_true", help="its rows as CSV")
    parser.add_argument("--rows", action="store_true", help="its rows, in words or with --json as JSON")
    parser.add_argument("--only", choices=get_args(PlanShow), default="all", help="which rows")


def run(command: str, options: argparse.Namespace) -> int:
    """Do one of these commands."""
    return {"plan": _plan, "wizard": _wizard, "call-sheet": _call_sheet}[command](options)


# plan ---------------------------------------------------------------------------------------------------------------------------------


def _plan(options: argparse.Namespace) -> int:
    from supportdesk.desk import plans

    desk = desk_of(options)
    if options.csv and wants_json(options):
        raise WrongUsage("--csv and --json are two answers; ask for one.", "Leave one of them out.")
    if options.only != "all" and not (options.csv or options.rows):
        raise WrongUsage("--only picks rows, and none are asked for.", "Ask for them: --rows, or --csv")
    if options.show:
        plan = _shown(desk, options)
    else:
        if not options.channel:
            raise WrongUsage("It is not said what is planned for.", "supportdesk plan CHANNEL --for=turn-on")
        with watched(options) as watch:
            plan = plans.make_plan(
                desk,
                options.channel,
                options.purpose or "turn-on",
                copies=options.copy,
                master=options.master,
                location=options.location,
                warehouse=options.warehouse,
                unknown=options.unknown,
                promised_included=_YES_NO.get(options.promised_included or ""),
                keep=options.keep,
                counts=options.counts,
                insist=options.insist,
                watch=watch,
            )
    if options.csv or options.rows:
        _emit_rows(desk, plan, options)
    elif wants_json(options):
        from supportdesk.cli.plan_contract import PlanSummary

        output.emit_json(PlanSummary.of(plan))
    else:
        _emit_plan(plan)
    return 0


def _shown(desk: Desk, options: argparse.Namespace) -> PlanView:
    """The plan that was asked for by its number."""
    from supportdesk.desk import plans

    asked = (options.purpose, options.copy, options.unknown, options.promised_included, options.master)
    if (
        any(each is not None for each in asked)
        or options.location
        or options.warehouse
        or options.keep
        or options.insist
        or options.counts
    ):
        raise WrongUsage("--show shows a plan as it was made.", "Leave the answers out, or make a plan anew.")
    if options.channel:
        return plans.plan_view(desk, *plans.resolve_plan(desk, f"{options.channel}/{options.show}"))
    return plans.plan_view(desk, *plans.resolve_plan(desk, options.show))


def _emit_plan(plan: PlanView) -> None:
    width = 24
    output.emit_line(f"Plan {plan.id} of {plan.title}: {plan_words(plan)}")
    output.emit_line()
    output.emit_line(f"{'':{width}} {'store rows':>12} {'units before → after':>28}")
    for risk, (sign, words) in RISKS.items():
        if total := plan.totals.by_risk.get(risk):
            output.emit_line(_total_line(f"{sign} {words}", total, width))
    output.emit_line(_total_line("  all", plan.totals.store, width))
    output.emit_line(_ledger_line(plan))
    if len(plan.places) > 1:
        output.emit_line()
        output.emit_table(
            (
                "location",
                "warehouse",
                "rows",
                "on hand",
                "− promised",
                "− unavailable",
                "= available",
                "after",
            ),
            (
                (
                    place.location,
                    place.warehouse,
                    f"{place.total.rows:,}",
                    *(f"{number:,}" for number in place.proof),
                    f"{place.total.after:,}",
                )
                for place in plan.places
            ),
            right=frozenset(range(2, 8)),
        )
    _emit_remarks(plan)


def plan_words(plan: PlanView) -> str:
    """What a plan is for, in words that may quote foreign text."""
    if plan.purpose == "rollback":
        kept = f", but for {', '.join(plan.kept)}" if plan.kept else ""
        return f"take back what was pushed{kept}."
    copying = "it is not said whether the store's counts are copied"
    if plan.copies is not None:
        copying = copying_words(plan.copies, plan.unknown)
    reads = bool(plan.places) and all(place.master == "shopify" for place in plan.places)
    asks_nothing = reads or not plan.places or plan.master == "shopify"
    how = "" if plan.copies is None and asks_nothing else f", {copying}"
    if plan.purpose == "turn-on":
        return f"turn sync on{', reading the store' if reads and plan.copies is None else how}."
    master = MASTER_WORDS[plan.master] if plan.master else ""
    if plan.purpose == "link":
        insisted = ", though a service keeps its numbers" if plan.insisted else ""
        return f"link {plan.location} to {plan.warehouse}, {master}{how}{insisted}."
    return f"make it {master} at {plan.location}{how}."


def _total_line(name: str, total: RiskTotals, width: int) -> str:
    units = f"{total.before:,} → {total.after:,}"
    return f"{name:{width}} {total.rows:>12,} {units:>28}"


def _ledger_line(plan: PlanView) -> str:
    ledger = plan.totals.ledger
    if plan.purpose == "rollback":
        return "Sumtracker: its numbers stay as they are."
    reads = bool(plan.places) and all(place.master == "shopify" for place in plan.places)
    done = "read" if reads else "kept" if plan.copies is False else "set"
    if plan.copies is False and plan.unknown_skus and plan.unknown in ("copy", "zero"):
        what = "copied" if plan.unknown == "copy" else "set to 0"
        done += f" (those of {count_of(plan.unknown_skus, 'SKU')} never counted: {what})"
    return f"Sumtracker: {ledger.rows:,} numbers (SKU × warehouse) {done}, {ledger.before:,} → {ledger.after:,} units"


def _emit_remarks(plan: PlanView) -> None:
    """What else there is to know of it, on stdout; and what stands in its way."""
    output.emit_line()
    for out in plan.left_out:
        output.emit_line(f"  left out: {count_of(out.rows, 'row')} {out.text}, {count_of(out.units, 'unit')}")
    if plan.unknown_skus:
        shown = count_of(plan.unknown_units, "unit")
        output.emit_line(
            f"  never counted in Sumtracker: {count_of(plan.unknown_skus, 'SKU')}, {shown} in the store"
        )
    if plan.promised:
        output.emit_line(f"  promised by orders from before: {count_of(plan.promised, 'unit')}")
    if plan.promised_to_bundles:
        parts = count_of(plan.promised_to_bundles, "unit")
        output.emit_line(f"  of components, promised to bundles by open orders: {parts}")
    for text in plan.stays:
        output.emit_line(f"= stays: {text}")
    for each in plan.elsewhere:
        output.emit_line(
            f"! {each.title} changes too: {count_of(each.rows, 'row')}, {each.before:,} → {count_of(each.after, 'unit')}, "
            f"{each.to_zero:,} of them to zero"
        )
    for cause, units in plan.causes.items():
        kept = ", stays" if cause in plan.kept else ""
        output.emit_line(f"  pushed for {cause}: {units:+,} units{kept}")
    for reason in plan.brake:
        output.emit_line(f"! brake: {reason.text}")
    for block in plan.blocked[:_BLOCKS]:
        output.emit_line(f"! {block.sku + ': ' if block.sku else ''}{block.text}")
    if len(plan.blocked) > _BLOCKS:
        output.emit_line(f"! and {len(plan.blocked) - _BLOCKS:,} more; --json has them all.")
    if plan.state != "made":
        output.emit_line(f"  {plan.state.replace('_', ' ')}{': ' + plan.said if plan.said else ''}")


def _emit_rows(desk: Desk, plan: PlanView, options: argparse.Namespace) -> None:
    from supportdesk.desk import plans

    rows = plans.export_plan_rows(desk, plan.channel, plan.id, show=options.only)
    if options.csv:
        _emit_csv_row(PlanLine._fields)
        for row in rows:
            _emit_csv_row(row)
    elif wants_json(options):
        _emit_json_rows(rows)
    else:
        output.emit_line(f"  {'SKU':24} {'location':16} {'before':>9} {'after':>9}  why")
        for row in rows:
            output.emit_line(
                f"{row.sign} {shown_sku(row.sku):24} {row.location:16} {row.before:>9,} {row.after:>9,}  {row.reason}"
            )


def _emit_csv_row(cells: Iterable[object]) -> None:
    row = io.StringIO()
    csv.writer(row, lineterminator="\n").writerow(
        guarded(cell) if isinstance(cell, str) else cell for cell in cells
    )
    for line in row.getvalue().removesuffix("\n").split("\n"):
        output.emit_line(line)


def _emit_json_rows(rows: Iterator[PlanLine]) -> None:
    """The rows as one JSON array, some lines at a time."""
    from supportdesk.cli.plan_contract import PlanRowLine

    before = "["
    while some := list(itertools.islice(rows, _AT_ONCE)):
        text = output.json_text([PlanRowLine.of(row).model_dump(mode="json") for row in some])
        output.emit_line(before + text[1:-1])
        before = ","
    output.emit_line("[]" if before == "[" else "]")


# wizard -------------------------------------------------------------------------------------------------------------------------------


def _wizard(options: argparse.Namespace) -> int:
    from supportdesk.desk import going_live, plans

    desk = desk_of(options)
    view = going_live.open_wizard(desk, options.channel)
    reviewed = None
    if options.accept_plan is not None:
        plan = plans.plan_view(desk, options.channel, options.accept_plan)
        if plan.id != view.plan_id:
            raise Refused(
                f"Plan {plan.id} is not the plan for the answers as they are.",
                f"Make it anew and look at it: supportdesk plan {options.channel} --for=turn-on",
            )
        reviewed = plan.fingerprint
    said = Answer(
        direction=options.direction,
        copy=options.copy,
        unknown=options.unknown,
        promised_included=_YES_NO.get(options.promised_included or ""),
        sumtracker_off=True if options.sumtracker_off else None,
        reviewed=reviewed,
    )
    if said != Answer():
        view = _go_on(desk, going_live.answer(desk, options.channel, said, seen=view.revision))
        going_live.leave(desk, options.channel)
    if wants_json(options):
        from supportdesk.cli.plan_contract import WizardLine

        output.emit_json(WizardLine.of(view))
    else:
        _emit_wizard(view)
    return 0


def _go_on(desk: Desk, view: WizardView) -> WizardView:
    """Pass every step that nothing blocks, as a person would who has said all that it asks."""
    from supportdesk.desk import going_live

    event: WizardEvent = Next()
    while True:
        coming = going_live.answer(desk, view.channel, event, seen=view.revision)
        if coming.revision == view.revision:
            return coming
        view = coming


def _emit_wizard(view: WizardView) -> None:
    output.emit_line(f"{view.title}: turn sync on")
    if view.sync:
        output.emit_line(f"! {view.sync} Nothing is asked any more.")
    if view.turned_off_at:
        output.emit_line(f"! Sync was turned off {view.turned_off_at:%Y-%m-%d %H:%M}Z. {view.from_before}")
    for line in view.rail:
        here = "▸" if line.here else " "
        said = _answer_words(view, line.step)
        output.emit_line(f"{here} {_MARKS[line.status]} {line.title:18} {said or line.text}".rstrip())
        for text in line.blocks if line.step != "turn_on" and not view.sync else ():
            output.emit_line(f"      ! {text}")
    copies, because = view.recommended_copy
    if view.state.answers.copy is None and not view.sync:
        output.emit_line(f"Recommended: {'copy' if copies else 'do not copy'}. {because}")
    if view.other_masters:
        output.emit_line(f"! Another master than that at {', '.join(view.other_masters)}.")
    if view.at_work:
        output.emit_line(f"! {view.at_work} is at work here.")


def _answer_words(view: WizardView, step: str) -> str:
    answers = view.state.answers
    if step == "direction":
        return MASTER_WORDS[answers.direction] if answers.direction else ""
    if step == "copy" and answers.copy is not None:
        more = f"; never counted: {answers.unknown}" if answers.unknown and not answers.copy else ""
        return ("copy the store's counts" if answers.copy else "don't copy") + more
    if step == "duplicates" and view.groups.groups:
        return f"{view.groups.decided:,} of {view.groups.groups:,} decided"
    if step == "mapping":
        places = [f"{place.location} → {place.warehouse}" for place in view.places if place.warehouse]
        return ", ".join(places[:4]) + (f" and {len(places) - 4} more" if len(places) > 4 else "")
    if step == "review" and view.plan_id is not None:
        return f"plan {view.plan_id}"
    return ""


# call-sheet ---------------------------------------------------------------------------------------------------------------------------


def _call_sheet(options: argparse.Namespace) -> int:
    from supportdesk.desk import call_sheet

    text = call_sheet.call_sheet(desk_of(options), options.channel)
    if options.output is not None:
        call_sheet.save(options.output, text)
        output.say(f"Written to {options.output}.")
    elif wants_json(options):
        from supportdesk.cli.plan_contract import CallSheetLine

        output.emit_json(CallSheetLine(text=text))
    else:
        for line in text.splitlines():
            output.emit_line(line)
    return 0
