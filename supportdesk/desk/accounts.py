"""Account files as a person handles them: opened for a piece of work, backed up, restored, forgotten; and the index kept true to them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from supportdesk.core.channels import ChannelSummary
from supportdesk.desk import Desk
from supportdesk.desk.person import person
from supportdesk.errors import (
    CredentialMissing,
    DiskFull,
    LedgerDamaged,
    LedgerError,
    LedgerNewer,
    Refused,
    UnknownName,
    WrongUsage,
)
from supportdesk.paths import make_folder

if TYPE_CHECKING:
    from supportdesk.ledger.file import Ledger


def who() -> str:
    """The person at the keyboard, for the record of what happened."""
    return person()


def refuse_if_read_only(desk: Desk, what: str) -> None:
    """Raise `Refused` where supportdesk was started read-only."""
    if desk.settings.read_only:
        raise Refused(
            f"supportdesk was started read-only, so it does not {what}.", "Start it without --read-only."
        )


def account_slugs(desk: Desk) -> tuple[str, ...]:
    """Every account there is a file of, by name."""
    folder = desk.home.accounts
    if not folder.is_dir():
        return ()
    return tuple(sorted(path.stem for path in folder.glob("*.db") if ".before-" not in path.name))


@contextlib.contextmanager
def opened(desk: Desk, account: str, *, create: bool = False) -> Iterator[Ledger]:
    """The account's ledger, open for the length of the block.

    Raises `UnknownName` for an account that is not there, `Refused` where supportdesk was started read-only and the file would
    have to be migrated first.
    """
    from supportdesk.ledger.file import open_ledger

    path = desk.home.account_file(account)
    if not create and not path.exists():
        known = ", ".join(account_slugs(desk)[:8])
        raise UnknownName(
            f"There is no account {account!r}.",
            f"There is {known}." if known else "Connect a store first: supportdesk connect SHOP",
        )
    if create:
        make_folder(path.parent)
    read_only = desk.settings.read_only and not create
    with open_ledger(path, account=account if create else None, read_only=read_only, now=desk.now) as ledger:
        yield ledger


def change_mark(desk: Desk, account: str) -> int:
    """A number that grows with every change in the account, whichever process made it; -1 where it cannot be told now.

    Cheap enough to ask every second: one plain read, no migration, no lock.
    """
    from supportdesk.ledger import events

    return events.newest(desk.home.account_file(account))


def summaries(ledger: Ledger) -> list[ChannelSummary]:
    """The index lines of every channel of the account, from the account file itself."""
    from supportdesk.ledger import catalog, channels

    lines = []
    for channel in channels.all_channels(ledger):
        counts = catalog.load_counts(ledger, channel.id)
        lines.append(
            ChannelSummary(
                handle=channel.handle,
                account=ledger.account,
                title=channel.title,
                source=channel.source,
                domain=channel.domain,
                sync=channel.sync,
                listings=counts.totals.listings if counts else None,
                duplicate_groups=counts.totals.duplicate_groups if counts else None,
                disagreeing_groups=counts.totals.disagreeing_groups if counts else None,
                unlinked_locations=channels.unlinked_locations(ledger, channel.id) if counts else None,
                loaded_at=counts.finished_at if counts else None,
            )
        )
    return lines


def renew_index(desk: Desk, ledger: Ledger) -> None:
    """Make the index say what the account file says. What it says is no loss: where it cannot be written it is made anew later."""
    from supportdesk.ledger import index

    try:
        make_folder(desk.home.root)
        index.replace_account(desk.home.index, ledger.account, summaries(ledger))
    except LedgerDamaged:
        rebuild_index(desk)
    except (LedgerError, OSError):
        _discard_index(desk)


def _discard_index(desk: Desk) -> None:
    from supportdesk.ledger import index

    with contextlib.suppress(LedgerError, OSError):
        index.discard(desk.home.index)


def rebuild_index(desk: Desk) -> None:
    """Make the index anew from every account file; one that cannot be opened stays off the list."""
    _discard_index(desk)
    for slug in account_slugs(desk):
        _look_at(desk, slug)


def _look_at(desk: Desk, slug: str) -> None:
    """Put an account file that the index does not know into it; one that cannot be opened without channels.

    One that is not to be migrated now stays out of it, to be looked at again when it may be.
    """
    from supportdesk.ledger import index

    with contextlib.suppress(LedgerError, OSError, Refused):
        try:
            with opened(desk, slug) as ledger:
                lines = summaries(ledger)
        except (LedgerError, UnknownName):
            lines = []
        index.replace_account(desk.home.index, slug, lines)


def index_mark(desk: Desk) -> int:
    """A number that is another one once the index was written; 0 where there is none."""
    try:
        return desk.home.index.stat().st_mtime_ns
    except OSError:
        return 0


def list_lines(desk: Desk) -> tuple[ChannelSummary, ...]:
    """The lines of every channel whose account file is there. Opens no account file that the index knows.

    An index that is missing or damaged is made anew, an account file that came or went by hand is taken up or left out. Read-only,
    channels in files of an older program are listed too, so that opening one says what to do.
    """
    from supportdesk.ledger import index

    slugs = account_slugs(desk)
    found = index.read_index(desk.home.index)
    if found is None:
        if not slugs:
            return ()
        rebuild_index(desk)
    elif found.accounts == set(slugs):
        return found.channels
    else:
        for slug in sorted(set(slugs) - found.accounts):
            _look_at(desk, slug)
        with contextlib.suppress(LedgerError, OSError):
            for slug in sorted(found.accounts - set(slugs)):
                index.remove_account(desk.home.index, slug)
    found = index.read_index(desk.home.index)
    lines = [line for line in found.channels if line.account in slugs] if found else []
    if desk.settings.read_only:
        lines += _unmigrated(desk, set(slugs) - (found.accounts if found else frozenset()))
    return tuple(sorted(lines, key=lambda line: (line.account, line.handle)))


def _unmigrated(desk: Desk, slugs: Iterable[str]) -> Iterator[ChannelSummary]:
    from supportdesk.ledger import file as ledger_file

    for slug in slugs:
        with contextlib.suppress(LedgerError, OSError):
            yield from ledger_file.channels_unmigrated(desk.home.account_file(slug), slug)


def remove_account(desk: Desk, account: str) -> None:
    """Remove the account file, and its channels from the index."""
    from supportdesk.ledger import file as ledger_file
    from supportdesk.ledger import index

    ledger_file.remove_database(desk.home.account_file(account))
    if desk.home.index.exists():
        try:
            index.remove_account(desk.home.index, account)
        except (LedgerError, OSError):
            _discard_index(desk)


def earlier_copies(desk: Desk, account: str) -> tuple[Path, ...]:
    """Copies of the account file that a restore or a migration left beside it, oldest name first."""
    return tuple(sorted(desk.home.accounts.glob(f"{account}.before-*.db")))


def backup(desk: Desk, account: str, target: Path) -> Path:
    """Copy the account file as it stands to `target`, which must not exist yet; returns it. Other processes may go on writing."""
    from supportdesk.ledger.file import copy_database

    if target.exists():
        raise Refused(f"{target} is already there.", "Name a file that does not exist yet.")
    if not target.absolute().parent.is_dir():
        raise WrongUsage(
            f"The folder {target.absolute().parent} does not exist.", "Make it, or name another file."
        )
    with opened(desk, account) as ledger:
        copy_database(ledger, target)
    return target


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of restoring a backup."""

    account: str
    kept: Path | None
    """The account file it replaced, None where there was none."""
    without_token: tuple[str, ...]
    """Stores in it that no token is kept for here: a backup holds none."""
    turned_off: tuple[str, ...] = ()
    """Channels that were on when the backup was made, and are off now, until a plan is approved."""


