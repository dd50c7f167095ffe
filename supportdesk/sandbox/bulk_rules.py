"""Which queries a bulk operation takes, judged by their shape, in the recorded words (`reference/shopify.md` §4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_interface_type,
    is_list_type,
    parse,
)

from supportdesk.sandbox.sdl import schema
from supportdesk.sandbox.validation import syntax_problem, validation_problems

_LARGEST: Final = 65_535
_MOST_CONNECTIONS: Final = 5
_DEEPEST: Final = 2
_LISTS: Final = frozenset({"fulfillments", "refunds", "returns", "transactions"})
"""Fields of the real schema that are plain lists of objects. Not all of them are ours, and the shape must still be judged."""


@dataclass(slots=True)
class _Found:
    """What a walk through a query saw."""

    connections: int = 0
    deepest: int = 0
    by_nodes: list[str] = field(default_factory=list)
    without_id: list[str] = field(default_factory=list)
    in_list: bool = False
    of_interface: list[str] = field(default_factory=list)
    """Connections whose nodes are of several types: a file of those is not written here."""
    top_node: str = ""


def refusals(text: str) -> list[str]:
    """The messages of the userErrors for a bulk query, [] for one that can run."""
    size = len(text.encode())
    if size > _LARGEST:
        return [f"Query is too large ({size} bytes; maximum is {_LARGEST} bytes)"]
    try:
        document = parse(text)
    except GraphQLSyntaxError as error:
        said = str(syntax_problem(text, error)["message"])
        return [f"Invalid bulk query: {said.split(' at [')[0] if 'end of file' in said else said}"]
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if any(operation.operation is not OperationType.QUERY for operation in operations):
        return ["Invalid operation type. Only `query` operations are supported."]
    if len(operations) != 1:
        return ["Invalid bulk query: exactly one operation is needed."]
    if operations[0].variable_definitions:
        return ["Invalid bulk query: variables are not supported"]
    if messages := _judged(_walked(document, operations[0])):
        return messages
    return [
        f"Invalid bulk query: {problem['message']}" for problem in validation_problems(schema(), document)
    ]


def _judged(found: _Found) -> list[str]:
    said: list[str] = []
    if found.top_node:
        said.append(f"Bulk queries cannot contain a top level `{found.top_node}` field.")
    if not found.connections:
        said.append("Bulk queries must contain at least one connection.")
    if found.connections > _MOST_CONNECTIONS:
        said.append(f"Bulk queries cannot contain more than {_MOST_CONNECTIONS} connections.")
    if found.deepest > _DEEPEST:
        said.append(f"Bulk queries cannot contain connections with a nesting depth greater than {_DEEPEST}.")
    if found.by_nodes:
        names = ", ".join(f"'{name}'" for name in found.by_nodes)
        said.append(
            "All connection fields in a bulk query must select their contents using 'edges' > 'node', "
            f"e.g: '{found.by_nodes[0]} {{ edges {{ node {{'. Selecting via 'nodes' is not supported. "
            f"Invalid connection fields: {names}."
        )
    if found.without_id:
        said.append(
            "The parent 'node' field for a nested connection must select the 'id' field without an alias and must "
            f"be of 'ID' return type. Connection fields without 'id': {', '.join(found.without_id)}."
        )
    if found.in_list:
        said.append(
            "Queries that contain a connection field within a list field are not currently supported."
        )
    if found.of_interface:
        said.append(f"The sandbox does not read {', '.join(found.of_interface)} in a bulk query.")
    return said


class _Walk:
    def __init__(self, document: DocumentNode) -> None:
        self.found = _Found()
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def fields(
        self, selections: SelectionSetNode | None, seen: frozenset[str] = frozenset()
    ) -> Iterator[FieldNode]:
        for selection in selections.selections if selections else ():
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                if name in self.fragments and name not in seen:
                    yield from self.fields(self.fragments[name].selection_set, seen | {name})
            else:
                yield from self.fields(getattr(selection, "selection_set", None), seen)

    def below(self, selections: SelectionSetNode | None, parent: Any, depth: int, in_list: bool) -> bool:
        """Walk on; say whether a connection came up."""
        any_below = False
        for node in self.fields(selections):
            kind = self._kind(parent, node.name.value)
            target = get_named_type(kind) if kind is not None else None
            target = target if is_composite_type(target) else None
            if self._is_connection(node, target):
                any_below = True
                self.found.in_list |= in_list
                self._connection(node, target, depth)
            elif node.selection_set is not None:
                listed = (
                    is_list_type(get_nullable_type(kind)) if kind is not None else node.name.value in _LISTS
                )
                any_below |= self.below(node.selection_set, target, depth, in_list or listed)
        return any_below

    def _kind(self, parent: Any, name: str) -> Any:
        definition = schema().get_field(parent, name) if parent is not None else None
        return definition.type if definition is not None else None

    def _is_connection(self, node: FieldNode, target: Any) -> bool:
        if target is not None:
            return bool(target.name.endswith("Connection"))
        return any(inner.name.value in ("edges", "nodes") for inner in self.fields(node.selection_set))

    def _connection(self, node: FieldNode, target: Any, depth: int) -> None:
        self.found.connections += 1
        self.found.deepest = max(self.found.deepest, depth)
        name = node.name.value
        for inner in self.fields(node.selection_set):
            if inner.name.value == "nodes":
                self.found.by_nodes.append(name)
            elif inner.name.value == "edges":
                for leaf in self.fields(inner.selection_set):
                    if leaf.name.value == "node":
                        self._node(name, leaf, target, depth)

    def _node(self, name: str, leaf: FieldNode, target: Any, depth: int) -> None:
        node_type = None
        if target is not None:
            node_type = get_named_type(self._kind(target, "nodes"))
            if is_interface_type(node_type):
                self.found.of_interface.append(name)
        nested = self.below(leaf.selection_set, node_type, depth + 1, in_list=False)
        chosen = any(one.name.value == "id" and one.alias is None for one in self.fields(leaf.selection_set))
        if nested and not chosen:
            self.found.without_id.append(name)


def _walked(document: DocumentNode, operation: OperationDefinitionNode) -> _Found:
    walk = _Walk(document)
    for node in walk.fields(operation.selection_set):
        if node.name.value in ("node", "nodes") and not walk.found.top_node:
            walk.found.top_node = node.name.value
    walk.below(operation.selection_set, schema().query_type, 0, in_list=False)
    return walk.found
