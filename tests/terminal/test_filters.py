"""Colourless and ASCII output, whatever is drawn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from supportdesk.terminal.filters import AsciiOnly, Colourless, ascii_of

GROUND = Color(0, 0, 0)


@pytest.mark.parametrize(
    "style", ["red", "on #123456", "bold color(7)", "dim", "reverse default on default", "none"]
)
def test_no_colour_is_left(style: str) -> None:
    [segment] = Colourless().apply([Segment("x", Style.parse(style))], GROUND)
    assert segment.style is not None
    sent = segment.style.render("x", color_system=ColorSystem.TRUECOLOR)
    assert not any(code in sent for code in ("38;", "48;", "39", "49", "[2m", "[3", "[9"))


def test_attributes_and_meta_are_kept() -> None:
    style = Style.parse("bold reverse underline red") + Style.from_meta({"a": 1})
    [segment] = Colourless().apply([Segment("x", style)], GROUND)
    assert segment.style is not None
    assert (segment.style.bold, segment.style.reverse, segment.style.underline) == (True, True, True)
    assert segment.style.meta == {"a": 1}


def test_a_segment_without_style_is_no_trouble() -> None:
    [segment] = Colourless().apply([Segment("x")], GROUND)
    assert segment == Segment("x", Style.null())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("▸ ✓ ✗ … –", "> v x ~ -"),
        ("── Before ──", "-- Before --"),
        ("○ ●", "o @"),
        ("Café Ünïcode", "Cafe Unicode"),
        ("日本", "????"),
        ("plain", "plain"),
    ],
)
def test_ascii(text: str, shown: str) -> None:
    [segment] = AsciiOnly().apply([Segment(text, Style.parse("red"))], GROUND)
    assert segment.text == shown
    assert segment.style == Style.parse("red")


@given(st.characters(exclude_categories=["Cs"]))
def test_every_character_keeps_its_width(character: str) -> None:
    shown = ascii_of(character)
    assert shown.isascii()
    assert cell_len(shown) == cell_len(character)
