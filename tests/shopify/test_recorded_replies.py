"""Recorded replies of a live store, read as ours would be: each is data or one of our errors, and the busy ones are known as busy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest

from supportdesk.errors import ChangeRefused, StoreError
from supportdesk.shopify.answers import read_answer
from supportdesk.shopify.bulk import BulkCatalog
from supportdesk.shopify.document import Document
from supportdesk.shopify.exchange import Reply
from supportdesk.shopify.waiting import Trouble
from supportdesk.waiting import noted
from tests.shopify.replies import PretendStore, RecordingWatch, data

CAPTURES = Path(__file__).resolve().parents[3] / "shared" / "data" / "captures"
pytestmark = pytest.mark.skipif(not CAPTURES.exists(), reason="the recorded replies are not here")


def exchanges_of(content: Any) -> Iterator[dict[str, Any]]:
    """Every recorded request with its response, wherever it stands in the file."""
    if isinstance(content, dict):
        response = content.get("response")
        if isinstance(response, dict) and ({"data", "errors"} & response.keys()) and content.get("query"):
            yield content
        for value in content.values():
            yield from exchanges_of(value)
    elif isinstance(content, list):
        for value in content:
            yield from exchanges_of(value)


def recorded(pattern: str = "*.json") -> list[dict[str, Any]]:
    return [
        found
        for path in sorted(CAPTURES.glob(pattern))
        for found in exchanges_of(json.loads(path.read_bytes()))
    ]


def test_every_recorded_reply_is_data_or_an_error_of_ours() -> None:
    outcomes: dict[str, int] = {}
    for one in recorded():
        kind: Literal["query", "mutation"] = "mutation" if "mutation" in one["query"] else "query"
        document = Document("recorded", "Recorded", kind, one["query"])
        try:
            answer = read_answer(one["response"], document, Reply(200, {}, b"", 0.1), "a.myshopify.com")
        except (StoreError, Trouble) as error:
            outcomes[type(error).__name__] = outcomes.get(type(error).__name__, 0) + 1
        else:
            outcomes["data"] = outcomes.get("data", 0) + 1
            assert answer.data == one["response"]["data"]
            assert not one["response"].get("errors") or kind == "mutation"
    assert outcomes["data"] > 10
    assert outcomes["ChangeRefused"] > 10


def test_the_recorded_sixth_operation_is_known_as_no_free_place() -> None:
    busy = [
        one["response"]
        for one in recorded("bulk-operation-run-query-concurrency-limit.json")
        if (one["response"].get("data", {}).get("bulkOperationRunQuery") or {}).get("userErrors")
    ]
    assert busy
    for response in busy:
        store = PretendStore().on("BulkOperations", data({"bulkOperations": {"nodes": []}}))
        store.on("BulkRun", httpx.Response(200, json=response))
        with pytest.raises(ChangeRefused) as caught:
            store.client().execute("bulk_run", {"query": "{"})
        assert caught.value.user_errors[0].code == "OPERATION_IN_PROGRESS"
        assert BulkCatalog(store.client())._run(noted(RecordingWatch())) is None
