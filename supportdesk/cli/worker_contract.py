"""The JSON of the worker, as others rely on it (DESIGN §8): a field is never renamed or taken away."""

from __future__ import annotations

from pydantic import BaseModel

from supportdesk.cli.contract import Moment


class WorkerUnitLine(BaseModel):
    """`worker install`, and the unit in `worker status`."""

    path: str
    active: bool
    """Whether systemd runs it now."""
    lingers: bool
    """Whether it runs on after the person has logged out."""
    process: int | None
    advice: str
    """What is left to do, '' for nothing."""


class EndedLine(BaseModel):
    """`worker stop`, `worker uninstall`."""

    stopped: bool
    """Whether there was a worker, or a unit, that it ended."""
    text: str


class ServedLine(BaseModel):
    """A channel that is on, or that a plan is being applied to, in `worker status`."""

    channel: str
    account: str
    on: bool
    kept_by: str
    """Who syncs it, '' for nobody."""
    last_cycle: Moment | None
    next_cycle: Moment | None
    """None while a cycle runs, and where nobody syncs it."""
    trouble: str
    """Why no cycle comes to its end, '' where they do."""


class WorkerLine(BaseModel):
    """`worker status`."""

    process: int | None
    """None where none runs."""
    unit: WorkerUnitLine | None
    """None where none is installed for this home."""
    channels: list[ServedLine]
