"""The Duplicates tab: groups of listings that share a SKU, worst first, and what a person decides of them.

Draws what the desk says and asks it for changes; what a group's numbers are and what a decision means is in `core.duplicates`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Final, TypeVar, cast

from textual.timer import Timer

from supportdesk.commands import Command
from supportdesk.core.channels import ChannelSummary
from supportdesk.core.duplicates import (
    Choice,
    CountsOf,
    DuplicateGroup,
    Effect,
    GroupDetail,
    is_unanswered,
)
from supportdesk.core.progress import Watch
from supportdesk.core.skus import shown_sku
from supportdesk.core.text import safe_text
from supportdesk.errors import Conflict, SupportdeskError, UnknownName
from supportdesk.screens.decide import DecideScreen, Follow
from supportdesk.screens.duplicate_list import CHOICES, DuplicateList
from supportdesk.screens.duplicate_words import (
    RULES,
    choice_text,
    effect_sentences,
    is_split,
    item_of,
    levels_of,
)
from supportdesk.screens.words import counted
from supportdesk.screens.work import Work
from supportdesk.widgets.check_list import PanelTitle
from supportdesk.widgets.dialogs import ConfirmDialog

Result = TypeVar("Result")

_WRITES: Final = frozenset({"decide", "decide_shown", "accept", "note", "own_sku", "read"})
"""Commands of the tab that write to the account file or the store."""
_SAVING: Final = "What was decided before is still being saved."
_ASKING: Final = "The store is being asked…"
_NAMED: Final = 20
"""Of how many marked groups the prompt gives the SKUs, as far as they fit."""
_READ_ONLY: Final = "supportdesk was started read-only, so it changes nothing."


class DuplicatesTab(DuplicateList):
    """Groups, their listings, and what is decided of them."""

    keeps_place = frozenset({"duplicates.decide", "marks.mark"})

    def __init__(self, channel: ChannelSummary) -> None:
        super().__init__(channel)
        self._work: Work[object] | None = None
        self._timer: Timer | None = None

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
            return self.busy or (None if self.marked else self._why_not_in_need())
        if name == "decide_shown":
            return self.busy or (None if self.table.source.count() else "No group is shown.")
        if name == "accept":
            nothing = self.summary is None or not self.summary.pre_marked
            return self.busy or ("No undecided group is marked shared?." if nothing else None)
        return self._why_not_with_group(name)

    def _why_not_in_need(self) -> str | None:
        group = self.group
        if group is None:
            return "There is no group here."
        if not group.needs_decision and group.decision is None:
            return "This group needs no decision: its synced listings are one thing already."
        return None

    def _why_not_decide(self, name: str) -> str | None:
        if self.busy:
            return self.busy
        if self.marked:
            one = name == "listing"
            return "The listings below may be another group's: esc takes the marks away." if one else None
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
                else self.busy or None
            )
        if name in ("read", "own_sku"):
            if self.channel.source == "export":
                return "These are export files: only a connected store can be asked or changed."
            if name == "own_sku" and self.listing is None:
                return "The listings of this group are still being read."
            return self.busy or None
        return None

    def label_of(self, command: Command) -> str:
        """New SKUs are worth naming while the group under the cursor waits for them."""
        if command.id == "duplicates.own_sku":
            return "new SKUs" if self.group is not None and is_split(self.group) else ""
        return super().label_of(command)

    def come_for_new_skus(self) -> None:
        """Ask for the SKUs that somebody was sent here for, now that the group's listings are there."""
        if self.desk_screen.is_current and self.reason_disabled("duplicates.own_sku") is None:
            self.action_own_sku()

    def back(self) -> bool:
        """Stop asking the store; else as in the list."""
        if self._work is not None and self.busy == _ASKING:
            self._work.cancel()
            return True
        return super().back()

    # Deciding

    def action_decide_by_key(self) -> None:
        """Wait for the second key, for the marked groups or the one under the cursor."""
        self._ask_second_key(whole=False)

    def action_decide_shown_by_key(self) -> None:
        """Wait for the second key, for every undecided group that is shown."""
        self._ask_second_key(whole=True)

    def _ask_second_key(self, *, whole: bool) -> None:
        group = self.group
        single = group
        if whole:
            what, single = "every undecided group that is shown", None
        elif self.marked:
            names = ", ".join(shown_sku(sku) for sku in islice(self.marked, _NAMED))
            one = len(self.marked) == 1
            what = f"the marked {names}" if one else f"{len(self.marked):,} marked: {names}"
            single = next(iter(self.marked.values())) if one else None
        else:
            what = shown_sku(group.sku) if group is not None else ""

        def chosen(command: str | None) -> None:
            self._make_room(self.region.bottom)
            self._decide_chosen(command, whole=whole)

        self.app.push_screen(DecideScreen(what, self._follows(single, whole=whole), self._make_room), chosen)

    def _make_room(self, bottom: int) -> None:
        """Keep what stands below that line of the screen free: the listings are what one decides by."""
        room = max(0, self.region.bottom - bottom)
        self.query_one("#panels").styles.margin = (0, 0, room, 0)

    def _follows(self, single: DuplicateGroup | None, *, whole: bool) -> list[Follow]:
        """The second keys, those of rules with the number they lead to where one group is decided."""
        follows = []
        for command in self.desk_app.registry.of_scope("decide"):
            name = command.id.partition(".")[2]
            if (name == "listing" and (whole or self.marked)) or (name == "clear" and whole):
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
                self._decide_one(group, CHOICES[name])

    def _decide_one(self, group: DuplicateGroup, choice: Choice | None) -> None:
        seen = {group.sku: group.decision.revision if group.decision else 0}
        handle, detail = self.channel.handle, self.detail
        said = choice_text(choice, detail) if choice is not None else "nothing decided"
        goes_on = choice is not None and choice.kind == "split" and self.channel.source != "export"
        if goes_on:
            said += "; i gives its listings new SKUs"
        self.change(
            lambda _: self.doorway.decide(handle, choice, seen),
            lambda _: self.say(f"{shown_sku(group.sku)}: {said}."),
            follow=goes_on,
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
        handle, choice = self.channel.handle, CHOICES[name]

        def decide() -> None:
            self.change(lambda _: self.doorway.decide(handle, choice, seen), self._decided_several)

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
        handle, choice = self.channel.handle, CHOICES[name]
        show, text = self.show_only, self.filter_line.text
        assert choice is not None

        def ask(effect: Effect) -> None:
            if not effect.groups:
                self.say("Every group that is shown is decided already.")
                return
            self._confirm(
                f"Decide {counted(effect.groups, 'undecided group')}?",
                effect_sentences(choice, effect),
                "Decide",
                lambda: self.change(
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
        self.change(
            lambda _: self.doorway.accept_pre_marked(handle),
            lambda number: self.say(f"{counted(number, 'group')} accepted as shared."),
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
                self.change(
                    lambda _: self.doorway.set_note(handle, sku, note, decision.revision),
                    lambda _: self.say("The note is kept." if note else "The note is taken away."),
                    follow=True,
                )

        self.app.push_screen(NoteDialog(sku, decision.note), answered)

    def _confirm(self, title: str, sentences: list[str], yes: str, do: Callable[[], None]) -> None:
        self.app.push_screen(ConfirmDialog(title, sentences, yes), lambda wanted: do() if wanted else None)

    def _decided_several(self, number: int) -> None:
        self.marked.clear()
        self.say(f"{counted(number, 'group')} decided.")

    def say(self, text: str) -> None:
        """Say it in a corner."""
        self.app.notify(safe_text(text), markup=False)

    def change(
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
        self.busy = busy
        self.show_listings()

        def ended(result: Result) -> None:
            self._is_done()
            done(result)
            self.read(keep_cursor=True, follow=follow)

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
        self.busy, self._work = "", None
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _stopped(self) -> None:
        self._is_done()
        self.say("Stopped; everything is as it was.")
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
            self.say(
                f"{shown_sku(sku)} was read again: {counted(left, 'listing')}."
                if left > 1
                else f"{shown_sku(sku)} was read again: it is no duplicate any more."
            )

        self.change(
            lambda watch: self.doorway.read_group_again(handle, sku, watch),
            done,
            busy=_ASKING,
            follow=True,
        )
        self.show_progress()

    def action_own_sku(self) -> None:
        """Ask for new SKUs: of all listings of a group that is split, else of the one under the cursor."""
        from supportdesk.screens import new_skus

        if self.group is not None and self.detail is not None and is_split(self.group):
            new_skus.ask_for_group(self, self.detail)
        elif self.listing is not None and self.group is not None:
            new_skus.ask_for_listing(self, self.listing, self.group.sku)

    def show_progress(self) -> None:
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
            self.describe()

        if skus:
            self.work("marks", read, come)
