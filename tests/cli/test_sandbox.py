"""`supportdesk sandbox` with shoppers: a process of its own, and orders that come by themselves."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.cli.commands import Commands


@pytest.fixture
def sandbox() -> Iterator[Callable[..., dict[str, Any]]]:
    """Starts a sandbox with more arguments; says what it says of itself."""
    children: list[subprocess.Popen[bytes]] = []

    def start(*more: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "supportdesk", "sandbox", "--json", "--until-stdin-closes", *more]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        children.append(child)
        assert child.stdout is not None
        (line,) = json.loads(child.stdout.readline())
        return dict(line)

    yield start
    for child in children:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.close()
        child.wait(timeout=10)
        child.stdout.close()


def state(url: str) -> dict[str, Any]:
    answer = httpx.get(f"{url}/sandbox/state", timeout=10, trust_env=False)
    (shop,) = answer.raise_for_status().json()["shops"]
    return dict(shop)


def test_shoppers_come_to_a_sandbox(sandbox: Callable[..., dict[str, Any]]) -> None:
    said = sandbox("--scenario=outdoor", "--orders-per-minute=6000")
    first = state(said["url"])
    assert first["rates"] == {"orders": 6000.0, "edits": 0.0, "fulfilments": 0.0}
    assert first["lags"] == {"commit": 1.0, "visibility": 3.0, "index": 3.0}
    until = time.monotonic() + 30
    while (later := state(said["url"]))["orders"] < first["orders"] + 20:
        assert time.monotonic() < until
    assert later["open_orders"] > first["open_orders"]


def test_without_a_rate_a_sandbox_stands_still(sandbox: Callable[..., dict[str, Any]]) -> None:
    said = sandbox("--scenario=outdoor")
    shop = state(said["url"])
    assert shop["rates"]["orders"] == 0
    assert shop["orders"] == shop["open_orders"] > 0
    placed = httpx.post(
        f"{said['url']}/sandbox/orders",
        json={"sku": "KO-MUG-ENAMEL", "quantity": 2, "location": "Main St"},
        timeout=10,
        trust_env=False,
    ).json()["order"]
    assert placed["status"] == "UNFULFILLED"
    assert state(said["url"])["orders"] == shop["orders"] + 1


@pytest.mark.parametrize("rate", ["-1", "many", "6001", "nan", ""])
def test_a_rate_that_is_none(cli: Commands, rate: str) -> None:
    error = cli.refused(2, "sandbox", f"--orders-per-minute={rate}")
    assert "from 0 to 6,000" in error["detail"] + error["title"]
