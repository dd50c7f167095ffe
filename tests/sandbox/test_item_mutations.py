"""What an item is and where it is stocked, changed over the API; and metafields of the app's own, which a claim is made of."""

from __future__ import annotations

from typing import Any

import pytest

from supportdesk.sandbox.access import App
from tests.sandbox.documents import item, place
from tests.shops import DEPOT, MAIN, InProcess, small_shop

ACTIVATE = (
    "mutation($item:ID!,$at:ID!,$available:Int,$onHand:Int,$key:String!){inventoryActivate(inventoryItemId:$item,"
    "locationId:$at,available:$available,onHand:$onHand)@idempotent(key:$key){inventoryLevel{isActive quantities("
    'names:["available","on_hand"]){name quantity}} userErrors{field message}}}'
)
DEACTIVATE = "mutation($id:ID!){inventoryDeactivate(inventoryLevelId:$id){userErrors{field message}}}"
UPDATE_ITEM = (
    "mutation($id:ID!,$input:InventoryItemInput!){inventoryItemUpdate(id:$id,input:$input)"
    "{inventoryItem{id sku tracked duplicateSkuCount} userErrors{field message}}}"
)
UPDATE = (
    "mutation($product:ID!,$variants:[ProductVariantsBulkInput!]!,$partly:Boolean){productVariantsBulkUpdate("
    "productId:$product,variants:$variants,allowPartialUpdates:$partly){product{id} productVariants{id sku "
    "inventoryPolicy inventoryItem{sku tracked}} userErrors{field message code}}}"
)


@pytest.fixture
def api() -> InProcess:
    return InProcess(small_shop())


def activate(api: InProcess, number: int, at: Any, key: str = "k", **more: Any) -> Any:
    return api.data(ACTIVATE, item=item(number), at=place(at), key=key, **more)["inventoryActivate"]


def quantities(payload: Any) -> list[int]:
    return [one["quantity"] for one in payload["inventoryLevel"]["quantities"]]


@pytest.mark.parametrize(
    ("given", "wanted"), [({}, [0, 0]), ({"available": 4}, [4, 4]), ({"onHand": 6}, [6, 6])]
)
def test_a_first_activation(api: InProcess, given: dict[str, Any], wanted: list[int]) -> None:
    payload = activate(api, 3, DEPOT, **given)
    assert payload["userErrors"] == []
    assert payload["inventoryLevel"]["isActive"] is True
    assert quantities(payload) == wanted


def test_a_deactivated_level_keeps_its_numbers_and_takes_new_ones(api: InProcess) -> None:
    level = api.shop.items[2001].levels[DEPOT.id]
    document = "query($item:ID!,$at:ID!){inventoryItem(id:$item){inventoryLevel(locationId:$at){id}}}"
    found = api.data(document, item=item(1), at=place(DEPOT))["inventoryItem"]["inventoryLevel"]
    assert api.data(DEACTIVATE, id=found["id"])["inventoryDeactivate"]["userErrors"] == []
    assert (level.active, level.available) == (False, 7)
    assert quantities(activate(api, 1, DEPOT)) == [7, 7]
    api.shop.put_active(level, False)
    assert quantities(activate(api, 1, DEPOT, key="k2", available=2)) == [2, 2]


def test_the_last_level_stays(api: InProcess) -> None:
    document = "query($item:ID!,$at:ID!){inventoryItem(id:$item){inventoryLevel(locationId:$at){id}}}"
    found = api.data(document, item=item(3), at=place(MAIN))["inventoryItem"]["inventoryLevel"]
    (error,) = api.data(DEACTIVATE, id=found["id"])["inventoryDeactivate"]["userErrors"]
    assert error["field"] is None
    assert error["message"].startswith("The product couldn't be unstocked from Main St because products need")


def test_activating_what_is_active(api: InProcess) -> None:
    payload = activate(api, 1, MAIN, onHand=9)
    assert payload["inventoryLevel"] is not None
    (error,) = payload["userErrors"]
    assert (
        error["message"]
        == "Not allowed to set an on_hand quantity when the item is already active at the location."
    )
    assert api.shop.items[2001].levels[MAIN.id].on_hand == 7


