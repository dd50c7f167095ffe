"""Bad input to Connect a store: one clear sentence at 80x24, nothing kept, no secret shown, and the program goes on.

Loads that meet a bad store are in `test_bad_loads.py`, files that are no exports and full disks in `test_bad_files.py`; all of it on
the command line in `tests/cli/test_bad_input.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from supportdesk.desk import Demo, Desk
from supportdesk.paths import Home
from supportdesk.sandbox.faults import Fault
from supportdesk.screens.connect import ConnectScreen
from supportdesk.screens.load import LoadScreen
from supportdesk.settings import Settings
from supportdesk.widgets.field import Field
from tests.cli.test_channels import export
from tests.conftest import settle, text_of, until
from tests.screens.fakes import TOKEN
from tests.screens.served import HANDLE, Served, assert_goes_on, paste, press, read, serving

pytestmark = pytest.mark.anyio

LONG = 1e9
"""Seconds that no patience outlasts."""


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A shop that is not connected yet, beside exports that were opened before."""
    with serving(tmp_path / "a home", monkeypatch) as served:
        served.open(export(tmp_path / "acme.csv"))
        yield served


async def connect_form(
    pilot: Pilot[None], shop: str, *, token: str = "", client: tuple[str, str] | None = None
) -> None:
    """Fill the Connect form as a person does, and try it."""
    await settle(pilot)
    await press(pilot, "c")
    await pilot.press(*shop, "enter", "enter")
    if client is None:
        await press(pilot, "right", "tab")
        await paste(pilot, token)
    else:
        await press(pilot, "tab")
        await paste(pilot, client[0])
        await press(pilot, "enter")
        await paste(pilot, client[1])
    await press(pilot, "enter")


@dataclass(frozen=True)
class Case:
    """One bad answer to the Connect form, and what is read then."""

    id: str
    sentences: tuple[str, ...]
    """What happened, and what to do next."""
    shop: str = HANDLE
    fault: Fault | None = None
    scopes: frozenset[str] | None = None
    by: str = "token"
    """Or `client`: a client id with its secret."""
    focus: str = ""
    """The field the error stands beside, and that has the focus."""


