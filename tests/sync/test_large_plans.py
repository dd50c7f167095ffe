"""Plans of large stores: memory stays flat. How long they take `python -m tests.benchmarks` says."""

from __future__ import annotations

import pytest

from tests.benchmarks.plans import peak_of

CACHE = 20.0
"""MB of the file that SQLite may keep in memory while a plan is built, whatever its size."""


@pytest.mark.slow
def test_memory_is_flat() -> None:
    small, large = peak_of(10_000), peak_of(100_000)
    assert large - small <= CACHE + 5, f"20,000 rows took {small} MB, 200,000 {large} MB"
