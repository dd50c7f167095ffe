"""Small wording that several screens share: ages, counts, sync states. No rule and no drawing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from supportdesk.core.channels import ChannelSummary
from supportdesk.core.listings import LEFT_OUT

if TYPE_CHECKING:
    from supportdesk.desk.sync_status import SyncStatus


def age(then: datetime, now: datetime) -> str:
    """How long ago, as short as a call needs it: `just now`, `2 min ago`, `3 h ago`, `4 days ago`."""
    passed = now - then
    if passed < timedelta(minutes=1):
        return "just now"
    if passed < timedelta(hours=1):
        return f"{passed // timedelta(minutes=1)} min ago"
    if passed < timedelta(days=2):
        return f"{passed // timedelta(hours=1)} h ago"
    return f"{passed.days:,} days ago"


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 store`, `12 stores`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


_LEFT_OUT_ONE: Final[Mapping[str, tuple[str, str]]] = {
    "no_sku": ("has no SKU", "no SKU"),
    "gift_card": ("is a gift card", "gift card"),
    "bundle_parent": ("is a Shopify bundle", "Shopify bundle"),
    "untracked": ("is not tracked by Shopify", "not tracked by Shopify"),
    "archived": ("is archived", "archived"),
    "draft": ("is a draft", "draft"),
}
"""By key of `LEFT_OUT`: the end of a sentence about one listing, and the words of a column."""


def left_out_because(reason: str, number: int) -> str:
    """Why `number` listings are left out, as the end of a sentence: `are drafts`, `is a draft`; any reason for an unknown key."""
    if reason not in LEFT_OUT:
        return "is left out" if number == 1 else "are left out"
    return _LEFT_OUT_ONE[reason][0] if number == 1 else LEFT_OUT[reason]


def left_out_word(reason: str) -> str:
    """Why one listing is left out, in a column: `draft`, `no SKU`."""
    return _LEFT_OUT_ONE[reason][1] if reason in _LEFT_OUT_ONE else reason


def sync_state(summary: ChannelSummary) -> str:
    """`● Sync on`, `○ Sync off`, or that it is only files."""
    if summary.source == "export":
        return "○ exports"
    return "● Sync on" if summary.sync == "on" else "○ Sync off"


def state_line(
    summary: ChannelSummary, now: datetime, status: SyncStatus | None = None, standing: str = ""
) -> str:
    """The right end of the header: sync state, `standing` where more is known of it, and how old the numbers are.

    While sync is on they are as of its last cycle, not as they were loaded; where nobody syncs, `standing` says since when.
    """
    state = standing or sync_state(summary)
    if summary.sync == "on" and (status is None or status.is_on):
        cycle = status.last_cycle if status is not None and status.keeper != "nobody" else None
        return f"{state}  synced {age(cycle, now)}" if cycle else state
    return f"{state}  loaded {age(summary.loaded_at, now)}" if summary.loaded_at else f"{state}  never loaded"
