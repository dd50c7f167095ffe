"""What a plan showed held against what was written while it was applied: the counts of a rehearsal's verdict."""

from __future__ import annotations

import sqlite3
from typing import Final

from supportdesk.core.rehearsal import Verdict

_ORDERED: Final = """(row.sku IN (SELECT sku FROM touched)
    OR EXISTS (SELECT 1 FROM bundle_line AS line JOIN touched ON touched.sku = line.component_sku WHERE line.bundle_sku = row.sku))"""
"""Whether something that goes on by itself moved the number that the row follows, since the plan was made."""

_ROWS: Final = f"""WITH touched AS MATERIALIZED (
        SELECT sku FROM movement WHERE id > (SELECT movement_id FROM plan WHERE id = :plan)
            AND kind IN ('order', 'fulfil', 'cancel', 'refund', 'reading', 'unavailable')
        UNION SELECT was.sku FROM plan_row AS was JOIN sync_row AS live ON live.channel_id = :channel
            AND live.item_id = was.item_id AND live.location_id = was.location_id
            WHERE was.plan_id = :plan AND live.low IS NOT NULL AND live.low <> was.before),
    written AS MATERIALIZED (
        SELECT pushed.item_id, pushed.location_id, sum(pushed.change) AS change
        FROM push JOIN push_row AS pushed ON pushed.push_id = push.id
        WHERE push.channel_id = :channel AND push.kind = 'difference' AND (push.state = 'done' OR pushed.found = 'done')
        GROUP BY pushed.item_id, pushed.location_id)
    SELECT row.after <> row.before AS planned, written.change IS NULL AS silent,
        coalesce(written.change, 0) = row.after - row.before AS exact, {_ORDERED} AS ordered, coalesce(live.condition = 'held', 0) AS held
    FROM plan_row AS row
    LEFT JOIN written ON written.item_id = row.item_id AND written.location_id = row.location_id
    LEFT JOIN sync_row AS live ON live.channel_id = :channel AND live.item_id = row.item_id AND live.location_id = row.location_id
    WHERE row.plan_id = :plan AND (row.after <> row.before OR written.change IS NOT NULL)"""
"""What moved between the plan and T0 counts too: a row then settles at another number than the plan showed."""

_COUNTS: Final = f"""SELECT coalesce(sum(planned), 0), coalesce(sum(planned AND exact AND NOT silent), 0),
        coalesce(sum(planned AND silent AND NOT held AND NOT ordered), 0),
        coalesce(sum(NOT exact AND ordered AND NOT held), 0),
        coalesce(sum(NOT exact AND NOT silent AND NOT ordered), 0),
        coalesce(sum(planned AND silent AND held), 0) FROM ({_ROWS})"""


def verdict(connection: sqlite3.Connection, channel_id: int, plan_id: int) -> Verdict:
    """How the writes of the channel so far hold against the plan; `plan_id` is the one that was applied to it."""
    planned, as_shown, waiting, with_orders, otherwise, held = connection.execute(
        _COUNTS, {"channel": channel_id, "plan": plan_id}
    ).fetchone()
    orders, settling = connection.execute(
        """SELECT (SELECT count(*) FROM store_order WHERE channel_id = ?1 AND created >= coalesce(
               (SELECT min(t0) FROM sync_row WHERE channel_id = ?1), 0)),
               (SELECT count(*) FROM sync_row WHERE channel_id = ?1 AND condition = 'settling')""",
        (channel_id,),
    ).fetchone()
    return Verdict(planned, as_shown, waiting, with_orders, otherwise, held, orders, settling)
