"""Two small forms: drafts and maximum of a channel, and the close-at quantity of a SKU in a warehouse. What they do, the desk says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from textual import on
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.worker import Worker

from supportdesk.core.channel_settings import (
    ChannelSettings,
    CloseAtChange,
    CloseAtChanged,
    SettingsChange,
    SettingsChanged,
    ShownSettings,
    numbers_said,
)
from supportdesk.core.skus import shown_sku
from supportdesk.core.stock import WarehouseStock, number_pushed
from supportdesk.core.text import safe_text
from supportdesk.errors import Conflict, SupportdeskError
from supportdesk.screens.doorway import Doorway
from supportdesk.screens.form_dialog import FormDialog, Question
from supportdesk.screens.work import Work
from supportdesk.widgets.choice import Choice
from supportdesk.widgets.field import Field
from supportdesk.widgets.merchant_text import plain

TYPING_SECONDS: Final = 0.25
"""How long a number is left alone before it is counted what it would do: that reads every row."""
_WHOLE: Final = "A whole number, or nothing."
_DRAFTS: Final = (
    "Draft listings are not for sale yet; their stock stays as it is in the store.",
    "Draft listings share the stock of their SKU, and are pushed like the others.",
)


def _whole(text: str) -> int | None:
    """The number in a field, None for one that is none."""
    plain_text = text.replace(",", "")
    fits = plain_text.isascii() and plain_text.isdecimal() and len(plain_text) <= 18
    return int(plain_text) if fits else None


class SettingsDialog(FormDialog[SettingsChanged]):
    """Drafts and maximum of one channel. Answers what came of changing them."""

    title_text = "Drafts and maximum"
    DEFAULT_CSS = """
    SettingsDialog #maximum { margin-top: 1; }
    SettingsDialog #effect { height: auto; width: 1fr; margin-top: 1; }
    """

    def __init__(self, doorway: Doorway, channel: str) -> None:
        super().__init__()
        self.doorway = doorway
        self.channel = channel
        self.shown: ShownSettings | None = None
        self._timer: Timer | None = None
        self._asked = 0

    def compose_questions(self) -> Iterable[Widget]:
        """Drafts, maximum, what they come to, what a change would do."""
        yield Question("Drafts", ("left out", "synced"), id="drafts")
        yield Field("Maximum", "the most that is pushed of anything; empty for none", id="maximum")
        yield Static(id="effect")

    def opened(self) -> None:
        """Read the settings."""
        self.query_one("#drafts", Question).query_one(Choice).focus()
        self._explain()
        channel = self.channel
        self.ask(lambda _: self.doorway.channel_settings(channel), self._read)

    def _read(self, shown: ShownSettings) -> None:
        """Show them as they are."""
        self.shown = shown
        self.query_one("#drafts", Question).choose(1 if shown.settings.drafts else 0)
        maximum = shown.settings.maximum
        self.query_one("#maximum", Field).input.value = "" if maximum is None else str(maximum)
        self._explain()
        self._show_now()

    def _explain(self) -> None:
        question = self.query_one("#drafts", Question)
        question.explain(_DRAFTS[question.chosen])

    def _show_now(self) -> None:
        if self.shown is not None:
            self._show(("Now", *numbers_said(self.shown)))

    def _show(self, lines: Iterable[str]) -> None:
        title, *rest = lines
        self.query_one("#effect", Static).update(
            Content("\n").join([Content.styled(title, "bold"), *(plain(line) for line in rest)])
        )

    # What is entered

    @property
    def wanted(self) -> ChannelSettings | None:
        """The settings as they stand in the form; None where the maximum is no number."""
        text = self.query_one("#maximum", Field).value
        maximum = _whole(text) if text else None
        if text and maximum is None:
            return None
        return ChannelSettings(self.query_one("#drafts", Question).chosen == 1, maximum)

    @on(Choice.Changed)
    @on(Input.Changed)
    def _changed(self) -> None:
        """Count what it would do, once the typing rests."""
        self._explain()
        self.query_one("#maximum", Field).say(None)
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(TYPING_SECONDS, self._look)

    def _look(self) -> None:
        """Say what saving would do, in this merchant's numbers."""
        shown, wanted = self.shown, self.wanted
        if shown is None or wanted is None or self._busy:
            return
        self._asked += 1
        if wanted == shown.settings:
            self._show_now()
            return
        asked, channel, change = self._asked, self.channel, _change(wanted, shown.settings)

        def looked(changed: SettingsChanged) -> None:
            if asked == self._asked and not self._busy:
                self._show(("Saving would change", *changed.lines))

        def refused(error: SupportdeskError) -> None:
            if asked == self._asked and not self._busy:
                self.say(error)

        work = Work(
            lambda watch: self.doorway.preview_settings(channel, change, watch), done=looked, failed=refused
        )
        _worker: Worker[None] = self.run_worker(work.run, name="look", group="look", exclusive=True)

    def submit(self) -> None:
        """Save them, as they were shown."""
        shown, wanted = self.shown, self.wanted
        if shown is None:
            return
        if wanted is None:
            field = self.query_one("#maximum", Field)
            field.say(_WHOLE)
            field.input.focus()
        elif wanted == shown.settings:
            self.say("Nothing was changed.")
        else:
            self.workers.cancel_group(self, "look")
            self._asked += 1
            channel, change = self.channel, _change(wanted, shown.settings)
            self.ask(
                lambda watch: self.doorway.change_settings(channel, change, watch), self.end, self._refused
            )

    def _refused(self, error: SupportdeskError) -> None:
        """Say it; where somebody else changed them meanwhile, know what they are now and keep what was entered."""
        self.say(error)
        if isinstance(error, Conflict):
            channel = self.channel

            def come(shown: ShownSettings) -> None:
                self.shown = shown
                self._show_now()
                self.say(error)

            self.ask(lambda _: self.doorway.channel_settings(channel), come)


