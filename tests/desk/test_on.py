"""What call sheet, wizard, plans and stock say of a channel that is on, or that a plan is being applied to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from supportdesk.core.catalog import Shop
from supportdesk.core.duplicates import Choice
from supportdesk.core.looks import ClaimLook
from supportdesk.core.progress import Unwatched, Watch
from supportdesk.core.wizard import Answer
from supportdesk.desk import (
    Desk,
    accounts,
    channels,
    connecting,
    connections,
    duplicates,
    going_live,
    plans,
    rehearsing,
    stock,
)
from supportdesk.desk import applying as desk_applying
from supportdesk.desk.call_sheet import call_sheet
from supportdesk.errors import Refused, StoreUnreachable
from supportdesk.ledger import applying, channel_sync
from supportdesk.ledger import channels as ledger_channels
from supportdesk.ledger.file import open_ledger
from supportdesk.ledger.stock_rows import row_facts, rows_fed_by
from supportdesk.paths import Home
from supportdesk.settings import Settings
from supportdesk.shopify.store import ShopifyStore
from tests.catalogs import Clock
from tests.cli.commands import Commands, Said
from tests.desk.stocked import DEPOT, DEPOT_PLACE, MAIN, MAIN_ST, link, stocked_desk, write
from tests.desk.test_plans import SCOPES
from tests.sync.test_apply import MUG as SHOP_MUG
from tests.sync.test_apply import shop_of
from tests.sync.turning_on import World

SHOP = Shop("kestrel", "Kestrel", "kestrel.myshopify.com", scopes=frozenset(SCOPES.split()))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = stocked_desk(tmp_path / "a home")
    write(desk, ("UPDATE channel SET scopes = ?", (SCOPES,)))
    link(desk, "outlet", DEPOT_PLACE, None, None)
    return desk


def said(desk: Desk, capsys: pytest.CaptureFixture[str], *words: str) -> Said:
    """What a command says."""
    return Commands(desk.home.root, capsys)(*words, f"--home={desk.home.root}")


def planned(desk: Desk) -> int:
    return plans.make_plan(desk, "outlet", copies=True, watch=Unwatched()).id


def apply(desk: Desk, plan_id: int, *, to_the_end: bool) -> None:
    """Record of the plan what the worker would, up to its fence or up to *on*."""
    with (
        open_ledger(desk.home.account_file("kestrel"), now=desk.now) as ledger,
        ledger.writing() as connection,
    ):
        plan = applying.plan_of(connection, plan_id)
        assert plan is not None
        applying.ask(connection, plan, who="mia", at=desk.now(), brake_rows=None)
        applying.record(connection, plan, "fenced", at=desk.now())
        if to_the_end:
            applying.record(connection, plan, "on", at=desk.now())
            applying.end(connection, plan, "applied", at=desk.now())
            channel_sync.turned_on(connection, plan.channel_id, plan_id, desk.now())


def roll_back_planned(desk: Desk) -> None:
    """A newer plan that takes back, as the program makes them."""
    write(
        desk,
        (
            """INSERT INTO plan (channel_id, purpose, kept, basis, fingerprint, event_id, movement_id, ledger_rows, ledger_before,
                   ledger_after, unknown_skus, unknown_units, promised, made_at, who)
               SELECT id, 'rollback', '[]', '{}', 'x', 0, 0, 0, 0, 0, 0, 0, 0, '2026-11-23T12:30:00+00:00', 'mia' FROM channel
               WHERE handle = 'outlet'""",
            (),
        ),
    )


def test_a_call_sheet_of_a_channel_that_is_on_says_what_turned_it_on(desk: Desk) -> None:
    assert "Sync is off." in call_sheet(desk, "outlet").replace("\\", "")
    made = planned(desk)
    apply(desk, made, to_the_end=True)
    roll_back_planned(desk)
    sheet = call_sheet(desk, "outlet").replace("\\", "")
    assert f"Sync is on, nobody syncing since 12:00 UTC (plan {made})." in sheet
    assert f"Plan {made} for turning sync on" in sheet
    assert "| Copy inventory | copy the store's counts |" in sheet
    assert "There is no plan yet" not in sheet
    assert "Look at the plan" not in sheet
    write(
        desk,
        (
            """INSERT INTO sync_row (channel_id, item_id, location_id, sku, warehouse_id, master, condition, reason, t0)
               SELECT id, 1003, 1, 'MUG', 1, 'sumtracker', 'held', 'another app writes this number', 0 FROM channel
               WHERE handle = 'outlet'""",
            (),
        ),
    )
    assert "- 1 row is held: another app writes this number\n" in call_sheet(desk, "outlet").replace("\\", "")


def test_what_only_takes_back_is_no_call_sheets_plan(desk: Desk) -> None:
    roll_back_planned(desk)
    assert "There is no plan yet." in call_sheet(desk, "outlet")


def test_a_call_sheet_says_what_falls_to_zero_and_what_caps_numbers(desk: Desk) -> None:
    write(
        desk,
        ("UPDATE channel SET maximum = 40, drafts = 1 WHERE handle = 'outlet'", ()),
        ("INSERT INTO stock VALUES ('MUG', 1, 3, 0, 0, 1)", ()),
        ("INSERT INTO close_at (sku, warehouse_id, quantity) VALUES ('MUG', 1, 5)", ()),
    )
    made = plans.make_plan(desk, "outlet", copies=False, watch=Unwatched())
    assert made.totals.store_to_zero == 1
    sheet = call_sheet(desk, "outlet").replace("\\", "")
    assert "| MUG | Mug (gift) | Main St | 1 | 0 | close at 5 |" in sheet
    for line in (
        "- Maximum: at most 40 of a SKU",
        "- Close at: 1 number (SKU × warehouse) is shown as 0 from a quantity of its own on",
        "- Drafts: synced",
        "- Bundles: 1, shown by their components",
    ):
        assert f"\n{line}\n" in sheet


@pytest.mark.parametrize(
    ("to_the_end", "words"),
    [
        (False, "Sync is being turned on: orders count from now on (plan 1)."),
        (True, "Sync is on, nobody syncing since 12:00 UTC (plan 1)."),
    ],
)
def test_the_wizard_says_that_it_is_on_or_being_turned_on(
    desk: Desk, to_the_end: bool, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = planned(desk)
    assert going_live.open_wizard(desk, "outlet").sync == ""
    apply(desk, made, to_the_end=to_the_end)
    view = going_live.open_wizard(desk, "outlet")
    assert view.sync == words
    assert view.plan_id == made
    assert [line.blocks for line in view.rail] == [()] * 4 + [(words,)] * 2
    done = said(desk, capsys, "wizard", "outlet")
    assert words in done.out
    assert "There is no plan yet" not in done.out
    assert said(desk, capsys, "wizard", "outlet", "--json").json["sync"] == words


def test_nothing_is_answered_or_planned_while_a_plan_is_applied(desk: Desk) -> None:
    apply(desk, planned(desk), to_the_end=False)
    with pytest.raises(Refused, match="Plan 1 is being applied"):
        going_live.answer(desk, "outlet", Answer(copy=True), seen=0)
    with pytest.raises(Refused, match="Plan 1 is being applied"):
        planned(desk)


def test_rows_of_a_replaced_plan_are_refused_by_name(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = planned(desk), planned(desk)
    with pytest.raises(Refused, match=rf"Plan {old} was replaced.*Plan {new} was made in its place"):
        plans.export_plan_rows(desk, "outlet", old)
    with pytest.raises(Refused, match=f"Plan {new} was made in its place"):
        rehearsing.start_rehearsal(desk, "outlet", old, watch=Unwatched())
    for how in ("--csv", "--rows"):
        done = said(desk, capsys, "plan", f"--show={old}", how)
        assert (done.code, done.out) == (4, "")
        assert f"Plan {new} was made in its place" in done.err
    assert said(desk, capsys, "plan", f"--show={old}").code == 0


def test_stock_and_explain_show_what_the_store_shows_by_the_engine(desk: Desk) -> None:
    apply(desk, planned(desk), to_the_end=True)
    write(
        desk,
        (
            """INSERT INTO sync_row (channel_id, item_id, location_id, sku, warehouse_id, master, condition, t0, low, high, pushed, own)
               SELECT id, 1003, 1, 'MUG', 1, 'sumtracker', 'live', 0, 1, 1, 30, -4 FROM channel WHERE handle = 'outlet'""",
            (),
        ),
        ("INSERT INTO stock VALUES ('MUG', 1, 30, 3, 0, 1)", ()),
    )

    def shown(channel: str = "outlet") -> tuple[int | None, int | None]:
        with stock.open_stock(desk, channel, sku="MUG") as table:
            return next((row.store, row.ledger) for row in table.window(0, 10) if row.location == "Main St")

    def explained() -> tuple[int | None, int | None]:
        rows = stock.inspect_sku(desk, "outlet", "MUG").rows
        return next((row.store, row.pushed) for row in rows if row.channel == "outlet")

    assert shown() == explained() == (27, 27)
    with stock.open_stock(desk, "outlet", show="differ") as table:
        assert table.count == 0
    assert shown("outdoor") == (40, 27), "of a channel that is off, as it was loaded"

    def everywhere() -> int:
        """As the Stock tab adds up, and as Overview and Warehouses say it."""
        with stock.open_stock(desk, "outlet") as table:
            rows = sum(row.store or 0 for row in table.window(0, 100))
        overview = channels.overview(desk, "outlet")
        assert overview.totals is not None
        assert overview.totals.units == rows
        assert sum(place.units for place in overview.locations) == rows
        assert sum(line.units for line in connections.view(desk, "outlet").lines) == rows
        return rows

    units = everywhere()
    assert everywhere() == units
    write(desk, ("UPDATE stock SET booked = 33", ()), ("UPDATE sync_row SET own = -34", ()))
    assert shown() == explained() == (-3, -3), "what is promised is not raised to 0"
    write(desk, (_READ_SOMETHING, ()))  # as sync does in each cycle that changes a number
    assert everywhere() == units - 30
    write(desk, ("UPDATE sync_row SET own = -29", ()))
    assert shown() == explained() == (2, 0)
    write(desk, (_READ_SOMETHING, ()))
    units = everywhere()
    desk_applying.turn_off(desk, "outlet", confirm="outlet")
    assert (everywhere(), shown()[0]) == (units, 2), "off, as sync knew it last"


_READ_SOMETHING = """INSERT INTO reading (channel_id, item_id, location_id, started, ended, available, committed, on_hand, incoming,
    reserved, damaged, safety_stock, quality_control, state)
    SELECT id, 1003, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 'judged' FROM channel WHERE handle = 'outlet'"""
CLAIM = '{"ledger":"other","host":"desk-2","person":"ann","since":"2026-11-22T10:00:00+00:00"}'


def test_another_ledgers_claim_is_said_by_check_and_plan(desk: Desk) -> None:
    assert "claimed" not in {check.id for check in channels.check(desk, "outlet")}
    write(
        desk,
        (
            """INSERT INTO channel_sync (channel_id, commit_lag, visibility, claim)
               SELECT id, 10, 60, ? FROM channel WHERE handle = 'outlet'""",
            (CLAIM,),
        ),
    )
    (check, *_) = channels.check(desk, "outlet")
    assert (check.id, check.state) == ("claimed", "block")
    assert "desk-2 by ann since 2026-11-22 10:00 UTC" in check.text
    made = plans.make_plan(desk, "outlet", copies=True, watch=Unwatched())
    assert "claimed" in {block.code for block in made.blocked}


def test_connecting_a_store_that_another_ledger_syncs_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ShopifyStore, "claim", lambda store, watch: ClaimLook(CLAIM, "1"))
    monkeypatch.setattr(ShopifyStore, "check_connection", lambda store, watch: SHOP)
    monkeypatch.setenv("SHOP_TOKEN", "shpat" + "_none")
    desk = Desk(Home(tmp_path / "home"), Settings(keyring=False), now=Clock())
    asked = connecting.ConnectRequest("kestrel", api_url="http://127.0.0.1:1", token_env="SHOP_TOKEN")
    assert connecting.connect(desk, asked).claimed_by == "desk-2 by ann since 2026-11-22 10:00 UTC"
    with accounts.opened(desk, "kestrel") as ledger:
        record = ledger_channels.channel_named(ledger, "kestrel")
        assert record is not None
        assert "desk-2 by ann" in channels.claimed_by(ledger, record), "kept"
    words = ("connect", "kestrel", "--api-url=http://127.0.0.1:1", "--token-env=SHOP_TOKEN")
    assert "synced already, from desk-2 by ann" in said(desk, capsys, *words).err

    def silent(store: ShopifyStore, watch: Watch) -> ClaimLook:
        raise StoreUnreachable("It did not answer.", "Try again.")

    monkeypatch.setattr(ShopifyStore, "claim", silent)
    assert connecting.connect(desk, asked).claimed_by == ""


@pytest.mark.parametrize(
    ("unknown", "reason", "done"),
    [("zero", "never counted; 0 is pushed", "set to 0"), ("copy", "its own count is copied", "copied")],
)
def test_a_plan_says_what_becomes_of_a_sku_that_was_never_counted(
    desk: Desk, unknown: Any, reason: str, done: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = plans.make_plan(desk, "outlet", copies=False, unknown=unknown, watch=Unwatched())
    with plans.open_plan_rows(desk, "outlet", made.id) as table:
        assert [row.reason for row in table.window(0, 10)] == [reason]
    shown = said(desk, capsys, "plan", f"--show={made.id}").out
    assert f"kept (those of 1 SKU never counted: {done}), 0 →" in shown


def test_a_plan_that_only_reads_says_nothing_of_copying(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    link(desk, "outlet", MAIN_ST, DEPOT, "shopify")
    made = plans.make_plan(desk, "outlet", watch=Unwatched())
    shown = said(desk, capsys, "plan", f"--show={made.id}").out
    assert "turn sync on, reading the store." in shown
    assert "numbers (SKU × warehouse) read" in shown
    link(desk, "outlet", MAIN_ST, MAIN)
    made = plans.make_plan(desk, "outlet", watch=Unwatched())
    assert (
        "it is not said whether the store's counts are copied"
        in said(desk, capsys, "plan", f"--show={made.id}").out
    )


def test_a_row_says_by_whom_it_is_shared_where_it_is(desk: Desk) -> None:
    """The sale tent is the one whose count is taken, but the Depot does not stock it."""
    with stock.open_stock(desk, "outdoor", sku="TENT") as table:
        (named,) = (row.listing for row in table.window(0, 9) if "sale" in row.title)
    duplicates.decide_now(desk, "outdoor", Choice("shared", "listing", named, "lowest"), ["TENT"])
    made = plans.make_plan(desk, "outdoor", copies=True, watch=Unwatched())
    with plans.open_plan_rows(desk, "outdoor", made.id, text="tent") as rows:
        found = {(row.location, row.after, row.reason) for row in rows.window(0, 50) if row.sku == "TENT"}
    assert found == {
        ("Main St", 4, f"same SKU, shared by {named}"),
        ("Depot", 6, "same SKU, shared by lowest"),
    }


def test_what_is_shown_of_a_row_is_what_a_real_run_left_in_the_store(tmp_path: Path) -> None:
    world = World(tmp_path, shop_of({"MUG": 40, "TENT": 12}))
    assert world.turn_on(world.plan()) is None
    world.buy(SHOP_MUG, 6)
    world.live(60)
    latest = world.shop.clock.seconds() + 120
    world.work(lambda: world.shop.clock.seconds() > latest)
    assert world.shown[SHOP_MUG] == 34
    facts = row_facts(world.ledger, world.channel.id)
    found = {
        sku: [(row.store, row.pushed) for row in rows_fed_by(world.ledger, facts, world.channel, sku, 9)]
        for sku in ("MUG", "TENT")
    }
    assert found == {"MUG": [(34, 34)], "TENT": [(12, 12)]}
