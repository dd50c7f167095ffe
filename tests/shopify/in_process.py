"""`ShopifyStore` on a sandbox shop without a socket: requests go through Starlette's test client, waits move the sandbox's clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.store import SandboxShop
from supportdesk.secret import Secret
from supportdesk.shopify.address import shop_address
from supportdesk.shopify.client import AdminClient
from supportdesk.shopify.exchange import Exchange
from supportdesk.shopify.store import ShopifyStore
from supportdesk.shopify.tokens import GivenToken
from supportdesk.sync.store import EngineStore
from tests.shopify.replies import body_of
from tests.shops import InProcess

_PASSED_ON = ("x-shopify-access-token", "content-type")


@dataclass
class QuietWatch:
    """Waits by moving a clock, and counts the seconds."""

    clock: Clock
    waits: list[float] = field(default_factory=list)

    def report(
        self, phase: str, done: int = 0, total: int | None = None, *, unit: str = "", note: str = ""
    ) -> None: ...

    def check(self) -> None: ...

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.clock.advance(seconds)


class Asked:
    """A shop with a store of it, and every request that was made."""

    def __init__(self, shop: SandboxShop, api: InProcess | None = None) -> None:
        self.shop = shop
        self.api = api or InProcess(shop)
        self.requests: list[httpx.Request] = []
        self.costs: dict[str, tuple[int, int]] = {}
        """Points that each document asked for and used, the last time."""
        self.client = AdminClient(
            shop_address("small-shop"),
            GivenToken(Secret(shop.token)),
            Exchange(transport=httpx.MockTransport(self._send), clock=shop.clock.seconds),
            clock=shop.clock.seconds,
        )
        self.watch = QuietWatch(shop.clock)
        self.store = ShopifyStore(self.client)
        self.engine: EngineStore = self.store
        """The same: mypy proves that the Protocol is met."""

    def _send(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        headers = {name: request.headers[name] for name in _PASSED_ON}
        answer = self.api.client.post(request.url.path, content=request.content, headers=headers)
        if "json" in answer.headers["content-type"]:
            cost = answer.json().get("extensions", {}).get("cost")
            if cost:
                name = str(body_of(request)["operationName"])
                self.costs[name] = (cost["requestedQueryCost"], cost["actualQueryCost"])
        return httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.content)

    @property
    def now(self) -> int:
        """The sandbox's second."""
        return int(self.shop.clock.seconds())

    def names(self) -> list[str]:
        """The operation of each request."""
        return [str(body_of(request)["operationName"]) for request in self.requests]

    def variables(self, operation: str) -> list[dict[str, Any]]:
        """What each request for `operation` was sent with."""
        bodies = [body_of(request) for request in self.requests]
        return [body["variables"] for body in bodies if body["operationName"] == operation]
