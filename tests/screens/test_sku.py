"""The SKU inspector: how a number comes about, every panel and key, changes with before and after, conflicts, hostile SKUs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from supportdesk.core.stock import FedRow, Quantities, SkuInspection, StockChange, WarehouseStock
from supportdesk.errors import Conflict, Refused, UnknownName
from supportdesk.screens.change import ChangeDialog, ChangeKind
from supportdesk.screens.program import SupportdeskApp
from supportdesk.screens.sku import SkuScreen
from supportdesk.screens.sku_rows import fed_row, formula
from supportdesk.screens.stock_words import change_line, when, zone
from supportdesk.widgets.dialogs import ErrorDialog, TextPage
from tests.conftest import a_share, actions_of, settle, text_of
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fakes import HOSTILE, NOW, hostile_channels, summary

FIRST = "kestrel-outdoor"
ODD_SKUS = ("-X", "   ", "two\nlines", "'0012", "ümlaut €", "--sku=", "a" * 200, *HOSTILE)


async def shown(pilot: Pilot[None], *keys: str) -> str:
    """What stands on the screen after those keys, settled after each."""
    await settle(pilot)
    for key in keys:
        await pilot.press(key)
        await settle(pilot)
    return text_of(pilot.app)


async def inspected(pilot: Pilot[None], sku: str = "KO-TENT-2P", timezone: str = "Europe/London") -> str:
    """The inspector of that SKU, opened."""
    await settle(pilot)
    pilot.app.push_screen(SkuScreen(summary(), sku, timezone))
    return await shown(pilot)


def on_top(app: SupportdeskApp, kind: type[Screen[Any]]) -> bool:
    """Whether a screen of that kind is shown."""
    return isinstance(app.screen, kind)


def changes_of(app: SupportdeskApp) -> list[StockChange]:
    """What was asked for."""
    return [
        call[2]
        for call in fake_of(app).calls
        if call[0] == "change_stock" and isinstance(call[2], StockChange)
    ]


def place(**changes: object) -> WarehouseStock:
    """A warehouse's stock."""
    base = WarehouseStock(1, "MAIN", "Main Street", Quantities(31, 4, 10), True, 27, 0, 27)
    return replace(base, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stock", "is_bundle", "said"),
    [
        (place(), False, "MAIN: 31 in stock − 4 booked = 27 available, the number pushed."),
        (place(close_at=30, pushed=0), False, "27 available; close at 30, so 0 is pushed."),
        (place(pushed=10), False, "at most the channel's maximum, so 10 is pushed."),
        (
            place(quantities=Quantities(1, 4, 0), available=-3, pushed=0),
            False,
            "1 in stock − 4 booked = -3 available; never less than 0",
        ),
        (
            place(counted=False, available=None, pushed=None),
            False,
            "never counted there, so the number is unknown",
        ),
        (
            place(available=6, pushed=6),
            True,
            "the scarcest component is enough for 6 bundles, the number pushed",
        ),
        (place(available=None, pushed=None), True, "a component was never counted there"),
        (place(shopify_master=True, pushed=None), False, "Shopify is master"),
    ],
)
def test_how_a_number_comes_about(stock: WarehouseStock, is_bundle: bool, said: str) -> None:
    shown_there = FedRow("outdoor", "tent", "Tent", "", "Main Street", "MAIN", 3, 27, None)
    inspection = SkuInspection("KO-1", "Tent", is_bundle, (stock,), (shown_there,), (), (), (), 0)
    assert said in formula(stock, inspection)


@pytest.mark.parametrize("left_out", [None, "draft"])
def test_a_number_that_no_listing_shows_is_not_pushed(left_out: str | None) -> None:
    row = FedRow("outdoor", "tent", "Tent", "", "Depot", "MAIN" if left_out else "DEPOT", 3, 27, left_out)
    inspection = SkuInspection("KO-1", "Tent", False, (place(),), (row,), (), (), (), 0)
    assert formula(place(), inspection).endswith("27 available; no listing shows it.")
    assert not inspection.feeds(place())


