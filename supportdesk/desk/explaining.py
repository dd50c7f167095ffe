"""Why each row that a SKU feeds shows what it does: the engine's record of it, for the SKU inspector and `explain` (PROTOCOL §6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from supportdesk.core.explanation import RowExplanation
from supportdesk.core.stock import FedRow

if TYPE_CHECKING:
    from supportdesk.ledger.file import Ledger

LINES: Final = 1_000
"""Lines of one row that are read at most: what is older is added up."""


def explained(ledger: Ledger, rows: Sequence[FedRow], lines: int) -> tuple[FedRow, ...]:
    """The rows, each with its explanation of at most `lines` lines where its channel syncs it. Raises `LedgerError` and its kinds."""
    from supportdesk.ledger import channels, explanation
    from supportdesk.ledger.faults import said_plainly

    ids = {channel.handle: channel.id for channel in channels.all_channels(ledger)}
    found: dict[tuple[str, int, int], RowExplanation | None] = {}
    with said_plainly(ledger.path):
        for row in rows:
            key = (row.channel, row.item_id, row.location_id)
            if key not in found and row.channel in ids:
                found[key] = explanation.row_explained(
                    ledger.db.conn,
                    ids[row.channel],
                    (row.item_id, row.location_id),
                    max(0, min(lines, LINES)),
                    row.pushed,
                )
    return tuple(
        replace(row, explanation=found.get((row.channel, row.item_id, row.location_id))) for row in rows
    )
