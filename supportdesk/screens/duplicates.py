"""The Duplicates tab: groups of listings that share a SKU, worst first, and what a person decides of them.

Draws what the desk says and asks it for changes; what a group's numbers are and what a decision means is in `core.duplicates`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final, TypeVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from supportdesk.commands import Command
from supportdesk.core.channels import ChannelSummary
from supportdesk.core.duplicates import (
    Choice,
    CountsOf,
    DuplicateGroup,
    DuplicatesSummary,
    Effect,
    GroupDetail,
    GroupFilter,
    GroupListing,
    GroupOrder,
    is_unanswered,
)
from supportdesk.core.progress import Watch
from supportdesk.core.text import safe_text
from supportdesk.errors import Conflict, SupportdeskError, UnknownName
from supportdesk.screens.decide import DecideScreen, Follow
from supportdesk.screens.duplicate_words import (
    GROUP_COLUMNS,
    NOTHING,
    ORDERS,
    RULES,
    SHOWN,
    choice_text,
    effect_sentences,
    group_lines,
    group_row,
    item_of,
    levels_of,
    listing_columns,
    listing_name,
    listing_page,
    listing_row,
    locations_left_out,
    meaning_lines,
    sku_text,
    summary_line,
)
from supportdesk.screens.fetched_rows import FetchedTable, ItemTable
from supportdesk.screens.tab import ChannelTab
from supportdesk.screens.words import counted
from supportdesk.screens.work import Work
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.check_list import PanelTitle
from supportdesk.widgets.dialogs import ConfirmDialog, ErrorDialog, TextPage, TypedConfirmDialog
from supportdesk.widgets.filter import FilterLine
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import Row, Rows, WindowTable

Result = TypeVar("Result")

_BESIDE: Final = 170
"""Columns from which the listings stand beside the groups."""
_CHOICES: Final[dict[str, Choice | None]] = {
    "oldest": Choice("shared", "oldest"),
    "lowest": Choice("shared", "lowest"),
    "highest": Choice("shared", "highest"),
    "sum": Choice("shared", "sum"),
    "split": Choice("split"),
    "left_out": Choice("left_out"),
    "clear": None,
}
"""By the second key's command; *this listing* is made of the cursor."""
_WRITES: Final = frozenset({"decide", "decide_shown", "accept", "note", "own_sku", "read"})
"""Commands of the tab that write to the account file or the store."""
_SAVING: Final = "What was decided before is still being saved."
_ASKING: Final = "The store is being asked…"
_READ_ONLY: Final = "supportdesk was started read-only, so it changes nothing."


