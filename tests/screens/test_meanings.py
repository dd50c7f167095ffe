"""*What this means for you* has something to say of every line of readiness and of every finding."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from supportdesk.core import account_checks, findings, readiness
from supportdesk.core.listings import LEFT_OUT
from supportdesk.screens.meanings import MEANINGS, meaning_of

NAMED_ELSEWHERE = {"reason": set(LEFT_OUT), "name": set(account_checks._PAIRS)}
"""By the variable that stands for the id of a check: the ids it goes through."""


def ids_made() -> Iterator[str]:
    """The id of every `Check` and `Finding` that core makes, read from its source."""
    for module in (readiness, account_checks, findings):
        assert module.__file__
        for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in ("Check", "Finding"):
                said = node.args[0]
                if isinstance(said, ast.Name):
                    yield from NAMED_ELSEWHERE[said.id]
                else:
                    assert isinstance(said, ast.Constant)
                    yield str(said.value)


IDS = sorted(set(ids_made()))


def test_the_ids_are_found() -> None:
    assert {"loaded", "duplicates", "draft", "crossed", "bundle_stock", "location_back", "service"} <= set(
        IDS
    )


@pytest.mark.parametrize("subject", IDS)
def test_every_line_has_a_meaning(subject: str) -> None:
    assert subject in MEANINGS
    for paragraph in meaning_of(subject):
        assert paragraph.endswith(".")


def test_of_anything_else_it_is_said_that_there_is_none() -> None:
    assert meaning_of("nonsense") == ("There is nothing more to say about this line.",)
