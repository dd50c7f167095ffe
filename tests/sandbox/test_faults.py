"""Faults on demand: counted, timed, aimed; and what a client sees of each, over a real connection where it breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.faults import KINDS, LASTING, Fault, Faults
from supportdesk.sandbox.server import create_app, running
from tests.shops import InProcess, listing, small_shop

SHOP = "query Who{shop{name}}"
COUNT = "query Many{productVariantsCount{count}}"
RUN = 'mutation{bulkOperationRunQuery(query:"{productVariants{edges{node{id}}}}"){bulkOperation{id}}}'


@pytest.fixture
def api() -> InProcess:
    clock = Clock(running=False)
    return InProcess(small_shop("one", clock=clock), small_shop("two", clock=clock))


def status(api: InProcess, query: str = SHOP) -> int:
    code: int = api.post(query).status_code
    return code


# --- how often, how long, where ------------------------------------------------------------------------------------


def test_a_fault_happens_once_unless_told_otherwise(api: InProcess) -> None:
    api.faults.add(Fault("bad_gateway"))
    assert [status(api) for _ in range(3)] == [502, 200, 200]


def test_a_fault_for_some_requests(api: InProcess) -> None:
    api.faults.add(Fault("bad_gateway", times=2))
    assert [status(api) for _ in range(3)] == [502, 502, 200]


def test_a_fault_for_a_while(api: InProcess) -> None:
    api.faults.add(Fault("bad_gateway", seconds=10))
    assert [status(api) for _ in range(5)] == [502] * 5
    api.shop.clock.advance(10)
    assert status(api) == 200


def test_a_fault_for_some_requests_within_a_while(api: InProcess) -> None:
    api.faults.add(Fault("bad_gateway", times=2, seconds=10))
    assert status(api) == 502
    api.shop.clock.advance(11)
    assert status(api) == 200


def test_a_fault_in_one_shop(api: InProcess) -> None:
    api.faults.add(Fault("bad_gateway", shop="two"))
    assert status(api) == 200
    two = api.service.shops["two"]
    assert api.post(SHOP, headers={"x-shopify-access-token": two.token}).status_code == 502


def test_a_fault_aimed_at_an_operation(api: InProcess) -> None:
    api.faults.add(Fault("bad_gateway", operation="productVariantsCount"))
    assert status(api, SHOP) == 200
    assert status(api, COUNT) == 502


def test_faults_are_cleared(api: InProcess) -> None:
    for kind in KINDS:
        api.faults.add(Fault(kind, times=9, scope="read_products"))  # type: ignore[arg-type]
    assert len(api.faults.shown()) == len(KINDS)
    api.faults.clear()
    assert api.faults.shown() == []
    assert status(api) == 200


@pytest.mark.parametrize("kind", sorted(LASTING))
def test_lasting_faults_stay(kind: Any) -> None:
    faults = Faults(Clock(running=False))
    faults.add(Fault(kind, scope="read_products"))
    for _ in range(3):
        assert faults.strike(kind, "one")
    assert faults.shown()[0]["left"] is None


@pytest.mark.parametrize(
    "fault",
    [
        Fault("slow", times=0),
        Fault("slow", seconds=0),
        Fault("slow", wait=-1),
        Fault("dropped", after_bytes=-1),
        Fault("scope_lost"),
    ],
)
def test_numbers_that_make_no_sense(fault: Fault) -> None:
    with pytest.raises(ValueError, match=r"."):
        Faults(Clock(running=False)).add(fault)


# --- what each does ------------------------------------------------------------------------------------------------


def test_throttled(api: InProcess) -> None:
    api.faults.add(Fault("throttled"))
    reply = api.ask(COUNT)
    assert reply["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert reply["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 0
    # The points are really gone: what the reply says is how long it takes.
    assert "errors" in api.ask(COUNT)
    api.shop.clock.advance(0.11)
    assert "data" in api.ask(COUNT)


def test_too_many_requests(api: InProcess) -> None:
    api.faults.add(Fault("too_many_requests", wait=3.5))
    answer = api.post(SHOP)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3.5")
    assert isinstance(answer.json()["errors"], str)


@pytest.mark.parametrize(("kind", "code"), [("bad_gateway", 502), ("html", 200)])
def test_pages_of_html(api: InProcess, kind: Any, code: int) -> None:
    api.faults.add(Fault(kind))
    answer = api.post(SHOP)
    assert (answer.status_code, answer.headers["content-type"]) == (code, "text/html; charset=utf-8")
    assert answer.text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("after", [False, True])
def test_an_internal_error_before_or_after_the_request_was_carried_out(api: InProcess, after: bool) -> None:
    api.faults.add(Fault("internal_error", after=after))
    reply = api.ask(RUN)
    (error,) = reply["errors"]
    assert error["message"].startswith(
        "Internal error. Looks like something went wrong on our end.\nRequest ID: "
    )
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["extensions"]["requestId"] in error["message"]
    assert "data" not in reply
    assert len(api.data("{bulkOperations(first:5){nodes{id}}}")["bulkOperations"]["nodes"]) == after


def test_another_version_answers(api: InProcess) -> None:
    api.faults.add(Fault("fall_forward"))
    api.faults.add(Fault("fall_forward", version="2026-07"))
    assert [api.post(SHOP).headers["x-shopify-api-version"] for _ in range(3)] == [
        "2027-01",
        "2026-07",
        "2026-10",
    ]


def test_a_revoked_token_stays_refused_and_a_new_one_works(api: InProcess) -> None:
    api.shop.clock.advance(60)
    app = api.shop.app
    old = app.grant(api.shop.clock.seconds())
    api.faults.add(Fault("token_revoked", shop="one"))
    for token in (old, api.shop.token):
        assert api.post(SHOP, headers={"x-shopify-access-token": token}).status_code == 401
    two = api.service.shops["two"].token
    assert api.post(SHOP, headers={"x-shopify-access-token": two}).status_code == 200
    api.shop.clock.advance(1)
    new = app.grant(api.shop.clock.seconds())
    assert api.post(SHOP, headers={"x-shopify-access-token": new}).status_code == 200
    api.faults.clear()
    assert api.post(SHOP, headers={"x-shopify-access-token": old}).status_code == 200


def test_a_scope_is_lost(api: InProcess) -> None:
    api.faults.add(Fault("scope_lost", scope="read_products"))
    reply = api.ask(
        '{shop{name} product(id:"gid://shopify/Product/1001"){id} currentAppInstallation{accessScopes{handle}}}'
    )
    assert reply["data"]["product"] is None
    assert reply["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    handles = [one["handle"] for one in reply["data"]["currentAppInstallation"]["accessScopes"]]
    assert "read_products" not in handles
    assert "read_inventory" in handles


def test_the_search_index_lags(api: InProcess) -> None:
    api.shop.clock.advance(60)
    api.shop.add_listing(listing(9, "NEW-9"))
    query = '{productVariants(first:9,query:"sku:NEW-9"){nodes{id}}}'
    assert len(api.data(query)["productVariants"]["nodes"]) == 1
    api.faults.add(Fault("search_lag", wait=4))
    assert api.data(query)["productVariants"]["nodes"] == []
    api.shop.clock.advance(4)
    assert len(api.data(query)["productVariants"]["nodes"]) == 1


@pytest.mark.parametrize("partial", [False, True])
def test_a_bulk_operation_fails(api: InProcess, partial: bool) -> None:
    api.faults.add(Fault("bulk_failed", code="TIMEOUT", partial=partial))
    number = api.data(RUN)["bulkOperationRunQuery"]["bulkOperation"]["id"]
    api.shop.clock.advance(10)
    read = (
        "query($id:ID!){bulkOperation(id:$id){status errorCode url partialDataUrl objectCount completedAt}}"
    )
    operation = api.data(read, id=number)["bulkOperation"]
    assert (operation["status"], operation["errorCode"], operation["url"]) == ("FAILED", "TIMEOUT", None)
    assert operation["completedAt"] is None
    if partial:
        half = api.client.get(operation["partialDataUrl"])
        assert half.text.count("\n") == int(operation["objectCount"]) == 1
    else:
        assert operation["partialDataUrl"] is None
    # The next one is sound.
    number = api.data(RUN)["bulkOperationRunQuery"]["bulkOperation"]["id"]
    api.shop.clock.advance(10)
    assert api.data(read, id=number)["bulkOperation"]["status"] == "COMPLETED"


# --- over a real connection ----------------------------------------------------------------------------------------


class Naps:
    """What slow bodies wait with: counted, not waited."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.count = 0

    async def __call__(self, seconds: float) -> None:
        self.seconds += seconds
        self.count += 1


