"""Errors that the sandbox answers with, in Shopify's words. Each becomes one entry of a reply's `errors`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError, Node


class ResolverProblem(GraphQLError):
    """A top-level error raised while a field is resolved; GraphQL adds the path, and locations where `nodes` gives none."""

    def __init__(self, message: str, code: str, nodes: Sequence[Node] | None = None, **more: Any) -> None:
        super().__init__(message, nodes, extensions={"code": code, **more})


class RequestProblem(Exception):
    """An error that answers the whole request: no field is resolved and there is no `data`."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(errors[0]["message"])
        self.errors = errors


def bad_request(message: str) -> ResolverProblem:
    """A `BAD_REQUEST` at the field being resolved."""
    return ResolverProblem(message, "BAD_REQUEST")


def not_found(global_id: str) -> ResolverProblem:
    """An id of another type than the field wants (`reference/shopify.md` §7)."""
    return ResolverProblem(f"Invalid id: {global_id}", "RESOURCE_NOT_FOUND")


def access_denied(field: str, scope: str) -> ResolverProblem:
    """A scope the token lacks for one field."""
    required = f"`{scope}` access scope."
    return ResolverProblem(
        f"Access denied for {field} field. Required access: {required}",
        "ACCESS_DENIED",
        documentation="https://shopify.dev/api/usage/access-scopes",
        requiredAccess=required,
    )


def array_too_long(size: int, path: list[str], most: int = 250) -> RequestProblem:
    """An input array beyond the entries Shopify takes."""
    return RequestProblem(
        [
            {
                "message": f"The input array size of {size} is greater than the maximum allowed of {most}.",
                "path": path,
                "extensions": {"code": "MAX_INPUT_SIZE_EXCEEDED"},
            }
        ]
    )


def missing_argument(kind: str, name: str, nodes: Sequence[Node]) -> ResolverProblem:
    """An input object without a field that may be null but must be given; `nodes` are where it could have been."""
    message = f"{kind} must include the following argument: {name}."
    return ResolverProblem(message, "INVALID_FIELD_ARGUMENTS", nodes)


def internal_error() -> ResolverProblem:
    """Shopify's words for a fault of its own: whether anything was written stays unknown."""
    request = str(uuid.uuid4())
    return ResolverProblem(
        "Internal error. Looks like something went wrong on our end.\n"
        f"Request ID: {request} (include this in support requests).",
        "INTERNAL_SERVER_ERROR",
        requestId=request,
    )


def timed_out() -> ResolverProblem:
    """A request that took too long: whether anything was written stays unknown."""
    return ResolverProblem("Timeout", "TIMEOUT")
