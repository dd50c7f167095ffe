"""`ShopifyStore`: a store behind the Admin API as `sync.store.Store` and `EngineStore` describe it, and `open_store`, which makes one. The work is in the modules it calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from supportdesk.core.catalog import CatalogBatch, Location, Shop
from supportdesk.core.progress import Watch
from supportdesk.errors import ScopeMissing, TokenRefused
from supportdesk.secret import Secret
from supportdesk.shopify.address import ShopAddress
from supportdesk.shopify.scopes import copyable_scopes, missing_scopes

if TYPE_CHECKING:
    import httpx

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
    from supportdesk.shopify.client import AdminClient


class ShopifyStore:
    """One shop, read and written through its Admin API."""

    def __init__(
        self,
        client: AdminClient,
        *,
        download_transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`download_transport` replaces the network for a bulk operation's file, in tests."""
        self._client = client
        self._listings: int | None = None
        self._download_transport = download_transport

    @property
    def address(self) -> ShopAddress:
        """Where the shop is."""
        return self._client.address

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def check_connection(self, watch: Watch | None = None) -> Shop:
        """The shop's facts, with one request. Raises `ScopeMissing` where the token cannot load, else what `errors` names."""
        from supportdesk.shopify.catalog_pages import read_shop
        from supportdesk.shopify.waiting import FIRST_TRIES

        shop = read_shop(self._client, watch, tries=FIRST_TRIES)
        lacking = [missing for missing in missing_scopes(shop.scopes) if missing.needed_to == "load"]
        if lacking:
            reasons = "; ".join(f"{missing.scope} to {missing.what_for}" for missing in lacking)
            raise ScopeMissing(
                f"The token lacks {reasons}.",
                f"Give the app these access scopes and install it again: {copyable_scopes()}",
                tuple(missing.scope for missing in lacking),
            )
        return shop

    def shop(self, watch: Watch | None = None) -> Shop:
        """Its facts, with the scopes of the token. Raises what `errors` names."""
        from supportdesk.shopify.catalog_pages import read_shop

        return read_shop(self._client, watch)

    def locations(self, watch: Watch) -> tuple[Location, ...]:
        """Every location, inactive and legacy ones too. Raises what `errors` names."""
        from supportdesk.shopify.catalog_pages import read_locations

        return read_locations(self._client, watch)

    def listing_count(self, watch: Watch | None = None) -> int:
        """How many variants there are; at least that, where the store stops counting. Raises what `errors` names."""
        from supportdesk.shopify.catalog_pages import read_listing_count

        self._listings = read_listing_count(self._client, watch)
        return self._listings

    def paged_catalog(self, location_count: int, watch: Watch) -> Iterator[CatalogBatch]:
        """Every listing and level, page by page, sorted by id: for a small store. Raises what `errors` names."""
        from supportdesk.shopify.catalog_pages import read_catalog
        from supportdesk.waiting import noted

        return read_catalog(self._client, location_count, noted(watch))

    def bulk_catalog(
        self, spool: Path, *, adopt: str | None, on_operation: Callable[[str], None], watch: Watch
    ) -> Iterator[CatalogBatch]:
        """Every listing and level out of a bulk operation, downloaded to `spool` first, then streamed from it.

        See `bulk.BulkCatalog` for which operation is used; `spool` is removed when the last batch was taken or an error came.
        Raises what `errors` names.
        """
        from supportdesk.shopify.bulk import BulkCatalog
        from supportdesk.shopify.bulk_lines import read_lines
        from supportdesk.shopify.download import Download
        from supportdesk.waiting import noted

        notes = noted(watch)
        operation = BulkCatalog(self._client, self._listings).finished(adopt, on_operation, notes)
        if operation.url is None:
            return
        try:
            download = Download(operation.url, spool, operation.file_size, self.address.on_loopback)
            download.run(notes, self._download_transport)
            yield from read_lines(
                spool, operation.root_object_count, notes, counted=operation.file_size is None
            )
        finally:
            spool.unlink(missing_ok=True)

    def listings(self, variant_ids: Sequence[int], location_count: int, watch: Watch) -> CatalogBatch:
        """The listings of these variants as they are now, without those that are no more. Raises what `errors` names."""
        from supportdesk.shopify.catalog_pages import read_listings
        from supportdesk.waiting import noted

        return read_listings(self._client, variant_ids, location_count, noted(watch))

    def listings_with_sku(self, sku: str, location_count: int, watch: Watch) -> CatalogBatch:
        """The listings that have exactly this SKU; the search behind it lags behind writes by seconds. Raises what `errors` names."""
        from supportdesk.shopify.catalog_pages import read_listings_with_sku
        from supportdesk.waiting import noted

        return read_listings_with_sku(self._client, sku, location_count, noted(watch))

    def set_sku(self, product_id: int, variant_id: int, sku: str, watch: Watch) -> None:
        """Give a variant a SKU. Not sent twice: where the answer is lost the error says so, and a reading says what came of it.

        Raises `ScopeMissing` without `write_products`, `ChangeRefused` with the store's reasons, and what else `errors` names.
        """
        from supportdesk.shopify.sku_write import write_sku
        from supportdesk.waiting import noted

        write_sku(self._client, product_id, variant_id, sku, noted(watch))

    # What the engine asks ---------------------------------------------------------------------------------------------------------------

    def clock(self, watch: Watch) -> int:
        """The store's second now, from the `Date` of the cheapest request. Raises what `errors` names."""
        from supportdesk.shopify.levels import read_clock

        return read_clock(self._client, watch)

    def levels(self, rows: Sequence[RowKey], watch: Watch) -> LevelsLook:
        """These rows, 250 at most, with all their quantities, in one request. Raises what `errors` names."""
        from supportdesk.shopify.levels import read_levels

        return read_levels(self._client, rows, watch)

    def levels_changed(self, since: int, locations: Sequence[int], watch: Watch) -> Iterator[LevelChange]:
        """Rows of these locations whose levels were changed at `since` or later, as far as the store's index shows it."""
        from supportdesk.shopify.levels import read_changed_levels

        return read_changed_levels(self._client, since, locations, watch)

    def listings_changed(self, since: int, above: int, watch: Watch) -> Iterator[tuple[ListingFacts, ...]]:
        """Listings changed at `since` or later with an id above `above`, by id, as far as the store's index shows it."""
        from supportdesk.shopify.changes import read_changed_listings

        return read_changed_listings(self._client, since, above, watch)

    def listing_page(self, above: int, watch: Watch) -> tuple[ListingFacts, ...]:
        """The 250 listings with the lowest ids above `above`, by id; fewer where there are no more."""
        from supportdesk.shopify.changes import read_listing_page

        return read_listing_page(self._client, above, watch)

    def products_changed(self, since: int, watch: Watch) -> Iterator[tuple[ProductLook, ...]]:
        """Products changed at `since` or later, as far as the store's index shows it; every sale changes one."""
        from supportdesk.shopify.changes import read_changed_products

        return read_changed_products(self._client, since, watch)

    def places(self, watch: Watch) -> tuple[PlaceLook, ...]:
        """Every location's name and whether it is open, for little. Raises what `errors` names."""
        from supportdesk.shopify.changes import read_places

        return read_places(self._client, watch)

    def variants_of(self, items: Sequence[int], watch: Watch) -> tuple[int, ...]:
        """Ids of the variants that these inventory items stand for; none for an item that is no more."""
        from supportdesk.shopify.changes import read_variants_of

        return read_variants_of(self._client, items, watch)

    def orders_changed(self, since: int, watch: Watch) -> Iterator[OrdersLook]:
        """Orders created or updated at `since` or later, the least recently updated first; one empty look where there are none."""
        from supportdesk.shopify.orders import read_changed_orders

        return read_changed_orders(self._client, since, watch)

    def open_orders(self, watch: Watch) -> Iterator[OrdersLook]:
        """Every order of which something is still to be sent. The first look is empty: it says when the search began."""
        from supportdesk.shopify.orders import read_open_orders

        return read_open_orders(self._client, watch)

    def orders_by_id(self, ids: Sequence[int], watch: Watch) -> OrdersLook:
        """These orders, 25 at most; one that is not found comes back as `OrderNow(gone=True)`.

        Without the scope `read_all_orders` an order older than 60 days is not found either.
        """
        from supportdesk.shopify.order_pages import read_orders

        return read_orders(self._client, ids, watch)

    def orders_moved(self, since: int, watch: Watch) -> Iterator[int]:
        """Ids of orders with a fulfilment order updated at `since` or later, closed ones too; each once."""
        from supportdesk.shopify.orders import read_moved_orders

        return read_moved_orders(self._client, since, watch)

    def orders_holding(self, item_ids: Sequence[int], watch: Watch) -> Iterator[OrdersLook]:
        """A fresh look at open orders that hold any of these items. The first look is empty: it says when the search began."""
        from supportdesk.shopify.orders import read_open_orders

        return read_open_orders(self._client, watch, frozenset(item_ids))

    def adjust(self, changes: Sequence[Change], key: str, reference: str, watch: Watch) -> AdjustAnswer:
        """Add to *available* of 1 to 250 rows, sent once with idempotency key `key`. See `adjust.adjust_quantities` for what raises."""
        from supportdesk.shopify.adjust import adjust_quantities

        return adjust_quantities(self._client, changes, key, reference, watch)

    def claim(self, watch: Watch) -> ClaimLook:
        """Who has claimed the store. Raises what `errors` names."""
        from supportdesk.shopify.claim import read_claim

        return read_claim(self._client, watch)

    def write_claim(self, value: str, replacing: str | None, watch: Watch) -> ClaimLook:
        """Claim it, where the claim's digest still is `replacing`. Raises `Conflict` where it is not, and what else `errors` names."""
        from supportdesk.shopify.claim import write_claim

        return write_claim(self._client, value, replacing, watch)

    def drop_claim(self, watch: Watch) -> None:
        """Take the claim away. Raises what `errors` names."""
        from supportdesk.shopify.claim import drop_claim

        drop_claim(self._client, watch)


def open_store(
    address: ShopAddress,
    *,
    token: Secret | None = None,
    client_id: str = "",
    client_secret: Secret | None = None,
    transport: httpx.BaseTransport | None = None,
) -> ShopifyStore:
    """A store at `address`, asked with a token or with a client id and secret. Sends nothing yet.

    `transport` replaces the network in tests. Raises `TokenRefused` where neither is given whole.
    """
    from supportdesk.shopify.client import AdminClient
    from supportdesk.shopify.exchange import Exchange
    from supportdesk.shopify.tokens import ClientCredentials, GivenToken, TokenSource

    exchange = Exchange(through_proxy=not address.on_loopback, transport=transport)
    tokens: TokenSource
    if token is not None:
        tokens = GivenToken(token)
    elif client_id and client_secret:
        tokens = ClientCredentials(address, client_id, client_secret, exchange)
    else:
        raise TokenRefused("There is neither a token nor a client id with its secret.", "Give one of them.")
    return ShopifyStore(AdminClient(address, tokens, exchange), download_transport=transport)
