"""The Log tab: what happens in the channel, as it happens, whoever does it. Reading is the desk's, drawing the `LogView`'s."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from supportdesk.commands import Command
from supportdesk.core.channels import ChannelSummary
from supportdesk.core.events import GROUP_WORDS, Event, Group, LogFilter, order_of
from supportdesk.core.progress import Watch
from supportdesk.core.text import safe_text
from supportdesk.errors import SupportdeskError
from supportdesk.screens.log_time import TimeDialog
from supportdesk.screens.log_words import (
    LISTENING,
    NONE_LIKE_THAT,
    countdown,
    counts_words,
    lines_words,
    log_line,
    meaning_lines,
    sparkline,
    summary_words,
)
from supportdesk.screens.overview import OverviewTab
from supportdesk.screens.sku import SkuScreen
from supportdesk.screens.stock_words import zone
from supportdesk.screens.tab import ChannelTab
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.dialogs import ErrorDialog, TextPage
from supportdesk.widgets.filter import FilterLine
from supportdesk.widgets.log_line import LogLine
from supportdesk.widgets.log_view import LogView
from supportdesk.widgets.merchant_text import plain

if TYPE_CHECKING:
    from supportdesk.desk.log import Log, LogStanding, News, Piece

DRAIN_SECONDS: Final = 0.1
"""How often what happened is taken in."""
DRAIN_SECONDS_REMOTE: Final = 0.25
_QUIET_SECONDS: Final = 0.5
"""The same after `_QUIET_AFTER` looks that found nothing: nobody waits for less, and looking costs."""
_QUIET_AFTER: Final = 20
PAGE: Final = 200
"""Lines read at a time."""
_WATCH_SECONDS: Final = 10.0
_STAND_SECONDS: Final = 5
_MINUTES: Final = 60
_MINUTES_A_BAR: Final = ((1, 160), (2, 110), (3, 80), (6, 0))
"""Minutes that a bar stands for, by the least width of the terminal."""
_GROUPS: Final[tuple[Group, ...]] = tuple(GROUP_WORDS)


class _Opened(NamedTuple):
    """The log as it was found."""

    newest: int
    piece: Piece


class LogTab(ChannelTab):
    """The log."""

    name_in_registry = "log"
    keeps_place = frozenset({"log.inspect"})
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("log")
    DEFAULT_CSS = """
    LogTab > #log-head { height: 1; width: 1fr; padding: 0 1; }
    LogTab #log-pulse { width: auto; height: 1; color: $accent; }
    LogTab #log-counts { width: 1fr; height: 1; color: $muted; margin-left: 1; }
    LogTab #log-countdown { width: 20; height: 1; color: $muted; text-align: right; }
    """

    def __init__(self, channel: ChannelSummary) -> None:
        super().__init__(channel)
        self.group: Group = "all"
        self.place = ""
        self.in_context = False
        """Whether the lines that do not hold the filter's text are shown too."""
        self.standing: LogStanding | None = None
        self._places: tuple[str, ...] = ()
        self._log: Log | None = None
        self._opened: list[Log] = []
        self._is_opening = False
        self._newest = 0
        self._edges = (0, 0)
        """The ids the lines were looked for to, at both ends."""
        self._minutes: dict[datetime, Counter[str]] = {}
        self._counts: Counter[str] = Counter()
        """All that was counted so far, also what is older than an hour by now."""
        self._drawn: tuple[datetime, int, int] | None = None
        self._version = 0
        """Grows with everything that is asked anew, so that an answer to what was asked before is known for one."""
        self._is_behind = self._is_taking = False
        self._quiet = 0
        """Looks in a row that found nothing."""
        self._searching = ""
        self._said: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """What is shown, how sync goes, the lines."""
        yield FilterLine()
        with Horizontal(id="log-head"):
            yield Static(id="log-pulse")
            yield Static(id="log-counts")
            yield Static(id="log-countdown")
        yield LogView(id="log-lines")

    @property
    def filter_line(self) -> FilterLine:
        """What is shown, and the filter."""
        return self.query_one(FilterLine)

    @property
    def view(self) -> LogView:
        """The lines."""
        return self.query_one(LogView)

    @property
    def event(self) -> Event | None:
        """The event under the cursor."""
        line = self.view.line
        return line.item if line is not None and isinstance(line.item, Event) else None

    @property
    def wanted(self) -> LogFilter:
        """Which lines are shown."""
        text = "" if self.in_context else self.filter_line.text
        return LogFilter(text=text, group=self.group, place=self.place)

    @property
    def zone(self) -> tzinfo:
        """The store's clock."""
        overview = self.screen.query_one(OverviewTab).overview
        return zone(overview.shop.timezone if overview is not None and overview.shop is not None else "UTC")

    def on_mount(self) -> None:
        """Look for news as often as they can be read, and say now and then that somebody looks."""
        self._look_on()
        self.set_interval(1.0, self._pass_second)
        self.set_interval(_WATCH_SECONDS, self._say_watching)

    def on_unmount(self) -> None:
        """Let go of the files."""
        for log in self._opened:
            log.close()

    @property
    def _is_seen(self) -> bool:
        return bool(self.display) and self.app.screen is self.screen

    # Tab

    def focus_first(self) -> None:
        """The cursor is on the lines."""
        self.view.focus()

    def changed(self) -> None:
        """Open the log, the first time; from then on it hears of what happens by itself."""
        if self._log is None and not self._is_opening:
            self._open()

    def shown(self) -> None:
        """Somebody looks."""
        self._say_watching()

    def go(self, where: str) -> None:
        """Show the lines of that group."""
        group = next((each for each in _GROUPS if each == where), None)
        if group is not None:
            self.filter_line.leave(clear=True)
            self.group, self.place = group, ""
            self._read()

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
            self._read()
        else:
            return False
        self._describe()
        return True

    # Reading

    def _open(self) -> None:
        """Open the account's record, and show its end."""
        self._is_opening = True
        handle, wanted = self.channel.handle, self.wanted
        self._version += 1

        def open_there(watch: Watch) -> tuple[Log, tuple[str, ...], _Opened]:
            log = self.doorway.open_log(handle)
            self._opened.append(log)
            newest = log.newest()
            return log, log.places(), _Opened(newest, log.before(newest + 1, wanted, PAGE, watch))

        def come(found: tuple[Log, tuple[str, ...], _Opened]) -> None:
            self._is_opening = False
            self._log, self._places, opened = found
            for other in self._opened:
                if other is not self._log:
                    other.close()
            self._opened = [self._log]
            self._newest, self._minutes, self._counts = opened.newest, {}, Counter()
            self._drawn = None
            self._is_taking, self._is_behind = False, True
            self._show_end(opened.piece)
            self._stand()
            self._say_watching()
            self._count_hour()

        self.work("open", open_there, come, failed=self._unopened)

    def _unopened(self, error: SupportdeskError) -> None:
        """Where it cannot be read a person tries again, or goes on with what is shown."""
        self._is_opening = False
        self.view.describe_empty(("The log could not be read.",))
        self.app.push_screen(ErrorDialog(error, retry=True), lambda wanted: self._open() if wanted else None)

    def _count_hour(self) -> None:
        """Count the last hour, after its end is on screen."""
        log, upto = self._log, self._newest
        if log is not None:
            self.work("hour", lambda watch: log.last_hour(upto, watch), self._hour, failed=lambda _: None)

    def _hour(self, counts: Mapping[tuple[datetime, str], int]) -> None:
        self._tally(counts)
        self._show_head()

    def _tally(self, counts: Mapping[tuple[datetime, str], int]) -> None:
        for (minute, kind), count in counts.items():
            self._minutes.setdefault(minute, Counter())[kind] += count
            self._counts[kind] += count
        oldest = self.now - timedelta(minutes=_MINUTES + 1)
        for minute in [each for each in self._minutes if each < oldest]:
            del self._minutes[minute]

    def _read(self, at: int | None = None) -> None:
        """Show the end of what is wanted, or what stands around the id `at`."""
        log, wanted, edge = self._log, self.wanted, self._newest + 1
        if log is None:
            return
        self._version += 1
        version = self._version
        self.view.marked_from = None
        self._describe()

        def end(watch: Watch) -> Piece:
            return log.before(edge, wanted, PAGE, watch)

        def around(watch: Watch) -> tuple[Piece, Piece]:
            assert at is not None
            return log.before(at, wanted, PAGE // 2, watch), log.after(at - 1, wanted, PAGE, watch)

        def shown(found: tuple[Piece, Piece]) -> None:
            if version == self._version:
                self._show_around(*found, at or 0)

        if at is None:
            self.work("read", end, lambda piece: self._show_end(piece) if version == self._version else None)
        else:
            self.work("read", around, shown)

    def _lines(self, events: Iterable[Event]) -> list[LogLine]:
        where = self.zone
        return [log_line(event, where) for event in events]

    def _show_end(self, piece: Piece) -> None:
        self._edges = (piece.edge, self._newest)
        nothing = LISTENING if self.wanted.is_empty else NONE_LIKE_THAT
        self.view.put(
            self._lines(piece.events),
            has_older=not piece.ended,
            has_newer=False,
            empty=nothing if piece.ended else ("Looking for lines like that …",),
        )
        self._go_on_searching(piece)

    def _show_around(self, before: Piece, after: Piece, at: int) -> None:
        self._edges = (before.edge, after.edge)
        lines = self._lines((*before.events, *after.events))
        # What came after `_newest` is still to be taken in: the lines end there.
        lines = [line for line in lines if line.key <= self._newest]
        has_newer = after.edge < self._newest
        self.view.put(lines, has_older=not before.ended, has_newer=has_newer, at=at, empty=NONE_LIKE_THAT)
        self._describe()

    def _go_on_searching(self, piece: Piece) -> None:
        """Where few lines were found on a long way, look further, saying how far it is."""
        height = max(1, self.view.size.height)
        if piece.ended or len(self.view.lines) >= 2 * height:
            self._searching = ""
            if piece.ended and not self.view.lines:
                self.view.describe_empty(LISTENING if self.wanted.is_empty else NONE_LIKE_THAT)
        else:
            self._searching = f"looking back, {piece.edge:,} events left"
            self._more_older()
        self._describe()

    @on(LogView.Wanted)
    def _wanted(self, event: LogView.Wanted) -> None:
        if event.direction == "older":
            self._more_older()
        elif event.direction == "newer":
            self._more_newer()
        else:
            self._read(0 if event.direction == "first" else None)

    def _more_older(self) -> None:
        log, wanted, edge, version = self._log, self.wanted, self._edges[0], self._version
        if log is None:
            return

        def come(piece: Piece) -> None:
            if version == self._version:
                self._edges = (piece.edge, self._edges[1])
                self.view.put_older(self._lines(piece.events), has_older=not piece.ended)
                self._go_on_searching(piece)

        self.work("older", lambda watch: log.before(edge, wanted, PAGE, watch), come, failed=self._no_more)

    def _more_newer(self) -> None:
        log, wanted, version = self._log, self.wanted, self._version
        if log is None:
            return
        last = self.view.lines[-1].key if self.view.lines else 0
        edge, newest = max(last, self._edges[0]), self._newest

        def come(piece: Piece) -> None:
            if version == self._version:
                lines = [line for line in self._lines(piece.events) if line.key <= newest]
                self.view.put_newer(lines, has_newer=piece.edge < newest)

        self.work("newer", lambda watch: log.after(edge, wanted, PAGE, watch), come, failed=self._no_more)

    def _no_more(self, error: SupportdeskError) -> None:
        self.view.give_up()
        self._searching = ""
        self.desk_screen.show_error(error)

    # News

    def _look_on(self) -> None:
        """Look, and look again: soon while things happen, seldom while nothing does."""
        self._look()
        self._quiet = 0 if self._is_taking or self._is_behind else self._quiet + 1
        seconds = DRAIN_SECONDS_REMOTE if self.desk_app.profile.remote else DRAIN_SECONDS
        self.set_timer(seconds if self._quiet < _QUIET_AFTER else _QUIET_SECONDS, self._look_on)

    def _look(self) -> None:
        """Take in what happened since, if something did; while another screen lies on top, later."""
        log = self._log
        if log is None or not self._is_seen or self._is_opening:
            return
        if log.is_replaced:
            self._log = None
            self._open()
            return
        if log.has_changed():
            self._is_behind = True
        if self._is_behind and not self._is_taking:
            self._take(log)

    def _take(self, log: Log) -> None:
        self._is_taking, self._is_behind = True, False
        after, wanted, version = self._newest, self.wanted, self._version
        limit = PAGE if self.view.is_following else 0

        def come(news: News) -> None:
            self._is_taking = False
            if (
                version != self._version
            ):  # another question was asked meanwhile: its answer ends where these begin
                self._is_behind = True
                return
            self._newest = news.newest
            if news.newest == after:
                return
            self._tally(news.tally)
            if (news.count and not self.view.is_following) or len(news.events) == news.count or limit:
                self.view.add(self._lines(news.events), news.count)
            else:  # it began to follow meanwhile
                self._read()

        def not_come(_: SupportdeskError) -> None:
            self._is_taking, self._is_behind = False, True

        self.work("news", lambda watch: log.news(after, wanted, limit, watch), come, failed=not_come)

    def _pass_second(self) -> None:
        if self._log is None or not self._is_seen:
            return
        if int(self.now.timestamp()) % _STAND_SECONDS == 0 or self._is_taking or self._is_behind:
            self._stand()
        else:
            self._show_head()

    def _stand(self) -> None:
        if self._log is not None:
            self.standing = self._log.standing() or self.standing
        self._show_head()

    def _say_watching(self) -> None:
        """Have cycles come quicker while somebody looks."""
        is_on = self.standing is not None and self.standing.is_on
        if is_on and not self.is_read_only and self._is_seen:
            handle = self.channel.handle
            self.work(
                "watching", lambda _: self.doorway.watch_log(handle), lambda _: None, failed=lambda _: None
            )

    # What stands above the lines

    def _show_head(self) -> None:
        """Only what is another than before is worked out and drawn: this is done every second."""
        width = self.app.size.width
        now = self.now.astimezone(UTC).replace(second=0, microsecond=0)
        known = (now, width, sum(self._counts.values()))
        if known != self._drawn:
            self._drawn = known
            minutes = [now - timedelta(minutes=back) for back in range(_MINUTES - 1, -1, -1)]
            tally: Counter[str] = Counter()
            for minute in minutes:
                tally.update(self._minutes.get(minute, Counter()))
            counts = [self._minutes.get(minute, Counter()).total() for minute in minutes]
            each = next(each for each, least in _MINUTES_A_BAR if width >= least)
            bars = _MINUTES // each
            self._say("log-pulse", sparkline(counts, bars, ascii_only=self.desk_app.profile.ascii))
            self._say("log-counts", counts_words(tally))
        self._say("log-countdown", countdown(self.standing, self.now))
        self._describe()

    def _say(self, part: str, text: str) -> None:
        before = self._said.get(part, "")
        if before != text:
            self._said[part] = text
            # Laying out the whole screen anew costs more than drawing: only what grows or shrinks asks for it.
            is_wider = part == "log-pulse" and len(before) != len(text)
            self.query_one(f"#{part}", Static).update(plain(text), layout=is_wider)

    def _describe(self) -> None:
        view, line = self.view, self.filter_line
        words = summary_words(
            replace(self.wanted, place=safe_text(self.place)),
            following=view.is_following,
            new=view.new,
            marking=view.marked_from is not None,
            searching=self._searching,
            standing=self.standing,
        )
        if self._said.get("summary") != words:
            self._said["summary"] = words
            line.say(words)
        chip = f"{'find' if self.in_context else 'filter'}: {line.text}" if line.text else ""
        if self._said.get("chip") != chip:
            self._said["chip"] = chip
            line.query_one("#chip", Static).update(plain(chip))

    @on(LogView.Moved)
    def _moved(self) -> None:
        self._describe()
        key = (self.view.key is None, self.view.is_following, self.event.kind if self.event else "")
        if self._said.get("footer") != repr(key):
            self._said["footer"] = repr(key)
            self.show_footer()

    def on_resize(self) -> None:
        """More room for the bars where there is some."""
        if self._log is not None:
            self._show_head()

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
        self._read(None if self.view.is_following else self.view.key)

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
        self._read()

    @property
    def _next_group(self) -> Group:
        return _GROUPS[(_GROUPS.index(self.group) + 1) % len(_GROUPS)]

    def action_show_next(self) -> None:
        """Everything, or one kind of thing, in turn."""
        self.group = self._next_group
        self._read()

    def action_place_next(self) -> None:
        """Every place, or one, in turn."""
        places = ("", *self._places)
        with contextlib.suppress(ValueError):
            self.place = places[(places.index(self.place) + 1) % len(places)]
            self._read()

    def action_find(self, step: int) -> None:
        """To the next line that holds the text, else that is to be looked at; `step` -1 to the one before."""
        log, key = self._log, self.view.key
        if log is None or key is None:
            return
        text = self.filter_line.text if self.in_context else ""
        wanted = replace(self.wanted, text=text) if text else replace(self.wanted, group="look")
        newest = self._newest

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
        self._read(at)

    def action_time(self) -> None:
        """Ask for a time, and go there."""
        self.app.push_screen(TimeDialog(self.zone, self.now), self._to_time)

    def _to_time(self, moment: datetime | None) -> None:
        log = self._log
        if log is None or moment is None:
            return
        newest = self._newest

        def gone(at: int) -> None:
            if at > newest:
                self.app.notify("Nothing happened from then on: this is the end.", markup=False)
                self._read()
            else:
                self._read(at)

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
        self._describe()

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
            self._read()
        self._describe()

    @on(FilterLine.Left)
    def _filter_left(self) -> None:
        self.view.focus()

    @on(LogView.Opened)
    def _line_opened(self) -> None:
        self.desk_app.run_command_id("log.inspect")
