"""The rules of exactness for one row: what a reading says, when a row is settled, what it should show, what staff changed (PROTOCOL §1).

Pure, over frozen values; a row is an inventory item × location. Which orders make which effects is in `orders`, and which number the
ledger wants shown is `core.stock.number_pushed`. Times are as in `effects`. Everything is dated back to T0, the connection's fence:
the effects and pushes given to a function here are all the row's own since T0. Those long past may be given as one that sums them up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import ceil
from typing import Final, Literal, NamedTuple

from supportdesk.core.effects import Effect, Margins, PushEffect, presence

ENOUGH_READINGS: Final = 8
"""After as many a row goes live on its bounds (PROTOCOL §1.2)."""

RowCondition = Literal["out", "settling", "live", "held"]


class RowNumbers(NamedTuple):
    """Every quantity the store keeps of a row, by Shopify's names (`reference/shopify.md` §5)."""

    available: int
    committed: int = 0
    on_hand: int = 0
    incoming: int = 0
    reserved: int = 0
    damaged: int = 0
    safety_stock: int = 0
    quality_control: int = 0

    @property
    def unavailable(self) -> int:
        """Units set aside: on hand, neither available nor committed."""
        return self.reserved + self.damaged + self.safety_stock + self.quality_control

    @property
    def adds_up(self) -> bool:
        """Whether on hand is the sum of its parts, as Shopify promises."""
        return self.on_hand == self.available + self.committed + self.unavailable


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at a row: its numbers at some moment within [start, end]."""

    numbers: RowNumbers
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """A number that lies within [low, high]."""

    low: int
    high: int

    @property
    def exact(self) -> bool:
        """Whether it is known."""
        return self.low == self.high

    def intersect(self, other: Bounds) -> Bounds | None:
        """What both allow; None where they contradict each other."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Bounds(low, high) if low <= high else None

    def outside(self, other: Bounds) -> int:
        """By how much `other` surely lies above (more than 0) or below (less than 0) these bounds; 0 where they meet."""
        if other.low > self.high:
            return other.low - self.high
        return min(0, other.high - self.low)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What else the row held when its number last was as it should be; staff's changes are told apart by it."""

    on_hand: Bounds
    """At T0, as a reading's available is dated back."""
    unavailable: int
    since: int
    """When that reading began."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """An edit seen once, that raising or taking in waits to see again."""

    change: int
    """The smallest that every reading since has shown."""
    seen: int
    """When the first of them ended."""


@dataclass(frozen=True, slots=True)
class RowState:
    """Where a row stands. Make one with `settling`, `held` or `out`; `settle` and `judge` return the next."""

    condition: RowCondition
    reason: str = ""
    """Why it is out, held, or settling again."""
    bounds: Bounds | None = None
    """The settled number: what the row showed at T0."""
    readings: int = 0
    """Looked at since it began to settle."""
    baseline: Baseline | None = None
    suspect: Suspect | None = None
    judged_until: int | None = None
    """The end of the last reading that was made something of."""

    @property
    def counted(self) -> int | None:
        """The settled number as the ledger copies it: the low bound. None until live."""
        return self.bounds.low if self.bounds and self.condition == "live" else None

    @property
    def shown(self) -> int | None:
        """The settled number that *should show* begins with: the high bound, which errs on not selling. None until live."""
        return self.bounds.high if self.bounds and self.condition == "live" else None

    @property
    def tells_edits(self) -> bool:
        """Whether its numbers are all known, so that every edit from now on can be told from units set aside."""
        if self.condition != "live" or self.bounds is None or self.baseline is None:
            return False
        return self.bounds.exact and self.baseline.on_hand.exact


def settling(reason: str = "", baseline: Baseline | None = None) -> RowState:
    """A row that begins to settle; or begins again, with what was known of it (`set_aside_meanwhile`)."""
    return RowState("settling", reason, baseline=baseline)


def held(reason: str) -> RowState:
    """A row that is not synced until what `reason` says is mended; it settles again then."""
    return RowState("held", reason)


def out(reason: str) -> RowState:
    """A row that is not in scope."""
    return RowState("out", reason)


# Readings -----------------------------------------------------------------------------------------------------------------------------


def reading_interval(date: int, took: float) -> tuple[int, int]:
    """[start, end] of a reading whose reply said `date` and took `took` seconds as measured here (PROTOCOL §1.5)."""
    return date - ceil(took) - 1, date


def is_slow(took: float, margins: Margins) -> bool:
    """Whether a reading took too long to be kept."""
    return took > margins.slow_reply


def is_matured(reading: Reading, looked: int, margins: Margins) -> bool:
    """Whether a look at the orders that began at `looked` surely showed every order the reading can hold (PROTOCOL §1.2)."""
    return looked >= reading.end + margins.clock_skew + 1 + margins.visibility


def is_void(reading: Reading, t0: int, pushes: Iterable[PushEffect], margins: Margins) -> bool:
    """Whether a reading says nothing: taken before T0 + commit lag, across or during an unsettled push, or before an undo (PROTOCOL §1.5)."""
    if reading.start < t0 + margins.commit_lag:
        return True
    for push in pushes:
        where = presence(push, reading.start, reading.end, margins)
        if where == "perhaps" or (where == "out" and push.kind == "undo"):
            return True
    return False


def bounds_at_t0(
    reading: Reading,
    effects: Iterable[Effect],
    pushes: Iterable[PushEffect],
    margins: Margins,
    quantity: Literal["available", "on_hand"] = "available",
) -> Bounds:
    """What the row's number was at T0 (PROTOCOL §1.2): the store's, less our difference pushes before the reading, less its own effects.

    An effect so near the reading that it may or may not be on the number yet widens the bounds by itself. An undo is no part of this:
    what it undoes is none either. For readings that are not void.
    """
    number = reading.numbers.available if quantity == "available" else reading.numbers.on_hand
    for push in pushes:
        if push.kind == "difference" and presence(push, reading.start, reading.end, margins) == "in":
            number -= push.available
    low = high = number
    for effect in effects:
        change = effect.available if quantity == "available" else effect.on_hand
        where = presence(effect, reading.start, reading.end, margins)
        if where == "in":
            low, high = low - change, high - change
        elif where == "perhaps":
            low, high = low - max(change, 0), high - min(change, 0)
    return Bounds(low, high)


def committed_at(reading: Reading, committed: int, effects: Iterable[Effect], margins: Margins) -> int | None:
    """What orders had committed of the row at a reading, of which they have `committed` now; None where an effect may be on it or not.

    Committed is what the open orders of a location still have to send (`reference/shopify.md` §6). `effects` are the row's own.
    """
    for effect in effects:
        if effect.kind in ("unavailable", "unexplained", "adopted"):
            continue
        change = effect.on_hand - effect.available
        where = presence(effect, reading.start, reading.end, margins)
        if change and where == "perhaps":
            return None
        committed -= change if where == "out" else 0
    return committed


def settle(state: RowState, reading: Reading, available: Bounds, on_hand: Bounds) -> RowState:
    """The row after one more matured reading while settling (PROTOCOL §1.2); `available` and `on_hand` are its `bounds_at_t0`.

    Live once the bounds of all readings leave one number, or after `ENOUGH_READINGS` on what they leave. Readings that contradict
    each other mean that somebody edited it meanwhile: it starts again from the latest, which still is the store's number.
    """
    both = (available.intersect(state.bounds) if state.bounds else None) or available
    readings = state.readings + 1
    live = both.exact or readings >= ENOUGH_READINGS
    baseline = Baseline(on_hand, reading.numbers.unavailable, reading.start)
    condition: RowCondition = "live" if live else "settling"
    return RowState(
        condition, "" if live else state.reason, both, readings, baseline, judged_until=reading.end
    )


def set_aside_meanwhile(state: RowState, reading: Reading, on_hand: Bounds) -> Effect | None:
    """Units that staff set aside, or released, between the last reading that was made something of and this one of a row settling again.

    Else they would be in the number it settles at, and be pushed back on sale. Released ones only where `on_hand`, the reading's at T0,
    is what it was: they may have left altogether.
    """
    settles_again = state.condition == "settling" and state.reason
    if not settles_again or state.baseline is None:
        return None
    units = reading.numbers.unavailable - state.baseline.unavailable
    if not units or (units < 0 and (on_hand != state.baseline.on_hand or not on_hand.exact)):
        return None
    return Effect("unavailable", -units, state.baseline.since, reading.end)


def known_before(before: Bounds, settled: Bounds, pushed: Iterable[int]) -> Bounds | None:
    """What a row that was live on `before` had settled at, by what it settles at again after pushes that nobody knows were done.

    Each of `pushed` is in `settled` or is not; None where no choice of them fits, for somebody else changed the row meanwhile.
    """
    done = {0}
    for units in pushed:
        done |= {each + units for each in done}
    fitting = [
        fits
        for units in done
        if (fits := before.intersect(Bounds(settled.low - units, settled.high - units))) is not None
    ]
    if not fitting:
        return None
    return Bounds(min(each.low for each in fitting), max(each.high for each in fitting))


def comes_late(state: RowState, effect: Effect, margins: Margins) -> bool:
    """Whether an order's effect was found after a reading that may show it was made something of (PROTOCOL §1.8).

    The order came past its margin: the row goes back to settling, and what `explained_late` says is given back.
    """
    return state.judged_until is not None and effect.earliest <= state.judged_until + margins.clock_skew


# What a live row should show ----------------------------------------------------------------------------------------------------------


def should_show(
    settled: int, pushes: Iterable[PushEffect], effects: Iterable[Effect], until: int | None = None
) -> int:
    """The settled number + Σ difference pushes + Σ own effects (PROTOCOL §1.3), in units; up to the second `until`, or all that are known.

    A push counts from when it was sent, whether or not it was acknowledged: it will be resent until it is done. An undo never counts.
    """
    pushed = sum(
        push.available
        for push in pushes
        if push.kind == "difference" and (until is None or push.sent <= until)
    )
    own = sum(effect.available for effect in effects if until is None or effect.earliest <= until)
    return settled + pushed + own


def difference(number: int | None, shows: int) -> int:
    """What is to be pushed so that a row that should show `shows` shows `number`, which the ledger wants; 0 where it does not know."""
    return 0 if number is None else number - shows


def wanted(available: int | None, pushed: int | None, shows: int) -> int | None:
    """What a row that shows `shows` is wanted to show; None where the ledger does not know.

    `pushed` is `core.stock.number_pushed` of the ledger's `available`. Where more is promised than there is (available below 0) that
    is 0, but a row already below 0 is not raised to it: that would make units on hand out of nothing (`reference/shopify.md` §6).
    """
    if available is None or pushed is None:
        return None
    return min(pushed, max(available, shows)) if available < 0 else pushed


# Edits --------------------------------------------------------------------------------------------------------------------------------

Verdict = Literal["nothing", "suspect", "undo", "unavailable"]
FreshLook = Literal["unseen", "gone"]
"""For orders that nobody has seen yet; or for open ones that were deleted, which no search tells."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a matured reading of a live row comes to."""

    state: RowState
    undo: int = 0
    """To be pushed as an undo: exactly minus what staff did."""
    effects: tuple[Effect, ...] = ()
    """Units set aside or released: effects on the row, and their `available` movements in the ledger."""
    asks: FreshLook | None = None
    """The undo waits only for a fresh look at the orders that hold the item; judge again with what it shows."""

    @property
    def verdict(self) -> Verdict:
        """In one word; an undo may come with units set aside."""
        if self.undo:
            return "undo"
        if self.effects:
            return "unavailable"
        return "suspect" if self.state.suspect else "nothing"


