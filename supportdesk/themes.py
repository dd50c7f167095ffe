"""The four themes, and every colour there is. The only module that names a colour; style sheets use its variables.

Colour only ever repeats what a sign or a word says already: NO_COLOR and the ansi theme lose nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from textual.theme import Theme


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme, as `#rrggbb`."""

    dark: bool
    background: str
    surface: str
    """Behind dialogs and inputs."""
    bar: str
    """Behind the first and last line of a screen."""
    foreground: str
    muted: str
    """Text that may be skipped: units, ages, keys' labels."""
    accent: str
    """Keys, headings, the active tab."""
    passed: str
    warned: str
    blocked: str
    cursor_background: str
    cursor_foreground: str
    rule: str
    """Lines between things; no text is drawn in it."""


PALETTES: Final = {
    "dark": Palette(
        dark=True,
        background="#16181a",
        surface="#1f2226",
        bar="#272b30",
        foreground="#d8dee6",
        muted="#a3afbc",
        accent="#86bfe0",
        passed="#93cf97",
        warned="#e6bd72",
        blocked="#f39a8f",
        cursor_background="#38414a",
        cursor_foreground="#ffffff",
        rule="#4a5766",
    ),
    "light": Palette(
        dark=False,
        background="#fbfaf7",
        surface="#f3f3f1",
        bar="#ebebe8",
        foreground="#23282e",
        muted="#565f69",
        accent="#155d87",
        passed="#22642b",
        warned="#664400",
        blocked="#a32a20",
        cursor_background="#cfe3f1",
        cursor_foreground="#0b1218",
        rule="#a9a595",
    ),
    "high-contrast": Palette(
        dark=True,
        background="#000000",
        surface="#000000",
        bar="#000000",
        foreground="#ffffff",
        muted="#e0e0e0",
        accent="#5fd7ff",
        passed="#5fff87",
        warned="#ffd75f",
        blocked="#ff9d94",
        cursor_background="#000087",
        cursor_foreground="#ffffff",
        rule="#ffffff",
    ),
}
"""Palettes by theme name; `ansi` has none, because it takes the terminal's own sixteen colours."""

THEME_NAMES: Final = (*PALETTES, "ansi")

_PREFIX: Final = "supportdesk-"


def theme_id(name: str) -> str:
    """The name Textual knows our theme by, so that ours and its built-in ones never meet."""
    return _PREFIX + name


def themes() -> tuple[Theme, ...]:
    """Every theme, ready to be registered. Imports Textual."""
    return (*(_from_palette(name, palette) for name, palette in PALETTES.items()), _ansi())


def _from_palette(name: str, palette: Palette) -> Theme:
    from textual.theme import Theme

    return Theme(
        name=theme_id(name),
        dark=palette.dark,
        primary=palette.accent,
        secondary=palette.accent,
        accent=palette.accent,
        success=palette.passed,
        warning=palette.warned,
        error=palette.blocked,
        foreground=palette.foreground,
        background=palette.background,
        surface=palette.surface,
        panel=palette.bar,
        variables={
            "bar": palette.bar,
            "muted": palette.muted,
            "passed": palette.passed,
            "warned": palette.warned,
            "blocked": palette.blocked,
            "rule": palette.rule,
            "cursor-line": palette.cursor_background,
            "cursor-text": palette.cursor_foreground,
            "cursor-muted": palette.cursor_foreground,
            "block-cursor-background": palette.cursor_background,
            "block-cursor-foreground": palette.cursor_foreground,
            "block-cursor-blurred-background": palette.surface,
            "block-cursor-blurred-foreground": palette.foreground,
            "input-cursor-background": palette.foreground,
            "input-cursor-foreground": palette.background,
            "input-selection-background": palette.cursor_background,
            "scrollbar": palette.rule,
            "scrollbar-hover": palette.muted,
            "scrollbar-active": palette.accent,
            "scrollbar-background": palette.background,
            "scrollbar-background-hover": palette.background,
            "scrollbar-background-active": palette.background,
            "scrollbar-corner-color": palette.background,
            "border": palette.accent,
            "border-blurred": palette.rule,
        },
    )


def _ansi() -> Theme:
    from textual.theme import Theme

    default = "ansi_default"
    return Theme(
        name=theme_id("ansi"),
        ansi=True,
        dark=True,
        primary="ansi_blue",
        secondary="ansi_cyan",
        accent=default,
        success="ansi_green",
        warning="ansi_yellow",
        error="ansi_red",
        foreground=default,
        background=default,
        surface=default,
        panel=default,
        boost=default,
        variables={
            "bar": default,
            "muted": default,
            "passed": "ansi_green",
            "warned": "ansi_yellow",
            "blocked": "ansi_red",
            "rule": default,
            "cursor-line": default,
            "cursor-text": default,
            "cursor-muted": default,
            "block-cursor-background": default,
            "block-cursor-foreground": default,
            "block-cursor-blurred-background": default,
            "block-cursor-blurred-foreground": default,
            "block-cursor-text-style": "reverse",
            "input-cursor-background": default,
            "input-cursor-foreground": default,
            "input-cursor-text-style": "reverse",
            "input-selection-background": default,
            "ansi-background": "ansi_black",
            "ansi-foreground": "ansi_white",
            "scrollbar": default,
            "scrollbar-hover": default,
            "scrollbar-active": default,
            "scrollbar-background": default,
            "scrollbar-background-hover": default,
            "scrollbar-background-active": default,
            "scrollbar-corner-color": default,
            "border": default,
            "border-blurred": default,
        },
    )
