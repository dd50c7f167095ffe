"""Rows read with all their numbers in one request, the rows that changed lately, and the store's clock. What they come to is in `core.rows`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from supportdesk.core.listings import left_out_reason, mildest
from supportdesk.core.looks import MOST_ROWS, LevelChange, LevelsLook, RowKey, RowLook
from supportdesk.core.progress import Watch
from supportdesk.core.rows import RowNumbers
from supportdesk.errors import AnswerUnreadable
from supportdesk.shopify import wire_stock as wire
from supportdesk.shopify.answers import Answer
from supportdesk.shopify.catalog_pages import next_page
from supportdesk.shopify.client import AdminClient
from supportdesk.shopify.global_ids import global_id
from supportdesk.shopify.orders import timestamp
from supportdesk.shopify.wire import read

LOCATIONS_BY_NAME: Final = 8
"""Locations that `levels_several` asks for one by one; for more of them every level of an item is read."""
PAGES: Final = 100
"""Of changed levels at one location: paging ends at 25,000 objects (`reference/shopify.md` §3)."""

_Levels = dict[RowKey, wire.LevelState]


def read_clock(client: AdminClient, watch: Watch) -> int:
    """The store's second, with the cheapest request. Raises what `errors` names."""
    return client.ask("clock", watch=watch).second


def read_levels(client: AdminClient, rows: Sequence[RowKey], watch: Watch) -> LevelsLook:
    """These rows, `MOST_ROWS` at most, as they are now, in one request; in the order given, each once.

    Cheapest for rows of one location; up to `LOCATIONS_BY_NAME` locations cost a few points more. Raises what `errors` names,
    and ValueError for more rows or none.
    """
    if not 0 < len(rows) <= MOST_ROWS:
        raise ValueError(f"a look is of 1 to {MOST_ROWS} rows")
    items = list(dict.fromkeys(item for item, _ in rows))
    locations = list(dict.fromkeys(location for _, location in rows))
    variables: dict[str, Any] = {
        "items": [global_id("InventoryItem", number) for number in items],
        "locations": [global_id("Location", number) for number in locations],
    }
    if len(locations) > LOCATIONS_BY_NAME:
        answer = client.ask("levels_everywhere", variables, watch)
        facts, levels, places = _everywhere(answer)
    else:
        answer, facts, levels, places = _by_name(client, variables, locations, watch)
    found = []
    for row in dict.fromkeys(rows):
        item, open_place = facts.get(row[0]), places.get(row[1])
        if item is not None and open_place is not None:
            found.append(_row(row, item, levels.get(row), open_place))
    return LevelsLook(tuple(found), answer.second, answer.seconds)


def _by_name(
    client: AdminClient, variables: dict[str, Any], locations: Sequence[int], watch: Watch
) -> tuple[Answer, dict[int, wire.ItemFacts], _Levels, dict[int, bool]]:
    names = variables["locations"]
    if len(locations) == 1:
        answer = client.ask("levels", {**variables, "at": names[0]}, watch)
    else:
        for at in range(LOCATIONS_BY_NAME):
            wanted = at < len(names)
            variables[f"at{at}"] = names[at] if wanted else names[0]
            if at:
                variables[f"with{at}"] = wanted
        answer = client.ask("levels_several", variables, watch)
    data = read(wire.LevelsAnswer, answer.data)
    facts: dict[int, wire.ItemFacts] = {}
    levels: _Levels = {}
    for node in data.items:
        if node:
            item = read(wire.ItemFacts, node)
            facts[item.id] = item
            for at, location in enumerate(locations):
                if (level := node.get(f"at{at}")) is not None:
                    levels[item.id, location] = read(wire.LevelState, level)
    return answer, facts, levels, _places(data.locations)


def _everywhere(answer: Answer) -> tuple[Mapping[int, wire.ItemFacts], _Levels, dict[int, bool]]:
    data = read(wire.LevelsEverywhereAnswer, answer.data)
    facts: dict[int, wire.ItemFacts] = {}
    levels: _Levels = {}
    for item in data.items:
        if item is None:
            continue
        facts[item.id] = item
        if item.inventory_levels.page_info.has_next_page:
            raise AnswerUnreadable(
                "An item is stocked at more than 250 locations.", "Please report this: it cannot be read."
            )
        for level in item.inventory_levels.nodes:
            state = wire.LevelState.model_construct(is_active=level.is_active, quantities=level.quantities)
            levels[item.id, level.location.id] = state
    return facts, levels, _places(data.locations)


def _places(locations: Sequence[wire.LocationState | None]) -> dict[int, bool]:
    return {place.id: place.is_active for place in locations if place is not None}


def _row(row: RowKey, item: wire.ItemFacts, level: wire.LevelState | None, open_place: bool) -> RowLook:
    sku = item.sku or ""
    left_out = _left_out(item)
    if level is None:
        return RowLook(*row, sku, item.tracked, False, None, left_out)
    numbers = {quantity.name: quantity.quantity for quantity in level.quantities}
    if missing := [name for name in RowNumbers._fields if name not in numbers]:
        raise AnswerUnreadable(f"The store left {', '.join(missing)} of a level out.", "Try again.")
    every = RowNumbers(**{name: numbers[name] for name in RowNumbers._fields})
    return RowLook(*row, sku, item.tracked, level.is_active and open_place, every, left_out)


def _left_out(item: wire.ItemFacts) -> str | None:
    """Why none of the item's listings is in scope, the mildest reason; None where one is, or may be, for it has more than are read."""
    if item.variants is None or item.variants.page_info.has_next_page:
        return None
    found = [
        left_out_reason("any", each.product.status, True, each.product.is_gift_card, each.requires_components)
        for each in item.variants.nodes
    ]
    return mildest(found)


def read_changed_levels(
    client: AdminClient, since: int, locations: Sequence[int], watch: Watch
) -> Iterator[LevelChange]:
    """Rows of these locations whose levels the index knows to have changed at `since` or later; a location that is no more has none.

    Of more than 25,000 at one location those beyond are left to the sweep (PROTOCOL §5).
    """
    for location in locations:
        after: str | None = None
        for _ in range(PAGES):
            watch.check()
            variables = {
                "location": global_id("Location", location),
                "search": f"updated_at:>={timestamp(since)}",
                "after": after,
            }
            found = read(
                wire.LevelsChangedAnswer, client.execute("levels_changed", variables, watch)
            ).location
            if found is None:
                break
            for node in found.inventory_levels.nodes:
                yield LevelChange(node.item.id, location, node.updated_at)
            after = next_page(found.inventory_levels.page_info, after)
            if after is None:
                break
