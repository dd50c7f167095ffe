"""Keys, statuses, bodies and retries, over scripted answers."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from supportdesk.errors import (
    SumtrackerError,
    SumtrackerKeyRefused,
    SumtrackerUnreachable,
    SumtrackerUnreadable,
)
from supportdesk.secret import Secret
from supportdesk.sumtracker.account import open_account
from tests.shopify.replies import RecordingWatch
from tests.sumtracker.accounts import KEY, WAREHOUSE, Scripted, asked_through

HTML = "<!doctype html><title>Log in</title>"


@pytest.mark.parametrize("key", ["", "  \n", "two words", "Api-Key abc", "ключ", "a\x00b", "a\nb"])
def test_a_key_that_is_none_is_refused_before_anything_is_sent(key: str) -> None:
    with pytest.raises(SumtrackerKeyRefused) as caught:
        open_account(Secret(key))
    assert not key.strip() or key not in str(caught.value)


def test_white_space_around_a_key_is_dropped() -> None:
    script = Scripted([])
    with httpx.Client(transport=httpx.MockTransport(script)) as http:
        assert not list(open_account(Secret(f" {KEY}\n"), http=http).warehouses())
    assert script.requests[0].headers["authorization"] == f"Api-Key {KEY}"


def test_a_client_that_was_given_stays_open() -> None:
    with httpx.Client(transport=httpx.MockTransport(Scripted([]))) as http:
        open_account(Secret(KEY), http=http).close()
        assert not http.is_closed


@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (httpx.Response(401, json={"detail": "Invalid key."}), SumtrackerKeyRefused, "It says: Invalid key."),
        (httpx.Response(403, json={"detail": "No."}), SumtrackerKeyRefused, "(HTTP 403). It says: No."),
        (httpx.Response(403, html=HTML), SumtrackerKeyRefused, "refuses this key (HTTP 403)."),
        (httpx.Response(400, json=["product or warehouse required"]), SumtrackerUnreadable, "or warehouse"),
        (httpx.Response(400, json={"warehouse": ["Enter a number."]}), SumtrackerUnreadable, "Enter a num"),
        (httpx.Response(400, json={"detail": {"odd": 1}}), SumtrackerUnreadable, "answered HTTP 400."),
        (httpx.Response(404, html=HTML), SumtrackerUnreadable, "answered HTTP 404."),
        (httpx.Response(204), SumtrackerUnreadable, "answered HTTP 204."),
        (httpx.Response(302, headers={"location": "https://evil.example/"}), SumtrackerUnreadable, "evil."),
        (httpx.Response(200, html=HTML), SumtrackerUnreadable, "web page instead of JSON"),
        (httpx.Response(200, content=b"  <html>"), SumtrackerUnreadable, "web page instead of JSON"),
        (httpx.Response(200, content=b'{"next": null, "resu'), SumtrackerUnreadable, "not whole JSON"),
        (httpx.Response(200, content=b""), SumtrackerUnreadable, "not whole JSON"),
        (httpx.Response(200, content=b"[" * 100_000), SumtrackerUnreadable, "not whole JSON"),
        (httpx.Response(200, content=b"[" + b"9" * 5000 + b"]"), SumtrackerUnreadable, "not whole JSON"),
    ],
)
def test_what_will_not_pass_is_told_at_once(
    reply: httpx.Response, error: type[SumtrackerError], said: str
) -> None:
    script, watch = Scripted(reply), RecordingWatch()
    with asked_through(script) as account, pytest.raises(error) as caught:
        list(account.warehouses(watch))
    assert said in caught.value.detail
    assert "inventory-api.sumtracker.com" in caught.value.detail
    assert caught.value.next_step
    assert len(script.requests) == 1
    assert watch.waits == []


@pytest.mark.parametrize("body", [b"\xef\xbb\xbf[]", b" [ ]\n", b'[{"id": 3, "name": "M\xff"}]'])
def test_a_body_that_is_nearly_right_is_read(body: bytes) -> None:
    with asked_through(Scripted(body)) as account:
        assert [one.name for one in account.warehouses()] in ([], ["M\ufffd"])


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_three_times(status: int) -> None:
    script, watch = Scripted(httpx.Response(status, html=HTML)), RecordingWatch()
    with (
        asked_through(script) as account,
        pytest.raises(SumtrackerUnreachable, match=f"HTTP {status}") as caught,
    ):
        list(account.warehouses(watch))
    assert len(script.requests) == 3
    assert watch.waits == [1, 2]
    assert caught.value.next_step == "Try again in a few minutes."


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.ReadTimeout("slow"),
        httpx.ReadError("broken"),
        httpx.RemoteProtocolError("half"),
        httpx.DecodingError("bad gzip"),
    ],
)
def test_a_broken_connection_is_tried_again(error: Exception) -> None:
    script, watch = Scripted(error, error, [WAREHOUSE]), RecordingWatch()
    with asked_through(script) as account:
        assert [one.code for one in account.warehouses(watch)] == ["MAIN"]
    assert watch.waits == [1, 2]


def test_a_certificate_nobody_trusts_is_told_at_once() -> None:
    script = Scripted(httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate"))
    with asked_through(script) as account, pytest.raises(SumtrackerUnreachable, match="certificate of"):
        list(account.warehouses(RecordingWatch()))
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        ("7", [7, 7]),
        ("0", [0.5, 0.5]),
        ("2.5", [2.5, 2.5]),
        ("Mon, 01 Jan 2001 00:00:00 GMT", [0.5, 0.5]),
        ("soon", [1, 2]),
        ("inf", [1, 2]),
        ("nan", [1, 2]),
        ("-3", [0.5, 0.5]),
        ("181", []),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_kept_to(asked: str, waits: list[float], status: int) -> None:
    script = Scripted(httpx.Response(status, headers={"retry-after": asked}))
    watch = RecordingWatch()
    with asked_through(script) as account, pytest.raises(SumtrackerUnreachable):
        list(account.warehouses(watch))
    assert watch.waits == waits


@pytest.mark.parametrize("waits", [(), (0.25,), (0.0, 0.0, 0.0)])
def test_the_waits_say_how_often_it_is_tried(waits: tuple[float, ...]) -> None:
    script, watch = Scripted(httpx.Response(502)), RecordingWatch()
    with asked_through(script, waits=waits) as account, pytest.raises(SumtrackerUnreachable):
        list(account.warehouses(watch))
    assert tuple(watch.waits) == waits
    assert len(script.requests) == len(waits) + 1


def test_a_body_that_trickles_is_given_up() -> None:
    seconds = iter(range(0, 10_000, 61))

    class Drip(httpx.SyncByteStream):
        def __iter__(self) -> Any:
            while True:
                yield b" "

    from supportdesk.core.progress import Unwatched
    from supportdesk.sumtracker.exchange import Exchange
    from supportdesk.waiting import noted

    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, stream=Drip()))) as http:
        exchange = Exchange(
            "http://127.0.0.1", Secret(KEY), http=http, waits=(), clock=lambda: float(next(seconds))
        )
        with pytest.raises(SumtrackerUnreachable, match="no whole answer in time"):
            exchange.get("/", {}, noted(Unwatched()))


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY"])
def test_a_proxy_that_cannot_be_used_is_told_without_its_password(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "nonsense://user:" + "hunter2" + "@proxy")
    with pytest.raises(SumtrackerUnreachable, match="proxy") as caught:
        open_account(Secret(KEY))
    assert "hunter2" not in str(caught.value)
    # A sandbox is on this machine: no proxy stands in between.
    open_account(Secret(KEY), "http://127.0.0.1:9").close()
