"""The client against the sandbox, over a real connection: what it reads, and what it does when things go wrong."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import httpx
import pytest

from supportdesk.errors import (
    Cancelled,
    SumtrackerError,
    SumtrackerKeyRefused,
    SumtrackerUnreachable,
    SumtrackerUnreadable,
)
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.faults import Fault, Faults, Kind
from supportdesk.sandbox.scenarios import build, sumtracker_side
from supportdesk.secret import Secret
from supportdesk.sumtracker.account import SumtrackerAccount, open_account
from tests.shopify.replies import RecordingWatch
from tests.sumtracker.accounts import KEY, asked_through, serving, side

SIDE = side(products=230)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, Faults]]:
    with serving(SIDE) as found:
        yield found


@pytest.fixture
def faults(served: tuple[str, Faults]) -> Iterator[Faults]:
    yield served[1]
    served[1].clear()


@pytest.fixture
def account(served: tuple[str, Faults]) -> Iterator[SumtrackerAccount]:
    with contextlib.closing(open_account(Secret(KEY), served[0])) as opened:
        yield opened


def test_it_reads_the_whole_account(account: SumtrackerAccount) -> None:
    assert tuple(account.warehouses()) == SIDE.warehouses
    assert tuple(account.products()) == SIDE.products
    assert tuple(account.bundle_lines()) == SIDE.bundle_lines
    levels = [level for one in SIDE.warehouses for level in account.levels(one.remote_id)]
    assert tuple(levels) == SIDE.levels


def test_it_reads_an_empty_account() -> None:
    empty = type(SIDE)(KEY)
    with serving(empty) as (url, _), contextlib.closing(open_account(Secret(KEY), url)) as account:
        assert not list(account.warehouses())
        assert not list(account.products())
        assert not list(account.bundle_lines())
        assert not list(account.levels(3))


def test_it_reads_the_demos_account() -> None:
    shops = build("kestrel", seed=1, clock=Clock(running=False))
    kestrel = sumtracker_side("kestrel", shops, seed=1)
    assert kestrel is not None
    with serving(kestrel) as (url, _), contextlib.closing(open_account(Secret(kestrel.key), url)) as account:
        assert tuple(account.warehouses()) == kestrel.warehouses
        assert tuple(account.products()) == kestrel.products
        assert tuple(account.bundle_lines()) == kestrel.bundle_lines
        read = {level for one in kestrel.warehouses for level in account.levels(one.remote_id)}
    assert read == set(kestrel.levels)


def test_a_page_is_asked_for_when_the_one_before_is_used_up(
    account: SumtrackerAccount, faults: Faults
) -> None:
    products = account.products()
    first = [next(products) for _ in range(100)]
    faults.add(Fault("token_revoked", shop="sumtracker"))
    with pytest.raises(SumtrackerKeyRefused):
        next(products)
    assert tuple(first) == SIDE.products[:100]


def test_it_tells_how_far_it_is(account: SumtrackerAccount) -> None:
    watch = RecordingWatch()
    list(account.products(watch))
    phase = "Reading Sumtracker's products"
    assert watch.reports == [
        (phase, 0, None, "products"),
        (phase, 100, 231, "products"),
        (phase, 200, 231, "products"),
        (phase, 231, 231, "products"),
    ]


@pytest.mark.parametrize("kind", ["too_many_requests", "bad_gateway", "internal_error", "dropped"])
def test_what_passes_is_not_seen(account: SumtrackerAccount, faults: Faults, kind: Kind) -> None:
    watch = RecordingWatch()
    faults.add(Fault(kind, times=2, wait=7, shop="sumtracker"))
    assert tuple(account.products(watch)) == SIDE.products
    assert watch.waits == ([7, 7] if kind == "too_many_requests" else [1, 2])
    assert all(note.endswith(("7 s", "1 s", "2 s")) for note in watch.notes)
    assert len(watch.notes) == 2
    assert faults.shown() == []


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("too_many_requests", "slow down (HTTP 429), for 7 s"),
        ("bad_gateway", "HTTP 502"),
        ("internal_error", "HTTP 500"),
        ("dropped", "broke off"),
    ],
)
def test_what_stays_is_told_after_the_third_try(
    account: SumtrackerAccount, faults: Faults, kind: Kind, said: str
) -> None:
    faults.add(Fault(kind, times=5, wait=7, shop="sumtracker"))
    with pytest.raises(SumtrackerUnreachable) as caught:
        list(account.warehouses(RecordingWatch()))
    assert said in caught.value.detail
    assert caught.value.next_step
    assert faults.shown()[0]["left"] == 2


def test_a_page_of_html_is_told_at_once(account: SumtrackerAccount, faults: Faults) -> None:
    faults.add(Fault("html", times=5, shop="sumtracker"))
    watch = RecordingWatch()
    with pytest.raises(SumtrackerUnreadable, match="web page"):
        list(account.products(watch))
    assert watch.waits == []


@pytest.mark.parametrize("key", ["Ab12Cd34.wrong", "x"])
def test_a_wrong_key_is_refused(served: tuple[str, Faults], key: str) -> None:
    with (
        contextlib.closing(open_account(Secret(key), served[0])) as account,
        pytest.raises(SumtrackerKeyRefused, match="Invalid API key") as caught,
    ):
        list(account.warehouses())
    assert key not in str(caught.value).split()
    assert caught.value.next_step


def test_a_wait_is_stopped_by_a_person(account: SumtrackerAccount, faults: Faults) -> None:
    faults.add(Fault("bad_gateway", times=5, shop="sumtracker"))
    with pytest.raises(Cancelled):
        list(account.products(RecordingWatch(cancel_after_waits=1)))


def test_a_request_that_hangs_is_left(account: SumtrackerAccount, faults: Faults) -> None:
    faults.add(Fault("slow", wait=5, shop="sumtracker"))
    watch = RecordingWatch()
    checks = iter([False, False, False, True])
    check = watch.check

    def stop_at_the_fourth() -> None:
        watch.cancelled = next(checks)
        check()

    watch.check = stop_at_the_fourth  # type: ignore[method-assign]
    with pytest.raises(Cancelled):
        list(account.warehouses(watch))


def test_nobody_there_is_told(served: tuple[str, Faults]) -> None:
    with contextlib.closing(open_account(Secret(KEY), "http://127.0.0.1:1")) as account:
        watch = RecordingWatch()
        with pytest.raises(SumtrackerUnreachable, match=r"No connection to 127\.0\.0\.1"):
            list(account.warehouses(watch))
    assert watch.waits == [1, 2]


def test_a_request_says_what_the_api_asks_for() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"next": None, "results": []})

    with asked_through(answer) as account:
        assert account.origin == "https://inventory-api.sumtracker.com"
        for iterator in (
            account.warehouses(),
            account.products(),
            account.bundle_lines(),
            account.levels(31),
        ):
            assert not list(iterator)
    assert [str(request.url) for request in seen] == [
        "https://inventory-api.sumtracker.com/api/version/2025-03/settings/warehouses/",
        "https://inventory-api.sumtracker.com/api/version/2025-03/products/?limit=100",
        "https://inventory-api.sumtracker.com/api/version/2025-03/products/bundles/lines/?limit=100",
        "https://inventory-api.sumtracker.com/api/version/2025-11/stock/levels/?warehouse=31&limit=100",
    ]
    for request in seen:
        assert request.method == "GET"
        assert request.headers["authorization"] == f"Api-Key {KEY}"


def test_every_error_is_one_of_sumtrackers() -> None:
    kinds = (SumtrackerKeyRefused, SumtrackerUnreachable, SumtrackerUnreadable)
    assert all(issubclass(kind, SumtrackerError) and kind.exit_code == 3 for kind in kinds)
