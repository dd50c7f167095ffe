"""warehouses, connections, link, unlink: what they say and keep, and each bad input with a sentence and nothing changed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from supportdesk.core.catalog import Location
from supportdesk.sandbox.faults import Fault
from tests.cli.commands import Commands
from tests.cli.conftest import Served

PEAK = Location(103, "Peak Logistics", service="Peak Ltd", service_manages_stock=True)
SHUT = Location(104, "Market Hall", active=False)
HOSTILE = Location(105, "\x1b[31m-Depot\u202e [b]x[/b]")


@pytest.fixture
def merchant(cli: Commands, served: Served) -> Commands:
    """A loaded store with five locations, and the warehouses MAIN and DEPOT."""
    shop = served.shop
    for place in (PEAK, SHUT, HOSTILE):
        shop.add_location(place)
    cli.good(*served.connect)
    cli.good("load", "kestrel")
    cli.good("warehouses", "kestrel", "--add=MAIN", "--name=Main Street")
    cli.good("warehouses", "kestrel", "--add=DEPOT", "--name=The depot", "--city=Penrith")
    return cli


def line(data: Any, location: str) -> Any:
    return next(each for each in data["locations"] if each["location"] == location)


def link(cli: Commands, location: object, warehouse: object, *more: str) -> Any:
    words = ("link", "kestrel", f"--location={location}", f"--warehouse={warehouse}", "--json", *more)
    if not any(word.startswith("--master") for word in more):
        words = (*words, "--master=sumtracker")
    return cli.good(*words).json


def test_warehouses_are_added_listed_renamed_and_removed(merchant: Commands) -> None:
    listed = merchant.good("warehouses", "kestrel", "--json").json
    assert listed[0] == {
        "id": 2, "code": "DEPOT", "name": "The depot", "address": "", "city": "Penrith", "country": "",
        "priority": 0, "units": 0, "skus": 0,
    }  # fmt: skip
    table = merchant.good("warehouses", "kestrel").out.splitlines()
    assert table[0].split() == ["id", "code", "name", "place", "SKUs", "units"]
    assert table[1].split() == ["2", "DEPOT", "The", "depot", "Penrith", "0", "0"]
    renamed = merchant.good(
        "warehouses", "kestrel", "--rename=DEPOT", "--code=D2", "--name=D two", "--json"
    ).json
    assert (renamed["id"], renamed["code"], renamed["name"]) == (2, "D2", "D two")
    assert merchant.good("warehouses", "kestrel", "--remove=D two").out == "D2 is removed.\n"
    assert [each["code"] for each in merchant.good("warehouses", "kestrel", "--json").json] == ["MAIN"]


def test_before_there_is_a_warehouse_it_says_how_to_get_one(cli: Commands, connected: Served) -> None:
    said = cli.good("warehouses", "kestrel")
    assert said.out == ""
    assert "--add=CODE" in said.err
    assert cli.good("warehouses", "kestrel", "--json").json == []


def test_a_link_by_name_by_code_and_by_id(merchant: Commands) -> None:
    data = link(merchant, "Main St", "MAIN")
    assert set(data) == {"locations", "findings"}
    main = line(data, "Main St")
    assert (main["state"], main["warehouse"], main["warehouse_id"]) == ("linked", "MAIN", 1)
    assert (main["master"], main["counts"], main["others"]) == ("sumtracker", None, [])
    assert line(data, "Depot")["state"] == "undecided"
    assert line(link(merchant, 102, 2), "Depot")["warehouse"] == "DEPOT"
    assert line(link(merchant, "Main St", "The depot"), "Main St")["warehouse"] == "DEPOT"
    assert merchant.good("connections", "kestrel", "--json").json == link(merchant, "Main St", "DEPOT")


def test_whose_count_is_copied(merchant: Commands) -> None:
    link(merchant, "Main St", "MAIN")
    data = link(merchant, "Depot", "MAIN")
    assert "two_to_one_unanswered" in {each["id"] for each in data["findings"]}
    data = link(merchant, "Depot", "MAIN", "--counts=Main St")
    assert (line(data, "Depot")["counts"], line(data, "Main St")["counts"]) == ("other", "this")
    data = link(merchant, "Depot", "MAIN", "--counts=102")
    assert (line(data, "Depot")["counts"], line(data, "Main St")["counts"]) == ("this", "other")
    data = link(merchant, "Depot", "MAIN", "--counts=sum")
    assert (line(data, "Depot")["counts"], line(data, "Main St")["counts"]) == ("sum", "sum")
    assert line(data, "Depot")["others"] == [
        {"channel": "kestrel", "location_id": 101, "location": "Main St", "master": "sumtracker"}
    ]
    text = merchant.good("connections", "kestrel").out
    assert "Sumtracker master, the sum" in text
    assert "\n! " in text


def test_a_fulfilment_service_is_linked_where_a_person_insists(merchant: Commands) -> None:
    assert line(link(merchant, "Peak Logistics", "MAIN", "--insist"), "Peak Logistics")["warehouse"] == "MAIN"


def test_unlinking_is_said_or_taken_back(merchant: Commands) -> None:
    link(merchant, "Main St", "MAIN")
    said = merchant.good("unlink", "kestrel", "--location=Main St", "--json").json
    assert line(said, "Main St")["state"] == "unlinked"
    assert "stays unlinked" in merchant.good("connections", "kestrel").out
    said = merchant.good("unlink", "kestrel", "--location=101", "--undecided", "--json").json
    assert line(said, "Main St")["state"] == "undecided"
    (channel,) = merchant.good("channels", "--json").json
    assert channel["unlinked_locations"] == 3


def test_only_while_what_is_said_is_what_was_seen(merchant: Commands) -> None:
    def revision() -> int:
        return int(line(merchant.good("connections", "kestrel", "--json").json, "Main St")["revision"])

    assert revision() == 0
    link(merchant, "Main St", "MAIN", "--seen=0")
    seen = revision()
    words = ("link", "kestrel", "--location=Main St", "--warehouse=DEPOT", "--master=sumtracker")
    error = merchant.refused(4, *words, "--seen=0")
    assert (error["code"], "linked to MAIN" in error["detail"]) == ("conflict", True)
    assert merchant.refused(4, "unlink", "kestrel", "--location=Main St", "--seen=0")["code"] == "conflict"
    merchant.good(*words, f"--seen={seen}")
    merchant.good("unlink", "kestrel", "--location=Main St", f"--seen={revision()}")
    for more in ("--suggested", "--swap-with=Depot"):
        place = [] if more == "--suggested" else ["--location=Main St"]
        assert "--seen" in merchant.refused(2, "link", "kestrel", *place, more, "--seen=0")["detail"]


def test_swapping_and_what_is_suggested(merchant: Commands) -> None:
    data = merchant.good("connections", "kestrel", "--json").json
    assert line(data, "Depot")["suggested"]["warehouse"] == "DEPOT"
    said = merchant.good("link", "kestrel", "--suggested")
    assert "2 locations are linked as suggested." in said.err
    data = merchant.good("link", "kestrel", "--location=Main St", "--swap-with=Depot", "--json").json
    assert [line(data, name)["warehouse"] for name in ("Main St", "Depot")] == ["DEPOT", "MAIN"]


def test_nothing_hostile_reaches_the_terminal(merchant: Commands) -> None:
    """`Commands` looks at every character that comes out."""
    merchant.good("warehouses", "kestrel", "--add=-X", "--name=[@click=app.quit]y[/] it's")
    link(merchant, 105, "-X")
    for words in (("connections", "kestrel"), ("warehouses", "kestrel")):
        assert "-X" in merchant.good(*words).out
        merchant.good(*words, "--json")
    assert "\\x1b[31m-Depot<U+202E> [b]x[/b]" in merchant.good("connections", "kestrel").out
    merchant.good("warehouses", "kestrel", "--rename=-X", "--name=--y")
    assert line(link(merchant, "\x1b[31m-Depot\u202e [b]x[/b]", "--y"), HOSTILE.name)["warehouse"] == "-X"


def test_before_the_first_load_there_is_nothing_to_link(cli: Commands, served: Served) -> None:
    cli.good(*served.connect)
    assert cli.good("connections", "kestrel", "--json").json == {"locations": [], "findings": []}
    assert "supportdesk load kestrel" in cli.good("connections", "kestrel").err


BAD: list[tuple[int, str, tuple[str, ...], list[str]]] = [
    (4, "refused", ("Market Hall", "MAIN"), ["inactive"]),
    (4, "refused", ("Peak Logistics", "MAIN"), ["Peak Ltd", "--insist"]),
    (4, "refused", ("Depot", "MAIN", "--master=shopify"), ["one connection", "Main St of Kestrel"]),
    (2, "unknown", ("Truro", "MAIN"), ["Truro", "Main St"]),
    (2, "unknown", ("Main", "MAIN"), ["Did you mean Main St"]),
    (2, "unknown", ("Main St", "TRURO"), ["TRURO", "MAIN"]),
    (2, "unknown", ("Main St", "main"), ["Did you mean MAIN"]),
    (2, "usage", ("Depot", "DEPOT", "--counts=sum"), ["No other location"]),
    (2, "usage", ("Depot", "MAIN", "--counts=Peak Logistics"), ["not said which", "Main St"]),
    (2, "unknown", ("Depot", "MAIN", "--counts=Truro"), ["Truro"]),
    (2, "usage", ("Depot", "MAIN", "--master=both"), ["both"]),
    (2, "usage", ("Depot", "MAIN", "--suggested"), ["--suggested", "--location"]),
    (2, "usage", ("Depot", "MAIN", "--swap-with=Main St"), ["--swap-with", "--warehouse"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "name", "words", "said"), BAD, ids=[" ".join(words) for _, _, words, _ in BAD]
)
def test_a_link_that_cannot_be(
    merchant: Commands, code: int, name: str, words: tuple[str, ...], said: list[str]
) -> None:
    link(merchant, "Main St", "MAIN")
    location, warehouse, *more = words
    if not any(word.startswith("--master") for word in more):
        more = ["--master=sumtracker", *more]
    error = merchant.refused(
        code, "link", "kestrel", f"--location={location}", f"--warehouse={warehouse}", *more
    )
    assert error["code"] == name
    for word in said:
        assert word in error["detail"] + error["next"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--location=Main St",), "--warehouse and --master"),
        ((), "--location and --warehouse and --master"),
        (("--swap-with=Depot",), "two locations"),
        (("--location=Main St", "--swap-with=Depot"), "not linked"),
        (("--suggested", "--swap-with=Depot"), "--swap-with"),
        (("--location=Main St", "--swap-with=Depot", "--insist"), "--insist"),
    ],
)
def test_half_a_question(merchant: Commands, words: tuple[str, ...], said: str) -> None:
    error = merchant.refused(4 if said == "not linked" else 2, "link", "kestrel", *words)
    assert said in error["detail"]


def test_several_places_of_one_name_are_named_by_id(cli: Commands, served: Served) -> None:
    served.shop.add_location(Location(106, "Depot"))
    cli.good(*served.connect)
    cli.good("load", "kestrel")
    for code in ("A", "B"):
        cli.good("warehouses", "kestrel", f"--add={code}", "--name=Twin")
    error = cli.refused(2, "link", "kestrel", "--location=Depot", "--warehouse=A", "--master=sumtracker")
    assert "id 102" in error["detail"]
    assert "id 106" in error["detail"]
    error = cli.refused(2, "unlink", "kestrel", "--location=Depot")
    assert error["code"] == "usage"
    error = cli.refused(2, "link", "kestrel", "--location=102", "--warehouse=Twin", "--master=sumtracker")
    assert "A (Twin, id 1)" in error["detail"]
    assert "B (Twin, id 2)" in error["detail"]
    assert line(link(cli, 106, "B"), "Depot")["location_id"] in (102, 106)


@pytest.mark.parametrize(
    ("code", "words", "said"),
    [
        (4, ("--add=MAIN", "--name=Another"), "MAIN already"),
        (4, ("--add=main", "--name=Another"), "capitals"),
        (4, ("--rename=DEPOT", "--code=MAIN"), "MAIN already"),
        (2, ("--add=NEW",), "needs a name"),
        (2, ("--add=", "--name=New"), "needs a code"),
        (2, ("--add=NEW", "--name=\x1b[31m"), "cannot be seen"),
        (2, ("--add=" + "X" * 65, "--name=New"), "at most 64"),
        (2, ("--name=New",), "--name"),
        (2, ("--rename=DEPOT",), "not said"),
        (2, ("--add=NEW", "--name=New", "--code=X"), "--code"),
        (2, ("--rename=DEPOT", "--city=X", "--name=N"), "--city"),
        (2, ("--add=NEW", "--remove=DEPOT"), "not allowed with"),
        (2, ("--remove=TRURO",), "TRURO"),
    ],
)
def test_a_warehouse_that_cannot_be(merchant: Commands, code: int, words: tuple[str, ...], said: str) -> None:
    assert said in merchant.refused(code, "warehouses", "kestrel", *words)["detail"]


def test_a_warehouse_that_is_linked_is_not_removed(merchant: Commands) -> None:
    link(merchant, "Main St", "MAIN")
    assert "connections" in merchant.refused(4, "warehouses", "kestrel", "--remove=MAIN")["detail"]


def test_names_that_are_none(cli: Commands, connected: Served) -> None:
    assert cli.refused(2, "warehouses", "atlantis")["code"] == "unknown"
    assert cli.refused(2, "connections", "atlantis")["code"] == "unknown"
    assert cli.refused(2, "unlink", "kestrel")["code"] == "usage"


@pytest.mark.parametrize(
    "words",
    [
        ("warehouses", "kestrel", "--add=X", "--name=X"),
        ("warehouses", "kestrel", "--remove=MAIN"),
        ("link", "kestrel", "--suggested"),
        ("link", "kestrel", "--location=Main St", "--warehouse=MAIN", "--master=sumtracker"),
        ("unlink", "kestrel", "--location=Main St"),
    ],
)
def test_read_only(merchant: Commands, words: tuple[str, ...]) -> None:
    assert "read-only" in merchant.refused(4, *words, "--read-only")["detail"]


@contextlib.contextmanager
def merchant_offline(served: Served) -> Iterator[None]:
    """The store answers nobody."""
    served.faults.add(Fault("bad_gateway", seconds=1e9))
    yield
    served.faults.clear()


def test_a_location_that_was_closed(merchant: Commands, served: Served) -> None:
    place = served.shop.locations[102]
    served.shop.locations[102] = replace(place, active=False)
    error = merchant.refused(
        4, "link", "kestrel", "--location=Depot", "--warehouse=MAIN", "--master=sumtracker"
    )
    assert error["detail"] == "Depot was made inactive in the store since it was last loaded."
    served.shop.locations[102] = place
    link(merchant, "Depot", "MAIN")


@pytest.mark.parametrize(
    "fault",
    [
        Fault("bad_gateway", seconds=1e9),
        Fault("too_many_requests", seconds=1e9, wait=60),
        Fault("token_revoked"),
        Fault("html", seconds=1e9),
        Fault("scope_lost", scope="read_locations"),
    ],
    ids=lambda fault: fault.kind,
)
def test_a_store_that_does_not_answer_is_no_reason_to_refuse(
    merchant: Commands, served: Served, fault: Fault
) -> None:
    served.faults.add(fault)
    assert line(link(merchant, "Depot", "MAIN"), "Depot")["warehouse"] == "MAIN"


def test_a_location_that_was_deleted(merchant: Commands, served: Served) -> None:
    """Not loaded again yet; then loaded by somebody else while a person still has the old list in mind."""
    link(merchant, "Depot", "DEPOT")
    served.shop.locations.pop(102)
    served.shop.levels_by_location.pop(102)
    for variant in served.shop.variants.values():
        variant.item.levels.pop(102, None)
    link(merchant, "Main St", "MAIN")
    for words in (
        ("--location=Depot", "--warehouse=MAIN", "--master=sumtracker"),
        ("--location=Main St", "--swap-with=Depot"),
    ):
        error = merchant.refused(4, "link", "kestrel", *words)
        assert error["detail"] == "Depot was deleted from the store since it was last loaded."
        assert "supportdesk load kestrel" in error["next"]
    merchant.good("unlink", "kestrel", "--location=Depot", "--undecided")
    assert "deleted" in merchant.refused(4, "link", "kestrel", "--suggested")["detail"]
    link(merchant, "Main St", "MAIN")
    with merchant_offline(served):
        link(merchant, "Depot", "DEPOT")
    merchant.good("load", "kestrel")
    data = merchant.good("connections", "kestrel", "--json").json
    assert "Depot" not in {each["location"] for each in data["locations"]}
    (gone,) = (each for each in data["findings"] if each["id"] == "location_gone")
    assert gone["location_ids"] == [102]
    for name in ("102", "Depot"):
        error = merchant.refused(
            4, "link", "kestrel", f"--location={name}", "--warehouse=MAIN", "--master=sumtracker"
        )
        assert "no longer in the store" in error["detail"]
        assert "supportdesk load kestrel" in error["next"]
    data = merchant.good("unlink", "kestrel", "--location=Depot", "--json").json
    assert "location_gone" not in {each["id"] for each in data["findings"]}
    assert (
        merchant.refused(2, "link", "kestrel", "--location=102", "--warehouse=MAIN", "--master=shopify")[
            "code"
        ]
        == "unknown"
    )


def test_a_shopify_master_with_repeated_skus(cli: Commands, served: Served) -> None:
    """The shop of these tests has A-1 twice, with counts of their own at Main St."""
    cli.good(*served.connect)
    cli.good("load", "kestrel")
    cli.good("warehouses", "kestrel", "--add=MAIN", "--name=Main Street")
    error = cli.refused(4, "link", "kestrel", "--location=Main St", "--warehouse=MAIN", "--master=shopify")
    assert "1 SKU has several listings" in error["detail"]
    assert "A-1" in error["detail"]
    assert line(link(cli, "Depot", "MAIN", "--master=shopify"), "Depot")["master"] == "shopify"


def test_the_checks_lead_from_no_warehouse_to_all_linked(cli: Commands, connected: Served) -> None:
    def checks() -> dict[str, str]:
        return {each["id"]: each["state"] for each in cli.good("check", "kestrel", "--json").json}

    assert checks()["warehouses"] == "block"
    cli.good("warehouses", "kestrel", "--add=MAIN", "--name=Main Street")
    assert checks()["unlinked"] == "block"
    link(cli, "Main St", "MAIN")
    assert checks()["unlinked"] == "warn"
    link(cli, "Depot", "MAIN")
    assert checks()["unlinked"] == "pass"
    assert checks()["two_to_one_unanswered"] == "warn"
    link(cli, "Depot", "MAIN", "--counts=sum")
    assert checks()["two_to_one"] == "pass"
    assert checks()["duplicates"] == "block"