class Served:
    def __init__(self, url: str, api: InProcess, naps: Naps) -> None:
        self.api = api
        self.naps = naps
        self.client = httpx.Client(base_url=url, headers=api.headers)

    def post(self, query: str) -> httpx.Response:
        return self.client.post("/admin/api/2026-10/graphql.json", json={"query": query})

    def bulk_url(self) -> str:
        number = self.post(RUN).json()["data"]["bulkOperationRunQuery"]["bulkOperation"]["id"]
        self.api.shop.clock.advance(10)
        url: str = self.post(f'{{bulkOperation(id:"{number}"){{url}}}}').json()["data"]["bulkOperation"][
            "url"
        ]
        return url


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    naps = Naps()
    shop = small_shop()
    app = create_app([shop], sleep=naps)
    with running(app) as url:
        one = Served(url, InProcess(shop, app=app), naps)
        with one.client:
            yield one


@pytest.mark.parametrize("after", [None, 0, 1, 10_000])
def test_the_connection_ends_in_the_middle_of_a_reply(served: Served, after: int | None) -> None:
    served.api.faults.add(Fault("dropped", after_bytes=after))
    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
        served.post(SHOP)
    assert served.post(SHOP).status_code == 200


def test_a_slow_reply_is_whole(served: Served) -> None:
    before = served.naps.seconds
    served.api.faults.add(Fault("slow", wait=5))
    assert served.post(SHOP).json()["data"] == {"shop": {"name": "Small Shop"}}
    assert served.naps.seconds - before == pytest.approx(5)


def test_a_bulk_file_that_ends_too_early(served: Served) -> None:
    url = served.bulk_url()
    whole = served.client.get(url).content
    served.api.faults.add(Fault("file_cut", after_bytes=30))
    got = b""
    with served.client.stream("GET", url) as answer:
        assert answer.headers["content-length"] == str(len(whole))
        parts = answer.iter_bytes()
        while len(got) < 30:
            got += next(parts)
        with pytest.raises(httpx.RemoteProtocolError):
            next(parts)
    assert got == whole[:30]
    served.api.faults.add(Fault("file_short"))
    short = served.client.get(url)
    assert short.headers["content-length"] == str(len(short.content))
    assert short.content == whole[: len(whole) // 2]
    assert served.client.get(url).content == whole


def test_a_slow_bulk_file_is_whole(served: Served) -> None:
    url, before = served.bulk_url(), served.naps.count
    served.api.faults.add(Fault("file_slow", wait=1))
    slow = served.client.get(url)
    assert [json.loads(line)["id"] for line in slow.text.splitlines()]
    assert slow.content == served.client.get(url).content
    assert served.naps.count > before
