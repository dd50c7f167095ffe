"""Bindings out of the registry of commands, for the classes that hold them. Decides no key itself."""

from __future__ import annotations

from typing import cast

from textual.binding import Binding, BindingType

from supportdesk.commands import COMMANDS, PARTS

_TEXTUAL_NAMES = {"?": "question_mark", ":": "colon", "/": "slash", ",": "comma"}


def bindings_of(scope: str) -> list[BindingType]:
    """One binding a command of `scope`; its id is the command's, so that a settings file's keys reach it as a keymap.

    Commands of screens and of the app run through `app.run_command`, which knows whether they can be given now; those of a
    part that many screens have (a table) run on the part itself. One without a key is bound to a name that no terminal
    sends, so that a keymap finds it.
    """
    return cast(
        "list[BindingType]",
        [
            Binding(
                ",".join(textual_key(key) for key in command.keys) or f"unbound-{command.id}",
                command.action if command.scope in PARTS else f"app.run_command('{command.id}')",
                command.label,
                id=command.id,
                show=False,
                priority=bool(command.keys) and all(key.startswith("ctrl+") for key in command.keys),
            )
            for command in COMMANDS
            if command.scope == scope and command.action
        ],
    )


def textual_key(key: str) -> str:
    """A key of the registry as Textual's bindings write it."""
    return _TEXTUAL_NAMES.get(key, key)
