"""Copying the store's numbers into the ledger, once all rows of a SKU in a warehouse have settled (PROTOCOL §1.2)."""

from __future__ import annotations

from typing import Final

from supportdesk.core.copying import number_copied
from supportdesk.ledger import alerts, copying
from supportdesk.ledger.copying import CopyTarget
from supportdesk.sync.session import Session

_BATCH: Final = 500


def copy_settled(session: Session) -> int:
    """Copy every number whose rows are all live, and put right those that became known better; how many there were."""
    after, done = ("", -1), 0
    while True:
        with session.writing() as connection:
            targets = copying.to_check(connection, session.id, _BATCH, after)
            if not targets:
                return done
            after = (targets[-1].sku, targets[-1].warehouse_id)
            copied: list[tuple[CopyTarget, int]] = []
            for target in targets:
                number = _number(target)
                if number is not None and number != target.copied:
                    copied.append((target, number))
                elif not target.shown and target.copied is None:
                    copying.leave(connection, session.id, [target], drop=True)
                else:
                    copying.leave(connection, session.id, [target])
                    if number is None and not target.settling and target.shown:
                        text = f"{target.sku}: nothing says whose count is copied"
                        alerts.tell(connection, session.id, session.now(), "copy", text, target.sku)
            if copied:
                copying.keep(connection, session.id, session.channel.handle, session.now(), copied)
            done += len(copied)


def _number(target: CopyTarget) -> int | None:
    if target.settling or not target.shown:
        return None
    return number_copied(target.shown, target.choice, target.named_item, target.counts)
