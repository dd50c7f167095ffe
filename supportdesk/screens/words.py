"""Small wording that several screens share: ages, counts, sync states. No rule and no drawing."""

from __future__ import annotations

from datetime import datetime, timedelta

from supportdesk.core.channels import ChannelSummary


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


def sync_state(summary: ChannelSummary) -> str:
    """`● Sync on`, `○ Sync off`, or that it is only files."""
    if summary.source == "export":
        return "○ exports"
    return "● Sync on" if summary.sync == "on" else "○ Sync off"


def state_line(summary: ChannelSummary, now: datetime) -> str:
    """The right end of the header: sync state, and how old the numbers are."""
    loaded = f"loaded {age(summary.loaded_at, now)}" if summary.loaded_at else "never loaded"
    return f"{sync_state(summary)}  {loaded}"
