"""Bulk operations of one app in one shop."""

from __future__ import annotations

from typing import Any, Final

from supportdesk.sandbox.resolvers import Resolver
from supportdesk.sandbox.roots import Sorted

BULK_FIELDS: Final[dict[str, dict[str, Resolver]]] = {}
BULK_ROOTS: Final[dict[str, Resolver]] = {}
BULK_MUTATIONS: Final[dict[str, Resolver]] = {}


class BulkOperations:
    """One app's bulk operations in one shop."""

    def __init__(self) -> None:
        self.sorted = Sorted()

    def get(self, number: int) -> Any:
        """The operation of that number, None where there is none."""
        return None
