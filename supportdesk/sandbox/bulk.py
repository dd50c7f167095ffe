"""Bulk operations of one app in one shop: asked for, watched, cancelled, and their files. Times are the injected clock's."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from supportdesk.sandbox.access import derived
from supportdesk.sandbox.bulk_rows import Counts, ScopeLacking, roots_of, write_file
from supportdesk.sandbox.bulk_rules import refusals
from supportdesk.sandbox.clock import Clock, stamp
from supportdesk.sandbox.context import Context
from supportdesk.sandbox.fields import Arguments, Resolver, searched, want
from supportdesk.sandbox.gid import gid
from supportdesk.sandbox.paging import Connection, Ordered, page
from supportdesk.sandbox.roots import Sorted
from supportdesk.sandbox.search import Filter

SLOTS: Final = 5
"""Operations of one kind that may run at once for an app and shop (2026-01 and later)."""
KEPT_SECONDS: Final = 7 * 24 * 3600
"""How long a finished file can be fetched."""
_OPEN: Final = frozenset({"CREATED", "RUNNING", "CANCELING"})


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take, in seconds on the sandbox's clock."""

    created: float = 0.3
    """From the request until it runs."""
    running: float = 1.2
    """From then until the file is there."""
    canceling: float = 0.5


@dataclass(slots=True)
class BulkOperation:
    """One bulk query."""

    number: int
    query: str
    grouped: bool
    created: float
    status: str = "CREATED"
    error_code: str | None = None
    fails_with: str | None = None
    """The error code it is going to fail with, on demand."""
    partial: bool = False
    """Whether a failed one leaves half its file."""
    canceled: float = 0.0
    completed: float | None = None
    object_count: int = 0
    root_object_count: int = 0
    size: int | None = None
    path: Path | None = None

    @property
    def id(self) -> str:
        """Its global id."""
        return gid("BulkOperation", self.number)

    @property
    def open(self) -> bool:
        """Whether it still takes a slot."""
        return self.status in _OPEN


@dataclass(slots=True)
class BulkOperations:
    """One app's bulk operations in one shop, oldest first."""

    clock: Clock
    directory: Callable[[], Path]
    """Where files go; asked for only when one is written."""
    label: str
    pace: Pace = field(default_factory=Pace)
    next_failure: Callable[[], tuple[str, bool] | None] = lambda: None
    """Asked for each new operation: the error code it shall fail with and whether half a file stays, or None."""
    operations: dict[int, BulkOperation] = field(default_factory=dict)
    sorted: Sorted = field(default_factory=Sorted)

    def get(self, number: int) -> BulkOperation | None:
        """The operation of that number, None where there is none."""
        return self.operations.get(number)

    def signature(self, operation: BulkOperation) -> str:
        """What a file's address must end in."""
        return derived(self.label, "bulk file", str(operation.number))

    def start(self, context: Context, query: str, grouped: bool) -> BulkOperation | str:
        """A new operation, or the message that says why not now."""
        for operation in self.operations.values():
            self.refresh(operation, context)
        busy = [operation.id for operation in self.operations.values() if operation.open]
        if len(busy) >= SLOTS:
            return f"A bulk query operation for this app and shop is already in progress: {', '.join(busy)}."
        failure = self.next_failure()
        operation = BulkOperation(
            context.shop.new_id("BulkOperation"),
            query,
            grouped,
            self.clock.seconds(),
            fails_with=failure[0] if failure else None,
            partial=bool(failure and failure[1]),
        )
        self.operations[operation.number] = operation
        return operation

    def cancel(self, operation: BulkOperation) -> bool:
        """Begin to cancel; False where it is over already."""
        if not operation.open:
            return False
        if operation.status != "CANCELING":
            operation.status, operation.canceled = "CANCELING", self.clock.seconds()
        return True

    def refresh(self, operation: BulkOperation, context: Context) -> BulkOperation:
        """Bring an operation to where it must be by now."""
        now = self.clock.seconds()
        if operation.status == "CANCELING" and now >= operation.canceled + self.pace.canceling:
            operation.status = "CANCELED"
        runs = operation.created + self.pace.created
        ends = runs + self.pace.running
        if operation.status == "CREATED" and now >= runs:
            operation.status = "RUNNING"
        if operation.status == "RUNNING":
            if now >= ends:
                self._finish(operation, context, ends)
            else:
                # A rough count to draw a bar with; the true one comes with the file.
                share = (now - runs) / (ends - runs)
                operation.object_count = operation.root_object_count = int(
                    context.shop.listing_count() * share
                )
        if operation.status == "COMPLETED" and now >= (operation.completed or 0) + KEPT_SECONDS:
            operation.status = "EXPIRED"
            if operation.path is not None:
                operation.path.unlink(missing_ok=True)
        return operation

    def _finish(self, operation: BulkOperation, context: Context, when: float) -> None:
        inner = replace(context, search=[], whole=True)
        path = self.directory() / f"{self.label}-{operation.number}.jsonl"
        try:
            roots = roots_of(operation.query, inner)
        except ScopeLacking:
            operation.status, operation.error_code = "FAILED", "ACCESS_DENIED"
            operation.object_count = operation.root_object_count = 0
            return
        with path.open("wb") as stream:
            counts = write_file(
                stream, roots, grouped=operation.grouped, seed=f"{self.label} {operation.number}"
            )
        if operation.fails_with is not None:
            self._fail(operation, path, counts)
            return
        operation.status, operation.completed = "COMPLETED", when
        operation.object_count, operation.root_object_count = counts.objects, counts.roots
        if counts.objects:
            operation.size, operation.path = counts.size, path
        else:
            path.unlink()

    def _fail(self, operation: BulkOperation, path: Path, counts: Counts) -> None:
        operation.status, operation.error_code = "FAILED", operation.fails_with
        operation.object_count, operation.root_object_count = counts.objects // 2, counts.roots // 2
        if not operation.partial:
            path.unlink()
            return
        with path.open("rb+") as stream:
            for _ in range(operation.object_count):
                stream.readline()
            stream.truncate(stream.tell())
        operation.path = path


