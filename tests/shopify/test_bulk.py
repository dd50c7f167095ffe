from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from supportdesk.core.catalog import CatalogBatch
from supportdesk.errors import BulkOperationFailed, Cancelled, ScopeMissing, StoreError, StoreUnreachable
from supportdesk.shopify.bulk import SLOT_WAIT
from supportdesk.shopify.document import document_text
from tests.shopify.replies import Clock, PretendStore, RecordingWatch, data

QUERY = document_text("bulk_catalog")
OURS = "gid://shopify/BulkOperation/1"
OTHER = "gid://shopify/BulkOperation/2"
FILE = "https://storage.googleapis.com/bulk/file.jsonl"
LINES = (
    b'{"id":"gid:\\/\\/shopify\\/ProductVariant\\/1","sku":"KO-1","barcode":null,"inventoryPolicy":"DENY",'
    b'"requiresComponents":false,"selectedOptions":[{"value":"Red"}],"product":{"id":"gid:\\/\\/shopify\\/Product\\/3",'
    b'"handle":"tent","title":"Tent","status":"ACTIVE","isGiftCard":false},'
    b'"inventoryItem":{"id":"gid:\\/\\/shopify\\/InventoryItem\\/9","tracked":true}}\n'
    b'{"id":"gid:\\/\\/shopify\\/InventoryLevel\\/5?inventory_item_id=9","isActive":true,'
    b'"location":{"id":"gid:\\/\\/shopify\\/Location\\/11"},"item":{"id":"gid:\\/\\/shopify\\/InventoryItem\\/9"},'
    b'"quantities":[{"name":"available","quantity":4},{"name":"committed","quantity":1},'
    b'{"name":"on_hand","quantity":5},{"name":"incoming","quantity":0}],'
    b'"__parentId":"gid:\\/\\/shopify\\/ProductVariant\\/1"}\n'
)


def operation(status: str, **fields: Any) -> dict[str, Any]:
    ended = status in {"COMPLETED", "FAILED", "CANCELED", "EXPIRED"}
    completed = status == "COMPLETED"
    return {
        "id": OURS,
        "status": status,
        "errorCode": None,
        "createdAt": "2026-11-20T12:00:00Z",
        "completedAt": "2026-11-20T12:10:00Z" if ended else None,
        "objectCount": "2" if completed else "0",
        "rootObjectCount": "1" if completed else "0",
        "fileSize": str(len(LINES)) if completed else None,
        "url": FILE if completed else None,
        "query": QUERY,
        **fields,
    }


def running(*nodes: dict[str, Any]) -> httpx.Response:
    return data({"bulkOperations": {"nodes": list(nodes)}})


def started(found: dict[str, Any] | None, *user_errors: dict[str, Any]) -> httpx.Response:
    return data({"bulkOperationRunQuery": {"bulkOperation": found, "userErrors": list(user_errors)}})


def seen(found: dict[str, Any] | None, at: str = "12:11:00") -> httpx.Response:
    reply = data({"bulkOperation": found})
    reply.headers["Date"] = f"Fri, 20 Nov 2026 {at} GMT"
    return reply


def pretend_store() -> PretendStore:
    return (
        PretendStore()
        .on("BulkOperations", running())
        .on("BulkRun", started(operation("CREATED")))
        .on("BulkOperation", seen(operation("RUNNING", objectCount="1")), seen(operation("COMPLETED")))
        .on("BulkCancel", data({"bulkOperationCancel": {"bulkOperation": None, "userErrors": []}}))
        .on("/bulk/file.jsonl", httpx.Response(200, content=LINES))
    )


class Load:
    """One load, with all that can be seen of it."""

    def __init__(self, store: PretendStore, tmp_path: Path, watch: RecordingWatch | None = None) -> None:
        self.store = store
        self.spool = tmp_path / "spool" / "catalog.jsonl"
        self.clock = Clock(0.0)
        self.watch = watch or RecordingWatch(self.clock)
        self.watch.clock = self.clock
        self.heard: list[str] = []

    def run(self, adopt: str | None = None) -> list[CatalogBatch]:
        batches = self.store.store(self.clock).bulk_catalog(
            self.spool, adopt=adopt, on_operation=self.heard.append, watch=self.watch
        )
        return list(batches)

    def asked(self) -> list[str]:
        return self.store.names()


def test_an_operation_is_run_polled_downloaded_and_read(tmp_path: Path) -> None:
    load = Load(pretend_store(), tmp_path)
    (batch,) = load.run()
    assert [row.sku for row in batch.listings] == ["KO-1"]
    assert [(row.item_id, row.location_id, row.available) for row in batch.levels] == [(9, 11, 4)]
    assert load.heard == [OURS]
    assert load.asked() == [
        "BulkOperations",
        "BulkRun",
        "BulkOperation",
        "BulkOperation",
        "/bulk/file.jsonl",
    ]
    assert load.store.variables("BulkRun") == [{"query": QUERY}]
    assert ("The store prepares its export", 1, None, "listings") in load.watch.reports
    assert load.watch.reports[-1] == ("Downloading the store's export", 1, 1, "MB")
    assert not load.spool.exists()


