"""The checks of readiness that need the account: decisions on duplicates, connections, bundles, Sumtracker's own numbers.

Pure, from counts made elsewhere; each a sentence fit for the merchant's eyes (`reference/sumtracker.md` §7.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from supportdesk.core.brake import standing_text
from supportdesk.core.catalog import ChannelTotals
from supportdesk.core.checks import Check, CheckState, count_of
from supportdesk.core.connections import NO_SKUS, Finding, SomeSkus, named, named_skus
from supportdesk.core.duplicates import DuplicatesSummary


@dataclass(frozen=True, slots=True)
class RepeatedAt:
    """SKUs with several counts at a location where Shopify is master and each may have one (DESIGN §5, *Direction*)."""

    location: str
    skus: SomeSkus


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What the account knows of a channel and of itself; all of it counted elsewhere."""

    duplicates: DuplicatesSummary
    findings: tuple[Finding, ...] = ()
    """What is said of the channel's connections (`core.findings`)."""
    linked: int = 0
    """Active locations with a warehouse."""
    linked_services: tuple[str, ...] = ()
    """Names of those that belong to a service that keeps its own numbers."""
    undecided: tuple[str, ...] = ()
    """Names of active locations that are neither linked nor said to stay unlinked; services that keep their own numbers apart."""
    warehouses: int = 0
    counted: int = 0
    """SKU × warehouse numbers the ledger has, in warehouses the channel is linked to; in all while it is linked to none."""
    counted_units: int = 0
    """Σ in stock of those."""
    shared_with: tuple[str, ...] = ()
    """Titles of other channels that are linked to one of the channel's warehouses."""
    bundles: int = 0
    missing_components: SomeSkus = NO_SKUS
    """Components that neither a listing nor a product nor a stock number of the account knows."""
    nested_bundles: SomeSkus = NO_SKUS
    """Bundles made of themselves, or of other bundles."""
    bundles_read_only: SomeSkus = NO_SKUS
    """Bundles and components at locations where Shopify is master."""
    bundles_in_stock: SomeSkus = NO_SKUS
    """Bundles with units of their own, kept from before they were bundles."""
    bundle_units: int = 0
    """Σ in stock of those."""
    repeated: tuple[RepeatedAt, ...] = ()
    """Locations where Shopify is master that got listings with one SKU and counts of their own, after they were linked."""
    promised: int | None = 0
    """Units committed to open orders in the store; None where the source does not say."""
    close_at: int = 0
    """SKU × warehouse numbers with a close-at quantity."""
    maximum: int | None = None
    imported_at: datetime | None = None
    """When the account was last imported from a real Sumtracker account."""
    is_on: bool = False
    """The channel is being synced: what had to be done before turning on is not said any more."""
    refused: str = ""
    """Why the store lets sync in no more, sentences that may quote foreign text; '' where it does."""
    brake: tuple[str, ...] = ()
    """Why the brake holds, sentences that may quote foreign text."""
    stopped_rows: int = 0
    """Rows whose writes it stops."""


def account_checks(facts: AccountFacts, totals: ChannelTotals) -> tuple[Check, ...]:
    """Every check that `facts` allow, in the order in which they are worth a look."""
    return (
        *_brake(facts),
        *_duplicates(facts.duplicates, totals),
        *_repeated(facts.repeated),
        *_pairs(facts.findings),
        *_warehouses(facts),
        *_bundles(facts),
        *_stock(facts),
        *_orders(facts.promised, is_on=facts.is_on),
        *_rules(facts),
    )


def _brake(facts: AccountFacts) -> list[Check]:
    if not (facts.brake and facts.stopped_rows):
        return []
    return [Check("brake", "warn", standing_text(facts.brake, count_of(facts.stopped_rows, "row")), "brake")]


