"""What an adjustment is sent as, and what is known after each kind of answer (PROTOCOL §2)."""

from __future__ import annotations

import httpx
import pytest

from supportdesk.core.looks import MOST_ROWS, AdjustAnswer, Change, RefusedRow
from supportdesk.errors import ScopeMissing, ShopMissing, TokenRefused
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.faults import Fault
from supportdesk.shopify.address import API_VERSION
from tests.shopify.in_process import Asked
from tests.shopify.replies import PretendStore, RecordingWatch, body_of, data, errors, throttled
from tests.shops import DEPOT, MAIN, small_shop

ROWS = [Change(2001, 101, 3), Change(2002, 101, -2)]
REFERENCE = "gid://supportdesk/Cycle/7"
BEFORE, LATER = 1_795_424_400, 1_795_424_405
DATES = {BEFORE: "Mon, 23 Nov 2026 09:00:00 GMT", LATER: "Mon, 23 Nov 2026 09:00:05 GMT"}
DONE = data(
    {"inventoryAdjustQuantities": {"inventoryAdjustmentGroup": {"id": "gid://a/b/1"}, "userErrors": []}}
)


def said(*codes: str | None, field: list[str] | None = None) -> httpx.Response:
    found = [{"field": field, "message": f"No: {code}", "code": code} for code in codes]
    return data({"inventoryAdjustQuantities": {"inventoryAdjustmentGroup": None, "userErrors": found}})


def at(reply: httpx.Response, second: int = LATER) -> httpx.Response:
    return httpx.Response(
        reply.status_code, headers={**reply.headers, "Date": DATES[second]}, content=reply.content
    )


def answered(*replies: httpx.Response | Exception) -> tuple[AdjustAnswer, PretendStore, RecordingWatch]:
    pretend = PretendStore().on("Clock", at(data({"shop": {"id": "gid://shopify/Shop/1"}}), BEFORE))
    pretend.on("Adjust", *replies)
    watch = RecordingWatch()
    return pretend.store().adjust(ROWS, "key-1", REFERENCE, watch), pretend, watch


def test_what_is_sent() -> None:
    answer, pretend, _ = answered(at(DONE))
    assert answer == AdjustAnswer("done", LATER, 0.0)
    body = body_of(pretend.requests[-1])
    assert "@idempotent(key: $key)" in body["query"]
    assert body["variables"] == {
        "key": "key-1",
        "input": {
            "name": "available",
            "reason": "correction",
            "referenceDocumentUri": REFERENCE,
            "changes": [
                {
                    "inventoryItemId": f"gid://shopify/InventoryItem/{item}",
                    "locationId": "gid://shopify/Location/101",
                    "delta": delta,
                    "changeFromQuantity": None,
                }
                for item, delta in ((2001, 3), (2002, -2))
            ],
        },
    }


def test_equal_arguments_are_equal_bytes_and_the_clock_is_asked_once() -> None:
    pretend = PretendStore().on("Clock", at(data({"shop": {"id": "gid://shopify/Shop/1"}}), BEFORE))
    pretend.on("Adjust", at(DONE))
    store = pretend.store()
    for _ in range(2):
        store.adjust(list(ROWS), "key-1", REFERENCE, RecordingWatch())
    assert pretend.names() == ["Clock", "Adjust", "Adjust"]
    assert pretend.requests[1].content == pretend.requests[2].content


REFUSED = (
    "INVALID_INVENTORY_ITEM", "INVALID_LOCATION", "NON_MUTABLE_INVENTORY_ITEM", "INVALID_QUANTITY_TOO_HIGH",
    "INVALID_QUANTITY_TOO_LOW", "INVALID_REASON", "INVALID_REFERENCE_DOCUMENT", "CHANGE_FROM_QUANTITY_STALE",
    "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED",
)  # fmt: skip
UNKNOWN = (
    "IDEMPOTENCY_CONCURRENT_REQUEST", "IDEMPOTENCY_KEY_PARAMETER_MISMATCH", "ADJUST_QUANTITIES_FAILED",
    "SERVICE_UNAVAILABLE", "SOMETHING_NEW", None,
)  # fmt: skip


