"""The bulk operation that exports the catalogue: run, taken over, polled, cancelled. Its file is in `download`, its lines in `bulk_lines`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from supportdesk.core.progress import Unwatched
from supportdesk.errors import (
    BulkOperationFailed,
    Cancelled,
    ChangeRefused,
    ScopeMissing,
    StoreError,
    StoreUnreachable,
)
from supportdesk.shopify import wire
from supportdesk.shopify.client import AdminClient
from supportdesk.shopify.document import document_text
from supportdesk.waiting import NotedWatch

REUSED_FOR: Final = 3600.0
"""A finished operation of ours is read again instead of run again when it ended less than this many seconds ago."""
FIRST_POLL: Final = 1.0
LAST_POLL: Final = 30.0
"""Seconds between two looks at an operation: from the first to the last, each half as long again (`reference/shopify.md` §4)."""
SLOT_WAIT: Final = 10.0
"""Seconds between two looks for a free slot, of the five an app has in a shop."""
CANCEL_SECONDS: Final = 5.0
"""How long a person who stopped the load is kept for telling the store."""

_RUNNING: Final = frozenset({"CREATED", "RUNNING"})
_UNFINISHED: Final = _RUNNING | {"CANCELING"}
_SLOTS_TAKEN: Final = frozenset({"OPERATION_IN_PROGRESS", "LIMIT_REACHED"})
_PREPARING: Final = "The store prepares its export"
_TRY_AGAIN: Final = "Load again."


class _StopHearing(Unwatched):
    """For the last word to the store: nothing to wait for."""

    def wait(self, seconds: float) -> None:
        raise Cancelled("Nobody waits any more.")


class BulkCatalog:
    """The operation that exports every listing with its levels."""

    def __init__(self, client: AdminClient, listing_total: int | None = None) -> None:
        """`listing_total` is how many listings are expected, for telling how far the store is."""
        self._client = client
        self._listing_total = listing_total
        self._query = document_text("bulk_catalog")

    def finished(
        self, adopt: str | None, on_operation: Callable[[str], None], watch: NotedWatch
    ) -> wire.BulkOperation:
        """The completed operation; its `url` is None for an empty store.

        In this order: the operation `adopt` while it runs, or when it ended within `REUSED_FOR`; a running one with the same
        query, whoever of this app started it; a new one, once a slot is free. `on_operation` hears its id before it is polled.
        Stopped by a person, an operation of our own (new, or adopted by id) is cancelled in the store. Raises
        `BulkOperationFailed`, and what `errors` names.
        """
        watch.report(_PREPARING)
        found = self._adopted(adopt, watch) if adopt else None
        ours = True
        while found is None:
            found = self._running(watch)
            if found is not None:
                ours = False
            else:
                found = self._run(watch)
            if found is None:
                watch.note("Other exports of this app fill the store's five places; waiting for one")
                watch.wait(SLOT_WAIT)
        on_operation(found.id)
        try:
            ended = self._ended(found, watch)
        except Cancelled:
            if ours:
                self._cancel(found.id)
            raise
        return _completed(ended)

    def _adopted(self, operation_id: str, watch: NotedWatch) -> wire.BulkOperation | None:
        answer = self._client.ask("bulk_operation", {"id": operation_id}, watch)
        found = wire.read(wire.BulkOperationAnswer, answer.data).bulk_operation
        if found is None or not self._same_query(found):
            return None
        if found.status in _RUNNING:
            return found
        if found.status != "COMPLETED" or found.completed_at is None or answer.unix_date is None:
            return None
        # Both times are the store's own, so that this machine's clock does not matter.
        age = answer.unix_date - found.completed_at.timestamp()
        return found if age < REUSED_FOR else None

    def _running(self, watch: NotedWatch) -> wire.BulkOperation | None:
        page = wire.read(wire.BulkOperationsAnswer, self._client.execute("bulk_operations", watch=watch))
        for operation in page.bulk_operations.nodes:
            if operation.status in _RUNNING and self._same_query(operation):
                return operation
        return None

    def _run(self, watch: NotedWatch) -> wire.BulkOperation | None:
        """The operation started, or None while all slots are taken."""
        try:
            data = self._client.execute("bulk_run", {"query": self._query}, watch)
        except ChangeRefused as refusal:
            if any(error.code in _SLOTS_TAKEN for error in refusal.user_errors):
                return None
            raise BulkOperationFailed(
                f"The store does not take the query: {refusal.detail}", "Please report this."
            ) from None
        except StoreUnreachable:
            # Whether it was started is unknown; a running one says so.
            found = self._running(watch)
            if found is None:
                raise
            return found
        started = wire.read(wire.BulkRunAnswer, data).bulk_operation_run_query.bulk_operation
        if started is None:
            raise BulkOperationFailed("The store started nothing and gave no reason.", _TRY_AGAIN)
        return started

    def _ended(self, operation: wire.BulkOperation, watch: NotedWatch) -> wire.BulkOperation:
        from tenacity import Retrying, retry_if_result, wait_exponential

        def look() -> wire.BulkOperation:
            seen = self._look(operation.id, watch)
            if seen is None:
                raise BulkOperationFailed("The store no longer knows the operation.", _TRY_AGAIN)
            watch.report(_PREPARING, seen.root_object_count, self._listing_total, unit="listings")
            return seen

        if operation.status not in _UNFINISHED:
            return operation
        watch.wait(FIRST_POLL)
        polling = Retrying(
            retry=retry_if_result(lambda seen: seen.status in _UNFINISHED),
            wait=wait_exponential(multiplier=FIRST_POLL, exp_base=1.5, max=LAST_POLL),
            sleep=watch.wait,
        )
        return polling(look)

    def _look(self, operation_id: str, watch: NotedWatch) -> wire.BulkOperation | None:
        data = self._client.execute("bulk_operation", {"id": operation_id}, watch)
        return wire.read(wire.BulkOperationAnswer, data).bulk_operation

    def _cancel(self, operation_id: str) -> None:
        with suppress(StoreError, Cancelled):
            self._client.ask("bulk_cancel", {"id": operation_id}, _StopHearing(), seconds=CANCEL_SECONDS)

    def _same_query(self, operation: wire.BulkOperation) -> bool:
        return operation.query.split() == self._query.split()


def _completed(operation: wire.BulkOperation) -> wire.BulkOperation:
    match operation.status, operation.error_code:
        case "COMPLETED", _:
            return operation
        case "FAILED", "ACCESS_DENIED":
            raise ScopeMissing(
                "The token may not read all the export needs.", "Check the app's access scopes.", ()
            )
        case "FAILED", code:
            why = {"TIMEOUT": "it took too long", "INTERNAL_SERVER_ERROR": "a fault of Shopify's own"}
            raise BulkOperationFailed(
                f"It failed: {why.get(code or '', code or 'no reason given')}.", _TRY_AGAIN
            )
        case "EXPIRED", _:
            raise BulkOperationFailed("It expired before it was read.", _TRY_AGAIN)
        case "CANCELED" | "CANCELING", _:
            raise BulkOperationFailed("It was cancelled in the store.", _TRY_AGAIN)
        case status, _:
            raise BulkOperationFailed(f"It ended as {status}.", _TRY_AGAIN)
