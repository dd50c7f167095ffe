"""The words of events: every kind that is recorded has some, a line says what DESIGN draws, and a person's time is understood."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

import supportdesk
from supportdesk.core.events import (
    GROUP_WORDS,
    KINDS,
    LOOK,
    WORD_WIDTH,
    Event,
    LogFilter,
    kind_of,
    line_of,
    moment_of,
    order_of,
    who_words,
)
from supportdesk.core.plan import ApplyStep
from supportdesk.ledger.movements import MovementKind

PACKAGE = Path(supportdesk.__file__).parent
AT = datetime(2026, 11, 23, 14, 31, 7, tzinfo=UTC)
NAMED_ELSEWHERE = {
    "cause.kind": set(get_args(MovementKind)),
    "f'plan_{step}'": {f"plan_{step}" for step in get_args(ApplyStep)},
}
"""What a kind that is no literal may be, by the expression that names it."""


class _Module:
    """The kinds that one module records, followed through the parameters of its own functions."""

    def __init__(self, text: str) -> None:
        self.tree = ast.parse(text)
        self.parent = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}
        self.constants = {
            ast.unparse(each.target): str(each.value.value)
            for each in self.tree.body
            if isinstance(each, ast.AnnAssign) and isinstance(each.value, ast.Constant)
        }
        self.calls = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]

    def kinds(self) -> Iterator[str]:
        for call in self.calls:
            if ast.unparse(call.func) in ("events.record", "record_event"):
                kind = next(word.value for word in call.keywords if word.arg == "kind")
                yield from self._values(kind, call, 4)

    def _values(self, node: ast.expr, at: ast.AST, depth: int) -> Iterator[str]:
        function = self._around(at)
        if isinstance(node, ast.Constant):
            yield str(node.value)
        elif isinstance(node, ast.IfExp):
            yield from self._values(node.body, at, depth)
            yield from self._values(node.orelse, at, depth)
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Dict):
            for value in node.value.values:
                yield from self._values(value, at, depth)
        elif ast.unparse(node) in NAMED_ELSEWHERE:
            yield from NAMED_ELSEWHERE[ast.unparse(node)]
        elif isinstance(node, ast.Name) and node.id in self.constants:
            yield self.constants[node.id]
        elif isinstance(node, ast.Name) and function is not None and depth:
            assigned = [
                each.value
                for each in ast.walk(function)
                if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == node.id
            ]
            for value in assigned:
                yield from self._values(value, function, depth - 1)
            for value, call in () if assigned else self._given(function, node.id):
                yield from self._values(value, call, depth - 1)
        else:
            raise AssertionError(f"teach this test what {ast.unparse(node)!r} may be")

    def _given(self, function: ast.FunctionDef, name: str) -> Iterator[tuple[ast.expr, ast.Call]]:
        names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
        names = names[1:] if names[:1] == ["self"] else names
        found = False
        for call in self.calls:
            if function.name not in (getattr(call.func, "id", ""), getattr(call.func, "attr", "")):
                continue
            words = {word.arg: word.value for word in call.keywords}
            if name in words:
                yield words[name], call
                found = True
            elif name in names and names.index(name) < len(call.args) and _is_own(call):
                yield call.args[names.index(name)], call
                found = True
        assert found, f"nobody in its module calls {function.name} with a {name}"

    def _around(self, node: ast.AST) -> ast.FunctionDef | None:
        while node in self.parent:
            node = self.parent[node]
            if isinstance(node, ast.FunctionDef):
                return node
        return None


def _is_own(call: ast.Call) -> bool:
    """Whether it is called by its name or on `self`: not another module's function of that name."""
    called = call.func
    return isinstance(called, ast.Name) or (
        isinstance(called, ast.Attribute) and ast.unparse(called.value) == "self"
    )


