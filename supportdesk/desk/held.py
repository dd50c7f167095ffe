"""Held rows as a person sees them: listed with what would be written, confirmed, or copied into Sumtracker. Adopting is in `adopting`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from supportdesk.core.held import NOT_SAID_WHOSE, HeldAnswer, HeldDone, HeldRow
from supportdesk.core.looks import RowKey
from supportdesk.desk import Desk, accounts
from supportdesk.desk.connection_changes import opened_channel
from supportdesk.errors import Refused, UnknownName, WrongUsage

if TYPE_CHECKING:
    import sqlite3

    from supportdesk.ledger.channels import ChannelRecord

_AT_ONCE: Final = 200


class HeldTable:
    """The held rows of a channel by position, read as they are when asked for. Nothing to close."""

    def __init__(self, desk: Desk, channel: str, count: int, stopped_rows: int) -> None:
        """`stopped_rows` are not among them: the brake stops what would be written there."""
        self._desk, self._channel, self.count, self.stopped_rows = desk, channel, count, stopped_rows

    def window(self, start: int, limit: int) -> Sequence[HeldRow]:
        """Rows from `start` on, `limit` at most."""
        from supportdesk.ledger import held

        with opened_channel(self._desk, self._channel) as (ledger, record):
            return held.window(ledger, record.id, start, limit)

    def close(self) -> None:
        """Nothing is held open."""


def open_held(desk: Desk, channel: str) -> HeldTable:
    """The rows that are not synced, with their reasons, by SKU. Raises `UnknownName`, `LedgerError` and its kinds."""
    from supportdesk.ledger import held, tallies

    with opened_channel(desk, channel) as (ledger, record):
        connection = ledger.db.conn
        _, stopped_rows = tallies.brake(connection, record.id)
        return HeldTable(desk, record.handle, held.count(connection, record.id), stopped_rows)


def held_rows(desk: Desk, channel: str) -> Iterator[HeldRow]:
    """All of them, one by one. Raises as `open_held`."""
    table = open_held(desk, channel)
    start = 0
    while rows := table.window(start, _AT_ONCE):
        yield from rows
        start += len(rows)


def rows_named(desk: Desk, channel: str, skus: Sequence[str], location: str = "") -> tuple[HeldRow, ...]:
    """The held rows of these SKUs, at the location (id or exact name) or at any. Raises `UnknownName` where there is none."""
    from supportdesk.ledger import held

    with opened_channel(desk, channel) as (ledger, record):
        found = held.of_skus(ledger, record.id, skus)
    at = [row for row in found if location in ("", str(row.location_id), row.location)]
    missing = [sku for sku in skus if not any(sku == row.sku for row in found)]
    if missing and not at:
        raise UnknownName(
            f"No row of {missing[0]!r} is held at {channel}.", f"See what is: supportdesk held {channel}"
        )
    if not at:
        raise UnknownName(
            f"None of these rows is held at {location!r}.", f"See where: supportdesk held {channel}"
        )
    return tuple(at)


def answer(desk: Desk, channel: str, keys: Sequence[RowKey], said: HeldAnswer) -> HeldDone:
    """Confirm these rows, or copy the store's numbers of them into Sumtracker: each settles again, and is written once it has.

    Rows that this does not fit are left and returned with why. Raises `Refused` (read-only; off), `WrongUsage` for no rows,
    `UnknownName`, `LedgerError` and its kinds.
    """
    from supportdesk.ledger import held

    accounts.refuse_if_read_only(desk, "say what becomes of held rows")
    if not keys:
        raise WrongUsage("No row is named.", "Name one.")
    with opened_channel(desk, channel) as (ledger, record):
        if record.sync != "on":
            raise Refused(f"Sync of {record.handle} is off.", "Nothing is held there.")
        with ledger.writing() as connection:
            rows = held.of_keys(ledger, record.id, keys)
            refused, done = [], []
            for row in rows:
                why = row.no_confirm if said == "confirm" else row.no_copy
                if why is None:
                    done.append(row)
                else:
                    refused.append((row, why))
            if said == "copy":
                unclear = _not_said_whose(connection, record.id, done)
                refused += [(row, NOT_SAID_WHOSE) for row in unclear]
                done = [row for row in done if row not in unclear]
            _set_free(desk, connection, record, done, said)
    return HeldDone(said, tuple(done), tuple(refused))


def _not_said_whose(
    connection: sqlite3.Connection, channel_id: int, rows: Sequence[HeldRow]
) -> list[HeldRow]:
    """Those of which nothing says which of several counts is copied."""
    from supportdesk.ledger import copying, sync_rows

    numbers: dict[tuple[str, int], dict[RowKey, bool]] = {}
    for one in rows:
        key = (one.item_id, one.location_id)
        if (row := sync_rows.row_of(connection, channel_id, key)) is not None:
            numbers.setdefault((one.sku, row.warehouse_id), {})[key] = bool(row.sku_now)
    unclear = {
        key
        for number, joining in numbers.items()
        if not copying.is_said_whose(connection, channel_id, *number, joining)
        for key in joining
    }
    return [one for one in rows if (one.item_id, one.location_id) in unclear]


def _set_free(
    desk: Desk,
    connection: sqlite3.Connection,
    record: ChannelRecord,
    rows: Sequence[HeldRow],
    said: HeldAnswer,
) -> None:
    from supportdesk.ledger import alerts, asked, events, held, sync_rows
    from supportdesk.sync import confirming

    at, who = desk.now(), accounts.who()
    if any(row.code == "to_confirm" for row in rows):
        alerts.see_code(connection, record.id, at, who, "waiting")
    for row in rows:
        key = (row.item_id, row.location_id)
        sku, place = sync_rows.named(connection, record.id, key)
        for code in ("held", "another_app"):
            alerts.see_code(connection, record.id, at, who, code, sku, place)
            alerts.close(connection, record.id, at, code, sku, place)
        confirmed = confirming.confirm(connection, record.id, record.handle, [key], who=who, at=at)
        if not confirmed:
            sync_rows.settle_again(
                connection, record.id, [key], "confirmed" if said == "confirm" else "", confirming.AT_ONCE
            )
            events.record(
                connection,
                at=at,
                kind="confirmed",
                channel=record.handle,
                who=who,
                sku=sku,
                place=place,
                detail="the store's number is taken into Sumtracker"
                if said == "copy"
                else f"synced again; it was held: {row.reason}",
            )
        if said == "copy":
            held.copy_from(connection, record.id, [key], renamed=any(one.before for one in confirmed))
    if rows:
        asked.ask(connection, record.id, at, hard=False)
