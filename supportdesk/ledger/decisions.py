"""What was decided of duplicate groups: kept with its event, judged again when the store changed, never lost. The groups themselves are in `duplicates`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from supportdesk.core.duplicates import (
    Choice,
    Decision,
    check_choice,
    choice_words,
    decision_holds,
    is_unanswered,
)
from supportdesk.core.skus import shown_sku
from supportdesk.errors import Conflict, Refused, UnknownName, WrongUsage
from supportdesk.ledger import events
from supportdesk.ledger.scope import AGE, IDENTITY, IN_SCOPE, GroupFacts, choose, chosen_groups

_NAMED: Final = 3
"""SKUs that an error names before it only counts the rest."""


class Said(NamedTuple):
    """What a person says of one SKU."""

    choice: Choice | None
    """None takes the decision back."""
    note: str | None = None
    """None keeps the note there is."""
    seen: int | None = None
    """The revision they saw, 0 for none; None for whatever is there now."""
    where: str = ""
    """Where they say it, for what is wrong with it: `row 3 of decisions.csv`."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """Who decides, where and when."""

    channel_id: int
    channel: str
    """Handle, for the events."""
    at: datetime
    who: str


def decision_of(row: sqlite3.Row) -> Decision:
    """The decision in a row that holds its columns and `sku`."""
    return Decision(
        sku=row["sku"],
        choice=Choice(row["kind"], row["counts_of"], row["listing"], row["elsewhere"]),
        note=row["note"],
        who=row["who"],
        at=datetime.fromisoformat(row["at"]),
        revision=row["event_id"],
    )


def decide(connection: sqlite3.Connection, deciding: Deciding, said: Mapping[str, Said]) -> int:
    """Keep what is said of each SKU, each with an event, in the transaction under way; how many groups changed.

    Saying again what is there changes nothing, unless it fell since and stands again by being said. Raises `Conflict` where someone else decided since, `UnknownName`
    and `Refused` where a choice does not fit its group; the caller's transaction then writes nothing at all.
    """
    refuse_conflicts(
        connection, deciding, {sku: each.seen for sku, each in said.items() if each.seen is not None}
    )
    choose(connection, said)
    return _decide_each(connection, deciding, ((sku, said[sku]) for sku in sorted(said)))


def _decide_each(connection: sqlite3.Connection, deciding: Deciding, said: Iterable[tuple[str, Said]]) -> int:
    """Keep what is said of each SKU in `temp.chosen`, in their order; how many groups changed."""
    changed = 0
    groups = chosen_groups(connection, deciding.channel_id)
    coming = next(groups, None)
    for sku, each in said:
        facts = None
        if coming is not None and coming.sku == sku:
            facts, coming = coming, next(groups, None)
        changed += _decide_one(connection, deciding, sku, each, facts)
    return changed


def stage(connection: sqlite3.Connection, said: Iterable[tuple[str, Said]]) -> None:
    """Keep what is said of each SKU in `temp.said`, for `decide_staged`; nothing of the account is read, locked or changed.

    So many may be said, and as slowly, as a file has rows. Raises `WrongUsage` for a SKU that is named again.
    """
    connection.execute("DROP TABLE IF EXISTS temp.said")
    connection.execute(_SAID)
    for sku, each in said:
        choice = each.choice or Choice("shared")
        values = (choice.kind, choice.counts_of, choice.listing, choice.elsewhere, each.note, each.where)
        added = connection.execute(
            "INSERT OR IGNORE INTO temp.said VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (sku, each.choice is not None, *values),
        )
        if not added.rowcount:
            (first,) = connection.execute("SELECT place FROM temp.said WHERE sku = ?", (sku,)).fetchone()
            raise WrongUsage(
                f"{each.where} names {sku!r} again, after {first}.", "Correct it there; nothing was written."
            )
    connection.commit()


_SAID: Final = """CREATE TEMP TABLE said (sku TEXT PRIMARY KEY, chosen INTEGER, kind TEXT, counts_of TEXT, listing TEXT,
    elsewhere TEXT, note TEXT, place TEXT) WITHOUT ROWID"""


def decide_staged(connection: sqlite3.Connection, deciding: Deciding) -> int:
    """As `decide`, with what `stage` kept, holding one group at a time."""
    choose(connection, ())
    connection.execute("INSERT INTO temp.chosen SELECT sku FROM temp.said")
    changed = _decide_each(connection, deciding, _staged(connection))
    connection.execute("DROP TABLE temp.said")
    return changed


def _staged(connection: sqlite3.Connection) -> Iterator[tuple[str, Said]]:
    for sku, chosen, *choice, note, place in connection.cursor().execute(
        "SELECT * FROM temp.said ORDER BY sku"
    ):
        yield sku, Said(Choice(*choice) if chosen else None, note, where=place)


def decide_chosen(connection: sqlite3.Connection, deciding: Deciding, said: Said) -> int:
    """Say one thing of every SKU in `temp.chosen`, as `decide`, holding one group at a time."""
    return sum(
        _decide_one(connection, deciding, facts.sku, said, facts)
        for facts in chosen_groups(connection, deciding.channel_id)
    )


def refuse_conflicts(connection: sqlite3.Connection, deciding: Deciding, seen: Mapping[str, int]) -> None:
    """Raise `Conflict` where a SKU's decision is not the one of the revision that was seen."""
    changed = [
        sku for sku, revision in seen.items() if _revision(connection, deciding.channel_id, sku) != revision
    ]
    if changed:
        raise Conflict(
            "; ".join(_what_happened(connection, deciding, sku) for sku in changed[:_NAMED])
            + (f"; and {len(changed) - _NAMED:,} more" if len(changed) > _NAMED else "")
            + ". Nothing was changed.",
            "Look at it again, then decide.",
        )


