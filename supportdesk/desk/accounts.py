"""Account files as a person handles them: opened for a piece of work, backed up, restored, forgotten; and the index kept true to them."""

from __future__ import annotations

import contextlib
import getpass
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from supportdesk.core.channels import ChannelSummary
from supportdesk.desk import Desk
from supportdesk.errors import LedgerDamaged, LedgerError, Refused, UnknownName, WrongUsage
from supportdesk.paths import make_folder

if TYPE_CHECKING:
    from supportdesk.ledger.file import Ledger


def who() -> str:
    """The person at the keyboard, as the system names them, for the record of what happened."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


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
    """The account's ledger, open for the length of the block. Raises `UnknownName` for an account that is not there."""
    from supportdesk.ledger.file import open_ledger

    path = desk.home.account_file(account)
    if not create and not path.exists():
        known = ", ".join(account_slugs(desk)) or "there is none yet"
        raise UnknownName(f"There is no account {account!r}.", f"Accounts: {known}.")
    if create:
        make_folder(path.parent)
    with open_ledger(path, account=account if create else None, now=desk.now) as ledger:
        yield ledger


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
    """Make the index say what the account file says."""
    from supportdesk.ledger import index

    make_folder(desk.home.root)
    index.replace_account(desk.home.index, ledger.account, summaries(ledger))


def rebuild_index(desk: Desk) -> None:
    """Make the index anew from every account file that can be opened; one that cannot stays off the list."""
    from supportdesk.ledger import index

    index.discard(desk.home.index)
    for slug in account_slugs(desk):
        with contextlib.suppress(LedgerError), opened(desk, slug) as ledger:
            renew_index(desk, ledger)


def remove_account(desk: Desk, account: str) -> None:
    """Remove the account file, and its channels from the index."""
    from supportdesk.ledger import file as ledger_file
    from supportdesk.ledger import index

    ledger_file.remove_database(desk.home.account_file(account))
    if index.is_usable(desk.home.index):
        index.replace_account(desk.home.index, account, [])


def backup(desk: Desk, account: str, target: Path) -> Path:
    """Copy the account file as it stands to `target`, which must not exist yet; returns it. Other processes may go on writing."""
    from supportdesk.ledger.file import copy_database

    if target.exists():
        raise WrongUsage(f"{target} is already there.", "Name a file that does not exist yet.")
    if not target.absolute().parent.is_dir():
        raise WrongUsage(
            f"The folder {target.absolute().parent} does not exist.", "Make it, or name another file."
        )
    with opened(desk, account) as ledger:
        copy_database(ledger, target)
    return target


def restore(desk: Desk, source: Path) -> tuple[str, Path | None]:
    """Put the backup at `source` in place of its account; returns the account and where the file it replaced is kept, if any.

    The restored ledger gets a new id (DESIGN §4). Raises `LedgerDamaged`, `LedgerNewer`, `Refused` while the account is in use.
    """
    import shutil

    from supportdesk.ledger import file as ledger_file

    refuse_if_read_only(desk, "restore accounts")
    if not source.is_file():
        raise WrongUsage(f"There is no file {source}.", "Name a file that `supportdesk backup` made.")
    make_folder(desk.home.accounts)
    part = desk.home.accounts / "restoring.part"
    with ledger_file.said_plainly(part):
        part.unlink(missing_ok=True)
        ledger_file.make_private(part)
        shutil.copyfile(source, part)
    try:
        with ledger_file.open_ledger(part, now=desk.now) as ledger:
            ledger_file.check_whole(ledger)
            account = ledger.account
            ledger_file.take_new_identity(ledger, at=desk.now(), who=who())
            ledger_file.leave_wal(ledger)
        target = desk.home.account_file(account)
        kept = _set_aside(desk, target) if target.exists() else None
        part.replace(target)
    except WrongUsage as error:
        raise LedgerDamaged(f"{source} names an account that cannot be: {error.detail}") from error
    finally:
        for name in (part.name, f"{part.name}-wal", f"{part.name}-shm"):
            part.with_name(name).unlink(missing_ok=True)
    with opened(desk, account) as ledger:
        renew_index(desk, ledger)
    return account, kept


def _set_aside(desk: Desk, target: Path) -> Path:
    """Move the account file that a restore replaces out of the way, whole, under a name that says when."""
    from supportdesk.ledger import file as ledger_file

    kept = target.with_name(f"{target.stem}.before-restore-{desk.now():%Y%m%d-%H%M%S}.db")
    with ledger_file.open_ledger(target, now=desk.now) as ledger:
        ledger_file.copy_database(ledger, kept)
    ledger_file.remove_database(target)
    return kept
