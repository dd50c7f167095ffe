"""Small pretend accounts for these tests: a side for the sandbox, and scripted answers for bad shapes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx

from supportdesk.core.sumtracker_account import RemoteBundleLine, RemoteLevel, RemoteProduct, RemoteWarehouse
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.faults import Faults
from supportdesk.sandbox.server import create_app, running
from supportdesk.sandbox.sumtracker import SumtrackerSide
from supportdesk.secret import Secret
from supportdesk.sumtracker.account import SumtrackerAccount, open_account
from supportdesk.sumtracker.exchange import WAITS
from tests.shops import small_shop

KEY = "Ab12Cd34." + "feedface" * 4
LOOPBACK = "http://127.0.0.1:9"

PRODUCT: dict[str, Any] = {
    "id": 7,
    "name": "Ridge tent",
    "sku": "KO-TENT-2P",
    "variant_name": None,
    "barcode": None,
    "bundle_type": "NONE",
    "uom": None,
    "tags": None,
    "a field of next year": {"more": 1},
}
LEVEL: dict[str, Any] = {
    "id": 1,
    "product_id": 7,
    "product": PRODUCT,
    "warehouse_id": 3,
    "in_stock": 9,
    "booked": 2,
    "available": 7,
    "incoming": 0,
}
LINE: dict[str, Any] = {"id": 4, "product_id": 20, "component_id": 7, "quantity": 2, "component": PRODUCT}
WAREHOUSE: dict[str, Any] = {"id": 3, "name": "Main Street", "code": "MAIN", "priority": 1}


def page(*records: Any, next_url: str | None = None, **more: Any) -> dict[str, Any]:
    """A page as the API gives it."""
    return {"next": next_url, "previous": None, "results": list(records), **more}


def side(products: int = 3) -> SumtrackerSide:
    """Two warehouses, so many products, each with a level at the first and every third at the second, and a bundle."""
    made = tuple(
        RemoteProduct(10 + n, f"SKU-{n}", f"Thing {n}", "Red / L" if n % 2 else "", f"50{n:011d}", "NONE")
        for n in range(products)
    )
    bundle = RemoteProduct(9, "KIT", "A kit", "", "", "BUNDLE")
    levels = [RemoteLevel(one.remote_id, 3, 9, 2, 7, 0) for one in made]
    levels += [RemoteLevel(one.remote_id, 5, -1, 1, -2, 12) for one in made[::3]]
    return SumtrackerSide(
        KEY,
        (RemoteWarehouse(3, "MAIN", "Main Street", 1), RemoteWarehouse(5, "DEPOT", "Depot", None)),
        (bundle, *made),
        tuple(RemoteBundleLine(9, one.remote_id, n + 1) for n, one in enumerate(made)),
        tuple(levels),
    )


@contextlib.contextmanager
def serving(of: SumtrackerSide) -> Iterator[tuple[str, Faults]]:
    """The sandbox with the account `of`, on a free port: its address and its faults."""
    faults = Faults(Clock(running=False))
    with running(create_app([small_shop()], faults=faults, sumtracker=of)) as url:
        yield url, faults


class Scripted:
    """Answers each request with the next of its replies, the last one again and again; keeps the requests."""

    def __init__(self, *replies: Any) -> None:
        self.requests: list[httpx.Request] = []
        self._replies = list(replies)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, httpx.Response):
            return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)
        if isinstance(reply, bytes):
            return httpx.Response(200, headers={"content-type": "application/json"}, content=reply)
        return httpx.Response(200, json=reply)

    @property
    def queries(self) -> list[dict[str, str]]:
        return [dict(request.url.params) for request in self.requests]


@contextlib.contextmanager
def asked_through(
    answer: Callable[[httpx.Request], httpx.Response],
    base_url: str | None = None,
    waits: Sequence[float] = WAITS,
) -> Iterator[SumtrackerAccount]:
    """An account whose network is `answer`."""
    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        yield open_account(Secret(KEY), base_url, http=http, waits=waits)
