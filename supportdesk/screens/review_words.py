"""What Review says of a plan: totals by risk and by location, what is to be said beside them, one row. Wording only, no rule."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Final

from textual.content import Content

from supportdesk.core.plan import RISKS, Blocked, RiskTotals
from supportdesk.core.plan_view import PlanLine, PlanOrder, PlanShow, PlanView
from supportdesk.core.skus import shown_sku
from supportdesk.screens.connection_words import MASTER_WORDS
from supportdesk.screens.stock_words import when
from supportdesk.screens.wizard_words import proof_text, units_sentence
from supportdesk.screens.words import counted
from supportdesk.widgets.merchant_text import fitted, plain
from supportdesk.widgets.table import Column, Row, Tone, Toned

if TYPE_CHECKING:
    from supportdesk.desk.rehearsal_verdict import Rehearsed

SHOWN: Final[dict[PlanShow, str]] = {
    "all": "all rows",
    "changed": "rows that change",
    "falls_to_zero": "rows that fall to zero",
    "raised_from_zero": "rows raised from zero",
    "changes": "other changes",
    "held": "held rows",
    "stays": "rows that stay the same",
}
ORDERS: Final[dict[PlanOrder, str]] = {
    "worst": "worst first",
    "sku": "by SKU",
    "product": "by product",
    "location": "by location",
    "before": "by what is shown now",
    "after": "by what will be shown",
    "change": "by change",
}
_TONES: Final[dict[str, Tone]] = {
    "falls_to_zero": "blocked",
    "raised_from_zero": "warned",
    "changes": "",
    "held": "muted",
    "stays": "muted",
}
_SIGN_STYLES: Final = {"!": "bold $warned", "*": "$accent", "~": "$muted", "=": "$muted"}
ROOMY: Final = 150


def row_columns(width: int) -> tuple[Column, ...]:
    """The table's columns for a table that wide."""
    sku, location = (30, 20) if width >= ROOMY else (20, 12) if width >= 72 else (14, 9)
    return (
        Column("SKU", sku, keeps_end=True),
        Column("product", 24, priority=4),
        Column("variant", 16, priority=5),
        Column("location", location),
        Column("warehouse", 10, priority=3),
        Column("before", 7, right=True),
        Column("after", 7, right=True),
        Column("change", 7, right=True, priority=1),
        Column("why", minimum=10),
        Column("on hand", 8, right=True, priority=7),
        Column("promised", 8, right=True, priority=6),
    )


def row_of(line: PlanLine) -> Row:
    """A row of the plan as a line."""
    change = line.after - line.before
    return Row(
        f"{line.item_id} {line.location_id}",
        (
            shown_sku(line.sku),
            line.title or None,
            line.variant_title,
            line.location,
            line.warehouse or None,
            line.before,
            line.after,
            Toned(f"{change:+,}" if change else "=", "" if change else "muted"),
            line.reason,
            line.on_hand,
            line.committed,
        ),
        _TONES[line.risk],
        line.sign,
    )


def row_detail(line: PlanLine | None) -> Content:
    """One row, and why its number is what it is."""
    if line is None:
        return Content("")
    name = f"{shown_sku(line.sku)} · {line.title or 'no longer in the store'} · {line.location}: "
    proof = f"; {proof_text(line.proof)}" if line.proof is not None else ""
    return Content.assemble(
        plain(name),
        f"{line.before:,} → {line.after:,}",
        plain(f", {line.reason}" if line.reason else ""),
        (proof, "$muted"),
    )


# Totals ------------------------------------------------------------------------------------------------------------------------------

_HEAD: Final = 24
_ROWS: Final = 10
_BEFORE: Final = 17


def _numbers(total: RiskTotals) -> str:
    return f"{total.rows:>{_ROWS},}{total.before:>{_BEFORE},} → {total.after:,}"


def totals_lines(plan: PlanView) -> list[Content]:
    """The table of DESIGN §7: rows and units of each risk, all of them, and Sumtracker's side."""
    lines = [
        Content.styled(
            f"{'':{_HEAD}}{'store rows':>{_ROWS}}{'units before → after':>{_BEFORE + 10}}", "$muted"
        )
    ]
    for risk, (sign, words) in RISKS.items():
        total = plan.totals.by_risk.get(risk)
        if total is None and risk == "raised_from_zero":
            continue
        head = Content.assemble((sign, _SIGN_STYLES[sign]), f" {words:<{_HEAD - 2}}")
        lines.append(Content.assemble(head, _numbers(total or RiskTotals())))
    lines.append(
        Content.styled(f"  {'all that is synced':<{_HEAD - 2}}{_numbers(plan.totals.store)}", "bold")
    )
    lines.append(Content(ledger_words(plan)))
    return lines


def ledger_words(plan: PlanView) -> str:
    """What becomes of Sumtracker's numbers: `Sumtracker: 4,779 numbers (SKU × warehouse) set, 0 → 60,812 units`."""
    ledger = plan.totals.ledger
    units = f"{ledger.before:,} → {counted(ledger.after, 'unit')}"
    if plan.copies is False and ledger.before == ledger.after:
        return f"Sumtracker: its numbers stay: {counted(ledger.after, 'unit')}"
    if plan.copies is False:
        return f"Sumtracker: its numbers stay, but for SKUs never counted and promised units: {units}"
    return f"Sumtracker: {counted(ledger.rows, 'number')} (SKU × warehouse) set, {units}"