def _duplicates(groups: DuplicatesSummary, totals: ChannelTotals) -> list[Check]:
    if not groups.groups and totals.duplicate_groups:  # loaded by a program that did not list them yet
        return [
            Check(
                "duplicates",
                "block",
                f"{count_of(totals.duplicate_groups, 'SKU is', 'SKUs are')} shared by several listings; load the store again to "
                "decide what becomes of them.",
                "load",
            )
        ]
    if not groups.groups:
        return [Check("duplicates", "pass", "No two listings share a SKU.")]
    shared = (
        f"{count_of(groups.groups, 'SKU is', 'SKUs are')} shared by {totals.duplicate_listings:,} listings"
    )
    if groups.to_decide:
        which = "" if groups.groups == 1 else f"in {groups.disagree:,} of them "
        differ = f"; {which}the counts disagree" if groups.disagree else ""
        text = f"{shared}: {', '.join(groups.left_to_do)}{differ}."
        return [Check("duplicates", "block", text, "duplicates:to_decide")]
    text = f"{shared}, and nothing is left to decide."
    return [Check("duplicates", "pass", text, "duplicates")]


def _repeated(places: tuple[RepeatedAt, ...]) -> list[Check]:
    if not places:
        return []
    first, *others = places
    skus = named_skus(first.skus)
    more = f" {count_of(len(others), 'more location is', 'more locations are')} like that." if others else ""
    return [
        Check(
            "duplicates_shopify_master",
            "block",
            f"{count_of(first.skus.count, 'SKU has', 'SKUs have')} several listings with counts of their own at {first.location}, "
            f"where Shopify is master and each SKU may have one: {skus}; give the listings SKUs of their own, or make Sumtracker "
            f"master.{more}",
            "duplicates",
        )
    ]


def _warehouses(facts: AccountFacts) -> list[Check]:
    if not facts.warehouses:
        return [
            Check("warehouses", "block", "There is no warehouse yet: add one, or import them.", "warehouses")
        ]
    if not facts.linked:
        return [
            Check(
                "unlinked",
                "block",
                "No location is linked to a warehouse, so nothing would be synced.",
                "warehouses",
            )
        ]
    if facts.undecided:
        several = len(facts.undecided) > 1
        return [
            Check(
                "unlinked",
                "warn",
                f"{named(facts.undecided)} {'are' if several else 'is'} not linked yet: link "
                f"{'them' if several else 'it'}, or say that {'they stay' if several else 'it stays'} unlinked.",
                "warehouses",
            )
        ]
    return [
        Check(
            "unlinked",
            "pass",
            f"{count_of(facts.linked, 'location is', 'locations are')} linked, and none is left to link.",
            "warehouses",
        )
    ]


_PAIRS: Final[dict[str, CheckState]] = {
    "crossed": "warn",
    "two_to_one_unanswered": "warn",
    "two_to_one": "pass",
    "misplaced": "warn",
    "name_mismatch": "warn",
    "location_back": "warn",
    "location_gone": "warn",
    "inactive_linked": "warn",
    "warehouse_unlinked": "warn",
    "shopify_master": "pass",
}
"""Findings that are checks too; of unlinked locations and services other checks speak."""


def _pairs(findings: tuple[Finding, ...]) -> list[Check]:
    checks = []
    for name, state in _PAIRS.items():
        said = [finding.text for finding in findings if finding.id == name]
        if said:
            more = f" {count_of(len(said) - 1, 'more is', 'more are')} like that." if len(said) > 1 else ""
            checks.append(Check(name, state, said[0] + more, "warehouses"))
    return checks


def _bundles(facts: AccountFacts) -> list[Check]:
    checks = []
    if facts.missing_components.count:
        parts = named_skus(facts.missing_components)
        unknown = count_of(
            facts.missing_components.count, "component of bundles is", "components of bundles are"
        )
        checks.append(
            Check(
                "bundle_components",
                "block",
                f"{unknown} not known here, so those bundles have no number: {parts}.",
            )
        )
    if facts.nested_bundles.count:
        bundles = named_skus(facts.nested_bundles)
        checks.append(
            Check(
                "nested_bundles",
                "block",
                f"A bundle cannot be made of itself or of another bundle: {bundles}.",
            )
        )
    if facts.bundles_read_only.count:
        skus = named_skus(facts.bundles_read_only)
        checks.append(
            Check(
                "bundles_shopify_master",
                "block",
                f"Bundles need Sumtracker as master, but Shopify is master where these are sold or kept: {skus}.",
                "warehouses",
            )
        )
    if facts.bundles and not checks:
        checks.append(
            Check(
                "bundles",
                "pass",
                f"{count_of(facts.bundles, 'bundle is', 'bundles are')} worked out from {'its' if facts.bundles == 1 else 'their'} components.",
            )
        )
    if facts.bundles_in_stock.count:
        text = stock_of_bundles(facts.bundles_in_stock, facts.bundle_units)
        checks.append(Check("bundle_stock", "warn", text))
    return checks


