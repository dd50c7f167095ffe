"""Shopify's own Python client reads the sandbox: products, levels, the client-credentials grant, what it says of refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from shopify_app import ShopifyApp

from supportdesk.sandbox.faults import Fault
from supportdesk.sandbox.server import create_app, running
from tests.sandbox.documents import ADJUST, row
from tests.shops import MAIN, InProcess, small_shop


class Loopback(httpx.HTTPTransport):
    """Sends what is meant for myshopify.com to the sandbox; the Host header stays (`reference/shopify.md` §10)."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._port = httpx.URL(url).port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return super().handle_request(request)


class Official:
    """The official client over one sandbox."""

    def __init__(self, api: InProcess, client: httpx.Client) -> None:
        self.api = api
        self.client = client
        app = api.shop.app
        self.app = ShopifyApp(client_id=app.client_id, client_secret=app.client_secret)

    def ask(self, query: str, token: str | None = None, **variables: Any) -> Any:
        return self.app.admin_graphql_request(
            query,
            shop=self.api.shop.handle,
            access_token=token or self.api.shop.token,
            api_version="2026-10",
            variables=variables,
            max_retries=0,
            http_client=self.client,
        )


@pytest.fixture(scope="module")
def official() -> Iterator[Official]:
    shop = small_shop()
    app = create_app([shop])
    with running(app) as url, httpx.Client(transport=Loopback(url)) as client:
        yield Official(InProcess(shop, app=app), client)


def test_it_reads_products_and_levels(official: Official) -> None:
    result = official.ask(
        "query($first:Int!){products(first:$first){nodes{id title variants(first:5){nodes{sku inventoryItem{"
        'inventoryLevels(first:5){nodes{location{name} quantities(names:["available"]){quantity}}}}}}}}}',
        first=10,
    )
    assert result.ok, result.log
    shown = {
        node["id"]: [
            (level["location"]["name"], level["quantities"][0]["quantity"])
            for variant in node["variants"]["nodes"]
            for level in variant["inventoryItem"]["inventoryLevels"]["nodes"]
        ]
        for node in result.data["products"]["nodes"]
    }
    assert shown == {
        "gid://shopify/Product/1001": [("Main St", 5), ("Depot", 7)],
        "gid://shopify/Product/1002": [("Main St", 3)],
        "gid://shopify/Product/1003": [("Main St", 0)],
    }
    assert result.extensions["cost"]["throttleStatus"]["maximumAvailable"] == 2000


def test_it_gets_a_token_and_uses_it(official: Official) -> None:
    result = official.app.exchange_using_client_credentials(
        official.api.shop.handle, http_client=official.client
    )
    assert result.access_token is not None, result.log
    assert set(result.access_token.scope.split(",")) == official.api.shop.app.scopes
    assert official.ask("{shop{name}}", token=result.access_token.token).data == {
        "shop": {"name": "Small Shop"}
    }


def test_it_understands_that_its_secret_is_wrong(official: Official) -> None:
    wrong = ShopifyApp(client_id=official.api.shop.app.client_id, client_secret="wrong")
    result = wrong.exchange_using_client_credentials(official.api.shop.handle, http_client=official.client)
    assert not result.ok
    assert result.log.code == "invalid_client"


@pytest.mark.parametrize(
    ("token", "fault", "code"),
    [
        ("wrong", None, "unauthorized"),
        (None, Fault("too_many_requests", wait=0), "rate_limited"),
        (None, Fault("bad_gateway"), "http_error_502"),
    ],
)
def test_it_understands_refusals(
    official: Official, token: str | None, fault: Fault | None, code: str
) -> None:
    if fault is not None:
        official.api.faults.add(fault)
    result = official.ask("{shop{name}}", token=token)
    assert not result.ok
    assert result.log.code == code, result.log


def test_it_sees_graphql_errors(official: Official) -> None:
    result = official.ask("{shop{nme}}")
    assert not result.ok
    assert result.log.code == "graphql_errors"
    assert "nme" in str(result.response)


def test_it_writes_stock_once_a_key() -> None:
    shop = small_shop("writing")
    app = create_app([shop])
    with running(app) as url, httpx.Client(transport=Loopback(url)) as client:
        writer = Official(InProcess(shop, app=app), client)
        given = {"name": "available", "reason": "correction", "changes": [row(1, MAIN, delta=4)]}
        writer.api.faults.add(Fault("timeout", after=True))
        assert not writer.ask(ADJUST, input=given, key="key-1").ok
        result = writer.ask(ADJUST, input=given, key="key-1")
    assert result.ok, result.log
    assert result.data["inventoryAdjustQuantities"]["userErrors"] == []
    assert shop.items[2001].levels[MAIN.id].available == 9