def _change(wanted: ChannelSettings, seen: ChannelSettings) -> SettingsChange:
    return SettingsChange(wanted.drafts, "none" if wanted.maximum is None else wanted.maximum, seen)


class CloseAtDialog(FormDialog[CloseAtChanged]):
    """The close-at quantity of one SKU in one warehouse. Answers what came of changing it."""

    DEFAULT_CSS = """
    CloseAtDialog #effect { height: auto; width: 1fr; padding-left: 15; color: $accent; min-height: 1; }
    """

    def __init__(self, doorway: Doorway, account: str, sku: str, warehouse: WarehouseStock) -> None:
        super().__init__()
        self.doorway = doorway
        self.account = account
        self.sku = sku
        self.warehouse = warehouse
        self.title_text = safe_text(f"Close at of {shown_sku(sku)} in {warehouse.code}")

    def compose_questions(self) -> Iterable[Widget]:
        """What it is, the number, what stores would be shown."""
        yield Static(
            Content(
                "Where this many or fewer are available, stores are shown 0: the last ones are kept back."
            ),
            classes="sentence",
        )
        yield Field("Close at", "a number; empty or 0 for none", id="number")
        yield Static(id="effect")

    def opened(self) -> None:
        """Begin with the number there is."""
        field = self.query_one("#number", Field).input
        field.value = str(self.warehouse.close_at) if self.warehouse.close_at else ""
        field.focus()
        self._show_effect()

    @property
    def number(self) -> int | None:
        """The number typed, 0 for nothing; None where it is none."""
        text = self.query_one("#number", Field).value
        return _whole(text) if text else 0

    @on(Input.Changed)
    def _show_effect(self) -> None:
        self.query_one("#number", Field).say(None)
        number, available = self.number, self.warehouse.available
        if available is None:
            said = "It was never counted there, so stores are shown nothing of it yet."
        elif number is None:
            said = ""
        else:
            before = number_pushed(available, self.warehouse.close_at)
            said = (
                f"{available:,} available: stores are shown {before:,} → {number_pushed(available, number):,}"
            )
        self.query_one("#effect", Static).update(Content(said))

    @on(Input.Submitted)
    def _number_entered(self, event: Input.Submitted) -> None:
        event.prevent_default()
        self.action_submit()

    def submit(self) -> None:
        """Set it, as it was shown."""
        number = self.number
        if number is None:
            self.query_one("#number", Field).say(_WHOLE)
            return
        if number == self.warehouse.close_at:
            self.say("Nothing was changed.")
            return
        change = CloseAtChange(self.sku, str(self.warehouse.warehouse_id), number, self.warehouse.close_at)
        self.ask(lambda _: self.doorway.change_close_at(self.account, change), self.end)
