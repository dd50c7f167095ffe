"""What a real Sumtracker account holds, as values: warehouses, products, bundle lines, stock levels. Nothing about how they are fetched or matched.

Ids are Sumtracker's own numbers, from 1 up; text is the merchant's and hostile. What of an account its API does not tell
(listings, connections, masters, close-at quantities) is not here (`reference/sumtracker.md` §6.1).
"""

from __future__ import annotations

from typing import Final, NamedTuple

LARGEST_QUANTITY: Final = 1_000_000_000
"""Units that one number may say either way: what Shopify takes (`reference/shopify.md` §5), and no stock comes near."""


class RemoteWarehouse(NamedTuple):
    """A place that holds stock in the account."""

    remote_id: int
    code: str
    """The merchant's unique short name for it; '' where the account gives none."""
    name: str
    priority: int | None
    """Its place in the order of fulfilment, None where none was given."""


class RemoteProduct(NamedTuple):
    """One SKU of the account."""

    remote_id: int
    sku: str
    """Exactly as in the account; '' for a product without one, which nothing can be matched to."""
    name: str
    variant_name: str
    """'' for a product without variants."""
    barcode: str
    bundle_type: str
    """`BUNDLE`, `ASSEMBLE`, `NONE`, or '' where the account says nothing; a word unknown here comes as it is."""


class RemoteBundleLine(NamedTuple):
    """How many of one component are in one bundle; both are product ids."""

    bundle_id: int
    component_id: int
    quantity: int
    """1 or more."""


class RemoteLevel(NamedTuple):
    """The numbers of one product at one warehouse; each within `LARGEST_QUANTITY` either way, and as the account says them."""

    product_id: int
    warehouse_id: int
    in_stock: int
    booked: int
    available: int
    incoming: int
