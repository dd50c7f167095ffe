"""Errors that the sandbox answers with, in Shopify's words. Each becomes one entry of a reply's `errors`."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError


class ResolverProblem(GraphQLError):
    """A top-level error raised while a field is resolved; GraphQL adds path and locations."""

    def __init__(self, message: str, code: str, **more: Any) -> None:
        super().__init__(message, extensions={"code": code, **more})


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


def array_too_long(size: int, path: list[str]) -> RequestProblem:
    """An input array beyond the 250 entries Shopify takes."""
    return RequestProblem(
        [
            {
                "message": f"The input array size of {size} is greater than the maximum allowed of 250.",
                "path": path,
                "extensions": {"code": "MAX_INPUT_SIZE_EXCEEDED"},
            }
        ]
    )
