"""The pretend situations that can be asked for by name: which shops and which Sumtracker account each has. What stands in them is in `kestrel` and `generator`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from supportdesk.core.catalog import LevelRow, ListingRow, Location
from supportdesk.core.listings import listing_row
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.kestrel import kestrel_outdoor, kestrel_outlet
from supportdesk.sandbox.store import SandboxShop
from supportdesk.sandbox.sumtracker import SumtrackerSide
from supportdesk.sandbox.sumtracker_kestrel import kestrel_sumtracker

LARGE: Final = 25_000
"""Listings of the large shop: five times what is read page by page."""

HOSTILE: Final = (
    ("[/foo]", "H-CLOSE"),
    ("[@click=app.quit]x[/]", "H-CLICK"),
    ("[red]not red[/red]", "H-RED"),
    ("Title \x1b[31mred\x1b[0m and \x1b]0;gotcha\x07 a new window title", "H-ESC"),
    ("Clipboard \x1b]52;c;cHduZWQ=\x1b\\ thief", "H-OSC52"),
    ("Two\nlines\r\nand\ta tab", "H-LINES"),
    ("\u202egnorw eht yaw dnuor\u202c", "H-RTL"),
    ("שלום אוהל / خيمة", "H-SCRIPTS"),
    ("広い文字のテント 🏕️ 👨\u200d👩\u200d👧", "H-WIDE"),
    ("zero\u200bwidth\u2060joined\ufeff", "H-ZERO"),
    ("C1 \x9b31m and \x85 and \x90", "H-C1"),
    ("tags \U000e0041\U000e0042", "H-TAGS"),
    ("x" * 300, "H-LONG"),
    ("apostrophe", "'H-APOS"),
    ("spaces", "   "),
    ("dash", "-X"),
    ("new line in the SKU", "H-A\nB"),
)
"""Titles and SKUs that break screens which take them as they come (`reference/textual.md` §7)."""


def build(name: str, *, seed: int, clock: Clock, shop: str | None = None) -> list[SandboxShop]:
    """The shops of the scenario `name`; `shop` renames the only one. Raises KeyError for an unknown name."""
    return _BUILDERS[name](seed, clock, shop)


def sumtracker_side(name: str, shops: list[SandboxShop], *, seed: int) -> SumtrackerSide | None:
    """The Sumtracker account of the scenario `name`, whose shops `build` made; None where it has none."""
    return kestrel_sumtracker(*shops, seed=seed) if name in {"kestrel", "outdoor"} else None


def _kestrel(seed: int, clock: Clock, shop: str | None) -> list[SandboxShop]:
    return [kestrel_outdoor(seed, clock), kestrel_outlet(seed, clock)]


def _outdoor(seed: int, clock: Clock, shop: str | None) -> list[SandboxShop]:
    made = kestrel_outdoor(seed, clock)
    if shop:
        made.facts = replace(made.facts, handle=shop)
    return [made]


def _empty(seed: int, clock: Clock, shop: str | None) -> list[SandboxShop]:
    made = SandboxShop(shop or "kestrel-new", "Kestrel New", seed=seed, clock=clock)
    made.fill([Location(-1, "Main St")], [], [])
    return [made]


def _hostile(seed: int, clock: Clock, shop: str | None) -> list[SandboxShop]:
    made = SandboxShop(
        shop or "kestrel-hostile", "Kestrel [@click=app.quit]\x1b[7mHostile[/]", seed=seed, clock=clock
    )
    listings = [
        listing_row(
            variant_id=None,
            item_id=-number,
            product_id=-number,
            handle=f"hostile-{number}",
            options=[title],
            title=title,
            sku=sku,
        )
        for number, (title, sku) in enumerate(HOSTILE, 1)
    ]
    without_sku = [
        row._replace(item_id=row.item_id - 100, sku="", listing=f"no-sku-{row.listing}") for row in listings
    ]
    everything: list[ListingRow] = [*listings, *without_sku]
    levels = [LevelRow(row.item_id, -1, True, 3, 0, 3, None) for row in everything]
    made.fill([Location(-1, "[bold]Main\x1b[5m St[/bold]"), Location(-2, "\u202etopeD")], everything, levels)
    return [made]


def _large(seed: int, clock: Clock, shop: str | None) -> list[SandboxShop]:
    from supportdesk.sandbox.generator import generated_shop

    return [generated_shop(shop or "kestrel-large", listings=LARGE, locations=2, seed=seed, clock=clock)]


_BUILDERS: Final[dict[str, Callable[[int, Clock, str | None], list[SandboxShop]]]] = {
    "kestrel": _kestrel,
    "outdoor": _outdoor,
    "empty": _empty,
    "hostile": _hostile,
    "large": _large,
}
