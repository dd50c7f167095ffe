"""What each command loads, so that it starts fast: a gate that no slow machine upsets."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.commands import apart, environment
from tests.cli.test_channels import export

HEAVY = ("textual", "rich", "httpx", "pydantic", "sqlite_utils", "keyring", "graphql", "starlette", "uvicorn")
PROGRAM = """
import json, sys
from supportdesk.cli.main import run
try:
    code = run(sys.argv[1:])
except SystemExit as leaving:
    code = leaving.code or 0
sys.stdout.flush()
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""


def loaded(home: Path, *words: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        capture_output=True,
        text=True,
        env=environment(home),
        check=True,
    )
    code, modules = json.loads(done.stderr.splitlines()[-1])
    assert code == 0, done.stderr
    return set(modules)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("start")
    assert apart(folder / "home", "open", export(folder / "acme.csv")).code == 0
    return folder / "home"


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (("--version",), set()),
        (("--help",), set()),
        (("keys",), set()),
        (("paths",), set()),
        (("channels",), set()),
        (("channels", "--json"), {"pydantic"}),
        (("show", "acme"), {"sqlite_utils"}),
        (("check", "acme"), {"sqlite_utils"}),
        (("load", "acme"), {"sqlite_utils"}),
        (("demo", "--list"), set()),
        (("load", "--help"), set()),
        (("sandbox", "--help"), set()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_command_loads_no_more_than_it_needs(home: Path, words: tuple[str, ...], allowed: set[str]) -> None:
    assert {name for name in loaded(home, *words) if name in HEAVY} <= allowed


@pytest.mark.parametrize("word", ["keys", "paths"])
def test_a_command_about_the_program_needs_no_desk(home: Path, word: str) -> None:
    assert not loaded(home, word) & {"supportdesk.desk", "supportdesk.cli.invocation"}


@pytest.mark.parametrize(
    ("words", "group"),
    [
        (("--version",), None),
        (("--help",), None),
        (("keys",), "about"),
        (("paths",), "about"),
        (("channels",), "channels"),
        (("load", "--help"), "channels"),
        (("backup", "--help"), "accounts"),
        (("sandbox", "--help"), "sandbox"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_command_loads_its_own_group_alone(home: Path, words: tuple[str, ...], group: str | None) -> None:
    groups = {"about", "accounts", "channels", "sandbox", "screens"}
    found = {name for name in groups if f"supportdesk.cli.{name}" in loaded(home, *words)}
    assert found == ({group} if group else set())
