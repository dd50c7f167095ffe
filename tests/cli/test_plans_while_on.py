"""Plans of a channel that is on, on the command line: another master and back again, over HTTP."""

from __future__ import annotations

from tests.cli.test_apply import CONFIRM
from tests.cli.turning_on import Selling, selling

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


def _direction(master: str) -> tuple[str, ...]:
    return ("plan", "kestrel", "--for=direction", "--location=101", f"--master={master}", "--json")
