"""Records of the REST API (`reference/sumtracker.md` §6.3) as pydantic models, and as core values. Imported only where a page is read."""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from supportdesk.core.sumtracker_account import (
    LARGEST_QUANTITY,
    RemoteBundleLine,
    RemoteLevel,
    RemoteProduct,
    RemoteWarehouse,
)
from supportdesk.errors import SumtrackerUnreadable, SumtrackerValueInvalid

M = TypeVar("M", bound="Wire")

_LARGEST_ID: Final = 2**63 - 1
"""What the ledger's column holds."""
_CORRECT_IT: Final = "Correct it in Sumtracker, then import again."


def _text(value: object) -> object:
    if value is None:
        return ""
    # Half a surrogate pair can be neither shown nor saved.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _units(value: object) -> object:
    """A whole number of units as an int; what is no number at all is left to the model to refuse."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    # Not finite or not whole; neither equals anything that `//` gives.
    if value != value // 1:
        raise PydanticCustomError("units", "is {shown}, not a whole number", {"shown": str(value)[:40]})
    if abs(value) > LARGEST_QUANTITY:
        raise PydanticCustomError("units", "is too large to be a number of units")
    return int(value)


Id = Annotated[int, Field(strict=True, ge=1, le=_LARGEST_ID)]
Text = Annotated[str, BeforeValidator(_text)]
"""`null` is no text: ''."""
Units = Annotated[int, Field(strict=True), BeforeValidator(_units)]


class Wire(BaseModel):
    """What every model here shares: unknown fields ignored, nothing made of what it is not."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Warehouse(Wire):
    """`Warehouse`; `code` and `priority` may be missing."""

    id: Id
    name: Text
    code: Text = ""
    priority: Annotated[int, Field(ge=-_LARGEST_ID, le=_LARGEST_ID)] | None = None


class Product(Wire):
    """`Product`. `sku` and `name` may be null but not missing: without them every product would be a nameless one."""

    id: Id
    sku: Text
    name: Text
    variant_name: Text = ""
    barcode: Text = ""
    bundle_type: Text = ""


class BundleLine(Wire):
    """`BundleLine`; its nested product is for messages alone."""

    id: Id
    product_id: Id
    component_id: Id
    quantity: Units


class StockLevel(Wire):
    """`StockLevel`. Only `incoming` may be null, which is none: nothing is due."""

    product_id: Id
    warehouse_id: Id
    in_stock: Units
    booked: Units
    available: Units
    incoming: Units | None


def warehouse(record: Any) -> tuple[int, RemoteWarehouse]:
    """A warehouse with its id. Raises `SumtrackerUnreadable`."""
    read = _read(Warehouse, record, "warehouse")
    return read.id, RemoteWarehouse(read.id, read.code, read.name, read.priority)


def product(record: Any) -> tuple[int, RemoteProduct]:
    """A product with its id. Raises `SumtrackerUnreadable`."""
    read = _read(Product, record, "product")
    values = (read.id, read.sku, read.name, read.variant_name, read.barcode, read.bundle_type)
    return read.id, RemoteProduct(*values)


def bundle_line(record: Any) -> tuple[int, RemoteBundleLine]:
    """A bundle line with its own id. Raises `SumtrackerUnreadable`, and `SumtrackerValueInvalid` for a quantity or a component that cannot be."""
    read = _read(BundleLine, record, "bundle line")
    if read.quantity < 1:
        raise SumtrackerValueInvalid(
            f"{_name(record, 'bundle line')}: the quantity in bundle {read.product_id} is {read.quantity}.",
            _CORRECT_IT,
        )
    if read.product_id == read.component_id:
        raise SumtrackerValueInvalid(
            f"{_name(record, 'bundle line')}: bundle {read.product_id} is its own component.", _CORRECT_IT
        )
    return read.id, RemoteBundleLine(read.product_id, read.component_id, read.quantity)


def level(record: Any, warehouse_id: int) -> tuple[int, RemoteLevel]:
    """A level with its product's id. Raises `SumtrackerUnreadable`, also for a level of another warehouse, and `SumtrackerValueInvalid`."""
    read = _read(StockLevel, record, "stock level")
    if read.warehouse_id != warehouse_id:
        raise SumtrackerUnreadable(
            f"{_name(record, 'stock level')}: asked for warehouse {warehouse_id}, Sumtracker answered with {read.warehouse_id}.",
            "Please report this.",
        )
    numbers = (read.in_stock, read.booked, read.available, read.incoming or 0)
    return read.product_id, RemoteLevel(read.product_id, read.warehouse_id, *numbers)


def _read(model: type[M], record: Any, kind: str) -> M:
    """`record` as `model`. Raises the error for its first field that does not fit, naming the record."""
    try:
        return model.model_validate(record)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(step) for step in first["loc"])
    if first["type"] == "units":
        raise SumtrackerValueInvalid(
            f"{_name(record, kind)}: {place.replace('_', ' ')} {first['msg']}.", _CORRECT_IT
        )
    raise SumtrackerUnreadable(
        f"{_name(record, kind)}: {place or 'the record'} is not what the API promises.",
        "Update supportdesk, or try again.",
    )


def _name(record: Any, kind: str) -> str:
    """How a person finds the record: the SKU, code or name of it or of the product in it; else its number."""
    named = record if isinstance(record, dict) else {}
    for inner in (named.get("component"), named.get("product"), named):
        for key in ("sku", "code", "name"):
            text = inner.get(key) if isinstance(inner, dict) else None
            if isinstance(text, str) and text.strip():
                return f"{kind.capitalize()} {text.encode('utf-8', 'replace').decode()[:80]}"
    for key in ("product_id", "id"):
        if type(named.get(key)) is int:
            return f"{kind.capitalize()} {'of product ' if key == 'product_id' else ''}{named[key]}"
    return f"A {kind}"
