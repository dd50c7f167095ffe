"""What of a channel a person sets beside its connections: whether drafts are synced, the most it is shown; and close-at quantities.

Values and the sentences about them. What a number becomes by them is in `stock`, which listings are in scope in `listings`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from supportdesk.core.checks import count_of
from supportdesk.core.skus import shown_sku


class ChannelSettings(NamedTuple):
    """A channel's settings as they are."""

    drafts: bool = False
    """Whether DRAFT listings are in scope."""
    maximum: int | None = None
    """At most this number is pushed of anything; None for no maximum."""

    @property
    def text(self) -> str:
        """`drafts out, no maximum`."""
        return f"drafts {'in' if self.drafts else 'out'}, {maximum_said(self.maximum)}"


def maximum_said(maximum: int | None) -> str:
    """`no maximum`, `a maximum of 40`."""
    return "no maximum" if maximum is None else f"a maximum of {maximum:,}"


@dataclass(frozen=True, slots=True)
class ChannelNumbers:
    """What a channel's settings come to, in its own numbers as they were last loaded."""

    in_scope: int
    """Listings that can be synced."""
    drafts: int
    """Draft listings, whether in scope or not, that nothing else leaves out."""
    groups: int
    """Duplicate groups that need a decision, given or not."""
    to_decide: int
    """Those of them that still need one."""
    at_maximum: int
    """Rows (inventory item × location) whose number the maximum lowers: Sumtracker's, or the store's where Sumtracker has none."""


@dataclass(frozen=True, slots=True)
class ShownSettings:
    """A channel's settings with what they come to."""

    channel: str
    settings: ChannelSettings
    numbers: ChannelNumbers | None
    """None until the channel was loaded once."""


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """What a person asks for; None leaves a setting as it is."""

    drafts: bool | None = None
    maximum: int | Literal["none"] | None = None
    seen: ChannelSettings | None = None
    """The settings as the person saw them; where they are others now the change is refused. None: whatever is there."""

    def of(self, before: ChannelSettings) -> ChannelSettings:
        """The settings after it."""
        return ChannelSettings(
            before.drafts if self.drafts is None else self.drafts,
            before.maximum if self.maximum is None else None if self.maximum == "none" else self.maximum,
        )


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """What comes, or came, of a change."""

    before: ShownSettings
    after: ShownSettings

    @property
    def lines(self) -> tuple[str, ...]:
        """What it does in this merchant's numbers, a line each; none where nothing changes."""
        was, now = self.before, self.after
        if was.settings == now.settings:
            return ()
        if was.numbers is None or now.numbers is None:
            return ("The channel has not been loaded yet, so there are no numbers to say.",)
        parts: list[tuple[str, int, int]] = []
        if was.settings.drafts != now.settings.drafts:
            parts += [
                ("Listings in scope", was.numbers.in_scope, now.numbers.in_scope),
                ("Duplicate groups to judge", was.numbers.groups, now.numbers.groups),
                ("Groups left to do", was.numbers.to_decide, now.numbers.to_decide),
            ]
        if now.settings.maximum is not None or was.settings.maximum is not None:
            parts.append(
                ("Rows the maximum lowers", was.numbers.at_maximum, now.numbers.at_maximum),
            )
        return tuple(f"{name}: {before:,} → {after:,}" for name, before, after in parts)

    @property
    def text(self) -> str:
        """One sentence."""
        if self.before.settings == self.after.settings:
            return f"{self.after.channel} is as it was: {self.after.settings.text}."
        return f"{self.after.channel}: {self.before.settings.text} → {self.after.settings.text}."


def numbers_said(shown: ShownSettings) -> tuple[str, ...]:
    """What the settings come to, a line each."""
    numbers = shown.numbers
    if numbers is None:
        return ("It has not been loaded yet.",)
    lines = [
        f"{count_of(numbers.in_scope, 'listing')} in scope; {count_of(numbers.drafts, 'draft')} "
        f"{'among them' if shown.settings.drafts else 'left out'}.",
        f"{count_of(numbers.groups, 'duplicate group')}, {numbers.to_decide:,} left to do.",
    ]
    if shown.settings.maximum is not None:
        lines.append(f"{count_of(numbers.at_maximum, 'row is', 'rows are')} lowered to the maximum.")
    return tuple(lines)


@dataclass(frozen=True, slots=True)
class CloseAtChange:
    """What a person asks for: a close-at quantity of one SKU in one warehouse."""

    sku: str
    warehouse: str
    """Id, code or exact name."""
    number: int
    """0 for none."""
    seen: int | None = None
    """As the person saw it, 0 for none; where it is another now the change is refused. None: whatever is there."""


@dataclass(frozen=True, slots=True)
class CloseAtChanged:
    """What came of it."""

    sku: str
    warehouse: str
    """Code."""
    before: int
    after: int
    available: int | None
    """None where the ledger never counted it there."""
    shown_before: int | None
    """What a linked store is shown, before the channel's maximum; None where unknown."""
    shown_after: int | None
    bundles: tuple[BundleShown, ...] = ()
    """Bundles it is part of whose number changes there, the first ones by SKU."""

    @property
    def text(self) -> str:
        """One sentence of what it is, one of what a store is shown."""
        if self.before == self.after:
            return f"Close at of {shown_sku(self.sku)} in {self.warehouse} is as it was: {_said(self.after)}."
        first = f"Close at of {shown_sku(self.sku)} in {self.warehouse}: {_said(self.before)} → {_said(self.after)}."
        if self.available is None:
            return f"{first} It was never counted there."
        shown = f"{self.available:,} available, so stores are shown {self.shown_after:,}"
        changed = (
            f" instead of {self.shown_before:,}" if self.shown_before != self.shown_after else " as before"
        )
        return f"{first} {shown}{changed}.{_bundles_said(self.bundles)}"


class BundleShown(NamedTuple):
    """What a linked store is shown of a bundle."""

    sku: str
    before: int
    after: int


def _said(number: int) -> str:
    return f"{number:,}" if number else "none"


def _bundles_said(bundles: Sequence[BundleShown]) -> str:
    if not bundles:
        return ""
    return f" Bundles: {', '.join(f'{shown_sku(each.sku)} {each.before:,} → {each.after:,}' for each in bundles)}."
