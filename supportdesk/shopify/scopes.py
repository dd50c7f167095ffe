"""The access scopes we ask a merchant for, each with what it is for, and which a token lacks. Asks nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Need = Literal["load", "turn_on", "warn"]
"""What a scope is needed for: to load a store at all, to turn sync on, or for less (its lack is only said)."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope to ask for."""

    name: str
    what_for: str
    """The end of the sentence `It is needed to …`."""
    needed_to: Need
    instead: tuple[str, ...] = ()
    """Scopes any of which does as well."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A scope a token lacks."""

    scope: str
    what_for: str
    needed_to: Need


SCOPES: Final = (
    Scope("read_products", "read the listings and their SKUs", "load"),
    Scope("read_inventory", "read stock at each location", "load"),
    Scope("read_locations", "list the locations to map to warehouses", "load"),
    Scope("write_inventory", "write stock to the store", "turn_on"),
    Scope("read_orders", "book orders placed in the store", "turn_on"),
    Scope(
        "read_merchant_managed_fulfillment_orders",
        "see at which location an order is fulfilled",
        "turn_on",
        ("read_assigned_fulfillment_orders", "read_third_party_fulfillment_orders"),
    ),
    Scope("read_returns", "put units that customers send back into stock", "turn_on"),
    Scope("read_all_orders", "follow orders that stay open for more than 60 days", "warn"),
    Scope("write_products", "give a listing a SKU of its own", "warn"),
)
"""`reference/shopify.md` §1. `read_all_orders` has to be asked of Shopify as well."""


def missing_scopes(granted: Iterable[str]) -> tuple[Missing, ...]:
    """The scopes that `granted` does not cover, in the order of `SCOPES`. A `write_` scope covers its `read_` scope."""
    names = set(granted)
    names |= {"read_" + name.removeprefix("write_") for name in names if name.startswith("write_")}
    return tuple(
        Missing(scope.name, scope.what_for, scope.needed_to)
        for scope in SCOPES
        if not names & {scope.name, *scope.instead}
    )


def copyable_scopes() -> str:
    """All of them, joined by commas, as an app's access-scopes field takes them."""
    return ",".join(scope.name for scope in SCOPES)
