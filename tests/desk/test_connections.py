"""Linking, unlinking, masters, swaps and suggestions as a person asks for them; two people at once; refusals that change nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from supportdesk.core.catalog import Location
from supportdesk.core.connections import ConnectionsView, LocationLine, Warehouse
from supportdesk.desk import Desk, channels, connections
from supportdesk.desk.connections import LinkRequest
from supportdesk.errors import Cancelled, Conflict, Refused, SupportdeskError, UnknownName, WrongUsage
from tests.catalogs import MemoryStore, level, listing
from tests.desk.merchants import ACCOUNT, Merchant

MAIN, DEPOT, KIOSK = Location(1, "Main St"), Location(2, "Depot"), Location(3, "Kiosk")
PEAK = Location(4, "Peak Logistics", service="Peak Ltd", service_manages_stock=True)
SHUT = Location(5, "Market Hall", active=False)
PLACES = (MAIN, DEPOT, KIOSK, PEAK, SHUT)
SKUS = 40
OUTDOOR, OUTLET = "outdoor", "outlet"


def store(*, sku: str = "S", places: tuple[Location, ...] = PLACES) -> MemoryStore:
    """40 SKUs, with counts of their own at Main St, Depot and Kiosk."""
    return MemoryStore(
        listings=[listing(number, f"{sku}-{number}") for number in range(SKUS)],
        levels=[level(number, place, number * 10 + place) for number in range(SKUS) for place in (1, 2, 3)],
        places=places,
    )


@pytest.fixture
def merchant(tmp_path: Path) -> Merchant:
    """A loaded store, and the warehouses 1 MAIN and 2 DEPOT with the numbers of its places."""
    merchant = Merchant(tmp_path)
    merchant.load(OUTDOOR, store())
    for code, name in (("MAIN", "Main Street"), ("DEPOT", "The depot")):
        connections.add_warehouse(merchant.desk, ACCOUNT, code, name)
    merchant.hold(
        *((f"S-{number}", there, number * 10 + there) for number in range(SKUS) for there in (1, 2))
    )
    return merchant


def line(view: ConnectionsView, location: int) -> LocationLine:
    return next(each for each in view.lines if each.location.id == location)


def ids(view: ConnectionsView) -> list[str]:
    return [finding.id for finding in view.findings]


def link(merchant: Merchant, location: int, warehouse: int, **more: object) -> ConnectionsView:
    request = LinkRequest(location, warehouse, **more)  # type: ignore[arg-type]
    return connections.link(merchant.desk, OUTDOOR, request, seen=None)


def revisions(view: ConnectionsView) -> dict[int, int]:
    return {each.location.id: each.connection.revision for each in view.lines if each.connection}


def test_before_anything_is_said_everything_is_there_to_decide(merchant: Merchant) -> None:
    view = connections.view(merchant.desk, OUTDOOR)
    assert [each.location.name for each in view.lines] == [
        "Depot", "Kiosk", "Main St", "Peak Logistics", "Market Hall",
    ]  # fmt: skip
    assert [warehouse.code for warehouse in view.warehouses] == ["DEPOT", "MAIN"]
    assert view.warehouses[1].units == sum(number * 10 + 1 for number in range(SKUS))
    assert view.warehouses[1].skus == SKUS
    main = line(view, 1)
    assert (main.units, main.listings, main.connection) == (sum(n * 10 + 1 for n in range(SKUS)), SKUS, None)
    assert main.suggested
    assert (main.suggested.warehouse_id, main.suggested.agreeing, main.suggested.skus_shared) == (
        1,
        SKUS,
        SKUS,
    )
    assert line(view, 3).suggested is None
    assert ids(view) == ["unlinked_sells", "service", "warehouse_unlinked"]


def test_a_link_is_kept_told_and_counted(merchant: Merchant) -> None:
    view = link(merchant, 1, 1)
    main = line(view, 1)
    assert main.connection
    assert main.connection.warehouse
    assert (main.connection.warehouse.code, main.connection.master) == ("MAIN", "sumtracker")
    assert main.evidence
    assert main.evidence.agreeing == SKUS
    assert main.suggested is None
    assert merchant.events("link") == [(OUTDOOR, "Main St", "linked to MAIN, Sumtracker master")]
    assert channels.channel_named(merchant.desk, OUTDOOR).unlinked_locations == 2


def test_the_same_link_again_changes_nothing(merchant: Merchant) -> None:
    link(merchant, 1, 1)
    before = merchant.dump()
    link(merchant, 1, 1)
    connections.set_master(merchant.desk, OUTDOOR, 1, "sumtracker", seen=None)
    assert merchant.dump() == before


def test_a_location_moves_to_another_warehouse(merchant: Merchant) -> None:
    link(merchant, 1, 2)
    view = link(merchant, 1, 1)
    assert merchant.events("link")[-1] == (OUTDOOR, "Main St", "linked to MAIN, Sumtracker master")
    assert "warehouse_unlinked" in ids(view)


def test_unlinking_says_that_it_stays_so_or_says_nothing(merchant: Merchant) -> None:
    link(merchant, 1, 1)
    view = connections.unlink(merchant.desk, OUTDOOR, 1, seen=None)
    stays = line(view, 1)
    assert stays.connection
    assert stays.connection.warehouse is None
    assert stays.suggested is None, "it is said to stay unlinked"
    assert channels.channel_named(merchant.desk, OUTDOOR).unlinked_locations == 2
    before = merchant.dump()
    connections.unlink(merchant.desk, OUTDOOR, 1, seen=None)
    assert merchant.dump() == before
    view = connections.unlink(merchant.desk, OUTDOOR, 1, stay=False, seen=None)
    assert line(view, 1).connection is None
    assert line(view, 1).suggested
    assert channels.channel_named(merchant.desk, OUTDOOR).unlinked_locations == 3
    before = merchant.dump()
    connections.unlink(merchant.desk, OUTDOOR, 1, stay=False, seen=None)
    assert merchant.dump() == before
    assert [detail for *_, detail in merchant.events("unlink")] == [
        "stays unlinked",
        "nothing is said of it any more",
    ]


def test_other_stores_on_the_warehouse_are_shown(merchant: Merchant) -> None:
    merchant.load(OUTLET, store(sku="X", places=(Location(21, "Depot"),)))
    link(merchant, 2, 2)
    view = connections.link(merchant.desk, OUTLET, LinkRequest(21, 2), seen=0)
    (other,) = line(view, 21).others
    assert (other.channel, other.channel_title, other.location) == (OUTDOOR, "Outdoor", "Depot")
    (other,) = line(connections.view(merchant.desk, OUTDOOR), 2).others
    assert (other.channel, other.location_id, other.master) == (OUTLET, 21, "sumtracker")
    assert "two_to_one_unanswered" not in ids(connections.view(merchant.desk, OUTDOOR)), "of one store only"


# --- two locations on one warehouse ---------------------------------------------------------------------------------


def test_two_on_one_ask_whose_count_and_both_know_the_answer(merchant: Merchant) -> None:
    link(merchant, 1, 1)
    assert "two_to_one_unanswered" in ids(link(merchant, 3, 1))
    view = link(merchant, 3, 1, counts="this")
    assert {line(view, place).connection.counts for place in (3,)} == {"this"}  # type: ignore[union-attr]
    assert {line(view, place).connection.counts for place in (1,)} == {"other"}  # type: ignore[union-attr]
    assert "two_to_one" in ids(view)
    view = link(merchant, 1, 1, counts="sum")
    assert {line(view, place).connection.counts for place in (1, 3)} == {"sum"}  # type: ignore[union-attr]
    view = link(merchant, 1, 1, counts="other")
    assert line(view, 3).connection.counts == "this"  # type: ignore[union-attr]


def answers(view: ConnectionsView, *places: int) -> list[object]:
    return [found.counts if (found := line(view, place).connection) else None for place in places]


def test_the_answer_is_told_once(merchant: Merchant) -> None:
    link(merchant, 1, 1)
    seen = revisions(link(merchant, 3, 1, counts="sum"))
    told = [(OUTDOOR, "Main Street", "the sum of the counts of Kiosk and Main St is copied into MAIN")]
    assert merchant.events("counts") == told
    assert [place for _, place, _ in merchant.events("link")] == ["Main St", "Kiosk"]
    before = merchant.dump()
    link(merchant, 1, 1, counts="sum")
    assert merchant.dump() == before
    link(merchant, 1, 1, counts="other", counts_of=3)
    told.append((OUTDOOR, "Main Street", "the count of Kiosk is copied into MAIN"))
    assert merchant.events("counts") == told
    assert len(merchant.events("link")) == 2, "how it is linked did not change"
    with pytest.raises(Conflict, match="the count of Kiosk is copied into MAIN"):
        connections.link(merchant.desk, OUTDOOR, LinkRequest(1, 1, counts="sum"), seen=seen[1])


@pytest.mark.parametrize("counts", ["sum", "this"])
def test_an_answer_that_still_makes_sense_is_kept_when_a_third_joins(merchant: Merchant, counts: str) -> None:
    link(merchant, 1, 1)
    link(merchant, 3, 1, counts=counts)
    view = link(merchant, 2, 1)
    assert answers(view, 1, 2, 3) == (["sum"] * 3 if counts == "sum" else ["other", "other", "this"])
    assert "two_to_one" in ids(view)
    whose = "the sum of the counts of Depot, Kiosk and Main St" if counts == "sum" else "the count of Kiosk"
    assert merchant.events("counts")[-1] == (OUTDOOR, "Main Street", f"{whose} is copied into MAIN")
    assert len(merchant.events("counts")) == 2
    view = link(merchant, 2, 1, counts="this")
    assert answers(view, 1, 2, 3) == ["other", "this", "other"]


def test_without_an_answer_a_third_leaves_the_question_open(merchant: Merchant) -> None:
    link(merchant, 1, 1)
    link(merchant, 3, 1)
    view = link(merchant, 2, 1)
    assert answers(view, 1, 2, 3) == [None] * 3
    assert merchant.events("counts") == []


@pytest.mark.parametrize("how", ["unlinked", "moved", "swapped", "gone"])
def test_the_question_is_open_again_and_told_where_the_named_location_goes(
    merchant: Merchant, how: str
) -> None:
    link(merchant, 1, 1)
    link(merchant, 3, 1)
    link(merchant, 2, 1, counts="this")
    seen = revisions(connections.view(merchant.desk, OUTDOOR))
    if how == "unlinked":
        connections.unlink(merchant.desk, OUTDOOR, 2, seen=None)
    elif how == "moved":
        link(merchant, 2, 2)
    elif how == "swapped":
        link(merchant, 4, 2, insist=True)
        connections.swap(merchant.desk, OUTDOOR, 2, 4, seen=None)
    else:
        merchant.load(OUTDOOR, store(places=(MAIN, KIOSK)))
    view = connections.view(merchant.desk, OUTDOOR)
    assert answers(view, 1, 3) == [None, None]
    assert "two_to_one_unanswered" in ids(view)
    _, place, detail = merchant.events("counts")[-1]
    assert (place, "to be said again" in detail) == ("Main Street", True)
    with pytest.raises(Conflict, match="to be said again"):
        connections.link(merchant.desk, OUTDOOR, LinkRequest(1, 1, counts="this"), seen=seen[1])


def test_a_question_that_is_none_any_more_is_forgotten_in_silence(merchant: Merchant) -> None:
    link(merchant, 1, 1)
    link(merchant, 3, 1, counts="sum")
    assert answers(connections.unlink(merchant.desk, OUTDOOR, 3, seen=None), 1) == [None]
    assert len(merchant.events("counts")) == 1


def test_a_location_swapped_in_copies_what_is_said_there(merchant: Merchant) -> None:
    link(merchant, 1, 1)
    link(merchant, 3, 1, counts="sum")
    link(merchant, 2, 2)
    view = connections.swap(merchant.desk, OUTDOOR, 2, 3, seen=None)
    assert answers(view, 1, 2, 3) == ["sum", "sum", None]
    told = [detail for *_, detail in merchant.events("counts")]
    assert told[-1] == "the sum of the counts of Depot and Main St is copied into MAIN"


def test_a_channel_with_drafts_counts_its_groups_again(merchant: Merchant) -> None:
    """The same SKU twice, with counts that differ at Depot alone."""
    rows = [listing(1, "TWIN"), listing(2, "TWIN")]
    levels = [level(1, 1, 5), level(2, 1, 5), level(1, 2, 1), level(2, 2, 9)]
    merchant.load(OUTDOOR, MemoryStore(listings=rows, levels=levels, places=PLACES))

    def agrees() -> object:
        with merchant.opened() as ledger:
            return ledger.value("SELECT agrees FROM duplicate_group")

    assert agrees() == 0
    connections.unlink(merchant.desk, OUTDOOR, 2, seen=None)
    assert agrees() == 1
    connections.unlink(merchant.desk, OUTDOOR, 2, stay=False, seen=None)
    assert agrees() == 0


# --- swapping and suggestions ----------------------------------------------------------------------------------------


def test_a_crossed_pair_is_found_swapped_and_then_not_spoken_of(merchant: Merchant) -> None:
    link(merchant, 1, 2)
    view = link(merchant, 2, 1)
    (crossed,) = (finding for finding in view.findings if finding.id == "crossed")
    assert crossed.location_ids == (1, 2)
    assert f"0 of {2 * SKUS} counts agree, swapped {2 * SKUS} of {2 * SKUS} would" in crossed.text
    better = line(view, 1).suggested
    assert better
    assert better.warehouse_id == 1
    assert "misplaced" not in ids(view)
    view = connections.swap(merchant.desk, OUTDOOR, 1, 2, seen=revisions(view))
    assert not {"crossed", "misplaced", "name_mismatch"} & set(ids(view))
    assert [line(view, place).connection.warehouse.code for place in (1, 2)] == ["MAIN", "DEPOT"]  # type: ignore[union-attr]


def test_accepting_links_what_nothing_was_said_of_and_no_two_to_one(merchant: Merchant) -> None:
    assert connections.accept_suggestions(merchant.desk, OUTDOOR) == 2
    view = connections.view(merchant.desk, OUTDOOR)
    assert [line(view, place).connection.warehouse.code for place in (1, 2)] == ["MAIN", "DEPOT"]  # type: ignore[union-attr]
    assert connections.accept_suggestions(merchant.desk, OUTDOOR) == 0
    connections.unlink(merchant.desk, OUTDOOR, 1, stay=False, seen=None)
    link(merchant, 3, 1)
    assert connections.accept_suggestions(merchant.desk, OUTDOOR) == 0, "MAIN is Kiosk's now"
    connections.unlink(merchant.desk, OUTDOOR, 1, seen=None)
    connections.unlink(merchant.desk, OUTDOOR, 3, seen=None)
    assert connections.accept_suggestions(merchant.desk, OUTDOOR) == 0, "it is said to stay unlinked"


def test_a_movement_or_a_load_is_seen_at_once(merchant: Merchant) -> None:
    assert line(connections.view(merchant.desk, OUTDOOR), 3).suggested is None
    kiosk = connections.add_warehouse(merchant.desk, ACCOUNT, "K", "Somewhere else")
    merchant.hold(*((f"S-{number}", kiosk.id, number * 10 + 3) for number in range(SKUS)))
    found = line(connections.view(merchant.desk, OUTDOOR), 3).suggested
    assert found
    assert found.agreeing == SKUS
    merchant.clock.pass_by(minutes=1)
    merchant.load(OUTDOOR, replace(store(), levels=()))
    assert line(connections.view(merchant.desk, OUTDOOR), 3).suggested is None


def test_a_long_look_can_be_stopped(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped:
        def report(self, *words: object, **more: object) -> None: ...
        def wait(self, seconds: float) -> None: ...
        def check(self) -> None:
            raise Cancelled("You stopped it.")

    monkeypatch.setattr("supportdesk.desk.connections_view._STEPS", 10)
    with pytest.raises(Cancelled):
        connections.view(merchant.desk, OUTDOOR, Stopped())
    assert connections.view(merchant.desk, OUTDOOR).lines


# --- two people ------------------------------------------------------------------------------------------------------

Change = Callable[[Desk, dict[int, int]], object]
CHANGES: list[Change] = [
    lambda desk, seen: connections.link(desk, OUTDOOR, LinkRequest(1, 2), seen=seen.get(1, 0)),
    lambda desk, seen: connections.unlink(desk, OUTDOOR, 1, seen=seen.get(1, 0)),
    lambda desk, seen: connections.unlink(desk, OUTDOOR, 1, stay=False, seen=seen.get(1, 0)),
    lambda desk, seen: connections.set_master(desk, OUTDOOR, 1, "shopify", seen=seen.get(1, 0)),
    lambda desk, seen: connections.swap(desk, OUTDOOR, 1, 2, seen=seen),
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("meanwhile", ["moved", "unlinked", "taken back", "answered"])
def test_who_saw_something_older_changes_nothing(merchant: Merchant, change: Change, meanwhile: str) -> None:
    link(merchant, 1, 1)
    link(merchant, 3, 1)
    seen = revisions(link(merchant, 2, 2))
    if meanwhile == "moved":
        link(merchant, 1, 2)
    elif meanwhile == "answered":
        link(merchant, 3, 1, counts="this")
    else:
        connections.unlink(merchant.desk, OUTDOOR, 1, stay=meanwhile == "unlinked", seen=None)
    before = merchant.dump()
    with pytest.raises(Conflict, match="Main St") as conflict:
        change(merchant.desk, seen)
    assert merchant.dump() == before
    assert "Nothing of yours was written" in conflict.value.detail
    if meanwhile == "moved":
        assert "linked to DEPOT" in conflict.value.detail
        assert "2026-11-23 12:00Z" in conflict.value.detail


def test_two_who_link_the_same_location_first_come_first_served(merchant: Merchant) -> None:
    connections.link(merchant.desk, OUTDOOR, LinkRequest(1, 1), seen=0)
    with pytest.raises(Conflict):
        connections.link(merchant.desk, OUTDOOR, LinkRequest(1, 2), seen=0)
    assert line(connections.view(merchant.desk, OUTDOOR), 1).connection.warehouse.code == "MAIN"  # type: ignore[union-attr]


# --- refusals --------------------------------------------------------------------------------------------------------


def _on(merchant: Merchant) -> None:
    link(merchant, 1, 1)
    link(merchant, 2, 2)
    with merchant.opened() as ledger, ledger.writing() as connection:
        connection.execute("UPDATE channel SET sync = 'on'")


@pytest.mark.parametrize(
    "change", [CHANGES[0], *CHANGES[3:], lambda desk, seen: connections.accept_suggestions(desk, OUTDOOR)]
)
def test_a_channel_that_is_on_is_left_as_it_is(merchant: Merchant, change: Change) -> None:
    _on(merchant)
    before = merchant.dump()
    with pytest.raises(Refused, match="plan"):
        change(merchant.desk, revisions(connections.view(merchant.desk, OUTDOOR)))
    assert merchant.dump() == before


@pytest.mark.parametrize("stay", [True, False])
def test_a_location_of_a_channel_that_is_on_is_taken_out(merchant: Merchant, stay: bool) -> None:
    _on(merchant)
    with merchant.opened() as ledger, ledger.writing() as connection:
        for table in ("fence (channel_id, location_id, t0) VALUES (1, {}, 5)",):
            for place in (1, 2):
                connection.execute(f"INSERT INTO {table.format(place)}")
    seen = revisions(connections.view(merchant.desk, OUTDOOR))
    with pytest.raises(Conflict):
        connections.unlink(merchant.desk, OUTDOOR, 1, stay=stay, seen=seen[1] + 1)
    connections.unlink(merchant.desk, OUTDOOR, 1, stay=stay, seen=seen[1])
    with merchant.opened() as ledger:
        assert [row["location_id"] for row in ledger.rows("SELECT location_id FROM fence")] == [2]
        said = ledger.rows("SELECT warehouse_id FROM connection WHERE location_id = 1")
        assert [row["warehouse_id"] for row in said] == ([None] if stay else [])
    with pytest.raises(Refused, match="the only location"):
        connections.unlink(merchant.desk, OUTDOOR, 2, seen=None)


@pytest.mark.parametrize(
    "change",
    [
        *CHANGES,
        lambda desk, seen: connections.accept_suggestions(desk, OUTDOOR),
        lambda desk, seen: connections.add_warehouse(desk, ACCOUNT, "NEW", "New"),
        lambda desk, seen: connections.rename_warehouse(desk, ACCOUNT, 1, name="New"),
        lambda desk, seen: connections.remove_warehouse(desk, ACCOUNT, 1),
    ],
)
def test_read_only_changes_nothing(merchant: Merchant, change: Change) -> None:
    before = merchant.dump()
    with pytest.raises(Refused, match="read-only"):
        change(merchant.read_only, {})
    assert merchant.dump() == before
    assert connections.view(merchant.read_only, OUTDOOR).lines


@pytest.mark.parametrize(
    ("request_", "error", "words"),
    [
        (LinkRequest(5, 1), Refused, "inactive"),
        (LinkRequest(4, 1), Refused, "its own stock numbers"),
        (LinkRequest(99, 1), Refused, "no longer in the store"),
        (LinkRequest(1, 99), UnknownName, "no warehouse 99"),
        (LinkRequest(1, 1, counts="sum"), WrongUsage, "No other location"),
        (LinkRequest(1, 2, "shopify"), Refused, "one connection"),
        (LinkRequest(2, 2, counts="other"), WrongUsage, "No other location"),
        (LinkRequest(1, 2, counts="other", counts_of=3), WrongUsage, "not said which"),
    ],
)
def test_what_is_refused_changes_nothing(
    merchant: Merchant, request_: LinkRequest, error: type[SupportdeskError], words: str
) -> None:
    link(merchant, 2, 2)
    before = merchant.dump()
    with pytest.raises(error, match=words):
        connections.link(merchant.desk, OUTDOOR, request_, seen=None)
    assert merchant.dump() == before


def test_a_service_can_be_insisted_on_and_stays_so(merchant: Merchant) -> None:
    view = link(merchant, 4, 1, insist=True)
    assert line(view, 4).connection.warehouse.code == "MAIN"  # type: ignore[union-attr]
    assert "service" in ids(view)
    connections.set_master(merchant.desk, OUTDOOR, 4, "shopify", seen=None)
    assert line(link(merchant, 4, 1, master="sumtracker"), 4).connection.master == "sumtracker"  # type: ignore[union-attr]


def test_a_shopify_master_and_what_it_keeps_others_from(merchant: Merchant) -> None:
    view = link(merchant, 1, 1, master="shopify")
    assert "shopify_master" in ids(view)
    before = merchant.dump()
    for request in (LinkRequest(2, 1), LinkRequest(2, 1, "shopify")):
        with pytest.raises(Refused, match="one connection"):
            connections.link(merchant.desk, OUTDOOR, request, seen=None)
    assert merchant.dump() == before
    assert line(connections.view(merchant.desk, OUTDOOR), 2).suggested.warehouse_id == 2  # type: ignore[union-attr]
    connections.set_master(merchant.desk, OUTDOOR, 1, "sumtracker", seen=None)
    link(merchant, 2, 1)
    before = merchant.dump()
    for ask in (connections.judge_master, connections.set_master):
        with pytest.raises(Refused, match="one connection"):
            ask(merchant.desk, OUTDOOR, 1, "shopify", seen=None)
    assert merchant.dump() == before


def test_asking_whether_a_side_may_be_master_writes_nothing(merchant: Merchant) -> None:
    seen = revisions(link(merchant, 1, 1))
    before = merchant.dump()
    connections.judge_master(merchant.desk, OUTDOOR, 1, "shopify", seen=seen[1])
    with pytest.raises(Conflict, match="Main St"):
        connections.judge_master(merchant.desk, OUTDOOR, 1, "shopify", seen=seen[1] - 1)
    with pytest.raises(Refused, match="not linked"):
        connections.judge_master(merchant.desk, OUTDOOR, 2, "shopify", seen=None)
    assert merchant.dump() == before


def test_bundles_and_repeated_skus_want_sumtracker(merchant: Merchant) -> None:
    with merchant.opened() as ledger, ledger.writing() as connection:
        connection.execute("INSERT INTO bundle_line VALUES ('KIT', 'S-1', 2)")
    with pytest.raises(Refused, match="S-1"):
        link(merchant, 1, 1, master="shopify")
    merchant.clock.pass_by(minutes=1)
    rows = [listing(1, "TWIN"), listing(2, "TWIN")]
    merchant.load(OUTDOOR, MemoryStore(listings=rows, levels=[level(1, 3, 5), level(2, 3, 5)], places=PLACES))
    free = connections.add_warehouse(merchant.desk, ACCOUNT, "FREE", "Free")
    with pytest.raises(Refused, match="1 SKU has several listings with counts of their own: TWIN"):
        link(merchant, 3, free.id, master="shopify")
    link(merchant, 2, free.id, master="shopify")


def test_a_swap_that_may_not_be_leaves_both(merchant: Merchant) -> None:
    link(merchant, 1, 1, master="shopify")
    link(merchant, 2, 2)
    merchant.load(OUTLET, store(sku="X", places=(Location(21, "Depot"),)))
    connections.link(merchant.desk, OUTLET, LinkRequest(21, 2), seen=0)
    before = merchant.dump()
    with pytest.raises(Refused, match="one connection"):
        connections.swap(merchant.desk, OUTDOOR, 1, 2, seen=None)
    for other in (1, 3):
        with pytest.raises(Refused):
            connections.swap(merchant.desk, OUTDOOR, 1, other, seen=None)
    assert merchant.dump() == before


def test_a_location_that_went_is_said_and_can_be_forgotten(merchant: Merchant) -> None:
    link(merchant, 2, 2)
    merchant.clock.pass_by(minutes=1)
    merchant.load(OUTDOOR, store(places=(MAIN,)))
    view = connections.view(merchant.desk, OUTDOOR)
    assert "location_gone" in ids(view)
    assert "warehouse_unlinked" in ids(view)
    with pytest.raises(Refused, match="no longer in the store"):
        connections.set_master(merchant.desk, OUTDOOR, 2, "shopify", seen=None)
    assert connections.resolve_location(merchant.desk, OUTDOOR, "Depot") == 2
    view = connections.unlink(merchant.desk, OUTDOOR, 2, seen=0)
    assert "location_gone" not in ids(view)


@pytest.mark.parametrize("then", ["linked", "stays", "taken back", "other unlinked"])
def test_a_location_that_came_back_to_a_warehouse_without_room_is_said_until_something_is_said(
    merchant: Merchant, then: str
) -> None:
    link(merchant, 2, 2, master="shopify")
    merchant.load(OUTDOOR, store(places=(MAIN, KIOSK)))
    link(merchant, 3, 2)
    merchant.load(OUTDOOR, store())
    view = connections.view(merchant.desk, OUTDOOR)
    assert line(view, 2).connection is None
    (back,) = (finding for finding in view.findings if finding.id == "location_back")
    assert back.location_ids == (2,)
    assert "Depot is back in the store, but not linked to DEPOT again (Shopify master)" in back.text
    assert "Kiosk of Outdoor is linked there now" in back.text
    (check,) = (each for each in channels.check(merchant.desk, OUTDOOR) if each.id == "location_back")
    assert (check.state, check.goto, check.text) == ("warn", "warehouses", back.text)
    assert "location_gone" not in ids(view)
    assert connections.resolve_location(merchant.desk, OUTDOOR, "Depot") == 2
    if then == "linked":
        view = link(merchant, 2, 1)
    elif then == "stays":
        view = connections.unlink(merchant.desk, OUTDOOR, 2, seen=0)
    elif then == "taken back":
        view = connections.unlink(merchant.desk, OUTDOOR, 2, stay=False, seen=0)
        assert merchant.events("unlink")[-1] == (OUTDOOR, "Depot", "nothing is said of it any more")
    else:
        view = connections.unlink(merchant.desk, OUTDOOR, 3, seen=None)
        assert "load the store again" in view.findings[0].text
    assert ("location_back" in ids(view)) == (then == "other unlinked")
    merchant.load(OUTDOOR, store())
    after = line(connections.view(merchant.desk, OUTDOOR), 2).connection
    where = after.warehouse.code if after and after.warehouse else None
    assert where == {"linked": "MAIN", "other unlinked": "DEPOT"}.get(then)
    assert "location_back" not in ids(connections.view(merchant.desk, OUTDOOR))


# --- names and warehouses ---------------------------------------------------------------------------------------------


def test_places_are_named_by_id_code_or_exact_name(merchant: Merchant) -> None:
    desk = merchant.desk
    connections.add_warehouse(desk, ACCOUNT, "D2", "The depot")
    connections.add_warehouse(desk, ACCOUNT, "1", "Number one")
    assert [
        connections.resolve_warehouse(desk, ACCOUNT, text).id for text in ("MAIN", "Main Street", "2")
    ] == [1, 1, 2]
    with pytest.raises(WrongUsage) as ambiguous:
        connections.resolve_warehouse(desk, ACCOUNT, "The depot")
    assert all(candidate in ambiguous.value.detail for candidate in ("DEPOT", "D2"))
    with pytest.raises(UnknownName) as unknown:
        connections.resolve_warehouse(desk, ACCOUNT, "main")
    assert "Did you mean MAIN" in unknown.value.next_step
    assert connections.resolve_location(desk, OUTDOOR, "Main St") == 1
    assert connections.resolve_location(desk, OUTDOOR, "5") == 5
    with pytest.raises(UnknownName, match="no location"):
        connections.resolve_location(desk, OUTDOOR, "Truro")
    merchant.load(OUTDOOR, store(places=(MAIN, Location(7, "Main St"))))
    with pytest.raises(WrongUsage, match=r"id 1.*id 7"):
        connections.resolve_location(desk, OUTDOOR, "Main St")


def test_a_code_wins_over_an_id_and_an_id_over_a_name(merchant: Merchant) -> None:
    desk = merchant.desk
    for code, name in (("1", "Number one"), ("TWO", "2"), ("THREE", "MAIN"), ("2B", "1")):
        connections.add_warehouse(desk, ACCOUNT, code, name)
    found = {
        text: connections.resolve_warehouse(desk, ACCOUNT, text).code for text in ("1", "2", "3", "MAIN")
    }
    assert found == {"1": "1", "2": "DEPOT", "3": "1", "MAIN": "MAIN"}
    merchant.load(OUTDOOR, store(places=(MAIN, Location(7, "1"), Location(8, "9"))))
    named = [connections.resolve_location(desk, OUTDOOR, text) for text in ("1", "7", "9")]
    assert named == [1, 7, 8]


@pytest.mark.parametrize(
    ("code", "name", "error"),
    [
        ("", "Name", WrongUsage),
        ("  ", "Name", WrongUsage),
        ("NEW", "", WrongUsage),
        ("X" * 65, "Name", WrongUsage),
        ("NEW", "N" * 256, WrongUsage),
        ("NEW\x1b[31m", "Name", WrongUsage),
        ("NEW", "Na\u202eme", WrongUsage),
        ("MAIN", "Another", Refused),
        ("main", "Another", Refused),
        (" MAIN ", "Another", Refused),
    ],
)
def test_a_warehouse_that_cannot_be(
    merchant: Merchant, code: str, name: str, error: type[SupportdeskError]
) -> None:
    before = merchant.dump()
    with pytest.raises(error) as refusal:
        connections.add_warehouse(merchant.desk, ACCOUNT, code, name)
    assert refusal.value.next_step
    with pytest.raises(error):
        connections.rename_warehouse(merchant.desk, ACCOUNT, 2, code=code, name=name)
    assert merchant.dump() == before


def test_a_warehouse_is_added_renamed_and_removed(merchant: Merchant) -> None:
    desk = merchant.desk
    new = connections.add_warehouse(desk, ACCOUNT, " NEW ", "[b]New[/b]", city="Truro")
    assert new == Warehouse(3, "NEW", "[b]New[/b]", city="Truro")
    assert connections.rename_warehouse(desk, ACCOUNT, 3, code="new").code == "new"
    assert connections.rename_warehouse(desk, ACCOUNT, 3, name="Old").name == "Old"
    before = merchant.dump()
    connections.rename_warehouse(desk, ACCOUNT, 3, code="new", name="Old")
    assert merchant.dump() == before
    link(merchant, 3, 3)
    with pytest.raises(Refused, match="connections"):
        connections.remove_warehouse(desk, ACCOUNT, 3)
    connections.unlink(desk, OUTDOOR, 3, seen=None)
    connections.remove_warehouse(desk, ACCOUNT, 3)
    link(merchant, 3, 1)
    with pytest.raises(Refused, match="stock") as refused:
        connections.remove_warehouse(desk, ACCOUNT, 1)
    assert refused.value.next_step == "A warehouse with a history stays.", "unlinking would not help"
    with pytest.raises(UnknownName):
        connections.remove_warehouse(desk, ACCOUNT, 3)
    assert [warehouse.code for warehouse in connections.warehouses(desk, ACCOUNT)] == ["DEPOT", "MAIN"]
    assert [detail for *_, detail in merchant.events("warehouse")][2:] == [
        "added as NEW",
        "renamed from NEW ([b]New[/b]) to new ([b]New[/b])",
        "renamed from new ([b]New[/b]) to new (Old)",
        "new removed",
    ]


def test_a_warehouse_of_a_lost_location_can_go(merchant: Merchant) -> None:
    new = connections.add_warehouse(merchant.desk, ACCOUNT, "NEW", "New")
    link(merchant, 3, new.id)
    merchant.load(OUTDOOR, store(places=(MAIN, DEPOT)))
    connections.remove_warehouse(merchant.desk, ACCOUNT, new.id)
    assert "location_gone" not in ids(connections.view(merchant.desk, OUTDOOR))


def test_a_channel_without_locations_or_warehouses(tmp_path: Path) -> None:
    merchant = Merchant(tmp_path)
    merchant.load(OUTDOOR, MemoryStore(places=()))
    view = connections.view(merchant.desk, OUTDOOR)
    assert (view.lines, view.warehouses, view.findings) == ((), (), ())
    with pytest.raises(UnknownName, match="nor any other"):
        connections.resolve_location(merchant.desk, OUTDOOR, "Main St")
    with pytest.raises(UnknownName, match="nor any other"):
        connections.resolve_warehouse(merchant.desk, ACCOUNT, "MAIN")
