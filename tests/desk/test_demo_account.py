"""The demo's Sumtracker side: imported, linked the wrong way round, found, said with its figures, swapped, and then not spoken of."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from supportdesk.core.connections import ConnectionsView
from supportdesk.core.progress import Unwatched
from supportdesk.desk import Demo, Desk, channels, connections, demo, demo_account
from supportdesk.errors import Refused, SumtrackerUnreachable
from supportdesk.settings import Settings

OUTDOOR, OUTLET = "kestrel-outdoor", "kestrel-outlet"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The demo before its Sumtracker side is there."""
    monkeypatch.setattr(demo_account, "SCENARIOS", frozenset())
    with demo.started(Settings(), scenario="kestrel", seed=1, files=[], keep=None) as desk:
        yield desk


def said(view: ConnectionsView) -> dict[str, str]:
    return {finding.id: finding.text for finding in view.findings}


def codes(view: ConnectionsView) -> dict[str, str]:
    """Warehouse codes by location."""
    return {
        line.location.name: line.connection.warehouse.code
        for line in view.lines
        if line.connection and line.connection.warehouse
    }


def revisions(view: ConnectionsView) -> dict[int, int]:
    return {line.location.id: line.connection.revision for line in view.lines if line.connection}


def test_the_crossed_pair_is_found_and_after_the_swap_nothing_is_said() -> None:
    with demo.started(Settings(), scenario="outdoor", seed=1, files=[], keep=None, furnished=True) as desk:
        assert connections.view(desk, OUTDOOR).lines == (), "nothing is loaded yet"
        channels.load(desk, OUTDOOR, Unwatched())
        view = connections.view(desk, OUTDOOR)
        assert codes(view) == {"Main St": "DEPOT", "Depot": "MAIN"}
        figures = re.fullmatch(
            r"Main St and Depot look crossed: as they are linked ([\d,]+) of ([\d,]+) counts agree, "
            r"swapped ([\d,]+) of ([\d,]+) would\.",
            said(view)["crossed"],
        )
        assert figures
        linked, of_linked, swapped, of_swapped = (int(each.replace(",", "")) for each in figures.groups())
        assert linked < 0.2 * of_linked
        assert swapped > 0.9 * of_swapped
        assert of_swapped > 1900
        assert channels.channel_named(desk, OUTDOOR).unlinked_locations == 0
        assert {check.id: check.goto for check in channels.check(desk, OUTDOOR)}["crossed"] == "warehouses"
        one, other = next(each for each in view.findings if each.id == "crossed").location_ids
        view = connections.swap(desk, OUTDOOR, one, other, seen=revisions(view))
        assert codes(view) == {"Main St": "MAIN", "Depot": "DEPOT"}
        assert set(said(view)) == {"service", "warehouse_unlinked"}
        assert "RETURNS" in said(view)["warehouse_unlinked"]
        assert not any(line.suggested for line in view.lines)
        assert "crossed" not in {check.id for check in channels.check(desk, OUTDOOR)}


def test_it_makes_no_difference_whether_the_store_is_loaded_first(bare: Desk) -> None:
    channels.load(bare, OUTDOOR, Unwatched())
    assert connections.view(bare, OUTDOOR).warehouses == ()
    with demo_account.furnishing(bare, 1) as ready:
        ready()
        assert "crossed" in said(connections.view(bare, OUTDOOR))
        assert channels.channel_named(bare, OUTDOOR).unlinked_locations == 0


def test_what_a_person_linked_meanwhile_stays(bare: Desk) -> None:
    channels.load(bare, OUTDOOR, Unwatched())
    own = connections.add_warehouse(bare, demo.ACCOUNT, "OWN", "My own")
    main = connections.resolve_location(bare, OUTDOOR, "Main St")
    connections.link(bare, OUTDOOR, connections.LinkRequest(main, own.id), seen=0)
    with demo_account.furnishing(bare, 1) as ready:
        ready()
        assert codes(connections.view(bare, OUTDOOR)) == {"Main St": "OWN", "Depot": "MAIN"}


def test_a_store_that_was_forgotten_meanwhile_is_left_out(bare: Desk) -> None:
    channels.forget(bare, OUTLET)
    with demo_account.furnishing(bare, 1) as ready:
        ready()
    assert [line.handle for line in channels.list_channels(bare)] == [OUTDOOR]


def test_a_merchant_who_was_forgotten_meanwhile_is_no_failure(bare: Desk) -> None:
    for channel in (OUTDOOR, OUTLET):
        channels.forget(bare, channel)
    with demo_account.furnishing(bare, 1) as ready:
        ready()
    assert channels.list_channels(bare) == ()


def test_leaving_at_once_leaves_no_thread() -> None:
    with demo.started(Settings(), scenario="outdoor", seed=1, files=[], keep=None):
        pass
    assert not [thread for thread in threading.enumerate() if thread.name == "demo account"]


def test_what_goes_wrong_is_raised(bare: Desk) -> None:
    gone = replace(bare, demo=Demo("http://127.0.0.1:1", OUTDOOR))
    with pytest.raises(SumtrackerUnreachable), demo_account.furnishing(gone, 1) as ready:
        ready()
    with pytest.raises(Refused), demo_account.furnishing(replace(bare, demo=None), 1) as ready:
        ready()


@pytest.mark.parametrize("scenario", ["empty", "hostile"])
def test_other_scenarios_have_no_account(scenario: str) -> None:
    with demo.started(Settings(), scenario=scenario, seed=1, files=[], keep=None, furnished=True) as desk:
        assert connections.warehouses(desk, demo.ACCOUNT) == ()


def test_a_demo_filled_from_files_has_none(tmp_path: Path) -> None:
    file = tmp_path / "acme.csv"
    file.write_text(
        "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty\n"
        "tent,Tent,Title,Default Title,T-1,shopify,4\n"
    )
    with demo.started(
        Settings(), scenario="kestrel", seed=1, files=[file], keep=None, furnished=True
    ) as desk:
        assert connections.warehouses(desk, demo.ACCOUNT) == ()
