"""The call sheet: what was decided on the call, by whom and when, as Markdown for the merchant."""

from __future__ import annotations

from supportdesk.desk import Desk


def call_sheet(desk: Desk, channel: str) -> str:
    """The call sheet of the channel as things are, in Markdown; foreign text in it is escaped. Raises `UnknownName`, `NotLoaded`."""
    raise NotImplementedError