@pytest.mark.parametrize("code", REFUSED)
def test_codes_that_say_nothing_was_written(code: str) -> None:
    answer, pretend, watch = answered(at(said(code)))
    assert (answer.outcome, answer.date) == ("refused", LATER)
    assert answer.refused == (RefusedRow(None, code, f"No: {code}"),)
    assert (pretend.names().count("Adjust"), watch.waits) == (1, [])


@pytest.mark.parametrize("code", UNKNOWN)
def test_any_other_code_leaves_it_open(code: str | None) -> None:
    assert answered(at(said(code)))[0].outcome == "unknown"
    assert answered(at(said("INVALID_LOCATION", code)))[0].outcome == "unknown"


@pytest.mark.parametrize(
    ("field", "position"),
    [
        (["input", "changes", "1", "inventoryItemId"], 1),
        (["input", "changes", "0", "delta"], 0),
        (["input", "changes", "2", "delta"], None),
        (["input", "changes"], None),
        (["input", "changes", "x"], None),
        (["input", "reason"], None),
        (None, None),
    ],
)
def test_which_row_is_meant(field: list[str] | None, position: int | None) -> None:
    answer, _, _ = answered(said("INVALID_INVENTORY_ITEM", field=field))
    assert [row.position for row in answer.refused] == [position]


def internal(code: str) -> httpx.Response:
    return errors({"message": "Oh.", "extensions": {"code": code}})


