"""Why a store's number is what it is: every line, in order, adding up to what the row should show, whatever happened."""

from __future__ import annotations

from pathlib import Path

import pytest

from supportdesk.core.explanation import RowExplanation
from supportdesk.core.explanation_words import line_words, remarks, standing_words
from supportdesk.core.stock import SkuInspection
from supportdesk.desk import accounts, stock
from supportdesk.ledger import explanation, sync_rows
from supportdesk.sandbox import order_changes as changes
from tests.desk.selling import CHANNEL, Shop, two
from tests.shops import DEPOT, MAIN, level, listing
from tests.sync.histories import History
from tests.sync.test_engine import ROW, SIBLING


def inspected(shop: Shop, sku: str = "A-1", movements: int = 100) -> SkuInspection:
    return stock.inspect_sku(shop.desk, CHANNEL, sku, movements=movements)


def explained(shop: Shop, sku: str = "A-1", movements: int = 100) -> list[RowExplanation]:
    rows = sorted(inspected(shop, sku, movements).rows, key=lambda row: (row.item_id, row.location_id))
    found = [row.explanation for row in rows]
    assert all(found)
    assert all(each.adds_up for each in found if each)
    return [each for each in found if each]


def said(one: RowExplanation) -> list[tuple[str, int, str]]:
    return [(line.sign, line.units, line_words(line)) for line in one.lines]


def test_every_kind_of_line_adds_up_to_what_the_store_shows(tmp_path: Path) -> None:
    shop = two(tmp_path)
    shop.go_live()
    order = shop.order(1, 2)
    shop.cycles(40)
    shop.move(5)
    shop.cycles(40)
    changes.cancel(shop.shop.order_book, order, restock=True)
    shop.cycles(60)
    one, other = explained(shop)
    assert said(one) == [
        ("←", -2, f"{order.name} placed"),
        ("→", 5, "pushed: C-7: count, mia"),
        ("←", 2, f"{order.name} cancelled"),
    ]
    assert one.becomes == (38, 43, 45)
    assert said(other) == [
        ("→", -2, f"pushed: {order.name}: Mug: same SKU"),
        ("→", 5, "pushed: C-7: count, mia"),
        ("→", 2, f"pushed: {order.name}: Mug: same SKU"),
    ]
    assert (one.should_show, other.should_show) == (shop.shows(ROW), shop.shows(SIBLING)) == (45, 45)
    assert (one.settled and one.settled.high, one.wanted, one.reading and one.reading.numbers.available) == (
        40,
        45,
        45,
    )
    assert standing_words(one) == "= 45 should show"
    assert list(remarks(one)) == []


def test_an_edit_that_was_put_back_is_told_and_counts_for_nothing(tmp_path: Path) -> None:
    shop = two(tmp_path)
    shop.go_live()
    shop.edit(3)
    shop.cycles(120)
    (one, _) = explained(shop)
    assert said(one) == [("!", -3, "an edit by staff; put back to 40")]
    assert (one.becomes, one.should_show, shop.shows(ROW)) == ((40,), 40, 40)
    events = inspected(shop).events
    assert [(event.kind, event.before, event.after) for event in events] == [("undo", 43, 40)]


def test_units_set_aside_are_a_line_and_what_left_without_a_name_is_to_be_looked_at(tmp_path: Path) -> None:
    shop = two(tmp_path)
    shop.go_live()
    shop.shop.change(shop.store.level(ROW), {"available": -4, "damaged": 4}, "staff")
    shop.cycles(120)
    (one, other) = explained(shop)
    assert said(one) == [("←", -4, "set aside in the store")]
    assert said(other) == [("→", -4, "pushed: set aside in the store")]
    shop.shop.change(shop.store.level(ROW), {"available": -2, "committed": 2}, "staff")
    shop.cycles(400)
    (one, _) = explained(shop)
    assert said(one)[-1] == ("!", -2, "gone without a name")
    assert one.unexplained == 2
    assert any("2 left without a name" in remark for remark in remarks(one))


def test_a_seen_edit_waits_and_the_reading_that_shows_it_says_by_how_much(tmp_path: Path) -> None:
    shop = two(tmp_path)
    shop.go_live()
    shop.edit(-6)
    for _ in range(30):
        shop.cycles(5)
        if explained(shop)[0].suspected:
            break
    (one, _) = explained(shop)
    assert (one.suspected, one.outside) == (-6, -6)
    assert list(remarks(one)) == ["~ An edit of -6 was seen once, and waits to be seen again."]


