"""`orders`, `explain` and counts with what is promised, on the command line: text, JSON, what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from supportdesk.sandbox import order_changes as changes
from supportdesk.sync.engine import Begin
from tests.cli.commands import Commands
from tests.desk.selling import Shop, two
from tests.shops import MAIN


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """With an order of 3 from before, one sent, and one open."""
    shop = two(tmp_path)
    shop.order(1, 3)
    shop.live(60)
    shop.begin = Begin(None, {MAIN.id: shop.second()}, copies=True)
    shop.go_live()
    sent = shop.order(1, 2)
    shop.order(2, 1)
    shop.cycles(40)
    changes.fulfil(shop.shop.order_book, sent.fulfillment_orders[0])
    shop.cycles(60)
    yield shop
    shop.close()


@pytest.fixture
def cli(shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    monkeypatch.setenv("SUPPORTDESK_HOME", str(shop.desk.home.root))
    return Commands(shop.desk.home.root, capsys)


def test_orders_as_json(cli: Commands, shop: Shop) -> None:
    found = cli.good("orders", "kestrel", "--json").json
    assert [(order["order"], order["state"], order["from_before"]) for order in found] == [
        ("#1003", "open", False),
        ("#1002", "fulfilled", False),
        ("#1001", "open", True),
    ]
    newest = found[0]
    assert set(newest) == {
        *("order", "placed_at", "state", "from_before", "look_at", "units", "in_stock", "booked", "lines"),
        *("adjusted", "closed_at"),
    }
    assert newest["closed_at"] is None
    assert newest["placed_at"].endswith("Z")
    assert (newest["units"], newest["in_stock"], newest["booked"]) == (1, 0, 1)
    (line,) = newest["lines"]
    assert (line["sku"], line["location"], line["warehouse"], line["treatment"], line["unfulfilled"]) == (
        *("A-1", "Main St", "MAIN", "booked", 1),
    )
    assert line["changes"] == [{"sku": "A-1", "in_stock": 0, "booked": 1}]
    assert [order["order"] for order in cli.good("orders", "kestrel", "--open", "--json").json] == [
        "#1003",
        "#1001",
    ]
    assert cli.good("orders", "kestrel", "--to-look-at", "--json").json == []
    assert [o["order"] for o in cli.good("orders", "kestrel", "--from-before", "--json").json] == ["#1001"]
    assert len(cli.good("orders", "kestrel", "--order=#1002", "--sku=A-1", "--json").json) == 1


def test_orders_for_a_person(cli: Commands, shop: Shop) -> None:
    out = cli.good("orders", "kestrel").out.splitlines()
    assert out[0].startswith("#1003  ")
    assert out[0].endswith("Z  open")
    assert [" ".join(line.split()) for line in out[1::2]] == [
        "A-1 Main St → MAIN 1 to send +1 booked",
        "A-1 Main St → MAIN 2 sent -2 in stock",
        "A-1 Main St → MAIN 3 to send from before, not counted",
    ]
    nothing = cli.good("orders", "kestrel", "--to-look-at")
    assert (nothing.out, nothing.err) == ("", "There is no such order.\n")


def test_orders_that_are_not_there(cli: Commands, shop: Shop) -> None:
    assert (
        cli.refused(2, "orders", "kestrel", "--order=#9")["next"] == "List them: supportdesk orders kestrel"
    )
    assert cli.refused(2, "orders", "nowhere")["code"] == "unknown"
    assert cli.refused(2, "orders", "kestrel", "--open", "--to-look-at")["code"] == "usage"


def test_explain_says_how_a_number_comes_about(cli: Commands, shop: Shop) -> None:
    out = cli.good("explain", "kestrel", "--sku=A-1").out
    said = [" ".join(line.split()) for line in out.splitlines()]
    assert "= 34 should show" in said
    assert any(line.startswith("37 ") and line.endswith("in the store when sync began") for line in said)
    assert any(line.startswith("-2 ← ") and line.endswith("#1002 placed") for line in said)
    assert any(line.startswith("-1 → ") and "pushed: #1003" in line for line in said)
    assert any("3 more on the shelf, promised before sync" in line for line in said)
    assert any("→ push kestrel Main St 35 34 #1003 Mug (gift): same SKU" in line for line in said)
    found = cli.good("explain", "kestrel", "--sku=A-1", "--json").json
    rows = {row["listing"]: row["explanation"] for row in found["rows"]}
    for row in rows.values():
        counted = sum(line["units"] for line in row["lines"] if line["counts"])
        assert row["settled_high"] + row["earlier"] + counted == row["should_show"] == 34
    assert found["warehouses"][0]["promised"] == 3
    assert {event["kind"] for event in found["events"]} == {"push"}
    assert found["event_count"] == len(found["events"])
    few = cli.good("explain", "kestrel", "--sku=A-1", "--movements=0", "--json").json
    assert [row["explanation"]["should_show"] for row in few["rows"]] == [34, 34]
    assert "older pushes and effects" in cli.good("explain", "kestrel", "--sku=A-1", "--movements=1").out


@pytest.mark.parametrize("command", ["set", "count"])
def test_a_count_must_say_whether_it_includes_what_is_promised(
    cli: Commands, shop: Shop, command: str
) -> None:
    change = (command, "kestrel", "--warehouse=MAIN", "--sku=A-1", "--quantity=38")
    refused = cli.refused(2, *change)
    assert refused["code"] == "usage"
    assert "promise 3 units of A-1 at MAIN" in refused["detail"]
    assert "--promised=included" in refused["next"]
    assert cli.refused(2, *change, "--promised=perhaps")["code"] == "usage"
    said = cli.good(*change, "--promised=included").out
    assert said == (
        "A-1 in stock: MAIN 35 → 35. 3 of 38 are promised by orders from before sync and taken off. "
        "1 booked, so 34 available.\n"
    )
    cli.good(*change, "--promised=not-included")
    assert shop.stock() == (38, 1, 1)
    assert "promised" not in cli.good("adjust", *change[1:4], "--quantity=1").out
