"""The wizard as it is kept, and the counts of the account file that its steps are judged by. What the steps mean is in `core.wizard`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from supportdesk.core.duplicates import Choice, Effect, effect_on, total_effect
from supportdesk.core.plan import CopyProof
from supportdesk.core.wizard import STEPS, Answers, Step, WizardState
from supportdesk.ledger.scope import COUNTED_LOCATIONS, IN_SCOPE, choose, chosen_groups


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the wizard of a channel stands."""

    state: WizardState = field(default_factory=WizardState)
    revision: int = 0
    who: str = ""
    """Who answered last."""
    at: datetime | None = None
    at_work: str = ""
    """Who said last to be at work in it."""
    at_work_until: datetime | None = None


def kept(connection: sqlite3.Connection, channel_id: int) -> Kept:
    """Where the wizard stands; at its beginning where nobody was in it."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    row = cursor.execute("SELECT * FROM wizard_answer WHERE channel_id = ?", (channel_id,)).fetchone()
    if row is None:
        return Kept()
    answers = Answers(
        direction=row["direction"],
        copy=_truth(row["copies"]),
        unknown=row["unknown"],
        promised_included=_truth(row["promised_included"]),
        sumtracker_off=bool(row["sumtracker_off"]),
        reviewed=row["reviewed"],
    )
    steps: list[Step] = [step for step in STEPS if step in row["passed"].split()]
    until = row["at_work_until"]
    return Kept(
        WizardState(row["step"], answers, frozenset(steps)),
        row["revision"],
        row["who"],
        datetime.fromisoformat(row["at"]) if row["at"] else None,
        row["at_work"],
        datetime.fromisoformat(until) if until else None,
    )


def _truth(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def keep(
    connection: sqlite3.Connection,
    channel_id: int,
    state: WizardState,
    revision: int,
    *,
    who: str,
    at: datetime,
) -> None:
    """Keep where the wizard stands, in the transaction under way."""
    answers = state.answers
    connection.execute(
        """INSERT INTO wizard_answer (channel_id, step, passed, direction, copies, unknown, promised_included, sumtracker_off,
               reviewed, revision, who, at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (channel_id) DO UPDATE SET step = excluded.step, passed = excluded.passed, direction = excluded.direction,
               copies = excluded.copies, unknown = excluded.unknown, promised_included = excluded.promised_included,
               sumtracker_off = excluded.sumtracker_off, reviewed = excluded.reviewed, revision = excluded.revision,
               who = excluded.who, at = excluded.at""",
        (
            *(channel_id, state.at, " ".join(step for step in STEPS if step in state.passed)),
            *(answers.direction, answers.copy, answers.unknown, answers.promised_included),
            *(answers.sumtracker_off, answers.reviewed, revision, who, at.isoformat()),
        ),
    )


def ask_counts_again(connection: sqlite3.Connection, channel_id: int) -> None:
    """Have what was said of counts asked again from the first step on, in the transaction under way; all other answers stay.

    With sync what is promised left the ledger's numbers, so that the answers of before are no longer true (PROTOCOL §4).
    """
    connection.execute(
        """UPDATE wizard_answer SET step = 'direction', copies = NULL, unknown = NULL, promised_included = NULL, reviewed = '',
               revision = revision + 1 WHERE channel_id = ?""",
        (channel_id,),
    )


def say_at_work(connection: sqlite3.Connection, channel_id: int, who: str, until: datetime | None) -> None:
    """Keep who is at work in the wizard, and how long that is believed; in the transaction under way."""
    connection.execute(
        """INSERT INTO wizard_answer (channel_id, step, revision, who, at, at_work, at_work_until)
           VALUES (?, 'direction', 0, '', '', ?, ?)
           ON CONFLICT (channel_id) DO UPDATE SET at_work = excluded.at_work, at_work_until = excluded.at_work_until""",
        (channel_id, who, until.isoformat() if until else ""),
    )


def is_on(connection: sqlite3.Connection, channel_id: int) -> bool:
    """Whether the channel is being synced, as the transaction under way sees it."""
    row = connection.execute("SELECT sync = 'on' FROM channel WHERE id = ?", (channel_id,)).fetchone()
    return bool(row and row[0])


def last_told(connection: sqlite3.Connection, channel: str) -> str:
    """What the newest event of the wizard says, '' where there is none."""
    row = connection.execute(
        "SELECT detail FROM event WHERE channel = ? AND kind = 'wizard' ORDER BY id DESC LIMIT 1", (channel,)
    ).fetchone()
    return str(row[0]) if row else ""


def history(connection: sqlite3.Connection, channel: str, limit: int) -> list[tuple[datetime, str, str]]:
    """(when, who, what) of the newest answers, oldest first; going from step to step is none."""
    rows = connection.execute(
        """SELECT at, who, detail FROM (
               SELECT id, at, who, detail FROM event WHERE channel = ? AND kind = 'wizard' AND detail NOT LIKE 'went %'
               ORDER BY id DESC LIMIT ?) ORDER BY id""",
        (channel, limit),
    )
    return [(datetime.fromisoformat(at), who, detail) for at, who, detail in rows]


# Counts ---------------------------------------------------------------------------------------------------------------------------------


class SkuCounts(NamedTuple):
    """SKUs in scope by whether the ledger has counted them where they are sold, and what earlier orders have promised."""

    counted: int
    unknown: int
    promised: int


_SOLD_AT: Final = f"""FROM main.listing CROSS JOIN main.store_level AS level
        ON level.channel_id = listing.channel_id AND level.item_id = listing.item_id AND level.active
    LEFT JOIN connection AS said ON said.channel_id = level.channel_id AND said.location_id = level.location_id
    WHERE listing.channel_id = :channel AND {IN_SCOPE} AND level.location_id IN ({COUNTED_LOCATIONS})
        AND said.master IS NOT 'shopify' AND listing.sku NOT IN (SELECT bundle_sku FROM bundle_line)"""
_COUNTED: Final = f"""SELECT count(*), coalesce(sum(unknown), 0) FROM (
        SELECT max(NOT EXISTS (SELECT 1 FROM stock WHERE stock.sku = listing.sku AND stock.counted
            AND (said.warehouse_id IS NULL OR stock.warehouse_id = said.warehouse_id))) AS unknown
        {_SOLD_AT} GROUP BY listing.sku)"""
"""A location that is not linked yet may come to any warehouse, so there a number in any counts."""
_PROMISED: Final = f"""SELECT coalesce(sum(promised), 0) FROM (
        SELECT max(coalesce(level.committed, 0) - coalesce((SELECT sum(line.unfulfilled) FROM store_order_line AS line
            WHERE line.channel_id = level.channel_id AND line.item_id = level.item_id
            AND line.location_id = level.location_id AND line.treatment = 'booked'), 0), 0) AS promised
        FROM main.store_level AS level
        LEFT JOIN connection AS said ON said.channel_id = level.channel_id AND said.location_id = level.location_id
        WHERE level.channel_id = :channel AND level.active AND level.committed > 0
            AND level.location_id IN ({COUNTED_LOCATIONS}) AND said.master IS NOT 'shopify' AND EXISTS (
                SELECT 1 FROM main.listing WHERE listing.channel_id = level.channel_id
                AND listing.item_id = level.item_id AND {IN_SCOPE}))"""


def sku_counts(connection: sqlite3.Connection, channel_id: int) -> SkuCounts:
    """Count them, over locations that are linked or may yet be. A SKU is unknown where one of its locations has no number."""
    values = {"channel": channel_id}
    skus, unknown = connection.execute(_COUNTED, values).fetchone()
    (promised,) = connection.execute(_PROMISED, values).fetchone()
    return SkuCounts(skus - unknown, unknown, promised)


class GroupCounts(NamedTuple):
    """Duplicate groups that need a decision."""

    groups: int
    to_decide: int
    """Without a decision that holds, splits apart."""
    unanswered: int
    """Decided, but what is copied at some location is not said; matters when copying."""
    splits_pending: int


_GROUPS: Final = """FROM duplicate_group AS grouped
    LEFT JOIN decision ON decision.channel_id = grouped.channel_id AND decision.sku = grouped.sku
    WHERE grouped.channel_id = ? AND grouped.items > 1"""
_TO_DECIDE: Final = "(decision.sku IS NULL OR (NOT coalesce(grouped.holds, 0) AND decision.kind <> 'split'))"
_SPLIT: Final = "(decision.kind IS 'split' AND NOT coalesce(grouped.holds, 0))"
_NAMED_ELSEWHERE: Final = "(coalesce(grouped.holds, 0) AND grouped.unanswered)"
_WHOSE: Final = "(coalesce(grouped.holds, 0) AND decision.kind IS 'shared' AND decision.counts_of IS NULL)"
"""Even where its listings agree now: until rows settle orders may part them, and then nothing would be copied."""


def group_counts(connection: sqlite3.Connection, channel_id: int) -> GroupCounts:
    """Count them."""
    row = connection.execute(
        f"""SELECT count(*), coalesce(sum({_TO_DECIDE}), 0), coalesce(sum({_NAMED_ELSEWHERE} OR {_WHOSE}), 0),
               coalesce(sum({_SPLIT}), 0) {_GROUPS}""",
        (channel_id,),
    ).fetchone()
    return GroupCounts(*row)


class OpenGroups(NamedTuple):
    """SKUs of groups with something left to say, the first of each kind."""

    undecided: tuple[str, ...]
    named_elsewhere: tuple[str, ...]
    whose_count: tuple[str, ...]
    splits: tuple[str, ...]


def open_groups(connection: sqlite3.Connection, channel_id: int, limit: int) -> OpenGroups:
    """At most `limit` SKUs of each kind, by SKU."""
    found = [
        connection.execute(
            f"SELECT grouped.sku {_GROUPS} AND {kind} ORDER BY grouped.sku LIMIT ?", (channel_id, limit)
        ).fetchall()
        for kind in (_TO_DECIDE, _NAMED_ELSEWHERE, _WHOSE, _SPLIT)
    ]
    return OpenGroups(*(tuple(sku for (sku,) in rows) for rows in found))


def decisions_effect(connection: sqlite3.Connection, channel_id: int) -> Effect:
    """What the decisions there are do to the units that the store shows, were counts copied."""
    began = not connection.in_transaction
    choose(connection, ())
    connection.execute(
        f"""INSERT INTO temp.chosen SELECT grouped.sku {_GROUPS} AND decision.kind = 'shared' AND grouped.holds""",
        (channel_id,),
    )
    choices = {
        sku: Choice(*rest)
        for sku, *rest in connection.execute(
            "SELECT sku, kind, counts_of, listing, elsewhere FROM decision WHERE channel_id = ?",
            (channel_id,),
        )
    }

    def effects() -> Iterator[Effect]:
        for facts in chosen_groups(connection, channel_id):
            choice = choices[facts.sku]
            yield effect_on(choice, facts.levels, facts.items.get(choice.listing))

    total = total_effect(effects())
    connection.execute("DROP TABLE temp.chosen")
    if began:
        connection.rollback()
    return total


class PlaceCounts(NamedTuple):
    """A location with what is stocked there of listings in scope."""

    location_id: int
    name: str
    active: bool
    said: bool
    warehouse: str
    master: str | None
    rows: int
    proof: CopyProof


def places(connection: sqlite3.Connection, channel_id: int) -> tuple[PlaceCounts, ...]:
    """Every location of the channel, active ones first, by name."""
    rows = connection.execute(
        f"""SELECT location.id, location.name, location.active, said.location_id IS NOT NULL, coalesce(warehouse.code, ''),
                said.master, coalesce(here.number, 0), coalesce(here.on_hand, 0), coalesce(here.committed, 0),
                coalesce(here.available, 0)
            FROM location
            LEFT JOIN connection AS said ON said.channel_id = location.channel_id AND said.location_id = location.id
            LEFT JOIN warehouse ON warehouse.id = said.warehouse_id
            LEFT JOIN (
                SELECT location_id, count(*) AS number, sum(available) AS available, sum(coalesce(committed, 0)) AS committed,
                    sum(coalesce(on_hand, coalesce(available, 0) + coalesce(committed, 0))) AS on_hand
                FROM main.store_level AS level WHERE level.channel_id = :channel AND level.active AND EXISTS (
                    SELECT 1 FROM main.listing WHERE listing.channel_id = level.channel_id
                    AND listing.item_id = level.item_id AND {IN_SCOPE})
                GROUP BY location_id) AS here ON here.location_id = location.id
            WHERE location.channel_id = :channel ORDER BY location.active DESC, location.name, location.id""",
        {"channel": channel_id},
    )
    return tuple(
        PlaceCounts(
            *(place, name, bool(active), bool(said), code, master, number),
            CopyProof(on_hand, committed, on_hand - committed - available, available),
        )
        for place, name, active, said, code, master, number, on_hand, committed, available in rows
    )


def counts_unanswered(connection: sqlite3.Connection, channel_id: int) -> list[tuple[str, list[str]]]:
    """Warehouses that several active locations of the channel are on without a word whose count is copied: (code, their names)."""
    found: dict[str, list[str]] = {}
    for code, name in connection.execute(
        """SELECT warehouse.code, location.name FROM connection AS said
           JOIN warehouse ON warehouse.id = said.warehouse_id
           JOIN location ON location.channel_id = said.channel_id AND location.id = said.location_id AND location.active
           WHERE said.channel_id = ? AND said.master = 'sumtracker' AND said.counts IS NULL
           ORDER BY warehouse.code, location.name""",
        (channel_id,),
    ):
        found.setdefault(code, []).append(name)
    return [(code, names) for code, names in found.items() if len(names) > 1]


def rows_mark(connection: sqlite3.Connection, channel_id: int) -> tuple[object, ...]:
    """What `sku_counts` and `places` depend on, as a value: while it stays equal, so do they. What orders moved counts nothing anew."""
    row: tuple[object, ...] = connection.execute(
        """SELECT load.finished_at, load.listings, channel.drafts,
               (SELECT id FROM movement WHERE kind NOT IN ('order', 'fulfil', 'cancel', 'refund') ORDER BY id DESC LIMIT 1),
               (SELECT max(event_id) FROM connection), (SELECT count(*) FROM connection),
               (SELECT max(id) FROM event WHERE kind IN (
                   'load', 'read_again', 'new_sku', 'link', 'unlink', 'master', 'counts', 'settings', 'bundle', 'restore',
                   'turn_off', 'plan_taken_back'))
           FROM channel LEFT JOIN load ON load.channel_id = channel.id WHERE channel.id = ?""",
        (channel_id,),
    ).fetchone()
    return row


def decisions_mark(connection: sqlite3.Connection, channel_id: int) -> tuple[object, ...]:
    """What `decisions_effect` depends on beside `rows_mark`."""
    row: tuple[object, ...] = connection.execute(
        "SELECT max(event_id), count(*) FROM decision WHERE channel_id = ?", (channel_id,)
    ).fetchone()
    return row
