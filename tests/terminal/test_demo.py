"""The demo on a real (pseudo-)terminal: begun again from its palette, and left as it was found."""

from __future__ import annotations

import re

from tests.terminal.pseudo_terminal import Terminal

ENTER, PALETTE = b"\r", b"\x10"


def test_the_demo_begins_again() -> None:
    with Terminal(("-m", "supportdesk", "demo", "--scenario=empty")) as terminal:
        terminal.wait_for("Enter opens Kestrel New")
        terminal.send(ENTER)
        terminal.wait_for("Loaded.")
        terminal.send(ENTER)
        terminal.wait_for("· Overview")
        terminal.send(PALETTE)
        terminal.wait_for("what do you want to do?")
        terminal.send(b"startover")
        terminal.wait_for("Sandbox: start over")
        terminal.send(ENTER)
        terminal.wait_for("Start over?")
        terminal.send(b"y")
        terminal.wait_for("Enter opens Kestrel New")  # only a store that was never loaded is spoken of so
        assert len(re.findall(rb"\x1b\[\?1049h", terminal.raw)) == 2
        terminal.send(b"q")
        assert terminal.end() == 0
        assert terminal.is_restored
