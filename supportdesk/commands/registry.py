"""Every command in one order, and those in force with a settings file's keys. What each command is, the modules of the scopes say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from supportdesk.commands import (
    duplicates,
    everywhere,
    live,
    log,
    orders,
    overview,
    parts,
    plans,
    stock,
    stores,
    warehouses,
    wizard,
)
from supportdesk.commands.command import DEMO, EVERYWHERE, Command, ScreenHelp
from supportdesk.commands.keys import checked_key, nearest, shown_key
from supportdesk.errors import SettingsInvalid

SCREENS: Final[Mapping[str, ScreenHelp]] = {
    **stores.SCREENS,
    **overview.SCREENS,
    **duplicates.SCREENS,
    **warehouses.SCREENS,
    **stock.SCREENS,
    **orders.SCREENS,
    **log.SCREENS,
    **live.SCREENS,
    **plans.SCREENS,
    **wizard.SCREENS,
}

COMMANDS: Final[tuple[Command, ...]] = (
    *everywhere.COMMANDS,
    *everywhere.SANDBOX,
    *parts.TABLE,
    *stores.COMMANDS,
    *overview.COMMANDS,
    *duplicates.TAB,
    *parts.LISTS,
    *duplicates.COMMANDS,
    *warehouses.COMMANDS,
    *stock.COMMANDS,
    *orders.COMMANDS,
    *log.COMMANDS,
    *live.COMMANDS,
    *plans.COMMANDS,
    *wizard.COMMANDS,
    *parts.PANELS,
)
"""Every command, in the order help and `keys` show them."""

FOOTER_ITEMS: Final = 6
"""At most so many in the footer, `? help` and `q quit` among them (DESIGN §7)."""


class Registry:
    """The commands in force: the defaults with a settings file's [keys] applied."""

    def __init__(self, commands: tuple[Command, ...] = COMMANDS) -> None:
        self.commands = commands
        self._by_id = {command.id: command for command in commands}

    def __getitem__(self, command_id: str) -> Command:
        return self._by_id[command_id]

    def of_scope(self, scope: str) -> tuple[Command, ...]:
        """The commands of one scope, in order."""
        return tuple(command for command in self.commands if command.scope == scope)

    def of_screen(self, screen: str) -> tuple[Command, ...]:
        """Every command that can be given on a screen: its own, its parts', then those that are everywhere."""
        scopes = (screen, *SCREENS[screen].parts, EVERYWHERE)
        return tuple(command for scope in scopes for command in self.of_scope(scope))

    def offered(self, screen: str) -> tuple[Command, ...]:
        """What the palette of a screen offers: `of_screen`, and the commands that take two keys."""
        described = SCREENS[screen]
        scopes = (screen, *described.leads_to, *described.parts, EVERYWHERE)
        return tuple(command for scope in scopes for command in self.of_scope(scope))

    def keys_of(self, command: Command) -> tuple[str, ...]:
        """A command's keys as a person reads them: `esc`, and `d o` where two are pressed after each other."""
        first = [shown_key(self[command.after].keys[0])] if command.after and self[command.after].keys else []
        return tuple(" ".join([*first, shown_key(key)]) for key in command.keys)

    def footer(self, screen: str, *, typing: bool = False) -> tuple[tuple[Command, str], ...]:
        """What the footer of a screen shows, each with its key: help, quit, the screen's own; `FOOTER_ITEMS` at most.

        While a person is typing only keys that are not text are named, and commands without one are left out.
        """
        return self.for_footer(screen, typing=typing)[:FOOTER_ITEMS]

    def for_footer(self, screen: str, *, typing: bool = False) -> tuple[tuple[Command, str], ...]:
        """As `footer`, with those that come in where an earlier one cannot be given now: the most useful first."""
        shown = []
        for command in (self[command_id] for command_id in ("help", "quit", *SCREENS[screen].footer)):
            keys = [key for key in command.keys if len(key) > 1] if typing else command.keys
            if keys:
                shown.append((command, keys[0]))
        return tuple(shown)

    def clashes(self) -> tuple[tuple[str, str, Command, Command], ...]:
        """(screen, key, one command, other command) for every key bound twice on one screen."""
        found = []
        for screen in SCREENS:
            owner: dict[str, Command] = {}
            for command in (*self.of_screen(screen), *self.of_scope(DEMO)):
                for key in command.keys:
                    first = owner.setdefault(key, command)
                    if first is not command:
                        found.append((screen, key, first, command))
        return tuple(found)


def registry_with(overrides: Mapping[str, tuple[str, ...]]) -> Registry:
    """The registry with the keys of a settings file's [keys] table (command id → keys, which replace its own).

    Raises `SettingsInvalid` for an unknown id (naming the nearest), something that is no key, a reserved key, and a key
    that would then be bound twice on one screen.
    """
    registry = Registry()
    changed: dict[str, Command] = {}
    for command_id, keys in overrides.items():
        if command_id not in registry._by_id:
            raise SettingsInvalid(
                f"[keys] names {command_id!r}, and there is no such command.",
                nearest(command_id, tuple(registry._by_id)),
            )
        command = registry[command_id]
        changed[command_id] = replace(command, keys=tuple(checked_key(command, key) for key in keys))
    result = Registry(tuple(changed.get(command.id, command) for command in registry.commands))
    for screen, key, first, second in result.clashes():
        raise SettingsInvalid(
            f"[keys] binds {shown_key(key)} twice on {SCREENS[screen].title}: for {first.id} and for {second.id}.",
            "Give one of them another key.",
        )
    return result
