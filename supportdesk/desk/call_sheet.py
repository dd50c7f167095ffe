"""The call sheet: what was decided on the call, by whom and when, as Markdown for the merchant."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from supportdesk.core.checks import count_of
from supportdesk.core.connections import MASTER_WORDS
from supportdesk.core.duplicates import DuplicateGroup, choice_words
from supportdesk.core.plan import RISKS, RiskTotals
from supportdesk.core.plan_view import PlanView
from supportdesk.core.skus import shown_sku
from supportdesk.core.text import safe_text
from supportdesk.core.wizard import Answers, rail
from supportdesk.desk import Desk, duplicates, going_live, plans, sync_status
from supportdesk.desk.duplicates import opened_channel
from supportdesk.errors import FileLost, Refused

if TYPE_CHECKING:
    from supportdesk.desk.sync_status import SyncStatus
    from supportdesk.desk.wizard_view import WizardView

_GROUPS: Final = 500
"""Duplicate groups that are listed; of more it is said how many."""
_BLOCKS: Final = 20
_FALLING: Final = 200
"""Rows that fall to zero which are listed."""
_STEERING: Final = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&:@])")
"""Characters that Markdown, or the HTML in it, would make something of."""


def call_sheet(desk: Desk, channel: str) -> str:
    """The call sheet of the channel as things are, in Markdown; foreign text in it is escaped. Raises `UnknownName`, `NotLoaded`."""
    view = going_live.open_wizard(desk, channel)
    plan = plans.plan_of_sheet(desk, channel)
    status = sync_status.sync_status(desk, channel)
    in_force = plan if view.sync else None
    zone = _zone(desk, channel)
    blocks = [
        f"# Call sheet: {_text(view.title)}",
        f"Store `{view.channel}`, {_time(desk.now(), zone)}. Times are {_text(str(zone))}.",
        _text(view.sync or "Sync is off."),
        *_answers(desk, view, in_force, zone),
        *_locations(desk, channel, zone),
        *_groups(desk, channel, view, zone),
        *_plan(plan, zone),
        *_falling(desk, plan),
        *_limits(desk, channel),
        *(_open_while_on(status) if view.sync else _open(view, plan)),
        *_reminders(view.state.answers, plan),
    ]
    return "\n\n".join(blocks) + "\n"


def save(target: Path, text: str) -> None:
    """Write the sheet to a file that is not there yet and that only its owner may read. Raises `Refused`, `FileLost`."""
    target = target.expanduser()
    try:
        descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except FileExistsError:
        raise Refused(f"{target} is already there.", "Name another file.") from None
    except OSError as error:
        raise FileLost(
            f"{target} cannot be written: {error.strerror or error}.", "Name another file."
        ) from error


def _text(text: str) -> str:
    """Foreign text as Markdown shows it: one line, every character that would steer anything escaped."""
    return _STEERING.sub(r"\\\1", safe_text(text))


def _time(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _zone(desk: Desk, channel: str) -> tzinfo:
    """The store's own time zone, UTC where it is none that is known here."""
    with opened_channel(desk, channel) as (_, record):
        name = record.shop.timezone if record.shop else "UTC"
    try:
        return ZoneInfo(name) if name != "UTC" else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _answers(desk: Desk, view: WizardView, in_force: PlanView | None, zone: tzinfo) -> Iterator[str]:
    """What was answered in the wizard; of a plan in force what it was made with, which may have been said with it."""
    from supportdesk.ledger import wizard

    answers = view.state.answers
    if in_force and in_force.purpose == "turn-on":
        answers = replace(
            answers,
            direction=answers.direction or (in_force.places[0].master if in_force.places else None),
            copy=in_force.copies,
            unknown=in_force.unknown,
            promised_included=in_force.promised_included,
        )
    yield "## What was decided"
    said = [
        ("Direction", MASTER_WORDS[answers.direction] if answers.direction else ""),
        (
            "Copy inventory",
            "" if answers.copy is None else "copy the store's counts" if answers.copy else "don't copy",
        ),
        (
            "SKUs never counted",
            {"copy": "copied", "hold": "held", "zero": "shown as 0"}.get(answers.unknown or "", ""),
        ),
        (
            "Promised by earlier orders",
            ""
            if answers.promised_included is None
            else "still in Sumtracker's numbers, and taken off"
            if answers.promised_included
            else "not in Sumtracker's numbers",
        ),
        ("Sync in Sumtracker itself", "off, as was confirmed" if answers.sumtracker_off else ""),
    ]
    yield _table(
        ("Question", "Answer"), [(name, text) for name, text in said if text] or [("Nothing yet", "–")]
    )
    with opened_channel(desk, view.channel) as (ledger, record):
        history = wizard.history(ledger.db.conn, record.handle, 100)
    if history:
        yield "\n".join(
            f"- {_time(at, zone)}, {_text(who) or 'somebody'}: {_text(detail)}" for at, who, detail in history
        )


