"""Channels: listed, shown, loaded, opened from exports, forgotten. Connecting a store is in `connecting`."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from supportdesk.core.catalog import ChannelTotals
from supportdesk.core.channels import ChannelOverview, ChannelSummary, LeftOut, LeftOutListing
from supportdesk.core.checks import Check
from supportdesk.core.progress import Watch
from supportdesk.desk import Desk, accounts
from supportdesk.desk.watch import BriefWatch
from supportdesk.errors import CredentialMissing, Refused, StoreError, UnknownName, WrongUsage
from supportdesk.paths import make_folder, slug_of

if TYPE_CHECKING:
    import sqlite3

    from supportdesk.ledger.channels import ChannelRecord
    from supportdesk.ledger.file import Ledger


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of opening exports."""

    channel: str
    totals: ChannelTotals


def list_channels(desk: Desk) -> tuple[ChannelSummary, ...]:
    """Every channel, by account and name. Opens no account file while the index is good; makes it anew where it is not."""
    return accounts.list_lines(desk)


def channel_named(desk: Desk, name: str) -> ChannelSummary:
    """The channel of that name. Raises `UnknownName` with the nearest names there are."""
    lines = list_channels(desk)
    for line in lines:
        if line.handle == name:
            return line
    raise UnknownName(f"There is no channel {name!r}.", _what_there_is(name, [line.handle for line in lines]))


def _what_there_is(name: str, handles: list[str]) -> str:
    import difflib

    if not handles:
        return (
            "Connect a store with `supportdesk connect SHOP`, or open exports with `supportdesk open FILE`."
        )
    if near := difflib.get_close_matches(name, handles, n=3):
        return f"Did you mean {' or '.join(near)}?"
    shown = ", ".join(handles[:8])
    return f"There is {shown}." if len(handles) <= 8 else f"There is {shown} and {len(handles) - 8} more."


def record_of(ledger: Ledger, summary: ChannelSummary) -> ChannelRecord:
    """The channel as its account file keeps it. Raises `UnknownName` where it was forgotten meanwhile."""
    from supportdesk.ledger import channels

    record = channels.channel_named(ledger, summary.handle)
    if record is None:
        raise UnknownName(
            f"The account {summary.account} no longer holds the channel {summary.handle}.",
            "Look at the list again: supportdesk channels",
        )
    return record


def load(desk: Desk, name: str, watch: Watch) -> ChannelTotals:
    """Load the channel again from its store, or from the export files it was opened from.

    Returns the totals. Raises `StoreError`, `ExportInvalid`, `LedgerError` and their kinds, `CredentialMissing`, `Cancelled`; what
    was loaded before is then still there, whole.
    """
    summary = channel_named(desk, name)
    accounts.refuse_if_read_only(desk, "load stores")
    with accounts.opened(desk, summary.account) as ledger:
        record = record_of(ledger, summary)
        if record.source == "export":
            return _load_exports(desk, ledger, record.handle, [Path(file) for file in record.files], watch)
        return _load_store(desk, ledger, record, watch)


def _load_store(desk: Desk, ledger: Ledger, record: ChannelRecord, watch: Watch) -> ChannelTotals:
    from supportdesk.desk.connecting import open_store
    from supportdesk.sync.claim import Claimant, look_at_claim
    from supportdesk.sync.load import LoadJob, load_store
    from supportdesk.sync.spool import Spool
    from supportdesk.waiting import noted

    spool = Spool(make_folder(desk.home.spool), record.handle)
    watch = noted(watch)  # what is waited for is said of the step that waits, not as a step of its own
    job = LoadJob(ledger, watch, desk.now, accounts.who())
    with open_store(desk, record) as store:
        totals = load_store(job, record, store, spool=spool, page_up_to=desk.settings.page_listings_up_to)
        with contextlib.suppress(
            StoreError
        ):  # who has claimed the store is looked at again before anything is written
            look_at_claim(Claimant(ledger, record, store, accounts.who(), desk.now, BriefWatch(5)))
    accounts.renew_index(desk, ledger)
    return totals


