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
    VariableNode,
    is_object_type,
    value_from_ast_untyped,
)

from supportdesk.sandbox.bulk import BULK_FIELDS, BULK_MUTATIONS, BULK_ROOTS
from supportdesk.sandbox.context import Call, Context
from supportdesk.sandbox.fields import Resolver, connection_fields
from supportdesk.sandbox.inventory_mutations import ADJUSTMENT_FIELDS, INVENTORY_MUTATIONS
from supportdesk.sandbox.item_mutations import ITEM_MUTATIONS
from supportdesk.sandbox.metafields import METAFIELD_MUTATIONS
from supportdesk.sandbox.problems import access_denied
from supportdesk.sandbox.resolvers import FIELDS, SCOPES
from supportdesk.sandbox.roots import ROOTS, node_type
from supportdesk.sandbox.sdl import schema


@cache
def resolvers() -> dict[str, dict[str, Resolver]]:
    """Every resolver, by type and field."""
    return {
        **FIELDS,
        **ADJUSTMENT_FIELDS,
        **BULK_FIELDS,
        "QueryRoot": {**ROOTS, **BULK_ROOTS},
        "Mutation": {**BULK_MUTATIONS, **INVENTORY_MUTATIONS, **ITEM_MUTATIONS, **METAFIELD_MUTATIONS},
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


def _mutating(resolver: Resolver) -> Callable[..., Any]:
    """A mutation's resolver, told its name, its key and where its arguments stand."""

    def resolve(record: Any, info: GraphQLResolveInfo[Context], **arguments: Any) -> Any:
        node = info.field_nodes[0]
        key = next(
            (argument.value for each in node.directives or () for argument in each.arguments or ()), None
        )
        given = {one.variable.name.value: one for one in info.operation.variable_definitions or ()}
        used = [
            given[argument.value.name.value]
            for argument in node.arguments or ()
            if isinstance(argument.value, VariableNode) and argument.value.name.value in given
        ]
        said = None if key is None else value_from_ast_untyped(key, info.variable_values.coerced)
        info.context.call = Call(info.field_name, None if said is None else str(said), node, tuple(used))
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
                found = resolver_of(name, field_name)
                resolve = _mutating(found) if name == "Mutation" else _bound(found, searches)
                scope = SCOPES.get((name, field_name))
                field.resolve = _guarded(resolve, field_name, scope) if scope else resolve
        elif isinstance(kind, GraphQLInterfaceType):
            kind.resolve_type = lambda record, info, abstract: node_type(record)
    counts = built.type_map["UnsignedInt64"]
    assert isinstance(counts, GraphQLScalarType)
    counts.coerce_output_value = str
    return built
