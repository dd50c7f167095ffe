"""How the Log tab reads: the piece of the log that is seen, more of it at both ends, what happens meanwhile. Keys and commands are `log`'s."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Final, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from supportdesk.core.channels import ChannelSummary
from supportdesk.core.events import Event, Group, LogFilter
from supportdesk.core.progress import Watch
from supportdesk.core.text import safe_text
from supportdesk.errors import SupportdeskError
from supportdesk.screens.log_head import LogHead
from supportdesk.screens.log_words import LISTENING, NONE_LIKE_THAT, log_line, summary_words
from supportdesk.screens.overview import OverviewTab
from supportdesk.screens.stock_words import zone
from supportdesk.screens.tab import ChannelTab
from supportdesk.widgets.dialogs import ErrorDialog
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


class _Opened(NamedTuple):
    """The log as it was found."""

    newest: int
    piece: Piece


class LogReading(ChannelTab):
    """The lines of a channel's log, which lines are wanted, and what is said above them."""

    def __init__(self, channel: ChannelSummary) -> None:
        super().__init__(channel)
        self.group: Group = "all"
        self.place = ""
        self.in_context = False
        """Whether the lines that do not hold the filter's text are shown too."""
        self.standing: LogStanding | None = None
        self.places: tuple[str, ...] = ()
        self.source: Log | None = None
        """The account's record; None until it is open."""
        self._opened: list[Log] = []
        self.is_opening = False
        self.newest = 0
        """The id of the newest event that was taken in."""
        self._edges = (0, 0)
        """The ids the lines were looked for to, at both ends."""
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
        yield LogHead()
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
    def head(self) -> LogHead:
        """What stands above the lines."""
        return self.query_one(LogHead)

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
        self.set_interval(_WATCH_SECONDS, self.say_watching)

    def on_unmount(self) -> None:
        """Let go of the files."""
        for log in self._opened:
            log.close()

    @property
    def _is_seen(self) -> bool:
        return bool(self.display) and self.app.screen is self.screen

    # The piece that is seen

    def open_log(self) -> None:
        """Open the account's record, and show its end."""
        self.is_opening = True
        handle, wanted = self.channel.handle, self.wanted
        self._version += 1

        def open_there(watch: Watch) -> tuple[Log, tuple[str, ...], _Opened]:
            log = self.doorway.open_log(handle)
            self._opened.append(log)
            newest = log.newest()
            return log, log.places(), _Opened(newest, log.before(newest + 1, wanted, PAGE, watch))

        def come(found: tuple[Log, tuple[str, ...], _Opened]) -> None:
            self.is_opening = False
            self.source, self.places, opened = found
            for other in self._opened:
                if other is not self.source:
                    other.close()
            self._opened = [self.source]
            self.newest = opened.newest
            self.head.forget()
            self._is_taking, self._is_behind = False, True
            self._show_end(opened.piece)
            self.stand()
            self.say_watching()
            self._count_hour()

        self.work("open", open_there, come, failed=self._unopened)

    def _unopened(self, error: SupportdeskError) -> None:
        """Where it cannot be read a person tries again, or goes on with what is shown."""
        self.is_opening = False
        self.view.describe_empty(("The log could not be read.",))
        self.app.push_screen(
            ErrorDialog(error, retry=True), lambda wanted: self.open_log() if wanted else None
        )

    def _count_hour(self) -> None:
        """Count the last hour, after its end is on screen."""
        log, upto = self.source, self.newest
        if log is not None:
            self.work("hour", lambda watch: log.last_hour(upto, watch), self._hour, failed=lambda _: None)

    def _hour(self, counts: Mapping[tuple[datetime, str], int]) -> None:
        self.head.count(counts, self.now)
        self.show_head()

    def read(self, at: int | None = None) -> None:
        """Show the end of what is wanted, or what stands around the id `at`."""
        log, wanted, edge = self.source, self.wanted, self.newest + 1
        if log is None:
            return
        self._version += 1
        version = self._version
        self.view.marked_from = None
        self.describe()

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
        self._edges = (piece.edge, self.newest)
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
        # What came after `newest` is still to be taken in: the lines end there.
        lines = [line for line in lines if line.key <= self.newest]
        has_newer = after.edge < self.newest
        self.view.put(lines, has_older=not before.ended, has_newer=has_newer, at=at, empty=NONE_LIKE_THAT)
        self.describe()

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
        self.describe()

    @on(LogView.Wanted)
    def _wanted(self, event: LogView.Wanted) -> None:
        if event.direction == "older":
            self._more_older()
        elif event.direction == "newer":
            self._more_newer()
        else:
            self.read(0 if event.direction == "first" else None)

    def _more_older(self) -> None:
        log, wanted, edge, version = self.source, self.wanted, self._edges[0], self._version
        if log is None:
            return

        def come(piece: Piece) -> None:
            if version == self._version:
                self._edges = (piece.edge, self._edges[1])
                self.view.put_older(self._lines(piece.events), has_older=not piece.ended)
                self._go_on_searching(piece)

        self.work("older", lambda watch: log.before(edge, wanted, PAGE, watch), come, failed=self._no_more)

    def _more_newer(self) -> None:
        log, wanted, version = self.source, self.wanted, self._version
        if log is None:
            return
        last = self.view.lines[-1].key if self.view.lines else 0
        edge, newest = max(last, self._edges[0]), self.newest

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
        log = self.source
        if log is None or not self._is_seen or self.is_opening:
            return
        if log.is_replaced:
            self.source = None
            self.open_log()
            return
        if log.has_changed():
            self._is_behind = True
        if self._is_behind and not self._is_taking:
            self._take(log)

    def _take(self, log: Log) -> None:
        self._is_taking, self._is_behind = True, False
        after, wanted, version = self.newest, self.wanted, self._version
        limit = PAGE if self.view.is_following else 0

        def come(news: News) -> None:
            self._is_taking = False
            if version != self._version:
                # Another question was asked meanwhile: its answer ends where these begin.
                self._is_behind = True
                return
            self.newest = news.newest
            if news.newest == after:
                return
            self.head.count(news.tally, self.now)
            if (news.count and not self.view.is_following) or len(news.events) == news.count or limit:
                self.view.add(self._lines(news.events), news.count)
            else:  # it began to follow meanwhile
                self.read()

        def not_come(_: SupportdeskError) -> None:
            self._is_taking, self._is_behind = False, True

        self.work("news", lambda watch: log.news(after, wanted, limit, watch), come, failed=not_come)

    def _pass_second(self) -> None:
        if self.source is None or not self._is_seen:
            return
        if int(self.now.timestamp()) % _STAND_SECONDS == 0 or self._is_taking or self._is_behind:
            self.stand()
        else:
            self.show_head()

    def stand(self) -> None:
        """See how sync stands, and say so."""
        if self.source is not None:
            self.standing = self.source.standing() or self.standing
            self.show_head()

    def say_watching(self) -> None:
        """Have cycles come quicker while somebody looks."""
        is_on = self.standing is not None and self.standing.is_on
        if is_on and not self.is_read_only and self._is_seen:
            handle = self.channel.handle
            self.work(
                "watching", lambda _: self.doorway.watch_log(handle), lambda _: None, failed=lambda _: None
            )

    # What stands above the lines

    def show_head(self) -> None:
        """Draw what stands above the lines, as it is now."""
        profile = self.desk_app.profile
        self.head.show(self.standing, self.now, width=self.app.size.width, ascii_only=profile.ascii)
        self.describe()

    def describe(self) -> None:
        """Say above the lines which ones are shown, and how."""
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
