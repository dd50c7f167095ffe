"""After going live on the command line: sync now, hard refresh, verify, held rows, adopting, alerts; over HTTP, on the shop's own clock."""

from __future__ import annotations

import pytest

from supportdesk.desk import worker
from supportdesk.ledger.file import open_ledger
from supportdesk.sandbox.faults import Fault
from tests.cli.commands import dump
from tests.cli.turning_on import Selling, selling

__all__ = ["selling"]

CONFIRM = "--confirm=kestrel"
READ_ONLY = "--read-only"


@pytest.fixture
def on(selling: Selling, monkeypatch: pytest.MonkeyPatch) -> Selling:
    """On and settled, with nobody who syncs it: every `sync` does it here."""
    monkeypatch.setattr(worker, "make_sure", lambda desk: None)
    selling.connect()
    selling.cli.good("apply", selling.plan()["id"], CONFIRM, "--no-wait")
    selling.turns()
    selling.shop.journal.clear()
    return selling


def writes(on: Selling) -> int:
    """How often the store was written through the API."""
    return sum(one.actor == "app" for one in on.shop.journal)


def test_verify_says_what_differs_and_writes_nothing(on: Selling) -> None:
    before = dump(on.cli.home)
    on.buy(3, 2)
    on.pass_by(3)
    found = on.cli.good("verify", "kestrel", "--json", READ_ONLY).json
    assert {name: found[name] for name in ("same", "differ", "only_store", "only_ledger", "settling")} == {
        **dict.fromkeys(("differ", "only_store", "only_ledger", "settling"), 0),
        "same": 7,
    }
    assert found["rows"] == []
    on.edit(3, 4)
    on.pass_by(3)
    said = on.cli("verify", "kestrel", "--json")
    assert said.code == 1
    assert (said.json["same"], said.json["differ"]) == (6, 1)
    (row,) = said.json["rows"]
    assert (row["state"], row["sku"], row["location"], row["store"], row["ledger"]) == (
        *("differ", "TENT", "Main St"),
        *(14, 12),
    )
    plain = on.cli("verify", "kestrel")
    assert plain.code == 1
    assert "* TENT" in plain.out
    assert "4 more in the store than it should show" in plain.out
    assert "7 rows: 6 same, 1 differs." in plain.out
    assert dump(on.cli.home) == before
    assert writes(on) == 0


def test_verify_of_a_channel_that_is_off_says_so(selling: Selling) -> None:
    selling.connect()
    before = dump(selling.cli.home)
    said = selling.cli("verify", "kestrel", "--json")
    assert said.code == 0
    assert (said.json["synced"], said.json["only_store"], said.json["same"]) == (False, 7, 0)
    assert "Sync is off: the numbers were compared as they stand." in selling.cli("verify", "kestrel").out
    assert dump(selling.cli.home) == before
    selling.cli.good("unlink", "kestrel", "--location=Main St")
    assert "No location" in selling.cli.refused(4, "verify", "kestrel")["detail"]


def test_sync_takes_in_orders_pushes_and_says_what_it_did(on: Selling) -> None:
    on.buy(1, 2)  # MUG, which two listings share
    on.pass_by(20)
    done = on.cli.good("sync", "kestrel", "--json").json
    assert (done["channel"], done["orders"], done["refreshed"]) == ("kestrel", 1, False)
    assert done["pushed"] == 1
    assert on.shown[:2] == [35, 35]
    said = on.cli.good("sync", "kestrel")
    assert said.out == "0 orders taken in, 0 rows written.\n"


def test_a_hard_refresh_reads_every_row_once_and_writes_only_what_differs(on: Selling) -> None:
    on.turns()
    on.edit(3, 4)
    on.pass_by(5)
    done = on.cli.good("sync", "kestrel", "--hard", "--json").json
    assert done["refreshed"]
    assert (done["pushed"], done["undone"]) == (0, 1)
    assert on.shown[2] == 12
    log = on.cli.good("log", "kestrel", "--json").out
    assert '"hard_refresh"' in log
    assert '"refreshed"' in log
    with open_ledger(on.desk.home.account_file("kestrel"), now=on.desk.now) as ledger:
        assert ledger.value("SELECT count(*) FROM cursor WHERE name IN ('hard', 'hard_read')") == 0
        assert ledger.value("SELECT hard_wanted_at FROM channel_sync") is None


