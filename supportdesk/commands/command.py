"""What a command and a screen's help are, and the scopes that several modules name. No command stands here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

EVERYWHERE: Final = "everywhere"

DEMO: Final = "demo"
"""Scope of the commands that only the demo has, on every screen of it."""

PARTS: Final = frozenset({"table"})
"""Scopes whose commands the part itself runs."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a person can ask of a screen."""

    id: str
    """`home.connect`: what a settings file's [keys] and the palette name it by."""
    keys: tuple[str, ...]
    """As a person writes them: `?`, `ctrl+p`, `enter`. Empty where only the palette offers it."""
    label: str
    """A word or three for footer and palette."""
    help: str
    """One sentence for the `?` page."""
    scope: str
    """`everywhere`, a screen, or a part that several screens have (`table`)."""
    action: str
    """What Textual runs: `app.…`, `screen.…`, or a bare name for the part of the screen the command belongs to. '' where the
    widget that has the focus does it by itself."""
    palette: bool = True
    after: str = ""
    """The command whose key comes first, for a key that is the second of two."""


@dataclass(frozen=True, slots=True)
class ScreenHelp:
    """One screen: its parts, and what its `?` page says before the keys."""

    title: str
    parts: tuple[str, ...]
    """Scopes of parts it has besides its own and `everywhere`."""
    about: tuple[str, ...]
    """Paragraphs."""
    footer: tuple[str, ...] = ()
    """Commands in the footer after `? help` and `q quit`, the most useful first."""
    leads_to: tuple[str, ...] = ()
    """Scopes whose keys come second, after a key of this screen that says so."""
