"""Decisions are judged in SQL as the rule in `core.duplicates` judges them, whatever happened to listings, scope and locations since."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportdesk.core.duplicates import Choice, decision_holds, is_unanswered
from supportdesk.ledger import decisions, duplicates, scope
from supportdesk.ledger.decisions import Deciding, Said
from supportdesk.ledger.file import Ledger
from tests.catalogs import NOON
from tests.ledger.test_duplicates import LEVELS, PLACES, THINGS, Place, Thing, fill, in_scope
from tests.sync.load_speed import opened

MIA = Deciding(1, "kestrel", NOON, "mia")
CHOICES = st.sampled_from(
    [
        Choice("split"),
        Choice("left_out"),
        Choice("shared"),
        Choice("shared", "oldest"),
        Choice("shared", "listing"),
        Choice("shared", "listing", elsewhere="sum"),
    ]
)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with opened(tmp_path_factory.mktemp("decisions") / "a.db") as ledger:
        with ledger.writing() as connection:
            connection.execute("INSERT INTO warehouse (id, code, name) VALUES (1, 'MAIN', 'Main')")
        yield ledger


@settings(deadline=None, max_examples=250)
@given(THINGS, st.none() | THINGS, PLACES, PLACES, LEVELS, LEVELS, st.booleans(), st.booleans(), CHOICES)
def test_judgements_are_those_of_the_rule(
    ledger: Ledger,
    things: list[Thing],
    later: list[Thing] | None,
    places: list[Place],
    later_places: list[Place],
    levels: dict[tuple[int, int], tuple[bool, int | None]],
    later_levels: dict[tuple[int, int], tuple[bool, int | None]],
    drafts: bool,
    later_drafts: bool,
    choice: Choice,
) -> None:
    later = things if later is None else later
    with ledger.writing() as connection:
        fill(connection, things, places, levels, drafts)
        duplicates.recount_groups(connection, 1)
        duplicates.choose_undecided(connection, 1, "all", "")
        made = {}
        for facts in list(scope.chosen_groups(connection, 1)):
            name = next(reversed(facts.items)) if choice.counts_of == "listing" else ""
            said = Choice(choice.kind, choice.counts_of, name, choice.elsewhere)
            decisions.decide(connection, MIA, {facts.sku: Said(said)})
            made[facts.sku] = (said, frozenset(facts.listings))
        kept = connection.execute("SELECT * FROM decision").fetchall()
        fill(connection, later, later_places, later_levels, later_drafts)
        connection.executemany(f"INSERT INTO decision VALUES ({', '.join('?' * 11)})", kept)
        duplicates.recount_groups(connection, 1)
        assert connection.execute("SELECT * FROM decision").fetchall() == kept, "no answer is lost"
        found = {
            row[0]: row
            for row in connection.execute("SELECT sku, holds, unanswered, items FROM duplicate_group")
        }
        scope.choose(connection, made)
        now = {facts.sku: facts for facts in scope.chosen_groups(connection, 1)}
    for sku, (_, holds, unanswered, items) in found.items():
        if sku not in made:
            assert (holds, unanswered) == (None, 0)
            continue
        said, judged = made[sku]
        names = now[sku].listings if sku in now else {}
        assert len(names) == sum(each.sku == sku and in_scope(each, later_drafts) for each in later)
        if said.kind == "split" or names:
            assert bool(holds) is decision_holds(said, judged, names, items > 1)
        if names and said.kind != "split":
            item = now[sku].items.get(said.listing)
            assert bool(unanswered) is is_unanswered(said, now[sku].levels, item)


def test_most_decisions_are_judged_without_reading_their_groups(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    tents = [Thing("A", number, 'Tënt\x1f"/', "ACTIVE", True) for number in (1, 2)]
    mugs = [Thing("B", number, "Mug", "ACTIVE", True) for number in (3, 4)]
    with ledger.writing() as connection:
        fill(connection, [*tents, *mugs], [Place(True, False, "nothing")] * 3, {}, False)
        duplicates.recount_groups(connection, 1)
        duplicates.choose_undecided(connection, 1, "all", "")
        assert decisions.decide_chosen(connection, MIA, Said(Choice("left_out"))) == 2
        # Exports have no variant ids: their listings are known by name, whatever is in it.
        connection.execute("UPDATE listing SET variant_id = NULL, listing = 'tënt \x1f\"/\\' || id")
        decisions.decide(connection, MIA, {"A": Said(Choice("shared", "oldest"))})
        read: list[str] = []
        real = scope.chosen_groups

        def watched(*words: object) -> Iterator[scope.GroupFacts]:
            for facts in real(*words):  # type: ignore[arg-type]
                read.append(facts.sku)
                yield facts

        monkeypatch.setattr(decisions, "chosen_groups", watched)
        duplicates.recount_groups(connection, 1)
        assert read == ["B"], "its listings have other names than when it was decided"
        rows = dict(connection.execute("SELECT sku, holds FROM duplicate_group"))
        assert rows == {"A": 1, "B": 0}
