"""`safe_text`: merchant text made visible and inert, and nothing else about text that comes from outside.

A title may hold terminal escapes, right-to-left overrides, zero-width characters or half a surrogate pair; all of them
reach the terminal raw through every Textual widget and every print. Whatever came from a merchant goes through here once,
where it enters a widget, a log line or a print.
"""

from __future__ import annotations

import re
from typing import Final

_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, joiners and fillers
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\ud800-\udfff"  # lone surrogates
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"  # format controls, tags, more selectors
)
_EMOJI_STYLE: Final = re.compile(
    "(?<=[©®\u203c\u2049\u2122\u2139\u3030\u303d\u3297\u3299\u2190-\u2bff\U0001f000-\U0001faff])\ufe0f"
)
_NAMED: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _visible(match: re.Match[str]) -> str:
    character = match.group()
    if named := _NAMED.get(character):
        return named
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"<U+{code:04X}>"


def safe_text(text: str) -> str:
    """`text` on one line with every control, bidi, zero-width, tag and surrogate character written out (`\\x1b`, `<U+202E>`).

    Printable ASCII comes back as the same object. The result is still plain text: it goes into widgets as `Content` or `Text`,
    never as `str`, because Textual reads markup in any `str` (`reference/textual.md` §7). An emoji's style selector, which
    says nothing and has no width terminals agree on, is dropped.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_visible, _EMOJI_STYLE.sub("", text))
