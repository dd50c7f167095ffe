"""Shopify's search syntax (`field:value`, `AND`, `OR`, `NOT`, brackets): read, judged, and applied to one record at a time.

An unknown field is no error: its term is left out, everything matches, and a warning goes with the reply (`reference/shopify.md` §3).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from supportdesk.sandbox.clock import stamp
from supportdesk.sandbox.problems import bad_request

Kind = Literal["text", "exact", "number", "date", "flag"]


@dataclass(frozen=True, slots=True)
class Filter:
    """A search field: how its values compare, and what a record says."""

    kind: Kind
    read: Callable[[Any], Any]
    """The record's value: text (or several), a number, a stamp, a flag."""


Filters = Mapping[str, Filter]
"""By name; the name '' is what a term without a field looks through."""

_TOKEN: Final = re.compile(r"[^\W_]+", re.UNICODE)
_LEXEME: Final = re.compile(
    r"""\s*(?:(?P<open>\()|(?P<close>\))|(?P<minus>-)(?=[\w("'])|(?P<term>
        (?:(?P<field>[A-Za-z_][\w.]*):(?P<sign><=|>=|<|>)?)?
        (?:"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>(?:\\.|[^'\\])*)'|(?P<bare>(?:\\.|[^\s()"\\])+))))""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Term:
    """One `field:value`, or a bare word (field '')."""

    field: str
    sign: str
    value: str
    quoted: bool

    def parsed(self) -> dict[str, Any]:
        """The term as `extensions.search[].parsed` shows it."""
        names = {"": "match_all", "<": "less_than", "<=": "less_than_or_equal_to"}
        names |= {">": "greater_than", ">=": "greater_than_or_equal_to"}
        said = {names[self.sign]: self.value}
        return {"field": self.field or "default", **said}


@dataclass(frozen=True, slots=True)
class Branch:
    """Terms joined: `and`, `or`, or `not` with one part."""

    joint: Literal["and", "or", "not"]
    parts: tuple[Term | Branch, ...]

    def parsed(self) -> dict[str, Any]:
        """The branch as `extensions.search[].parsed` shows it."""
        shown = [part.parsed() for part in self.parts]
        return {self.joint: shown[0] if self.joint == "not" else shown}


@dataclass(slots=True)
class Search:
    """A query made ready to apply."""

    matches: Callable[[Any], bool]
    warnings: list[dict[str, str]] = field(default_factory=list)
    parsed: dict[str, Any] = field(default_factory=dict)
    above: int | None = None
    """Every record that matches has an id above this; None where the query says nothing of it."""


def prepare(query: str, filters: Filters) -> Search:
    """`query` ready to apply with `filters`. Raises `ResolverProblem` (`BAD_REQUEST`) for a date that is none."""
    tree = _parse(query)
    if tree is None:
        return Search(lambda record: True)
    warnings: list[dict[str, str]] = []
    predicate = _compile(tree, filters, warnings)
    return Search(predicate or (lambda record: True), warnings, tree.parsed(), _lowest_id(tree))


def _lowest_id(tree: Term | Branch) -> int | None:
    parts = tree.parts if isinstance(tree, Branch) and tree.joint == "and" else (tree,)
    bounds = [
        int(part.value) - (part.sign == ">=")
        for part in parts
        if isinstance(part, Term)
        and part.field == "id"
        and part.sign in (">", ">=")
        and part.value.isdecimal()
    ]
    return max(bounds, default=None)


# --- reading a query -----------------------------------------------------------------------------------------------


class _Reader:
    """Recursive descent over the lexemes. Lenient as a search box: what does not fit is passed over."""

    def __init__(self, query: str) -> None:
        self.lexemes: list[re.Match[str]] = []
        at = 0
        while at < len(query):
            match = _LEXEME.match(query, at)
            if match is None:
                at += 1
                continue
            self.lexemes.append(match)
            at = match.end()
        self.at = 0

    def peek(self) -> re.Match[str] | None:
        return self.lexemes[self.at] if self.at < len(self.lexemes) else None

    def word(self) -> str:
        """The connective ahead, '' for anything else."""
        match = self.peek()
        bare = match["bare"] if match is not None and match["field"] is None else None
        return bare if bare in ("AND", "OR", "NOT") else ""

    def either(self) -> Term | Branch | None:
        parts = [part for part in [self.both()] if part]
        while self.word() == "OR":
            self.at += 1
            if part := self.both():
                parts.append(part)
        return _joined("or", parts)

    def both(self) -> Term | Branch | None:
        parts: list[Term | Branch] = []
        while (match := self.peek()) is not None and not match["close"] and self.word() != "OR":
            if self.word() == "AND":
                self.at += 1
                continue
            if part := self.one():
                parts.append(part)
        return _joined("and", parts)

    def one(self) -> Term | Branch | None:
        match = self.peek()
        if match is None:
            return None
        self.at += 1
        if match["minus"] or (match["bare"] == "NOT" and match["field"] is None):
            inner = self.one()
            return Branch("not", (inner,)) if inner else None
        if match["open"]:
            found = self.either()
            if (closing := self.peek()) is not None and closing["close"]:
                self.at += 1
            return found
        if match["close"]:
            return None
        quoted = match["double"] if match["double"] is not None else match["single"]
        value = quoted if quoted is not None else match["bare"]
        return Term(
            match["field"] or "", match["sign"] or "", re.sub(r"\\(.)", r"\1", value), quoted is not None
        )


def _joined(joint: Literal["and", "or"], parts: list[Term | Branch]) -> Term | Branch | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    return Branch(joint, tuple(parts))


def _parse(query: str) -> Term | Branch | None:
    reader = _Reader(query)
    parts: list[Term | Branch] = []
    while reader.peek() is not None:
        if part := reader.either():
            parts.append(part)
        else:
            reader.at += 1
    return _joined("and", parts)


# --- applying it ---------------------------------------------------------------------------------------------------

_Predicate = Callable[[Any], bool]


def _compile(tree: Term | Branch, filters: Filters, warnings: list[dict[str, str]]) -> _Predicate | None:
    """The test for a tree; None for a part that is left out."""
    if isinstance(tree, Term):
        return _compile_term(tree, filters, warnings)
    tests = [test for part in tree.parts if (test := _compile(part, filters, warnings)) is not None]
    if not tests:
        return None
    if tree.joint == "not":
        inner = tests[0]
        return lambda record: not inner(record)
    if tree.joint == "and":
        return lambda record: all(test(record) for test in tests)
    return lambda record: any(test(record) for test in tests)


def _compile_term(term: Term, filters: Filters, warnings: list[dict[str, str]]) -> _Predicate | None:
    found = filters.get(term.field)
    if found is None:
        warnings.append(
            {"field": term.field, "message": "Invalid search field for this query.", "code": "invalid_field"}
        )
        return None
    read = found.read
    if term.value == "*" and not term.quoted:
        return lambda record: read(record) not in (None, "")
    match found.kind:
        case "text":
            return _text_test(read, term)
        case "exact":
            wanted = {word.casefold() for word in term.value.split(",")}
            return lambda record: any(text.casefold() in wanted for text in _several(read(record)))
        case "flag":
            truth = term.value.casefold() == "true"
            return lambda record: bool(read(record)) is truth
        case "date":
            return _ordered(read, term.sign, _date(term))
        case "number":
            return _number_test(read, term)


def _number_test(read: Callable[[Any], Any], term: Term) -> _Predicate:
    try:
        numbers = [int(value.rpartition("/")[2]) for value in term.value.split(",")]
    except ValueError:
        return lambda record: False
    if term.sign:
        return _ordered(read, term.sign, numbers[0])
    wanted = set(numbers)
    return lambda record: read(record) in wanted


def _several(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def words_of(text: str) -> list[str]:
    """The words the index holds for `text`: letters and digits, case folded, split at everything else."""
    return _TOKEN.findall(text.casefold())


def _text_test(read: Callable[[Any], Any], term: Term) -> _Predicate:
    # The index splits a SKU at its punctuation, so an unquoted prefix finds more than was meant; clients compare exactly.
    prefix = not term.quoted or term.value.endswith("*")
    wanted = words_of(term.value)
    if not wanted:
        return lambda record: False
    size = len(wanted)

    def found(text: str) -> bool:
        words = words_of(text)
        for start in range(len(words) - size + 1):
            window = words[start : start + size]
            if window == wanted:
                return True
            if prefix and window[:-1] == wanted[:-1] and window[-1].startswith(wanted[-1]):
                return True
        return False

    return lambda record: any(found(text) for text in _several(read(record)))


def _ordered(read: Callable[[Any], Any], sign: str, bound: Any) -> _Predicate:
    match sign:
        case "<":
            return lambda record: read(record) < bound
        case "<=":
            return lambda record: read(record) <= bound
        case ">":
            return lambda record: read(record) > bound
        case ">=":
            return lambda record: read(record) >= bound
    return lambda record: read(record) == bound


def _date(term: Term) -> str:
    try:
        moment = datetime.fromisoformat(term.value)
    except ValueError:
        raise bad_request(f"Invalid timestamp for query filter `{term.field}`.") from None
    return stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
