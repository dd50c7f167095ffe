"""The Log tab: what happens in the channel, as it happens, whoever does it: its keys and commands. Reading is `log_reading`, drawing the `LogView`'s."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import ClassVar, Final

from textual import on
from textual.binding import BindingType

from supportdesk.commands import Command
from supportdesk.core.events import GROUP_WORDS, Event, Group, order_of
from supportdesk.core.progress import Watch
from supportdesk.screens.log_reading import LogReading
from supportdesk.screens.log_time import TimeDialog
from supportdesk.screens.log_words import lines_words, meaning_lines
from supportdesk.screens.sku import SkuScreen
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.dialogs import TextPage
from supportdesk.widgets.filter import FilterLine
from supportdesk.widgets.log_line import LogLine
from supportdesk.widgets.log_view import LogView

_GROUPS: Final[tuple[Group, ...]] = tuple(GROUP_WORDS)


class LogTab(LogReading):
    """The log."""

    name_in_registry = "log"
    keeps_place = frozenset({"log.inspect"})
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("log")

    # Tab

    def focus_first(self) -> None:
        """The cursor is on the lines."""
        self.view.focus()

    def changed(self) -> None:
        """Open the log, the first time; from then on it hears of what happens by itself."""
        if self.source is None and not self.is_opening:
            self.open_log()

    def shown(self) -> None:
        """Somebody looks: how sync stands may have changed while nobody did."""
        self.stand()
        self.say_watching()

    def go(self, where: str) -> None:
        """Show the lines of that group."""
        group = next((each for each in _GROUPS if each == where), None)
        if group is not None:
            self.filter_line.leave(clear=True)
            self.group, self.place = group, ""
            self.read()

    def back(self) -> bool:
        """Forget the marked range, then the text, then the other filters."""
        line = self.filter_line
        if self.view.marked_from is not None:
            self.view.toggle_mark()
        elif line.text or line.is_open:
            line.leave(clear=True)
            self.in_context = False
            self.view.focus()
        elif self.group != "all" or self.place:
            self.group, self.place = "all", ""
            self.read()
        else:
            return False
        self.describe()
        return True

    @on(LogView.Moved)
    def _moved(self) -> None:
        self.describe()
        key = (self.view.key is None, self.view.is_following, self.event.kind if self.event else "")
        if self._said.get("footer") != repr(key):
            self._said["footer"] = repr(key)
            self.show_footer()

    def on_resize(self) -> None:
        """More room for the bars where there is some."""
        if self.source is not None:
            self.show_head()

    # What can be done

    def reason_disabled(self, command_id: str) -> str | None:
        """What the line under the cursor is needed for."""
        event = self.event
        if command_id == "table.last" and self.view.is_following:
            return "The end is followed already."
        if command_id == "log.context" and not self.filter_line.text:
            return "There is no text that lines could hold: / types one."
        if command_id in ("log.inspect", "log.order", "log.meaning", "log.mark") and event is None:
            return "There is no line."
        if command_id == "log.inspect" and event is not None and not event.sku and not order_of(event):
            return "This line is about no SKU and no order; m says more of it."
        if command_id == "log.order" and event is not None and not order_of(event):
            return "This line is about no order."
        return None

    def label_of(self, command: Command) -> str:
        """What esc, enter and G do now."""
        if command.id == "back":
            if self.view.marked_from is not None:
                return "forget the mark"
            if self.filter_line.text or self.filter_line.is_open or self.group != "all" or self.place:
                return "clear filter"
        if command.id == "log.inspect" and self.filter_line.is_open:
            return "keep filter"
        if command.id == "table.last":
            return "follow"
        if command.id == "log.look" and self.group == "look":
            return "everything"
        if command.id == "log.show":
            return f"show {GROUP_WORDS[self._next_group]}"
        if command.id == "log.context" and self.in_context:
            return "those alone"
        return command.label

    def what_to_copy(self) -> tuple[str, str]:
        """The line under the cursor, or the marked range."""
        lines = self._marked_lines()
        if lines is None:
            return lines_words(1), self.view.line.as_text() if self.view.line else ""
        return lines_words(len(lines)), "\n".join(line.as_text() for line in lines)

    def _marked_lines(self) -> list[LogLine] | None:
        marked = self.view.marked
        if marked is None:
            return None
        return [line for line in self.view.lines if marked[0] <= line.key <= marked[1]]

    def row_to_copy(self) -> str:
        """All that is known of the line, or of each of the range, cells separated by tabs."""
        from supportdesk.desk.log import facts_of

        lines = self._marked_lines() or ([self.view.line] if self.view.line else [])
        events = [line.item for line in lines if isinstance(line.item, Event)]
        return "\n".join(
            "\t".join("" if value is None else str(value) for value in facts_of(event).values())
            for event in events
        )

    # Commands

    def action_inspect(self) -> None:
        """Look into the SKU; into the order where Sumtracker knows no such SKU."""
        event = self.event
        if event is None:
            return
        if event.sku and event.kind != "not_found":
            self.app.push_screen(SkuScreen(self.channel, event.sku, str(self.zone)))
        else:
            self.action_order()

    def action_order(self) -> None:
        """To the order."""
        if self.event is not None and (order := order_of(self.event)):
            self.post_message(self.GoTo(f"orders:{order}"))

    def action_filter(self) -> None:
        """Type a text to filter by."""
        self.filter_line.open()

    def action_context(self) -> None:
        """All lines with the matches marked, or those alone; the cursor stays where it is."""
        self.in_context = not self.in_context
        self._mark_matches()
        self.read(None if self.view.is_following else self.view.key)

    def _mark_matches(self) -> None:
        text = self.filter_line.text.casefold() if self.in_context else ""
        holds: Callable[[LogLine], bool] | None = None
        if text:

            def holds(line: LogLine) -> bool:
                return text in line.as_text().casefold()

        self.view.set_matches(holds)

    def action_look(self) -> None:
        """What is to be looked at, or everything."""
        self.group = "all" if self.group == "look" else "look"
        self.read()

    @property
    def _next_group(self) -> Group:
        return _GROUPS[(_GROUPS.index(self.group) + 1) % len(_GROUPS)]

    def action_show_next(self) -> None:
        """Everything, or one kind of thing, in turn."""
        self.group = self._next_group
        self.read()

    def action_place_next(self) -> None:
        """Every place, or one, in turn."""
        places = ("", *self.places)
        with contextlib.suppress(ValueError):
            self.place = places[(places.index(self.place) + 1) % len(places)]
            self.read()

    def action_find(self, step: int) -> None:
        """To the next line that holds the text, else that is to be looked at; `step` -1 to the one before."""
        log, key = self.source, self.view.key
        if log is None or key is None:
            return
        text = self.filter_line.text if self.in_context else ""
        wanted = replace(self.wanted, text=text) if text else replace(self.wanted, group="look")
        newest = self.newest

        def find(watch: Watch) -> int | None:
            edge = key
            while True:
                piece = (log.after if step > 0 else log.before)(edge, wanted, 1, watch)
                if piece.events:
                    return piece.events[0].id if piece.events[0].id <= newest else None
                if piece.ended:
                    return None
                edge = piece.edge

        def found(at: int | None) -> None:
            if at is None:
                what = "that holds the text" if text else "to look at"
                where = "below" if step > 0 else "above"
                self.app.notify(f"No line {what} {where}.", markup=False)
                return
            self._put_cursor(at)

        self.work("find", find, found)

    def _put_cursor(self, at: int) -> None:
        """Onto the line of that id, wherever it is."""
        for index, line in enumerate(self.view.lines):
            if line.key == at:
                self.view.move_to(index)
                return
        self.read(at)

    def action_time(self) -> None:
        """Ask for a time, and go there."""
        self.app.push_screen(TimeDialog(self.zone, self.now), self._to_time)

    def _to_time(self, moment: datetime | None) -> None:
        log = self.source
        if log is None or moment is None:
            return
        newest = self.newest

        def gone(at: int) -> None:
            if at > newest:
                self.app.notify("Nothing happened from then on: this is the end.", markup=False)
                self.read()
            else:
                self.read(at)

        self.work("time", lambda _: log.id_at(moment), gone)

    def action_follow(self) -> None:
        """To the end, to follow it."""
        self.view.action_edge(1)

    def action_wrap(self) -> None:
        """Long lines go on in the next row, or are cut."""
        self.view.toggle_wrap()

    def action_mark(self) -> None:
        """Begin a range, or forget it."""
        self.view.toggle_mark()
        self.describe()

    def action_export(self) -> None:
        """Write all lines that are shown to a file."""
        handle = self.channel.handle
        wanted = replace(self.wanted, text=self.filter_line.text)
        what = "Every line of the log" if wanted.is_empty else "Every line like that, of all of the log"
        self.save(
            what, f"{handle}-log.csv", lambda to, watch: self.doorway.save_log(handle, to, wanted, watch)
        )

    def action_load(self) -> None:
        """Read the store again."""
        self.post_message(self.LoadWanted())

    def action_meaning(self) -> None:
        """Explain the line under the cursor."""
        if self.event is not None:
            self.app.push_screen(TextPage("What this means", meaning_lines(self.event, self.zone)))

    @on(FilterLine.Changed)
    def _filter_changed(self) -> None:
        self._mark_matches()
        if not self.in_context:
            self.read()
        self.describe()

    @on(FilterLine.Left)
    def _filter_left(self) -> None:
        self.view.focus()

    @on(LogView.Opened)
    def _line_opened(self) -> None:
        self.desk_app.run_command_id("log.inspect")
