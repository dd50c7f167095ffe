"""Plans of a channel that is on, on the command line: another master and back again, over HTTP."""

from __future__ import annotations

from tests.cli.test_apply import CONFIRM
from tests.cli.turning_on import Selling, selling
from tests.shops import DEPOT, level

__all__ = ["selling"]


def test_a_master_is_changed_and_changed_back(selling: Selling) -> None:
    from supportdesk.desk import channels, worker

    cli = selling.cli
    selling.shop.items[2002].sku = "MUG-2"
    selling.connect("--env-only")
    off = cli.good(*_direction("shopify")).json
    assert "without a plan" in cli.refused(4, "apply", off["id"], CONFIRM)["detail"]
    cli.good("apply", selling.plan()["id"], CONFIRM)
    selling.buy(3, 2)
    loaded = channels.channel_named(selling.desk, "kestrel").loaded_at
    selling.pass_by(300)
    there = cli.good(*_direction("shopify")).json
    waits = cli("apply", there["id"], CONFIRM, "--stop", "--json")
    assert (waits.code, waits.out) == (4, "")
    assert waits.error["next"] == f"See how it stands: supportdesk plan --show={there['id']}"
    assert channels.channel_named(selling.desk, "kestrel").loaded_at != loaded, "it was loaded a while ago"
    assert (there["location"], there["master"]) == ("Main St", "shopify")
    said = cli.good("apply", there["id"], CONFIRM).out.splitlines()
    assert said[:2] == ["Asked for.", "Nothing it was made from has changed."]
    assert "The location is on, as planned." in said
    selling.edit(4, 6)
    selling.pass_by(30)
    back = cli.good(*_direction("sumtracker")).json
    assert back["copies"] is True
    cli.good("apply", back["id"], CONFIRM)
    worker.stop_here()
    assert selling.shown == [40, 37, 10, 15, 0, 55, 70]
    assert selling.ledger == {"MUG": 40, "MUG-2": 37, "TENT": 10, "ROPE": 15, "OLD": 0, "BAG": 55, "CUP": 70}


def test_a_link_is_planned_from_what_the_store_shows_now(selling: Selling) -> None:
    """What staff do at a location that is not linked nobody follows: a plan that links it reads the store again."""
    cli = selling.cli
    selling.shop.fill([DEPOT], [], [level(1, DEPOT, 6), level(3, DEPOT, 4)])
    selling.connect("--env-only")
    cli.good("warehouses", "kestrel", "--add=DEPOT", "--name=Depot")
    cli.good("unlink", "kestrel", f"--location={DEPOT.id}")
    cli.good("apply", selling.plan()["id"], CONFIRM)
    there = selling.shop.items[2003].levels[DEPOT.id]
    selling.shop.change(there, {"available": 7}, "staff")
    selling.pass_by(300)
    plan = cli.good(
        *("plan", "kestrel", "--for=link", f"--location={DEPOT.id}", "--warehouse=DEPOT", "--copy", "--json")
    ).json
    rows = cli.good("plan", f"--show={plan['id']}", "--rows", "--json").json
    assert {row["sku"]: (row["before"], row["after"]) for row in rows} == {"MUG": (6, 6), "TENT": (11, 11)}
    assert (plan["ledger_units_before"], plan["ledger_units_after"]) == (0, 17)


def _direction(master: str) -> tuple[str, ...]:
    return ("plan", "kestrel", "--for=direction", "--location=101", f"--master={master}", "--json")
