"""The JSON of warehouses and connections, as models. A field here is never renamed."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from supportdesk.core.connections import ConnectionsView, Evidence, Finding, LocationLine, Warehouse


class WarehouseLine(BaseModel):
    """One element of `warehouses`."""

    id: int
    code: str
    name: str
    address: str
    city: str
    country: str
    priority: int
    units: int
    skus: int

    @classmethod
    def of(cls, warehouse: Warehouse) -> WarehouseLine:
        """The contract's form of one warehouse."""
        return cls(**{name: getattr(warehouse, name) for name in cls.model_fields})


class EvidenceLine(BaseModel):
    """How well a warehouse fits a location."""

    warehouse_id: int
    warehouse: str
    name_likeness: float
    skus_location: int
    skus_shared: int
    agreeing: int
    score: float

    @classmethod
    def of(cls, evidence: Evidence, codes: dict[int, str]) -> EvidenceLine:
        """The contract's form of `evidence`; `codes` are those of the warehouses by id."""
        return cls(
            warehouse_id=evidence.warehouse_id,
            warehouse=codes.get(evidence.warehouse_id, ""),
            name_likeness=round(evidence.name_likeness, 4),
            skus_location=evidence.skus_location,
            skus_shared=evidence.skus_shared,
            agreeing=evidence.agreeing,
            score=round(evidence.score, 4),
        )


class OtherLine(BaseModel):
    """Another location on the same warehouse."""

    channel: str
    location_id: int
    location: str
    master: Literal["sumtracker", "shopify"]


class ConnectionLine(BaseModel):
    """One location of `connections`."""

    location_id: int
    location: str
    active: bool
    service: str
    service_manages_stock: bool
    listings: int
    units: int
    state: Literal["linked", "unlinked", "undecided"]
    """`unlinked` was said; of an `undecided` location nothing was."""
    warehouse_id: int | None
    warehouse: str | None
    """Code."""
    master: Literal["sumtracker", "shopify"] | None
    counts: Literal["this", "other", "sum"] | None
    revision: int
    """Of what was said of it, 0 for nothing: what `link --seen` takes."""
    others: list[OtherLine]
    evidence: EvidenceLine | None
    suggested: EvidenceLine | None

    @classmethod
    def of(cls, line: LocationLine, codes: dict[int, str]) -> ConnectionLine:
        """The contract's form of one location."""
        connection = line.connection
        warehouse = connection.warehouse if connection else None
        return cls(
            location_id=line.location.id,
            location=line.location.name,
            active=line.location.active,
            service=line.location.service,
            service_manages_stock=line.location.service_manages_stock,
            listings=line.listings,
            units=line.units,
            state="linked" if warehouse else "unlinked" if connection else "undecided",
            warehouse_id=warehouse.id if warehouse else None,
            warehouse=warehouse.code if warehouse else None,
            master=connection.master if connection else None,
            counts=connection.counts if connection else None,
            revision=connection.revision if connection else 0,
            others=[
                OtherLine(
                    channel=other.channel,
                    location_id=other.location_id,
                    location=other.location,
                    master=other.master,
                )
                for other in line.others
            ],
            evidence=EvidenceLine.of(line.evidence, codes) if line.evidence else None,
            suggested=EvidenceLine.of(line.suggested, codes) if line.suggested else None,
        )


class FindingLine(BaseModel):
    """One finding of `connections`."""

    id: str
    text: str
    location_ids: list[int]

    @classmethod
    def of(cls, finding: Finding) -> FindingLine:
        """The contract's form of one finding."""
        return cls(id=finding.id, text=finding.text, location_ids=list(finding.location_ids))


class Connections(BaseModel):
    """`connections`, and what `link` and `unlink` leave."""

    locations: list[ConnectionLine]
    findings: list[FindingLine]

    @classmethod
    def of(cls, view: ConnectionsView) -> Connections:
        """The contract's form of the whole tab."""
        codes = {warehouse.id: warehouse.code for warehouse in view.warehouses}
        return cls(
            locations=[ConnectionLine.of(line, codes) for line in view.lines],
            findings=[FindingLine.of(finding) for finding in view.findings],
        )
