"""The demo: a sandbox in a process of its own, and a temporary home with its shops connected. Never the real home, the keyring, or another host.

What the merchant has in Sumtracker is put there by `demo_account`, while the first screen is already painted.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import msgspec

from supportdesk.desk import (
    Demo,
    Desk,
    accounts,
    connecting,
    demo_account,
    demo_day,
    sandboxes,
    temporary_homes,
    worker,
)
from supportdesk.errors import Refused, StoreError, StoreUnreachable
from supportdesk.paths import Home
from supportdesk.secret import Secret
from supportdesk.settings import Settings

ACCOUNT = demo_account.ACCOUNT
"""The pretend merchant's account."""
STAFF_ADD: Final = 3
"""Units that a staff edit adds."""


@contextlib.contextmanager
def started(
    settings: Settings,
    *,
    scenario: str,
    seed: int,
    files: Sequence[Path],
    keep: Path | None,
    furnished: bool = False,
) -> Iterator[Desk]:
    """A desk on a sandbox of its own for the length of the block; both are gone after it, unless `keep` names a home to leave.

    The Sumtracker side, where the scenario has one, comes while the block already runs; with `furnished` it is there first.
    Raises `StoreUnreachable` where the sandbox does not start, whatever error the sandbox met (`ExportInvalid`, `WrongUsage`), and
    `Refused` where `keep` has a demo's merchant already, whose stores are gone.
    """
    if keep is not None and Home(keep).account_file(ACCOUNT).exists():
        raise Refused(
            f"{keep} keeps an earlier demo, whose stores are gone.",
            f"Look into it with SUPPORTDESK_HOME={keep} supportdesk, or keep this one elsewhere: --keep=FOLDER.",
        )
    root = keep or temporary_homes.make(temporary_homes.DEMO)
    try:
        with sandboxes.in_a_child(_filled(scenario, seed, files)) as shops:
            desk = Desk(
                home=Home(root),
                settings=msgspec.structs.replace(settings, keyring=False),
                demo=Demo(shops[0].url, shops[0].shop),
                turning_on=_enliven,
            )
            has_account = not files and scenario in demo_account.SCENARIOS
            has_day = has_account and demo_day.SHOP in {shop.shop for shop in shops}
            then = replace(desk, now=lambda: desk.now() - demo_day.BEFORE)
            for shop in shops:
                if has_day and shop.shop == demo_day.SHOP:
                    continue  # with its day behind it, it has a sandbox of its own
                request = connecting.ConnectRequest(
                    shop.shop, account=ACCOUNT, api_url=shop.url, token=Secret(shop.token)
                )
                connecting.connect(then if has_day else desk, request)
            if not has_account:
                yield desk
                return
            with (living if has_day else demo_account.furnishing)(desk, seed) as ready:
                if furnished:
                    ready()
                yield desk
    finally:
        with contextlib.suppress(Refused):
            worker.stop(Desk(Home(root), settings))
        if keep is None:
            shutil.rmtree(root, ignore_errors=True)


@contextlib.contextmanager
def living(desk: Desk, seed: int) -> Iterator[Callable[[], None]]:
    """Have the second store live its day in a process of its own, and sync it from then on; gives a function that waits for that.

    What went wrong is raised by that function, or at the end.
    """
    demo = _demo_of(desk)
    words = [f"--home={desk.home.root}", f"--seed={seed}", f"--day={demo.url}"]
    failed: list[Exception] = []
    with sandboxes.starting_in_a_child(words) as listening:
        left = threading.Event()

        def work() -> None:
            try:
                listening()
                if not left.is_set():
                    come_to_life(desk, demo_day.SHOP)
                    worker.make_sure(desk)
            except Exception as error:
                # A demo that was left meanwhile, or whose merchant was forgotten, has no day to wait for.
                if not left.is_set() and desk.home.account_file(ACCOUNT).exists():
                    failed.append(error)

        thread = threading.Thread(target=work, name="demo account", daemon=True)

        def ready() -> None:
            thread.join()
            if failed:
                raise failed[0]

        thread.start()
        try:
            yield ready
        finally:
            left.set()
    thread.join()
    if failed:
        raise failed[0]


def run(
    settings: Settings,
    *,
    scenario: str,
    seed: int,
    files: Sequence[Path],
    keep: Path | None,
    show: Callable[[Desk], int],
) -> int:
    """Show the demo, and once more from the beginning as often as a person asks for that (`start_over`); what `show` said last.

    Arguments and errors as of `started`. A home that is kept loses the pretend merchant when it starts over, and nothing else.
    """
    while True:
        with started(settings, scenario=scenario, seed=seed, files=files, keep=keep) as desk:
            code = show(desk)
        if desk.demo is None or not desk.demo.start_over.is_set():
            return code
        if keep is not None:
            _forget_merchant(desk)


def start_over(desk: Desk) -> None:
    """Have the demo begin again once the screens are left. Raises `Refused` outside the demo."""
    _demo_of(desk).start_over.set()


@dataclass(frozen=True, slots=True)
class StoreChange:
    """What happened to one row of the pretend store, from outside."""

    what: str
    """`Order #1042`, or `Staff edit`."""
    sku: str
    """Or the listing's name, where it has none."""
    location: str
    before: int
    """Available."""
    after: int

    @property
    def text(self) -> str:
        """One sentence."""
        return f"{self.what}: {self.sku} at {self.location}, {self.before:,} → {self.after:,} in the store."


