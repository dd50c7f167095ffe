"""Generated shops: the same for the same seed, and the file written without a shop is the shop's own."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from supportdesk.core.catalog import Location
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.generator import SNAPSHOT_QUERY, generated_shop, write_bulk_file
from tests.shops import InProcess


def bulk_file(listings: int, locations: int, seed: int, query: str) -> list[str]:
    api = InProcess(
        generated_shop(listings=listings, locations=locations, seed=seed, clock=Clock(running=False))
    )
    run = "mutation($query:String!){bulkOperationRunQuery(query:$query){bulkOperation{id}}}"
    number = api.data(run, query=query)["bulkOperationRunQuery"]["bulkOperation"]["id"]
    api.shop.clock.advance(10)
    url = api.data("query($id:ID!){bulkOperation(id:$id){url}}", id=number)["bulkOperation"]["url"]
    return sorted(api.client.get(url).text.splitlines())


@pytest.mark.parametrize("query", [SNAPSHOT_QUERY, "{productVariants{edges{node{id sku displayName}}}}"])
@pytest.mark.parametrize(("listings", "locations", "seed"), [(0, 2, 1), (1, 1, 1), (203, 3, 5)])
def test_the_file_is_what_the_shop_would_give(
    tmp_path: Path, listings: int, locations: int, seed: int, query: str
) -> None:
    if not listings:
        assert write_bulk_file(tmp_path / "empty", 0, locations, seed, query) == (0, 0, 0)
        return
    path = tmp_path / "bulk.jsonl"
    counts = write_bulk_file(path, listings, locations, seed, query)
    written = path.read_text(encoding="utf-8").splitlines()
    assert counts == (len(written), listings, path.stat().st_size)
    assert sorted(written) == bulk_file(listings, locations, seed, query)


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_bulk_file(tmp_path / name, 100, 2, seed)
    a, b, c = ((tmp_path / name).read_bytes() for name in "abc")
    assert a == b != c


def test_grouped_lines_follow_their_parents(tmp_path: Path) -> None:
    write_bulk_file(tmp_path / "grouped", 50, 3, grouped=True)
    parent = ""
    for line in (tmp_path / "grouped").read_text().splitlines():
        row = json.loads(line)
        parent = row["id"] if "__parentId" not in row else parent
        assert row.get("__parentId", parent) == parent


def test_the_query_must_start_at_listings(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="productVariants"):
        write_bulk_file(tmp_path / "x", 5, query="{products{edges{node{id}}}}")


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for listings in (2_000, 8_000):
        tracemalloc.start()
        write_bulk_file(tmp_path / "bulk", listings, 2)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.3


def test_its_shop_has_what_a_real_one_has() -> None:
    shop = generated_shop(listings=4000, locations=2, clock=Clock(running=False))
    assert len(shop.variants) == 4000
    assert len(shop.products) == 1000
    assert sum(count > 1 for count in shop.items_with_sku.values()) > 100
    assert any(not item.sku for item in shop.items.values())
    assert any(not item.tracked for item in shop.items.values())
    levels = [level for item in shop.items.values() for level in item.levels.values()]
    assert any(level.available < 0 for level in levels)
    assert any(not level.active for level in levels)
    assert any(level.committed for level in levels)
    assert len(levels) < 8000
    # Records added later come last.
    new = shop.add_location(Location(-9, "New"))
    level = shop.add_level(next(iter(shop.items)), new.id, {"available": 1})
    assert level.number > max(other.number for other in levels)
