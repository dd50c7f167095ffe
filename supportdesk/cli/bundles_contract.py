"""The JSON of bundles, as models. A field here is never renamed."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel

from supportdesk.core.bundles import Bundle, BundleAt, BundleChanged, BundleEffect, BundleLine


class BundleComponent(BaseModel):
    """One component of a bundle."""

    sku: str
    quantity: int


def _components(lines: Iterable[BundleLine]) -> list[BundleComponent]:
    return [BundleComponent(sku=line.sku, quantity=line.quantity) for line in lines]


class BundleWarehouse(BaseModel):
    """What one warehouse has of a bundle; null where a component was never counted there."""

    warehouse: str
    available: int | None
    limited_by: list[str]

    @classmethod
    def of(cls, place: BundleAt) -> BundleWarehouse:
        """The contract's form of one warehouse."""
        return cls(warehouse=place.code, available=place.available, limited_by=list(place.limited_by))


class BundleRow(BaseModel):
    """One element of `bundles`; `bundle` without a change."""

    sku: str
    name: str
    components: list[BundleComponent]
    warehouses: list[BundleWarehouse]

    @classmethod
    def of(cls, bundle: Bundle) -> BundleRow:
        """The contract's form of one bundle."""
        return cls(
            sku=bundle.sku,
            name=bundle.name,
            components=_components(bundle.lines),
            warehouses=[BundleWarehouse.of(place) for place in bundle.warehouses],
        )


class BundleEffectRow(BaseModel):
    """What a change did to what one warehouse has of the SKU."""

    warehouse: str
    before: int | None
    after: int | None
    limited_by: list[str]

    @classmethod
    def of(cls, effect: BundleEffect) -> BundleEffectRow:
        """The contract's form of one warehouse."""
        return cls(
            warehouse=effect.code,
            before=effect.before,
            after=effect.after,
            limited_by=list(effect.limited_by),
        )


class BundleChangedRow(BaseModel):
    """`bundle` with a change."""

    sku: str
    name: str
    before: list[BundleComponent]
    after: list[BundleComponent]
    warehouses: list[BundleEffectRow]
    notes: list[str]
    text: str

    @classmethod
    def of(cls, changed: BundleChanged) -> BundleChangedRow:
        """The contract's form of what came of a change."""
        return cls(
            sku=changed.sku,
            name=changed.name,
            before=_components(changed.before),
            after=_components(changed.after),
            warehouses=[BundleEffectRow.of(effect) for effect in changed.warehouses],
            notes=list(changed.notes),
            text=changed.text,
        )
