from __future__ import annotations

import contextlib
import threading
from typing import Any

import httpx
import pytest

from supportdesk.errors import (
    AnswerUnreadable,
    Cancelled,
    ChangeRefused,
    QueryRefused,
    ScopeMissing,
    SearchIgnored,
    ShopMissing,
    StoreBusy,
    StoreError,
    StoreUnreachable,
    TokenRefused,
    VersionMismatch,
)
from supportdesk.shopify.exchange import Exchange
from supportdesk.shopify.waiting import TRIES, Trouble
from supportdesk.waiting import noted
from tests.shopify.replies import (
    SHOP,
    TOKEN,
    Clock,
    PretendStore,
    RecordingWatch,
    body_of,
    cost,
    data,
    errors,
    throttled,
)

COUNT = {"productVariantsCount": {"count": 3, "precision": "EXACT"}}
BAD_TOKEN = httpx.Response(401, json={"errors": "[API] Invalid API key or access token"})


def internal(request_id: str = "abc-1") -> httpx.Response:
    extensions = {"code": "INTERNAL_SERVER_ERROR", "requestId": request_id}
    return errors({"message": "Internal error.", "extensions": extensions})


def test_a_document_is_sent_with_its_name_variables_and_the_token() -> None:
    store = PretendStore().on("ItemLevels", data({"inventoryItem": None}))
    answer = store.client().ask("item_levels", {"item": "gid://shopify/InventoryItem/1", "after": None})
    (request,) = store.requests
    assert str(request.url) == "https://kestrel-outdoor.myshopify.com/admin/api/2026-10/graphql.json"
    assert request.headers["X-Shopify-Access-Token"] == TOKEN
    assert request.headers["Content-Type"] == "application/json"
    body = body_of(request)
    assert body["operationName"] == "ItemLevels"
    assert body["variables"] == {"item": "gid://shopify/InventoryItem/1", "after": None}
    assert "query ItemLevels" in body["query"]
    assert answer.data == {"inventoryItem": None}
    assert answer.version == "2026-10"


def test_the_answer_tells_the_stores_clock() -> None:
    reply = httpx.Response(200, headers={"Date": "Fri, 20 Nov 2026 12:00:00 GMT"}, json={"data": COUNT})
    answer = PretendStore().on("ListingCount", reply).client().ask("listing_count")
    assert answer.unix_date == 1795176000
    assert answer.version == ""


FINAL: list[tuple[str, httpx.Response, type[StoreError], str]] = [
    ("bad token, errors as text", BAD_TOKEN, TokenRefused, "Invalid API key"),
    ("forbidden", httpx.Response(403, json={"errors": "Forbidden"}), TokenRefused, "Forbidden"),
    ("frozen", httpx.Response(402, json={"errors": "Unavailable Shop"}), ShopMissing, "frozen"),
    ("no such shop", httpx.Response(404, json={"errors": "Not Found"}), ShopMissing, "no shop"),
    ("no such shop, HTML", httpx.Response(404, html="<html>gone</html>"), ShopMissing, "no shop"),
    ("locked", httpx.Response(423, json={"errors": "Locked"}), ShopMissing, "locked"),
    (
        "malformed",
        httpx.Response(400, json={"errors": {"query": "required"}}),
        QueryRefused,
        "query: required",
    ),
    (
        "sent on",
        httpx.Response(301, headers={"Location": "https://other.myshopify.com/x"}),
        ShopMissing,
        "other.myshopify.com",
    ),
    ("a login page", httpx.Response(200, html="<html>Sign in</html>"), AnswerUnreadable, "web page"),
    ("neither data nor errors", httpx.Response(200, json={"data": None}), AnswerUnreadable, "neither"),
    (
        "another version",
        httpx.Response(200, headers={"X-Shopify-API-Version": "2027-01"}, json={"data": COUNT}),
        VersionMismatch,
        "2027-01",
    ),
    (
        "too dear",
        errors(
            {
                "message": "Query cost is 1723, which exceeds the single query max cost limit (1000).",
                "extensions": {"code": "MAX_COST_EXCEEDED", "cost": 1723},
            }
        ),
        QueryRefused,
        "1723",
    ),
    (
        "unknown field",
        errors(
            {"message": "Field 'x' doesn't exist on type 'Shop'", "extensions": {"code": "undefinedField"}}
        ),
        QueryRefused,
        "undefinedField",
    ),
    (
        "errors as an object",
        httpx.Response(200, json={"errors": {"query": "is bad"}}),
        QueryRefused,
        "is bad",
    ),
    ("errors as text", httpx.Response(200, json={"errors": "no"}), QueryRefused, "no"),
    (
        "a filter ignored",
        data(
            COUNT,
            search=[
                {
                    "path": ["productVariants"],
                    "query": "idd:>1",
                    "warnings": [{"field": "idd", "message": "Invalid search field for this query."}],
                }
            ],
        ),
        SearchIgnored,
        "Invalid search field",
    ),
]


