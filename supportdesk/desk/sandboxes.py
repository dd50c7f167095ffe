"""Sandboxes: pretend shops filled from a scenario or from export files, and served on this machine until told to stop."""

from __future__ import annotations

import contextlib
import difflib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from supportdesk.core.progress import Unwatched
from supportdesk.errors import NotLoaded, StoreUnreachable, WrongUsage, with_code
from supportdesk.paths import slug_of

if TYPE_CHECKING:
    from supportdesk.desk import Desk
    from supportdesk.sandbox.store import SandboxShop


@dataclass(frozen=True, slots=True)
class Scenario:
    """A pretend situation that can be asked for by name."""

    name: str
    summary: str


SCENARIOS: Final = (
    Scenario("kestrel", "Two outdoor shops of one merchant, with the duplicates and oddities a call meets"),
    Scenario("outdoor", "The first of them alone"),
    Scenario("empty", "A shop with one location and no products yet"),
    Scenario(
        "hostile", "Titles and SKUs made to break screens: markup, escapes, right-to-left, wide characters"
    ),
    Scenario("large", "25,000 listings at two locations: loaded by a bulk operation"),
)


@dataclass(frozen=True, slots=True)
class Listening:
    """One shop of a sandbox that answers."""

    url: str
    token: str
    shop: str


def serve_sandbox(
    *,
    port: int,
    seed: int,
    scenario: str,
    shop: str | None,
    files: Sequence[Path],
    until_stdin_closes: bool,
    on_ready: Callable[[list[Listening]], None],
    orders_per_minute: float = 0,
    like: Callable[[int], SandboxShop] | None = None,
) -> int:
    """Serve the shops until SIGTERM or SIGINT; returns the signal's number, 0 where it ended otherwise.

    `on_ready` hears each shop's address and token once they answer. In each shop shoppers place `orders_per_minute`; stock
    follows an order within a second and searches show it within three. `like` makes the one shop there is (`like_channel`), whatever
    else is asked for. Raises `WrongUsage` for a port that is taken or a scenario
    that is none, `ExportInvalid` for files that cannot be read.
    """
    from supportdesk.sandbox.scenarios import sumtracker_side
    from supportdesk.sandbox.server import create_app, serve
    from supportdesk.sandbox.timeline import Lags

    if like is not None:
        shops = [like(seed)]
    else:
        shops = _from_exports(files, shop, seed) if files else _of_scenario(scenario, shop, seed)
    for made in shops:
        made.lags = Lags(commit=1, visibility=3, index=3)
    app = create_app(shops, sumtracker=None if files or like else sumtracker_side(scenario, shops, seed=seed))
    for made in shops:
        app.state.service.life(made).shoppers.at_rate(orders_per_minute)
    if until_stdin_closes:
        threading.Thread(target=end_with_stdin, name="parent watch", daemon=True).start()
    try:
        return serve(
            app, port, lambda url: on_ready([Listening(url, each.token, each.handle) for each in shops])
        )
    except OSError as error:
        raise WrongUsage(
            f"Port {port} cannot be listened on: {error.strerror}.", "Leave --port out for a free one."
        ) from error


def end_with_stdin() -> None:
    """End this process once its parent is gone, however it went."""
    import os
    import signal

    while os.read(
        0, 4096
    ):  # not through `sys.stdin`, whose lock nobody may hold when an error ends the process
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def like_channel(desk: Desk, channel: str) -> Callable[[int], SandboxShop]:
    """What makes, of a seed, a pretend store with everything that was loaded of `channel`: same ids, SKUs and numbers.

    Units that the store had promised are promised to open orders of its own. Raises `UnknownName`, `NotLoaded`, `LedgerError` and its kinds.
    """
    from supportdesk.desk import accounts
    from supportdesk.desk.channels import channel_named, record_of
    from supportdesk.ledger import catalog, channels, whole_catalog
    from supportdesk.sandbox.clock import Clock
    from supportdesk.sandbox.open_orders import give_open_orders
    from supportdesk.sandbox.store import SandboxShop

    summary = channel_named(desk, channel)
    with accounts.opened(desk, summary.account) as ledger:
        record = record_of(ledger, summary)
        if catalog.load_counts(ledger, record.id) is None:
            raise NotLoaded(
                f"{channel} has not been loaded yet.", f"Load it first: supportdesk load {channel}"
            )

    def make(seed: int) -> SandboxShop:
        with accounts.opened(desk, summary.account) as ledger:
            shop = SandboxShop(record.handle, record.title, seed=seed, clock=Clock(datetime.now(UTC)))
            shop.fill(
                channels.locations(ledger, record.id),
                whole_catalog.listing_rows(ledger, record.id),
                whole_catalog.level_rows(ledger, record.id),
            )
        give_open_orders(shop)
        return shop

    return make


def _from_exports(files: Sequence[Path], shop: str | None, seed: int) -> list[SandboxShop]:
    from supportdesk.exports import ExportFiles
    from supportdesk.sandbox.clock import Clock
    from supportdesk.sandbox.open_orders import give_open_orders
    from supportdesk.sandbox.store import SandboxShop

    source = ExportFiles([file.expanduser() for file in files])
    watch = Unwatched()
    locations = source.locations(watch)
    filled = SandboxShop(slug_of(shop or files[0].stem), shop, seed=seed, clock=Clock(datetime.now(UTC)))
    batches = list(source.batches(watch))
    filled.fill(
        locations,
        (row for batch in batches for row in batch.listings),
        (row for batch in batches for row in batch.levels),
    )
    give_open_orders(filled)
    return [filled]


def _of_scenario(name: str, shop: str | None, seed: int) -> list[SandboxShop]:
    from supportdesk.sandbox.clock import Clock
    from supportdesk.sandbox.scenarios import build

    if name not in {scenario.name for scenario in SCENARIOS}:
        near = difflib.get_close_matches(name, [scenario.name for scenario in SCENARIOS], n=1)
        advice = f"Did you mean {near[0]}?" if near else "`supportdesk demo --list` names them."
        raise WrongUsage(f"There is no scenario {name!r}.", advice)
    return build(name, seed=seed, clock=Clock(datetime.now(UTC)), shop=shop)


@contextlib.contextmanager
def in_a_child(words: Sequence[str]) -> Iterator[list[Listening]]:
    """The shops of `supportdesk sandbox WORDS` in a child process, which ends with the block, and with this process however that ends.

    Raises `StoreUnreachable` where it does not start, and whatever error it met.
    """
    with starting_in_a_child(words) as listening:
        yield listening()


@contextlib.contextmanager
def starting_in_a_child(words: Sequence[str]) -> Iterator[Callable[[], list[Listening]]]:
    """As `in_a_child`, but for shops that take a while: gives a function that waits until they answer, and raises what that does."""
    command = [sys.executable, "-m", "supportdesk", "sandbox", "--json", "--until-stdin-closes", *words]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as child:
        assert child.stdin
        assert child.stdout
        assert child.stderr
        said, failed = child.stdout, child.stderr

        def listening() -> list[Listening]:
            first = said.readline()
            if not first:
                _relay(failed.read())
            return [Listening(**shop) for shop in json.loads(first)]

        try:
            yield listening
        finally:
            child.stdin.close()
            child.terminate()


def _relay(said: bytes) -> NoReturn:
    """Raise in this process what the sandbox's process said went wrong."""
    with contextlib.suppress(ValueError, KeyError, IndexError):
        error = json.loads(said.splitlines()[-1])["error"]
        raise with_code(error["code"], error["detail"], error["next"])
    raise StoreUnreachable("The pretend store did not start.", "`supportdesk sandbox` alone shows why.")