CASES = [
    Case(
        "the shop's own domain",
        (
            "kestrel-outdoor.com is not at myshopify.com; a shop's own domain does not serve its API.",
            "Type the shop's handle (kestrel-outdoor)",
        ),
        shop="kestrel-outdoor.com",
        focus="shop",
    ),
    Case(
        "no shop there",
        ("There is no shop at kestrle.myshopify.com.", "Check the handle, then connect again."),
        shop="kestrle.myshopify.com",
        focus="shop",
    ),
    Case(
        "missing scope",
        (
            "The token lacks read_inventory to read stock at each location; read_locations to list the",
            "Give the app these access scopes and install it again: read_products,read_inventory,",
        ),
        scopes=frozenset({"read_products"}),
        focus="token",
    ),
    Case(
        "HTML",
        (
            "kestrel.myshopify.com answered with a web page instead of data.",
            "A network login page or a proxy may be in between: open the shop in a browser.",
        ),
        fault=Fault("html", seconds=LONG),
    ),
    Case(
        "dropped",
        (
            "The store does not answer",
            "The connection to kestrel.myshopify.com broke off.",
            "Check the network, then try again.",
        ),
        fault=Fault("dropped", seconds=LONG),
    ),
    Case(
        "a fault of its own",
        ("kestrel.myshopify.com has a fault of its own (HTTP 502).", "Try again in a few minutes."),
        fault=Fault("bad_gateway", seconds=LONG),
    ),
    Case(
        "slow down",
        (
            "The store is too busy",
            "kestrel.myshopify.com asks everyone to slow down (HTTP 429).",
            "Try again in a few minutes.",
        ),
        fault=Fault("too_many_requests", seconds=LONG, wait=7),
    ),
    Case(
        "another version",
        ("answered as API version 2027-01; supportdesk speaks 2026-10.", "Update supportdesk."),
        fault=Fault("fall_forward", seconds=LONG),
    ),
]
CASES += [
    replace(
        case, id=f"{case.id}, by client id", by="client", focus=case.focus.replace("token", "client-secret")
    )
    for case in CASES
    if case.id in ("no shop there", "missing scope", "HTML")
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_a_store_that_cannot_be_connected(served: Served, case: Case) -> None:
    if case.fault is not None:
        served.faults.add(case.fault)
    if case.scopes is not None:
        served.shop.app.scopes = set(case.scopes)
    before, app, ours = served.dump(), served.app(), served.shop.app
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        if case.by == "token":
            await connect_form(pilot, case.shop, token=ours.static_token)
        else:
            await connect_form(pilot, case.shop, client=(ours.client_id, ours.client_secret))
        form = app.screen
        assert isinstance(form, ConnectScreen)
        for sentence in case.sentences:
            assert sentence in read(app), text_of(app)
        assert case.shop != HANDLE or "Nothing was kept." in read(app)
        for secret in (ours.static_token, ours.client_secret):
            assert secret not in text_of(app)
        assert not case.focus or form.field(case.focus).input.has_focus
        assert bool(case.focus) == any(field.has_class("-invalid") for field in form.query(Field))
        assert form.field("shop").value == case.shop
        assert served.dump() == before
        served.faults.clear()
        if case.shop == HANDLE and case.scopes is None:
            await press(pilot, "ctrl+s")
            assert "✓ Kestrel kestrel.myshopify.com" in read(app), "what was typed is still there"
        await assert_goes_on(pilot)
        assert "acme" in read(app)
    assert served.dump() == before


async def test_a_wrong_token(served: Served) -> None:
    before, app = served.dump(), served.app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await connect_form(pilot, HANDLE, token=TOKEN)
        for sentence in (
            "✗ The store does not accept the token",
            "kestrel.myshopify.com does not know this token.",
            "Connect again with a new token.",
        ):
            assert sentence in read(app), text_of(app)
        assert TOKEN not in text_of(app)
        assert text_of(app).count("does not accept") == 2, "beside the field, and with what to do"
        await press(pilot, "ctrl+u")
        await paste(pilot, served.shop.token)
        assert text_of(app).count("does not accept") == 1, "the field is not wrong any more"
        await press(pilot, "ctrl+s")
        assert "✓ Kestrel kestrel.myshopify.com" in read(app), text_of(app)
        assert served.dump() == before
        await assert_goes_on(pilot)
    assert served.dump() == before


async def test_a_wrong_client_secret(served: Served) -> None:
    before, app, wrong = served.dump(), served.app(), "shpss_" + "0" * 32
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await connect_form(pilot, HANDLE, client=(served.shop.app.client_id, wrong))
        assert "✗ The store does not accept the token" in read(app), text_of(app)
        assert "client" in read(app).partition("✗ The store does not accept the token")[2]
        assert wrong not in text_of(app)
        await assert_goes_on(pilot)
    assert served.dump() == before


async def test_a_network_that_is_down(served: Served) -> None:
    before, app = served.dump(), served.app()
    served.url = "http://127.0.0.1:1"
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await connect_form(pilot, HANDLE, token=served.shop.token)
        assert "No connection to kestrel.myshopify.com." in read(app), text_of(app)
        assert "Check the network and the shop's handle, then try again." in read(app)
        await assert_goes_on(pilot)
    assert served.dump() == before
    assert len(served.waits) > 1, "it was patient"


async def test_another_shop_in_the_demo(served: Served) -> None:
    """The demo asks its own store alone, whatever is typed: here there is no other host to be patched away."""
    desk = Desk(
        Home(served.desk.home.root), Settings(keyring=False), demo=Demo(served.url, first_channel=HANDLE)
    )
    served.desk = desk
    before, app = served.dump(), served.app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await connect_form(pilot, "another", token=served.shop.token)
        assert "for this token is kestrel.myshopify.com, not another.myshopify.com." in read(app), text_of(
            app
        )
        assert "If that is the shop you mean, connect it by its own name, kestrel." in read(app)
        await assert_goes_on(pilot)
    assert served.dump() == before


@pytest.mark.parametrize(
    ("fault", "note"),
    [
        (Fault("throttled", seconds=60), "The store asks us to wait"),
        (Fault("too_many_requests", times=3, wait=20), "The store asks us to wait 20 s"),
        (Fault("dropped"), "No good answer; trying again in"),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
async def test_connecting_waits_out_what_passes_and_says_so(served: Served, fault: Fault, note: str) -> None:
    app = served.app()
    served.faults.add(fault)
    served.go_on.clear()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "c")
        await pilot.press(*HANDLE, "enter", "enter", "right", "tab")
        await paste(pilot, served.shop.token)
        await pilot.press("enter")
        await until(pilot, lambda: note in read(app))
        assert "esc stop" in read(app)
        served.go_on.set()
        await settle(pilot)
        assert "✓ Kestrel kestrel.myshopify.com" in read(app), text_of(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, LoadScreen)
        assert "Loaded. Enter opens the overview." in read(app)
        await assert_goes_on(pilot)
    if fault.kind != "dropped":
        assert sum(served.waits) >= 60


async def test_a_new_token_that_is_wrong_leaves_the_old_one(served: Served) -> None:
    served.connect()
    served.load()
    before, app = served.dump(), served.app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await connect_form(pilot, HANDLE, token=TOKEN)
        assert "does not know this token" in read(app), text_of(app)
        await assert_goes_on(pilot)
        assert served.dump() == before
        await press(pilot, "enter", "r")
        assert "Loaded. Enter opens the overview." in read(app), text_of(app)


async def test_a_store_that_fails_when_it_is_kept(served: Served) -> None:
    before, app = served.dump(), served.app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await connect_form(pilot, HANDLE, token=served.shop.token)
        served.faults.add(Fault("html", seconds=LONG))
        await press(pilot, "enter")
        assert "answered with a web page instead of data." in read(app), text_of(app)
        assert "Nothing was kept." in read(app)
        assert served.dump() == before
        assert not [path for path in served.desk.home.root.rglob("*") if HANDLE in path.name]
        await assert_goes_on(pilot)
