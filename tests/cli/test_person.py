"""The name that what is done is kept under, as it is said to the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.commands import Commands
from tests.cli.conftest import Served


def test_a_name_is_said_by_an_option_or_the_settings_file(
    cli: Commands, served: Served, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPORTDESK_WHO", "")
    cli.good("--who", "Mia", *served.connect)
    monkeypatch.setenv("SUPPORTDESK_WHO", "")
    (home / "settings.toml").write_text('who = "Tom of desk 2"\n')
    cli.good("load", "kestrel")
    events = [json.loads(line) for line in cli.good("log", "kestrel", "--json").out.splitlines()]
    assert [each["who"] for each in events if each["kind"] in ("connect", "load")] == ["Mia", "Tom of desk 2"]
    assert "option --who" in cli.refused(2, "channels", "--who=" + "x" * 61)["detail"]
