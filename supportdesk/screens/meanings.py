"""*What this means for you*: readiness and panels in words fit for the merchant's eyes. Texts only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_UNKNOWN: Final = ("There is nothing more to say about this line.",)

MEANINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "loaded": (
        "Everything on this page comes from one reading of your store. Orders and edits since then are not in it.",
        "Reading again (r) takes nothing from the store and changes nothing in it.",
    ),
    "access": (
        "Sync needs an app in your store that may read products, stock, locations and orders, and write stock.",
        "Until the app may do all of it, turning on is held back, so that sync never stops half way.",
    ),
    "old_orders": (
        "Shopify shows an app only the orders of the last 60 days unless it grants more.",
        "An order that is open for longer than that would be lost sight of: its units would stay booked here after it was "
        "shipped. Ship or cancel old open orders, or ask Shopify for access to all orders.",
    ),
    "listings": (
        "A listing is one variant of a product in your store. These are the ones whose stock sync will keep.",
    ),
    "no_sku": (
        "A listing and a product belong together because their SKUs are equal, and by nothing else. Without a SKU there is "
        "nothing to join by, so these listings keep the stock they have and are never touched.",
        "Give them a SKU in Shopify and load again, if they should be synced.",
    ),
    "untracked": (
        "Shopify sells these without counting them. Sync leaves them alone. Turn on Track quantity in Shopify if their stock "
        "should be kept.",
    ),
    "draft": (
        "Drafts are not for sale yet. They are left alone unless this channel's settings include drafts.",
    ),
    "brake": (
        "Sync was about to write more than it should without asking: many rows to nothing at once, or a location to half or "
        "double what it shows. It stopped before writing. What orders sell goes on being taken off.",
        "Enter shows what would be written. Let it go only if it is meant so; else mend the numbers in Sumtracker, and the "
        "brake goes by itself.",
    ),
    "left_out_by_decision": (
        "This SKU's duplicate group was decided to be left out: its listings keep the numbers they have, and sync neither reads "
        "nor writes them. Decide otherwise on the Duplicates tab.",
    ),
    "rules": (
        "The number pushed is what is available, but for two rules of yours. Close at keeps the last ones back: at or below it "
        "the store shows 0; it is set for a SKU in a warehouse. A maximum keeps large numbers to yourself: the store never shows "
        "more than that of anything.",
        "Sumtracker's API tells neither, so they are set here: the maximum with enter on this line, close at where a SKU is "
        "looked into.",
    ),
    "bundles": (
        "A bundle has no stock of its own. How many there are is worked out in each warehouse: as many as the scarcest of its "
        "components is enough for.",
        "A sale of a bundle takes its components, so the other bundles and listings they are in go down with it.",
    ),
    "bundle_components": (
        "A bundle is worked out from its components. These components have no listing, no product and no count anywhere, so "
        "nobody knows how many of the bundles there are.",
        "Mostly the SKU is mistyped in the list of bundles. Mend it there and import the list again.",
    ),
    "nested_bundles": (
        "A bundle that holds another bundle, or itself, has no number that can be worked out.",
        "Name the single things it is made of instead, and import the list of bundles again.",
    ),
    "bundles_shopify_master": (
        "A bundle's number is worked out here and written to your store. Where Shopify is master nothing is written, so the "
        "store would go on selling bundles after their components are gone.",
        "Make Sumtracker master of those locations, and they are kept right.",
    ),
    "bundle_stock": (
        "These SKUs were counted before they became bundles. A bundle's number is worked out from its components, so those "
        "units count for nothing now.",
        "If they lie on the shelf, count what they are made of under the components' SKUs; then set them to 0.",
    ),
    "open_orders": (
        "Orders placed before turning on stay where they are. Their units are kept back from what can be sold, but the orders "
        "themselves are not brought into Sumtracker.",
        "Ship them from Shopify, as you do now.",
    ),
    "imported": (
        "These numbers were read from your Sumtracker account, where sync may still be on for this store.",
        "Two programs writing to one store undo each other's work, so turn it off there first.",
    ),
    "archived": (
        "Archived products are not for sale and never come back by sync. Their stock stays as it is.",
    ),
    "gift_card": ("A gift card is money, not stock: there is nothing to count.",),
    "bundle_parent": (
        "Shopify works out the stock of its own bundles from their parts. Sync keeps the parts right, and the bundle follows.",
    ),
    "sku_hygiene": (
        "These SKUs look like a slip: a dash, `n/a`, a spreadsheet's apostrophe, an invisible character. Two listings with the "
        "same such SKU would be taken for one product and share one stock.",
    ),
    "look_alikes": (
        "SKUs are compared exactly, so `AB-1` and `ab-1` are two products with two stocks. If they are meant to be one, make "
        "them equal in Shopify before turning on.",
    ),
    "duplicates": (
        "Listings with the same SKU are one product to sync: they share one number, and a sale of one takes from all.",
        "That is right for the same thing listed twice, and wrong for two things with one SKU by mistake. Each group is "
        "decided with you before anything is turned on.",
    ),
    "duplicates_shopify_master": (
        "Shopify keeps the numbers here, and several listings with one SKU show different ones, so there is no one number to "
        "take over. Give them SKUs of their own, or make Sumtracker master.",
    ),
    "negative": (
        "A number below zero means that more was sold than was there. It is copied as it is, because hiding it would put "
        "units on sale that are promised already.",
    ),
    "sells_when_out": (
        "These listings are set to go on selling when out of stock. Sync keeps their number right, but Shopify will sell "
        "below zero all the same.",
    ),
    "shared_items": (
        "Several listings are backed by one stock item in Shopify. They always show one number, also without sync.",
    ),
    "locations": (
        "A location is a place that holds stock in Shopify. Before turning on, each is linked to a warehouse or left alone.",
    ),
    "fulfillment_services": (
        "This location belongs to a service that keeps its own numbers in Shopify. Writing to it would fight with the service, "
        "so it stays unlinked unless you say otherwise. Linked all the same, the two may overwrite each other's numbers.",
    ),
    "inactive_locations": (
        "A closed location holds no sellable stock. It cannot be linked and is never touched.",
    ),
    "warehouses": (
        "A warehouse is a place that holds stock in Sumtracker. A location of your store shows the numbers of the warehouse it "
        "is linked to.",
    ),
    "unlinked": (
        "Nothing happens at this location: its stock is neither read nor changed, and its orders change nothing here.",
        "That is right for a place you count in Shopify alone. Link it if its sales should be seen.",
    ),
    "sumtracker_master": (
        "Your store is made to show what the warehouse has available. A number typed into Shopify here is put back, so count "
        "and adjust in Sumtracker.",
    ),
    "shopify_master": (
        "Shopify keeps the numbers of this location, and the warehouse takes them over. Nothing is written to your store here.",
        "Such a warehouse serves this one location: bundles, counts, transfers and other stores need Sumtracker as master.",
    ),
    "crossed": (
        "Two locations look linked the wrong way round: the counts of each fit the other's warehouse far better.",
        "Turned on like this, each shelf would sell what lies on the other one. Swapping changes no stock anywhere.",
    ),
    "two_to_one": (
        "Two locations of your store are linked to one warehouse, so each will show its whole number: ten on the shelf are "
        "offered as ten in both.",
        "When counts are copied, it must be said whose count is right, or that the two are to be added up.",
    ),
    "service": (
        "This location belongs to a service that keeps its own numbers in Shopify. Writing to it would fight with the service, "
        "so it stays unlinked unless you say otherwise.",
    ),
    "unlinked_sells": (
        "This location has stock for sale and is linked to no warehouse. Its sales will not be seen, and its numbers not kept.",
    ),
    "warehouse_unlinked": (
        "A warehouse that is linked to no location is offered nowhere. That is right for a returns cage, and wrong for a shelf.",
    ),
    "misplaced": (
        "The counts of this location fit another warehouse better than the one it is linked to.",
        "Counts speak for a pair, they prove nothing: ask which place it is before you link it there.",
    ),
    "name_mismatch": (
        "Neither the name nor the counts say that this location and its warehouse are one place. Make sure that they are.",
    ),
    "two_to_one_unanswered": (
        "Two locations of your store are linked to one warehouse, so each will show its whole number: ten on the shelf are "
        "offered as ten in both.",
        "When counts are copied, it must be said whose count is right, or that they are to be added up.",
    ),
    "location_back": (
        "This location is back in your store, but its warehouse is used by another one now, and where Shopify is master a "
        "warehouse serves one location. It stays unlinked until you say where it belongs.",
    ),
    "location_gone": (
        "This location was deleted in your store. What was said of it is kept, in case it comes back, and has no effect.",
    ),
    "inactive_linked": (
        "This location was closed in your store since it was linked. Nothing can be synced there until it is opened again.",
    ),
    "stock": (
        "What your store shows now, and what it would show once sync is on. Where the two differ the store's number would "
        "change by the difference.",
        "Nothing is written to your store from here.",
    ),
    "never_counted": (
        "Nobody has counted this SKU in that warehouse yet. Its number is unknown, which is not the same as 0, and nothing is "
        "pushed for it until it is counted or copied.",
    ),
    "sku": (
        "In stock is what lies on the shelf. Booked is promised to orders that are not shipped yet. What is left is available, "
        "and that is the number your store shows.",
        "Close at holds back the last few units: at or below it the store shows 0.",
        "Unknown means that nobody has counted it there. It is not 0, and nothing is pushed.",
        "Every listing with this SKU shows the same number, in every store linked to the warehouse.",
    ),
    "left_out": (
        "Listings that sync will neither read nor write. Each is counted once, under the first reason that applies; enter "
        "lists them.",
        "Being left out changes nothing in your store: these listings go on as they do today.",
    ),
    "wizard_direction": (
        "For each location one side is right, and the other follows. With Sumtracker as master you change stock in Sumtracker, "
        "and the store shows it within seconds; what somebody changes in the Shopify admin by hand is put back.",
        "With Shopify as master you go on working in Shopify. Sumtracker only reads; nothing is written to that location.",
        "This is what locations begin with. Each may have its own master in Location mapping, and nothing is written yet.",
    ),
    "wizard_copy": (
        "Copying takes what your store has available to sell, not what lies on the shelf: units that open orders have been "
        "promised stay with those orders, so nothing is sold twice.",
        "Not copying keeps the numbers that Sumtracker has already, for example from another store, and your store is made to "
        "show them. SKUs that Sumtracker has never counted are not taken for 0: you say what happens to them.",
    ),
    "wizard_duplicates": (
        "To sync, one SKU is one product with one number. Listings that share a SKU will all show that number, and a sale of one "
        "takes from all.",
        "If two of them are different things, they need SKUs of their own first, or are left out of sync. We look at each group "
        "together; deciding writes nothing to your store.",
    ),
    "wizard_mapping": (
        "Each location of your store gets the warehouse that holds its stock. A wrong pair would sell one place's goods at the "
        "other, so we check names and counts before going on.",
        "A location that stays unlinked is left alone: its numbers are neither read nor written.",
    ),
    "wizard_review": (
        "This is everything that turning on will write: each number of your store before and after. Rows that fall to zero stop "
        "selling, so they come first.",
        "Nothing is written yet. A rehearsal tries the same plan on a pretend store on this machine, with pretend shoppers.",
    ),
    "wizard_turn_on": (
        "Once the name of your shop is typed, orders count from that moment. Your store stays open: each number is only written "
        "once nothing is under way on it.",
        "Orders placed before are not brought into Sumtracker; fulfil them in Shopify as you do now. From now on change stock in "
        "one place only.",
    ),
    "orders": (
        "Orders placed since sync was turned on. A new order books its units, so they can be sold nowhere else; once it is sent "
        "they leave stock; cancelled and put back they are available again.",
        "Sumtracker only reads your orders. Nothing about them is ever changed from here.",
    ),
    "order_not_found": (
        "A line of this order has a SKU that nothing in Sumtracker answers to, so it changed no stock here.",
        "If it should be kept, give the listing its right SKU in Shopify, or make the product in Sumtracker; it is booked then.",
    ),
    "order_unlinked": (
        "This order is assigned to a location that is linked to no warehouse, so it changes nothing in Sumtracker.",
        "That is as it should be where you keep that location's stock in Shopify alone; else link the location.",
    ),
    "order_from_before": (
        "This order was placed before sync was turned on. Past orders are never pulled in: its units were not available any more "
        "when the numbers were taken over.",
        "Fulfil it in Shopify as you do now. If it is cancelled, moved or edited, that much is put right here.",
    ),
    "turning_on": (
        "Turning on goes through five steps, and each is kept: if this program or the line breaks, it goes on where it was.",
        "A row is settling until no order or edit is under way on it. Live rows are in sync. Held rows are left alone, and why is "
        "said here.",
    ),
}
"""Paragraphs by id of a check (`core.readiness`) or name of a panel."""


def meaning_of(subject: str) -> tuple[str, ...]:
    """The paragraphs about a check or panel; a sentence saying so where there are none."""
    return MEANINGS.get(subject, _UNKNOWN)
