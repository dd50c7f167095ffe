"""The `?` page of a screen, made of the registry: what the screen is for, and every key that works on it."""

from __future__ import annotations

from textual.content import Content

from supportdesk.commands import EVERYWHERE, SCREENS, Command, Registry, shown_key
from supportdesk.widgets.dialogs import Entry, PageLine

_SIGNS = (
    ("✗", "in the way"),
    ("!", "look at this"),
    ("✓", "nothing to do"),
    ("●", "sync on"),
    ("○", "sync off"),
    ("–", "not known"),
)
"""The signs that screens show; they mean one thing everywhere (DESIGN §7)."""

_HEADINGS = {
    "decide": "To decide, one after the other",
    "list": "What the list shows",
    "marks": "Several at once",
    "table": "In a list",
    "panels": "Between panels",
    "tabs": "Between tabs",
    EVERYWHERE: "Everywhere",
}


def help_lines(registry: Registry, screen: str) -> list[PageLine]:
    """The page, a line each; long lines wrap where they are shown."""
    described = SCREENS[screen]
    lines: list[PageLine] = [_palette_line(registry), Content("")]
    for paragraph in described.about:
        lines += [Content(paragraph), Content("")]
    for scope in (screen, *described.leads_to, *described.parts, EVERYWHERE):
        commands = registry.of_scope(scope)
        if commands:
            lines.append(Content.styled(_HEADINGS.get(scope, f"On {described.title}"), "bold $accent"))
            lines += [_command_line(registry, command) for command in commands]
            lines.append(Content(""))
    lines.append(Content.styled("Signs", "bold $accent"))
    lines.append(Content("   ".join(f"{sign} {meaning}" for sign, meaning in _SIGNS)))
    lines.append(Content(""))
    lines.append(
        Content(
            "To select text with the mouse hold shift (option in iTerm2); --no-mouse leaves the mouse to the terminal."
        )
    )
    return lines


def _palette_line(registry: Registry) -> Content:
    keys = " or ".join(shown_key(key) for key in reversed(registry["palette"].keys))
    return Content.assemble((keys, "bold"), " searches all commands by name.")


def _command_line(registry: Registry, command: Command) -> Entry:
    keys = "  ".join(registry.keys_of(command)) or "in the palette"
    return Entry(Content.styled(keys, "bold"), Content(command.help))
