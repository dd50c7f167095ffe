"""Duplicate groups: listed, looked at, decided with the effect of a choice shown before, read again, and taken apart by SKUs of their own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from supportdesk.core.duplicates import (
    Choice,
    DuplicateGroup,
    DuplicatesSummary,
    Effect,
    GroupDetail,
    GroupFilter,
    GroupOrder,
    check_choice,
    effect_on,
    total_effect,
)
from supportdesk.core.progress import Watch
from supportdesk.desk import Desk, accounts
from supportdesk.desk.channels import channel_named
from supportdesk.errors import Conflict, NotLoaded, Refused, UnknownName

if TYPE_CHECKING:
    import sqlite3

    from supportdesk.core.catalog import ListingRow
    from supportdesk.ledger.channels import ChannelRecord
    from supportdesk.ledger.decisions import Deciding, Said
    from supportdesk.ledger.duplicates import GroupList
    from supportdesk.ledger.file import Ledger
    from supportdesk.ledger.scope import GroupFacts
    from supportdesk.sync.load import LoadJob

_DECIDE: Final = "decide anything"


class GroupTable:
    """Groups in one order, for as long as a table shows them; to be closed, or used as a context manager.

    One thread may use it at a time. What is decided later shows in its rows; their order and number stay until the next opening.
    """

    def __init__(self, groups: GroupList) -> None:
        self._groups = groups
        self.count = groups.count
        """How many groups there are."""

    def window(self, start: int, limit: int) -> tuple[DuplicateGroup, ...]:
        """Groups `start` to `start + limit`; fewer at the end, and where a reload took some away. Raises `LedgerError`."""
        return self._groups.window(start, limit)

    def close(self) -> None:
        """Let go of the account file. Closing twice does nothing."""
        self._groups.close()

    def __enter__(self) -> GroupTable:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextlib.contextmanager
def opened_channel(desk: Desk, channel: str) -> Iterator[tuple[Ledger, ChannelRecord]]:
    """The account file and the channel in it, loaded at least once. Raises `UnknownName`, `NotLoaded`, `LedgerError`."""
    from supportdesk.ledger import catalog, channels

    summary_line = channel_named(desk, channel)
    with accounts.opened(desk, summary_line.account) as ledger:
        record = channels.channel_named(ledger, summary_line.handle)
        if record is None:
            raise UnknownName(
                f"The account {summary_line.account} no longer holds the channel {channel}.",
                "Look at the list again: supportdesk channels",
            )
        if catalog.load_counts(ledger, record.id) is None:
            raise NotLoaded(f"{channel} has not been loaded yet.", f"Load it: supportdesk load {channel}")
        yield ledger, record


def summary(desk: Desk, channel: str) -> DuplicatesSummary:
    """The counts over all groups. Raises `UnknownName`, `NotLoaded`, `LedgerError` and its kinds, as everything here."""
    from supportdesk.ledger import duplicates

    with opened_channel(desk, channel) as (ledger, record):
        return duplicates.summary(ledger.db.conn, record.id)


def open_groups(
    desk: Desk,
    channel: str,
    *,
    show: GroupFilter = "all",
    text: str = "",
    order: GroupOrder = "worst",
    descending: bool | None = None,
) -> GroupTable:
    """The groups a filter shows, in one order. `text` is looked for in SKU and titles, whatever its case; nothing in it is a pattern.

    `worst` puts those to decide that disagree first, the widest spread (highest − lowest) at the top, then those to decide that
    agree, then the rest; numbers begin at the greatest unless `descending` says otherwise.
    """
    return GroupTable(_open_list(desk, channel, show, text, order, descending))


def _open_list(
    desk: Desk,
    channel: str,
    show: GroupFilter,
    text: str,
    order: GroupOrder,
    descending: bool | None = None,
) -> GroupList:
    from supportdesk.ledger import duplicates

    with opened_channel(desk, channel) as (ledger, record):
        return duplicates.GroupList(
            ledger.path, record.id, show=show, text=text, order=order, descending=descending
        )


def export_groups(
    desk: Desk, channel: str, *, show: GroupFilter = "all", text: str = "", order: GroupOrder = "sku"
) -> Iterator[GroupDetail]:
    """Every group a filter shows with its listings, one at a time; what is wrong with the names is raised before the first."""
    groups = _open_list(desk, channel, show, text, order)

    def details() -> Iterator[GroupDetail]:
        with contextlib.closing(groups):
            yield from groups.details()

    return details()


def group_detail(desk: Desk, channel: str, sku: str) -> GroupDetail:
    """One group's listings side by side. Raises `UnknownName` with the groups that are written most like `sku`."""
    from supportdesk.ledger import duplicates

    with opened_channel(desk, channel) as (ledger, record):
        found = duplicates.group_detail(ledger.db.conn, record.id, sku)
        if found.group.listings < 2:
            raise _no_group(ledger, record, found)
        return found