def test_a_row_names_its_channel_as_the_header_does() -> None:
    row = FedRow("outdoor", "tent", "Tent", "", "Depot", "MAIN", 3, 27, None, "Kestrel Outdoor")
    assert fed_row(row).cells[0] == "Kestrel Outdoor"
    assert fed_row(replace(row, channel_title="")).cells[0] == "outdoor"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (Quantities(31, 4, 0), Quantities(36, 4, 0), "MAIN: in stock 31 → 36, booked 4, available 27 → 32"),
        (None, Quantities(5, 0, 0), "MAIN: in stock unknown → 5, booked 0, available unknown → 5"),
        (
            Quantities(1, 0, 10),
            Quantities(6, 0, 5),
            "MAIN: in stock 1 → 6, booked 0, available 1 → 6, incoming 10 → 5",
        ),
    ],
)
def test_before_and_after(before: Quantities | None, after: Quantities, said: str) -> None:
    assert change_line("MAIN", before, after) == said


def test_times_are_the_store_s_own() -> None:
    at = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    tokyo, nowhere = zone("Asia/Tokyo"), zone("Mars/Olympus")
    assert when(at, tokyo, NOW) == "24 Nov 08:30"
    assert when(at, tokyo, at) == "08:30:00"
    assert when(at, nowhere, at) == "23:30:00"
    assert when(datetime(2025, 1, 2, tzinfo=UTC), nowhere, at) == "2025-01-02"


@pytest.mark.anyio
async def test_it_says_why(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 50)) as pilot:
        text = await inspected(pilot)
        for words in (
            "KO-TENT-2P  Ridge tent 2P",
            "MAIN: 31 in stock − 4 booked = 27 available, the number pushed.",
            "5 rows",
            "Ridge tent 2P (sale)",
            "archived",
            "KO-KIT-CAMP",
            "42 movements, newest first",
            "22 Nov 03:00",
            "PO-118",
        ):
            assert words in text, words
        assert text.count("unknown") == 2
        assert "Made of" not in text
        text = await shown(pilot, "j")
        assert "DEPOT: 6 in stock − 1 booked = 5 available; close at 5, so 0 is pushed." in text
        text = await shown(pilot, "j")
        assert "RETURNS: never counted there, so the number is unknown, which is not 0." in text


@pytest.mark.anyio
async def test_a_bundle_says_what_limits_it(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 50), notifications=True) as pilot:
        text = await inspected(pilot, "KO-KIT-CAMP")
        assert "Made of" in text
        limits = [line for line in text.splitlines() if "! limits" in line]
        assert len(limits) == 2
        assert "KO-MUG-ENAMEL" in limits[0]
        for key in "asict":
            text = await shown(pilot, key)
            assert "follows from its components" in text
        assert on_top(app, SkuScreen)


