from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.errors import NotAShopAddress
from supportdesk.shopify.address import shop_address


@pytest.mark.parametrize(
    "typed",
    [
        "kestrel-outdoor",
        "  Kestrel-Outdoor \n",
        "kestrel-outdoor.myshopify.com",
        "kestrel-outdoor.myshopify.com/",
        "KESTREL-OUTDOOR.MYSHOPIFY.COM/admin/products?x=1#top",
        "https://kestrel-outdoor.myshopify.com",
        "HTTPS://kestrel-outdoor.myshopify.com/admin",
        "http://kestrel-outdoor.myshopify.com/",
        "admin.shopify.com/store/kestrel-outdoor",
        "https://admin.shopify.com/store/kestrel-outdoor/",
        "https://Admin.Shopify.com/store/Kestrel-Outdoor/products?selectedView=all",
    ],
)
def test_every_way_to_name_a_shop(typed: str) -> None:
    address = shop_address(typed)
    assert address.handle == "kestrel-outdoor"
    assert address.domain == "kestrel-outdoor.myshopify.com"
    assert address.api_url == "https://kestrel-outdoor.myshopify.com"
    assert address.graphql_url == "https://kestrel-outdoor.myshopify.com/admin/api/2026-10/graphql.json"
    assert not address.on_loopback


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "-kestrel",
        "kestrel outdoor",
        "kestrel.com",
        "https://www.kestrel.com/",
        "evil.com/.myshopify.com",
        "evil.com#.myshopify.com",
        "evil.com?.myshopify.com",
        "evil.com\\.myshopify.com",
        "kestrel.myshopify.com.evil.com",
        "kestrel.myshopify.com@evil.com",
        "user:secret@kestrel.myshopify.com",
        "kestrel.myshopify.com:8443",
        "kestrel.myshopify.com.",
        "a.b.myshopify.com",
        ".myshopify.com",
        "myshopify.com",
        "evilmyshopify.com",
        "kestrel.myshopify.com\r\nHost: evil.com",
        "kestrel.myshopify.cоm",
        "ftp://kestrel.myshopify.com",
        "javascript://kestrel.myshopify.com",
        "admin.shopify.com",
        "admin.shopify.com/store/",
        "admin.shopify.com/store/a.b",
        "admin.shopify.com.evil.com/store/kestrel",
        "http://127.0.0.1:8000",
        "localhost:8000",
        "[::1]:8000",
        "k" * 64,
    ],
)
def test_anything_else_is_refused_and_says_what_to_type(typed: str) -> None:
    with pytest.raises(NotAShopAddress) as caught:
        shop_address(typed)
    assert "kestrel-outdoor" in caught.value.next_step or "--api-url" in caught.value.next_step
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("api_url", "expected"),
    [
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123"),
        ("http://127.0.0.1:8123/", "http://127.0.0.1:8123"),
        ("http://localhost:8123/admin/api/2026-10/graphql.json", "http://localhost:8123"),
        ("http://[::1]:8123", "http://[::1]:8123"),
        ("https://kestrel-outdoor.myshopify.com/", "https://kestrel-outdoor.myshopify.com"),
    ],
)
def test_the_api_may_be_on_this_machine(api_url: str, expected: str) -> None:
    address = shop_address("kestrel-outdoor", api_url)
    assert address.api_url == expected
    assert address.domain == "kestrel-outdoor.myshopify.com"
    assert address.on_loopback == expected.startswith("http:")


@pytest.mark.parametrize(
    "api_url",
    [
        "",
        "http://10.0.0.1:8000",
        "http://127.0.0.1.evil.com",
        "http://127.0.0.1@evil.com",
        "http://user@127.0.0.1",
        "http://127.0.0.1:99999",
        "http://127.0.0.1/other",
        "http://127.0.0.1/?x",
        "https://127.0.0.1:8000",
        "https://evil.com",
        "https://kestrel.myshopify.com.evil.com",
        "https://kestrel.myshopify.com:8443",
        "http://kestrel.myshopify.com",
        "127.0.0.1:8000",
        "http://127.0.0.1\n.evil.com",
    ],
)
def test_the_token_goes_nowhere_else(api_url: str) -> None:
    with pytest.raises(NotAShopAddress):
        shop_address("kestrel-outdoor", api_url)


@given(
    st.text(alphabet=st.sampled_from("abz09.-:/@?#\\%[] \n\u212a"), max_size=40).map(
        lambda s: s + ".myshopify.com"
    )
)
def test_whatever_is_accepted_is_one_host_at_myshopify(typed: str) -> None:
    try:
        address = shop_address(typed)
    except NotAShopAddress:
        return
    label = address.api_url.removeprefix("https://").removesuffix(".myshopify.com")
    assert label == address.handle
    assert set(label) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
