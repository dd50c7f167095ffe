"""What the demo's palette does to its pretend store: fail, sell, be edited, begin again. Which commands those are, the registry says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from supportdesk.core.channels import ChannelSummary
from supportdesk.core.text import safe_text
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.channel import ChannelScreen
from supportdesk.screens.sku import SkuScreen
from supportdesk.screens.stock import StockTab
from supportdesk.widgets.dialogs import ConfirmDialog

if TYPE_CHECKING:
    from supportdesk.desk.demo import StoreChange

_STRUCK: Final = {
    "throttled": "The pretend store will answer `later` next.",
    "dropped": "The pretend store will hang up next.",
}


class StoreSpot(NamedTuple):
    """Where something is to happen: a channel, and the row of it under the cursor; '' where there is none."""

    channel: str
    listing: str = ""
    location: str = ""


def spot_of(screen: DeskScreen[Any], first_channel: str) -> StoreSpot:
    """What the cursor of a screen is on: the row of the Stock tab or of the SKU inspector, else its channel, else `first_channel`."""
    if isinstance(screen, ChannelScreen):
        tab = screen.tab
        if isinstance(tab, StockTab) and tab.row is not None:
            return StoreSpot(screen.channel.handle, tab.row.listing, str(tab.row.location_id))
        return StoreSpot(screen.channel.handle)
    if isinstance(screen, SkuScreen):
        return _spot_of_sku(screen)
    channel = getattr(screen, "channel", None)
    return StoreSpot(channel.handle if isinstance(channel, ChannelSummary) else first_channel)


def _spot_of_sku(screen: SkuScreen) -> StoreSpot:
    """The row under the cursor while its panel has the focus; else the channel's first one that the warehouse under the cursor feeds."""
    handle = screen.channel.handle
    rows = screen.inspection.rows if screen.inspection is not None else ()
    panel = screen.table("rows")
    if panel.has_focus and 0 <= panel.cursor < len(rows):
        row = rows[panel.cursor]
        return StoreSpot(row.channel, row.listing, row.location)
    own = [row for row in rows if row.channel == handle]
    fed = [row for row in own if screen.warehouse is not None and row.warehouse == screen.warehouse.code]
    for row in (fed or own)[:1]:
        return StoreSpot(handle, row.listing, row.location)
    return StoreSpot(handle)


def strike(screen: DeskScreen[Any], kind: str) -> None:
    """Let the store fail once in that way; '' for not at all any more."""
    said = _STRUCK.get(kind, "The pretend store will do what it should.")
    screen.work(
        "sandbox",
        lambda _: screen.doorway.strike(kind),
        lambda _: screen.app.notify(said, markup=False),
    )


def kill_sync(screen: DeskScreen[Any]) -> None:
    """End the process that syncs, as a crash would."""
    screen.work(
        "sandbox",
        lambda _: screen.doorway.kill_sync(),
        lambda process: screen.app.notify(
            f"Process {process}, which synced, was ended as in a crash.", markup=False
        ),
    )


def happen(
    screen: DeskScreen[Any], event: Callable[[str, str, str], StoreChange], first_channel: str
) -> None:
    """Let `event` (of the doorway) happen at what the cursor is on, and say what it did."""
    spot = spot_of(screen, first_channel)
    screen.work(
        "sandbox",
        lambda _: event(*spot),
        lambda change: screen.app.notify(safe_text(change.text), markup=False),
    )


class StartOverDialog(ConfirmDialog):
    """Asks before the demo begins again."""

    def __init__(self) -> None:
        super().__init__(
            "Start over?",
            ["What was done in this demo is lost. The pretend stores begin anew."],
            "Start over",
            dangerous=True,
        )