def judge(
    state: RowState,
    reading: Reading,
    available: Bounds,
    on_hand: Bounds,
    margins: Margins,
    standing: int = 0,
    orders_fresh: bool = False,
) -> Judgement:
    """What staff did to a live row, by one matured reading that is not void (PROTOCOL §1.4).

    `available` and `on_hand` are the reading's `bounds_at_t0`; `standing` is how many units the ledger has taken in without a name
    (minus Σ of the row's *unexplained* effects); `orders_fresh` says that the orders holding the item were looked at after
    this reading, as it `asks`. What lowers the store or the ledger is believed at once; what raises either, at the second of two
    readings that lie `margins.apart`. Where a change of on hand is not certain yet and would decide, it stays a suspect.
    """
    assert state.condition == "live"
    state = replace(state, judged_until=reading.end)
    assert state.bounds
    assert state.baseline
    edit = state.bounds.outside(available)
    if not edit:
        return Judgement(_fitting(state, reading, available, on_hand))
    set_aside = reading.numbers.unavailable - state.baseline.unavailable
    case = _Case(state, state.baseline, reading, margins)
    physical = Bounds(on_hand.low - state.baseline.on_hand.high, on_hand.high - state.baseline.on_hand.low)
    if edit < 0:
        return _judge_fall(case, edit, max(0, set_aside), physical, orders_fresh)
    return _judge_rise(case, edit, set_aside, physical, max(0, standing), orders_fresh)


