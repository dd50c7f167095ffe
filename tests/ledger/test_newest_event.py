"""The change mark of an account: grows with every change, whoever made it, and is -1 where it cannot be told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from supportdesk.ledger import events
from supportdesk.ledger.file import open_ledger

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


def test_it_grows_with_every_event_of_any_connection(tmp_path: Path) -> None:
    path = tmp_path / "a b%20#.db"
    with open_ledger(path, account="kestrel", now=lambda: NOW) as ledger:
        before = events.newest(path)
        assert before >= 0
        with ledger.writing() as connection:
            events.record(connection, at=NOW, kind="decision")
            assert events.newest(path) == before  # not yet kept
        assert events.newest(path) == before + 1
        with open_ledger(path, now=lambda: NOW) as other, other.writing() as connection:
            events.record(connection, at=NOW, kind="decision")
        assert events.newest(path) == before + 2


def test_a_file_that_is_none(tmp_path: Path) -> None:
    assert events.newest(tmp_path / "none.db") == -1
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "text.db").write_text("no database, and longer than a header " * 50)
    assert events.newest(tmp_path / "text.db") == -1
