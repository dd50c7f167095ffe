"""The wizard that turns sync on: answering it, being at work in it, leaving it. What it shows is in `wizard_view`, making and applying plans in `plans`."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Final

from supportdesk.core.connections import MASTER_WORDS
from supportdesk.core.wizard import (
    STEPS,
    Answer,
    Back,
    WizardEvent,
    WizardState,
    advance,
)
from supportdesk.desk import Desk, accounts
from supportdesk.desk.duplicates import opened_channel
from supportdesk.desk.wizard_view import WizardView, facts_of, other_at_work, view_of
from supportdesk.errors import Conflict, Refused

if TYPE_CHECKING:
    import sqlite3

    from supportdesk.ledger.channels import ChannelRecord
    from supportdesk.ledger.wizard import Kept

AT_WORK: Final = timedelta(seconds=90)
"""How long somebody is believed to be at work who said so: longer than the pause between two words of theirs."""
_CALL: Final = "walk through the wizard"


def open_wizard(desk: Desk, channel: str) -> WizardView:
    """The wizard of the channel, at the step where it was left. Writes nothing. Raises `UnknownName`, `NotLoaded`, `LedgerError`."""
    with opened_channel(desk, channel) as (ledger, record):
        return view_of(desk, ledger, record)


def answer(desk: Desk, channel: str, event: WizardEvent, *, seen: int) -> WizardView:
    """Go on, go back or say something; kept with its event in one transaction. What changes nothing is not kept.

    `seen` is the revision that the person saw. Raises `Conflict`, with who and when, where somebody answered since or is at work
    there; `Refused` where started read-only or where the channel is on already.
    """
    from supportdesk.ledger import events, wizard

    accounts.refuse_if_read_only(desk, _CALL)
    with opened_channel(desk, channel) as (ledger, record):
        facts = facts_of(desk, ledger, record, wizard.kept(ledger.db.conn, record.id))
        with ledger.writing() as connection:
            kept = wizard.kept(connection, record.id)
            _refuse_meddling(desk, connection, record, kept, seen)
            state = advance(kept.state, event, facts)
            if state != kept.state:
                wizard.keep(
                    *(connection, record.id, state, kept.revision + 1), who=accounts.who(), at=desk.now()
                )
                events.record(
                    connection,
                    at=desk.now(),
                    kind="wizard",
                    channel=record.handle,
                    who=accounts.who(),
                    detail=told(event, state),
                )
            wizard.say_at_work(connection, record.id, accounts.who(), desk.now() + AT_WORK)
        return view_of(desk, ledger, record)


def _refuse_meddling(
    desk: Desk, connection: sqlite3.Connection, record: ChannelRecord, kept: Kept, seen: int
) -> None:
    """Raise where the channel is on or a plan is being applied, somebody else is at work, or what was seen is not what is there."""
    from supportdesk.ledger import applying, wizard

    if under_way := applying.under_way(connection, record.id):
        raise Refused(
            f"Plan {under_way.plan_id} is being applied to {record.title}. Nothing of yours was kept.",
            "Wait until it is on, or refused.",
        )
    if wizard.is_on(connection, record.id):
        raise Refused(f"{record.title} is being synced already.", "Turn sync off before you turn it on anew.")
    other = other_at_work(desk, kept)
    if other:
        raise Conflict(
            f"{other} is at work in this wizard. Nothing of yours was kept.", "Watch, or take over by typing."
        )
    if seen != kept.revision:
        when = f" at {kept.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if kept.at else ""
        what = wizard.last_told(connection, record.handle) or "an answer"
        raise Conflict(
            f"{kept.who or 'Somebody'} answered{when}: {what}. Nothing of yours was kept.",
            "Look at it again, then answer.",
        )


def told(event: WizardEvent, state: WizardState) -> str:
    """What the log says of it."""
    if not isinstance(event, Answer):
        return f"{'went back' if isinstance(event, Back) else 'went on'} to {STEPS[state.at]}"
    said = []
    if event.direction is not None:
        said.append(MASTER_WORDS[event.direction])
    if event.copy is not None:
        said.append("copy the store's counts" if event.copy else "don't copy the store's counts")
    if event.unknown is not None:
        said.append(UNKNOWN_WORDS[event.unknown])
    if event.promised_included is not None:
        said.append(promised_words(event.promised_included))
    if event.sumtracker_off is not None:
        said.append(f"sync is {'off' if event.sumtracker_off else 'not yet off'} in Sumtracker itself")
    if event.reviewed is not None:
        said.append(
            "looked at the plan and accepted it" if event.reviewed else "the plan is to be looked at again"
        )
    return "; ".join(said) or "said nothing"


UNKNOWN_WORDS: Final = {
    "copy": "SKUs never counted: copy just these",
    "hold": "SKUs never counted: hold them",
    "zero": "SKUs never counted: push 0",
}


def promised_words(included: bool) -> str:
    """What was said of units that earlier orders have promised."""
    return f"Sumtracker's numbers {'include' if included else 'do not include'} what earlier orders have promised"


def at_work(desk: Desk, channel: str) -> str:
    """Say that this person is looking at the wizard, once every few seconds; who else is at work there, '' for nobody.

    Where somebody else is, nothing is said: this person watches. Read-only nothing is ever said.
    """
    from supportdesk.ledger import wizard

    with opened_channel(desk, channel) as (ledger, record):
        other = other_at_work(desk, wizard.kept(ledger.db.conn, record.id))
        if other or desk.settings.read_only:
            return other
        with ledger.writing() as connection:
            other = other_at_work(desk, wizard.kept(connection, record.id))
            if not other:
                wizard.say_at_work(connection, record.id, accounts.who(), desk.now() + AT_WORK)
        return other


def take_over(desk: Desk, channel: str, confirm: str) -> WizardView:
    """Be the one at work, whoever was; `confirm` is the shop's handle, typed. Raises `Refused`."""
    from supportdesk.ledger import events, wizard

    accounts.refuse_if_read_only(desk, _CALL)
    with opened_channel(desk, channel) as (ledger, record):
        if confirm != record.handle:
            raise Refused(f"{confirm!r} is not the shop's handle.", f"To take over, type {record.handle}.")
        with ledger.writing() as connection:
            other = other_at_work(desk, wizard.kept(connection, record.id))
            wizard.say_at_work(connection, record.id, accounts.who(), desk.now() + AT_WORK)
            if other:
                events.record(
                    connection,
                    at=desk.now(),
                    kind="wizard",
                    channel=record.handle,
                    who=accounts.who(),
                    detail=f"took over from {other}",
                )
        return view_of(desk, ledger, record)


def leave(desk: Desk, channel: str) -> None:
    """Say that this person has left the wizard, so that the next one need not wait. Who is not at work there leaves nothing."""
    from supportdesk.ledger import wizard

    if desk.settings.read_only:
        return
    with opened_channel(desk, channel) as (ledger, record):
        if wizard.kept(ledger.db.conn, record.id).at_work != accounts.who():
            return
        with ledger.writing() as connection:
            if wizard.kept(connection, record.id).at_work == accounts.who():
                wizard.say_at_work(connection, record.id, "", None)
