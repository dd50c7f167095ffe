from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    parse,
    validate,
)
from graphql.language import Visitor, visit

from supportdesk.shopify.document import document, document_names, document_text

ROOT = Path(__file__).resolve().parents[2]
OFFICIAL = ROOT.parent / "shared" / "data" / "admin-2026-10.graphql.gz"
SANDBOX = ROOT / "supportdesk" / "sandbox" / "schema.graphql"
BULK = {"bulk_catalog"}


@cache
def official_schema() -> GraphQLSchema:
    return build_schema(gzip.decompress(OFFICIAL.read_bytes()).decode(), assume_valid=True)


@cache
def sandbox_schema() -> GraphQLSchema:
    return build_schema(SANDBOX.read_text(encoding="utf-8"), assume_valid=True)


def test_there_are_documents() -> None:
    assert {"shop", "catalog_page", "bulk_run", "bulk_catalog"} <= set(document_names())


@pytest.mark.skipif(not OFFICIAL.exists(), reason="the official schema is not here")
@pytest.mark.parametrize("name", document_names())
def test_each_document_is_valid_in_the_official_schema(name: str) -> None:
    assert validate(official_schema(), parse(document_text(name))) == []


@pytest.mark.skipif(not SANDBOX.exists(), reason="the sandbox has no schema")
@pytest.mark.parametrize("name", document_names())
def test_each_document_is_valid_in_the_sandbox(name: str) -> None:
    assert validate(sandbox_schema(), parse(document_text(name))) == []


@pytest.mark.parametrize("name", sorted(set(document_names()) - BULK))
def test_a_document_is_one_named_operation_of_the_kind_we_take_it_for(name: str) -> None:
    (definition,) = parse(document_text(name)).definitions
    assert isinstance(definition, OperationDefinitionNode)
    assert definition.name is not None
    loaded = document(name)
    assert loaded.operation == definition.name.value
    assert loaded.kind == definition.operation.value
    assert loaded.repeatable == (loaded.kind == "query" or "@idempotent" in loaded.text)


class _BulkRules(Visitor):
    """What Shopify asks of a bulk query (`reference/shopify.md` §4)."""

    def __init__(self) -> None:
        super().__init__()
        self.aliases: list[str] = []
        self.connections = 0
        self.nodes_without_id = 0
        self.by_nodes = 0

    def enter_field(self, node: FieldNode, *_: object) -> None:
        fields = {
            f.name.value
            for f in (node.selection_set.selections if node.selection_set else ())
            if isinstance(f, FieldNode)
        }
        if node.alias:
            self.aliases.append(node.alias.value)
        self.connections += "edges" in fields
        self.by_nodes += "nodes" in fields
        if node.name.value == "node" and "id" not in fields:
            self.nodes_without_id += 1


@pytest.mark.parametrize("name", sorted(BULK))
def test_a_bulk_query_keeps_to_shopifys_rules(name: str) -> None:
    text = document_text(name)
    parsed: DocumentNode = parse(text)
    rules = _BulkRules()
    visit(parsed, rules)
    assert rules.aliases == []
    assert 1 <= rules.connections <= 5
    assert rules.nodes_without_id == 0
    assert rules.by_nodes == 0
    assert len(text.encode()) < 65535
    (definition,) = parsed.definitions
    assert isinstance(definition, OperationDefinitionNode)
    assert not definition.variable_definitions


def test_an_unnamed_operation_is_no_document() -> None:
    with pytest.raises(ValueError, match="bulk_catalog"):
        document("bulk_catalog")
    with pytest.raises(FileNotFoundError):
        document("no_such_document")
