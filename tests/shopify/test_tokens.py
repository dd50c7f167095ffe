from __future__ import annotations

from urllib.parse import parse_qs

import httpx
import pytest

from supportdesk.errors import AnswerUnreadable, ShopMissing, StoreError, StoreUnreachable, TokenRefused
from supportdesk.secret import Secret
from supportdesk.shopify.client import AdminClient
from supportdesk.shopify.exchange import Exchange
from supportdesk.shopify.store import open_store
from supportdesk.shopify.tokens import ClientCredentials, GivenToken
from supportdesk.shopify.waiting import TRIES
from tests.shopify.replies import ADDRESS, SHOP, TOKEN, Clock, PretendStore, RecordingWatch, data

GRANT = "/admin/oauth/access_token"
BAD_TOKEN = httpx.Response(401, json={"errors": "[API] Invalid API key or access token"})


def granted(token: str, seconds: float = 86399) -> httpx.Response:
    return httpx.Response(200, json={"access_token": token, "scope": "read_products", "expires_in": seconds})


def client_of(store: PretendStore, clock: Clock) -> AdminClient:
    exchange = Exchange(transport=store.transport, clock=clock)
    tokens = ClientCredentials(ADDRESS, "the-id", Secret("the-secret"), exchange, clock=clock)
    return AdminClient(ADDRESS, tokens, exchange, clock=clock)


def sent_tokens(store: PretendStore) -> list[str]:
    return [
        request.headers["X-Shopify-Access-Token"] for request in store.requests if request.url.path != GRANT
    ]


def test_a_grant_is_asked_once_and_used_until_an_hour_before_its_end() -> None:
    clock = Clock()
    store = PretendStore().on(GRANT, granted("first"), granted("second")).on("Shop", data(SHOP))
    client = client_of(store, clock)
    client.execute("shop")
    clock.seconds += 86399 - 3600 - 1
    client.execute("shop")
    clock.seconds += 2
    client.execute("shop")
    assert sent_tokens(store) == ["first", "first", "second"]
    form = parse_qs(store.requests[0].content.decode())
    assert form == {
        "grant_type": ["client_credentials"],
        "client_id": ["the-id"],
        "client_secret": ["the-secret"],
    }
    assert store.requests[0].headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert str(store.requests[0].url) == "https://kestrel-outdoor.myshopify.com/admin/oauth/access_token"


def test_a_short_lived_grant_is_used_for_half_its_life() -> None:
    clock = Clock()
    store = PretendStore().on(GRANT, granted("first", 600), granted("second", 600)).on("Shop", data(SHOP))
    client = client_of(store, clock)
    client.execute("shop")
    clock.seconds += 299
    client.execute("shop")
    clock.seconds += 2
    client.execute("shop")
    assert sent_tokens(store) == ["first", "first", "second"]


def test_a_refused_grant_is_renewed_once() -> None:
    store = PretendStore().on(GRANT, granted("old"), granted("new")).on("Shop", BAD_TOKEN, data(SHOP))
    client_of(store, Clock()).execute("shop")
    assert sent_tokens(store) == ["old", "new"]


def test_a_grant_refused_again_is_told() -> None:
    store = PretendStore().on(GRANT, granted("old"), granted("new")).on("Shop", BAD_TOKEN)
    with pytest.raises(TokenRefused):
        client_of(store, Clock()).execute("shop")
    assert sent_tokens(store) == ["old", "new"]


def test_a_given_token_is_not_tried_twice() -> None:
    store = PretendStore().on("Shop", BAD_TOKEN)
    with pytest.raises(TokenRefused):
        store.client().execute("shop")
    assert sent_tokens(store) == [TOKEN]


@pytest.mark.parametrize(
    ("reply", "expected", "times"),
    [
        (httpx.Response(400, json={"error": "invalid_client"}), TokenRefused, 1),
        (httpx.Response(400, html="<html>app_not_installed</html>"), TokenRefused, 1),
        (httpx.Response(404, json={"errors": "Not Found"}), ShopMissing, 1),
        (httpx.Response(502), StoreUnreachable, TRIES),
        (httpx.ConnectError("refused"), StoreUnreachable, TRIES),
        (httpx.Response(200, json={"expires_in": 86399}), AnswerUnreadable, TRIES),
        (httpx.Response(200, html="<html>"), AnswerUnreadable, TRIES),
    ],
)
def test_a_grant_that_does_not_come(
    reply: httpx.Response | Exception, expected: type[StoreError], times: int
) -> None:
    store, watch = PretendStore().on(GRANT, reply), RecordingWatch()
    with pytest.raises(expected) as caught:
        client_of(store, Clock()).execute("shop", watch=watch)
    assert len(store.requests) == times
    assert "the-secret" not in str(caught.value)


@pytest.mark.parametrize("typed", ["", "shp at", "shpat_\n", "shpat_é"])
def test_what_cannot_be_a_token_is_refused_before_it_is_sent(typed: str) -> None:
    with pytest.raises(TokenRefused):
        GivenToken(Secret(typed))


def test_a_store_is_opened_with_either() -> None:
    store = PretendStore().on(GRANT, granted("first")).on("Shop", data(SHOP))
    assert (
        open_store(ADDRESS, token=Secret(TOKEN), transport=store.transport).shop().handle == "kestrel-outdoor"
    )
    opened = open_store(ADDRESS, client_id="i", client_secret=Secret("s"), transport=store.transport)
    assert opened.shop().handle == "kestrel-outdoor"
    assert sent_tokens(store) == [TOKEN, "first"]
    opened.close()
    with pytest.raises(TokenRefused):
        open_store(ADDRESS)
