"""Catalogues in memory for tests of ledger, sync and desk: a source that needs no file and no socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from supportdesk.core.catalog import CatalogBatch, LevelRow, ListingRow, Location, Shop
from supportdesk.core.listings import listing_row
from supportdesk.core.progress import Watch

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until told."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **span: float) -> None:
        self.at += timedelta(**span)


def listing(
    number: int,
    sku: str,
    title: str = "Tent",
    *,
    item: int | None = None,
    status: str = "ACTIVE",
    tracked: bool = True,
) -> ListingRow:
    return listing_row(
        variant_id=number,
        item_id=item if item is not None else number + 1000,
        product_id=number + 2000,
        handle=f"tent-{number}",
        options=["Default Title"],
        title=title,
        sku=sku,
        status=status,
        tracked=tracked,
    )


def level(number: int, location: int, available: int | None, *, active: bool = True) -> LevelRow:
    return LevelRow(number + 1000, location, active, available, 0, available, None)


@dataclass
class MemoryStore:
    """Satisfies `sync.store.Store` and `CatalogSource` out of lists; `fail_at` raises in the middle of the batches."""

    listings: Sequence[ListingRow] = ()
    levels: Sequence[LevelRow] = ()
    places: tuple[Location, ...] = (Location(1, "Main St"), Location(2, "Depot"))
    facts: Shop = field(
        default_factory=lambda: Shop(
            "kestrel", "Kestrel", "kestrel.myshopify.com", scopes=frozenset({"read_products"})
        )
    )
    batch_size: int = 2
    levels_first: bool = False
    fail_at: int | None = None
    failure: Callable[[], BaseException] = lambda: RuntimeError("broken")
    adopted: list[str | None] = field(default_factory=list)

    def shop(self, watch: Watch) -> Shop:
        return self.facts

    def locations(self, watch: Watch) -> tuple[Location, ...]:
        return self.places

    def listing_count(self, watch: Watch) -> int:
        return len(self.listings)

    def batches(self, watch: Watch) -> Iterator[CatalogBatch]:
        if self.levels_first:
            yield CatalogBatch([], list(self.levels))
        for number, start in enumerate(range(0, len(self.listings), self.batch_size)):
            if number == self.fail_at:
                raise self.failure()
            yield CatalogBatch(list(self.listings[start : start + self.batch_size]), [])
        if not self.levels_first:
            yield CatalogBatch([], list(self.levels))

    def paged_catalog(self, location_count: int, watch: Watch) -> Iterator[CatalogBatch]:
        assert location_count == len(self.places)
        return self.batches(watch)

    def bulk_catalog(
        self, spool: Path, *, adopt: str | None, on_operation: Callable[[str], None], watch: Watch
    ) -> Iterator[CatalogBatch]:
        self.adopted.append(adopt)
        on_operation("gid://shopify/BulkOperation/7")
        spool.write_text("spooled")
        return self.batches(watch)
