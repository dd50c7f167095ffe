"""Shopify's sample catalogues, opened as files and loaded from a sandbox filled with them, page by page and in bulk: the same numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.commands import apart, process

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
CATALOGUES = {
    "bicycles": (1121, 1077, 3, 1, 30, 71, 13, 48060),
    "fashion": (3684, 3676, 0, 1, 8, 16, 2, 3171),
}
"""listings, skus, without_sku, locations, duplicate_groups, duplicate_listings, disagreeing_groups, units."""


@pytest.mark.parametrize("name", CATALOGUES)
def test_a_catalogue_is_the_same_by_every_way(tmp_path: Path, name: str) -> None:
    file = DATA / f"{name}.csv"
    if not file.exists():
        pytest.skip("the sample catalogues are not here")
    home = tmp_path / "home"
    opened = json.loads(apart(home, "open", file, f"--name={name}-files", "--json").out)
    assert tuple(opened.values()) == CATALOGUES[name]
    with process(home, "sandbox", f"--from={file}", "--json") as sandbox:
        assert sandbox.stdout
        shop = json.loads(sandbox.stdout.readline())
        assert set(shop) == {"url", "token", "shop"}
        token = {"SHOP_TOKEN": shop["token"]}
        made = apart(
            home, "connect", shop["shop"], f"--api-url={shop['url']}", "--token-env=SHOP_TOKEN", **token
        )
        assert made.code == 0, made.err
        for up_to in ("100000", "0"):
            loaded = apart(home, "load", name, "--json", SUPPORTDESK_PAGE_LISTINGS_UP_TO=up_to)
            assert loaded.code == 0, loaded.err
            assert json.loads(loaded.out) == opened
        sandbox.terminate()
        assert sandbox.wait(10) == 143
    assert json.loads(apart(home, "show", name, "--json").out) == opened
