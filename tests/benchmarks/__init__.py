"""Benchmarks: each figure beside its floor or peer of the same run, as ratios. `python -m tests.benchmarks` prints them all."""
