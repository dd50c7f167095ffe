"""The index of channels: what was put is read, a damaged or foreign one is known."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from supportdesk.core.channels import ChannelSummary
from supportdesk.ledger import index
from tests.catalogs import NOON

LOADED = ChannelSummary(
    "kestrel", "kestrel", "Kestrel", "shopify", "kestrel.myshopify.com", "off", 12, 1, 1, 3, NOON
)
NEVER = ChannelSummary("files", "files", "files", "export", "")


def test_what_was_put_is_read_in_order(tmp_path: Path) -> None:
    path = tmp_path / "channels.db"
    assert index.read_index(path) == ()
    index.replace_account(path, "kestrel", [LOADED])
    index.replace_account(path, "files", [NEVER])
    assert index.read_index(path) == (NEVER, LOADED)
    index.replace_account(path, "kestrel", [])
    assert index.read_index(path) == (NEVER,)


def test_a_damaged_or_older_index_is_not_usable(tmp_path: Path) -> None:
    path = tmp_path / "channels.db"
    assert not index.is_usable(path)
    index.replace_account(path, "kestrel", [LOADED])
    assert index.is_usable(path)
    path.write_bytes(b"nonsense" * 1000)
    index.discard(path)
    path.write_bytes(b"nonsense" * 1000)
    assert not index.is_usable(path)


def test_reading_it_loads_nothing_heavy() -> None:
    code = "import sys, supportdesk.ledger.index; print([m for m in ('sqlite_utils', 'httpx', 'pydantic', 'textual') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
