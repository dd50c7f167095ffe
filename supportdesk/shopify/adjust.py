"""`inventoryAdjustQuantities`, sent once, and what is known of it afterwards (PROTOCOL §2). Sending it again is the engine's to decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from supportdesk.core.looks import MOST_ROWS, AdjustAnswer, AdjustOutcome, Change, RefusedRow
from supportdesk.core.progress import Watch
from supportdesk.errors import ChangeRefused, ScopeMissing, ShopMissing, StoreError, TokenRefused, UserError
from supportdesk.shopify import wire_stock as wire
from supportdesk.shopify.client import AdminClient, Attempt
from supportdesk.shopify.global_ids import global_id
from supportdesk.shopify.levels import read_clock
from supportdesk.shopify.wire import read

REFUSALS: Final = frozenset(
    {
        "CHANGE_FROM_QUANTITY_STALE",
        "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED",
        "INTERNAL_LEDGER_DOCUMENT",
        "INVALID_AVAILABLE_DOCUMENT",
        "INVALID_INVENTORY_ITEM",
        "INVALID_LEDGER_DOCUMENT",
        "INVALID_LOCATION",
        "INVALID_QUANTITY_DOCUMENT",
        "INVALID_QUANTITY_NAME",
        "INVALID_QUANTITY_TOO_HIGH",
        "INVALID_QUANTITY_TOO_LOW",
        "INVALID_REASON",
        "INVALID_REFERENCE_DOCUMENT",
        "MAX_ONE_LEDGER_DOCUMENT",
        "NON_MUTABLE_INVENTORY_ITEM",
    }
)
"""Codes that say for certain that nothing was written with this key (`reference/shopify.md` §5). No other does: the store's own failures
(`ADJUST_QUANTITIES_FAILED`, `SERVICE_UNAVAILABLE`), a key in progress or sent with other parameters, and any code that is new."""

_ERRORS: Final = (ScopeMissing, TokenRefused, ShopMissing)
"""What nothing was done with, and what will not pass by being sent again."""


def adjust_quantities(
    client: AdminClient, changes: Sequence[Change], key: str, reference: str, watch: Watch
) -> AdjustAnswer:
    """Add to *available* of 1 to `MOST_ROWS` rows, each once, with idempotency key `key`; equal arguments are sent as equal bytes.

    Asks the store's clock first where no reply has told it yet. Raises `ScopeMissing`, `TokenRefused`, `ShopMissing` and
    `Cancelled`, and ValueError for other rows; all else is an outcome.
    """
    rows = {(change.item_id, change.location_id) for change in changes}
    if not 0 < len(changes) <= MOST_ROWS or len(rows) != len(changes):
        raise ValueError(f"an adjustment is of 1 to {MOST_ROWS} rows, each once")
    if client.store_second is None:
        read_clock(client, watch)
    before = client.store_second or 0
    tried = client.attempt("adjust", {"input": _input(changes, reference), "key": key}, watch)
    if isinstance(tried.error, _ERRORS):
        raise tried.error
    outcome, refused = _outcome(tried, len(changes))
    date = before if tried.unix_date is None else int(tried.unix_date)
    return AdjustAnswer(outcome, date, tried.seconds, refused)


def _input(changes: Sequence[Change], reference: str) -> dict[str, Any]:
    return {
        "name": "available",
        "reason": "correction",
        "referenceDocumentUri": reference,
        "changes": [
            {
                "inventoryItemId": global_id("InventoryItem", change.item_id),
                "locationId": global_id("Location", change.location_id),
                "delta": change.delta,
                # Left out it is refused; null compares with nothing (`reference/shopify.md` §5).
                "changeFromQuantity": None,
            }
            for change in changes
        ],
    }


def _outcome(tried: Attempt, rows: int) -> tuple[AdjustOutcome, tuple[RefusedRow, ...]]:
    if tried.answer is not None:
        return ("done" if _was_done(tried.answer.data) else "unknown"), ()
    if isinstance(tried.error, ChangeRefused):
        said = tried.error.user_errors
        refused = tuple(RefusedRow(_position(error, rows), error.code, error.message) for error in said)
        certain = all(error.code in REFUSALS for error in said)
        return ("refused" if certain else "unknown"), refused
    return "unknown", ()


def _was_done(data: dict[str, Any]) -> bool:
    try:
        return read(wire.AdjustAnswerData, data).inventory_adjust_quantities is not None
    except StoreError:
        return False


def _position(error: UserError, rows: int) -> int | None:
    """The row an error names (`["input", "changes", "0", "delta"]`), None for none."""
    if error.field[:2] != ("input", "changes") or len(error.field) < 3:
        return None
    step = error.field[2]
    at = int(step) if step.isascii() and step.isdecimal() else rows
    return at if at < rows else None
