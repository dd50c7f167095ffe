"""One question to the account, asked until there is JSON or a typed error: connection, key, status, retries. Nothing here knows what is asked."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from supportdesk.errors import (
    SumtrackerError,
    SumtrackerKeyRefused,
    SumtrackerUnreachable,
    SumtrackerUnreadable,
)
from supportdesk.secret import Secret
from supportdesk.sumtracker.address import on_loopback
from supportdesk.waiting import NotedWatch, abandonable, in_words, seconds_asked

if TYPE_CHECKING:
    import httpx
    from tenacity import RetryCallState

WAITS: Final = (1.0, 2.0)
"""Seconds before the second and the third try; there is no fourth (`reference/sumtracker.md` §6.1)."""
PATIENCE: Final = 180.0
"""Where the account asks for a longer wait than this, its trouble is told at once."""
REQUEST_SECONDS: Final = 30.0
"""To connect, and between two pieces of an answer."""
ANSWER_SECONDS: Final = 60.0
"""For one whole answer, however steadily it trickles in."""

_PASSING: Final = frozenset({429, 500, 502, 503, 504})
"""Statuses after which it is asked again (`reference/sumtracker.md` §6.1)."""
_TRY_LATER: Final = "Try again in a few minutes."
_CHECK_NETWORK: Final = "Check the network, then try again."


class Trouble(Exception):
    """Something went wrong that may go well the next time; `error` is what to tell after the last try."""

    def __init__(self, error: SumtrackerError, seconds: float | None = None) -> None:
        super().__init__(error.detail)
        self.error = error
        self.seconds = seconds
        """What the account asked for (`Retry-After`), None where it did not."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole HTTP reply."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = field(repr=False)


def usable_key(key: Secret) -> Secret:
    """`key` without white space around it. Raises `SumtrackerKeyRefused` where it is empty or cannot be sent as it is."""
    text = key.reveal().strip()
    if not text:
        raise SumtrackerKeyRefused(
            "The key is empty.", "Copy the API key from Sumtracker's settings, then try again."
        )
    if not text.isascii() or not text.isprintable() or " " in text:
        raise SumtrackerKeyRefused(
            "The key holds characters no key has.",
            "Copy it again, without quotes and without a word before it.",
        )
    return Secret(text)


