"""The tables as SQLite's own check sees them: a backup is refused where that check complains."""

from __future__ import annotations

from pathlib import Path

from supportdesk.ledger.file import check_whole, open_ledger
from tests.catalogs import Clock


def test_a_file_with_look_alikes_passes_the_check_that_restoring_makes(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a.db", account="a", now=Clock()) as ledger:
        with ledger.writing() as connection:
            connection.execute(
                "INSERT INTO channel (id, handle, title, source, connected_at) VALUES (1, 'c', 'C', 'export', '2026-01-01')"
            )
            connection.executemany(
                "INSERT INTO look_alike (channel_id, key, sku) VALUES (1, 'a', ?)", [("A",), ("a",)]
            )
        check_whole(ledger)


def test_every_table_without_rowid_begins_with_its_primary_key(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a.db", account="a", now=Clock()) as ledger:
        tables = ledger.rows("SELECT name FROM pragma_table_list WHERE schema = 'main' AND wr = 1")
        assert tables
        for (name,) in map(tuple, tables):
            keys = [row["pk"] for row in ledger.rows(f"PRAGMA table_info({name})")]
            leading = [key for key in keys if key]
            assert keys[: len(leading)] == leading, f"{name}: SQLite 3.40's quick_check misreads such a table"
