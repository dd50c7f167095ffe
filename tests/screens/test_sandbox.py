"""The demo's own commands: its pretend store made to fail from the palette, and from nowhere else."""

from __future__ import annotations

import httpx
import pytest

from supportdesk.desk import demo
from supportdesk.errors import Refused, StoreUnreachable
from supportdesk.screens.palette import PaletteScreen
from supportdesk.settings import Settings
from tests.conftest import settle, text_of
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fakes import fake_desk

pytestmark = pytest.mark.anyio


async def test_the_palette_makes_the_pretend_store_fail(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(demo=True)
    struck: list[str] = []
    monkeypatch.setattr(fake_of(app), "strike", struck.append)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        for typed in ("throttle", "drop", "faults"):
            await pilot.press("ctrl+p", *typed)
            await settle(pilot)
            await pilot.press("enter")
            await settle(pilot)
            assert "The pretend store will" in text_of(app)
    assert struck == ["throttled", "dropped", ""]


async def test_only_the_demo_has_it(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p", *"sandbox")
        await settle(pilot)
        assert isinstance(app.screen, PaletteScreen)
        assert not any(offer.command.id.startswith("sandbox.") for offer in app.screen.offers)
        await pilot.press("escape")
        await settle(pilot)
        app.run_command_id("sandbox.throttle")
        await settle(pilot)
        assert "Only the demo has that." in text_of(app)


def test_the_sandbox_hears() -> None:
    with demo.started(Settings(), scenario="empty", seed=1, files=[], keep=None) as desk:
        assert desk.demo is not None
        state = f"{desk.demo.url}/sandbox/state"
        demo.strike(desk, "throttled")
        demo.strike(desk, "dropped")
        faults = httpx.get(state, trust_env=False).json()["faults"]
        assert [fault["kind"] for fault in faults] == ["throttled", "dropped"]
        with pytest.raises(Refused):
            demo.strike(desk, "no such thing")
        demo.strike(desk, None)
        assert httpx.get(state, trust_env=False).json()["faults"] == []
    with pytest.raises(StoreUnreachable):
        demo.strike(desk, "throttled")


def test_no_real_store_is_struck(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(Refused):
        demo.strike(fake_desk(tmp_path_factory.mktemp("home")), "throttled")
