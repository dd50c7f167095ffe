"""What a person sets of a channel beside its connections: drafts, the maximum; and of a SKU in a warehouse: its close-at quantity.

A change counts anew what depends on it, in the transaction that makes it, and says what it does in the merchant's own numbers.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from supportdesk.core.bundles import bundle_numbers
from supportdesk.core.channel_settings import (
    BundleShown,
    ChannelNumbers,
    CloseAtChange,
    CloseAtChanged,
    SettingsChange,
    SettingsChanged,
    ShownSettings,
)
from supportdesk.core.connections import LinkFacts, judge_link
from supportdesk.core.progress import Unwatched, Watch
from supportdesk.core.skus import shown_sku
from supportdesk.core.stock import LARGEST_QUANTITY, number_pushed
from supportdesk.desk import Desk, accounts
from supportdesk.desk.connection_changes import opened_channel
from supportdesk.desk.stock_changes import place_named, refuse_unknown_sku
from supportdesk.errors import Conflict, Refused, WrongUsage

if TYPE_CHECKING:
    import sqlite3

    from supportdesk.ledger.channels import ChannelRecord
    from supportdesk.ledger.file import Ledger
    from supportdesk.ledger.stock import Place

_BUNDLES_SAID: Final = 5
"""Bundles whose number a close-at changes, in the answer."""
_BUNDLES_LOOKED_AT: Final = 200


def show_settings(desk: Desk, channel: str) -> ShownSettings:
    """The channel's settings and what they come to. Raises `UnknownName`, `LedgerError` and its kinds."""
    with opened_channel(desk, channel) as (ledger, record):
        return _shown(ledger, record)


class _OnlyLooking(Exception):
    """Ends a transaction whose outcome was wanted and whose changes are not."""


def preview_settings(
    desk: Desk, channel: str, change: SettingsChange, watch: Watch | None = None
) -> SettingsChanged:
    """What `change_settings` would do, by doing it and taking it back; nothing is written. Raises as it."""
    accounts.refuse_if_read_only(desk, "change settings")
    with opened_channel(desk, channel) as (ledger, record):
        with contextlib.suppress(_OnlyLooking), ledger.writing() as connection:
            changed = _changed(ledger, connection, record, change, watch or Unwatched())
            raise _OnlyLooking
        return changed


def change_settings(
    desk: Desk, channel: str, change: SettingsChange, watch: Watch | None = None
) -> SettingsChanged:
    """Change the channel's settings, with the event that says who; duplicate groups and readiness are counted anew with it.

    Raises `UnknownName`, `WrongUsage` for a maximum that is none, `Refused` while the channel is being synced, for drafts that no
    Shopify master may have in scope (DESIGN §5, *Direction*), and where read-only, `Conflict` where the settings are not what the
    person saw (`change.seen`), `LedgerError` and its kinds, `Cancelled`. Nothing is written then.
    """
    from supportdesk.ledger import events

    accounts.refuse_if_read_only(desk, "change settings")
    with opened_channel(desk, channel) as (ledger, record):
        with ledger.writing() as connection:
            changed = _changed(ledger, connection, record, change, watch or Unwatched())
            if changed.before.settings != changed.after.settings:
                events.record(
                    connection,
                    at=desk.now(),
                    kind="settings",
                    channel=channel,
                    who=accounts.who(),
                    detail=f"{changed.before.settings.text} → {changed.after.settings.text}",
                )
        accounts.renew_index(desk, ledger)
    return changed


def _changed(
    ledger: Ledger,
    connection: sqlite3.Connection,
    record: ChannelRecord,
    change: SettingsChange,
    watch: Watch,
) -> SettingsChanged:
    """Make the change in the transaction under way, and say what it does."""
    from supportdesk.ledger import catalog, channels

    _refuse_maximum(change)
    # Asked under the lock: another process may have turned it on, or forgotten it.
    now = channels.channel_named(ledger, record.handle)
    if now is None or now.sync == "on":
        raise Refused(
            f"{record.title} is being synced: its settings change only by a plan that shows first what it writes."
            if now
            else f"{record.handle} was forgotten meanwhile.",
            "Turn sync off first." if now else "Look at the list again: supportdesk channels",
        )
    before = _shown(ledger, record)
    if change.seen is not None and change.seen != before.settings:
        told = channels.settings_told(ledger, record.handle)
        by = f" {told[1] or 'Somebody'} changed it at {told[0]:%Y-%m-%d %H:%M}Z." if told else ""
        raise Conflict(
            f"{record.handle} is now set to {before.settings.text}; you saw {change.seen.text}.{by}",
            "Look at it again, then decide.",
        )
    settings = change.of(before.settings)
    if settings == before.settings:
        return SettingsChanged(before, before)
    channels.set_settings(connection, record.id, settings)
    if settings.drafts != before.settings.drafts:
        catalog.count_again(connection, record.id, watch)
    if settings.drafts and not before.settings.drafts:
        _refuse_under_shopify(ledger, record)
    return SettingsChanged(before, _shown(ledger, record))


def _refuse_maximum(change: SettingsChange) -> None:
    if isinstance(change.maximum, int) and not 0 <= change.maximum <= LARGEST_QUANTITY:
        raise WrongUsage(
            f"A maximum is 0 or more, at most {LARGEST_QUANTITY:,}; {change.maximum:,} is not that.",
            "Give the most that a store is to show of anything, or none.",
        )