def _no_group(ledger: Ledger, record: ChannelRecord, found: GroupDetail) -> UnknownName:
    from supportdesk.ledger import duplicates

    sku = found.group.sku
    alike = list(found.look_alikes[:3]) or duplicates.group_skus_like(ledger.db.conn, record.id, sku)
    said = (
        f"{sku!r} is the SKU of one listing alone." if found.listings else f"No listing has the SKU {sku!r}."
    )
    return UnknownName(
        said,
        f"Did you mean {' or '.join(map(repr, alike))}?"
        if alike
        else f"`supportdesk duplicates {record.handle}` lists the groups there are.",
    )


def effect_of(
    desk: Desk,
    channel: str,
    choice: Choice,
    skus: Sequence[str] | None,
    *,
    show: GroupFilter = "all",
    text: str = "",
) -> Effect:
    """What a choice would do to the units the store offers, were counts copied; nothing is written.

    For `skus`, or, with None, for the groups that `decide_filtered` would touch: those the filter shows that need a decision and
    have none. Its `groups` is what `decide_filtered` takes as `expected`. Raises `UnknownName`, `Refused` where the choice fits
    a group not at all.
    """
    from supportdesk.ledger import decisions, scope

    check_choice(choice)
    with opened_channel(desk, channel) as (ledger, record):
        connection = ledger.db.conn
        if skus is None:
            _choose_filtered(connection, record, show, text)
        else:
            scope.choose(connection, skus)
            decisions.refuse_unfit_chosen(connection, record.id, choice)

        def effect(facts: GroupFacts) -> Effect:
            return effect_on(choice, facts.levels, facts.items.get(choice.listing))

        return total_effect(map(effect, scope.chosen_groups(connection, record.id)))


def _choose_filtered(
    connection: sqlite3.Connection, record: ChannelRecord, show: GroupFilter, text: str
) -> int:
    """Choose the undecided groups that a filter shows; how many they are."""
    from supportdesk.ledger import duplicates

    return duplicates.choose_undecided(connection, record.id, show, text)


def decide(
    desk: Desk, channel: str, choice: Choice | None, seen: Mapping[str, int], *, note: str | None = None
) -> int:
    """Say one thing of the SKUs in `seen`, each with the revision the person saw (0 for none); None takes decisions back.

    Returns how many groups changed; a `note` of None keeps the one there is. Raises `Conflict` where someone decided since,
    `UnknownName` for what is no group, `Refused` for a group that needs no decision or a listing that is not in it; nothing at
    all is written then.
    """
    from supportdesk.ledger.decisions import Said

    return _decide_each(desk, channel, {sku: Said(choice, note, revision) for sku, revision in seen.items()})


def decide_now(
    desk: Desk, channel: str, choice: Choice | None, skus: Sequence[str], *, note: str | None = None
) -> int:
    """As `decide`, whatever the decisions are at this moment."""
    from supportdesk.ledger.decisions import Said

    return _decide_each(desk, channel, {sku: Said(choice, note) for sku in skus})


def decide_from_file(desk: Desk, channel: str, file: Path) -> int:
    """As `decide_now`, with what the file says of each SKU (`decision_file`). Raises `WrongUsage` and `Refused` naming the row."""
    from supportdesk.desk.decision_file import read_decisions
    from supportdesk.ledger import decisions
    from supportdesk.ledger.faults import said_plainly

    accounts.refuse_if_read_only(desk, _DECIDE)
    with opened_channel(desk, channel) as (ledger, record):
        with said_plainly(ledger.path):
            decisions.stage(ledger.db.conn, read_decisions(file))
        with ledger.writing() as connection:
            return decisions.decide_staged(connection, _deciding_in(desk, record))


def _decide_each(desk: Desk, channel: str, said: Mapping[str, Said]) -> int:
    from supportdesk.ledger import decisions

    return _deciding(desk, channel, lambda connection, deciding: decisions.decide(connection, deciding, said))


def _deciding(desk: Desk, channel: str, write: Callable[[sqlite3.Connection, Deciding], int]) -> int:
    """Run `write` in one transaction of the channel's account, in the name of the person at the keyboard."""
    accounts.refuse_if_read_only(desk, _DECIDE)
    with opened_channel(desk, channel) as (ledger, record), ledger.writing() as connection:
        return write(connection, _deciding_in(desk, record))


def _deciding_in(desk: Desk, record: ChannelRecord) -> Deciding:
    from supportdesk.ledger.decisions import Deciding

    return Deciding(record.id, record.handle, desk.now(), accounts.who())


