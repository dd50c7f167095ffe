"""The worker: one process a home that runs the cycles of every channel that is on, in a thread each; started, found, stopped (PROTOCOL §3).

It has the tokens that are kept and nothing else of whoever started it. What a channel's thread does is in `sync.worker`.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from supportdesk.core.progress import Watch
from supportdesk.desk import Desk, accounts
from supportdesk.desk.watch import WorkWatch
from supportdesk.errors import Cancelled, Refused, SupportdeskError
from supportdesk.paths import make_folder

if TYPE_CHECKING:
    from supportdesk.ledger.channels import ChannelRecord
    from supportdesk.ledger.waiting_work import Wanting
    from supportdesk.shopify.store import ShopifyStore
    from supportdesk.sync.session import Cadence
    from supportdesk.sync.worker import Rhythm

_LOG: Final = logging.getLogger(__name__)

LOOK_SECONDS: Final = 1.0
"""Between two looks for channels that want a worker."""
IDLE_SECONDS: Final = 30.0
"""A worker that was started for others leaves after so long with nothing to do."""
AGAIN_SECONDS: Final = 30.0
"""Before a channel's thread that failed is started anew."""
STOP_SECONDS: Final = 5.0
"""How long the end of a program waits for a channel that it serves itself; what it is in the midst of is resent by the next."""
START_SECONDS: Final = 10.0
"""How long a worker may take to start."""
_HANDED_ON: Final = (
    *("PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "DISPLAY", "WAYLAND_DISPLAY"),
    *(
        "DBUS_SESSION_BUS_ADDRESS",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "HTTPS_PROXY",
        "https_proxy",
        "NO_PROXY",
        "no_proxy",
    ),
)
"""Variables that a worker is handed, beside `LC_*`, `XDG_*` and our settings: no token is among them."""

_started: Final[list[subprocess.Popen[bytes]]] = []
"""Workers that this process started. One of a demo ends when this process does, and lets go of its pipe."""


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """Whether a worker of this home runs."""

    process: int | None
    """Its process id; None where none runs."""


@dataclass
class _Served:
    thread: threading.Thread
    watch: WorkWatch
    failed_at: float | None = None


class Serving:
    """The threads of a worker, one a channel, whichever process they are in."""

    def __init__(self, desk: Desk, only: tuple[str, int] | None = None) -> None:
        """`only` (account, channel id) serves one channel and no other."""
        self._desk = desk
        self._only = only
        self._served: dict[tuple[str, int], _Served] = {}

    def look(self) -> int:
        """Start a thread for each channel that wants one and has none; how many channels want one."""
        wanting = [
            (slug, channel.channel_id)
            for slug in accounts.account_slugs(self._desk)
            for channel in self._wanting(slug)
        ]
        for key in wanting:
            if self._only in (None, key):
                self._serve(key)
        return len(wanting)

    def _wanting(self, slug: str) -> list[Wanting]:
        from supportdesk.ledger.waiting_work import wanting_work

        return wanting_work(self._desk.home.account_file(slug))

    def _serve(self, key: tuple[str, int]) -> None:
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

    def _run(self, key: tuple[str, int], watch: WorkWatch) -> None:
        account, channel_id = key
        try:
            serve_channel(self._desk, account, channel_id, watch)
        except Cancelled:
            return
        except SupportdeskError as error:
            self._served[key].failed_at = time.monotonic()
            _LOG.error("%s, channel %d: %s %s", account, channel_id, error.detail, error.next_step)
        except Exception:
            self._served[key].failed_at = time.monotonic()
            _LOG.exception("%s, channel %d", account, channel_id)

    def stop(self, seconds: float | None = None) -> None:
        """Have every thread end at its next row boundary, and wait for them, `seconds` for each at most."""
        for served in self._served.values():
            served.watch.cancel()
        for served in self._served.values():
            served.thread.join(seconds)


def serve_channel(desk: Desk, account: str, channel_id: int, watch: Watch, *, once: bool = False) -> None:
    """Run one channel in this thread until it wants no worker any more; see `sync.worker.run`."""
    from supportdesk.sync.worker import WorkerJob, run

    with accounts.opened(desk, account) as ledger:
        cadence, rhythm = paces(desk)
        job = WorkerJob(
            *(ledger, channel_id, opener(desk), accounts.who(), desk.now, watch),
            rhythm=rhythm,
            cadence=cadence,
            changed=lambda: accounts.renew_index(desk, ledger),
        )
        run(job, once=once)


def opener(desk: Desk) -> Callable[[ChannelRecord], AbstractContextManager[ShopifyStore]]:
    """Opens the store of a channel with the token that is kept for it; see `connecting.open_store`."""
    from supportdesk.desk import connecting

    return lambda record: connecting.open_store(desk, record)


def paces(desk: Desk) -> tuple[Cadence, Rhythm]:
    """How the engine and the worker go; on the pretend store of a demo or a rehearsal faster, for its lags are short (DESIGN §6)."""
    from supportdesk.core.effects import Margins
    from supportdesk.sync.session import Cadence
    from supportdesk.sync.worker import Rhythm

    if desk.demo is None:
        return Cadence(), Rhythm()
    margins = Margins(commit_lag=3, visibility=7, apart=20)
    return Cadence(margins=margins, between_readings=3, on_bounds=15), Rhythm(slow=10, quick=10)


def serve(desk: Desk, watch: Watch, *, once: bool = False, until_idle: bool = False) -> None:
    """Be the home's worker until stopped; with `once` serve what is due now and leave; with `until_idle` leave when nothing is on.

    Raises `Refused` where one runs already, or read-only; `Cancelled` when told to stop, after every thread has ended.
    """
    accounts.refuse_if_read_only(desk, "sync")
    with _alone(desk):
        if once:
            _serve_once(desk, watch)
            return
        serving = Serving(desk)
        idle_since = time.monotonic()
        try:
            while True:
                watch.check()
                if serving.look():
                    idle_since = time.monotonic()
                elif until_idle and time.monotonic() - idle_since > IDLE_SECONDS:
                    return
                watch.wait(LOOK_SECONDS)
        finally:
            serving.stop()


def _serve_once(desk: Desk, watch: Watch) -> None:
    from supportdesk.ledger.waiting_work import wanting_work

    for slug in accounts.account_slugs(desk):
        for channel in wanting_work(desk.home.account_file(slug)):
            watch.report(f"Syncing {channel.handle}")
            serve_channel(desk, slug, channel.channel_id, watch, once=True)


# One worker a home ------------------------------------------------------------------------------------------------------------------------


def _lock_file(desk: Desk) -> Path:
    return desk.home.root / "worker.lock"


@contextlib.contextmanager
def _alone(desk: Desk) -> Iterator[None]:
    """Be the only worker of the home for the length of the block. Raises `Refused`."""
    make_folder(desk.home.root)
    with _lock_file(desk).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Refused(
                f"A worker runs already, process {_process_in(file)}.", "`supportdesk worker stop` ends it."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
        file.truncate(0)


def _process_in(file: IO[str]) -> int:
    file.seek(0)
    text = file.read().strip()
    return int(text) if text.isdigit() else 0


def status(desk: Desk) -> WorkerStatus:
    """Whether a worker of this home runs."""
    try:
        with _lock_file(desk).open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return WorkerStatus(_process_in(file))
    except OSError:
        return WorkerStatus(None)
    return WorkerStatus(None)


def stop(desk: Desk) -> bool:
    """End the home's worker at its next row boundary, and wait until it is gone; False where none runs.

    Raises `Refused` where it does not end.
    """
    process = status(desk).process
    if not process:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGTERM)
    until = time.monotonic() + 2 * START_SECONDS
    while status(desk).process == process:
        if time.monotonic() > until:
            raise Refused(
                f"The worker, process {process}, does not end.",
                f"`kill {process}` again, or look at its log.",
            )
        time.sleep(0.05)
    return True


def make_sure(desk: Desk) -> None:
    """See that a worker of this home runs: the one that does, or a new process that leaves when nothing is on.

    In the demo it ends with the demo. Raises `Refused` where it does not start.
    """
    if status(desk).process:
        return
    make_folder(desk.home.logs)
    command = [sys.executable, "-m", "supportdesk", "worker", "--until-idle"]
    if desk.home.config is None:
        command.append(f"--home={desk.home.root}")
    if desk.demo:
        command += [f"--demo={desk.demo.url}", "--until-stdin-closes"]
    with (desk.home.logs / "worker.log").open("ab") as log:
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE if desk.demo else subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd="/",
            env=_environment(desk),
        )
    _started.append(child)
    until = time.monotonic() + START_SECONDS
    while not status(desk).process:
        if child.poll() is not None or time.monotonic() > until:
            raise Refused("The worker does not start.", f"{desk.home.logs / 'worker.log'} says why.")
        time.sleep(0.02)