def _revision(connection: sqlite3.Connection, channel_id: int, sku: str) -> int:
    row = connection.execute(
        "SELECT event_id FROM decision WHERE channel_id = ? AND sku = ?", (channel_id, sku)
    ).fetchone()
    return int(row[0]) if row else 0


def _what_happened(connection: sqlite3.Connection, deciding: Deciding, sku: str) -> str:
    row = connection.execute(
        "SELECT who, at, detail FROM event WHERE sku = ? AND sku > '' AND kind = 'decision' AND channel = ? ORDER BY id DESC LIMIT 1",
        (sku, deciding.channel),
    ).fetchone()
    if row is None:
        return f"{shown_sku(sku)} has no decision any more"
    who, at, detail = row
    moment = datetime.fromisoformat(at).astimezone(UTC)
    return f"{shown_sku(sku)}: {detail}, said by {who} on {moment:%Y-%m-%d} at {moment:%H:%M:%S} UTC"


def _decide_one(
    connection: sqlite3.Connection, deciding: Deciding, sku: str, said: Said, facts: GroupFacts | None
) -> int:
    """Keep one decision; 1 where something changed, else 0."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    key = (deciding.channel_id, sku)
    row = cursor.execute("SELECT * FROM decision WHERE channel_id = ? AND sku = ?", key).fetchone()
    before = decision_of(row) if row else None
    if said.choice is None:
        if before is None:
            return 0
        cursor.execute("DELETE FROM decision WHERE channel_id = ? AND sku = ?", key)
        cursor.execute(
            "UPDATE duplicate_group SET holds = NULL, unanswered = 0 WHERE channel_id = ? AND sku = ?", key
        )
        _record(connection, deciding, sku, f"taken back (it was {choice_words(before.choice)})")
        return 1
    group = cursor.execute("SELECT * FROM duplicate_group WHERE channel_id = ? AND sku = ?", key).fetchone()
    try:
        refuse_unfit(said.choice, sku, group, facts)
    except (WrongUsage, Refused) as error:
        if said.where:
            raise type(error)(f"{said.where}: {error.detail}", error.next_step) from error
        raise
    assert facts is not None
    note = (before.note if before else "") if said.note is None else said.note
    # A split holds once the store shows it; saying it again brings that no nearer, unless another joined whom it was not said of.
    # Others that fell are judged anew by being said.
    stands = group["holds"] or (said.choice.kind == "split" and row and not _joined(row, facts))
    if before and before.choice == said.choice and before.note == note and stands:
        return 0
    was = f" (before: {choice_words(before.choice)})" if before and before.choice != said.choice else ""
    _keep(connection, deciding, said.choice, note, facts, choice_words(said.choice) + was)
    return 1


def _keep(
    connection: sqlite3.Connection,
    deciding: Deciding,
    choice: Choice,
    note: str,
    facts: GroupFacts,
    detail: str,
) -> None:
    event = _record(connection, deciding, facts.sku, detail)
    connection.execute(
        """INSERT OR REPLACE INTO decision
               (channel_id, sku, kind, counts_of, listing, elsewhere, judged, note, who, at, event_id)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            *(deciding.channel_id, facts.sku, choice.kind, choice.counts_of, choice.listing),
            *(choice.elsewhere, _judged(facts.listings), note),
            *(deciding.who, deciding.at.isoformat(), event),
        ),
    )
    connection.execute(
        "UPDATE duplicate_group SET holds = ?, unanswered = ? WHERE channel_id = ? AND sku = ?",
        (
            decision_holds(choice, frozenset(facts.listings), facts.listings, needs_decision=True),
            is_unanswered(choice, facts.levels, facts.items.get(choice.listing)),
            deciding.channel_id,
            facts.sku,
        ),
    )


