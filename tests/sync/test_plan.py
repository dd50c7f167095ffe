"""Plans out of account files: every row as a second computation says it, copying changes nothing, what makes a plan stale is named."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from supportdesk.ledger import plans
from supportdesk.ledger.file import Ledger
from supportdesk.sync.plan import stale
from tests.sync import plan_model
from tests.sync.plan_model import World


@contextlib.contextmanager
def written(world: World) -> Iterator[Ledger]:
    with tempfile.TemporaryDirectory() as name, plan_model.write(world, Path(name) / "kestrel.db") as ledger:
        yield ledger


@given(st.integers(0, 10**9))
@settings(max_examples=150, deadline=None)
def test_every_row_is_as_a_second_computation_says(seed: int) -> None:
    world = plan_model.random_world(seed)
    with written(world) as ledger:
        plan_id, rows = plan_model.planned_by_us(world, ledger)
        plain = plan_model.planned_plainly(world)
        assert rows == plain
        view = plans.view(ledger.db.conn, plan_id)
        assert view is not None
        assert view.totals.store.rows == len(plain)
        assert view.totals.store.before == sum(row[1] for row in plain.values())
        assert view.totals.store.after == sum(row[2] for row in plain.values())
        assert sum(place.total.rows for place in view.places) == len(plain)
        assert view.proof.holds
        assert view.proof.available == view.totals.store.before
        left_out = sum(each.rows for each in view.left_out)
        (active,) = ledger.db.conn.execute("SELECT count(*) FROM store_level WHERE active").fetchone()
        assert left_out + len(plain) == active, "every stocked row is in the plan or left out with a reason"
        assert stale(ledger.db.conn, plan_id) == ()
