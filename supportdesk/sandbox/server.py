"""The sandbox over HTTP: which shop a request is for, tokens, versions, headers; and running it on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import threading
import uuid
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from supportdesk.sandbox.access import TOKEN_SECONDS, App
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.execution import answer
from supportdesk.sandbox.service import Service
from supportdesk.sandbox.store import SandboxShop
from supportdesk.sandbox.versions import answering

HOST: Final = "127.0.0.1"
_BAD_TOKEN: Final = "[API] Invalid API key or access token (unrecognized login or wrong password)"
_LOOPBACK: Final = frozenset({HOST, "localhost", "[::1]", "testserver"})
_DOMAIN: Final = ".myshopify.com"


def _refused(status: int, errors: Any) -> Response:
    return JSONResponse({"errors": errors}, status_code=status)


def _host(request: Request) -> str:
    """The Host header without its port."""
    host = request.headers.get("host", "")
    return host if host.endswith("]") else host.rsplit(":", 1)[0] if ":" in host else host


def is_loopback(request: Request) -> bool:
    """Whether the request names this machine and nothing else: a web page elsewhere cannot make one that does."""
    return _host(request).lower() in _LOOPBACK


class _Endpoints:
    """The Admin API's addresses, over one service."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def _named_shop(self, request: Request) -> SandboxShop | None:
        """The shop the Host header names; None on loopback. Raises KeyError for one that is not ours."""
        host = _host(request).lower()
        if host in _LOOPBACK:
            return None
        if not host.endswith(_DOMAIN):
            raise KeyError(host)
        return self.service.shops[host.removesuffix(_DOMAIN)]

    def _asking(self, request: Request) -> tuple[SandboxShop, App] | None:
        """The shop and the app behind the request's token; None for a token that is not good there."""
        named = self._named_shop(request)
        token = request.headers.get("x-shopify-access-token", "")
        now = self.service.clock.seconds()
        for shop in self.service.shops.values() if named is None else (named,):
            for app in shop.apps:
                if token and app.accepts(token, now):
                    return shop, app
        return None

    async def graphql(self, request: Request) -> Response:
        """`POST /admin/api/VERSION/graphql.json`."""
        version = answering(request.path_params["version"])
        try:
            asking = self._asking(request)
        except KeyError:
            return _refused(404, "Not Found")
        if version is None:
            return _refused(404, "Not Found")
        if asking is None:
            return _refused(401, _BAD_TOKEN)
        body = await request.body()
        try:
            asked = _read_request(request.headers.get("content-type", ""), body)
        except ValueError as error:
            return _refused(400, str(error))
        if asked is None:
            return _refused(400, {"query": "Required parameter missing or invalid"})
        shop, app = asking
        reply = await run_in_threadpool(self._run, shop, app, _base_url(request), *asked)
        return _json(reply, version)

    def _run(
        self, shop: SandboxShop, app: App, base: str, text: str, variables: dict[str, Any], name: str | None
    ) -> dict[str, Any]:
        with shop.lock:
            context = self.service.context(shop, app, base)
            return answer(context, self.service.bucket(shop, app), text, variables, name)

    async def token(self, request: Request) -> Response:
        """`POST /admin/oauth/access_token`: the client-credentials grant."""
        try:
            named = self._named_shop(request)
        except KeyError:
            return _refused(404, "Not Found")
        asked = await _form(request)
        if asked.get("grant_type") != "client_credentials":
            return JSONResponse(
                {"error": "unsupported_grant_type", "error_description": "The grant type is not supported."},
                400,
            )
        for shop in self.service.shops.values() if named is None else (named,):
            for app in shop.apps:
                if (
                    asked.get("client_id") == app.client_id
                    and asked.get("client_secret") == app.client_secret
                ):
                    token = app.grant(self.service.clock.seconds())
                    scope = ",".join(sorted(app.scopes))
                    return JSONResponse({"access_token": token, "scope": scope, "expires_in": TOKEN_SECONDS})
        return JSONResponse(
            {"error": "invalid_client", "error_description": "Client authentication failed."}, status_code=400
        )


