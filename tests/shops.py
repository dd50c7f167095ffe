"""Small pretend shops for any test: in memory, or served on loopback."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from supportdesk.core.catalog import LevelRow, ListingRow, Location
from supportdesk.core.listings import listing_row
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.store import SandboxShop

MAIN = Location(101, "Main St", city="Kendal", country="GB")
DEPOT = Location(102, "Depot", city="Penrith", country="GB")


def listing(number: int, sku: str, **more: object) -> ListingRow:
    """Listing `number` (its variant id), of product 1000 + number, with inventory item 2000 + number."""
    facts: dict[str, object] = {
        "variant_id": number,
        "item_id": 2000 + number,
        "product_id": 1000 + number,
        "handle": f"thing-{number}",
        "options": ["Default Title"],
        "title": f"Thing {number}",
        "sku": sku,
    }
    return listing_row(**(facts | more))  # type: ignore[arg-type]


def level(
    number: int, location: Location, available: int, committed: int = 0, active: bool = True
) -> LevelRow:
    """What the store shows for `listing(number)` at a location."""
    return LevelRow(2000 + number, location.id, active, available, committed, available + committed, 0)


def small_shop(
    handle: str = "small-shop",
    *,
    clock: Clock | None = None,
    locations: Iterable[Location] = (MAIN, DEPOT),
    listings: Iterable[ListingRow] | None = None,
    levels: Iterable[LevelRow] | None = None,
) -> SandboxShop:
    """A shop with three listings (SKUs A-1, A-1, B-2) at Main St and the Depot, or with what is given; its clock stands still."""
    shop = SandboxShop(handle, clock=clock or Clock(running=False))
    if listings is None:
        listings = [listing(1, "A-1"), listing(2, "A-1"), listing(3, "B-2")]
        levels = [level(1, MAIN, 5, 2), level(1, DEPOT, 7), level(2, MAIN, 3), level(3, MAIN, 0)]
    return shop.fill(locations, listings, levels or ())


@contextlib.contextmanager
def running_shop(shop: SandboxShop | None = None) -> Iterator[tuple[str, str, SandboxShop]]:
    """Serve a shop (default `small_shop()`) on a free port: gives its address, its token and the shop."""
    from supportdesk.sandbox.server import create_app, running

    shop = shop or small_shop()
    with running(create_app([shop])) as url:
        yield url, shop.token, shop