def recorded() -> dict[str, str]:
    """Every kind that some module records, and the module."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "events.record(" in text:
            for kind in _Module(text).kinds():
                found[kind] = str(path.relative_to(PACKAGE))
    return found


def test_every_kind_that_is_recorded_has_words() -> None:
    kinds = recorded()
    assert {"push", "undo", "held", "plan_on", "receive", "alert", "link"} <= set(kinds)
    without = {kind: module for kind, module in kinds.items() if kind not in KINDS}
    assert not without, "give them words in core/events.KINDS"


def test_the_search_for_kinds_sees_through_functions() -> None:
    module = _Module(
        "def tell(self, kind): events.record(c, kind=kind)\n"
        "def a(self): tell('x'); self.tell('y' if 1 else 'z')\n"
        "def move(cause): events.record(c, kind=cause.kind)\n"
    )
    assert {"x", "y", "z"} < set(module.kinds()) == {"x", "y", "z"} | set(get_args(MovementKind))
    with pytest.raises(AssertionError, match="teach"):
        list(_Module("def f(): events.record(c, kind=a.b())").kinds())


def test_words_fit_their_column_and_their_groups_are_offered() -> None:
    for name, kind in KINDS.items():
        assert 0 < len(kind.word) <= WORD_WIDTH, name
        assert kind.group in GROUP_WORDS, name
        assert kind.group not in ("all", "look"), name
    assert {KINDS[name].group for name in KINDS} == set(GROUP_WORDS) - {"all", "look"}


def event(kind: str, **facts: Any) -> Event:
    """An event of now."""
    return Event(1, AT, kind, **facts)


@pytest.mark.parametrize(
    ("happened", "line"),
    [
        (
            event(
                "order",
                place="Main Street",
                sku="M",
                before=40,
                after=38,
                reference="#1042",
                detail="#1042 placed",
                location="Main St",
                warehouse="MAIN",
            ),
            ("←", "order", "Main St", "M", "40 → 38", "#1042 placed", "MAIN"),
        ),
        (
            event(
                "push",
                place="Main St",
                sku="M",
                before=40,
                after=38,
                detail="Mug (gift): same SKU",
                who="mia",
            ),
            ("→", "push", "Main St", "M", "40 → 38", "Mug (gift): same SKU"),
        ),
        (
            event(
                "undo",
                place="Main St",
                sku="S",
                before=12,
                after=9,
                detail="by staff; put back to 9",
                who="mia",
            ),
            ("!", "edit", "Main St", "S", "9 → 12", "by staff; put back to 9"),
        ),
        (
            event("receive", place="Depot", sku="R", before=4, after=1054, reference="PO-118", who="mia"),
            ("·", "receive", "Depot", "R", "4 → 1,054", "PO-118, mia"),
        ),
        (event("plan_on", reference="plan 3", who="mia"), ("·", "sync on", "", "", "", "plan 3, sync is on")),
        (
            event("turn_off", who="mia", detail="Turned off by mia."),
            ("·", "sync off", "", "", "", "Turned off by mia."),
        ),
        (
            event("turn_off", who="mia", detail="Restored from a backup."),
            ("·", "sync off", "", "", "", "Restored from a backup, mia"),
        ),
        (event("fulfil", before=3, after=3, sku="A"), ("←", "fulfil", "", "A", "3", "")),
        (event("count", after=3, sku="A"), ("·", "count", "", "A", "→ 3", "")),
        (
            event("sold_to_the_moon", detail="why not", who="zoe", before=1, after=2),
            ("·", "sold to t", "", "", "1 → 2", "why not, zoe"),
        ),
    ],
)
def test_a_line_says(happened: Event, line: tuple[str, ...]) -> None:
    """Its last part, the warehouse beside a location, stands where both are known alone."""
    assert tuple(line_of(happened)) == (*line, "")[:7]


def test_what_is_to_be_looked_at() -> None:
    assert {"undo", "held", "late", "not_found", "out_of_sight", "take_over", "go_on", "alert"} <= set(LOOK)
    assert LogFilter(group="look").kinds_wanted() == frozenset(LOOK)
    assert LogFilter().kinds_wanted() is None
    assert LogFilter(group="look", kinds=("undo", "push")).kinds_wanted() == frozenset({"undo"})
    assert LogFilter(kinds=("push",)).kinds_wanted() == frozenset({"push"})
    orders = ("order", "fulfil", "cancel", "promised", "refund", "not_found", "late", "out_of_sight")
    assert LogFilter(group="orders").kinds_wanted() == frozenset(orders)
    assert kind_of("sold_to_the_moon").sign == "·"


def test_an_event_knows_its_order_and_its_person() -> None:
    assert order_of(event("order", reference="#1042")) == "#1042"
    assert order_of(event("order", reference="KO-1042")) == "KO-1042"
    assert order_of(event("push", reference="#1042")) == "#1042"
    assert order_of(event("receive", reference="PO-118")) == ""
    assert order_of(event("plan", reference="3")) == ""
    assert who_words(event("set", who="mia", host="desk-2", origin="10.0.0.5")) == (
        "mia on desk-2, over SSH from 10.0.0.5"
    )
    assert who_words(event("set", who="mia", host="desk-2")) == "mia on desk-2"
    assert who_words(event("set", host="desk-2")) == ""


LEEDS = ZoneInfo("Europe/London")
NOW = datetime(2026, 7, 1, 0, 30, tzinfo=UTC)
"""Half past one in the night in Leeds."""


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("now", NOW),
        ("90s", NOW - timedelta(seconds=90)),
        ("15m", NOW - timedelta(minutes=15)),
        ("15 min ago", NOW - timedelta(minutes=15)),
        ("-2h", NOW - timedelta(hours=2)),
        ("3d", NOW - timedelta(days=3)),
        ("1:10", datetime(2026, 7, 1, 0, 10, tzinfo=UTC)),
        ("01:10:30", datetime(2026, 7, 1, 0, 10, 30, tzinfo=UTC)),
        ("14:31", datetime(2026, 6, 30, 13, 31, tzinfo=UTC)),
        ("today 14:31", datetime(2026, 7, 1, 13, 31, tzinfo=UTC)),
        ("yesterday", datetime(2026, 6, 29, 23, 0, tzinfo=UTC)),
        ("Yesterday 9:00", datetime(2026, 6, 30, 8, 0, tzinfo=UTC)),
        ("2026-06-22", datetime(2026, 6, 21, 23, 0, tzinfo=UTC)),
        ("2026-06-22 14:31", datetime(2026, 6, 22, 13, 31, tzinfo=UTC)),
        ("2026-06-22T14:31z", datetime(2026, 6, 22, 14, 31, tzinfo=UTC)),
        ("2026-06-22T14:31:07+02:00", datetime(2026, 6, 22, 12, 31, 7, tzinfo=UTC)),
    ],
)
def test_a_time_that_is_typed(typed: str, moment: datetime) -> None:
    assert moment_of(typed, NOW, LEEDS) == moment


@pytest.mark.parametrize(
    "typed", ["", "noon", "25:00", "12:60", "yesterday noon", "2026-13-01", "5", "2w", "999999d"]
)
def test_what_is_no_time(typed: str) -> None:
    assert moment_of(typed, NOW, LEEDS) is None
