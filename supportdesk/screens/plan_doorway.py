"""The part of the doorway about plans outside the wizard: linking a location, changing its master, rolling back. As `doorway`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supportdesk.core.plan_view import PlanView
    from supportdesk.core.progress import Watch
    from supportdesk.desk import Desk
    from supportdesk.desk.sync_status import SyncStatus
    from supportdesk.screens.plan_words import Wanted


class PlanDoorway:
    """The desk's functions about such plans, bound to one desk."""

    desk: Desk

    def make_wanted_plan(self, name: str, wanted: Wanted, watch: Watch) -> PlanView:
        """Make the plan. Raises as `planning.make_plan`."""
        from supportdesk.desk import planning

        return planning.make_plan(
            self.desk,
            name,
            wanted.purpose,
            copies=wanted.copies,
            master=wanted.master,
            location=str(wanted.location_id) if wanted.location_id is not None else "",
            warehouse=wanted.warehouse,
            unknown=wanted.unknown,
            promised_included=wanted.promised_included,
            keep=wanted.keep,
            counts=wanted.counts,
            insist=wanted.insist,
            watch=watch,
        )

    def stop_plan(self, name: str, plan_id: int, *, confirm: str) -> SyncStatus:
        """Leave a plan that waits for rows that moved; `confirm` is the shop's handle as typed."""
        from supportdesk.desk import applying

        return applying.stop_plan(self.desk, name, plan_id, confirm=confirm)
