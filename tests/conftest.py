"""What every test stands on: an environment without surprises, snapshots below `snapshots/`, a dump of a screen that differs."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

_FOREIGN = (
    "NO_COLOR",
    "FORCE_COLOR",
    "LINES",
    "COLUMNS",
    "SSH_CONNECTION",
    "COLORTERM",
    "TERM_PROGRAM",
    "ESCDELAY",
)
_FOREIGN_PREFIXES = ("TEXTUAL", "XDG_", "SUPPORTDESK_")
_PLUGINS_OWN = "TEXTUAL_SNAPSHOT_"
"""What the snapshot plugin tells the processes of xdist."""
# Before anything imports Textual, which reads some of these at import.
for _name in list(os.environ):
    if _name in _FOREIGN or (_name.startswith(_FOREIGN_PREFIXES) and not _name.startswith(_PLUGINS_OWN)):
        del os.environ[_name]

if "textual" in sys.modules:  # the snapshot plugin was imported first, with those variables still set
    import textual.constants

    importlib.reload(textual.constants)

import pytest  # noqa: E402
import pytest_textual_snapshot as snapshots  # noqa: E402
from textual.app import App  # noqa: E402
from textual.pilot import Pilot  # noqa: E402
from textual.worker import WorkerCancelled  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]


class FolderOfSnapshots(snapshots.SVGImageExtension):  # type: ignore[misc]
    """`snapshots/<path of the test module>/<test>.svg`: the pictures stay out of the tests' folders."""

    @classmethod
    def dirname(cls, *, test_location: Any) -> str:
        """The folder of one test module."""
        module = Path(test_location.filepath).resolve().relative_to(ROOT / "tests").with_suffix("")
        return str(ROOT / "snapshots" / module)


# The fixture looks the name up when it is called; syrupy 4.8 has no option for the folder.
snapshots.SVGImageExtension = FolderOfSnapshots


def text_of(app: App[Any]) -> str:
    """What stands on an app's screen, line by line, without colours."""
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in lines)


def actions_of(app: App[Any]) -> set[str]:
    """Every action that the mouse would run on some cell of the screen, scroll bars' apart: markup in a text makes such cells."""
    found: set[str] = set()
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            if segment.style is not None:
                found |= {str(value) for key, value in segment.style.meta.items() if key.startswith("@")}
    return found - {"grab", "scroll_up", "scroll_down"}


def a_share(values: Iterable[Any], every: int = 3) -> list[Any]:
    """Parameters of which the README's test command takes every so many; the others are `slow`."""
    return [
        value
        if at % every == 0
        else pytest.param(*(value if isinstance(value, tuple) else (value,)), marks=pytest.mark.slow)
        for at, value in enumerate(values)
    ]


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until no work is running and every message has been handled; work that other work took the place of has ended too."""
    with contextlib.suppress(WorkerCancelled):
        await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    if any(not worker.is_finished for worker in pilot.app.workers):
        await settle(pilot)


async def until(pilot: Pilot[Any], condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until `condition()` holds; fail with the screen as text when it never does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"it never came to be:\n{text_of(pilot.app)}"
        await asyncio.sleep(0.005)
        await pilot.pause()


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio, as Textual does."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def _no_home_of_a_person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes a person's own home by leaving it out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPPORTDESK_HOME", str(tmp_path_factory.mktemp("home")))
        yield


Picture = Callable[..., None]


@pytest.fixture
def picture(snap_compare: Callable[..., bool], request: pytest.FixtureRequest) -> Picture:
    """`picture(app, size=(80, 24), keys="c tab")`: compare a screen with its snapshot, once it has settled after each key."""

    def compare(
        app: App[Any],
        *,
        size: tuple[int, int] = (80, 24),
        keys: str = "",
        until_true: Callable[[], object] | None = None,
    ) -> None:
        shown: list[str] = []

        async def before(pilot: Pilot[Any]) -> None:
            if until_true is None:
                await settle(pilot)
            for key in keys.split():
                await pilot.press(key)
                if until_true is None:
                    await settle(pilot)
            if until_true is not None:
                await until(pilot, until_true)
            shown.append(text_of(app))

        same = snap_compare(app, terminal_size=size, run_before=before)
        assert same, "the screen differs from its snapshot; it is now:\n" + "\n".join(shown)

    return compare
