"""A pretend Sumtracker account: what it holds, and the four addresses of its REST API that are read (`reference/sumtracker.md` §6). What the demo's account holds is in `sumtracker_kestrel`."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from supportdesk.core.sumtracker_account import RemoteBundleLine, RemoteLevel, RemoteProduct, RemoteWarehouse
from supportdesk.sandbox.access import derived
from supportdesk.sandbox.faults import Faults
from supportdesk.sandbox.replies import BrokenBody, Sleep, html_page

FAULT_NAME: Final = "sumtracker"
"""What a fault's `shop` says to strike here and nowhere else."""
DEFAULT_LIMIT: Final = 50
LARGEST_LIMIT: Final = 100
"""Records a page: where nothing is said, and at most."""

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SumtrackerSide:
    """One account. Its levels are asked for in the order they stand here."""

    key: str = field(repr=False)
    warehouses: tuple[RemoteWarehouse, ...] = ()
    products: tuple[RemoteProduct, ...] = ()
    bundle_lines: tuple[RemoteBundleLine, ...] = ()
    levels: tuple[RemoteLevel, ...] = ()
    """Of products that are no bundle: a bundle's numbers are derived, and asked for at another address."""
    updated: str = "2026-11-20T16:04:31.000000Z"
    """When everything here was last changed."""


def key_of(name: str, seed: int) -> str:
    """The API key of the pretend account `name`: the same for the same seed, in the form of a real one."""
    prefix, secret = derived("sumtracker", name, str(seed)), derived("sumtracker key", name, str(seed))
    return f"{prefix[:8]}.{secret}"


def sumtracker_routes(side: SumtrackerSide, faults: Faults, sleep: Sleep) -> list[Route]:
    """The routes of the account `side`. `sleep` is what a slow body waits with."""
    endpoints = _Endpoints(side, faults, sleep)
    return [
        Route("/api/version/2025-03/settings/warehouses/", endpoints.warehouses, methods=["GET"]),
        Route("/api/version/2025-03/products/", endpoints.products, methods=["GET"]),
        Route("/api/version/2025-03/products/bundles/lines/", endpoints.bundle_lines, methods=["GET"]),
        Route("/api/version/2025-11/stock/levels/", endpoints.levels, methods=["GET"]),
    ]


class _Refused(Exception):
    """What the API answers instead of records."""

    def __init__(self, status: int, content: Any) -> None:
        super().__init__(content)
        self.response = JSONResponse(content, status)


