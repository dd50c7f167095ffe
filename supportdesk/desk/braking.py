"""Going on where the brake holds once sync is on. Past the brake of a plan goes whoever applies it: `applying`."""

from __future__ import annotations

from supportdesk.core.brake import BrakeLimits
from supportdesk.core.checks import count_of
from supportdesk.desk import Desk, accounts
from supportdesk.desk.connection_changes import opened_channel
from supportdesk.desk.sync_status import SyncStatus, sync_status
from supportdesk.errors import BrakeHolds, Refused, WrongUsage
from supportdesk.settings import Settings


def limits(settings: Settings) -> BrakeLimits:
    """What the brake lets through, by the settings."""
    return BrakeLimits(
        rows_to_zero=settings.brake_rows_to_zero / 100,
        halved=settings.brake_halved / 100,
        doubled=settings.brake_doubled / 100,
    )


def go_on(desk: Desk, channel: str, rows: int, *, confirm: str) -> SyncStatus:
    """Let what the brake stops of each row be written with the next cycle; how sync stands now. What changes later is not let go.

    `rows` is the number of rows it stops and `confirm` the shop's handle, both typed (PROTOCOL §4). Raises `UnknownName`,
    `WrongUsage` for another handle, `Refused` (read-only; off; no brake holds), `BrakeHolds` for another number, `LedgerError`
    and its kinds; all is as before then.
    """
    from supportdesk.ledger import alerts, events, tallies

    accounts.refuse_if_read_only(desk, "let writes go past the brake")
    with opened_channel(desk, channel) as (ledger, record):
        if confirm != record.handle:
            raise WrongUsage(f"{confirm!r} is not the handle of the shop.", f"Type {record.handle}.")
        if record.sync != "on":
            raise Refused(
                f"Sync of {record.handle} is not on.", "The brake of a plan is passed with the plan."
            )
        with ledger.writing() as connection:
            reasons, _ = tallies.brake(connection, record.id)
            stopped = tallies.rows_stopped(connection, record.id)
            if not (reasons and stopped):
                raise Refused(f"No brake holds at {record.handle}.", "There is nothing to let go.")
            if rows != stopped:
                raise BrakeHolds(" ".join(reasons), how_to_go_on(record.handle, stopped))
            tallies.let_go(connection, record.id)
            alerts.see_code(connection, record.id, desk.now(), accounts.who(), "brake")
            events.record(
                connection,
                at=desk.now(),
                kind="go_on",
                channel=record.handle,
                who=accounts.who(),
                detail=f"{count_of(stopped, 'row')} past the brake: {' '.join(reasons)}",
            )
    return sync_status(desk, channel)


def refuse_standing(status: SyncStatus) -> None:
    """Raise `BrakeHolds` with how many rows wait and how they go on, where the brake holds on a channel that is on."""
    if status.is_on and status.brake and status.stopped_rows:
        rows = count_of(status.stopped_rows, "row is", "rows are")
        raise BrakeHolds(
            f"Sync is on, and {rows} not written: {' '.join(status.brake)}",
            how_to_go_on(status.channel, status.stopped_rows),
        )


def how_to_go_on(channel: str, rows: int) -> str:
    """What to do where the brake holds, as a sentence."""
    return f"If it is meant, say how many rows it stops: supportdesk go-on {channel} --rows={rows} --confirm={channel}"
