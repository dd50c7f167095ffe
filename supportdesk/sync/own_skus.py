"""Reading one SKU's listings again from the live store, and giving a listing a SKU of its own; the rows follow in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from supportdesk.core.catalog import CatalogBatch, ListingRow, Shop
from supportdesk.core.progress import Watch
from supportdesk.core.skus import new_sku_fault
from supportdesk.errors import (
    AnswerUnreadable,
    Cancelled,
    ChangeRefused,
    Conflict,
    Refused,
    ScopeMissing,
    StoreError,
    StoreUnreachable,
    SupportdeskError,
    UnknownName,
)
from supportdesk.ledger import catalog, events
from supportdesk.ledger.channels import ChannelRecord
from supportdesk.sync.load import LoadJob, refuse_forgotten

_LOOKS: Final = 5
"""Times a changed listing is looked at before we say that the store does not show the change."""
_BETWEEN_LOOKS: Final = 1.0
"""Seconds: readings lag behind writes by a moment (`reference/shopify.md` §3)."""
_SCOPE: Final = "write_products"


class ListingStore(Protocol):
    """What is needed of a store here."""

    def shop(self, watch: Watch) -> Shop:
        """Its facts, with the scopes of the token."""

    def listings(self, variant_ids: Sequence[int], location_count: int, watch: Watch) -> CatalogBatch:
        """These listings as they are now, without those that are no more."""

    def listings_with_sku(self, sku: str, location_count: int, watch: Watch) -> CatalogBatch:
        """The listings that have exactly this SKU."""

    def set_sku(self, product_id: int, variant_id: int, sku: str, watch: Watch) -> None:
        """Give a variant a SKU; never sent twice."""


@dataclass(frozen=True, slots=True)
class NewSku:
    """What is asked for: a listing of the ledger, and the SKU it is to have."""

    listing: ListingRow
    sku: str


def read_group_again(job: LoadJob, channel: ChannelRecord, store: ListingStore, sku: str) -> None:
    """Put what the store shows now in place of the SKU's listings and their levels; those known by id, and new ones that search finds.

    Raises what `errors` names under `StoreError` and `LedgerError`, `Cancelled`; the ledger is then as before.
    """
    known = catalog.variants_of(job.ledger, channel.id, sku)
    locations = catalog.location_count(job.ledger, channel.id)
    job.watch.report("Reading listings", 0, len(known), unit="listings")
    batch = store.listings(known, locations, job.watch)
    more = store.listings_with_sku(sku, locations, job.watch)
    seen = {row.variant_id for row in batch.listings}
    batch.listings.extend(row for row in more.listings if row.variant_id not in seen)
    batch.levels.extend(more.levels)
    _put(job, channel, known, batch, kind="read_again", sku=sku)


def _put(
    job: LoadJob,
    channel: ChannelRecord,
    known: Iterable[int],
    batch: CatalogBatch,
    *,
    kind: str,
    sku: str,
    detail: str = "",
    reference: str = "",
) -> None:
    """Replace the rows of the variants in `known` and `batch`, count anew, and keep the event, all in one transaction."""
    job.watch.report("Counting")
    with job.ledger.writing() as connection:
        refuse_forgotten(connection, channel)
        catalog.replace_listings(connection, channel.id, known, batch)
        catalog.count_again(connection, channel.id, job.watch)
        events.record(
            connection,
            at=job.now(),
            kind=kind,
            channel=channel.handle,
            who=job.who,
            sku=sku,
            detail=detail,
            reference=reference,
        )


def give_own_sku(job: LoadJob, channel: ChannelRecord, store: ListingStore, wanted: NewSku) -> None:
    """Change the listing's SKU in the store, read it back, and keep it with an event that names both SKUs.

    Nothing is written where the token lacks `write_products` (`ScopeMissing`), the SKU will not do or another listing has it
    (`Refused`), or the listing's SKU is another by now (`Conflict`). The change is sent once: where the answer is lost the
    listing is read back, and the error says whether it has the new SKU.
    """
    row = wanted.listing
    if fault := new_sku_fault(row.sku, wanted.sku):
        raise Refused(f"{wanted.sku!r} {fault}.", "Choose another SKU; nothing was changed.")
    if row.variant_id is None or row.product_id is None:
        raise Refused(f"{row.listing} comes from an export.", "Connect its store to change it.")
    _refuse_taken(wanted.sku, catalog.variants_of(job.ledger, channel.id, wanted.sku))
    job.watch.report("Asking the store")
    if _SCOPE not in store.shop(job.watch).scopes:
        raise ScopeMissing(
            f"The token may not change products: it lacks {_SCOPE}.",
            f"Add {_SCOPE} to the app's access scopes, install it again, then try again; or change the SKU in the store.",
            (_SCOPE,),
        )
    locations = catalog.location_count(job.ledger, channel.id)
    _refuse_changed(row, store.listings([row.variant_id], locations, job.watch))
    others = store.listings_with_sku(wanted.sku, locations, job.watch)
    _refuse_taken(wanted.sku, [each.variant_id for each in others.listings])
    # Listings on one inventory item have one SKU.
    together = catalog.variants_of_item(job.ledger, channel.id, row.item_id)
    try:
        lost = _write(job, store, wanted)
        batch = _read_back(job, store, wanted, together, locations, lost)
    except _Unknown as unknown:
        _record_unknown(job, channel, wanted)
        raise unknown.error from unknown
    _put(
        job,
        channel,
        together,
        batch,
        kind="new_sku",
        sku=row.sku,
        detail=f"{row.listing}: {row.sku} → {wanted.sku}" + (" (its answer was lost)" if lost else ""),
        reference=wanted.sku,
    )


def _refuse_taken(sku: str, variants: Sequence[int | None]) -> None:
    if variants:
        raise Refused(
            f"Another listing of the store has the SKU {sku!r}; this one would become its duplicate.",
            "Choose another SKU; nothing was changed.",
        )


def _refuse_changed(row: ListingRow, now: CatalogBatch) -> None:
    """The store's own listing must still be the one the person looked at."""
    if not now.listings:
        raise UnknownName(f"{row.listing} is no longer in the store.", "Read the group again.")
    if now.listings[0].sku != row.sku:
        raise Conflict(
            f"{row.listing} has the SKU {now.listings[0].sku!r} by now, not {row.sku!r}. Nothing was changed.",
            "Read the group again, then decide.",
        )


