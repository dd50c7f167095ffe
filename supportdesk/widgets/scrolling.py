"""Keeping a line of a widget in view, whoever of those around it scrolls."""

from __future__ import annotations

from textual.geometry import Region
from textual.widget import Widget


def show_lines(widget: Widget, first: int, count: int = 1) -> None:
    """Scroll every ancestor that scrolls so that `count` lines of `widget`, from `first` of its content on, are seen."""
    region = Region(widget.content_region.x, widget.content_region.y + first, 1, count)
    for ancestor in widget.ancestors:
        if isinstance(ancestor, Widget) and ancestor.max_scroll_y > 0:
            inside = region.translate(ancestor.scroll_offset - ancestor.content_region.offset)
            ancestor.scroll_to_region(inside, animate=False, force=True, immediate=True)
            return
