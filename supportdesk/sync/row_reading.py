"""Reading rows: those that are due and those whose levels changed, kept to be made something of later. A row that can no longer be written is held."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from supportdesk.core.looks import MOST_ROWS, LevelChange, LevelsLook, RowKey, RowLook
from supportdesk.core.newcomers import LEFT_ALONE, Newcomer, why_it_waits, why_it_waits_again
from supportdesk.core.rows import Reading, RowState, held, is_slow, out, reading_interval, wanted
from supportdesk.core.stock import Quantities
from supportdesk.ledger import (
    alerts,
    channels,
    cursors,
    differences,
    events,
    going_live,
    kept_orders,
    listing_changes,
    movements,
    readings,
    stock,
    sync_rows,
)
from supportdesk.ledger.sync_rows import HoldCode, SyncRow
from supportdesk.sync.session import Session

HOLD_WORDS: Final[dict[str, str]] = {
    "gone": "no longer in the store",
    "not_stocked": "not stocked at the location any more",
    "untracked": "Shopify does not track it any more",
    "archived": "archived in the store",
    "draft": "a draft in the store now",
    "gift_card": "a gift card in the store now",
    "bundle_parent": "a Shopify bundle now, whose number Shopify derives",
}


@dataclass(frozen=True, slots=True)
class _Ended:
    """Why a row is not to be written."""

    state: RowState
    code: HoldCode


class RowReading:
    """Readings of one channel's rows."""

    def __init__(self, session: Session, *, takes_in: bool = True) -> None:
        """Without `takes_in` the ledger follows no reading yet, where Shopify is master: a plan is still being judged."""
        self.session = session
        self._takes_in = takes_in
        self.held = 0
        """Rows that became held or out since this was made."""
        self._strayed: list[int] = []
        self.unknown: list[RowKey] = []
        """Changed levels that have no row."""

    def take_strayed(self) -> list[int]:
        """Inventory items whose listings turned out to be something else than they are kept as, since this was asked last."""
        strayed, self._strayed = self._strayed, []
        return strayed

    def find_changed(self) -> None:
        """Have the rows read whose levels changed since the last look, as far as the store's index shows it (PROTOCOL §5)."""
        session = self.session
        connection = session.ledger.db.conn
        places = kept_orders.places(connection, session.id)
        if not places:
            return
        began = session.second
        last = cursors.second_of(connection, session.id, "levels")
        since = (
            min(place.fence for place in places.values()) if last is None else last
        ) - session.margins.visibility
        found: list[LevelChange] = []
        for change in session.store.levels_changed(since, sorted(places), session.watch):
            found.append(change)
            if len(found) == MOST_ROWS:
                self._ask_for(found, began)
                found = []
        self._ask_for(found, began)
        with session.writing() as connection:
            cursors.put(connection, session.id, "levels", began)

    def _ask_for(self, changes: Sequence[LevelChange], since: int) -> None:
        """Have these rows read, but for those that are not synced and those whose last reading surely shows the change."""
        if not changes:
            return
        session = self.session
        with session.writing() as connection:
            sync_rows.choose(connection, ((*change.key, 0) for change in changes))
            kept = sync_rows.chosen(connection, session.id)
            self.unknown += [change.key for change in changes if change.key not in kept]
            unread = [
                change.key
                for change in changes
                if (row := kept.get(change.key)) is not None
                and row.state.condition in ("live", "held")
                and not self._was_read_since(connection, change)
            ]
            sync_rows.read_by(connection, session.id, unread, since)

    def _was_read_since(self, connection: sqlite3.Connection, change: LevelChange) -> bool:
        began = readings.last_start(connection, self.session.id, change.key)
        return began is not None and began > change.updated + self.session.margins.commit_lag

    def read_due(self) -> None:
        """Read what is due, as far as one cycle goes."""
        session = self.session
        for _ in range(session.cadence.requests):
            keys = sync_rows.due(session.ledger.db.conn, session.id, session.second, MOST_ROWS)
            if not keys:
                return
            self.read(keys)

    def read(self, keys: Sequence[RowKey]) -> None:
        """Read these rows, 250 at most, in one request."""
        session = self.session
        look = session.store.levels(keys, session.watch)
        is_old = session.is_back(look.date, session.second)
        session.hear(look.date)
        with session.writing() as connection:
            if is_old or is_slow(look.took, session.margins):
                sync_rows.keep_shown(connection, session.id, self._put_off(connection, keys))
                return
            self._keep(connection, keys, look)

    def _put_off(
        self, connection: sqlite3.Connection, keys: Sequence[RowKey]
    ) -> list[tuple[RowKey, int, int | None]]:
        """A slow reply says nothing, nor does one from before what was heard already: the rows are read again soon."""
        again = self.session.second + self.session.cadence.between_readings
        return [
            (key, shown, again)
            for key in keys
            for (shown,) in connection.execute(
                "SELECT shown FROM sync_row WHERE channel_id = ? AND item_id = ? AND location_id = ?",
                (self.session.id, *key),
            )
        ]

    def _keep(self, connection: sqlite3.Connection, keys: Sequence[RowKey], look: LevelsLook) -> None:
        session = self.session
        start, end = reading_interval(look.date, look.took)
        looks = {(row.item_id, row.location_id): row for row in look.rows}
        drafts = channels.settings_of(connection, session.id).drafts
        sync_rows.choose(connection, ((*key, 0) for key in keys))
        kept: list[tuple[RowKey, Reading]] = []
        shown: list[tuple[RowKey, int, int | None]] = []
        for key, row in sync_rows.chosen(connection, session.id).items():
            seen = looks.get(key)
            ended = ended_by(row, seen, drafts=drafts)
            if ended is not None:
                self._end(connection, row, ended, seen)
                continue
            assert seen is not None
            assert seen.numbers is not None
            if row.state.condition in ("held", "out"):
                row = self._mend(connection, row, seen.numbers.available)
                if row.state.condition in ("held", "out"):
                    shown.append((key, seen.numbers.available, end + session.cadence.sweep))
                    continue
            if row.master == "shopify":
                self._take_in(connection, row, seen, end)
                shown.append((key, seen.numbers.available, end + session.cadence.sweep))
                continue
            kept.append((key, Reading(seen.numbers, start, end)))
            shown.append((key, seen.numbers.available, end + self._until_next(row)))
        readings.keep(connection, session.id, kept)
        sync_rows.keep_shown(connection, session.id, shown)

    def _until_next(self, row: SyncRow) -> int:
        """Seconds to a row's next reading, unless something asks for one before."""
        cadence, margins = self.session.cadence, self.session.margins
        if row.state.condition == "settling":
            return cadence.between_readings if row.own or row.state.readings else 2 * margins.visibility
        return cadence.sweep if row.state.tells_edits else cadence.on_bounds

    def _end(self, connection: sqlite3.Connection, row: SyncRow, ended: _Ended, seen: RowLook | None) -> None:
        session = self.session
        again = session.second + session.cadence.sweep
        same = row.state.condition == ended.state.condition and row.code == ended.code
        if same and (ended.code != "to_confirm" or (seen and seen.sku == row.sku_now)):
            shown = seen.numbers.available if seen and seen.numbers else 0
            sync_rows.keep_shown(connection, session.id, [(row.key, shown, again)])
            return
        hold_row(session, connection, row, ended.state, ended.code, again)
        if ended.code == "to_confirm" and seen is not None:
            sync_rows.bear(connection, session.id, row.key, seen.sku)
        self._strayed.append(row.item_id)
        self.held += 1

    def _mend(self, connection: sqlite3.Connection, row: SyncRow, shows: int) -> SyncRow:
        """The row settling again, where what it was held for is mended by what was just read; it waits where a person has to say so."""
        was_left_alone = row.code in LEFT_ALONE
        if not row.can_come_back and not was_left_alone:
            return row
        if kind := listing_changes.left_alone_by(connection, self.session.id, row.item_id):
            if row.code != kind:
                state = left_alone(kind, self.session.second)
                hold_row(self.session, connection, row, state, kind, None)  # type: ignore[arg-type]
            return row
        if was_left_alone and (reason := self._why_it_waits(connection, row, shows)):
            hold_row(self.session, connection, row, held(reason), "to_confirm", None)
            self.held += 1
            return row
        sync_rows.settle_again(connection, self.session.id, [row.key], "it is back", self.session.second)
        self._strayed.append(row.item_id)
        sku, place = sync_rows.named(connection, self.session.id, row.key)
        alerts.close(connection, self.session.id, self.session.now(), "held", sku, place)
        found = sync_rows.row_of(connection, self.session.id, row.key)
        assert found is not None
        return found

    def _why_it_waits(self, connection: sqlite3.Connection, row: SyncRow, shows: int) -> str | None:
        session = self.session
        if row.master == "shopify":
            siblings = int(sync_rows.has_siblings(connection, session.id, row, row.sku))
            return why_it_waits(Newcomer(row.sku, row.master, shows, None, siblings))
        maximum = channels.settings_of(connection, session.id).maximum
        number = differences.number_of(session.ledger, maximum, row.sku, row.warehouse_id)
        return why_it_waits_again(shows, wanted(number.available, number.pushed, shows))

    def _take_in(self, connection: sqlite3.Connection, row: SyncRow, seen: RowLook, end: int) -> None:
        """Where Shopify is master a reading is one movement (DESIGN §5, *Direction*)."""
        session = self.session
        assert seen.numbers is not None
        before, counted = stock.quantities_of(connection, row.sku, row.warehouse_id)
        change = seen.numbers.available - before.available
        if self._takes_in and (change or not counted):
            cause = movements.Cause(
                at=session.now(),
                kind="reading",
                reason="store reading",
                channel=session.channel.handle,
                location=sync_rows.location_name(connection, session.id, row.location_id),
            )
            movements.move(connection, cause, row.sku, row.warehouse_id, Quantities(in_stock=change))
        state = RowState("live", judged_until=end)
        sync_rows.keep_states(connection, session.id, [(row.key, state, "", end + session.cadence.sweep)])