@pytest.mark.parametrize(
    ("reply", "expected", "said"), [case[1:] for case in FINAL], ids=[case[0] for case in FINAL]
)
def test_what_will_not_pass_is_told_at_once(
    reply: httpx.Response, expected: type[StoreError], said: str
) -> None:
    store, watch = PretendStore().on("ListingCount", reply), RecordingWatch()
    with pytest.raises(expected) as caught:
        store.client().execute("listing_count", watch=watch)
    assert type(caught.value) is expected
    assert said in caught.value.detail
    assert len(store.requests) == 1
    assert watch.waits == []


def test_a_missing_scope_is_named_although_the_rest_was_answered() -> None:
    denied = {
        "message": "Access denied for shop field. Required access: `read_locations` access scope. Also: more.",
        "path": ["shop"],
        "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "`read_locations` access scope."},
    }
    store = PretendStore().on("Shop", errors(denied, content={"shop": None, "currentAppInstallation": {}}))
    with pytest.raises(ScopeMissing) as caught:
        store.client().execute("shop")
    assert caught.value.scopes == ("read_locations",)
    assert "read_locations" in caught.value.next_step


def test_a_change_that_was_made_stays_made_when_a_field_of_its_answer_is_denied() -> None:
    denied = {"message": "Access denied", "extensions": {"code": "ACCESS_DENIED"}}
    done: dict[str, Any] = {"bulkOperationCancel": {"bulkOperation": None, "userErrors": []}}
    store = PretendStore().on("BulkCancel", errors(denied, content=done))
    assert store.client().execute("bulk_cancel", {"id": "x"}) == done
    store.on("BulkCancel", errors(denied, content={"bulkOperationCancel": None}))
    with pytest.raises(ScopeMissing):
        store.client().execute("bulk_cancel", {"id": "x"})


def test_user_errors_are_a_refused_change() -> None:
    entries = [
        {"field": ["input", "quantities", "0"], "message": "No.", "code": "INVALID"},
        {"message": "Nor."},
    ]
    store = PretendStore().on(
        "BulkRun", data({"bulkOperationRunQuery": {"bulkOperation": None, "userErrors": entries}})
    )
    with pytest.raises(ChangeRefused) as caught:
        store.client().execute("bulk_run", {"query": "{"})
    assert caught.value.user_errors[0] == (("input", "quantities", "0"), "No.", "INVALID")
    assert caught.value.user_errors[1] == ((), "Nor.", "")


PASSING: list[tuple[str, Any]] = [
    ("502 with HTML", httpx.Response(502, html="<html>Bad gateway</html>")),
    ("503", httpx.Response(503)),
    ("internal error", internal()),
    ("time-out inside", errors({"message": "Timeout"})),
    ("half a body", httpx.Response(200, content=b'{"data":{"productVari')),
    ("no connection", httpx.ConnectError("refused")),
    ("no answer", httpx.ReadTimeout("slow")),
    ("dropped", httpx.RemoteProtocolError("peer closed connection")),
    ("slow down", httpx.Response(429)),
    ("security", httpx.Response(430)),
]


@pytest.mark.parametrize("trouble", [case[1] for case in PASSING], ids=[case[0] for case in PASSING])
def test_what_may_pass_is_tried_again_for_a_query(trouble: Any) -> None:
    store, watch = PretendStore().on("ListingCount", trouble, trouble, data(COUNT)), RecordingWatch()
    assert store.client().execute("listing_count", watch=watch) == COUNT
    assert len(store.requests) == 3
    assert len(watch.notes) == len(watch.waits) == 2
    assert 1 <= watch.waits[0] <= 2
    assert 2 <= watch.waits[1] <= 3


