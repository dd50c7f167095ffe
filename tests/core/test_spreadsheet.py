"""Cells that no spreadsheet runs, and that give every text back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.core.spreadsheet import guarded, unguarded

_STARTS = st.sampled_from(["", "'", "''", "=", "'=", "-", "'-", "+1", "@", "\t", "\r", "'\t"])


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("KO-1", "KO-1"),
        ("-X", "'-X"),
        ("'-X", "''-X"),
        ("'quoted", "'quoted"),
        ("=1+1", "'=1+1"),
        ("@sum", "'@sum"),
        ("\tx", "'\tx"),
        ("", ""),
        ("a=b", "a=b"),
    ],
)
def test_what_gets_an_apostrophe(text: str, cell: str) -> None:
    assert guarded(text) == cell
    assert unguarded(cell) == text


@given(_STARTS, st.text())
def test_every_text_comes_back_and_none_is_run(start: str, rest: str) -> None:
    text = start + rest
    cell = guarded(text)
    assert unguarded(cell) == text
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
