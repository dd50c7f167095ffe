"""No token or client secret in a log line, an exception or a representation, whatever goes wrong."""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Callable, Iterator

import httpx
import pytest

from supportdesk.errors import SupportdeskError
from supportdesk.secret import Secret
from supportdesk.shopify.address import shop_address
from supportdesk.shopify.store import ShopifyStore, open_store
from tests.shopify.replies import ADDRESS, SHOP, RecordingWatch, data, errors, throttled

TOKEN = "shpat_" + "feedface" * 4
CLIENT_SECRET = "shpss_deadbeefdeadbeefdeadbeefdeadbeef"
GRANTED = "shpat_" + "cafe" * 8
SECRETS = (TOKEN, CLIENT_SECRET, GRANTED)


def raises(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error

    return answer


def dropped(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("broken", request=request)


REPLIES: dict[str, Callable[[httpx.Request], httpx.Response]] = {
    "works": lambda _: data(SHOP),
    "refused": lambda _: httpx.Response(401, json={"errors": "[API] Invalid API key or access token"}),
    "frozen": lambda _: httpx.Response(402),
    "fault": lambda _: httpx.Response(503, html="<html>"),
    "login page": lambda _: httpx.Response(200, html="<html>"),
    "half a body": lambda _: httpx.Response(200, content=b"{"),
    "query refused": lambda _: errors({"message": "no"}),
    "another shape": lambda _: data({"shop": {}}),
    "dropped": dropped,
    "no connection": raises(httpx.ConnectError("refused")),
    "undecodable": raises(httpx.DecodingError("bad gzip")),
    "throttled": lambda _: throttled(),
}


def with_token(transport: httpx.BaseTransport) -> ShopifyStore:
    return open_store(ADDRESS, token=Secret(TOKEN), transport=transport)


def with_client(transport: httpx.BaseTransport) -> ShopifyStore:
    return open_store(ADDRESS, client_id="the-id", client_secret=Secret(CLIENT_SECRET), transport=transport)


def chain_of(error: BaseException | None) -> list[BaseException]:
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or error.__context__
    return chain


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that any library logs, down to the smallest thing."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize("opened", [with_token, with_client])
@pytest.mark.parametrize("name", REPLIES)
def test_nothing_that_is_said_holds_a_secret(
    opened: Callable[[httpx.BaseTransport], ShopifyStore], name: str, log: io.StringIO
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/access_token"):
            return httpx.Response(200, json={"access_token": GRANTED, "expires_in": 86399})
        return REPLIES[name](request)

    # Each throttled reply asks for five seconds; nobody waits for them here.
    watch = RecordingWatch(cancel_after_waits=20)
    store = opened(httpx.MockTransport(answer))
    said = [repr(store), repr(store.address), repr(vars(store)), repr(vars(vars(store)["_client"]))]
    try:
        said.append(repr(store.check_connection(watch)))
    except SupportdeskError as error:
        for link in chain_of(error):
            said += [str(link), repr(link), repr(vars(link)), *traceback.format_exception(link)]
            # What a crash report that follows attributes could reach.
            assert not isinstance(link, httpx.HTTPError)
    said += [log.getvalue(), *watch.notes]
    assert (
        "HTTP Request" in log.getvalue()
        or "no connection" in name
        or "undecodable" in name
        or "dropped" in name
    )
    for secret in SECRETS:
        assert not any(secret in text for text in said)


@pytest.mark.parametrize("name", ["refused", "works", "dropped"])
def test_a_grant_that_fails_holds_no_secret(name: str, log: io.StringIO) -> None:
    store = with_client(httpx.MockTransport(REPLIES[name]))
    with pytest.raises(SupportdeskError) as caught:
        store.check_connection(RecordingWatch())
    text = "".join(traceback.format_exception(caught.value)) + log.getvalue()
    assert not any(secret in text for secret in SECRETS)


def test_a_redirect_does_not_take_the_token_along() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(307, headers={"Location": "https://evil.example/graphql.json"})

    store = open_store(shop_address("kestrel"), token=Secret(TOKEN), transport=httpx.MockTransport(answer))
    with pytest.raises(SupportdeskError, match=r"evil\.example"):
        store.shop()
    assert [request.url.host for request in seen] == ["kestrel.myshopify.com"]
