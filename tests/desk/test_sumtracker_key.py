"""The key of a real Sumtracker account: from where it is taken, kept only where asked and only once good, forgotten with the account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from supportdesk.core.progress import Unwatched
from supportdesk.desk import Demo, Desk, channels, sumtracker_key
from supportdesk.desk.remote_import import KEY_VARIABLE
from supportdesk.errors import CredentialMissing, Refused, SumtrackerKeyRefused, UnknownName, WrongUsage
from supportdesk.secret import Secret
from supportdesk.settings import Settings
from tests.cli.commands import dump, files_of
from tests.desk.stocked import stocked_desk
from tests.sumtracker.accounts import KEY, serving, side


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    return stocked_desk(tmp_path / "a home")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(side()) as (found, _):
        yield found


def bring(desk: Desk, url: str, key: str = KEY, *, keep: bool = True) -> tuple[str, ...]:
    """Import; the notes."""
    return sumtracker_key.import_with(
        desk, "kestrel", Secret(key), Unwatched(), keep=keep, base_url=url
    ).notes


def test_it_is_kept_only_where_asked(desk: Desk, url: str) -> None:
    notes = bring(desk, url, keep=False)
    assert not sumtracker_key.is_kept(desk, "kestrel")
    more = bring(desk, url)
    assert more[:-1] == notes
    assert more[-1].startswith("The API key is kept in ")
    assert "Sumtracker" in more[-1]
    assert sumtracker_key.is_kept(desk, "kestrel")
    assert sumtracker_key.key_of(desk, "kestrel") == Secret(KEY)


def test_no_file_but_its_own_holds_it(desk: Desk, url: str) -> None:
    bring(desk, url)
    holders = [
        name for name in files_of(desk.home.root) if KEY.encode() in (desk.home.root / name).read_bytes()
    ]
    assert holders == ["credentials/kestrel%20%28Sumtracker%29.json"]
    assert not any(KEY in line for lines in dump(desk.home.root).values() for line in lines)


def test_what_is_asked_with(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Typed, then the variable named, then the usual variable, then the one that is kept."""
    with pytest.raises(WrongUsage, match=f"{KEY_VARIABLE} .* No key is kept for kestrel either"):
        sumtracker_key.key_of(desk, "kestrel")
    sumtracker_key.keep_key(desk, "kestrel", Secret("kept"))
    assert sumtracker_key.key_of(desk, "kestrel") == Secret("kept")
    monkeypatch.setenv(KEY_VARIABLE, "usual")
    assert sumtracker_key.key_of(desk, "kestrel") == Secret("usual")
    monkeypatch.setenv("OTHER", "named")
    assert sumtracker_key.key_of(desk, "kestrel", variable="OTHER") == Secret("named")
    assert sumtracker_key.key_of(desk, "kestrel", typed=Secret("typed")) == Secret("typed")
    monkeypatch.delenv("OTHER")
    with pytest.raises(WrongUsage, match="OTHER"):
        sumtracker_key.key_of(desk, "kestrel", variable="OTHER")


def test_one_that_cannot_be_had_is_told(desk: Desk) -> None:
    sumtracker_key.keep_key(desk, "kestrel", Secret(KEY))
    (file,) = desk.home.credentials.iterdir()
    file.write_text('{"kind": "key", "where": "file"}')
    with pytest.raises(CredentialMissing) as caught:
        sumtracker_key.key_of(desk, "kestrel")
    assert caught.value.next_step == "Import from Sumtracker again, with the key."


def test_a_refused_key_is_not_kept(desk: Desk, url: str) -> None:
    before = dump(desk.home.root)
    with pytest.raises(SumtrackerKeyRefused):
        bring(desk, url, KEY[:-1] + "0")
    assert not sumtracker_key.is_kept(desk, "kestrel")
    assert dump(desk.home.root) == before


def test_nothing_is_kept_for_an_account_that_is_not_there(desk: Desk, url: str) -> None:
    with pytest.raises(UnknownName):
        sumtracker_key.import_with(desk, "nobody", Secret(KEY), Unwatched(), keep=True, base_url=url)
    assert not sumtracker_key.is_kept(desk, "nobody")
    read_only = replace(desk, settings=Settings(keyring=False, read_only=True))
    with pytest.raises(Refused):
        bring(read_only, url)
    assert not sumtracker_key.is_kept(desk, "kestrel")


def test_a_key_that_cannot_be_kept_is_a_note(desk: Desk, url: str) -> None:
    desk.home.credentials.write_text("a file where the folder should be")
    notes = bring(desk, url)
    assert notes[-1].startswith("The API key is not kept: ")


def test_the_demo_asks_its_own_sandbox_alone(desk: Desk, url: str) -> None:
    demo = replace(desk, demo=Demo(url, "outdoor"))
    notes = sumtracker_key.import_with(demo, "kestrel", Secret(KEY), Unwatched(), keep=False).notes
    assert notes


def test_it_is_forgotten_with_the_last_channel(desk: Desk) -> None:
    sumtracker_key.keep_key(desk, "kestrel", Secret(KEY))
    said = channels.forget(desk, "outlet")
    assert "Sumtracker" not in said
    assert sumtracker_key.is_kept(desk, "kestrel")
    said = channels.forget(desk, "outdoor")
    assert "The account kestrel is removed, with its Sumtracker key." in said
    assert not sumtracker_key.is_kept(desk, "kestrel")
    assert not list(desk.home.credentials.iterdir())
    assert not sumtracker_key.forget_key(desk, "kestrel")
