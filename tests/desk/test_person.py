"""Whose name stands beside what was done."""

from __future__ import annotations

import pwd
import socket
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from supportdesk.core.events import Event, who_words
from supportdesk.desk import accounts, person
from supportdesk.sync.claim import Claim

FULL_NAMES = {"mia": "Mia Okafor,,,", "tom": "", "zoe": "& Berg"}


@pytest.fixture(autouse=True)
def _one_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(name: str) -> SimpleNamespace:
        return SimpleNamespace(pw_gecos=FULL_NAMES[name])

    monkeypatch.setattr(pwd, "getpwnam", found)
    monkeypatch.setattr(socket, "gethostname", lambda: "desk-2.example")
    for name in ("SUPPORTDESK_WHO", "SUDO_USER", "LOGNAME"):
        monkeypatch.delenv(name, raising=False)
    person._full_name.cache_clear()


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"LOGNAME": "mia", "SUPPORTDESK_WHO": "Mia of desk 2"}, "Mia of desk 2"),
        ({"LOGNAME": "mia"}, "Mia Okafor"),
        ({"LOGNAME": "mia", "SUPPORTDESK_WHO": " "}, "Mia Okafor"),
        ({"LOGNAME": "tom"}, "tom"),
        ({"LOGNAME": "zoe"}, "Zoe Berg"),
        ({"LOGNAME": "nobody-knows"}, "nobody-knows"),
        ({"LOGNAME": "root", "SUDO_USER": "mia"}, "Mia Okafor"),
        ({"LOGNAME": "root", "SUDO_USER": "root"}, "desk-2"),
        ({"LOGNAME": "root"}, "desk-2"),
        ({"LOGNAME": "root", "SUPPORTDESK_WHO": "mia"}, "mia"),
    ],
)
def test_a_person_has_a_name(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], name: str) -> None:
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    assert accounts.who() == name


def test_where_root_works_the_machine_is_named_once() -> None:
    event = Event(1, datetime(2026, 11, 23, tzinfo=UTC), "load", who="desk-2", host="desk-2.example")
    assert who_words(event) == "desk-2"
    assert (
        who_words(replace(event, who="mia", origin="10.0.0.5"))
        == "mia on desk-2.example, over SSH from 10.0.0.5"
    )
    claim = Claim("ledger", "desk-2", "desk-2", "2026-11-23T14:02:00Z")
    assert claim.in_words == "desk-2 since 2026-11-23 14:02 UTC"
