"""The pretend Sumtracker account: paging bodies, who may ask, what is answered to what is wrong, and faults."""

from __future__ import annotations

from typing import Any

import pytest

from supportdesk.core.sumtracker_account import RemoteBundleLine, RemoteLevel, RemoteProduct, RemoteWarehouse
from supportdesk.sandbox.faults import Fault, Kind
from supportdesk.sandbox.server import create_app
from supportdesk.sandbox.sumtracker import SumtrackerSide, key_of
from tests.shops import InProcess, small_shop

WAREHOUSES = "/api/version/2025-03/settings/warehouses/"
PRODUCTS = "/api/version/2025-03/products/"
LINES = "/api/version/2025-03/products/bundles/lines/"
LEVELS = "/api/version/2025-11/stock/levels/"
PATHS = (WAREHOUSES, PRODUCTS, LINES, LEVELS + "?warehouse=3")
KEY = key_of("test", 1)

SIDE = SumtrackerSide(
    KEY,
    (RemoteWarehouse(3, "MAIN", "Main Street", 1), RemoteWarehouse(5, "DEPOT", "Depot", None)),
    tuple(
        RemoteProduct(n, f"SKU-{n}", f"Thing {n}", "Red" if n == 2 else "", f"5{n}", "NONE")
        for n in range(1, 251)
    ),
    (RemoteBundleLine(1, 2, 3), RemoteBundleLine(1, 4, 1)),
    (
        *(RemoteLevel(n, 3, 10 * n, n, 9 * n, 0) for n in range(1, 251)),
        *(RemoteLevel(n, 5, 1, 0, 1, 7) for n in (2, 4)),
    ),
)


@pytest.fixture
def api() -> InProcess:
    shop = small_shop()
    made = InProcess(shop, app=create_app([shop], sumtracker=SIDE))
    made.client.headers["authorization"] = f"Api-Key {KEY}"
    return made


def get(api: InProcess, path: str) -> Any:
    answer = api.client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_warehouses_are_a_bare_list(api: InProcess) -> None:
    assert get(api, WAREHOUSES) == [
        {"id": 3, "name": "Main Street", "code": "MAIN", "priority": 1},
        {"id": 5, "name": "Depot", "code": "DEPOT", "priority": None},
    ]


def test_products_come_by_offset(api: InProcess) -> None:
    first = get(api, PRODUCTS)
    assert set(first) == {"count", "next", "previous", "results"}
    assert (first["count"], len(first["results"]), first["previous"]) == (250, 50, None)
    assert first["next"] == f"http://testserver{PRODUCTS}?limit=50&offset=50"
    last = get(api, PRODUCTS + "?limit=100&offset=200")
    assert (len(last["results"]), last["next"]) == (50, None)
    assert last["previous"] == f"http://testserver{PRODUCTS}?limit=100&offset=100"
    assert get(api, PRODUCTS + "?offset=250")["results"] == []


def test_a_product_has_the_fields_of_a_real_one(api: InProcess) -> None:
    product = get(api, PRODUCTS + "?sku=SKU-2")["results"][0]
    assert set(product) == {
        "id", "name", "sku", "variant_name", "barcode", "bundle_type", "uom", "created", "updated",
        "wavg_landed_cost", "notes", "image_url", "categories", "tags",
    }  # fmt: skip
    assert (product["id"], product["sku"], product["variant_name"]) == (2, "SKU-2", "Red")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("sku=SKU-7", [7]),
        ("sku=sku-7", []),
        ("barcode=512", [12]),
        ("name=tHING%2024", [24, *range(240, 250)]),
    ],
)
def test_products_are_found(api: InProcess, query: str, found: list[int]) -> None:
    content = get(api, f"{PRODUCTS}?{query}")
    assert [one["id"] for one in content["results"]] == found
    assert content["count"] == len(found)


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("1", 1),
        ("100", 100),
        ("101", 100),
        ("9999", 100),
        ("0", 50),
        ("-1", 50),
        ("x", 50),
        ("", 50),
        ("²", 50),
    ],
)
@pytest.mark.parametrize("path", [PRODUCTS + "?", LEVELS + "?warehouse=3&"])
def test_the_limit_is_capped(api: InProcess, path: str, asked: str, given: int) -> None:
    assert len(get(api, f"{path}limit={asked}")["results"]) == given


def test_bundle_lines_hold_their_component(api: InProcess) -> None:
    content = get(api, LINES)
    assert content["count"] == 2
    line = content["results"][0]
    assert line.pop("component")["sku"] == "SKU-2"
    assert line == {"id": 1, "product_id": 1, "component_id": 2, "quantity": 3}


