"""apply and turn-off on the command line: what is said, what is written, every refusal with nothing written."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable

import pytest

from supportdesk.desk import rehearsing, syncing, worker
from supportdesk.desk.watch import WorkWatch
from supportdesk.sandbox.faults import Fault
from tests.cli.commands import Commands, dump
from tests.cli.turning_on import Selling, selling
from tests.shops import DEPOT, MAIN, level

__all__ = ["selling"]

CONFIRM = "--confirm=kestrel"


@pytest.fixture
def driven(selling: Selling, monkeypatch: pytest.MonkeyPatch) -> Selling:
    """Connected; no worker of its own is started, for the test is the worker."""
    monkeypatch.setattr(worker, "make_sure", lambda desk: None)
    selling.connect()
    return selling


def test_from_plan_to_on_in_one_command(selling: Selling) -> None:
    selling.connect("--env-only")
    plan = selling.plan()
    selling.pass_by(5)
    selling.buy(3, 2)
    selling.pass_by(1)
    said = selling.cli.good("apply", plan["id"], CONFIRM)
    lines = said.out.splitlines()
    assert lines[:2] == ["Asked for.", "The store is claimed."]
    assert "Every row is read again and compared. 1 row moved by orders since the plan was made." in lines
    assert "Sync is on." in lines
    assert "Rows: 7 live; 1 written." in lines
    assert "  1 location, copying the store's counts" in selling.cli.good("log", "kestrel").out
    assert lines[-1].startswith("Sync stops when this command ends, for no other process has the token")
    assert selling.shown == [37, 37, 10, 9, 0, 55, 70]
    assert "Every row is read" in said.err or "Sync is on" in said.err
    worker.stop_here()
    assert selling.status.words == f"on, nobody syncing since {selling.status.last_cycle:%H:%M} UTC"
    (line,) = selling.cli.good("channels", "--json").json
    assert line["sync"] == "on"
    table = selling.cli.good("channels").out
    assert f"on, nobody syncing since {selling.status.last_cycle:%H:%M} UTC" in table


def test_the_contract(selling: Selling) -> None:
    selling.connect("--env-only")
    said = selling.cli.good("apply", selling.plan()["id"], CONFIRM, "--json").json
    assert said | {"keeper": "", "said": ""} == {
        "channel": "kestrel",
        "on": True,
        "plan": 1,
        "phase": "on",
        "said": "",
        "rows": {"live": 7},
        "held": {},
        "planned": 1,
        "written": 1,
        "unsettled": 0,
        "brake": [],
        "stopped_rows": 0,
        "keeper": "",
        "alerts": [],
        "words": "on",
        "to_compare": 0,
        "moved_rows": 0,
        "moved": [],
    }
    assert said["keeper"] == "here"


def test_a_rehearsal_says_its_verdict_in_the_contract_too(
    selling: Selling, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shop of the test stands for the pretend store, which begins in a process of its own."""
    selling.connect("--env-only")
    plan = selling.plan()
    there = rehearsing.Rehearsal(selling.desk, "kestrel", plan["id"], contextlib.ExitStack())
    monkeypatch.setattr(rehearsing, "start_rehearsal", lambda *_, **__: there)
    said = selling.cli.good("rehearse", plan["id"], "--json").json
    assert (said["phase"], said["on"], said["planned"]) == ("on", True, 1)
    assert said["verdict"] == {
        "as_planned": True,
        "text": "Turned on as planned: 1 of 1 row written as shown, 0 otherwise. 0 orders came meanwhile.",
        "planned": 1,
        "as_shown": 1,
        "waiting": 0,
        "with_orders": 0,
        "otherwise": 0,
        "held": 0,
        "orders": 0,
        "settling": 0,
    }


def test_a_refused_plan_ends_the_command_with_4(selling: Selling) -> None:
    selling.connect("--env-only")
    plan = selling.plan()
    selling.shop.items[2004].tracked = False
    said = selling.cli("apply", plan["id"], CONFIRM, "--json")
    assert said.code == 4
    assert said.error["code"] == "refused"
    assert "ROPE at Main St: Shopify does not track it any more" in said.error["detail"]
    assert said.json["phase"] == "refused"
    assert said.json["words"] == "off"
    assert not selling.shop.metafields


