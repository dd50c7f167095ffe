"""The registry: no key twice, reserved keys, overrides, footers, and that it needs no Textual."""

from __future__ import annotations

import subprocess
import sys

import pytest

from supportdesk.commands import (
    COMMANDS,
    DEMO,
    EVERYWHERE,
    FOOTER_ITEMS,
    RESERVED_KEYS,
    SCREENS,
    Registry,
    registry_with,
    shown_key,
)
from supportdesk.errors import SettingsInvalid


@pytest.mark.parametrize("screen", SCREENS)
def test_no_key_is_bound_twice_on_one_screen(screen: str) -> None:
    bound: dict[str, str] = {}
    for command in Registry().of_screen(screen):
        for key in command.keys:
            assert key not in bound, f"{key} on {screen}: {bound.get(key)} and {command.id}"
            bound[key] = command.id
    assert bound


def test_ids_are_unique_and_scopes_exist() -> None:
    ids = [command.id for command in COMMANDS]
    assert len(ids) == len(set(ids))
    known = {EVERYWHERE, DEMO, *SCREENS, *(part for screen in SCREENS.values() for part in screen.parts)}
    assert {command.scope for command in COMMANDS} <= known


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_is_described(command: object) -> None:
    from supportdesk.commands import Command

    assert isinstance(command, Command)
    assert command.label
    assert command.help.endswith(".")


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("typing", [False, True])
def test_footers_are_short_and_begin_with_help_and_quit(screen: str, typing: bool) -> None:
    footer = Registry().footer(screen, typing=typing)
    assert len(footer) <= FOOTER_ITEMS
    assert [command.id for command, _ in footer[:2]] == ["help", "quit"]
    if typing:
        assert all(len(key) > 1 for _, key in footer)
    else:
        assert [(key, command.label) for command, key in footer[:2]] == [("?", "help"), ("q", "quit")]


def test_overrides_replace_keys() -> None:
    registry = registry_with({"home.connect": ("n", "F5"), "presenter": ("P",)})
    assert registry["home.connect"].keys == ("n", "f5")
    assert registry["presenter"].keys == ("P",)
    assert registry["home.exports"].keys == ("o",)


def test_a_reserved_key_stays_with_its_own_command() -> None:
    assert registry_with({"help": ("?",)})["help"].keys == ("?",)


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        ({"home.conect": ("n",)}, "home.connect"),
        ({"zzzz": ("n",)}, "supportdesk keys"),
        ({"home.connect": ("q",)}, "means one thing everywhere"),
        ({"home.connect": ("esc",)}, "means one thing everywhere"),
        ({"home.connect": ("7",)}, "means one thing everywhere"),
        ({"home.connect": ("o",)}, "home.exports"),
        ({"home.connect": ("n",), "home.exports": ("n",)}, "twice on Sales channels"),
        ({"home.connect": ("pagedwn",)}, "pagedown"),
        ({"home.connect": ("hyper+x",)}, "which is none"),
        ({"home.connect": (",",)}, "which is none"),
        ({"home.connect": ("é",)}, "which is none"),
        ({"home.connect": ("",)}, "which is none"),
    ],
)
def test_overrides_that_do_not_fit(overrides: dict[str, tuple[str, ...]], says: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        registry_with(overrides)
    assert says in str(caught.value)


def test_the_reserved_keys_of_the_design() -> None:
    assert {
        "?",
        ":",
        "/",
        "escape",
        "enter",
        "space",
        "tab",
        *"jkhlgGyYErq0123456789",
        "ctrl+p",
    } <= RESERVED_KEYS


def test_keys_are_shown_as_people_say_them() -> None:
    assert [shown_key(key) for key in ("escape", "pageup", "?")] == ["esc", "page up", "?"]


def test_the_registry_needs_no_textual() -> None:
    code = (
        "import sys, supportdesk.commands as c; c.registry_with({'presenter': ('P',)}); "
        "sys.exit(any(m.split('.')[0] in ('textual', 'rich') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
