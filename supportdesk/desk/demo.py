"""The demo: a sandbox in a process of its own, and a temporary home with its shops connected. Never the real home, the keyring, or another host.

What the merchant has in Sumtracker is put there by `demo_account`, while the first screen is already painted.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from supportdesk.desk import Demo, Desk, connecting, demo_account, sandboxes, worker
from supportdesk.errors import Refused, StoreUnreachable
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
    Raises `StoreUnreachable` where the sandbox does not start, and whatever error the sandbox met (`ExportInvalid`, `WrongUsage`).
    """
    root = keep or Path(tempfile.mkdtemp(prefix="supportdesk-demo-"))
    try:
        with sandboxes.in_a_child(_filled(scenario, seed, files)) as shops:
            desk = Desk(
                home=Home(root),
                settings=msgspec.structs.replace(settings, keyring=False),
                demo=Demo(shops[0].url, shops[0].shop),
            )
            for shop in shops:
                request = connecting.ConnectRequest(
                    shop.shop, account=ACCOUNT, api_url=shop.url, token=Secret(shop.token)
                )
                connecting.connect(desk, request)
            if files or scenario not in demo_account.SCENARIOS:
                yield desk
                return
            with demo_account.furnishing(desk, seed) as ready:
                if furnished:
                    ready()
                yield desk
    finally:
        with contextlib.suppress(Refused):
            worker.stop(Desk(Home(root), settings))
        if keep is None:
            shutil.rmtree(root, ignore_errors=True)


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
    told = _control(desk, "orders", {"shop": channel, "shopper": True, **_named(listing, location)})
    row, before = told["row"], told["before"]
    return StoreChange(
        f"Order {told['order']['name']}", row["sku"] or listing, row["location"], before, before - 1
    )


def staff_edit(desk: Desk, channel: str, listing: str = "", location: str = "") -> StoreChange:
    """Have somebody add `STAFF_ADD` to what is available of `listing` at `location` in the store itself, or of a best-seller.

    Raises as `place_order`.
    """
    told = _control(
        desk, "edits", {"shop": channel, "add": {"available": STAFF_ADD}, **_named(listing, location)}
    )
    row = told["row"]
    after = row["available"]
    return StoreChange("Staff edit", row["sku"] or listing, row["location"], after - STAFF_ADD, after)


def _named(listing: str, location: str) -> dict[str, object]:
    return {"listing": listing, "location": location} if listing and location else {"best_seller": True}


def strike(desk: Desk, kind: str | None) -> None:
    """Let the pretend store fail once in the way of `kind` (`sandbox/README.md`, *faults*), or with None not at all any more.

    Raises `Refused` outside the demo and for a kind the sandbox does not know, `StoreUnreachable` where it does not answer.
    """
    _control(desk, "faults", {"clear": True} if kind is None else {"kind": kind})


def _demo_of(desk: Desk) -> Demo:
    if desk.demo is None:
        raise Refused("Only the demo has a pretend store.", "See `supportdesk demo`.")
    return desk.demo


def _control(desk: Desk, what: str, order: Mapping[str, object]) -> dict[str, Any]:
    """What the sandbox answers to a control request (`sandbox/README.md`)."""
    import httpx

    url = f"{_demo_of(desk).url}/sandbox/{what}"
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
    from supportdesk.desk import channels

    for line in channels.list_channels(desk):
        if line.account == ACCOUNT:
            channels.forget(desk, line.handle)
