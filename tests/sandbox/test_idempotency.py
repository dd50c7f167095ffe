"""Idempotency keys: once a key, told again, refused for other parameters, in progress, burnt, forgotten after a day."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from supportdesk.sandbox.access import App
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.faults import Fault
from supportdesk.sandbox.server import create_app, running
from tests.sandbox.documents import ADJUST, SET, adjust, codes, item, place, put, row
from tests.shops import DEPOT, MAIN, InProcess, small_shop


@pytest.fixture
def api() -> InProcess:
    return InProcess(small_shop())


def available(api: InProcess) -> int:
    api.shop.catch_up()
    return api.shop.items[2001].levels[MAIN.id].available


def ask(api: InProcess, delta: int = 1, key: str = "key-1") -> dict[str, Any]:
    given = {"name": "available", "reason": "other", "changes": [row(1, MAIN, delta=delta)]}
    return api.ask(ADJUST, input=given, key=key)


def test_a_key_is_carried_out_once(api: InProcess) -> None:
    first = adjust(api, row(1, MAIN, delta=1))
    assert adjust(api, row(1, MAIN, delta=1)) == first
    assert available(api) == 6
    adjust(api, row(1, MAIN, delta=1), key="key-2")
    assert available(api) == 7


def test_other_parameters_with_the_same_key(api: InProcess) -> None:
    adjust(api, row(1, MAIN, delta=1))
    assert adjust(api, row(1, MAIN, delta=2)) == {
        "inventoryAdjustmentGroup": None,
        "userErrors": [
            {
                "field": None,
                "message": "The same idempotency key cannot be used with different operation parameters.",
                "code": "IDEMPOTENCY_KEY_PARAMETER_MISMATCH",
            }
        ],
    }
    assert available(api) == 6


def test_a_key_counts_for_its_mutation_and_its_app_alone(api: InProcess) -> None:
    adjust(api, row(1, MAIN, delta=1))
    assert codes(put(api, row(1, MAIN, quantity=9))) == []
    assert available(api) == 9
    other = App.derived_for("small-shop", 1, "Another app")
    api.shop.apps.append(other)
    api.headers = {"x-shopify-access-token": other.static_token}
    assert codes(adjust(api, row(1, MAIN, delta=4))) == []
    assert available(api) == 13


@pytest.mark.parametrize(("seconds", "found"), [(24 * 3600 - 1, 6), (24 * 3600, 7)])
def test_a_key_is_forgotten_after_a_day(api: InProcess, seconds: float, found: int) -> None:
    adjust(api, row(1, MAIN, delta=1))
    api.shop.clock.advance(seconds)
    adjust(api, row(1, MAIN, delta=1))
    assert available(api) == found
    assert len(api.shop.memory.attempts) == 1


@pytest.mark.parametrize("document", [ADJUST, SET])
def test_the_directive_is_required(api: InProcess, document: str) -> None:
    name = "inventoryAdjustQuantities" if document is ADJUST else "inventorySetQuantities"
    field = "changes" if document is ADJUST else "quantities"
    bare = document.replace("@idempotent(key:$key)", "").replace(",$key:String!", "")
    reply = api.ask(bare, input={"name": "available", "reason": "other", field: []})
    assert reply["errors"] == [
        {
            "message": "The @idempotent directive is required for this mutation but was not provided.",
            "locations": reply["errors"][0]["locations"],
            "path": [name],
            "extensions": {"code": "BAD_REQUEST"},
        }
    ]
    assert reply["data"] == {name: None}


def test_a_blank_key_is_none(api: InProcess) -> None:
    assert ask(api, key=" ")["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


def test_a_key_may_stand_in_the_document(api: InProcess) -> None:
    document = ADJUST.replace("$key)", '"literal")').replace(",$key:String!", "")
    given = {"name": "available", "reason": "other", "changes": [row(1, MAIN, delta=1)]}
    for _ in range(2):
        api.data(document, input=given)
    assert available(api) == 6


def test_user_errors_are_told_again_with_their_key(api: InProcess) -> None:
    first = adjust(api, row(1, MAIN, delta=1, changeFromQuantity=4))
    adjust(api, row(1, MAIN, delta=-1), key="other")
    assert adjust(api, row(1, MAIN, delta=1, changeFromQuantity=4)) == first
    assert available(api) == 4


def test_or_burn_it(api: InProcess) -> None:
    api.faults.add(Fault("errors_burn_keys"))
    assert codes(adjust(api, row(1, MAIN, delta=1, changeFromQuantity=4))) == ["CHANGE_FROM_QUANTITY_STALE"]
    payload = adjust(api, row(1, MAIN, delta=1, changeFromQuantity=4))
    assert payload["userErrors"] == [
        {
            "field": None,
            "message": "A previous request with this idempotency key failed. Retry with a new idempotency key.",
            "code": "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED",
        }
    ]


# --- faults around the moment of writing ---------------------------------------------------------------------------


def test_an_attempt_that_failed_inside_writes_nothing_and_burns_its_key(api: InProcess) -> None:
    api.faults.add(Fault("attempt_failed"))
    reply = ask(api)
    assert reply["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert reply["data"] == {"inventoryAdjustQuantities": None}
    assert codes(adjust(api, row(1, MAIN, delta=1), reason="other")) == [
        "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"
    ]
    assert available(api) == 5
    adjust(api, row(1, MAIN, delta=1), key="key-2")
    assert available(api) == 6


def test_a_late_commit_is_in_progress_and_then_done(api: InProcess) -> None:
    api.faults.add(Fault("late_commit", wait=5))
    assert ask(api)["errors"][0]["extensions"]["code"] == "TIMEOUT"
    assert available(api) == 5
    (error,) = adjust(api, row(1, MAIN, delta=1), reason="other")["userErrors"]
    assert (error["code"], error["message"]) == (
        "IDEMPOTENCY_CONCURRENT_REQUEST",
        "This request is currently in progress, please try again.",
    )
    api.shop.clock.advance(5)
    assert available(api) == 6
    assert codes(adjust(api, row(1, MAIN, delta=1), reason="other")) == []
    assert available(api) == 6


@pytest.mark.parametrize("kind", ["internal_error", "timeout", "bad_gateway"])
@pytest.mark.parametrize("after", [False, True])
def test_faults_before_and_after_the_write(api: InProcess, kind: Any, after: bool) -> None:
    api.faults.add(Fault(kind, after=after))
    given = {"name": "available", "reason": "other", "changes": [row(1, MAIN, delta=1)]}
    answer = api.post(ADJUST, {"input": given, "key": "key-1"})
    assert answer.status_code == (502 if kind == "bad_gateway" else 200)
    if kind != "bad_gateway":
        assert "data" not in answer.json()
        code = {"internal_error": "INTERNAL_SERVER_ERROR", "timeout": "TIMEOUT"}[kind]
        assert answer.json()["errors"][0]["extensions"]["code"] == code
    assert available(api) == 5 + after
    assert "errors" not in ask(api)
    assert available(api) == 6


@pytest.mark.parametrize(("fault", "written"), [(Fault("dropped"), 1), (Fault("dropped_before"), 0)])
def test_a_connection_that_ends_before_or_after_the_write(fault: Fault, written: int) -> None:
    shop = small_shop(clock=Clock(running=False))
    app = create_app([shop])
    app.state.service.faults.add(fault)
    given = {"name": "available", "reason": "other", "changes": [row(1, MAIN, delta=1)]}
    body = {"query": ADJUST, "variables": {"input": given, "key": "key-1"}}
    headers = {"x-shopify-access-token": shop.token}
    with running(app) as url, httpx.Client(headers=headers, trust_env=False) as client:
        address = f"{url}/admin/api/2026-10/graphql.json"
        with pytest.raises(httpx.RemoteProtocolError):
            client.post(address, json=body)
        assert shop.items[2001].levels[MAIN.id].available == 5 + written
        assert client.post(address, json=body).json()["data"]["inventoryAdjustQuantities"]["userErrors"] == []
    assert shop.items[2001].levels[MAIN.id].available == 6


def test_a_key_is_carried_out_once_whoever_comes_first() -> None:
    shop = small_shop(clock=Clock(running=False))
    given = {"name": "available", "reason": "other", "changes": [row(1, MAIN, delta=1)]}
    body = {"query": ADJUST, "variables": {"input": given, "key": "key-1"}}
    headers = {"x-shopify-access-token": shop.token}
    with running(create_app([shop])) as url, httpx.Client(headers=headers, trust_env=False) as client:
        address = f"{url}/admin/api/2026-10/graphql.json"
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda _: client.post(address, json=body).json()["data"], range(24)))
    assert all(reply == replies[0] for reply in replies)
    assert replies[0]["inventoryAdjustQuantities"]["userErrors"] == []
    assert shop.items[2001].levels[MAIN.id].available == 6


def test_activation_has_errors_without_a_code(api: InProcess) -> None:
    document = (
        "mutation($item:ID!,$at:ID!,$available:Int){inventoryActivate(inventoryItemId:$item,locationId:$at,"
        'available:$available)@idempotent(key:"a"){inventoryLevel{id} userErrors{field message}}}'
    )
    asked = {"item": item(3), "at": place(DEPOT)}
    assert api.data(document, **asked, available=2)["inventoryActivate"]["userErrors"] == []
    (error,) = api.data(document, **asked, available=3)["inventoryActivate"]["userErrors"]
    assert "different operation parameters" in error["message"]
