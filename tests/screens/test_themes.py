"""Contrast: every text on every ground it stands on, in true colour and as 256 colours show it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.color import Color, ColorSystem
from rich.terminal_theme import DEFAULT_TERMINAL_THEME

import supportdesk
from supportdesk.themes import PALETTES, THEME_NAMES, Palette, themes

_TEXTS = ("foreground", "muted", "accent", "passed", "warned", "blocked")
_GROUNDS = ("background", "surface", "bar")


def luminance(colour: str, system: ColorSystem) -> float:
    """Relative luminance as WCAG 2 defines it."""
    triplet = Color.parse(colour).downgrade(system).get_truecolor(DEFAULT_TERMINAL_THEME)
    parts = [value / 255 for value in triplet]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str, system: ColorSystem) -> float:
    first, second = sorted((luminance(one, system), luminance(other, system)), reverse=True)
    return (first + 0.05) / (second + 0.05)


@pytest.mark.parametrize("system", [ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT], ids=["true", "256"])
@pytest.mark.parametrize("name", PALETTES)
def test_text_can_be_read(name: str, system: ColorSystem) -> None:
    palette: Palette = PALETTES[name]
    pairs = [(text, ground) for text in _TEXTS for ground in _GROUNDS]
    pairs += [
        ("cursor_foreground", "cursor_background"),
        ("muted", "cursor_background"),
        ("accent", "cursor_background"),
    ]
    worst = {
        (text, ground): contrast(getattr(palette, text), getattr(palette, ground), system)
        for text, ground in pairs
    }
    assert not {pair: round(ratio, 2) for pair, ratio in worst.items() if ratio < 4.5}


@pytest.mark.parametrize("name", PALETTES)
def test_the_cursor_line_differs_from_the_ground(name: str) -> None:
    palette = PALETTES[name]
    assert contrast(palette.cursor_background, palette.background, ColorSystem.EIGHT_BIT) > 1.2


def test_every_theme_has_the_same_variables() -> None:
    variables = [set(theme.variables) for theme in themes()]
    ours = {"bar", "muted", "passed", "warned", "blocked", "rule", "cursor-line", "cursor-text"}
    assert all(ours <= names for names in variables)
    assert len(themes()) == len(THEME_NAMES)


def test_no_other_file_names_a_colour() -> None:
    package = Path(supportdesk.__file__).parent
    files = [
        *package.glob("screens/*.py"),
        *package.glob("widgets/*.py"),
        *package.glob("terminal/*.py"),
        package / "app.tcss",
    ]
    assert len(files) > 20
    named = re.compile(r"#[0-9a-fA-F]{6}\b|\brgb\(|\b(?:red|green|blue|yellow|white|black|cyan|magenta)\b")
    assert not {file.name: found for file in files if (found := named.findall(file.read_text()))}
