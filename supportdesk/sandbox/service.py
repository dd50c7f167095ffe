"""What a running sandbox keeps besides its shops: per app and shop a bucket of points and the bulk operations; and the faults."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Final

from supportdesk.sandbox.access import App
from supportdesk.sandbox.bulk import BulkOperations, Pace
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.context import Context
from supportdesk.sandbox.faults import Faults, Kind
from supportdesk.sandbox.life import Life
from supportdesk.sandbox.store import SandboxShop
from supportdesk.sandbox.throttle import Bucket
from supportdesk.sandbox.timeline import LagName

_LAGS: Final[dict[LagName, Kind]] = {
    "commit": "commit_lag",
    "visibility": "visibility_lag",
    "index": "index_lag",
}


class Service:
    """Shops by handle, and what belongs to them while they are served. `pace` is how long bulk operations take."""

    def __init__(
        self,
        shops: Iterable[SandboxShop],
        clock: Clock | None = None,
        faults: Faults | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.shops = {shop.handle: shop for shop in shops}
        self._lives: dict[str, Life] = {}
        for shop in self.shops.values():
            shop.more_lag = partial(self._lag, shop.handle)
        if not self.shops:
            raise ValueError("a sandbox needs a shop")
        self.clock = clock or next(iter(self.shops.values())).clock
        self.faults = faults or Faults(self.clock)
        self._pace = pace or Pace()
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._bulk: dict[tuple[str, str], BulkOperations] = {}
        self._directory: Path | None = None

    def bucket(self, shop: SandboxShop, app: App) -> Bucket:
        """The app's points in the shop."""
        key = (shop.handle, app.client_id)
        if key not in self._buckets:
            self._buckets[key] = Bucket.of_plan(shop.facts.plan, self.clock)
        return self._buckets[key]

    def bulk(self, shop: SandboxShop, app: App) -> BulkOperations:
        """The app's bulk operations in the shop."""
        key = (shop.handle, app.client_id)
        if key not in self._bulk:
            label = f"{shop.handle}-{app.number}"
            self._bulk[key] = BulkOperations(
                self.clock, self.directory, label, self._pace, lambda: self._next_failure(shop.handle)
            )
        return self._bulk[key]

    def _next_failure(self, handle: str) -> tuple[str, bool] | None:
        fault = self.faults.take("bulk_failed", handle)
        return (fault.code, fault.partial) if fault else None

    def life(self, shop: SandboxShop) -> Life:
        """Who buys, edits and sends in the shop."""
        if shop.handle not in self._lives:
            self._lives[shop.handle] = Life(shop)
        return self._lives[shop.handle]

    def _lag(self, handle: str, name: LagName) -> float:
        return max((one.fault.wait for one in self.faults.strike(_LAGS[name], handle)), default=0.0)

    def _as_of(self, shop: SandboxShop, document: str) -> float | None:
        """The time a stale reading is of, None for a fresh one. Only what reads quantities can be stale."""
        fault = self.faults.take("stale_reading", shop.handle, document) if "quantities" in document else None
        return shop.timeline.seconds() - fault.wait if fault else None

    def directory(self) -> Path:
        """Where bulk files stand: made when the first is written, removed with the service."""
        if self._directory is None:
            self._directory = Path(tempfile.mkdtemp(prefix="supportdesk-sandbox-"))
            weakref.finalize(self, shutil.rmtree, self._directory, ignore_errors=True)
        return self._directory

    def context(self, shop: SandboxShop, app: App, base_url: str, document: str = "") -> Context:
        """What one request carries: scopes and lags as the faults leave them. The shop has caught up by then."""
        shop.catch_up()
        lost = {one.fault.scope for one in self.faults.strike("scope_lost", shop.handle, document)}
        lags = [one.fault.wait for one in self.faults.strike("search_lag", shop.handle, document)]
        return Context(
            shop,
            app,
            app.allowed() - lost,
            self.bulk(shop, app),
            base_url,
            search_lag=max([shop.search_lag, *lags]),
            faults=lambda kind: self.faults.take(kind, shop.handle, document),
            as_of=self._as_of(shop, document),
        )
