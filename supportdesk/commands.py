"""The one registry of commands. Key bindings, palette, footer, the `?` page and `supportdesk keys` all derive from it.

Nothing here imports Textual, because the command line prints from it, and nothing here runs a command.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from supportdesk.errors import SettingsInvalid

FOOTER_ITEMS: Final = 6
"""At most so many in the footer, `? help` and `q quit` among them (DESIGN §7)."""

EVERYWHERE: Final = "everywhere"

DEMO: Final = "demo"
"""Scope of the commands that only the demo has, on every screen of it."""

PARTS: Final = frozenset({"table"})
"""Scopes whose commands the part itself runs."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a person can ask of a screen."""

    id: str
    """`home.connect`: what a settings file's [keys] and the palette name it by."""
    keys: tuple[str, ...]
    """As a person writes them: `?`, `ctrl+p`, `enter`. Empty where only the palette offers it."""
    label: str
    """A word or three for footer and palette."""
    help: str
    """One sentence for the `?` page."""
    scope: str
    """`everywhere`, a screen, or a part that several screens have (`table`)."""
    action: str
    """What Textual runs: `app.…`, `screen.…`, or a bare name for the part of the screen the command belongs to. '' where the
    widget that has the focus does it by itself."""
    palette: bool = True
    after: str = ""
    """The command whose key comes first, for a key that is the second of two."""


@dataclass(frozen=True, slots=True)
class ScreenHelp:
    """One screen: its parts, and what its `?` page says before the keys."""

    title: str
    parts: tuple[str, ...]
    """Scopes of parts it has besides its own and `everywhere`."""
    about: tuple[str, ...]
    """Paragraphs."""
    footer: tuple[str, ...] = ()
    """Commands in the footer after `? help` and `q quit`, the most useful first."""
    leads_to: tuple[str, ...] = ()
    """Scopes whose keys come second, after a key of this screen that says so."""


