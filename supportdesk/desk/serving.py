"""Serving channels: a thread for each that wants a worker, in whichever process. Which process that is, is in `worker`."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from supportdesk.core.progress import Watch
from supportdesk.desk import Desk, accounts
from supportdesk.desk.watch import WorkWatch
from supportdesk.errors import Cancelled, LedgerNewer, SupportdeskError

if TYPE_CHECKING:
    from supportdesk.ledger.channels import ChannelRecord
    from supportdesk.ledger.file import Ledger
    from supportdesk.ledger.waiting_work import Wanting
    from supportdesk.shopify.store import ShopifyStore
    from supportdesk.sync.session import Cadence
    from supportdesk.sync.worker import Rhythm

_LOG: Final = logging.getLogger(__name__)

AGAIN_SECONDS: Final = 30.0
"""Before a channel's thread that failed is started anew."""
LOOK_ANYWAY_SECONDS: Final = 300.0
"""After which an account file is looked into that has not changed."""

Key = tuple[str, int]
"""Account and channel id."""
_Mark = tuple[tuple[str, int, int, int], ...]
"""Of an account file and what SQLite keeps beside it: its ending, number, time and size."""


@dataclass
class _Served:
    thread: threading.Thread
    watch: WorkWatch
    failed_at: float | None = None


@dataclass
class _Seen:
    """What an account file held when it was last looked into."""

    mark: _Mark
    at: float
    wanting: list[Wanting]


class Serving:
    """The threads of a worker, one a channel, whichever process they are in."""

    def __init__(self, desk: Desk, only: Key | None = None, *, stored_tokens: bool = False) -> None:
        """`only` serves one channel and no other. With `stored_tokens` what this process's environment holds is no token."""
        self._desk = desk
        self._only = only
        self._stored_tokens = stored_tokens
        self._served: dict[Key, _Served] = {}
        self._seen: dict[str, _Seen] = {}
        self._ours: set[str] = set()
        self._failures: dict[Key, str] = {}
        self._lock = threading.Lock()
        self.troubles: dict[Key, str] = {}
        """Why channels cannot be synced at the moment, sentences that may quote foreign text."""
        self.overtaken: LedgerNewer | None = None
        """Set once a newer program has taken over an account file that was served here."""

    def look(self) -> int:
        """Start a thread for each channel that wants one and has none; how many channels want one."""
        wanting = [
            (slug, channel.channel_id)
            for slug, mark in _marks(self._desk.home.accounts).items()
            for channel in self._wanting(slug, mark)
        ]
        for key in wanting:
            if self._only in (None, key):
                self._serve(key)
        return len(wanting)

    def _wanting(self, slug: str, mark: _Mark) -> list[Wanting]:
        """Whoever wants one in this account, read only where its file changed: there may be hundreds, and this is asked every second."""
        from supportdesk.ledger.waiting_work import wanting_work

        now = time.monotonic()
        seen = self._seen.get(slug)
        if seen is None or seen.mark != mark or now - seen.at > LOOK_ANYWAY_SECONDS:
            seen = self._seen[slug] = _Seen(mark, now, wanting_work(self._desk.home.account_file(slug)))
        return seen.wanting

    def _serve(self, key: Key) -> None:
        served = self._served.get(key)
        if served and (
            served.thread.is_alive()
            or (served.failed_at is not None and time.monotonic() - served.failed_at < AGAIN_SECONDS)
        ):
            return
        watch = WorkWatch(lambda _: None)
        served = _Served(
            threading.Thread(target=lambda: self._run(key, watch), name=f"sync {key}", daemon=True), watch
        )
        self._served[key] = served
        served.thread.start()

    def _run(self, key: Key, watch: WorkWatch) -> None:
        account, channel_id = key
        try:
            with accounts.opened(self._desk, account) as ledger:
                self._ours.add(account)
                self._failures.pop(key, None)
                serve_ledger(
                    *(self._desk, ledger, channel_id, watch),
                    says=lambda said: self._say(key, said),
                    stored_tokens=self._stored_tokens,
                )
            self._say(key, "")
        except Cancelled:
            return
        except SupportdeskError as error:
            self._served[key].failed_at = time.monotonic()
            if isinstance(error, LedgerNewer) and account in self._ours:
                self.overtaken = error
            said = f"{error.title}: {error.detail}"
            self._say(key, said)
            if self._failures.get(key) != said:  # once, not at every start anew
                _LOG.error("%s, channel %d: %s %s", account, channel_id, said, error.next_step)
            self._failures[key] = said
        except Exception:
            self._served[key].failed_at = time.monotonic()
            self._say(key, "Something went wrong that nobody expected; the worker's log has it.")
            _LOG.exception("%s, channel %d", account, channel_id)

    def _say(self, key: Key, said: str) -> None:
        with self._lock:
            if said:
                self.troubles = {**self.troubles, key: said}
            else:
                self.troubles = {other: text for other, text in self.troubles.items() if other != key}

    def stop(self, seconds: float | None = None) -> None:
        """Have every thread end at its next row boundary, and wait for them, `seconds` for each at most."""
        for served in self._served.values():
            served.watch.cancel()
        for served in self._served.values():
            served.thread.join(seconds)


