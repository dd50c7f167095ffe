"""The wizard, plans and applying from memory: the rules are core's own, the numbers made up; typical, empty, hostile, on a clock of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from supportdesk.core.brake import BrakeReason
from supportdesk.core.duplicates import Effect
from supportdesk.core.plan import ApplyStep, Blocked, CopyProof, PlanFor, PlanTotals, Risk, RiskTotals
from supportdesk.core.plan_view import (
    ElsewhereTotals,
    MovedLine,
    NotInPlan,
    PlanLine,
    PlanPlace,
    PlanShow,
    PlanView,
)
from supportdesk.core.progress import Watch
from supportdesk.core.wizard import WizardEvent, WizardFacts, WizardState, advance, rail, recommended_copy
from supportdesk.desk.rehearsal_verdict import Rehearsed
from supportdesk.desk.sync_status import StepDone, SyncStatus
from supportdesk.desk.wizard_view import GroupsShown, PlaceShown, WizardView
from supportdesk.errors import Conflict, PlanStale, Refused, UnknownName, WrongUsage
from supportdesk.ledger.wizard_effects import BundleRows, SharedWith
from supportdesk.screens.plan_words import Wanted

NOW: Final = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
PROOF: Final = CopyProof(41_920, 1_204, 398, 40_318)
DEPOT_PROOF: Final = CopyProof(21_204, 318, 0, 20_886)

TYPICAL: Final = WizardFacts(
    counted_skus=0,
    unknown_skus=1_151,
    promised_before=1_522,
    duplicate_groups=6,
    to_decide=6,
    locations=3,
    warehouses=3,
    linked=2,
    sumtracker_masters=2,
    unsaid_locations=1,
)
SIMPLE: Final = WizardFacts(
    counted_skus=0,
    unknown_skus=40,
    duplicate_groups=0,
    locations=1,
    warehouses=1,
    linked=1,
    sumtracker_masters=1,
)
"""One location, one warehouse, no duplicates: three steps have nothing to ask."""

BY_RISK: Final[dict[Risk, RiskTotals]] = {
    "falls_to_zero": RiskTotals(3, 41, 0),
    "changes": RiskTotals(12, 318, 402),
    "held": RiskTotals(14, 214, 214),
    "stays": RiskTotals(4_797, 60_845, 60_845),
}
LINES: Final[tuple[tuple[str, str, str, Risk, int, int, str], ...]] = (
    ("KO-TENT-2P", "Bundle deal: tent", "Main Street", "falls_to_zero", 9, 0, "same SKU, shared by lowest"),
    (
        "KO-LAMP",
        "Ember lamp, refurbished",
        "Main Street",
        "falls_to_zero",
        23,
        0,
        "same SKU, shared by oldest",
    ),
    ("KO-CAP", "Trucker cap", "Depot", "falls_to_zero", 9, 0, "close at 10"),
    ("KO-TENT-2P", "Ridge tent 2P", "Main Street", "changes", 4, 31, "same SKU, shared by oldest"),
    ("KO-SOCK", "Heavy hiking socks", "Main Street", "changes", 12, 52, "same SKU, shared by oldest"),
    ("KO-ROPE-30M", "Accessory rope 30 m", "Depot", "held", 4, 4, "not stocked there"),
    ("KO-MUG", "Enamel mug", "Main Street", "stays", 40, 40, "its own count is copied"),
)


class FakePlanTable:
    """Rows of a plan as a table."""

    def __init__(self, lines: Sequence[PlanLine]) -> None:
        self._lines = tuple(lines)
        self.count = len(self._lines)

    def window(self, start: int, limit: int) -> tuple[PlanLine, ...]:
        """Some of them."""
        return self._lines[start : start + limit]

    def close(self) -> None:
        """Nothing is held."""


@dataclass
class FakeGoingLive:
    """One channel's way to being on."""

    channel: str = "kestrel-outdoor"
    facts: WizardFacts = TYPICAL
    state: WizardState = field(default_factory=WizardState)
    revision: int = 0
    at_work: str = ""
    turned_off_at: datetime | None = None
    purpose: PlanFor = "turn-on"
    is_read_since: bool = True
    hostile: Sequence[str] = ()
    follows: bool = True
    """Whether what is to decide follows the fakes of duplicates and locations."""
    other_masters: tuple[str, ...] = ()
    rehearsed: Rehearsed | None = None
    brake: tuple[BrakeReason, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    elsewhere: tuple[ElsewhereTotals, ...] = (
        ElsewhereTotals("kestrel-outlet", "Kestrel Outlet", 4, 1, 61, 40),
    )
    shared_with: tuple[SharedWith, ...] = (
        SharedWith("kestrel-outlet", "Kestrel Outlet", True, 812, 9_400, 9_212, 61),
    )
    rows: int | None = None
    """How many rows the plan has; None for the typical few."""
    plans: int = 6
    made_for: object = None
    """The answers that the newest plan is for."""
    state_now: ApplyStep | None = None
    steps: tuple[StepDone, ...] = ()
    settling: int = 0
    refuse_as: ApplyStep | None = None
    """How applying ends, where it does not end well."""
    stale: str = ""
    keeper: str = "worker"
    is_on: bool = False
    frozen: bool = False
    moved_rows: tuple[MovedLine, ...] = ()
    empty: bool = False
    """Whether the worker stands still between two looks."""
    said: list[tuple[object, ...]] = field(default_factory=list)
    left: int = 0
    looks: int = 0

    # The wizard

    @property
    def fingerprint(self) -> str:
        """Of the newest plan."""
        return f"7-{self.plans:08x}"

    def _plan_fits(self) -> bool:
        return self.made_for == replace(self.state.answers, reviewed="", sumtracker_off=False)

    def _facts(self) -> WizardFacts:
        return replace(self.facts, plan=self.fingerprint if self._plan_fits() else "")

    def view(self) -> WizardView:
        """What the wizard draws."""
        facts = self._facts()
        names = self.hostile or ("Main Street", "Depot", "Pop-up van")
        places = tuple(
            PlaceShown(
                number + 1,
                name,
                True,
                number < 2,
                ("MAIN", "DEPOT")[number] if number < 2 else "",
                "sumtracker" if number < 2 else None,
                (1_102, 640, 60)[min(number, 2)],
                (PROOF, DEPOT_PROOF, CopyProof(214, 0, 0, 214))[min(number, 2)],
            )
            for number, name in enumerate(
                names[: max(1, min(facts.locations, 3)) if not self.hostile else None]
            )
        )
        decided = facts.duplicate_groups - facts.to_decide
        return WizardView(
            channel=self.channel,
            title=self.hostile[0] if self.hostile else "Kestrel Outdoor",
            state=self.state,
            facts=facts,
            rail=rail(self.state, facts),
            revision=self.revision,
            at_work=self.at_work,
            recommended_copy=recommended_copy(facts),
            plan_id=self.plans if facts.plan else None,
            answered_by="mia" if self.revision else "",
            answered_at=NOW if self.revision else None,
            places=places,
            groups=GroupsShown(
                facts.duplicate_groups, decided, Effect(decided, 318, 318 + 14 * decided, decided, 0, 0)
            ),
            store_units=sum(place.proof.available for place in places) + 300,
            shared_with=tuple(
                replace(each, title=self.hostile[5 % len(self.hostile)]) for each in self.shared_with
            )
            if self.hostile
            else self.shared_with,
            bundles=BundleRows(2, 3, 40, 12, 12),
            rehearsed=self.rehearsed,
            other_masters=tuple(self.hostile[:4]) if self.hostile else self.other_masters,
            turned_off_at=self.turned_off_at,
            is_read_since=self.is_read_since,
        )

    def answer(self, event: WizardEvent, seen: int) -> WizardView:
        """Keep it, as the desk does."""
        self.said.append((event, seen))
        if self.is_on:
            raise Refused(
                "Kestrel Outdoor is being synced already.", "Turn sync off before you turn it on anew."
            )
        if self.at_work:
            raise Conflict(f"{self.at_work} is at work in this wizard. Nothing of yours was kept.", "Watch.")
        if seen != self.revision:
            raise Conflict(
                "mia answered at 2026-11-23 14:29 UTC: don't copy the store's counts. Nothing of yours was kept.",
                "Look at it again, then answer.",
            )
        state = advance(self.state, event, self._facts())
        if state != self.state:
            self.state, self.revision = state, self.revision + 1
        return self.view()

    def somebody_answers(self, event: WizardEvent) -> None:
        """Another agent's answer."""
        self.state = advance(self.state, event, self._facts())
        self.revision += 1

    # Plans

    def make(self, watch: Watch) -> PlanView:
        """Make one for the answers as they are."""
        watch.report("Reading what was decided", 1, 1)
        watch.report("Building the plan", 2_400, 4_826, unit="rows")
        self.plans += 1
        self.made_for = replace(self.state.answers, reviewed="", sumtracker_off=False)
        self.stale = ""
        if self.state_now == "refused":
            self.state_now, self.steps = None, ()
        return self.plan()

    def plan(self, plan_id: int | None = None) -> PlanView:
        """The newest one."""
        if plan_id not in (None, self.plans):
            raise UnknownName(f"There is no plan {plan_id}.")
        name = self.hostile[2] if self.hostile else "Main Street"
        other = self.hostile[3] if self.hostile else "Depot"
        by_risk = dict(BY_RISK) if self.rows != 0 else {}
        places = (
            PlanPlace(1, name, "MAIN", "sumtracker", {**by_risk}, PROOF),
            PlanPlace(
                2, other, "DEPOT", "sumtracker", {"stays": RiskTotals(640, 20_886, 20_886)}, DEPOT_PROOF
            ),
        )
        return PlanView(
            id=self.plans,
            channel=self.channel,
            title="Kestrel Outdoor",
            purpose="turn-on",
            state="made",
            made_at=NOW - timedelta(seconds=20),
            who="mia",
            copies=self.state.answers.copy,
            unknown=self.state.answers.unknown,
            promised_included=self.state.answers.promised_included,
            location="",
            master=None,
            warehouse="",
            totals=PlanTotals(by_risk, RiskTotals(4_779, 0, 60_812) if by_risk else RiskTotals()),
            places=places if by_risk else (),
            proof=PROOF.plus(DEPOT_PROOF),
            left_out=(NotInPlan("draft", 20, 212), NotInPlan("no_sku", 12, 88)),
            elsewhere=tuple(replace(each, title=self.hostile[4]) for each in self.elsewhere)
            if self.hostile
            else self.elsewhere,
            unknown_skus=self.facts.unknown_skus if self.state.answers.copy is False else 0,
            unknown_units=9_212 if self.state.answers.copy is False else 0,
            promised=1_522,
            promised_taken=1_498 if self.state.answers.promised_included else 0,
            blocked=self.blocked,
            brake=self.brake,
            fingerprint=self.fingerprint,
        )

    def wanted(self, wanted: Wanted) -> PlanView:
        """A plan outside the wizard."""
        self.plans += 1
        self.rows = 0 if self.empty else self.rows
        plan = replace(
            self.plan(),
            purpose=wanted.purpose,
            location=wanted.location,
            master=wanted.master,
            copies=wanted.copies,
            unknown=wanted.unknown,
        )
        if wanted.purpose != "rollback":
            return plan
        causes = {"copy": -37, "placed": -412, "receive": 30, "set": 11}
        if self.hostile:
            causes[self.hostile[0]] = 5
        stays = (self.hostile[1],) if self.hostile else ("ridge-tent: KO-TENT-2P → KO-TENT-2P-SALE",)
        return replace(plan, copies=None, causes=causes, kept=wanted.keep, stays=stays)

    def lines(self, show: PlanShow, location: int | None, text: str) -> list[PlanLine]:
        """The rows that a filter shows."""
        found = []
        many = (
            LINES if self.rows is None else tuple(LINES[number % len(LINES)] for number in range(self.rows))
        )
        if self.hostile:
            many = tuple(
                (each, each, each, *LINES[n % len(LINES)][3:6], each) for n, each in enumerate(self.hostile)
            )
        for number, (sku, title, where, risk, before, after, reason) in enumerate(many):
            line = PlanLine(
                item_id=number,
                location_id=2 if where == "Depot" else 1,
                sku=sku,
                title=title,
                variant_title="",
                listing=f"listing-{number}",
                location=where,
                warehouse="DEPOT" if where == "Depot" else "MAIN",
                kind="copied",
                risk=risk,
                before=before,
                after=after,
                reason=reason,
                on_hand=before + 3,
                committed=2,
            )
            wanted = show == "all" or risk == show or (show == "changed" and risk not in ("held", "stays"))
            here = location in (None, line.location_id)
            if wanted and here and text.casefold() in f"{sku} {title}".casefold():
                found.append(line)
        return found

    # Applying

    def apply(self, plan_id: int, confirm: str, brake_rows: int | None) -> SyncStatus:
        """Ask for it, as the desk does."""
        self.said.append(("apply", plan_id, confirm, brake_rows))
        if confirm != self.channel:
            raise WrongUsage(f"{confirm!r} is not the handle.", f"Type {self.channel}.")
        if self.stale:
            self.made_for = None
            raise PlanStale(self.stale, "Make a new plan and look at it.")
        self._reach("asked", "asked for by mia")
        self.settling = 4_812
        return self.status()

    def moved(self) -> None:
        """Rows moved since the plan was made: they wait to be confirmed."""
        names = self.hostile[:2] if self.hostile else ("KO-ROPE-30M", "KO-MUG-ENAMEL")
        self.moved_rows = (
            MovedLine(names[0], "Main St", 9, 0, 0, 9, "falls_to_zero"),
            MovedLine(names[1], "Depot", 1_240, 1_243, 1_243, 1_240, "stays"),
            *(MovedLine(f"KO-{number}", "Main St", 20, 19, 19, 20, "stays") for number in range(14)),
        )
        detail = f"Numbers in the store moved otherwise than by orders: {names[0]} at Main St (9 when planned, 0 now) and 15 more."
        self._reach("moved", detail)

    def confirm_moved(self, plan_id: int, confirm: str, rows: int) -> SyncStatus:
        """Confirm them, as the desk does."""
        self.said.append(("confirm_moved", plan_id, confirm, rows))
        self._reach("confirmed", f"{rows} rows as they are now.")
        return self.status()

    def stop(self) -> None:
        """Stop what is being applied."""
        self._reach("stopped", "Stopped by mia before it was on.")

    def _reach(self, phase: ApplyStep, detail: str = "") -> None:
        self.state_now = phase
        self.steps = (*self.steps, StepDone(phase, NOW + timedelta(seconds=len(self.steps)), detail))

    def go_on(self) -> None:
        """The worker does its next step."""
        after: Mapping[ApplyStep, tuple[ApplyStep, str]] = {
            "asked": ("claimed", ""),
            "claimed": ("fenced", ""),
            "confirmed": ("checked", ""),
            "fenced": (self.refuse_as or "checked", "4,826 rows read; 2 moved by orders"),
            "checked": ("on", ""),
        }
        if self.state_now is not None and self.state_now in after:
            phase, detail = after[self.state_now]
            if phase == "refused":
                detail = "KO-TENT-2P has another SKU since the plan was made."
                self.made_for = None
            self._reach(phase, detail)
            self.is_on = phase == "on"
        elif self.is_on:
            self.settling = max(0, self.settling - 2_500)

    def status(self) -> SyncStatus:
        """How it stands; the worker does a step between two looks."""
        self.looks += 1
        total = 4_826 if self.state_now is not None else 0
        held = (
            ((self.hostile[1], 9), ("never counted", 5))
            if self.hostile
            else (("not stocked there", 9), ("never counted in Sumtracker", 5))
        )
        alerts = (self.hostile[2],) if self.hostile else ()
        status = SyncStatus(
            channel=self.channel,
            is_on=self.is_on,
            plan_id=self.plans if self.state_now else None,
            phase=self.state_now,
            steps=self.steps,
            rows={"settling": self.settling, "live": total - 14 - self.settling, "held": 14}
            if self.is_on
            else {},
            held=held if self.is_on else (),
            written=15 if self.is_on and not self.settling else 0,
            planned=15 if self.is_on else 0,
            to_compare=0,
            unsettled=0,
            brake=(),
            stopped_rows=0,
            keeper="worker" if self.keeper == "worker" else "here" if self.keeper == "here" else "nobody",
            kept_by="a worker on desk-2 (process 4212), for mia" if self.keeper == "worker" else "",
            last_cycle=NOW + timedelta(minutes=10) if self.is_on else None,
            alerts=alerts,
            moved=len(self.moved_rows) if self.state_now == "moved" else 0,
            moved_rows=self.moved_rows if self.state_now == "moved" else (),
            purpose=self.purpose,
        )
        if not self.frozen:
            self.go_on()
        return status
