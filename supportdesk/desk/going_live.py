"""The wizard that turns sync on: where it stands, what was answered, who is at work in it. Making and applying plans is in `plans`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from supportdesk.core.connections import Master
from supportdesk.core.duplicates import Effect
from supportdesk.core.plan import CopyProof
from supportdesk.core.wizard import StepLine, WizardEvent, WizardFacts, WizardState
from supportdesk.desk import Desk


@dataclass(frozen=True, slots=True)
class PlaceShown:
    """One location as the steps show it."""

    location_id: int
    location: str
    """Foreign text."""
    active: bool
    said: bool
    """Linked, or said to stay unlinked."""
    warehouse: str
    """Code; '' where unlinked."""
    master: Master | None
    """None where unlinked."""
    rows: int
    """Inventory items in scope that are stocked there."""
    proof: CopyProof
    """Of those rows, added up: on hand − committed − unavailable = available, what is copied."""


@dataclass(frozen=True, slots=True)
class GroupsShown:
    """Duplicate groups as the step shows them."""

    groups: int
    """That need a decision."""
    decided: int
    effect: Effect
    """What the decisions do to the units the store shows, were counts copied."""


@dataclass(frozen=True, slots=True)
class WizardView:
    """Everything that the wizard draws."""

    channel: str
    title: str
    """The store's, foreign text."""
    state: WizardState
    facts: WizardFacts
    rail: tuple[StepLine, ...]
    revision: int
    """Grows with every answer; 0 while there is none."""
    at_work: str
    """Who else is in this wizard at the moment; '' for nobody else."""
    recommended_copy: tuple[bool, str]
    """Whether copying is recommended, and why, a sentence."""
    plan_id: int | None
    """The plan for the answers as they are; None while there is none."""
    answered_by: str
    """Who answered last, '' while nobody has."""
    answered_at: datetime | None
    places: tuple[PlaceShown, ...]
    groups: GroupsShown


def open_wizard(desk: Desk, channel: str) -> WizardView:
    """The wizard of the channel, at the step where it was left. Writes nothing. Raises `UnknownName`, `NotLoaded`, `LedgerError`."""
    raise NotImplementedError


def answer(desk: Desk, channel: str, event: WizardEvent, *, seen: int) -> WizardView:
    """Go on, go back or say something; kept with its event in one transaction.

    `seen` is the revision that the person saw. Raises `Conflict`, with who and when, where somebody answered since or is at work
    there; `Refused` where started read-only or where the channel is on already.
    """
    raise NotImplementedError


def at_work(desk: Desk, channel: str) -> str:
    """Say that this person is looking at the wizard, once every few seconds; who else is at work there, '' for nobody.

    Where somebody else is, nothing is said: this person watches. Read-only nothing is ever said.
    """
    raise NotImplementedError


def take_over(desk: Desk, channel: str, confirm: str) -> WizardView:
    """Be the one at work, whoever was; `confirm` is the shop's handle, typed. Raises `Refused`."""
    raise NotImplementedError


def leave(desk: Desk, channel: str) -> None:
    """Say that this person has left the wizard, so that the next one need not wait."""
    raise NotImplementedError
