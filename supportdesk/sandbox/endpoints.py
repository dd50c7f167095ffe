"""The Admin API's addresses: which shop and app a request is for, and what it is answered, faults included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from supportdesk.sandbox.access import TOKEN_SECONDS, App
from supportdesk.sandbox.execution import answer, whole_error
from supportdesk.sandbox.faults import Fault, Kind
from supportdesk.sandbox.problems import internal_error, timed_out
from supportdesk.sandbox.replies import (
    BAD_TOKEN,
    BrokenBody,
    Sleep,
    expired_file,
    graphql_body,
    graphql_headers,
    html_page,
    refused,
    too_many,
)
from supportdesk.sandbox.service import Service
from supportdesk.sandbox.store import SandboxShop
from supportdesk.sandbox.versions import answering

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]", "testserver"})
_DOMAIN: Final = ".myshopify.com"
_JSONL: Final = "application/jsonl"
_FAILURES: Final[tuple[Kind, ...]] = ("bad_gateway", "dropped_before", "timeout", "internal_error")
"""Faults in place of an answer; all but `dropped_before` can come after the request was carried out."""

Asked = tuple[str, dict[str, Any], str | None]
"""Document, variables, operation name."""


def _host(request: Request) -> str:
    """The Host header without its port."""
    host = request.headers.get("host", "").lower()
    return host if host.endswith("]") else host.rsplit(":", 1)[0] if ":" in host else host


def is_loopback(request: Request) -> bool:
    """Whether the request names this machine and nothing else: a web page elsewhere cannot make one that does."""
    return _host(request) in _LOOPBACK


class Endpoints:
    """The addresses, over one service."""

    def __init__(self, service: Service, sleep: Sleep) -> None:
        self.service = service
        self.sleep = sleep

    def _shops(self, request: Request) -> list[SandboxShop]:
        """The shop the Host header names, or all on loopback. Raises KeyError for one that is not ours."""
        host = _host(request)
        if host in _LOOPBACK:
            return list(self.service.shops.values())
        if not host.endswith(_DOMAIN):
            raise KeyError(host)
        return [self.service.shops[host.removesuffix(_DOMAIN)]]

    def _asking(self, shops: list[SandboxShop], token: str) -> tuple[SandboxShop, App] | None:
        """The shop and the app behind a token; None for a token that is not good there."""
        now = self.service.clock.seconds()
        for shop in shops:
            for app in shop.apps:
                if token and app.accepts(token, now):
                    revoked = self.service.faults.strike("token_revoked", shop.handle)
                    given = app.given_at(token)
                    return None if any(given <= one.began for one in revoked) else (shop, app)
        return None

    # --- GraphQL ---------------------------------------------------------------------------------------------------

    async def graphql(self, request: Request) -> Response:
        """`POST /admin/api/VERSION/graphql.json`."""
        version = answering(request.path_params["version"])
        try:
            shops = self._shops(request)
        except KeyError:
            return refused(404, "Not Found")
        if version is None:
            return refused(404, "Not Found")
        asking = self._asking(shops, request.headers.get("x-shopify-access-token", ""))
        if asking is None:
            return refused(401, BAD_TOKEN)
        try:
            asked = _read_request(request.headers.get("content-type", ""), await request.body())
        except ValueError:
            return refused(400, "Bad Request")
        if asked is None:
            return refused(400, {"query": "Required parameter missing or invalid"})
        shop, app = asking
        return self._edge(shop, asked[0]) or await self._answered(request, shop, app, asked, version)

    def _edge(self, shop: SandboxShop, document: str) -> Response | None:
        """What goes wrong before the request reaches the shop."""
        faults, handle = self.service.faults, shop.handle
        if fault := faults.take("too_many_requests", handle, document):
            return too_many(fault.wait)
        if faults.take("html", handle, document):
            return html_page(200)
        return None

    async def _answered(
        self, request: Request, shop: SandboxShop, app: App, asked: Asked, version: str
    ) -> Response:
        faults, handle, document = self.service.faults, shop.handle, asked[0]
        if fault := faults.take("fall_forward", handle, document):
            version = fault.version
        if faults.take("throttled", handle, document):
            self.service.bucket(shop, app).empty()
        failure = next((one for kind in _FAILURES if (one := faults.take(kind, handle, document))), None)
        if failure is None or (failure.after and failure.kind != "dropped_before"):
            reply = await run_in_threadpool(self._run, shop, app, _base_url(request), asked)
        if failure is None:
            return self._sent(graphql_body(reply), version, handle, document)
        match failure.kind:
            case "bad_gateway":
                return html_page(502)
            case "dropped_before":
                body = graphql_body(whole_error(internal_error()))
                return BrokenBody(body, stop=0, sleep=self.sleep, headers=graphql_headers(version))
            case "timeout":
                reply = whole_error(timed_out())
            case _:
                reply = whole_error(internal_error())
        return self._sent(graphql_body(reply), version, handle, document)

    def _run(self, shop: SandboxShop, app: App, base: str, asked: Asked) -> dict[str, Any]:
        with shop.lock:
            context = self.service.context(shop, app, base, asked[0])
            return answer(context, self.service.bucket(shop, app), *asked)

    def _sent(self, body: bytes, version: str, handle: str, document: str) -> Response:
        faults, headers = self.service.faults, graphql_headers(version)
        if fault := faults.take("dropped", handle, document):
            return BrokenBody(body, stop=_stop(fault, len(body)), sleep=self.sleep, headers=headers)
        if fault := faults.take("slow", handle, document):
            return BrokenBody(body, seconds=fault.wait, sleep=self.sleep, headers=headers)
        return Response(body, headers=headers)

    # --- bulk files ------------------------------------------------------------------------------------------------

    async def bulk_file(self, request: Request) -> Response:
        """`GET /bulk/SHOP/NUMBER/SIGNATURE.jsonl`: no token, like the signed address of the real file store."""
        shop = self.service.shops.get(request.path_params["shop"])
        path = self._file(shop, request) if shop else None
        if shop is None or path is None:
            return expired_file()
        faults, headers = self.service.faults, {"content-type": _JSONL}
        if fault := faults.take("file_cut", shop.handle):
            body = path.read_bytes()
            return BrokenBody(body, stop=_stop(fault, len(body)), sleep=self.sleep, headers=headers)
        if fault := faults.take("file_short", shop.handle):
            body = path.read_bytes()
            return Response(body[: _stop(fault, len(body))], headers=headers)
        if fault := faults.take("file_slow", shop.handle):
            return BrokenBody(path.read_bytes(), seconds=fault.wait, sleep=self.sleep, headers=headers)
        return FileResponse(path, media_type=_JSONL)

    def _file(self, shop: SandboxShop, request: Request) -> Path | None:
        number, signature = request.path_params["number"], request.path_params["signature"]
        with shop.lock:
            for app in shop.apps:
                bulk = self.service.bulk(shop, app)
                operation = bulk.get(number)
                if operation is None or signature != f"{bulk.signature(operation)}.jsonl":
                    continue
                bulk.refresh(operation, self.service.context(shop, app, _base_url(request)))
                return operation.path if operation.path and operation.path.exists() else None
        return None

    # --- tokens ----------------------------------------------------------------------------------------------------

    async def token(self, request: Request) -> Response:
        """`POST /admin/oauth/access_token`: the client-credentials grant."""
        try:
            shops = self._shops(request)
        except KeyError:
            return refused(404, "Not Found")
        asked = _form(request.headers.get("content-type", ""), await request.body())
        if asked.get("grant_type") != "client_credentials":
            said = "The authorization grant type is not supported."
            return JSONResponse({"error": "unsupported_grant_type", "error_description": said}, 400)
        known = (asked.get("client_id"), asked.get("client_secret"))
        for shop in shops:
            for app in shop.apps:
                if known == (app.client_id, app.client_secret):
                    token = app.grant(self.service.clock.seconds())
                    scope = ",".join(sorted(app.scopes))
                    return JSONResponse({"access_token": token, "scope": scope, "expires_in": TOKEN_SECONDS})
        said = "Client authentication failed due to unknown client or wrong secret."
        return JSONResponse({"error": "invalid_client", "error_description": said}, 400)


def _stop(fault: Fault, size: int) -> int:
    return size // 2 if fault.after_bytes is None else fault.after_bytes


def _form(content_type: str, body: bytes) -> dict[str, str]:
    """A form or a JSON object as text by name; {} for anything else."""
    if "json" not in content_type:
        return dict(parse_qsl(body.decode("utf-8", "replace")))
    try:
        read = json.loads(body)
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in read.items()} if isinstance(read, dict) else {}


def _read_request(content_type: str, body: bytes) -> Asked | None:
    """What is asked; None where there is no document. Raises ValueError for what cannot be read."""
    if content_type.startswith("application/graphql"):
        return body.decode(), {}, None
    read = json.loads(body)
    if not isinstance(read, dict) or not isinstance(read.get("query"), str):
        return None
    variables = read.get("variables")
    if isinstance(variables, str):
        variables = json.loads(variables or "{}")
    return read["query"], variables if isinstance(variables, dict) else {}, read.get("operationName") or None


def _base_url(request: Request) -> str:
    """Where we listen, whatever the Host header says."""
    server = request.scope.get("server") or ("127.0.0.1", 80)
    return f"http://{server[0]}:{server[1]}"
