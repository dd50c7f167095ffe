"""What an answer of the Admin API says: its data, or one of the errors in its three layers. Sends nothing, waits for nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from supportdesk.errors import (
    AnswerUnreadable,
    ChangeRefused,
    QueryRefused,
    ScopeMissing,
    SearchIgnored,
    StoreUnreachable,
    UserError,
    VersionMismatch,
)
from supportdesk.shopify.address import API_VERSION
from supportdesk.shopify.document import Document
from supportdesk.shopify.exchange import Reply
from supportdesk.shopify.json_text import decode
from supportdesk.shopify.waiting import Trouble

_SCOPE: Final = re.compile(r"\b(?:read|write)_[a-z_]+\b")
_REPORT_IT: Final = "Please report this: it is a fault of supportdesk."


class Throttled(Exception):
    """The store did nothing and asks to come back when its bucket holds enough."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The data of one answer, and what the reply around it said."""

    data: dict[str, Any]
    version: str
    """The API version used, '' where the reply did not say."""
    unix_date: float | None
    """The store's clock, whole seconds since 1970."""
    seconds: float
    """From sending to the last byte."""

    @property
    def second(self) -> int:
        """The store's second. Raises `AnswerUnreadable` where it says none: a look without it is worth nothing."""
        if self.unix_date is None:
            raise AnswerUnreadable("The store's answer does not say its time (Date).", "Try again.")
        return int(self.unix_date)


def read_body(reply: Reply, host: str) -> dict[str, Any]:
    """The JSON object of a reply with status 200. Raises `AnswerUnreadable` for HTML, `Trouble` for half a body."""
    start = reply.body[:200].lstrip()
    if start.startswith(b"<") or "html" in reply.headers.get("content-type", ""):
        raise AnswerUnreadable(
            f"{host} answered with a web page instead of data.",
            "A network login page or a proxy may be in between: open the shop in a browser.",
        )
    try:
        body = decode(reply.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        error = AnswerUnreadable(f"The answer of {host} breaks off or is not JSON.", "Try again.")
        raise Trouble(error, executed=True)
    return body


def check_version(reply: Reply, host: str) -> str:
    """The API version a reply says it used, '' for none. Raises `VersionMismatch` where it is not ours.

    A version that is no longer supported is answered by the oldest that is, under other rules for writing
    (`reference/shopify.md` §1).
    """
    version = reply.headers.get("x-shopify-api-version", "")
    if version and version != API_VERSION:
        raise VersionMismatch(
            f"{host} answered as API version {version}; supportdesk speaks {API_VERSION}.",
            "Update supportdesk.",
        )
    return version


def read_answer(body: dict[str, Any], document: Document, reply: Reply, host: str) -> Answer:
    """The answer in `body`. Raises `Throttled`, `Trouble`, or what `errors` names for the rest.

    A mutation that was done although some field of its answer was denied counts as done (`reference/shopify.md` §7).
    """
    version = check_version(reply, host)
    data = body.get("data")
    errors = _errors_of(body)
    if errors:
        _raise_errors(errors, document, host, done=_was_done(data, document))
    if not isinstance(data, dict):
        raise AnswerUnreadable(f"The answer of {host} holds neither data nor an error.", "Try again.")
    _check_search(body, document)
    if document.kind == "mutation":
        _check_user_errors(data)
    return Answer(data, version, reply.unix_date, reply.seconds)


def _errors_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    errors = body.get("errors")
    if not errors:
        return []
    if isinstance(errors, dict):
        return [{"message": f"{key}: {value}"} for key, value in errors.items()]
    if isinstance(errors, list):
        return [error if isinstance(error, dict) else {"message": str(error)} for error in errors]
    return [{"message": str(errors)}]


def _code(error: dict[str, Any]) -> str:
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else None
    if code:
        return str(code)
    message = error.get("message")
    return message.upper() if message in {"Throttled", "Timeout"} else ""


def _was_done(data: object, document: Document) -> bool:
    return document.kind == "mutation" and isinstance(data, dict) and any(data.values())


def _raise_errors(errors: list[dict[str, Any]], document: Document, host: str, *, done: bool) -> None:
    codes = [_code(error) for error in errors]
    if "THROTTLED" in codes:
        raise Throttled
    for error, code in zip(errors, codes, strict=True):
        if code in {"INTERNAL_SERVER_ERROR", "TIMEOUT"}:
            extensions = error.get("extensions") or {}
            request = extensions.get("requestId") if isinstance(extensions, dict) else None
            named = f" Shopify's support finds it by request id {request}." if request else ""
            what = "took too long over" if code == "TIMEOUT" else "met a fault of its own in"
            raise Trouble(
                StoreUnreachable(
                    f"{host} {what} {document.operation}.{named}", "Try again in a few minutes."
                ),
                executed=True,
            )
    for error, code in zip(errors, codes, strict=True):
        if code != "ACCESS_DENIED":
            said = str(error.get("message") or "no reason")[:300]
            raise QueryRefused(f"{document.operation}: {said}" + (f" ({code})" if code else ""), _REPORT_IT)
    if not done:
        raise _scope_missing(errors)


def _scope_missing(errors: list[dict[str, Any]]) -> ScopeMissing:
    scopes: dict[str, None] = {}
    for error in errors:
        extensions = error.get("extensions")
        required = extensions.get("requiredAccess") if isinstance(extensions, dict) else None
        scopes.update(dict.fromkeys(_SCOPE.findall(str(required or error.get("message") or ""))))
    said = str(errors[0].get("message") or "access denied")[:300]
    wanted = f"Add {' or '.join(scopes)} to the app's access scopes" if scopes else "Widen the app's access"
    return ScopeMissing(said, f"{wanted}, install it again, then try again.", tuple(scopes))


def _check_search(body: dict[str, Any], document: Document) -> None:
    extensions = body.get("extensions")
    searches = extensions.get("search") if isinstance(extensions, dict) else None
    for search in searches if isinstance(searches, list) else []:
        warnings = search.get("warnings") if isinstance(search, dict) else None
        if warnings:
            first = warnings[0] if isinstance(warnings[0], dict) else {}
            raise SearchIgnored(
                f"{document.operation}: {first.get('field', '?')}: {str(first.get('message', ''))[:200]}",
                _REPORT_IT,
            )


def _check_user_errors(data: dict[str, Any]) -> None:
    for payload in data.values():
        entries = payload.get("userErrors") if isinstance(payload, dict) else None
        if not entries:
            continue
        found = tuple(
            UserError(
                tuple(str(step) for step in entry.get("field") or ()),
                str(entry.get("message") or ""),
                str(entry.get("code") or ""),
            )
            for entry in entries
        )
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise ChangeRefused(f"{found[0].message[:300]}{more}", user_errors=found)