@pytest.mark.parametrize("trouble", [case[1] for case in PASSING], ids=[case[0] for case in PASSING])
def test_patience_ends(trouble: Any) -> None:
    store, watch = PretendStore().on("ListingCount", trouble), RecordingWatch()
    with pytest.raises((StoreUnreachable, StoreBusy, AnswerUnreadable)) as caught:
        store.client().execute("listing_count", watch=watch)
    assert len(store.requests) == TRIES
    assert sum(watch.waits) < 40
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert caught.value.next_step


UNKNOWN_OUTCOME = {
    "502 with HTML",
    "503",
    "internal error",
    "time-out inside",
    "half a body",
    "no answer",
    "dropped",
}


@pytest.mark.parametrize(("name", "trouble"), PASSING, ids=[case[0] for case in PASSING])
def test_a_change_is_not_sent_twice_where_it_may_have_been_made(name: str, trouble: Any) -> None:
    done: dict[str, Any] = {"bulkOperationRunQuery": {"bulkOperation": None, "userErrors": []}}
    store = PretendStore().on("BulkRun", trouble, data(done))
    client, watch = store.client(), RecordingWatch()
    if name in UNKNOWN_OUTCOME:
        with pytest.raises(StoreError):
            client.execute("bulk_run", {"query": "{"}, watch)
        assert len(store.requests) == 1
    else:
        assert client.execute("bulk_run", {"query": "{"}, watch) == done
        assert len(store.requests) == 2
        assert store.requests[0].content == store.requests[1].content


def test_an_internal_error_names_the_request_for_shopifys_support() -> None:
    store = PretendStore().on("ListingCount", internal("req-77"))
    with pytest.raises(StoreUnreachable, match="req-77"):
        store.client().execute("listing_count", watch=RecordingWatch())


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [("7", 7, 7), ("0", 0.5, 0.5), ("soon", 1, 2), ("Fri, 20 Nov 2020 12:00:00 GMT", 0.5, 0.5)],
)
def test_retry_after_is_kept_to(header: str, low: float, high: float) -> None:
    busy = httpx.Response(429, headers={"Retry-After": header})
    store, watch = PretendStore().on("ListingCount", busy, data(COUNT)), RecordingWatch()
    store.client().execute("listing_count", watch=watch)
    assert low <= watch.waits[0] <= high


def test_a_store_that_asks_for_an_hour_is_too_busy() -> None:
    busy = httpx.Response(429, headers={"Retry-After": "3600"})
    store, watch = PretendStore().on("ListingCount", busy), RecordingWatch()
    with pytest.raises(StoreBusy):
        store.client().execute("listing_count", watch=watch)
    assert watch.waits == []


def test_being_throttled_is_waited_out_however_often() -> None:
    clock = Clock()
    store, watch = PretendStore().on("ListingCount", *[throttled()] * 40, data(COUNT)), RecordingWatch(clock)
    assert store.client(clock).execute("listing_count", watch=watch) == COUNT
    assert len(store.requests) == 41
    # (507 − 7) / 100, each time.
    assert all(5.0 <= seconds <= 5.25 for seconds in watch.waits)
    assert len(watch.waits) == 40
    assert set(watch.notes) == {"The store asks us to wait 5 s"}


def test_a_document_is_held_back_until_the_bucket_covers_it() -> None:
    clock = Clock()
    store = PretendStore().on(
        "ListingCount", data(COUNT, cost=cost(requested=200, available=50)), data(COUNT)
    )
    watch, client = RecordingWatch(clock), store.client(clock)
    client.execute("listing_count", watch=watch)
    assert watch.waits == []
    client.execute("listing_count", watch=watch)
    assert watch.waits == pytest.approx([1.5])


def test_a_note_stands_beside_the_work_it_delays() -> None:
    clock = Clock()
    store, watch = PretendStore().on("ListingCount", throttled(), data(COUNT)), RecordingWatch(clock)
    notes = noted(watch)
    notes.report("Reading listings", 500, 1200, unit="listings")
    store.client(clock).execute("listing_count", watch=notes)
    assert watch.reports[-1] == ("Reading listings", 500, 1200, "listings")
    assert watch.notes == ["The store asks us to wait 5 s"]


def test_a_person_can_stop_it_while_it_waits() -> None:
    clock = Clock()
    store, watch = PretendStore().on("ListingCount", throttled()), RecordingWatch(clock, cancel_after_waits=2)
    with pytest.raises(Cancelled):
        store.client(clock).execute("listing_count", watch=watch)
    assert len(store.requests) == 2