class _Unknown(Exception):
    """The change was sent, and nobody knows what came of it; `error` says so."""

    def __init__(self, error: SupportdeskError) -> None:
        super().__init__(error.detail)
        self.error = error


def _record_unknown(job: LoadJob, channel: ChannelRecord, wanted: NewSku) -> None:
    row = wanted.listing
    with job.ledger.writing() as connection:
        events.record(
            connection,
            at=job.now(),
            kind="new_sku",
            channel=channel.handle,
            who=job.who,
            sku=row.sku,
            detail=f"{row.listing}: {row.sku} → {wanted.sku} was asked for; the store did not show it",
            reference=wanted.sku,
        )


def _stopped(wanted: NewSku) -> _Unknown:
    return _Unknown(
        Cancelled(
            f"You stopped it, but {wanted.listing.listing} may have the SKU {wanted.sku!r} already.",
            "Read the group again.",
        )
    )


def _write(job: LoadJob, store: ListingStore, wanted: NewSku) -> StoreError | None:
    """Send the change, once; the error where nobody knows whether the store took it."""
    assert wanted.listing.variant_id is not None
    assert wanted.listing.product_id is not None
    job.watch.report("Changing the SKU")
    try:
        store.set_sku(wanted.listing.product_id, wanted.listing.variant_id, wanted.sku, job.watch)
    except Cancelled as error:
        raise _stopped(wanted) from error
    except (StoreUnreachable, AnswerUnreadable) as error:
        return error
    except ChangeRefused as error:
        raise ChangeRefused(
            f"{wanted.listing.listing} cannot take the SKU {wanted.sku!r}: {error.detail}",
            "Nothing was changed. Choose another SKU, or change it in the store.",
            error.user_errors,
        ) from error
    return None


def _read_back(
    job: LoadJob,
    store: ListingStore,
    wanted: NewSku,
    variants: Sequence[int],
    locations: int,
    lost: StoreError | None,
) -> CatalogBatch:
    """The listings once the changed one shows the new SKU. Raises where it does not, or cannot be read, saying what is true."""
    row = wanted.listing
    for look in range(_LOOKS):
        try:
            if look:
                job.watch.wait(_BETWEEN_LOOKS)
            batch = store.listings(variants, locations, job.watch)
        except Cancelled as error:
            raise _stopped(wanted) from error
        except StoreError as error:
            raise _Unknown(
                type(error)(
                    f"{row.listing} was asked to take the SKU {wanted.sku!r}, and whether it did cannot be read: {error.detail}",
                    "Read the group again before you try once more.",
                )
            ) from error
        if any(each.variant_id == row.variant_id and each.sku == wanted.sku for each in batch.listings):
            return batch
    if lost is not None:
        raise _Unknown(
            type(lost)(
                f"{lost.detail} {row.listing} still has the SKU {row.sku!r}; the store may yet change it.",
                "Read the group again in a minute, before you try once more.",
            )
        ) from lost
    raise _Unknown(
        AnswerUnreadable(
            f"The store took the SKU {wanted.sku!r} for {row.listing}, but still shows {row.sku!r}.",
            "Read the group again in a minute.",
        )
    )