def test_the_download_host_gets_no_token(tmp_path: Path) -> None:
    load = Load(pretend_store(), tmp_path)
    load.run()
    request = load.store.requests[-1]
    assert request.url.host == "storage.googleapis.com"
    assert "X-Shopify-Access-Token" not in request.headers
    assert request.headers["Accept-Encoding"] == "identity"


def test_looks_grow_apart_up_to_half_a_minute(tmp_path: Path) -> None:
    store = pretend_store().on(
        "BulkOperation", *[seen(operation("RUNNING"))] * 15, seen(operation("COMPLETED"))
    )
    load = Load(store, tmp_path)
    load.run()
    waits = load.watch.waits
    assert waits[:4] == pytest.approx([1.0, 1.0, 1.5, 2.25])
    assert waits[-1] == 30.0
    assert waits == sorted(waits)


def test_an_empty_store_has_no_file(tmp_path: Path) -> None:
    done = operation("COMPLETED", url=None, fileSize=None, objectCount="0", rootObjectCount="0")
    load = Load(pretend_store().on("BulkOperation", seen(done)), tmp_path)
    assert load.run() == []
    assert load.asked()[-1] == "BulkOperation"


@pytest.mark.parametrize(
    ("fields", "expected", "said"),
    [
        ({"status": "FAILED", "errorCode": "TIMEOUT"}, BulkOperationFailed, "too long"),
        ({"status": "FAILED", "errorCode": "INTERNAL_SERVER_ERROR"}, BulkOperationFailed, "Shopify's own"),
        ({"status": "FAILED", "errorCode": None}, BulkOperationFailed, "no reason"),
        ({"status": "FAILED", "errorCode": "ACCESS_DENIED"}, ScopeMissing, "may not read"),
        ({"status": "CANCELED"}, BulkOperationFailed, "cancelled"),
        ({"status": "EXPIRED"}, BulkOperationFailed, "expired"),
        ({"status": "SLEEPING"}, BulkOperationFailed, "SLEEPING"),
        # What there is of a failed one is no snapshot (`reference/shopify.md` §4).
        ({"status": "FAILED", "errorCode": "TIMEOUT", "url": FILE}, BulkOperationFailed, "too long"),
    ],
)
def test_an_operation_that_ends_badly(
    fields: dict[str, Any], expected: type[StoreError], said: str, tmp_path: Path
) -> None:
    load = Load(pretend_store().on("BulkOperation", seen(operation(**fields))), tmp_path)
    with pytest.raises(expected, match=said):
        load.run()
    assert "/bulk/file.jsonl" not in load.asked()


def test_an_operation_being_cancelled_is_waited_for(tmp_path: Path) -> None:
    store = pretend_store().on("BulkOperation", seen(operation("CANCELING")), seen(operation("CANCELED")))
    with pytest.raises(BulkOperationFailed, match="cancelled"):
        Load(store, tmp_path).run()


def test_an_operation_the_store_forgot(tmp_path: Path) -> None:
    with pytest.raises(BulkOperationFailed, match="no longer knows"):
        Load(pretend_store().on("BulkOperation", seen(None)), tmp_path).run()


def test_a_refused_query_is_told(tmp_path: Path) -> None:
    refusal = {
        "field": ["query"],
        "message": "Bulk queries must contain at least one connection.",
        "code": "INVALID",
    }
    with pytest.raises(BulkOperationFailed, match="at least one connection"):
        Load(pretend_store().on("BulkRun", started(None, refusal)), tmp_path).run()


# Taking over


def test_our_own_running_operation_is_taken_over_by_its_id(tmp_path: Path) -> None:
    load = Load(pretend_store(), tmp_path)
    assert len(load.run(adopt=OURS)) == 1
    assert load.heard == [OURS]
    assert "BulkRun" not in load.asked()


def test_a_running_operation_with_the_same_query_is_taken_over(tmp_path: Path) -> None:
    nodes = [
        operation(
            "RUNNING", id="gid://shopify/BulkOperation/8", query="{ products { edges { node { id } } } }"
        ),
        operation("COMPLETED", id="gid://shopify/BulkOperation/7"),
        operation("RUNNING", id=OTHER, query="\n " + " ".join(QUERY.split())),
    ]
    load = Load(pretend_store().on("BulkOperations", running(*nodes)), tmp_path)
    load.run()
    assert load.heard == [OTHER]
    assert "BulkRun" not in load.asked()


def test_a_finished_one_of_ours_is_read_again_within_the_hour(tmp_path: Path) -> None:
    load = Load(pretend_store().on("BulkOperation", seen(operation("COMPLETED"), at="13:09:59")), tmp_path)
    assert len(load.run(adopt=OURS)) == 1
    assert load.asked() == ["BulkOperation", "/bulk/file.jsonl"]