def test_a_person_can_stop_it_while_the_store_says_nothing() -> None:
    arrived, release = threading.Event(), threading.Event()
    watch = RecordingWatch()

    def hang(request: httpx.Request) -> httpx.Response:
        watch.cancelled = True
        arrived.set()
        release.wait(30)
        return data(COUNT)

    store = PretendStore().on("ListingCount", hang)
    try:
        with pytest.raises(Cancelled):
            store.client().execute("listing_count", watch=watch)
        assert arrived.is_set()
    finally:
        release.set()


def test_an_answer_that_trickles_is_given_up() -> None:
    clock = Clock()

    class Trickle(httpx.SyncByteStream):
        def __iter__(self) -> Any:
            while True:
                clock.seconds += 7
                yield b" "

    def slow(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Trickle())

    store, watch = PretendStore().on("ListingCount", slow, slow, data(COUNT)), RecordingWatch()
    assert store.client(clock).execute("listing_count", watch=watch) == COUNT
    assert len(watch.waits) == 2


def test_a_certificate_nobody_trusts_is_told_at_once() -> None:
    failure = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
    store = PretendStore().on("ListingCount", failure)
    with pytest.raises(StoreUnreachable, match="certificate"):
        store.client().execute("listing_count", watch=RecordingWatch())
    assert len(store.requests) == 1


@pytest.mark.parametrize(
    ("host", "next_step"),
    [
        ("kestrel-outdoor.myshopify.com", "Check the network and the shop's handle, then try again."),
        ("127.0.0.1", "Check the network, then try again."),
    ],
)
def test_a_host_that_is_not_there_may_be_a_handle_that_is_wrong(host: str, next_step: str) -> None:
    def nobody(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no such host")

    exchange = Exchange(transport=httpx.MockTransport(nobody))
    with contextlib.closing(exchange), pytest.raises(Trouble) as caught:
        exchange.post(f"https://{host}/", b"{}", {})
    assert caught.value.error.detail == f"No connection to {host}."
    assert isinstance(caught.value.error, StoreUnreachable)
    assert caught.value.error.next_step == next_step


def test_half_a_surrogate_pair_in_a_title_does_not_spoil_the_page() -> None:
    text = b'{"data":{"shop":{"name":"a\\ud800b","x":"\xff"}}}'
    reply = httpx.Response(200, content=text)
    answer = PretendStore().on("Shop", reply).client().execute("shop")
    assert answer == {"shop": {"name": "a?b", "x": "\ufffd"}}


def test_facts_of_the_shop_come_in_one_request() -> None:
    store = PretendStore().on("Shop", data(SHOP))
    shop = store.store().shop()
    assert (shop.handle, shop.name, shop.timezone) == ("kestrel-outdoor", "Kestrel Outdoor", "Europe/Berlin")
    assert (shop.currency, shop.plan, shop.api_version) == ("EUR", "Grow", "2026-10")
    assert shop.scopes == {"read_products", "write_inventory", "read_locations"}
    assert store.store().check_connection() == shop
    assert store.names() == ["Shop", "Shop"]


def test_a_token_that_cannot_load_is_told_what_it_lacks() -> None:
    scopes = {"currentAppInstallation": {"accessScopes": [{"handle": "read_products"}]}}
    store = PretendStore().on("Shop", data({**SHOP, **scopes}))
    with pytest.raises(ScopeMissing) as caught:
        store.store().check_connection()
    assert caught.value.scopes == ("read_inventory", "read_locations")
    assert "read_products,read_inventory,read_locations" in caught.value.next_step


def test_a_field_of_another_shape_is_named() -> None:
    store = PretendStore().on("Shop", data({**SHOP, "shop": {**SHOP["shop"], "name": None}}))
    with pytest.raises(AnswerUnreadable, match=r"shop\.name") as caught:
        store.store().shop()
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALL_PROXY", "socks5://user:hunter2@proxy.example:1080"),
        ("HTTPS_PROXY", "gopher://user:hunter2@proxy.example"),
        ("SSL_CERT_FILE", "no-such-file.pem"),
    ],
)
def test_an_environment_that_cannot_be_used_is_told(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(StoreUnreachable, match=name) as caught:
        Exchange()
    assert "hunter2" not in str(caught.value)
    Exchange(through_proxy=False).close()