def test_numbers_that_moved_are_shown_and_confirmed_by_their_number(selling: Selling) -> None:
    selling.connect("--env-only")
    plan = selling.plan()["id"]
    selling.edit(4, -9)
    selling.edit(6, 3)
    said = selling.cli("apply", plan, CONFIRM, "--json")
    assert said.code == 4
    assert said.error["code"] == "moved"
    assert "ROPE at Main St (9 when planned, 0 now)" in said.error["detail"]
    assert "--moved-rows=2" in said.error["next"]
    assert (said.json["phase"], said.json["moved_rows"]) == ("moved", 2)
    assert said.json["words"] == "being turned on: 2 rows moved, to be confirmed"
    rows = [(row["sku"], row["planned"], row["now"], row["after"]) for row in said.json["moved"]]
    assert rows == [("ROPE", 9, 0, 0), ("BAG", 55, 58, 58)]
    for words in ((), ("--moved-rows=1",)):
        again = selling.cli("apply", plan, CONFIRM, "--json", *words)
        assert (again.code, again.error["code"]) == (4, "moved")
    assert selling.shown == [40, 37, 12, 0, 0, 58, 70]
    assert set(selling.ledger.values()) == {None}
    told = selling.cli.good("apply", plan, CONFIRM, "--moved-rows=2").out.splitlines()
    assert "What moved is confirmed. 2 rows as they are now." in told
    assert "Sync is on." in told
    assert selling.shown == [37, 37, 12, 0, 0, 58, 70]


def test_stopping_a_plan_that_does_not_wait_is_refused_and_turns_nothing_off(selling: Selling) -> None:
    """`--stop` leaves a plan that waits for rows that moved; one that is on, replaced or not asked for is none."""
    selling.connect("--env-only")
    replaced = selling.plan()["id"]
    plan = selling.plan()["id"]
    assert "does not wait" in selling.cli.refused(4, "apply", plan, CONFIRM, "--stop")["detail"]
    selling.cli.good("apply", plan, CONFIRM)
    worker.stop_here()
    for each in (plan, replaced):
        assert "does not wait" in selling.cli.refused(4, "apply", each, CONFIRM, "--stop")["detail"]
    assert selling.status.is_on


def test_a_plan_that_waits_for_rows_that_moved_is_stopped(selling: Selling) -> None:
    selling.connect("--env-only")
    replaced = selling.plan()["id"]
    plan = selling.plan()["id"]
    selling.edit(4, -9)
    assert selling.cli("apply", plan, CONFIRM, "--json").error["code"] == "moved"
    worker.stop_here()
    assert "does not wait" in selling.cli.refused(4, "apply", replaced, CONFIRM, "--stop")["detail"]
    assert selling.cli.good("apply", plan, CONFIRM, "--stop", "--json").json["phase"] == "stopped"
    assert not selling.status.is_on
    assert not selling.shop.metafields


def test_a_plan_that_another_process_applies_is_followed_without_a_token(
    selling: Selling, monkeypatch: pytest.MonkeyPatch
) -> None:
    from supportdesk.desk import sync_status

    selling.connect("--env-only")
    plan = selling.plan()["id"]
    selling.edit(4, -9)
    assert selling.cli("apply", plan, CONFIRM, "--json").error["code"] == "moved"
    monkeypatch.delenv("SHOP_TOKEN")
    monkeypatch.setattr(sync_status, "keeper_of", lambda lease, now: ("worker", "a worker on desk-2"))
    said = selling.cli("apply", plan, CONFIRM, "--moved-rows=1", "--no-wait")
    assert said.code == 0, said
    assert "is being applied already" in said.err
    monkeypatch.undo()


def test_what_is_not_applied(driven: Selling) -> None:
    cli = driven.cli
    plan = driven.plan()["id"]
    assert "kestrel" in cli.refused(2, "apply", plan, "--confirm=Kestrel")["next"]
    for rate in ("-3", "nan", "many"):
        wrong = cli.refused(2, "rehearse", plan, f"--orders-per-minute={rate}")
        assert f"'{rate}' is not a number" in wrong["detail"]
        assert "supportdesk rehearse --help" in wrong["next"]
    assert cli.refused(2, "apply", 99, CONFIRM)["code"] == "unknown"
    assert cli.refused(4, "apply", plan, CONFIRM, "--read-only")["code"] == "refused"
    assert cli.refused(2, "apply", plan)["code"] == "usage"


def change_decision(selling: Selling) -> None:
    selling.cli.good("decide", "kestrel", "--sku=MUG", "--leave-out")


def change_sku(selling: Selling) -> None:
    selling.shop.items[2003].sku = "TENT-2P"
    selling.cli.good("load", "kestrel")


