"""What kind of terminal the screens are drawn in, decided once at the start. Imports nothing of Textual, which reads the environment at import."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TextIO

from supportdesk.errors import NoTerminal

if TYPE_CHECKING:
    from supportdesk.settings import Settings

REMOTE_FRAMES: Final = "10"
"""Frames a second over a slow line: a flooded log is then about 200 KB/s uncompressed (`reference/textual.md` §4)."""


@dataclass(frozen=True, slots=True)
class TerminalProfile:
    """How to draw here."""

    remote: bool = False
    """Over SSH: few frames, no animation, no spinner."""
    ascii: bool = False
    """Nothing but ASCII may be sent."""
    colour: bool = True
    """False where NO_COLOR is set: no colour at all is sent."""
    mouse: bool = True

    @property
    def spinner(self) -> bool:
        """Whether something may move while nothing is known to progress."""
        return not self.remote

    @property
    def progress_seconds(self) -> float:
        """How often a progress line is drawn anew."""
        return 0.5 if self.remote else 0.125


class Stream(Protocol):
    """A standard stream, as far as it matters whether a terminal is behind it."""

    def isatty(self) -> bool:
        """Whether it is a terminal."""


def profile_of(settings: Settings, environ: Mapping[str, str], encoding: str) -> TerminalProfile:
    """The profile for these settings in this environment; `encoding` is that of the output where the locale says nothing."""
    remote = {"on": True, "off": False}.get(settings.remote)
    return TerminalProfile(
        remote=bool(environ.get("SSH_CONNECTION")) if remote is None else remote,
        ascii=settings.ascii if isinstance(settings.ascii, bool) else not speaks_utf8(environ, encoding),
        colour=not environ.get("NO_COLOR"),
        mouse=settings.mouse,
    )


_COERCED: Final = frozenset({"C.UTF-8", "C.utf8", "UTF-8"})
"""What Python itself sets LC_CTYPE to where it finds the C locale, or one that is not installed (PEP 538)."""


def speaks_utf8(environ: Mapping[str, str], encoding: str) -> bool:
    """Whether the locale is a UTF-8 one: the first of LC_ALL, LC_CTYPE and LANG that is set decides, else `encoding`.

    An LC_CTYPE that Python made itself says nothing of the terminal: LANG then decides, and where that is not set either
    there is no locale to go by and UTF-8 is the better guess.
    """
    everything, characters, language = (environ.get(key, "") for key in ("LC_ALL", "LC_CTYPE", "LANG"))
    if characters in _COERCED:
        characters, language = "", language or characters
    name = everything or characters or language or encoding
    return "utf8" in name.lower().replace("-", "")


def prepare(profile: TerminalProfile, environ: MutableMapping[str, str], output: TextIO | None) -> None:
    """Set what Textual reads at its import, and make `output` (standard error, where it draws) able to carry what is drawn."""
    if profile.remote:
        environ.setdefault("TEXTUAL_FPS", REMOTE_FRAMES)
        environ["TEXTUAL_ANIMATIONS"] = "none"
        environ["TEXTUAL_SMOOTH_SCROLL"] = "0"
        environ.setdefault("ESCDELAY", "250")
    if not environ.get("NO_COLOR"):
        # Textual takes an empty NO_COLOR for a set one; https://no-color.org says it is not.
        environ.pop("NO_COLOR", None)
    encoding = (getattr(output, "encoding", "") or "").lower().replace("-", "")
    if encoding != "utf8" and not profile.ascii and (reconfigure := getattr(output, "reconfigure", None)):
        reconfigure(encoding="utf-8", errors="backslashreplace")


def require_terminal(environ: Mapping[str, str], streams: tuple[Stream | None, ...], instead: str) -> None:
    """Raise `NoTerminal`, naming the command `instead` that says the same as JSON, unless every stream is a terminal that can draw."""
    if environ.get("TERM", "") == "dumb":
        raise NoTerminal("TERM is dumb, so nothing can be drawn.", f"`{instead}` says it as text.")
    if not all(stream is not None and stream.isatty() for stream in streams):
        raise NoTerminal("Input or output is not a terminal.", f"`{instead}` says it as text.")
