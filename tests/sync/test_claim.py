"""One ledger per store: the claim in the store, with two ledgers after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from supportdesk.core.catalog import Shop
from supportdesk.core.looks import ClaimLook
from supportdesk.core.progress import Unwatched, Watch
from supportdesk.errors import Claimed, Conflict
from supportdesk.ledger import channels
from supportdesk.ledger.channel_sync import channel_sync
from supportdesk.ledger.file import Ledger, open_ledger
from supportdesk.sync.claim import Claimant, check_claim, drop_claim, look_at_claim, make_claim, read_claim
from tests.catalogs import NOON, Clock

SHOP = Shop("kestrel", "Kestrel", "kestrel.myshopify.com")


@dataclass
class Metafield:
    """A store, as far as its claim goes."""

    value: str = ""
    revision: int = 0
    raced_by: str = ""
    """Who claims it between a look and the write that follows."""

    def claim(self, watch: Watch) -> ClaimLook:
        return ClaimLook(self.value, str(self.revision) if self.value else None)

    def write_claim(self, value: str, replacing: str | None, watch: Watch) -> ClaimLook:
        if self.raced_by:
            self.value, self.raced_by, self.revision = self.raced_by, "", self.revision + 1
        if self.claim(watch).digest != replacing:
            raise Conflict("It was claimed this moment.")
        self.value, self.revision = value, self.revision + 1
        return self.claim(watch)

    def drop_claim(self, watch: Watch) -> None:
        self.value = ""


@pytest.fixture
def ledgers(tmp_path: Path) -> Iterator[tuple[Ledger, Ledger]]:
    opened = []
    for name in ("here", "there"):
        ledger = open_ledger(tmp_path / f"{name}.db", account=name, now=Clock())
        with ledger.writing() as connection:
            channels.save_shopify_channel(connection, SHOP, api_url="", at=NOON, who="mia")
        opened.append(ledger)
    yield opened[0], opened[1]
    for ledger in opened:
        ledger.close()


def claimant(ledger: Ledger, store: Any, person: str) -> Claimant:
    (channel,) = channels.all_channels(ledger)
    return Claimant(ledger, channel, store, person, lambda: NOON, Unwatched())


def test_the_second_ledger_is_told_who_has_the_store(ledgers: tuple[Ledger, Ledger]) -> None:
    store = Metafield()
    here, there = (claimant(ledger, store, who) for ledger, who in zip(ledgers, ("mia", "ada"), strict=True))
    assert look_at_claim(there) is None
    make_claim(here)
    check_claim(here)
    with pytest.raises(Claimed, match=r"by mia since 2026-11-23 12:00 UTC"):
        check_claim(there)
    with pytest.raises(Claimed):
        make_claim(there)
    kept = channel_sync(ledgers[1].db.conn, 1)
    assert kept
    assert read_claim(kept.claim) == read_claim(store.value)


def test_claiming_twice_writes_once(ledgers: tuple[Ledger, Ledger]) -> None:
    store = Metafield()
    here = claimant(ledgers[0], store, "mia")
    make_claim(here)
    make_claim(here)
    assert store.revision == 1


def test_of_two_who_claim_at_once_one_gets_it(ledgers: tuple[Ledger, Ledger]) -> None:
    other = Metafield()
    make_claim(claimant(ledgers[1], other, "ada"))
    store = Metafield(raced_by=other.value)
    with pytest.raises(Claimed, match="by ada"):
        make_claim(claimant(ledgers[0], store, "mia"))
    assert store.value == other.value


def test_taking_over_replaces_a_claim_and_the_old_one_finds_out(ledgers: tuple[Ledger, Ledger]) -> None:
    store = Metafield()
    here, there = claimant(ledgers[0], store, "mia"), claimant(ledgers[1], store, "ada")
    make_claim(here)
    make_claim(there, taking_over=True)
    check_claim(there)
    with pytest.raises(Claimed, match="by ada"):
        check_claim(here)
    drop_claim(here)
    assert store.value
    drop_claim(there)
    assert not store.value
    make_claim(here)


@pytest.mark.parametrize("value", ["{", "[]", '{"ledger": 1}', "a note"])
def test_a_claim_that_cannot_be_read_is_somebody_elses(ledgers: tuple[Ledger, Ledger], value: str) -> None:
    with pytest.raises(Claimed, match="an unknown person"):
        check_claim(claimant(ledgers[0], Metafield(value), "mia"))