SCREENS: Final[Mapping[str, ScreenHelp]] = {
    "home": ScreenHelp(
        "Sales channels",
        ("table",),
        (
            "Every store you have connected and every export you have opened, one a line. Enter opens one; a store that was "
            "never loaded is loaded first.",
            "Presenter mode is for a shared screen, and on when supportdesk starts. It shows only the stores of one merchant: "
            "the one you opened last in this session, else the one loaded most recently. To reach another, press / and type its "
            "whole handle. The command palette turns presenter mode off until you leave.",
        ),
        ("home.open", "home.connect", "home.exports", "home.filter", "back"),
    ),
    "connect": ScreenHelp(
        "Connect a store",
        (),
        (
            "The token is tried before anything is kept: you see the shop's name and what the app may not yet do, and then "
            "decide. A refused token leaves all you typed in place.",
        ),
        ("connect.try", "connect.scopes", "back"),
    ),
    "exports": ScreenHelp(
        "Open exports",
        (),
        (
            "Reads the product and inventory exports of a Shopify admin (Products > Export, Inventory > Export), several files "
            "at once. A channel opened from files can be inspected; to turn on sync the store itself must be connected.",
        ),
        ("exports.open", "back"),
    ),
    "load": ScreenHelp(
        "Load",
        (),
        (
            "Reads every location, listing and stock count of the store. Nothing is written to the store. Esc stops at once and "
            "leaves the last load as it was.",
        ),
        ("load.go_on", "load.retry", "back"),
    ),
    "overview": ScreenHelp(
        "Overview",
        ("table", "panels", "tabs"),
        (
            "What was found when the store was loaded, and what stands in the way of turning on sync.",
            "✗ block: sync cannot be turned on like this.  ! warn: look at this with the merchant.  ✓ pass: nothing to do.",
        ),
        ("overview.load", "overview.meaning", "overview.open", "back"),
    ),
    "duplicates": ScreenHelp(
        "Duplicates",
        ("list", "marks", "table", "panels", "tabs"),
        (
            "SKUs that two or more listings of this store share. To sync they are one product with one number, so each group "
            "needs a decision before sync is turned on. Nothing is written to the store by deciding.",
            "oldest, lowest, highest and sum are what the group would count, location by location. shared? stands by groups with the "
            "same title and equal counts: a accepts them all.",
            "Below the list stand the listings of the group under the cursor, with what would change in the store. Enter goes "
            "there, and enter there shows one listing whole. ● before a group says that it is marked, before a listing that its "
            "count is taken.",
        ),
        ("duplicates.decide", "marks.mark", "list.filter", "duplicates.meaning"),
        ("decide",),
    ),
    "decide": ScreenHelp(
        "Decide",
        (),
        ("The second key of a decision: whose count a shared group takes, or what else is to become of it.",),
    ),
    "warehouses": ScreenHelp(
        "Warehouses",
        ("table", "panels", "tabs"),
        (
            "Every location of the store with the warehouse it is linked to, and who is master there. Nothing is written to the "
            "store by linking.",
            "A warehouse may serve several locations: each then shows its whole number. An unlinked location is neither read nor "
            "written.",
            "Findings stand below the locations, or beside them where there is room; the panel under them speaks of the location "
            "under the cursor.",
        ),
        ("warehouses.link", "warehouses.unlink", "warehouses.master", "warehouses.meaning"),
    ),
    "stock": ScreenHelp(
        "Stock",
        ("list", "table", "tabs"),
        (
            "Every stock item at every location where it is stocked: what the store shows, and what the ledger would show there.",
            "= the same.  * they differ; the number is what the store's would change by.  + only in the store: unlinked, or never "
            "counted here.  - only in the ledger.  ! look at this: the store is below zero.",
        ),
        ("stock.inspect", "list.filter", "list.show", "list.sort"),
    ),
    "sku": ScreenHelp(
        "SKU",
        ("table", "panels"),
        (
            "Why a number is what it is: what each warehouse holds, what is pushed, which rows of which stores it feeds, which "
            "bundles it is part of, and every movement, newest first.",
            "In stock − booked = available. Pushed is available; 0 at or below close at; at most the channel's maximum. Unknown "
            "is not 0: it was never counted.",
            "A change is made in the warehouse under the cursor of the first panel.",
        ),
        ("sku.adjust", "sku.count", "sku.receive", "back"),
    ),
    "left_out": ScreenHelp(
        "Left out",
        ("table",),
        (
            "Listings that will not be synced, each with its reason. A listing counts once, under the first reason that applies.",
        ),
        ("back", "copy"),
    ),
}

