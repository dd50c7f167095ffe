"""Listings and locations that change while sync is on: found by polls and by going through all of them once a day, and followed row by row (PROTOCOL §5, *Rows that change*).

A row whose listing left scope, or whose duplicate group a person left alone, is out; one whose SKU was changed or that is new waits
for a person (`confirming`); coming back means settling again, which a reading begins (`row_reading`). What decides about a newcomer is
`core.newcomers`.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from supportdesk.core.looks import MOST_ROWS, ListingFacts, RowKey
from supportdesk.core.newcomers import LEFT_ALONE, Newcomer, why_it_waits
from supportdesk.core.progress import Unwatched
from supportdesk.core.rows import RowCondition, held, out
from supportdesk.ledger import (
    alerts,
    catalog,
    channels,
    cursors,
    differences,
    events,
    followed,
    going_live,
    listing_changes,
    sync_rows,
)
from supportdesk.ledger.listing_changes import Chosen, NewRow, Strayed
from supportdesk.sync.row_reading import HOLD_WORDS, hold_row, left_alone, renamed_words
from supportdesk.sync.session import Session

IDS_A_REQUEST: Final = 100
"""Whole listings read in one request, with their levels."""
MOST_AT_ONCE: Final = 5_000
"""Listings read whole in one look; what is left comes with the next."""
BEFORE_LOAD: Final = 600
"""Seconds before the load from which on changes are looked for: its clock was ours, not the store's."""
_BATCH: Final = 500
LOCATION: Final = "location"
"""Code of the alert about a location that is no longer active; its place is the location's id, for the name may change."""
OUT_OF_SCOPE: Final = frozenset({"no_sku", "gift_card", "bundle_parent", "archived", "draft"})


