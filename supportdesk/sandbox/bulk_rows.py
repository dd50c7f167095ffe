"""The file of a bulk operation: one JSON object a line, nested connections as lines of their own with `__parentId`.

A query is compiled once into functions over records, because a file has millions of fields; the functions are the very
resolvers GraphQL calls.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, Final, NamedTuple

import msgspec
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Undefined,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    parse,
    value_from_ast_untyped,
)

from supportdesk.sandbox.context import Context
from supportdesk.sandbox.fields import Resolver
from supportdesk.sandbox.resolvers import FIELDS, SCOPES
from supportdesk.sandbox.roots import ROOTS
from supportdesk.sandbox.sdl import schema

_SCATTER: Final = 256
"""How far a line may stand from its place when objects are not grouped."""

Read = Callable[[Any], Any]


class ScopeLacking(Exception):
    """The query reads a field that the token may not."""


class Nested(NamedTuple):
    """A connection below a node."""

    records: Callable[[Any], Iterable[Any]]
    plan: Plan


@dataclass(frozen=True, slots=True)
class Plan:
    """How a record becomes a line, and which lines hang below it."""

    line: Callable[[Any], dict[str, Any]]
    nested: list[Nested]


class Root(NamedTuple):
    """A connection at the top of a query."""

    type_name: str
    """Of its nodes."""
    records: Callable[[], Iterable[Any]]
    plan: Plan


class Counts(NamedTuple):
    """What a file holds."""

    objects: int
    roots: int
    size: int


def roots_of(text: str, context: Context) -> list[Root]:
    """The connections at the top of a valid bulk query. Raises `ScopeLacking`."""
    context.whole = True
    return _Compiler(parse(text), context).roots()


def write_file(stream: IO[bytes], roots: Iterable[Root], *, grouped: bool, seed: str) -> Counts:
    """Write every line to `stream` and say how many there are.

    Not grouped (the default since 2026-01), lines are scattered, the same way for the same `seed`: a child may come before
    its parent, so that clients learn not to rely on it. Slashes are escaped, as Shopify's are.
    """
    objects = tops = size = 0
    encode = msgspec.json.Encoder().encode

    def lines() -> Iterator[bytes]:
        nonlocal tops
        for root in roots:
            for record in root.records():
                tops += 1
                for line in _family(root.plan, record, None):
                    yield encode(line).replace(b"/", b"\\/") + b"\n"

    for line in lines() if grouped else _scattered(lines(), random.Random(seed)):
        objects += 1
        size += stream.write(line)
    return Counts(objects, tops, size)


def _scattered(lines: Iterator[bytes], chance: random.Random) -> Iterator[bytes]:
    kept: list[bytes] = []
    uniform = chance.random
    for line in lines:
        if len(kept) < _SCATTER:
            kept.append(line)
            continue
        at = int(uniform() * _SCATTER)
        yield kept[at]
        kept[at] = line
    chance.shuffle(kept)
    yield from kept


def _family(plan: Plan, record: Any, parent: str | None) -> Iterator[dict[str, Any]]:
    line = plan.line(record)
    if parent is not None:
        line["__parentId"] = parent
    yield line
    for nested in plan.nested:
        for child in nested.records(record):
            if nested.plan.nested:
                yield from _family(nested.plan, child, line["id"])
            else:
                below = nested.plan.line(child)
                below["__parentId"] = line["id"]
                yield below


class _Compiler:
    def __init__(self, document: DocumentNode, context: Context) -> None:
        self.context = context
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self.operation = next(
            node for node in document.definitions if isinstance(node, OperationDefinitionNode)
        )

    def roots(self) -> list[Root]:
        query = schema().query_type
        assert query is not None
        _, nested, kinds = self._compiled(self.operation.selection_set, query)
        return [
            Root(kind, lambda one=one: one.records(None), one.plan)  # type: ignore[misc]
            for one, kind in zip(nested, kinds, strict=True)
        ]

    def _fields(self, selections: SelectionSetNode, on: GraphQLObjectType) -> Iterator[FieldNode]:
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, FragmentSpreadNode):
                yield from self._fields(self.fragments[selection.name.value].selection_set, on)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition.name.value if selection.type_condition else on.name
                if condition == on.name or condition in {one.name for one in on.interfaces}:
                    yield from self._fields(selection.selection_set, on)

    def _compiled(
        self, selections: SelectionSetNode, on: GraphQLObjectType
    ) -> tuple[list[tuple[str, Read]], list[Nested], list[str]]:
        """The values of a line, the connections below it, and the types of their nodes."""
        values: list[tuple[str, Read]] = []
        nested: list[Nested] = []
        kinds: list[str] = []
        for node in self._fields(selections, on):
            key = node.alias.value if node.alias else node.name.value
            if node.name.value == "__typename":
                values.append((key, _always(on.name)))
                continue
            definition = on.fields[node.name.value]
            read = self._read(node, on, definition)
            target = get_named_type(definition.type)
            if is_leaf_type(target):
                values.append((key, _as_text(read) if target.name == "UnsignedInt64" else read))
                continue
            assert isinstance(target, GraphQLObjectType)
            assert node.selection_set is not None
            if target.name.endswith("Connection"):
                plan, kind = self._connection(node.selection_set, target)
                nested.append(Nested(_records_of(read), plan))
                kinds.append(kind)
                continue
            inner, below, more = self._compiled(node.selection_set, target)
            listed = is_list_type(get_nullable_type(definition.type))
            values.append((key, _objects(read, inner) if listed else _object(read, inner)))
            nested += [Nested(_through(read, one.records), one.plan) for one in below]
            kinds += more
        return values, nested, kinds

    def _connection(self, selections: SelectionSetNode, kind: GraphQLObjectType) -> tuple[Plan, str]:
        node_type = get_named_type(kind.fields["nodes"].type)
        assert isinstance(node_type, GraphQLObjectType)
        values: list[tuple[str, Read]] = []
        nested: list[Nested] = []
        for edges in self._fields(selections, kind):
            for node in edges.selection_set.selections if edges.selection_set else ():
                if isinstance(node, FieldNode) and node.name.value == "node" and node.selection_set:
                    inner, below, _ = self._compiled(node.selection_set, node_type)
                    values += inner
                    nested += below
        return Plan(_line(values), nested), node_type.name

    def _read(self, node: FieldNode, on: GraphQLObjectType, definition: GraphQLField) -> Read:
        name = node.name.value
        scope = SCOPES.get((on.name, name))
        if scope is not None and scope not in self.context.scopes:
            raise ScopeLacking(scope)
        arguments = {
            at: one.default_value for at, one in definition.args.items() if one.default_value is not Undefined
        }
        for argument in node.arguments or ():
            arguments[argument.name.value] = value_from_ast_untyped(argument.value)
        resolver = (ROOTS if on.name == "QueryRoot" else FIELDS.get(on.name, {})).get(name)
        if resolver is None:
            return lambda record: record.get(name)
        return _called(resolver, self.context, arguments)


def _called(resolver: Resolver, context: Context, arguments: dict[str, Any]) -> Read:
    return lambda record: resolver(record, context, arguments)


def _always(value: str) -> Read:
    return lambda record: value


def _as_text(read: Read) -> Read:
    return lambda record: None if (value := read(record)) is None else str(value)


def _line(values: list[tuple[str, Read]]) -> Callable[[Any], dict[str, Any]]:
    return lambda record: {key: read(record) for key, read in values}


def _object(read: Read, values: list[tuple[str, Read]]) -> Read:
    line = _line(values)
    return lambda record: None if (value := read(record)) is None else line(value)


def _objects(read: Read, values: list[tuple[str, Read]]) -> Read:
    line = _line(values)
    return lambda record: [line(value) for value in read(record) or ()]


def _records_of(read: Read) -> Callable[[Any], Iterable[Any]]:
    def records(record: Any) -> Iterable[Any]:
        found = read(record)
        return () if found is None else found.records

    return records


def _through(read: Read, records: Callable[[Any], Iterable[Any]]) -> Callable[[Any], Iterable[Any]]:
    return lambda record: () if (value := read(record)) is None else records(value)
