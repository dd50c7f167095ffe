"""Building a plan out of what was loaded, row by row as they stream by; and whether one is stale (PROTOCOL §4). Applying is elsewhere."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from supportdesk.core.plan import Section


@dataclass(frozen=True, slots=True)
class Changed:
    """What is no longer as it was when a plan was made."""

    section: Section
    text: str
    """One sentence, naming the first few; may quote foreign text."""


def stale(connection: sqlite3.Connection, plan_id: int) -> tuple[Changed, ...]:
    """What changed since the plan was made, one sentence a section; nothing where it may be applied.

    Numbers of the store are not compared, nor movements of orders: those are for applying to judge, row by row.
    """
    raise NotImplementedError
