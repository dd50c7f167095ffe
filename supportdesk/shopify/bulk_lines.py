"""The lines of a catalogue export (JSONL), streamed into core rows with msgspec. Where the file comes from is in `download`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from supportdesk.core.catalog import CatalogBatch, LevelRow, ListingRow
from supportdesk.core.listings import listing_row
from supportdesk.core.progress import Watch
from supportdesk.errors import BulkOperationFailed
from supportdesk.shopify.global_ids import number_of
from supportdesk.shopify.json_text import decode

BATCH_ROWS: Final = 2_000
"""Rows of a batch, about. More of them fall out of the processor's cache before they are inserted, and cost a fifth more."""
CHUNK_BYTES: Final = 1 << 16
"""Bytes read and decoded at a time, for the same reason; a longer line is read whole."""
_NAMES: Final = ("available", "committed", "on_hand", "incoming")


class _Reference(msgspec.Struct, gc=False, frozen=True):
    id: str


class _Available(msgspec.Struct, gc=False, frozen=True, tag_field="name", tag="available"):
    quantity: int


class _Committed(msgspec.Struct, gc=False, frozen=True, tag_field="name", tag="committed"):
    quantity: int


class _OnHand(msgspec.Struct, gc=False, frozen=True, tag_field="name", tag="on_hand"):
    quantity: int


class _Incoming(msgspec.Struct, gc=False, frozen=True, tag_field="name", tag="incoming"):
    quantity: int


class _Option(msgspec.Struct, gc=False, frozen=True):
    value: str


class _Product(msgspec.Struct, gc=False, frozen=True):
    id: str
    handle: str
    title: str
    status: str
    isGiftCard: bool


class _Item(msgspec.Struct, gc=False, frozen=True):
    id: str
    tracked: bool


class Line(msgspec.Struct, gc=False, frozen=True):
    """A variant or a level: whichever of the two it is, the other's fields are None.

    One shape for both lets a whole chunk be decoded in one call. The quantities are told apart by their names while they are
    decoded; Shopify gives them in the order asked for.
    """

    id: str
    sku: str | None = None
    barcode: str | None = None
    inventoryPolicy: Literal["DENY", "CONTINUE"] | None = None
    requiresComponents: bool | None = None
    selectedOptions: list[_Option] | None = None
    product: _Product | None = None
    inventoryItem: _Item | None = None
    isActive: bool | None = None
    location: _Reference | None = None
    item: _Reference | None = None
    quantities: tuple[_Available, _Committed, _OnHand, _Incoming] | None = None


def read_lines(
    spool: Path, listing_total: int | None, watch: Watch, *, counted: bool = False
) -> Iterator[CatalogBatch]:
    """The rows of the file `spool` in batches of about `BATCH_ROWS`, in the file's order; a level may come before its listing.

    Reports nothing: whoever saves the rows tells how far they are.

    Nothing is kept from line to line, so memory does not grow with the file. Raises `BulkOperationFailed` where a line is cut
    short or is neither a listing nor a level, or, when `counted`, where fewer than `listing_total` listings came (for a file
    whose size the store did not tell); `errors.Cancelled` where a person stopped it.
    """
    done = 0
    batch = CatalogBatch()
    location_ids: dict[str, int] = {}
    for lines in _decoded(spool):
        watch.check()
        before = len(batch.listings)
        try:
            _add(lines, batch, location_ids)
        except ValueError:
            raise _unreadable("a line is neither a listing nor a level") from None
        done += len(batch.listings) - before
        if len(batch.listings) + len(batch.levels) >= BATCH_ROWS:
            yield batch
            batch = CatalogBatch()
    if counted and listing_total is not None and done < listing_total:
        raise _unreadable(f"only {done:,} of {listing_total:,} listings came")
    if batch.listings or batch.levels:
        yield batch


def _decoded(spool: Path) -> Iterator[list[Line]]:
    decoder = msgspec.json.Decoder(Line)
    rest = b""
    with spool.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            # Split at \n alone: U+2028 and the like stand in titles (`reference/shopify.md` §4).
            head, newline, tail = chunk.rpartition(b"\n")
            if not newline:
                rest += chunk
                continue
            yield _decode(decoder, rest + head)
            rest = tail
    if rest.strip():
        yield _decode(decoder, rest)


def _decode(decoder: msgspec.json.Decoder[Line], block: bytes) -> list[Line]:
    try:
        return decoder.decode_lines(block)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return [_decode_loosely(line) for line in block.split(b"\n") if line.strip()]


def _decode_loosely(line: bytes) -> Line:
    """One line whose quantities stand in another order, or whose text is not clean."""
    try:
        content: Any = decode(line)
        if isinstance(content, dict) and content.get("quantities") is not None:
            by_name = {quantity["name"]: quantity for quantity in content["quantities"]}
            content["quantities"] = [by_name[name] for name in _NAMES]
        return msgspec.convert(content, Line)
    except msgspec.ValidationError as error:
        reason = str(error)
    except (KeyError, TypeError):
        reason = "a level's quantities are missing"
    except ValueError:
        reason = "a line breaks off"
    raise _unreadable(reason)


def _add(lines: list[Line], batch: CatalogBatch, location_ids: dict[str, int]) -> None:
    add_listing, add_level = batch.listings.append, batch.levels.append
    make_level, level_row = tuple.__new__, LevelRow
    for line in lines:
        quantities = line.quantities
        if quantities is None:
            add_listing(_listing(line))
            continue
        location, item, active = line.location, line.item, line.isActive
        if location is None or item is None or active is None:
            raise ValueError("no level")
        try:
            location_id = location_ids[location.id]
        except KeyError:
            location_id = location_ids[location.id] = number_of(location.id)
        available, committed, on_hand, incoming = quantities
        row = (
            int(item.id[28:]),
            location_id,
            active,
            available.quantity,
            committed.quantity,
            on_hand.quantity,
            incoming.quantity,
        )
        # What LevelRow(...) does, without its call in Python.
        add_level(make_level(level_row, row))


def _listing(line: Line) -> ListingRow:
    product, item = line.product, line.inventoryItem
    options = line.selectedOptions
    bundle_parent = line.requiresComponents
    if (
        product is None
        or item is None
        or options is None
        or bundle_parent is None
        or not line.inventoryPolicy
    ):
        raise ValueError("no listing")
    # By position, and without a comprehension's call for the one option most have: rows come by the million.
    return listing_row(
        int(line.id[29:]),
        int(item.id[28:]),
        int(product.id[22:]),
        product.handle,
        [options[0].value] if len(options) == 1 else [option.value for option in options],
        product.title,
        line.sku or "",
        line.barcode or "",
        product.status,
        item.tracked,
        line.inventoryPolicy == "CONTINUE",
        product.isGiftCard,
        bundle_parent,
    )


def _unreadable(why: str) -> BulkOperationFailed:
    return BulkOperationFailed(f"Its file is incomplete or damaged: {why}.", "Load again.")
