"""`safe_text`: nothing that a terminal obeys, hides or reorders comes through, and everything else does."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.core.text import safe_text

VISIBLE_FORMATS = {
    *range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD,
}  # fmt: skip
"""Format characters (Cf) that are drawn: Arabic number signs and the like."""
DEFAULT_IGNORABLE = {
    0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0x200B, 0x2010),
    *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x3164, *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0,
    *range(0xFFF0, 0xFFF9), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE1000),
}  # fmt: skip
"""Unicode's Default_Ignorable_Code_Point: what a terminal may draw as nothing."""


def is_dangerous(character: str) -> bool:
    """By Unicode's own tables, not by the expression under test: controls, formats, surrogates, line ends, nothings."""
    code = ord(character)
    if code in VISIBLE_FORMATS:
        return False
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") or code in DEFAULT_IGNORABLE


DANGEROUS = [chr(code) for code in range(sys.maxunicode + 1) if is_dangerous(chr(code))]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]52;c;cGFzdGU=\x07", "\\x1b]52;c;cGFzdGU=\\x07"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b2J\x9d0;title\x9c", "\\x9b2J\\x9d0;title\\x9c"),
        ("a\nb\r\nc\td", "a\\nb\\r\\nc\\td"),
        ("\x00\x7f\x85", "\\x00\\x7f\\x85"),
        ("KO\u202e1-TNET", "KO<U+202E>1-TNET"),
        ("a\u2066b\u2069\u200f\u061c", "a<U+2066>b<U+2069><U+200F><U+061C>"),
        ("zero\u200bwidth\u2060\ufeff", "zero<U+200B>width<U+2060><U+FEFF>"),
        ("soft\u00adhyphen", "soft\\xadhyphen"),
        ("line\u2028para\u2029", "line<U+2028>para<U+2029>"),
        ("tag\U000e0041\U000e007f", "tag<U+E0041><U+E007F>"),
        ("half \ud83d pair", "half <U+D83D> pair"),
        ("A\ufe0f", "A<U+FE0F>"),
        ("ideograph\U000e0100", "ideograph<U+E0100>"),
        ("☀\ufe0f Sun™\ufe0f 👍\ufe0f", "☀ Sun™ 👍"),
        ("👩\u200d🚀", "👩<U+200D>🚀"),
        ("\u3164\uffa0\u115f", "<U+3164><U+FFA0><U+115F>"),
        ("[red]bold[/] [@click=app.quit]x[/", "[red]bold[/] [@click=app.quit]x[/"),
        ("Größe · 東京 · نص · e\u0301 · \u00a0", "Größe · 東京 · نص · e\u0301 · \u00a0"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_is_shown(text: str, shown: str) -> None:
    assert safe_text(text) == shown


def test_no_dangerous_character_of_unicode_comes_through() -> None:
    assert len(DANGEROUS) > 6000
    assert [hex(ord(character)) for character in DANGEROUS if character in safe_text(f"a{character}b")] == []


def test_what_is_drawn_comes_through_unchanged() -> None:
    drawn = [
        character
        for code in range(0x20, sys.maxunicode + 1)
        if unicodedata.category(character := chr(code))[0] in "LNPSM" and not is_dangerous(character)
    ]
    assert len(drawn) > 100_000
    text = "".join(drawn)
    assert safe_text(text) == text


ANY_TEXT = st.text(st.characters(codec=None) | st.sampled_from(DANGEROUS))


@given(ANY_TEXT)
def test_the_result_holds_nothing_dangerous(text: str) -> None:
    shown = safe_text(text)
    assert not any(map(is_dangerous, shown))
    shown.encode("utf-8")


@given(ANY_TEXT)
def test_once_safe_is_safe(text: str) -> None:
    shown = safe_text(text)
    assert safe_text(shown) == shown


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_printable_ascii_is_the_same_object(text: str) -> None:
    assert safe_text(text) is text


@given(ANY_TEXT, ANY_TEXT)
def test_text_without_emoji_is_read_character_by_character(one: str, other: str) -> None:
    if not other.startswith("\ufe0f"):
        assert safe_text(one + other) == safe_text(one) + safe_text(other)
