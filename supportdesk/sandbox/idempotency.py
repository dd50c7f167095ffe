"""Idempotency keys: a mutation is carried out once a key, and what came of it is told again. No mutation of its own.

Words and codes: `reference/shopify.md` §5. What no source says is a fault that can be asked for (`errors_burn_keys`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from graphql import GraphQLError

from supportdesk.sandbox.context import Context
from supportdesk.sandbox.fields import Arguments, Resolver
from supportdesk.sandbox.memory import Attempt, Memory, Payload
from supportdesk.sandbox.problems import bad_request, internal_error, missing_argument, timed_out

_MISMATCH: Final = (
    "IDEMPOTENCY_KEY_PARAMETER_MISMATCH",
    "The same idempotency key cannot be used with different operation parameters.",
)
_CONCURRENT: Final = (
    "IDEMPOTENCY_CONCURRENT_REQUEST",
    "This request is currently in progress, please try again.",
)
_FAILED: Final = (
    "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED",
    "A previous request with this idempotency key failed. Retry with a new idempotency key.",
)


def same_text(arguments: Mapping[str, Any]) -> str:
    """Arguments as text that is equal when they are."""
    return json.dumps(arguments, sort_keys=True, ensure_ascii=False)


def once(group: str, resolver: Resolver, *, coded: bool = True) -> Resolver:
    """`resolver` carried out once a key. `group` names the payload's object, which is null where nothing was done.

    `coded` is False where the payload's userErrors have no `code`.
    """

    def refusal(code: str, message: str) -> Payload:
        error: dict[str, Any] = {"field": None, "message": message}
        return {group: None, "userErrors": [error | {"code": code} if coded else error]}

    def resolve(root: Any, context: Context, arguments: Arguments) -> Payload:
        call = context.call
        assert call is not None
        if call.key is None:
            raise bad_request("The @idempotent directive is required for this mutation but was not provided.")
        if not call.key.strip():
            raise bad_request("The @idempotent directive's key must not be blank.")
        memory = context.shop.memory
        place = (context.app.client_id, call.name, call.key)
        earlier = memory.recall(place, context.shop.timeline.seconds())
        if earlier is not None:
            if earlier.asked != same_text(arguments):
                return refusal(*_MISMATCH)
            if earlier.failed:
                return refusal(*_FAILED)
            return earlier.payload if earlier.payload is not None else refusal(*_CONCURRENT)
        return _attempt(context, memory, place, arguments, lambda: resolver(root, context, arguments))

    return resolve


def _attempt(
    context: Context,
    memory: Memory,
    place: tuple[str, str, str],
    arguments: Arguments,
    carry_out: Callable[[], Payload],
) -> Payload:
    """Carry it out and remember; or fail, or be late, where that was asked for."""
    timeline = context.shop.timeline
    attempt = Attempt(timeline.seconds(), same_text(arguments))

    def finish() -> Payload:
        payload = carry_out()
        attempt.payload = payload
        attempt.failed = bool(payload["userErrors"]) and context.faults("errors_burn_keys") is not None
        return payload

    def finish_late() -> None:
        try:
            finish()
        except GraphQLError:
            attempt.failed = True

    if context.faults("attempt_failed"):
        attempt.failed = True
        memory.keep(place, attempt)
        raise internal_error()
    if fault := context.faults("late_commit"):
        memory.keep(place, attempt)
        timeline.schedule(attempt.at + fault.wait, finish_late)
        raise timed_out()
    payload = finish()
    memory.keep(place, attempt)
    return payload


def need_argument(context: Context, entries: list[Mapping[str, Any]], kind: str, name: str) -> None:
    """Raise a top-level error where an entry lacks an argument that may be null but must be there."""
    if any(name not in entry for entry in entries):
        call = context.call
        assert call is not None
        raise missing_argument(kind, name, [call.node, *call.variables])
