"""What is so in the shops of one account, which no engine sees: what orders, staff and people did since each channel's T0, and what follows.

It stands on the sandbox's journal and on what is going to happen to stock; the account file is asked only for what the engine knew.
The machine that lives here is in `machine`.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from supportdesk.core.looks import RowKey
from supportdesk.ledger import differences, sync_rows

if TYPE_CHECKING:
    from tests.sync.machine import Market, ShopFront

Number = tuple[str, int]
"""SKU × warehouse."""

RECIPES: Final[Mapping[str, Mapping[str, int]]] = {
    "MUG": {"MUG": 1},
    "ROPE": {"ROPE": 1},
    "KIT": {"MUG": 2, "ROPE": 1},
}


_OF_GROUP: Final[Mapping[str, Callable[[list[int]], int]]] = {"lowest": min, "highest": max, "sum": sum}


@dataclass(frozen=True)
class Snapshot:
    """A shop at a whole second: for each row what orders have done to it ever, what is set aside, and its number at that moment."""

    totals: dict[RowKey, int]
    aside: dict[RowKey, int]
    numbers: dict[RowKey, int]


@dataclass
class Counted:
    """What happened to the rows of one shop."""

    front: ShopFront
    sold: Counter[RowKey] = field(default_factory=Counter)
    """What orders did to each row's number, ever."""
    set_aside: Counter[RowKey] = field(default_factory=Counter)
    staff: Counter[RowKey] = field(default_factory=Counter)
    """What standing edits come to."""
    last_edit: dict[RowKey, float] = field(default_factory=dict)
    standing: dict[RowKey, list[tuple[float, int]]] = field(default_factory=dict)
    """What staff's edits came to, with when."""
    fence: Snapshot | None = None
    """At T0; None while the channel is off."""
    t0: int | None = None
    _journal: int = 0

    def total(self, row: RowKey) -> int:
        """What orders did to a row, whether or not it is on its number yet."""
        shop = self.front.shop
        shop.catch_up()
        for one in list(shop.journal)[self._journal :]:
            if one.actor == "order":
                self.sold[one.item_id, one.location_id] += one.deltas.get("available", 0)
        self._journal = len(shop.journal)
        return self.sold[row] + shop.order_book.uncommitted(self.front.level(row))

    def snapshot(self) -> Snapshot:
        rows = self.front.rows
        totals = {row: self.total(row) for row in rows}
        numbers = {
            row: self.front.level(row).available
            + self.front.shop.order_book.uncommitted(self.front.level(row))
            for row in rows
        }
        return Snapshot(totals, {row: self.set_aside[row] for row in rows}, numbers)

    def moved(self, row: RowKey) -> int:
        """What orders and units set aside did to a row since T0."""
        assert self.fence
        return self.total(row) - self.fence.totals[row] - (self.set_aside[row] - self.fence.aside[row])

    def stands(self, row: RowKey, change: int) -> None:
        """Staff, or an undo, changed a number."""
        self.staff[row] += change
        self.standing.setdefault(row, []).append((self.front.shop.clock.seconds(), self.staff[row]))

    def edit(self, row: RowKey, change: int) -> None:
        self.front.shop.change(self.front.level(row), {"available": change}, "staff")
        self.stands(row, change)
        self.last_edit[row] = self.front.shop.clock.seconds()

    def put_aside(self, row: RowKey, units: int) -> None:
        self.front.shop.change(self.front.level(row), {"available": -units, "reserved": units}, "staff")
        self.set_aside[row] += units

    def lowest(self, row: RowKey) -> int:
        """The least that staff's edits came to while the reading was taken that was judged last."""
        found = self.front.peek.execute(
            """SELECT started, ended FROM reading WHERE channel_id = ? AND item_id = ? AND location_id = ?
                   AND state = 'judged' ORDER BY ended DESC, id DESC LIMIT 1""",
            (self.front.id, *row),
        ).fetchone()
        log = self.standing.get(row, [])
        started, ended = found or (0, 0)
        before = [units for at, units in log if at < started]
        within = [units for at, units in log if started <= at <= ended + 1]
        return min([before[-1] if before else 0, *within])

    # What the engine knows ------------------------------------------------------------------------------------------------------------

    def known(self, row: RowKey, which: str = "TRUE") -> int:
        (units,) = self.front.peek.execute(
            f"""SELECT coalesce(sum(available), 0) FROM effect
                WHERE channel_id = ? AND item_id = ? AND location_id = ? AND {which}""",
            (self.front.id, *row),
        ).fetchone()
        return int(units)

    def known_aside(self, row: RowKey) -> int:
        return -self.known(row, "kind IN ('unavailable', 'unexplained')")

    def may_be_edited(self, row: RowKey) -> bool:
        """Whether what staff do now can be told apart: the row's numbers are known, and no units set aside are still to be found."""
        kept = sync_rows.row_of(self.front.peek, self.front.id, row)
        if kept is None or not kept.state.tells_edits or kept.state.baseline is None:
            return False
        reserved = self.front.level(row).reserved
        waiting = self._waiting(row, "reserved")
        return (
            self.known_aside(row) == self.set_aside[row] - (self.fence.aside[row] if self.fence else 0)
            and kept.state.baseline.unavailable == reserved
            and all(each == reserved for each in waiting)
        )

    def may_be_set_aside(self, row: RowKey) -> bool:
        """Whether no edit stands, nor is shown by a reading that waits, that could be mistaken for it."""
        kept = sync_rows.row_of(self.front.peek, self.front.id, row)
        if kept is None or not kept.state.tells_edits or self.staff[row]:
            return False
        waiting, edited = self._waiting(row, "started"), self.last_edit.get(row)
        return edited is None or not waiting or min(waiting) > edited + 30

    def _waiting(self, row: RowKey, what: str) -> list[int]:
        return [
            int(each)
            for (each,) in self.front.peek.execute(
                f"""SELECT {what} FROM reading WHERE channel_id = ? AND item_id = ? AND location_id = ? AND state = 'waiting'""",
                (self.front.id, *row),
            )
        ]


