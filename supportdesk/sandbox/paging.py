"""Connections: a window of an ordered row of records, with cursors clients cannot read meaning into.

The source is asked for records after a place, one by one, and only as far as the page needs: reading a whole shop page by
page looks at every record once.
"""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from supportdesk.sandbox.problems import bad_request

PAGE_LIMIT: Final = 250

Key = tuple[Any, int]
"""What records are ordered by: a value (text or number), then the id."""


class PageInfo(NamedTuple):
    """GraphQL's PageInfo."""

    has_next: bool
    has_previous: bool
    start: str | None
    end: str | None


@dataclass(slots=True)
class Connection:
    """A page of records with their keys."""

    records: list[Any]
    keys: list[Key]
    has_next: bool = False
    has_previous: bool = False

    def page_info(self) -> PageInfo:
        """The page's place in the whole."""
        start, end = (cursor(self.keys[0]), cursor(self.keys[-1])) if self.keys else (None, None)
        return PageInfo(self.has_next, self.has_previous, start, end)


class Ordered(NamedTuple):
    """Records in rising order of their keys; `record_at` fetches the one at a place, so that nothing is copied."""

    keys: Sequence[Key]
    record_at: Callable[[int], Any]


class ByNumber(Sequence[Key]):
    """A rising list of ids, seen as keys: the order by id, without a copy."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, at: Any) -> Any:
        number = self.numbers[at]
        return (number, number)


def cursor(key: Key) -> str:
    """An opaque cursor: base64 of JSON, as Shopify's is (`reference/shopify.md` §3)."""
    value, number = key
    text = json.dumps(
        {"last_id": number, "last_value": str(value)}, separators=(",", ":"), ensure_ascii=False
    )
    return base64.b64encode(text.encode()).decode()


def _read_cursor(text: str, numeric: bool) -> Key:
    try:
        said = json.loads(base64.b64decode(text, validate=True))
        number, value = said["last_id"], said["last_value"]
        if not isinstance(number, int) or not isinstance(value, str):
            raise ValueError(text)
        return (int(value) if numeric else value, number)
    except (binascii.Error, ValueError, KeyError, TypeError, UnicodeDecodeError):
        raise bad_request("Invalid cursor for current pagination sort.") from None


def _limits(arguments: dict[str, Any]) -> tuple[int, bool]:
    """The page's size, and whether it is counted from the end."""
    first, last = arguments.get("first"), arguments.get("last")
    if first is None and last is None:
        raise bad_request("you must provide one of first or last")
    if first is not None and last is not None:
        raise bad_request("providing both first and last is not supported")
    name, size = ("first", first) if first is not None else ("last", last)
    assert size is not None
    if size < 0:
        raise bad_request(f"{name} cannot be negative")
    if size > PAGE_LIMIT:
        raise bad_request(f"{name} cannot exceed {PAGE_LIMIT}")
    return size, first is None


def page(
    ordered: Ordered,
    arguments: dict[str, Any],
    matches: Callable[[Any], bool] | None = None,
    above: int | None = None,
    whole: bool = False,
) -> Connection:
    """The page of `ordered` that `arguments` (`first last after before reverse`) ask for, of records that match.

    `above` is a bound on the id that holds for every match: with an order by id the rest is not looked at.
    `whole=True` takes everything and needs no `first`: what a bulk operation does. Raises `BAD_REQUEST` problems.
    """
    keys, numeric = ordered.keys, not ordered.keys or isinstance(ordered.keys[0][0], int)
    size, backwards = (len(keys), False) if whole else _limits(arguments)
    reverse = bool(arguments.get("reverse"))
    low, high = 0, len(keys)
    if above is not None and isinstance(keys, ByNumber):
        low = bisect_right(keys, (above, above))
    after, before = arguments.get("after"), arguments.get("before")
    if reverse:
        after, before = before, after
    if after is not None:
        low = max(low, bisect_right(keys, _read_cursor(after, numeric)))
    if before is not None:
        high = min(high, bisect_left(keys, _read_cursor(before, numeric)))
    falling = reverse != backwards
    found = list(_walk(ordered, low, high, falling, size + 1, matches))
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    return Connection(
        [record for _, record in found],
        [key for key, _ in found],
        has_next=more if not backwards else arguments.get("before") is not None,
        has_previous=more if backwards else arguments.get("after") is not None,
    )


def _walk(
    ordered: Ordered,
    low: int,
    high: int,
    falling: bool,
    wanted: int,
    matches: Callable[[Any], bool] | None,
) -> Iterator[tuple[Key, Any]]:
    keys, record_at = ordered
    places = range(high - 1, low - 1, -1) if falling else range(low, high)
    for at in places:
        record = record_at(at)
        if matches is None or matches(record):
            yield keys[at], record
            wanted -= 1
            if not wanted:
                return
