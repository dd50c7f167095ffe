"""`new-sku` and reading a group again, against a store that answers well, badly and late; the only write before sync is on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from supportdesk.desk import Desk, duplicates
from supportdesk.desk.watch import WorkWatch
from supportdesk.errors import Cancelled, Refused, StoreError, UnknownName
from supportdesk.ledger.file import open_ledger
from supportdesk.paths import find_home
from supportdesk.sandbox.faults import Fault
from supportdesk.settings import load_settings
from tests.catalogs import Clock
from tests.cli.commands import Commands, dump
from tests.cli.conftest import Served
from tests.cli.test_channels import export
from tests.shops import DEPOT, MAIN, listing

LONG = 1e9
NEW_SKU = ("new-sku", "kestrel", "--listing=thing-2/Default Title", "--sku=A-2", "--confirm=kestrel")


def watch() -> WorkWatch:
    """A watch that nobody looks at and whose waits pass at once (`conftest.served`)."""
    return WorkWatch(lambda _: None)


def desk_at(home: Path) -> Desk:
    place = find_home(str(home), {})
    return Desk(place, load_settings(place, {}, {"keyring": "off"}), now=Clock())


@pytest.fixture
def desk(home: Path, connected: Served) -> Desk:
    return desk_at(home)


def sku_in_store(served: Served, variant: int) -> str:
    return served.shop.variants[variant].item.sku or ""


def events(home: Path) -> list[tuple[str, str, str]]:
    """SKU, reference and detail of each `new_sku` event."""
    with open_ledger(home / "accounts" / "kestrel.db", now=Clock()) as ledger:
        rows = ledger.rows("SELECT sku, reference, detail FROM event WHERE kind = 'new_sku' ORDER BY id")
        return [(row["sku"], row["reference"], row["detail"]) for row in rows]


def test_a_listing_gets_its_own_sku_in_the_store_and_here(
    cli: Commands, connected: Served, home: Path
) -> None:
    cli.good("decide", "kestrel", "--sku=A-1", "--split")
    assert cli.good("duplicates", "kestrel", "--show=to-decide", "--json").json
    said = cli.good(*NEW_SKU)
    assert said.out == "thing-2/Default Title has the SKU A-2 now.\n"
    assert [sku_in_store(connected, number) for number in (1, 2, 3)] == ["A-1", "A-2", "B-2"]
    assert cli.good("duplicates", "kestrel", "--json").json == []
    assert events(home) == [("A-1", "A-2", "thing-2/Default Title: A-1 → A-2")]
    totals = cli.good("show", "kestrel", "--json").json
    assert (totals["skus"], totals["duplicate_groups"], totals["units"]) == (3, 0, 15)
    assert cli.good("load", "kestrel", "--json").json == totals
    assert cli.good("channels", "--json").json[0]["duplicate_groups"] == 0


def test_the_json_says_what_is_left(cli: Commands, connected: Served) -> None:
    assert cli.good(*NEW_SKU, "--json").json == {
        "changed": 1, "groups": 0, "disagree": 0, "to_decide": 0, "not_done": 0, "look_again": 0,
    }  # fmt: skip


def test_a_variant_id_names_a_listing_too(cli: Commands, connected: Served) -> None:
    cli.good("new-sku", "kestrel", "--listing=2", "--sku=A-2", "--confirm=kestrel")
    assert sku_in_store(connected, 2) == "A-2"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--confirm=Kestrel Outdoor"], 4, "not the shop's handle"),
        (["--confirm="], 4, "not the shop's handle"),
        (["--sku="], 4, "is no SKU"),
        (["--sku=  "], 4, "is no SKU"),
        (["--sku=A-1"], 4, "is the SKU the listing has"),
        (["--sku=B-2"], 4, "Another listing of the store has the SKU 'B-2'"),
        (["--sku=n/a"], 4, "a placeholder"),
        (["--sku= A-2"], 4, "spaces at its ends"),
        (["--sku=A\n2"], 4, "invisible character"),
        (["--listing=thing-9/Default Title"], 2, "no listing 'thing-9/Default Title'"),
        (["--listing="], 2, "no listing ''"),
        (["--read-only"], 4, "read-only"),
    ],
)
def test_what_is_refused_before_the_store_is_touched(
    cli: Commands, connected: Served, words: list[str], code: int, said: str
) -> None:
    error = cli.refused(code, *NEW_SKU, *words)
    assert said in error["detail"]
    assert sku_in_store(connected, 2) == "A-1"


def test_exports_have_no_store_to_write_to(cli: Commands, tmp_path: Path) -> None:
    cli.good("open", export(tmp_path / "acme.csv"))
    error = cli.refused(4, "new-sku", "acme", "--listing=tent/Default Title", "--sku=T-2", "--confirm=acme")
    assert "opened from exports" in error["detail"]
    with pytest.raises(Refused) as caught:
        duplicates.read_again(desk_at(cli.home), "acme", "T-1", watch())
    assert "open the files again" in caught.value.next_step


def test_a_token_that_may_not_change_products(cli: Commands, connected: Served) -> None:
    connected.faults.add(Fault("scope_lost", scope="write_products"))
    error = cli.refused(3, *NEW_SKU)
    assert error["code"] == "scope_missing"
    assert "write_products" in error["detail"]
    assert "write_products" in error["next"]


def test_a_sku_taken_since_the_load_is_found_in_the_store(cli: Commands, connected: Served) -> None:
    connected.shop.add_listing(listing(9, "A-2"))
    assert "Another listing" in cli.refused(4, *NEW_SKU)["detail"]
    assert sku_in_store(connected, 2) == "A-1"


def test_a_sku_changed_in_the_store_since_the_load(cli: Commands, connected: Served) -> None:
    connected.shop.variants[2].item.sku = "OTHER"
    error = cli.refused(4, *NEW_SKU)
    assert error["code"] == "conflict"
    assert "'OTHER' by now" in error["detail"]
    assert sku_in_store(connected, 2) == "OTHER"


def test_reasons_of_the_store_are_passed_on(cli: Commands, connected: Served) -> None:
    error = cli.refused(3, *NEW_SKU, f"--sku={'A' * 300}")
    assert error["code"] == "change_refused"
    assert "too long" in error["detail"]


@pytest.mark.parametrize("kind", ["throttled", "too_many_requests"])
def test_a_store_that_asks_to_wait_is_waited_for(cli: Commands, connected: Served, kind: str) -> None:
    connected.faults.add(Fault(kind, times=2, operation="SetSku"))  # type: ignore[arg-type]
    cli.good(*NEW_SKU)
    assert sku_in_store(connected, 2) == "A-2"


@pytest.mark.parametrize("kind", ["dropped", "internal_error", "bad_gateway", "html"])
def test_an_answer_that_is_lost_is_looked_up(cli: Commands, connected: Served, home: Path, kind: str) -> None:
    """The change is sent once. What came of it is what the store shows, and that is what we say."""
    before = dump(home)
    connected.faults.add(Fault(kind, operation="SetSku"))  # type: ignore[arg-type]
    said = cli(*NEW_SKU, "--json")
    if sku_in_store(connected, 2) == "A-2":
        assert said.code == 0, said.err
        assert events(home) == [("A-1", "A-2", "thing-2/Default Title: A-1 → A-2 (its answer was lost)")]
        assert cli.good("duplicates", "kestrel", "--json").json == []
    else:
        assert said.code == 3
        assert "still has the SKU 'A-1'; the store may yet change it" in said.error["detail"]
        ((sku, reference, detail),) = events(home)
        assert (sku, reference) == ("A-1", "A-2")
        assert "did not show it" in detail
        assert len(cli.good("duplicates", "kestrel", "--json").json) == 1
        assert dump(home) != before, "the attempt is on record"


def test_a_group_is_read_again(cli: Commands, desk: Desk, connected: Served, home: Path) -> None:
    cli.good("decide", "kestrel", "--sku=A-1", "--split")
    detail = duplicates.read_again(desk, "kestrel", "A-1", watch())
    assert (detail.group.listings, detail.group.to_decide) == (2, True)
    loaded_at = cli.good("channels", "--json").json[0]["loaded_at"]
    # In the store: another count, a third listing, and one with a SKU of its own that joins another group.
    connected.shop.variants[1].item.levels[MAIN.id].put("available", 9, None)
    connected.shop.add_listing(listing(7, "A-1"))
    connected.shop.add_listing(listing(8, "a-1"))
    connected.shop.add_level(2007, DEPOT.id, {"available": 2})
    connected.shop.variants[2].item.sku = "B-2"
    detail = duplicates.read_again(desk, "kestrel", "A-1", watch())
    assert [(each.variant_id, dict(each.levels)) for each in detail.listings] == [
        (1, {MAIN.id: 9, DEPOT.id: 7}),
        (7, {DEPOT.id: 2}),
    ]
    assert not detail.group.decision_holds
    other = duplicates.group_detail(desk, "kestrel", "B-2")
    assert [each.variant_id for each in other.listings] == [2, 3]
    line = cli.good("channels", "--json").json[0]
    assert (line["duplicate_groups"], line["loaded_at"]) == (2, loaded_at)
    whole = dump(home)
    totals = cli.good("show", "kestrel", "--json").json
    again = cli.good("load", "kestrel", "--json").json
    assert again == totals | {"listings": 5, "skus": 3}, "only the listing of another SKU was not read"
    assert whole != dump(home)


def test_a_split_that_the_store_shows_is_done(cli: Commands, desk: Desk, connected: Served) -> None:
    cli.good("decide", "kestrel", "--sku=A-1", "--split")
    connected.shop.variants[2].item.sku = "A-2"
    detail = duplicates.read_again(desk, "kestrel", "A-1", watch())
    assert (detail.group.listings, detail.group.needs_decision, detail.group.to_decide) == (1, False, False)
    assert duplicates.summary(desk, "kestrel").to_decide == 0
    with pytest.raises(UnknownName):
        duplicates.group_detail(desk, "kestrel", "A-1")


class Stopping(WorkWatch):
    """A person who stops as soon as they can."""

    def check(self) -> None:
        raise Cancelled("You stopped it.")


BREAKS: list[tuple[str, Callable[[Served], object], type[Exception]]] = [
    ("gone", lambda served: served.faults.add(Fault("html", seconds=LONG)), StoreError),
    ("token", lambda served: served.faults.add(Fault("token_revoked")), StoreError),
    ("scope", lambda served: served.faults.add(Fault("scope_lost", scope="read_inventory")), StoreError),
]


@pytest.mark.parametrize(("_", "spoil", "error"), BREAKS, ids=[each[0] for each in BREAKS])
def test_a_reading_that_fails_changes_nothing(
    desk: Desk,
    connected: Served,
    home: Path,
    _: str,
    spoil: Callable[[Served], object],
    error: type[Exception],
) -> None:
    before = dump(home)
    spoil(connected)
    with pytest.raises(error):
        duplicates.read_again(desk, "kestrel", "A-1", watch())
    connected.faults.clear()
    with pytest.raises(Cancelled):
        duplicates.read_again(desk, "kestrel", "A-1", Stopping(lambda _: None))
    assert dump(home) == before