def _fitting(state: RowState, reading: Reading, available: Bounds, on_hand: Bounds) -> RowState:
    """The row after a reading that fits: its bounds closer, no suspect, the baseline renewed where the reading hides nothing.

    Units set aside that neither the number nor on hand show are hidden by an order that let go of as many, or took what was released:
    they stay to be told when that order is found, and the row settles again.
    """
    assert state.bounds
    assert state.baseline
    baseline = state.baseline
    set_aside = reading.numbers.unavailable - baseline.unavailable
    came = Bounds(on_hand.low - baseline.on_hand.high, on_hand.high - baseline.on_hand.low)
    hides = set_aside != 0 and not (on_hand.exact and came.low <= set_aside <= came.high)
    if available.exact and not hides:
        closer = on_hand.intersect(baseline.on_hand) or on_hand
        baseline = Baseline(closer, reading.numbers.unavailable, reading.start)
    return replace(state, bounds=state.bounds.intersect(available), suspect=None, baseline=baseline)


@dataclass(frozen=True, slots=True)
class _Case:
    state: RowState
    baseline: Baseline
    reading: Reading
    margins: Margins

    def suspecting(self, change: int, set_aside: int = 0) -> tuple[RowState, bool]:
        """The row with `change` suspected, and whether an earlier reading, far enough before, already showed it."""
        earlier = self.state.suspect
        if earlier is None or (earlier.change < 0) != (change < 0):
            suspect = Suspect(change, self.reading.end)
        else:
            suspect = replace(earlier, change=min(earlier.change, change, key=abs))
        again = self.reading.start - suspect.seen >= self.margins.apart
        return self.moved_on(suspect, set_aside), again

    def moved_on(self, suspect: Suspect | None, set_aside: int) -> RowState:
        """The row once `set_aside` more units (less: released) are known to be set aside under a name of the store's."""
        baseline = replace(self.baseline, unavailable=self.baseline.unavailable + set_aside)
        return replace(self.state, suspect=suspect, baseline=baseline)

    def taken(self, named: int, unnamed: int = 0) -> tuple[Effect, ...]:
        """Units that left (less than 0) or came back, some time since the baseline."""
        since, end = self.baseline.since, self.reading.end
        both = Effect("unavailable", named, since, end), Effect("unexplained", unnamed, since, end)
        return tuple(effect for effect in both if effect.available)


