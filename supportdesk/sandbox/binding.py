"""The executable schema: our SDL with the resolvers put in, scalars that write as Shopify does, and scopes checked per field."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    is_object_type,
)

from supportdesk.sandbox.bulk import BULK_FIELDS, BULK_MUTATIONS, BULK_ROOTS
from supportdesk.sandbox.context import Context
from supportdesk.sandbox.fields import Resolver, connection_fields
from supportdesk.sandbox.problems import access_denied
from supportdesk.sandbox.resolvers import FIELDS, SCOPES
from supportdesk.sandbox.roots import ROOTS, node_type
from supportdesk.sandbox.sdl import schema


@cache
def resolvers() -> dict[str, dict[str, Resolver]]:
    """Every resolver, by type and field."""
    return {
        **FIELDS,
        **BULK_FIELDS,
        "QueryRoot": {**ROOTS, **BULK_ROOTS},
        "Mutation": dict(BULK_MUTATIONS),
    }


def resolver_of(type_name: str, field: str) -> Resolver:
    """The function behind a field; one that reads a mapping where there is none of its own."""
    if type_name.endswith("Connection"):
        return connection_fields()[field]
    found = resolvers().get(type_name, {}).get(field)
    return found or _reader(field)


def _reader(field: str) -> Resolver:
    def read(record: Any, context: Any, arguments: Any) -> Any:
        return record.get(field) if isinstance(record, dict) else getattr(record, field)

    return read


def _bound(resolver: Resolver, is_connection: bool) -> Callable[..., Any]:
    if not is_connection:
        return lambda record, info, **arguments: resolver(record, info.context, arguments)

    def resolve(record: Any, info: GraphQLResolveInfo[Context], **arguments: Any) -> Any:
        info.context.path = info.path.as_list()
        return resolver(record, info.context, arguments)

    return resolve


def _guarded(resolve: Callable[..., Any], field: str, scope: str) -> Callable[..., Any]:
    def guarded(record: Any, info: GraphQLResolveInfo[Context], **arguments: Any) -> Any:
        if scope not in info.context.scopes:
            raise access_denied(field, scope)
        return resolve(record, info, **arguments)

    return guarded


@cache
def executable_schema() -> GraphQLSchema:
    """The schema, built once."""
    built = schema()
    for name, kind in built.type_map.items():
        if name.startswith("__"):
            continue
        if is_object_type(kind):
            assert isinstance(kind, GraphQLObjectType)
            for field_name, field in kind.fields.items():
                searches = "query" in field.args
                resolve = _bound(resolver_of(name, field_name), searches)
                scope = SCOPES.get((name, field_name))
                field.resolve = _guarded(resolve, field_name, scope) if scope else resolve
        elif isinstance(kind, GraphQLInterfaceType):
            kind.resolve_type = lambda record, info, abstract: node_type(record)
    counts = built.type_map["UnsignedInt64"]
    assert isinstance(counts, GraphQLScalarType)
    counts.coerce_output_value = str
    return built