def place_order(desk: Desk, channel: str, listing: str = "", location: str = "") -> StoreChange:
    """Have a shopper of `channel` buy one unit of `listing` at `location`, or of a best-seller.

    The stock moves within the shop's lag, so `after` may be a second ahead. Raises `Refused` outside the demo and for what
    cannot be bought there, `StoreUnreachable` where the sandbox does not answer.
    """
    order = {"shop": channel, "shopper": True, **_named(listing, location)}
    told = _control(_url_of(desk, channel), "orders", order)
    row, before = told["row"], told["before"]
    return StoreChange(
        f"Order {told['order']['name']}", row["sku"] or listing, row["location"], before, before - 1
    )


def staff_edit(desk: Desk, channel: str, listing: str = "", location: str = "") -> StoreChange:
    """Have somebody add `STAFF_ADD` to what is available of `listing` at `location` in the store itself, or of a best-seller.

    Raises as `place_order`.
    """
    edit = {"shop": channel, "add": {"available": STAFF_ADD}, **_named(listing, location)}
    told = _control(_url_of(desk, channel), "edits", edit)
    row = told["row"]
    after = row["available"]
    return StoreChange("Staff edit", row["sku"] or listing, row["location"], after - STAFF_ADD, after)


def _named(listing: str, location: str) -> dict[str, object]:
    return {"listing": listing, "location": location} if listing and location else {"best_seller": True}


def strike(desk: Desk, kind: str | None) -> None:
    """Let the pretend stores fail once in the way of `kind` (`sandbox/README.md`, *faults*), or with None not at all any more.

    Raises `Refused` outside the demo and for a kind the sandbox does not know, `StoreUnreachable` where one does not answer.
    """
    for url in _urls(desk):
        _control(url, "faults", {"clear": True} if kind is None else {"kind": kind})


def come_to_life(desk: Desk, channel: str) -> None:
    """Have shoppers, staff and fulfilment come to the pretend store by themselves, now that its sync is turned on.

    Raises as `place_order`.
    """
    url = _url_of(desk, channel)
    for what, rate in (
        ("orders", {"per_minute": demo_day.ORDERS_PER_MINUTE}),
        ("edits", {"per_minute": demo_day.EDITS_PER_MINUTE, "kinds": ["available"]}),
        ("fulfilments", {"per_minute": demo_day.SENT_PER_MINUTE, "kinds": ["fulfil"]}),
    ):
        _control(url, what, {"shop": channel, **rate})


def _enliven(desk: Desk, channel: str) -> None:
    with contextlib.suppress(StoreError, Refused):  # a pretend store where nobody comes is one too
        come_to_life(desk, channel)


def kill_sync(desk: Desk) -> int:
    """End the process that syncs the demo's stores as a crash would, so that one sees what becomes of that; its id.

    Raises `Refused` outside the demo and where none runs.
    """
    _demo_of(desk)
    process = worker.status(desk).process
    if process is None:
        raise Refused(
            "Nothing is syncing at the moment.", "Turn sync on first, or wait until it is started again."
        )
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    return process


def _demo_of(desk: Desk) -> Demo:
    if desk.demo is None:
        raise Refused("Only the demo has a pretend store.", "See `supportdesk demo`.")
    return desk.demo


def _urls(desk: Desk) -> tuple[str, ...]:
    """Where the pretend stores answer, each address once."""
    from supportdesk.desk import channels

    first = _demo_of(desk).url
    handles = [line.handle for line in channels.list_channels(desk)]
    return tuple(dict.fromkeys((first, *(_url_of(desk, handle) for handle in handles))))


def _url_of(desk: Desk, channel: str) -> str:
    """Where the pretend store of a channel answers; the first one's address where there is no such channel."""
    from supportdesk.ledger import channels

    first = _demo_of(desk).url
    account = next((line.account for line in accounts.list_lines(desk) if line.handle == channel), None)
    if account is None:
        return first
    with accounts.opened(desk, account) as ledger:
        found = channels.channel_named(ledger, channel)
    return found.api_url if found and found.api_url else first


def _control(sandbox: str, what: str, order: Mapping[str, object]) -> dict[str, Any]:
    """What the sandbox at that address answers to a control request (`sandbox/README.md`)."""
    import httpx

    url = f"{sandbox}/sandbox/{what}"
    try:
        answer = httpx.post(url, json=order, timeout=5, trust_env=False)
        told: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise StoreUnreachable(
            "The pretend store does not answer any more.", "Start the demo again."
        ) from error
    if answer.status_code != httpx.codes.OK:
        raise Refused(f"The pretend store would not do that: {told['error']}.")
    return told


def _filled(scenario: str, seed: int, files: Sequence[Path]) -> list[str]:
    sources = [f"--from={file.expanduser().absolute()}" for file in files] or [f"--scenario={scenario}"]
    return [f"--seed={seed}", *sources]


def _forget_merchant(desk: Desk) -> None:
    """Drop the pretend merchant, synced or not: with the stores gone nothing is left that could be let go of there."""
    from supportdesk.desk import channels
    from supportdesk.sync.spool import Spool

    for line in channels.list_channels(desk):
        if line.account == ACCOUNT:
            connecting.credential_store(desk).forget(line.handle)
            Spool(desk.home.spool, line.handle).clear()
    accounts.remove_account(desk, ACCOUNT)
