"""What the demo's merchant has in Sumtracker: imported from the sandbox's pretend account, and linked as somebody did it in a hurry.

*Kestrel Outdoor*'s Main St and Depot are linked the wrong way round, for the agent to find (DESIGN §6, *The demo*).
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Final

from supportdesk.core.progress import Watch
from supportdesk.desk import Desk
from supportdesk.errors import Cancelled, Refused

ACCOUNT: Final = "kestrel"
"""The pretend merchant's account."""
SCENARIOS: Final = frozenset({"kestrel", "outdoor"})
"""Scenarios whose sandbox has a Sumtracker account."""

_LINKED: Final = {
    "kestrel-outdoor": {"Main St": "DEPOT", "Depot": "MAIN"},
    "kestrel-outlet": {"Outlet shop": "OUTLET", "Depot": "DEPOT"},
}
"""Warehouse codes by channel and location. Peak Logistics keeps its own numbers: nothing was said of it. RETURNS is linked nowhere."""
_WHO: Final = "mia"
"""Who did it."""
_AFTER_PAINT: Final = 0.6
"""Seconds to leave the processor to the first screen; nobody is faster at loading a store."""


@contextlib.contextmanager
def furnishing(desk: Desk, seed: int) -> Iterator[Callable[[], None]]:
    """Put the Sumtracker side in place in a thread while the block runs; gives a function that waits until it is.

    The thread ends with the block, finished or not. What went wrong in it is raised by that function, or at the end.
    """
    from supportdesk.desk.watch import WorkWatch

    watch = WorkWatch(lambda _: None)
    failed: list[Exception] = []
    hurry = threading.Event()

    def work() -> None:
        hurry.wait(_AFTER_PAINT)
        try:
            watch.check()
            furnish(desk, seed, watch)
        except Exception as error:
            if desk.home.account_file(ACCOUNT).exists():  # else a person forgot the merchant meanwhile
                failed.append(error)

    thread = threading.Thread(target=work, name="demo account", daemon=True)

    def ready() -> None:
        hurry.set()
        thread.join()
        if failed:
            raise failed[0]

    thread.start()
    try:
        yield ready
    finally:
        watch.cancel()
        hurry.set()
        thread.join()
    if failed and not isinstance(failed[0], Cancelled):
        raise failed[0]


def furnish(desk: Desk, seed: int, watch: Watch) -> None:
    """Import what the merchant has in Sumtracker, which answers where the demo's sandbox does, and link the stores.

    Raises `Refused` outside the demo, and what importing raises.
    """
    from supportdesk.desk import sumtracker_key
    from supportdesk.desk.channels import list_channels
    from supportdesk.desk.imports import import_from_sumtracker
    from supportdesk.sandbox.sumtracker import key_of
    from supportdesk.secret import Secret

    if desk.demo is None:
        raise Refused("Only the demo has a pretend merchant.", "See `supportdesk demo`.")
    key = Secret(key_of(ACCOUNT, seed))
    import_from_sumtracker(desk, ACCOUNT, key, watch, base_url=desk.demo.url)
    sumtracker_key.keep_key(desk, ACCOUNT, key)
    for line in list_channels(desk):
        if line.handle in _LINKED:
            _link(desk, line.handle, _LINKED[line.handle], watch)


def _link(desk: Desk, channel: str, codes: dict[str, str], watch: Watch) -> None:
    """Link the channel's locations as they are called in the store, which may not have been loaded yet."""
    from supportdesk.core.connections import said
    from supportdesk.desk import accounts
    from supportdesk.desk.connecting import open_store
    from supportdesk.ledger import channels, connections, duplicates, events, warehouses

    with accounts.opened(desk, ACCOUNT) as ledger:
        record = channels.channel_named(ledger, channel)
        if record is None:  # forgotten meanwhile
            return
        with open_store(desk, record) as store:
            places = {place.name: place.id for place in store.locations(watch)}
        there = {warehouse.code: warehouse for warehouse in warehouses.named_warehouses(ledger)}
        with ledger.writing() as connection:
            before = connections.kept(ledger, record.id)
            for name, code in codes.items():
                if places[name] in before:  # somebody was faster
                    continue
                event_id = events.record(
                    connection,
                    at=desk.now(),
                    kind="link",
                    channel=channel,
                    who=_WHO,
                    place=name,
                    detail=said(there[code], "sumtracker"),
                )
                kept = connections.Kept(
                    places[name], name, there[code].id, "sumtracker", None, False, event_id
                )
                connections.put(connection, record.id, kept)
            duplicates.recount_groups(connection, record.id)
        accounts.renew_index(desk, ledger)
