"""Bundles by hand: made, changed and removed whole, with what that does to the numbers; what is refused leaves everything as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from supportdesk.core.bundles import BundleAt, BundleChange, BundleEffect, BundleLine
from supportdesk.core.stock import LARGEST_QUANTITY, StockChange
from supportdesk.desk import Desk, bundles, stock
from supportdesk.errors import Conflict, Refused, SupportdeskError, UnknownName, WrongUsage
from supportdesk.ledger.file import open_ledger
from tests.cli.commands import dump
from tests.desk.stocked import DEPOT, HOSTILE, MAIN, MAIN_ST, link, stocked_desk, write


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = stocked_desk(tmp_path / "a home")
    for sku, warehouse, quantity in (("MUG", "MAIN", 50), ("TENT", "MAIN", 60), ("MUG", "DEPOT", 7)):
        stock.change_stock(desk, "kestrel", StockChange("set", warehouse, sku, quantity))
    return desk


def asked(sku: str, *lines: tuple[str, int], seen: tuple[tuple[str, int], ...] | None = None) -> BundleChange:
    before = None if seen is None else tuple(BundleLine(*line) for line in seen)
    return BundleChange(sku, tuple(BundleLine(*line) for line in lines), before)


def test_bundles_are_listed_with_what_limits_them(desk: Desk) -> None:
    write(desk, ("INSERT INTO bundle_line VALUES ('DUO', 'MUG', 3)", ()))
    duo, kit = bundles.all_bundles(desk, "kestrel")
    assert duo.lines == (("MUG", 3),)
    assert duo.warehouses == (
        BundleAt("MAIN", 16, ("MUG",)),
        BundleAt("DEPOT", 2, ("MUG",)),
        BundleAt("RETURNS", None, ("MUG",)),
    )
    assert (kit.sku, kit.name, kit.lines) == ("KIT", "Weekend kit", (("MUG", 2), ("TENT", 1)))
    assert kit.warehouses == (
        BundleAt("MAIN", 25, ("MUG",)),
        BundleAt("DEPOT", None, ("TENT",)),
        BundleAt("RETURNS", None, ("MUG", "TENT")),
    )
    assert bundles.inspect_bundle(desk, "kestrel", "KIT") == kit
    assert bundles.inspect_bundle(desk, "kestrel", "MUG").lines == ()


def test_an_account_without_a_warehouse_lists_its_bundles(desk: Desk) -> None:
    write(
        desk,
        *((f"DELETE FROM {table}", ()) for table in ("connection", "movement", "stock", "warehouse")),
    )
    (kit,) = bundles.all_bundles(desk, "kestrel")
    assert (kit.lines, kit.warehouses) == ((("MUG", 2), ("TENT", 1)), ())


def test_the_vectors_of_sumtracker(desk: Desk) -> None:
    """50/3 and 60/2 make 16 (`reference/sumtracker.md` §4)."""
    changed = bundles.change_bundle(desk, "kestrel", asked("KIT", ("TENT", 2), ("MUG", 3)))
    assert changed.before == (("MUG", 2), ("TENT", 1))
    assert changed.after == (("MUG", 3), ("TENT", 2))
    assert changed.warehouses == (
        BundleEffect("MAIN", 25, 16, ("MUG",)),
        BundleEffect("DEPOT", None, None, ("TENT",)),
        BundleEffect("RETURNS", None, None, ("MUG", "TENT")),
    )
    assert changed.text == (
        "KIT is now 3 × MUG, 2 × TENT. Available: MAIN 25 → 16, DEPOT unknown → unknown, RETURNS unknown → unknown."
    )
    found = stock.inspect_sku(desk, "outdoor", "KIT")
    assert [line.available for line in found.warehouses] == [16, None, None]


def test_the_event_says_who_and_what(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supportdesk.desk.accounts.who", lambda: "mia")
    bundles.change_bundle(desk, "kestrel", asked("KIT", ("MUG", 3)))
    with open_ledger(desk.home.account_file("kestrel"), now=desk.now) as ledger:
        rows = ledger.rows("SELECT who, sku, detail FROM event WHERE kind = 'bundle'")
    assert [tuple(row) for row in rows] == [("mia", "KIT", "2 × MUG, 1 × TENT → 3 × MUG")]


def test_a_sku_with_stock_of_its_own_becomes_a_bundle_and_back(desk: Desk) -> None:
    stock.change_stock(desk, "kestrel", StockChange("set", "MAIN", "-X", 12))
    made = bundles.change_bundle(desk, "kestrel", asked("-X", ("MUG", 2), seen=()))
    assert made.warehouses[0] == BundleEffect("MAIN", 12, 25, ("MUG",))
    assert "12 in MAIN" in made.notes[0]
    gone = bundles.change_bundle(desk, "kestrel", asked("-X", seen=(("MUG", 2),)))
    assert gone.warehouses[0] == BundleEffect("MAIN", 25, 12, ())
    assert gone.text.startswith("-X is no bundle any more. Available: MAIN 25 → 12,")
    assert not bundles.inspect_bundle(desk, "kestrel", "-X").lines


def test_a_bundle_that_only_its_lines_knew_is_known_after_it_is_removed(desk: Desk) -> None:
    write(desk, ("INSERT INTO bundle_line VALUES ('DUO', 'MUG', 2)", ()))
    bundles.change_bundle(desk, "kestrel", asked("DUO"))
    assert bundles.change_bundle(desk, "kestrel", asked("DUO", ("MUG", 2))).before == ()


def test_a_preview_says_the_same_and_writes_nothing(desk: Desk) -> None:
    change = asked("KIT", ("MUG", 4))
    before = dump(desk.home.root)
    preview = bundles.preview_bundle(desk, "kestrel", change)
    assert dump(desk.home.root) == before
    assert bundles.change_bundle(desk, "kestrel", change) == preview


def test_what_is_so_already_is_not_written_again(desk: Desk) -> None:
    before = dump(desk.home.root)
    changed = bundles.change_bundle(desk, "kestrel", asked("KIT", ("TENT", 1), ("MUG", 2)))
    assert changed.text == "KIT is as it was: 2 × MUG, 1 × TENT."
    assert dump(desk.home.root) == before


@pytest.mark.parametrize("sku", HOSTILE)
def test_any_sku_can_be_a_bundle_or_a_component(desk: Desk, sku: str) -> None:
    assert bundles.change_bundle(desk, "kestrel", asked(sku, ("MUG", 1))).after == (("MUG", 1),)
    assert bundles.change_bundle(desk, "kestrel", asked(sku)).after == ()
    assert bundles.change_bundle(desk, "kestrel", asked("KIT", (sku, 5))).after == ((sku, 5),)


REFUSED: list[tuple[str, BundleChange, type[SupportdeskError], str]] = [
    ("itself", asked("KIT", ("KIT", 1)), Refused, "KIT cannot be a component of itself"),
    ("nested", asked("-X", ("KIT", 1)), Refused, "The component KIT is itself a bundle"),
    ("nests", asked("MUG", ("-X", 1)), Refused, "MUG is itself a component of a bundle"),
    ("unknown component", asked("KIT", ("MUG", 1), ("MUH", 1)), UnknownName, "the SKU 'MUH'"),
    ("unknown bundle", asked("KITT", ("MUG", 1)), UnknownName, "the SKU 'KITT'"),
    ("no SKU", asked("", ("MUG", 1)), WrongUsage, "without a SKU"),
    ("none of it", asked("KIT", ("MUG", 0)), WrongUsage, "1 or more"),
    ("less", asked("KIT", ("MUG", -2)), WrongUsage, "1 or more"),
    ("too much", asked("KIT", ("MUG", LARGEST_QUANTITY + 1)), WrongUsage, "1 or more"),
    ("twice", asked("KIT", ("MUG", 1), ("MUG", 2)), WrongUsage, "named twice"),
    ("not there", asked("MUG"), Refused, "MUG is no bundle"),
    ("no text", asked("KIT", ("\udc80", 1)), WrongUsage, "not valid text"),
    (
        "moved",
        asked("KIT", ("MUG", 5), seen=(("MUG", 1),)),
        Conflict,
        "KIT is now 2 × MUG, 1 × TENT; you saw 1 × MUG.",
    ),
]


@pytest.mark.parametrize(
    ("change", "kind", "said"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    desk: Desk, change: BundleChange, kind: type[SupportdeskError], said: str
) -> None:
    before = dump(desk.home.root)
    for do in (bundles.change_bundle, bundles.preview_bundle):
        with pytest.raises(kind) as caught:
            do(desk, "kestrel", change)
        assert type(caught.value) is kind
        assert said in caught.value.detail
        assert caught.value.next_step
    assert dump(desk.home.root) == before


@pytest.mark.parametrize(
    ("location", "warehouse", "change", "sku"),
    [
        (MAIN_ST, MAIN, asked("KIT", ("MUG", 1)), "KIT"),
        (2, DEPOT, asked("-X", ("MUG", 1)), "MUG"),
    ],
    ids=["the bundle", "a component"],
)
def test_bundles_need_sumtracker_as_master(
    desk: Desk, location: int, warehouse: int, change: BundleChange, sku: str
) -> None:
    link(desk, "outdoor", location, warehouse, "shopify")
    before = dump(desk.home.root)
    with pytest.raises(Refused, match=f"^.*{sku} is at .*, where Shopify is master"):
        bundles.change_bundle(desk, "kestrel", change)
    assert dump(desk.home.root) == before


def test_a_conflict_names_who_was_faster(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = bundles.inspect_bundle(desk, "kestrel", "KIT").lines
    monkeypatch.setattr("supportdesk.desk.accounts.who", lambda: "tom")
    bundles.change_bundle(desk, "kestrel", asked("KIT", ("MUG", 9)))
    with pytest.raises(Conflict) as caught:
        bundles.change_bundle(desk, "kestrel", BundleChange("KIT", (), seen))
    assert "tom changed it at 2026-" in caught.value.detail


def test_read_only_changes_nothing(tmp_path: Path) -> None:
    stocked_desk(tmp_path)
    desk = stocked_desk_read_only(tmp_path)
    with pytest.raises(Refused, match="read-only"):
        bundles.change_bundle(desk, "kestrel", asked("KIT", ("MUG", 1)))
    assert bundles.inspect_bundle(desk, "kestrel", "KIT").lines


def stocked_desk_read_only(root: Path) -> Desk:
    from supportdesk.paths import Home
    from supportdesk.settings import Settings
    from tests.catalogs import Clock

    return Desk(Home(root), Settings(keyring=False, read_only=True), now=Clock())
