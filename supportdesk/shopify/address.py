"""What a person types for a shop, made into the one address the token may be sent to. No request is made here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from supportdesk.errors import NotAShopAddress

API_VERSION: Final = "2026-10"
"""The Admin API version every document is written for (PROTOCOL, first paragraph)."""

_HANDLE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)
_AUTHORITY: Final = re.compile(r"[a-z0-9.-]+", re.ASCII)
_ADMIN_PATH: Final = re.compile(r"/store/([^/?#]+)(?:[/?#].*)?", re.ASCII | re.DOTALL)
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_SUFFIX: Final = ".myshopify.com"
_WHAT_TO_TYPE: Final = (
    "Type the shop's handle (kestrel-outdoor), its kestrel-outdoor.myshopify.com address,"
    " or the address of its admin (admin.shopify.com/store/kestrel-outdoor)."
)


@dataclass(frozen=True, slots=True)
class ShopAddress:
    """Where a shop's Admin API is."""

    handle: str
    """The part before `.myshopify.com`."""
    domain: str
    """`handle.myshopify.com`."""
    api_url: str
    """Scheme, host and port, no path: `https://handle.myshopify.com`, or a loopback address over http."""

    @property
    def graphql_url(self) -> str:
        """Where documents are posted."""
        return f"{self.api_url}/admin/api/{API_VERSION}/graphql.json"

    @property
    def token_url(self) -> str:
        """Where a client id and secret are exchanged for a token."""
        return f"{self.api_url}/admin/oauth/access_token"

    @property
    def on_loopback(self) -> bool:
        """True for a sandbox on this machine."""
        return self.api_url.startswith("http://")


def shop_address(text: str, api_url: str | None = None) -> ShopAddress:
    """The address of the shop that `text` names: a handle, a myshopify.com domain or an admin address, however typed.

    `api_url` says where its API answers instead: a loopback address over http (a sandbox), or https at a myshopify.com
    host. Raises `NotAShopAddress` for anything else, saying what to type.
    """
    handle = _handle(text)
    domain = handle + _SUFFIX
    return ShopAddress(handle, domain, _origin(api_url) if api_url is not None else f"https://{domain}")


def _handle(text: str) -> str:
    typed = text.strip()
    lowered = typed.lower()
    if _HANDLE.fullmatch(lowered):
        return lowered
    scheme, separator, rest = lowered.partition("://")
    if not separator:
        rest = lowered
    elif scheme not in {"https", "http"}:
        raise _refused(typed, "is not a web address.")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    path = rest[len(authority) :]
    if authority.partition(":")[0] in _LOOPBACK or authority.startswith("[::1]"):
        raise _refused(
            typed, "is on this machine and says no shop.", "Type the shop's handle, and this with --api-url."
        )
    if not _AUTHORITY.fullmatch(authority):
        raise _refused(typed, "holds something that no shop's address has.")
    if authority == "admin.shopify.com":
        found = _ADMIN_PATH.fullmatch(path)
        if not found or not _HANDLE.fullmatch(found[1]):
            raise _refused(typed, "is an admin address without a shop in it.")
        return found[1]
    handle = authority.removesuffix(_SUFFIX)
    if handle == authority:
        raise _refused(typed, "is not at myshopify.com; a shop's own domain does not serve its API.")
    if not _HANDLE.fullmatch(handle):
        raise _refused(typed, "has no shop's handle before .myshopify.com.")
    return handle


def _origin(url: str) -> str:
    typed = url.strip()
    next_step = "Give --api-url as http://127.0.0.1:PORT, or leave it out."
    try:
        parts = urlsplit(typed)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refused(typed, "is not a web address.", next_step) from None
    if "@" in parts.netloc or "\\" in typed or not typed.isascii() or not typed.isprintable() or " " in typed:
        raise _refused(typed, "holds something that no API address has.", next_step)
    if parts.query or parts.fragment or not (parts.path in {"", "/"} or parts.path.startswith("/admin/api/")):
        raise _refused(typed, "has a path that is not the Admin API's.", next_step)
    if parts.scheme == "http" and host in _LOOPBACK:
        return f"http://{f'[{host}]' if ':' in host else host}" + (f":{port}" if port else "")
    handle = host.removesuffix(_SUFFIX)
    if parts.scheme == "https" and handle != host and _HANDLE.fullmatch(handle) and port in {None, 443}:
        return f"https://{host}"
    raise _refused(typed, "is neither https at a myshopify.com host nor http on this machine.", next_step)


def _refused(typed: str, why: str, next_step: str = _WHAT_TO_TYPE) -> NotAShopAddress:
    shown = typed if len(typed) <= 80 else typed[:79] + "…"
    if "@" in typed:
        shown = "What was typed"
    return NotAShopAddress(f"{shown} {why}" if shown else "Nothing was typed.", next_step)