class DuplicatesTab(ChannelTab):
    """Groups, and the listings of the one under the cursor."""

    name_in_registry = "duplicates"
    keeps_place = frozenset({"duplicates.decide", "marks.mark"})
    BINDINGS: ClassVar[list[BindingType]] = [
        binding for scope in ("duplicates", "list", "marks", "panels") for binding in bindings_of(scope)
    ]
    DEFAULT_CSS = """
    DuplicatesTab > #panels { height: 1fr; width: 1fr; layout: vertical; }
    DuplicatesTab #groups { height: 1fr; min-height: 4; }
    DuplicatesTab #listings-panel { height: auto; max-height: 60%; width: 1fr; }
    DuplicatesTab #group-listings { height: auto; max-height: 10; }
    DuplicatesTab #said { height: auto; max-height: 4; width: 1fr; padding: 0 3; }
    DuplicatesTab.-nothing #listings-panel { display: none; }
    DuplicatesTab.-beside > #panels { layout: horizontal; }
    DuplicatesTab.-beside #groups { width: 5fr; }
    DuplicatesTab.-beside #listings-panel { width: 4fr; max-height: 100%; height: 1fr; margin-left: 2; }
    DuplicatesTab.-beside #group-listings { max-height: 60%; }
    """

    def __init__(self, channel: ChannelSummary) -> None:
        super().__init__(channel)
        self.add_class("-nothing")
        self.summary: DuplicatesSummary | None = None
        self.detail: GroupDetail | None = None
        self.show_only: GroupFilter = "all"
        self.order: GroupOrder = "worst"
        self.descending: bool | None = None
        self.marked: dict[str, DuplicateGroup] = {}
        self._preview: str | None = None
        self._busy = ""
        self._is_reading_detail = False
        self._stays = False
        self._work: Work[object] | None = None
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Counts and filter, groups, and the listings of one below them or beside."""
        yield FilterLine()
        with Widget(id="panels"):
            yield FetchedTable[DuplicateGroup](GROUP_COLUMNS, self._row, id="groups", signs=True)
            with Vertical(id="listings-panel"):
                yield PanelTitle("", id="group-title")
                yield WindowTable((), id="group-listings", signs=True, mark_when_blurred=True)
                yield Static(id="said")

    # Parts

    @property
    def table(self) -> FetchedTable[DuplicateGroup]:
        """The groups."""
        return self.query_one("#groups", FetchedTable)

    @property
    def listing_table(self) -> WindowTable:
        """The listings of the group under the cursor."""
        return self.query_one("#group-listings", WindowTable)

    @property
    def filter_line(self) -> FilterLine:
        """Counts and filter."""
        return self.query_one(FilterLine)

    @property
    def group(self) -> DuplicateGroup | None:
        """The group under the cursor."""
        return self.table.item

    @property
    def listing(self) -> GroupListing | None:
        """The listing under the cursor of the listings; None while they are those of another group than the cursor's."""
        detail, group = self.detail, self.group
        if detail is None or group is None or detail.group.sku != group.sku:
            return None
        key = self.listing_table.row_key
        return next((listing for listing in detail.listings if listing.listing == key), None)

    @property
    def shows_notes(self) -> bool:
        """Whether agents' notes may be seen."""
        return not self.desk_app.presenter

    # Reading

    def focus_first(self) -> None:
        """The cursor is on the groups."""
        self.table.focus()

    def changed(self) -> None:
        """Read the groups again; the cursor stays on its group."""
        self._read(keep_cursor=True)

    def go(self, where: str) -> None:
        """Show only the groups to decide, or those that disagree."""
        for name in SHOWN:
            if name == where:
                self.show_only = name
                self._read(keep_cursor=False)

    def _read(self, *, keep_cursor: bool, follow: bool = True) -> None:
        """Open the groups anew; with `follow` the cursor stays on its group, without at its place in the list."""
        self._stays = self._stays or not follow
        doorway, handle, text = self.doorway, self.channel.handle, self.filter_line.text
        show, order, descending = self.show_only, self.order, self.descending
        found: list[DuplicatesSummary] = []

        def opener(_: Watch) -> ItemTable[DuplicateGroup]:
            found.append(doorway.duplicates_summary(handle))
            return doorway.open_duplicates(handle, show=show, text=text, order=order, descending=descending)

        def opened(count: int) -> None:
            self._stays = False
            self.summary = found[-1]
            self._describe()
            self._show_group(again=True)

        self.table.show_from(
            opener,
            opened=opened,
            failed=self._unread,
            keep_cursor=keep_cursor,
            follow=not self._stays,
            empty="No group matches the filter." if text else NOTHING[show],
        )

    def _unread(self, error: SupportdeskError) -> None:
        if not self.table.is_open:
            self.filter_line.say("The groups could not be read.")
        self.app.push_screen(
            ErrorDialog(error, retry=True), lambda wanted: self.changed() if wanted else None
        )

    def _describe(self) -> None:
        """The first line: counts, what is shown, how many are marked."""
        if self.summary is not None:
            words = summary_line(self.summary, self.show_only, self.order, len(self.marked))
            self.filter_line.describe(words, self.table.source.count(), self.summary.groups)
        self.set_class(self.table.source.count() == 0, "-nothing")
        self.show_footer()

    def _row(self, group: DuplicateGroup) -> Row:
        return group_row(group, group.sku in self.marked)

    @on(WindowTable.Moved, "#groups")
    def _moved(self) -> None:
        self._show_group()

    @on(WindowTable.Moved, "#group-listings")
    def _listing_moved(self) -> None:
        if self._preview == "listing":
            self._show_listings()

    def _show_group(self, *, again: bool = False) -> None:
        """Read the listings of the group under the cursor, one reading at a time; the last one asked for is what stays."""
        group = self.group
        if group is None or self._is_reading_detail:
            return
        if not again and self.detail is not None and self.detail.group.sku == group.sku:
            return
        self._is_reading_detail = True
        doorway, handle, sku = self.doorway, self.channel.handle, group.sku

        def read(_: Watch) -> GroupDetail | None:
            try:
                return doorway.duplicate_group(handle, sku)
            except UnknownName:  # a reload took it away; the list is about to be read again
                return None

        def ended(detail: GroupDetail | None) -> None:
            self._is_reading_detail = False
            if detail is not None:
                same = self.detail is not None and self.detail.group.sku == sku
                self.detail = detail
                self._show_listings(keep_cursor=same)
            if self.group is not None and self.group.sku != sku:
                self._show_group()
            self.show_footer()

        def failed(error: SupportdeskError) -> None:
            self._is_reading_detail = False
            self.desk_screen.show_error(error)

        self.work("group", read, ended, failed=failed)

    def _show_listings(self, *, keep_cursor: bool = True) -> None:
        """Draw the listings of the group that was read, with what the choice looked at would change."""
        detail = self.detail
        if detail is None:
            return
        choice = self.choice_looked_at(detail)
        title = self.query_one("#group-title", PanelTitle)
        title.text = sku_text(detail.group.sku)
        room = self.size.width
        width = (room * 4 // 9 if room >= _BESIDE else room) - 6
        columns = listing_columns(detail, choice, width)
        title.note = self._busy or detail.group.title
        left_out = locations_left_out(columns, detail, width)
        if left_out and not self._busy:
            title.note += f" · {counted(left_out, 'more location')}"
        self.listing_table.set_columns(columns)
        self.listing_table.show(
            Rows([listing_row(line, detail, choice) for line in detail.listings]), keep_cursor=keep_cursor
        )
        lines = group_lines(detail, self.now, with_note=self.shows_notes)
        self.query_one("#said", Static).update(Content("\n").join(lines))
        self.query_one("#said").display = bool(lines)

    def choice_looked_at(self, detail: GroupDetail) -> Choice:
        """The choice whose changes are shown: the previewed one, else the one decided, else the oldest's count."""
        if self._preview == "listing" and (key := self.listing_table.row_key):
            return Choice("shared", "listing", key)
        previewed = _CHOICES.get(self._preview or "")
        decided = detail.group.decision
        return previewed or (decided.choice if decided is not None else Choice("shared", "oldest"))

    def presenter_changed(self) -> None:
        """Hide or show notes."""
        if self.is_mounted:
            self._show_listings()

    def on_resize(self, event: events.Resize) -> None:
        """Beside each other where there is room; columns by the width."""
        self.set_class(event.size.width >= _BESIDE, "-beside")
        self._show_listings()

    # What can be done

    def reason_disabled(self, command_id: str) -> str | None:
        """Why a command does not fit what the cursor is on."""
        scope, _, name = command_id.partition(".")
        changes = scope == "decide" or name in _WRITES
        if changes and self.is_read_only and scope in ("decide", "duplicates"):
            return _READ_ONLY
        if scope == "decide":
            return self._why_not_decide(name)
        if scope == "marks":
            return self._why_not_in_need()
        if scope != "duplicates":
            return None
        if name == "decide":
            return self._busy or (None if self.marked else self._why_not_in_need())
        if name == "decide_shown":
            return self._busy or (None if self.table.source.count() else "No group is shown.")
        if name == "accept":
            nothing = self.summary is None or not self.summary.pre_marked
            return self._busy or ("No undecided group is marked shared?." if nothing else None)
        return self._why_not_with_group(name)

    def _why_not_in_need(self) -> str | None:
        group = self.group
        if group is None:
            return "There is no group here."
        if not group.needs_decision and group.decision is None:
            return "This group needs no decision: its synced listings are one thing already."
        return None

    def _why_not_decide(self, name: str) -> str | None:
        if self._busy:
            return self._busy
        if self.marked:
            one = name == "listing"
            return (
                "A listing is of one group, and several are marked: esc takes the marks away."
                if one
                else None
            )
        if (reason := self._why_not_in_need()) is not None:
            return reason
        if name == "clear" and self.group is not None and self.group.decision is None:
            return "Nothing was decided of this group."
        if name == "listing" and (self.listing is None or self.listing.left_out is not None):
            return "The listing under the cursor is not synced: choose another (tab goes there)."
        return None

    def _why_not_with_group(self, name: str) -> str | None:
        group = self.group
        if group is None:
            return "There is no group here."
        if name == "note":
            if not self.shows_notes:
                return "Presenter mode hides notes; the palette (ctrl+p) turns it off."
            return (
                "A note stands beside a decision: decide first."
                if group.decision is None
                else self._busy or None
            )
        if name in ("read", "own_sku"):
            if self.channel.source == "export":
                return "These are export files: only a connected store can be asked or changed."
            if name == "own_sku" and self.listing is None:
                return "The listings of this group are still being read."
            return self._busy or None
        return None

    def label_of(self, command: Command) -> str:
        """Enter goes to the listings, and there shows one."""
        if isinstance(self.screen.focused, Input):
            return "clear filter" if command.id == "back" else command.label
        return command.label

    def what_to_copy(self) -> tuple[str, str]:
        """The SKU, or the listing's name."""
        if self.listing_table.has_focus and self.listing is not None:
            return "the listing", self.listing.listing
        return "the SKU", self.group.sku if self.group else ""

    def back(self) -> bool:
        """From the listings to the groups; then the marks go, then the filter."""
        if self.in_progress and self._work is not None and self._busy == _ASKING:
            self._work.cancel()
            return True
        if self.filter_line.is_open:
            self.filter_line.leave(clear=True)
        elif self.listing_table.has_focus:
            pass
        elif self.marked:
            self._unmark()
        elif self.filter_line.text:
            self.filter_line.leave(clear=True)
        elif self.show_only != "all":
            self.show_only = "all"
            self._read(keep_cursor=True)
        else:
            return False
        self.table.focus()
        return True

    # The list

    def action_filter(self) -> None:
        """Type a text to filter by."""
        self.filter_line.open()

    def action_show_next(self) -> None:
        """All, to decide, disagreeing, in turn."""
        names = list(SHOWN)
        self.show_only = names[(names.index(self.show_only) + 1) % len(names)]
        self._read(keep_cursor=False)

    def action_sort(self) -> None:
        """By the next column."""
        names = list(ORDERS)
        self.order = names[(names.index(self.order) + 1) % len(names)]
        self.descending = None
        self._read(keep_cursor=False)

    def action_reverse(self) -> None:
        """The other way round."""
        usual = self.order not in ("worst", "sku")
        self.descending = not (usual if self.descending is None else self.descending)
        self._read(keep_cursor=False)

    def action_export(self) -> None:
        """Write the groups that are shown to a file."""
        handle, notes, order = self.channel.handle, self.shows_notes, self.order
        show, text = self.show_only, self.filter_line.text
        count = counted(self.table.source.count(), "group")
        self.save(
            f"{count} with {'decisions and notes' if notes else 'decisions'}",
            f"{handle}-duplicates.csv",
            lambda to, watch: self.doorway.save_duplicates(
                handle, to, show=show, text=text, order=order, notes=notes, watch=watch
            ),
        )

    def action_mark(self) -> None:
        """Mark the group under the cursor or take its mark away, and go on to the next."""
        group = self.group
        if group is None:
            return
        if group.sku in self.marked:
            del self.marked[group.sku]
        else:
            self.marked[group.sku] = group
        self.table.refresh_rows()
        self.table.action_cursor(1)
        self._describe()

    def _unmark(self) -> None:
        self.marked.clear()
        self.table.refresh_rows()
        self._describe()

    @on(FilterLine.Changed)
    def _filter_changed(self) -> None:
        self._read(keep_cursor=False)

    @on(FilterLine.Left)
    def _filter_left(self) -> None:
        self.table.focus()

    @on(WindowTable.Opened)
    def _opened(self) -> None:
        self.action_open()

    @on(WindowTable.Edge, "#group-listings")
    def _past_the_edge(self, event: WindowTable.Edge) -> None:
        """Up from the first listing is the list of groups."""
        event.stop()
        if event.direction < 0:
            self.table.focus()

    def action_open(self) -> None:
        """To the listings; there, one listing whole."""
        if not self.listing_table.has_focus:
            self.listing_table.focus()
        elif self.listing is not None and self.detail is not None:
            lines = listing_page(self.listing, self.detail, self.choice_looked_at(self.detail))
            self.app.push_screen(TextPage("Listing", lines))

    def action_preview(self) -> None:
        """Show what the next choice would change."""
        turns = [*RULES, "listing"]
        here = turns.index(self._preview) if self._preview in turns else -1
        if here == -1 and self.detail is not None:
            looked_at = self.choice_looked_at(self.detail).counts_of
            here = turns.index(looked_at) if looked_at in turns else -1
        self._preview = turns[(here + 1) % len(turns)]
        self._show_listings()

    def action_meaning(self) -> None:
        """The group in words fit for the merchant."""
        if self.detail is not None:
            lines: list[Content] = []
            for paragraph in meaning_lines(self.detail):
                lines += [plain(paragraph), Content("")]
            self.app.push_screen(TextPage("What this means for you", lines[:-1]))

    # Deciding

    def action_decide_by_key(self) -> None:
        """Wait for the second key, for the marked groups or the one under the cursor."""
        self._ask_second_key(whole=False)

    def action_decide_shown_by_key(self) -> None:
        """Wait for the second key, for every undecided group that is shown."""
        self._ask_second_key(whole=True)

    def _ask_second_key(self, *, whole: bool) -> None:
        group = self.group
        single = None if whole or self.marked else group
        if whole:
            what = "every undecided group that is shown"
        elif self.marked:
            what = counted(len(self.marked), "marked group")
        else:
            what = sku_text(group.sku) if group is not None else ""
        self.app.push_screen(
            DecideScreen(what, self._follows(single, whole=whole)),
            lambda command: self._decide_chosen(command, whole=whole),
        )

    def _follows(self, single: DuplicateGroup | None, *, whole: bool) -> list[Follow]:
        """The second keys, those of rules with the number they lead to where one group is decided."""
        follows = []
        for command in self.desk_app.registry.of_scope("decide"):
            name = command.id.partition(".")[2]
            if (name == "listing" and single is None) or (name == "clear" and whole):
                continue
            number = f" {getattr(single.numbers, name):,}" if single is not None and name in RULES else ""
            label = command.label.removeprefix("shared by ") + number
            keys = self.desk_app.registry.keys_of(command)
            if keys:
                follows.append(Follow(command.id, keys[0].rpartition(" ")[2], label))
        return follows

    def _decide_chosen(self, command: str | None, *, whole: bool) -> None:
        if command is None:
            return
        name = command.partition(".")[2]
        if whole and name not in ("listing", "clear"):
            self._decide_shown(name)
        elif (reason := self._why_not_decide(name)) is not None:
            self.app.notify(reason, markup=False)
        else:
            self.action_decide(name)

    def action_decide(self, name: str) -> None:
        """Decide the marked groups, after showing the effect; else the one under the cursor, at once."""
        if self.marked:
            self._decide_marked(name)
        elif (group := self.group) is not None:
            if name == "listing":
                self._decide_by_listing(group)
            else:
                self._decide_one(group, _CHOICES[name])

    def _decide_one(self, group: DuplicateGroup, choice: Choice | None) -> None:
        seen = {group.sku: group.decision.revision if group.decision else 0}
        handle, detail = self.channel.handle, self.detail
        said = choice_text(choice, detail) if choice is not None else "nothing decided"
        self._change(
            lambda _: self.doorway.decide(handle, choice, seen),
            lambda _: self._say(f"{sku_text(group.sku)}: {said}."),
        )

    def _decide_by_listing(self, group: DuplicateGroup) -> None:
        """Take the count of the listing under the cursor; ask what counts where it is not stocked."""
        listing, detail = self.listing, self.detail
        if listing is None or detail is None:
            return
        choice = Choice("shared", "listing", listing.listing)
        if not is_unanswered(choice, levels_of(detail), item_of(detail, listing.listing)):
            self._decide_one(group, choice)
            return
        from supportdesk.screens.duplicate_forms import ElsewhereDialog

        def answered(elsewhere: CountsOf | None) -> None:
            if elsewhere is not None:
                self._decide_one(group, Choice("shared", "listing", listing.listing, elsewhere))

        self.app.push_screen(ElsewhereDialog(detail, listing), answered)

    def _decide_marked(self, name: str) -> None:
        seen = {sku: group.decision.revision if group.decision else 0 for sku, group in self.marked.items()}
        handle, choice = self.channel.handle, _CHOICES[name]

        def decide() -> None:
            self._change(lambda _: self.doorway.decide(handle, choice, seen), self._decided_several)

        if choice is None:
            sentences = [f"What was decided of {counted(len(seen), 'group')} is taken back."]
            self._confirm(f"Take back {counted(len(seen), 'decision')}?", sentences, "Take back", decide)
            return
        kept: Choice = choice
        self.work(
            "effect",
            lambda _: self.doorway.effect_of(handle, kept, list(seen), show="all", text=""),
            lambda effect: self._confirm(
                f"Decide {counted(len(seen), 'group')}?", effect_sentences(kept, effect), "Decide", decide
            ),
        )

    def _decide_shown(self, name: str) -> None:
        handle, choice = self.channel.handle, _CHOICES[name]
        show, text = self.show_only, self.filter_line.text
        assert choice is not None

        def ask(effect: Effect) -> None:
            if not effect.groups:
                self._say("Every group that is shown is decided already.")
                return
            self._confirm(
                f"Decide {counted(effect.groups, 'undecided group')}?",
                effect_sentences(choice, effect),
                "Decide",
                lambda: self._change(
                    lambda _: self.doorway.decide_filtered(
                        handle, choice, show=show, text=text, expected=effect.groups
                    ),
                    self._decided_several,
                ),
            )

        self.work("effect", lambda _: self.doorway.effect_of(handle, choice, None, show=show, text=text), ask)

    def action_accept(self) -> None:
        """Accept every group that is marked `shared?`."""
        handle = self.channel.handle
        self._change(
            lambda _: self.doorway.accept_pre_marked(handle),
            lambda number: self._say(f"{counted(number, 'group')} accepted as shared."),
        )

    def action_note(self) -> None:
        """Write a note beside the decision on the group under the cursor."""
        from supportdesk.screens.duplicate_forms import NoteDialog

        group = self.group
        if group is None or group.decision is None:
            return
        handle, sku, decision = self.channel.handle, group.sku, group.decision

        def answered(note: str | None) -> None:
            if note is not None and note != decision.note:
                self._change(
                    lambda _: self.doorway.set_note(handle, sku, note, decision.revision),
                    lambda _: self._say("The note is kept." if note else "The note is taken away."),
                    follow=True,
                )

        self.app.push_screen(NoteDialog(sku, decision.note), answered)

    def _confirm(self, title: str, sentences: list[str], yes: str, do: Callable[[], None]) -> None:
        self.app.push_screen(ConfirmDialog(title, sentences, yes), lambda wanted: do() if wanted else None)

    def _decided_several(self, number: int) -> None:
        self.marked.clear()
        self._say(f"{counted(number, 'group')} decided.")

    def _say(self, text: str) -> None:
        self.app.notify(safe_text(text), markup=False)

    def _change(
        self,
        call: Callable[[Watch], Result],
        done: Callable[[Result], None],
        *,
        busy: str = _SAVING,
        follow: bool = False,
    ) -> None:
        """Change something in a thread, then read again; till then nothing else is changed, for the reason `busy`.

        A decided group moves down the list: without `follow` the cursor stays, on what is to be decided next.
        """
        self._busy = busy
        self._show_listings()

        def ended(result: Result) -> None:
            self._is_done()
            done(result)
            self._read(keep_cursor=True, follow=follow)

        def failed(error: SupportdeskError) -> None:
            self._is_done()
            self.desk_screen.show_error(error)
            if isinstance(error, Conflict):
                self._renew_marks()
            self.changed()

        self._work = cast(
            "Work[object]", self.work("change", call, ended, failed=failed, stopped=self._stopped)
        )

    def _is_done(self) -> None:
        """Nothing is being changed any more."""
        self._busy, self._work = "", None
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _stopped(self) -> None:
        self._is_done()
        self._say("Stopped; everything is as it was.")
        self.changed()

    # Asking and changing the store

    @property
    def in_progress(self) -> bool:
        """Whether the store is being asked or changed."""
        return self._timer is not None

    def action_read_again(self) -> None:
        """Ask the store for this group's listings and counts again; esc stops it."""
        group, handle = self.group, self.channel.handle
        if group is None:
            return
        sku = group.sku

        def done(detail: GroupDetail) -> None:
            left = len(detail.listings)
            self._say(
                f"{sku_text(sku)} was read again: {counted(left, 'listing')}."
                if left > 1
                else f"{sku_text(sku)} was read again: it is no duplicate any more."
            )

        self._change(
            lambda watch: self.doorway.read_group_again(handle, sku, watch),
            done,
            busy=_ASKING,
            follow=True,
        )
        self._show_progress()

    def action_own_sku(self) -> None:
        """Ask for the new SKU of the listing under the cursor, then for the shop's handle, then write it to the store."""
        from supportdesk.screens.duplicate_forms import OwnSkuDialog

        listing, group, handle = self.listing, self.group, self.channel.handle
        if listing is None or group is None:
            return
        sku = group.sku

        def typed(new: str | None) -> None:
            if new is not None:
                sentences = [
                    f"{listing_name(listing)} ({listing.listing})",
                    f"SKU in the store: {sku_text(sku)} → {sku_text(new)}",
                    "This changes the store at once. Its stock there stays as it is.",
                ]
                self.app.push_screen(
                    TypedConfirmDialog("Change the SKU in the store?", sentences, handle, "Change"),
                    lambda wanted: confirmed(new) if wanted else None,
                )

        def confirmed(new: str) -> None:
            self._change(
                lambda watch: self.doorway.give_own_sku(
                    handle, listing.listing, new, confirm=handle, watch=watch
                ),
                lambda _: self._say(f"{listing_name(listing)} has the SKU {sku_text(new)} now."),
                busy="The store is being changed…",
                follow=True,
            )
            self._show_progress()

        self.app.push_screen(OwnSkuDialog(listing, sku), typed)

    def _show_progress(self) -> None:
        """Say now and then what the store is doing, until it is done."""
        self._timer = self.set_interval(self.desk_app.profile.progress_seconds, self._look_at_progress)

    def _look_at_progress(self) -> None:
        if self._work is not None and self._work.phases:
            now = self._work.phases[-1]
            self.query_one("#group-title", PanelTitle).note = f"{now.note or now.phase}…"

    def _renew_marks(self) -> None:
        """Know the marked groups as they are now, after somebody else decided one of them."""
        doorway, handle, skus = self.doorway, self.channel.handle, list(self.marked)

        def read(watch: Watch) -> dict[str, DuplicateGroup]:
            found = {}
            for sku in skus:
                watch.check()
                try:
                    found[sku] = doorway.duplicate_group(handle, sku).group
                except UnknownName:
                    continue
            return found

        def come(found: dict[str, DuplicateGroup]) -> None:
            self.marked = {sku: group for sku, group in found.items() if sku in self.marked}
            self.table.refresh_rows()
            self._describe()

        if skus:
            self.work("marks", read, come)