class _Endpoints:
    """The addresses, over one account."""

    def __init__(self, side: SumtrackerSide, faults: Faults, sleep: Sleep) -> None:
        self._side = side
        self._faults = faults
        self._sleep = sleep
        self._products = {product.remote_id: self._product(product) for product in side.products}

    # --- the four addresses ----------------------------------------------------------------------------------------

    async def warehouses(self, request: Request) -> Response:
        """Every warehouse: a bare list."""
        return self._answered(
            request,
            lambda: [
                {"id": one.remote_id, "name": one.name, "code": one.code, "priority": one.priority}
                for one in self._side.warehouses
            ],
        )

    async def products(self, request: Request) -> Response:
        """Products, a page by offset; `sku` and `barcode` find exactly, `name` a part in any case."""

        def answer() -> Any:
            asked = request.query_params
            found = [
                one
                for one in self._side.products
                if asked.get("sku") in (None, "", one.sku)
                and asked.get("barcode") in (None, "", one.barcode)
                and asked.get("name", "").lower() in one.name.lower()
            ]
            return _offset_page(request, found, lambda one: self._products[one.remote_id])

        return self._answered(request, answer)

    async def bundle_lines(self, request: Request) -> Response:
        """Every component of every bundle, a page by offset."""

        def line(numbered: tuple[int, RemoteBundleLine]) -> Record:
            number, one = numbered
            return {
                "id": number,
                "product_id": one.bundle_id,
                "component_id": one.component_id,
                "quantity": one.quantity,
                "component": self._products.get(one.component_id),
            }

        return self._answered(
            request, lambda: _offset_page(request, list(enumerate(self._side.bundle_lines, 1)), line)
        )

    async def levels(self, request: Request) -> Response:
        """Stock levels of a warehouse or of a product, a page by cursor."""

        def answer() -> Any:
            product, warehouse = _number(request, "product"), _number(request, "warehouse")
            if product is None and warehouse is None:
                raise _Refused(400, {"detail": "product or warehouse required"})
            found = [
                (number, one)
                for number, one in enumerate(self._side.levels, 1)
                if product in (None, one.product_id) and warehouse in (None, one.warehouse_id)
            ]
            return _cursor_page(request, found, self._level)

        return self._answered(request, answer)

    # --- who asks, and what goes wrong -----------------------------------------------------------------------------

    def _answered(self, request: Request, answer: Callable[[], Any]) -> Response:
        path = request.url.path
        if failure := self._edge(path):
            return failure
        given = request.headers.get("authorization", "")
        revoked = self._faults.strike("token_revoked", FAULT_NAME, path)
        if revoked or not hmac.compare_digest(given.encode(), f"Api-Key {self._side.key}".encode()):
            said = "Invalid API key." if given else "Authentication credentials were not provided."
            return JSONResponse({"detail": said}, 401, headers={"www-authenticate": "Api-Key"})
        try:
            content = answer()
        except _Refused as refused:
            return refused.response
        return self._sent(json.dumps(content, ensure_ascii=False).encode(), path)

    def _edge(self, path: str) -> Response | None:
        faults = self._faults
        if fault := faults.take("too_many_requests", FAULT_NAME, path):
            said = f"Request was throttled. Expected available in {fault.wait:.0f} seconds."
            return JSONResponse({"detail": said}, 429, headers={"retry-after": f"{fault.wait:g}"})
        if faults.take("bad_gateway", FAULT_NAME, path):
            return html_page(502)
        if faults.take("html", FAULT_NAME, path):
            return html_page(200)
        if faults.take("internal_error", FAULT_NAME, path):
            return JSONResponse({"detail": "A server error occurred."}, 500)
        return None

    def _sent(self, body: bytes, path: str) -> Response:
        headers = {"content-type": "application/json"}
        if fault := self._faults.take("dropped", FAULT_NAME, path):
            stop = len(body) // 2 if fault.after_bytes is None else fault.after_bytes
            return BrokenBody(body, stop=stop, sleep=self._sleep, headers=headers)
        if fault := self._faults.take("slow", FAULT_NAME, path):
            return BrokenBody(body, seconds=fault.wait, sleep=self._sleep, headers=headers)
        return Response(body, headers=headers)

    # --- records ---------------------------------------------------------------------------------------------------

    def _product(self, product: RemoteProduct) -> Record:
        return {
            "id": product.remote_id,
            "name": product.name,
            "sku": product.sku,
            "variant_name": product.variant_name,
            "barcode": product.barcode,
            "bundle_type": product.bundle_type,
            "uom": "",
            "created": self._side.updated,
            "updated": self._side.updated,
            "wavg_landed_cost": "0.00",
            "notes": "",
            "image_url": None,
            "categories": None,
            "tags": None,
        }

    def _level(self, numbered: tuple[int, RemoteLevel]) -> Record:
        number, level = numbered
        return {
            "id": number,
            "updated": self._side.updated,
            "product_id": level.product_id,
            "product": self._products.get(level.product_id),
            "warehouse_id": level.warehouse_id,
            "in_stock": level.in_stock,
            "booked": level.booked,
            "available": level.available,
            "incoming": level.incoming,
        }


# --- pages ---------------------------------------------------------------------------------------------------------


def _limit(request: Request) -> int:
    """As asked, up to the largest; the default where what is asked is no number above 0."""
    asked = request.query_params.get("limit", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
    return min(number, LARGEST_LIMIT) or DEFAULT_LIMIT


def _number(request: Request, name: str) -> int | None:
    """A number of the query, None where it is not asked for."""
    text = request.query_params.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise _Refused(400, {name: ["Enter a number."]})
    return int(text)


def _offset_page(request: Request, rows: Sequence[Any], shown: Callable[[Any], Record]) -> Record:
    limit, asked = _limit(request), request.query_params.get("offset", "")
    offset = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
    here = request.url.include_query_params(limit=limit)
    before = max(0, offset - limit)
    return {
        "count": len(rows),
        "next": str(here.include_query_params(offset=offset + limit)) if offset + limit < len(rows) else None,
        "previous": str(here.include_query_params(offset=before)) if offset > 0 else None,
        "results": [shown(row) for row in rows[offset : offset + limit]],
    }


def _cursor_page(request: Request, rows: Sequence[Any], shown: Callable[[Any], Record]) -> Record:
    limit, start = _limit(request), _place(request.query_params.get("cursor", ""))

    def at(place: int) -> str:
        cursor = base64.b64encode(f"p={place}".encode()).decode()
        return str(request.url.include_query_params(cursor=cursor))

    return {
        "next": at(start + limit) if start + limit < len(rows) else None,
        "previous": at(max(0, start - limit)) if start > 0 else None,
        "results": [shown(row) for row in rows[start : start + limit]],
    }


def _place(cursor: str) -> int:
    """The place a cursor stands for; clients cannot read meaning into it."""
    if not cursor:
        return 0
    try:
        name, _, place = base64.b64decode(cursor, validate=True).decode("ascii").partition("=")
    except (binascii.Error, ValueError):
        name = place = ""
    if name != "p" or not place.isdigit() or len(place) > 18:
        raise _Refused(404, {"detail": "Invalid cursor"})
    return int(place)
