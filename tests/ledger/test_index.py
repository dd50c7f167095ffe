"""The index of channels: what was put is read, a damaged or foreign one is known, reading writes nothing."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from supportdesk.core.channels import ChannelSummary
from supportdesk.errors import LedgerBusy, LedgerDamaged
from supportdesk.ledger import index
from supportdesk.ledger.index import Index
from tests.catalogs import NOON

LOADED = ChannelSummary(
    "kestrel", "kestrel", "Kestrel", "shopify", "kestrel.myshopify.com", "off", 12, 1, 1, 3, NOON
)
NEVER = ChannelSummary("files", "files", "files", "export", "")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "channels.db"
    index.replace_account(path, "kestrel", [LOADED])
    return path


def test_what_was_put_is_read_in_order(path: Path) -> None:
    index.replace_account(path, "files", [NEVER])
    assert index.read_index(path) == Index(frozenset({"files", "kestrel"}), (NEVER, LOADED))
    index.replace_account(path, "kestrel", [])
    assert index.read_index(path) == Index(frozenset({"files", "kestrel"}), (NEVER,))
    index.remove_account(path, "kestrel")
    assert index.read_index(path) == Index(frozenset({"files"}), (NEVER,))


def test_there_may_be_none(tmp_path: Path) -> None:
    assert index.read_index(tmp_path / "channels.db") is None
    assert list(tmp_path.iterdir()) == []


def test_reading_writes_nothing(path: Path) -> None:
    before = path.read_bytes()
    index.read_index(path)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["channels.db"]


def test_a_damaged_one_is_none_and_cannot_be_written(path: Path) -> None:
    path.write_bytes(b"nonsense" * 1000)
    assert index.read_index(path) is None
    with pytest.raises(LedgerDamaged):
        index.replace_account(path, "kestrel", [LOADED])
    index.discard(path)
    index.replace_account(path, "kestrel", [LOADED])
    assert index.read_index(path) == Index(frozenset({"kestrel"}), (LOADED,))


@pytest.mark.parametrize(
    "change", ["PRAGMA user_version=99", "DROP TABLE channel", "ALTER TABLE channel DROP COLUMN sync"]
)
def test_one_of_another_format_is_none(path: Path, change: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(change)
    connection.commit()
    connection.close()
    assert index.read_index(path) is None


def test_one_that_is_held_is_busy_and_not_damaged(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_SECONDS", 0.05)
    connection = sqlite3.connect(path)
    connection.execute("BEGIN EXCLUSIVE")
    with pytest.raises(LedgerBusy):
        index.read_index(path)
    connection.close()
    assert index.read_index(path) is not None


def test_reading_it_loads_nothing_heavy() -> None:
    code = "import sys, supportdesk.ledger.index; print([m for m in ('sqlite_utils', 'httpx', 'pydantic', 'textual') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
