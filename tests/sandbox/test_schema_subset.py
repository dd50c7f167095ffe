"""Our schema is a subset of the official one: every type, field, argument, default, enum value and nullability."""

from __future__ import annotations

import gzip
from functools import cache

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    parse,
    validate,
)

from supportdesk.sandbox.binding import resolver_of
from supportdesk.sandbox.resolvers import FIELDS, SCOPES
from supportdesk.sandbox.sdl import schema
from tests.sandbox import documents, test_exactness, test_item_mutations, test_order_reads
from tests.sandbox.captures import SCHEMA

OURS = sorted(name for name in schema().type_map if not name.startswith("__"))


@cache
def official() -> GraphQLSchema:
    return build_schema(gzip.decompress(SCHEMA.read_bytes()).decode(), assume_valid=True)


@pytest.mark.skipif(not SCHEMA.is_file(), reason="the official schema is not here")
@pytest.mark.parametrize("name", OURS)
def test_a_type_is_part_of_the_official_one(name: str) -> None:
    ours, theirs = schema().type_map[name], official().type_map[name]
    assert type(ours) is type(theirs)
    if isinstance(ours, GraphQLEnumType):
        assert isinstance(theirs, GraphQLEnumType)
        assert set(ours.values) <= set(theirs.values)
    if isinstance(ours, GraphQLInputObjectType):
        assert isinstance(theirs, GraphQLInputObjectType)
        for field, definition in ours.fields.items():
            assert str(definition.type) == str(theirs.fields[field].type), field
            assert definition.default_value == theirs.fields[field].default_value, field
        required = {at for at, one in theirs.fields.items() if str(one.type).endswith("!")}
        assert required <= set(ours.fields)
    if isinstance(ours, (GraphQLObjectType, GraphQLInterfaceType)):
        _fields_are_part(ours, theirs)


@pytest.mark.skipif(not SCHEMA.is_file(), reason="the official schema is not here")
def test_directives_are_part_of_the_official_ones() -> None:
    for directive in schema().directives:
        (original,) = [one for one in official().directives if one.name == directive.name] or [directive]
        assert {at: str(one.type) for at, one in directive.args.items()} == {
            at: str(one.type) for at, one in original.args.items()
        }
        assert set(directive.locations) <= set(original.locations)
    assert "idempotent" in {one.name for one in official().directives}


def _fields_are_part(ours: GraphQLObjectType | GraphQLInterfaceType, theirs: GraphQLNamedType) -> None:
    assert isinstance(theirs, (GraphQLObjectType, GraphQLInterfaceType))
    assert {one.name for one in ours.interfaces} <= {one.name for one in theirs.interfaces}
    for name, field in ours.fields.items():
        original = theirs.fields[name]
        assert str(field.type) == str(original.type), name
        assert field.deprecation_reason == original.deprecation_reason, name
        for at, argument in field.args.items():
            assert str(argument.type) == str(original.args[at].type), (name, at)
            assert argument.default_value == original.args[at].default_value, (name, at)
        required = {at for at, one in original.args.items() if str(one.type).endswith("!")}
        assert required <= set(field.args), name


@pytest.mark.skipif(not SCHEMA.is_file(), reason="the official schema is not here")
@pytest.mark.parametrize(
    "document",
    [
        documents.ADJUST,
        documents.SET,
        documents.SET_ON_HAND,
        documents.MOVE,
        test_item_mutations.ACTIVATE,
        test_item_mutations.DEACTIVATE,
        test_item_mutations.UPDATE_ITEM,
        test_item_mutations.UPDATE,
        test_item_mutations.SET,
        test_item_mutations.READ,
        test_order_reads.ORDERS,
        test_order_reads.FULFILMENT_ORDERS,
        test_exactness.READ,
        test_exactness.LOOK,
    ],
)
def test_what_our_tests_ask_is_valid_for_the_real_thing(document: str) -> None:
    assert validate(official(), parse(document)) == []


def test_every_field_has_something_to_answer_with() -> None:
    """A field without a resolver reads a mapping; those are listed, so that a forgotten one is seen."""
    from_mappings = {
        "ApiVersion",
        "EditableProperty",
        "FulfillmentHold",
        "FulfillmentOrderMerchantRequest",
        "FulfillmentOrderSupportedAction",
        "InventoryQuantityName",
        "LocationAddress",
        "MetafieldIdentifier",
        "ProductOption",
        "Weight",
    }
    for name in OURS:
        kind = schema().type_map[name]
        if not isinstance(kind, GraphQLObjectType) or name in from_mappings:
            continue
        if name.endswith(("Edge", "Payload", "UserError")):
            continue
        for field in kind.fields:
            assert (
                resolver_of(name, field).__name__ != "read"
                or (name, field) == ("BulkOperation", "id")
                or (
                    name,
                    field,
                )
                == ("BulkOperation", "query")
            ), (name, field)


def test_resolvers_and_scopes_name_fields_that_exist() -> None:
    for name, fields in FIELDS.items():
        kind = schema().type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        assert set(fields) <= set(kind.fields), name
    for name, field in SCOPES:
        kind = schema().type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        assert field in kind.fields


def test_counts_are_written_as_text() -> None:
    kind = schema().type_map["UnsignedInt64"]
    assert isinstance(kind, GraphQLScalarType)
