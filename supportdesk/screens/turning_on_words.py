"""What is said of turning on: what will happen, how far it is, what came of it. Wording only, no rule."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Final

from textual.content import Content

from supportdesk.core.brake import standing_text
from supportdesk.core.plan_view import PlanView
from supportdesk.core.rows import RowCondition
from supportdesk.desk.sync_status import PHASES, phase_words
from supportdesk.screens.review_words import ledger_words
from supportdesk.screens.stock_words import when
from supportdesk.screens.words import counted
from supportdesk.widgets.merchant_text import plain

if TYPE_CHECKING:
    from supportdesk.core.plan import ApplyStep
    from supportdesk.desk.sync_status import StepDone, SyncStatus

STEPS: Final[tuple[ApplyStep, ...]] = ("asked", "claimed", "fenced", "checked", "on")
"""Phases of applying that went well, in their order."""
_ROLLING_BACK: Final[tuple[ApplyStep, ...]] = ("asked", "stored", "taken_back")
ENDS: Final = frozenset({"refused", "stopped"})
OVER: Final = ENDS | {"taken_back"}
"""Phases after which nobody has anything left to do for the plan."""
_CONDITIONS: Final[dict[RowCondition, tuple[str, str, str]]] = {
    "settling": ("~", "settling", "$warned"),
    "live": ("=", "live", "$passed"),
    "held": ("!", "held", "$muted"),
}
_REASONS: Final = 5
_MOVED: Final = 12
_BAR: Final = 40


def will_happen(plan: PlanView) -> list[str]:
    """What turning on does, in its order, a sentence each."""
    changes = plan.totals.store_changes
    zero = plan.totals.store_to_zero
    falls = f", {zero:,} of them to zero" if zero else ""
    return [
        "The store is claimed, so that nobody else syncs it, and its orders count from that moment.",
        f"All {counted(plan.totals.store.rows, 'row')} are read again. Where something but orders changed them nothing is written before you saw what and confirmed it.",
        f"{ledger_words(plan)}.",
        f"The store: {counted(changes, 'row changes', 'rows change')}{falls}; all others stay as they are."
        if changes
        else "The store: no row changes.",
        "Each row is written once nothing is under way on it. Shoppers may go on buying all the while.",
        "Orders placed before do not come in: they are fulfilled in Shopify as before."
        + (f" {counted(plan.promised, 'unit is', 'units are')} promised to them." if plan.promised else ""),
    ]


def phase_lines(status: SyncStatus, zone: tzinfo, now: datetime) -> list[Content]:
    """Each phase with its sign, when it was done, and what it found; then the one that is coming."""
    found = {step.phase: step for step in status.steps}
    if status.is_on and not found:
        return []
    waits = status.phase == "moved"
    ended = status.phase in ENDS
    steps = _ROLLING_BACK if status.purpose == "rollback" else STEPS
    coming = None if ended or waits else next((phase for phase in steps if phase not in found), None)
    lines: list[Content] = []
    for phase in steps:
        if phase == "checked" and waits:
            lines += _line("!", "bold $warned", found["moved"], status, zone, now)
        elif phase == "checked" and "confirmed" in found:
            lines += _line("✓", "$passed", found["confirmed"], status, zone, now)
        if phase in found:
            lines += _line("✓", "$passed", found[phase], status, zone, now)
        elif not ended and not waits:
            sign, style = ("▸", "$accent") if phase == coming else ("·", "$muted")
            lines.append(Content.assemble((sign, style), f" {phase_words(phase, status.purpose)}"))
    for phase, step in found.items():
        if phase in ENDS:
            lines += _line("✗", "bold $blocked", step, status, zone, now)
    return lines


def _line(
    sign: str, style: str, step: StepDone, status: SyncStatus, zone: tzinfo, now: datetime
) -> list[Content]:
    words = phase_words(step.phase, status.purpose)
    padded = f"{words:<38}" if len(words) < 38 else f"{words}  "
    head = Content.assemble((sign, style), f" {padded}", (when(step.at, zone, now), "$muted"))
    return [head, Content.assemble("    ", plain(step.detail, "$muted"))] if step.detail else [head]


def moved_lines(status: SyncStatus, width: int) -> list[Content]:
    """The rows that wait to be confirmed, the worst first: planned, now, and what they come to."""
    if not status.moved:
        return []
    name = max(16, min(48, width - 42))
    head = f"  {'':{name}} {'planned':>9} {'now':>9} {'after':>9}"
    lines = [
        Content.assemble(
            ("! ", "bold $warned"),
            (
                f"{counted(status.moved, 'row is', 'rows are')} not as shown any more; nothing is written.",
                "bold",
            ),
            " T goes on with the numbers as they are now, once you typed the shop's handle; x stops.",
        ),
        Content.styled(head, "$muted"),
    ]
    for row in status.moved_rows[:_MOVED]:
        words = plain(f"{row.sku} at {row.location}").plain
        words = words if len(words) <= name else words[: name - 1] + "…"
        style = "bold $warned" if row.sign == "!" else "$muted"
        lines.append(
            Content.assemble(
                (row.sign, style), f" {words:{name}} {row.planned:>9,} {row.now:>9,} {row.after:>9,}"
            )
        )
    if status.moved > _MOVED:
        lines.append(Content.styled(f"  and {counted(status.moved - _MOVED, 'more row')}", "$muted"))
    return lines


def row_lines(status: SyncStatus, width: int) -> list[Content]:
    """How many rows are settling, live and held, how many the plan wrote, and how much of it is done."""
    rows = {name: status.rows.get(name, 0) for name in _CONDITIONS}
    total = sum(rows.values())
    if not total:
        return []
    done = total - rows["settling"]
    parts: list[Content] = []
    for name, (sign, words, style) in _CONDITIONS.items():
        if not rows[name] and name != "live":
            continue
        if parts:
            parts.append(Content("  ·  "))
        parts.append(Content.assemble((sign, style), f" {rows[name]:,} {words}"))
    bar = max(10, min(_BAR, width - 24))
    full = bar * done // total
    lines = [
        Content.assemble(*parts, f"  ·  {status.written_of} written"),
        Content.assemble(
            ("━" * full, "$accent"), ("─" * (bar - full), "$rule"), f" {100 * done // total:3} % of {total:,}"
        ),
    ]
    if status.to_compare:
        lines.append(
            Content(
                f"{counted(status.to_compare, 'live row is', 'live rows are')} still to be compared, and may be written."
            )
        )
    if status.unsettled:
        lines.append(
            Content(f"{counted(status.unsettled, 'write is', 'writes are')} not yet answered by the store.")
        )
    return lines


def held_lines(status: SyncStatus) -> list[Content]:
    """Why rows are held, and why writes wait."""
    lines = [
        Content.assemble(("! ", "bold $warned"), f"{counted(number, 'row')} held: ", plain(reason))
        for reason, number in status.held[:_REASONS]
    ]
    if len(status.held) > _REASONS:
        rest = sum(number for _, number in status.held[_REASONS:])
        lines.append(Content.styled(f"  and {counted(rest, 'row')} for other reasons", "$muted"))
    if status.brake:
        said = standing_text(status.brake, counted(status.stopped_rows, "row"))
        lines.append(
            Content.assemble(
                ("! ", "bold $warned"),
                plain(said),
                ("  Overview lets them go, once you typed how many", "$muted"),
            )
        )
    told = [text for text in status.alerts if text != standing_text(status.brake)]
    lines += [Content.assemble(("! ", "bold $warned"), plain(text)) for text in told[:3]]
    return lines


def keeper_line(status: SyncStatus, zone: tzinfo, now: datetime) -> Content:
    """Who keeps it running, and since when nobody does."""
    if status.keeper == "worker":
        return Content.assemble(("✓ ", "$passed"), "Kept running by ", plain(status.kept_by), ".")
    if status.keeper == "here":
        return Content.assemble(
            ("! ", "bold $warned"),
            "Kept running by ",
            plain(status.kept_by),
            ": it stops when this program is left. `supportdesk worker` keeps it running.",
        )
    if not status.is_on:
        return Content("Waiting for a worker to begin …")
    since = f" since {when(status.last_cycle, zone, now)}" if status.last_cycle is not None else ""
    return Content.assemble(
        ("! ", "bold $warned"),
        f"Nobody is syncing{since}: start `supportdesk worker`, or open the store here again.",
    )


def result_line(status: SyncStatus) -> Content:
    """What came of it, in one sentence."""
    rows = status.rows
    if status.phase == "refused" or status.phase == "stopped":
        return Content.assemble(
            ("✗ ", "bold $blocked"),
            (PHASES[status.phase], "bold"),
            ". p makes a new plan from how things are now.",
        )
    if status.phase == "taken_back":
        return Content.assemble(("✓ ", "bold $passed"), (f"{PHASES['taken_back']}; sync is off.", "bold"))
    if status.purpose != "turn-on" and status.phase in ("asked", "stored"):
        return Content("")
    if status.is_settled and status.purpose in ("link", "direction"):
        return Content.assemble(
            ("✓ ", "bold $passed"),
            (f"The location is on: {status.written_words}.", "bold"),
        )
    if status.is_settled:
        return Content.assemble(
            ("✓ ", "bold $passed"),
            (
                f"Sync is on: {status.written_words}, {rows.get('live', 0):,} live, {rows.get('held', 0):,} held.",
                "bold",
            ),
        )
    if status.is_on:
        settling = rows.get("settling", 0)
        rest = f"{counted(settling, 'row')} still settling." if settling else "its last writes are under way."
        return Content.assemble(
            ("~ ", "bold $warned"),
            (f"Sync is on; {rest}", "bold"),
            f" So far {status.written_words}. You may leave this page.",
        )
    return Content("")


def result_text(title: str, status: SyncStatus, zone: tzinfo, now: datetime) -> str:
    """All that the page says, as text to copy."""
    lines = [
        Content(title),
        *phase_lines(status, zone, now),
        *moved_lines(status, 80),
        *(line for line in row_lines(status, 80)[:1]),
        *held_lines(status),
        result_line(status),
        keeper_line(status, zone, now) if status.phase not in (None, *OVER) else Content(""),
    ]
    return "\n".join(line.plain.rstrip() for line in lines if line.plain.strip())


def state_words(status: SyncStatus, zone: tzinfo, now: datetime) -> str:
    """The header's end: `● Sync on`, `● on, nobody syncing since 14:40`, `○ Sync off`, `▸ turning on`, `▸ rolling back`."""
    if not status.is_on:
        if not status.is_under_way:
            return "○ Sync off"
        return "▸ rolling back" if status.purpose == "rollback" else "▸ turning on"
    if status.keeper != "nobody":
        return "● Sync on"
    if status.last_cycle is None:
        return "● on, nobody syncing"
    at = status.last_cycle.astimezone(zone)
    is_today = at.date() == now.astimezone(zone).date()
    return (
        f"● on, nobody syncing since {at:%H:%M}"
        if is_today
        else f"● on, nobody syncing since {at.day} {at:%b %H:%M}"
    )