@pytest.mark.anyio
async def test_keys_go_through_the_panels(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await inspected(pilot)
        screen = app.screen
        assert isinstance(screen, SkuScreen)
        seen = []
        for _ in range(4):
            seen += [panel.id for panel in screen.panels if panel.has_focus]
            await shown(pilot, "tab")
        assert seen == ["warehouses", "rows", "bundles", "movements"]
        await shown(pilot, "G", "j")
        assert screen.table("rows").has_focus, "down from the last warehouse is the first row"
        await shown(pilot, "k")
        assert screen.table("warehouses").has_focus


@pytest.mark.anyio
async def test_older_movements_are_read_at_the_last_one(make_app: MakeApp) -> None:
    app = make_app()
    fake_of(app).inventory.movement_count = 450
    async with app.run_test() as pilot:
        text = await inspected(pilot)
        await shown(pilot, "tab", "tab", "tab")
        assert "200 of 450, newest first" in text_of(app)
        text = await shown(pilot, "G")
        assert "450 movements, newest first" in text
        screen = app.screen
        assert isinstance(screen, SkuScreen)
        assert screen.table("movements").row_key == "251", "the cursor stays where it was"
        assert [call[2] for call in fake_of(app).calls if call[0] == "inspect_sku"] == [200, 2_000]


@pytest.mark.parametrize(
    ("key", "kind", "typed", "word", "shown_effect"),
    [
        ("a", "adjust", "-2", "reason", "in stock 31 → 29, booked 4, available 27 → 25"),
        ("s", "set", "40", "reason", "in stock 31 → 40, booked 4, available 27 → 36"),
        ("c", "count", "30", "reference", "in stock 31 → 30, booked 4, available 27 → 26"),
        ("i", "receive", "4", "reference", "incoming 10 → 6"),
    ],
)
@pytest.mark.anyio
async def test_changes(
    make_app: MakeApp, key: str, kind: ChangeKind, typed: str, word: str, shown_effect: str
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await inspected(pilot)
        text = await shown(pilot, key, *typed)
        assert on_top(app, ChangeDialog)
        assert shown_effect in text
        text = await shown(pilot, "enter", *"PO 1", "enter", "enter")
        assert on_top(app, SkuScreen)
        assert "In stock at MAIN is" in text
        asked = 0 if kind in ("set", "count") else None
        expected = StockChange(
            *(kind, "1", "KO-TENT-2P", int(typed)), seen=31, promised_seen=asked, set_aside_seen=asked
        )
        assert changes_of(app) == [replace(expected, **{word: "PO 1"})]  # type: ignore[arg-type]


@pytest.mark.anyio
async def test_a_transfer_shows_both_sides(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await inspected(pilot)
        text = await shown(pilot, "t", "enter", "5")
        assert "MAIN: in stock 31 → 26, booked 4, available 27 → 22" in text
        assert "DEPOT: in stock 6 → 11, booked 1, available 5 → 10" in text
        text = await shown(pilot, "shift+tab", "j")
        assert "RETURNS: in stock unknown → 5" in text
        await shown(pilot, "ctrl+s")
        assert changes_of(app) == [StockChange("transfer", "1", "KO-TENT-2P", 5, to="3", seen=31)]


@pytest.mark.parametrize(
    ("key", "typed"),
    [("a", "0"), ("a", "two"), ("s", "-1"), ("c", ""), ("i", "0"), ("t", "-3"), ("s", "1.5")],
)
@pytest.mark.anyio
async def test_a_number_that_is_none(make_app: MakeApp, key: str, typed: str) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await inspected(pilot)
        await shown(
            pilot, key, *(["enter"] if key == "t" else []), *(("minus" if c == "-" else c) for c in typed)
        )
        text = await shown(pilot, "ctrl+s")
        assert "✗ A whole number" in text
        assert changes_of(app) == []
        assert on_top(app, ChangeDialog)


@pytest.mark.anyio
async def test_the_warehouse_under_the_cursor_is_changed(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await inspected(pilot)
        text = await shown(pilot, "j", "tab", "a")
        assert "Adjust KO-TENT-2P at DEPOT" in text
        await shown(pilot, "escape", "shift+tab", "j", "c")
        assert "RETURNS: never counted, so its number is unknown" in text_of(app)


@pytest.mark.anyio
async def test_a_refusal_is_said_in_the_form(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await inspected(pilot)
        await shown(pilot, "a", "5")
        fake_of(app).fail = Refused("MAIN has a Shopify master.", "Change the count in Shopify.")
        text = await shown(pilot, "ctrl+s")
        assert "✗ MAIN has a Shopify master. Change the count in Shopify." in text
        assert on_top(app, ChangeDialog)
        fake_of(app).fail = None
        await shown(pilot, "escape")
        assert on_top(app, SkuScreen)


@pytest.mark.anyio
async def test_after_a_conflict_the_form_shows_the_numbers_as_they_are(make_app: MakeApp) -> None:
    app = make_app()
    fake = fake_of(app)
    async with app.run_test() as pilot:
        await inspected(pilot)
        await shown(pilot, "s", "4")
        moved = fake.inventory.inspection("KO-TENT-2P", 1)
        first = replace(moved.warehouses[0], quantities=Quantities(20, 4, 0), available=16)
        moved = replace(moved, warehouses=(first, *moved.warehouses[1:]))

        def conflict(*_: object) -> object:
            raise Conflict("mia adjusted MAIN to 20 at 14:29.", "Look at the number again.")

        fake.change_stock = conflict  # type: ignore[method-assign,assignment]
        fake.inventory.inspection = lambda *_: moved  # type: ignore[method-assign]
        text = await shown(pilot, "ctrl+s")
        assert "✗ mia adjusted MAIN to 20 at 14:29." in text
        assert "in stock 20 → 4" in text
        screen = app.screen
        assert isinstance(screen, ChangeDialog)
        assert screen.warehouse.quantities.in_stock == 20


@pytest.mark.anyio
async def test_the_form_of_a_sku_of_blanks_shows_it(make_app: MakeApp) -> None:
    app = make_app()
    fake = fake_of(app)
    blank = replace(fake.inventory.inspection("KO-1", 10), sku="  ", name="")
    fake.inventory.inspection = lambda *_: blank  # type: ignore[method-assign]
    async with app.run_test() as pilot:
        await inspected(pilot)
        text = await shown(pilot, "a")
        assert 'Adjust "  " at MAIN' in text


@pytest.mark.anyio
async def test_a_shopify_master_takes_no_change(make_app: MakeApp) -> None:
    app = make_app()
    fake = fake_of(app)
    plain_inspection = fake.inventory.inspection("KO-1", 10)
    places = (replace(plain_inspection.warehouses[0], shopify_master=True), *plain_inspection.warehouses[1:])
    fake.inventory.inspection = lambda *_: replace(plain_inspection, warehouses=places)  # type: ignore[method-assign]
    async with app.run_test(notifications=True) as pilot:
        text = await inspected(pilot)
        assert "MAIN: Shopify is master: its numbers are taken over, nothing is pushed." in text
        for key in "asict":
            text = await shown(pilot, key)
            assert "Shopify is master in MAIN" in text
        await shown(pilot, "j", "a")
        assert on_top(app, ChangeDialog)


@pytest.mark.anyio
async def test_read_only(make_app: MakeApp) -> None:
    app = make_app(read_only=True)
    async with app.run_test(notifications=True) as pilot:
        await inspected(pilot)
        for key in "asict":
            assert "read-only" in await shown(pilot, key)
        assert on_top(app, SkuScreen)


@pytest.mark.anyio
async def test_a_sku_that_is_not_there(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        fake_of(app).fail = UnknownName(
            "No listing or product has the SKU 'KO-TENT'.", "Did you mean KO-TENT-2P?"
        )
        text = await inspected(pilot, "KO-TENT")
        assert isinstance(app.screen, ErrorDialog)
        assert "Did you mean KO-TENT-2P?" in text
        text = await shown(pilot, "escape")
        assert "KO-TENT  could not be looked into." in text
        fake_of(app).fail = None
        text = await shown(pilot, "r")
        assert "31 in stock" in text


@pytest.mark.anyio
async def test_another_agent_s_movement_is_seen(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await inspected(pilot)
        screen = app.screen
        assert isinstance(screen, SkuScreen)
        screen.look()
        await settle(pilot)
        before = len([call for call in fake_of(app).calls if call[0] == "inspect_sku"])
        fake_of(app).mark += 1
        screen.look()
        await settle(pilot)
        assert len([call for call in fake_of(app).calls if call[0] == "inspect_sku"]) == before + 1


@pytest.mark.anyio
async def test_copying_and_meaning(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await inspected(pilot)
        await shown(pilot, "y")
        assert app.clipboard == "KO-TENT-2P"
        await shown(pilot, "j", "Y")
        assert app.clipboard.split("\t")[:3] == ["DEPOT", "Depot", "6"]
        text = await shown(pilot, "m")
        assert isinstance(app.screen, TextPage)
        assert "It is not 0" in text


@pytest.mark.anyio
@pytest.mark.parametrize("sku", [*ODD_SKUS[:7], *a_share(HOSTILE)])
async def test_odd_skus(make_app: MakeApp, sku: str) -> None:
    app = make_app(hostile_channels(), hostile=True)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await inspected(pilot, sku)
        assert ("inspect_sku", sku, 200) in fake_of(app).calls
        shows_blanks = text_of(app).splitlines()[1].startswith(' "')
        assert shows_blanks == (sku != sku.strip() or sku.startswith('"'))
        for keys in ("", "t enter 5", "ctrl+s", "a 5 enter x"):
            text = await shown(pilot, *keys.split())
            assert actions_of(app) == set()
            assert all(line.isprintable() for line in text.splitlines())
        await shown(pilot, "ctrl+s")
        assert [change.sku for change in changes_of(app)] == [sku, sku]
        assert changes_of(app)[-1].quantity == 5


# A channel that is on


@pytest.mark.anyio
async def test_of_the_row_under_the_cursor_it_says_how_its_number_comes_about(make_app: MakeApp) -> None:
    app = make_app()
    fake_of(app).inventory.synced = True
    async with app.run_test(size=(100, 60)) as pilot:
        text = await inspected(pilot, timezone="UTC")
        screen = app.screen
        assert isinstance(screen, SkuScreen)
        assert "Kestrel Outdoor: Ridge tent 2P at Main Street" in text
        assert "= 27 should show · last read 11:15:33: 28" in text
        assert "~ An edit of +2 was seen once" in text
        why = screen.table("why")
        rows = [row for row in why.source.window(0, 20) if row is not None]
        assert [(row.cells[2], row.cells[3], row.cells[4]) for row in rows] == [
            ("sent, not answered yet: #1042: Mug: same SKU", "-1", 27),
            ("#1042 cancelled", "+2", 28),
            ("gone without a name", "-1", 26),
            ("an edit by staff; put back to 27", "(-3)", 27),
            ("set aside in the store", "-4", 27),
            ("pushed: PO-118, mia", "+10", 31),
            ("#1042 placed", "-2", 21),
            ("34 older pushes and effects", "-2", 23),
            ("in the store when sync began, 24 to 25", "", 25),
        ]
        text = await shown(pilot, "tab", "j")
        assert "~ settling: an order came late, read 8 times" in text
        text = await shown(pilot, "j")
        assert why.has_class("-unused"), "the channel does not sync that row"
        text = await shown(pilot, "j")
        assert "! held: the store refused to write it" in text


@pytest.mark.anyio
async def test_what_happened_is_told_beside_what_moved(make_app: MakeApp) -> None:
    app = make_app()
    fake_of(app).inventory.synced = True
    async with app.run_test(size=(100, 60)) as pilot:
        text = await inspected(pilot, timezone="UTC")
        screen = app.screen
        assert isinstance(screen, SkuScreen)
        assert "42 movements and 3 events, newest first" in text
        rows = [row for row in screen.table("movements").source.window(0, 60) if row is not None]
        keys = [row.key for row in rows]
        assert len(keys) == 45
        assert keys[:3] == ["event 9", "event 8", "event 7"] or keys.index("event 9") < keys.index("event 8")
        (pushed,) = [row for row in rows if row.key == "event 9"]
        assert (pushed.cells[2], *pushed.cells[6:8]) == ("→ push", 27, "#1042 Mug (gift): same SKU")


@pytest.mark.anyio
async def test_an_edit_is_adopted_where_it_was_put_back_and_where_it_was_only_seen(make_app: MakeApp) -> None:
    app = make_app()
    fake_of(app).inventory.synced = True
    async with app.run_test(size=(120, 60)) as pilot:
        await inspected(pilot)
        screen = app.screen
        assert isinstance(screen, SkuScreen)
        assert "no edit by staff" in (screen.reason_disabled("sku.adopt") or "")
        assert screen.inspection is not None
        first, *others = screen.inspection.rows
        assert first.explanation is not None
        seen = replace(first, explanation=replace(first.explanation, suspected=-2))
        screen.show(replace(screen.inspection, rows=(seen, *others)))
        screen.table("rows").focus()
        await settle(pilot)
        text = await shown(pilot, "A")
        assert "staff changed it by -2. It is put back" in text
        await shown(pilot, "y")
        movements = screen.table("movements")
        movements.focus()
        keys = [row.key for row in movements.source.window(0, 60) if row is not None]
        movements.action_cursor(keys.index("event 8"))
        text = await shown(pilot, "A")
        assert "staff made it 30, and it was put back" in text
        await shown(pilot, "y")
        movements.action_cursor(1)
        await settle(pilot)
        assert screen.reason_disabled("sku.adopt") is not None
        assert [call for call in fake_of(app).calls if call[0] == "adopt"] == [
            ("adopt", first.channel, "KO-TENT-2P", (str(first.location_id), -2)),
            ("adopt", FIRST, "KO-TENT-2P", 8),
        ]


@pytest.mark.parametrize(
    ("answer", "promised", "effect"),
    [
        (("right",), "included", "in stock 31 → 37, booked 4, available 27 → 33 (40 − 3 promised)"),
        (("right", "right"), "not-included", "in stock 31 → 40, booked 4, available 27 → 36"),
    ],
)
@pytest.mark.anyio
async def test_a_count_asks_for_units_promised_before(
    make_app: MakeApp, answer: tuple[str, ...], promised: str, effect: str
) -> None:
    app = make_app()
    fake_of(app).inventory.synced = True
    async with app.run_test(size=(120, 36)) as pilot:
        text = await inspected(pilot)
        assert "3 more units on the shelf promised by orders from before sync" in " ".join(text.split())
        text = await shown(pilot, "c", *"40", "ctrl+s")
        assert "Say whether your number includes the units" in text
        assert "3 units on the shelf are promised by orders from before sync" in text
        assert "in stock 31, booked 4, available 27" in text, "what it comes to waits for the answer"
        assert changes_of(app) == []
        text = await shown(pilot, *answer)
        assert effect in text
        await shown(pilot, "ctrl+s")
        assert on_top(app, SkuScreen)
        (change,) = changes_of(app)
        assert (change.kind, change.quantity, change.promised, change.promised_seen) == (
            "count",
            40,
            promised,
            3,
        )


@pytest.mark.anyio
async def test_a_count_asks_for_units_set_aside_beside_those_promised(make_app: MakeApp) -> None:
    app = make_app()
    fake_of(app).inventory.synced = True
    async with app.run_test(size=(80, 24)) as pilot:
        await inspected(pilot)
        screen = app.screen
        assert isinstance(screen, SkuScreen)
        assert screen.inspection is not None
        first, *others = screen.inspection.warehouses
        aside = replace(first, set_aside=4)
        screen.show(replace(screen.inspection, warehouses=(aside, *others)))
        text = await shown(pilot)
        assert "(4 more units on the shelf set aside in the store)" in " ".join(text.split())
        text = await shown(pilot, "c", *"40", "ctrl+s")
        assert "4 units on the shelf are set aside in the store, until they are released" in " ".join(
            text.replace("│", " ").split()
        )
        await shown(pilot, "right", "ctrl+s")
        assert changes_of(app) == []
        text = await shown(pilot, "right")
        assert "available 27 → 29 (40 − 3 promised − 4 set aside)" in " ".join(text.replace("│", " ").split())
        await shown(pilot, "ctrl+s")
        (change,) = changes_of(app)
        assert (change.promised, change.set_aside, change.set_aside_seen) == ("included", "included", 4)


@pytest.mark.anyio
async def test_other_changes_do_not_ask(make_app: MakeApp) -> None:
    app = make_app()
    fake_of(app).inventory.synced = True
    async with app.run_test(size=(120, 36)) as pilot:
        await inspected(pilot)
        text = await shown(pilot, "a", "5")
        assert "Promised" not in text
        await shown(pilot, "ctrl+s")
        (change,) = changes_of(app)
        assert (change.promised, change.promised_seen) == (None, None)
