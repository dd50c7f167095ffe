"""How connections change: one transaction, in which every change is judged on what would then be true.

Whoever saw something older changes nothing (`Conflict`). Which changes a person can ask for is in `connections`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from supportdesk.core.catalog import Location
from supportdesk.core.connections import (
    Counts,
    LinkFacts,
    Master,
    Warehouse,
    counts_words,
    judge_link,
    reopened_words,
    said,
)
from supportdesk.desk import Desk, accounts
from supportdesk.desk.channels import channel_named, record_of
from supportdesk.desk.still_there import refuse_gone
from supportdesk.desk.warehouses import warehouse_of
from supportdesk.errors import Conflict, Refused, WrongUsage

if TYPE_CHECKING:
    import sqlite3

    from supportdesk.ledger.channels import ChannelRecord
    from supportdesk.ledger.connections import Kept
    from supportdesk.ledger.file import Ledger


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """What a person asks for of one location."""

    location_id: int
    warehouse_id: int
    master: Master = "sumtracker"
    counts: Counts | None = None
    """Where another location of the store is on the warehouse: whose count copying takes. None leaves it open."""
    insist: bool = False
    """Link a fulfilment service's location although the service keeps its own numbers."""
    counts_of: int | None = None
    """Which location `counts="other"` means where there are several others."""


@contextlib.contextmanager
def opened_channel(desk: Desk, channel: str) -> Iterator[tuple[Ledger, ChannelRecord]]:
    """The account file of the channel, and the channel in it. Raises `UnknownName`."""
    summary = channel_named(desk, channel)
    with accounts.opened(desk, summary.account) as ledger:
        yield ledger, record_of(ledger, summary)


@contextlib.contextmanager
def changing(desk: Desk, channel: str, what: str, linking: Collection[int] = ()) -> Iterator[Change]:
    """One transaction in which connections change; what depends on them is counted anew in it, and the index after it.

    Of the locations `linking` the store is asked first whether they are still there.
    """
    accounts.refuse_if_read_only(desk, what)
    with opened_channel(desk, channel) as (ledger, before):
        if linking and before.sync == "off":
            from supportdesk.ledger import channels

            loaded = {place.id: place for place in channels.locations(ledger, before.id)}
            refuse_gone(desk, before, loaded, linking)
        with ledger.writing() as connection:
            # Read again under the lock: another process may have turned it on.
            record = record_of(ledger, channel_named(desk, channel))
            if record.sync == "on":
                raise Refused(
                    f"{record.title} is being synced: what is linked there changes only by a plan that shows first what it writes.",
                    f"Plan it: supportdesk plan {record.handle} --for=link, or --for=direction; or turn sync off first.",
                )
            change = Change(desk, ledger, connection, record)
            yield change
            if change.changed:
                _count_groups_again(connection, record.id)
        if change.changed:
            accounts.renew_index(desk, ledger)


def _count_groups_again(connection: sqlite3.Connection, channel_id: int) -> None:
    """Which locations count decides whether duplicate groups agree."""
    from supportdesk.ledger import duplicates

    duplicates.recount_groups(connection, channel_id)