def unlink(selling: Selling) -> None:
    selling.cli.good("unlink", "kestrel", f"--location={101}")


def count(selling: Selling) -> None:
    selling.cli.good("set", "kestrel", "--warehouse=MAIN", "--sku=TENT", "--quantity=3")


@pytest.mark.parametrize(
    ("change", "named"),
    [(change_decision, "MUG"), (change_sku, "TENT-2P"), (unlink, "Main St"), (count, "TENT")],
)
def test_a_stale_plan(driven: Selling, change: Callable[[Selling], None], named: str) -> None:
    plan = driven.plan()["id"]
    change(driven)
    error = driven.cli.refused(4, "apply", plan, CONFIRM)
    assert error["code"] == "stale"
    assert named in error["detail"]


def test_a_plan_that_is_blocked(driven: Selling) -> None:
    driven.cli.good("decide", "kestrel", "--sku=MUG", "--clear")
    plan = driven.plan()["id"]
    assert "nobody has decided" in driven.cli.refused(4, "apply", plan, CONFIRM)["detail"]


def test_an_empty_ledger_is_not_pushed_over_a_full_store(driven: Selling) -> None:
    plan = driven.plan("--no-copy", "--unknown=zero")
    assert (plan["store_units_before"], plan["store_units_after"]) == (223, 0)
    error = driven.cli.refused(4, "apply", plan["id"], CONFIRM)
    assert error["code"] == "brake"
    assert f"--brake-rows={plan['store_changes']}" in error["next"]
    assert driven.cli.refused(4, "apply", plan["id"], CONFIRM, "--brake-rows=1")["code"] == "brake"
    driven.cli.good("apply", plan["id"], CONFIRM, f"--brake-rows={plan['store_changes']}", "--no-wait")
    driven.turns()
    assert driven.shown == [0] * 7


def test_a_plan_is_applied_once(driven: Selling) -> None:
    plan = driven.plan()["id"]
    driven.cli.good("apply", plan, CONFIRM, "--no-wait")
    again = driven.cli.good("apply", plan, CONFIRM, "--no-wait")
    assert "is being applied already" in again.err
    driven.turns()
    assert "applied once" in driven.cli.refused(4, "apply", plan, CONFIRM)["detail"]
    assert (
        "being synced already"
        in driven.cli.refused(4, "plan", "kestrel", "--for=turn-on", "--copy")["detail"]
    )


def test_two_plans_at_once(driven: Selling) -> None:
    first = driven.plan()["id"]
    driven.cli.good("apply", first, CONFIRM, "--no-wait")
    error = driven.cli.refused(4, "plan", driven.shop.handle, "--copy")
    assert f"Plan {first} is being applied" in error["detail"]


def rename_item(selling: Selling) -> None:
    selling.shop.items[2003].sku = "TENT-2P"


def delete_item(selling: Selling) -> None:
    item = selling.shop.items.pop(2003)
    for variant in item.variants:
        selling.shop.variants.pop(variant.id)
        selling.shop.products.pop(variant.product.id)


def close_location(selling: Selling) -> None:
    selling.shop.locations[MAIN.id].active = False


def close_level(selling: Selling) -> None:
    selling.shop.items[2003].levels[MAIN.id].active = False


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (rename_item, "TENT at Main St: its SKU was changed in the store"),
        (delete_item, "TENT at Main St: no longer in the store"),
        (close_level, "TENT at Main St: not stocked at the location any more"),
        (close_location, "Main St"),
    ],
)
def test_what_changed_in_the_store_itself_since_the_load(
    driven: Selling, change: Callable[[Selling], None], named: str
) -> None:
    plan = driven.plan()["id"]
    stock = driven.ledger
    change(driven)
    journal = len(driven.shop.journal)
    driven.cli.good("apply", plan, CONFIRM, "--no-wait")
    driven.turns()
    assert driven.status.phase == "refused"
    assert named in driven.status.steps[-1].detail, driven.status.steps[-1].detail
    assert len(driven.shop.journal) == journal
    assert driven.ledger == stock
    assert not driven.shop.metafields
    assert driven.status.rows == {}


# While it is on ---------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def on(driven: Selling) -> Selling:
    driven.cli.good("apply", driven.plan()["id"], CONFIRM, "--no-wait")
    driven.turns()
    assert driven.status.is_settled
    return driven


