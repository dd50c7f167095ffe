"""Crash reports: frames and kinds, no local variable, no secret."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from supportdesk.terminal.crash import Crash, report_text, without_secrets, write_report
from tests.screens.fakes import TOKEN

WHEN = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


def _error() -> Exception:
    token = TOKEN
    try:
        try:
            raise KeyError(token)
        except KeyError as error:
            raise ValueError(f"no answer for {token}\n\x1b[31m") from error
    except ValueError as error:
        return error


def test_the_report_names_the_chain_and_the_frames() -> None:
    text = report_text(_error(), WHEN, {"screens": "HomeScreen"})
    assert text.index("builtins.KeyError") < text.index(
        "builtins.ValueError: no answer for ********\\n\\x1b[31m"
    )
    assert "test_crash.py" in text
    assert "in _error" in text
    assert "screens: HomeScreen" in text
    assert TOKEN not in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    "text",
    [
        f"token {TOKEN}",
        "X-Shopify-Access-Token: shpss_0123",
        "Bearer abc.def-ghi",
        "https://a.myshopify.com/?access_token=0123456789abcdef0123",
        "{'client_secret': '0123456789abcdef0123456789abcdef'}",
        "mia.jones+x@shop.example.com bought",
    ],
)
def test_secrets_are_masked(text: str) -> None:
    masked = without_secrets(text)
    assert "********" in masked
    for part in ("0123", "abc.def", "mia", "jones"):
        assert part not in masked


def test_a_long_message_is_cut() -> None:
    assert len(without_secrets("word " * 1_000)) < 600


def test_the_file_is_private_and_named_in_the_sentence(tmp_path: Path) -> None:
    crash = write_report(_error(), tmp_path / "reports", WHEN, {})
    assert crash.report is not None
    assert crash.report.stat().st_mode & 0o777 == 0o600
    assert str(crash.report) in crash.sentence
    assert "\n" not in crash.sentence


def test_where_nothing_can_be_written_the_sentence_still_comes(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("not a folder")
    crash = write_report(_error(), tmp_path / "reports", WHEN, {})
    assert crash == Crash(None, "ValueError")
    assert "no report could be written" in crash.sentence
