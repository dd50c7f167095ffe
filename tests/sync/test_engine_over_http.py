"""The same histories with the store as it really is asked: `ShopifyStore` over GraphQL, with throttling, errors after the commit and lost connections."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from supportdesk.sandbox.faults import Fault
from supportdesk.sync.store import EngineStore
from tests.shopify.in_process import Asked
from tests.sync.histories import History

FAULTS = (
    Fault("throttled"),
    Fault("internal_error", after=True, operation="inventoryAdjustQuantities"),
    Fault("internal_error", operation="inventoryAdjustQuantities"),
    Fault("bad_gateway", after=True, operation="inventoryAdjustQuantities"),
    Fault("bad_gateway"),
    Fault("late_commit", wait=2, operation="inventoryAdjustQuantities"),
    Fault("timeout", operation="inventoryAdjustQuantities"),
    Fault("attempt_failed", operation="inventoryAdjustQuantities"),
)


class Slow(Asked):
    """Requests take time, in which the shop goes on; now and then one fails."""

    history: HttpHistory

    def _send(self, request: httpx.Request) -> httpx.Response:
        chance = self.history.chance
        if chance.random() < self.history.store.lost / 4:
            self.api.faults.add(chance.choice(FAULTS))
        self.history.live(chance.uniform(0.02, 0.3))
        answer = super()._send(request)
        self.history.live(chance.uniform(0.02, 0.3))
        return answer


class HttpHistory(History):
    """A life in which the engine asks over HTTP."""

    def asked(self) -> EngineStore:
        if not hasattr(self, "slow"):
            self.slow = Slow(self.shop)
            self.slow.history = self
        return self.slow.engine


@pytest.mark.parametrize("seed", [1, 4])
def test_over_http_a_history_ends_right(tmp_path: Path, seed: int) -> None:
    life = HttpHistory(seed, tmp_path)
    assert not life.run(steps=15, quiet=25), life.said
    assert "Adjust" in life.slow.names()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(10, 22))
def test_over_http_longer_histories_end_right(tmp_path: Path, seed: int) -> None:
    life = HttpHistory(seed, tmp_path, crashes=0.005)
    assert not life.run(), life.said