def test_both_numbers_at_once(api: InProcess) -> None:
    payload = activate(api, 3, DEPOT, available=1, onHand=1)
    assert [error["field"] for error in payload["userErrors"]] == [["available"], ["onHand"]]
    assert DEPOT.id not in api.shop.items[2003].levels


def test_tracking_is_turned_on_and_off(api: InProcess) -> None:
    for tracked in (False, True):
        payload = api.data(UPDATE_ITEM, id=item(1), input={"tracked": tracked})["inventoryItemUpdate"]
        assert payload["inventoryItem"]["tracked"] is tracked
        assert api.shop.items[2001].tracked is tracked


def test_a_new_sku_counts_and_is_found(api: InProcess) -> None:
    api.shop.clock.advance(60)
    variants = [{"id": "gid://shopify/ProductVariant/2", "inventoryItem": {"sku": "A-2"}}]
    payload = api.data(UPDATE, product="gid://shopify/Product/1002", variants=variants)[
        "productVariantsBulkUpdate"
    ]
    assert payload["userErrors"] == []
    assert (
        payload["productVariants"][0]["sku"] == payload["productVariants"][0]["inventoryItem"]["sku"] == "A-2"
    )
    assert api.data("query($id:ID!){inventoryItem(id:$id){duplicateSkuCount}}", id=item(1)) == {
        "inventoryItem": {"duplicateSkuCount": 0}
    }
    found = api.data('{productVariants(first:5,query:"sku:A-2"){nodes{id updatedAt}}}')["productVariants"][
        "nodes"
    ]
    assert found == [{"id": "gid://shopify/ProductVariant/2", "updatedAt": "2026-11-23T09:01:00Z"}]


@pytest.mark.parametrize(
    ("variant", "field", "code"),
    [
        ({"inventoryItem": {"sku": "X"}}, "id", "PRODUCT_VARIANT_ID_MISSING"),
        ({"id": "gid://shopify/ProductVariant/1", "inventoryItem": {"sku": "X"}}, "id", "PRODUCT_VARIANT_DOES_NOT_EXIST"),
        ({"id": "gid://shopify/ProductVariant/2", "inventoryItem": {"sku": "X" * 256}}, "sku", "TOO_LONG"),
    ],
)  # fmt: skip
def test_what_is_refused_of_variants(api: InProcess, variant: dict[str, Any], field: str, code: str) -> None:
    good = {"id": "gid://shopify/ProductVariant/2", "inventoryItem": {"sku": "GOOD"}}
    asked = {"product": "gid://shopify/Product/1002", "variants": [variant, good]}
    payload = api.data(UPDATE, **asked)["productVariantsBulkUpdate"]
    assert [(error["field"][-1], error["code"]) for error in payload["userErrors"]] == [(field, code)]
    assert api.shop.items[2002].sku == "A-1"
    payload = api.data(UPDATE, **asked, partly=True)["productVariantsBulkUpdate"]
    assert api.shop.items[2002].sku == "GOOD"


@pytest.mark.parametrize(
    ("document", "scope"), [(UPDATE_ITEM, "write_inventory"), (UPDATE, "write_products")]
)
def test_scopes(api: InProcess, document: str, scope: str) -> None:
    api.shop.app.scopes.discard(scope)
    given = {"id": item(1), "input": {}, "product": "gid://shopify/Product/1002", "variants": []}
    used = {name: value for name, value in given.items() if f"${name}:" in document}
    (error,) = api.ask(document, **used)["errors"]
    assert error["extensions"]["requiredAccess"] == f"`{scope}` access scope."


# --- metafields ----------------------------------------------------------------------------------------------------

SET = (
    "mutation($metafields:[MetafieldsSetInput!]!){metafieldsSet(metafields:$metafields){metafields{id namespace key "
    "value jsonValue compareDigest updatedAt} userErrors{field message code}}}"
)
READ = (
    'query($namespace:String){currentAppInstallation{id metafield(namespace:$namespace,key:"claim"){value compareDigest}'
    "metafields(first:5){nodes{key value}}}}"
)


def claim(api: InProcess, **more: Any) -> dict[str, Any]:
    owner = api.data(READ)["currentAppInstallation"]["id"]
    entry = {
        "ownerId": owner,
        "namespace": "desk",
        "key": "claim",
        "type": "json",
        "value": '{"ledger":"a"}',
        **more,
    }
    payload: dict[str, Any] = api.data(SET, metafields=[entry])["metafieldsSet"]
    return payload


