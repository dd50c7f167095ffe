"""Homes of demos that were killed are removed by the next demo; those in use, and those of others, stay."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from supportdesk.desk import temporary_homes
from supportdesk.desk.temporary_homes import DEMO, REHEARSAL

HOLD = f"""
import sys
from supportdesk.desk import temporary_homes
print(temporary_homes.make({DEMO!r}), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_home_goes_once_its_process_was_killed(temporary: Path) -> None:
    environment = os.environ | {"TMPDIR": str(temporary)}
    with subprocess.Popen(
        [sys.executable, "-c", HOLD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as other:
        assert other.stdout
        theirs = Path(other.stdout.readline().strip())
        (theirs / "accounts").mkdir()
        ours = temporary_homes.make(DEMO)
        assert {ours, theirs} <= set(temporary.iterdir())
        other.kill()
        other.wait()
    rehearsal = temporary_homes.make(REHEARSAL)
    assert theirs.is_dir()
    third = temporary_homes.make(DEMO)
    assert set(temporary.iterdir()) == {ours, rehearsal, third}


def test_one_without_a_mark_stays_for_a_day(temporary: Path) -> None:
    young, old, link = (temporary / f"{DEMO}{name}" for name in ("young", "old", "link"))
    young.mkdir()
    old.mkdir()
    os.utime(old, (0, 0))
    link.symlink_to(temporary)
    (temporary / "mine").write_text("not a demo")
    temporary_homes.remove_left_behind(DEMO)
    assert {path.name for path in temporary.iterdir()} == {young.name, link.name, "mine"}
