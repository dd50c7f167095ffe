"""Bulk-operation files of any size for the proofs of speed and memory: written line by line, the same for the same size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

LOCATIONS = 2


def write_bulk_file(path: Path, listings: int) -> None:
    """A file of `listings` variants with two levels each, as the store writes it: each level below its variant.

    One SKU in fifty is shared with the listing before, one in a thousand is written in small letters.
    """
    with path.open("w", encoding="utf-8") as file:
        for number in range(1, listings + 1):
            file.writelines(_lines(number))


def _lines(number: int) -> Iterator[str]:
    shared = number - 1 if number % 50 == 0 else number
    sku = f"SKU-{shared * 7919 % 10_000_019:08d}-{'RED' if shared % 3 else 'BLUE'}"
    if number % 1000 == 1:
        sku = sku.lower()
    product = (number - 1) // 4 + 1
    yield (
        f'{{"id":"gid:\\/\\/shopify\\/ProductVariant\\/{40_000_000_000 + number}","sku":"{sku}","barcode":"50{number:011d}",'
        f'"inventoryPolicy":"DENY","requiresComponents":false,"selectedOptions":[{{"value":"Size {number % 4}"}}],'
        f'"product":{{"id":"gid:\\/\\/shopify\\/Product\\/{7_000_000_000 + product}","handle":"ridge-tent-{product}",'
        f'"title":"Ridge tent {product}","status":"ACTIVE","isGiftCard":false}},'
        f'"inventoryItem":{{"id":"gid:\\/\\/shopify\\/InventoryItem\\/{42_000_000_000 + number}","tracked":true}}}}\n'
    )
    for location in range(1, LOCATIONS + 1):
        available = (number * location) % 97
        yield (
            f'{{"id":"gid:\\/\\/shopify\\/InventoryLevel\\/{location}?inventory_item_id={42_000_000_000 + number}","isActive":true,'
            f'"location":{{"id":"gid:\\/\\/shopify\\/Location\\/{location}"}},'
            f'"item":{{"id":"gid:\\/\\/shopify\\/InventoryItem\\/{42_000_000_000 + number}"}},'
            f'"quantities":[{{"name":"available","quantity":{available}}},{{"name":"committed","quantity":3}},'
            f'{{"name":"on_hand","quantity":{available + 3}}},{{"name":"incoming","quantity":0}}],'
            f'"__parentId":"gid:\\/\\/shopify\\/ProductVariant\\/{40_000_000_000 + number}"}}\n'
        )
