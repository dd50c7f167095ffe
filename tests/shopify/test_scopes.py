from __future__ import annotations

import pytest

from supportdesk.shopify.scopes import SCOPES, copyable_scopes, missing_scopes

ALL = {scope.name for scope in SCOPES}


def test_a_token_with_all_lacks_none_and_one_with_none_lacks_all() -> None:
    assert missing_scopes(ALL) == ()
    assert [missing.scope for missing in missing_scopes(())] == [scope.name for scope in SCOPES]
    assert copyable_scopes().split(",") == [scope.name for scope in SCOPES]


@pytest.mark.parametrize("scope", sorted(ALL))
def test_each_lack_is_told_with_its_reason(scope: str) -> None:
    # A granted write scope covers its read scope, so that has to go too.
    granted = ALL - {scope, "write_" + scope.removeprefix("read_")}
    found = {missing.scope: missing for missing in missing_scopes(granted)}
    assert set(found) == ALL - granted
    assert found[scope].what_for
    assert found[scope].needed_to in {"load", "turn_on", "warn"}


def test_writing_implies_reading() -> None:
    assert "read_inventory" not in {missing.scope for missing in missing_scopes({"write_inventory"})}
    assert "write_inventory" in {missing.scope for missing in missing_scopes({"read_inventory"})}


@pytest.mark.parametrize(
    "instead", ["read_assigned_fulfillment_orders", "write_third_party_fulfillment_orders"]
)
def test_any_of_the_fulfilment_order_scopes_does(instead: str) -> None:
    granted = (ALL - {"read_merchant_managed_fulfillment_orders"}) | {instead}
    assert missing_scopes(granted) == ()


def test_loading_needs_three() -> None:
    assert [missing.scope for missing in missing_scopes(()) if missing.needed_to == "load"] == [
        "read_products",
        "read_inventory",
        "read_locations",
    ]