def test_what_is_refused_while_it_is_on(on: Selling) -> None:
    cli = on.cli
    for words in (
        ("unlink", "kestrel", "--location=101"),
        ("link", "kestrel", "--location=101", "--warehouse=MAIN", "--master=shopify"),
        ("forget", "kestrel"),
    ):
        assert cli.refused(4, *words)["code"] == "refused", words
    assert "turn-off" in cli.refused(4, "forget", "kestrel")["next"]
    cli.good("load", "kestrel")
    on.cli("worker", "--once")
    assert on.status.rows == {"live": 7}


def stopped_waiting(watch: WorkWatch, _seconds: float) -> None:
    """Somebody presses ctrl+c."""
    watch.cancel()
    watch.check()


def test_who_stops_looking_is_told_that_the_plan_goes_on(
    driven: Selling, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = driven.plan()["id"]
    with monkeypatch.context() as patched:
        patched.setattr(WorkWatch, "wait", stopped_waiting)
        said = driven.cli("apply", plan, CONFIRM, "--json")
    assert (said.code, said.error["code"]) == (130, "cancelled")
    assert "goes on" in said.error["detail"]
    assert f"supportdesk apply {plan} {CONFIRM}" in said.error["next"]
    driven.turns()
    assert driven.status.is_settled
    with monkeypatch.context() as patched:
        patched.setattr(WorkWatch, "wait", stopped_waiting)
        said = driven.cli("sync", "kestrel", "--json")
    assert said.code == 130
    assert "with the next cycle" in said.error["detail"]


def test_turning_off_and_on_again(on: Selling) -> None:
    on.buy(3, 2)
    for _ in range(8):
        on.pass_by(20)
        on.cli("worker", "--once")
    assert on.cli.refused(2, "turn-off", "kestrel", "--confirm=other")["code"] == "usage"
    assert on.cli.refused(4, "turn-off", "kestrel", CONFIRM, "--read-only")["code"] == "refused"
    said = on.cli.good("turn-off", "kestrel", CONFIRM)
    assert said.out.startswith("Sync of kestrel is off.")
    assert not on.shop.metafields
    assert on.status.words == "off"
    assert on.cli.refused(4, "turn-off", "kestrel", CONFIRM)["code"] == "refused"
    assert on.ledger["TENT"] == 10, "what was sold and not sent yet stays promised"
    told = [json.loads(line) for line in on.cli.good("log", "kestrel", "--json").out.splitlines()]
    ended = [each for each in told if each["detail"] == "2 units still promised when sync was turned off"]
    assert [(each["kind"], each["sign"], each["sku"]) for each in ended] == [("promised", "·", "TENT")], (
        "no order was cancelled"
    )
    (order,) = on.cli.good("orders", "kestrel", "--json").json
    assert order["closed_at"] is not None
    assert (order["state"], order["booked"], order["lines"][0]["sku"]) == ("open", 2, "TENT")
    assert "bookings closed" in on.cli.good("orders", "kestrel").out
    assert on.cli.good("orders", "kestrel", f"--order={order['order']}", "--json").json == [order]
    assert "the store's numbers are of then" in on.cli.good("wizard", "kestrel").out
    on.buy(4)
    on.pass_by(30)
    on.cli.good("worker", "--once")
    on.cli.good("load", "kestrel")
    assert "numbers are of then" not in on.cli.good("wizard", "kestrel").out
    asked = on.cli.good("wizard", "kestrel", "--json").json
    assert asked["turned_off_at"] is not None
    assert "What is answered is from before that" in on.cli.good("wizard", "kestrel").out
    on.cli.good("apply", on.plan()["id"], CONFIRM, "--no-wait")
    assert on.cli.good("wizard", "kestrel", "--json").json["turned_off_at"] is None
    before = on.shown
    on.turns()
    assert on.status.is_settled
    assert on.shown == before == [37, 37, 10, 8, 0, 55, 70]
    assert {each["closed_at"] for each in on.cli.good("orders", "kestrel", "--json").json} == {None}
    (line,) = on.cli.good("channels", "--json").json
    assert line["sync"] == "on"


def test_what_sync_took_in_is_not_taken_in_again_when_it_is_turned_on_again(on: Selling) -> None:
    """The store was loaded before sync was on; orders since then are in Sumtracker's numbers."""
    on.buy(3, 2)
    on.pass_by(20)
    on.turns()
    on.cli.good("turn-off", "kestrel", CONFIRM)
    assert (on.ledger["TENT"], on.shown[2]) == (10, 10)
    plan = on.plan("--no-copy", "--unknown=hold", "--promised-included=no")
    assert plan["store_changes"] == 0
    on.buy(3)
    on.pass_by(20)
    on.cli.good("apply", plan["id"], CONFIRM, "--no-wait")
    on.turns()
    assert on.status.is_settled
    assert (on.ledger["TENT"], on.shown[2]) == (9, 9)


def test_what_was_said_of_counts_is_asked_again_once_sync_was_turned_off(driven: Selling) -> None:
    """What was promised has left Sumtracker's numbers by then: taking it off once more would sell too little, unasked."""
    cli = driven.cli
    cli.good(
        "wizard",
        "kestrel",
        "--direction=sumtracker",
        "--no-copy",
        "--unknown=copy",
        "--promised-included=yes",
    )
    cli.good("apply", driven.plan("--copy")["id"], CONFIRM, "--no-wait")
    cli.good("turn-off", "kestrel", CONFIRM)
    assert cli.good("wizard", "kestrel", "--json").json["copies"] is False, "it was never on"
    cli.good("apply", driven.plan("--copy")["id"], CONFIRM, "--no-wait")
    driven.turns()
    assert driven.status.is_settled
    cli.good("turn-off", "kestrel", CONFIRM)
    asked = cli.good("wizard", "kestrel", "--json").json
    assert (asked["copies"], asked["unknown"], asked["promised_included"]) == (None, None, None)
    assert (asked["direction"], asked["at"]) == ("sumtracker", "direction")
    assert asked["recommended_copy"]
    assert "synced before" in asked["recommended_because"]


def test_a_sum_is_not_added_up_again_once_sync_was_turned_off(driven: Selling) -> None:
    """Every listing shows the sum by then, and so does every location: copying it again would multiply what is there."""
    cli = driven.cli
    driven.shop.fill([DEPOT], [], [level(3, DEPOT, 4)])
    cli.good("load", "kestrel")
    depot = (f"--location={DEPOT.id}", "--warehouse=MAIN", "--master=sumtracker")
    cli.good("link", "kestrel", *depot, "--counts=sum")
    cli.good("decide", "kestrel", "--sku=MUG", "--shared-by=sum")
    plan = driven.plan()
    cli.good("apply", plan["id"], CONFIRM, "--no-wait", f"--brake-rows={plan['store_changes']}")
    driven.turns()
    assert driven.status.is_settled
    assert (driven.ledger["MUG"], driven.ledger["TENT"]) == (77, 16)
    cli.good("turn-off", "kestrel", CONFIRM)
    again = driven.plan("--copy")
    blocked = [(each["code"], each["sku"]) for each in again["blocked"]]
    assert blocked == [("counts_unanswered", ""), ("duplicate_unanswered", "MUG")]
    assert cli.refused(4, "apply", again["id"], CONFIRM)["code"] == "refused"
    asked = cli.good("wizard", "kestrel", "--copy").out
    assert "Say whose count is copied wherever that is not said yet, in 1 group." in asked
    told = cli.good("log", "kestrel", "--kind=decide", "--kind=counts").out
    assert "shared (before: shared by sum, which is what each listing shows by now)" in told
    assert "whose count is copied into MAIN is to be said again" in told
    cli.good("decide", "kestrel", "--sku=MUG", "--shared-by=lowest")
    cli.good("link", "kestrel", *depot, f"--counts={MAIN.id}")
    last = driven.plan("--copy")
    assert (last["blocked"], last["store_changes"]) == ([], 0)


def test_turning_off_a_store_that_does_not_answer(on: Selling) -> None:
    on.faults.add(Fault("token_revoked"))
    said = on.cli.good("turn-off", "kestrel", CONFIRM, "--json").json
    assert "does not accept the token" in said["claim_stays"]
    assert on.status.words == "off"
    assert on.shop.metafields


def test_forgetting_after_turning_off(on: Selling) -> None:
    on.cli.good("turn-off", "kestrel", CONFIRM)
    on.cli.good("forget", "kestrel")
    assert dump(on.cli.home) == {}


def test_rolling_back(on: Selling) -> None:
    on.cli.good("load", "kestrel")
    plan = on.cli.good("plan", "kestrel", "--for=rollback", "--json").json
    on.cli.good("apply", plan["id"], CONFIRM, "--no-wait")
    on.cli.good("worker", "--once")
    assert (on.status.phase, on.status.words) == ("taken_back", "off")
    assert on.shown == [40, 37, 12, 9, 0, 55, 70]
    assert not on.shop.metafields
    error = on.cli.refused(4, "apply", plan["id"], CONFIRM)
    assert "it is rolled back" in error["detail"]


def test_a_plan_under_way_is_stopped_by_turning_off(driven: Selling) -> None:
    driven.cli.good("apply", driven.plan()["id"], CONFIRM, "--no-wait")
    driven.cli("worker", "--once")
    before = driven.status
    assert (before.phase, before.words) == ("fenced", "being turned on: orders count from now on")
    driven.cli.good("turn-off", "kestrel", CONFIRM)
    assert driven.status.phase == "stopped"
    assert driven.status.words == "off"
    assert not driven.shop.metafields
    assert driven.shown == [40, 37, 12, 9, 0, 55, 70]


def test_a_restored_backup_of_yesterday_writes_nothing(
    on: Selling, tmp_path_factory: pytest.TempPathFactory
) -> None:
    kept = tmp_path_factory.mktemp("kept") / "kestrel.db"
    on.cli.good("backup", "kestrel", kept)
    on.buy(3, 5)
    on.edit(6, 11)
    for _ in range(6):
        on.pass_by(4 * 3600)
        on.cli("worker", "--once")
    shown = on.shown
    writes = len(on.shop.journal)
    said = on.cli.good("restore", kept)
    assert "Sync of kestrel is off: nothing is written there until a plan is applied." in said.out
    for _ in range(3):
        on.pass_by(600)
        on.cli.good("worker", "--once")
    assert len(on.shop.journal) == writes
    assert on.shown == shown
    on.cli.good("load", "kestrel")
    plan = on.plan()["id"]
    error = on.cli.refused(4, "apply", plan, CONFIRM)
    assert error["code"] == "claimed"
    assert "--take-over" in error["next"]
    on.cli.good("apply", plan, CONFIRM, "--take-over", "--no-wait")
    on.turns()
    assert on.status.is_settled
    assert on.shown == shown


# Two ledgers ------------------------------------------------------------------------------------------------------------------------------


def test_a_token_that_is_refused_is_said_with_what_to_do(
    on: Selling, monkeypatch: pytest.MonkeyPatch
) -> None:
    on.faults.add(Fault("token_revoked"))
    on.pass_by(700)
    assert on.cli("worker", "--once").code == 3
    (told,) = on.status.alerts
    assert told.startswith("The store does not accept the token: ")
    assert told.endswith(". Connect again with a new token.")
    assert [each["text"] for each in on.cli("check", "kestrel", "--json").json if each["id"] == "access"] == [
        told
    ]
    monkeypatch.setattr(syncing, "_PATIENCE", 0)
    said = on.cli("sync", "kestrel", "--json")
    assert (said.code, said.error["code"]) == (3, "token_refused")
    assert said.error["detail"].endswith("Connect again with a new token.")
    assert "goes on by itself" in said.error["next"]


def test_the_second_ledger_on_a_store_is_told_who_has_it(
    on: Selling,
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = tmp_path_factory.mktemp("second home")
    monkeypatch.setenv("SUPPORTDESK_HOME", str(home))
    second = Selling(Commands(home, capsys), on.url, on.shop, on.faults, on.clock)
    second.connect()
    assert "This store is synced already, from" in second.cli.good("plan", "kestrel", "--copy").out
    plan = second.plan()["id"]
    error = second.cli.refused(4, "apply", plan, CONFIRM)
    assert error["code"] == "claimed"
    assert "kestrel is synced from" in error["detail"]
    second.cli.good("apply", plan, CONFIRM, "--take-over", "--no-wait")
    second.turns()
    assert second.status.is_settled
    monkeypatch.setenv("SUPPORTDESK_HOME", str(on.cli.home))
    on.pass_by(700)
    said = on.cli("worker", "--once", "--json")
    assert (said.code, said.error["code"]) == (4, "claimed")
    assert "kestrel is synced from" in on.status.alerts[0]
    monkeypatch.setattr(syncing, "_PATIENCE", 0)
    said = on.cli("sync", "kestrel", "--json")
    assert (said.code, said.error["code"]) == (4, "claimed")
    assert said.error["detail"].startswith("kestrel is synced from")
    assert "turn it off here" in said.error["next"]
    on.cli.good("set", "kestrel", "--warehouse=MAIN", "--sku=TENT", "--quantity=1")
    assert on.cli("worker", "--once").code == 4
    assert on.shown[2] == 12
