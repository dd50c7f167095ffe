"""Walking pages: nothing lost, nothing twice, no way out of the host; and what each bad page is told as."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportdesk.errors import SumtrackerUnreadable
from supportdesk.sumtracker.pages import Seen, walk
from tests.sumtracker.accounts import LEVEL, PRODUCT, WAREHOUSE, Scripted, asked_through, page

HERE = "https://inventory-api.sumtracker.com/api/version/2025-03/products/"


def numbered(number: int) -> dict[str, Any]:
    return {**PRODUCT, "id": number}


@settings(deadline=None)
@given(total=st.integers(0, 60), limit=st.integers(1, 20), by_cursor=st.booleans())
def test_every_record_comes_once_in_order(total: int, limit: int, by_cursor: bool) -> None:
    asked: list[dict[str, str]] = []

    def ask(parameters: dict[str, str]) -> Any:
        asked.append(parameters)
        start = int(parameters.get("cursor", "p0")[1:] if by_cursor else parameters.get("offset", 0))
        place = f"cursor=p{start + limit}" if by_cursor else f"offset={start + limit}"
        more = start + limit < total
        content = page(*range(start, min(start + limit, total)), next_url=f"{HERE}?{place}" if more else None)
        return content if by_cursor else {**content, "count": total}

    pages = list(walk(ask, HERE, {"limit": str(limit)}))
    assert [record for one in pages for record in one.records] == list(range(total))
    assert all(parameters["limit"] == str(limit) for parameters in asked)
    assert len(asked) == max(1, -(-total // limit))


@settings(deadline=None)
@given(st.lists(st.integers(1, 2**63 - 1) | st.integers(1, 300)))
def test_seen_remembers_as_a_set_does(numbers: list[int]) -> None:
    seen, known = Seen(), set[int]()
    for number in numbers:
        assert seen.add(number) is (number not in known)
        known.add(number)


@pytest.mark.parametrize(
    "next_url",
    [
        HERE + "?limit=100&offset=1",
        "?offset=1",
        "/api/version/2025-03/products/?offset=1&limit=7",
        "https://inventory-api.sumtracker.com:443/api/version/2025-03/products/?offset=1",
        "http://inventory-api.sumtracker.com/api/version/2025-03/products/?offset=1",
        "https://user:word@inventory-api.sumtracker.com/api/version/2025-03/products/?offset=1",
        "https://INVENTORY-API.sumtracker.com/api/version/2025-03/products/?offset=1",
    ],
)
def test_the_next_page_is_asked_for_at_the_same_address(next_url: str) -> None:
    script = Scripted(page(numbered(1), next_url=next_url, count=2), page(numbered(2), count=2))
    with asked_through(script) as account:
        assert [one.remote_id for one in account.products()] == [1, 2]
    assert [str(request.url) for request in script.requests] == [
        HERE + "?limit=100",
        HERE + "?limit=100&offset=1",
    ]
    assert script.requests[1].url.userinfo == b""


def test_the_warehouse_is_asked_for_on_every_page() -> None:
    script = Scripted(
        page(LEVEL, next_url="?cursor=cD0x&limit=1"), page({**LEVEL, "product_id": 8}, next_url="")
    )
    with asked_through(script) as account:
        assert [one.product_id for one in account.levels(3)] == [7, 8]
    assert script.queries[1] == {"warehouse": "3", "limit": "100", "cursor": "cD0x"}


@pytest.mark.parametrize(
    "next_url",
    [
        "https://evil.example/api/version/2025-03/products/?offset=1",
        "https://inventory-api.sumtracker.com.evil.example/api/version/2025-03/products/?offset=1",
        "https://inventory-api.sumtracker.com@evil.example/api/version/2025-03/products/?offset=1",
        "https://inventory-api.sumtracker.com:8443/api/version/2025-03/products/?offset=1",
        "//evil.example/api/version/2025-03/products/?offset=1",
        "https://inventory-api.sumtracker.com/api/version/2025-03/stock/adjustment/?offset=1",
        "file:///etc/passwd?offset=1",
    ],
)
def test_a_next_page_elsewhere_is_not_gone_to(next_url: str) -> None:
    script = Scripted(page(numbered(1), next_url=next_url))
    with asked_through(script) as account, pytest.raises(SumtrackerUnreadable, match="another address"):
        list(account.products())
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("replies", "said"),
    [
        ([page(numbered(1), next_url="?limit=100")], "without saying where"),
        ([page(numbered(1), next_url="?offset=")], "without saying where"),
        ([page(numbered(1), next_url="http://[::1?offset=1")], "no web address"),
        ([page(numbered(1), next_url="https://inventory-api.sumtracker.com:x/?offset=1")], "no web address"),
        ([page(numbered(1), next_url="?offset=0")], "in circles"),
        (
            [page(numbered(1), next_url="?cursor=a"), page(numbered(2), next_url="?cursor=a")],
            "in circles",
        ),
        (
            [
                page(numbered(1), next_url="?cursor=a"),
                page(numbered(2), next_url="?cursor=b"),
                page(numbered(3), next_url="?cursor=a"),
            ],
            "in circles",
        ),
        ([page(next_url="?cursor=a")], "in circles"),
        ([page(numbered(7), numbered(7))], "Product 7 came twice"),
        ([page(numbered(7), next_url="?offset=1"), page(numbered(7))], "Product 7 came twice"),
        ([page(numbered(1), count=2)], "counts 2 records and sent 1"),
        ([page(numbered(1), numbered(2), count=1)], "counts 1 records and sent 2"),
        ([page(count=4)], "counts 4 records and sent 0"),
        ([[PRODUCT]], "something else than a page"),
        ([{"results": [PRODUCT]}], "something else than a page"),
        ([{"results": [], "next": 3}], "something else than a page"),
        ([{"results": [], "next": None, "count": "many"}], "something else than a page"),
        ([{"results": [], "next": None, "count": True}], "something else than a page"),
        ([{"results": {"id": 1}, "next": None}], "something else than a page"),
        ([{"results": None, "next": None}], "something else than a page"),
        ([{"detail": "hello"}], "something else than a page"),
        (["text"], "something else than a page"),
        ([None], "something else than a page"),
        ([7], "something else than a page"),
    ],
)
def test_pages_that_do_not_add_up_are_told(replies: list[Any], said: str) -> None:
    script = Scripted(*[json.dumps(reply).encode() for reply in replies])
    with asked_through(script) as account, pytest.raises(SumtrackerUnreadable) as caught:
        list(account.products())
    assert said in caught.value.detail
    assert caught.value.next_step
    assert len(script.requests) == len(replies)


def test_warehouses_come_bare_or_in_pages() -> None:
    other = {**WAREHOUSE, "id": 4, "code": "DEPOT"}
    for script in (
        Scripted([WAREHOUSE, other]),
        Scripted(page(WAREHOUSE, next_url="?offset=1", count=2), page(other, count=2)),
    ):
        with asked_through(script) as account:
            assert [one.code for one in account.warehouses()] == ["MAIN", "DEPOT"]


def test_a_product_twice_in_one_warehouse_is_told() -> None:
    script = Scripted(page(LEVEL, {**LEVEL, "id": 2}))
    with (
        asked_through(script) as account,
        pytest.raises(SumtrackerUnreadable, match="level of product 7 came twice"),
    ):
        list(account.levels(3))
