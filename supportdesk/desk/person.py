"""The person at the keyboard: the name that what they do is kept under, and their login. What is done is recorded elsewhere."""

from __future__ import annotations

import functools
import getpass
import os
import socket
from typing import Final

_VARIABLE: Final = "SUPPORTDESK_WHO"
_ROOT: Final = "root"


def call(name: str) -> None:
    """Keep under `name` what this process does from now on, and what those do that it starts; '' changes nothing."""
    if name:
        os.environ[_VARIABLE] = name


def person() -> str:
    """Whom this process works for: the name that was said (`--who`, its variable, the settings), else, as git has it, the full name
    that the system knows, else the login.

    Root is nobody's name: then it is whoever became root by sudo, and where nobody did, the machine. Never ''.
    """
    if said := os.environ.get(_VARIABLE, "").strip():
        return said
    found = login()
    if found == _ROOT:
        found = os.environ.get("SUDO_USER", "")
    return _full_name(found) if found not in ("", _ROOT) else _machine()


def login() -> str:
    """The login of this process, '' where the system names none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


@functools.cache
def _full_name(name: str) -> str:
    """The full name of a login, or the login. Looked up once: where logins are kept on a server that takes a while."""
    import pwd

    try:
        full = pwd.getpwnam(name).pw_gecos.partition(",")[0]
    except KeyError:
        return name
    return full.replace("&", name.capitalize()).strip() or name


def _machine() -> str:
    return socket.gethostname().split(".", 1)[0] or "unknown"
