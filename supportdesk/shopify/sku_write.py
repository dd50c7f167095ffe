"""Giving a listing another SKU: the one write to the store that is not about stock."""

from __future__ import annotations

from supportdesk.core.progress import Watch
from supportdesk.errors import AnswerUnreadable
from supportdesk.shopify import wire
from supportdesk.shopify.client import AdminClient
from supportdesk.shopify.global_ids import global_id


def write_sku(client: AdminClient, product_id: int, variant_id: int, sku: str, watch: Watch) -> None:
    """Set the SKU of a variant's inventory item. Raises what `errors` names; `AnswerUnreadable` where the answer shows another SKU."""
    variables = {
        "product": global_id("Product", product_id),
        "variant": global_id("ProductVariant", variant_id),
        "sku": sku,
    }
    answer = wire.read(wire.SetSkuAnswer, client.execute("set_sku", variables, watch))
    payload = answer.product_variants_bulk_update
    changed = payload.product_variants if payload else None
    if not any(each.id == variant_id and each.sku == sku for each in changed or ()):
        raise AnswerUnreadable("The store did not say that the listing has the new SKU.", "Read it again.")
