"""Held rows as people see them, and what may be said of each. Why a row is held is decided by the engine; here is the way out. Pure."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

HeldAnswer = Literal["confirm", "copy"]
"""`confirm`: sync it from now on, with the ledger's number. `copy`: take the store's number into the ledger, then sync it."""

_COMES_BACK: Final = frozenset(
    {"untracked", "not_stocked", "gone", "other_sku", "archived", "draft", "gift_card", "bundle_parent"}
)
_NOT_OURS: Final = frozenset({"location_inactive", "third_party"})
_MAY_COPY: Final = frozenset({"unknown", "to_confirm", "new"})


NOT_SAID_WHOSE: Final = (
    "Several counts would be copied onto one number, and nothing says whose it takes: decide the SKU's duplicate group first, "
    "and of several locations on the warehouse whose count it takes."
)
"""Why the store's numbers of these rows cannot be copied together, as a sentence."""


class HeldRow(NamedTuple):
    """A row that is not synced, with its reason. Names are foreign text."""

    item_id: int
    location_id: int
    sku: str
    """What it would follow: the SKU the store bears now."""
    title: str
    location: str
    warehouse: str
    code: str
    """A `sync_rows.HoldCode`."""
    reason: str
    store: int | None
    """What the store showed when it was read last."""
    ledger: int | None
    """What it would be made to show; None where the ledger never counted the SKU."""
    is_bundle: bool = False
    master: str = "sumtracker"

    @property
    def no_confirm(self) -> str | None:
        """Why it cannot be confirmed, as a sentence; None where it can."""
        if self.code in _COMES_BACK:
            return "It comes back by itself once that is mended in the store."
        if self.code in _NOT_OURS:
            return "That is for the location's settings: it cannot be written while it is so."
        if self.ledger is None and self.master == "sumtracker":
            return "Sumtracker never counted it there: copy the store's number, or count it."
        return None

    @property
    def no_copy(self) -> str | None:
        """Why the store's number cannot be copied, as a sentence; None where it can."""
        if self.ledger is not None:
            return "Sumtracker has a number for it: confirm it, or change the number there."
        if self.is_bundle:
            return "A bundle has no number of its own: count its components."
        if self.master != "sumtracker":
            return "Where Shopify is master every reading is taken in anyway."
        if self.code not in _MAY_COPY:
            return "It is held for another reason than that Sumtracker never counted it."
        return None

    @property
    def outcome(self) -> str:
        """What an answer would write: `12 → 9`, `12 into Sumtracker`, '' for nothing."""
        if self.no_confirm is None:
            if self.store is None or self.ledger is None:
                return "as it is read"
            return (
                f"{self.store:,} → {self.ledger:,}" if self.store != self.ledger else f"{self.store:,} stays"
            )
        if self.no_copy is None and self.store is not None:
            return f"{self.store:,} into Sumtracker"
        return ""


class HeldDone(NamedTuple):
    """What came of an answer."""

    answer: HeldAnswer
    rows: tuple[HeldRow, ...]
    """As they were before: each settles again now, and is written once it has."""
    refused: tuple[tuple[HeldRow, str], ...]
    """Rows left as they are, with why."""