@pytest.mark.parametrize(
    "earlier",
    [
        None,
        operation("FAILED"),
        operation("EXPIRED"),
        operation("CANCELED"),
        operation("COMPLETED", query="{ products { edges { node { id } } } }"),
        operation("RUNNING", query="{ products { edges { node { id } } } }"),
        operation("COMPLETED", completedAt="2026-11-20T11:11:00Z"),
    ],
)
def test_what_is_of_no_more_use_is_not_taken_over(earlier: dict[str, Any] | None, tmp_path: Path) -> None:
    store = pretend_store()
    store.on("BulkOperation", seen(earlier), seen(operation("COMPLETED", id=OTHER)))
    store.on("BulkRun", started(operation("CREATED", id=OTHER)))
    load = Load(store, tmp_path)
    assert len(load.run(adopt=OURS)) == 1
    assert load.heard == [OTHER]


@pytest.mark.parametrize("code", ["OPERATION_IN_PROGRESS", "LIMIT_REACHED"])
def test_a_free_place_is_waited_for(code: str, tmp_path: Path) -> None:
    busy = started(
        None, {"field": None, "message": "A bulk query operation is already in progress.", "code": code}
    )
    load = Load(pretend_store().on("BulkRun", busy, busy, started(operation("CREATED"))), tmp_path)
    assert len(load.run()) == 1
    assert load.watch.waits[:2] == [SLOT_WAIT, SLOT_WAIT]
    assert "five places" in load.watch.notes[0]


def test_waiting_for_a_place_can_be_stopped(tmp_path: Path) -> None:
    busy = started(None, {"field": None, "message": "Busy.", "code": "LIMIT_REACHED"})
    load = Load(pretend_store().on("BulkRun", busy), tmp_path, RecordingWatch(cancel_after_waits=3))
    with pytest.raises(Cancelled):
        load.run()
    assert "BulkCancel" not in load.asked()
    assert load.heard == []


def test_one_that_was_started_although_no_answer_came_is_found(tmp_path: Path) -> None:
    store = pretend_store().on("BulkRun", httpx.ReadTimeout("slow"))
    store.on("BulkOperations", running(), running(operation("CREATED")))
    load = Load(store, tmp_path)
    assert len(load.run()) == 1
    assert load.asked().count("BulkRun") == 1
    assert load.heard == [OURS]


def test_one_that_was_not_started_is_told(tmp_path: Path) -> None:
    load = Load(pretend_store().on("BulkRun", httpx.ReadTimeout("slow")), tmp_path)
    with pytest.raises(StoreUnreachable):
        load.run()


# Stopping


@pytest.mark.parametrize("adopt", [None, OURS])
def test_a_person_who_stops_the_load_cancels_our_operation(adopt: str | None, tmp_path: Path) -> None:
    store = pretend_store().on("BulkOperation", seen(operation("RUNNING")))
    load = Load(store, tmp_path, RecordingWatch(cancel_after_waits=3))
    with pytest.raises(Cancelled):
        load.run(adopt)
    assert load.asked()[-1] == "BulkCancel"
    assert store.variables("BulkCancel") == [{"id": OURS}]


def test_somebody_elses_operation_is_not_cancelled(tmp_path: Path) -> None:
    store = pretend_store().on("BulkOperation", seen(operation("RUNNING", id=OTHER)))
    store.on("BulkOperations", running(operation("RUNNING", id=OTHER)))
    load = Load(store, tmp_path, RecordingWatch(cancel_after_waits=3))
    with pytest.raises(Cancelled):
        load.run()
    assert "BulkCancel" not in load.asked()


@pytest.mark.parametrize("reply", [httpx.ConnectError("gone"), httpx.Response(503)])
def test_a_store_that_does_not_hear_of_it_does_not_hold_the_person_up(
    reply: httpx.Response | Exception, tmp_path: Path
) -> None:
    store = pretend_store().on("BulkOperation", seen(operation("RUNNING"))).on("BulkCancel", reply)
    load = Load(store, tmp_path, RecordingWatch(cancel_after_waits=1))
    with pytest.raises(Cancelled):
        load.run()
    assert load.asked().count("BulkCancel") == 1
    assert len(load.watch.waits) == 1


def test_stopping_while_rows_are_read_leaves_no_file(tmp_path: Path) -> None:
    load = Load(pretend_store(), tmp_path)
    batches = load.store.store(load.clock).bulk_catalog(
        load.spool, adopt=None, on_operation=load.heard.append, watch=load.watch
    )
    next(iter(batches))
    assert load.spool.exists()
    batches.close()  # type: ignore[attr-defined]
    assert not load.spool.exists()


def test_a_file_whose_size_was_not_told_is_counted(tmp_path: Path) -> None:
    done = operation("COMPLETED", fileSize=None, rootObjectCount="2")
    with pytest.raises(BulkOperationFailed, match="1 of 2"):
        Load(pretend_store().on("BulkOperation", seen(done)), tmp_path).run()
