"""Things that happen by chance at a rate, on a shop's own time: the same seed and clock give the same run."""

from __future__ import annotations

import random
from collections.abc import Callable

from supportdesk.sandbox.store import SandboxShop


class Arrivals:
    """Calls `act` so many times a minute on average, as customers come: whenever the shop catches up, each at its moment."""

    def __init__(self, shop: SandboxShop, name: str, act: Callable[[random.Random], None]) -> None:
        self.shop = shop
        self.per_minute = 0.0
        self._act = act
        self._chance = random.Random(f"{name} of {shop.handle} {shop.seed}")
        self._round = 0

    def at_rate(self, per_minute: float) -> None:
        """Come so often from now on; 0 stops it. Raises ValueError for a rate below 0 or above 6,000."""
        if not 0 <= per_minute <= 6_000:
            raise ValueError("a rate is 0 to 6,000 a minute")
        self.shop.catch_up()
        self._round += 1
        self.per_minute = per_minute
        if per_minute:
            self._expect(self._round)

    def _expect(self, this_round: int) -> None:
        wait = self._chance.expovariate(self.per_minute / 60)
        self.shop.timeline.schedule(self.shop.timeline.seconds() + wait, lambda: self._arrive(this_round))

    def _arrive(self, this_round: int) -> None:
        if this_round == self._round:
            self._act(self._chance)
            self._expect(this_round)
