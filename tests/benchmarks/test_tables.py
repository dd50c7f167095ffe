"""That a benchmark of tables leaves no process behind, however it ends. What it measures is not tested."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.terminal.pseudo_terminal import ROOT

_PROGRAM = """
import sys
from pathlib import Path
from tests.benchmarks.tables import started

with started("datatable", 10, Path(sys.argv[1]), Path(sys.argv[1])) as terminal:
    terminal.wait_for("ready")
    print(terminal.pid, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda number: number.name)
def test_the_table_ends_with_a_benchmark_that_is_killed(number: signal.Signals, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(tmp_path / "nothing")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as benchmark:
        assert benchmark.stdout is not None
        table = psutil.Process(int(benchmark.stdout.readline()))
        assert any("table_app.py" in word for word in table.cmdline())
        benchmark.send_signal(number)
        benchmark.wait()
        psutil.wait_procs([table], timeout=10)
        gone = not table.is_running() or table.status() == psutil.STATUS_ZOMBIE
        if not gone:
            table.kill()
        assert gone