COMMANDS: Final = (
    Command("help", ("?", "f1"), "help", "Show the keys of this screen.", EVERYWHERE, "app.help"),
    Command("quit", ("q", "ctrl+q"), "quit", "Leave supportdesk.", EVERYWHERE, "app.leave"),
    Command(
        "palette",
        (":", "ctrl+p"),
        "commands",
        "Search all commands by name.",
        EVERYWHERE,
        "app.palette",
        palette=False,
    ),
    Command(
        "back",
        ("escape",),
        "back",
        "Go back one level: close, clear the filter, leave the screen.",
        EVERYWHERE,
        "screen.back",
        palette=False,
    ),
    Command(
        "interrupt",
        ("ctrl+c",),
        "quit",
        "Leave at once on Sales channels; elsewhere ask first.",
        EVERYWHERE,
        "app.interrupt",
        palette=False,
    ),
    Command(
        "suspend",
        ("ctrl+z",),
        "suspend",
        "Back to the shell; `fg` returns.",
        EVERYWHERE,
        "app.suspend_process",
    ),
    Command(
        "copy",
        ("y",),
        "copy",
        "Copy what the cursor is on.",
        EVERYWHERE,
        "screen.copy",
    ),
    Command("copy.row", ("Y",), "copy line", "Copy the whole line.", EVERYWHERE, "screen.copy_row"),
    Command(
        "presenter",
        (),
        "presenter mode",
        "On or off: hide other merchants on a shared screen.",
        EVERYWHERE,
        "app.presenter",
    ),
    Command("theme.dark", (), "theme: dark", "Use the dark theme.", EVERYWHERE, "app.use_theme('dark')"),
    Command("theme.light", (), "theme: light", "Use the light theme.", EVERYWHERE, "app.use_theme('light')"),
    Command(
        "theme.high-contrast",
        (),
        "theme: high contrast",
        "Use the theme with the strongest contrast.",
        EVERYWHERE,
        "app.use_theme('high-contrast')",
    ),
    Command(
        "theme.ansi",
        (),
        "theme: ansi",
        "Use the terminal's own sixteen colours.",
        EVERYWHERE,
        "app.use_theme('ansi')",
    ),
    Command(
        "sandbox.throttle",
        (),
        "sandbox: throttle",
        "The pretend store answers `later` to the next request.",
        DEMO,
        "app.strike('throttled')",
    ),
    Command(
        "sandbox.drop",
        (),
        "sandbox: drop the connection",
        "The pretend store hangs up in the middle of its next answer.",
        DEMO,
        "app.strike('dropped')",
    ),
    Command(
        "sandbox.calm",
        (),
        "sandbox: no more faults",
        "The pretend store forgets the faults that were asked for.",
        DEMO,
        "app.strike('')",
    ),
    Command("table.up", ("k", "up"), "up", "One line up.", "table", "cursor(-1)", palette=False),
    Command("table.down", ("j", "down"), "down", "One line down.", "table", "cursor(1)", palette=False),
    Command(
        "table.page_up", ("pageup", "ctrl+u"), "page up", "One page up.", "table", "page(-1)", palette=False
    ),
    Command(
        "table.page_down",
        ("pagedown", "ctrl+d"),
        "page down",
        "One page down.",
        "table",
        "page(1)",
        palette=False,
    ),
    Command("table.first", ("g", "home"), "first", "To the first line.", "table", "edge(-1)", palette=False),
    Command("table.last", ("G", "end"), "last", "To the last line.", "table", "edge(1)", palette=False),
    Command("home.open", ("enter",), "open", "Open the store under the cursor.", "home", "open"),
    Command("home.connect", ("c",), "connect a store", "Connect a Shopify store.", "home", "connect"),
    Command(
        "home.exports", ("o",), "open exports", "Open CSV exports of a Shopify admin.", "home", "exports"
    ),
    Command("home.filter", ("/",), "filter", "Show only the stores that match.", "home", "filter"),
    Command("home.refresh", ("r",), "refresh", "Read the list again.", "home", "refresh_list"),
    Command("connect.next", ("enter",), "next", "To the next field; on the last one, try it.", "connect", ""),
    Command(
        "connect.try",
        ("ctrl+s",),
        "try it",
        "Try the access with the store; nothing is kept yet.",
        "connect",
        "try_it",
    ),
    Command(
        "connect.scopes",
        ("f2",),
        "copy scopes",
        "Copy the list of access scopes the app needs.",
        "connect",
        "copy_scopes",
    ),
    Command("exports.open", ("ctrl+s",), "open", "Read the files.", "exports", "submit"),
    Command("load.retry", ("r",), "try again", "Load again.", "load", "retry"),
    Command("load.go_on", ("enter",), "overview", "To the store's overview.", "load", "go_on"),
    Command(
        "overview.open",
        ("enter",),
        "list them",
        "List the listings left out for this reason, or go to the tab that the line is about.",
        "overview",
        "open",
    ),
    Command("tabs.overview", ("1",), "overview", "To the overview.", "tabs", "screen.show_tab('overview')"),
    Command("overview.load", ("r",), "load again", "Read the store again.", "overview", "load"),
    Command(
        "overview.meaning",
        ("m",),
        "what this means",
        "Explain this page in words fit for the merchant.",
        "overview",
        "meaning",
    ),
    Command(
        "tabs.duplicates", ("2",), "duplicates", "To the duplicates.", "tabs", "screen.show_tab('duplicates')"
    ),
    Command("list.filter", ("/",), "filter", "Show only the lines that hold a text.", "list", "filter"),
    Command("list.show", ("f",), "show…", "Show all lines or some of them, in turn.", "list", "show_next"),
    Command("list.sort", ("s",), "sort by…", "Sort by the next column.", "list", "sort"),
    Command("list.reverse", ("S",), "reverse", "Sort the other way round.", "list", "reverse"),
    Command("list.export", ("E",), "export", "Write what is shown to a CSV or JSON file.", "list", "export"),
    Command(
        "marks.mark",
        ("space",),
        "mark",
        "Mark the line under the cursor, or take its mark away; decisions are then about all that are marked.",
        "marks",
        "mark",
    ),
    Command(
        "duplicates.open",
        ("enter",),
        "its listings",
        "To the listings of the group; there, all that is known of one listing.",
        "duplicates",
        "open",
    ),
    Command(
        "duplicates.decide",
        ("d",),
        "decide",
        "Decide the group under the cursor, or all that are marked; a second key says how.",
        "duplicates",
        "decide_by_key",
    ),
    Command(
        "duplicates.decide_shown",
        ("D",),
        "decide all shown",
        "Decide every undecided group that the filter shows; a second key says how.",
        "duplicates",
        "decide_shown_by_key",
    ),
    Command(
        "duplicates.accept",
        ("a",),
        "accept shared?",
        "Decide shared for every undecided group that shared? stands by.",
        "duplicates",
        "accept",
    ),
    Command(
        "duplicates.preview",
        ("p",),
        "preview",
        "Show what another choice would change, in turn; nothing is decided by it.",
        "duplicates",
        "preview",
    ),
    Command(
        "duplicates.note",
        ("n",),
        "note",
        "Write a note beside a decision; presenter mode hides notes.",
        "duplicates",
        "note",
    ),
    Command(
        "duplicates.read",
        ("r",),
        "read again",
        "Ask the store for this group's listings and counts again.",
        "duplicates",
        "read_again",
    ),
    Command(
        "duplicates.own_sku",
        ("i",),
        "give its own SKU",
        "Give one listing a SKU of its own in the store; what you type confirms it.",
        "duplicates",
        "own_sku",
    ),
    Command(
        "duplicates.meaning",
        ("m",),
        "what this means",
        "Explain this group in words fit for the merchant.",
        "duplicates",
        "meaning",
    ),
    *(
        Command(
            f"decide.{name}",
            (key,),
            label,
            sentence,
            "decide",
            f"decide('{name}')",
            after="duplicates.decide",
        )
        for name, key, label, sentence in (
            ("oldest", "o", "shared by oldest", "One product; the count of the oldest listing."),
            ("lowest", "l", "shared by lowest", "One product; at each location the lowest count."),
            ("highest", "h", "shared by highest", "One product; at each location the highest count."),
            ("sum", "+", "shared by sum", "One product; at each location all counts together."),
            (
                "listing",
                "enter",
                "shared by this listing",
                "One product; the count of the listing under the cursor.",
            ),
            ("split", "s", "split", "Different products; they need SKUs of their own."),
            ("left_out", "x", "leave out", "Not synced; the listings keep what they have."),
            ("clear", "u", "take back", "No decision."),
        )
    ),
    Command(
        "tabs.warehouses", ("3",), "warehouses", "To the warehouses.", "tabs", "screen.show_tab('warehouses')"
    ),
    Command(
        "warehouses.link",
        ("enter",),
        "link",
        "Choose the warehouse of the location under the cursor, and who is master; on a finding, go to its location.",
        "warehouses",
        "link",
    ),
    Command(
        "warehouses.unlink",
        ("u",),
        "unlink",
        "Leave the location unlinked; once that is said, take it back.",
        "warehouses",
        "unlink",
    ),
    Command(
        "warehouses.master",
        ("t",),
        "set master",
        "Make the other one master at this location, after saying what that means.",
        "warehouses",
        "master",
    ),
    Command(
        "warehouses.swap",
        ("s",),
        "swap",
        "Swap the warehouses of a crossed pair.",
        "warehouses",
        "swap",
    ),
    Command(
        "warehouses.accept",
        ("a",),
        "as suggested",
        "Link the location under the cursor as suggested.",
        "warehouses",
        "accept",
    ),
    Command(
        "warehouses.accept_all",
        ("A",),
        "all as suggested",
        "Link every location that nothing was said of as suggested.",
        "warehouses",
        "accept_all",
    ),
    Command(
        "warehouses.new_warehouse",
        ("w",),
        "new warehouse",
        "Make a warehouse.",
        "warehouses",
        "new_warehouse",
    ),
    Command(
        "warehouses.export",
        ("E",),
        "export",
        "Write the locations with their warehouses to a CSV or JSON file.",
        "warehouses",
        "export",
    ),
    Command("warehouses.load", ("r",), "load again", "Read the store again.", "warehouses", "load"),
    Command(
        "warehouses.meaning",
        ("m",),
        "what this means",
        "Explain what the cursor is on in words fit for the merchant.",
        "warehouses",
        "meaning",
    ),
    Command("tabs.stock", ("4",), "stock", "To the stock.", "tabs", "screen.show_tab('stock')"),
    Command(
        "stock.inspect",
        ("enter",),
        "look into it",
        "Look into the SKU under the cursor: warehouses, rows, bundles, movements.",
        "stock",
        "inspect",
    ),
    Command("stock.load", ("r",), "load again", "Read the store again.", "stock", "load"),
    Command(
        "stock.meaning",
        ("m",),
        "what this means",
        "Explain the row under the cursor in words fit for the merchant.",
        "stock",
        "meaning",
    ),
    Command("sku.adjust", ("a",), "adjust", "Add to what is in stock, or take off.", "sku", "adjust"),
    Command("sku.set", ("s",), "set", "Say what is in stock.", "sku", "set"),
    Command(
        "sku.receive", ("i",), "receive", "Book goods in; incoming goes down by as many.", "sku", "receive"
    ),
    Command("sku.count", ("c",), "count", "Enter what was counted.", "sku", "count"),
    Command("sku.transfer", ("t",), "transfer", "Move units to another warehouse.", "sku", "transfer"),
    Command("sku.refresh", ("r",), "read again", "Read the numbers again.", "sku", "refresh"),
    Command(
        "sku.meaning",
        ("m",),
        "what this means",
        "Explain the numbers in words fit for the merchant.",
        "sku",
        "meaning",
    ),
    Command(
        "panels.next",
        ("l", "right"),
        "next panel",
        "To the next panel (tab too).",
        "panels",
        "app.focus_next",
        palette=False,
    ),
    Command(
        "panels.previous",
        ("h", "left"),
        "previous panel",
        "To the panel before (shift+tab too).",
        "panels",
        "app.focus_previous",
        palette=False,
    ),
)
"""Every command, in the order help and `keys` show them."""

