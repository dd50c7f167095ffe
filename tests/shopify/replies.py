"""A pretend store for one test: scripted replies by document, the requests it got, a watch that records, and a clock that waits move."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from supportdesk.errors import Cancelled
from supportdesk.secret import Secret
from supportdesk.shopify.address import API_VERSION, shop_address
from supportdesk.shopify.client import AdminClient
from supportdesk.shopify.exchange import Exchange
from supportdesk.shopify.store import ShopifyStore
from supportdesk.shopify.tokens import GivenToken

TOKEN = "shpat_" + "0123456789abcdef" * 2
ADDRESS = shop_address("kestrel-outdoor")

Reply = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


@dataclass
class Clock:
    """Seconds that pass only by waiting."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class RecordingWatch:
    """Records reports and waits; `cancel_after_waits` or `cancel_on_note` stop the work."""

    clock: Clock = field(default_factory=Clock)
    reports: list[tuple[str, int, int | None, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    cancel_after_waits: int | None = None
    cancelled: bool = False

    def report(
        self, phase: str, done: int = 0, total: int | None = None, *, unit: str = "", note: str = ""
    ) -> None:
        self.reports.append((phase, done, total, unit))
        if note:
            self.notes.append(note)

    def check(self) -> None:
        if self.cancelled:
            raise Cancelled("Stopped by the test.")

    def wait(self, seconds: float) -> None:
        self.check()
        self.waits.append(seconds)
        self.clock.seconds += seconds
        if self.cancel_after_waits is not None and len(self.waits) >= self.cancel_after_waits:
            self.cancelled = True
            self.check()


def body_of(request: httpx.Request) -> dict[str, Any]:
    """The JSON a document was sent in."""
    body: dict[str, Any] = json.loads(request.content)
    return body


class PretendStore:
    """Answers each document with its next scripted reply; the last one stays."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self._replies: dict[str, list[Reply]] = {}

    def on(self, operation: str, *replies: Reply) -> PretendStore:
        """Script the replies to an operation, or to another path where `operation` begins with `/`."""
        self._replies[operation] = list(replies)
        return self

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        replies = self._replies[self.name_of(request)]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, httpx.Response):
            # A response is read once; the same script may be played again.
            return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)
        return reply(request)

    @staticmethod
    def name_of(request: httpx.Request) -> str:
        """The operation of a document, the path of anything else."""
        is_document = request.url.path.endswith("/graphql.json")
        return str(body_of(request)["operationName"]) if is_document else request.url.path

    def names(self) -> list[str]:
        """`name_of` each request so far."""
        return [self.name_of(request) for request in self.requests]

    def variables(self, operation: str) -> list[dict[str, Any]]:
        """What each request for `operation` was sent with."""
        return [
            body_of(request)["variables"] for request in self.requests if self.name_of(request) == operation
        ]

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self)

    def client(self, clock: Clock | None = None) -> AdminClient:
        clock = clock or Clock()
        exchange = Exchange(transport=self.transport, clock=clock)
        return AdminClient(ADDRESS, GivenToken(Secret(TOKEN)), exchange, clock=clock)

    def store(self, clock: Clock | None = None) -> ShopifyStore:
        return ShopifyStore(self.client(clock), download_transport=self.transport)


def cost(
    requested: float = 10, available: float = 1990, rate: float = 100, maximum: float = 2000
) -> dict[str, Any]:
    """`extensions.cost` as the store tells it."""
    status = {"maximumAvailable": maximum, "currentlyAvailable": available, "restoreRate": rate}
    return {"requestedQueryCost": requested, "actualQueryCost": requested, "throttleStatus": status}


def data(content: dict[str, Any], **extensions: Any) -> httpx.Response:
    """An answer with data."""
    extensions.setdefault("cost", cost())
    return httpx.Response(
        200, headers={"X-Shopify-API-Version": API_VERSION}, json={"data": content, "extensions": extensions}
    )


def errors(*entries: Any, content: Any = None, **extensions: Any) -> httpx.Response:
    """An answer with top-level errors, and data where `content` is given."""
    body: dict[str, Any] = {"errors": list(entries), "extensions": extensions}
    if content is not None:
        body["data"] = content
    return httpx.Response(200, headers={"X-Shopify-API-Version": API_VERSION}, json=body)


def throttled(requested: float = 507, available: float = 7, rate: float = 100) -> httpx.Response:
    """HTTP 200, *Throttled*, no data (`reference/shopify.md` §7)."""
    entry = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
    return errors(entry, cost=cost(requested, available, rate))


SHOP: dict[str, Any] = {
    "shop": {
        "name": "Kestrel Outdoor",
        "myshopifyDomain": "kestrel-outdoor.myshopify.com",
        "ianaTimezone": "Europe/Berlin",
        "currencyCode": "EUR",
        "plan": {"publicDisplayName": "Grow"},
    },
    "currentAppInstallation": {
        "accessScopes": [{"handle": name} for name in ("read_products", "write_inventory", "read_locations")]
    },
}
