"""The worker: one process a home that runs the cycles of every channel that is on, in a thread each; started, found, stopped (PROTOCOL §3).

It has the tokens that are kept and nothing else of whoever started it. The threads are in `serving`, what each does in `sync.worker`.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from supportdesk.core.progress import Watch
from supportdesk.desk import Desk, accounts
from supportdesk.desk.serving import Serving, serve_channel
from supportdesk.desk.serving import opener as opener
from supportdesk.desk.serving import paces as paces
from supportdesk.desk.worker_files import TroubleFile, logging_to, troubles_path
from supportdesk.errors import Cancelled, CredentialMissing, Refused, SupportdeskError
from supportdesk.paths import make_folder

LOOK_SECONDS: Final = 1.0
"""Between two looks for channels that want a worker."""
IDLE_SECONDS: Final = 30.0
"""A worker that was started for others leaves after so long with nothing to do."""
STOP_SECONDS: Final = 5.0
"""How long the end of a program waits for a channel that it serves itself; what it is in the midst of is resent by the next."""
LOOKED_AT_SECONDS: Final = 0.5
"""How long the lock may be held by others that only look whether a worker runs."""
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
_started_in: Final[set[Path]] = set()
"""Homes whose worker this process started, until it ended it."""


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """Whether a worker of this home runs."""

    process: int | None
    """Its process id; None where none runs."""


def serve(desk: Desk, watch: Watch, *, once: bool = False, until_idle: bool = False) -> None:
    """Be the home's worker until stopped; with `once` serve what is due now and leave; with `until_idle` leave when nothing is on.

    Raises `Refused` where one runs already, or read-only; `Cancelled` when told to stop, and `LedgerNewer` where a newer program has
    taken an account over, both after every thread has ended: that program starts its own worker.
    """
    accounts.refuse_if_read_only(desk, "sync")
    with _alone(desk):
        if once:
            _serve_once(desk, watch)
            return
        serving = Serving(desk, stored_tokens=True)
        idle_since = time.monotonic()
        _load_what_is_used()
        try:
            with logging_to(desk), TroubleFile(troubles_path(desk)) as told:
                while True:
                    watch.check()
                    if serving.look():
                        idle_since = time.monotonic()
                    elif until_idle and time.monotonic() - idle_since > IDLE_SECONDS:
                        return
                    told.say(serving.troubles)
                    if serving.overtaken is not None:
                        raise serving.overtaken
                    watch.wait(LOOK_SECONDS)
        finally:
            serving.stop()


def _load_what_is_used() -> None:
    """Load the program's parts before an upgrade puts others in their place."""
    import supportdesk.desk.connecting
    import supportdesk.shopify.store
    import supportdesk.sync.worker  # noqa: F401


def _serve_once(desk: Desk, watch: Watch) -> None:
    """Each channel that wants it, once. What one of them raises does not keep the others from it; the first is raised at the end."""
    from supportdesk.ledger.waiting_work import wanting_work

    failed: SupportdeskError | None = None
    for slug in accounts.account_slugs(desk):
        for channel in wanting_work(desk.home.account_file(slug)):
            watch.report(f"Syncing {channel.handle}")
            try:
                serve_channel(desk, slug, channel.channel_id, watch, once=True, stored_tokens=True)
            except Cancelled:
                raise
            except SupportdeskError as error:
                failed = failed or error
    if failed is not None:
        raise failed


# One worker a home ------------------------------------------------------------------------------------------------------------------------


def _lock_file(desk: Desk) -> Path:
    return desk.home.root / "worker.lock"


@contextlib.contextmanager
def _alone(desk: Desk) -> Iterator[None]:
    """Be the only worker of the home for the length of the block. Raises `Refused`."""
    make_folder(desk.home.root)
    with _lock_file(desk).open("a+") as file:
        until = time.monotonic() + LOOKED_AT_SECONDS
        while not _locked(file):
            if time.monotonic() > until:
                raise Refused(
                    f"A worker runs already, process {_process_in(file)}.",
                    "`supportdesk worker stop` ends it.",
                )
            time.sleep(0.02)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
        file.truncate(0)


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


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
    _started_in.discard(desk.home.root)
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

    Where one is installed as a unit, systemd starts it. In the demo it ends with the demo. Raises `Refused` where it does not start.
    """
    from supportdesk.desk import worker_unit

    if status(desk).process:
        return
    if desk.demo is None and worker_unit.start(desk) and comes_up(desk):
        return
    make_folder(desk.home.logs)
    command = [sys.executable, "-m", "supportdesk", "worker", "--until-idle"]
    if desk.home.config is None:
        command.append(f"--home={desk.home.root}")
    if desk.demo:
        command += [f"--demo={desk.demo.url}", "--until-stdin-closes"]
    said = desk.home.logs / "worker-start.log"
    with said.open("wb") as log:
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
    _started_in.add(desk.home.root)
    if not comes_up(desk, child):
        raise Refused("The worker does not start.", f"{said} says why.")


def comes_up(desk: Desk, child: subprocess.Popen[bytes] | None = None) -> bool:
    """Whether a worker runs within the time one may take to start; no longer waited for than `child` lives."""
    until = time.monotonic() + START_SECONDS
    while not status(desk).process:
        if (child is not None and child.poll() is not None) or time.monotonic() > until:
            return status(desk).process is not None
        time.sleep(0.02)
    return True


def replace_dead(desk: Desk) -> bool:
    """Start a worker where channels are on and nobody syncs them, because whoever did is no more; whether one was started.

    Cheap enough to ask every few seconds. Nothing where supportdesk is read-only, and for channels whose token only another process
    has. Raises `Refused` where it does not start.
    """
    from supportdesk.ledger.waiting_work import neglected
    from supportdesk.sync.lease import is_gone

    for child in _started:
        child.poll()  # one that ended is no process any more once somebody has asked
    if desk.settings.read_only or status(desk).process:
        return False
    if desk.demo is not None and desk.home.root not in _started_in:
        return False  # its stores are still living through the day they have behind them
    for slug in accounts.account_slugs(desk):
        for handle in neglected(desk.home.account_file(slug), desk.now(), is_gone):
            if _has_token(desk, handle):
                make_sure(desk)
                return True
    return False


def _has_token(desk: Desk, channel: str) -> bool:
    """Whether the channel's token is one that a worker finds."""
    from supportdesk.desk import connecting

    try:
        connecting.credential_store(desk, {}).read(channel)
    except CredentialMissing:
        return False
    return True


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
