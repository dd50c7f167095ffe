"""The control requests (`/sandbox/…`): for tests and demos, not for a client. `README.md` describes them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from supportdesk.sandbox import control_stock
from supportdesk.sandbox.clock import stamp
from supportdesk.sandbox.faults import Fault
from supportdesk.sandbox.service import Service


class ClockChange(msgspec.Struct, forbid_unknown_fields=True):
    """What `POST /sandbox/clock` takes."""

    advance: float = 0.0
    """Seconds to move forward."""
    running: bool | None = None
    """Whether it moves by itself from now on."""


class Clear(msgspec.Struct, forbid_unknown_fields=True):
    """What `POST /sandbox/faults` takes to forget every fault."""

    clear: bool


def _wrong(message: str, status: int = 400) -> Response:
    return JSONResponse({"error": message}, status)


def control_routes(service: Service, allowed: Callable[[Request], bool]) -> list[Route]:
    """The routes. `allowed` says whether a request comes from this machine."""

    def guarded(
        handler: Callable[[bytes], dict[str, Any]] | None = None,
        *,
        asking: Callable[[Mapping[str, str]], dict[str, Any]] | None = None,
    ) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        async def answer(request: Request) -> Response:
            if not allowed(request):
                return _wrong("control requests are for this machine", 403)
            # A page in a browser can post a form anywhere, JSON it cannot.
            if request.method == "POST" and "json" not in request.headers.get("content-type", ""):
                return _wrong("control requests are JSON", 415)
            try:
                said = handler(await request.body()) if handler else asking(request.query_params)  # type: ignore[misc]
                return JSONResponse(said)
            except (msgspec.DecodeError, ValueError) as error:
                return _wrong(str(error))

        return answer

    def faults(body: bytes) -> dict[str, Any]:
        asked = msgspec.json.decode(body)
        if isinstance(asked, dict) and "clear" in asked:
            if msgspec.convert(asked, Clear).clear:
                service.faults.clear()
        else:
            service.faults.add(msgspec.convert(asked, Fault))
        return {"faults": service.faults.shown()}

    def clock(body: bytes) -> dict[str, Any]:
        asked = msgspec.json.decode(body, type=ClockChange)
        service.clock.advance(asked.advance)
        if asked.running is not None:
            service.clock.run(asked.running)
        return _time(service)

    def state(asked: Mapping[str, str]) -> dict[str, Any]:
        handles = [asked["shop"]] if "shop" in asked else list(service.shops)
        details = [name for name in asked.get("details", "").split(",") if name]
        return {
            **_time(service),
            "shops": [_shop(service, handle, details) for handle in handles],
            "faults": service.faults.shown(),
        }

    return [
        Route("/sandbox/orders", guarded(partial(control_stock.orders, service)), methods=["POST"]),
        Route("/sandbox/edits", guarded(partial(control_stock.edits, service)), methods=["POST"]),
        Route("/sandbox/fulfilments", guarded(partial(control_stock.fulfilments, service)), methods=["POST"]),
        Route("/sandbox/faults", guarded(faults), methods=["POST"]),
        Route("/sandbox/clock", guarded(clock), methods=["POST"]),
        Route("/sandbox/state", guarded(asking=state), methods=["GET"]),
    ]


def _time(service: Service) -> dict[str, Any]:
    return {"now": stamp(service.clock.now()), "running": service.clock.running}


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
            **control_stock.summary(service, shop),
            **control_stock.details(shop, details),
        }
