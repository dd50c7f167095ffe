"""What the engine needs of a store, as Protocols that `supportdesk.shopify` and `supportdesk.exports` satisfy. No code of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from supportdesk.core.catalog import CatalogBatch, Location, Shop
from supportdesk.core.looks import (
    AdjustAnswer,
    Change,
    ClaimLook,
    LevelChange,
    LevelsLook,
    ListingFacts,
    OrdersLook,
    PlaceLook,
    ProductLook,
    RowKey,
)
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


class EngineStore(Protocol):
    """A store as the engine reads and writes it. Every method raises what `errors` names under `StoreError`, and `Cancelled`."""

    def clock(self, watch: Watch) -> int:
        """The store's second now, from the `Date` of the cheapest request there is; never later than its clock."""

    def levels(self, rows: Sequence[RowKey], watch: Watch) -> LevelsLook:
        """These rows, `looks.MOST_ROWS` at most, with all their quantities, in one request."""

    def levels_changed(self, since: int, locations: Sequence[int], watch: Watch) -> Iterator[LevelChange]:
        """Rows of these locations whose levels were changed at `since` or later, as far as the store's index shows it."""

    def listings_changed(self, since: int, above: int, watch: Watch) -> Iterator[tuple[ListingFacts, ...]]:
        """Listings changed at `since` or later with an id above `above`, by id, as far as the store's index shows it."""

    def listing_page(self, above: int, watch: Watch) -> tuple[ListingFacts, ...]:
        """The `looks.MOST_ROWS` listings with the lowest ids above `above`, by id; fewer where there are no more."""

    def products_changed(self, since: int, watch: Watch) -> Iterator[tuple[ProductLook, ...]]:
        """Products changed at `since` or later, as far as the store's index shows it; every sale changes one."""

    def places(self, watch: Watch) -> tuple[PlaceLook, ...]:
        """Every location's name and whether it is open, for little."""

    def locations(self, watch: Watch) -> tuple[Location, ...]:
        """Every location with all its facts, inactive and legacy ones too."""

    def variants_of(self, items: Sequence[int], watch: Watch) -> tuple[int, ...]:
        """Ids of the variants that these inventory items stand for; none for an item that is no more."""

    def listings(self, variant_ids: Sequence[int], location_count: int, watch: Watch) -> CatalogBatch:
        """The listings of these variants as they are now with all their levels, without those that are no more."""

    def orders_changed(self, since: int, watch: Watch) -> Iterator[OrdersLook]:
        """Orders created or updated at `since` or later, page by page, the least recently updated first."""

    def open_orders(self, watch: Watch) -> Iterator[OrdersLook]:
        """Every order of which something is still to be sent, page by page."""

    def orders_by_id(self, ids: Sequence[int], watch: Watch) -> OrdersLook:
        """These orders, 25 at most; one that was deleted comes back as `OrderNow(gone=True)`."""

    def orders_moved(self, since: int, watch: Watch) -> Iterator[int]:
        """Ids of orders with a fulfilment order updated at `since` or later, closed ones too; each once."""

    def orders_holding(self, item_ids: Sequence[int], watch: Watch) -> Iterator[OrdersLook]:
        """A fresh look at open orders that hold any of these items (PROTOCOL §1.4: before an undo that raises)."""

    def adjust(self, changes: Sequence[Change], key: str, reference: str, watch: Watch) -> AdjustAnswer:
        """`inventoryAdjustQuantities` of *available*, with idempotency key `key` and `changeFromQuantity: null` (PROTOCOL §2).

        Sent once, with no retries of its own. Whatever leaves it open whether the store did it (time-out, lost connection, 5xx,
        throttle, concurrent request, an unlisted code) is `unknown` and not an error; a missing scope or a refused token raises.
        """

    def claim(self, watch: Watch) -> ClaimLook:
        """Who has claimed the store."""

    def write_claim(self, value: str, replacing: str | None, watch: Watch) -> ClaimLook:
        """Claim it, where the claim's digest still is `replacing`; what is there afterwards. Raises `Conflict` where it was not."""

    def drop_claim(self, watch: Watch) -> None:
        """Take our claim away."""
