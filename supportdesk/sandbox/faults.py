"""What can go wrong on demand: for the next request, for some requests, for a while. Where each is applied stands in `server`."""

from __future__ import annotations

import threading
from typing import Any, Final, Literal, get_args

import msgspec

from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.versions import CANDIDATE

Kind = Literal[
    "throttled",
    "too_many_requests",
    "bad_gateway",
    "internal_error",
    "timeout",
    "attempt_failed",
    "late_commit",
    "errors_burn_keys",
    "unstocked_ignored",
    "html",
    "dropped",
    "dropped_before",
    "slow",
    "fall_forward",
    "token_revoked",
    "scope_lost",
    "search_lag",
    "commit_lag",
    "visibility_lag",
    "index_lag",
    "stale_reading",
    "bulk_failed",
    "file_cut",
    "file_short",
    "file_slow",
]
KINDS: Final[tuple[str, ...]] = get_args(Kind)
LASTING: Final = frozenset(
    {
        "errors_burn_keys",
        "unstocked_ignored",
        "token_revoked",
        "scope_lost",
        "search_lag",
        "commit_lag",
        "visibility_lag",
        "index_lag",
    }
)
"""Kinds that stay until they are cleared, unless told otherwise; the others happen once."""


class Fault(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One fault, as the control request says it. What `times` and `seconds` leave open is said in `Faults`."""

    kind: Kind
    times: int | None = None
    """For how many requests."""
    seconds: float | None = None
    """For how long, on the sandbox's clock."""
    shop: str | None = None
    """Only in the shop of this handle."""
    operation: str | None = None
    """Only where the document holds this text: an operation's or a field's name."""
    after_bytes: int | None = None
    """`dropped`, `file_cut`, `file_short`: how much of the body comes; half of it where not said."""
    wait: float = 2.0
    """`too_many_requests`: Retry-After. `slow`, `file_slow`: how long the body takes, in real seconds. `late_commit`: how long
    the write takes. `search_lag`, `commit_lag`, `visibility_lag`, `index_lag`: the lag. `stale_reading`: how old it is."""
    after: bool = False
    """`internal_error`, `timeout`, `bad_gateway`: after the request was carried out."""
    version: str = CANDIDATE
    """`fall_forward`: the version that answers."""
    scope: str = ""
    """`scope_lost`: which one."""
    code: Literal["INTERNAL_SERVER_ERROR", "TIMEOUT", "ACCESS_DENIED"] = "INTERNAL_SERVER_ERROR"
    """`bulk_failed`: the error code."""
    partial: bool = False
    """`bulk_failed`: leave half the file behind `partialDataUrl`."""


class Active(msgspec.Struct):
    """A fault with what is left of it."""

    fault: Fault
    began: float
    left: int | None
    until: float | None


class Faults:
    """The faults asked for and not yet used up.

    A fault with neither `times` nor `seconds` happens once, or stays (`LASTING`). One with `seconds` alone happens as often
    as it can in that time. Safe to use from several threads.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._active: list[Active] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Ask for `fault`. Raises ValueError where its numbers make no sense."""
        if (fault.times is not None and fault.times < 1) or (
            fault.seconds is not None and fault.seconds <= 0
        ):
            raise ValueError("times and seconds begin above 0")
        if fault.wait < 0 or (fault.after_bytes is not None and fault.after_bytes < 0):
            raise ValueError("wait and after_bytes are not negative")
        if fault.kind == "scope_lost" and not fault.scope:
            raise ValueError("scope_lost needs a scope")
        left = fault.times
        if left is None and fault.seconds is None and fault.kind not in LASTING:
            left = 1
        now = self._clock.seconds()
        until = None if fault.seconds is None else now + fault.seconds
        with self._lock:
            self._active.append(Active(fault, now, left, until))

    def clear(self) -> None:
        """Forget every fault."""
        with self._lock:
            self._active.clear()

    def take(self, kind: Kind, shop: str, document: str = "") -> Fault | None:
        """The fault of that kind that strikes now, counted as used; None for none."""
        found = self.strike(kind, shop, document)
        return found[0].fault if found else None

    def strike(self, kind: Kind, shop: str, document: str = "") -> list[Active]:
        """Every fault of that kind that strikes now; for kinds that happen, the first alone."""
        struck: list[Active] = []
        with self._lock:
            self._forget_spent()
            for active in self._active:
                if not self._fits(active.fault, kind, shop, document):
                    continue
                if active.left is not None:
                    active.left -= 1
                struck.append(active)
                if kind not in LASTING:
                    break
            self._forget_spent()
        return struck

    def _fits(self, fault: Fault, kind: Kind, shop: str, document: str) -> bool:
        return (
            fault.kind == kind
            and fault.shop in (None, shop)
            and (fault.operation is None or fault.operation in document)
        )

    def _forget_spent(self) -> None:
        now = self._clock.seconds()
        self._active = [
            active
            for active in self._active
            if (active.left is None or active.left > 0) and (active.until is None or now < active.until)
        ]

    def shown(self) -> list[dict[str, Any]]:
        """The faults that are left, as the control requests show them."""
        with self._lock:
            self._forget_spent()
            return [
                {**msgspec.to_builtins(active.fault), "left": active.left, "until": active.until}
                for active in self._active
            ]
