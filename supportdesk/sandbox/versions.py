"""API versions: which there are, which one answers a request. All are answered with the 2026-10 schema."""

from __future__ import annotations

import re
from typing import Final

SUPPORTED: Final = ("2026-01", "2026-04", "2026-07", "2026-10")
"""Stable and supported on the sandbox's first day (`reference/shopify.md` §0)."""
CANDIDATE: Final = "2027-01"
UNSTABLE: Final = "unstable"
FIRST: Final = "2019-04"

VERSIONS: Final = (
    *((handle, handle, True) for handle in SUPPORTED),
    (CANDIDATE, f"{CANDIDATE} (Release candidate)", False),
    (UNSTABLE, UNSTABLE, False),
)


def answering(asked: str) -> str | None:
    """The version that answers a request for `asked`: itself, the oldest supported one for an expired one, None for a made-up one."""
    if asked in SUPPORTED or asked in (CANDIDATE, UNSTABLE):
        return asked
    if re.fullmatch(r"20\d\d-(01|04|07|10)", asked) and FIRST <= asked < SUPPORTED[0]:
        return SUPPORTED[0]
    return None
