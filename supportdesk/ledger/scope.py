"""Which listings are in scope and which locations count, as pieces of SQL; and the levels that follow, group by group, for the rules in `core.duplicates`."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Final, NamedTuple

from supportdesk.core.duplicates import GroupLevels

IN_SCOPE: Final = """(listing.left_out IS NULL OR (listing.left_out = 'draft'
    AND (SELECT drafts FROM channel WHERE channel.id = listing.channel_id)))"""
"""Whether a row of `listing` is in scope, the channel's setting about drafts considered."""

COUNTED_LOCATIONS: Final = """SELECT location.id FROM location
    LEFT JOIN connection ON connection.channel_id = location.channel_id AND connection.location_id = location.id
    WHERE location.channel_id = :channel AND location.active AND CASE
        WHEN connection.location_id IS NULL THEN NOT location.service_manages_stock
        ELSE connection.warehouse_id IS NOT NULL END"""
"""Locations that numbers and agreement are judged over: linked, or not yet said to stay unlinked (DESIGN §5, *Duplicates*).

A fulfilment service that keeps its own numbers counts only once it is linked.
"""

AGE: Final = "coalesce(listing.variant_id, listing.id)"
"""Orders listings by age: the oldest has the lowest variant id, in exports it is the first of the file."""

IDENTITY: Final = "CAST(coalesce(listing.variant_id, listing.listing) AS TEXT)"
"""What a listing is known by from load to load: its variant id, in exports its name."""

DECIDED: Final = f"""(SELECT decision.kind FROM decision
    WHERE decision.channel_id = listing.channel_id AND decision.sku = listing.sku AND (decision.kind <> 'split' OR 1 < (
        SELECT count(DISTINCT other.item_id) FROM listing AS other
        WHERE other.channel_id = listing.channel_id AND other.sku = listing.sku AND {IN_SCOPE.replace("listing.", "other.")}
            AND instr(decision.judged, json_quote({IDENTITY.replace("listing.", "other.")})))))"""
"""What was decided of the SKU of a row of `listing`, NULL for nothing; a split is over once the store shows those it was said of apart,
whatever has joined them since."""


class GroupFacts(NamedTuple):
    """A group's in-scope listings and what they show, as the rules of `core.duplicates` take them."""

    sku: str
    listings: dict[str, str]
    """Names by identity, oldest first."""
    items: dict[str, int]
    """Inventory items by listing name; of two listings with one name the older's."""
    levels: GroupLevels


def choose(connection: sqlite3.Connection, skus: Iterable[str]) -> None:
    """Make `skus` the ones that `chosen_groups` gives, in `temp.chosen`."""
    connection.execute("DROP TABLE IF EXISTS temp.chosen")
    connection.execute("CREATE TEMP TABLE chosen (sku TEXT PRIMARY KEY) WITHOUT ROWID")
    connection.executemany("INSERT OR IGNORE INTO temp.chosen VALUES (?)", ((sku,) for sku in skus))


def chosen_groups(connection: sqlite3.Connection, channel_id: int) -> Iterator[GroupFacts]:
    """The facts of every SKU in `temp.chosen` with in-scope listings, by SKU, one at a time."""
    rows = connection.cursor().execute(
        f"""SELECT chosen.sku, {IDENTITY}, listing.listing, listing.item_id, level.location_id, level.available
            FROM temp.chosen CROSS JOIN main.listing ON listing.channel_id = :channel AND listing.sku = chosen.sku
            LEFT JOIN main.store_level AS level ON level.channel_id = listing.channel_id AND level.item_id = listing.item_id
                AND level.active AND level.available IS NOT NULL AND level.location_id IN ({COUNTED_LOCATIONS})
            WHERE {IN_SCOPE} ORDER BY chosen.sku, {AGE}, listing.id""",
        {"channel": channel_id},
    )
    for sku, members in itertools.groupby(rows, itemgetter(0)):
        listings: dict[str, str] = {}
        items: dict[str, int] = {}
        levels: dict[int, dict[int, int]] = {}
        for _, identity, name, item, location, available in members:
            listings.setdefault(identity, name)
            items.setdefault(name, item)
            if location is not None:
                levels.setdefault(location, {})[item] = available
        yield GroupFacts(sku, listings, items, levels)
