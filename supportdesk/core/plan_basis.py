"""What a plan was built from, as fingerprints: equal ones say that nothing changed (PROTOCOL §4). Pure, over facts that stream by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

import msgspec

Fact = Sequence[object]
"""Text, numbers, truths, None, and sequences of them."""
Section = Literal["load", "decisions", "connections", "ledger"]

SECTION_WORDS: Final[dict[Section, str]] = {
    "load": "the store's listings",
    "decisions": "what was decided of duplicate SKUs",
    "connections": "which location belongs to which warehouse",
    "ledger": "Sumtracker's numbers",
}
_MODULUS: Final = 1 << 256


class Fingerprint:
    """A name for facts, whatever their order: equal for the same ones, each as often; for another set surely different.

    Each fact is hashed by itself and the hashes are added up, so that a million rows stream by in any order.
    """

    def __init__(self) -> None:
        self._total = 0
        self._count = 0

    def add(self, fact: Fact) -> None:
        """One more fact."""
        self._total += int.from_bytes(hashlib.blake2b(_written(fact), digest_size=32).digest())
        self._count += 1

    @property
    def text(self) -> str:
        """The name of those added so far."""
        return f"{self._count:x}-{self._total % _MODULUS:064x}"


def fingerprint(facts: Iterable[Fact]) -> str:
    """The `Fingerprint` of these facts."""
    found = Fingerprint()
    for fact in facts:
        found.add(fact)
    return found.text


def _written(fact: Fact) -> bytes:
    """The fact as JSON."""
    try:
        return msgspec.json.encode(fact)
    except UnicodeEncodeError:  # half a surrogate pair
        return json.dumps(fact, separators=(",", ":")).encode()


Basis = Mapping[Section, str]
"""Fingerprints of all that a plan was built from."""


def changed_since(basis: Basis, now: Basis) -> tuple[Section, ...]:
    """The sections that differ, so that a plan is refused as stale with what changed; a section only one side has differs too."""
    return tuple(section for section in SECTION_WORDS if basis.get(section) != now.get(section))
