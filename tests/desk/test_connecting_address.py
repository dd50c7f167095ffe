"""A typed address is judged without a token and without a request."""

from __future__ import annotations

from pathlib import Path

import pytest

from supportdesk.desk import Desk, connecting
from supportdesk.errors import NotAShopAddress
from supportdesk.paths import Home
from supportdesk.settings import Settings


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(Home(tmp_path / "home"), Settings(keyring=False))


@pytest.mark.parametrize(
    "shop", ["kestrel-outdoor", "https://admin.shopify.com/store/kestrel-outdoor/products"]
)
def test_a_shops_address_passes(desk: Desk, shop: str) -> None:
    connecting.check_address(desk, shop)
    assert not desk.home.root.exists()


@pytest.mark.parametrize("shop", ["", "not a shop!!", "https://example.com", "x.myshopify.com.example.com"])
def test_anything_else_is_refused(desk: Desk, shop: str) -> None:
    with pytest.raises(NotAShopAddress):
        connecting.check_address(desk, shop)
