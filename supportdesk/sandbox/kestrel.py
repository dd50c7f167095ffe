"""The demo's two pretend stores: *Kestrel Outdoor*, with everything that goes wrong in a real one, and *Kestrel Outlet*.

The same seed gives the same store, id for id. Products stand in `kestrel_catalog`; here is what happened to them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from supportdesk.core.catalog import Location
from supportdesk.core.listings import listing_row
from supportdesk.sandbox.clock import Clock, stamp
from supportdesk.sandbox.kestrel_catalog import COLOURS, SIZES, WARES, Ware
from supportdesk.sandbox.open_orders import give_open_orders
from supportdesk.sandbox.records import VariantRecord
from supportdesk.sandbox.store import SandboxShop

MAIN, DEPOT, PEAK, MARKET = 1, 2, 3, 4
"""Places in a store's list of locations; `Extra.stock` counts them like this."""

Stock = dict[int, int]


@dataclass(frozen=True, slots=True)
class Extra:
    """A listing that is there for a reason."""

    title: str
    sku: str
    stock: Stock
    """Available by place; a place that is missing is one where it is not stocked."""
    price: str = "20.00"
    kind: str = "Accessories"
    status: str = "ACTIVE"
    option: str = ""
    tracked: bool = True
    gift_card: bool = False
    bundle_parent: bool = False
    preorder: bool = False
    committed: int = 0
    """At Main St."""
    shares_item: bool = False
    """Sells the inventory item of the listing before it."""


FIRST: Final = (
    Extra("Ridge tent 2P", "KO-TENT-2P", {MAIN: 31, DEPOT: 6}, "240.00", "Tents", committed=2),
    Extra("Enamel mug", "KO-MUG-ENAMEL", {MAIN: 40}, "12.00", "Cooking"),
    Extra("Pocket gas stove", "KO-STOVE-1", {MAIN: 9, DEPOT: 12}, "34.00", "Cooking", committed=1),
    Extra("Accessory rope 30 m", "KO-ROPE-30M", {MAIN: 7, DEPOT: 4}, "46.00", "Climbing"),
    Extra("Heavy hiking socks", "KO-SOCK-HEAVY", {MAIN: 52, DEPOT: 120, PEAK: 60}, "17.00", "Socks"),
    Extra("Wide-mouth bottle 1 L", "KO-BOTTLE-1L", {MAIN: 18, DEPOT: 64}, "15.00", "Hydration"),
    Extra("Ember lantern", "KO-LAMP-EMBER", {MAIN: 11, DEPOT: 20}, "39.00", "Lighting", committed=3),
    Extra("Closed-cell mat", "KO-MAT-CELL", {MAIN: 14, DEPOT: 33}, "24.00", "Sleeping"),
    Extra("Trucker cap", "KO-CAP-TRUCK", {MAIN: 22}, "22.00", "Hats"),
    Extra("Vacuum mug 350 ml", "KO-FLASK-350", {MAIN: 16, DEPOT: 30}, "21.00", "Hydration"),
    Extra("Starter harness", "KO-HARNESS-START", {MAIN: 5, DEPOT: 8}, "49.00", "Climbing"),
    Extra("Paracord 10 m", "KO-CORD-PARA", {MAIN: -2, DEPOT: 15}, "5.50", "Accessories", committed=2),
    Extra("Walker's gift box", "KO-GIFTBOX", {MAIN: 12, DEPOT: 10}, "35.00", "Gifts"),
    Extra("Walker's gift box, wrapped", "KO-GIFTBOX", {}, "38.00", "Gifts", shares_item=True),
    Extra("Trail kettle 1.2 L", "KO-KETTLE-2", {MAIN: 6, DEPOT: 9}, "29.00", "Cooking"),
    Extra("Gift card", "", {}, "25.00", "Gift cards", option="£25", tracked=False, gift_card=True),
    Extra("Gift card", "", {}, "50.00", "Gift cards", option="£50", tracked=False, gift_card=True),
    Extra("Gift card", "", {}, "100.00", "Gift cards", option="£100", tracked=False, gift_card=True),
)
"""Listings that were there before the rest."""

