"""The JSON of `plan` and `wizard` (DESIGN §8), as models. A field here is never renamed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from pydantic import BaseModel

from supportdesk.cli.contract import Moment
from supportdesk.core.plan import RISKS, Blocked
from supportdesk.core.plan_view import PlanLine, PlanPlace, PlanView
from supportdesk.core.wizard import StepLine
from supportdesk.desk.wizard_view import PlaceShown, WizardView


class BlockedLine(BaseModel):
    """One thing that must be said or done before a plan can be applied."""

    code: str
    text: str
    sku: str
    location: str

    @classmethod
    def of(cls, block: Blocked) -> BlockedLine:
        """The contract's form of it."""
        return cls(code=block.code, text=block.text, sku=block.sku, location=block.location)


class RiskLine(BaseModel):
    """The rows of one class."""

    risk: str
    rows: int
    units_before: int
    units_after: int


class PlaceLine(BaseModel):
    """What a plan does at one location."""

    id: int
    location: str
    warehouse: str
    master: Literal["sumtracker", "shopify"]
    insisted: bool
    """Whether it is linked by the plan though a fulfilment service keeps its numbers."""
    rows: int
    units_before: int
    units_after: int
    on_hand: int
    committed: int
    unavailable: int
    available: int

    @classmethod
    def of(cls, place: PlanPlace) -> PlaceLine:
        """The contract's form of one location."""
        total = place.total
        return cls(
            id=place.location_id,
            location=place.location,
            warehouse=place.warehouse,
            master=place.master,
            insisted=place.insisted,
            rows=total.rows,
            units_before=total.before,
            units_after=total.after,
            **place.proof._asdict(),
        )


class LeftOutRowsLine(BaseModel):
    """Rows of the store that are no rows of the plan, for one reason."""

    reason: str
    rows: int
    units: int


class ElsewhereLine(BaseModel):
    """What the plan changes in another store that is on."""

    channel: str
    rows: int
    to_zero: int
    units_before: int
    units_after: int


class BrakeLine(BaseModel):
    """One reason why the brake holds."""

    code: str
    text: str


class PlanStepLine(BaseModel):
    """One step of applying."""

    step: str
    at: Moment
    detail: str


class PlanSummary(BaseModel):
    """`plan`: everything but its rows."""

    id: int
    store_rows: int
    store_changes: int
    store_to_zero: int
    store_units_before: int
    store_units_after: int
    ledger_rows: int
    ledger_units_before: int
    ledger_units_after: int
    blocked: list[BlockedLine]
    channel: str
    purpose: Literal["turn-on", "link", "direction", "rollback"]
    state: str
    made_at: Moment
    who: str
    copies: bool | None
    unknown: str | None
    promised_included: bool | None
    location: str
    master: str | None
    warehouse: str
    risks: list[RiskLine]
    locations: list[PlaceLine]
    left_out: list[LeftOutRowsLine]
    elsewhere: list[ElsewhereLine]
    unknown_skus: int
    unknown_units: int
    promised: int
    brake: list[BrakeLine]
    causes: dict[str, int]
    kept: list[str]
    fingerprint: str
    applied_by: str
    finished_at: Moment | None
    said: str
    steps: list[PlanStepLine]

    @classmethod
    def of(cls, plan: PlanView) -> PlanSummary:
        """The contract's form of a plan."""
        plain = (
            *(
                "id",
                "channel",
                "purpose",
                "state",
                "made_at",
                "who",
                "copies",
                "unknown",
                "promised_included",
            ),
            *("location", "master", "warehouse", "unknown_skus", "unknown_units", "promised", "fingerprint"),
            *("applied_by", "finished_at", "said"),
        )
        values: dict[str, Any] = {name: getattr(plan, name) for name in plain}
        return cls(
            **(values | plan.totals.as_json()),
            blocked=[BlockedLine.of(block) for block in plan.blocked],
            risks=[
                RiskLine(risk=risk, rows=total.rows, units_before=total.before, units_after=total.after)
                for risk in RISKS
                if (total := plan.totals.by_risk.get(risk))
            ],
            locations=[PlaceLine.of(place) for place in plan.places],
            left_out=[
                LeftOutRowsLine(reason=each.reason, rows=each.rows, units=each.units)
                for each in plan.left_out
            ],
            elsewhere=[
                ElsewhereLine(
                    channel=each.channel,
                    rows=each.rows,
                    to_zero=each.to_zero,
                    units_before=each.before,
                    units_after=each.after,
                )
                for each in plan.elsewhere
            ],
            brake=[BrakeLine(code=reason.code, text=reason.text) for reason in plan.brake],
            causes=dict(plan.causes),
            kept=list(plan.kept),
            steps=[PlanStepLine(step=step.step, at=step.at, detail=step.detail) for step in plan.steps],
        )


class PlanRowLine(BaseModel):
    """One element of `plan --rows`."""

    item_id: int
    location_id: int
    sku: str
    listing: str
    title: str
    variant_title: str
    location: str
    warehouse: str
    kind: str
    risk: str
    before: int
    after: int
    reason: str
    on_hand: int | None
    committed: int | None

    @classmethod
    def of(cls, row: PlanLine) -> PlanRowLine:
        """The contract's form of one row."""
        return cls(**row._asdict())