@pytest.mark.parametrize(
    ("reply", "date"),
    [
        (at(internal("INTERNAL_SERVER_ERROR")), LATER),
        (at(internal("TIMEOUT")), LATER),
        (at(internal("BAD_REQUEST")), LATER),
        (at(internal("MAX_COST_EXCEEDED")), LATER),
        (at(throttled()), LATER),
        (throttled(), BEFORE),
        (at(httpx.Response(502, html="<html>Bad gateway</html>")), LATER),
        (httpx.Response(503), BEFORE),
        (at(httpx.Response(429, headers={"Retry-After": "2"})), LATER),
        (at(httpx.Response(430)), LATER),
        (at(httpx.Response(400, json={"errors": "no"})), LATER),
        (at(httpx.Response(200, html="<html>Log in</html>")), LATER),
        (at(httpx.Response(200, text='{"data": {"inventoryAd')), LATER),
        (at(data({"inventoryAdjustQuantities": None})), LATER),
        (at(data({})), LATER),
        (at(httpx.Response(200, headers={"X-Shopify-API-Version": "2027-01"}, json={"data": {}})), LATER),
        (httpx.ReadTimeout("slow"), BEFORE),
        (httpx.RemoteProtocolError("broke off"), BEFORE),
        (httpx.ConnectError("nobody there"), BEFORE),
    ],
    ids=str,
)  # fmt: skip
def test_what_leaves_it_open_is_told_at_once_with_the_last_second_known(
    reply: httpx.Response | Exception, date: int
) -> None:
    answer, pretend, watch = answered(reply, at(DONE))
    assert (answer.outcome, answer.date, answer.refused) == ("unknown", date, ())
    assert (pretend.names().count("Adjust"), watch.waits) == (1, [])


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (httpx.Response(401, json={"errors": "no"}), TokenRefused),
        (httpx.Response(403), TokenRefused),
        (httpx.Response(402), ShopMissing),
        (errors({"message": "Access denied.", "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "`write_inventory`"}}), ScopeMissing),
    ],
)  # fmt: skip
def test_what_will_not_pass_is_raised(reply: httpx.Response, error: type[Exception]) -> None:
    with pytest.raises(error):
        answered(reply)


@pytest.mark.parametrize(
    "rows",
    [[], [Change(item, 101, 1) for item in range(MOST_ROWS + 1)], [Change(1, 2, 3), Change(1, 2, 4)]],
    ids=["none", "251", "twice"],
)
def test_rows_that_cannot_be_sent(rows: list[Change]) -> None:
    pretend = PretendStore()
    with pytest.raises(ValueError, match="1 to 250 rows"):
        pretend.store().adjust(rows, "key-1", REFERENCE, RecordingWatch())
    assert pretend.requests == []


# On the sandbox: whatever was told, the number moves once and the same key finds it out.


def asked() -> Asked:
    return Asked(small_shop(clock=Clock(running=False)))


def available(one: Asked, item: int = 2001, place: int = MAIN.id) -> int:
    return one.shop.items[item].levels[place].available


@pytest.mark.parametrize(
    ("fault", "written"),
    [
        (Fault("internal_error", after=True), True),
        (Fault("internal_error"), False),
        (Fault("bad_gateway", after=True), True),
        (Fault("bad_gateway"), False),
        (Fault("timeout", after=True), True),
        (Fault("timeout"), False),
        (Fault("throttled"), False),
        (Fault("too_many_requests", wait=2), False),
        (Fault("html"), None),
        (Fault("late_commit", wait=4), False),
    ],
    ids=lambda value: f"{value.kind}-{value.after}" if isinstance(value, Fault) else "",
)
def test_the_same_key_writes_once(fault: Fault, written: bool | None) -> None:
    one = asked()
    one.engine.clock(one.watch)
    one.api.faults.add(fault)
    first = one.engine.adjust(ROWS, "key-1", REFERENCE, one.watch)
    assert first.outcome == "unknown"
    assert written is None or available(one) == (8 if written else 5)
    one.shop.clock.advance(6)
    second = one.engine.adjust(ROWS, "key-1", REFERENCE, one.watch)
    assert (second.outcome, second.date) == ("done", one.now)
    assert available(one) == 8
    sent = [
        request.content for request, name in zip(one.requests, one.names(), strict=True) if name == "Adjust"
    ]
    assert len(sent) == 2
    assert sent[0] == sent[1]
    (move, _) = [each for each in one.shop.journal if each.actor == "app"]
    assert move.reference == REFERENCE


def test_a_write_that_is_carried_out_later_is_open_until_then() -> None:
    one = asked()
    one.api.faults.add(Fault("late_commit", wait=4, operation="inventoryAdjust"))
    outcomes = []
    for _ in range(4):
        outcomes.append(one.engine.adjust(ROWS, "key-1", REFERENCE, one.watch).outcome)
        one.shop.clock.advance(2)
    assert outcomes == ["unknown", "unknown", "done", "done"]
    assert available(one) == 8


def test_a_burnt_key_is_refused_and_another_parameter_is_not_known() -> None:
    one = asked()
    one.api.faults.add(Fault("attempt_failed", operation="inventoryAdjust"))
    outcomes = [one.engine.adjust(ROWS, "key-1", REFERENCE, one.watch) for _ in range(2)]
    assert [answer.outcome for answer in outcomes] == ["unknown", "refused"]
    assert [row.code for row in outcomes[1].refused] == ["IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"]
    assert one.engine.adjust(ROWS, "key-2", REFERENCE, one.watch).outcome == "done"
    other = one.engine.adjust(ROWS[:1], "key-2", REFERENCE, one.watch)
    assert (other.outcome, available(one)) == ("unknown", 8)


def test_bad_rows_are_named_and_nothing_is_written() -> None:
    one = asked()
    one.shop.locations[DEPOT.id].active = False
    rows = [Change(2001, MAIN.id, 3), Change(9999, MAIN.id, 1), Change(2001, DEPOT.id, 1)]
    answer = one.engine.adjust(rows, "key-1", REFERENCE, one.watch)
    assert answer.outcome == "refused"
    assert [(row.position, row.code) for row in answer.refused] == [
        (1, "INVALID_INVENTORY_ITEM"),
        (2, "INVALID_LOCATION"),
    ]
    assert available(one) == 5


def test_no_difference_at_all_is_done() -> None:
    one = asked()
    assert one.engine.adjust([Change(2001, MAIN.id, 0)], "key-1", REFERENCE, one.watch).outcome == "done"


def test_a_lost_scope_is_raised() -> None:
    one = asked()
    one.api.faults.add(Fault("scope_lost", scope="write_inventory"))
    with pytest.raises(ScopeMissing, match="write_inventory"):
        one.engine.adjust(ROWS, "key-1", REFERENCE, one.watch)


def test_the_version_is_ours() -> None:
    assert asked().client.address.graphql_url.endswith(f"{API_VERSION}/graphql.json")
