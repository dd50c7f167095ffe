"""JSON of foreign origin that strict decoding refuses, made readable: half a surrogate pair or broken UTF-8 becomes `?` or U+FFFD."""

from __future__ import annotations

import json
from typing import Any

import msgspec


def decode(text: bytes) -> Any:
    """The value of one JSON text, with only characters that can be written out again. Raises ValueError where it is not JSON."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        loose = json.loads(text.decode("utf-8", "replace"))
    return msgspec.json.decode(json.dumps(loose, ensure_ascii=False).encode("utf-8", "replace"))
