from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from supportdesk.credentials import Credential, CredentialStore, Keyring
from supportdesk.errors import CredentialMissing, DiskFull
from supportdesk.secret import Secret

TOKEN = "shpat_" + "0123456789abcdef"


class MemoryKeyring:
    """A keyring that works."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.asked = 0

    def get_password(self, service_name: str, username: str) -> str | None:
        self.asked += 1
        return self.kept.get((service_name, username))

    def set_password(self, service_name: str, username: str, password: str) -> None:
        self.asked += 1
        self.kept[service_name, username] = password

    def delete_password(self, service_name: str, username: str) -> None:
        self.asked += 1
        del self.kept[service_name, username]


class ForgetfulKeyring(MemoryKeyring):
    """Takes everything, keeps nothing: the library's null backend."""

    def set_password(self, service_name: str, username: str, password: str) -> None:
        self.asked += 1


class FailingKeyring(MemoryKeyring):
    """Locked."""

    def set_password(self, service_name: str, username: str, password: str) -> None:
        raise RuntimeError(f"cannot keep {password}")

    def get_password(self, service_name: str, username: str) -> str | None:
        raise RuntimeError("locked")


class HangingKeyring(MemoryKeyring):
    """Waits for a dialogue nobody sees."""

    def __init__(self) -> None:
        super().__init__()
        self.release = threading.Event()

    def set_password(self, service_name: str, username: str, password: str) -> None:
        self.release.wait(30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "credentials"


def with_keyring(folder: Path, keyring: Keyring) -> CredentialStore:
    return CredentialStore(folder, use_keyring=True, keyring=lambda: keyring, keyring_seconds=5)


def in_files(folder: Path) -> CredentialStore:
    def refuse() -> Keyring:
        raise AssertionError("the keyring is off")

    return CredentialStore(folder, use_keyring=False, keyring=refuse, environment={})


CREDENTIALS = [
    Credential.token(Secret(TOKEN)),
    Credential.client("client-id", Secret("shpss_secret")),
    Credential.token(Secret('odd "quotes" and ünïcode')),
]


@pytest.mark.parametrize("credential", CREDENTIALS)
@pytest.mark.parametrize("where", ["keyring", "file"])
def test_what_is_kept_is_read_again(credential: Credential, where: str, folder: Path) -> None:
    store = with_keyring(folder, MemoryKeyring()) if where == "keyring" else in_files(folder)
    kept = store.save("kestrel-outdoor", credential)
    assert kept.where == where
    assert store.read("kestrel-outdoor") == credential
    store.forget("kestrel-outdoor")
    with pytest.raises(CredentialMissing):
        store.read("kestrel-outdoor")
    assert list(folder.iterdir()) == []


def test_the_keyring_leaves_no_secret_in_a_file(folder: Path) -> None:
    keyring = MemoryKeyring()
    kept = with_keyring(folder, keyring).save("kestrel", Credential.token(Secret(TOKEN)))
    assert "keyring" in kept.sentence
    assert list(keyring.kept.values()) == [TOKEN]
    assert all(TOKEN not in path.read_text() for path in folder.iterdir())
    with_keyring(folder, keyring).forget("kestrel")
    assert keyring.kept == {}


@pytest.mark.parametrize("keyring", [ForgetfulKeyring, FailingKeyring])
def test_a_keyring_that_keeps_nothing_is_done_without(keyring: Callable[[], Keyring], folder: Path) -> None:
    store = with_keyring(folder, keyring())
    kept = store.save("kestrel", Credential.token(Secret(TOKEN)))
    assert kept.where == "file"
    assert str(folder) in kept.sentence
    assert TOKEN not in kept.sentence
    assert store.read("kestrel").secret == Secret(TOKEN)


def test_a_keyring_that_hangs_is_done_without(folder: Path) -> None:
    keyring = HangingKeyring()
    store = CredentialStore(folder, use_keyring=True, keyring=lambda: keyring, keyring_seconds=0.05)
    try:
        assert store.save("kestrel", Credential.token(Secret(TOKEN))).where == "file"
    finally:
        keyring.release.set()
    assert store.read("kestrel").secret == Secret(TOKEN)


def test_a_machine_without_a_keyring(folder: Path) -> None:
    def none_here() -> Keyring:
        raise LookupError

    store = CredentialStore(folder, use_keyring=True, keyring=none_here)
    assert store.save("kestrel", Credential.token(Secret(TOKEN))).where == "file"


def test_a_keyring_locked_later_is_told(folder: Path) -> None:
    with_keyring(folder, MemoryKeyring()).save("kestrel", Credential.token(Secret(TOKEN)))
    with pytest.raises(CredentialMissing, match="keyring"):
        with_keyring(folder, FailingKeyring()).read("kestrel")
    with pytest.raises(CredentialMissing, match="keyring"):
        in_files(folder).read("kestrel")


def test_the_keyring_is_not_asked_for_what_is_elsewhere(folder: Path) -> None:
    in_files(folder).save("kestrel", Credential.token(Secret(TOKEN)))
    keyring = MemoryKeyring()
    store = with_keyring(folder, keyring)
    assert store.read("kestrel").secret == Secret(TOKEN)
    with pytest.raises(CredentialMissing, match="No token is kept"):
        store.read("other")
    assert keyring.asked == 0


def test_two_homes_do_not_share_an_entry(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    one, two = with_keyring(tmp_path / "one", keyring), with_keyring(tmp_path / "two", keyring)
    one.save("kestrel", Credential.token(Secret("first")))
    two.save("kestrel", Credential.token(Secret("second")))
    two.forget("kestrel")
    assert one.read("kestrel").secret == Secret("first")


class RankedKeyring(MemoryKeyring):
    """As the library's backends, with a priority: below 1 are those that keep nothing, or plain text."""

    def __init__(self, priority: float) -> None:
        super().__init__()
        self.priority = priority


@pytest.mark.parametrize(
    ("priority", "where"), [(5.0, "keyring"), (1.0, "keyring"), (0.5, "file"), (-1.0, "file")]
)
def test_the_systems_keyring_is_used_when_it_is_worth_using(
    priority: float, where: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = RankedKeyring(priority)
    monkeypatch.setattr("keyring.get_keyring", lambda: backend)
    store = CredentialStore(folder, use_keyring=True)
    assert store.save("kestrel", Credential.token(Secret(TOKEN))).where == where
    assert store.read("kestrel").secret == Secret(TOKEN)
    assert bool(backend.kept) == (where == "keyring")


# The environment


def test_of_a_variable_only_the_name_is_kept(folder: Path) -> None:
    store = CredentialStore(folder, use_keyring=False, environment={"KESTREL_TOKEN": f" {TOKEN}\n"})
    kept = store.save("kestrel", Credential.from_environment("KESTREL_TOKEN"))
    assert kept.where == "environment"
    assert "KESTREL_TOKEN" in kept.sentence
    assert all(TOKEN not in path.read_text() for path in folder.iterdir())
    read = store.read("kestrel")
    assert (read.kind, read.secret, read.variable) == ("token", Secret(TOKEN), "KESTREL_TOKEN")


@pytest.mark.parametrize("environment", [{}, {"KESTREL_SECRET": "  "}])
def test_a_process_without_the_variable_says_so(environment: dict[str, str], folder: Path) -> None:
    store = CredentialStore(folder, use_keyring=False, environment=environment)
    store.save("kestrel", Credential.from_environment("KESTREL_SECRET", "client-id"))
    with pytest.raises(CredentialMissing, match=r"client secret of kestrel is read from \$KESTREL_SECRET"):
        store.read("kestrel")


def test_the_process_environment_is_the_default(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KESTREL_TOKEN", TOKEN)
    store = CredentialStore(folder, use_keyring=False)
    store.save("kestrel", Credential.from_environment("KESTREL_TOKEN"))
    assert store.read("kestrel").secret == Secret(TOKEN)


def test_moving_to_a_variable_removes_the_secret_from_the_keyring(folder: Path) -> None:
    keyring = MemoryKeyring()
    store = with_keyring(folder, keyring)
    store.save("kestrel", Credential.token(Secret(TOKEN)))
    store.save("kestrel", Credential.from_environment("KESTREL_TOKEN"))
    assert keyring.kept == {}


def test_nothing_to_keep_is_refused(folder: Path) -> None:
    with pytest.raises(CredentialMissing):
        in_files(folder).save("kestrel", Credential("token", None))


# The file


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
def test_the_file_is_never_anybody_elses(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    real = os.replace

    def watched(source: str, target: Path) -> None:
        seen.append(stat.S_IMODE(os.stat(source).st_mode))
        real(source, target)

    monkeypatch.setattr(os, "replace", watched)
    in_files(folder).save("kestrel", Credential.token(Secret(TOKEN)))
    (path,) = folder.iterdir()
    assert seen == [0o600]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_was_open_is_closed(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    in_files(folder).save("kestrel", Credential.token(Secret(TOKEN)))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("channel", ["../../etc/passwd", "..", ".", "a/b", "a b", "größe", "nul\x00"])
def test_no_channel_name_leaves_the_folder(channel: str, folder: Path) -> None:
    store = in_files(folder)
    store.save(channel, Credential.token(Secret(TOKEN)))
    assert store.read(channel).secret == Secret(TOKEN)
    (path,) = folder.iterdir()
    assert path.parent == folder
    assert path.suffix == ".json"


@pytest.mark.parametrize(("number", "expected"), [(errno.ENOSPC, DiskFull), (errno.EROFS, CredentialMissing)])
def test_a_file_that_cannot_be_written_leaves_the_old_one(
    number: int, expected: type[Exception], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = in_files(folder)
    store.save("kestrel", Credential.token(Secret("old")))

    def full(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(expected) as caught:
            store.save("kestrel", Credential.token(Secret(TOKEN)))
    assert TOKEN not in str(caught.value)
    assert caught.value.__context__ is None
    assert store.read("kestrel").secret == Secret("old")
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"secret": "' + TOKEN.encode()])
def test_a_damaged_file_is_told_without_its_content(content: bytes, folder: Path) -> None:
    folder.mkdir()
    (folder / "kestrel.json").write_bytes(content)
    with pytest.raises(CredentialMissing, match="damaged") as caught:
        in_files(folder).read("kestrel")
    assert caught.value.__context__ is None
    assert TOKEN not in str(caught.value)


def test_forgetting_what_is_not_there_is_nothing(folder: Path) -> None:
    in_files(folder).forget("kestrel")
    with_keyring(folder, FailingKeyring()).forget("kestrel")


def test_no_secret_shows_in_a_representation(folder: Path) -> None:
    for credential in CREDENTIALS:
        assert credential.secret is not None
        assert credential.secret.reveal() not in repr(credential)
    store = in_files(folder)
    store.save("kestrel", CREDENTIALS[0])
    assert TOKEN not in repr(store)
    assert TOKEN not in repr(store.read("kestrel"))


def test_an_api_key_is_spoken_of_as_one(folder: Path) -> None:
    keyring = MemoryKeyring()
    store, name = with_keyring(folder, keyring), "kestrel (Sumtracker)"
    assert not store.holds(name)
    kept = store.save(name, Credential.api_key(Secret(TOKEN)))
    assert kept.sentence == "The API key is kept in this machine's keyring."
    assert store.holds(name)
    assert store.read(name) == Credential.api_key(Secret(TOKEN))
    keyring.kept.clear()
    with pytest.raises(CredentialMissing, match="API key of kestrel") as caught:
        store.read(name)
    assert caught.value.next_step == (
        "Unlock the keyring and try again, or import from Sumtracker again, with the key."
    )
    store.forget(name)
    assert not store.holds(name)
