"""Walking a list of the account page by page, without leaving its host, going in circles or losing a record. What the records are is in `wire`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urljoin, urlsplit

from supportdesk.errors import SumtrackerUnreadable

LIMIT: Final = 100
"""Records a page; Sumtracker gives no more (`reference/sumtracker.md` §6.1)."""

_REPORT_IT: Final = "Please report this."
_READ_AGAIN: Final = "The account may have been changed while it was read: import again."


@dataclass(frozen=True, slots=True)
class Page:
    """One page."""

    records: list[Any]
    next_url: str | None
    count: int | None
    """Of the whole list, None where paging goes by cursor."""


Ask = Callable[[dict[str, str]], Any]
"""The JSON for some parameters."""


def walk(ask: Ask, url: str, parameters: dict[str, str], *, bare: bool = False) -> Iterator[Page]:
    """Every page of the list at `url`, asked for with `parameters` and then with the place that the page before names.

    Of a page's `next` only the `offset` or `cursor` is used; so whatever it says, no request leaves the host of `url`. `bare`
    lets the answer be a list without pages. Raises `SumtrackerUnreadable` where `next` leads elsewhere or back, where
    a page is not one, and where fewer or more records came than were counted.
    """
    host = urlsplit(url).hostname or url
    place: dict[str, str] = {}
    visited = {"", "0"}
    received = 0
    while True:
        page = _page(ask({**parameters, **place}), host, bare=bare)
        received += len(page.records)
        yield page
        if page.next_url is None:
            break
        name, value = _place(page.next_url, url, host)
        if value in visited or not page.records:
            raise SumtrackerUnreadable(f"The pages that {host} sends go round in circles.", _REPORT_IT)
        visited.add(value)
        place = {name: value}
    if page.count is not None and page.count != received:
        raise SumtrackerUnreadable(f"{host} counts {page.count} records and sent {received}.", _READ_AGAIN)


def _page(content: Any, host: str, *, bare: bool) -> Page:
    if bare and isinstance(content, list):
        return Page(content, None, None)
    if isinstance(content, dict) and isinstance(content.get("results"), list) and "next" in content:
        next_url, count = content["next"], content.get("count")
        if (next_url is None or isinstance(next_url, str)) and (count is None or type(count) is int):
            return Page(content["results"], next_url or None, count)
    raise SumtrackerUnreadable(f"{host} sent something else than a page of records.", _REPORT_IT)


def _place(next_url: str, url: str, host: str) -> tuple[str, str]:
    """`offset` or `cursor` of the next page, with its value."""
    ours = urlsplit(url)
    try:
        parts = urlsplit(urljoin(url, next_url))
        # A server behind a proxy may believe it is asked over http; what it names is asked for over our own connection anyway.
        port = None if ours.port is None and parts.port in {80, 443} else parts.port
    except ValueError:
        raise SumtrackerUnreadable(f"{host} names a next page that is no web address.", _REPORT_IT) from None
    if (parts.hostname, port, parts.path) != (ours.hostname, ours.port, ours.path):
        elsewhere = (parts.hostname or "another place")[:100]
        raise SumtrackerUnreadable(
            f"{host} names a next page at another address ({elsewhere}); the key is not sent there.",
            _REPORT_IT,
        )
    query = dict(parse_qsl(parts.query))
    for name in ("cursor", "offset"):
        if name in query:
            return name, query[name]
    raise SumtrackerUnreadable(f"{host} names a next page without saying where it begins.", _REPORT_IT)


class Seen:
    """The ids that came so far, 64 to an entry: ids lie close together, and an account may have very many."""

    def __init__(self) -> None:
        self._bits: dict[int, int] = {}

    def add(self, number: int) -> bool:
        """Remember it; False where it was there before."""
        entry, bit = number >> 6, 1 << (number & 63)
        bits = self._bits.get(entry, 0)
        self._bits[entry] = bits | bit
        return not bits & bit


def check_new(seen: Seen, number: int, what: str) -> None:
    """Return for an id that is new to `seen`. Raises `SumtrackerUnreadable`, naming `what` came twice."""
    if not seen.add(number):
        raise SumtrackerUnreadable(f"{what} came twice.", _READ_AGAIN)
