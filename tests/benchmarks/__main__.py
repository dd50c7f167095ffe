"""Runs every benchmark and prints one table. Takes some minutes; ratios are what counts, seconds depend on the machine."""

from __future__ import annotations

import subprocess
import sys

from tests.benchmarks import connections, day, duplicates, log, paint, plans, start, stock, tables


def main() -> None:
    """Print the table, then what the load's own measurement prints."""
    sys.stdout.write(f"{'what':58} {'ours':>10} {'floor':>10} {'':4} {'ratio':>7}  goal\n")
    for module in (start, paint, tables, duplicates, connections, stock, plans, log, day):
        for ratio in module.measure():
            sys.stdout.write(ratio.line() + "\n")
            sys.stdout.flush()
    sys.stdout.write("load of a bulk file of 200,000 listings at two locations, goal <= 1.5x\n")
    sys.stdout.flush()
    subprocess.run([sys.executable, "-m", "tests.sync.load_speed"], check=True)


if __name__ == "__main__":
    main()