def _record(connection: sqlite3.Connection, deciding: Deciding, sku: str, detail: str) -> int:
    return events.record(
        connection,
        at=deciding.at,
        kind="decision",
        channel=deciding.channel,
        who=deciding.who,
        detail=detail,
        sku=sku,
    )


def refuse_unfit(choice: Choice, sku: str, group: sqlite3.Row | None, facts: GroupFacts | None) -> None:
    """Raise `UnknownName` or `Refused` where the choice cannot be said of the SKU: no group, nothing to decide, no such listing."""
    check_choice(choice)
    if group is None:
        raise UnknownName(
            f"{sku!r} is the SKU of no two listings, so there is nothing to decide.",
            "Look at the list of duplicate groups again.",
        )
    if facts is None or group["items"] < 2:
        why = (
            "its listings in scope stand on one inventory item"
            if group["in_scope"] > 1
            else "fewer than two of its listings are in scope"
        )
        raise Refused(f"{sku!r} needs no decision: {why}.", "Leave it out of what you decide.")
    if choice.counts_of == "listing" and choice.listing not in facts.items:
        named = list(facts.items)
        raise Refused(
            f"{choice.listing!r} is no listing in scope of {sku!r}.",
            f"It has {', '.join(named[:8])}" + (f" and {len(named) - 8} more." if len(named) > 8 else "."),
        )


def refuse_unfit_chosen(connection: sqlite3.Connection, channel_id: int, choice: Choice) -> None:
    """As `refuse_unfit` for every SKU in `temp.chosen`, in their order."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    facts = chosen_groups(connection, channel_id)
    coming = next(facts, None)
    for (sku,) in connection.cursor().execute("SELECT sku FROM temp.chosen ORDER BY sku"):
        group = cursor.execute(
            "SELECT * FROM duplicate_group WHERE channel_id = ? AND sku = ?", (channel_id, sku)
        ).fetchone()
        here = coming if coming is not None and coming.sku == sku else None
        refuse_unfit(choice, sku, group, here)
        if here is not None:
            coming = next(facts, None)


def keep_note(connection: sqlite3.Connection, deciding: Deciding, sku: str, note: str, seen: int) -> None:
    """Put `note` in place of the decision's note, with an event that does not quote it. Raises `Conflict`, `Refused` where nothing is decided."""
    refuse_conflicts(connection, deciding, {sku: seen})
    if _revision(connection, deciding.channel_id, sku) == 0:
        raise Refused(f"{sku!r} is not decided, and a note stands beside a decision.", "Decide it first.")
    event = _record(connection, deciding, sku, "note changed")
    connection.execute(
        "UPDATE decision SET note = ?, event_id = ? WHERE channel_id = ? AND sku = ?",
        (note, event, deciding.channel_id, sku),
    )


_ADDED: Final = "kind = 'shared' AND 'sum' IN (counts_of, elsewhere)"


def forget_sums(connection: sqlite3.Connection, deciding: Deciding) -> None:
    """Have it asked again whose count is copied where the counts of listings are added up, each with an event, in the transaction under way.

    With sync every listing of such a group came to show the sum: copied once more it would be added up as often as there are listings.
    """
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    for row in cursor.execute(
        f"SELECT * FROM decision WHERE channel_id = ? AND {_ADDED} ORDER BY sku", (deciding.channel_id,)
    ).fetchall():
        was = decision_of(row).choice
        left = Choice("shared", was.counts_of, was.listing) if was.elsewhere else Choice("shared")
        detail = (
            f"{choice_words(left)} (before: {choice_words(was)}, which is what each listing shows by now)"
        )
        event = _record(connection, deciding, row["sku"], detail)
        connection.execute(
            "UPDATE decision SET counts_of = ?, elsewhere = NULL, event_id = ? WHERE channel_id = ? AND sku = ?",
            (left.counts_of, event, deciding.channel_id, row["sku"]),
        )
    judge(connection, deciding.channel_id)


