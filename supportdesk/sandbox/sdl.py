"""The schema as it is written in `schema.graphql`, read once. `binding` puts the resolvers in."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from graphql import GraphQLSchema, build_schema


@cache
def schema() -> GraphQLSchema:
    """Our subset of the Admin API 2026-10."""
    return build_schema((files("supportdesk.sandbox") / "schema.graphql").read_text(encoding="utf-8"))
