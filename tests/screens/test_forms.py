"""Connect a store and Open exports: nothing typed is lost, nothing is kept before it is tried, no secret is shown."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from supportdesk.errors import ExportInvalid, Refused, ScopeMissing, StoreUnreachable
from supportdesk.screens.channel import ChannelScreen
from supportdesk.screens.connect import ConnectScreen
from supportdesk.screens.connect_doorway import Access
from supportdesk.screens.exports import ExportsScreen, paths_in
from supportdesk.screens.home import HomeScreen
from supportdesk.screens.load import LoadScreen
from supportdesk.screens.program import SupportdeskApp
from tests.conftest import settle, text_of, until
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fakes import KESTREL, OTHERS, TOKEN

pytestmark = pytest.mark.anyio


def form_of(app: SupportdeskApp) -> ConnectScreen:
    assert isinstance(app.screen, ConnectScreen)
    return app.screen


def fill(app: SupportdeskApp, **values: str) -> None:
    for name, value in values.items():
        form_of(app).field(name.replace("_", "-")).input.value = value


async def test_connecting_tries_first_then_keeps_and_loads(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await settle(pilot)
        await pilot.press("c")
        await settle(pilot)
        fill(app, shop="new-store", client_id="id", client_secret=TOKEN)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert fake_of(app).calls == [("try", "new-store")]
        shown = text_of(app)
        assert "✓ Kestrel Outdoor  new-store.myshopify.com" in shown
        assert "! write_inventory to write stock to the store; without it" in shown
        assert TOKEN not in shown
        await pilot.press("enter")
        await settle(pilot)
        assert ("connect", "new-store", "") in fake_of(app).calls
        assert isinstance(app.screen, LoadScreen)
        assert ("load", "new-store") in fake_of(app).calls
        assert "kept in the keyring" in text_of(app)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, ChannelScreen)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, HomeScreen)
        assert app.screen.table.row_key == "new-store"


async def test_what_is_tried_is_forgotten_when_it_is_changed(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("c")
        await settle(pilot)
        fill(app, shop="a", client_id="id", client_secret="secret")
        await pilot.press("ctrl+s")
        await settle(pilot)
        fill(app, shop="b")
        await settle(pilot)
        assert "Try it" in text_of(app)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert fake_of(app).calls == [("try", "a"), ("try", "b")]


@pytest.mark.parametrize(
    ("values", "error", "field", "words"),
    [
        ({"shop": "example.com", "token": "t"}, None, "shop", "is not at myshopify.com"),
        ({"shop": "a", "token": "wrong"}, None, "token", "The store does not accept the token"),
        (
            {"shop": "a", "token": "t"},
            ScopeMissing("It may not read products."),
            "token",
            "may not do enough",
        ),
        ({"shop": "a", "token": "t"}, Refused("Already in kestrel."), "account", "not allowed now"),
        ({"shop": "a", "token": "t"}, StoreUnreachable("No answer."), None, "The store does not answer"),
    ],
)
async def test_errors_stand_beside_the_field_and_nothing_is_lost(
    make_app: MakeApp, values: dict[str, str], error: Exception | None, field: str | None, words: str
) -> None:
    app = make_app()
    fake_of(app).fail = error
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("c")
        await settle(pilot)
        form = form_of(app)
        fill(app, **values)
        form.query_one("Choice").action_choose(1)  # type: ignore[attr-defined]
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert words in text_of(app)
        for name, value in values.items():
            assert form.field(name).value == value
        if field is not None:
            assert form.field(field).input.has_focus
            assert form.field(field).has_class("-invalid")
        assert not form.tried


async def test_what_is_missing_is_said_without_asking_the_store(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("c")
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        shown = text_of(app)
        assert "Which store?" in shown
        assert "client id." in shown
        assert fake_of(app).calls == []
        assert form_of(app).field("shop").input.has_focus


async def test_enter_walks_through_the_fields(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("c")
        await settle(pilot)
        await pilot.press("s", "enter", "enter", "right", "tab", "t", "enter")
        await settle(pilot)
        assert fake_of(app).calls == [("try", "s")]


async def test_a_mouse_is_enough(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.click("FooterLine", offset=(30, 0))
        await settle(pilot)
        fill(app, shop="a", token="t")
        await pilot.click("Choice", offset=(30, 0))
        await settle(pilot)
        await pilot.click("#try")
        await settle(pilot)
        assert fake_of(app).calls == [("try", "a")]


async def test_esc_stops_asking_first(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app()
    gate = threading.Event()
    monkeypatch.setattr(fake_of(app), "try_connection", lambda access, watch: gate.wait(10))
    try:
        async with app.run_test() as pilot:
            await pilot.press("c")
            await settle(pilot)
            fill(app, shop="a", client_id="i", client_secret="s")
            await pilot.press("ctrl+s")
            await until(pilot, lambda: "Asking the store" in text_of(app))
            await pilot.press("escape")
            await settle(pilot)
            assert "Stopped; nothing was kept." in text_of(app)
            form_of(app)
            await pilot.press("escape")
            await settle(pilot)
            assert isinstance(app.screen, HomeScreen)
    finally:
        gate.set()


@pytest.mark.parametrize(("presenter", "seen"), [(True, False), (False, True)])
async def test_presenter_mode_hides_account_names(make_app: MakeApp, presenter: bool, seen: bool) -> None:
    app = make_app(KESTREL + OTHERS, presenter=presenter)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("c")
        await settle(pilot)
        assert ("atelier-nord" in text_of(app)) is seen


async def test_the_scopes_can_be_copied_while_typing(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("c")
        await settle(pilot)
        await pilot.press("f2")
        await settle(pilot)
        assert app.clipboard.startswith("read_products,")


@pytest.mark.parametrize(("size", "below"), [((80, 24), True), ((120, 36), False)])
async def test_what_does_not_fit_can_be_read_and_the_screen_says_how(
    make_app: MakeApp, size: tuple[int, int], below: bool
) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await pilot.press("c")
        await settle(pilot)
        assert ("page down reads on" in text_of(app)) is below
        assert ("write_products" in text_of(app)) is not below
        await pilot.press("pagedown")
        await settle(pilot)
        assert "write_products" in text_of(app)


def test_an_access_shows_no_secret() -> None:
    access = Access("a", token=TOKEN, client_secret=TOKEN)
    assert TOKEN not in f"{access!r} {access}"


def test_paths_are_words_as_in_a_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.csv", "b.csv", "my export.csv", "odd[1].csv"):
        (tmp_path / name).touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    names = {
        f"{tmp_path}/a.csv {tmp_path}/b.csv": ["a.csv", "b.csv"],
        f"'{tmp_path}/my export.csv'": ["my export.csv"],
        f"{tmp_path}/my\\ export.csv {tmp_path}/a.csv": ["my export.csv", "a.csv"],
        f"{tmp_path}/my export.csv": ["my export.csv"],
        "~/a.csv": ["a.csv"],
        "~/?.csv": ["a.csv", "b.csv"],
        "~/odd[1].csv": ["odd[1].csv"],
        "~/none*.csv": ["none*.csv"],
        "": [],
    }
    for typed, expected in names.items():
        assert [path.name for path in paths_in(typed)] == expected, typed
    with pytest.raises(ValueError, match="quotation"):
        paths_in("'a.csv")


async def test_opening_exports_leads_to_the_overview(make_app: MakeApp) -> None:
    app = make_app(())
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("o", *"spring", "full_stop", *"csv", "enter", "enter")
        await settle(pilot)
        assert ("open", (Path("spring.csv"),), None) in fake_of(app).calls
        assert isinstance(app.screen, ChannelScreen)
        assert "These are export files" in text_of(app)


@pytest.mark.parametrize(("typed", "words"), [("", "Which files?"), ("'a.csv", "A quote is opened")])
async def test_files_that_cannot_be_meant(make_app: MakeApp, typed: str, words: str) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("o")
        await settle(pilot)
        assert isinstance(app.screen, ExportsScreen)
        app.screen.files.input.value = typed
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert words in text_of(app)
        assert fake_of(app).calls == []


async def test_a_bad_export_stays_in_place(make_app: MakeApp) -> None:
    app = make_app()
    fake_of(app).fail = ExportInvalid("No column `Handle`.", "Export it again.")
    async with app.run_test() as pilot:
        await pilot.press("o", "x", "ctrl+s")
        await settle(pilot)
        assert isinstance(app.screen, ExportsScreen)
        assert "No column `Handle`." in text_of(app)
        assert app.screen.files.value == "x"
        fake_of(app).fail = None
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert isinstance(app.screen, ChannelScreen)


async def test_esc_stops_reading_files_first(make_app: MakeApp) -> None:
    app = make_app()
    gate = fake_of(app).gate = threading.Event()
    try:
        async with app.run_test() as pilot:
            await pilot.press("o", "x", "ctrl+s")
            await until(pilot, lambda: "88 of 88 rows" in text_of(app))
            await pilot.press("escape")
            await settle(pilot)
            assert isinstance(app.screen, ExportsScreen)
            assert "Stopped; nothing was kept." in text_of(app)
    finally:
        gate.set()


@pytest.mark.parametrize(
    ("values", "focused", "said", "unsaid"),
    [
        (
            {"shop": "shop.example.com"},
            "shop",
            ["is not at myshopify.com", "Paste the app's client id.", "Paste the app's client secret."],
            ["Which store?"],
        ),
        (
            {"shop": "a", "client_id": "https://dev.shopify.com/x", "client_secret": "s"},
            "client-id",
            ["no client id"],
            ["Paste"],
        ),
        ({"shop": "a", "client_id": "two words"}, "client-id", ["no client id", "client secret."], []),
        ({"shop": "a", "client_id": "a/b"}, "client-id", ["no client id"], []),
        ({"shop": "a", "client_id": "id"}, "client-secret", ["client secret."], ["no client id"]),
    ],
)
async def test_the_first_field_that_is_wrong_has_the_focus(
    make_app: MakeApp, values: dict[str, str], focused: str, said: list[str], unsaid: list[str]
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("c")
        await settle(pilot)
        fill(app, **values)
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        shown = " ".join(text_of(app).split())
        assert all(words in shown for words in said), shown
        assert not any(words in shown for words in unsaid), shown
        assert form_of(app).field(focused).input.has_focus
        assert fake_of(app).calls == []


async def test_what_the_store_makes_us_wait_for_is_said(make_app: MakeApp) -> None:
    app = make_app()
    gate = fake_of(app).gate = threading.Event()
    try:
        async with app.run_test() as pilot:
            await pilot.press("c")
            await settle(pilot)
            fill(app, shop="a", client_id="i", client_secret="s")
            await pilot.press("ctrl+s")
            await until(pilot, lambda: "The store asks us to wait 12 s" in text_of(app))
            assert "esc stop" in text_of(app)
            await pilot.press("escape")
            await settle(pilot)
            assert "Stopped; nothing was kept." in text_of(app)
            assert "esc back" in text_of(app)
            assert "asks us to wait" not in text_of(app)
    finally:
        gate.set()


@pytest.mark.parametrize(
    ("pasted", "taken"),
    [
        ("one\ntwo\nthree", "one"),
        ("one\r\ntwo", "one"),
        ("\n\n  one\ntwo", "one"),
        ("sh\x1b[31mop\x07\x00", "sh[31mop"),
        ("a\u200bb\u202ec", "abc"),
        ("\x1b\n", ""),
        ("", ""),
    ],
)
async def test_a_paste_is_its_first_line_in_order(make_app: MakeApp, pasted: str, taken: str) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("c")
        await settle(pilot)
        await pilot.press("x", "y", "left")
        app.post_message(events.Paste(pasted))
        await settle(pilot)
        assert form_of(app).field("shop").input.value == f"x{taken}y"


@pytest.mark.parametrize("key", ["slash", "ctrl+p"])
async def test_what_is_pasted_to_look_for_shows_nothing_invisible(make_app: MakeApp, key: str) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press(key)
        await settle(pilot)
        app.post_message(events.Paste("out\u202elet\x1b[31m\nmore"))
        await settle(pilot)
        assert app.screen.query_one(Input).value == "outlet[31m"
