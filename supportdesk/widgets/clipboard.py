"""Copying: OSC 52 to the agent's own terminal, and a word about what was copied. Whether it arrived no program can know."""

from __future__ import annotations

from typing import Any, Final

from textual.app import App

from supportdesk.core.text import safe_text

LIMIT: Final = 74_000
"""Bytes; terminals drop longer OSC 52 sequences."""
_SHOWN: Final = 40


def copy(app: App[Any], what: str, text: str) -> None:
    """Copy `text` and say so, naming `what` (`the handle`) in our words."""
    if not text:
        app.notify("There is nothing to copy here.", markup=False)
        return
    text = text.encode(errors="replace").decode()  # half a surrogate pair cannot be sent
    if len(text.encode()) > LIMIT:
        app.notify(f"That is too long to copy ({len(text):,} characters).", severity="warning", markup=False)
        return
    app.copy_to_clipboard(text)
    line = text.replace("\t", "  ")
    shown = safe_text(line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…")
    app.notify(f"Copied {what}: {shown}", markup=False)