def decide_filtered(
    desk: Desk,
    channel: str,
    choice: Choice,
    *,
    show: GroupFilter = "all",
    text: str = "",
    expected: int | None = None,
    note: str | None = None,
) -> int:
    """Say one thing of every group the filter shows that needs a decision and has none; how many they were.

    `expected` is how many the person saw (`effect_of(…, None).groups`); raises `Conflict` where they are more or fewer by now, and
    nothing is written. None asks nobody. Groups that were decided already are never touched, not even where the decision calls
    for a second look.
    """
    from supportdesk.ledger import decisions, duplicates
    from supportdesk.ledger.decisions import Said

    check_choice(choice)

    def write(connection: sqlite3.Connection, deciding: Deciding) -> int:
        found = duplicates.choose_undecided(connection, deciding.channel_id, show, text)
        if expected is not None and found != expected:
            raise Conflict(
                f"{expected:,} groups were undecided when you looked, and {found:,} are now. Nothing was changed.",
                "Look at the list again, then decide.",
            )
        return decisions.decide_chosen(connection, deciding, Said(choice, note))

    return _deciding(desk, channel, write)


def accept_pre_marked(desk: Desk, channel: str) -> int:
    """Decide *shared*, with the count of the oldest, for every undecided group that is pre-marked; how many they were."""
    from supportdesk.ledger import decisions, duplicates
    from supportdesk.ledger.decisions import Said

    def write(connection: sqlite3.Connection, deciding: Deciding) -> int:
        duplicates.choose_undecided(connection, deciding.channel_id, "all", "", pre_marked=True)
        return decisions.decide_chosen(connection, deciding, Said(Choice("shared", "oldest")))

    return _deciding(desk, channel, write)


def set_note(desk: Desk, channel: str, sku: str, note: str, seen: int) -> None:
    """Put `note` beside the decision of a group. Raises `Conflict` where it is not of revision `seen`, `Refused` where there is none."""
    from supportdesk.ledger import decisions

    def write(connection: sqlite3.Connection, deciding: Deciding) -> int:
        decisions.keep_note(connection, deciding, sku, note, seen)
        return 1

    _deciding(desk, channel, write)


def read_again(desk: Desk, channel: str, sku: str, watch: Watch) -> GroupDetail:
    """Ask the live store for the SKU's listings and their stock, put them in place of ours, and show what there is now.

    One listing or none is left of a group that was split: its detail then needs no decision. Raises `Refused` for exports, what
    `errors` names under `StoreError`, `CredentialMissing`, `Cancelled`; what was loaded before is then still there, whole.
    """
    from supportdesk.desk.connecting import open_store
    from supportdesk.ledger import duplicates
    from supportdesk.sync.own_skus import read_group_again

    accounts.refuse_if_read_only(desk, "read stores again")
    with opened_channel(desk, channel) as (ledger, record):
        _refuse_exports(record, "shows what its files say")
        with open_store(desk, record) as store:
            read_group_again(_job(desk, ledger, watch), record, store, sku)
        accounts.renew_index(desk, ledger)
        return duplicates.group_detail(ledger.db.conn, record.id, sku)


def give_own_sku(desk: Desk, channel: str, listing: str, new_sku: str, *, confirm: str, watch: Watch) -> None:
    """Change the SKU of a listing (`handle/option`, or its variant id) in the live store; `confirm` is the shop's handle, typed.

    Raises `Refused` for exports, a wrong confirmation, or a SKU that will not do or is taken; `UnknownName`; `ScopeMissing`;
    `Conflict` where the store's SKU is another by now; what else `errors` names. Where the store's answer is lost the error says
    whether the listing has the new SKU.
    """
    from supportdesk.desk.connecting import open_store
    from supportdesk.sync import own_skus

    accounts.refuse_if_read_only(desk, "change SKUs in stores")
    with opened_channel(desk, channel) as (ledger, record):
        _refuse_exports(record, "is no store whose SKUs could be changed")
        if confirm != record.handle:
            raise Refused(
                f"{confirm!r} is not the shop's handle, so nothing was changed.",
                f"To confirm, type {record.handle}.",
            )
        wanted = own_skus.NewSku(_listing_named(ledger, record, listing), new_sku)
        with open_store(desk, record) as store:
            own_skus.give_own_sku(_job(desk, ledger, watch), record, store, wanted)
        accounts.renew_index(desk, ledger)


def _job(desk: Desk, ledger: Ledger, watch: Watch) -> LoadJob:
    from supportdesk.sync.load import LoadJob

    return LoadJob(ledger, watch, desk.now, accounts.who())


def _refuse_exports(record: ChannelRecord, what: str) -> None:
    if record.source == "export":
        raise Refused(
            f"{record.handle} was opened from exports; it {what}.",
            f"Export them anew and open the files again: supportdesk load {record.handle}",
        )


def _listing_named(ledger: Ledger, record: ChannelRecord, name: str) -> ListingRow:
    from supportdesk.ledger import catalog

    found = catalog.listings_named(ledger, record.id, name)
    if len(found) == 1:
        return found[0]
    if not found:
        raise UnknownName(
            f"There is no listing {name!r} in {record.handle}.",
            "Name it as `supportdesk duplicates` shows it in JSON: HANDLE/OPTION.",
        )
    raise UnknownName(
        f"{len(found)} listings are named {name!r}.",
        f"Name one by its variant id: {', '.join(str(each.variant_id) for each in found[:8])}.",
    )
