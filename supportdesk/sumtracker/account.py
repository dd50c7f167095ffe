"""`SumtrackerAccount`: a real Sumtracker account read as core values, and `open_account`, which makes one. The work is in the modules it calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from supportdesk.core.progress import Unwatched, Watch
from supportdesk.core.sumtracker_account import RemoteBundleLine, RemoteLevel, RemoteProduct, RemoteWarehouse
from supportdesk.secret import Secret
from supportdesk.sumtracker.address import account_origin
from supportdesk.sumtracker.exchange import WAITS, Exchange
from supportdesk.sumtracker.pages import LIMIT, Seen, check_new, walk
from supportdesk.waiting import noted

if TYPE_CHECKING:
    import httpx

V = TypeVar("V")

WAREHOUSES: Final = "/api/version/2025-03/settings/warehouses/"
PRODUCTS: Final = "/api/version/2025-03/products/"
BUNDLE_LINES: Final = "/api/version/2025-03/products/bundles/lines/"
LEVELS: Final = "/api/version/2025-11/stock/levels/"
"""Operations 1, 3, 4 and 5 of `reference/sumtracker.md` §6.2."""


class SumtrackerAccount:
    """One account, read only. For one thread at a time.

    Each iterator asks for a page when the one before is used up, and raises `SumtrackerError` and its kinds or `Cancelled` on the way;
    what came until then is good, and is not the whole. A record that comes twice ends it: the account was changed meanwhile.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    @property
    def origin(self) -> str:
        """Scheme, host and port it is asked at."""
        return self._exchange.origin

    def close(self) -> None:
        """Close its connections."""
        self._exchange.close()

    def warehouses(self, watch: Watch | None = None) -> Iterator[RemoteWarehouse]:
        """Every warehouse, in the account's order."""
        from supportdesk.sumtracker import wire

        return self._read(WAREHOUSES, {}, wire.warehouse, "warehouse", watch, bare=True)

    def products(self, watch: Watch | None = None) -> Iterator[RemoteProduct]:
        """Every product, bundles too."""
        from supportdesk.sumtracker import wire

        return self._read(PRODUCTS, {"limit": str(LIMIT)}, wire.product, "product", watch)

    def bundle_lines(self, watch: Watch | None = None) -> Iterator[RemoteBundleLine]:
        """Every component of every bundle. A bundle may name a component twice."""
        from supportdesk.sumtracker import wire

        return self._read(BUNDLE_LINES, {"limit": str(LIMIT)}, wire.bundle_line, "bundle line", watch)

    def levels(self, warehouse_id: int, watch: Watch | None = None) -> Iterator[RemoteLevel]:
        """The numbers of every product that has any at the warehouse; bundles, whose numbers are derived, have none."""
        from supportdesk.sumtracker import wire

        parameters = {"warehouse": str(warehouse_id), "limit": str(LIMIT)}

        def read(record: Any) -> tuple[int, RemoteLevel]:
            return wire.level(record, warehouse_id)

        return self._read(LEVELS, parameters, read, "stock level", watch, of="the level of product")

    def _read(
        self,
        path: str,
        parameters: dict[str, str],
        read: Callable[[Any], tuple[int, V]],
        kind: str,
        watch: Watch | None,
        *,
        bare: bool = False,
        of: str = "",
    ) -> Iterator[V]:
        notes = noted(watch if watch is not None else Unwatched())
        phase, unit = f"Reading Sumtracker's {kind}s", f"{kind}s"
        seen, done = Seen(), 0
        notes.report(phase, 0, unit=unit)
        pages = walk(
            lambda asked: self._exchange.get(path, asked, notes),
            self._exchange.origin + path,
            parameters,
            bare=bare,
        )
        for page in pages:
            notes.check()
            for record in page.records:
                number, value = read(record)
                check_new(seen, number, f"{of or kind} {number}".capitalize())
                yield value
            done += len(page.records)
            notes.report(phase, done, page.count, unit=unit)


def open_account(
    key: Secret,
    base_url: str | None = None,
    http: httpx.Client | None = None,
    waits: Sequence[float] = WAITS,
) -> SumtrackerAccount:
    """The account that `key` opens, at `base_url` (default: the real one). Sends nothing yet.

    `http` replaces the client of our own and is left open by `close`; `waits` are the seconds before each further try.
    Raises `SumtrackerKeyRefused` for a key that is none, `WrongUsage` for an address the key may not be sent to.
    """
    return SumtrackerAccount(Exchange(account_origin(base_url), key, http=http, waits=waits))
