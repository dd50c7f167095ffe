"""Two agents on one account, each with a program of their own over the real desk: what one decides the other sees, and never overrules unseen."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from supportdesk.core.progress import Unwatched
from supportdesk.desk import Desk, channels, duplicates
from supportdesk.paths import Home
from supportdesk.screens.channel import WATCH_SECONDS, WATCH_SECONDS_REMOTE, ChannelScreen
from supportdesk.screens.program import SupportdeskApp
from supportdesk.settings import Settings
from supportdesk.terminal.profile import TerminalProfile
from supportdesk.widgets.dialogs import ErrorDialog
from tests.conftest import settle, text_of, until
from tests.screens.test_duplicates import line_of, press, tab_of

pytestmark = pytest.mark.anyio

HOSTILE_SKUS = ("-X", " spaced ", "two\nlines", "'quoted", "--help", "=1+1", "[@click=app.leave]x[/]", "日本")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """An account with one channel, opened from an export in which every hostile SKU is twice."""
    lines = [
        "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Inventory Tracker"
    ]
    for number, sku in enumerate(HOSTILE_SKUS):
        quoted = '"' + sku.replace('"', '""') + '"'
        for copy in range(2):
            lines.append(
                f"p{number}-{copy},Thing {number},Title,Default Title,{quoted},{number + copy},shopify"
            )
    export = tmp_path / "export.csv"
    export.write_text("\n".join(lines) + "\n")
    desk = Desk(home=Home(tmp_path / "home"), settings=Settings())
    channels.open_exports(desk, [export], name="shop", watch=Unwatched())
    return desk


def program(desk: Desk, *, remote: bool = False) -> SupportdeskApp:
    """One agent's."""
    return SupportdeskApp(
        desk, first=channels.channel_named(desk, "shop"), profile=TerminalProfile(remote=remote)
    )


async def test_the_second_sees_the_first_s_decision_within_two_seconds(desk: Desk) -> None:
    first, second = program(desk), program(desk, remote=True)
    async with first.run_test(size=(120, 36)) as one, second.run_test(size=(120, 36)) as other:
        for pilot in (one, other):
            await settle(pilot)
            await press(pilot, "2", "s")
        group = tab_of(first).group
        assert group is not None
        assert "8 to decide" in text_of(second)
        await press(one, "d", "x")
        began = time.monotonic()
        await until(other, lambda: "left out" in text_of(second))
        # The watch looks every 2 s at most; the rest is for a machine that has other things to do.
        assert time.monotonic() - began < WATCH_SECONDS_REMOTE + 3
        assert WATCH_SECONDS <= WATCH_SECONDS_REMOTE <= 2
        assert "7 to decide" in text_of(second)


async def test_what_was_not_seen_is_not_overruled(desk: Desk) -> None:
    app = program(desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "2", "slash", *"-X", "enter")
        screen = app.screen
        assert isinstance(screen, ChannelScreen)
        screen.look = lambda: None  # type: ignore[method-assign]
        await press(pilot, "d")  # nothing is looked at while the prompt is open
        other = replace(desk)
        from supportdesk.core.duplicates import Choice

        duplicates.decide(other, "shop", Choice("split"), {"-X": 0})
        await press(pilot, "o")
        assert isinstance(app.screen, ErrorDialog)
        assert app.screen.error.code == "conflict"
        assert "split" in text_of(app)
        await press(pilot, "escape")
        await settle(pilot)
        assert "! split: to do" in line_of(app, "▸  -X")
        await press(pilot, "d", "o")
        assert duplicates.group_detail(desk, "shop", "-X").group.decision is not None
        assert "oldest" in line_of(app, "▸  -X")


@pytest.mark.parametrize("sku", HOSTILE_SKUS)
async def test_a_hostile_sku_is_decided_through_the_screen(desk: Desk, sku: str) -> None:
    app = program(desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "2", "s")
        tab = tab_of(app)
        for _ in HOSTILE_SKUS:
            if tab.group is not None and tab.group.sku == sku:
                break
            await press(pilot, "j")
        assert tab.group is not None
        assert tab.group.sku == sku
        await press(pilot, "d", "plus")
        decided = duplicates.group_detail(desk, "shop", sku).group.decision
        assert decided is not None
        assert decided.choice.counts_of == "sum"
        assert all(line.isprintable() for line in text_of(app).splitlines())


async def test_an_export_reads_back_as_it_is(desk: Desk, tmp_path: Path) -> None:
    app = program(desk)
    target = tmp_path / "groups.csv"
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "2", "D", "l", "left", "enter", "E", "ctrl+u")
        from textual.widgets import Input

        app.screen.query_one("#file Input", Input).value = str(target)
        await press(pilot, "enter")
    skus = dict.fromkeys(HOSTILE_SKUS, 0)
    assert target.read_text().count("shared by lowest") == len(skus)
    for sku in skus:
        found = duplicates.group_detail(desk, "shop", sku).group.decision
        assert found is not None
        skus[sku] = found.revision
    duplicates.decide(desk, "shop", None, skus)
    assert duplicates.decide_from_file(desk, "shop", target) == len(skus)
    assert duplicates.summary(desk, "shop").to_decide == 0
