"""Which of Shopify's exports a header belongs to, and where its columns are: by name, never by position.

The five generations of headers are those of `reference/shopify.md` §12.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Literal

from supportdesk.exports.table import CsvFile, brief

ExportKind = Literal[
    "inventory_wide", "inventory_long", "inventory_long_current", "products", "products_new_names"
]

KIND_NAMES: Final[dict[ExportKind, str]] = {
    "inventory_wide": "inventory, one column a location",
    "inventory_long": "inventory, one row a location",
    "inventory_long_current": "inventory, one row a location",
    "products": "products",
    "products_new_names": "products",
}
"""What a person calls each."""

_OPTIONS: Final = {f"option{number}": f"option{number} value" for number in (1, 2, 3)}
_INVENTORY: Final = {"handle": "handle", "title": "title", "sku": "sku", **_OPTIONS}
_QUANTITIES: Final = {
    "incoming": "incoming",
    "committed": "committed",
    "available": "available",
    "on_hand": "on hand",
}
_INVENTORY_LONG: Final = {**_INVENTORY, "location": "location", **_QUANTITIES}
_COLUMNS: Final[dict[ExportKind, dict[str, str]]] = {
    "inventory_wide": _INVENTORY,
    "inventory_long": _INVENTORY_LONG,
    "inventory_long_current": _INVENTORY_LONG,
    "products": {
        "handle": "handle",
        "title": "title",
        **_OPTIONS,
        "sku": "variant sku",
        "price": "variant price",
        "tracker": "variant inventory tracker",
        "quantity": "variant inventory qty",
        "policy": "variant inventory policy",
        "barcode": "variant barcode",
        "gift_card": "gift card",
        "status": "status",
    },
    "products_new_names": {
        "handle": "url handle",
        "title": "title",
        **_OPTIONS,
        "sku": "sku",
        "price": "price",
        "tracker": "inventory tracker",
        "quantity": "inventory quantity",
        "policy": "continue selling when out of stock",
        "barcode": "barcode",
        "gift_card": "gift card",
        "status": "status",
    },
}
_NO_LOCATION: Final = frozenset(
    {*_INVENTORY.values(), "option1 name", "option2 name", "option3 name", "hs code", "coo", "bin name"}
)
"""The columns of a wide inventory export that are not locations."""
_SUFFIX: Final = re.compile(r" \((?:not editable|current)\)$")
"""What the current long export says behind a quantity. `On hand (new)` is another column: it is for importing back."""
_EXPORT_ANEW: Final = "Export inventory or products in Shopify's admin, as CSV."


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns of one file are."""

    kind: ExportKind
    columns: dict[str, int]
    """Our name of a column → its place in a row; what the file does not have is not here."""
    names: tuple[str, ...]
    """The header as it stands in the file."""
    locations: tuple[tuple[int, str], ...] = ()
    """Place and name of each location's column: wide inventory exports only."""
    nameless: tuple[int, ...] = ()
    """Places of columns without a name in a wide export, where only blank cells can be passed over."""
    options: tuple[int, ...] = field(init=False)
    """Places of the option values there are."""

    def __post_init__(self) -> None:
        places = tuple(self.columns[name] for name in _OPTIONS if name in self.columns)
        object.__setattr__(self, "options", places)

    @property
    def is_products(self) -> bool:
        """True for an export of products, False for one of inventory."""
        return self.kind in ("products", "products_new_names")

    def name_of(self, column: str) -> str:
        """What the file calls our `column`."""
        return self.names[self.columns[column]]


def read_header(file: CsvFile, cells: list[str]) -> Header:
    """The header made sense of. Raises `ExportInvalid` naming the columns that are missing and those found."""
    names = [" ".join(cell.split()).lower() for cell in cells]
    kind = _kind(file, cells, names)
    if kind == "inventory_long_current":
        names = [_SUFFIX.sub("", name) for name in names]
    wanted = _COLUMNS[kind]
    exact = [cell.strip() for cell in cells]
    twice = [
        exact[place]
        for place, name in enumerate(names)
        if (name in wanted.values() and names.count(name) > 1)
        or (kind == "inventory_wide" and name not in {"", *_NO_LOCATION} and exact.count(exact[place]) > 1)
    ]
    if twice:
        raise file.refusal(f"two columns are named {brief(twice[0])}.", "Remove one of them.", row=1)
    columns = {ours: names.index(theirs) for ours, theirs in wanted.items() if theirs in names}
    if kind != "inventory_wide":
        return Header(kind, columns, tuple(cells))
    locations = tuple(
        (place, exact[place]) for place, name in enumerate(names) if name and name not in _NO_LOCATION
    )
    if not locations:
        raise file.refusal(
            f"no column holds a number of pieces: there are {_listed(cells)}.", _EXPORT_ANEW, row=1
        )
    nameless = tuple(place for place, name in enumerate(names) if not name)
    return Header(kind, columns, tuple(cells), locations, nameless)


def _kind(file: CsvFile, cells: list[str], names: list[str]) -> ExportKind:
    known = set(names)
    if len(cells) == 1 and (mark := re.search(r"[;\t|]", cells[0])):
        between = {";": "semicolons", "\t": "tabs", "|": "bars"}[mark.group()]
        raise file.refusal(
            f"its cells are separated by {between}, not commas.",
            "Export it again and do not save it from a spreadsheet, which also changes SKUs.",
            row=1,
        )
    if {"handle", "variant sku"} <= known:
        return "products"
    if {"url handle", "sku"} <= known:
        return "products_new_names"
    if not {"handle", "sku"} <= known:
        raise file.refusal(_missing(known, cells), _EXPORT_ANEW, row=1)
    quantities = set(_QUANTITIES.values())
    bare = {_SUFFIX.sub("", name) for name in known}
    if "location" not in known or not quantities & bare:
        return "inventory_wide"
    if "available" not in bare:
        raise file.refusal(
            f"the column Available is missing; there are {_listed(cells)}.", _EXPORT_ANEW, row=1
        )
    return "inventory_long" if quantities & known == quantities & bare else "inventory_long_current"


def _missing(known: set[str], cells: list[str]) -> str:
    missing = []
    if not {"sku", "variant sku"} & known:
        missing.append("SKU (or Variant SKU)")
    if not {"handle", "url handle"} & known:
        missing.append("Handle (or URL handle)")
    if not missing:
        missing.append("Variant SKU" if "sku" not in known else "Handle")
    verb = "is" if len(missing) == 1 else "are"
    return f"the column {' and the column '.join(missing)} {verb} missing; there are {_listed(cells)}."


def _listed(cells: list[str]) -> str:
    shown = [brief(cell) for cell in cells[:10] if cell.strip()]
    more = len(cells) - 10
    if not shown:
        return "columns without a name"
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
