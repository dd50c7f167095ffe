"""Where a Sumtracker account may be asked: the one real host, or this machine. The key is sent nowhere else. No request is made here."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from supportdesk.errors import WrongUsage

HOST: Final = "inventory-api.sumtracker.com"
"""The host of every real account (`reference/sumtracker.md` §6.1)."""
REAL: Final = f"https://{HOST}"

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def account_origin(base_url: str | None) -> str:
    """Scheme, host and port that requests go to: the real host over https where `base_url` is None, else what it names.

    `base_url` is that same host or a loopback address over http (a sandbox), with no path. Raises `WrongUsage` for anything else.
    """
    if base_url is None:
        return REAL
    typed = base_url.strip()
    try:
        parts = urlsplit(typed)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refused(typed, "is not a web address") from None
    if "@" in parts.netloc or "\\" in typed or not typed.isascii() or not typed.isprintable() or " " in typed:
        raise _refused(typed, "holds something that no API address has")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise _refused(typed, "has something behind the host")
    if parts.scheme == "http" and host in _LOOPBACK:
        return f"http://{f'[{host}]' if ':' in host else host}" + (f":{port}" if port else "")
    if parts.scheme == "https" and host == HOST and port in {None, 443}:
        return REAL
    raise _refused(typed, f"is neither {REAL} nor http on this machine")


def on_loopback(origin: str) -> bool:
    """True for a sandbox on this machine, `origin` being what `account_origin` gave."""
    return origin.startswith("http://")


def _refused(typed: str, why: str) -> WrongUsage:
    shown = typed if len(typed) <= 80 else typed[:79] + "…"
    if "@" in typed:
        shown = "What was given"
    return WrongUsage(
        f"{shown or 'An empty address'} {why}; a Sumtracker key is sent nowhere else.",
        f"Leave the address out for the real account, or give {REAL}.",
    )
