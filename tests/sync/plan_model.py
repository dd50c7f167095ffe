"""A small random store with its ledger, and what a plan for it comes to, worked out a second time in plain Python without any SQL."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from supportdesk.core.plan import PlanFacts
from supportdesk.core.progress import Unwatched
from supportdesk.ledger import duplicates, events, plans
from supportdesk.ledger.file import Ledger, open_ledger
from supportdesk.ledger.plan_numbers import Place
from supportdesk.ledger.plans import Header
from supportdesk.sync.plan import PlanJob, build
from tests.catalogs import NOON, Clock

LOCATIONS = {1: "Main St", 2: "Depot", 3: "Annex"}
WAREHOUSES = {1: "MAIN", 2: "DEPOT"}
SKUS = ["MUG", "TENT", "[b]red[/]", "A\nB", "KIT", "'7", "  "]
BUNDLE = "KIT"


@dataclass
class World:
    """One store: listings (id, item, SKU, left out), levels by (item, location), and all that was said."""

    listings: list[tuple[int, int, str, str | None]] = field(default_factory=list)
    levels: dict[tuple[int, int], tuple[bool, int, int]] = field(default_factory=dict)
    """(active, available, committed)."""
    links: dict[int, tuple[int, str, int | None]] = field(default_factory=dict)
    """Location → (warehouse, master, counts)."""
    decisions: dict[str, tuple[str, str | None, int | None, str | None]] = field(default_factory=dict)
    """SKU → (kind, counts of, id of the named listing, elsewhere)."""
    stock: dict[tuple[str, int], tuple[int, int, bool]] = field(default_factory=dict)
    """(in stock, booked, counted)."""
    bundle: dict[str, int] = field(default_factory=dict)
    close_at: dict[tuple[str, int], int] = field(default_factory=dict)
    maximum: int | None = None
    copies: bool = True
    unknown: Any = None
    promised_included: bool | None = None


def random_world(seed: int) -> World:
    """A store of a dozen listings with everything that can happen to them."""
    chance = random.Random(seed)
    world = World()
    for number in range(1, chance.randint(2, 12)):
        item = number if chance.random() < 0.9 else max(1, number - 1)
        sku = next((each[2] for each in world.listings if each[1] == item), chance.choice(SKUS))
        left_out = chance.choice([None, None, None, None, "untracked", "draft"])
        world.listings.append((number, item, sku, left_out))
        for location in LOCATIONS:
            if chance.random() < 0.7:
                world.levels[item, location] = (
                    chance.random() < 0.9,
                    chance.randint(-3, 9),
                    chance.randint(0, 3),
                )
    _say(world, chance)
    for sku in SKUS:
        for warehouse in WAREHOUSES:
            if chance.random() < 0.5:
                world.stock[sku, warehouse] = (
                    chance.randint(-2, 12),
                    chance.randint(0, 3),
                    chance.random() < 0.8,
                )
            if chance.random() < 0.15:
                world.close_at[sku, warehouse] = chance.randint(1, 5)
    if chance.random() < 0.6:
        parts = chance.sample([sku for sku in SKUS if sku != BUNDLE], 2)
        world.bundle = {part: chance.randint(1, 3) for part in parts}
    world.maximum = chance.choice([None, None, 6])
    world.copies = chance.random() < 0.5
    if not world.copies:
        world.unknown = chance.choice([None, "copy", "hold", "zero"])
        world.promised_included = chance.choice([None, True, False])
    return world


def _say(world: World, chance: random.Random) -> None:
    """Link locations and decide groups."""
    for location in LOCATIONS:
        if chance.random() < 0.85:
            world.links[location] = (chance.choice(list(WAREHOUSES)), "sumtracker", None)
    for warehouse in WAREHOUSES:
        there = [place for place, link in world.links.items() if link[0] == warehouse]
        if len(there) > 1:
            counts = chance.choice([None, 0, chance.choice(there)])
            for place in there:
                world.links[place] = (warehouse, "sumtracker", counts)
        elif there and chance.random() < 0.2:
            world.links[there[0]] = (warehouse, "shopify", None)
    for sku in SKUS:
        if (
            sku in members(world)
            and len({item for _, item in members(world)[sku]}) > 1
            and chance.random() < 0.9
        ):
            kind = chance.choice(["shared", "shared", "shared", "left_out", "split"])
            rule = (
                chance.choice(["oldest", "lowest", "highest", "sum", "listing", None])
                if kind == "shared"
                else None
            )
            named = chance.choice(members(world)[sku])[0] if rule == "listing" else None
            elsewhere = chance.choice([None, "lowest", "sum"]) if rule == "listing" else None
            world.decisions[sku] = (kind, rule, named, elsewhere)


def members(world: World) -> dict[str, list[tuple[int, int]]]:
    """(listing, item) of each SKU in scope, oldest first."""
    found: dict[str, list[tuple[int, int]]] = {}
    for number, item, sku, left_out in world.listings:
        if left_out is None:
            found.setdefault(sku, []).append((number, item))
    return found


def write(world: World, path: Path) -> Ledger:
    """The account file of it."""
    ledger = open_ledger(path, account="kestrel", now=Clock())
    with ledger.writing() as connection:
        connection.execute(
            """INSERT INTO channel (id, handle, title, source, maximum, connected_at)
               VALUES (1, 'outdoor', 'Outdoor', 'shopify', ?, ?)""",
            (world.maximum, NOON.isoformat()),
        )
        for location, name in LOCATIONS.items():
            connection.execute(
                "INSERT INTO location VALUES (1, ?, ?, 1, 1, '', '', '', '', 0)", (location, name)
            )
        for warehouse, code in WAREHOUSES.items():
            connection.execute(
                "INSERT INTO warehouse (id, code, name) VALUES (?, ?, ?)", (warehouse, code, code)
            )
        event = events.record(connection, at=NOON, kind="link", channel="outdoor")
        for location, (warehouse, master, counts) in world.links.items():
            connection.execute(
                "INSERT INTO connection VALUES (1, ?, ?, ?, ?, ?, 0, ?)",
                (location, LOCATIONS[location], warehouse, master, counts, event),
            )
        for number, item, sku, left_out in world.listings:
            connection.execute(
                """INSERT INTO listing VALUES (?, 1, ?, ?, 1, ?, 'Thing', '', ?, '', 'ACTIVE', 1, 0, 0, 0, ?, NULL)""",
                (number, number, item, f"thing-{number}", sku, left_out),
            )
        for (item, location), (active, available, committed) in world.levels.items():
            connection.execute(
                "INSERT INTO store_level VALUES (1, ?, ?, ?, ?, ?, ?, 0)",
                (item, location, active, available, committed, available + committed),
            )
        for (sku, warehouse), row in world.stock.items():
            connection.execute("INSERT INTO stock VALUES (?, ?, ?, ?, 0, ?)", (sku, warehouse, *row))
        for sku, quantity in world.bundle.items():
            connection.execute("INSERT INTO bundle_line VALUES (?, ?, ?)", (BUNDLE, sku, quantity))
        for (sku, warehouse), quantity in world.close_at.items():
            connection.execute("INSERT INTO close_at VALUES (?, ?, ?)", (sku, warehouse, quantity))
        for sku, (kind, counts_of, named, elsewhere) in world.decisions.items():
            judged = "[" + ",".join(f'"{number}"' for number, _ in members(world)[sku]) + "]"
            connection.execute(
                "INSERT INTO decision VALUES (1, ?, ?, ?, ?, ?, ?, '', 'mia', ?, ?)",
                (
                    sku,
                    kind,
                    counts_of,
                    f"thing-{named}" if named else "",
                    elsewhere,
                    judged,
                    NOON.isoformat(),
                    event,
                ),
            )
        duplicates.recount_groups(connection, 1)
    return ledger


def planned_by_us(world: World, ledger: Ledger) -> tuple[int, dict[tuple[int, int], tuple[str, int, int]]]:
    """The plan's number, and (kind, before, after) of each of its rows."""
    places = tuple(
        Place(location, LOCATIONS[location], warehouse, WAREHOUSES[warehouse], master, counts)  # type: ignore[arg-type]
        for location, (warehouse, master, counts) in world.links.items()
    )
    header = Header(1, "turn-on", world.copies, world.unknown, world.promised_included, places)
    plan_id = build(PlanJob(ledger, Unwatched(), Clock(), "mia"), header, PlanFacts())
    rows = ledger.db.conn.execute(
        "SELECT item_id, location_id, kind, before, after FROM plan_row WHERE plan_id = ?", (plan_id,)
    )
    assert plans.view(ledger.db.conn, plan_id) is not None
    return plan_id, {(item, location): (kind, before, after) for item, location, kind, before, after in rows}


