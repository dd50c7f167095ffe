"""`plain`: the only way text from outside enters a widget. Nothing else may turn such text into `Content`."""

from __future__ import annotations

from textual.content import Content

from supportdesk.core.text import safe_text


def plain(text: str, style: str = "") -> Content:
    """`text` as content that shows every character and does nothing: controls written out, markup left as it is.

    A `str` handed to a Textual widget is markup, and markup can run actions (`reference/textual.md` §7); content is not.
    """
    content = Content(safe_text(text))
    return content.stylize(style) if style else content


def fitted(text: str, width: int, style: str = "") -> Content:
    """`plain(text)` cut to `width` columns, with an ellipsis where something was cut."""
    content = plain(text, style)
    if content.cell_length <= width:
        return content
    return content.truncate(max(0, width), ellipsis=True)