def ended_by(row: SyncRow, seen: RowLook | None, *, drafts: bool) -> _Ended | None:
    """Why a row as it was just read is not to be written; None where it may be (PROTOCOL §2). With `drafts` those are in scope."""
    if seen is None:
        return _Ended(held(HOLD_WORDS["gone"]), "gone")
    if seen.sku != row.sku:
        return _Ended(held(renamed_words(row.sku, seen.sku)), "to_confirm")
    if not seen.tracked:
        return _Ended(held(HOLD_WORDS["untracked"]), "untracked")
    if seen.left_out is not None and not (drafts and seen.left_out == "draft"):
        return _Ended(out(HOLD_WORDS[seen.left_out]), seen.left_out)  # type: ignore[arg-type]
    if not seen.stocked or seen.numbers is None:
        if row.code == "location_inactive":
            return _Ended(held(row.state.reason), "location_inactive")
        return _Ended(held(HOLD_WORDS["not_stocked"]), "not_stocked")
    return None


def left_alone(kind: str, second: int) -> RowState:
    """A row of a SKU that was decided to be left alone, from `second` on: orders from before count as they did."""
    return replace(out(going_live.REASONS[kind]), judged_until=second)


def renamed_words(before: str, now: str) -> str:
    """What a row is held for whose SKU was changed in the store; foreign text."""
    return f"its SKU was changed in the store: {before} → {now or 'none'}; say that it is to be synced so"


def hold_row(
    session: Session,
    connection: sqlite3.Connection,
    row: SyncRow,
    state: RowState,
    code: HoldCode,
    read_due: int | None,
) -> None:
    """Take a row out of sync with an event and an alert, in the transaction under way."""
    sync_rows.end(connection, session.id, row.key, state, code, read_due)
    sku, place = sync_rows.named(connection, session.id, row.key)
    events.record(
        connection,
        at=session.now(),
        kind="held" if state.condition == "held" else "out",
        channel=session.channel.handle,
        sku=sku,
        place=place,
        detail=state.reason,
    )
    if state.condition == "held":
        text = f"{sku} at {place}: {state.reason}"
        if code == "to_confirm":
            alerts.tell_waiting(connection, session.id, session.now(), text, sku, place)
            return
        alert = "another_app" if code == "fought_over" else "held"
        alerts.tell(connection, session.id, session.now(), alert, text, sku, place)