# The second computation -------------------------------------------------------------------------------------------------------------------


def planned_plainly(world: World) -> dict[tuple[int, int], tuple[str, int, int]]:
    """(kind, before, after) of each row, by the words of DESIGN §5."""
    found = {}
    seen: set[int] = set()
    for _, item, sku, left_out in world.listings:
        if left_out is not None or item in seen:
            continue
        seen.add(item)
        decision = world.decisions.get(sku) if _is_group(world, sku) else None
        if decision and decision[0] == "left_out":
            continue
        for location, (warehouse, master, _) in world.links.items():
            active, before, _ = world.levels.get((item, location), (False, 0, 0))
            if not active:
                continue
            found[item, location] = _row(world, sku, warehouse, master, before)
    return found


def _row(world: World, sku: str, warehouse: int, master: str, before: int) -> tuple[str, int, int]:
    if _is_group(world, sku):
        decision = world.decisions.get(sku)
        if decision is None or decision[0] == "split":
            return "held", before, before
    if master == "shopify":
        return "read", before, before
    if sku == BUNDLE and world.bundle:
        parts = {part: ledger_after(world, part, warehouse)[1] for part in world.bundle}
        if any(number is None for number in parts.values()):
            return "held", before, before
        closed = {part: world.close_at.get((part, warehouse), 0) for part in parts}
        there = min((number or 0) // world.bundle[part] for part, number in parts.items())
        sells = min(
            0 if (number or 0) <= closed[part] else (number or 0) // world.bundle[part]
            for part, number in parts.items()
        )
        return "derived", before, _shown(there, sells, world.maximum, before)
    kind, number = ledger_after(world, sku, warehouse)
    if kind == "held" or number is None:
        return "held", before, before
    sells = 0 if number <= world.close_at.get((sku, warehouse), 0) else number
    return kind, before, _shown(number, sells, world.maximum, before)


def _shown(available: int, sells: int, maximum: int | None, before: int) -> int:
    sells = sells if maximum is None else min(sells, maximum)
    return min(sells, max(available, before)) if available < 0 else sells


def _is_group(world: World, sku: str) -> bool:
    return len({item for _, item in members(world).get(sku, [])}) > 1


def _standing(world: World, sku: str, warehouse: int) -> int | None:
    in_stock, booked, counted = world.stock.get((sku, warehouse), (0, 0, False))
    return in_stock - booked if counted else None


def ledger_after(world: World, sku: str, warehouse: int) -> tuple[str, int | None]:
    """How the ledger's number of the SKU in the warehouse comes about, and what it is; also of one that is not sold there."""
    standing = _standing(world, sku, warehouse)
    decision = world.decisions.get(sku) if _is_group(world, sku) else None
    if _is_group(world, sku) and decision is None:
        return "held", standing
    if decision and decision[0] == "split":
        return "held", standing
    kept = standing
    if standing is not None and world.promised_included and not world.copies:
        kept = standing - _promised(world, sku, warehouse)
    if decision and decision[0] == "left_out":
        return "kept", kept
    sold, unsaid, counted = _counted_by_store(world, sku, warehouse)
    if not sold:
        return "kept", kept
    kind = "shared" if decision else "copied"
    if world.copies:
        if unsaid:
            return "held", standing
        return ("kept", standing) if counted is None else (kind, counted)
    if standing is not None:
        return "kept", kept
    if world.unknown == "zero":
        return "kept", 0
    if world.unknown == "copy":
        return ("held", None) if unsaid else (kind, counted)
    return "kept", None


def _feeding(world: World, warehouse: int) -> dict[int, int | None]:
    """The locations that feed it, each with whose count is said to be copied."""
    return {
        place: counts
        for place, (linked, master, counts) in world.links.items()
        if linked == warehouse and master == "sumtracker"
    }


def _counted_by_store(world: World, sku: str, warehouse: int) -> tuple[bool, bool, int | None]:
    """Whether it is sold there, whether whose count is copied is unsaid, and what the store counts."""
    places = _feeding(world, warehouse)
    numbers: dict[int, int | None] = {}
    for place in places:
        shown = {
            item: world.levels[item, place][1]
            for _, item in members(world).get(sku, [])
            if world.levels.get((item, place), (False, 0, 0))[0]
        }
        if shown:
            numbers[place] = _at_place(world, sku, shown)
    if not numbers:
        return False, False, None
    (counts,) = set(places.values())
    if (len(numbers) > 1 and counts is None) or None in numbers.values():
        return True, True, None
    if counts in numbers:
        return True, False, numbers[counts]
    return True, False, sum(number or 0 for number in numbers.values())


def _at_place(world: World, sku: str, shown: dict[int, int]) -> int | None:
    if len(shown) == 1:
        return next(iter(shown.values()))
    _, counts_of, named, elsewhere = world.decisions[sku]
    rules = {
        "oldest": lambda: next(iter(shown.values())),
        "lowest": lambda: min(shown.values()),
        "highest": lambda: max(shown.values()),
        "sum": lambda: sum(shown.values()),
    }
    if counts_of is None:
        return None
    if counts_of != "listing":
        return rules[counts_of]()
    item = next(item for number, item in members(world)[sku] if number == named)
    if item in shown:
        return shown[item]
    return rules[elsewhere]() if elsewhere else None


def _promised(world: World, sku: str, warehouse: int) -> int:
    """Units that earlier orders have promised of the SKU there, those of the bundle included."""
    total = 0
    for sold, times in ((sku, 1), (BUNDLE, world.bundle.get(sku, 0))):
        decision = world.decisions.get(sold) if _is_group(world, sold) else None
        if decision and decision[0] == "left_out":
            continue
        for item in {item for _, item in members(world).get(sold, [])}:
            for place in _feeding(world, warehouse):
                active, _, committed = world.levels.get((item, place), (False, 0, 0))
                total += committed * times if active else 0
    return total