class Change:
    """The connections of one channel, in the transaction that changes them."""

    def __init__(
        self, desk: Desk, ledger: Ledger, connection: sqlite3.Connection, record: ChannelRecord
    ) -> None:
        from supportdesk.ledger import channels
        from supportdesk.ledger import connections as kept

        self.ledger = ledger
        self.record = record
        self.changed = False
        self._desk = desk
        self._connection = connection
        self._kept = kept
        self.locations = {each.id: each for each in channels.locations(ledger, record.id)}

    @property
    def now(self) -> dict[int, Kept]:
        """What is said of each location at this moment of the transaction."""
        return self._kept.kept(self.ledger, self.record.id)

    @contextlib.contextmanager
    def or_nothing(self) -> Iterator[None]:
        """Take back what the block wrote where it raises, and nothing else of the transaction."""
        self._connection.execute("SAVEPOINT one_change")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO one_change")
            raise
        finally:
            self._connection.execute("RELEASE one_change")

    def location(self, location_id: int) -> Location:
        """A location of the last load. Raises `Refused` for one that was not in it."""
        try:
            return self.locations[location_id]
        except KeyError:
            raise Refused(
                f"The location {location_id} is no longer in the store as it was last loaded.",
                f"Load the store again and look: supportdesk load {self.record.handle}",
            ) from None

    def linked(self, location_id: int) -> Kept:
        """What is said of a location that has a warehouse. Raises `Refused` for another."""
        place = self.location(location_id)
        row = self.now.get(location_id)
        if row is None or row.warehouse_id is None:
            raise Refused(f"{place.name} is not linked to a warehouse.", "Link it first.")
        return row

    def expect(self, location_id: int, seen: int | None) -> None:
        """Raise `Conflict` where what is there is not what the person saw."""
        row = self.now.get(location_id)
        if seen is None or (row.event_id if row else 0) == seen:
            return
        name = self.locations[location_id].name if location_id in self.locations else str(location_id)
        told = self._kept.told(self.ledger, row.event_id) if row else None
        what = (
            f"{told.who or 'Somebody'} changed {name} at {told.at:%Y-%m-%d %H:%M}Z: {told.detail}"
            if told
            else f"Somebody took back what was said of {name}"
        )
        raise Conflict(f"{what}. Nothing of yours was written.", "Look at it again, then decide.")

    def link(self, request: LinkRequest) -> None:
        """Link a location as asked. Raises as `connections.link`."""
        place = self.location(request.location_id)
        warehouse = warehouse_of(self.ledger, request.warehouse_id)
        row = self.now.get(place.id)
        same = row is not None and row.warehouse_id == warehouse.id
        answer = self._answer_asked(request, warehouse)
        wanted = self._kept.Kept(
            location_id=place.id,
            location_name=place.name,
            warehouse_id=warehouse.id,
            master=request.master,
            counts=row.counts if same and row else None,
            insisted=request.insist or bool(same and row and row.insisted),
            event_id=0,
        )
        if row is None or replace(wanted, event_id=row.event_id) != row:
            self.put(wanted, "link")
        if answer is not None:
            self._answer(warehouse, answer)
        elif not same:
            self.join_answer(place.id)
        self.judge(place.id)

    def join_answer(self, location_id: int) -> None:
        """Let a location that came to a warehouse copy what the store's others there are said to copy, where that is said."""
        row = self.linked(location_id)
        assert row.warehouse_id is not None
        standing = self._kept.answer_on(self._connection, self.record.id, row.warehouse_id, but=location_id)
        if standing is not None:
            self._answer(warehouse_of(self.ledger, row.warehouse_id), standing, joined=True)

    def _answer(self, warehouse: Warehouse, counts: int, *, joined: bool = False) -> None:
        """Keep whose count is copied into the warehouse, with the event that tells of it; nothing where it is so already."""
        if not joined and counts == self._kept.answer_on(self._connection, self.record.id, warehouse.id):
            return
        names = {
            row.location_id: row.location_name
            for row in self.now.values()
            if row.warehouse_id == warehouse.id
        }
        source = None if counts == self._kept.SUM else names[counts]
        event_id = self._tell(
            "counts", warehouse.name, counts_words(warehouse, source, sorted(names.values()))
        )
        self._kept.answer_counts(self._connection, self.record.id, warehouse.id, counts, event_id)

    def _answer_asked(self, request: LinkRequest, warehouse: Warehouse) -> int | None:
        """Whose count the request says is copied, as the account file keeps it: a location id, `SUM`, or None for no answer."""
        others = [
            row
            for row in self.now.values()
            if row.warehouse_id == warehouse.id and row.location_id != request.location_id
        ]
        if request.counts is None:
            return None
        if not others:
            raise WrongUsage(
                f"No other location of the store is linked to {warehouse.code}, so there is one count to copy.",
                "Leave the question whose count is copied out.",
            )
        if request.counts == "this":
            return request.location_id
        if request.counts == "sum":
            return int(self._kept.SUM)
        fitting = [row for row in others if request.counts_of in (None, row.location_id)]
        if len(fitting) != 1:
            names = ", ".join(row.location_name for row in others)
            raise WrongUsage(
                f"It is not said which other location's count is copied into {warehouse.code}.",
                f"There is {names}.",
            )
        return fitting[0].location_id

    def put(self, row: Kept, kind: str) -> int:
        """Keep this of its location, with the event that tells of it; the event's id."""
        before = self.now.get(row.location_id)
        warehouse = warehouse_of(self.ledger, row.warehouse_id) if row.warehouse_id is not None else None
        event_id = self._tell(kind, row.location_name, said(warehouse, row.master))
        self._kept.put(self._connection, self.record.id, replace(row, event_id=event_id))
        self._kept.forget_unrestored(self._connection, self.record.id, row.location_id)
        self._settle(before)
        self._settle(row)
        return event_id

    def _settle(self, row: Kept | None) -> None:
        """Forget an answer that the change left without its question or its location; an open question is told of."""
        if row is None or row.warehouse_id is None:
            return
        if self._kept.settle_counts(self._connection, self.record.id, row.warehouse_id):
            warehouse = warehouse_of(self.ledger, row.warehouse_id)
            event_id = self._tell("counts", warehouse.name, reopened_words(warehouse))
            self._kept.reopen_counts(self._connection, self.record.id, warehouse.id, event_id)

    def unlink(self, location_id: int, *, stay: bool) -> None:
        """Unlink a location, or forget what was said of one that is gone."""
        before = self.now.get(location_id)
        gone = [row for row in self._kept.lost(self.ledger, self.record.id) if row.location_id == location_id]
        if location_id not in self.locations and gone:
            self._kept.drop(self._connection, self.record.id, location_id)
            self._tell(
                "unlink", gone[0].location_name, "no longer in the store; what was said of it is forgotten"
            )
            return
        place = self.location(location_id)
        if stay and not (before and before.warehouse_id is None):
            self.put(self._kept.Kept(place.id, place.name, None, None, None, False, 0), "unlink")
        elif not stay and (before is not None or self._is_unrestored(location_id)):
            self._kept.forget_unrestored(self._connection, self.record.id, location_id)
            self._kept.drop(self._connection, self.record.id, location_id)
            self._tell("unlink", place.name, "nothing is said of it any more")
            self._settle(before)

    def _is_unrestored(self, location_id: int) -> bool:
        aside = self._kept.unrestored(self._connection, self.record.id)
        return location_id in {row.location_id for row in aside}

    def _tell(self, kind: str, place: str, detail: str) -> int:
        from supportdesk.ledger import events

        self.changed = True
        return events.record(
            self._connection,
            at=self._desk.now(),
            kind=kind,
            channel=self.record.handle,
            who=accounts.who(),
            place=place,
            detail=detail,
        )

    def judge(self, location_id: int, master: Master | None = None) -> None:
        """Raise `Refused` where the connection as it now stands, or with that master, is one that may not be."""
        row = self.linked(location_id)
        master = master or row.master
        assert row.warehouse_id is not None
        assert master is not None
        here = (self.record.handle, location_id)
        others = self._kept.places_on(self.ledger).get(row.warehouse_id, [])
        facts = LinkFacts(
            location=self.locations[location_id],
            warehouse=warehouse_of(self.ledger, row.warehouse_id),
            master=master,
            insist=row.insisted,
            others=tuple(other for other in others if (other.channel, other.location_id) != here),
        )
        judge_link(facts)
        if master == "shopify":  # the two that take time are asked last, and only where they matter
            judge_link(
                replace(
                    facts,
                    repeated=self._kept.repeated_skus(self.ledger, self.record.id, location_id),
                    bundled=self._kept.bundled_skus(
                        self.ledger, self.record.id, location_id, row.warehouse_id
                    ),
                )
            )