RESERVED_KEYS: Final = frozenset(
    {
        "?",
        ":",
        "/",
        "escape",
        "enter",
        "space",
        "tab",
        "shift+tab",
        "ctrl+c",
        "ctrl+p",
        *"jkhlgGyYErq",
        *"0123456789",
    }
)
"""Keys that mean one thing everywhere (DESIGN §7): a command may have one by default, a settings file cannot give it one."""

_SPELLINGS: Final = {
    "esc": "escape",
    "return": "enter",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "page up": "pageup",
    "page down": "pagedown",
    "del": "delete",
    "ins": "insert",
    " ": "space",
}
_NAMED_KEYS: Final = (
    *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete"),
    *("tab", "enter", "escape", "space", "backspace"),
    *(f"f{number}" for number in range(1, 25)),
)
_KEY: Final = re.compile(rf"(?:(?:ctrl|alt|shift)\+)*(?:[!-~]|{'|'.join(_NAMED_KEYS)})")
_SHOWN: Final = {"escape": "esc", "pageup": "page up", "pagedown": "page down"}


def shown_key(key: str) -> str:
    """A key as a person reads it in footer and help: `esc` for `escape`."""
    return _SHOWN.get(key, key)


class Registry:
    """The commands in force: the defaults with a settings file's [keys] applied."""

    def __init__(self, commands: tuple[Command, ...] = COMMANDS) -> None:
        self.commands = commands
        self._by_id = {command.id: command for command in commands}

    def __getitem__(self, command_id: str) -> Command:
        return self._by_id[command_id]

    def of_scope(self, scope: str) -> tuple[Command, ...]:
        """The commands of one scope, in order."""
        return tuple(command for command in self.commands if command.scope == scope)

    def of_screen(self, screen: str) -> tuple[Command, ...]:
        """Every command that can be given on a screen: its own, its parts', then those that are everywhere."""
        scopes = (screen, *SCREENS[screen].parts, EVERYWHERE)
        return tuple(command for scope in scopes for command in self.of_scope(scope))

    def offered(self, screen: str) -> tuple[Command, ...]:
        """What the palette of a screen offers: `of_screen`, and the commands that take two keys."""
        described = SCREENS[screen]
        scopes = (screen, *described.leads_to, *described.parts, EVERYWHERE)
        return tuple(command for scope in scopes for command in self.of_scope(scope))

    def keys_of(self, command: Command) -> tuple[str, ...]:
        """A command's keys as a person reads them: `esc`, and `d o` where two are pressed after each other."""
        first = [shown_key(self[command.after].keys[0])] if command.after and self[command.after].keys else []
        return tuple(" ".join([*first, shown_key(key)]) for key in command.keys)

    def footer(self, screen: str, *, typing: bool = False) -> tuple[tuple[Command, str], ...]:
        """What the footer of a screen shows, each with its key: help, quit, the screen's own; `FOOTER_ITEMS` at most.

        While a person is typing only keys that are not text are named, and commands without one are left out.
        """
        shown = []
        for command in (self[command_id] for command_id in ("help", "quit", *SCREENS[screen].footer)):
            keys = [key for key in command.keys if len(key) > 1] if typing else command.keys
            if keys:
                shown.append((command, keys[0]))
        return tuple(shown[:FOOTER_ITEMS])

    def clashes(self) -> tuple[tuple[str, str, Command, Command], ...]:
        """(screen, key, one command, other command) for every key bound twice on one screen."""
        found = []
        for screen in SCREENS:
            owner: dict[str, Command] = {}
            for command in (*self.of_screen(screen), *self.of_scope(DEMO)):
                for key in command.keys:
                    first = owner.setdefault(key, command)
                    if first is not command:
                        found.append((screen, key, first, command))
        return tuple(found)