LATER: Final = (
    Extra("Ridge tent 2P (sale)", "KO-TENT-2P", {MAIN: 4, DEPOT: 6}, "189.00", "Tents"),
    Extra("Bundle deal: tent", "KO-TENT-2P", {MAIN: 9}, "299.00", "Tents"),
    Extra("Mug (gift)", "KO-MUG-ENAMEL", {MAIN: 40}, "14.00", "Gifts"),
    Extra("Pocket gas stove", "KO-STOVE-1", {MAIN: 9, DEPOT: 12}, "34.00", "Cooking"),
    Extra("Accessory rope 30 m", "KO-ROPE-30M", {MAIN: 7, DEPOT: 4}, "46.00", "Climbing"),
    Extra("Heavy hiking socks (sale)", "KO-SOCK-HEAVY", {MAIN: 30, DEPOT: 120}, "11.00", "Socks"),
    Extra("Wide-mouth bottle 1 L", "KO-BOTTLE-1L", {MAIN: 18, DEPOT: 64}, "15.00", "Hydration"),
    Extra("Ember lantern", "KO-LAMP-EMBER", {MAIN: 3, DEPOT: 20}, "39.00", "Lighting"),
    Extra("Bundle deal: mat and pillow", "KO-MAT-CELL", {MAIN: 6}, "38.00", "Sleeping"),
    Extra("Trucker cap", "KO-CAP-TRUCK", {MAIN: 22}, "22.00", "Hats", "ARCHIVED"),
    Extra("Vacuum mug 350 ml, new colours", "KO-FLASK-350", {}, "21.00", "Hydration", "DRAFT"),
    Extra("Starter harness (sale)", "KO-HARNESS-START", {MAIN: 5, DEPOT: 8}, "39.00", "Climbing"),
    Extra("Paracord 10 m, ends of rolls", "KO-CORD-PARA", {MAIN: 8}, "3.00", "Accessories"),
    Extra("Wax cotton tote", "KO-0000", {MAIN: 13}, "28.00", "Packs"),
    Extra("Cast iron griddle", "KO-0000", {MAIN: 4, DEPOT: 7}, "44.00", "Cooking"),
    Extra("Trail kettle 1.2 L, brass lid", "ko-kettle-2", {MAIN: 2}, "36.00", "Cooking"),
    Extra("Embroidered patch: Hare", "'KO-PATCH-HARE", {MAIN: 25}, "6.00"),
    Extra("Display stand", "n/a", {MAIN: 1}, "0.00"),
    Extra("Neck tube, Heron print", "KO-TUBE-HERON ", {MAIN: 17, DEPOT: 10}, "19.00", "Hats"),
    Extra("Farm shop hamper", "", {MAIN: 3}, "55.00", "Gifts"),
    Extra("Postcards of the fells", "", {MAIN: 80}, "1.50", "Books"),
    Extra("Second-hand guidebook", "", {MAIN: 5}, "4.00", "Books"),
    Extra("Mystery bag", "", {MAIN: 10, DEPOT: 0}, "25.00", "Gifts"),
    Extra("Repair: new zip", "KO-SRV-ZIP", {}, "30.00", "Services", tracked=False),
    Extra("Repair: resole", "KO-SRV-SOLE", {}, "65.00", "Services", tracked=False),
    Extra("Guided walk: Old Man of Coniston", "KO-SRV-WALK", {}, "40.00", "Services", tracked=False),
    Extra("Weekend camping kit", "KO-KIT-WEEKEND", {MAIN: 0}, "395.00", "Tents", bundle_parent=True),
    Extra(
        "Curlew solo tent, spring",
        "KO-TNT-SOLO-SPR",
        {MAIN: 0, DEPOT: 0},
        "215.00",
        "Tents",
        preorder=True,
        committed=4,
    ),
    Extra("Haar rain cape, kids'", "KO-JKT-HAAR-KID", {}, "45.00", "Kids", "DRAFT"),
    Extra("Fell race bib belt", "KO-ACC-BIBB", {DEPOT: 40}, "9.00", status="DRAFT"),
    Extra("Winter catalogue", "KO-CAT-2027", {MAIN: 0}, "0.00", "Books", "DRAFT"),
    Extra("Summit print tee, 2024", "KO-TEE-PEAK-24", {MAIN: 3}, "12.00", "Tops", "ARCHIVED"),
    Extra("Beacon headtorch 250", "KO-LGT-HEAD-250", {MAIN: 0, DEPOT: 2}, "29.00", "Lighting", "ARCHIVED"),
    Extra("Homestead tent 4P", "KO-TNT-FAMI-4", {DEPOT: 1}, "420.00", "Tents", "ARCHIVED"),
    Extra("Staff fleece", "KO-STAFF-FLC", {MAIN: 6}, "0.00", "Fleece", "UNLISTED"),
)
"""Listings that came after: copies, deals, mistakes."""

