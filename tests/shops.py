"""Small pretend shops for any test: in memory, in process, or served on loopback."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from starlette.applications import Starlette

from supportdesk.core.catalog import LevelRow, ListingRow, Location
from supportdesk.core.listings import listing_row
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.faults import Faults
from supportdesk.sandbox.server import create_app, running
from supportdesk.sandbox.service import Service
from supportdesk.sandbox.store import SandboxShop

with warnings.catch_warnings():
    # Starlette would rather have another HTTP library under its test client than the one this project uses.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

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
    shop = shop or small_shop()
    with running(create_app([shop])) as url:
        yield url, shop.token, shop


class InProcess:
    """A shop asked in process, through Starlette's test client (an `httpx.Client`): no socket, no thread of ours."""

    def __init__(self, *shops: SandboxShop, app: Starlette | None = None) -> None:
        self.shop = shops[0] if shops else small_shop()
        self.app = app or create_app(shops or [self.shop])
        self.client = TestClient(self.app)
        self.headers = {"x-shopify-access-token": self.shop.token}

    @property
    def service(self) -> Service:
        service: Service = self.app.state.service
        return service

    @property
    def faults(self) -> Faults:
        return self.service.faults

    def post(
        self, query: str, variables: dict[str, Any] | None = None, version: str = "2026-10", **more: Any
    ) -> Any:
        """The HTTP answer to a document; `more` goes to httpx."""
        more.setdefault("headers", self.headers)
        body = {"query": query, "variables": variables or {}}
        return self.client.post(f"/admin/api/{version}/graphql.json", json=body, **more)

    def ask(self, document: str, /, **variables: Any) -> dict[str, Any]:
        """The whole reply to a document."""
        reply: dict[str, Any] = self.post(document, variables).json()
        return reply

    def data(self, document: str, /, **variables: Any) -> Any:
        """The reply's data; fails the test where there were errors."""
        reply = self.ask(document, **variables)
        assert "errors" not in reply, reply["errors"]
        return reply["data"]

    def error(self, document: str, /, **variables: Any) -> dict[str, Any]:
        """The reply's only error."""
        (error,) = self.ask(document, **variables)["errors"]
        found: dict[str, Any] = error
        return found