def _locations(desk: Desk, channel: str, zone: tzinfo) -> Iterator[str]:
    from supportdesk.ledger import channels, connections, warehouses

    yield "## Locations and warehouses"
    with opened_channel(desk, channel) as (ledger, record):
        kept = connections.kept(ledger, record.id)
        named = {each.id: each for each in warehouses.all_warehouses(ledger)}
        places = channels.locations(ledger, record.id)
        rows = []
        for place in places:
            row = kept.get(place.id)
            told = connections.told(ledger, row.event_id) if row else None
            warehouse = named.get(row.warehouse_id) if row and row.warehouse_id is not None else None
            if warehouse and row and row.master:
                where, master = f"{_text(warehouse.name)} ({_text(warehouse.code)})", MASTER_WORDS[row.master]
                if row.counts is not None:
                    names = {each.id: each.name for each in places}
                    whose = "sum" if row.counts == connections.SUM else names.get(row.counts, "")
                    master += f"; copied: {_text(whose)}"
            else:
                where = "stays unlinked" if row else "inactive" if not place.active else "not decided"
                master = ""
            by = f"{_text(told.who) or 'somebody'}, {_time(told.at, zone)}" if told else ""
            rows.append((_text(place.name), where, master, by))
    yield _table(("Location", "Warehouse", "Master", "Said by"), rows)


def _groups(desk: Desk, channel: str, view: WizardView, zone: tzinfo) -> Iterator[str]:
    yield "## Duplicate SKUs"
    if not view.groups.groups:
        yield "No two listings in scope share a SKU."
        return
    with duplicates.open_groups(desk, channel, order="sku", descending=False) as table:
        shown = [group for group in table.window(0, _GROUPS) if group.needs_decision or group.decision]
        more = table.count - _GROUPS
    yield f"{view.groups.decided:,} of {view.groups.groups:,} are decided."
    yield _table(("SKU", "Decision", "Note", "Said by"), [_group(group, zone) for group in shown])
    if more > 0:
        yield f"{more:,} more are not listed here; `supportdesk duplicates {view.channel} --csv` has them all."


def _group(group: DuplicateGroup, zone: tzinfo) -> tuple[str, str, str, str]:
    decision = group.decision
    if decision is None:
        return _text(shown_sku(group.sku)), "not decided", "", ""
    words = _text(choice_words(decision.choice)) + (
        "" if group.decision_holds else " (to be looked at again)"
    )
    return (
        *(_text(shown_sku(group.sku)), words, _text(decision.note)),
        f"{_text(decision.who)}, {_time(decision.at, zone)}",
    )


_PURPOSES: Final = {
    "turn-on": "turning sync on",
    "link": "linking a location",
    "direction": "changing who is master",
    "rollback": "taking back what was pushed",
}


def _plan(plan: PlanView | None, zone: tzinfo) -> Iterator[str]:
    yield "## What is written"
    if plan is None:
        yield "There is no plan yet."
        return
    yield (
        f"Plan {plan.id} for {_PURPOSES[plan.purpose]}, made by {_text(plan.who)} on {_time(plan.made_at, zone)}, "
        f"{plan.state.replace('_', ' ')}; fingerprint `{plan.fingerprint}`."
    )
    totals = [
        (words, plan.totals.by_risk[risk])
        for risk, (_, words) in RISKS.items()
        if risk in plan.totals.by_risk
    ]
    yield _table(
        ("Rows of the store", "Rows", "Units before", "Units after"),
        [_units(name, total) for name, total in [*totals, ("all", plan.totals.store)]],
    )
    ledger = plan.totals.ledger
    yield f"Sumtracker: {ledger.rows:,} numbers (SKU × warehouse), {ledger.before:,} → {ledger.after:,} units."
    yield _table(
        ("Location", "On hand", "− promised", "− unavailable", "= available", "Units after"),
        [
            (_text(place.location), *(f"{number:,}" for number in place.proof), f"{place.total.after:,}")
            for place in plan.places
        ],
    )
    for each in plan.elsewhere:
        yield f"{_text(each.title)} changes too: {count_of(each.rows, 'row')}, {each.before:,} → {count_of(each.after, 'unit')}."
    if plan.left_out:
        yield "\n".join(
            [
                "Left as they are:",
                "",
                *(
                    f"- {count_of(each.rows, 'row')} {each.text} ({count_of(each.units, 'unit')})"
                    for each in plan.left_out
                ),
            ]
        )