def _refuse_under_shopify(ledger: Ledger, record: ChannelRecord) -> None:
    """Raise `Refused` where a location with a Shopify master could not be linked with the drafts in scope."""
    from supportdesk.ledger import channels, connections, warehouses

    places = {place.id: place for place in channels.locations(ledger, record.id)}
    there = {place.id: place for place in warehouses.named_warehouses(ledger)}
    for row in connections.kept(ledger, record.id).values():
        if row.master != "shopify" or row.warehouse_id is None or row.location_id not in places:
            continue
        facts = LinkFacts(
            location=replace(places[row.location_id], active=True),
            warehouse=there[row.warehouse_id],
            master=row.master,
            insist=True,
            repeated=connections.repeated_skus(ledger, record.id, row.location_id),
            bundled=connections.bundled_skus(ledger, record.id, row.location_id, row.warehouse_id),
        )
        try:
            judge_link(facts)
        except Refused as error:
            raise Refused(
                f"With the drafts in scope that could not stay linked: {error.detail}", error.next_step
            ) from None


def _shown(ledger: Ledger, record: ChannelRecord) -> ShownSettings:
    from supportdesk.ledger import catalog, channels, duplicates
    from supportdesk.ledger.stock_rows import row_facts, rows_above

    connection = ledger.db.conn
    settings = channels.settings_of(connection, record.id)
    counts = catalog.load_counts(ledger, record.id)
    if counts is None:
        return ShownSettings(record.handle, settings, None)
    groups = duplicates.groups_to_judge(connection, record.id)
    above = (
        rows_above(connection, row_facts(ledger, record.id), settings.maximum)
        if settings.maximum is not None
        else 0
    )
    numbers = ChannelNumbers(
        in_scope=counts.totals.listings - sum(counts.left_out.values()),
        drafts=counts.drafts + counts.left_out.get("draft", 0),
        groups=groups,
        to_decide=duplicates.summary(connection, record.id).to_decide,
        at_maximum=above,
    )
    return ShownSettings(record.handle, settings, numbers)


def change_close_at(desk: Desk, account: str, change: CloseAtChange) -> CloseAtChanged:
    """Set a SKU's close-at quantity in a warehouse, 0 for none, with the event that says who.

    Raises `UnknownName` for an account, warehouse or SKU that is not there, `WrongUsage` for an ambiguous warehouse or a number
    below 0, `Refused` for a bundle (its components' count, `reference/sumtracker.md` §2.8 B6), while a channel is being synced
    with the warehouse, and where read-only, `Conflict` where it is not what the person saw (`change.seen`), `LedgerError` and its
    kinds. Nothing is written then.
    """
    from supportdesk.ledger import bundles, events, stock

    accounts.refuse_if_read_only(desk, "change close-at quantities")
    if not 0 <= change.number <= LARGEST_QUANTITY:
        raise WrongUsage(
            f"A close-at quantity is 0 or more, at most {LARGEST_QUANTITY:,}; {change.number:,} is not that.",
            "Give the number at which, or below, a store is shown 0.",
        )
    with accounts.opened(desk, account) as ledger, ledger.writing() as connection:
        place = place_named(ledger, change.warehouse)
        refuse_unknown_sku(ledger, change.sku)
        if bundles.is_bundle(connection, change.sku):
            raise Refused(
                f"{shown_sku(change.sku)} is a bundle, and a bundle has no close-at of its own.",
                "Set it on a component: at or below it the bundle is shown as 0 too.",
            )
        _refuse_syncing(ledger, place)
        line = next(each for each in stock.stock_of(ledger, change.sku) if each.place.id == place.id)
        if change.seen is not None and change.seen != line.close_at:
            raise Conflict(
                f"Close at of {shown_sku(change.sku)} in {place.code} is now {line.close_at:,}; you saw {change.seen:,}.",
                "Look at it again, then decide.",
            )
        shown = dict(_bundles_shown(ledger, change.sku, place))
        stock.set_close_at(connection, change.sku, place.id, change.number)
        if line.close_at != change.number:
            events.record(
                connection,
                at=desk.now(),
                kind="close_at",
                who=accounts.who(),
                sku=change.sku,
                place=place.name,
                detail=f"close at {line.close_at:,} → {change.number:,} in {place.code}",
                before=line.close_at,
                after=change.number,
            )
        changed = [
            BundleShown(bundle, shown[bundle], after)
            for bundle, after in _bundles_shown(ledger, change.sku, place)
            if after != shown[bundle]
        ]
    available = line.quantities.available if line.counted else None
    return CloseAtChanged(
        sku=change.sku,
        warehouse=place.code,
        before=line.close_at,
        after=change.number,
        available=available,
        shown_before=number_pushed(available, line.close_at),
        shown_after=number_pushed(available, change.number),
        bundles=tuple(changed[:_BUNDLES_SAID]),
    )


def _refuse_syncing(ledger: Ledger, place: Place) -> None:
    from supportdesk.ledger import channels

    if title := channels.syncing_from(ledger, place.id):
        raise Refused(
            f"{title} is being synced with {place.code}: what it is shown changes only by a plan that shows first what it writes.",
            "Turn sync off first.",
        )


def _bundles_shown(ledger: Ledger, component: str, place: Place) -> Iterator[tuple[str, int]]:
    """What stores are shown of the bundles that hold the component, of those whose number is known there."""
    from supportdesk.ledger import bundles

    for bundle in bundles.bundles_with(ledger, component, _BUNDLES_LOOKED_AT):
        shown = number_pushed(bundle_numbers(bundles.components_of(ledger, bundle, place.id)).to_sell)
        if shown is not None:
            yield bundle, shown
