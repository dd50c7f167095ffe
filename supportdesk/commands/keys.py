"""How keys are spelt, shown and given away by a settings file. Which command has which key, the modules of the scopes say."""

from __future__ import annotations

import difflib
import re
from typing import Final

from supportdesk.commands.command import Command
from supportdesk.errors import SettingsInvalid

RESERVED_KEYS: Final = frozenset(
    {
        "?",
        ":",
        "/",
        "escape",
        "enter",
        "space",
        "tab",
        "shift+tab",
        "ctrl+c",
        "ctrl+p",
        *"jkhlgGyYErq",
        *"0123456789",
    }
)
"""Keys that mean one thing everywhere (DESIGN §7): a command may have one by default, a settings file cannot give it one."""

_SPELLINGS: Final = {
    "esc": "escape",
    "return": "enter",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "page up": "pageup",
    "page down": "pagedown",
    "del": "delete",
    "ins": "insert",
    " ": "space",
}
_NAMED_KEYS: Final = (
    *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete"),
    *("tab", "enter", "escape", "space", "backspace"),
    *(f"f{number}" for number in range(1, 25)),
)
_KEY: Final = re.compile(rf"(?:(?:ctrl|alt|shift)\+)*(?:[!-~]|{'|'.join(_NAMED_KEYS)})")
_SHOWN: Final = {"escape": "esc", "pageup": "page up", "pagedown": "page down"}


def shown_key(key: str) -> str:
    """A key as a person reads it in footer and help: `esc` for `escape`."""
    return _SHOWN.get(key, key)


def nearest(name: str, names: tuple[str, ...]) -> str:
    """A sentence naming the likeliest of `names`, or where to find them all."""
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"Did you mean {near[0]}?" if near else "`supportdesk keys` lists them all."


def checked_key(command: Command, key: str) -> str:
    """The key of a settings file's [keys] as the registry writes it. Raises `SettingsInvalid` for none, and for a reserved one."""
    plain = key if len(key) == 1 and key != " " else key.strip().lower()
    plain = _SPELLINGS.get(plain, plain)
    if not _KEY.fullmatch(plain) or plain == ",":
        raise SettingsInvalid(
            f"[keys] gives {command.id} the key {key!r}, which is none.",
            nearest(plain, _NAMED_KEYS)
            if len(plain) > 1
            else "Write one character, or a name like f5 or ctrl+t.",
        )
    if plain in RESERVED_KEYS and plain not in command.keys:
        raise SettingsInvalid(
            f"[keys] gives {command.id} the key {shown_key(plain)}, which means one thing everywhere.",
            "Choose a key that is not reserved.",
        )
    return plain
