"""How long the commands that say something about the program take, over an interpreter that does nothing."""

from __future__ import annotations

import sys

from tests.benchmarks.ratios import Ratio, in_turn, seconds_of

_WORDS = (("--version",), ("--help",), ("keys",), ("paths",))


def measure() -> list[Ratio]:
    """A ratio for each command; the goal is a difference, given in the note."""
    ratios = []
    for words in _WORDS:
        ours, floor = in_turn(
            lambda words=words: seconds_of([sys.executable, "-m", "supportdesk", *words]),  # type: ignore[misc]
            lambda: seconds_of([sys.executable, "-c", "pass"]),
            runs=15,
        )
        ratios.append(
            Ratio(
                f"supportdesk {' '.join(words)} over python -c pass",
                ours * 1000,
                floor * 1000,
                "ms",
                "+ 60 ms",
                f"+ {(ours - floor) * 1000:.0f} ms",
            )
        )
    return ratios
