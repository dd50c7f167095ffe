"""Commands of parts that several screens have: tables, lists with marks, panels. The digits that lead to the tabs stand with each tab."""

from __future__ import annotations

from typing import Final

from supportdesk.commands.command import Command

TABLE: Final = (
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
)

LISTS: Final = (
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
)

PANELS: Final = (
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