class Listings:
    """The listings and locations of one channel."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.ended = 0
        """Rows that became held or out since this was made."""
        self._asked: set[int] = set()

    # Looking --------------------------------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """What changed since the last look, with overlap, and the pages of all listings that are due; at most every `Cadence.listings`."""
        session = self.session
        last = cursors.second_of(session.ledger.db.conn, session.id, "listings")
        began = session.second
        if last is not None and began - last < session.cadence.listings:
            return
        self._look_at_places()
        if last is None:
            last = self._loaded_second()
        since = last - 2 * session.margins.visibility
        if self._look_at_changed(since):
            self._look_at_products(since)
            with session.writing() as connection:
                cursors.put(connection, session.id, "listings", began)
        self._go_through()
        self._recount()

    def _loaded_second(self) -> int:
        began, _ = listing_changes.loaded_from(self.session.ledger.db.conn, self.session.id)
        if not began:
            return self.session.second - BEFORE_LOAD
        return min(self.session.second, int(datetime.fromisoformat(began).timestamp())) - BEFORE_LOAD

    def _look_at_changed(self, since: int) -> bool:
        """Listings that changed; whether all were looked at, or so many changed that the rest waits for the next look."""
        session = self.session
        connection = session.ledger.db.conn
        above = cursors.second_of(connection, session.id, "listing_page") or 0
        done = 0
        for page in session.store.listings_changed(since, above, session.watch):
            done += self._renew_unlike(page)
            if done >= MOST_AT_ONCE and len(page) == MOST_ROWS:
                with session.writing() as writing:
                    cursors.put(writing, session.id, "listing_page", page[-1].variant_id)
                return False
        if above:
            with session.writing() as writing:
                cursors.put(writing, session.id, "listing_page", 0)
        return True

    def _look_at_products(self, since: int) -> None:
        session = self.session
        for page in session.store.products_changed(since, session.watch):
            with session.writing() as connection:
                variants = listing_changes.of_products_unlike(connection, session.id, page)
            self.renew(variants)

    def _renew_unlike(self, page: Sequence[ListingFacts]) -> int:
        variants = listing_changes.unlike(self.session.ledger.db.conn, self.session.id, page)
        self.renew(variants)
        return len(variants)

    def _go_through(self) -> None:
        """The pages of all listings by id that are due: each once in `Cadence.sweep`. It finds what no search shows (PROTOCOL §5)."""
        session = self.session
        connection = session.ledger.db.conn
        (listings,) = connection.execute(
            "SELECT coalesce((SELECT listings FROM load WHERE channel_id = ?), 0)", (session.id,)
        ).fetchone()
        interval = session.cadence.sweep / max(1, math.ceil(listings / MOST_ROWS))
        due = cursors.second_of(connection, session.id, "page_due")
        due = (
            session.second + int(interval)
            if due is None
            else max(due, session.second - session.cadence.sweep)
        )
        above = cursors.second_of(connection, session.id, "page") or 0
        for _ in range(session.cadence.requests):
            if due > session.second:
                break
            page = session.store.listing_page(above, session.watch)
            self._renew_unlike(page)
            last = page[-1].variant_id if len(page) == MOST_ROWS else None
            there = [facts.variant_id for facts in page]
            self.renew(listing_changes.not_among(connection, session.id, above, last, there))
            above = last or 0
            due += max(1, int(interval))
        with session.writing() as writing:
            cursors.put(writing, session.id, "page", above)
            cursors.put(writing, session.id, "page_due", due)

    # Listings -------------------------------------------------------------------------------------------------------------------------

    def learn(self, items: Iterable[int], odd: Iterable[int]) -> None:
        """Read the listings of inventory items that nothing is known of, and of `odd` ones that an order bears another SKU of."""
        session = self.session
        unknown = listing_changes.unknown_items(session.ledger.db.conn, session.id, items)
        wanted = [item for item in dict.fromkeys([*unknown, *odd]) if item not in self._asked]
        self._asked.update(wanted)
        self.read_again(wanted)

    def take_up_levels(self, levels: Sequence[RowKey]) -> None:
        """Read the listings of levels that changed and have no row: stocked there since, or of a listing that is new."""
        connection = self.session.ledger.db.conn
        self.read_again(listing_changes.unkept_levels(connection, self.session.id, levels))

    def read_again(self, items: Sequence[int]) -> None:
        """Read the listings of inventory items whose rows turned out to be something else."""
        if not items:
            return
        session = self.session
        kept = listing_changes.variants_kept(session.ledger.db.conn, session.id, items)
        self.renew(list(dict.fromkeys([*kept, *session.store.variants_of(items, session.watch)])))

    def renew(self, variants: Sequence[int]) -> None:
        """Read these listings whole, keep them in place of what was kept, and follow what that means for rows."""
        session = self.session
        for start in range(0, len(variants), IDS_A_REQUEST):
            ids = list(variants[start : start + IDS_A_REQUEST])
            places = catalog.location_count(session.ledger, session.id)
            batch = session.store.listings(ids, places, session.watch)
            with session.writing() as connection:
                items = set(listing_changes.items_of(connection, session.id, ids))
                items |= {row.item_id for row in batch.listings}
                catalog.replace_listings(connection, session.id, ids, batch)
                items |= listing_changes.split_with(connection, session.id, items)
                self._follow(connection, listing_changes.choose(connection, items))
                cursors.put(connection, session.id, "uncounted", 1)

    def _recount(self) -> None:
        """Count listings and duplicate groups anew, once a look, for whoever looks at them: what was read since the last look too."""
        session = self.session
        if cursors.second_of(session.ledger.db.conn, session.id, "uncounted"):
            with session.writing() as connection:
                catalog.count_again(connection, session.id, Unwatched())
                cursors.put(connection, session.id, "uncounted", 0)

    # Following ------------------------------------------------------------------------------------------------------------------------

    def follow_load(self) -> None:
        """Follow what a load by a person changed, or was decided of duplicate groups, and rows whose SKU is counted by now."""
        session = self.session
        connection = session.ledger.db.conn
        self._follow_decisions()
        if known := listing_changes.known_now(connection, session.id):
            with session.writing() as writing:
                sync_rows.settle_again(writing, session.id, known, "it is counted now", session.second)
        _, loaded = listing_changes.loaded_from(connection, session.id)
        if loaded == listing_changes.followed(connection, session.id):
            return
        with session.writing() as writing:
            self._follow(writing, listing_changes.choose(writing, None))
            self._follow_places(writing)
            listing_changes.keep_followed(writing, session.id, loaded)

    def _follow_decisions(self) -> None:
        session = self.session
        connection = session.ledger.db.conn
        since = cursors.second_of(connection, session.id, "decision")
        newest, items = listing_changes.decided_since(connection, session.id, session.channel.handle, since)
        if newest == since:
            return
        with session.writing() as writing:
            if items:
                self._follow(writing, listing_changes.choose(writing, items))
            cursors.put(writing, session.id, "decision", newest)

    def _follow(self, connection: sqlite3.Connection, chosen: Chosen) -> None:
        """Rows of the chosen items after their listings were read anew, in the transaction under way."""
        session = self.session
        for one in listing_changes.strayed(connection, session.id, chosen):
            self._end(connection, one)
        listing_changes.drop_waiting(connection, session.id, chosen)
        listing_changes.read_returned(connection, session.id, chosen, session.second)
        after = (-(1 << 62), 0)
        while found := listing_changes.newcomers(connection, session.id, chosen, _BATCH, after):
            after = found[-1].key
            for new in found:
                self._welcome(connection, new)

    def _end(self, connection: sqlite3.Connection, one: Strayed) -> None:
        session = self.session
        row = sync_rows.row_of(connection, session.id, (one.item_id, one.location_id))
        assert row is not None
        code = one.code
        if code == "to_confirm":
            state = held(renamed_words(row.sku, one.sku_now))
        elif code in LEFT_ALONE:
            state = left_alone(code, session.second)
        elif code in OUT_OF_SCOPE:
            state = out(going_live.REASONS[code])
        else:
            state = held(HOLD_WORDS[code])
        again = None if code in LEFT_ALONE else session.second + session.cadence.sweep
        hold_row(session, connection, row, state, code, again)  # type: ignore[arg-type]
        if code == "to_confirm":
            sync_rows.bear(connection, session.id, row.key, one.sku_now)
        self.ended += 1

    def _welcome(self, connection: sqlite3.Connection, new: NewRow) -> None:
        """A row for a level that had none: it settles, or waits for a person, or is out by what was decided of its SKU."""
        session = self.session
        condition: RowCondition = "held"
        if new.decision in LEFT_ALONE:
            condition, code = "out", new.decision
            reason = going_live.REASONS[code]
        elif not new.open or new.served:
            code = "third_party" if new.served else "location_inactive"
            reason = going_live.REASONS[code]
        else:
            number = differences.number_of(
                session.ledger, self._maximum(connection), new.sku, new.warehouse_id
            )
            newcomer = Newcomer(new.sku, new.master, new.available, number.pushed, new.siblings, new.decision)
            reason = why_it_waits(newcomer) or ""
            condition, code = ("held", "to_confirm") if reason else ("settling", "")
        read_due = session.second if condition == "settling" else None
        if code == "location_inactive":
            read_due = session.second + session.cadence.sweep
        listing_changes.put(connection, session.id, new, condition, code, reason, read_due)
        self._tell(connection, new, condition, code, reason)

    def _tell(
        self, connection: sqlite3.Connection, new: NewRow, condition: RowCondition, code: str, reason: str
    ) -> None:
        session = self.session
        sku, place = sync_rows.named(connection, session.id, new.key)
        kind = {"held": "held", "out": "out", "settling": "joined"}[condition]
        detail = reason or "a new listing without stock on either side; synced from now on"
        events.record(
            connection,
            at=session.now(),
            kind=kind,
            channel=session.channel.handle,
            sku=sku,
            place=place,
            detail=detail,
        )
        if code == "to_confirm":
            text = f"{sku} at {place}: {reason}"
            alerts.tell_waiting(connection, session.id, session.now(), text, sku, place)
            self.ended += 1

    def _maximum(self, connection: sqlite3.Connection) -> int | None:
        (maximum,) = connection.execute(
            "SELECT maximum FROM channel WHERE id = ?", (self.session.id,)
        ).fetchone()
        return None if maximum is None else int(maximum)

    # Locations ------------------------------------------------------------------------------------------------------------------------

    def _look_at_places(self) -> None:
        """Take up locations that are new, renamed, closed or opened; the whole of them is read only then."""
        session = self.session
        kept = listing_changes.kept_places(session.ledger.db.conn, session.id)
        if set(session.store.places(session.watch)) == kept:
            return
        places = session.store.locations(session.watch)
        handle = session.channel.handle
        with session.writing() as connection:
            before = followed.standing(connection, session.id)
            channels.replace_locations(connection, session.id, places)
            followed.tell(connection, session.id, before, followed.Telling(session.now(), handle, ""))
            known = {place.id for place in kept}
            for place in places:
                if place.id not in known:
                    detail = "a new location in the store, not linked to a warehouse"
                    events.record(
                        connection,
                        at=session.now(),
                        kind="location",
                        channel=handle,
                        place=place.name,
                        detail=detail,
                    )
            self._follow_places(connection)

    def _follow_places(self, connection: sqlite3.Connection) -> None:
        """Hold the rows of locations that were closed, one event for all of them, and have those of opened ones settle again."""
        session = self.session
        at, handle = session.now(), session.channel.handle
        for location, name, rows in listing_changes.closed_places(connection, session.id):
            words = going_live.REASONS["location_inactive"]
            again = session.second + session.cadence.sweep
            for key in listing_changes.rows_at(connection, session.id, location, ("not_stocked",)):
                sync_rows.end(connection, session.id, key, held(words), "location_inactive", again)
            detail = f"not active in the store any more: {rows:,} of its rows are held"
            events.record(connection, at=at, kind="held", channel=handle, place=name, detail=detail)
            alerts.tell(connection, session.id, at, LOCATION, f"{name} is {detail}.", place=str(location))
            self.ended += rows
        for place in listing_changes.kept_places(connection, session.id):
            if place.active:
                alerts.close(connection, session.id, at, LOCATION, place=str(place.id))
        for location, name in listing_changes.open_again(connection, session.id):
            keys = [
                key
                for key in listing_changes.rows_at(connection, session.id, location, ("location_inactive",))
                if (row := sync_rows.row_of(connection, session.id, key)) and row.code == "location_inactive"
            ]
            sync_rows.settle_again(
                connection, session.id, keys, "its location is active again", session.second
            )
            detail = f"active in the store again: {len(keys):,} of its rows settle"
            events.record(connection, at=at, kind="location", channel=handle, place=name, detail=detail)