def _judge_fall(case: _Case, edit: int, set_aside: int, physical: Bounds, orders_fresh: bool) -> Judgement:
    """`edit` < 0 units are missing; `set_aside` more than before are reserved, damaged …; on hand changed within `physical`."""
    named = min(-edit, set_aside)
    rest = edit + named
    if not rest:
        return Judgement(case.moved_on(None, named), effects=case.taken(-named))
    state, again = case.suspecting(rest, named)
    assert state.suspect
    waiting = Judgement(state, effects=case.taken(-named))
    # What is gone from on hand was taken out by staff; what is missing without that moved to where it cannot be sold.
    missing = state.suspect.change
    removed = max(missing, min(0, physical.low))
    if not again or removed != max(missing, min(0, physical.high)):
        return waiting
    if removed and not orders_fresh:
        return replace(waiting, asks="unseen")
    moved = missing - removed
    return Judgement(case.moved_on(None, named), undo=-removed, effects=case.taken(-named, moved))


def _judge_rise(
    case: _Case, edit: int, set_aside: int, physical: Bounds, standing: int, orders_fresh: bool
) -> Judgement:
    """`edit` > 0 units are too many; `set_aside` more, or fewer, than before are; the ledger has taken in `standing`."""
    came = max(0, physical.high)
    if set_aside > 0:
        if came < edit + set_aside and not orders_fresh:
            return Judgement(case.state, asks="gone")
        # Both set aside and added, or both counted anew: what is set aside is taken for units that were on sale, which errs on not selling.
        return Judgement(case.moved_on(None, set_aside), -edit - set_aside, case.taken(-set_aside))
    named = min(edit, -set_aside)
    # Without a change on hand they can be units taken in before that nobody named; while that is uncertain they are left alone.
    unnamed = max(0, min(edit - max(0, physical.low) - named, standing))
    back = named + unnamed
    if back < edit:
        # Units on sale again that did not come on hand: only an order that lets go of its units does that.
        if came < edit - back and not orders_fresh:
            return Judgement(case.state, asks="gone")
        return Judgement(replace(case.state, suspect=None), undo=back - edit)
    state, again = case.suspecting(back)
    assert state.suspect
    if not again or (unnamed and not physical.exact):
        return Judgement(state)
    named = min(named, state.suspect.change)
    unnamed = state.suspect.change - named
    return Judgement(case.moved_on(None, -named), effects=case.taken(named, unnamed))


def explained_late(late: Effect, effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """What a late order gives back to the ledger: units it takes itself, that were taken in as *unexplained* before it was seen.

    `effects` are the row's own, without `late`. Each is undone where it lies, up to what the order took. For every order found, also while
    the row settles again: one that was found in time was created after all that is unexplained, and gets nothing.
    """
    left, given_back = -late.available, list[Effect]()
    standing: dict[tuple[int, int], int] = {}
    for effect in effects:
        if effect.kind == "unexplained":
            when = (effect.earliest, effect.latest)
            standing[when] = standing.get(when, 0) - effect.available
    for (earliest, latest), units in standing.items():
        if latest >= late.earliest and (back := min(left, units)) > 0:
            given_back.append(Effect("unexplained", back, earliest, latest, order=late.order))
            left -= back
    return tuple(given_back)
