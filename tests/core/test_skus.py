"""Hygiene marks, look-alikes and the blank SKU of exports."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.core.skus import MARKS, hygiene_mark, look_alike_key, new_sku_fault, without_quotes


@pytest.mark.parametrize(
    ("mark", "skus"),
    [
        (None, ["", "KO-TENT-2P", "1", "A", "0042", "SOLD OUT", "Tool - Ice 15mm Wrench", "ab/c.d_e", "5\" bolt"]),
        (None, ["SKU-0001", "X-100", "XL", "TEST-KIT-1", "DEFAULT-BLUE", "nano", "None-such", "Tango", "undefined-x"]),
        (None, ["Größe-1", "東京", "a\u00a0b"]),
        ("blank", [" ", "\t", " \u00a0 ", "\u3000"]),
        ("placeholder", ["-", "--", "—", "n/a", "N/A", "na", "NaN", "none", "NULL", "undefined-1", "undefined"]),
        ("placeholder", ["tbd", "todo-2", "No SKU", "nosku", "no-sku-3", "sku", "test", "default", "x", "XXXX"]),
        ("placeholder", ["?", "...", "#N/A", "#REF!", "#VALUE!", " n/a "]),
        ("apostrophe", ["'0042", "'", "'abc "]),
        ("control", ["A\n", "A\x00B", "A\u200b", "\u200b", "A\u202eB", "\ufeffA", "half\ud800", "A\ufe0f", "A\U000e0041"]),
        ("padded", [" A", "A ", "KO-TENT ", "\u00a0A"]),
    ],
)  # fmt: skip
def test_marks(mark: str | None, skus: list[str]) -> None:
    assert {sku: hygiene_mark(sku) for sku in skus} == dict.fromkeys(skus, mark)
    assert mark is None or mark in MARKS


@given(st.text())
def test_every_mark_has_words(sku: str) -> None:
    assert hygiene_mark(sku) in {None, *MARKS}


@given(st.text(min_size=1, max_size=9))
def test_spaces_around_never_make_a_sku_cleaner(sku: str) -> None:
    assert hygiene_mark(f" {sku} ") is not None


@given(
    st.text(
        st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._/-"), min_size=4
    ).filter(str.isalnum)
)
def test_the_short_cut_for_plain_skus_agrees_with_the_long_way(sku: str) -> None:
    assert (hygiene_mark(sku) is None) == (hygiene_mark(f" {sku}") == "padded")


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("KO-1", "ko-1", True),
        ("KO-1", "KO - 1 ", True),
        ("KO-1", "KO\u00a0-1\n", True),
        ("STRASSE", "straße", True),
        ("KO-1", "KO-10", False),
        ("KO-1", "KO1", False),
        ("O-1", "0-1", False),
    ],
)
def test_look_alikes(one: str, other: str, alike: bool) -> None:
    assert (look_alike_key(one) == look_alike_key(other)) is alike


@given(
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="µ")),
    st.sampled_from([" ", "\t", "\n", "\u3000"]),
)
def test_case_and_white_space_never_tell_look_alikes_apart(sku: str, space: str) -> None:
    key = look_alike_key(sku)
    assert look_alike_key(sku.upper()) == key
    assert look_alike_key(sku.lower()) == key
    assert look_alike_key(space.join(sku)) == key
    assert look_alike_key(key) == key


@pytest.mark.parametrize(
    ("cell", "sku"), [("", ""), ('""', ""), ('"', '"'), ('"A"', '"A"'), ("''", "''"), (" ", " ")]
)
def test_two_quotes_in_an_export_are_no_sku(cell: str, sku: str) -> None:
    assert without_quotes(cell) == sku


@pytest.mark.parametrize(
    ("new", "fault"),
    [
        ("", "is no SKU"),
        (" \t", "is no SKU"),
        ("A-1", "is the SKU the listing has"),
        ("n/a", "a placeholder"),
        ("A-2 ", "spaces at its ends"),
        ("'A-2", "spreadsheet's apostrophe"),
        ("A\u200b2", "invisible character"),
    ],
)
def test_a_sku_that_will_not_do_as_an_own_one(new: str, fault: str) -> None:
    assert fault in str(new_sku_fault("A-1", new))


@pytest.mark.parametrize("new", ["A-2", "a-1", "SOLD OUT", "Größe 1"])
def test_a_sku_that_will(new: str) -> None:
    assert new_sku_fault("A-1", new) is None
