"""Apps and their tokens: who may ask, and for what. Scopes are Shopify's; tokens are derived from a seed, never written down."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

TOKEN_SECONDS: Final = 86_399
"""How long a token of the client-credentials grant is good (`reference/shopify.md` §1)."""

DEFAULT_SCOPES: Final = frozenset(
    {
        "read_products",
        "write_products",
        "read_inventory",
        "write_inventory",
        "read_locations",
        "read_orders",
        "read_all_orders",
        "read_returns",
        "read_merchant_managed_fulfillment_orders",
        "read_assigned_fulfillment_orders",
        "read_third_party_fulfillment_orders",
    }
)


def derived(*parts: str) -> str:
    """32 hexadecimal digits that are the same for the same parts."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


@dataclass(slots=True)
class App:
    """An app that is installed in a shop, with the tokens it was given."""

    title: str
    handle: str
    number: int
    client_id: str
    client_secret: str
    static_token: str
    """A legacy custom app's token: never expires, unless revoked."""
    scopes: set[str] = field(default_factory=lambda: set(DEFAULT_SCOPES))
    tokens: dict[str, float] = field(default_factory=dict)
    """Tokens of the client-credentials grant, each with the time (seconds since 1970) it is good until."""
    granted: int = 0

    @classmethod
    def derived_for(cls, shop: str, seed: int, title: str = "Supportdesk") -> App:
        """An app whose id, secret and token follow from the shop's handle, the seed and its own title."""
        label = (shop, str(seed), title)
        return cls(
            title=title,
            handle=title.lower().replace(" ", "-"),
            number=int(derived(*label, "number")[:8], 16),
            client_id=derived(*label, "client id"),
            client_secret="shpss_" + derived(*label, "client secret"),
            static_token="shpat_" + derived(*label, "token"),
        )

    def accepts(self, token: str, now: float) -> bool:
        """Whether `token` is one of this app's and good at `now`."""
        return hmac.compare_digest(token.encode(), self.static_token.encode()) or now < self.tokens.get(
            token, now
        )

    def given_at(self, token: str) -> float:
        """When `token` was given, in seconds since 1970; the static one was always there."""
        return self.tokens.get(token, 0.0) - TOKEN_SECONDS

    def grant(self, now: float) -> str:
        """A new token, good for `TOKEN_SECONDS` from `now`."""
        self.granted += 1
        token = "shpat_" + derived(self.client_secret, "grant", str(self.granted))
        self.tokens[token] = now + TOKEN_SECONDS
        return token

    def allowed(self) -> frozenset[str]:
        """The scopes, with the reading ones that writing ones imply."""
        implied = {
            "read_" + scope.removeprefix("write_") for scope in self.scopes if scope.startswith("write_")
        }
        return frozenset(self.scopes | implied)
