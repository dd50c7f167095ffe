"""Columns of the command line stand below each other whatever the script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from supportdesk.cli import output
from supportdesk.core.text import safe_text


@given(st.text())
def test_a_text_takes_as_many_columns_as_on_the_screens(text: str) -> None:
    assert output.cells(safe_text(text)) == cell_len(safe_text(text))


def test_narrow_letters_are_narrow() -> None:
    for code in range(0x20, 0x3000):
        if output._NARROW.fullmatch(chr(code)):
            assert cell_len(chr(code)) == 1, hex(code)


def test_wide_letters_do_not_shift_what_stands_behind_them(capsys: pytest.CaptureFixture[str]) -> None:
    output.emit_table(
        ("name", "units", "code"),
        [("テント", "7", "A"), ("Tent", "1,200", "B"), ("e\u0301te", "12", "C")],
        right=frozenset({1}),
    )
    lines = capsys.readouterr().out.splitlines()
    assert {cell_len(line) for line in lines[1:]} == {cell_len("テント") + 2 + 5 + 2 + 1}
    assert lines[1] == "テント      7  A"


def test_padding_leaves_longer_text_alone() -> None:
    assert output.padded("テント", 4) == "テント"
    assert output.padded("テ", 4, right=True) == "  テ"
