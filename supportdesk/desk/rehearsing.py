"""Rehearsals: a plan applied to a pretend store that is filled from the channel, with shoppers selling meanwhile (DESIGN §6).

The account file is copied to a temporary home, and the copy's channel is pointed at the pretend store; nothing here ever reaches the
real store, the real account file or the keyring. Everything that screens show of a channel works on a rehearsal's desk.
"""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass, field
from typing import Final

import msgspec

from supportdesk.core.progress import Watch
from supportdesk.desk import Demo, Desk, accounts, sandboxes, temporary_homes
from supportdesk.desk.connection_changes import opened_channel
from supportdesk.errors import Refused
from supportdesk.paths import Home, make_folder
from supportdesk.secret import Secret

ORDERS_PER_MINUTE: Final = 30.0
"""What shoppers buy in a rehearsal, unless it is said."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A rehearsal under way. End it with `end_rehearsal`."""

    desk: Desk
    """On the pretend store."""
    channel: str
    plan_id: int
    """The plan made there, of the same answers."""
    ends: contextlib.ExitStack = field(repr=False, compare=False)


def start_rehearsal(
    desk: Desk, channel: str, plan_id: int, *, orders_per_minute: float = ORDERS_PER_MINUTE, watch: Watch
) -> Rehearsal:
    """A pretend store filled from what was loaded of the channel, its account copied, and the plan made anew there.

    Raises `UnknownName`, `Refused` (a plan that is not for turning on, or was replaced; a channel from exports, or one that is on), what making a
    plan raises, `StoreUnreachable`, `Cancelled`; nothing is left behind then.
    """
    from supportdesk.desk import channels, plans

    shown = plans.plan_view(desk, channel, plan_id)
    if shown.purpose != "turn-on":
        raise Refused("Only turning sync on is rehearsed.", "Make a plan for turn-on.")
    plans.refuse_replaced(shown)
    with contextlib.ExitStack() as ends:
        watch.report("Filling a pretend store")
        root = temporary_homes.make(temporary_homes.REHEARSAL)
        ends.callback(shutil.rmtree, root, ignore_errors=True)
        words = [f"--home={desk.home.root}", f"--like={channel}", f"--orders-per-minute={orders_per_minute}"]
        (shop,) = ends.enter_context(sandboxes.in_a_child(words))
        there = Desk(
            home=Home(root),
            settings=msgspec.structs.replace(desk.settings, keyring=False, read_only=False),
            now=desk.now,
            demo=Demo(shop.url, channel, rehearsal=True),
        )
        watch.check()
        _copy_account(desk, there, channel, shop)
        ends.callback(_end_worker, there)
        channels.load(there, channel, watch)
        plan = plans.make_plan(
            there,
            channel,
            copies=shown.copies,
            unknown=shown.unknown,
            promised_included=shown.promised_included,
            watch=watch,
        )
        return Rehearsal(there, channel, plan.id, ends.pop_all())


def end_rehearsal(rehearsal: Rehearsal) -> None:
    """End its worker and its store, and remove its home. Ending twice does nothing."""
    rehearsal.ends.close()


def _copy_account(desk: Desk, there: Desk, channel: str, shop: sandboxes.Listening) -> None:
    """The account as it is, in the rehearsal's home, its channel pointed at the pretend store; its other channels are off there."""
    from supportdesk.credentials import Credential
    from supportdesk.desk.connecting import credential_store
    from supportdesk.ledger import channels
    from supportdesk.ledger import file as ledger_file

    make_folder(there.home.accounts)
    with opened_channel(desk, channel) as (ledger, record):
        if record.source != "shopify":
            raise Refused(
                f"{channel} was opened from export files, so there is nothing to turn on.",
                "Connect the store: supportdesk connect SHOP",
            )
        if record.sync == "on":
            raise Refused(f"Sync of {channel} is on already.", "Nothing is left to rehearse.")
        account = ledger.account
        ledger_file.copy_database(ledger, there.home.account_file(account))
    credential_store(there).save(channel, Credential.token(Secret(shop.token)))
    with accounts.opened(there, account) as copy:
        ledger_file.take_new_identity(copy, at=there.now(), who=accounts.who())
        with copy.writing() as connection:
            channels.rehearse(connection, record.id, shop.url)
        accounts.renew_index(there, copy)


def _end_worker(there: Desk) -> None:
    from supportdesk.desk import worker

    with contextlib.suppress(Refused):
        worker.stop(there)