def _load_exports(
    desk: Desk, ledger: Ledger, handle: str, files: list[Path], watch: Watch, *, replacing: bool = True
) -> ChannelTotals:
    """Load the files as the channel `handle`; other files than last time only where `replacing`."""
    from supportdesk.exports import ExportFiles
    from supportdesk.ledger import channels
    from supportdesk.sync.load import LoadJob, load_exports

    source = ExportFiles(files)
    names = tuple(str(file) for file in files)
    before = channels.channel_named(ledger, handle)
    if before is not None and not replacing and before.files != names:
        source.locations(watch)  # a file that cannot be read is the more urgent news
        raise Refused(
            f"{handle} is already open, from {' and '.join(before.files)}.",
            f"Give these files another name, or the name {handle} to replace those.",
        )
    job = LoadJob(ledger, watch, desk.now, accounts.who())
    totals = load_exports(job, handle, source, files=names)
    accounts.renew_index(desk, ledger)
    return totals


def open_exports(
    desk: Desk, files: Sequence[Path], *, name: str | None = None, account: str | None = None, watch: Watch
) -> Opened:
    """Open a merchant's CSV exports as a channel, named `name` or after the first file; opening them again loads them anew.

    Raises `ExportInvalid`, `Refused` where a store already has that name, `LedgerError` and its kinds, `Cancelled`; nothing is
    then kept.
    """
    if not files:
        raise WrongUsage("No file was named.", "Name one or more CSV files that Shopify exported.")
    accounts.refuse_if_read_only(desk, "open exports")
    paths = [file.expanduser().absolute() for file in files]
    handle = name or slug_of(paths[0].stem)
    slug = _account_of_exports(desk, handle, account)
    new = not desk.home.account_file(slug).exists()
    try:
        with accounts.opened(desk, slug, create=True) as ledger:
            totals = _load_exports(desk, ledger, handle, paths, watch, replacing=name is not None)
    except BaseException:
        if new:
            accounts.remove_account(desk, slug)
        raise
    return Opened(handle, totals)


def _account_of_exports(desk: Desk, handle: str, account: str | None) -> str:
    """The account the exports go to; they never take a store's name, nor a name another account has."""
    if handle != slug_of(handle):
        raise WrongUsage(
            f"A channel's name is made of a-z, 0-9 and -; {handle!r} is not.", f"{slug_of(handle)} would do."
        )
    wanted = account or handle
    for line in list_channels(desk):
        if line.handle != handle:
            continue
        if line.source != "export":
            raise Refused(f"{handle} is a connected store.", "Give the exports another name.")
        if account is None:
            return line.account
        if line.account != account:
            raise Refused(
                f"{handle} is already open in the account {line.account}.",
                "Give these another name.",
            )
    return wanted


def overview(desk: Desk, name: str) -> ChannelOverview:
    """Everything the Overview tab draws, readiness included: units as sync knows them by now, or knew them last; else as they were loaded."""
    from supportdesk.core.readiness import readiness
    from supportdesk.desk import connections_view
    from supportdesk.desk.readiness import facts_of
    from supportdesk.ledger import catalog

    summary = channel_named(desk, name)
    with accounts.opened(desk, summary.account) as ledger:
        record = record_of(ledger, summary)
        counts = catalog.load_counts(ledger, record.id)
        locations = connections_view.places_counted(ledger, record.id)
        if counts is not None:
            units = sum(place.units for place in locations)
            counts = replace(counts, totals=replace(counts.totals, units=units))
        facts = facts_of(desk, ledger, record, counts, locations)
        claimed = _claim_check(ledger, record)
    left_out = facts.left_out or {}
    return ChannelOverview(
        summary=summary,
        shop=record.shop,
        totals=facts.totals,
        locations=locations,
        left_out=tuple(LeftOut(reason, listings) for reason, listings in left_out.items()),
        in_scope=facts.totals.listings - sum(left_out.values()) if facts.totals else 0,
        checks=(*claimed, *readiness(facts)),
    )


def _claim_check(ledger: Ledger, record: ChannelRecord) -> tuple[Check, ...]:
    """That another ledger syncs the store, as its claim said when it was last looked at (PROTOCOL §3)."""
    claim = claimed_by(ledger, record)
    if not claim:
        return ()
    text = f"This store is synced already, from {claim}. Turn sync off there, or take the store over when you apply a plan."
    return (Check("claimed", "block", text, "load"),)