def stock_of_bundles(bundles: SomeSkus, units: int) -> str:
    """What is to be said of units kept under SKUs that became bundles: they count nowhere, as a bundle's number is derived."""
    skus = named_skus(bundles)
    held = f"{count_of(units, 'unit is', 'units are')} in stock under {count_of(bundles.count, 'SKU')}"
    became = "is a bundle" if bundles.count == 1 else "are bundles"
    return (
        f"{held} that {became} now, and {'counts' if units == 1 else 'count'} nowhere: {skus}. Count {'it' if units == 1 else 'them'} as "
        f"components if {'it is' if units == 1 else 'they are'} there, then set the {'bundle' if bundles.count == 1 else 'bundles'} "
        "to 0."
    )


def _stock(facts: AccountFacts) -> list[Check]:
    if not facts.warehouses:
        return []
    where = "there" if facts.linked else "in Sumtracker"
    if not facts.counted:
        return [
            Check(
                "stock",
                "pass",
                "Sumtracker has counted nothing there yet, so copying the store's counts fits.",
            )
        ]
    numbers = count_of(facts.counted, "number")
    if not facts.counted_units:
        return [
            Check(
                "stock",
                "warn",
                f"{'The only number' if facts.counted == 1 else f'All {numbers}'} {where} {'is' if facts.counted == 1 else 'are'} 0: "
                "unless the store's counts are copied, the store would be shown as sold out.",
            )
        ]
    others = (
        f", which {named(facts.shared_with)} {'use' if len(facts.shared_with) > 1 else 'uses'} too"
        if facts.shared_with
        else ""
    )
    if facts.is_on:
        units = count_of(facts.counted_units, "unit")
        return [Check("stock", "pass", f"Sumtracker has {numbers} there, {units} in all{others}.")]
    return [
        Check(
            "stock",
            "warn",
            f"Sumtracker has {numbers} already, {count_of(facts.counted_units, 'unit')} in all{others}: copying the store's "
            "counts would replace them; without copying the store is made to show them.",
        )
    ]


def _orders(promised: int | None, *, is_on: bool) -> list[Check]:
    if promised is None:
        return []
    if not promised:
        return [Check("open_orders", "pass", "No units are promised to open orders.")]
    if is_on:
        units = count_of(promised, "unit is", "units are")
        text = f"{units} promised to open orders. Those placed before sync was turned on are fulfilled in the store alone."
        return [Check("open_orders", "pass", text)]
    return [
        Check(
            "open_orders",
            "warn",
            f"{count_of(promised, 'unit is', 'units are')} promised to open orders: orders placed before turning on never come into "
            "Sumtracker, and are fulfilled in the store.",
        )
    ]


def _rules(facts: AccountFacts) -> list[Check]:
    checks = []
    known = []
    if facts.close_at:
        known.append(f"{count_of(facts.close_at, 'close-at quantity', 'close-at quantities')}")
    if facts.maximum is not None:
        known.append(f"a maximum of {facts.maximum:,}")
    if known:
        checks.append(Check("rules", "pass", f"What is pushed follows {' and '.join(known)}.", "settings"))
    elif facts.imported_at:
        checks.append(
            Check(
                "rules",
                "warn",
                "Ask whether Sumtracker has close-at quantities or a maximum: its API does not tell, so they have to come from a file.",
                "settings",
            )
        )
    else:
        checks.append(
            Check(
                "rules",
                "pass",
                "No close-at quantity and no maximum is set; ask whether there should be any.",
                "settings",
            )
        )
    if facts.imported_at:
        sure = (
            "sync has to stay off there, or both write to the store."
            if facts.is_on
            else "make sure that sync is off there before turning on here, or both would write to the store."
        )
        came = f"The warehouses and numbers came from Sumtracker on {facts.imported_at:%Y-%m-%d}"
        checks.append(Check("imported", "warn", f"{came}: {sure}"))
    return checks
