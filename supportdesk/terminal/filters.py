"""The last look at what is sent: line filters that take all colour away, and that leave nothing but ASCII. No widget needs to know."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

_PLAIN: Final = Style.null()


@lru_cache(2048)
def without_colour(style: Style) -> Style:
    """`style` with its attributes (bold, reverse, underline) alone."""
    return Style(
        bold=style.bold,
        italic=style.italic,
        underline=style.underline,
        strike=style.strike,
        reverse=style.reverse,
        meta=style.meta or None,
    )


class Colourless(LineFilter):
    """Takes every colour away, dimness too. Textual's own NO_COLOR filter sends greys (`reference/textual.md` §4)."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments without colour."""
        return [
            Segment(text, _PLAIN if style is None else without_colour(style), control)
            for text, style, control in segments
        ]


_ASCII: Final = {
    **dict.fromkeys("─━═╌┄╍┅▁▔⎺⎽▂▃▄▅▆▇▀", "-"),
    **dict.fromkeys("│┃║╎┆▏▎▍▌▋▊▉▐▕", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯┏┓┗┛╔╗╚╝╠╣╸╺╹╻▖▗▘▝▙▛▜▟", "+"),
    **dict.fromkeys("█▓▒■▪", "#"),
    **dict.fromkeys("░▫□", "."),
    **dict.fromkeys("●◉", "@"),  # not `*`, which says that a number changes
    **dict.fromkeys("•∙", "*"),
    **dict.fromkeys("○◌", "o"),
    **dict.fromkeys("▸▶›»→⏵", ">"),
    **dict.fromkeys("◂◀‹«←⏴", "<"),
    **dict.fromkeys("↑▲▴", "^"),
    **dict.fromkeys("↓▼▾", "v"),
    **dict.fromkeys("–—−‐‑", "-"),
    **dict.fromkeys("‘’‚′", "'"),
    **dict.fromkeys("“”„″", '"'),
    "…": "~",
    "·": "-",
    "×": "x",
    "✓": "v",
    "✗": "x",
    "≥": ">",
    "≤": "<",
    "Σ": "S",
    "\xa0": " ",
}
"""One column for one column, so that no line changes its width."""


@lru_cache(4096)
def ascii_of(character: str) -> str:
    """One character in ASCII, as wide as it was: a likeness, the letter without its accent, or `?`."""
    if character in _ASCII:
        return _ASCII[character]
    width = cell_len(character)
    base = unicodedata.normalize("NFKD", character)[0]
    return base if width == 1 and base.isascii() and base.isprintable() else "?" * width


class AsciiOnly(LineFilter):
    """Replaces every character that is not ASCII."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments in ASCII, each as wide as it was."""
        return [
            segment
            if segment.text.isascii()
            else Segment(
                "".join(c if c.isascii() else ascii_of(c) for c in segment.text),
                segment.style,
                segment.control,
            )
            for segment in segments
        ]
