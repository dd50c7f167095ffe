"""How long the store takes to take an order off its number, told by readings of rows whose number is known (PROTOCOL §1.8). Pure; times are as in `effects`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from supportdesk.core.effects import Effect, Margins, PushEffect, presence
from supportdesk.core.rows import Reading

NEAR: Final = 2
"""As many times the margin is a lag looked for: one that jumped further shows as an edit, is undone, and is put right after."""


def seen_lag(
    settled: int, reading: Reading, effects: Iterable[Effect], pushes: Iterable[PushEffect], margins: Margins
) -> int | None:
    """For how many seconds, give or take one, an order's stock was not off the number yet; None where all were off, or nothing can be told.

    `settled` is the row's number at T0, known exactly. Of the orders before the reading the latest are taken for those that are not on
    it: that leaves one number for each. An edit by staff may look the same, so that another reading has to say that there was none.
    """
    number = settled
    for push in pushes:
        where = presence(push, reading.start, reading.end, margins)
        if where == "perhaps":
            return None
        number += push.available if where == "in" and push.kind == "difference" else 0
    orders: list[Effect] = []
    for effect in effects:
        fresh = effect.earliest > reading.start - NEAR * margins.commit_lag
        if fresh and effect.kind == "placed" and effect.exact and effect.available < 0:
            if effect.earliest <= reading.end:
                orders.append(effect)
            continue
        where = presence(effect, reading.start, reading.end, margins)
        if where == "perhaps":
            return None
        number += effect.available if where == "in" else 0
    orders.sort(key=lambda effect: effect.earliest)
    number += sum(effect.available for effect in orders)
    for effect in reversed(orders):
        if reading.numbers.available <= number:
            return None
        number -= effect.available
        if reading.numbers.available == number:
            return max(0, reading.start + 1 - effect.earliest)
    return None


def tells(lag: int, margins: Margins) -> bool:
    """Whether a lag comes so near to its margin that the margin widens."""
    return margins.widened(commit_lag=lag) != margins
