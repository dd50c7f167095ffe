"""An explanation in words, for screens and command line alike: what a line says, and what stands beside the sum. Foreign text stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from supportdesk.core.explanation import ExplainedLine, RowExplanation

_ORDERS: Final = {
    "placed": "placed",
    "edited": "edited",
    "moved": "moved to or from another location",
    "fulfilled": "fulfilled",
    "cancelled": "cancelled",
    "returned": "returned",
    "written_off": "refunded, not put back",
    "deleted": "deleted",
}


def line_words(line: ExplainedLine) -> str:
    """What a line says beside its time and its units."""
    if line.kind in _ORDERS:
        return f"{line.reference or 'an order'} {_ORDERS[line.kind]}"
    if line.kind == "unavailable":
        return "set aside in the store" if line.units < 0 else "released in the store"
    if line.kind == "unexplained":
        if line.reference:
            return f"given back: {line.reference} explains it"
        return "gone without a name" if line.units < 0 else "back, as it went without a name"
    if line.kind == "adopted":
        return "an edit in the store, adopted"
    if line.kind == "undo":
        return f"an edit {line.detail}" if line.detail else "an edit put back"
    said = line.detail or "Sumtracker's number"
    if line.reference and line.reference not in said:
        said = f"{line.reference}: {said}"
    return f"pushed: {said}" if line.answered else f"sent, not answered yet: {said}"


def settled_words(explanation: RowExplanation) -> str:
    """Where the sum begins: what the number at T0 is, and how sure."""
    bounds = explanation.settled
    if bounds is None:
        return "not settled yet"
    if bounds.exact:
        return "in the store when sync began"
    return f"in the store when sync began, {bounds.low:,} to {bounds.high:,}"


def standing_words(explanation: RowExplanation) -> str:
    """Where the row stands, in a few words with its sign: `= 31 as it should`, `~ settling`, `! held: …`."""
    if explanation.condition == "out":
        return f"not synced: {explanation.reason}"
    if explanation.condition == "held":
        return f"! held: {explanation.reason}"
    if explanation.master == "shopify":
        return "← Shopify is master: its number is taken over, nothing is pushed"
    if explanation.condition == "settling" or explanation.should_show is None:
        why = f": {explanation.reason}" if explanation.reason else ""
        bounds = explanation.settled
        lies = f"; at T0 {bounds.low:,} to {bounds.high:,}" if bounds is not None else ""
        return f"~ settling{why}, read {explanation.readings:,} times{lies}"
    return f"= {explanation.should_show:,} should show"


def remarks(explanation: RowExplanation) -> Iterator[str]:
    """What a person should know beside the sum, each with its sign."""
    shows, wanted, settled = explanation.should_show, explanation.wanted, explanation.settled
    if settled is not None and not settled.exact and shows is not None:
        yield f"~ At the beginning it was {settled.low:,} to {settled.high:,}; the higher counts, so none too many are sold."
    if shows is not None and explanation.master == "sumtracker":
        if wanted is None:
            yield "! The ledger has no number for it, so nothing is pushed."
        elif explanation.stopped:
            yield f"! The ledger wants {wanted:,}; the brake holds back {explanation.stopped:+,}."
        elif wanted != shows:
            yield f"→ The ledger wants {wanted:,}: {wanted - shows:+,} is to be pushed."
    if explanation.unanswered:
        yield f"~ {explanation.unanswered:+,} was sent and is not answered yet."
    if explanation.unexplained > 0:
        yield f"! {explanation.unexplained:,} left without a name: taken for promised or set aside."
    if explanation.suspected:
        yield f"~ An edit of {explanation.suspected:+,} was seen once, and waits to be seen again."
    elif explanation.outside:
        yield f"! The last reading lies {explanation.outside:+,} outside what it should show."
