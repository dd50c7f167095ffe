"""The JSON of `log`: one event a line (DESIGN §8). Fields are only ever added."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from supportdesk.core.events import Event


class EventLine(BaseModel):
    """`{"id","at","kind","sign","look","channel","who","host","origin","sku","place","reference","before","after","detail","text","location",
    "warehouse"}`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: int
    at: str
    """ISO 8601 in UTC, with `Z`."""
    kind: str
    sign: Literal["←", "→", "·", "!", "~"]
    look: bool
    """Whether somebody should look at it."""
    channel: str
    """'' for what is the account's."""
    who: str
    host: str
    origin: str
    """The address the person came from over SSH, '' for none."""
    sku: str
    place: str
    reference: str
    before: int | None
    after: int | None
    detail: str
    text: str
    """What a line of the log says at its end."""
    location: str
    """Name of the location it came about at, '' where that is not known."""
    warehouse: str
    """Code of the warehouse it came about in, '' where that is not known."""

    @classmethod
    def of(cls, event: Event) -> EventLine:
        """The event."""
        from supportdesk.desk.log import facts_of

        return cls.model_validate(facts_of(event))
