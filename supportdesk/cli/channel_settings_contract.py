"""The JSON of channel settings and close-at quantities, as models. A field here is never renamed."""

from __future__ import annotations

from pydantic import BaseModel

from supportdesk.core.channel_settings import CloseAtChanged, SettingsChanged, ShownSettings


class SettingsLine(BaseModel):
    """`settings`. The counts are null until the channel was loaded once."""

    channel: str
    drafts: bool
    """Whether draft listings are in scope."""
    maximum: int | None
    in_scope: int | None
    draft_listings: int | None
    duplicate_groups: int | None
    """Groups that need a decision, given or not."""
    to_decide: int | None
    rows_at_maximum: int | None

    @classmethod
    def of(cls, shown: ShownSettings) -> SettingsLine:
        """The contract's form of a channel's settings."""
        numbers = shown.numbers
        return cls(
            channel=shown.channel,
            drafts=shown.settings.drafts,
            maximum=shown.settings.maximum,
            in_scope=numbers.in_scope if numbers else None,
            draft_listings=numbers.drafts if numbers else None,
            duplicate_groups=numbers.groups if numbers else None,
            to_decide=numbers.to_decide if numbers else None,
            rows_at_maximum=numbers.at_maximum if numbers else None,
        )


class SettingsChangedLine(BaseModel):
    """`settings` with a change."""

    before: SettingsLine
    after: SettingsLine
    text: str

    @classmethod
    def of(cls, changed: SettingsChanged) -> SettingsChangedLine:
        """The contract's form of what came of a change."""
        return cls(
            before=SettingsLine.of(changed.before),
            after=SettingsLine.of(changed.after),
            text=changed.text,
        )


class BundleShownLine(BaseModel):
    """What stores are shown of a bundle that a close-at of a component changes."""

    sku: str
    before: int
    after: int


class CloseAtLine(BaseModel):
    """`close-at`. `shown` is what a linked store is shown, before the channel's maximum; null where never counted."""

    sku: str
    warehouse: str
    before: int
    after: int
    available: int | None
    shown_before: int | None
    shown_after: int | None
    bundles: list[BundleShownLine]
    text: str

    @classmethod
    def of(cls, changed: CloseAtChanged) -> CloseAtLine:
        """The contract's form of what came of a change."""
        plain = [name for name in cls.model_fields if name != "bundles"]
        return cls(
            **{name: getattr(changed, name) for name in plain},
            bundles=[BundleShownLine(**each._asdict()) for each in changed.bundles],
        )
