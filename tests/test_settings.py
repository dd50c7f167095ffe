"""The settings file, the environment and the command line: which wins, and what a wrong one is told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from supportdesk.errors import SettingsInvalid
from supportdesk.paths import Home
from supportdesk.settings import Settings, load_settings, option_of, settings_help, variable_of


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def written(home: Home, text: str | bytes) -> Home:
    home.settings_file.write_bytes(text.encode() if isinstance(text, str) else text)
    return home


def test_defaults(home: Home) -> None:
    assert load_settings(home, {}, {}) == Settings() == Settings(
        theme="dark", ascii="auto", presenter=True, mouse=True, remote="auto", read_only=False, who="",
        keyring=True, page_listings_up_to=5000, brake_rows_to_zero=20, brake_halved=50, brake_doubled=200, keys={},
    )  # fmt: skip
    assert list(home.root.iterdir()) == []


def test_everything_can_be_said_in_the_file(home: Home) -> None:
    text = """\ufeff
        theme = "high-contrast"
        ascii = true
        presenter = false
        mouse = false
        remote = "on"
        read_only = true
        keyring = false
        page_listings_up_to = 0
        [keys]
        help = "f1"
        "log.follow" = ["f", "ctrl+f"]
        duplicates.leave_out = "x, delete"
    """
    assert load_settings(written(home, text), {}, {}) == Settings(
        theme="high-contrast", ascii=True, presenter=False, mouse=False, remote="on", read_only=True, keyring=False,
        page_listings_up_to=0,
        keys={"help": ("f1",), "log.follow": ("f", "ctrl+f"), "duplicates.leave_out": ("x", "delete")},
    )  # fmt: skip


EVERY_VARIABLE = {
    "SUPPORTDESK_THEME": ("ansi", "ansi"),
    "SUPPORTDESK_ASCII": ("auto", "auto"),
    "SUPPORTDESK_PRESENTER": ("no", False),
    "SUPPORTDESK_MOUSE": ("0", False),
    "SUPPORTDESK_REMOTE": (" off ", "off"),
    "SUPPORTDESK_READ_ONLY": ("TRUE", True),
    "SUPPORTDESK_WHO": (" Mia Okafor ", "Mia Okafor"),
    "SUPPORTDESK_KEYRING": ("off", False),
    "SUPPORTDESK_PAGE_LISTINGS_UP_TO": ("250", 250),
    "SUPPORTDESK_BRAKE_ROWS_TO_ZERO": ("35", 35),
    "SUPPORTDESK_BRAKE_HALVED": ("10", 10),
    "SUPPORTDESK_BRAKE_DOUBLED": ("500", 500),
}


@pytest.mark.parametrize("variable", EVERY_VARIABLE)
def test_a_variable_wins_over_the_file(variable: str, home: Home) -> None:
    text, value = EVERY_VARIABLE[variable]
    key = variable.removeprefix("SUPPORTDESK_").lower()
    in_file = {"theme": "light", "ascii": False, "remote": "on", "who": "tom", "page_listings_up_to": 9}.get(
        key, 150 if key == "brake_doubled" else 9 if key.startswith("brake") else not value
    )
    written(home, f"{key} = {msgspec.json.encode(in_file).decode()}")
    assert getattr(load_settings(home, {}, {}), key) == in_file
    assert getattr(load_settings(home, {variable: text}, {}), key) == value
    assert getattr(load_settings(home, {variable: ""}, {}), key) == in_file


def test_every_setting_but_the_keys_has_a_variable() -> None:
    assert {row.variable for row in settings_help() if row.key != "keys"} == set(EVERY_VARIABLE)


def test_the_command_line_wins_and_none_says_nothing(home: Home) -> None:
    written(home, 'theme = "light"\nmouse = false')
    environ = {"SUPPORTDESK_THEME": "ansi", "SUPPORTDESK_MOUSE": "no"}
    settings = load_settings(home, environ, {"theme": "dark", "mouse": None, "page_listings_up_to": "7"})
    assert (settings.theme, settings.mouse, settings.page_listings_up_to) == ("dark", False, 7)
    assert load_settings(home, environ, {"mouse": True, "ascii": "yes"}).ascii is True


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('them = "dark"', ["settings.toml", "`them`", "no setting", "Did you mean theme?"]),
        ("color = 1", ["`color`", "no setting", "There are theme, ascii"]),
        ('theme = "drak"', ["`theme`", '"drak"', "dark, light, high-contrast or ansi", "Did you mean dark?"]),
        ("theme = 1", ["`theme` is 1"]),
        ("mouse = 1", ["`mouse` is 1", "true or false"]),
        ('mouse = "yes"', ["`mouse`", '"yes"', "true or false"]),
        ('ascii = "atuo"', ["`ascii`", "true, false or auto", "Did you mean auto?"]),
        ("remote = true", ["`remote` is true", "auto, on or off"]),
        ("page_listings_up_to = -1", ["`page_listings_up_to` is -1", "a whole number from 0 to 1000000"]),
        ("page_listings_up_to = 10.5", ["`page_listings_up_to` is 10.5"]),
        ("page_listings_up_to = true", ["`page_listings_up_to` is true"]),
        ('keys = "f1"', ["`keys`", "key"]),
        ("who = 1", ["`who` is 1", "a text of at most 60 characters"]),
        ("[keys]\nhelp = 1", ["`keys`", "key"]),
        ('[keys]\nhelp = ""', ["`keys`", "key"]),
        ("[keys]\nhelp = []", ["`keys`", "key"]),
        ("[display]\nascii = true", ["`display`", "no setting"]),
        ("theme = ", ["settings.toml", "TOML", "line 1"]),
        ('theme = "dark"\ntheme = "dark"', ["settings.toml", "TOML", "line 2"]),
        ('theme = "caf\xe9"'.encode("latin-1"), ["settings.toml", "UTF-8"]),
    ],
)
def test_a_file_that_is_wrong(text: str | bytes, words: list[str], home: Home) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(written(home, text), {}, {})
    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("environ", "overrides", "words"),
    [
        ({"SUPPORTDESK_THEME": "lite"}, {}, ["variable SUPPORTDESK_THEME", '"lite"', "Did you mean light?"]),
        ({"SUPPORTDESK_MOUSE": "maybe"}, {}, ["variable SUPPORTDESK_MOUSE", '"maybe"', "true or false"]),
        ({"SUPPORTDESK_PAGE_LISTINGS_UP_TO": "many"}, {}, ["PAGE_LISTINGS_UP_TO", '"many"', "whole number"]),
        ({"SUPPORTDESK_PAGE_LISTINGS_UP_TO": "9" * 5000}, {}, ["PAGE_LISTINGS_UP_TO", "whole number"]),
        ({"SUPPORTDESK_PRESENTR": "0"}, {}, ["SUPPORTDESK_PRESENTR", "Did you mean SUPPORTDESK_PRESENTER?"]),
        ({"SUPPORTDESK_HOMES": "/x"}, {}, ["SUPPORTDESK_HOMES", "Did you mean SUPPORTDESK_HOME?"]),
        ({"SUPPORTDESK_KEYS": "help=f1"}, {}, ["SUPPORTDESK_KEYS", "[keys]"]),
        ({}, {"theme": "lihgt"}, ["option --theme", '"lihgt"', "Did you mean light?"]),
        ({}, {"read_only": "perhaps"}, ["option --read-only", '"perhaps"']),
        ({}, {"read_olny": True}, ["option --read-olny", "Did you mean --read-only?"]),
    ],
)
def test_a_variable_or_an_option_that_is_wrong(
    environ: Mapping[str, str], overrides: Mapping[str, object], words: list[str], home: Home
) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(home, environ, overrides)
    assert [word for word in words if word not in str(caught.value)] == []
    assert len(str(caught.value)) < 300


def test_a_wrong_value_is_told_even_where_another_wins(home: Home) -> None:
    with pytest.raises(SettingsInvalid, match="`theme`"):
        load_settings(written(home, 'theme = "no"'), {"SUPPORTDESK_THEME": "dark"}, {"theme": "light"})


def test_a_settings_file_that_is_a_folder(home: Home) -> None:
    home.settings_file.mkdir()
    with pytest.raises(SettingsInvalid, match="cannot be read: Is a directory"):
        load_settings(home, {}, {})


def test_what_is_not_ours_is_let_alone(home: Home) -> None:
    environ = {
        "NO_COLOR": "1", "TERM": "dumb", "COLORTERM": "x", "TEXTUAL_THEME": "nord", "LC_ALL": "C",
        "SSH_CONNECTION": "1.2.3.4 1 1.2.3.5 22", "THEME": "x", "supportdesk_theme": "x",
        "SUPPORTDESK_HOME": "/elsewhere", "SUPPORTDESK_TOKEN": "named by --token-env",
    }  # fmt: skip
    assert load_settings(home, environ, {}) == Settings()


def test_help_tells_of_every_setting(home: Home) -> None:
    rows = settings_help()
    assert [row.key for row in rows] == list(Settings.__struct_fields__)
    for row in rows:
        assert row.meaning.endswith(".")
        assert row.values
        if row.key != "keys":
            assert (row.variable, option_of(row.key)) == (
                variable_of(row.key), "--" + row.variable.removeprefix("SUPPORTDESK_").lower().replace("_", "-"),
            )  # fmt: skip
            assert load_settings(written(home, f"{row.key} = {row.default}"), {}, {}) == Settings()
