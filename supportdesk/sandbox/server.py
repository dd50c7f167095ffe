"""The sandbox's ASGI application, and running it on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from supportdesk.sandbox.bulk import Pace
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.control import control_routes
from supportdesk.sandbox.endpoints import Endpoints, is_loopback
from supportdesk.sandbox.faults import Faults
from supportdesk.sandbox.replies import Sleep, refused
from supportdesk.sandbox.service import Service
from supportdesk.sandbox.store import SandboxShop
from supportdesk.sandbox.sumtracker import SumtrackerSide, sumtracker_routes

HOST: Final = "127.0.0.1"


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
    faults: Faults | None = None,
    pace: Pace | None = None,
    sleep: Sleep = asyncio.sleep,
    sumtracker: SumtrackerSide | None = None,
) -> Starlette:
    """The sandbox's ASGI application for `shops`, which should share `clock` (default: the first shop's).

    `pace` is how long bulk operations take, `sleep` what a slow body waits with, `sumtracker` the account whose REST API is
    served too. The running `Service` stands in `app.state.service`. Raises ValueError where there is no shop.
    """
    service = Service(shops, clock, faults, pace)
    endpoints = Endpoints(service, sleep)
    routes = [
        Route("/admin/api/{version}/graphql.json", endpoints.graphql, methods=["POST"]),
        Route("/admin/oauth/access_token", endpoints.token, methods=["POST"]),
        Route("/bulk/{shop}/{number:int}/{signature}", endpoints.bulk_file, methods=["GET"]),
        *control_routes(service, is_loopback),
        *(sumtracker_routes(sumtracker, service.faults, sleep) if sumtracker else ()),
    ]

    async def missing(request: Request, error: Exception) -> Response:
        return refused(404, "Not Found")

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
    # With its protocol named asyncio turns Nagle's algorithm off; else every reply waits 40 ms for an acknowledgement.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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
