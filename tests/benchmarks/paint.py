"""How long from the start of the program to its first screen, in a real pseudo-terminal, beside a one-widget Textual app.

A peer that is installed for another Python can be measured in the same run: `SUPPORTDESK_PEER="/path/to/posting"` (split as a shell does).
"""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
import time
from pathlib import Path

from supportdesk.core.channels import ChannelSummary
from supportdesk.ledger import index
from tests.benchmarks.ratios import Ratio, in_turn
from tests.terminal.pseudo_terminal import TAKE_TERMINAL, Terminal

_HELLO = (
    "from textual.app import App\nfrom textual.widgets import Static\n"
    "class Hello(App):\n    def compose(self):\n        yield Static('Kestrel')\n"
    "Hello().run()\n"
)
_RUNS = 9


def _home(folder: Path, channels: int) -> Path:
    """A home whose index lists so many channels, each of an account of its own."""
    home = folder / f"home-{channels}"
    (home / "accounts").mkdir(parents=True)
    for number in range(channels):
        name = f"kestrel-{number:03}"
        line = ChannelSummary(
            name, name, f"Kestrel {number}", "shopify", f"{name}.myshopify.com", "off", 1200, 14, 6, 3
        )
        (home / "accounts" / f"{name}.db").touch()
        index.replace_account(home / "channels.db", name, [line])
    return home


def seconds_to_first_screen(
    arguments: list[str], environ: dict[str, str], shows: str, size: tuple[int, int]
) -> float:
    """Seconds from exec until `shows` is on the screen; the program is ended after it."""
    began = time.perf_counter()
    with Terminal(arguments, size=size, environ=environ) as terminal:
        terminal.wait_for(shows)
        return time.perf_counter() - began


def measure() -> list[Ratio]:
    """First paint at 80x24 and 200x50 beside the hello app; 500 accounts beside one; a peer where one is named."""
    ratios = []
    with tempfile.TemporaryDirectory() as name:
        one, many = _home(Path(name), 1), _home(Path(name), 500)

        def ours(home: Path, size: tuple[int, int]) -> float:
            environ = {"SUPPORTDESK_HOME": str(home), "SUPPORTDESK_PRESENTER": "off"}
            return seconds_to_first_screen(["-m", "supportdesk"], environ, "Kestrel 0", size)

        def hello(size: tuple[int, int]) -> float:
            return seconds_to_first_screen(["-c", f"{TAKE_TERMINAL}\n{_HELLO}"], {}, "Kestrel", size)

        for size, goal in (((80, 24), "<= 1.6x"), ((200, 50), "")):
            a, b = in_turn(lambda size=size: ours(one, size), lambda size=size: hello(size), _RUNS)  # type: ignore[misc]
            ratios.append(
                Ratio(
                    f"first paint of home at {size[0]}x{size[1]} / hello app", a * 1000, b * 1000, "ms", goal
                )
            )
        a, b = in_turn(lambda: ours(many, (80, 24)), lambda: ours(one, (80, 24)), _RUNS)
        ratios.append(
            Ratio("first paint of home with 500 accounts / with one", a * 1000, b * 1000, "ms", "<= 1.3x")
        )
        if peer := os.environ.get("SUPPORTDESK_PEER"):
            program, shows = peer.rsplit("::", 1)
            words = shlex.split(program)
            code = f"{TAKE_TERMINAL}; os.execvp({words[0]!r}, {words!r})"
            a, b = in_turn(
                lambda: ours(one, (80, 24)),
                lambda: seconds_to_first_screen(["-c", code], {}, shows, (80, 24)),
                5,
            )
            ratios.append(
                Ratio(f"first paint of home / {Path(words[0]).name}", a * 1000, b * 1000, "ms", "<= 0.5x")
            )
    return ratios


if __name__ == "__main__":
    for ratio in measure():
        sys.stdout.write(ratio.line() + "\n")