def test_sync_is_refused_where_it_makes_no_sense(on: Selling) -> None:
    assert on.cli.refused(4, "sync", "kestrel", READ_ONLY)["code"] == "refused"
    assert on.cli.refused(2, "sync", "nobody")["code"] == "unknown"
    on.cli.good("turn-off", "kestrel", CONFIRM)
    assert "is off" in on.cli.refused(4, "sync", "kestrel")["detail"]
    assert "is off" in on.cli.refused(4, "adopt", "kestrel", "--sku=MUG")["detail"]


@pytest.mark.slow
def test_a_store_that_does_not_answer_ends_sync_with_3(on: Selling) -> None:
    on.faults.add(Fault("dropped", times=1000))
    said = on.cli("sync", "kestrel", "--json")
    assert said.code == 3
    assert said.error["code"] in ("unreachable", "store")


def edited(on: Selling) -> None:
    """Staff make the tents 15, and that is put back."""
    on.edit(3, 3)
    for _ in range(4):
        on.pass_by(30)
        on.cli.good("sync", "kestrel")
    assert on.shown[2] == 12


def test_an_edit_that_was_put_back_is_adopted_once(on: Selling) -> None:
    edited(on)
    assert on.cli.refused(4, "adopt", "kestrel", "--sku=TENT", READ_ONLY)["code"] == "refused"
    assert on.cli.refused(2, "adopt", "kestrel", "--sku=ROPE")["code"] == "unknown"
    done = on.cli.good("adopt", "kestrel", "--sku=TENT", "--location=Main St", "--json").json
    assert done == {
        "sku": "TENT",
        "location": "Main St",
        "units": 3,
        "before": 12,
        "after": 15,
        "undo_cancelled": False,
    }
    on.cli.good("sync", "kestrel")
    assert on.shown[2] == 15
    assert on.ledger["TENT"] == 15
    assert "could be adopted" in on.cli.refused(2, "adopt", "kestrel", "--sku=TENT")["detail"]
    for _ in range(3):
        on.pass_by(40)
        on.cli.good("sync", "kestrel")
    assert on.shown[2] == 15, "it is no edit any more"
    assert on.cli.good("verify", "kestrel", "--json").json["differ"] == 0


def test_an_edit_that_was_seen_once_is_adopted_before_it_is_put_back(on: Selling) -> None:
    on.edit(3, -2)
    for _ in range(3):
        on.pass_by(35)
        on.cli.good("sync", "kestrel")
    assert "An edit of -2 was seen once" in on.cli.good("explain", "kestrel", "--sku=TENT").out
    done = on.cli.good("adopt", "kestrel", "--sku=TENT")
    assert (
        done.out == "TENT: 12 → 10 available in Sumtracker. Main St shows it already; it is not put back.\n"
    )
    for _ in range(4):
        on.pass_by(80)
        on.cli.good("sync", "kestrel")
    assert (on.shown[2], on.ledger["TENT"], writes(on)) == (10, 10, 0)


def test_rows_that_are_held_are_listed_confirmed_and_copied(on: Selling) -> None:
    account = on.desk.home.account_file("kestrel")
    with open_ledger(account, now=on.desk.now) as ledger, ledger.writing() as connection:
        connection.execute(
            """UPDATE sync_row SET condition = 'held', code = 'fought_over', reason = 'another app writes this number'
               WHERE sku = 'TENT'"""
        )
        connection.execute("DELETE FROM stock WHERE sku = 'ROPE'")
        connection.execute("DELETE FROM movement WHERE sku = 'ROPE'")
        connection.execute(
            "UPDATE sync_row SET condition = 'held', code = 'unknown', reason = 'never counted in Sumtracker' WHERE sku = 'ROPE'"
        )
    rows = on.cli.good("held", "kestrel", "--json").json
    assert [
        (row["sku"], row["store"], row["ledger"], row["may_confirm"], row["may_copy"]) for row in rows
    ] == [
        ("ROPE", 9, None, False, True),
        ("TENT", 12, 12, True, False),
    ]
    talk, said = on.cli.good("held", "kestrel").err, on.cli.good("held", "kestrel").out
    for word in ("--confirm", "--copy"):
        assert f": supportdesk held kestrel {word} --sku=S\n" in talk
    assert "another app writes this number (12 stays)" in said
    assert "never counted in Sumtracker (9 into Sumtracker)" in said
    assert on.cli.refused(2, "held", "kestrel", "--confirm")["code"] == "usage"
    assert (
        "copy the store's number" in on.cli.refused(4, "held", "kestrel", "--confirm", "--sku=ROPE")["detail"]
    )
    assert on.cli.refused(4, "held", "kestrel", "--confirm", "--sku=TENT", READ_ONLY)["code"] == "refused"
    assert on.cli.refused(2, "held", "kestrel", "--confirm", "--sku=MUG")["code"] == "unknown"
    assert (
        on.cli.refused(2, "held", "kestrel", "--copy", "--sku=ROPE", "--location=Nowhere")["code"]
        == "unknown"
    )
    on.buy(4, 2)
    on.pass_by(20)
    on.cli.good("sync", "kestrel")
    on.cli.good("held", "kestrel", "--confirm", "--sku=TENT")
    done = on.cli.good("held", "kestrel", "--copy", "--sku=ROPE", "--json").json
    assert (done["answer"], [row["sku"] for row in done["rows"]], done["refused"]) == ("copy", ["ROPE"], [])
    on.turns()
    assert on.cli.good("held", "kestrel").out == ""
    assert on.shown[2:4] == [12, 7]
    assert (on.ledger["TENT"], on.ledger["ROPE"]) == (12, 7), "orders on it meanwhile count once"
    assert on.cli.good("verify", "kestrel", "--json").json["same"] == 7


