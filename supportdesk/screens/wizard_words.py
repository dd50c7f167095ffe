"""What the wizard's steps say: the rail, the answers with their consequences, the proof, what blocks going on. Wording only, no rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from textual.content import Content

from supportdesk.core.plan import CopyProof
from supportdesk.core.wizard import STEPS, StepLine, StepStatus
from supportdesk.screens.words import counted
from supportdesk.widgets.merchant_text import fitted, plain
from supportdesk.widgets.radio_list import RadioOption

if TYPE_CHECKING:
    from supportdesk.desk.wizard_view import PlaceShown, WizardView

STATUS_SIGNS: Final[dict[StepStatus, str]] = {
    "done": "✓",
    "reopened": "!",
    "nothing_to_ask": "–",
    "to_do": "·",
}
_STATUS_TONES: Final[dict[StepStatus, str]] = {
    "done": "$passed",
    "reopened": "bold $warned",
    "nothing_to_ask": "$muted",
    "to_do": "$muted",
}
_STATUS_WORDS: Final[dict[StepStatus, str]] = {
    "done": "",
    "reopened": "look again",
    "nothing_to_ask": "nothing to ask",
    "to_do": "",
}
ACCEPT_FIRST: Final = "Look at the plan as it is now, and accept it."
"""What `core.wizard` says while the plan is not accepted: its own key does that, so it is not told among what blocks."""
NO_PLAN: Final = "There is no plan yet."
"""What it says without one for the answers as they are: Review says so by itself."""
RECOMMENDED: Final = "recommended"
NUMBERS: Final = {step: number for number, step in enumerate(STEPS, 1)}


def part_title(line: StepLine) -> str:
    """What the header says of a step: `Turn on sync · 5 of 6: Review`."""
    return f"Turn on sync · {NUMBERS[line.step]} of {len(STEPS)}: {line.title}"


def rail_text(rail: Iterable[StepLine]) -> Content:
    """Every step, a line each, with its sign; what its sign means stands beside where it is not plain."""
    lines = []
    for line in rail:
        word = _STATUS_WORDS[line.status]
        lines.append(
            Content.assemble(
                "▸ " if line.here else "  ",
                (STATUS_SIGNS[line.status], _STATUS_TONES[line.status]),
                (f" {NUMBERS[line.step]} {line.title}", "bold" if line.here else ""),
                (f"  {word}" if word else "", "$muted"),
            )
        )
    return Content("\n").join(lines)


def reopened_text(rail: Iterable[StepLine]) -> Content:
    """Earlier steps that a later answer opened again, with the digit that leads there; empty for none."""
    reopened = [
        line for line in rail if line.status == "reopened" and not line.here and line.step in _EARLIER
    ]
    return Content("\n").join(
        Content.assemble(
            ("! ", "bold $warned"),
            f"{NUMBERS[line.step]} {line.title} is open again: ",
            plain(line.blocks[0] if line.blocks else ""),
            (f"  {NUMBERS[line.step]} goes there", "$muted"),
        )
        for line in reopened[:2]
    )


_EARLIER: Final = ("direction", "copy", "duplicates", "mapping")


def block_lines(blocks: Iterable[str], hint: str = "", *, open_again: bool = True) -> list[Content]:
    """What must be said or done before going on, a sentence each, and after the last one which key goes there.

    `○` while it is merely still to be done, `✗` where it stands in the way of what was gone on to already.
    """
    sign, tone = ("✗ ", "bold $blocked") if open_again else ("○ ", "bold $accent")
    lines = [Content.assemble((sign, tone), plain(text)) for text in blocks]
    if lines and hint:
        lines[-1] = Content.assemble(lines[-1], (f"  {hint}", "$muted"))
    return lines


# Direction ---------------------------------------------------------------------------------------------------------------------------


def places_meant(view: WizardView) -> list[PlaceShown]:
    """The locations that numbers are told of: the linked ones, while none is all that may yet be."""
    active = [place for place in view.places if place.active]
    return [place for place in active if place.warehouse] or [place for place in active if not place.said]


def direction_options(view: WizardView) -> tuple[RadioOption, ...]:
    """Who is master, and what that overwrites in this store."""
    meant = places_meant(view)
    units, rows = total_proof(view).available, sum(place.rows for place in meant)
    linked = "linked location" if any(place.warehouse for place in meant) else "location"
    places = counted(len(meant), linked)
    shown = f"{counted(units, 'unit')} on {counted(rows, 'row')} at {places}"
    known = counted(view.facts.counted_skus, "SKU is", "SKUs are")
    today = "today" if view.is_read_since else "as read last"
    return (
        RadioOption(
            "sumtracker",
            "Sumtracker is master",
            f"The store is made to show what Sumtracker has. It shows {shown} {today}: from turning on, what staff change there "
            "by hand is put back, and stock is changed in Sumtracker. Bundles, warehouses for several stores and adjustments work.",
            RECOMMENDED,
        ),
        RadioOption(
            "shopify",
            "Shopify is master",
            f"Sumtracker takes over the store's {counted(units, 'unit')} in every cycle, and writes nothing there. {known} counted "
            "in Sumtracker so far: at the linked warehouses those numbers are replaced. No bundles, adjustments or transfers there.",
        ),
    )


def units_sentence(total: int, synced: int, unlinked: Mapping[str, int], left_out: int) -> str:
    """Where the units of the store are, so that totals of different screens can be told apart; '' where all of them are synced."""
    if total <= synced:
        return ""
    parts = [f"{synced:,} are synced"]
    parts += [f"{units:,} are at {name} (not linked)" for name, units in unlinked.items() if units]
    parts += [f"{left_out:,} are of listings left out"] if left_out > 0 else []
    return f"The store has {counted(total, 'unit')} in all: {', '.join(parts)}."


def units_text(view: WizardView) -> str:
    """`units_sentence` of the wizard."""
    meant = places_meant(view)
    others = [place for place in view.places if place not in meant and place.rows]
    shown = {place.location: place.proof.available for place in others[:2]}
    if rest := sum(place.proof.available for place in others[2:]):
        shown["other locations"] = rest
    synced = total_proof(view).available
    return units_sentence(view.store_units, synced, shown, view.left_out_units)


def shared_text(view: WizardView) -> str:
    """Other stores that show numbers of the same warehouses, and what copying changes of them; '' for none."""
    sentences = []
    for other in view.shared_with[:2]:
        follows = (
            "it is synced, so its store changes with them"
            if other.is_on
            else "its sync is off, so its store stays as it is until that is turned on"
        )
        sentences.append(
            f"{other.title} sells {counted(other.numbers, 'number', 'numbers')} (SKU × warehouse) of these too: as linked now "
            f"copying changes {other.differ:,} of them, {other.units:,} → {counted(other.copied, 'unit')}; {follows}."
        )
    if len(view.shared_with) > 2:
        sentences.append(f"So do {len(view.shared_with) - 2:,} more stores.")
    return " ".join(sentences)


def bundles_text(view: WizardView) -> str:
    """What the store will show of bundles; '' where it sells none at a linked location."""
    found = view.bundles
    if found is None or not found.rows:
        return ""
    built = f"{found.low:,}" if found.low == found.high else f"{found.low:,} to {found.high:,}"
    return (
        f"{counted(found.bundles, 'bundle')} on {counted(found.rows, 'row')}: the store will show what can be built from "
        f"components, {found.before:,} → about {built} units. Review shows each."
    )


def other_masters_text(view: WizardView) -> Content:
    """Locations that keep another master than the direction says; empty for none."""
    if not view.other_masters:
        return Content("")
    names = ", ".join(view.other_masters[:4])
    more = f" and {len(view.other_masters) - 4:,} more" if len(view.other_masters) > 4 else ""
    verb = "has" if len(view.other_masters) == 1 else "have"
    return Content.assemble(
        ("! ", "bold $warned"),
        plain(
            f"{names}{more} {verb} another master all the same: what was said of a location stays. 4 changes it."
        ),
    )


# Copy --------------------------------------------------------------------------------------------------------------------------------


def copy_options(view: WizardView) -> tuple[RadioOption, ...]:
    """Copy or not, the recommended one marked with why."""
    copies, reason = view.recommended_copy
    proof = total_proof(view)
    facts = view.facts
    counted_skus = counted(facts.counted_skus, "SKU")
    kept = (
        f"Sumtracker's numbers stay, and the store is made to show them: {counted_skus} counted, {facts.unknown_skus:,} never."
        if facts.counted_skus
        else "Sumtracker has counted none of these SKUs yet, so there are no numbers to show: the store would be emptied."
    )
    also = shared_text(view)
    return (
        RadioOption(
            "yes",
            "Copy inventory from Shopify",
            f"The {counted(proof.available, 'unit')} that the store has available are taken over, location by location."
            + (f" {reason}" if copies else "")
            + (f" {also}" if also else ""),
            RECOMMENDED if copies else "",
        ),
        RadioOption(
            "no",
            "Don't copy inventory",
            kept + ("" if copies else f" {reason}"),
            "" if copies else RECOMMENDED,
        ),
    )


def total_proof(view: WizardView) -> CopyProof:
    """The proof over the locations that are meant."""
    total = CopyProof(0, 0, 0, 0)
    for place in places_meant(view):
        total = total.plus(place.proof)
    return total


def proof_text(proof: CopyProof) -> str:
    """`on hand 63,120 − promised 1,402 − unavailable 514 = available 61,204`."""
    return (
        f"on hand {proof.on_hand:,} − promised {proof.committed:,} − unavailable {proof.unavailable:,} "
        f"= available {proof.available:,}"
    )


_PROOF_PLACES: Final = 6
_NAME_WIDTH: Final = 22


def proof_lines(view: WizardView) -> list[Content]:
    """On hand − promised − unavailable = available, where there are several locations for each of them and for all."""
    places = [place for place in places_meant(view) if place.rows]
    head = f"{'What is copied':<{_NAME_WIDTH}}{'on hand':>9}{'− promised':>13}{'− unavailable':>15}{'= available':>13}"
    lines = [Content.styled(head, "bold")]
    shown = places[:_PROOF_PLACES] if len(places) > 1 else []
    lines += [_proof_line(place.location, place.proof, "$muted") for place in shown]
    if len(places) > _PROOF_PLACES:
        lines.append(Content.styled(f"  and {len(places) - _PROOF_PLACES:,} more locations", "$muted"))
    lines.append(_proof_line("all" if len(places) != 1 else places[0].location, total_proof(view)))
    if said := units_text(view):
        lines.append(plain(said, "$muted"))
    lines.append(
        Content.styled("Promised units stay with their orders, which the store fulfils as before.", "$muted")
    )
    return lines


def _proof_line(name: str, proof: CopyProof, style: str = "") -> Content:
    words = fitted(name, _NAME_WIDTH - 4)
    numbers = f"{proof.on_hand:>9,}{proof.committed:>13,}{proof.unavailable:>15,}{proof.available:>13,}"
    return Content.assemble("  ", words.pad_right(_NAME_WIDTH - 2 - words.cell_length), numbers).stylize(
        style
    )


def unknown_options(view: WizardView) -> tuple[RadioOption, ...]:
    """What becomes of SKUs never counted, where the rest is not copied."""
    skus = counted(view.facts.unknown_skus, "SKU")
    return (
        RadioOption(
            "copy",
            f"Copy just these {skus}",
            "They start with the store's counts; all others keep Sumtracker's.",
            RECOMMENDED,
        ),
        RadioOption(
            "hold",
            "Hold them",
            "Nothing is written where they are sold, until somebody counts them in Sumtracker.",
        ),
        RadioOption(
            "zero",
            "Push 0",
            "The store shows them as sold out from then on. This asks for the shop's handle.",
        ),
    )


def promised_options(view: WizardView) -> tuple[RadioOption, ...]:
    """Whether Sumtracker's numbers include what earlier orders promised."""
    units = counted(view.facts.promised_before, "unit")
    return (
        RadioOption(
            "yes",
            "Yes, they are still in Sumtracker's numbers",
            f"The {units} are taken off before anything is shown in the store"
            + (
                ", those too that were taken off when sync was on before. What was ordered and sent while sync was off is not among "
                "them: count those SKUs, or copy."
                if view.facts.synced_before
                else "."
            ),
        ),
        RadioOption(
            "no",
            "No, they were taken off already",
            "Sumtracker's numbers are shown as they are."
            + (
                " What was promised by the time sync was turned off was taken off by then; what was ordered since is still in them, "
                "sent or not: count those SKUs, or copy."
                if view.facts.synced_before
                else ""
            ),
        ),
    )


