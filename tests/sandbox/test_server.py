"""Hosts, tokens, versions and headers; and the real server on loopback."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from supportdesk.sandbox import server as server_module
from supportdesk.sandbox.access import TOKEN_SECONDS, App
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.server import create_app, running
from tests.shops import InProcess, running_shop, small_shop

SHOP = "{shop{name}}"


@pytest.fixture
def api() -> InProcess:
    clock = Clock(running=False)
    return InProcess(small_shop("one", clock=clock), small_shop("two", clock=clock))


def named(answer: httpx.Response) -> Any:
    return answer.json()["data"]["shop"]["name"]


# --- which shop ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000", "testserver"])
def test_on_loopback_the_token_says_the_shop(api: InProcess, host: str) -> None:
    for shop in api.service.shops.values():
        headers = {"host": host, "x-shopify-access-token": shop.token}
        assert named(api.post(SHOP, headers=headers)) == shop.facts.name


@pytest.mark.parametrize("host", ["two.myshopify.com", "TWO.myshopify.com:443"])
def test_the_host_says_the_shop_and_the_token_must_be_its(api: InProcess, host: str) -> None:
    one, two = api.service.shops.values()
    assert named(api.post(SHOP, headers={"host": host, "x-shopify-access-token": two.token})) == "Two"
    assert api.post(SHOP, headers={"host": host, "x-shopify-access-token": one.token}).status_code == 401


@pytest.mark.parametrize(
    "host", ["three.myshopify.com", "example.com", "one.example.com", "one.myshopify.com.example.com"]
)
def test_a_host_that_is_none_of_ours_is_not_found(api: InProcess, host: str) -> None:
    found = api.post(SHOP, headers={"host": host, "x-shopify-access-token": api.shop.token})
    assert (found.status_code, found.json()) == (404, {"errors": "Not Found"})


@pytest.mark.parametrize("token", [None, "", "wrong", "shpat_wrong", "ä"])
def test_a_bad_token_is_401_with_a_string(api: InProcess, token: str | None) -> None:
    headers: Any = {} if token is None else {"x-shopify-access-token": token.encode()}
    answer = api.post(SHOP, headers=headers)
    assert answer.status_code == 401
    assert answer.json() == {
        "errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"
    }


def test_tokens_follow_from_handle_and_seed() -> None:
    assert small_shop("one").token == small_shop("one").token != small_shop("two").token
    assert re.fullmatch(r"shpat_[0-9a-f]{32}", small_shop().token)


# --- versions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("2026-10", "2026-10"),
        ("2026-01", "2026-01"),
        ("2027-01", "2027-01"),
        ("unstable", "unstable"),
        ("2025-10", "2026-01"),
        ("2024-04", "2026-01"),
        ("2019-04", "2026-01"),
        ("2026-11", None),
        ("2019-01", None),
        ("2027-04", None),
        ("latest", None),
        ("2026-1", None),
    ],
)
def test_an_expired_version_falls_forward_and_a_made_up_one_is_not_found(
    api: InProcess, asked: str, answered: str | None
) -> None:
    answer = api.post(SHOP, version=asked)
    if answered is None:
        assert (answer.status_code, answer.json()) == (404, {"errors": "Not Found"})
    else:
        assert answer.headers["x-shopify-api-version"] == answered
        assert "data" in answer.json()


def test_versions_are_listed(api: InProcess) -> None:
    versions = api.data("{publicApiVersions{handle supported displayName}}")["publicApiVersions"]
    assert [one["handle"] for one in versions if one["supported"]] == [
        "2026-01",
        "2026-04",
        "2026-07",
        "2026-10",
    ]


def test_headers_of_an_answer(api: InProcess) -> None:
    answer = api.post(SHOP)
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["date"] == "Mon, 23 Nov 2026 09:00:00 GMT"
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["x-request-id"])
    api.shop.clock.advance(3600)
    assert api.post(SHOP).headers["date"] == "Mon, 23 Nov 2026 10:00:00 GMT"


# --- bodies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"", 400),
        (b"\xff\xfe", 400),
        (b"[]", 400),
        (b"{}", 400),
        (b'{"query": 5}', 400),
        (b'{"query": "{shop{name}}"}', 200),
        (b'{"query": "{shop{name}}", "variables": null}', 200),
        (b'{"query": "{shop{name}}", "variables": "{}"}', 200),
        (b'{"query": "{shop{name}}", "variables": "{"}', 400),
        (b'{"query": "{shop{name}}", "variables": []}', 200),
    ],
)
def test_a_body_is_read_or_refused(api: InProcess, body: bytes, status: int) -> None:
    headers = {**api.headers, "content-type": "application/json"}
    answer = api.client.post("/admin/api/2026-10/graphql.json", content=body, headers=headers)
    assert answer.status_code == status
    assert ("errors" in answer.json()) is (status == 400)


def test_a_bare_document_is_taken(api: InProcess) -> None:
    headers = {**api.headers, "content-type": "application/graphql"}
    answer = api.client.post("/admin/api/2026-10/graphql.json", content=b"{shop{name}}", headers=headers)
    assert named(answer) == "One"


@pytest.mark.parametrize("path", ["/", "/admin/api/2026-10/products.json", "/bulk/one", "/sandbox/customers"])
def test_other_addresses_are_not_found(api: InProcess, path: str) -> None:
    answer = api.client.post(path, json={}, headers=api.headers)
    assert answer.status_code == 404
    assert answer.json() == {"errors": "Not Found"}


# --- the client-credentials grant ----------------------------------------------------------------------------------


def grant(
    api: InProcess, change: dict[str, str] | None = None, *, form: bool = True, host: str = "testserver"
) -> httpx.Response:
    app = api.shop.app
    asked = {
        "grant_type": "client_credentials",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        **(change or {}),
    }
    body: dict[str, Any] = {"data": asked} if form else {"json": asked}
    answer: httpx.Response = api.client.post("/admin/oauth/access_token", headers={"host": host}, **body)
    return answer


@pytest.mark.parametrize("form", [True, False])
@pytest.mark.parametrize("host", ["testserver", "one.myshopify.com"])
def test_an_app_gets_a_token_that_works_for_a_day(api: InProcess, form: bool, host: str) -> None:
    answer = grant(api, form=form, host=host)
    assert answer.status_code == 200
    given = answer.json()
    assert set(given) == {"access_token", "scope", "expires_in"}
    assert given["expires_in"] == 86399
    assert given["scope"].split(",") == sorted(api.shop.app.scopes)
    headers = {"x-shopify-access-token": given["access_token"]}
    assert named(api.post(SHOP, headers=headers)) == "One"
    api.shop.clock.advance(TOKEN_SECONDS - 1)
    assert api.post(SHOP, headers=headers).status_code == 200
    api.shop.clock.advance(1)
    assert api.post(SHOP, headers=headers).status_code == 401
    assert api.post(SHOP).status_code == 200  # the static token stays


def test_every_grant_is_another_token(api: InProcess) -> None:
    first, second = grant(api).json()["access_token"], grant(api).json()["access_token"]
    assert first != second
    for token in (first, second):
        assert api.post(SHOP, headers={"x-shopify-access-token": token}).status_code == 200


@pytest.mark.parametrize(
    ("change", "host", "status", "error"),
    [
        ({"client_secret": "wrong"}, "testserver", 400, "invalid_client"),
        ({"client_id": "wrong"}, "testserver", 400, "invalid_client"),
        ({}, "two.myshopify.com", 400, "invalid_client"),
        ({"grant_type": "password"}, "testserver", 400, "unsupported_grant_type"),
    ],
)
def test_a_grant_that_is_refused(
    api: InProcess, change: dict[str, str], host: str, status: int, error: str
) -> None:
    answer = grant(api, change, host=host)
    assert answer.status_code == status
    assert answer.json()["error"] == error


def test_a_grant_at_an_unknown_shop_is_not_found(api: InProcess) -> None:
    assert grant(api, host="three.myshopify.com").status_code == 404


def test_a_grant_without_a_readable_body_is_refused(api: InProcess) -> None:
    for content_type in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
        answer = api.client.post(
            "/admin/oauth/access_token", content=b"\xff{", headers={"content-type": content_type}
        )
        assert answer.status_code == 400


def test_every_app_of_a_shop_has_its_own_points_and_slots() -> None:
    shop = small_shop()
    other = App.derived_for(shop.handle, shop.seed, "Stock Robot")
    shop.apps.append(other)
    api = InProcess(shop)
    run = 'mutation{bulkOperationRunQuery(query:"{products{edges{node{id}}}}"){bulkOperation{id} userErrors{code}}}'
    for _ in range(5):
        api.ask(run)
    assert api.ask(run)["data"]["bulkOperationRunQuery"]["bulkOperation"] is None
    theirs = api.post(run, headers={"x-shopify-access-token": other.static_token}).json()
    assert theirs["data"]["bulkOperationRunQuery"]["bulkOperation"] is not None
    assert theirs["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 1990
    assert (
        api.ask("{shop{id}}")["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"]
        == 2000 - 6 * 10 - 1
    )


# --- the server ----------------------------------------------------------------------------------------------------


def test_it_is_served_on_a_free_port_of_loopback() -> None:
    with running_shop() as (url, token, shop):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        answer = httpx.post(
            f"{url}/admin/api/2026-10/graphql.json",
            json={"query": SHOP},
            headers={"x-shopify-access-token": token},
        )
        assert named(answer) == shop.facts.name
        assert len(answer.headers.get_list("date")) == 1
        assert "server" not in answer.headers
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_two_run_side_by_side() -> None:
    with running_shop(small_shop("one")) as (first, _, _), running_shop(small_shop("two")) as (second, _, _):
        assert first != second
        states = [httpx.get(f"{url}/sandbox/state").json() for url in (first, second)]
    assert [one["shops"][0]["handle"] for one in states] == ["one", "two"]


def test_a_taken_port_is_an_error_of_the_system() -> None:
    app = create_app([small_shop()])
    with running(app) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"), running(app, port):
            pass


SERVE = """
from supportdesk.sandbox.server import create_app, serve
from supportdesk.sandbox.kestrel import kestrel_outlet
print(serve(create_app([kestrel_outlet()]), on_ready=lambda url: print(url, flush=True)))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(number: signal.Signals) -> None:
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", SERVE],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert httpx.get(f"{url}/sandbox/state").status_code == 200
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert out.strip() == str(int(number))
    assert err == ""


def test_a_sandbox_needs_a_shop() -> None:
    with pytest.raises(ValueError, match="needs a shop"):
        create_app([])


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, supportdesk.sandbox; print([m for m in ('graphql', 'starlette', 'uvicorn', 'httpx') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_no_reply_waits_for_an_acknowledgement() -> None:
    """Nagle's algorithm is off for what the server sends; on, it adds 40 ms to every reply but a connection's first."""
    delays: list[bool] = []

    class Asked(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            accepted = transport.get_extra_info("socket")
            delays.append(not accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            transport.close()

    async def ask() -> None:
        with server_module._listen(0) as listening:
            server = await asyncio.get_running_loop().create_server(Asked, sock=listening)
            reader, writer = await asyncio.open_connection(*listening.getsockname())
            await reader.read()
            writer.close()
            await writer.wait_closed()
            server.close()
            await server.wait_closed()

    asyncio.run(ask())
    assert delays == [False]
