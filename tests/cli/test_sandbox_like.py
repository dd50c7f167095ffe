"""A pretend store that is like a channel that was loaded: same ids, same numbers, and open orders behind what is promised."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from supportdesk.desk import Desk, sandboxes
from supportdesk.errors import UnknownName
from supportdesk.paths import Home
from supportdesk.sandbox.store import SandboxShop
from supportdesk.settings import Settings
from tests.cli.commands import Commands, apart, process
from tests.cli.conftest import Served


def rows(shop: SandboxShop) -> dict[tuple[int, int, str], tuple[int, int, int, bool]]:
    return {
        (item.id, level.location.id, item.sku): (
            level.available,
            level.committed,
            level.on_hand,
            level.active,
        )
        for item in shop.items.values()
        for level in item.levels.values()
    }


def test_it_holds_what_was_loaded(connected: Served, home: Path) -> None:
    desk = Desk(Home(home), Settings(keyring=False))
    made = sandboxes.like_channel(desk, "kestrel")(1)
    assert rows(made) == rows(connected.shop)
    assert made.facts.name == connected.shop.facts.name
    assert [each.id for each in made.variants.values()] == [
        each.id for each in connected.shop.variants.values()
    ]
    with pytest.raises(UnknownName):
        sandboxes.like_channel(desk, "nobody")


def test_it_loads_as_the_channel_did(connected: Served, cli: Commands, home: Path, tmp_path: Path) -> None:
    there = json.loads(cli.good("show", "kestrel", "--json").out)
    with process(home, "sandbox", "--like=kestrel", "--json") as sandbox:
        assert sandbox.stdout
        shop = json.loads(sandbox.stdout.readline())
        other, token = tmp_path / "another", {"SHOP_TOKEN": shop["token"]}
        connect = ("connect", shop["shop"], f"--api-url={shop['url']}", "--token-env=SHOP_TOKEN")
        assert apart(other, *connect, **token).code == 0
        assert json.loads(apart(other, "load", "kestrel", "--json").out) == there
        sandbox.terminate()
        assert sandbox.wait(10) == 143


def test_two_ways_to_fill_it_are_refused(connected: Served, cli: Commands) -> None:
    both = cli.refused(2, "sandbox", "--like=kestrel", "--scenario=empty")
    assert "one of --from, --scenario, --like" in both["next"]
    assert "nobody" in cli.refused(2, "sandbox", "--like=nobody")["detail"]
