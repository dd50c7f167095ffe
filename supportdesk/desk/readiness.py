"""Gathering what readiness is judged from. What the facts mean is in `core.readiness` and `core.account_checks`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from supportdesk.core.account_checks import AccountFacts, RepeatedAt
from supportdesk.core.catalog import SourceKind
from supportdesk.core.channels import LocationTotals
from supportdesk.core.connections import NO_SKUS, ConnectionsView, SomeSkus
from supportdesk.core.readiness import ReadinessFacts
from supportdesk.desk import Desk

if TYPE_CHECKING:
    from supportdesk.ledger.catalog import LoadCounts
    from supportdesk.ledger.channels import ChannelRecord
    from supportdesk.ledger.connections import Kept
    from supportdesk.ledger.file import Ledger


def facts_of(
    desk: Desk,
    ledger: Ledger,
    record: ChannelRecord,
    counts: LoadCounts | None,
    locations: tuple[LocationTotals, ...],
) -> ReadinessFacts:
    """Everything readiness is judged from."""
    to_turn_on, to_warn = _missing_scopes(record.source, record.shop.scopes if record.shop else frozenset())
    if counts is None:
        return ReadinessFacts(record.source, None, desk.now())
    return ReadinessFacts(
        source=record.source,
        loaded_at=counts.finished_at,
        now=desk.now(),
        totals=counts.totals,
        locations=tuple(line.location for line in locations),
        left_out=counts.left_out,
        drafts=counts.drafts,
        sku_marks=counts.sku_marks,
        look_alikes=counts.look_alikes,
        negative_rows=counts.negative_rows,
        sells_when_out=counts.sells_when_out,
        shared_items=counts.shared_items,
        missing_to_turn_on=to_turn_on,
        missing_to_warn=to_warn,
        account=_account(ledger, record),
    )


def _missing_scopes(source: SourceKind, granted: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Scopes whose lack blocks turning on, and scopes whose lack is only said."""
    if source == "export":
        return (), ()
    from supportdesk.shopify.scopes import missing_scopes

    missing = missing_scopes(granted)
    blocking = tuple(scope.scope for scope in missing if scope.needed_to in ("load", "turn_on"))
    return blocking, tuple(scope.scope for scope in missing if scope.needed_to == "warn")


def _account(ledger: Ledger, record: ChannelRecord) -> AccountFacts:
    from supportdesk.core.progress import Unwatched
    from supportdesk.desk import connections_view
    from supportdesk.ledger import alerts, connections, duplicates, imports, stock, tallies
    from supportdesk.ledger import readiness as counted

    view = connections_view.of(ledger, record, None)
    survey, _ = connections_view.surveyed(ledger, record.id, Unwatched())
    linked = [line for line in view.lines if line.connection and line.connection.warehouse]
    active = [line for line in linked if line.location.active]
    here = {line.connection.warehouse.id for line in linked if line.connection and line.connection.warehouse}
    stocked = [warehouse for warehouse in view.warehouses if not here or warehouse.id in here]
    bundles = counted.bundle_counts(ledger)
    brake, stopped = tallies.brake(ledger.db.conn, record.id)
    bundles_in_stock, bundle_units = stock.bundles_in_stock(ledger.db.conn)
    return AccountFacts(
        duplicates=duplicates.summary(ledger.db.conn, record.id),
        findings=view.findings,
        linked=len(active),
        linked_services=tuple(line.location.name for line in active if line.location.service_manages_stock),
        undecided=tuple(
            line.location.name
            for line in view.lines
            if line.location.active and not line.location.service_manages_stock and line.connection is None
        ),
        warehouses=len(view.warehouses),
        counted=sum(warehouse.skus for warehouse in stocked),
        counted_units=sum(warehouse.units for warehouse in stocked),
        shared_with=tuple(
            dict.fromkeys(
                other.channel_title
                for line in linked
                for other in line.others
                if other.channel != record.handle
            )
        ),
        bundles=bundles.bundles,
        missing_components=bundles.missing,
        nested_bundles=bundles.nested,
        bundles_read_only=_bundles_read_only(ledger, record, connections.kept(ledger, record.id).values())
        if bundles.bundles
        else NO_SKUS,
        bundles_in_stock=bundles_in_stock,
        bundle_units=bundle_units,
        repeated=_repeated(ledger, record, view),
        promised=sum(place.promised for place in survey.places.values())
        if record.source == "shopify"
        else None,
        close_at=counted.close_at_count(ledger),
        maximum=counted.maximum(ledger, record.id),
        imported_at=imports.imported_from_sumtracker_at(ledger.db.conn),
        is_on=record.sync == "on",
        refused=alerts.refusal(ledger.db.conn, record.id) if record.sync == "on" else "",
        brake=brake,
        stopped_rows=stopped,
    )


def _repeated(ledger: Ledger, record: ChannelRecord, view: ConnectionsView) -> tuple[RepeatedAt, ...]:
    """Linking refuses such a location, but the store may give listings one SKU later."""
    from supportdesk.ledger import connections

    found = (
        RepeatedAt(line.location.name, connections.repeated_skus(ledger, record.id, line.location.id))
        for line in view.lines
        if line.location.active and line.connection and line.connection.master == "shopify"
    )
    return tuple(each for each in found if each.skus.count)


def _bundles_read_only(ledger: Ledger, record: ChannelRecord, kept: Iterable[Kept]) -> SomeSkus:
    """Bundles and components where Shopify is master; linking refuses them, but bundles may be imported later."""
    from supportdesk.ledger import connections

    found = [
        connections.bundled_skus(ledger, record.id, row.location_id, row.warehouse_id)
        for row in kept
        if row.master == "shopify" and row.warehouse_id is not None
    ]
    return SomeSkus(
        tuple(dict.fromkeys(sku for some in found for sku in some.first)), sum(some.count for some in found)
    )
