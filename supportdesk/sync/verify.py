"""Verifying a channel: two looks a margin apart at every row, each compared with what it should show (PROTOCOL §6). Writes nothing.

Beside a running worker or without one: orders that the ledger does not know yet are looked up here and counted, and forgotten again.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from supportdesk.core.effects import Effect, Margins, PushEffect
from supportdesk.core.looks import MOST_ROWS, LevelsLook, RowKey, RowLook
from supportdesk.core.progress import Watch
from supportdesk.core.rows import Reading, difference, is_slow, reading_interval, wanted
from supportdesk.core.verify import Verdict, VerifiedRow, VerifyTotals, both
from supportdesk.ledger import (
    channels,
    cursors,
    differences,
    effects,
    leases,
    pushes,
    readings,
    sync_rows,
    verifying,
)
from supportdesk.ledger.channels import ChannelRecord
from supportdesk.ledger.file import Ledger
from supportdesk.ledger.sync_rows import SyncRow
from supportdesk.ledger.verifying import FIRST, CatalogRow, Findings
from supportdesk.sync.row_reading import ended_by
from supportdesk.sync.session import Rules
from supportdesk.sync.store import EngineStore
from supportdesk.sync.verify_orders import OrdersMeanwhile

_TRIES: Final = 3
"""Times a slow reply is asked for again."""


@dataclass(frozen=True, slots=True)
class VerifyJob:
    """What verifying is given."""

    ledger: Ledger
    """Opened to be read only; no other thread uses it."""
    channel: ChannelRecord
    store: EngineStore | None
    """None for a channel of export files: its numbers are those that were loaded."""
    findings: Findings
    usual: Margins
    """Before any lag of the store was measured."""
    now: Callable[[], datetime]
    watch: Watch
    rules: Rules = field(default_factory=Rules)


def verify(job: VerifyJob) -> VerifyTotals:
    """Compare every row; what is not the same goes into `findings`. Raises what the store raises, `Cancelled`, `LedgerError` and its kinds."""
    if job.channel.sync == "on" and job.store is not None:
        return _Synced(job, job.store).run()
    return _Loaded(job).run()


class _Comparing:
    """What both ways of comparing share."""

    def __init__(self, job: VerifyJob) -> None:
        self.job = job
        self.connection = job.ledger.db.conn
        self.id = job.channel.id
        self.same = self.done = 0

    @contextlib.contextmanager
    def moment(self) -> Iterator[sqlite3.Connection]:
        """The account file as it is at one moment, whoever writes it meanwhile."""
        self.job.watch.check()
        self.connection.execute("BEGIN")
        try:
            yield self.connection
        finally:
            self.connection.execute("ROLLBACK")

    def look(self, store: EngineStore, keys: Sequence[RowKey]) -> LevelsLook | None:
        """These rows in one request; None where the store is too slow for it to say anything."""
        for _ in range(_TRIES):
            found = store.levels(keys, self.job.watch)
            if not is_slow(found.took, self.job.usual):
                return found
        return None

    def add(self, key: RowKey, sku: str, warehouse_id: int, verdict: Verdict) -> None:
        """Keep what a row comes to."""
        if verdict.state == "same":
            self.same += 1
            return
        title, location, warehouse = verifying.name_of(self.connection, self.id, key, warehouse_id)
        self.job.findings.add(
            VerifiedRow(
                *(verdict.state, sku, title, location, warehouse, verdict.store, verdict.ledger, verdict.why)
            )
        )

    def finish(self, *, synced: bool) -> VerifyTotals:
        """What only the ledger has, and the totals."""
        found = self.job.findings
        for sku, code, available, is_part in verifying.ledger_only(self.connection, self.id, synced=synced):
            self.job.watch.check()
            why = "listed only as part of bundles" if is_part else "no listing in scope is stocked there"
            found.add(VerifiedRow("only_ledger", sku, "", "", code, None, available, why))
        return VerifyTotals(
            self.job.channel.handle,
            synced,
            self.same,
            *(found.count(state) for state in ("differ", "only_store", "only_ledger", "settling", "held")),
        )


class _Loaded(_Comparing):
    """A channel that is off: its numbers as they stand, in one look."""

    def run(self) -> VerifyTotals:
        """Compare."""
        with self.moment():
            total = verifying.count_loaded(self.connection, self.id)
            (self.maximum,) = self.connection.execute(
                "SELECT maximum FROM channel WHERE id = ?", (self.id,)
            ).fetchone()
        after = FIRST
        while rows := verifying.loaded(self.connection, self.id, after, MOST_ROWS):
            after = rows[-1].key
            self.job.watch.report("Comparing every row", self.done, total, unit="rows")
            shown = self._shown(rows)
            with self.moment():
                for row in rows:
                    self.add(row.key, row.sku, row.warehouse_id, self._verdict(row, shown.get(row.key)))
            self.done += len(rows)
        return self.finish(synced=False)

    def _shown(self, rows: Sequence[CatalogRow]) -> Mapping[RowKey, int | None]:
        if self.job.store is None:
            return {row.key: row.available for row in rows}
        found = self.look(self.job.store, [row.key for row in rows])
        looks = found.rows if found else ()
        return {
            (each.item_id, each.location_id): each.numbers.available
            for each in looks
            if each.numbers is not None and each.stocked
        }

    def _verdict(self, row: CatalogRow, store: int | None) -> Verdict:
        number = differences.number_of(self.job.ledger, self.maximum, row.sku, row.warehouse_id)
        if row.master == "shopify":
            ledger = number.available
        else:
            ledger = wanted(number.available, number.pushed, store if store is not None else 0)
        if store is None:
            return Verdict("differ", None, ledger, "not stocked in the store any more: load it again")
        if ledger is None:
            return Verdict("only_store", store, None, "Sumtracker never counted it there")
        return Verdict(
            "same" if store == ledger else "differ", store, ledger, "" if store == ledger else "sync is off"
        )


class _Synced(_Comparing):
    """A channel that is on."""

    def __init__(self, job: VerifyJob, store: EngineStore) -> None:
        super().__init__(job)
        self.store = store
        self.margins = cursors.margins(self.connection, self.id, job.usual)
        settings = channels.settings_of(self.connection, self.id)
        self.maximum, self.drafts = settings.maximum, settings.drafts
        self.orders = OrdersMeanwhile(self.connection, self.id, store, self.margins, job.watch)

    def run(self) -> VerifyTotals:
        """Two looks, a margin apart; the second only at what the first did not find in order."""
        total = verifying.count_synced(self.connection, self.id)
        after = FIRST
        while keys := verifying.synced(self.connection, self.id, after, MOST_ROWS):
            after = keys[-1]
            self.job.watch.report("Looking at every row", self.done, total, unit="rows")
            self._first_look(keys)
            self.done += len(keys)
        self.job.watch.report("Looking at every row", self.done, self.done, unit="rows")
        if self.job.findings.left:
            self._until_visible(last=False)
            self._judge_all(last=False)
        if self.job.findings.left:
            self._second_look()
            self._until_visible(last=True)
            self._judge_all(last=True)
        return self.finish(synced=True)

    # Looking --------------------------------------------------------------------------------------------------------------------------

    def _first_look(self, keys: Sequence[RowKey]) -> None:
        looked = self.look(self.store, keys)
        if looked is None:
            for key in keys:
                self._add(key, Verdict("settling", None, None, "the store is too slow to be read just now"))
            return
        start, end = reading_interval(looked.date, looked.took)
        with self.moment():
            for key, row, seen, verdict in self._judged(keys, looked.rows, start, end):
                if verdict.is_certain or seen is None or seen.numbers is None:
                    self.add(key, row.sku, row.warehouse_id, verdict)
                else:
                    self.job.findings.look_again(key, Reading(seen.numbers, start, end))

    def _second_look(self) -> None:
        after, done, total = FIRST, 0, self.job.findings.left
        while again := self.job.findings.again(after, MOST_ROWS):
            keys = [key for key, _, _ in again]
            after = keys[-1]
            self.job.watch.report("Looking again at what differs", done, total, unit="rows")
            looked = self.look(self.store, keys)
            start, end = reading_interval(looked.date, looked.took) if looked else (0, 0)
            seen = {(each.item_id, each.location_id): each for each in looked.rows} if looked else {}
            for key in keys:
                found = seen.get(key)
                if found is None or found.numbers is None:
                    self.job.findings.forget([key])
                    self._add(key, Verdict("settling", None, None, "it could not be read a second time"))
                else:
                    self.job.findings.read_again(key, Reading(found.numbers, start, end))
            done += len(keys)

    def _add(self, key: RowKey, verdict: Verdict) -> None:
        row = sync_rows.row_of(self.connection, self.id, key)
        if row is not None:
            self.add(key, row.sku, row.warehouse_id, verdict)

    def _until_visible(self, *, last: bool) -> None:
        """Wait until orders up to the readings can be seen, then look them up; `last` says that the result comes next."""
        margin = self.margins.clock_skew + 1 + self.margins.visibility
        ready = self.job.findings.newest + margin
        watch, looked = self.job.watch, self.store.clock(self.job.watch)
        total = max(1, ready - looked)
        phase = f"Waiting for orders that may still appear{' once more' if last else ''}"
        then = "the result" if last else f"a second look, and about {margin} s later the result"
        while (left := ready - looked) > 0:
            watch.report(
                *(phase, total - left, total),
                unit="seconds",
                note=f"Then {then}. Stopping loses nothing.",
            )
            watch.wait(min(1.0, left))
            looked = looked + 1 if left > 3 else self.store.clock(watch)
        self.orders.look_up()

    # Judging --------------------------------------------------------------------------------------------------------------------------

    def _judge_all(self, *, last: bool) -> None:
        """Judge what is to be looked at again; without `last` what still differs stays, to be read a second time."""
        findings, after = self.job.findings, FIRST
        while again := findings.again(after, MOST_ROWS):
            after = again[-1][0]
            with self.moment():
                more = self.orders.unknown([key for key, _, _ in again])
                unjudged = {key: readings.waiting_of(self.connection, self.id, key) for key, _, _ in again}
                sync_rows.choose(
                    self.connection,
                    (
                        (*key, min(each.start for each in (reading, *unjudged[key])))
                        for key, reading, _ in again
                    ),
                )
                rows = sync_rows.chosen(self.connection, self.id)
                own, pushed = self._happenings()
                for key, reading, first in again:
                    row = rows.get(key)
                    if row is None or row.state.condition == "out":
                        findings.forget([key])
                        continue
                    known = [*own.get(key, []), *more.get(key, [])]
                    verdict = self._verdict(row, reading, known, pushed.get(key, []), unjudged[key])
                    late = any(
                        self.job.rules.comes_late(row.state, effect, self.margins)
                        for effect in more.get(key, [])
                    )
                    if late and verdict.state == "differ":
                        verdict = verdict._replace(
                            state="settling", why="an order came late, and is being taken in"
                        )
                    if first is not None:
                        verdict = both(first, verdict)
                    if verdict.is_certain or last:
                        findings.forget([key])
                        self.add(key, row.sku, row.warehouse_id, verdict)
                    else:
                        findings.judged_once(key, verdict)

    def _happenings(self) -> tuple[dict[RowKey, list[Effect]], dict[RowKey, list[PushEffect]]]:
        lag = self.margins.commit_lag
        return (
            effects.of_chosen(self.connection, self.id, lag),
            pushes.of_chosen(self.connection, self.id, lag),
        )

    def _judged(
        self, keys: Sequence[RowKey], seen: Sequence[RowLook], start: int, end: int
    ) -> Iterator[tuple[RowKey, SyncRow, RowLook | None, Verdict]]:
        """Each row as one look shows it, by what the ledger knows now."""
        looks = {(each.item_id, each.location_id): each for each in seen}
        sync_rows.choose(self.connection, ((*key, start) for key in keys))
        rows = sync_rows.chosen(self.connection, self.id)
        own, pushed = self._happenings()
        for key in keys:
            row, found = rows.get(key), looks.get(key)
            if row is None or row.state.condition == "out":
                continue
            ended = ended_by(row, found, drafts=self.drafts)
            numbers = found.numbers if found else None
            if row.state.condition != "held" and ended is not None:
                store = numbers.available if numbers else None
                state = "differ" if row.state.condition == "live" else "settling"
                yield key, row, None, Verdict(state, store, self._wanted(row, store), ended.state.reason)  # type: ignore[arg-type]
                continue
            if row.state.condition == "held" or numbers is None:
                store = numbers.available if numbers else None
                why = row.state.reason
                yield key, row, None, Verdict("held", store, self._wanted(row, store), why)
                continue
            reading = Reading(numbers, start, end)
            yield key, row, found, self._verdict(row, reading, own.get(key, []), pushed.get(key, []))

    def _wanted(self, row: SyncRow, shows: int | None) -> int | None:
        """What the ledger wants a row to show that shows `shows`; where Shopify is master, what it has."""
        number = differences.number_of(self.job.ledger, self.maximum, row.sku, row.warehouse_id)
        if row.master == "shopify":
            return number.available
        return wanted(number.available, number.pushed, 0 if shows is None else shows)

    def _verdict(
        self,
        row: SyncRow,
        reading: Reading,
        own: Sequence[Effect],
        pushed: Sequence[PushEffect],
        unjudged: Sequence[Reading] = (),
    ) -> Verdict:
        """What the reading comes to; `unjudged` are those of sync itself that it made nothing of yet."""
        store = reading.numbers.available
        if row.state.condition == "held":
            return Verdict("held", store, self._wanted(row, store), row.state.reason)
        if row.master == "shopify":
            return self._mirrored(row, reading)
        shows = row.shows
        if row.state.condition != "live" or shows is None or row.state.bounds is None:
            why = row.state.reason or "it is settling"
            return Verdict("settling", store, self._wanted(row, store), why)
        want = self._wanted(row, shows)
        if want is None:
            return Verdict("only_store", store, None, "Sumtracker never counted it there")
        if why := self._says_nothing(row, reading, pushed):
            return Verdict("settling", store, want, why)
        settled = row.state.bounds

        def edit_of(reading: Reading) -> int:
            available, _ = self.job.rules.bounds(reading, own, pushed, self.margins)
            return settled.outside(available)

        edit, owed = edit_of(reading), difference(want, shows)
        if not edit and not owed:
            return Verdict("same", store, want)
        verdict = Verdict("differ", store, want, edit=edit, owed=owed)
        if not edit:
            return self._owing(row, verdict)
        return self._edited(row, verdict, any(edit_of(each) * edit > 0 for each in unjudged))

    def _says_nothing(self, row: SyncRow, reading: Reading, pushed: Sequence[PushEffect]) -> str:
        """Why the reading says nothing of the row, '' where it does. Where nobody syncs no undo is on its way."""
        rules = self.job.rules
        differences = [push for push in pushed if push.kind == "difference"]
        if rules.is_void(reading, row.t0, differences, self.margins):
            return "something was being written while it was read"
        if rules.is_void(reading, row.t0, pushed, self.margins) and not self._is_alone():
            return "an edit in the store is being put back"
        return ""

    def _edited(self, row: SyncRow, verdict: Verdict, is_read: bool) -> Verdict:
        """An edit, with what becomes of it: one that sync saw and is not through with is still moving."""
        more = "more" if verdict.edit > 0 else "fewer"
        why = f"{abs(verdict.edit):,} {more} in the store than it should show"
        is_seen = is_read or row.state.suspect or row.lag_seen is not None
        if not is_seen and not pushes.open_rows(self.connection, self.id, [row.key]):
            return verdict._replace(why=why)
        if self._is_alone():
            return verdict._replace(why=f"{why}, and nobody is syncing")
        return verdict._replace(state="settling", why=f"{why}; sync puts it back, or takes it in")

    def _owing(self, row: SyncRow, verdict: Verdict) -> Verdict:
        """A difference that is to be written, with why it was not; what is on its way is still moving."""
        waiting, stopped = verifying.is_unchecked(
            self.connection, self.id, row.key, row.sku, row.warehouse_id
        )
        if stopped:
            return verdict._replace(why="the brake stops it")
        if self._is_alone():
            return verdict._replace(why=f"{verdict.owed:+,} still to be written, and nobody is syncing")
        if waiting or pushes.open_rows(self.connection, self.id, [row.key]):
            return verdict._replace(state="settling", why=f"{verdict.owed:+,} is on its way")
        return verdict._replace(why=f"{verdict.owed:+,} was never written")

    def _is_alone(self) -> bool:
        """Whether nobody syncs the channel at the moment."""
        lease = leases.lease_of(self.connection, self.id)
        return lease is None or not lease.is_live(self.job.now())

    def _mirrored(self, row: SyncRow, reading: Reading) -> Verdict:
        """Where Shopify is master the ledger follows the store's readings."""
        store, ledger = reading.numbers.available, self._wanted(row, None)
        if store == ledger:
            return Verdict("same", store, ledger)
        if ledger is None:
            return Verdict("only_store", store, None, "it was not read yet")
        read, owed = row.state.judged_until, store - ledger
        differs = Verdict("differ", store, ledger, "Sumtracker's number is not what was read", owed=owed)
        if row.state.condition == "live" and read is not None and read >= reading.start:
            return differs
        if self._is_alone():
            return differs._replace(why="it was not read since, and nobody is syncing")
        return differs._replace(state="settling", why="it is read with the next cycle")
