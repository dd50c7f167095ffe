"""One line of the table that `python -m tests.benchmarks` prints, and how commands are timed in turn. No benchmark of its own."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure beside its floor."""

    what: str
    ours: float
    floor: float
    unit: str
    goal: str
    """As DESIGN §9 states it."""
    note: str = ""

    def line(self) -> str:
        """The line of the table."""
        ratio = self.ours / self.floor if self.floor else float("nan")
        return f"{self.what:58} {self.ours:10.3f} {self.floor:10.3f} {self.unit:4} {ratio:6.2f}x  {self.goal}  {self.note}"


def in_turn(ours: Callable[[], float], floor: Callable[[], float], runs: int) -> tuple[float, float]:
    """Medians of `runs` measurements of each, taken A B A B, so that a noisy machine is noisy for both."""
    pairs = [(ours(), floor()) for _ in range(runs)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def seconds_of(command: Sequence[str]) -> float:
    """Wall seconds of one run of a command that must succeed."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began