# Duplicates --------------------------------------------------------------------------------------------------------------------------


def groups_lines(view: WizardView) -> list[Content]:
    """How many groups, how many decided, and what the decisions do to units."""
    groups = view.groups
    if not groups.groups:
        return []
    head = (
        f"{counted(groups.groups, 'shared SKU needs', 'shared SKUs need')} a decision: {groups.decided:,} decided · "
        f"{view.facts.to_decide:,} to decide"
    )
    if view.facts.splits_pending:
        head += f" · {view.facts.splits_pending:,} without new SKUs"
    lines = [Content.styled(head, "bold")]
    effect = groups.effect
    if groups.decided and view.state.answers.copy is False:
        lines.append(
            Content(
                "Shared, the listings of a SKU show Sumtracker's number. Whose count is copied matters only for SKUs "
                "that it never counted."
            )
        )
    elif groups.decided:
        same = effect.units_before == effect.units_after
        lines.append(
            Content(
                f"As decided, their listings go from {effect.units_before:,} to {counted(effect.units_after, 'unit')} in the store "
                f"once counts are copied: {effect.listings_raised:,} up, {effect.listings_lowered:,} down."
                if not same or effect.listings_raised
                else f"As decided, every listing keeps its number: {counted(effect.units_after, 'unit')}."
            )
        )
    return lines


# What this means -------------------------------------------------------------------------------------------------------------------------


def meaning_name(step: str) -> str:
    """The name of a step's paragraphs in `meanings`."""
    return f"wizard_{step}"