def _falling(desk: Desk, plan: PlanView | None) -> Iterator[str]:
    """What stops selling by the plan, by SKU."""
    if plan is None or not plan.totals.store_to_zero or plan.state == "replaced":
        return
    with plans.open_plan_rows(desk, plan.channel, plan.id, show="falls_to_zero") as table:
        shown, more = table.window(0, _FALLING), table.count - _FALLING
    yield "Falls to zero:"
    yield _table(
        ("SKU", "Title", "Location", "Before", "After", "Why"),
        [
            (
                *(_text(shown_sku(row.sku)), _text(row.title), _text(row.location)),
                *(f"{row.before:,}", f"{row.after:,}", _text(row.reason)),
            )
            for row in shown
        ],
    )
    if more > 0:
        yield f"{more:,} more fall to zero; `supportdesk plan --show={plan.channel}/{plan.id} --csv --only=falls_to_zero` has them all."


def _limits(desk: Desk, channel: str) -> Iterator[str]:
    """What besides the counts decides what the store is shown: drafts, bundles, close at, the maximum."""
    from supportdesk.ledger import readiness
    from supportdesk.ledger.stock_rows import row_facts

    with opened_channel(desk, channel) as (ledger, record):
        facts = row_facts(ledger, record.id)
        closed, bundles = readiness.close_at_count(ledger), readiness.bundle_counts(ledger).bundles
    most = "as many as there are" if facts.maximum is None else f"at most {facts.maximum:,} of a SKU"
    numbers = count_of(closed, "number (SKU × warehouse) is", "numbers (SKU × warehouse) are")
    yield "\n".join(
        [
            "How numbers are shown:",
            "",
            f"- Maximum: {most}",
            f"- Close at: {numbers} shown as 0 from a quantity of its own on"
            if closed == 1
            else f"- Close at: {numbers} shown as 0 from quantities of their own on"
            if closed
            else "- Close at: none",
            f"- Drafts: {'synced' if facts.drafts else 'not synced'}",
            f"- Bundles: {f'{bundles:,}, shown by their components' if bundles else 'none'}",
        ]
    )


def _units(name: str, total: RiskTotals) -> tuple[str, str, str, str]:
    return name, f"{total.rows:,}", f"{total.before:,}", f"{total.after:,}"


def _open(view: WizardView, plan: PlanView | None) -> Iterator[str]:
    """What is still to be said or done: what the steps say now, and what stood in the plan's way."""
    steps = [text for line in rail(view.state, view.facts) if line.step != "turn_on" for text in line.blocks]
    said = (
        [f"{block.sku}: {block.text}" if block.sku else block.text for block in plan.blocked] if plan else []
    )
    brake = [reason.text for reason in plan.brake] if plan else []
    found = list(dict.fromkeys([*steps, *said, *brake]))
    if found and view.state.at != "turn_on":
        more = [f"and {len(found) - _BLOCKS:,} more."] if len(found) > _BLOCKS else []
        yield "## Still open"
        yield "\n".join(f"- {_text(text)}" for text in [*found[:_BLOCKS], *more])


def _open_while_on(status: SyncStatus) -> Iterator[str]:
    """What is still to be looked at while it is on or being applied: what waits, is held, or is wrong."""
    found = [
        *status.brake,
        *([f"{count_of(status.stopped_rows, 'row')} wait for that."] if status.stopped_rows else []),
        *(f"{count_of(rows, 'row is', 'rows are')} held: {reason}" for reason, rows in status.held),
        *status.alerts,
    ]
    if settling := status.rows.get("settling", 0):
        found.append(f"{count_of(settling, 'row is', 'rows are')} still settling.")
    if found:
        more = [f"and {len(found) - _BLOCKS:,} more."] if len(found) > _BLOCKS else []
        yield "## Still open"
        yield "\n".join(f"- {_text(text)}" for text in [*found[:_BLOCKS], *more])


def _reminders(answers: Answers, plan: PlanView | None) -> Iterator[str]:
    yield "## From now on"
    promised = plan.promised if plan else 0
    masters = {place.master for place in plan.places} if plan else {answers.direction or "sumtracker"}
    lines = [
        "Orders placed before turning on never come into Sumtracker; they are fulfilled in Shopify as before."
        + (f" {count_of(promised, 'unit is', 'units are')} promised to them." if promised else "")
    ]
    if plan and plan.promised_to_bundles:
        units = count_of(plan.promised_to_bundles, "unit of components is", "units of components are")
        lines.append(f"{units} promised to bundles by these orders; a count asks whether it includes them.")
    if "sumtracker" in masters:
        lines.append(
            "Stop editing stock in Shopify where Sumtracker is master: such edits are put back. Change stock in Sumtracker."
        )
    if "shopify" in masters:
        lines.append(
            "Where Shopify is master, change stock in Shopify: Sumtracker reads it and writes nothing there."
        )
    lines.append(
        "New orders book stock in Sumtracker by themselves, and every listing with that SKU follows."
    )
    yield "\n".join(f"- {line}" for line in lines)
