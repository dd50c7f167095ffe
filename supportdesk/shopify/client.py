"""`AdminClient`: one document sent to one shop, with throttle, retries and token, until there is data or a typed error."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from supportdesk.core.progress import Unwatched, Watch
from supportdesk.errors import StoreBusy, StoreError
from supportdesk.secret import Secret
from supportdesk.shopify.address import ShopAddress
from supportdesk.shopify.answers import Answer, Throttled, check_version, read_answer, read_body
from supportdesk.shopify.document import Document, document
from supportdesk.shopify.exchange import Exchange, Reply, check_status
from supportdesk.shopify.throttle import Throttle
from supportdesk.shopify.waiting import TRIES, Trouble, past_trouble
from supportdesk.waiting import NotedWatch, abandonable, in_words, noted

if TYPE_CHECKING:
    from supportdesk.shopify.tokens import TokenSource

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of sending a document once: an answer or an error."""

    answer: Answer | None
    error: StoreError | None
    unix_date: float | None
    """The store's clock, whole seconds since 1970; None where no reply said it."""
    seconds: float
    """From sending to the last byte, or until it failed."""


class AdminClient:
    """The Admin API of one shop. For one thread at a time; requests follow each other."""

    def __init__(
        self,
        address: ShopAddress,
        tokens: TokenSource,
        exchange: Exchange,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.address = address
        self._tokens = tokens
        self._exchange = exchange
        self._throttle = Throttle(clock)
        self._clock = clock
        self.store_second: int | None = None
        """The latest second that the store's `Date` has shown; None until a reply said one."""

    def close(self) -> None:
        """Close its connections."""
        self._exchange.close()

    def execute(
        self, document_name: str, variables: Mapping[str, Any] | None = None, watch: Watch | None = None
    ) -> dict[str, Any]:
        """The `data` of document `document_name` run with `variables`. Raises what `errors` names under `StoreError`.

        Being throttled is waited out, however often and long, said to `watch` and stopped by it (`errors.Cancelled`). Other
        trouble is tried again a few times; a mutation without an idempotency key only where it was certainly not done.
        """
        return self.ask(document_name, variables, watch).data

    def ask(
        self,
        document_name: str,
        variables: Mapping[str, Any] | None = None,
        watch: Watch | None = None,
        *,
        seconds: float | None = None,
        tries: int = TRIES,
    ) -> Answer:
        """As `execute`, with the version, the store's date and the duration beside the data.

        `seconds` shortens the time-outs, `tries` says how often it is sent before trouble is told.
        """
        from tenacity import Retrying, retry_if_exception_type, wait_random

        chosen = document(document_name)
        notes = noted(watch if watch is not None else Unwatched())
        body = _body(chosen, variables)

        def once() -> Answer:
            return self._once(chosen, body, notes, seconds)

        # Other programs of the same app wait for the same bucket.
        jitter = wait_random(0, 0.25)
        past_throttle = Retrying(
            retry=retry_if_exception_type(Throttled),
            wait=lambda state: self._throttle.seconds_after_refusal(chosen.name) + jitter(state),
            sleep=lambda pause: self._wait_for_points(pause, notes),
            reraise=True,
        )
        return past_throttle(lambda: past_trouble(once, notes, repeatable=chosen.repeatable, tries=tries))

    def attempt(
        self, document_name: str, variables: Mapping[str, Any], watch: Watch | None = None
    ) -> Attempt:
        """What came of sending a document once: equal variables are equal bytes, nothing is sent again, trouble is told and not raised.

        Before it the bucket may be waited for (`Throttle`), but not after being throttled. A refused token that can be renewed
        is, for nothing was done with it. Raises `errors.Cancelled`.
        """
        chosen = document(document_name)
        notes = noted(watch if watch is not None else Unwatched())
        started = self._clock()
        heard: list[Reply] = []
        answer: Answer | None = None
        error: StoreError | None = None
        try:
            answer = self._once(chosen, _body(chosen, variables), notes, None, heard)
        except Throttled:
            error = StoreBusy(f"{self.address.domain} asks to slow down.", "Try again.")
        except Trouble as trouble:
            error = trouble.error
        except StoreError as refused:
            error = refused
        if not heard:
            return Attempt(answer, error, None, self._clock() - started)
        return Attempt(answer, error, heard[-1].unix_date, heard[-1].seconds)

    def _once(
        self,
        chosen: Document,
        body: bytes,
        notes: NotedWatch,
        seconds: float | None,
        heard: list[Reply] | None = None,
    ) -> Answer:
        """The answer to one request; `heard` takes the reply, whatever is made of it."""
        pause = self._throttle.seconds_until_covered(chosen.name)
        if pause > 0:
            self._wait_for_points(pause, notes)
        notes.check()
        host = self.address.domain
        token = self._tokens.token(notes)
        reply = self._send(body, token, notes, seconds)
        if reply.status == 401 and self._tokens.replace(token):
            reply = self._send(body, self._tokens.token(notes), notes, seconds)
        if heard is not None:
            heard.append(reply)
        _LOG.debug(
            "%s: HTTP %d in %.3f s, request %s",
            chosen.operation,
            reply.status,
            reply.seconds,
            reply.headers.get("x-request-id", "-"),
        )
        if deprecated := reply.headers.get("x-shopify-api-deprecated-reason"):
            _LOG.warning("%s: the store calls this deprecated: %s", chosen.operation, deprecated[:200])
        check_status(reply, host)
        content = read_body(reply, host)
        check_version(reply, host)
        extensions = content.get("extensions")
        if isinstance(extensions, dict):
            self._throttle.learn(chosen.name, extensions.get("cost"))
        return read_answer(content, chosen, reply, host)

    def _send(self, body: bytes, token: Secret, notes: NotedWatch, seconds: float | None) -> Reply:
        def call() -> Reply:
            headers = {"Content-Type": "application/json", "X-Shopify-Access-Token": token.reveal()}
            return self._exchange.post(self.address.graphql_url, body, headers, seconds=seconds)

        reply = abandonable(call, notes)
        if (date := reply.unix_date) is not None:
            self.store_second = max(int(date), self.store_second or 0)
        return reply

    def _wait_for_points(self, pause: float, notes: NotedWatch) -> None:
        notes.note(f"The store asks us to wait {in_words(pause)}")
        notes.wait(pause)


def _body(chosen: Document, variables: Mapping[str, Any] | None) -> bytes:
    content = {"query": chosen.text, "operationName": chosen.operation, "variables": dict(variables or {})}
    return msgspec.json.encode(content)
