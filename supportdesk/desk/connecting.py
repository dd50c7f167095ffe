"""Connecting a store: its address, trying the token, keeping it, and opening the store again later. Loading is in `channels`."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from supportdesk.core.catalog import Shop
from supportdesk.core.progress import Unwatched, Watch
from supportdesk.credentials import Credential, CredentialStore
from supportdesk.desk import Desk, accounts
from supportdesk.errors import Refused, ShopMissing, StoreError, WrongUsage
from supportdesk.paths import slug_of
from supportdesk.secret import Secret as Secret

if TYPE_CHECKING:
    from supportdesk.core.looks import ClaimLook
    from supportdesk.ledger.channels import ChannelRecord
    from supportdesk.ledger.file import Ledger
    from supportdesk.shopify.address import ShopAddress
    from supportdesk.shopify.scopes import Missing
    from supportdesk.shopify.store import ShopifyStore


@dataclass(frozen=True, slots=True)
class ConnectRequest:
    """What a person says to connect a store: an address, and a token or a client id with its secret, given or by variable name."""

    shop: str
    account: str | None = None
    """An existing account, or the slug of a new one; None names it after the shop."""
    api_url: str | None = None
    token: Secret | None = None
    token_env: str | None = None
    client_id: str | None = None
    client_secret: Secret | None = None
    client_secret_env: str | None = None
    env_only: bool = False
    """Keep no secret: read the named variable again in every process that needs it."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What the store said when it was tried; nothing is kept yet."""

    shop: Shop
    missing: tuple[Missing, ...]
    """Scopes the token lacks that loading can do without."""


@dataclass(frozen=True, slots=True)
class Connected:
    """What came of connecting."""

    channel: str
    account: str
    kept: str
    """A sentence that says where the token is kept."""
    shop: Shop
    missing: tuple[Missing, ...]
    claimed_by: str = ""
    """Who else syncs the store, as its claim says; foreign text. '' for nobody, or where the store did not say."""


_CLAIM_SECONDS: Final = 5.0
"""How long connecting waits for the store to show its claim."""

APP_INSTRUCTIONS: Final = """\
The merchant's organisation makes the app; you never need their password.

1. In the Dev Dashboard of the merchant's organisation: Apps, Create app, any name (Sumtracker onboarding).
2. Versions, Create version: paste the access scopes below, then Release.
3. Install the app on the store.
4. Settings of the app: copy the client ID and the client secret to here.

A custom app that was made in the store's admin before 2026 has a token instead (it begins with shpat_); paste that.
Orders older than 60 days need read_all_orders, which Shopify grants on request."""


def app_instructions() -> str:
    """How to make an app in the merchant's organisation, step by step (`reference/shopify.md` §1)."""
    return APP_INSTRUCTIONS


def scope_list() -> str:
    """The access scopes the app needs, as the Dev Dashboard's field takes them."""
    from supportdesk.shopify.scopes import copyable_scopes

    return copyable_scopes()


def check_address(desk: Desk, shop: str) -> None:
    """Judge a shop's address as typed, asking nobody. Raises `NotAShopAddress`."""
    _address(desk, ConnectRequest(shop))


def try_connection(desk: Desk, request: ConnectRequest, watch: Watch | None = None) -> Tried:
    """Ask the store who it is with what was given, keeping nothing.

    Raises `NotAShopAddress`, `TokenRefused`, `ScopeMissing` (where not even a load is possible), `StoreUnreachable` and the other
    kinds of `StoreError`.
    """
    return _tried(desk, request, watch, looks_at_claim=False)[0]


def _tried(
    desk: Desk, request: ConnectRequest, watch: Watch | None, *, looks_at_claim: bool
) -> tuple[Tried, ClaimLook | None]:
    """What the store said, and its claim; None where it was not asked, or did not show it: every load looks again."""
    from supportdesk.desk.watch import BriefWatch
    from supportdesk.shopify.scopes import missing_scopes

    look = None
    address = _address(desk, request)
    with _opened(address, _credential(request)) as store:
        shop = store.check_connection(watch or Unwatched())
        if looks_at_claim and shop.handle == address.handle:
            with contextlib.suppress(StoreError):
                look = store.claim(BriefWatch(_CLAIM_SECONDS))
    if shop.handle != address.handle:
        raise ShopMissing(
            f"What answers at {address.api_url} for this token is {shop.domain}, not {address.domain}.",
            f"If that is the shop you mean, connect it by its own name, {shop.handle}.",
        )
    return Tried(shop, missing_scopes(shop.scopes)), look