def test_a_push_that_the_store_has_not_answered_counts_and_says_so(tmp_path: Path) -> None:
    shop = two(tmp_path)
    shop.go_live()
    shop.store.lost = 1.0
    shop.move(5)
    shop.cycles(40)
    one, _ = explained(shop)
    assert said(one) == [("~", 5, "sent, not answered yet: C-7: count, mia")]
    assert (one.unanswered, one.should_show) == (5, 45)


def test_rows_that_are_held_out_settling_or_shopifys_say_so(tmp_path: Path) -> None:
    shop = two(tmp_path)
    shop.go_live()
    shop.shop.items[2001].tracked = False
    shop.engine.read_again([ROW])
    shop.cycles(60)
    one, other = explained(shop)
    assert standing_words(one) == "! held: Shopify does not track it any more"
    assert other.condition == "live"
    with shop.ledger.writing() as connection:
        sync_rows.settle_again(connection, 1, [SIBLING], "an order came late", shop.second())
        connection.execute("UPDATE sync_row SET condition = 'out', reason = 'archived' WHERE item_id = 2001")
    one, other = explained(shop)
    assert standing_words(one) == "not synced: archived"
    assert standing_words(other) == "~ settling: an order came late, read 0 times"
    assert (other.should_show, other.becomes) == (None, (None,) * len(other.lines))


def test_where_shopify_is_master_it_says_so(tmp_path: Path) -> None:
    shop = two(tmp_path, masters={MAIN.id: "shopify"})
    shop.go_live()
    assert {standing_words(each) for each in explained(shop)} == {
        "← Shopify is master: its number is taken over, nothing is pushed"
    }


def test_a_channel_that_is_off_explains_nothing(tmp_path: Path) -> None:
    shop = two(tmp_path)
    accounts.renew_index(shop.desk, shop.ledger)
    assert [row.explanation for row in inspected(shop).rows] == [None, None]


def test_of_many_lines_the_older_are_added_up(tmp_path: Path) -> None:
    shop = two(tmp_path)
    shop.go_live()
    for _ in range(6):
        shop.order(1)
        shop.live(15)
    shop.cycles(90)
    one, other = explained(shop, movements=2)
    assert (len(one.lines), one.earlier, one.earlier_count) == (2, -4, 4)
    assert (one.becomes, one.should_show) == ((35, 34), 34)
    assert other.adds_up
    assert other.earlier + sum(line.units for line in other.lines) == -6
    assert all(each.adds_up for each in explained(shop, movements=0))


def test_an_item_of_several_listings_is_explained_once_a_row(tmp_path: Path) -> None:
    both = [listing(1, "A-1"), listing(2, "A-1", item_id=2001, handle="same-item")]
    places = (MAIN, DEPOT)
    shop = Shop(tmp_path, both, [level(1, MAIN, 9), level(1, DEPOT, 4)], places=places)
    shop.go_live()
    found = inspected(shop).rows
    assert [
        (row.listing, row.location, row.explanation and row.explanation.should_show) for row in found
    ] == [
        ("thing-1/Default Title", "Main St", 9),
        ("thing-1/Default Title", "Depot", 4),
        ("same-item/Default Title", "Main St", 9),
        ("same-item/Default Title", "Depot", 4),
    ]
    depot = found[1].explanation
    assert depot is not None
    assert list(remarks(depot)) == ["! The ledger wants 9; the brake holds back +5."]


@pytest.mark.parametrize(
    "seed",
    [
        *range(3),
        *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 15)),
        *(pytest.param(seed, marks=[pytest.mark.slow, pytest.mark.soak]) for seed in range(15, 100)),
    ],
)
def test_whatever_happened_every_row_adds_up_and_at_rest_to_the_store(tmp_path: Path, seed: int) -> None:
    """Shoppers, packers, staff, crashes, lost answers: after every cycle what is explained is what the engine goes by."""
    history = History(seed, tmp_path, crashes=0.01)
    checked = 0

    def check() -> None:
        nonlocal checked
        connection = history.ledger.db.conn
        for row in history.rows:
            kept = sync_rows.row_of(connection, 1, row)
            for limit in (1000, 3):
                one = explanation.row_explained(connection, 1, row, limit, None)
                assert kept is not None
                assert one is not None
                assert one.adds_up, (seed, row, one)
                assert one.should_show == kept.shows
                if one.should_show is not None and one.lines:
                    assert one.becomes[-1] == one.should_show
                checked += kept.shows is not None

    step = history.step

    def stepping() -> None:
        step()
        check()

    history.step = stepping  # type: ignore[method-assign]
    found = history.run(steps=30, close=False)
    assert not found
    assert checked > 50
    for row in history.rows:
        one = explanation.row_explained(history.ledger.db.conn, 1, row, 1000, None)
        assert one is not None
        assert one.should_show == history.level(row).available
    history.ledger.close()
