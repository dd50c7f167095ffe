"""What the record of what happened says to people: the sign and the words of each kind of event, what a line shows, what is asked of a
log. Where events are kept, and who reads them, is elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, Literal, NamedTuple

Sign = Literal["←", "→", "·", "!", "~"]
"""From the store, to the store, in Sumtracker, look at this, settling (DESIGN §7)."""

Group = Literal["all", "look", "orders", "pushes", "edits", "stock", "sync", "answers"]
"""What a log is asked to show: everything, what is to be looked at, or one kind of thing."""

GROUP_WORDS: Final[Mapping[Group, str]] = {
    "all": "everything",
    "look": "what to look at",
    "orders": "orders",
    "pushes": "pushes",
    "edits": "edits put back",
    "stock": "stock changes",
    "sync": "sync and plans",
    "answers": "decisions and settings",
}
"""The groups in the order a key goes round them."""

WORD_WIDTH: Final = 9
"""No kind's word is longer."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. All text but `kind` and times may be foreign."""

    id: int
    """Its place in the account's record; only grows."""
    at: datetime
    kind: str
    channel: str = ""
    """Handle of the channel it is about; '' for what is the account's."""
    who: str = ""
    """The person who did it, or for whom it was done; '' for nobody."""
    host: str = ""
    """The machine it was done on, where there is a person."""
    origin: str = ""
    """The address that person came from over SSH; '' for none."""
    sku: str = ""
    place: str = ""
    """A location's or a warehouse's name."""
    reference: str = ""
    before: int | None = None
    after: int | None = None
    detail: str = ""
    location: str = ""
    """Name of the location it came about at, where that is known."""
    warehouse: str = ""
    """Code of the warehouse it came about in, where that is known."""


class Kind(NamedTuple):
    """How a kind of event is said."""

    sign: Sign
    word: str
    """`WORD_WIDTH` columns at most."""
    group: Group
    by_person: bool = False
    """Whether a line names who did it: what the engine does it does for whoever runs it."""
    says: str = ""
    """What a line says where the event itself says nothing more."""