_OUTLET_OWN: Final = (
    Extra("Ridge tent 2P, ex-display", "KO-TENT-2P", {1: 2}, "150.00", "Tents"),
    Extra("Enamel mug", "KO-MUG-ENAMEL", {1: 12, 2: 24}, "9.00", "Cooking"),
    Extra("Odd glove", "KX-GLOVE-ODD", {1: 14}, "3.00", "Gloves"),
    Extra("Bag of tent pegs, mixed", "KX-PEGS-MIX", {1: 30}, "4.00", "Tents"),
    Extra("Roll end: ripstop, 2 m", "KX-RIPSTOP", {1: 18, 2: 40}, "12.00"),
    Extra("Last year's map bundle", "KX-MAPS", {1: 7}, "15.00", "Navigation"),
)


def kestrel_outdoor(seed: int = 1, clock: Clock | None = None) -> SandboxShop:
    """*Kestrel Outdoor*: about 1,200 listings at Main St, the Depot and a fulfilment service, 14 duplicate SKU groups."""
    shop = SandboxShop("kestrel-outdoor", "Kestrel Outdoor", seed=seed, clock=clock, plan="Shopify")
    maker = _Maker(shop, random.Random(f"kestrel outdoor {seed}"))
    maker.open(
        Location(-1, "Main St", city="Kendal", address="14 Main Street, LA9 4XX", country="GB"),
        Location(-2, "Depot", city="Penrith", address="Unit 6, Gilwilly Road, CA11 9XX", country="GB"),
        Location(
            -3,
            "Peak Logistics",
            city="Chesterfield",
            address="Peak Park, S41 9XX",
            country="GB",
            service="Peak Logistics",
            service_manages_stock=True,
        ),
        Location(
            -4,
            "Market Hall pop-up",
            active=False,
            fulfills_online_orders=False,
            city="Keswick",
            address="Market Hall, CA12 5XX",
            country="GB",
        ),
    )
    maker.extras(FIRST)
    for ware in WARES:
        maker.ware(ware)
    maker.extras(LATER)
    give_open_orders(shop)
    return shop


def kestrel_outlet(seed: int = 1, clock: Clock | None = None) -> SandboxShop:
    """*Kestrel Outlet*: about 200 listings at two locations, most of their SKUs Kestrel Outdoor's too."""
    shop = SandboxShop("kestrel-outlet", "Kestrel Outlet", seed=seed, clock=clock)
    maker = _Maker(shop, random.Random(f"kestrel outlet {seed}"), price_cut=0.6)
    maker.open(
        Location(-1, "Outlet shop", city="Windermere", address="3 Station Yard, LA23 1XX", country="GB"),
        Location(-2, "Depot", city="Penrith", address="Unit 6, Gilwilly Road, CA11 9XX", country="GB"),
    )
    maker.extras(_OUTLET_OWN)
    for ware in WARES[::7]:
        maker.ware(ware)
    give_open_orders(shop)
    return shop


