"""Readiness: what stands in the way of turning on, judged from counts. Each check is one sentence fit for the merchant's eyes.

Here are the checks that need the store alone; those of duplicates, connections and Sumtracker's numbers are in `account_checks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from supportdesk.core.account_checks import AccountFacts, account_checks
from supportdesk.core.catalog import ChannelTotals, Location, SourceKind
from supportdesk.core.checks import Check, CheckState, count_of
from supportdesk.core.connections import named

STALE_AFTER: Final = timedelta(hours=24)
"""A load older than this is said to be old: decided, so that a call does not start on yesterday's numbers unseen."""


@dataclass(frozen=True, slots=True)
class ReadinessFacts:
    """What readiness is judged from; all of it counted elsewhere."""

    source: SourceKind
    loaded_at: datetime | None
    now: datetime
    totals: ChannelTotals | None = None
    locations: tuple[Location, ...] = ()
    left_out: Mapping[str, int] | None = None
    """Listings by reason (`core.listings.LEFT_OUT`)."""
    drafts: int = 0
    """Draft listings in scope by the channel's setting."""
    sku_marks: Mapping[str, int] | None = None
    """Listings by hygiene mark (`core.skus.MARKS`)."""
    look_alikes: int = 0
    """Groups of SKUs that differ only in case or white space."""
    negative_rows: int = 0
    """Inventory item × location rows that show less than 0."""
    sells_when_out: int = 0
    """Listings in scope that go on selling at 0 (inventory policy CONTINUE)."""
    shared_items: int = 0
    """Inventory items that back more than one listing."""
    missing_to_turn_on: tuple[str, ...] = ()
    """Scopes without which sync cannot run."""
    missing_to_warn: tuple[str, ...] = ()
    """Scopes whose lack is only said (`read_all_orders`)."""
    account: AccountFacts | None = None
    """What the account knows of the channel; None where nothing was asked of it."""


_ORDER: Final = {"block": 0, "warn": 1, "pass": 2}


def readiness(facts: ReadinessFacts) -> tuple[Check, ...]:
    """Every check that can be made from `facts`, blocks first, then warnings, then passes (`reference/sumtracker.md` §7.2)."""
    if facts.totals is None or facts.loaded_at is None:
        return (Check("loaded", "block", "The store has not been loaded yet.", "load"),)
    checks = [
        _loaded(facts),
        *_access(facts),
        # First, because wrong pairs and undecided duplicates do most harm (`reference/sumtracker.md` §2.3 M2).
        *(account_checks(facts.account, facts.totals) if facts.account else ()),
        *_listings(facts, facts.totals),
        *_stock(facts),
        *_locations(facts),
    ]
    return tuple(sorted(checks, key=lambda check: _ORDER[check.state]))


def _loaded(facts: ReadinessFacts) -> Check:
    assert facts.loaded_at is not None
    if facts.account is not None and facts.account.is_on:
        return Check("loaded", "pass", "The store is read in every cycle, now that sync is on.")
    if facts.now - facts.loaded_at > STALE_AFTER:
        return Check(
            "loaded",
            "warn",
            "The store was loaded more than a day ago; load it again before deciding on its numbers.",
            "load",
        )
    return Check("loaded", "pass", "The store is loaded.")


def _access(facts: ReadinessFacts) -> list[Check]:
    if facts.source == "export":
        return [
            Check(
                "access", "block", "These are export files: connect the store itself before turning on sync."
            )
        ]
    checks = []
    if facts.account is not None and facts.account.refused:
        checks.append(Check("access", "block", facts.account.refused))
    elif facts.missing_to_turn_on:
        checks.append(
            Check(
                "access",
                "block",
                f"The app may not yet do everything sync needs: {', '.join(facts.missing_to_turn_on)} "
                f"{'is' if len(facts.missing_to_turn_on) == 1 else 'are'} missing.",
            )
        )
    else:
        checks.append(Check("access", "pass", "The app may read and write all that sync needs."))
    if "read_all_orders" in facts.missing_to_warn:
        checks.append(
            Check(
                "old_orders",
                "warn",
                "Orders older than 60 days cannot be seen (read_all_orders is missing); one that stays open for longer would be lost sight of.",
            )
        )
    return checks