KINDS: Final[Mapping[str, Kind]] = {
    # From the store
    "order": Kind("←", "order", "orders"),
    "fulfil": Kind("←", "fulfil", "orders"),
    "cancel": Kind("←", "cancel", "orders"),
    "refund": Kind("←", "refund", "orders"),
    "promised": Kind("·", "promised", "orders"),
    "not_found": Kind("!", "unknown", "orders"),
    "late": Kind("!", "late", "orders"),
    "out_of_sight": Kind("!", "unseen", "orders"),
    "reading": Kind("←", "reading", "stock"),
    "unavailable": Kind("←", "set aside", "stock"),
    "load": Kind("←", "load", "sync", by_person=True, says="the store was read"),
    "read_again": Kind("←", "read", "sync", by_person=True, says="its listings were read again"),
    # To the store
    "push": Kind("→", "push", "pushes"),
    "expired": Kind("!", "push", "pushes"),
    "undo": Kind("!", "edit", "edits"),
    "new_sku": Kind("→", "new SKU", "answers", by_person=True),
    # Rows
    "held": Kind("!", "held", "sync"),
    "out": Kind("·", "left out", "sync"),
    "settled": Kind("·", "settled", "sync"),
    "confirmed": Kind("·", "confirm", "sync", by_person=True),
    "confirm": Kind("·", "confirm", "sync", by_person=True),
    "adopt": Kind("·", "adopt", "stock", by_person=True),
    "joined": Kind("·", "joined", "sync"),
    "location": Kind("!", "location", "sync"),
    "margins": Kind("!", "slow", "sync"),
    "went_on": Kind("!", "went on", "sync", by_person=True),
    "going_live": Kind("~", "going on", "sync"),
    # Stock in Sumtracker
    "add": Kind("·", "add", "stock", by_person=True),
    "subtract": Kind("·", "take off", "stock", by_person=True),
    "set": Kind("·", "set", "stock", by_person=True),
    "receive": Kind("·", "receive", "stock", by_person=True),
    "count": Kind("·", "count", "stock", by_person=True),
    "transfer": Kind("·", "transfer", "stock", by_person=True),
    "purchase": Kind("·", "purchase", "stock", by_person=True),
    "import": Kind("·", "import", "stock", by_person=True),
    "import_sumtracker": Kind("·", "import", "stock", by_person=True),
    "copy": Kind("·", "copy", "stock"),
    # Plans and sync as a whole
    "plan": Kind("·", "plan", "sync", by_person=True),
    "plan_asked": Kind("·", "apply", "sync", by_person=True, says="asked for"),
    "plan_claimed": Kind("·", "apply", "sync", says="the store is claimed"),
    "plan_fenced": Kind("·", "apply", "sync", says="orders count from now on"),
    "plan_moved": Kind("!", "moved", "sync", says="numbers moved since the plan; to be confirmed again"),
    "plan_confirmed": Kind("·", "apply", "sync", by_person=True, says="what moved was confirmed"),
    "plan_checked": Kind("·", "apply", "sync", says="every row was read again and compared"),
    "plan_on": Kind("·", "sync on", "sync", says="sync is on"),
    "plan_stored": Kind("·", "roll back", "sync", says="what takes the pushes back is being sent"),
    "plan_taken_back": Kind("·", "roll back", "sync", says="what was pushed is taken back"),
    "plan_refused": Kind("!", "refused", "sync", says="nothing was written"),
    "plan_stopped": Kind("!", "stopped", "sync", by_person=True),
    "turn_off": Kind("·", "sync off", "sync", by_person=True, says="nothing more is written"),
    "go_on": Kind("!", "go on", "sync", by_person=True),
    "take_over": Kind("!", "take over", "sync", by_person=True, says="claimed from another ledger"),
    "alert": Kind("!", "alert", "sync"),
    "alert_ended": Kind("·", "over", "sync"),
    "alert_seen": Kind("·", "seen", "sync", by_person=True),
    "sync_now": Kind("·", "sync now", "sync", by_person=True, says="a cycle was asked for"),
    "hard_refresh": Kind(
        "·", "refresh", "sync", by_person=True, says="every row is to be read and judged again"
    ),
    "refreshed": Kind("·", "refreshed", "sync", says="every row was read and judged again"),
    "restore": Kind("!", "restore", "sync", by_person=True, says="a backup was put in its place"),
    # What people said
    "wizard": Kind("·", "wizard", "answers", by_person=True),
    "rehearsed": Kind("·", "rehearsed", "answers", by_person=True),
    "decision": Kind("·", "decide", "answers", by_person=True),
    "link": Kind("·", "link", "answers", by_person=True),
    "unlink": Kind("·", "unlink", "answers", by_person=True),
    "master": Kind("·", "master", "answers", by_person=True),
    "counts": Kind("·", "counts", "answers", by_person=True),
    "settings": Kind("·", "settings", "answers", by_person=True),
    "close_at": Kind("·", "close at", "answers", by_person=True),
    "bundle": Kind("·", "bundle", "answers", by_person=True),
    "warehouse": Kind("·", "warehouse", "answers", by_person=True),
    "connect": Kind("·", "connect", "answers", by_person=True, says="connected"),
    "forget": Kind("·", "forget", "answers", by_person=True, says="forgotten"),
}
"""Every kind that is recorded. One that stands here not is shown too, as what is in Sumtracker and with its own name."""


def kind_of(name: str) -> Kind:
    """How a kind is said, be it unknown."""
    return KINDS.get(name) or Kind("·", name.replace("_", " ")[:WORD_WIDTH], "sync", by_person=True)


def is_to_look_at(name: str) -> bool:
    """Whether a kind is one that somebody should look at."""
    return kind_of(name).sign == "!"


LOOK: Final = tuple(name for name, kind in KINDS.items() if kind.sign == "!")
"""The kinds to look at."""


class EventLine(NamedTuple):
    """What a line of the log shows, in its order after the time. Texts may be foreign."""

    sign: Sign
    word: str
    place: str
    """The location where it is known, else the place."""
    sku: str
    numbers: str
    """`40 → 38`, `40` where it stayed, '' where there are none."""
    text: str
    beside: str
    """The code of the warehouse that location is linked to, '' where that is not known."""


def line_of(event: Event) -> EventLine:
    """The event as a line. An edit that was put back shows the edit: what it was, and what staff made of it."""
    kind = kind_of(event.kind)
    before, after = event.before, event.after
    if event.kind == "undo":
        before, after = after, before
    place, beside = (event.location, event.warehouse) if event.location else (event.place, "")
    return EventLine(kind.sign, kind.word, place, event.sku, _numbers(before, after), told(event), beside)


