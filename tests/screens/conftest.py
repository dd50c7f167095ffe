"""Fixtures of the screens' tests: an app over a desk that answers from memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from supportdesk.core.channels import ChannelSummary
from supportdesk.screens.program import SupportdeskApp
from supportdesk.settings import Settings
from supportdesk.terminal.profile import TerminalProfile
from tests.screens.fakes import KESTREL, FakeDoorway, fake_desk

MakeApp = Callable[..., SupportdeskApp]


@pytest.fixture
def make_app(tmp_path: Path) -> MakeApp:
    """`make_app(channels, hostile=False, demo=False, profile=…, first=…, **settings)`; `app.doorway` is the fake."""

    def make(
        channels: Sequence[ChannelSummary] = KESTREL,
        *,
        hostile: bool = False,
        demo: bool = False,
        profile: TerminalProfile | None = None,
        first: str | None = None,
        **settings: object,
    ) -> SupportdeskApp:
        desk = fake_desk(tmp_path, demo=demo, settings=Settings(**settings))  # type: ignore[arg-type]
        doorway = FakeDoorway(desk, channels)
        doorway.hostile = hostile
        return SupportdeskApp(
            desk,
            profile=profile,
            channels=tuple(channels),
            first=doorway.channel_named(first) if first else None,
            doorway=doorway,
        )

    return make


def fake_of(app: SupportdeskApp) -> FakeDoorway:
    """The fake behind an app."""
    assert isinstance(app.doorway, FakeDoorway)
    return app.doorway
