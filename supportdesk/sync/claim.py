"""One ledger per store: the claim that is kept in the store itself, made, checked and given up (PROTOCOL §3).

What it says is the ledger's id, who made it, where and since when; only the same app sees it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from supportdesk.core.progress import Watch
from supportdesk.errors import Claimed, Conflict
from supportdesk.ledger import channel_sync
from supportdesk.ledger.channels import ChannelRecord
from supportdesk.ledger.file import Ledger
from supportdesk.sync.lease import host_name
from supportdesk.sync.store import EngineStore


class Claim(msgspec.Struct, frozen=True):
    """What the store's metafield holds, as JSON."""

    ledger: str
    host: str
    person: str
    since: str
    """UTC, ISO 8601."""

    @property
    def in_words(self) -> str:
        """`desk-2 by mia since 2026-11-23 14:02 UTC`; holds foreign text."""
        by = f" by {self.person}" if self.person != self.host else ""
        return f"{self.host}{by} since {self.since[:16].replace('T', ' ')} UTC"


@dataclass(frozen=True, slots=True)
class Claimant:
    """The channel whose store is asked, and who asks."""

    ledger: Ledger
    channel: ChannelRecord
    store: EngineStore
    person: str
    now: Callable[[], datetime]
    watch: Watch


def read_claim(value: str) -> Claim | None:
    """The claim that `value` says; None for ''. One that cannot be read is somebody's all the same."""
    if not value:
        return None
    try:
        return msgspec.json.decode(value, type=Claim)
    except msgspec.MsgspecError:
        return Claim("", "an unknown place", "an unknown person", "")


def others_claim(ledger: Ledger, value: str) -> Claim | None:
    """The claim in `value` where it is another ledger's."""
    claim = read_claim(value)
    return claim if claim and claim.ledger != ledger.ledger_id else None


def look_at_claim(claimant: Claimant) -> Claim | None:
    """Another ledger's claim on the store as it is now, None where it is free or ours; kept. Raises what the store raises."""
    look = claimant.store.claim(claimant.watch)
    with claimant.ledger.writing() as connection:
        channel_sync.keep_claim(connection, claimant.channel.id, look.value, look.digest, claimant.now())
    return others_claim(claimant.ledger, look.value)


def check_claim(claimant: Claimant) -> None:
    """Raise `Claimed` where another ledger has the store. For every cycle, before its first write."""
    if other := look_at_claim(claimant):
        raise _claimed(claimant, other)


def refuse_others_claim(claimant: Claimant) -> None:
    """Raise `Claimed` where another ledger has the store; keeps nothing. For whoever is about to ask for something."""
    if other := others_claim(claimant.ledger, claimant.store.claim(claimant.watch).value):
        raise _claimed(claimant, other)


def make_claim(claimant: Claimant, *, taking_over: bool = False) -> None:
    """Claim the store for this ledger; nothing where it is ours already.

    Raises `Claimed` where another ledger has it, or has taken it this moment; `taking_over` replaces theirs.
    """
    look = claimant.store.claim(claimant.watch)
    other = others_claim(claimant.ledger, look.value)
    if other and not taking_over:
        raise _claimed(claimant, other)
    if look.value and not other:
        return
    ours = Claim(
        claimant.ledger.ledger_id,
        host_name(),
        claimant.person,
        claimant.now().replace(microsecond=0).isoformat(),
    )
    try:
        look = claimant.store.write_claim(msgspec.json.encode(ours).decode(), look.digest, claimant.watch)
    except Conflict:
        check_claim(claimant)
        raise
    with claimant.ledger.writing() as connection:
        channel_sync.keep_claim(connection, claimant.channel.id, look.value, look.digest, claimant.now())


def drop_claim(claimant: Claimant) -> None:
    """Take our claim off the store; another's stays."""
    if look_at_claim(claimant):
        return
    kept = channel_sync.channel_sync(claimant.ledger.db.conn, claimant.channel.id)
    if kept and kept.claim:
        claimant.store.drop_claim(claimant.watch)
    with claimant.ledger.writing() as connection:
        channel_sync.keep_claim(connection, claimant.channel.id, "", None, claimant.now())


def _claimed(claimant: Claimant, other: Claim) -> Claimed:
    return Claimed(
        f"{claimant.channel.handle} is synced from {other.in_words}.",
        f"Turn sync off there, or take the store over: supportdesk apply PLAN --confirm={claimant.channel.handle} --take-over",
    )