def place_words(line: EventLine) -> str:
    """Where it was: `Main St → MAIN`, `Main St`, '' for nowhere. May be foreign."""
    return f"{line.place} → {line.beside}" if line.beside else line.place


def _numbers(before: int | None, after: int | None) -> str:
    if after is None or before is None:
        return "" if after is None else f"→ {after:,}"
    return f"{after:,}" if before == after else f"{before:,} → {after:,}"


def told(event: Event) -> str:
    """What a line says at its end: what it refers to, what it says of itself, and who did it."""
    kind = kind_of(event.kind)
    said = event.detail or kind.says
    parts = [event.reference] if event.reference and event.reference not in said else []
    who = [event.who] if event.who and kind.by_person and event.who not in said else []
    parts += [said.removesuffix(".") if who else said] if said else []
    parts += who
    return ", ".join(parts)


def who_words(event: Event) -> str:
    """Who did it, and from where: `mia on desk-2, over SSH from 10.0.0.5`; '' for nobody."""
    if not event.who:
        return ""
    is_machine = event.host.split(".", 1)[0] == event.who
    on_host = f" on {event.host}" if event.host and not is_machine else ""
    return f"{event.who}{on_host}{f', over SSH from {event.origin}' if event.origin else ''}"


def order_of(event: Event) -> str:
    """The name of the order an event is about, '' for none."""
    is_of_order = event.kind in ("order", "fulfil", "cancel", "refund", "not_found", "late", "out_of_sight")
    named = is_of_order or event.reference.startswith("#")
    return event.reference if named and event.reference else ""


# What is asked of a log -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which events are shown; the default shows all."""

    text: str = ""
    """In SKU, place, reference, what is said, who, or the kind's word; whatever its case."""
    group: Group = "all"
    kinds: tuple[str, ...] = ()
    """Exactly these; empty for any."""
    place: str = ""
    """Name of a location or a warehouse, or its code: what came about on either end of a link."""
    sku: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether everything is shown."""
        return self == LogFilter()

    def kinds_wanted(self) -> frozenset[str] | None:
        """The kinds that pass `group` and `kinds`; None where every kind does, unknown ones too."""
        wanted: frozenset[str] | None = None
        if self.group == "look":
            wanted = frozenset(LOOK)
        elif self.group != "all":
            wanted = frozenset(name for name, kind in KINDS.items() if kind.group == self.group)
        if self.kinds:
            wanted = frozenset(self.kinds) & (wanted if wanted is not None else frozenset(self.kinds))
        return wanted


def kinds_named(text: str) -> frozenset[str]:
    """The kinds whose word or name holds `text`, whatever its case."""
    wanted = text.casefold()
    return frozenset(
        name for name, kind in KINDS.items() if wanted in kind.word.casefold() or wanted in name.casefold()
    )


_AGO: Final = re.compile(r"-?\s*(\d{1,6})\s*(s|min|m|h|d)")
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_UNITS: Final = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days"}


def moment_of(text: str, now: datetime, zone: tzinfo = UTC) -> datetime | None:
    """The moment a person means, aware: `14:31` (the last time it was that), `2026-11-22 14:31`, `yesterday 9:00`, `2h` (ago).

    What has no offset of its own is on `zone`'s clock. None for what is no time.
    """
    plain = text.strip().casefold()
    local = now.astimezone(zone)
    if plain == "now":
        return now
    if found := _AGO.fullmatch(plain.removesuffix(" ago")):
        try:
            return now - timedelta(**{_UNITS[found[2]]: int(found[1])})
        except OverflowError:
            return None
    day: datetime | None = None
    for name, back in (("today", 0), ("yesterday", 1)):
        if plain == name or plain.startswith(name + " "):
            day = (local - timedelta(days=back)).replace(hour=0, minute=0, second=0, microsecond=0)
            plain = plain.removeprefix(name).strip()
            if not plain:
                return day
    if found := _CLOCK.fullmatch(plain):
        hour, minute, second = (int(part or 0) for part in found.groups())
        if hour > 23 or minute > 59 or second > 59:
            return None
        clock = (day or local).replace(hour=hour, minute=minute, second=second, microsecond=0)
        return clock - timedelta(days=1) if day is None and clock > local else clock
    if day is not None:
        return None
    try:
        read = datetime.fromisoformat(text.strip().upper())
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=zone)