def _joined(row: sqlite3.Row, facts: GroupFacts) -> bool:
    """Whether a listing is in the group now that the decision in `row` was not made for."""
    return not frozenset(json.loads(row["judged"])).issuperset(facts.listings)


def _judged(listings: Iterable[str]) -> str:
    """Identities as they are kept beside a decision: JSON as SQLite writes it, so that most are compared without reading them."""
    return json.dumps(list(listings), ensure_ascii=False, separators=(",", ":"))


_SPLIT: Final = """INSERT INTO temp.judged SELECT decision.sku, grouped.items < 2, 0 FROM decision
    JOIN duplicate_group AS grouped ON grouped.channel_id = decision.channel_id AND grouped.sku = decision.sku
    WHERE decision.channel_id = :channel AND decision.kind = 'split'"""
_SAME_LISTINGS: Final = f"""INSERT INTO temp.judged SELECT decision.sku, 1, 0 FROM decision
    JOIN duplicate_group AS grouped ON grouped.channel_id = decision.channel_id AND grouped.sku = decision.sku
    WHERE decision.channel_id = :channel AND decision.kind <> 'split' AND decision.counts_of IS NOT 'listing'
    AND decision.judged = (SELECT json_group_array(identity) FROM (
        SELECT {IDENTITY} AS identity FROM main.listing
        WHERE listing.channel_id = decision.channel_id AND listing.sku = decision.sku AND {IN_SCOPE}
        ORDER BY {AGE}, listing.id))"""
"""Decisions whose listings are the very ones they were made for: nearly all, after most loads. The others are read."""
_REST: Final = """INSERT INTO temp.chosen SELECT decision.sku FROM decision
    JOIN duplicate_group AS grouped ON grouped.channel_id = decision.channel_id AND grouped.sku = decision.sku
    WHERE decision.channel_id = :channel AND decision.sku NOT IN (SELECT sku FROM temp.judged)"""


def judge(connection: sqlite3.Connection, channel_id: int) -> None:
    """Judge every decision of the channel again, in the transaction under way: whether it holds for the group as it is now."""
    values = {"channel": channel_id}
    connection.execute("DROP TABLE IF EXISTS temp.judged")
    connection.execute("CREATE TEMP TABLE judged (sku TEXT PRIMARY KEY, holds INTEGER, unanswered INTEGER)")
    connection.execute(_SPLIT, values)
    connection.execute(_SAME_LISTINGS, values)
    choose(connection, ())
    connection.execute(_REST, values)
    connection.executemany("INSERT INTO temp.judged VALUES (?, ?, ?)", _judgements(connection, channel_id))
    # A decided group of which nothing is in scope any more has no facts to judge.
    connection.execute("INSERT OR IGNORE INTO temp.judged SELECT sku, 0, 0 FROM temp.chosen")
    connection.execute(
        """UPDATE duplicate_group SET holds = judged.holds, unanswered = judged.unanswered FROM temp.judged
           WHERE duplicate_group.channel_id = ? AND duplicate_group.sku = judged.sku""",
        (channel_id,),
    )
    connection.execute("DROP TABLE temp.judged")
    connection.execute("DROP TABLE temp.chosen")


def _judgements(connection: sqlite3.Connection, channel_id: int) -> Iterator[tuple[str, bool, bool]]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    for facts in chosen_groups(connection, channel_id):
        row = cursor.execute(
            """SELECT decision.*, grouped.items FROM decision JOIN duplicate_group AS grouped
                   ON grouped.channel_id = decision.channel_id AND grouped.sku = decision.sku
               WHERE decision.channel_id = ? AND decision.sku = ?""",
            (channel_id, facts.sku),
        ).fetchone()
        choice = decision_of(row).choice
        judged = frozenset(json.loads(row["judged"]))
        yield (
            facts.sku,
            decision_holds(choice, judged, facts.listings, row["items"] > 1),
            is_unanswered(choice, facts.levels, facts.items.get(choice.listing)),
        )