class Exchange:
    """A connection to one account. For one thread at a time. Redirects are not followed: the key goes to no other host."""

    def __init__(
        self,
        origin: str,
        key: Secret,
        *,
        http: httpx.Client | None = None,
        waits: Sequence[float] = WAITS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`http` is asked through instead of a client of our own, and is not closed here. Raises `SumtrackerKeyRefused`, `SumtrackerUnreachable`."""
        import httpx

        self._httpx = httpx
        self._key = usable_key(key)
        self._waits = tuple(waits)
        self._clock = clock
        self._ours = http is None
        self._http = http if http is not None else _client(through_proxy=not on_loopback(origin))
        self.origin = origin
        self.host = urlsplit(origin).hostname or origin

    def close(self) -> None:
        """Close its connections."""
        if self._ours:
            self._http.close()

    def get(self, path: str, parameters: Mapping[str, str], watch: NotedWatch) -> Any:
        """The JSON at `path`. Raises `SumtrackerError` and its kinds, and `errors.Cancelled` from a wait or while the request is out."""
        from tenacity import Retrying, retry_if_exception_type

        def once() -> Any:
            watch.check()
            reply = abandonable(lambda: self._send(path, parameters), watch)
            self._check_status(reply)
            return self._content(reply)

        retrying = Retrying(
            retry=retry_if_exception_type(Trouble),
            wait=self._pause,
            stop=self._out_of_patience,
            before_sleep=lambda state: watch.note(_wait_in_words(state)),
            sleep=watch.wait,
            reraise=True,
        )
        try:
            return retrying(once)
        except Trouble as trouble:
            error = trouble.error
        # Raised out here, so that the exception does not carry the library's, whose request holds the key's header.
        raise error

    def _pause(self, state: RetryCallState) -> float:
        asked = _trouble_of(state).seconds
        if asked is not None:
            return max(asked, 0.5)
        return self._waits[state.attempt_number - 1] if state.attempt_number <= len(self._waits) else 0.0

    def _out_of_patience(self, state: RetryCallState) -> bool:
        return state.attempt_number > len(self._waits) or state.upcoming_sleep > PATIENCE

    def _send(self, path: str, parameters: Mapping[str, str]) -> Reply:
        deadline = self._clock() + ANSWER_SECONDS
        try:
            with self._http.stream(
                "GET",
                self.origin + path,
                params=dict(parameters),
                headers={"Accept": "application/json", "Authorization": f"Api-Key {self._key.reveal()}"},
                follow_redirects=False,
            ) as response:
                pieces = []
                for piece in response.iter_bytes():
                    pieces.append(piece)
                    if self._clock() > deadline:
                        raise self._httpx.ReadTimeout("the answer trickles")
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status_code, headers, b"".join(pieces))
        except self._httpx.HTTPError as error:
            trouble = self._trouble(error)
        # Raised out here, so that it does not carry the library's error, whose request holds the key's header.
        raise trouble

    def _trouble(self, error: httpx.HTTPError) -> Trouble | SumtrackerError:
        httpx, host = self._httpx, self.host
        if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)):
            if "CERTIFICATE" in str(error).upper():
                return SumtrackerUnreachable(
                    f"The certificate of {host} is not one this machine trusts.",
                    "A proxy may be reading the connection: ask who runs the network.",
                )
            return Trouble(SumtrackerUnreachable(f"No connection to {host}.", _CHECK_NETWORK))
        if isinstance(error, httpx.TimeoutException):
            return Trouble(SumtrackerUnreachable(f"{host} gave no whole answer in time.", _TRY_LATER))
        if isinstance(error, httpx.TransportError):
            return Trouble(SumtrackerUnreachable(f"The connection to {host} broke off.", _CHECK_NETWORK))
        return Trouble(SumtrackerUnreadable(f"What {host} sent could not be unpacked.", _TRY_LATER))

    def _check_status(self, reply: Reply) -> None:
        """Return for status 200. Raises `Trouble` for what may pass and a `SumtrackerError` for what will not."""
        status, host = reply.status, self.host
        if status == 200:
            return
        if status in _PASSING:
            asked = seconds_asked(reply.headers.get("retry-after"), time.time())
            what = "asks everyone to slow down" if status == 429 else "has a fault of its own"
            wait = f", for {in_words(asked)}" if asked else ""
            raise Trouble(SumtrackerUnreachable(f"{host} {what} (HTTP {status}){wait}.", _TRY_LATER), asked)
        said = self._said(reply.body)
        if status in {401, 403}:
            raise SumtrackerKeyRefused(
                f"{host} refuses this key (HTTP {status}).{said}",
                "Copy the API key from Sumtracker's settings again, or ask the merchant for a new one.",
            )
        if 300 <= status < 400:
            target = urlsplit(reply.headers.get("location", "")).hostname or "another place"
            raise SumtrackerUnreadable(
                f"{host} sends us on to {target}; the key is not sent there.", "Please report this."
            )
        raise SumtrackerUnreadable(f"{host} answered HTTP {status}.{said}", "Please report this.")

    def _said(self, body: bytes) -> str:
        """` It says: …` with the words of an error body, at most 200 characters and never the key; '' where there are none."""
        try:
            content = json.loads(body)
        except (ValueError, RecursionError):
            return ""
        if isinstance(content, dict):
            content = content["detail"] if "detail" in content else list(content.values())
        while isinstance(content, list) and content:
            content = content[0]
        if not isinstance(content, str) or not content:
            return ""
        return f" It says: {content.replace(self._key.reveal(), '…')[:200]}"

    def _content(self, reply: Reply) -> Any:
        body = reply.body.strip()
        if body.startswith(b"<") or "html" in reply.headers.get("content-type", ""):
            raise SumtrackerUnreadable(
                f"{self.host} sent a web page instead of JSON.",
                "A proxy or a login page may stand in between: check the network, then try again.",
            )
        try:
            # Not a stricter decoder: NaN and the like get through here, so that the record they stand in can be named.
            return json.loads(body.decode("utf-8-sig", "replace"))
        except (ValueError, RecursionError):
            pass
        # Raised out here: the decoder's error would carry the whole answer.
        raise SumtrackerUnreadable(f"What {self.host} sent is not whole JSON.", _TRY_LATER)


def _client(*, through_proxy: bool) -> httpx.Client:
    import httpx

    from supportdesk import __version__

    try:
        return httpx.Client(
            timeout=REQUEST_SECONDS,
            trust_env=through_proxy,
            headers={"User-Agent": f"supportdesk/{__version__}"},
        )
    except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
        kind = type(error).__name__
    # The library's words are left out: a proxy's address may hold a password.
    raise SumtrackerUnreachable(
        f"The proxy or the certificates that the environment names cannot be used ({kind}).",
        "Check HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR; SOCKS proxies are not supported.",
    )


def _trouble_of(state: RetryCallState) -> Trouble:
    error = state.outcome.exception() if state.outcome is not None else None
    assert isinstance(error, Trouble)
    return error


def _wait_in_words(state: RetryCallState) -> str:
    asked = _trouble_of(state).seconds is not None
    words = "Sumtracker asks us to wait" if asked else "No good answer; trying again in"
    return f"{words} {in_words(state.upcoming_sleep)}"
