"""What every resolver shares: its form, ids that are wanted of a type, searches, counts, pages. No field of the schema itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from supportdesk.sandbox.context import Context
from supportdesk.sandbox.gid import GlobalId, gid, parse_gid
from supportdesk.sandbox.paging import ByNumber, Connection, Ordered, cursor, page
from supportdesk.sandbox.problems import not_found
from supportdesk.sandbox.records import VariantRecord
from supportdesk.sandbox.search import Filter, Search, prepare

Arguments = Mapping[str, Any]
Resolver = Callable[[Any, Context, Arguments], Any]


class Edge(NamedTuple):
    """A record of a connection with its cursor."""

    cursor: str
    node: Any


@dataclass(frozen=True, slots=True)
class CountOf:
    """GraphQL's Count."""

    count: int
    precision: str


def count_up_to(found: int, limit: int | None) -> CountOf:
    """A count, cut off at `limit` (`AT_LEAST`) where there are more."""
    return CountOf(limit, "AT_LEAST") if limit is not None and found > limit else CountOf(found, "EXACT")


def want(text: str, type_name: str) -> GlobalId:
    """The parts of an id that must be of `type_name`. Raises a `RESOURCE_NOT_FOUND` problem for another type."""
    parts = parse_gid(text)
    if parts is None or parts.type != type_name:
        raise not_found(text)
    return parts


def searched(context: Context, arguments: Arguments, filters: Mapping[str, Filter]) -> Search | None:
    """The `query` argument made ready, None where there is none; its warnings go with the reply."""
    text = arguments.get("query")
    if not text or not text.strip():
        return None
    search = prepare(text, filters)
    if search.warnings:
        context.search.append(
            {"path": list(context.path), "query": text, "parsed": search.parsed, "warnings": search.warnings}
        )
    return search


def variants_of(variants: list[VariantRecord], context: Context, arguments: Arguments, by: str) -> Connection:
    """A page of a product's or an item's variants, by `ID` or by the merchant's order (anything else)."""
    if by == "ID" or context.whole:
        placed = sorted(variants, key=lambda variant: variant.id)
        ordered = Ordered(ByNumber([variant.id for variant in placed]), placed.__getitem__)
    else:
        ordered = Ordered([(variant.position, variant.id) for variant in variants], variants.__getitem__)
    return page(ordered, dict(arguments), whole=context.whole)


def of(type_name: str) -> Resolver:
    """A resolver for `id`: the record's global id."""
    return lambda record, context, arguments: gid(type_name, record.id)


def attribute(name: str) -> Resolver:
    """A resolver for a field that is an attribute of the record."""
    return lambda record, context, arguments: getattr(record, name)


def parts_of(*names: str) -> dict[str, Resolver]:
    """Resolvers for fields that are attributes of the record: `createdAt` reads `created_at`."""
    return {name: attribute(re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)) for name in names}


def itself(record: Any, context: Context, arguments: Arguments) -> Any:
    """A resolver for an object that is another view of the same record."""
    return record


TIMES: Final[dict[str, Resolver]] = {
    "createdAt": attribute("created_at"),
    "updatedAt": attribute("updated_at"),
}


def connection_fields() -> dict[str, Resolver]:
    """The fields every connection has."""
    return {
        "nodes": lambda found, context, arguments: found.records,
        "edges": lambda found, context, arguments: [
            Edge(cursor(key), record) for key, record in zip(found.keys, found.records, strict=True)
        ],
        "pageInfo": lambda found, context, arguments: found.page_info(),
    }