def test_levels_come_by_cursor_without_a_count(api: InProcess) -> None:
    content = get(api, LEVELS + "?warehouse=3&limit=100")
    assert set(content) == {"next", "previous", "results"}
    found, pages = content["results"], 1
    while content["next"]:
        content = get(api, content["next"])
        found, pages = found + content["results"], pages + 1
    assert pages == 3
    assert [level["product_id"] for level in found] == list(range(1, 251))
    before = get(api, content["previous"])
    assert before["results"] == found[100:200]
    level = found[1]
    assert level.pop("product")["sku"] == "SKU-2"
    del level["updated"]
    assert level == {
        "id": 2, "product_id": 2, "warehouse_id": 3, "in_stock": 20, "booked": 2, "available": 18, "incoming": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("warehouse=5", [(2, 5), (4, 5)]),
        ("product=4", [(4, 3), (4, 5)]),
        ("product=4&warehouse=5", [(4, 5)]),
        ("warehouse=99", []),
    ],
)
def test_levels_are_of_a_warehouse_or_a_product(
    api: InProcess, query: str, found: list[tuple[int, int]]
) -> None:
    results = get(api, f"{LEVELS}?{query}")["results"]
    assert [(one["product_id"], one["warehouse_id"]) for one in results] == found


@pytest.mark.parametrize(
    ("query", "status", "content"),
    [
        ("", 400, {"detail": "product or warehouse required"}),
        ("?limit=10", 400, {"detail": "product or warehouse required"}),
        ("?warehouse=", 400, {"detail": "product or warehouse required"}),
        ("?warehouse=MAIN", 400, {"warehouse": ["Enter a number."]}),
        ("?product=-1", 400, {"product": ["Enter a number."]}),
        ("?warehouse=3&cursor=x", 404, {"detail": "Invalid cursor"}),
        ("?warehouse=3&cursor=cD0teA==", 404, {"detail": "Invalid cursor"}),
        ("?warehouse=3&cursor=%C3%A9", 404, {"detail": "Invalid cursor"}),
    ],
)
def test_what_is_wrong_is_refused(api: InProcess, query: str, status: int, content: Any) -> None:
    answer = api.client.get(LEVELS + query)
    assert (answer.status_code, answer.json()) == (status, content)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "Authentication credentials were not provided."),
        (f"Bearer {KEY}", "Invalid API key."),
        (KEY, "Invalid API key."),
        (f"Api-Key {KEY}x", "Invalid API key."),
        ("Api-Key é", "Invalid API key."),
    ],
)
def test_a_wrong_key_is_refused(api: InProcess, path: str, given: str, said: str) -> None:
    answer = api.client.get(path, headers={"authorization": given.encode()})
    assert (answer.status_code, answer.json()) == (401, {"detail": said})


def test_the_stores_token_opens_nothing_here(api: InProcess) -> None:
    answer = api.client.get(WAREHOUSES, headers={"authorization": f"Api-Key {api.shop.token}"})
    assert answer.status_code == 401


def test_nothing_is_written(api: InProcess) -> None:
    assert api.client.post(PRODUCTS, json={}).status_code == 405


def test_a_sandbox_without_an_account_has_no_such_addresses() -> None:
    for path in PATHS:
        assert InProcess().client.get(path, headers={"authorization": f"Api-Key {KEY}"}).status_code == 404


@pytest.mark.parametrize(
    ("kind", "status", "kind_of_body"),
    [
        ("too_many_requests", 429, "application/json"),
        ("bad_gateway", 502, "text/html"),
        ("internal_error", 500, "application/json"),
        ("html", 200, "text/html"),
        ("token_revoked", 401, "application/json"),
    ],
)
def test_faults_strike_here(api: InProcess, kind: Kind, status: int, kind_of_body: str) -> None:
    api.faults.add(Fault(kind, shop="sumtracker", wait=3.0))
    assert api.data("{shop{name}}")
    answer = api.client.get(WAREHOUSES)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith(kind_of_body)
    assert answer.headers.get("retry-after") == ("3" if status == 429 else None)


def test_a_fault_of_a_shop_does_not_strike_here(api: InProcess) -> None:
    api.faults.add(Fault("bad_gateway", shop=api.shop.handle))
    get(api, WAREHOUSES)
    assert len(api.faults.shown()) == 1


def test_a_fault_is_aimed_at_an_address(api: InProcess) -> None:
    api.faults.add(Fault("bad_gateway", shop="sumtracker", operation="/stock/levels/"))
    get(api, WAREHOUSES)
    assert api.client.get(PATHS[-1]).status_code == 502


def test_the_key_is_not_shown() -> None:
    assert KEY not in repr(SIDE)
    assert key_of("test", 1) == KEY
    assert len({key_of("test", 1), key_of("test", 2), key_of("other", 1)}) == 3
