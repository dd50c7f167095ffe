"""Where the access token of a request comes from: given once, or granted for a client id and secret. Not where one is kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol
from urllib.parse import urlencode

from supportdesk.errors import AnswerUnreadable, TokenRefused
from supportdesk.secret import Secret
from supportdesk.shopify.address import ShopAddress
from supportdesk.shopify.exchange import Exchange, check_status, error_text
from supportdesk.shopify.json_text import decode
from supportdesk.shopify.waiting import Trouble, past_trouble
from supportdesk.waiting import NotedWatch, abandonable

RENEW_BEFORE: Final = 3600.0
"""Seconds before its end at which a granted token is renewed (`reference/shopify.md` §1)."""


class TokenSource(Protocol):
    """What the client asks for a token before each request."""

    def token(self, watch: NotedWatch) -> Secret:
        """The token to send now. May ask the store for one; raises what `errors` names."""

    def replace(self, refused: Secret) -> bool:
        """Forget a token the store refused. True where `token` will now bring another."""


class GivenToken:
    """A token the merchant made; there is no other."""

    def __init__(self, token: Secret) -> None:
        if not token:
            raise TokenRefused(
                "The token is empty.", "Copy the Admin API access token, which begins with shpat_."
            )
        if not token.reveal().isascii() or not token.reveal().isprintable() or " " in token.reveal():
            raise TokenRefused(
                "The token holds characters no token has.", "Copy it again, without its quotes."
            )
        self._token = token

    def token(self, watch: NotedWatch) -> Secret:
        """The one token."""
        return self._token

    def replace(self, refused: Secret) -> bool:
        """False: there is no other."""
        return False


class ClientCredentials:
    """Tokens granted for an app's client id and secret, each good for a day (`reference/shopify.md` §1).

    Works for an app of the same organisation as the store, installed on it.
    """

    def __init__(
        self,
        address: ShopAddress,
        client_id: str,
        client_secret: Secret,
        exchange: Exchange,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address = address
        self._client_id = client_id
        self._client_secret = client_secret
        self._exchange = exchange
        self._clock = clock
        self._token: Secret | None = None
        self._renew_at = 0.0

    def token(self, watch: NotedWatch) -> Secret:
        """The token of the last grant, or a new one from an hour before its end. Raises `TokenRefused` and what `errors` names."""
        if self._token is None or self._clock() >= self._renew_at:
            self._token = past_trouble(lambda: abandonable(self._grant, watch), watch)
        return self._token

    def replace(self, refused: Secret) -> bool:
        """Forget `refused`; True, as another can be granted."""
        if self._token == refused:
            self._token = None
        return True

    def _grant(self) -> Secret:
        host = self._address.domain
        asked_at = self._clock()
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret.reveal(),
        }
        reply = self._exchange.post(
            self._address.token_url,
            urlencode(form).encode(),
            {"Content-Type": "application/x-www-form-urlencoded"},
        )
        if reply.status in {400, 401, 403}:
            said = error_text(reply.body)
            raise TokenRefused(
                f"{host} grants no token for this client id and secret" + (f" ({said})." if said else "."),
                "Check both, and that the app is installed and belongs to the store's organisation.",
            )
        check_status(reply, host)
        granted = _granted(reply.body)
        if granted is None:
            raise Trouble(AnswerUnreadable(f"{host} answered without a token.", "Try again."))
        token, lasts = granted
        self._renew_at = asked_at + max(lasts - RENEW_BEFORE, lasts / 2)
        return token


def _granted(body: bytes) -> tuple[Secret, float] | None:
    try:
        content = decode(body)
    except ValueError:
        return None
    if not isinstance(content, dict):
        return None
    token, lasts = content.get("access_token"), content.get("expires_in", 86399)
    if not isinstance(token, str) or not token or not isinstance(lasts, (int, float)):
        return None
    return Secret(token), float(lasts)
