"""The part of the doorway that connects a store: what the form holds, trying it, keeping it. As `doorway`, each call imports what it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from supportdesk.core.progress import Watch
from supportdesk.desk import Desk

if TYPE_CHECKING:
    from supportdesk.desk.connecting import ConnectRequest


@dataclass(frozen=True, slots=True)
class Access:
    """What the Connect form holds. Its secrets are shown by nothing: not by `repr`, so not by a traceback either."""

    shop: str
    account: str = ""
    """'' for a new account."""
    token: str = ""
    client_id: str = ""
    client_secret: str = ""

    def __repr__(self) -> str:
        return f"Access({self.shop!r})"


@dataclass(frozen=True, slots=True)
class MissingScope:
    """An access scope the app does not have."""

    scope: str
    what_for: str
    needed_to: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What a try told of the store."""

    shop_name: str
    """Foreign text."""
    domain: str
    missing: tuple[MissingScope, ...]


@dataclass(frozen=True, slots=True)
class Connected:
    """A channel that was connected."""

    channel: str
    kept: str
    """A sentence saying where the token is kept."""


class ConnectDoorway:
    """The desk's functions for connecting, bound to one desk."""

    desk: Desk

    def _request(self, access: Access) -> ConnectRequest:
        from supportdesk.desk import connecting

        secret = connecting.Secret
        return connecting.ConnectRequest(
            shop=access.shop,
            account=access.account or None,
            token=secret(access.token) if access.token else None,
            client_id=access.client_id or None,
            client_secret=secret(access.client_secret) if access.client_secret else None,
        )

    def check_shop(self, shop: str) -> None:
        """Judge a shop's address as typed, asking nobody. Raises `NotAShopAddress`."""
        from supportdesk.desk import connecting

        connecting.check_address(self.desk, shop)

    def try_connection(self, access: Access, watch: Watch) -> Tried:
        """Ask the store who it is and what the token may do; nothing is kept."""
        from supportdesk.desk import connecting

        tried = connecting.try_connection(self.desk, self._request(access), watch)
        return Tried(
            tried.shop.name,
            tried.shop.domain,
            tuple(
                MissingScope(missing.scope, missing.what_for, missing.needed_to) for missing in tried.missing
            ),
        )

    def connect(self, access: Access, watch: Watch) -> Connected:
        """Try again and keep the channel with its token."""
        from supportdesk.desk import connecting

        connected = connecting.connect(self.desk, self._request(access), watch)
        return Connected(connected.channel, connected.kept)

    def app_instructions(self) -> str:
        """How to make an app in the merchant's organisation."""
        from supportdesk.desk import connecting

        return connecting.app_instructions()

    def scope_list(self) -> str:
        """The scopes the app needs, as one pastes them."""
        from supportdesk.desk import connecting

        return connecting.scope_list()