def test_a_claim_is_made_once_and_changed_by_who_read_it(api: InProcess) -> None:
    made = claim(api, compareDigest=None)
    assert made["userErrors"] == []
    assert made["metafields"][0]["jsonValue"] == {"ledger": "a"}
    digest = made["metafields"][0]["compareDigest"]
    assert api.data(READ, namespace="desk")["currentAppInstallation"]["metafield"] == {
        "value": '{"ledger":"a"}',
        "compareDigest": digest,
    }
    late = claim(api, compareDigest=None, value='{"ledger":"b"}')
    assert [error["code"] for error in late["userErrors"]] == ["STALE_OBJECT"]
    assert claim(api, compareDigest="0" * 64, value='{"ledger":"b"}')["userErrors"] != []
    taken = claim(api, compareDigest=digest, value='{"ledger":"b"}')
    assert taken["metafields"][0]["compareDigest"] != digest
    assert claim(api, value='{"ledger":"c"}')["userErrors"] == []


def test_only_its_own_app_sees_a_claim(api: InProcess) -> None:
    claim(api)
    other = App.derived_for("small-shop", 1, "Another app")
    api.shop.apps.append(other)
    reply = api.post(
        READ, {"namespace": "desk"}, headers={"x-shopify-access-token": other.static_token}
    ).json()
    assert reply["data"]["currentAppInstallation"]["metafield"] is None
    assert reply["data"]["currentAppInstallation"]["metafields"]["nodes"] == []
    foreign = claim(api)  # the first app's owner id, asked by the other
    assert foreign["userErrors"] == []


def test_the_shop_holds_the_reserved_namespace_alone(api: InProcess) -> None:
    shop = api.data("{shop{id}}")["shop"]["id"]
    assert claim(api, ownerId=shop)["userErrors"][0]["code"] == "APP_NOT_AUTHORIZED"
    assert claim(api, ownerId=shop, namespace="$app:desk")["userErrors"] == []
    read = '{shop{metafield(namespace:"$app:desk",key:"claim"){value} metafields(first:5){nodes{key}}}}'
    assert api.data(read)["shop"] == {
        "metafield": {"value": '{"ledger":"a"}'},
        "metafields": {"nodes": [{"key": "claim"}]},
    }


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"value": ""}, "BLANK"),
        ({"value": "{"}, "INVALID_VALUE"),
        ({"type": None}, "BLANK"),
        ({"type": "money"}, "INCLUSION"),
        ({"key": "a b"}, "INVALID"),
        ({"ownerId": "gid://shopify/Product/1001"}, "INVALID"),
    ],
)
def test_what_is_refused_of_metafields(api: InProcess, more: dict[str, Any], code: str) -> None:
    assert [error["code"] for error in claim(api, **more)["userErrors"]] == [code]
    assert not api.shop.metafields


def test_metafields_are_set_together_or_not_at_all(api: InProcess) -> None:
    owner = api.data(READ)["currentAppInstallation"]["id"]
    good = {"ownerId": owner, "namespace": "desk", "key": "claim", "type": "json", "value": "1"}
    payload = api.data(SET, metafields=[good, {**good, "key": "other", "compareDigest": "x"}])[
        "metafieldsSet"
    ]
    assert payload["userErrors"][0]["field"] == ["metafields", "1"]
    assert not api.shop.metafields


def test_a_claim_is_given_up(api: InProcess) -> None:
    claim(api)
    owner = api.data(READ)["currentAppInstallation"]["id"]
    document = (
        "mutation($metafields:[MetafieldIdentifierInput!]!){metafieldsDelete(metafields:$metafields)"
        "{deletedMetafields{ownerId namespace key} userErrors{field message}}}"
    )
    named = {"ownerId": owner, "namespace": "desk", "key": "claim"}
    assert api.data(document, metafields=[named])["metafieldsDelete"]["deletedMetafields"] == [named]
    assert api.data(document, metafields=[named])["metafieldsDelete"]["deletedMetafields"] == [None]
    assert api.data(READ, namespace="desk")["currentAppInstallation"]["metafield"] is None
