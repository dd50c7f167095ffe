"""The screens over a desk that answers from memory, as a program of its own: what the pseudo-terminal tests run.

`python -m tests.terminal.program HOME [typical|hostile|many|empty] [--settings=k=v …] [--trouble=…] [--threads=FILE]`
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from supportdesk.app import run_screens
from supportdesk.core.channels import ChannelOverview
from supportdesk.core.progress import Watch
from supportdesk.settings import Settings
from tests.screens.fakes import KESTREL, TOKEN, FakeDoorway, fake_desk, hostile_channels, many_channels


class TroubledDoorway(FakeDoorway):
    """Fails in ways nobody expects, with a token at hand."""

    trouble = ""

    def overview(self, name: str) -> ChannelOverview:
        token, person = TOKEN, "@".join(("mia", "example.com"))
        if self.trouble == "crash":
            raise RuntimeError(f"not expected, with {token} and {person}")
        return super().overview(name)

    def load(self, name: str, watch: Watch) -> Any:
        if self.trouble == "deaf":
            watch.report("Reading listings", 1, 2)
            threading.Event().wait(60)
        return super().load(name, watch)


def _break_input() -> None:
    """Let the thread that reads keys fail at the first one."""
    from textual import events
    from textual._xterm_parser import XTermParser
    from textual.message import Message

    feed = XTermParser.feed

    def broken(self: XTermParser, data: str) -> Iterable[Message]:
        for event in feed(self, data):
            if isinstance(event, events.Key):
                raise LookupError("no such key")
            yield event

    XTermParser.feed = broken  # type: ignore[method-assign]


def _tell_threads_to(file: Path) -> None:
    """Write the names of all threads, a line each, whenever SIGUSR1 comes."""

    def tell(*_: object) -> None:
        new = file.with_suffix(".new")
        new.write_text("".join(f"{thread.name}\n" for thread in threading.enumerate()))
        new.replace(file)

    signal.signal(signal.SIGUSR1, tell)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("kind", nargs="?", default="typical")
    parser.add_argument("--trouble", default="")
    parser.add_argument("--channel")
    parser.add_argument("--setting", action="append", default=[])
    parser.add_argument("--modules", type=Path)
    parser.add_argument("--threads", type=Path)
    given = parser.parse_args()
    values: dict[str, Any] = {}
    for setting in given.setting:
        key, _, value = setting.partition("=")
        values[key] = {"true": True, "false": False}.get(value, value)
    desk = fake_desk(given.home, settings=Settings(**values))
    channels = {
        "typical": KESTREL,
        "hostile": hostile_channels(),
        "many": many_channels(500),
        "empty": (),
    }[given.kind]
    doorway = TroubledDoorway(desk, channels)
    doorway.hostile = given.kind == "hostile"
    doorway.trouble = given.trouble
    if given.trouble == "input":
        _break_input()
    if given.threads:
        _tell_threads_to(given.threads)
    code = run_screens(desk, given.channel, doorway=doorway)
    if given.modules:
        given.modules.write_text("\n".join(sorted(sys.modules)))
    return code


if __name__ == "__main__":
    sys.exit(main())
