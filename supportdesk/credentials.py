"""Where the tokens of channels and the API keys of accounts are kept: the OS keyring, else a file only its owner can read, else an environment variable by name.

It is given a folder and knows no paths; it does not know what a token is good for.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, Protocol, TypeVar
from urllib.parse import quote

from supportdesk.errors import CredentialMissing, DiskFull
from supportdesk.secret import Secret

T = TypeVar("T")

SERVICE: Final = "supportdesk"
"""Under which the keyring lists our entries."""
KEYRING_SECONDS: Final = 3.0
"""A keyring that has not answered by then (locked, no desktop, a dialogue nobody sees) is done without."""
_AGAIN: Final = {
    "token": "Connect the store again.",
    "client": "Connect the store again.",
    "key": "Import from Sumtracker again, with the key.",
}
_CONNECT_AGAIN: Final = _AGAIN["token"]


@dataclass(frozen=True, slots=True)
class Credential:
    """What a store is asked with, a token or a client id and its secret; or a Sumtracker account, an API key."""

    kind: Literal["token", "client", "key"]
    secret: Secret | None
    """The token, the client's secret or the key; None where only `variable` is known."""
    client_id: str = ""
    variable: str = ""
    """Name of the environment variable the secret comes from; '' where the secret itself is kept."""

    @classmethod
    def token(cls, token: Secret) -> Credential:
        """A token that is kept."""
        return cls("token", token)

    @classmethod
    def client(cls, client_id: str, client_secret: Secret) -> Credential:
        """A client id with a secret that is kept."""
        return cls("client", client_secret, client_id)

    @classmethod
    def api_key(cls, key: Secret) -> Credential:
        """The API key of a Sumtracker account, that is kept."""
        return cls("key", key)

    @classmethod
    def from_environment(cls, variable: str, client_id: str = "") -> Credential:
        """A token (or with `client_id` its secret) that stays in the environment variable `variable`; only the name is kept."""
        return cls("client" if client_id else "token", None, client_id, variable)


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a credential went."""

    where: Literal["keyring", "file", "environment"]
    sentence: str
    """For the person, once."""


class Keyring(Protocol):
    """What of the library `keyring` is used."""

    def get_password(self, service_name: str, username: str) -> str | None:
        """The password, None for none."""

    def set_password(self, service_name: str, username: str, password: str) -> None:
        """Keep one."""

    def delete_password(self, service_name: str, username: str) -> None:
        """Forget one; an error where there is none."""


def _system_keyring() -> Keyring:
    import keyring

    backend = keyring.get_keyring()
    # Below 1 are backends that keep nothing, or keep it in plain text: our own file is the better place.
    if backend.priority < 1:
        raise LookupError("no keyring worth using")
    return backend


class CredentialStore:
    """The credentials of one home. Channels are named by their shop handle; what else has one goes by a name that is no handle."""

    def __init__(
        self,
        folder: Path,
        use_keyring: bool,
        *,
        keyring: Callable[[], Keyring] = _system_keyring,
        environment: Mapping[str, str] | None = None,
        keyring_seconds: float = KEYRING_SECONDS,
    ) -> None:
        """`environment` is that of this process where None; a worker passes an empty one, as it has only stored tokens."""
        self._folder = folder
        self._use_keyring = use_keyring
        self._keyring = keyring
        self._environment = os.environ if environment is None else environment
        self._keyring_seconds = keyring_seconds

    def save(self, channel: str, credential: Credential) -> Kept:
        """Keep `credential` for `channel` in place of an earlier one. Raises `DiskFull`, or `CredentialMissing` where no file can be written."""
        note: dict[str, str] = {"kind": credential.kind, "client_id": credential.client_id}
        if self._use_keyring and self._where(channel) == "keyring" and credential.variable:
            self._within_limit(lambda: self._delete(channel))
        if credential.variable:
            self._write(channel, {**note, "where": "environment", "variable": credential.variable})
            return Kept(
                "environment",
                f"The {_word(credential)} is read from ${credential.variable} in every process that needs it;"
                " only that name is kept, so a worker started elsewhere cannot use it.",
            )
        if credential.secret is None:
            raise CredentialMissing("There is neither a secret nor the name of a variable.", _CONNECT_AGAIN)
        secret = credential.secret.reveal()
        if self._use_keyring and self._within_limit(lambda: self._put(channel, secret)):
            self._write(channel, {**note, "where": "keyring"})
            return Kept("keyring", f"The {_word(credential)} is kept in this machine's keyring.")
        self._write(channel, {**note, "where": "file", "secret": secret})
        why = "no keyring answers here" if self._use_keyring else "the keyring is turned off"
        path = self._path(channel)
        return Kept("file", f"The {_word(credential)} is kept in {path}, readable by you alone: {why}.")

    def holds(self, channel: str) -> bool:
        """Whether something is kept for `channel`, whether it can be had now or not."""
        return self._path(channel).exists()

    def read(self, channel: str) -> Credential:
        """The credential of `channel`, its secret in it. Raises `CredentialMissing` where there is none or it cannot be had now."""
        note = self._note(channel)
        kind = note.get("kind")
        credential = Credential(
            kind if kind in ("client", "key") else "token",
            None,
            str(note.get("client_id", "")),
            str(note.get("variable", "")),
        )
        secret: str | None
        match note.get("where"):
            case "environment":
                secret = self._environment.get(credential.variable, "").strip()
                trouble = f"The {_word(credential)} of {channel} is read from ${credential.variable}, which is not set here."
                next_step = f"Set {credential.variable}, or connect the store again without --token-env."
            case "keyring":
                secret = self._within_limit(lambda: self._get(channel)) if self._use_keyring else ""
                trouble = f"The {_word(credential)} of {channel} is in this machine's keyring, which does not give it."
                again = _AGAIN[credential.kind]
                next_step = f"Unlock the keyring and try again, or {again[0].lower()}{again[1:]}"
            case _:
                secret = str(note.get("secret", ""))
                trouble, next_step = f"{self._path(channel)} holds no secret.", _AGAIN[credential.kind]
        if not secret:
            raise CredentialMissing(trouble, next_step)
        return replace(credential, secret=Secret(secret))

    def forget(self, channel: str) -> None:
        """Remove what is kept for `channel`, in the keyring too; nothing happens where there is none."""
        if self._use_keyring:
            self._within_limit(lambda: self._delete(channel))
        with contextlib.suppress(OSError):
            self._path(channel).unlink(missing_ok=True)

    def _put(self, channel: str, secret: str) -> bool:
        backend, name = self._keyring(), self._entry(channel)
        backend.set_password(SERVICE, name, secret)
        # Some backends take everything and keep nothing.
        return backend.get_password(SERVICE, name) == secret

    def _get(self, channel: str) -> str | None:
        return self._keyring().get_password(SERVICE, self._entry(channel))

    def _delete(self, channel: str) -> bool:
        self._keyring().delete_password(SERVICE, self._entry(channel))
        return True

    def _entry(self, channel: str) -> str:
        # Two homes may hold the same channel with different tokens.
        return f"{channel} in {self._folder}"

    def _within_limit(self, call: Callable[[], T]) -> T | None:
        """What `call` returns, or None where it failed or took longer than the limit; it is then left behind in its thread."""
        answers: list[T] = []

        def run() -> None:
            with contextlib.suppress(BaseException):
                answers.append(call())

        thread = threading.Thread(target=run, name="keyring", daemon=True)
        thread.start()
        thread.join(self._keyring_seconds)
        return answers[0] if answers else None

    def _where(self, channel: str) -> object:
        try:
            return self._note(channel).get("where")
        except CredentialMissing:
            return None

    def _path(self, channel: str) -> Path:
        return self._folder / f"{quote(channel, safe='')}.json"

    def _note(self, channel: str) -> dict[str, Any]:
        path = self._path(channel)
        try:
            note = json.loads(path.read_bytes())
        except FileNotFoundError:
            raise CredentialMissing(
                f"No token is kept for {channel}.",
                f"Connect the store: supportdesk connect {channel} --token-env=VAR",
            ) from None
        except OSError as error:
            raise CredentialMissing(f"{path} cannot be read: {error.strerror}.", _CONNECT_AGAIN) from None
        except ValueError:
            note = None
        if not isinstance(note, dict):
            # Raised out here: the decoder's error would carry the file's text.
            raise CredentialMissing(f"{path} is damaged.", _CONNECT_AGAIN)
        return note

    def _write(self, channel: str, note: dict[str, str]) -> None:
        """Put the file in place whole, with its final rights from the start."""
        path = self._path(channel)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=".new-")
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    json.dump(note, file)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(name, path)
            except BaseException:
                os.unlink(name)
                raise
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                failure: DiskFull | CredentialMissing = DiskFull(
                    f"{path} cannot be written.", "Make room, then try again."
                )
            else:
                failure = CredentialMissing(
                    f"{path} cannot be written: {error.strerror}.", "Check the folder's owner and rights."
                )
        else:
            return
        raise failure


def _word(credential: Credential) -> str:
    return {"token": "token", "client": "client secret", "key": "API key"}[credential.kind]
