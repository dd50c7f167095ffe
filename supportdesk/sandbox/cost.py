"""What a request costs in points, before it runs (requested) and after (actual).

The formula is fitted to recorded replies (`reference/shopify.md` §7): a connection costs `2 + x(n) · Σ(1 + node)` with
`x(n) = max(1, ⌊2 ln n⌋)`. After the run the same holds with the rows that came and without rounding each connection down.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
    value_from_ast_untyped,
)

MAX_COST: Final = 1_000
"""The most a single query may cost on every plan."""
_MUTATION: Final = 10
_COUNT: Final = 10
_FREE: Final = frozenset({"PageInfo", "MoneyV2", "MoneyBag", "LocationAddress", "SelectedOption", "Weight"})
"""Types that cost nothing. The last two follow one recorded reply that no other reading explains."""

_Selected = tuple[FieldNode, GraphQLCompositeType]


class CostModel:
    """Costs of one operation. `variables` are its coerced values."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def requested(self, operation: OperationDefinitionNode) -> int:
        """The points reserved before the run."""
        return int(self._root(operation, None))

    def actual(self, operation: OperationDefinitionNode, data: Mapping[str, Any]) -> int:
        """The points charged for `data`; never more than requested."""
        return min(int(self._root(operation, data)), self.requested(operation))

    # `data` is None throughout for the requested cost, and what came for the actual one.

    def _root(self, operation: OperationDefinitionNode, data: Mapping[str, Any] | None) -> float:
        root = self._schema.get_root_type(operation.operation)
        assert root is not None
        mutating = operation.operation == OperationType.MUTATION
        total = 0.0
        for field, _ in self._fields(operation.selection_set, root):
            came = None if data is None else data.get(_key(field))
            total += (
                self._mutation(field, root, came, data) if mutating else self._field(field, root, came, data)
            )
        return total

    def _mutation(self, field: FieldNode, root: GraphQLObjectType, came: Any, data: Any) -> float:
        payload = self._type_of(field, root)
        total = float(_MUTATION)
        if payload is None or field.selection_set is None or (data is not None and came is None):
            return total
        for inner, _ in self._fields(field.selection_set, payload):
            value = None if came is None else came.get(_key(inner))
            if data is not None and value is None:
                continue
            target = self._type_of(inner, payload)
            if target is not None and inner.selection_set is not None:
                rows = value if isinstance(value, list) else [value]
                total += _mean([self._children(inner.selection_set, target, row) for row in rows])
        return total

    def _type_of(self, field: FieldNode, parent: GraphQLCompositeType) -> GraphQLCompositeType | None:
        definition = self._schema.get_field(parent, field.name.value)
        named = get_named_type(definition.type) if definition is not None else None
        return named if named is not None and is_composite_type(named) else None

    def _children(self, selections: SelectionSetNode, parent: GraphQLCompositeType, data: Any) -> float:
        total = 0.0
        for field, on in self._fields(selections, parent):
            came = None if data is None else data.get(_key(field))
            total += self._field(field, on, came, data)
        return total

    def _field(self, field: FieldNode, parent: GraphQLCompositeType, came: Any, around: Any) -> float:
        name = field.name.value
        target = self._type_of(field, parent)
        if target is None or field.selection_set is None:
            return 1.0 if (parent.name, name) == ("Location", "hasUnfulfilledOrders") else 0.0
        if target.name in _FREE:
            return 0.0
        if target.name == "Count" and parent.name == "QueryRoot":
            return float(_COUNT)
        if target.name.endswith("Connection"):
            return self._connection(field, target, came, around)
        if around is None:
            return 1 + self._children(field.selection_set, target, None)
        rows = came if isinstance(came, list) else [came]
        shown = [row for row in rows if row is not None]
        return 1 + _mean([self._children(field.selection_set, target, row) for row in shown])

    def _connection(self, field: FieldNode, target: GraphQLCompositeType, came: Any, around: Any) -> float:
        assert field.selection_set is not None
        if around is not None and came is None:
            return 1.0
        asked = self._argument(field, "first")
        asked = self._argument(field, "last") if asked is None else asked
        times = float(_times(asked if isinstance(asked, int) else 0))
        total = 2.0
        for inner, _ in self._fields(field.selection_set, target):
            rows = None if came is None else came.get(_key(inner))
            if inner.name.value == "nodes":
                total += self._rows(inner, target, rows, times, came)
            elif inner.name.value == "edges" and inner.selection_set is not None:
                edge = self._type_of(inner, target)
                for node, _ in self._fields(inner.selection_set, edge) if edge is not None else ():
                    if node.name.value == "node" and edge is not None:
                        found = None if rows is None else [row[_key(node)] for row in rows]
                        total += self._rows(node, edge, found, times, came)
        return total

    def _rows(
        self, field: FieldNode, parent: GraphQLCompositeType, rows: list[Any] | None, times: float, came: Any
    ) -> float:
        target = self._type_of(field, parent)
        if target is None or field.selection_set is None:
            return 0.0
        if came is None:
            return times * (1 + self._children(field.selection_set, target, None))
        if not rows:
            return 0.0
        # A page without connections below costs the same a row, give or take a null: the first rows tell.
        each = _mean([self._children(field.selection_set, target, row) for row in rows[:10]])
        return max(1.0, 2 * math.log(len(rows))) * (1 + each)

    def _fields(self, selections: SelectionSetNode, parent: GraphQLCompositeType) -> list[_Selected]:
        """The fields selected, each with the type it is on, fragments followed; of type conditions that exclude each
        other, the dearest branch."""
        fields: list[_Selected] = []
        branches: dict[str, list[_Selected]] = {}
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                fields.append((selection, parent))
                continue
            if isinstance(selection, FragmentSpreadNode):
                fragment = self._fragments[selection.name.value]
                condition, inner = fragment.type_condition.name.value, fragment.selection_set
            else:
                assert isinstance(selection, InlineFragmentNode)
                condition = selection.type_condition.name.value if selection.type_condition else parent.name
                inner = selection.selection_set
            target = self._schema.type_map[condition]
            assert is_composite_type(target)
            found = self._fields(inner, target)
            if condition == parent.name:
                fields.extend(found)
            else:
                branches.setdefault(condition, []).extend(found)
        if branches:
            fields.extend(max(branches.values(), key=self._price))
        return fields

    def _price(self, branch: Iterable[_Selected]) -> float:
        return sum(self._field(field, on, None, None) for field, on in branch)

    def _argument(self, field: FieldNode, name: str) -> Any:
        for argument in field.arguments or ():
            if argument.name.value == name:
                return value_from_ast_untyped(argument.value, dict(self._variables))
        return None


def _times(rows: int) -> int:
    return max(1, math.floor(2 * math.log(rows))) if rows > 0 else 1


def _key(field: FieldNode) -> str:
    return field.alias.value if field.alias else field.name.value


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