def restore(desk: Desk, source: Path) -> Restored:
    """Put the backup at `source` in place of its account; the file it replaces is kept beside it.

    The restored ledger gets a new id (DESIGN §4). Raises `LedgerDamaged`, `LedgerNewer`, and `Refused` while the account is in
    use or where one of its stores is connected in another account; everything is then as before.
    """
    from supportdesk.ledger import file as ledger_file

    refuse_if_read_only(desk, "restore accounts")
    if not source.is_file():
        raise WrongUsage(f"There is no file {source}.", "Name a file that `supportdesk backup` made.")
    make_folder(desk.home.accounts)
    with _copy_of(desk, source) as part:
        account, stores, turned_off = _prepared(desk, source, part)
        target = desk.home.account_file(account)
        _refuse_taken(desk, account, stores)
        kept = None
        if target.exists():
            kept = _free_name(desk, target)
            ledger_file.replace_database(target, part, kept)
        else:
            part.replace(target)
    with opened(desk, account) as ledger:
        renew_index(desk, ledger)
    return Restored(account, kept, _without_token(desk, stores), turned_off)


@contextlib.contextmanager
def _copy_of(desk: Desk, source: Path) -> Iterator[Path]:
    """A private copy of `source` in the accounts folder, removed after the block unless it was moved."""
    import shutil
    import tempfile

    from supportdesk.ledger.faults import said_plainly
    from supportdesk.ledger.file import remove_database

    descriptor, name = tempfile.mkstemp(dir=desk.home.accounts, prefix="restoring-", suffix=".part")
    part = Path(name)
    try:
        with said_plainly(part), open(descriptor, "wb") as copy, source.open("rb") as original:
            shutil.copyfileobj(original, copy)
        yield part
    finally:
        remove_database(part)


