"""The log from memory: what the desk's `Log` answers, over a list of events that a test may add to."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from supportdesk.core.events import Event, LogFilter, kind_of
from supportdesk.core.progress import Watch
from supportdesk.desk.log import LogStanding, News, Piece

NOW: Final = datetime.fromisoformat("2026-11-23T14:30:00+00:00")


def typical(channel: str = "kestrel-outdoor") -> list[Event]:
    """Two days: loading, answering, going on, and a few minutes of selling."""
    today, yesterday = NOW.replace(minute=0), NOW - timedelta(days=1)

    def at(minute: int, second: int) -> datetime:
        return today + timedelta(minutes=minute, seconds=second)

    facts: list[dict[str, object]] = [
        {"at": yesterday, "kind": "connect", "who": "mia"},
        {"at": yesterday + timedelta(minutes=1), "kind": "load", "who": "mia"},
        {
            "at": yesterday + timedelta(minutes=9),
            "kind": "decision",
            "who": "mia",
            "sku": "KO-TENT-2P",
            "detail": "shared, with the count of the oldest listing",
        },
        {"at": at(2, 3), "kind": "plan_asked", "who": "mia", "reference": "plan 3"},
        {"at": at(2, 9), "kind": "plan_on", "who": "mia", "reference": "plan 3"},
        {
            "at": at(11, 7),
            "kind": "order",
            "place": "Main St",
            "location": "Main St",
            "warehouse": "MAIN",
            "sku": "KO-MUG-ENAMEL",
            "before": 40,
            "after": 38,
            "reference": "#1042",
            "detail": "#1042 placed",
        },
        {
            "at": at(11, 12),
            "kind": "push",
            "place": "Main St",
            "location": "Main St",
            "warehouse": "MAIN",
            "sku": "KO-MUG-ENAMEL",
            "who": "mia",
            "before": 40,
            "after": 38,
            "detail": "Mug (gift): same SKU",
        },
        {
            "at": at(12, 52),
            "kind": "undo",
            "place": "Main St",
            "location": "Main St",
            "warehouse": "MAIN",
            "sku": "KO-STOVE-1",
            "who": "mia",
            "before": 12,
            "after": 9,
            "detail": "by staff; put back to 9",
        },
        {
            "at": at(13, 10),
            "kind": "receive",
            "place": "Depot",
            "sku": "KO-ROPE-30M",
            "who": "mia",
            "before": 4,
            "after": 54,
            "reference": "PO-118",
            "channel": "",
            "host": "desk-2",
            "origin": "10.0.0.5",
        },
        {
            "at": at(20, 1),
            "kind": "not_found",
            "place": "Depot",
            "sku": "OLD-1",
            "reference": "#1043",
            "detail": "1 unit of an unknown SKU",
        },
        {"at": at(25, 30), "kind": "from_the_future", "detail": "a kind that nobody knows", "who": "zoe"},
    ]
    return [Event(number, **{"channel": channel, **each}) for number, each in enumerate(facts, 1)]  # type: ignore[arg-type]


def hostile(texts: tuple[str, ...], channel: str) -> list[Event]:
    """An event for each text, with it wherever a text may stand."""
    return [
        Event(
            id=number,
            at=NOW - timedelta(minutes=len(texts) - number),
            kind="undo",
            channel=channel,
            who=text,
            host=text,
            origin=text,
            sku=text,
            place=text,
            location=text if number % 2 else "",
            warehouse=text if number % 3 else "",
            reference=text,
            detail=text,
            before=3,
            after=2,
        )
        for number, text in enumerate(texts, 1)
    ]


class FakeLog:
    """Satisfies what the Log tab asks of `desk.log.Log`."""

    def __init__(self, events: list[Event] | None = None) -> None:
        self.events = typical() if events is None else events
        self.now_standing: LogStanding | None = LogStanding(False, None, None, "", "")
        self.is_replaced = False
        self.is_closed = False
        self.asked: list[LogFilter] = []
        self._seen = 0

    def write(self, *events: Event) -> None:
        """Somebody else writes."""
        self.events += events

    def has_changed(self) -> bool:
        changed = self._seen != len(self.events)
        self._seen = len(self.events)
        return changed

    def standing(self) -> LogStanding | None:
        return self.now_standing

    def newest(self) -> int:
        return self.events[-1].id if self.events else 0

    def before(self, edge: int | None, wanted: LogFilter, limit: int, watch: Watch) -> Piece:
        self.asked.append(wanted)
        edge = self.newest() + 1 if edge is None else edge
        found = [each for each in self.events if each.id < edge and passes(each, wanted)]
        first = self.events[0].id if self.events else 0
        kept = found[-limit:]
        return Piece(tuple(kept), kept[0].id if len(found) > limit else first, len(found) <= limit)

    def after(self, edge: int, wanted: LogFilter, limit: int, watch: Watch) -> Piece:
        found = [each for each in self.events if each.id > edge and passes(each, wanted)]
        kept = found[:limit]
        return Piece(tuple(kept), kept[-1].id if len(found) > limit else self.newest(), len(found) <= limit)

    def id_at(self, moment: datetime) -> int:
        return next((each.id for each in self.events if each.at >= moment), self.newest() + 1)

    def places(self) -> tuple[str, ...]:
        return tuple(sorted({each.place for each in self.events if each.place}))

    def news(self, after: int, wanted: LogFilter, limit: int, watch: Watch) -> News:
        new = [each for each in self.events if each.id > after]
        found = [each for each in new if passes(each, wanted)]
        return News(self.newest(), len(found), tuple(found[-limit:] if limit else ()), _tally(new))

    def last_hour(self, upto: int, watch: Watch) -> Counter[tuple[datetime, str]]:
        return _tally(
            [each for each in self.events if each.at >= NOW - timedelta(hours=1) and each.id <= upto]
        )

    def close(self) -> None:
        self.is_closed = True


def _tally(events: list[Event]) -> Counter[tuple[datetime, str]]:
    return Counter((each.at.replace(second=0, microsecond=0), each.kind) for each in events)


def passes(event: Event, wanted: LogFilter) -> bool:
    """What the ledger asks in SQL."""
    kinds = wanted.kinds_wanted()
    searched = (
        event.sku,
        event.place,
        event.location,
        event.warehouse,
        event.reference,
        event.detail,
        event.who,
        kind_of(event.kind).word,
    )
    return (
        (kinds is None or event.kind in kinds)
        and wanted.place in ("", event.place, event.location, event.warehouse)
        and wanted.sku in ("", event.sku)
        and any(wanted.text.casefold() in text.casefold() for text in searched)
    )
