"""A million rows of stock: what they take of memory, whichever way they are sorted or filtered."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.stock import LISTINGS, MEGABYTES, write_account


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_million_rows_fit_into_memory(tmp_path: Path) -> None:
    path = write_account(tmp_path / "kestrel.db", LISTINGS)
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.stock", str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert 0 < float(done.stdout) <= MEGABYTES