def claimed_by(ledger: Ledger, record: ChannelRecord) -> str:
    """Who else syncs the store, as its claim said when it was last looked at; '' for nobody. Foreign text."""
    from supportdesk.ledger.channel_sync import channel_sync
    from supportdesk.sync.claim import others_claim

    kept = channel_sync(ledger.db.conn, record.id)
    other = others_claim(ledger, kept.claim) if kept else None
    return other.in_words if other else ""


def check(desk: Desk, name: str) -> tuple[Check, ...]:
    """Readiness alone: blocks first, then warnings, then passes."""
    return overview(desk, name).checks


def left_out_listings(
    desk: Desk, name: str, reason: str | None = None, *, offset: int = 0, limit: int = 200
) -> tuple[LeftOutListing, ...]:
    """A window of the listings that are not synced, for one reason (a key of `core.listings.LEFT_OUT`) or all."""
    from supportdesk.ledger import catalog

    summary = channel_named(desk, name)
    with accounts.opened(desk, summary.account) as ledger:
        record = record_of(ledger, summary)
        return tuple(catalog.left_out_listings(ledger, record.id, reason, offset=offset, limit=limit))


def forget(desk: Desk, name: str) -> str:
    """Forget a channel: its token, its rows, and when it was the last one there the account file and its Sumtracker key.

    Returns a sentence that says so. Raises `Refused` while it is being synced.
    """
    from supportdesk.desk import sumtracker_key
    from supportdesk.desk.connecting import credential_store
    from supportdesk.ledger import channels
    from supportdesk.sync.spool import Spool

    summary = channel_named(desk, name)
    accounts.refuse_if_read_only(desk, "forget channels")
    with accounts.opened(desk, summary.account) as ledger:
        record = record_of(ledger, summary)
        _let_go_of_store(desk, ledger, record)
        with ledger.writing() as connection:
            _refuse_if_syncing(connection, record)
            channels.forget_channel(connection, record, at=desk.now(), who=accounts.who())
            credential_store(desk).forget(summary.handle)
            Spool(desk.home.spool, summary.handle).clear()
        last = not channels.all_channels(ledger)
        accounts.renew_index(desk, ledger)
    with_it = ", with its token" if record.source == "shopify" else "; its files are untouched"
    if not last:
        return (
            f"{summary.handle} is forgotten{with_it}. The account {summary.account} keeps its other channels."
        )
    accounts.remove_account(desk, summary.account)
    with_key = ", with its Sumtracker key" if sumtracker_key.forget_key(desk, summary.account) else ""
    copies = ", ".join(copy.name for copy in accounts.earlier_copies(desk, summary.account))
    left = f" Earlier copies stay in {desk.home.accounts}: {copies}." if copies else ""
    return (
        f"{summary.handle} is forgotten{with_it}. The account {summary.account} is removed{with_key}.{left}"
    )


def _refuse_if_syncing(connection: sqlite3.Connection, record: ChannelRecord) -> None:
    from supportdesk.sync.worker import has_work

    if has_work(connection, record.id):
        raise Refused(
            f"{record.title} is being synced, or about to be: forgetting it would leave open what orders have booked.",
            f"Turn sync off first: supportdesk turn-off {record.handle} --confirm={record.handle}",
        )


def _let_go_of_store(desk: Desk, ledger: Ledger, record: ChannelRecord) -> None:
    """Drop the claim that turning off could not drop, where the store answers now; else it is said by whoever claims it next."""
    from supportdesk.desk.connecting import open_store
    from supportdesk.ledger.channel_sync import channel_sync
    from supportdesk.sync.claim import Claimant, drop_claim

    _refuse_if_syncing(ledger.db.conn, record)
    kept = channel_sync(ledger.db.conn, record.id)
    if kept is None or not kept.claim:
        return
    with contextlib.suppress(StoreError, CredentialMissing), open_store(desk, record) as store:
        drop_claim(Claimant(ledger, record, store, accounts.who(), desk.now, BriefWatch(5)))
