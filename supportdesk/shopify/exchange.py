"""One HTTP request to the store and its whole reply, and what an HTTP status means. Nothing here knows GraphQL or holds a token."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from supportdesk.errors import (
    AnswerUnreadable,
    QueryRefused,
    ShopMissing,
    StoreBusy,
    StoreError,
    StoreUnreachable,
    TokenRefused,
)
from supportdesk.shopify.json_text import decode
from supportdesk.shopify.waiting import Trouble
from supportdesk.waiting import seconds_asked

if TYPE_CHECKING:
    import httpx

REQUEST_SECONDS: Final = 30.0
"""To connect, and between two pieces of an answer (`reference/shopify.md` §7)."""
ANSWER_SECONDS: Final = 60.0
"""For one whole answer, however steadily it trickles in."""

_TRY_LATER: Final = "Try again in a few minutes."
_CHECK_NETWORK: Final = "Check the network, then try again."
_CHECK_HANDLE: Final = "Check the network and the shop's handle, then try again."
"""A host that is not there may be a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole HTTP reply."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = field(repr=False)
    seconds: float
    """From sending to the last byte."""

    @property
    def unix_date(self) -> float | None:
        """The store's clock (`Date`), whole seconds since 1970; None where it says none."""
        try:
            return parsedate_to_datetime(self.headers["date"]).timestamp()
        except (KeyError, ValueError):
            return None


def http_client(
    through_proxy: bool, transport: httpx.BaseTransport | None, headers: Mapping[str, str]
) -> httpx.Client:
    """A client that follows no redirect. Raises `StoreUnreachable` where the environment's proxy or certificates cannot be used."""
    import httpx

    from supportdesk import __version__

    try:
        return httpx.Client(
            timeout=REQUEST_SECONDS,
            follow_redirects=False,
            trust_env=through_proxy,
            transport=transport,
            headers={"User-Agent": f"supportdesk/{__version__}", **headers},
        )
    except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
        kind = type(error).__name__
    # The library's words are left out: a proxy's address may hold a password.
    raise StoreUnreachable(
        f"The proxy or the certificates that the environment names cannot be used ({kind}).",
        "Check HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR; SOCKS proxies are not supported.",
    )


class Exchange:
    """A connection to one host. Redirects are not followed: the token goes to no other host."""

    def __init__(
        self,
        *,
        through_proxy: bool = True,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`through_proxy` False ignores the environment's proxies (loopback); `transport` replaces the network in tests."""
        import httpx

        self._httpx = httpx
        self._clock = clock
        self._http = http_client(through_proxy, transport, {"Accept": "application/json"})

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float | None = None
    ) -> Reply:
        """The reply to one POST, whatever its status. Raises `Trouble` where no whole reply came.

        `seconds` shortens the time-outs, for a request that somebody waits for on the way out.
        """
        started = self._clock()
        deadline = started + (seconds or ANSWER_SECONDS)
        timeout = min(seconds or REQUEST_SECONDS, REQUEST_SECONDS)
        try:
            with self._http.stream(
                "POST", url, content=body, headers=dict(headers), timeout=timeout
            ) as response:
                pieces = []
                for piece in response.iter_bytes():
                    pieces.append(piece)
                    if self._clock() > deadline:
                        raise self._httpx.ReadTimeout("the answer trickles")
                return Reply(
                    response.status_code,
                    {name.lower(): value for name, value in response.headers.items()},
                    b"".join(pieces),
                    self._clock() - started,
                )
        except self._httpx.HTTPError as error:
            trouble = self._trouble(error, urlsplit(url).hostname or "the store")
        # Raised out here, so that it does not carry the library's error, whose request holds the token's header.
        raise trouble

    def _trouble(self, error: httpx.HTTPError, host: str) -> Trouble | StoreError:
        httpx = self._httpx
        if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)):
            reason = str(error)
            if "CERTIFICATE" in reason.upper():
                return StoreUnreachable(
                    f"The certificate of {host} is not one this machine trusts.",
                    "A proxy may be reading the connection: ask who runs the network.",
                )
            next_step = _CHECK_HANDLE if host.endswith(".myshopify.com") else _CHECK_NETWORK
            return Trouble(StoreUnreachable(f"No connection to {host}.", next_step))
        if isinstance(error, httpx.TimeoutException):
            return Trouble(
                StoreUnreachable(f"{host} gave no whole answer in time.", _TRY_LATER), executed=True
            )
        if isinstance(error, httpx.TransportError):
            return Trouble(
                StoreUnreachable(f"The connection to {host} broke off.", _CHECK_NETWORK), executed=True
            )
        return Trouble(
            AnswerUnreadable(f"What {host} sent could not be unpacked.", _TRY_LATER), executed=True
        )


def check_status(reply: Reply, host: str) -> None:
    """Return for status 200. Raises `Trouble` for what may pass, and a `StoreError` for what will not (`reference/shopify.md` §7)."""
    status = reply.status
    if status == 200:
        return
    if status in {429, 430}:
        asked = seconds_asked(reply.headers.get("retry-after"), time.time())
        raise Trouble(
            StoreBusy(f"{host} asks everyone to slow down (HTTP {status}).", _TRY_LATER), seconds=asked
        )
    if status >= 500 or status == 408:
        asked = seconds_asked(reply.headers.get("retry-after"), time.time())
        error = StoreUnreachable(f"{host} has a fault of its own (HTTP {status}).", _TRY_LATER)
        raise Trouble(error, seconds=asked, executed=True)
    raise _final_status(reply, host)


def _final_status(reply: Reply, host: str) -> StoreError:
    said = error_text(reply.body)
    quoted = f" It says: {said}" if said else ""
    match reply.status:
        case 401:
            return TokenRefused(
                f"{host} does not know this token.{quoted}", "Connect again with a new token."
            )
        case 402:
            return ShopMissing(f"{host} is frozen until the merchant pays Shopify.", "Ask the merchant.")
        case 403:
            return TokenRefused(
                f"{host} forbids this app or token.{quoted}",
                "Ask the merchant whether the app is still installed.",
            )
        case 404:
            return ShopMissing(f"There is no shop at {host}.", "Check the handle, then connect again.")
        case 423:
            return ShopMissing(f"{host} is locked by Shopify.", "Ask the merchant.")
        case status if 300 <= status < 400:
            target = urlsplit(reply.headers.get("location", "")).hostname or "another place"
            return ShopMissing(
                f"{host} sends us on to {target}; the token is not sent there.",
                "If the shop was renamed, connect with its new address.",
            )
        case status:
            return QueryRefused(f"{host} answered HTTP {status}.{quoted}", "Please report this.")


def error_text(body: bytes) -> str:
    """What a JSON body's `errors` (text, list or object) or `error_description` says, at most 200 characters; '' for none."""
    try:
        content = decode(body)
    except ValueError:
        return ""
    if not isinstance(content, dict):
        return ""
    errors = content.get("errors") or content.get("error_description") or content.get("error")
    if isinstance(errors, list):
        said = "; ".join(str(e.get("message", "") if isinstance(e, dict) else e) for e in errors)
    elif isinstance(errors, dict):
        said = "; ".join(f"{key}: {value}" for key, value in errors.items())
    else:
        said = str(errors or "")
    return said[:200]
