"""The engine of one channel: going live and the cycle (PROTOCOL §1, §2, §5). Each stage is in a module of its own beside this one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from supportdesk.core.progress import Watch
from supportdesk.core.rows import RowCondition
from supportdesk.ledger.channels import ChannelRecord
from supportdesk.ledger.file import Ledger
from supportdesk.sync.store import EngineStore


@dataclass(frozen=True, slots=True)
class Begin:
    """What going live starts from; made of a plan."""

    plan_id: int | None
    fences: Mapping[int, int]
    """Location id → T0, a whole second of the store's clock."""
    copies: bool
    """Whether the store's counts are copied into the ledger; else they are thrown away, but rows settle."""
    unknown: Literal["copy", "hold", "zero"] = "hold"
    """Without copying: what becomes of SKUs the ledger never counted."""
    promised_included: bool | None = None


class Fenced(Protocol):
    """The lease."""

    def check(self, connection: sqlite3.Connection) -> None:
        """Raise `errors.LeaseLost` in the transaction under way where somebody else syncs the channel by now."""


@dataclass(frozen=True, slots=True)
class CycleResult:
    """What one cycle did and found."""

    next_due: int | None
    """The store's second at which something is due by itself; None where nothing is before the next cycle."""
    rows: Mapping[RowCondition, int] = field(default_factory=dict)
    """Rows by condition."""
    pushed: int = 0
    """Rows written with a difference."""
    undone: int = 0
    held: int = 0
    """Rows that became held."""
    orders: int = 0
    """Orders that changed something."""
    unsettled: int = 0
    """Pushes the store has not answered."""
    brake: tuple[str, ...] = ()
    """Why the brake holds, as sentences that may quote foreign text."""


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """How sync stands, without asking the store."""

    rows: Mapping[RowCondition, int]
    reasons: Mapping[tuple[RowCondition, str], int]
    """Rows that are out, held or settling again, by condition and reason."""
    oldest_waiting: int | None
    """The store's second of the oldest reading that orders may still be missing for."""
    brake: tuple[str, ...]
    stopped_rows: int
    """Rows whose writes the brake stops; going on takes typing this number."""
    unsettled: int
    alerts: tuple[str, ...]
    """Open ones, newest first; may quote foreign text."""


class Engine:
    """Syncs one channel. One call at a time; what is kept is in the account file, so that another may go on at any point."""

    def __init__(
        self,
        ledger: Ledger,
        channel: ChannelRecord,
        store: EngineStore,
        lease: Fenced,
        *,
        now: Callable[[], datetime],
        watch: Watch,
        who: str = "",
    ) -> None:
        self.ledger, self.channel, self.store, self.lease = ledger, channel, store, lease
        self.now, self.watch, self.who = now, watch, who

    def begin(self, begin: Begin) -> None:
        """Go live from `begin`: look at the open orders, then set fences, rows and what is to be copied in one transaction."""
        raise NotImplementedError

    def cycle(self) -> CycleResult:
        """Everything that is due, in the order of PROTOCOL §5."""
        raise NotImplementedError

    def status(self) -> EngineStatus:
        """How sync stands by the account file alone."""
        raise NotImplementedError