def place_lines(plan: PlanView) -> list[Content]:
    """What the plan does at each location."""
    if not plan.places:
        return [Content("No location is linked, so the plan has no rows.")]
    head = f"{'location':<20}{'warehouse':<10}{'master':<11}{'rows':>7}{'to zero':>9}  before → after"
    lines = [Content.styled(head, "$muted")]
    for place in plan.places:
        to_zero = place.by_risk.get("falls_to_zero", RiskTotals()).rows
        name, code = fitted(place.location, 18), fitted(place.warehouse, 9)
        lines.append(
            Content.assemble(
                name.pad_right(20 - name.cell_length),
                code.pad_right(10 - code.cell_length),
                f"{MASTER_WORDS[place.master]:<11}{place.total.rows:>7,}",
                (f"{to_zero:>9,}", "bold $warned" if to_zero else ""),
                f"  {place.total.before:,} → {place.total.after:,}",
            )
        )
    return lines


# What is said beside them ------------------------------------------------------------------------------------------------------------


def blocked_text(block: Blocked) -> str:
    """A sentence with the SKU it is about."""
    return f"{shown_sku(block.sku)}: {block.text}" if block.sku else block.text


_UNKNOWN: Final = {
    "copy": ("·", "are copied from the store"),
    "hold": ("~", "are held: nothing is written there"),
    "zero": ("!", "are shown as 0"),
    None: ("!", "are still to be answered"),
}
"""Sign and words for each answer about SKUs that were never counted."""


def plan_notes(plan: PlanView) -> list[Content]:
    """What must be seen besides the totals: brake, other channels, unknown, promised, what is held or left out; worst first."""
    notes = [_note("!", f"The brake holds: {reason.text}") for reason in plan.brake]
    for each in plan.elsewhere:
        zero = f", {counted(each.to_zero, 'row')} to zero" if each.to_zero else ""
        notes.append(
            _note(
                "!",
                f"{each.title} changes too: {counted(each.rows, 'row')}{zero}, {each.before:,} → {counted(each.after, 'unit')}.",
            )
        )
    if plan.unknown_skus:
        sign, what = ("·", "are copied for the first time") if plan.copies else _UNKNOWN[plan.unknown]
        skus = f"{counted(plan.unknown_skus, 'SKU')} never counted in Sumtracker ({counted(plan.unknown_units, 'unit')})"
        notes.append(_note(sign, f"{skus} {what}."))
    if plan.promised:
        taken = plan.promised_taken
        fall = f"; Sumtracker's numbers fall by {counted(taken, 'unit')} for them" if taken else ""
        units = counted(plan.promised, "unit is", "units are")
        notes.append(_note("·", f"{units} promised by orders from before{fall}."))
    if plan.promised_to_bundles:
        units = counted(plan.promised_to_bundles, "unit of components is", "units of components are")
        notes.append(_note("·", f"{units} promised to bundles by open orders."))
    if said := plan_units(plan):
        notes.append(_note("·", said))
    notes.append(_note("·", f"Of what is synced: {proof_text(plan.proof)}."))
    notes += [
        _note(
            "·", f"{counted(each.rows, 'row')} {each.text}, {counted(each.units, 'unit')}: left as they are."
        )
        for each in plan.left_out
    ]
    return notes


def plan_units(plan: PlanView) -> str:
    """`units_sentence` of the plan."""
    places = {"unlinked", "inactive_location"}
    unlinked = sum(each.units for each in plan.left_out if each.reason in places)
    others = sum(
        each.units for each in plan.left_out if each.reason not in places and each.reason != "elsewhere"
    )
    synced = plan.totals.store.before
    return units_sentence(synced + unlinked + others, synced, {"other locations": unlinked}, others)


def rehearsed_note(found: Rehearsed, zone: tzinfo, now: datetime) -> Content:
    """`rehearsed at 14:31: as planned`, with who did it."""
    who = f" by {found.who}" if found.who else ""
    text = f"Rehearsed{who} at {when(found.at, zone, now)}: {found.said}."
    return Content.assemble(("✓ ", "$passed"), text) if found.said == "as planned" else _note("!", text)


def _note(sign: str, text: str) -> Content:
    return Content.assemble((f"{sign} ", _SIGN_STYLES.get(sign, "$muted")), plain(text))


def made_text(plan: PlanView, age_text: str) -> str:
    """`plan 7, made by mia just now, copies the store's counts`."""
    how = {True: ", copies the store's counts", False: ", keeps Sumtracker's numbers", None: ""}[plan.copies]
    return f"Plan {plan.id}, made by {plan.who or 'somebody'} {age_text}{how}"


def summary_words(
    plan: PlanView, show: PlanShow, order: PlanOrder, descending: bool, location: str, count: int
) -> str:
    """What the table shows, on the filter's line."""
    where = f" at {location}" if location else ""
    backwards = " backwards" if descending else ""
    return f"{count:,} {SHOWN[show].removeprefix('all ')}{where} · {ORDERS[order]}{backwards}"
