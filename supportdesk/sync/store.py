"""What the engine needs of a store, as Protocols that `supportdesk.shopify` and `supportdesk.exports` satisfy. No code of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from supportdesk.core.catalog import CatalogBatch, Location, Shop
from supportdesk.core.progress import Watch


class CatalogSource(Protocol):
    """CSV exports, or anything else that is read from front to back."""

    def locations(self, watch: Watch) -> tuple[Location, ...]:
        """Every location, inactive ones too."""

    def batches(self, watch: Watch) -> Iterator[CatalogBatch]:
        """Every listing and level once, in batches of at most a few thousand rows. Raises what `errors` names."""


class Store(Protocol):
    """A store behind the Admin API, as far as loading needs it."""

    def shop(self, watch: Watch) -> Shop:
        """Its facts, with the scopes of the token."""

    def locations(self, watch: Watch) -> tuple[Location, ...]:
        """Every location, inactive and legacy ones too."""

    def listing_count(self, watch: Watch) -> int:
        """How many variants there are; at least that, where the store stops counting."""

    def paged_catalog(self, location_count: int, watch: Watch) -> Iterator[CatalogBatch]:
        """Every listing and level, page by page, sorted by id: for a small store."""

    def bulk_catalog(
        self, spool: Path, *, adopt: str | None, on_operation: Callable[[str], None], watch: Watch
    ) -> Iterator[CatalogBatch]:
        """Every listing and level out of a bulk operation, downloaded to `spool` first, then streamed from it.

        `adopt` is the id of an operation an earlier run started: it is taken over when it is still good. `on_operation`
        hears the id of the operation in use as soon as it is known, so that the next run can adopt it. Reports until the first
        batch and not after: from there on whoever saves the rows tells how far they are.
        """