# --- the schema's fields -------------------------------------------------------------------------------------------


def _when(seconds: float | None) -> str | None:
    return None if seconds is None else stamp(datetime.fromtimestamp(int(seconds), UTC))


def _address(operation: BulkOperation, context: Context) -> str | None:
    if operation.path is None or operation.status == "EXPIRED":
        return None
    place = f"{context.base_url}/bulk/{context.shop.handle}/{operation.number}"
    return f"{place}/{context.bulk.signature(operation)}.jsonl"


_FILTERS: Final = {
    "created_at": Filter("date", lambda operation: _when(operation.created)),
    "id": Filter("number", lambda operation: operation.number),
    "operation_type": Filter("exact", lambda operation: "QUERY"),
    "status": Filter("exact", lambda operation: operation.status),
}


def _current(root: Any, context: Context, arguments: Arguments) -> BulkOperation | None:
    if arguments.get("type", "QUERY") != "QUERY" or not context.bulk.operations:
        return None
    return context.bulk.refresh(context.bulk.operations[max(context.bulk.operations)], context)


def _by_id(root: Any, context: Context, arguments: Arguments) -> BulkOperation | None:
    operation = context.bulk.get(want(arguments["id"], "BulkOperation").number)
    return context.bulk.refresh(operation, context) if operation else None


def _all(root: Any, context: Context, arguments: Arguments) -> Connection:
    search = searched(context, arguments, _FILTERS)
    operations = [context.bulk.refresh(one, context) for one in context.bulk.operations.values()]
    finished = arguments.get("sortKey") == "COMPLETED_AT"
    placed = sorted(
        operations, key=lambda one: (_when(one.completed if finished else one.created) or "", one.number)
    )
    keys = [(_when(one.completed if finished else one.created) or "", one.number) for one in placed]
    # The newest come first unless the order is reversed.
    window = {**arguments, "reverse": not arguments.get("reverse")}
    return page(Ordered(keys, placed.__getitem__), window, search.matches if search else None)


def _run(root: Any, context: Context, arguments: Arguments) -> dict[str, Any]:
    errors = [
        {"field": ["query"], "message": said, "code": "INVALID"} for said in refusals(arguments["query"])
    ]
    if errors:
        return {"bulkOperation": None, "userErrors": errors}
    started = context.bulk.start(context, arguments["query"], bool(arguments.get("groupObjects")))
    if isinstance(started, str):
        busy = {"field": None, "message": started, "code": "OPERATION_IN_PROGRESS"}
        return {"bulkOperation": None, "userErrors": [busy]}
    return {"bulkOperation": started, "userErrors": []}


def _cancel(root: Any, context: Context, arguments: Arguments) -> dict[str, Any]:
    operation = context.bulk.get(want(arguments["id"], "BulkOperation").number)
    if operation is None:
        error = {"field": ["id"], "message": "Bulk operation does not exist"}
        return {"bulkOperation": None, "userErrors": [error]}
    context.bulk.refresh(operation, context)
    errors = []
    if not context.bulk.cancel(operation):
        state = re.sub("_", " ", operation.status.lower())
        message = f"A bulk operation cannot be canceled when it is {state}"
        errors.append({"field": None, "message": message})
    return {"bulkOperation": operation, "userErrors": errors}


BULK_FIELDS: Final[dict[str, dict[str, Resolver]]] = {
    "BulkOperation": {
        "status": lambda operation, context, arguments: operation.status,
        "type": lambda operation, context, arguments: "QUERY",
        "errorCode": lambda operation, context, arguments: operation.error_code,
        "createdAt": lambda operation, context, arguments: _when(operation.created),
        "completedAt": lambda operation, context, arguments: _when(operation.completed),
        "objectCount": lambda operation, context, arguments: operation.object_count,
        "rootObjectCount": lambda operation, context, arguments: operation.root_object_count,
        "fileSize": lambda operation, context, arguments: operation.size,
        "url": lambda operation, context, arguments: (
            _address(operation, context) if operation.status == "COMPLETED" else None
        ),
        "partialDataUrl": lambda operation, context, arguments: (
            _address(operation, context) if operation.status == "FAILED" else None
        ),
    }
}
BULK_ROOTS: Final[dict[str, Resolver]] = {
    "bulkOperation": _by_id,
    "bulkOperations": _all,
    "currentBulkOperation": _current,
}
BULK_MUTATIONS: Final[dict[str, Resolver]] = {
    "bulkOperationRunQuery": _run,
    "bulkOperationCancel": _cancel,
}
