"""The recorded replies of a live store, read for comparing; every test that needs them skips where they are missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
CAPTURES = SHARED / "captures"
SCHEMA = SHARED / "admin-2026-10.graphql.gz"


class Recorded(NamedTuple):
    """One recorded request."""

    file: str
    place: str
    query: str
    variables: dict[str, Any]
    reply: dict[str, Any]


def capture(name: str) -> dict[str, Any]:
    """One file."""
    read: dict[str, Any] = json.loads((CAPTURES / f"{name}.json").read_text(encoding="utf-8"))
    return read


def recorded() -> list[Recorded]:
    """Every recorded request that has its text, in the order of files and places."""
    found = []
    for path in sorted(CAPTURES.glob("*.json")):
        for place, one in _requests(json.loads(path.read_text(encoding="utf-8")), ()):
            reply = one["response"]
            reply = reply.get("payload") or reply.get("body") or reply
            found.append(
                Recorded(path.stem, "/".join(place), one["query"], one.get("variables") or {}, reply)
            )
    return found


def _requests(value: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    if isinstance(value, dict):
        if isinstance(value.get("query"), str) and "response" in value:
            yield place, value
        for key, inner in value.items():
            if key != "variables":
                yield from _requests(inner, (*place, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _requests(inner, (*place, str(at)))