class Truth:
    """What Sumtracker's numbers should be, and what each store row should show."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.base: Counter[Number] = Counter()
        """Each number without what the rows of the channels that are on did since their T0."""
        self.next: dict[int, dict[Number, int]] = {}
        """By channel that is being turned on: `base` once it is on and has copied."""
        self.mirrored: set[tuple[int, int]] = set()
        """(channel, location) where Shopify is master: the ledger shows what the store does."""

    # People and turning on ------------------------------------------------------------------------------------------------------------

    def add(self, number: Number, units: int) -> None:
        """A person moved stock in Sumtracker, or a channel was turned off that did."""
        for base in (self.base, *self.next.values()):
            if base is self.base or number in base:
                base[number] += units

    def count(self, number: Number, available: int) -> None:
        """A person said how many there are, which made so many available; what was still to be copied is not any more."""
        self.base[number] = available
        for front in self.market.fronts:
            rows = front.feeding(number)
            if front.in_ledger:
                self.base[number] -= sum(front.counted.known(row) * units for row, units in rows)
            if front.copies:
                self.next.get(front.id, {}).pop(number, None)

    def begins(self, front: ShopFront, t0: int) -> None:
        """The channel's fences stand."""
        counted = front.counted
        counted.t0, counted.fence = t0, front.snapshots[t0]
        counted.staff.clear()
        counted.standing.clear()
        self.next[front.id] = self._copied(front) if front.copies else self._followed(front)

    def _copied(self, front: ShopFront) -> dict[Number, int]:
        """The store's number at T0, by what was decided; what other channels' orders had done to the ledger by then is in it."""
        fence = front.counted.fence
        assert fence
        shown: dict[Number, dict[int, list[int]]] = {}
        for row in front.rows:
            if (sku := front.sku(row)) in ("MUG", "ROPE"):
                number = (sku, front.warehouse(row))
                shown.setdefault(number, {}).setdefault(row[1], []).append(fence.numbers[row])
        copied: dict[Number, int] = {}
        for number, places in shown.items():
            of_group = _OF_GROUP[self.market.layout.shared_by]
            counted = places.values() if self.market.layout.adds_places else [places[min(places)]]
            copied[number] = sum(of_group(of_listings) for of_listings in counted)
            for other in self._others(front):
                known = (other.counted.known(row) * units for row, units in other.feeding(number))
                copied[number] -= sum(known)
        return copied

    def _followed(self, front: ShopFront) -> dict[Number, int]:
        """Without copying the ledger follows what orders did between the load and T0, with what was promised by then taken off or not."""
        fence = front.counted.fence
        assert fence
        return {
            number: self.base[number]
            + sum(
                (fence.numbers[row] - front.loaded[row] - front.promised.get(row, 0)) * units
                for row, units in front.feeding(number)
            )
            for number in self.market.numbers
        }

    def begins_at(self, front: ShopFront, location_id: int) -> None:
        """One location has Sumtracker as master from now on, with what the store shows, while nothing happens."""
        fence, now = front.counted.fence, front.counted.snapshot()
        assert fence
        for row in (row for row in front.rows if row[1] == location_id):
            fence.totals[row], fence.aside[row] = now.totals[row], now.aside[row]
            for number, _ in front.taking(row):
                self.base[number] = now.numbers[row]

    def _mirrors(self, number: Number) -> int | None:
        """What the store shows of a number that it is master of; None where Sumtracker is."""
        for front in self.market.fronts if self.mirrored else ():
            for row, _ in front.feeding(number) if front.counted.fence is not None else ():
                if (front.id, row[1]) in self.mirrored:
                    return int(front.level(row).available)
        return None

    def goes_on(self, front: ShopFront) -> None:
        """The channel is on, and what it copies is copied."""
        front.was_on = True
        for number, units in self.next.pop(front.id).items():
            self.base[number] = units

    def is_off(self, front: ShopFront, *, was_on: bool) -> None:
        """The channel is off, or was never on: from then on nothing counts that was not known."""
        self.next.pop(front.id, None)
        if was_on:
            for number in self.market.numbers:
                self.add(number, front.frozen.get(number, 0))
        front.counted.fence = front.counted.t0 = None

    def _others(self, front: ShopFront) -> Iterator[ShopFront]:
        for other in self.market.fronts:
            if other is not front and other.in_ledger:
                yield other

    # What is so -----------------------------------------------------------------------------------------------------------------------

    def of(self, number: Number, base: Mapping[Number, int] | None = None) -> int:
        """What the ledger should have available of a number."""
        if (mirror := self._mirrors(number)) is not None:
            return mirror
        found = (base or self.base).get(number, self.base[number])
        for front in self.market.fronts:
            if front.in_ledger:
                found += sum(front.counted.moved(row) * units for row, units in front.feeding(number))
        return found

    def most(self, front: ShopFront, row: RowKey) -> int:
        """What a row may show after a write: the truth, and what was sold on other rows that nobody could know of yet."""
        return max(self._most(front, row, base) for base in (self.base, *self.next.values()))

    def _most(self, front: ShopFront, row: RowKey, base: Mapping[Number, int]) -> int:
        return min(
            (self.of(number, base) + self._unseen(front, row, number)) // units
            for number, units in front.taking(row)
        )

    def _unseen(self, front: ShopFront, row: RowKey, number: Number) -> int:
        found = 0
        for other in self.market.fronts:
            for each, units in other.feeding(number) if other.in_ledger else ():
                if (other, each) != (front, row):
                    found += max(0, other.counted.known(each) - other.counted.moved(each)) * units
        return found

    def shows(self, front: ShopFront, row: RowKey) -> int:
        """What a row should show once all is quiet; less than 0 where more is promised than there is."""
        return min(self.of(number) // units for number, units in front.taking(row))

    def judge_write(self, front: ShopFront, key: str, row: RowKey, change: int) -> str | None:
        """The oracle that a write trips."""
        found = front.peek.execute(
            """SELECT push_row.cause, attempts, stored FROM push JOIN push_row ON push_row.push_id = push.id
               WHERE push.channel_id = ? AND key = ? AND item_id = ? AND location_id = ? AND change = ?""",
            (front.id, key.split()[0], *row, change),
        ).fetchone()
        counted, level = front.counted, front.level(row)
        if found is None:
            return "no cause"
        if (front.id, row[1]) in self.mirrored and found[0] != "rollback":
            return "mirrored"
        cause, attempts, stored = found
        if cause == "rollback":
            return None
        if cause == "edit":
            wrong = change > max(0, -counted.lowest(row))
            counted.stands(row, change)
            # A sale at the counter that is found past its margin looks like an edit, and is put right when it is found.
            return "undone" if wrong and not self.market.tardy else None
        if change <= 0 or self.market.tardy:
            return None
        owed = 0
        if attempts > 1 or stored < self.market.work_began:
            kept = sync_rows.row_of(front.peek, front.id, row)
            if kept is not None and kept.shows is not None:
                wanted = differences.number_of(front.ledger, None, kept.sku, kept.warehouse_id).pushed
                owed = max(0, kept.shows - (wanted or 0))
        most = self.most(front, row) - front.shop.order_book.uncommitted(level)
        most += max(0, counted.staff[row]) + owed
        return "oversold" if level.available > max(most, 0) else None


def unexplained(peek: sqlite3.Connection) -> list[str]:
    """Writes without their event, and events without their write: what happened and what tells of it commit together (PROTOCOL §7)."""
    broken = []
    told = """SELECT channel, sku, place, sum(number_after - number_before) FROM event
              WHERE kind IN ('push', 'undo') AND number_after IS NOT NULL
              GROUP BY 1, 2, 3"""
    done = """SELECT channel.handle, listing.sku, location.name, sum(push_row.change)
              FROM push_row JOIN push ON push.id = push_row.push_id JOIN channel ON channel.id = push.channel_id
              JOIN (SELECT DISTINCT channel_id, item_id, sku FROM listing) AS listing
                  ON listing.channel_id = push.channel_id AND listing.item_id = push_row.item_id
              JOIN location ON location.channel_id = push.channel_id AND location.id = push_row.location_id
              WHERE push.state = 'done' GROUP BY 1, 2, 3"""
    if sorted(peek.execute(told)) != sorted(peek.execute(done)):
        broken.append("told")
    return broken
