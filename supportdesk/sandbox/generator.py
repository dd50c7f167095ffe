"""Shops of any size out of a seed: for tests, benchmarks and the large demo. Nothing in them is meant to look real."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from supportdesk.core.catalog import Location
from supportdesk.sandbox.access import App
from supportdesk.sandbox.bulk import BulkOperations
from supportdesk.sandbox.bulk_rows import Counts, Root, roots_of, write_file
from supportdesk.sandbox.clock import Clock, stamp
from supportdesk.sandbox.context import Context
from supportdesk.sandbox.open_orders import give_open_orders
from supportdesk.sandbox.records import ItemRecord, LevelRecord, LocationRecord, ProductRecord, VariantRecord
from supportdesk.sandbox.store import SandboxShop

SNAPSHOT_QUERY: Final = """{
  productVariants {
    edges {
      node {
        id
        sku
        barcode
        inventoryPolicy
        requiresComponents
        selectedOptions { value }
        product { id handle title status isGiftCard }
        inventoryItem {
          id
          tracked
          inventoryLevels(includeInactive: true) {
            edges {
              node {
                id
                isActive
                location { id }
                item { id }
                quantities(names: ["available", "committed", "on_hand", "incoming"]) { name quantity }
              }
            }
          }
        }
      }
    }
  }
}
"""
"""A query for every listing and level."""

_STEP: Final = 32_768
_PRODUCT, _VARIANT, _ITEM, _LEVEL = (
    7_000_000_000_000,
    42_000_000_000_000,
    44_000_000_000_000,
    90_000_000_000_000,
)
_SIZES: Final = ("S", "M", "L", "XL")
_DUPLICATES: Final = 20
"""One listing in so many takes the SKU of an earlier one."""


class Generated:
    """The records of a shop with `listings` variants at `locations` places, one by one and the same for the same seed.

    Products have four variants. About one listing in 20 repeats an earlier SKU, one in 50 has none, one in 200 is
    untracked; one level in 20 is missing, one in 50 inactive, one in 100 negative.
    """

    def __init__(self, shop: SandboxShop, listings: int, locations: int, seed: int) -> None:
        self._count = listings
        self._seed = seed
        self._made_at = stamp(shop.clock.now())
        self._vendor = shop.facts.name
        self.places = [
            shop.add_location(Location(-number, f"Place {number}", city="Penrith", country="GB"))
            for number in range(1, locations + 1)
        ]

    def variants(self) -> Iterator[VariantRecord]:
        """Every variant with its product, item and levels, by rising id."""
        chance = random.Random(f"generated {self._seed}")
        product: ProductRecord | None = None
        for number in range(self._count):
            if product is None or number % len(_SIZES) == 0:
                product = self._product(number // len(_SIZES), chance.random())
            yield self._variant(product, number, chance)

    def _product(self, number: int, fate: float) -> ProductRecord:
        status = "DRAFT" if fate < 0.01 else "ARCHIVED" if fate < 0.02 else "ACTIVE"
        return ProductRecord(
            id=_PRODUCT + number * _STEP,
            handle=f"thing-{number}",
            title=f"Thing {number}",
            status=status,
            gift_card=False,
            vendor=self._vendor,
            created_at=self._made_at,
            updated_at=self._made_at,
        )

    def _sku(self, number: int, chance: random.Random) -> str:
        fate = chance.random()
        if fate < 0.02:
            return ""
        if number and fate < 0.02 + 1 / _DUPLICATES:
            return f"GEN-{chance.randrange(number):07d}"
        return f"GEN-{number:07d}"

    def _variant(self, product: ProductRecord, number: int, chance: random.Random) -> VariantRecord:
        item = ItemRecord(
            id=_ITEM + number * _STEP,
            sku=self._sku(number, chance),
            tracked=chance.random() >= 0.005,
            requires_shipping=True,
            created_at=self._made_at,
            updated_at=self._made_at,
        )
        variant = VariantRecord(
            id=_VARIANT + number * _STEP,
            product=product,
            item=item,
            options=(("Size", _SIZES[number % len(_SIZES)]),),
            barcode=f"50{number:011d}",
            position=number % len(_SIZES) + 1,
            sells_when_out=False,
            bundle_parent=False,
            created_at=self._made_at,
            updated_at=self._made_at,
        )
        item.variants.append(variant)
        product.variants.append(variant)
        for at, place in enumerate(self.places):
            fate = chance.random()
            if fate < 0.05 and at:
                continue
            item.levels[place.id] = self._level(
                item, place, (number * len(self.places) + at), fate, chance.random()
            )
        return variant

    def _level(
        self, item: ItemRecord, place: LocationRecord, number: int, fate: float, more: float
    ) -> LevelRecord:
        return LevelRecord(
            number=_LEVEL + number * _STEP,
            item=item,
            location=place,
            active=fate >= 0.07,
            created_at=self._made_at,
            updated_at=self._made_at,
            available=-1 if more < 0.01 else int(more * 60),
            committed=1 if fate > 0.95 and item.tracked else 0,
        )


def generated_shop(
    handle: str = "generated",
    *,
    listings: int,
    locations: int = 2,
    seed: int = 1,
    clock: Clock | None = None,
) -> SandboxShop:
    """A shop in memory with that many listings and locations, and its open orders: about 2 KB a listing."""
    shop = SandboxShop(handle, seed=seed, clock=clock)
    for variant in Generated(shop, listings, locations, seed).variants():
        shop.adopt(variant)
    give_open_orders(shop)
    return shop


def write_bulk_file(
    path: Path,
    listings: int,
    locations: int = 2,
    seed: int = 1,
    query: str = SNAPSHOT_QUERY,
    grouped: bool = False,
) -> Counts:
    """Write the file a bulk operation of `query` over `generated_shop` would give, without holding the shop.

    `query` starts at `productVariants`. Memory stays flat whatever the number of listings. Says how many lines, listings and
    bytes there are. Raises ValueError for a query that starts elsewhere.
    """
    shop = SandboxShop("generated", seed=seed, clock=Clock(running=False))
    generated = Generated(shop, listings, locations, seed)
    bulk = BulkOperations(shop.clock, lambda: path.parent, "generated")
    app: App = shop.app
    roots = roots_of(query, Context(shop, app, app.allowed(), bulk, ""))
    if [root.type_name for root in roots] != ["ProductVariant"]:
        raise ValueError("the query must start at productVariants")
    with path.open("wb") as stream:
        lazy = [Root("ProductVariant", generated.variants, roots[0].plan)]
        return write_file(stream, lazy, grouped=grouped, seed=f"generated {seed}")
