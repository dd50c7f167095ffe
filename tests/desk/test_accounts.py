"""Account files read-only: one of an older program is listed, refused when it is opened, and stays as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from sqlite_utils.migrations import Migrations

from supportdesk.core.progress import Unwatched
from supportdesk.desk import Desk, accounts, channels
from supportdesk.errors import Refused
from supportdesk.ledger import schema
from supportdesk.ledger.file import open_ledger
from tests.desk.stocked import stocked_desk


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Kestrel of this version; acme, of the first version, with one loaded channel."""
    desk = stocked_desk(tmp_path / "a home")
    first = Migrations(schema.migrations.name)
    first()(schema.channels_and_catalog)
    with monkeypatch.context() as before:
        before.setattr(schema, "migrations", first)
        path = desk.home.account_file("acme")
        with open_ledger(path, account="acme", now=desk.now) as ledger, ledger.writing() as connection:
            connection.execute(
                """INSERT INTO channel (id, handle, title, source, connected_at)
                   VALUES (1, 'acme-shop', 'Acme', 'export', '2026-01-01')"""
            )
            at = "2026-01-01T00:00:00+00:00"
            connection.execute(
                "INSERT INTO load VALUES (1, ?, ?, 12, 1, 0, 1, 3, 2, 1, 9, 0, 0, 0, 0)", (at, at)
            )
    return desk


def read_only(desk: Desk) -> Desk:
    return replace(desk, settings=msgspec.structs.replace(desk.settings, read_only=True))


@pytest.mark.parametrize("index", ["there", "missing"])
def test_an_older_account_is_listed_and_refused_until_it_may_be_written(desk: Desk, index: str) -> None:
    if index == "missing":
        desk.home.index.unlink()
    path = desk.home.account_file("acme")
    before = path.read_bytes()
    reading = read_only(desk)
    for _ in range(2):
        lines = channels.list_channels(reading)
        assert [line.handle for line in lines] == ["acme-shop", "outdoor", "outlet"]
        assert (lines[0].account, lines[0].listings, lines[0].disagreeing_groups) == ("acme", 12, 1)
    with pytest.raises(Refused, match="older supportdesk"):
        channels.overview(reading, "acme-shop")
    with pytest.raises(Refused, match="read-only"):
        channels.load(reading, "acme-shop", Unwatched())
    assert channels.overview(reading, "outdoor").totals
    assert path.read_bytes() == before
    assert accounts.earlier_copies(desk, "acme") == ()
    assert [line.handle for line in channels.list_channels(desk)] == ["acme-shop", "outdoor", "outlet"]
    assert accounts.earlier_copies(desk, "acme") != ()
    assert channels.overview(reading, "acme-shop").totals


def test_an_older_account_alone_is_listed_too(desk: Desk) -> None:
    desk.home.account_file("kestrel").unlink()
    desk.home.index.unlink()
    assert [line.handle for line in channels.list_channels(read_only(desk))] == ["acme-shop"]
