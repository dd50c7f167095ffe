"""Asking whether an edit by staff is adopted into Sumtracker, from the log or the SKU inspector. Which can be, and what comes of it, the desk says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from supportdesk.core.events import Event
from supportdesk.core.explanation import SkuEvent
from supportdesk.core.skus import shown_sku
from supportdesk.core.stock import FedRow
from supportdesk.core.text import safe_text
from supportdesk.screens.base import DeskScreen
from supportdesk.widgets.dialogs import ConfirmDialog


class StaffEdit(NamedTuple):
    """An edit that a person may be asked about. Texts are foreign."""

    channel: str
    sku: str
    units: int
    said: str
    """What became of it until now, as a sentence."""
    event: int | None = None
    """The event that tells of its undo; None for one that was seen once."""
    location: str = ""


def put_back(channel: str, sku: str, event: Event | SkuEvent | None) -> StaffEdit | None:
    """The edit whose undo the event tells of; None where it tells of something else."""
    if event is None or event.kind != "undo" or event.before is None or event.after is None:
        return None
    said = f"{shown_sku(sku)} at {event.place}: staff made it {event.before:,}, and it was put back to {event.after:,}."
    return StaffEdit(channel, sku, event.before - event.after, said, event.id)


def seen_once(row: FedRow | None, sku: str) -> StaffEdit | None:
    """The edit of the row that was seen once and is to be put back when it is seen again; None where there is none."""
    explanation = row.explanation if row is not None else None
    if row is None or explanation is None or explanation.to_put_back == 0:
        return None
    units = explanation.to_put_back
    said = f"{shown_sku(sku)} at {row.location}: staff changed it by {units:+,}. It is put back once it is seen again."
    return StaffEdit(row.channel, sku, units, said, location=str(row.location_id))


def ask(screen: DeskScreen[Any], edit: StaffEdit, then: Callable[[], None]) -> None:
    """Ask, adopt it, say what came of it, and do `then`."""
    dialog = ConfirmDialog(
        "Adopt this edit?",
        [
            safe_text(edit.said),
            f"Sumtracker's number moves by {edit.units:+,}, and every listing of the SKU follows it.",
        ],
        "Adopt",
    )

    def adopted(said: str) -> None:
        screen.app.notify(safe_text(said), markup=False, timeout=8)
        then()

    def answered(yes: bool | None) -> None:
        if yes:
            meant = (edit.channel, edit.sku, edit.event, edit.location, edit.units)
            screen.work("adopt", lambda _: screen.doorway.adopt(*meant), adopted)

    screen.app.push_screen(dialog, answered)
