"""Terminal sizes that screens are pictured at. The larger ones carry the marker `slow`: CI takes every picture once, without xdist."""

from __future__ import annotations

import pytest

_SMALL = pytest.param((80, 24), id="80x24")
_LARGE = pytest.param((120, 36), id="120x36", marks=pytest.mark.slow)
_HUGE = pytest.param((200, 50), id="200x50", marks=pytest.mark.slow)

SIZES = pytest.mark.parametrize("size", [_SMALL, _LARGE])
WIDE = pytest.mark.parametrize("size", [_SMALL, _LARGE, _HUGE])
