"""What a request carries while its fields are resolved: the shop, who asks, and what the reply must say besides data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import FieldNode, Node

from supportdesk.sandbox.access import App
from supportdesk.sandbox.faults import Fault, Kind
from supportdesk.sandbox.store import SandboxShop

if TYPE_CHECKING:
    from supportdesk.sandbox.bulk import BulkOperations


@dataclass(frozen=True, slots=True)
class Call:
    """One mutation of a request: what its resolver needs besides its arguments."""

    name: str
    key: str | None
    """The key of `@idempotent`; None where the directive is missing."""
    node: FieldNode
    """Where it stands in the document."""
    variables: tuple[Node, ...] = ()
    """The definitions of the variables its arguments come from."""


@dataclass(slots=True)
class Context:
    """One request's."""

    shop: SandboxShop
    app: App
    scopes: frozenset[str]
    bulk: BulkOperations
    base_url: str
    """Where the sandbox listens, without a slash at the end: bulk files are fetched there."""
    search: list[dict[str, Any]] = field(default_factory=list)
    """What goes into `extensions.search`: the searches that had a warning."""
    path: list[str | int] = field(default_factory=list)
    """The connection being resolved."""
    search_lag: float = 0.0
    """Seconds until a new or changed record is found by a search."""
    whole: bool = False
    """True inside a bulk operation, where connections have no pages."""
    call: Call | None = None
    """The mutation being carried out."""
    faults: Callable[[Kind], Fault | None] = lambda kind: None
    """The fault of a kind that strikes now, counted as used."""
    as_of: float | None = None
    """Seconds since 1970: quantities are read as they were then; None for now."""
