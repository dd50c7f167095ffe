"""What somebody has to look at, as values. What raises an alert is in `sync`, where they are kept in `ledger.alerts`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Trouble = Literal["token", "scope", "claim", "file", "store"]
AlertCode = Literal[Trouble, "lease", "brake", "held", "another_app", "copy", "location", "waiting"]
"""`store`: it does not answer. `file`: the account file cannot be written. `lease`: another process syncs the channel now. `held`,
`another_app`, `copy`: of one row or SKU. `location`: one was closed, its place is its id. `waiting`: many rows wait for a person's word."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as it is kept."""

    id: int
    at: datetime
    code: str
    """An `AlertCode`."""
    text: str
    """A sentence; may quote foreign text."""
    sku: str
    """Foreign text, '' where it is about no row."""
    place: str
    closed_at: datetime | None
    """When its cause ended; None while it stands."""
    seen_at: datetime | None
    seen_by: str