class _Here:
    """One channel served in a thread of this process, looked after by another."""

    def __init__(self, desk: Desk, key: tuple[str, int], name: str) -> None:
        self._serving = Serving(desk, only=key)
        self._ends = threading.Event()
        self._serving.look()
        self._looking = threading.Thread(target=self._look, name=f"look {name}", daemon=True)
        self._looking.start()

    def _look(self) -> None:
        while not self._ends.wait(LOOK_SECONDS) and self._serving.look():
            pass

    @property
    def goes_on(self) -> bool:
        return self._looking.is_alive()

    def stop(self) -> None:
        self._ends.set()
        self._looking.join()
        self._serving.stop(STOP_SECONDS)


_here: Final[dict[tuple[Path, str, int], _Here]] = {}
"""Channels that this process serves itself, by home, account and id."""


def keep_here(desk: Desk, channel: str) -> None:
    """Run the channel's cycles in a thread of this process, for as long as it lives; for a token that no other process has.

    Asking again does nothing. `stop_here` ends it, and the end of the process does, at a row boundary.
    """
    from supportdesk.desk.connection_changes import opened_channel

    with opened_channel(desk, channel) as (ledger, record):
        account, channel_id = ledger.account, record.id
    key = (desk.home.root, account, channel_id)
    if key in _here and _here[key].goes_on:
        return
    if not _here:
        atexit.register(stop_here)
    _here[key] = _Here(desk, (account, channel_id), channel)


def stop_here() -> None:
    """End every channel that this process serves itself at its next row boundary, and wait for it, but not for long."""
    while _here:
        _, here = _here.popitem()
        here.stop()


def _environment(desk: Desk) -> dict[str, str]:
    """What a worker sees of its starter's environment."""
    import supportdesk
    from supportdesk.settings import settings_help

    names = {*_HANDED_ON, *(each.variable for each in settings_help())}
    handed = {
        name: value for name, value in os.environ.items() if name in names or name.startswith(("LC_", "XDG_"))
    }
    if not desk.settings.keyring:
        handed["SUPPORTDESK_KEYRING"] = "off"
    # Started from elsewhere, it must find the same program.
    handed["PYTHONPATH"] = str(Path(supportdesk.__file__).resolve().parents[1])
    return handed
