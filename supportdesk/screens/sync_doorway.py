"""The half of the doorway that turns sync on: the wizard, plans, applying, rehearsing. As `doorway`, each call imports what it needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supportdesk.core.plan_view import PlanLine, PlanOrder, PlanShow, PlanView
    from supportdesk.core.progress import Watch
    from supportdesk.core.rehearsal import Verdict
    from supportdesk.core.wizard import WizardEvent
    from supportdesk.desk import Desk
    from supportdesk.desk.applying import TurnedOff
    from supportdesk.desk.rehearsing import Rehearsal
    from supportdesk.desk.sync_status import SyncStatus
    from supportdesk.desk.wizard_view import WizardView
    from supportdesk.screens.doorway import Doorway
    from supportdesk.screens.fetched_rows import ItemTable
    from supportdesk.screens.save_file import SaveTo


class SyncDoorway:
    """The desk's functions about turning on, bound to one desk."""

    desk: Desk

    def open_wizard(self, name: str) -> WizardView:
        """The wizard of a channel at the step where it was left."""
        from supportdesk.desk import going_live

        return going_live.open_wizard(self.desk, name)

    def answer_wizard(self, name: str, event: WizardEvent, *, seen: int) -> WizardView:
        """Go on, go back or say something. `seen` is the revision the person saw. Raises `Conflict`, `Refused`."""
        from supportdesk.desk import going_live

        return going_live.answer(self.desk, name, event, seen=seen)

    def at_work(self, name: str) -> str:
        """Say that this person looks at the wizard; who else is at work there, '' for nobody."""
        from supportdesk.desk import going_live

        return going_live.at_work(self.desk, name)

    def take_over(self, name: str, confirm: str) -> WizardView:
        """Be the one at work; `confirm` is the shop's handle as typed."""
        from supportdesk.desk import going_live

        return going_live.take_over(self.desk, name, confirm)

    def leave_wizard(self, name: str) -> None:
        """Say that this person has left the wizard."""
        from supportdesk.desk import going_live

        going_live.leave(self.desk, name)

    def make_plan(self, name: str, watch: Watch) -> PlanView:
        """Make the plan of turning on from the wizard's answers."""
        from supportdesk.desk import plans

        return plans.make_plan(self.desk, name, "turn-on", watch=watch)

    def plan_view(self, name: str, plan_id: int) -> PlanView:
        """One plan with its totals. Raises `UnknownName`."""
        from supportdesk.desk import plans

        return plans.plan_view(self.desk, name, plan_id)

    def open_plan_rows(
        self,
        name: str,
        plan_id: int,
        *,
        order: PlanOrder,
        descending: bool,
        show: PlanShow,
        location: int | None,
        text: str,
    ) -> ItemTable[PlanLine]:
        """The rows of a plan, sorted and filtered so, to be closed."""
        from supportdesk.desk import plans

        return plans.open_plan_rows(
            *(self.desk, name, plan_id),
            order=order,
            descending=descending,
            show=show,
            location=location,
            text=text,
        )

    def save_plan_rows(
        self,
        name: str,
        plan_id: int,
        to: SaveTo,
        *,
        order: PlanOrder,
        descending: bool,
        show: PlanShow,
        location: int | None,
        text: str,
        watch: Watch,
    ) -> int:
        """Write the rows that a filter shows to a file; how many."""
        from supportdesk.desk import plans

        return plans.save_plan_rows(
            *(self.desk, name, plan_id, to.target),
            order=order,
            descending=descending,
            show=show,
            location=location,
            text=text,
            replace=to.replace,
            watch=watch,
        )

    def apply_plan(
        self,
        name: str,
        plan_id: int,
        *,
        confirm: str,
        brake_rows: int | None,
        moved_rows: int | None = None,
    ) -> SyncStatus:
        """Ask for the plan to be applied; `confirm` and the numbers of rows as typed. Raises `Refused` and its kinds, `WrongUsage`."""
        from supportdesk.desk import applying

        return applying.apply_plan(
            self.desk, name, plan_id, confirm=confirm, brake_rows=brake_rows, moved_rows=moved_rows
        )

    def turn_off(self, name: str, *, confirm: str) -> TurnedOff:
        """Stop syncing, or applying a plan; `confirm` is the shop's handle as typed."""
        from supportdesk.desk import applying

        return applying.turn_off(self.desk, name, confirm=confirm)

    def sync_status(self, name: str) -> SyncStatus:
        """How sync of a channel stands; cheap."""
        from supportdesk.desk import sync_status

        return sync_status.sync_status(self.desk, name)

    def start_rehearsal(self, name: str, plan_id: int, watch: Watch) -> Rehearsal:
        """Fill a pretend store from the channel and make the same plan there."""
        from supportdesk.desk import rehearsing

        return rehearsing.start_rehearsal(self.desk, name, plan_id, watch=watch)

    def end_rehearsal(self, rehearsal: Rehearsal) -> None:
        """End its store and remove its home."""
        from supportdesk.desk import rehearsing

        rehearsing.end_rehearsal(rehearsal)

    def rehearsal_verdict(self, rehearsal: Rehearsal) -> Verdict:
        """How it stands against its plan."""
        from supportdesk.desk import rehearsal_verdict

        return rehearsal_verdict.verdict(rehearsal)

    def keep_verdict(self, name: str, plan_id: int, found: Verdict) -> None:
        """Keep with the real plan what its rehearsal came to."""
        from supportdesk.desk import rehearsal_verdict

        rehearsal_verdict.keep(self.desk, name, plan_id, found)

    def of_rehearsal(self, rehearsal: Rehearsal) -> Doorway:
        """The doorway to a rehearsal's desk."""
        from supportdesk.screens.doorway import Doorway

        return Doorway(rehearsal.desk)

    def save_call_sheet(self, name: str, target: Path) -> None:
        """Write what was decided as Markdown, to a file that is not there yet. Raises `Refused`, `OutputLost`."""
        from supportdesk.desk import call_sheet

        call_sheet.save(target, call_sheet.call_sheet(self.desk, name))
