from __future__ import annotations

import pytest

from supportdesk.errors import WrongUsage
from supportdesk.secret import Secret
from supportdesk.sumtracker.account import open_account
from supportdesk.sumtracker.address import account_origin, on_loopback

REAL = "https://inventory-api.sumtracker.com"


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        (None, REAL),
        (REAL, REAL),
        (REAL + "/", REAL),
        (REAL + ":443", REAL),
        (f" {REAL} \n", REAL),
        ("HTTPS://Inventory-API.Sumtracker.com", REAL),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123"),
        ("http://localhost:8123/", "http://localhost:8123"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://[::1]:8123", "http://[::1]:8123"),
    ],
)
def test_where_a_key_may_go(given: str | None, origin: str) -> None:
    assert account_origin(given) == origin
    assert on_loopback(origin) is (origin != REAL)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "inventory-api.sumtracker.com",
        "http://inventory-api.sumtracker.com",
        "https://inventory-api.sumtracker.com:8443",
        "https://inventory-api.sumtracker.com.evil.example",
        "https://evil.example",
        "https://evil.example\\@inventory-api.sumtracker.com",
        "https://inventory-api.sumtracker.com@evil.example",
        "https://user:hunter2@inventory-api.sumtracker.com",
        "https://inventory-api.sumtracker.com/api",
        "https://inventory-api.sumtracker.com?x=1",
        "https://inventory-api.sumtracker.com#x",
        "https://127.0.0.1:8123",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:x",
        "http://192.168.0.2:8123",
        "http://0.0.0.0:8123",
        "http://[::1",
        "http://local host",
        "https://inventory-api.sumtraсker.com",
        "ftp://127.0.0.1",
        "x" * 500,
    ],
)
def test_where_it_may_not(given: str) -> None:
    with pytest.raises(WrongUsage, match="nowhere else") as caught:
        open_account(Secret("a.b"), given)
    assert REAL in caught.value.next_step
    assert "hunter2" not in str(caught.value)
    assert len(caught.value.detail) < 250
