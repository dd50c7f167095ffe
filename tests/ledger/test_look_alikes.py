"""Look-alikes are counted by SQL that makes keys of few SKUs; they are the ones a count in plain Python finds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportdesk.core.skus import look_alike_key
from supportdesk.ledger import catalog, look_alikes
from supportdesk.ledger.file import Ledger
from tests.catalogs import listing
from tests.sync.load_speed import opened

LETTERS = "aAbB1 \t\x1c\xa0~`{[_ßSséÉſKk\u212a"
"""Both cases, spaces of several kinds, the neighbours of the alphabet in ASCII, letters that fold into two or into ASCII."""


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with opened(tmp_path_factory.mktemp("look-alikes") / "a.db") as ledger:
        yield ledger


def spelled_otherwise(skus: list[str]) -> dict[str, str]:
    """Every SKU that has another spelling, with its key."""
    keys = {sku: look_alike_key(sku) for sku in skus if sku}
    return {sku: key for sku, key in keys.items() if list(keys.values()).count(key) > 1}


def counted(ledger: Ledger, skus: list[str]) -> int:
    with ledger.writing() as connection:
        connection.execute("DELETE FROM listing")
        rows = [listing(number, sku) for number, sku in enumerate(skus)]
        connection.executemany(catalog._INSERT_LISTING.format(channel=1), rows)
        groups = look_alikes.recount_look_alikes(connection, 1)
        kept = dict(connection.execute("SELECT sku, key FROM look_alike WHERE channel_id = 1"))
        assert kept == spelled_otherwise(skus)
        return groups


@settings(deadline=None, max_examples=300)
@given(skus=st.lists(st.text(st.sampled_from(LETTERS), max_size=3), max_size=10))
def test_they_are_those_of_a_count_in_plain_python(ledger: Ledger, skus: list[str]) -> None:
    spellings: dict[str, set[str]] = {}
    for sku in set(skus) - {""}:
        spellings.setdefault(look_alike_key(sku), set()).add(sku)
    assert counted(ledger, skus) == sum(len(each) > 1 for each in spellings.values())


@pytest.mark.parametrize(
    ("skus", "groups"),
    [
        (["A-1", "A-1"], 0),
        (["A-1", "a-1"], 1),
        (["A-1", "A-1 ", "a-1", " A-1"], 1),
        (["a-1", "a-2", "a-3", "A-3"], 1),
        (["A-1", "A-2", "A-3", "a-3"], 1),
        (["Tent", "tEnt"], 1),
        (["  ", "\t"], 1),
        (["STRASSE", "straße"], 1),
    ],
)
def test_groups_of_spellings(ledger: Ledger, skus: list[str], groups: int) -> None:
    assert counted(ledger, skus) == groups


def test_most_skus_are_not_made_keys_of(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def key(sku: str) -> str:
        asked.append(sku)
        return look_alike_key(sku)

    monkeypatch.setattr(look_alikes, "look_alike_key", key)
    for write in (str.upper, str.lower):
        asked.clear()
        skus = [write(f"Tent-{number}") for number in range(500)]
        assert counted(ledger, [*skus, write("Tent-7").swapcase()]) == 1
        assert len(asked) < 5
