"""The demo merchant's Sumtracker account: what *Kestrel Outdoor* and *Kestrel Outlet* look like from the other side, before the call.

The same seed gives the same account. Its numbers are the stores', as they were at the last count: mostly equal, some a few
units off, some never counted. Each warehouse has the numbers of the location it is named after, one belongs to no location.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Final

from supportdesk.core.sumtracker_account import RemoteBundleLine, RemoteLevel, RemoteProduct, RemoteWarehouse
from supportdesk.sandbox.records import VariantRecord
from supportdesk.sandbox.store import SandboxShop
from supportdesk.sandbox.sumtracker import SumtrackerSide, key_of

MAIN: Final = RemoteWarehouse(311, "MAIN", "Main Street", 1)
DEPOT: Final = RemoteWarehouse(312, "DEPOT", "Depot Penrith", 2)
OUTLET: Final = RemoteWarehouse(340, "OUTLET", "Outlet shop", 3)
RETURNS: Final = RemoteWarehouse(341, "RETURNS", "Returns bench", 4)

COUNTED_AT: Final = {
    ("Kestrel Outdoor", "Main St"): MAIN,
    ("Kestrel Outdoor", "Depot"): DEPOT,
    ("Kestrel Outlet", "Outlet shop"): OUTLET,
    ("Kestrel Outlet", "Depot"): DEPOT,
}
"""Which warehouse has a location's numbers. The demo links the first two the wrong way round, for the agent to find."""

BUNDLES: Final = {
    "KO-GIFTBOX": (("KO-MUG-ENAMEL", 1), ("KO-SOCK-HEAVY", 1), ("KO-BOTTLE-1L", 1)),
    "KO-KIT-WEEKEND": (("KO-TENT-2P", 1), ("KO-STOVE-1", 1), ("KO-MAT-CELL", 2), ("KO-MUG-ENAMEL", 2)),
}
"""Components by bundle. The first sells as an ordinary product of the store, the second is a bundle there too."""

UNKNOWN: Final = frozenset({"KO-TNT-SOLO-SPR", "KO-STAFF-FLC"})
"""SKUs of the store that the account does not have yet."""

_UNSOLD: Final = (
    ("KO-BOX-S", "Posting box, small", 240),
    ("KO-BOX-L", "Posting box, large", 85),
    ("KO-TAPE", "Paper tape, 50 m", 31),
)
"""Products without a listing, with their stock at DEPOT."""

_RETURNED: Final = {
    "KO-TENT-2P": 1,
    "KO-LAMP-EMBER": 4,
    "KO-SOCK-HEAVY": 7,
    "KO-STOVE-1": 2,
    "KO-FLASK-350": 3,
}
"""What lies at RETURNS, which is no location of any store."""

_COMPONENTS: Final = {component for parts in BUNDLES.values() for component, _ in parts}
_FIRST_PRODUCT: Final = 51_004


def kestrel_sumtracker(*shops: SandboxShop, seed: int = 1) -> SumtrackerSide:
    """The account of the Kestrel shops that are given, *Kestrel Outdoor* first."""
    products = list(_products(shops))
    ids = {product.sku: product.remote_id for product in products}
    levels = [
        *_counted(shops, ids, random.Random(f"kestrel sumtracker {seed}")),
        *_unsold(ids),
        *(RemoteLevel(ids[sku], RETURNS.remote_id, units, 0, units, 0) for sku, units in _RETURNED.items()),
    ]
    return SumtrackerSide(
        key_of("kestrel", seed),
        (MAIN, DEPOT, OUTLET, RETURNS),
        tuple(products),
        tuple(
            RemoteBundleLine(ids[bundle], ids[component], quantity)
            for bundle, parts in BUNDLES.items()
            for component, quantity in parts
        ),
        tuple(levels),
    )


def _first_listings(shop: SandboxShop) -> Iterator[VariantRecord]:
    """The oldest listing in the shop of each SKU the account knows."""
    seen = {"", *UNKNOWN}
    for number in shop.ids("ProductVariant"):
        variant = shop.variants[number]
        known = variant.item.tracked and not variant.product.gift_card
        sold = variant.product.status in {"ACTIVE", "UNLISTED"}
        if variant.item.sku not in seen and known and sold:
            seen.add(variant.item.sku)
            yield variant


def _products(shops: Iterable[SandboxShop]) -> Iterator[RemoteProduct]:
    """One product to a SKU, named after its oldest listing (`reference/sumtracker.md` §6.5)."""
    numbers = count(_FIRST_PRODUCT, 3)
    seen: set[str] = set()
    for variant in (variant for shop in shops for variant in _first_listings(shop)):
        sku = variant.item.sku
        if sku not in seen:
            seen.add(sku)
            options = " / ".join(value for name, value in variant.options if name != "Title")
            kind = "BUNDLE" if sku in BUNDLES else "NONE"
            yield RemoteProduct(next(numbers), sku, variant.product.title, options, variant.barcode, kind)
    for sku, name, _ in _UNSOLD:
        yield RemoteProduct(next(numbers), sku, name, "", "", "NONE")


def _unsold(ids: dict[str, int]) -> Iterator[RemoteLevel]:
    for sku, _, units in _UNSOLD:
        yield RemoteLevel(ids[sku], DEPOT.remote_id, units, 0, units, 0)


def _counted(
    shops: Iterable[SandboxShop], ids: dict[str, int], chance: random.Random
) -> Iterator[RemoteLevel]:
    """What was counted at the shops' places. Where two shops share a warehouse, the first one's number is its."""
    done: set[tuple[str, int]] = set()
    for shop in shops:
        for variant in _first_listings(shop):
            sku = variant.item.sku
            for level in variant.item.levels.values():
                warehouse = COUNTED_AT.get((shop.facts.name, level.location.name))
                if warehouse is None or sku in BUNDLES or (sku, warehouse.remote_id) in done:
                    continue
                done.add((sku, warehouse.remote_id))
                # A bundle with a component nobody counted would have no number to show.
                if sku in _COMPONENTS or chance.random() > 0.02:
                    yield RemoteLevel(ids[sku], warehouse.remote_id, *_numbers(level.available, chance))


def _numbers(shown: int, chance: random.Random) -> tuple[int, int, int, int]:
    """In stock, booked, available and incoming where the store showed `shown` when it was last compared."""
    off = chance.choice((-3, -2, -1, 1, 2, 5)) if shown > 3 and chance.random() < 0.06 else 0
    available = shown + off
    # Nothing is in stock below zero: what is missing was promised.
    booked = max(-available, chance.randint(1, 2) if chance.random() < 0.03 else 0)
    incoming = 12 * chance.randint(1, 4) if chance.random() < 0.03 else 0
    return available + booked, booked, available, incoming
