"""One engine per channel: who holds the lease, how it passes on, and that a holder who lost it writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from supportdesk.core.catalog import Shop
from supportdesk.errors import LeaseLost
from supportdesk.ledger import channels, leases
from supportdesk.ledger.file import Ledger, open_ledger
from supportdesk.ledger.leases import LEASE_SECONDS
from supportdesk.sync.lease import HeldLease, take_lease
from tests.catalogs import NOON, Clock

SHOP = Shop("kestrel", "Kestrel", "kestrel.myshopify.com")


class Times:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path / "kestrel.db", account="kestrel", now=Clock()) as ledger:
        with ledger.writing() as connection:
            channels.save_shopify_channel(connection, SHOP, api_url="", at=NOON, who="mia")
        yield ledger


def taken(ledger: Ledger, times: Times, person: str = "mia") -> HeldLease:
    held = take_lease(ledger, 1, person=person, now=times)
    assert held
    return held


def checks(ledger: Ledger, held: HeldLease) -> None:
    with ledger.writing() as connection:
        held.check(connection)


def test_one_engine_at_a_time_has_a_channel(ledger: Ledger) -> None:
    times = Times()
    first = taken(ledger, times)
    assert take_lease(ledger, 1, person="ada", now=times) is None
    times.pass_by(LEASE_SECONDS - 1)
    checks(ledger, first)
    times.pass_by(LEASE_SECONDS - 1)
    assert take_lease(ledger, 1, person="ada", now=times) is None


def said(ledger: Ledger) -> list[tuple[str, ...]]:
    """What the log says of leases: kind, channel, who, detail."""
    query = "SELECT kind, channel, who, detail FROM event WHERE kind = 'went_on'"
    return list(ledger.db.conn.execute(query))


def test_the_log_says_that_sync_went_on_where_the_holder_before_died(ledger: Ledger) -> None:
    times = Times()
    first = taken(ledger, times)
    times.pass_by(20)
    checks(ledger, first)
    times.pass_by(LEASE_SECONDS + 12)
    second = taken(ledger, times, "ada")
    text = "sync went on in another process after 72 s"
    assert said(ledger) == [("went_on", "kestrel", "ada", text)]
    with ledger.writing() as connection:
        connection.execute("UPDATE lease SET host = 'desk-9'")
    times.pass_by(LEASE_SECONDS)
    third = taken(ledger, times, "mia")
    moved = f"sync went on in another process on {third.lease.host} instead of desk-9, after 60 s"
    assert said(ledger)[1:] == [("went_on", "kestrel", "mia", moved)]
    assert second.lease.fencing < third.lease.fencing


def test_nothing_went_on_where_the_lease_was_given_back_or_taken_by_force(ledger: Ledger) -> None:
    times = Times()
    taken(ledger, times).give_back(ledger)
    taken(ledger, times)
    assert take_lease(ledger, 1, person="ada", now=times, by_force=True)
    assert said(ledger) == []


def test_a_lease_that_ran_out_passes_on_and_its_old_holder_writes_nothing(ledger: Ledger) -> None:
    times = Times()
    first = taken(ledger, times)
    times.pass_by(LEASE_SECONDS)
    second = taken(ledger, times, "ada")
    assert second.lease.fencing == first.lease.fencing + 1
    with pytest.raises(LeaseLost), ledger.writing() as connection:
        connection.execute("UPDATE channel SET title = 'written by the old holder'")
        first.check(connection)
    assert ledger.value("SELECT title FROM channel") == "Kestrel"
    checks(ledger, second)


def test_a_lease_that_ran_out_and_that_nobody_took_goes_on(ledger: Ledger) -> None:
    times = Times()
    first = taken(ledger, times)
    times.pass_by(10 * LEASE_SECONDS)
    checks(ledger, first)
    assert take_lease(ledger, 1, person="ada", now=times) is None


def test_a_lease_given_back_is_free_at_once(ledger: Ledger) -> None:
    times = Times()
    first = taken(ledger, times)
    first.give_back(ledger)
    assert leases.lease_of(ledger.db.conn, 1) is None
    second = taken(ledger, times, "ada")
    first.give_back(ledger)
    kept = leases.lease_of(ledger.db.conn, 1)
    assert kept
    assert kept.person == "ada"
    assert kept.fencing > first.lease.fencing
    checks(ledger, second)
