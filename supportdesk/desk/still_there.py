"""Whether locations are still in the store, asked of the store itself, briefly: a load may be an hour old."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final

from supportdesk.core.catalog import Location
from supportdesk.desk import Desk
from supportdesk.desk.watch import BriefWatch
from supportdesk.errors import CredentialMissing, Refused, StoreError

if TYPE_CHECKING:
    from supportdesk.ledger.channels import ChannelRecord

PATIENCE: Final = 5.0
"""Seconds after which the store is taken to be out of reach. Linking writes nothing to it, so that is no reason to refuse."""


def refuse_gone(
    desk: Desk, record: ChannelRecord, loaded: Mapping[int, Location], asked: Collection[int]
) -> None:
    """Raise `Refused` where one of the locations `asked` was deleted from the store, or made inactive, since it was loaded.

    `loaded` are the locations of the last load; of others nothing is said here. A store that does not answer, or not to this
    token, has not said that anything is gone: what is linked is judged again at every load.
    """
    from supportdesk.desk.connecting import open_store

    open_then = [loaded[each] for each in asked if each in loaded and loaded[each].active]
    if record.source != "shopify" or not open_then:
        return
    try:
        with open_store(desk, record) as store:
            now = {place.id: place for place in store.locations(BriefWatch(PATIENCE))}
    except (StoreError, CredentialMissing):
        return
    for place in open_then:
        if place.id not in now or not now[place.id].active:
            what = "made inactive in" if place.id in now else "deleted from"
            raise Refused(
                f"{place.name} was {what} the store since it was last loaded.",
                f"Load the store again and look: supportdesk load {record.handle}",
            )
