"""No key in a log line, an exception, a report or a representation, whatever goes wrong."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from supportdesk.errors import SumtrackerError
from tests.shopify.replies import RecordingWatch
from tests.sumtracker.accounts import KEY, PRODUCT, Scripted, asked_through, page

REPLIES: dict[str, Any] = {
    "works": page(PRODUCT),
    "refused": httpx.Response(401, json={"detail": f"{KEY} is no key"}),
    "refused in a list": httpx.Response(403, json=[f"no: {KEY}"]),
    "bad request": httpx.Response(400, json={"key": [f"odd: {KEY}"]}),
    "sent on": httpx.Response(302, headers={"location": "https://evil.example/"}),
    "fault": httpx.Response(503, html="<html>"),
    "login page": httpx.Response(200, html=f"<html>{KEY}"),
    "half a body": httpx.Response(200, content=f'{{"next": "{KEY}'.encode()),
    "another shape": {"key": KEY},
    "next page elsewhere": page(PRODUCT, next_url="https://evil.example/?offset=1"),
    "bad value": page({**PRODUCT, "id": None}),
    "dropped": httpx.ReadError("broken"),
    "no connection": httpx.ConnectError("refused"),
    "undecodable": httpx.DecodingError("bad gzip"),
}


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


def chain_of(error: BaseException | None) -> list[BaseException]:
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or error.__context__
    return chain


@pytest.mark.parametrize("name", REPLIES)
def test_nothing_that_is_said_holds_the_key(name: str, log: io.StringIO) -> None:
    watch, script = RecordingWatch(), Scripted(REPLIES[name])
    failed = False
    with asked_through(script) as account:
        said = [repr(account), repr(vars(account)), repr(vars(vars(account)["_exchange"]))]
        try:
            said.append(repr(list(account.products(watch))))
        except SumtrackerError as error:
            failed = True
            for link in chain_of(error):
                said += [str(link), repr(link), repr(vars(link)), *traceback.format_exception(link)]
                # What a crash report that follows attributes could reach.
                assert not isinstance(link, httpx.HTTPError)
    assert failed is (name != "works")
    assert script.requests[0].headers["authorization"].endswith(KEY)
    said += [log.getvalue(), *watch.notes]
    assert not any(KEY in text for text in said)


def test_naming_the_client_loads_no_library() -> None:
    heavy = {"httpx", "pydantic", "msgspec", "tenacity", "textual"}
    modules = "supportdesk.sumtracker, supportdesk.sumtracker.account, supportdesk.sumtracker.address"
    code = f"import sys, {modules}; print(*sorted({heavy!r} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == []
