"""The JSON of the commands for after going live (DESIGN §8), as models. A field here is never renamed."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from supportdesk.cli.contract import Moment
from supportdesk.core.held import HeldDone, HeldRow
from supportdesk.core.verify import VerifiedRow, VerifyTotals
from supportdesk.desk.syncing import SyncedNow


class SyncedLine(BaseModel):
    """`sync`."""

    channel: str
    cycle: int
    ended_at: Moment
    orders: int
    pushed: int
    undone: int
    held: int
    unsettled: int
    refreshed: bool
    brake: list[str]
    stopped_rows: int

    @classmethod
    def of(cls, synced: SyncedNow) -> SyncedLine:
        """The contract's form of it."""
        return cls(
            ended_at=synced.at,
            brake=list(synced.brake),
            **{name: getattr(synced, name) for name in cls.model_fields if name not in ("ended_at", "brake")},
        )


class VerifiedLine(BaseModel):
    """One element of `verify`'s `rows`: a row that is not the same on both sides."""

    state: Literal["differ", "only_store", "only_ledger", "settling", "held"]
    sku: str
    title: str
    location: str
    warehouse: str
    store: int | None
    ledger: int | None
    why: str

    @classmethod
    def of(cls, row: VerifiedRow) -> VerifiedLine:
        """The contract's form of one row."""
        return cls(**row._asdict())


class VerifyLine(BaseModel):
    """`verify`, but for its `rows`, which are written after it."""

    channel: str
    synced: bool
    same: int
    differ: int
    only_store: int
    only_ledger: int
    settling: int
    held: int

    @classmethod
    def of(cls, totals: VerifyTotals) -> VerifyLine:
        """The contract's form of the totals."""
        return cls(**{name: getattr(totals, name) for name in cls.model_fields})


class HeldLine(BaseModel):
    """One element of `held`."""

    item: int
    location_id: int
    sku: str
    title: str
    location: str
    warehouse: str
    code: str
    reason: str
    store: int | None
    ledger: int | None
    may_confirm: bool
    may_copy: bool

    @classmethod
    def of(cls, row: HeldRow) -> HeldLine:
        """The contract's form of one held row."""
        return cls(
            item=row.item_id,
            may_confirm=row.no_confirm is None,
            may_copy=row.no_copy is None,
            **{
                name: getattr(row, name)
                for name in cls.model_fields
                if name not in ("item", "may_confirm", "may_copy")
            },
        )


class RefusedHeldLine(HeldLine):
    """A held row that was left as it is."""

    why: str

    @classmethod
    def refused(cls, row: HeldRow, why: str) -> RefusedHeldLine:
        """The contract's form of it."""
        return cls(why=why, **HeldLine.of(row).model_dump())


class HeldDoneLine(BaseModel):
    """`held --confirm`, `held --copy`."""

    answer: Literal["confirm", "copy"]
    rows: list[HeldLine]
    refused: list[RefusedHeldLine]

    @classmethod
    def of(cls, done: HeldDone) -> HeldDoneLine:
        """The contract's form of it."""
        return cls(
            answer=done.answer,
            rows=[HeldLine.of(row) for row in done.rows],
            refused=[RefusedHeldLine.refused(row, why) for row, why in done.refused],
        )


class AdoptedLine(BaseModel):
    """`adopt`."""

    sku: str
    location: str
    units: int
    before: int
    after: int
    undo_cancelled: bool

    @classmethod
    def of(cls, adopted: Any) -> AdoptedLine:
        """The contract's form of an edit that was adopted."""
        return cls(**{name: getattr(adopted, name) for name in cls.model_fields})


class AlertLine(BaseModel):
    """One element of `alerts`."""

    id: int
    at: Moment
    code: str
    text: str
    sku: str
    place: str
    ended_at: Moment | None
    seen_at: Moment | None
    seen_by: str

    @classmethod
    def of(cls, alert: Any) -> AlertLine:
        """The contract's form of one alert."""
        return cls(
            ended_at=alert.closed_at,
            **{name: getattr(alert, name) for name in cls.model_fields if name != "ended_at"},
        )


class SeenLine(BaseModel):
    """`alerts --seen`."""

    seen: int