async def _form(request: Request) -> dict[str, str]:
    """A form or a JSON object as text by name; {} for anything else."""
    body = await request.body()
    if "json" in request.headers.get("content-type", ""):
        try:
            read = json.loads(body)
        except ValueError:
            return {}
        return {str(name): str(value) for name, value in read.items()} if isinstance(read, dict) else {}
    from urllib.parse import parse_qsl

    return dict(parse_qsl(body.decode("utf-8", "replace")))


def _read_request(content_type: str, body: bytes) -> tuple[str, dict[str, Any], str | None] | None:
    """Document, variables and operation name; None where there is no document. Raises ValueError for no JSON."""
    if content_type.startswith("application/graphql"):
        return body.decode(), {}, None
    try:
        read = json.loads(body)
    except ValueError:
        raise ValueError("Bad Request") from None
    if not isinstance(read, dict) or not isinstance(read.get("query"), str):
        return None
    variables = read.get("variables")
    if isinstance(variables, str):
        variables = json.loads(variables or "{}")
    name = read.get("operationName")
    return read["query"], variables if isinstance(variables, dict) else {}, name or None


def _base_url(request: Request) -> str:
    server = request.scope.get("server") or (HOST, 80)
    return f"http://{server[0]}:{server[1]}"


def _json(reply: dict[str, Any], version: str) -> Response:
    body = json.dumps(reply, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"x-shopify-api-version": version, "x-request-id": str(uuid.uuid4())}
    return Response(body, headers=headers, media_type="application/json; charset=utf-8")


class _DateHeader:
    """Every answer's `Date` is the sandbox's clock, not the machine's."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self.app = app
        self.clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                now = self.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
                message["headers"] = [*message.get("headers", ()), (b"date", now.encode())]
            await send(message)

        await self.app(scope, receive, dated)


def create_app(
    shops: Iterable[SandboxShop],
    *,
    clock: Clock | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Starlette:
    """The sandbox's ASGI application for `shops`, which should share `clock` (default: the first shop's)."""
    service = Service(shops, clock)
    endpoints = _Endpoints(service)
    routes = [
        Route("/admin/api/{version}/graphql.json", endpoints.graphql, methods=["POST"]),
        Route("/admin/oauth/access_token", endpoints.token, methods=["POST"]),
    ]

    async def missing(request: Request, error: Exception) -> Response:
        return _refused(404, "Not Found")

    app = Starlette(
        routes=routes,
        middleware=[Middleware(_DateHeader, clock=service.clock)],
        exception_handlers={404: missing},
    )
    app.state.service = service
    return app


# --- running it ----------------------------------------------------------------------------------------------------


class _Server(uvicorn.Server):
    """uvicorn, telling when it listens, and ending on a signal without raising that signal again."""

    def __init__(self, app: ASGIApp, on_ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="asyncio",
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._on_ready = on_ready
        self.stopped_by = 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def stop(number: int, frame: Any) -> None:
            self.stopped_by = number
            self.should_exit = True

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError:
        listening.close()
        raise
    return listening


def serve(app: ASGIApp, port: int = 0, on_ready: Callable[[str], None] | None = None) -> int:
    """Serve `app` on loopback until SIGTERM or SIGINT; say the signal's number (0 where it ended otherwise).

    `port` 0 takes a free one. `on_ready` hears the address (`http://127.0.0.1:PORT`) once it listens.
    Raises OSError where the port is taken.
    """
    with _listen(port) as listening:
        url = f"http://{HOST}:{listening.getsockname()[1]}"
        server = _Server(app, lambda: on_ready(url) if on_ready else None)
        server.run(sockets=[listening])
    return server.stopped_by


@contextlib.contextmanager
def running(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serve `app` from a thread for the length of a `with` block; gives its address. For tests and demos."""
    ready = threading.Event()
    with _listen(port) as listening:
        server = _Server(app, ready.set)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listening]}, name="sandbox", daemon=True
        )
        thread.start()
        try:
            while not ready.wait(0.05):
                if not thread.is_alive():
                    raise RuntimeError("the sandbox did not start")
            yield f"http://{HOST}:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