def connect(desk: Desk, request: ConnectRequest, watch: Watch | None = None) -> Connected:
    """Try the store, then keep its token and add it as a channel; an already connected store gets the new token.

    Raises as `try_connection`, and `Refused` where the shop belongs to another account. Nothing is kept then.
    """
    from supportdesk.ledger import channels

    accounts.refuse_if_read_only(desk, "connect stores")
    credential = _kept_credential(request)
    tried, look = _tried(desk, request, watch, looks_at_claim=True)
    shop, address = tried.shop, _address(desk, request)
    account = _account_for(desk, shop, request.account)
    new = not desk.home.account_file(account).exists()
    first = False
    try:
        with accounts.opened(desk, account, create=True) as ledger:
            first = channels.channel_named(ledger, shop.handle) is None
            with ledger.writing() as connection:
                channels.save_shopify_channel(
                    connection, shop, api_url=address.api_url, at=desk.now(), who=accounts.who()
                )
                kept = credential_store(desk).save(shop.handle, credential)
            claimed_by = _claimed_by(desk, ledger, shop.handle, look)
            accounts.renew_index(desk, ledger)
    except BaseException:
        if new:
            accounts.remove_account(desk, account)
        if first:
            credential_store(desk).forget(shop.handle)
        raise
    return Connected(shop.handle, account, kept.sentence, shop, tried.missing, claimed_by)


def _claimed_by(desk: Desk, ledger: Ledger, handle: str, look: ClaimLook | None) -> str:
    """Who else has claimed the store by `look`, which is kept; '' for nobody."""
    from supportdesk.ledger import channel_sync, channels
    from supportdesk.sync.claim import others_claim

    record = channels.channel_named(ledger, handle)
    if look is None or record is None:
        return ""
    with ledger.writing() as connection:
        channel_sync.keep_claim(connection, record.id, look.value, look.digest, desk.now())
    other = others_claim(ledger, look.value)
    return other.in_words if other else ""


def _account_for(desk: Desk, shop: Shop, wanted: str | None) -> str:
    """The account the shop goes to. A shop is in one account at most: two ledgers on one store would fight."""
    from supportdesk.desk.channels import list_channels

    for line in list_channels(desk):
        if line.handle != shop.handle:
            continue
        if line.source == "export":
            raise Refused(
                f"{shop.handle} is the name of opened exports.",
                f"Forget them first: supportdesk forget {shop.handle}",
            )
        if wanted is not None and line.account != wanted:
            raise Refused(
                f"{shop.handle} is already connected, in the account {line.account}.",
                "Forget it there first, or leave the account out.",
            )
        return line.account
    if wanted is None:
        return slug_of(shop.handle)
    desk.home.account_file(wanted)
    return wanted


def _address(desk: Desk, request: ConnectRequest) -> ShopAddress:
    """Where the store is asked; in the demo always its own sandbox, so that no other host is ever reached from it."""
    from supportdesk.shopify.address import shop_address

    return shop_address(request.shop, desk.demo.url if desk.demo else request.api_url)


def _from_variable(name: str) -> Secret:
    value = os.environ.get(name, "").strip()
    if not value:
        raise WrongUsage(
            f"The environment variable {name} is not set, or empty.", f"Set it first: export {name}=…"
        )
    return Secret(value)


def _credential(request: ConnectRequest) -> Credential:
    """What was given, with its secret. Raises `WrongUsage` where it is neither a token nor a client id with its secret."""
    token = _from_variable(request.token_env) if request.token_env else request.token
    secret = _from_variable(request.client_secret_env) if request.client_secret_env else request.client_secret
    if token and not request.client_id and not secret:
        return Credential.token(token)
    if request.client_id and secret and not token:
        return Credential.client(request.client_id, secret)
    raise WrongUsage(
        "A store is asked with a token, or with a client id together with its secret; this is neither.",
        "Give --token-env=VAR, or --client-id=ID and --client-secret-env=VAR, where VAR names an environment variable that holds it.",
    )


def _kept_credential(request: ConnectRequest) -> Credential:
    """What is kept of the credential: with `env_only` the variable's name, else the secret."""
    if not request.env_only:
        return _credential(request)
    variable = request.token_env or request.client_secret_env
    if not variable:
        raise WrongUsage(
            "Only a secret in an environment variable can be left there.", "Name it with --token-env=VAR."
        )
    return Credential.from_environment(variable, request.client_id or "")


def credential_store(desk: Desk, environment: Mapping[str, str] | None = None) -> CredentialStore:
    """Where this desk keeps tokens; those of `environment` are this process's own with None."""
    return CredentialStore(desk.home.credentials, desk.settings.keyring, environment=environment)


@contextlib.contextmanager
def _opened(address: ShopAddress, credential: Credential) -> Iterator[ShopifyStore]:
    from supportdesk.shopify.store import open_store as open_shopify

    if credential.kind == "token":
        store = open_shopify(address, token=credential.secret)
    else:
        store = open_shopify(address, client_id=credential.client_id, client_secret=credential.secret)
    try:
        yield store
    finally:
        store.close()


@contextlib.contextmanager
def open_store(
    desk: Desk, record: ChannelRecord, environment: Mapping[str, str] | None = None
) -> Iterator[ShopifyStore]:
    """The channel's store, asked with the token that is kept for it, or that `environment` holds. Raises `CredentialMissing`."""
    from supportdesk.shopify.address import shop_address

    credential = credential_store(desk, environment).read(record.handle)
    with _opened(shop_address(record.handle, record.api_url), credential) as store:
        yield store
