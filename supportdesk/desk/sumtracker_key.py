"""The API key of the real Sumtracker account that an account is imported from: where it comes from, kept, forgotten; and the import with it.

It is never shown, logged or written anywhere but to the credential store. What an import takes over is in `remote_import`.
"""

from __future__ import annotations

from dataclasses import replace

from supportdesk.core.imports import Imported
from supportdesk.core.progress import Watch
from supportdesk.credentials import Credential
from supportdesk.desk import Desk
from supportdesk.desk.connecting import credential_store
from supportdesk.desk.remote_import import import_from_sumtracker, key_from
from supportdesk.errors import SupportdeskError, WrongUsage
from supportdesk.secret import Secret as Secret


def _entry(account: str) -> str:
    """The name of the key in the credential store: none that a shop's handle can have."""
    return f"{account} (Sumtracker)"


def is_kept(desk: Desk, account: str) -> bool:
    """Whether a key is kept for the account."""
    return credential_store(desk).holds(_entry(account))


def key_of(desk: Desk, account: str, *, variable: str | None = None, typed: Secret | None = None) -> Secret:
    """The key to ask with: the one typed, else that of the variable named, else of `SUMTRACKER_API_KEY`, else the one that is kept.

    Raises `WrongUsage` where there is none, `CredentialMissing` where the one kept cannot be had now.
    """
    if typed:
        return typed
    if variable is not None:
        return key_from(variable)
    try:
        return key_from()
    except WrongUsage as error:
        if not is_kept(desk, account):
            raise WrongUsage(
                f"{error.detail} No key is kept for {account} either.", error.next_step
            ) from None
    secret = credential_store(desk).read(_entry(account)).secret
    assert secret is not None
    return secret


def keep_key(desk: Desk, account: str, key: Secret) -> str:
    """Keep the key for the account in place of an earlier one; the sentence that says where. Raises `CredentialMissing`, `DiskFull`."""
    return credential_store(desk).save(_entry(account), Credential.api_key(key)).sentence


def forget_key(desk: Desk, account: str) -> bool:
    """Forget the account's key, in the keyring too; whether there was one."""
    there = is_kept(desk, account)
    if there:
        credential_store(desk).forget(_entry(account))
    return there


def import_with(
    desk: Desk, account: str, key: Secret, watch: Watch, *, keep: bool, base_url: str | None = None
) -> Imported:
    """Import the real account that `key` opens, and with `keep` keep the key once it proved good; the notes say where.

    Raises as `remote_import.import_from_sumtracker`; nothing is imported or kept then. A key that cannot be kept is a note: the
    import is done.
    """
    done = import_from_sumtracker(desk, account, key, watch, base_url)
    if not keep:
        return done
    try:
        note = keep_key(desk, account, key)
    except SupportdeskError as error:
        note = f"The API key is not kept: {error.detail} {error.next_step}".rstrip()
    return replace(done, notes=(*done.notes, note))