def test_renamed_listings_are_copied_onto_one_number_once_it_is_said_whose(on: Selling) -> None:
    for number in (3, 4):
        on.shop.put_sku(on.shop.items[2000 + number], "NEW")
    on.pass_by(310)
    on.cli.good("sync", "kestrel")
    on.turns()
    assert [row["sku"] for row in on.cli.good("held", "kestrel", "--json").json] == ["NEW", "NEW"]
    refused = on.cli.refused(4, "held", "kestrel", "--copy", "--sku=NEW")
    assert "decide the SKU's duplicate group first" in refused["detail"]
    assert refused["next"] == "Nothing was changed."
    on.cli.good("decide", "kestrel", "--sku=NEW", "--shared-by=highest")
    done = on.cli.good("held", "kestrel", "--copy", "--sku=NEW", "--json").json
    assert [row["store"] for row in done["rows"]] == [12, 9]
    on.turns()
    assert (on.shown[2:4], on.ledger["NEW"]) == ([12, 12], 12)


def test_alerts_stay_until_they_are_seen(on: Selling) -> None:
    for sku in ("BAG", "CUP"):
        on.cli.good("set", "kestrel", "--warehouse=MAIN", f"--sku={sku}", "--quantity=0")
    on.turns()
    (alert,) = on.cli.good("alerts", "kestrel", "--json").json
    assert (alert["code"], alert["ended_at"], alert["seen_at"]) == ("brake", None, None)
    for sku in ("BAG", "CUP"):
        on.cli.good("set", "kestrel", "--warehouse=MAIN", f"--sku={sku}", "--quantity=60")
    on.turns()
    (alert,) = on.cli.good("alerts", "kestrel", "--json").json
    assert alert["ended_at"] is not None, "its cause is over, and it stays"
    assert on.cli.refused(4, "alerts", "kestrel", "--seen=all", READ_ONLY)["code"] == "refused"
    assert on.cli.refused(2, "alerts", "kestrel", "--seen=77")["code"] == "unknown"
    assert on.cli.refused(2, "alerts", "kestrel", "--seen=x")["code"] == "usage"
    assert on.cli.good("alerts", "kestrel", f"--seen={alert['id']}").out == "1 alert seen.\n"
    assert on.cli.good("alerts", "kestrel").out == ""
    assert on.cli.good("alerts", "kestrel", "--seen=all", "--json").json == {"seen": 0}


@pytest.mark.slow
def test_sync_waits_for_whoever_syncs_the_channel(selling: Selling) -> None:
    """The token is known to this process alone, so a thread of it keeps the channel on; `sync` asks, and waits for its cycle."""
    selling.connect("--env-only")
    selling.cli.good("apply", selling.plan()["id"], CONFIRM)
    assert selling.status.keeper == "here"
    selling.buy(1, 2)
    selling.pass_by(20)
    done = selling.cli.good("sync", "kestrel", "--json").json
    assert done["orders"] <= 1, "a cycle of its own may have come before"
    assert selling.shown[:2] == [35, 35]
    assert selling.cli.good("sync", "kestrel", "--hard", "--json").json["refreshed"]
