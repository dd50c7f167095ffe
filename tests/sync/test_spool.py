"""The spool: files of their own for each load, the operation to take over, nothing left of the dead."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from supportdesk.errors import DiskFull
from supportdesk.sync.spool import Spool


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path, "kestrel")


def test_each_load_has_a_file_of_its_own(spool: Spool) -> None:
    first = spool.new_file()
    first.touch()
    assert spool.new_file() != first
    assert first.exists()


def test_what_the_dead_left_is_removed_and_other_channels_files_are_not(spool: Spool, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as process:
        pass
    left, strange = tmp_path / f"kestrel.{process.pid}.1.jsonl", tmp_path / "kestrel.x.1.jsonl"
    other = tmp_path / f"kestrel-outlet.{process.pid}.1.jsonl"
    for path in (left, strange, other):
        path.touch()
    spool.new_file()
    assert sorted(tmp_path.iterdir()) == [other]


def test_the_operation_is_remembered_and_forgotten(spool: Spool) -> None:
    assert spool.operation is None
    spool.remember("gid://shopify/BulkOperation/7")
    assert Spool(spool.folder, "kestrel").operation == "gid://shopify/BulkOperation/7"
    assert Spool(spool.folder, "kestrel-outlet").operation is None
    spool.forget_operation()
    spool.forget_operation()
    assert spool.operation is None


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe"])
def test_a_damaged_note_is_none(spool: Spool, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kestrel.operation").write_bytes(content)
    assert spool.operation is None


def test_clearing_leaves_nothing_of_the_channel(spool: Spool, tmp_path: Path) -> None:
    spool.remember("gid://shopify/BulkOperation/7")
    spool.new_file().touch()
    spool.clear()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(DiskFull):
        spool.remember("gid://shopify/BulkOperation/7")
