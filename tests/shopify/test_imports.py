from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "modules",
    [
        "supportdesk.shopify, supportdesk.shopify.store, supportdesk.shopify.address, supportdesk.shopify.scopes",
        "supportdesk.credentials",
    ],
)
def test_naming_the_client_loads_no_library(modules: str) -> None:
    heavy = {"httpx", "pydantic", "msgspec", "tenacity", "keyring", "textual", "graphql"}
    code = f"import sys, {modules}; print(*sorted({heavy!r} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == []
