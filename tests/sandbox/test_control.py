"""The control requests, and that `README.md` tells the truth about them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import supportdesk.sandbox
from supportdesk.sandbox import control_stock
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.faults import KINDS, LASTING
from supportdesk.sandbox.fulfilment import FULFILMENT_KINDS
from supportdesk.sandbox.staff import EDIT_KINDS
from tests.shops import InProcess, small_shop

BEST_SELLER = {"best_seller": True, "shopper": True}
README = (Path(supportdesk.sandbox.__file__).parent / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def api() -> InProcess:
    return InProcess(small_shop())


def section(title: str) -> str:
    return README.split(f"### `{title}`")[1].split("\n## ")[0].split("\n### ")[0]


def examples(title: str) -> list[Any]:
    return [json.loads(text) for text in re.findall(r"```json\n(.*?)```", section(title), re.DOTALL)]


def test_the_state_says_what_there_is(api: InProcess) -> None:
    api.data('mutation{bulkOperationRunQuery(query:"{products{edges{node{id}}}}"){bulkOperation{id}}}')
    state = api.client.get("/sandbox/state").json()
    (shop,) = state.pop("shops")
    assert state == {"now": "2026-11-23T09:00:00Z", "running": False, "faults": []}
    (operation,) = shop.pop("bulk_operations")
    assert operation["status"] == "CREATED"
    assert shop == {
        "handle": "small-shop",
        "name": "Small Shop",
        "domain": "small-shop.myshopify.com",
        "locations": 2,
        "products": 3,
        "listings": 3,
        "levels": 4,
        "points": 1990,
        "orders": 0,
        "open_orders": 0,
        "pending": 0,
        "rates": {"orders": 0.0, "edits": 0.0, "fulfilments": 0.0},
        "lags": {"commit": 0.0, "visibility": 0.0, "index": 0.0},
    }


def test_the_state_keeps_secrets(api: InProcess) -> None:
    text = api.client.get("/sandbox/state").text
    app = api.shop.app
    assert app.static_token not in text
    assert app.client_secret not in text


def test_the_clock_moves_and_stops() -> None:
    shop = small_shop(clock=Clock(running=True, monotonic=lambda: 0.0))
    api = InProcess(shop)

    def post(**asked: Any) -> Any:
        return api.client.post("/sandbox/clock", json=asked).json()

    assert post(advance=90) == {"now": "2026-11-23T09:01:30Z", "running": True}
    assert post(running=False) == {"now": "2026-11-23T09:01:30Z", "running": False}
    assert post(advance=0.5, running=True)["running"] is True
    assert "error" in post(advance=-1)


def test_lags_are_set_for_every_shop_and_what_is_not_said_stays() -> None:
    clock = Clock(running=False)
    api = InProcess(small_shop("one", clock=clock), small_shop("two", clock=clock))
    for lags in ({"commit": 4}, {"visibility": 9.5}):
        assert api.client.post("/sandbox/clock", json={"lags": lags}).status_code == 200
    shops = api.client.get("/sandbox/state").json()["shops"]
    assert [shop["lags"] for shop in shops] == [{"commit": 4.0, "visibility": 9.5, "index": 0.0}] * 2
    for wrong in ({"commit": -1}, {"commit": 86401}, {"speed": 1}):
        assert api.client.post("/sandbox/clock", json={"lags": wrong}).status_code == 400
    assert api.shop.lags.commit == 4


@pytest.mark.parametrize(
    "path",
    ["/sandbox/faults", "/sandbox/clock", "/sandbox/orders", "/sandbox/edits", "/sandbox/fulfilments"],
)
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"kind": "nope"}', b'{"advance": "x"}', b'{"more": 1}'])
def test_what_is_wrong_is_said(api: InProcess, path: str, body: bytes) -> None:
    answer = api.client.post(path, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}
    assert api.faults.shown() == []
    assert not api.shop.order_book.orders
    assert not api.shop.journal


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example", "content-type": "application/json"}, 403),
        ({"host": "small-shop.myshopify.com", "content-type": "application/json"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_a_web_page_elsewhere_controls_nothing(api: InProcess, headers: dict[str, str], status: int) -> None:
    body = b'{"kind": "bad_gateway"}'
    assert api.client.post("/sandbox/faults", content=body, headers=headers).status_code == status
    assert api.faults.shown() == []


def test_the_readme_names_every_kind_of_fault_and_which_stay() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", section("POST /sandbox/faults"), re.MULTILINE)
    assert [name for name, _ in rows] == list(KINDS)
    assert {name for name, text in rows if text.startswith("*stays*")} == LASTING


@pytest.mark.parametrize("asked", examples("POST /sandbox/faults"), ids=str)
def test_the_readmes_faults_are_taken(api: InProcess, asked: dict[str, Any]) -> None:
    answer = api.client.post("/sandbox/faults", json=asked)
    assert answer.status_code == 200
    shown = answer.json()["faults"]
    assert shown == api.client.get("/sandbox/state").json()["faults"]
    assert len(shown) == ("kind" in asked)
    for name, value in asked.items():
        if name != "clear":
            assert shown[0][name] == value


@pytest.mark.parametrize("asked", examples("POST /sandbox/clock"), ids=str)
def test_the_readmes_clock_changes_are_taken(api: InProcess, asked: dict[str, Any]) -> None:
    assert set(api.client.post("/sandbox/clock", json=asked).json()) == {"now", "running"}


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        (path, asked)
        for path in ("/sandbox/orders", "/sandbox/fulfilments", "/sandbox/edits")
        for asked in examples(f"POST {path}")
    ],
    ids=str,
)
def test_the_readmes_orders_edits_and_fulfilments_are_taken(api: InProcess, path: str, asked: Any) -> None:
    api.client.post("/sandbox/orders", json={"sku": "A-1", "location": "Depot"})
    answer = api.client.post(path, json=asked)
    assert answer.status_code == 200, answer.json()
    assert set(answer.json()) in (
        {"order"},
        {"order", "row", "before"},
        {"row"},
        {"rates"},
        {"listing"},
        {"location"},
    )


def test_a_shopper_buys_what_is_left_and_no_more() -> None:
    shop = small_shop()
    shop.lags.commit = 5
    api = InProcess(shop)

    def buy(**asked: Any) -> Any:
        return api.client.post("/sandbox/orders", json={"shopper": True, **asked}).json()

    asked = {"listing": "thing-2/Default Title", "location": "Main St"}
    said = [buy(**asked) for _ in range(4)]
    assert [one["before"] for one in said[:3]] == [3, 2, 1]
    assert {one["row"]["available"] for one in said[:3]} == {3}  # the stock moves later
    assert [one["order"]["name"] for one in said[:3]] == ["#1001", "#1002", "#1003"]
    assert said[3] == {"error": "A-1 is sold out at Main St"}
    assert buy(listing="thing-9", location="Main St") == {"error": "there is no listing thing-9"}
    shop.variants[2].product.status = "DRAFT"
    assert "not for sale" in buy(**asked)["error"]
    shop.variants[3].sells_when_out = True
    assert buy(listing="thing-3/Default Title", location="Main St")["before"] == 0
    assert len(shop.order_book.orders) == 4


def test_a_best_seller_is_the_one_most_are_left_of_until_all_are_gone() -> None:
    api = InProcess(small_shop())
    sold: list[tuple[int, str]] = []
    while "error" not in (said := api.client.post("/sandbox/orders", json=BEST_SELLER).json()):
        sold.append((said["before"], said["row"]["location"]))
    assert said == {"error": "there is nothing to buy"}
    # Thing 1 goes out from Main St first (5 there, then 3 and 3 beside Thing 2), then from the Depot.
    assert sold[:3] == [(5, "Main St"), (4, "Main St"), (3, "Main St")]
    assert len(sold) == 5 + 3 + 7
    edit = {"best_seller": True, "add": {"available": 3}}
    assert api.client.post("/sandbox/edits", json=edit).json() == {"error": "there is nothing to buy"}


def test_the_readme_names_every_action_and_kind() -> None:
    actions = re.findall(r"^\| (`[a-z`, ]+`) \|", section("POST /sandbox/orders"), re.MULTILINE)
    assert {word for cell in actions for word in re.findall(r"\w+", cell)} == {
        "place",
        *control_stock.ACTIONS,
    }
    for title, kinds in (("fulfilments", FULFILMENT_KINDS), ("edits", EDIT_KINDS)):
        assert f"`{' '.join(kinds)}`" in section(f"POST /sandbox/{title}")


@pytest.mark.parametrize("name", ["rows", "all_orders", "moves", "journal"])
def test_the_readme_names_every_detail(api: InProcess, name: str) -> None:
    assert f"| `{name}` |" in section("GET /sandbox/state")
    (shop,) = api.client.get("/sandbox/state", params={"details": name, "shop": "small-shop"}).json()["shops"]
    assert isinstance(shop[name], list)


@pytest.mark.parametrize("asked", [{"details": "secrets"}, {"shop": "nobody"}])
def test_a_state_that_is_not_there(api: InProcess, asked: dict[str, str]) -> None:
    assert api.client.get("/sandbox/state", params=asked).status_code == 400


def test_the_readme_names_what_the_state_holds(api: InProcess) -> None:
    named = re.search(r"every shop \(`([^`]+)`\)", section("GET /sandbox/state"))
    assert named is not None
    (shop,) = api.client.get("/sandbox/state").json()["shops"]
    assert named[1].split() == list(shop)


def test_the_readme_names_the_addresses_there_are(api: InProcess) -> None:
    paths = {route.path for route in api.app.routes}  # type: ignore[attr-defined]
    assert {path for path in paths if path.startswith("/sandbox/")} == {
        title.split()[1] for title in re.findall(r"### `([^`]+)`", README)
    }