def slug(title: str) -> str:
    """The handle Shopify would make of a title."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower().replace("'", "")).strip("-")


class _Maker:
    """Puts wares into a shop, with one stream of chance."""

    def __init__(self, shop: SandboxShop, chance: random.Random, price_cut: float = 1.0) -> None:
        self.shop = shop
        self.chance = chance
        self.price_cut = price_cut
        self.places: list[int] = []
        self._handles: set[str] = set()
        self._barcodes = chance.randrange(10**6)
        self._opened = shop.clock.now() - timedelta(days=800)
        self._made = 0

    def open(self, *locations: Location) -> None:
        self.places = [self.shop.add_location(location).id for location in locations]

    def _handle(self, title: str) -> str:
        base, handle, at = slug(title), slug(title), 1
        while handle in self._handles:
            handle, at = f"{base}-{at}", at + 1
        self._handles.add(handle)
        return handle

    def _barcode(self) -> str:
        """An EAN-13 with its check digit."""
        self._barcodes += 7
        digits = f"50{self._barcodes:010d}"
        total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
        return f"{digits}{-total % 10}"

    def _age(self) -> str:
        """When the next product was made: one after another over the shop's two years."""
        self._made += 1
        return stamp(self._opened + timedelta(days=self._made * 3, minutes=self.chance.randrange(600)))

    def extras(self, extras: Iterable[Extra]) -> None:
        last: VariantRecord | None = None
        handle = title = ""
        for extra in extras:
            if extra.title != title or not extra.option:
                handle, title = self._handle(extra.title), extra.title
            last = self._extra(extra, handle, last)

    def _extra(self, extra: Extra, handle: str, last: VariantRecord | None) -> VariantRecord:
        options = [("Value", extra.option)] if extra.option else [("Title", "Default Title")]
        variant = self._variant(
            handle,
            extra.title,
            options,
            extra.sku,
            item=last.item.id if extra.shares_item and last else None,
            status=extra.status,
            tracked=extra.tracked,
            sells_when_out=extra.preorder,
            gift_card=extra.gift_card,
            bundle_parent=extra.bundle_parent,
        )
        self._finish([variant], extra.kind, extra.price)
        for place, available in extra.stock.items():
            committed = extra.committed if place == MAIN else 0
            self._stock(variant, place, available - committed if extra.preorder else available, committed)
        return variant

    def _variant(
        self,
        handle: str,
        title: str,
        options: list[tuple[str, str]],
        sku: str,
        *,
        item: int | None = None,
        status: str = "ACTIVE",
        tracked: bool = True,
        sells_when_out: bool = False,
        gift_card: bool = False,
        bundle_parent: bool = False,
    ) -> VariantRecord:
        row = listing_row(
            variant_id=None,
            item_id=item if item is not None else self.shop.new_id("InventoryItem"),
            product_id=None,
            handle=handle,
            options=[value for _, value in options],
            title=title,
            sku=sku,
            barcode=self._barcode() if sku and tracked else "",
            status=status,
            tracked=tracked,
            sells_when_out=sells_when_out,
            gift_card=gift_card,
            bundle_parent=bundle_parent,
        )
        variant = self.shop.add_listing(row)
        variant.options = tuple(options)
        return variant

    def _finish(self, variants: list[VariantRecord], kind: str, price: str) -> None:
        product, made = variants[0].product, self._age()
        product.product_type = kind
        product.created_at = made
        for variant in variants:
            variant.price = f"{float(price) * self.price_cut:.2f}"
            variant.created_at = variant.item.created_at = made

    def _stock(
        self, variant: VariantRecord, place: int, available: int, committed: int = 0, **more: int
    ) -> None:
        quantities = {"available": available, "committed": committed, **more}
        location = self.places[place - 1]
        active = self.shop.locations[location].active
        self.shop.add_level(variant.item.id, location, quantities, active=active)

    def ware(self, ware: Ware) -> None:
        """A product of the catalogue, in every colour and size, with believable stock."""
        handle = self._handle(ware.title)
        variants: list[VariantRecord] = []
        for letter in ware.colours or " ":
            colour = COLOURS.get(letter)
            for size in SIZES.get(ware.sizes, ("",)):
                options, sku = [], f"KO-{ware.code}"
                if colour and len(ware.colours) > 1:
                    options.append(("Colour", colour[0]))
                    sku += f"-{colour[1]}"
                if size:
                    options.append(("Size", size))
                    sku += "-" + size.replace(" ", "").replace("UK", "")
                variants.append(
                    self._variant(handle, ware.title, options or [("Title", "Default Title")], sku)
                )
                self._believable_stock(variants[-1])
        self._finish(variants, ware.kind, ware.price)

    def _believable_stock(self, variant: VariantRecord) -> None:
        chance = self.chance
        shelf = 0 if chance.random() < 0.12 else min(45, int(chance.expovariate(1 / 8)) + 1)
        committed = chance.randint(1, 3) if shelf and chance.random() < 0.05 else 0
        damaged = {"damaged": 1} if chance.random() < 0.01 else {}
        if chance.random() < 0.96:
            self._stock(variant, MAIN, shelf, committed, **damaged)
        bulk = 0 if chance.random() < 0.2 else int(chance.expovariate(1 / 20))
        coming = {"incoming": 12 * chance.randint(1, 5)} if chance.random() < 0.04 else {}
        if chance.random() < 0.85 or not variant.item.levels:
            self._stock(variant, DEPOT, bulk, 0, **coming)
        if len(self.places) > PEAK - 1 and chance.random() < 0.3:
            self._stock(variant, PEAK, int(chance.expovariate(1 / 15)))
        if len(self.places) > MARKET - 1 and chance.random() < 0.05:
            self._stock(variant, MARKET, chance.randint(0, 2))
