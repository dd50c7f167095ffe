"""The control requests (`/sandbox/…`): for tests and demos, not for a client. `README.md` describes them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from supportdesk.sandbox import control_stock, truth
from supportdesk.sandbox.clock import stamp
from supportdesk.sandbox.faults import Fault
from supportdesk.sandbox.service import Service

MOST_LAG: Final = 86_400.0
"""Seconds a lag can be set to at most."""

Handler = Callable[[bytes, Mapping[str, str]], dict[str, Any]]
"""What answers a control request: its body and what stands behind `?`."""


class LagChange(msgspec.Struct, forbid_unknown_fields=True):
    """Lags to set, in seconds at most; one that is not said stays."""

    commit: float | None = None
    visibility: float | None = None
    index: float | None = None


class ClockChange(msgspec.Struct, forbid_unknown_fields=True):
    """What `POST /sandbox/clock` takes."""

    advance: float = 0.0
    """Seconds to move forward."""
    running: bool | None = None
    """Whether it moves by itself from now on."""
    lags: LagChange | None = None
    """What to set of every shop's lags."""


class Clear(msgspec.Struct, forbid_unknown_fields=True):
    """What `POST /sandbox/faults` takes to forget every fault."""

    clear: bool


def _wrong(message: str, status: int = 400) -> Response:
    return JSONResponse({"error": message}, status)


def control_routes(service: Service, allowed: Callable[[Request], bool]) -> list[Route]:
    """The routes. `allowed` says whether a request comes from this machine."""

    def guarded(handler: Handler) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        async def answer(request: Request) -> Response:
            if not allowed(request):
                return _wrong("control requests are for this machine", 403)
            # A page in a browser can post a form anywhere, JSON it cannot.
            if request.method == "POST" and "json" not in request.headers.get("content-type", ""):
                return _wrong("control requests are JSON", 415)
            try:
                body = await request.body()
                return JSONResponse(await run_in_threadpool(handler, body, request.query_params))
            except (msgspec.DecodeError, ValueError) as error:
                return _wrong(str(error))

        return answer

    def faults(body: bytes, asked_for: Mapping[str, str]) -> dict[str, Any]:
        asked = msgspec.json.decode(body)
        if isinstance(asked, dict) and "clear" in asked:
            if msgspec.convert(asked, Clear).clear:
                service.faults.clear()
        else:
            service.faults.add(msgspec.convert(asked, Fault))
        return {"faults": service.faults.shown()}

    def clock(body: bytes, asked_for: Mapping[str, str]) -> dict[str, Any]:
        asked = msgspec.json.decode(body, type=ClockChange)
        service.clock.advance(asked.advance)
        if asked.running is not None:
            service.clock.run(asked.running)
        if asked.lags is not None:
            _set_lags(service, asked.lags)
        return _time(service)

    def state(body: bytes, asked: Mapping[str, str]) -> dict[str, Any]:
        handles = [asked["shop"]] if "shop" in asked else list(service.shops)
        details = [name for name in asked.get("details", "").split(",") if name]
        return {
            **_time(service),
            "shops": [_shop(service, handle, details) for handle in handles],
            "faults": service.faults.shown(),
        }

    def about_stock(handler: Callable[[Service, bytes], dict[str, Any]]) -> Handler:
        return lambda body, asked_for: handler(service, body)

    return [
        Route("/sandbox/orders", guarded(about_stock(control_stock.orders)), methods=["POST"]),
        Route("/sandbox/edits", guarded(about_stock(control_stock.edits)), methods=["POST"]),
        Route("/sandbox/fulfilments", guarded(about_stock(control_stock.fulfilments)), methods=["POST"]),
        Route("/sandbox/faults", guarded(faults), methods=["POST"]),
        Route("/sandbox/clock", guarded(clock), methods=["POST"]),
        Route("/sandbox/state", guarded(state), methods=["GET"]),
    ]


def _time(service: Service) -> dict[str, Any]:
    return {"now": stamp(service.clock.now()), "running": service.clock.running}


def _set_lags(service: Service, asked: LagChange) -> None:
    given = {name: lag for name, lag in msgspec.structs.asdict(asked).items() if lag is not None}
    if any(not 0 <= lag <= MOST_LAG for lag in given.values()):
        raise ValueError(f"a lag is 0 to {MOST_LAG:,.0f} seconds")
    for shop in service.shops.values():
        with shop.lock:
            shop.catch_up()
            for name, lag in given.items():
                setattr(shop.lags, name, lag)


def _shop(service: Service, handle: str, details: Sequence[str]) -> dict[str, Any]:
    shop = control_stock.shop_of(service, handle)
    with shop.lock:
        shop.catch_up()
        bulk = service.bulk(shop, shop.app)
        return {
            "handle": handle,
            "name": shop.facts.name,
            "domain": shop.domain,
            "locations": len(shop.locations),
            "products": len(shop.products),
            "listings": shop.listing_count(),
            "levels": sum(len(levels) for levels in shop.levels_by_location.values()),
            "points": service.bucket(shop, shop.app).status()["currentlyAvailable"],
            "bulk_operations": [{"id": one.id, "status": one.status} for one in bulk.operations.values()],
            **truth.summary(service.life(shop), shop),
            **truth.details(shop, details),
        }
