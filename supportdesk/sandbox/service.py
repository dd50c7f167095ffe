"""What a running sandbox keeps besides its shops: one bucket of points and one list of bulk operations per app and shop."""

from __future__ import annotations

from collections.abc import Iterable

from supportdesk.sandbox.access import App
from supportdesk.sandbox.bulk import BulkOperations
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.context import Context
from supportdesk.sandbox.store import SandboxShop
from supportdesk.sandbox.throttle import Bucket


class Service:
    """Shops by handle, and what belongs to them while they are served."""

    def __init__(self, shops: Iterable[SandboxShop], clock: Clock | None = None) -> None:
        self.shops = {shop.handle: shop for shop in shops}
        if not self.shops:
            raise ValueError("a sandbox needs a shop")
        self.clock = clock or next(iter(self.shops.values())).clock
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._bulk: dict[tuple[str, str], BulkOperations] = {}

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
            self._bulk[key] = BulkOperations()
        return self._bulk[key]

    def context(self, shop: SandboxShop, app: App, base_url: str) -> Context:
        """What one request carries."""
        return Context(shop, app, app.allowed(), self.bulk(shop, app), base_url)