def _marks(folder: Path) -> dict[str, _Mark]:
    """Of every account file in the folder what changes with each transaction on it, in the order of their names."""
    found: dict[str, list[tuple[str, int, int, int]]] = {}
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            slug, _, ending = entry.name.partition(".")
            if ending not in ("db", "db-wal"):
                continue
            with contextlib.suppress(OSError):
                at = entry.stat()
                found.setdefault(slug, []).append((ending, at.st_ino, at.st_mtime_ns, at.st_size))
    return {
        slug: tuple(sorted(marks))
        for slug, marks in sorted(found.items())
        if any(m[0] == "db" for m in marks)
    }


def serve_channel(
    desk: Desk,
    account: str,
    channel_id: int,
    watch: Watch,
    *,
    once: bool = False,
    stored_tokens: bool = False,
) -> None:
    """Run one channel in this thread until it wants no worker any more; see `sync.worker.run`."""
    with accounts.opened(desk, account) as ledger:
        serve_ledger(desk, ledger, channel_id, watch, once=once, stored_tokens=stored_tokens)


def serve_ledger(
    desk: Desk,
    ledger: Ledger,
    channel_id: int,
    watch: Watch,
    *,
    once: bool = False,
    says: Callable[[str], None] = lambda _: None,
    stored_tokens: bool = False,
) -> None:
    """As `serve_channel`, on a ledger that this thread has open. `says` hears why the channel cannot be synced, '' once it can."""
    from supportdesk.desk import braking
    from supportdesk.sync.worker import WorkerJob, run

    cadence, rhythm = paces(desk)
    job = WorkerJob(
        *(ledger, channel_id, opener(desk, stored_tokens=stored_tokens), accounts.who(), desk.now, watch),
        rhythm=rhythm,
        cadence=cadence,
        limits=braking.limits(desk.settings),
        changed=lambda: accounts.renew_index(desk, ledger),
        says=says,
    )
    run(job, once=once)


def opener(
    desk: Desk, *, stored_tokens: bool = False
) -> Callable[[ChannelRecord], AbstractContextManager[ShopifyStore]]:
    """Opens the store of a channel with the token that is kept for it; see `connecting.open_store`."""
    from supportdesk.desk import connecting

    environment: dict[str, str] | None = {} if stored_tokens else None
    return lambda record: connecting.open_store(desk, record, environment)


def paces(desk: Desk) -> tuple[Cadence, Rhythm]:
    """How the engine and the worker go; on the pretend store of a demo or a rehearsal faster, for its lags are short (DESIGN §6)."""
    from supportdesk.core.effects import Margins
    from supportdesk.sync.session import Cadence
    from supportdesk.sync.worker import Rhythm

    if desk.demo is None:
        return Cadence(), Rhythm()
    margins = Margins(commit_lag=3, visibility=7, apart=20)
    return Cadence(margins=margins, between_readings=3, on_bounds=15, listings=30), Rhythm(slow=10, quick=10)
