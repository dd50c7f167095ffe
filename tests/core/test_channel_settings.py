"""What is said of channel settings and close-at quantities."""

from __future__ import annotations

import pytest

from supportdesk.core.channel_settings import (
    BundleShown,
    ChannelNumbers,
    ChannelSettings,
    CloseAtChanged,
    SettingsChange,
    SettingsChanged,
    ShownSettings,
    numbers_said,
)

NUMBERS = ChannelNumbers(1_190, 20, 14, 4, 0)


def shown(settings: ChannelSettings, numbers: ChannelNumbers | None = NUMBERS) -> ShownSettings:
    return ShownSettings("kestrel", settings, numbers)


@pytest.mark.parametrize(
    ("change", "after"),
    [
        (SettingsChange(), ChannelSettings(False, 9)),
        (SettingsChange(drafts=True), ChannelSettings(True, 9)),
        (SettingsChange(maximum=0), ChannelSettings(False, 0)),
        (SettingsChange(maximum="none"), ChannelSettings(False, None)),
        (SettingsChange(drafts=True, maximum=500), ChannelSettings(True, 500)),
    ],
)
def test_what_is_not_asked_for_stays(change: SettingsChange, after: ChannelSettings) -> None:
    assert change.of(ChannelSettings(False, 9)) == after


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (ChannelSettings(), ChannelSettings(), ()),
        (
            ChannelSettings(),
            ChannelSettings(True),
            (
                "Listings in scope: 1,190 → 1,210",
                "Duplicate groups to judge: 14 → 15",
                "Groups left to do: 4 → 5",
            ),
        ),
        (ChannelSettings(), ChannelSettings(False, 0), ("Rows the maximum lowers: 0 → 7",)),
        (ChannelSettings(False, 9), ChannelSettings(), ("Rows the maximum lowers: 0 → 7",)),
    ],
)
def test_what_a_change_does(before: ChannelSettings, after: ChannelSettings, lines: tuple[str, ...]) -> None:
    changed = SettingsChanged(shown(before), shown(after, ChannelNumbers(1_210, 20, 15, 5, 7)))
    assert changed.lines == lines
    assert changed.text.startswith("kestrel")
    assert ("as it was" in changed.text) == (before == after)


def test_what_settings_come_to() -> None:
    assert numbers_said(shown(ChannelSettings(), None)) == ("It has not been loaded yet.",)
    assert numbers_said(shown(ChannelSettings(True, 40), ChannelNumbers(1, 1, 1, 0, 1))) == (
        "1 listing in scope; 1 draft among them.",
        "1 duplicate group, 0 left to do.",
        "1 row is lowered to the maximum.",
    )


@pytest.mark.parametrize(
    ("before", "after", "available", "shown_before", "shown_after", "text"),
    [
        (0, 3, None, None, None, "Close at of MUG in MAIN: none → 3. It was never counted there."),
        (
            3,
            0,
            12,
            12,
            12,
            "Close at of MUG in MAIN: 3 → none. 12 available, so stores are shown 12 as before.",
        ),
        (
            0,
            12,
            12,
            12,
            0,
            "Close at of MUG in MAIN: none → 12. 12 available, so stores are shown 0 instead of 12. Bundles: KIT 6 → 0.",
        ),
        (4, 4, 12, 12, 12, "Close at of MUG in MAIN is as it was: 4."),
    ],
)
def test_what_a_close_at_does(
    before: int, after: int, available: int | None, shown_before: int, shown_after: int, text: str
) -> None:
    bundles = (BundleShown("KIT", 6, 0),) if shown_before != shown_after else ()
    changed = CloseAtChanged("MUG", "MAIN", before, after, available, shown_before, shown_after, bundles)
    assert changed.text == text
