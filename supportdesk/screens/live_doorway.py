"""The part of the doorway for a channel that is on: alerts, held rows, verifying, syncing now. As `doorway`, each call imports what it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supportdesk.core.alerts import Alert
    from supportdesk.core.channels import SyncGlance
    from supportdesk.core.held import HeldAnswer, HeldDone
    from supportdesk.core.looks import RowKey
    from supportdesk.core.progress import Watch
    from supportdesk.core.verify import VerifyState
    from supportdesk.desk import Desk
    from supportdesk.desk.alerts import AlertLine
    from supportdesk.desk.sync_status import SyncStatus
    from supportdesk.desk.syncing import SyncedNow
    from supportdesk.desk.verifying import Verified
    from supportdesk.screens.held import HeldItems
    from supportdesk.screens.save_file import SaveTo


class LiveDoorway:
    """The desk's functions for after going live, bound to one desk."""

    desk: Desk

    def glances(self, accounts: Iterable[str]) -> Mapping[str, SyncGlance]:
        """What a line says of these accounts' channels that are on or that a plan is being applied to, by handle."""
        from supportdesk.desk import sync_status

        return sync_status.glances(self.desk, accounts)

    def alert_line(self, name: str) -> AlertLine:
        """How many alerts nobody has seen, and the one to look at first; cheap."""
        from supportdesk.desk import alerts

        return alerts.alert_line(self.desk, name)

    def list_alerts(self, name: str) -> Sequence[Alert]:
        """Alerts that stand, or that nobody has seen."""
        from supportdesk.desk import alerts

        return alerts.list_alerts(self.desk, name)

    def mark_seen(self, name: str, number: int | None, up_to: int | None = None) -> int:
        """Say that this person has seen an alert, or all up to the one of that number."""
        from supportdesk.desk import alerts

        return alerts.mark_seen(self.desk, name, number, up_to=up_to)

    def adopt(
        self, name: str, sku: str, event: int | None, location: str = "", units: int | None = None
    ) -> str:
        """Take an edit that was put back, or is about to be, into the ledger; what came of it, in words."""
        from supportdesk.desk import adopting

        return adopting.words_of(adopting.adopt(self.desk, name, sku, location, event, units=units))

    def open_held(self, name: str) -> HeldItems:
        """The held rows."""
        from supportdesk.desk import held

        return held.open_held(self.desk, name)

    def answer_held(self, name: str, keys: Sequence[RowKey], answer: HeldAnswer) -> HeldDone:
        """Confirm these rows, or take the store's numbers of them over."""
        from supportdesk.desk import held

        return held.answer(self.desk, name, keys, answer)

    def verify(self, name: str, watch: Watch) -> Verified:
        """Compare every row with the store; to be closed."""
        from supportdesk.desk import verifying

        return verifying.verify(self.desk, name, watch)

    def save_verified(
        self, verified: Verified, to: SaveTo, *, state: VerifyState | None, watch: Watch
    ) -> int:
        """Write what verifying found to a file; how many rows."""
        from supportdesk.desk import verifying

        return verifying.save_verified(verified, to.target, state=state, replace=to.replace, watch=watch)

    def sync_now(self, name: str, watch: Watch, *, hard: bool) -> SyncedNow:
        """Have a cycle run now, with `hard` over every row, and wait for it."""
        from supportdesk.desk import syncing

        return syncing.sync_now(self.desk, name, watch, hard=hard)

    def go_on(self, name: str, rows: int) -> SyncStatus:
        """Let what the brake stops go on; `rows` as typed."""
        from supportdesk.desk import braking

        return braking.go_on(self.desk, name, rows, confirm=name)
