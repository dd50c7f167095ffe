"""Running commands: in this process through the real entry point, or in one of their own; and what the account files hold."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from supportdesk.cli.main import run

UNSAFE = [
    chr(code) for code in (*range(0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0), 0x202E, 0x200B, 0xFEFF)
]


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        """The error said as JSON on the last line of stderr."""
        error: dict[str, str] = json.loads(self.err.splitlines()[-1])["error"]
        assert set(error) == {"code", "title", "detail", "next"}
        assert all(isinstance(value, str) for value in error.values())
        return error


class Commands:
    """Runs commands in this process, in a home of its own."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._capsys = capsys

    def __call__(self, *words: object) -> Said:
        self._capsys.readouterr()
        try:
            code = run([str(word) for word in words])
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        out, err = self._capsys.readouterr()
        for character in UNSAFE:
            assert character not in out, f"{character!r} reached stdout"
            assert character not in err, f"{character!r} reached stderr"
        return Said(code, out, err)

    def good(self, *words: object) -> Said:
        """As a call, for a command that must succeed."""
        said = self(*words)
        assert said.code == 0, said.err
        return said

    def refused(self, code: int, *words: object) -> dict[str, str]:
        """The error of a command that must end with `code`; it leaves stdout empty and the account files as they were.

        Not for an account that a worker of this process is writing meanwhile.
        """
        before = dump(self.home)
        said = self(*words, "--json")
        assert said.code == code, said
        assert said.out == ""
        assert dump(self.home) == before
        error = said.error
        for value in (error["title"], error["detail"]):
            assert value, error
        assert "Traceback" not in said.err
        assert error["next"] or error["code"] in ("crash", "settings", "cancelled"), error
        return error


def dump(home: Path) -> dict[str, list[str]]:
    """Every table of every account file, by file."""
    found = {}
    for path in sorted((home / "accounts").glob("*.db")):
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            found[path.name] = list(connection.iterdump())
        finally:
            connection.close()
    return found


def files_of(home: Path) -> list[str]:
    """Every file below the home, without what SQLite keeps beside a database in use."""
    return sorted(
        str(path.relative_to(home))
        for path in home.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    )


def environment(home: Path, **more: str) -> dict[str, str]:
    """An environment for a command in a process of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SUPPORTDESK_")}
    return kept | {"SUPPORTDESK_HOME": str(home), "SUPPORTDESK_KEYRING": "off"} | more


@contextlib.contextmanager
def process(home: Path, *words: object, **more: str) -> Iterator[subprocess.Popen[str]]:
    """A command in a process of its own, killed where the block leaves it running."""
    with subprocess.Popen(
        [sys.executable, "-m", "supportdesk", *map(str, words)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(home, **more),
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def apart(home: Path, *words: object, **more: str) -> Said:
    """Run a command in a process of its own, to its end."""
    with process(home, *words, **more) as child:
        out, err = child.communicate(timeout=60)
    return Said(child.returncode, out, err)


def hear(child: subprocess.Popen[str], condition: Callable[[str], bool]) -> str:
    """The first line of the process's stderr that fits; fails where it ends without one."""
    assert child.stderr
    heard = []
    for line in child.stderr:
        heard.append(line)
        if condition(line):
            return line
    raise AssertionError(f"it ended with {child.wait()} and said only {heard}")
