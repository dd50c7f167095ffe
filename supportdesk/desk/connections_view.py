"""What the Warehouses tab draws, put together: locations with their connections, evidence, suggestions, findings. Changes nothing."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from supportdesk.core.catalog import Location
from supportdesk.core.channels import LocationTotals
from supportdesk.core.connections import (
    Connection,
    ConnectionsView,
    Counts,
    LocationLine,
    OtherPlace,
    Warehouse,
)
from supportdesk.core.findings import LostPlace, PairFacts, UnrestoredPlace, findings
from supportdesk.core.matching import Survey, crossed_pairs, evidence_of, suggestions
from supportdesk.core.progress import Unwatched, Watch
from supportdesk.errors import Cancelled, LedgerError

if TYPE_CHECKING:
    from supportdesk.ledger.channels import ChannelRecord
    from supportdesk.ledger.connections import Kept
    from supportdesk.ledger.file import Ledger

_SURVEYS_KEPT: Final = 8
_STEPS: Final = 100_000
"""Steps of SQLite's machine between two looks at a person's wish to stop: a few milliseconds."""
_surveys: OrderedDict[tuple[object, ...], tuple[Survey, dict[int, tuple[int, int]]]] = OrderedDict()
_lock: Final = threading.Lock()


def of(ledger: Ledger, record: ChannelRecord, watch: Watch | None) -> ConnectionsView:
    """Everything the Warehouses tab draws of a channel. Raises `Cancelled` where `watch` asks for it."""
    from supportdesk.ledger import channels, connections

    survey, warehouses = surveyed(ledger, record.id, watch or Unwatched())
    by_id = {warehouse.id: warehouse for warehouse in warehouses}
    locations = channels.locations(ledger, record.id)
    kept = connections.kept(ledger, record.id)
    places = connections.places_on(ledger)
    linked = {
        place.id: row.warehouse_id
        for place in locations
        if (row := kept.get(place.id)) and row.warehouse_id is not None and place.active
    }
    read_only = {
        warehouse_id
        for warehouse_id, others in places.items()
        if any(other.master == "shopify" for other in others)
    }
    suggested = suggestions(
        [place for place in locations if _may_be_linked(place, kept.get(place.id))],
        [warehouse for warehouse in warehouses if warehouse.id not in read_only - set(linked.values())],
        survey,
        linked,
    )
    lines = []
    for place in locations:
        row = kept.get(place.id)
        warehouse = by_id.get(row.warehouse_id) if row and row.warehouse_id is not None else None
        stocked = survey.stocked(place.id)
        lines.append(
            LocationLine(
                location=place,
                units=stocked.units,
                listings=stocked.listings,
                connection=_connection(row, warehouse) if row else None,
                others=tuple(
                    other
                    for other in (places.get(warehouse.id, []) if warehouse else [])
                    if (other.channel, other.location_id) != (record.handle, place.id)
                ),
                evidence=evidence_of(place, warehouse, survey) if warehouse else None,
                suggested=suggested.get(place.id),
            )
        )
    lost = [
        LostPlace(
            row.location_id,
            row.location_name,
            by_id[row.warehouse_id].code if row.warehouse_id in by_id else "",
        )
        for row in connections.lost(ledger, record.id)
    ]
    said = findings(
        PairFacts(
            lines=lines,
            crossed=crossed_pairs(linked, survey),
            unused=[warehouse for warehouse in warehouses if warehouse.id not in places],
            lost=lost,
            unrestored=_unrestored(ledger, record, by_id, places),
        )
    )
    return ConnectionsView(tuple(lines), warehouses, said)


def _unrestored(
    ledger: Ledger,
    record: ChannelRecord,
    warehouses: Mapping[int, Warehouse],
    places: Mapping[int, Sequence[OtherPlace]],
) -> list[UnrestoredPlace]:
    from supportdesk.ledger import connections

    return [
        UnrestoredPlace(
            row.location_id,
            row.location_name,
            warehouses[row.warehouse_id].code,
            row.master,
            tuple(f"{other.location} of {other.channel_title}" for other in places.get(row.warehouse_id, [])),
        )
        for row in connections.unrestored(ledger.db.conn, record.id)
        if row.warehouse_id is not None and row.master is not None
    ]


def _may_be_linked(place: Location, row: Kept | None) -> bool:
    """Whether a warehouse is looked for: not for a place that is said to stay unlinked, or would be refused."""
    if row is not None:
        return row.warehouse_id is not None and place.active
    return place.active and not place.service_manages_stock


def _connection(row: Kept, warehouse: Warehouse | None) -> Connection:
    from supportdesk.ledger.connections import SUM

    counts: Counts | None = None
    if row.counts is not None:
        counts = "sum" if row.counts == SUM else "this" if row.counts == row.location_id else "other"
    return Connection(
        location_id=row.location_id,
        warehouse=warehouse,
        master=row.master if warehouse else None,
        counts=counts,
        revision=row.event_id,
    )


def places_counted(ledger: Ledger, channel_id: int) -> tuple[LocationTotals, ...]:
    """Every location of the channel with its units and stocked items, active ones first, by name."""
    from supportdesk.ledger import channels

    survey, _ = surveyed(ledger, channel_id, Unwatched())
    counted = ((place, survey.stocked(place.id)) for place in channels.locations(ledger, channel_id))
    return tuple(LocationTotals(place, stocked.units, stocked.items) for place, stocked in counted)


def surveyed(ledger: Ledger, channel_id: int, watch: Watch) -> tuple[Survey, tuple[Warehouse, ...]]:
    """What was counted of the channel's places, and the warehouses with what is in them; counted again only after a load or a movement,
    or once sync pushed or read something."""
    from supportdesk.ledger import connections, warehouses

    mark = (str(ledger.path), ledger.file_number, channel_id, connections.survey_mark(ledger, channel_id))
    with _lock:
        found = _surveys.get(mark)
    if found is None:
        with _stopping(ledger, watch):
            found = (connections.survey(ledger, channel_id), warehouses.stock_totals(ledger))
        with _lock:
            _surveys[mark] = found
            while len(_surveys) > _SURVEYS_KEPT:
                _surveys.popitem(last=False)
    return found[0], warehouses.all_warehouses(ledger, found[1])


@contextlib.contextmanager
def _stopping(ledger: Ledger, watch: Watch) -> Iterator[None]:
    """Let a person's wish to stop end a long question to the account file: raises `Cancelled`."""
    wish: list[Cancelled] = []

    def stop() -> int:
        try:
            watch.check()
        except Cancelled as cancelled:
            wish.append(cancelled)
        return len(wish)

    ledger.db.conn.set_progress_handler(stop, _STEPS)
    try:
        yield
    except LedgerError:
        if wish:
            raise wish[0] from None
        raise
    finally:
        ledger.db.conn.set_progress_handler(None, 0)
