"""The wizard, Review, turning on and rehearsing as pictures: typical, nothing to ask, hostile text, error, reopened, watched."""

from __future__ import annotations

from dataclasses import replace

import pytest

from supportdesk.core.brake import BrakeReason
from supportdesk.core.duplicates import Choice
from supportdesk.core.wizard import STEPS, Answers, Step, WizardState
from supportdesk.errors import LedgerBusy
from supportdesk.screens.program import SupportdeskApp
from tests.conftest import Picture
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fake_going_live import SIMPLE
from tests.screens.fakes import hostile_channels
from tests.screens.sizes import SIZES, WIDE
from tests.screens.test_turning_on import at_turn_on
from tests.screens.test_wizard import COPYING, FIRST, at_review

TYPED = " ".join("minus" if letter == "-" else letter for letter in FIRST)


def at(app: SupportdeskApp, step: Step, answers: Answers = COPYING) -> None:
    """Open at a step, those before it answered as far as they are."""
    live = fake_of(app).going_live
    live.state = WizardState(step, answers, frozenset(tuple(STEPS)[: tuple(STEPS).index(step)]))
    live.revision = 3


@SIZES
def test_direction(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Both answers in this store's numbers; the recommended one says so; below what blocks going on."""
    picture(make_app(first=FIRST), keys="T", size=size)


@SIZES
def test_direction_answered(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Answered, with locations that have another master all the same."""
    app = make_app(first=FIRST)
    at(app, "direction")
    fake_of(app).going_live.other_masters = ("Depot", "Pop-up van")
    picture(app, keys="T", size=size)


@SIZES
def test_copy(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Copy is recommended, with its reason, and the proof by location."""
    app = make_app(first=FIRST)
    at(app, "copy", Answers(direction="sumtracker"))
    picture(app, keys="T", size=size)


@SIZES
def test_not_copying(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Don't copy is recommended for a second store, and asks about unknown SKUs and promised units."""
    app = make_app(first=FIRST)
    live = fake_of(app).going_live
    live.facts = replace(live.facts, first_store=False, counted_skus=912, unknown_skus=239)
    at(app, "copy", Answers(direction="sumtracker", copy=False, unknown="hold"))
    picture(app, keys="T", size=size)


def test_push_zero(make_app: MakeApp, picture: Picture) -> None:
    """Pushing 0 is typed."""
    app = make_app(first=FIRST)
    live = fake_of(app).going_live
    live.facts = replace(live.facts, first_store=False, counted_skus=912, unknown_skus=239)
    at(app, "copy", Answers(direction="sumtracker", copy=False))
    picture(app, keys="T G enter")


@SIZES
def test_duplicates(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Groups to decide, some of them pre-marked."""
    app = make_app(first=FIRST)
    at(app, "duplicates")
    picture(app, keys="T", size=size)


@SIZES
def test_duplicates_decided(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """All decided, with what that does to units."""
    app = make_app(first=FIRST)
    at(app, "duplicates")
    picture(app, keys="T d D l left enter escape", size=size)


@SIZES
def test_nothing_to_ask(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """No duplicates: the step says so, and the rail too."""
    app = make_app(first=FIRST)
    fake = fake_of(app)
    fake.going_live.follows = False
    fake.going_live.facts = SIMPLE
    fake.duplicates.listings = {}
    at(app, "duplicates")
    picture(app, keys="T", size=size)


@SIZES
def test_mapping(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """A crossed pair, a location still to be answered, and the line to go on."""
    app = make_app(first=FIRST)
    at(app, "mapping")
    picture(app, keys="T", size=size)


@WIDE
def test_review(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Totals by risk, what else must be seen, the rows worst first, and the one under the cursor."""
    app = make_app(first=FIRST)
    at_review(app)
    picture(app, keys="T j", size=size)


@SIZES
def test_review_by_location(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Totals by location."""
    app = make_app(first=FIRST)
    at_review(app)
    picture(app, keys="T v v", size=size)


@SIZES
def test_review_all_there_is_to_say(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Brake, other channels, unknown, promised, the proof, what is left out."""
    app = make_app(first=FIRST)
    live = at_review(app, Answers(direction="sumtracker", copy=False, unknown="zero", promised_included=True))
    live.brake = (
        BrakeReason("rows_to_zero", "1,204 rows of 4,812 in stock would fall to 0, more than 20%."),
    )
    picture(app, keys="T v", size=size)


@SIZES
def test_review_reopened(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Earlier steps were opened again: what blocks is said with the digit that leads there."""
    app = make_app(first=FIRST)
    live = at_review(app)
    live.facts = replace(live.facts, unsaid_locations=1, to_decide=2, from_sumtracker=True)
    picture(app, keys="T", size=size)


@SIZES
def test_reopened(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """A later answer opened another step again: in the rail, or in a line where there is none."""
    app = make_app(first=FIRST)
    live = at_review(app)
    live.facts = replace(live.facts, unsaid_locations=1)
    live.state = replace(live.state, at="copy")
    picture(app, keys="T", size=size)


@SIZES
def test_review_without_rows(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Nothing is linked, so the plan has no rows."""
    app = make_app(first=FIRST)
    live = at_review(app)
    live.rows = 0
    live.elsewhere = ()
    picture(app, keys="T", size=size)


@SIZES
def test_review_error(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """The plan cannot be made: said in place, with the key that tries again."""
    app = make_app(first=FIRST)
    at_review(app)

    def busy(*_: object, **__: object) -> object:
        raise LedgerBusy("Another process has held the account file for 30 s.", "Try again in a moment.")

    fake_of(app).make_plan = busy  # type: ignore[method-assign,assignment]
    picture(app, keys="T", size=size)


@SIZES
def test_review_outdated(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Something the plan was made from has changed: it is shown, and the key that makes it anew."""
    app = make_app(first=FIRST)
    live = at_review(app)
    make = fake_of(app).make_plan

    def made_and_outdated(*args: object, **options: object) -> object:
        plan = make(*args, **options)  # type: ignore[arg-type]
        live.made_for = None
        return plan

    fake_of(app).make_plan = made_and_outdated  # type: ignore[method-assign,assignment]
    picture(app, keys="T", size=size)


@SIZES
def test_turn_on(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """What will happen, in its order."""
    app = make_app(first=FIRST)
    at_turn_on(app)
    picture(app, keys="T", size=size)


def test_turn_on_confirm(make_app: MakeApp, picture: Picture) -> None:
    """The shop's handle is typed; enter is dead until it matches."""
    app = make_app(first=FIRST)
    at_turn_on(app)
    picture(app, keys="T T k e s t")


def test_turn_on_brake(make_app: MakeApp, picture: Picture) -> None:
    """Where the brake holds the number of rows is typed first."""
    app = make_app(first=FIRST)
    live = at_turn_on(app)
    live.brake = (
        BrakeReason("rows_to_zero", "1,204 rows of 4,812 in stock would fall to 0, more than 20%."),
    )
    picture(app, keys="T T")


@SIZES
def test_watched(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Somebody else is at work: a line says who, and how to take over."""
    app = make_app(first=FIRST)
    at(app, "copy")
    fake_of(app).going_live.at_work = "mia"
    picture(app, keys="T", size=size)


@SIZES
@pytest.mark.parametrize("step", ["direction", "copy", "duplicates", "mapping", "review"])
def test_hostile(make_app: MakeApp, picture: Picture, step: Step, size: tuple[int, int]) -> None:
    """Hostile names of locations, SKUs, products, other channels and reasons."""
    app = make_app(hostile_channels(), hostile=True)
    live = at_review(app)
    live.facts = replace(live.facts, locations=13)
    live.state = replace(live.state, at=step)
    picture(app, keys="enter T", size=size)


@SIZES
def test_split(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Everything is decided, one group split: which key gives new SKUs stands by what blocks and in the footer."""
    app = make_app(first=FIRST)
    fake = fake_of(app)
    fake.duplicates.decided("KO-TENT-2P", Choice("split"))
    fake.going_live.follows = False
    fake.going_live.facts = replace(fake.going_live.facts, to_decide=0, splits_pending=1)
    at(app, "duplicates")
    picture(app, keys="T", size=size)


@SIZES
def test_under_way(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """A plan is being applied: the wizard says so, asks nothing, and leads to how it stands."""
    app = make_app(first=FIRST)
    live = at_turn_on(app)
    view = live.view
    words = "Sync is being turned on (plan 6)."
    live.view = lambda: replace(view(), sync=words, plan_id=live.plans)  # type: ignore[method-assign]
    picture(app, keys="T", size=size)


@SIZES
def test_sku_before_the_copy(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """The SKU inspector from Review: what the plan does, then the numbers of now, said to be that."""
    app = make_app(first=FIRST)
    at_review(app)
    picture(app, keys="T enter", size=size)


@SIZES
def test_turning_on(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Under way: phases done, the one that is coming."""
    app = make_app(first=FIRST)
    live = at_turn_on(app)
    live.apply(live.plans, FIRST, None)
    for _ in range(2):
        live.go_on()
    live.frozen = True
    picture(app, keys="T", size=size)


@SIZES
def test_turned_on(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """On, with rows held and why, and who keeps it running."""
    app = make_app(first=FIRST)
    live = fake_of(app).going_live
    for _ in range(5):
        live.go_on() if live.state_now else live.apply(live.plans, FIRST, None)
    live.settling, live.frozen = 0, True
    picture(app, keys="T", size=size)


@SIZES
def test_nobody_syncs(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """On, and nobody keeps it running."""
    app = make_app(first=FIRST)
    live = fake_of(app).going_live
    live.is_on, live.state_now, live.keeper = True, "on", "nobody"
    live.frozen = True
    picture(app, keys="T", size=size)


@SIZES
def test_refused(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Stale: what changed, and the key that makes a new plan."""
    app = make_app(first=FIRST)
    live = at_turn_on(app)
    live.stale = "2 SKUs changed in the store: KO-TENT-2P, KO-LAMP. Depot is inactive now."
    picture(app, keys=f"T T {TYPED} enter", size=size)


@SIZES
def test_turned_on_hostile(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Hostile reasons and alerts."""
    app = make_app(hostile_channels(), hostile=True)
    live = fake_of(app).going_live
    live.is_on, live.state_now, live.frozen = True, "on", True
    picture(app, keys="enter T", size=size)


@SIZES
def test_rehearsing(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """The same page on the rehearsal's desk: REHEARSAL in the header."""
    app = make_app(first=FIRST)
    at_review(app).frozen = True
    picture(app, keys="T R", size=size)


def test_rehearsal_error(make_app: MakeApp, picture: Picture) -> None:
    """The pretend store does not start."""
    app = make_app(first=FIRST)
    at_review(app)

    def down(*_: object) -> object:
        raise LedgerBusy("Another process has held the account file for 30 s.", "Try again in a moment.")

    fake_of(app).start_rehearsal = down  # type: ignore[method-assign,assignment]
    picture(app, keys="T R")
