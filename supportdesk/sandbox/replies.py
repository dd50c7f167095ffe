"""HTTP answers that go wrong: slow bodies, bodies that stop in the middle, pages of HTML. And the right ones' headers."""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

Sleep = Callable[[float], Awaitable[None]]

BAD_TOKEN: Final = "[API] Invalid API key or access token (unrecognized login or wrong password)"
_CHUNKS: Final = 10
_PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Something went wrong</title></head>
<body><h1>{title}</h1><p>{text}</p></body></html>
"""
_EXPIRED: Final = (
    "<?xml version='1.0' encoding='UTF-8'?><Error><Code>ExpiredToken</Code>"
    "<Message>Invalid argument.</Message><Details>The provided token has expired.</Details></Error>"
)


class BrokenBody(Response):
    """A body that comes slowly (`seconds` in all), or stops after `stop` bytes although more was promised."""

    def __init__(
        self, content: bytes, *, stop: int | None = None, seconds: float = 0.0, sleep: Sleep, **more: Any
    ) -> None:
        super().__init__(content, **more)
        self._stop = len(content) if stop is None else min(stop, max(0, len(content) - 1))
        self._pause = seconds / _CHUNKS
        self._sleep = sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is to come. A body cut short ends without its last message, and the server then closes the connection."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        body = bytes(self.body)[: self._stop]
        step = max(1, -(-len(body) // _CHUNKS))
        for at in range(0, len(body), step):
            if self._pause:
                await self._sleep(self._pause)
            chunk = body[at : at + step]
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        if self._stop == len(self.body):
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def refused(status: int, errors: Any) -> Response:
    """An error in HTTP's own words; `errors` may be a string, as Shopify's are."""
    return JSONResponse({"errors": errors}, status_code=status)


def html_page(status: int) -> Response:
    """A page of HTML where JSON was asked for."""
    title, text = (
        ("502 Bad Gateway", "The server is taking a nap.") if status == 502 else ("Hello", "Log in.")
    )
    return Response(_PAGE.format(title=title, text=text), status, media_type="text/html; charset=utf-8")


def too_many(wait: float) -> Response:
    """429 from the edge."""
    said = "Exceeded the allowed calls per second for api client. Reduce request rates to resume uninterrupted service."
    return JSONResponse({"errors": said}, 429, headers={"retry-after": f"{wait:.1f}"})


def expired_file() -> Response:
    """What the file store says of an address that is no longer good."""
    return Response(_EXPIRED, 400, media_type="application/xml; charset=UTF-8")


def graphql_body(reply: dict[str, Any]) -> bytes:
    """A GraphQL reply as it goes out."""
    return json.dumps(reply, ensure_ascii=False, separators=(",", ":")).encode()


def graphql_headers(version: str) -> dict[str, str]:
    """The headers beside it."""
    return {
        "x-shopify-api-version": version,
        "x-request-id": str(uuid.uuid4()),
        "content-type": "application/json; charset=utf-8",
    }