class StepOfWizard(BaseModel):
    """One step in the rail."""

    step: str
    title: str
    status: Literal["to_do", "done", "nothing_to_ask", "reopened"]
    here: bool
    blocks: list[str]
    text: str

    @classmethod
    def of(cls, line: StepLine) -> StepOfWizard:
        """The contract's form of one step."""
        return cls(
            step=line.step,
            title=line.title,
            status=line.status,
            here=line.here,
            blocks=list(line.blocks),
            text=line.text,
        )


class LocationOfWizard(BaseModel):
    """What the store has at one location, and what is copied of it."""

    id: int
    location: str
    active: bool
    said: bool
    """Linked, or said to stay unlinked."""
    warehouse: str
    """Code; '' where unlinked: nothing there is synced."""
    master: Literal["sumtracker", "shopify"] | None
    rows: int
    on_hand: int
    committed: int
    unavailable: int
    available: int

    @classmethod
    def of(cls, place: PlaceShown) -> LocationOfWizard:
        """The contract's form of one location."""
        plain = ("location", "active", "said", "warehouse", "master", "rows")
        values = {name: getattr(place, name) for name in plain}
        return cls(id=place.location_id, **values, **place.proof._asdict())


class GroupsOfWizard(BaseModel):
    """Duplicate groups, and what the decisions do to the units the store shows, were counts copied."""

    groups: int
    decided: int
    to_decide: int
    splits_pending: int
    units_before: int
    units_after: int
    listings_raised: int
    listings_lowered: int

    @classmethod
    def of(cls, view: WizardView) -> GroupsOfWizard:
        """The contract's form of them."""
        effect = view.groups.effect
        return cls(
            groups=view.groups.groups,
            decided=view.groups.decided,
            to_decide=view.facts.to_decide,
            splits_pending=view.facts.splits_pending,
            units_before=effect.units_before,
            units_after=effect.units_after,
            listings_raised=effect.listings_raised,
            listings_lowered=effect.listings_lowered,
        )


class FollowerOfWizard(BaseModel):
    """Another store that shows numbers of the same warehouses."""

    channel: str
    title: str
    is_on: bool
    """Whether it is synced, so that it changes with them."""
    numbers: int
    """SKU × warehouse that both sell."""
    differ: int
    """Of those, how many copying changes."""
    units: int
    copied: int
    """What the units would be, were this store's counts copied."""


class BundlesOfWizard(BaseModel):
    """Rows of bundles, which are shown what their components are enough for."""

    bundles: int
    rows: int
    before: int
    """Units that the store shows."""
    low: int
    high: int


class RehearsedLine(BaseModel):
    """The last rehearsal of the plan."""

    at: Moment
    who: str
    said: str


class WizardLine(BaseModel):
    """`wizard`."""

    channel: str
    at: str
    direction: str | None
    copies: bool | None
    unknown: str | None
    promised_included: bool | None
    sumtracker_off: bool
    reviewed: bool
    """Whether the plan as it is now was accepted."""
    recommended_copy: bool
    recommended_because: str
    steps: list[StepOfWizard]
    unknown_skus: int
    promised: int
    plan: int | None
    revision: int
    answered_by: str
    answered_at: Moment | None
    at_work: str
    sync: str
    """How sync stands where it is on or being turned on, a sentence; '' while it is off."""
    turned_off_at: Moment | None
    """When sync was turned off, where the answers are of the time before and no plan made since was accepted."""
    counted_skus: int
    """SKUs of the store that Sumtracker counted."""
    store_units: int
    """Available in the store, of every listing at every location."""
    left_out_units: int
    """Of those, units of listings that are out of scope; what is at a location without a warehouse is not synced either."""
    locations: list[LocationOfWizard]
    groups: GroupsOfWizard
    other_masters: list[str]
    """Linked locations whose master is another than the direction that was answered."""
    shared_with: list[FollowerOfWizard]
    bundles: BundlesOfWizard | None
    rehearsed: RehearsedLine | None

    @classmethod
    def of(cls, view: WizardView) -> WizardLine:
        """The contract's form of the wizard."""
        answers = view.state.answers
        copies, because = view.recommended_copy
        return cls(
            channel=view.channel,
            at=view.state.at,
            direction=answers.direction,
            copies=answers.copy,
            unknown=answers.unknown,
            promised_included=answers.promised_included,
            sumtracker_off=answers.sumtracker_off,
            reviewed=bool(view.facts.plan) and answers.reviewed == view.facts.plan,
            recommended_copy=copies,
            recommended_because=because,
            steps=[StepOfWizard.of(line) for line in view.rail],
            unknown_skus=view.facts.unknown_skus,
            promised=view.facts.promised_before,
            plan=view.plan_id,
            revision=view.revision,
            answered_by=view.answered_by,
            answered_at=view.answered_at,
            at_work=view.at_work,
            sync=view.sync,
            turned_off_at=view.turned_off_at,
            counted_skus=view.facts.counted_skus,
            store_units=view.store_units,
            left_out_units=view.left_out_units,
            locations=[LocationOfWizard.of(place) for place in view.places],
            groups=GroupsOfWizard.of(view),
            other_masters=list(view.other_masters),
            shared_with=[FollowerOfWizard(**asdict(other)) for other in view.shared_with],
            bundles=BundlesOfWizard(**asdict(view.bundles)) if view.bundles is not None else None,
            rehearsed=RehearsedLine(**view.rehearsed._asdict()) if view.rehearsed is not None else None,
        )


class CallSheetLine(BaseModel):
    """`call-sheet`."""

    text: str
    """Markdown."""
