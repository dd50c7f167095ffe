"""Verifying: what the store shows, row by row, against what the ledger has (PROTOCOL §6). Values, and the verdict on one row; no reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from supportdesk.core.checks import count_of

VerifyState = Literal["same", "differ", "only_store", "only_ledger", "settling", "held"]
"""`only_store`: listed there, and the ledger has no number. `only_ledger`: the other way round. `settling`: still moving."""

SIGNS: Final[Mapping[VerifyState, str]] = {
    "same": "=",
    "differ": "*",
    "only_store": "+",
    "only_ledger": "-",
    "settling": "~",
    "held": "!",
}
"""As everywhere (DESIGN §7)."""


class VerifiedRow(NamedTuple):
    """A row that is not plainly the same on both sides. Names are foreign text."""

    state: VerifyState
    sku: str
    title: str
    location: str
    """'' for what only the ledger has."""
    warehouse: str
    store: int | None
    """What the store showed."""
    ledger: int | None
    """What the ledger wants shown there; available, of what only the ledger has and where Shopify is master."""
    why: str
    """A clause; may quote foreign text."""


@dataclass(frozen=True, slots=True)
class VerifyTotals:
    """How many rows are how."""

    channel: str
    synced: bool
    """Whether the channel is on: else its numbers were compared as they stand."""
    same: int = 0
    differ: int = 0
    only_store: int = 0
    only_ledger: int = 0
    """SKUs in a warehouse, not rows."""
    settling: int = 0
    held: int = 0
    """Rows that are not synced, with a reason: not compared."""

    @property
    def rows(self) -> int:
        """All that were looked at."""
        return self.same + self.differ + self.only_store + self.settling + self.held

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.differ

    @property
    def text(self) -> str:
        """In words."""
        parts = [
            f"{self.same:,} same",
            f"{self.differ:,} {'differs' if self.differ == 1 else 'differ'}",
            *([f"{self.only_store:,} only in the store"] if self.only_store else []),
            *([f"{self.only_ledger:,} only in Sumtracker"] if self.only_ledger else []),
            *([f"{self.settling:,} still moving"] if self.settling else []),
            *([f"{self.held:,} held, not compared"] if self.held else []),
        ]
        said = f"{count_of(self.rows, 'row')}: {', '.join(parts)}."
        return said if self.synced else f"{said} Sync is off: the numbers were compared as they stand."


class Verdict(NamedTuple):
    """What one look at a row comes to."""

    state: VerifyState
    store: int | None
    ledger: int | None
    why: str = ""
    edit: int = 0
    """Units by which the store lies outside what it should show."""
    owed: int = 0
    """Units that are still to be written."""

    @property
    def is_certain(self) -> bool:
        """Whether another look could say nothing else."""
        return self.state in ("same", "held", "only_store", "only_ledger")


def both(first: Verdict, second: Verdict) -> Verdict:
    """What two looks at a row, a margin apart, come to: *differs* only what differs in both, the same way."""
    if second.is_certain or second.state == "settling":
        return second
    same_edit = first.edit * second.edit > 0
    if first.state != "differ" and not same_edit:
        return second._replace(state="settling", why=second.why or "it moved between two looks")
    same_debt = first.owed * second.owed > 0
    other = not (first.edit or first.owed) and not (second.edit or second.owed)
    if same_edit or same_debt or other:
        return second
    return second._replace(state="settling", why="it moved between two looks")