def _prepared(desk: Desk, source: Path, part: Path) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Check the copy, give it its new identity and turn sync off in it; its account, its stores, and those that were on."""
    from supportdesk.ledger import channels
    from supportdesk.ledger import file as ledger_file
    from supportdesk.sync.turning_off import stop_restored

    try:
        with ledger_file.open_ledger(part, now=desk.now) as ledger:
            ledger_file.check_whole(ledger)
            account = ledger.account
            desk.home.account_file(account)
            ledger_file.take_new_identity(ledger, at=desk.now(), who=who())
            turned_off = stop_restored(ledger, desk.now(), who())
            stores = tuple(each.handle for each in channels.all_channels(ledger) if each.source == "shopify")
            ledger_file.leave_wal(ledger)
    except LedgerNewer as error:
        raise LedgerNewer(error.detail.replace(part.name, str(source)), error.next_step) from error
    except DiskFull:
        raise
    except (LedgerError, WrongUsage) as error:
        raise LedgerDamaged(
            f"{source} is not a whole account file.",
            "Name a file that `supportdesk backup` made. What was there before is unchanged.",
        ) from error
    return account, stores, turned_off


def _refuse_taken(desk: Desk, account: str, stores: tuple[str, ...]) -> None:
    """A store is in one account at most: two ledgers on one store would fight."""
    for line in list_lines(desk):
        if line.handle in stores and line.account != account:
            raise Refused(
                f"The backup of {account} holds {line.handle}, which is now connected in the account {line.account}.",
                f"Forget it there first: supportdesk forget {line.handle}",
            )


def _free_name(desk: Desk, target: Path) -> Path:
    name = f"{target.stem}.before-restore-{desk.now():%Y%m%d-%H%M%S}"
    kept, number = target.with_name(f"{name}.db"), 1
    while kept.exists():
        number += 1
        kept = target.with_name(f"{name}-{number}.db")
    return kept


def _without_token(desk: Desk, stores: tuple[str, ...]) -> tuple[str, ...]:
    from supportdesk.desk.connecting import credential_store

    missing = []
    for handle in stores:
        try:
            credential_store(desk).read(handle)
        except CredentialMissing:
            missing.append(handle)
    return tuple(missing)