_LEFT_OUT_SENTENCES: Final[dict[str, tuple[CheckState, tuple[str, str], str]]] = {
    "no_sku": ("warn", ("listing has no SKU", "listings have no SKU"), "and will not be synced."),
    "untracked": (
        "warn",
        ("listing is not tracked by Shopify", "listings are not tracked by Shopify"),
        "and will not be synced.",
    ),
    "draft": (
        "warn",
        ("listing is a draft", "listings are drafts"),
        "and will not be synced unless drafts are included.",
    ),
    "archived": ("pass", ("listing is archived", "listings are archived"), "and will not be synced."),
    "bundle_parent": (
        "pass",
        (
            "listing is a Shopify bundle, which Shopify works out from its components,",
            "listings are Shopify bundles, which Shopify works out from their components,",
        ),
        "and will not be synced.",
    ),
    "gift_card": ("pass", ("listing is a gift card", "listings are gift cards"), "and will not be synced."),
}
"""For each reason of `core.listings.LEFT_OUT`: a warning where the merchant may want to change it, else a pass."""


def _listings(facts: ReadinessFacts, totals: ChannelTotals) -> list[Check]:
    if not totals.listings:
        return [Check("listings", "block", "The store has no products yet, so there is nothing to sync.")]
    left_out = dict(facts.left_out or {})
    in_scope = totals.listings - sum(left_out.values())
    checks = []
    if in_scope:
        checks.append(
            Check(
                "listings", "pass", f"{in_scope:,} of {count_of(totals.listings, 'listing')} can be synced."
            )
        )
    else:
        checks.append(
            Check(
                "listings",
                "block",
                f"{'The only listing' if totals.listings == 1 else f'None of the {totals.listings:,} listings'} can"
                f"{'not' if totals.listings == 1 else ''} be synced; see what is left out and why.",
            )
        )
    checks += [
        Check(
            reason,
            state,
            f"{count_of(number, *nouns)} {rest}",
            "settings" if reason == "draft" else f"left_out:{reason}",
        )
        for reason, (state, nouns, rest) in _LEFT_OUT_SENTENCES.items()
        if (number := left_out.get(reason))
    ]
    if facts.drafts:
        checks.append(
            Check(
                "draft",
                "pass",
                f"{count_of(facts.drafts, 'listing is a draft', 'listings are drafts')} and will be synced all the same, as this channel is set.",
                "settings",
            )
        )
    if marked := sum((facts.sku_marks or {}).values()):
        checks.append(
            Check(
                "sku_hygiene",
                "warn",
                f"{count_of(marked, 'listing has', 'listings have')} a SKU that looks unintended, such as a placeholder or an invisible character.",
            )
        )
    if facts.look_alikes:
        checks.append(
            Check(
                "look_alikes",
                "warn",
                f"{count_of(facts.look_alikes, 'SKU is', 'SKUs are')} spelled in ways that differ only in capitals or spaces; to sync each spelling is another product.",
            )
        )
    return checks


def _stock(facts: ReadinessFacts) -> list[Check]:
    checks = []
    if facts.negative_rows:
        checks.append(
            Check(
                "negative",
                "warn",
                f"{count_of(facts.negative_rows, 'count is', 'counts are')} below zero: more is promised than there is.",
                "stock:negative",
            )
        )
    if facts.sells_when_out:
        checks.append(
            Check(
                "sells_when_out",
                "warn",
                f"{count_of(facts.sells_when_out, 'listing goes', 'listings go')} on selling at zero, whatever sync says.",
                "stock:sells_when_out",
            )
        )
    if facts.shared_items:
        checks.append(
            Check(
                "shared_items",
                "pass",
                f"{count_of(facts.shared_items, 'stock count is', 'stock counts are')} shared by several listings in Shopify itself, as one number.",
            )
        )
    return checks


def _locations(facts: ReadinessFacts) -> list[Check]:
    active = [location for location in facts.locations if location.active]
    if not active:
        return [
            Check("locations", "block", "The store has no active location, so there is no stock to sync.")
        ]
    checks = []
    linked = facts.account.linked_services if facts.account is not None else ()
    services = [each.name for each in active if each.service_manages_stock and each.name not in linked]
    for names, what in (
        (services, "will stay unlinked unless you say otherwise."),
        (
            linked,
            f"{'are' if len(linked) > 1 else 'is'} linked all the same: what sync writes may be overwritten there.",
        ),
    ):
        if names:
            keep = "keep their" if len(names) > 1 else "keeps its"
            text = f"{named(names)} {keep} own stock numbers and {what}"
            checks.append(Check("fulfillment_services", "warn", text, "warehouses"))
    if inactive := len(facts.locations) - len(active):
        checks.append(
            Check(
                "inactive_locations",
                "pass",
                f"{count_of(inactive, 'inactive location')} cannot be linked and will be left alone.",
                "warehouses",
            )
        )
    checks.append(
        Check(
            "locations",
            "pass",
            f"{count_of(len(active), 'active location was', 'active locations were')} found.",
            "warehouses",
        )
    )
    return checks
