"""Which listings are synced and why the others are not (DESIGN §5, *Listings in scope*), decided row by row as they stream by."""

from __future__ import annotations

from typing import Final

from supportdesk.core.catalog import ListingRow
from supportdesk.core.skus import hygiene_mark

LEFT_OUT: Final = {
    "no_sku": "have no SKU",
    "gift_card": "are gift cards",
    "bundle_parent": "are Shopify bundles",
    "untracked": "are not tracked by Shopify",
    "archived": "are archived",
    "draft": "are drafts",
}
"""Reasons in the order they are judged, each as the end of a sentence about several listings."""


_SOLD: Final = frozenset({"ACTIVE", "UNLISTED"})


def left_out_reason(sku: str, status: str, tracked: bool, gift_card: bool, bundle_parent: bool) -> str | None:
    """A key of `LEFT_OUT`, or None for a listing in scope. The first reason that applies, so that every listing counts once."""
    if sku and tracked and not gift_card and not bundle_parent and status in _SOLD:
        return None
    if not sku:
        return "no_sku"
    if gift_card:
        return "gift_card"
    if bundle_parent:
        return "bundle_parent"
    if not tracked:
        return "untracked"
    if status == "ARCHIVED":
        return "archived"
    if status == "DRAFT":
        return "draft"
    return None


def mildest(reasons: list[str | None]) -> str | None:
    """Of listings that share an item, why none is in scope: the reason judged last; None where one is in scope, or for no listings."""
    if not reasons or None in reasons:
        return None
    return max((reason for reason in reasons if reason), key=list(LEFT_OUT).index)


def listing_row(
    variant_id: int | None,
    item_id: int,
    product_id: int | None,
    handle: str,
    options: list[str],
    title: str,
    sku: str,
    barcode: str = "",
    status: str = "ACTIVE",
    tracked: bool = True,
    sells_when_out: bool = False,
    gift_card: bool = False,
    bundle_parent: bool = False,
) -> ListingRow:
    """One listing with the rules applied: its name, its variant title, why it is left out, its hygiene mark."""
    name = "/".join(options)
    row = (
        variant_id,
        item_id,
        product_id,
        f"{handle}/{name}" if options else handle,
        title,
        "" if name == "Default Title" else " / ".join(options),
        sku,
        barcode,
        status,
        tracked,
        sells_when_out,
        gift_card,
        bundle_parent,
        left_out_reason(sku, status, tracked, gift_card, bundle_parent),
        hygiene_mark(sku) if sku else None,
    )
    # What ListingRow(...) does, without its call in Python: rows come by the million.
    return tuple.__new__(ListingRow, row)