def registry_with(overrides: Mapping[str, tuple[str, ...]]) -> Registry:
    """The registry with the keys of a settings file's [keys] table (command id → keys, which replace its own).

    Raises `SettingsInvalid` for an unknown id (naming the nearest), something that is no key, a reserved key, and a key
    that would then be bound twice on one screen.
    """
    registry = Registry()
    changed: dict[str, Command] = {}
    for command_id, keys in overrides.items():
        if command_id not in registry._by_id:
            raise SettingsInvalid(
                f"[keys] names {command_id!r}, and there is no such command.",
                nearest(command_id, tuple(registry._by_id)),
            )
        command = registry[command_id]
        changed[command_id] = replace(command, keys=tuple(_checked_key(command, key) for key in keys))
    result = Registry(tuple(changed.get(command.id, command) for command in registry.commands))
    for screen, key, first, second in result.clashes():
        raise SettingsInvalid(
            f"[keys] binds {shown_key(key)} twice on {SCREENS[screen].title}: for {first.id} and for {second.id}.",
            "Give one of them another key.",
        )
    return result


def nearest(name: str, names: tuple[str, ...]) -> str:
    """A sentence naming the likeliest of `names`, or where to find them all."""
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"Did you mean {near[0]}?" if near else "`supportdesk keys` lists them all."


def _checked_key(command: Command, key: str) -> str:
    plain = key if len(key) == 1 and key != " " else key.strip().lower()
    plain = _SPELLINGS.get(plain, plain)
    if not _KEY.fullmatch(plain) or plain == ",":
        raise SettingsInvalid(
            f"[keys] gives {command.id} the key {key!r}, which is none.",
            nearest(plain, _NAMED_KEYS)
            if len(plain) > 1
            else "Write one character, or a name like f5 or ctrl+t.",
        )
    if plain in RESERVED_KEYS and plain not in command.keys:
        raise SettingsInvalid(
            f"[keys] gives {command.id} the key {shown_key(plain)}, which means one thing everywhere.",
            "Choose a key that is not reserved.",
        )
    return plain
