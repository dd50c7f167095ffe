"""What each root field answers, in process."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from supportdesk.core.catalog import Location
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.generator import generated_shop
from supportdesk.sandbox.store import SandboxShop
from tests.shops import MAIN, InProcess, level, listing, small_shop


@pytest.fixture
def api() -> InProcess:
    return InProcess(small_shop())


def test_the_shop_says_who_it_is(api: InProcess) -> None:
    found = api.data(
        "{shop{id name myshopifyDomain ianaTimezone currencyCode url plan{publicDisplayName partnerDevelopment shopifyPlus}"
        " primaryDomain{host}}}"
    )["shop"]
    number = found.pop("id").removeprefix("gid://shopify/Shop/")
    assert number.isdecimal()
    assert found == {
        "name": "Small Shop",
        "myshopifyDomain": "small-shop.myshopify.com",
        "ianaTimezone": "Europe/London",
        "currencyCode": "GBP",
        "url": "https://small-shop.myshopify.com",
        "plan": {"publicDisplayName": "Basic", "partnerDevelopment": False, "shopifyPlus": False},
        "primaryDomain": {"host": "small-shop.myshopify.com"},
    }


def test_the_app_says_its_scopes_with_what_writing_implies(api: InProcess) -> None:
    api.shop.app.scopes = {"write_inventory", "read_locations"}
    found = api.data("{currentAppInstallation{accessScopes{handle} app{title handle}}}")[
        "currentAppInstallation"
    ]
    assert [one["handle"] for one in found["accessScopes"]] == [
        "read_inventory",
        "read_locations",
        "write_inventory",
    ]
    assert found["app"] == {"title": "Supportdesk", "handle": "supportdesk"}


def test_an_object_is_read_whole_by_its_id(api: InProcess) -> None:
    found = api.data(
        '{inventoryItem(id:"gid://shopify/InventoryItem/2001"){legacyResourceId sku tracked duplicateSkuCount '
        "locationsCount{count precision} variants(first:5){nodes{id}} "
        'inventoryLevel(locationId:"gid://shopify/Location/101"){'
        'quantities(names:["on_hand","committed","available","incoming"]){name quantity}}}}'
    )["inventoryItem"]
    assert found == {
        "legacyResourceId": "2001",
        "sku": "A-1",
        "tracked": True,
        "duplicateSkuCount": 1,
        "locationsCount": {"count": 2, "precision": "EXACT"},
        "variants": {"nodes": [{"id": "gid://shopify/ProductVariant/1"}]},
        "inventoryLevel": {
            "quantities": [
                {"name": "on_hand", "quantity": 7},
                {"name": "committed", "quantity": 2},
                {"name": "available", "quantity": 5},
                {"name": "incoming", "quantity": 0},
            ]
        },
    }


def test_a_level_is_found_by_the_id_it_says(api: InProcess) -> None:
    levels = api.data(
        '{inventoryItem(id:"gid://shopify/InventoryItem/2001"){inventoryLevels(first:5){nodes{id location{name}}}}}'
    )["inventoryItem"]["inventoryLevels"]["nodes"]
    for one in levels:
        again = api.data("query($id:ID!){inventoryLevel(id:$id){id location{name}}}", id=one["id"])
        assert again["inventoryLevel"] == one
    assert [one["location"]["name"] for one in levels] == ["Main St", "Depot"]


def test_levels_that_stopped_are_hidden_unless_asked_for(api: InProcess) -> None:
    level_record = api.shop.items[2001].levels[102]
    api.shop.put_active(level_record, False)
    query = (
        '{inventoryItem(id:"gid://shopify/InventoryItem/2001"){'
        "shown:inventoryLevels(first:5){nodes{location{name}}} all:inventoryLevels(first:5,includeInactive:true){nodes{isActive}}"
        ' hidden:inventoryLevel(locationId:"gid://shopify/Location/102"){id}'
        ' there:inventoryLevel(locationId:"gid://shopify/Location/102",includeInactive:true){isActive}'
        ' never:inventoryLevel(locationId:"gid://shopify/Location/999"){id}}'
        'productVariant(id:"gid://shopify/ProductVariant/1"){inventoryQuantity}}'
    )
    found = api.data(query)
    assert found["inventoryItem"] == {
        "shown": {"nodes": [{"location": {"name": "Main St"}}]},
        "all": {"nodes": [{"isActive": True}, {"isActive": False}]},
        "hidden": None,
        "there": {"isActive": False},
        "never": None,
    }
    assert found["productVariant"]["inventoryQuantity"] == 5  # a stopped level drops out of the sum


def test_nodes_answer_in_place_with_null_for_the_unknown(api: InProcess) -> None:
    ids = [
        "gid://shopify/InventoryItem/2003",
        "gid://shopify/InventoryItem/9",
        "gid://shopify/ProductVariant/1",
        "gid://shopify/Location/101",
        "gid://shopify/Product/1002",
        "gid://shopify/Metafield/5",
    ]
    found = api.data("query($ids:[ID!]!){nodes(ids:$ids){__typename id}}", ids=ids)["nodes"]
    assert [one and one["__typename"] for one in found] == [
        "InventoryItem",
        None,
        "ProductVariant",
        "Location",
        "Product",
        None,
    ]
    assert found[0]["id"] == ids[0]


def test_more_than_250_ids_are_refused_whole(api: InProcess) -> None:
    ids = [f"gid://shopify/InventoryItem/{number}" for number in range(251)]
    reply = api.ask("query($ids:[ID!]!){nodes(ids:$ids){id}}", ids=ids)
    assert reply["errors"] == [
        {
            "message": "The input array size of 251 is greater than the maximum allowed of 250.",
            "path": ["nodes", "ids"],
            "extensions": {"code": "MAX_INPUT_SIZE_EXCEEDED"},
        }
    ]
    assert "data" not in reply
    assert reply["extensions"]["cost"]["actualQueryCost"] is None
    assert len(api.data("query($ids:[ID!]!){nodes(ids:$ids){id}}", ids=ids[:250])["nodes"]) == 250


def test_an_id_of_another_type_is_an_error_and_other_data_stays(api: InProcess) -> None:
    reply = api.ask('{shop{name} product(id:"gid://shopify/Location/101"){id}}')
    assert reply["data"] == {"shop": {"name": "Small Shop"}, "product": None}
    (error,) = reply["errors"]
    assert error["message"] == "Invalid id: gid://shopify/Location/101"
    assert error["extensions"] == {"code": "RESOURCE_NOT_FOUND"}
    assert error["path"] == ["product"]


@pytest.mark.parametrize("root", ["product", "productVariant", "inventoryItem", "location", "bulkOperation"])
def test_an_unknown_id_is_null(api: InProcess, root: str) -> None:
    kind = root[0].upper() + root[1:]
    assert api.data(f'{{{root}(id:"gid://shopify/{kind}/999"){{id}}}}') == {root: None}


def test_location_without_an_id_is_the_primary_one(api: InProcess) -> None:
    assert api.data("{location{name shipsInventory isPrimary}}")["location"] == {
        "name": "Main St",
        "shipsInventory": True,
        "isPrimary": True,
    }


def test_locations_show_services_and_closed_ones_only_when_asked() -> None:
    places = [
        Location(1, "Shop"),
        Location(2, "Closed", active=False),
        Location(3, "Peak", service="Peak Logistics", service_manages_stock=True),
    ]
    api = InProcess(small_shop(locations=places, listings=()))
    found = api.data(
        "{a:locations(first:9){nodes{name}} b:locations(first:9,includeInactive:true,includeLegacy:true,sortKey:ID)"
        "{nodes{name isActive activatable deactivatedAt isFulfillmentService fulfillmentService{serviceName inventoryManagement"
        " handle type location{name}}}} locationsCount{count}}"
    )
    assert [one["name"] for one in found["a"]["nodes"]] == ["Shop"]
    assert found["locationsCount"] == {"count": 3}
    shop, closed, peak = found["b"]["nodes"]
    assert (shop["isActive"], closed["isActive"], closed["activatable"]) == (True, False, True)
    assert closed["deactivatedAt"] == "2026-11-23T09:00:00Z"
    assert shop["fulfillmentService"] is None
    assert peak["fulfillmentService"] == {
        "serviceName": "Peak Logistics",
        "inventoryManagement": True,
        "handle": "peak-logistics",
        "type": "THIRD_PARTY",
        "location": {"name": "Peak"},
    }


def test_counts_stop_at_their_limit(api: InProcess) -> None:
    found = api.data(
        "{a:productVariantsCount{count precision} b:productVariantsCount(limit:2){count precision}"
        ' c:productVariantsCount(limit:3){count precision} d:productsCount(query:"title:3"){count}}'
    )
    assert found == {
        "a": {"count": 3, "precision": "EXACT"},
        "b": {"count": 2, "precision": "AT_LEAST"},
        "c": {"count": 3, "precision": "EXACT"},
        "d": {"count": 1},
    }


def test_quantity_names_say_how_they_hang_together(api: InProcess) -> None:
    names = api.data("{inventoryProperties{quantityNames{name belongsTo comprises}}}")["inventoryProperties"]
    by_name = {one["name"]: one for one in names["quantityNames"]}
    parts = ["available", "committed", "damaged", "quality_control", "reserved", "safety_stock"]
    assert by_name["on_hand"]["comprises"] == parts
    assert all(by_name[part]["belongsTo"] == ["on_hand"] for part in parts)
    assert by_name["incoming"] == {"name": "incoming", "belongsTo": [], "comprises": []}


def test_a_variant_says_what_a_listing_needs() -> None:
    shop = small_shop(
        listings=[
            listing(1, "S-1", options=["Red", "L / XL"], sells_when_out=True, barcode="4006381333931"),
            listing(2, "", gift_card=True, tracked=False, status="DRAFT"),
            listing(3, "KIT", bundle_parent=True),
        ],
        levels=[level(1, MAIN, -2, 2)],
    )
    found = InProcess(shop).data(
        "{productVariants(first:9){nodes{sku barcode title displayName inventoryPolicy inventoryQuantity availableForSale"
        " requiresComponents selectedOptions{name value} product{handle status isGiftCard hasOnlyDefaultVariant}}}}"
    )["productVariants"]["nodes"]
    assert found[0]["title"] == "Red / L / XL"
    assert found[0]["inventoryPolicy"] == "CONTINUE"
    assert found[0]["availableForSale"] is True
    assert found[0]["inventoryQuantity"] == -2
    assert found[1]["sku"] is None
    assert found[1]["product"] == {
        "handle": "thing-2",
        "status": "DRAFT",
        "isGiftCard": True,
        "hasOnlyDefaultVariant": True,
    }
    assert found[1]["selectedOptions"] == [{"name": "Title", "value": "Default Title"}]
    assert found[2]["requiresComponents"] is True


# --- pages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "you must provide one of first or last"),
        ("(first:1,last:1)", "providing both first and last is not supported"),
        ("(first:251)", "first cannot exceed 250"),
        ("(last:1000)", "last cannot exceed 250"),
        ("(first:-1)", "first cannot be negative"),
        ('(first:1,after:"what")', "Invalid cursor for current pagination sort."),
        ('(first:1,after:"e30=")', "Invalid cursor for current pagination sort."),
    ],
)
def test_pages_that_cannot_be(api: InProcess, arguments: str, message: str) -> None:
    reply = api.ask(f"{{productVariants{arguments}{{nodes{{id}}}}}}")
    assert reply["data"] is None
    (error,) = reply["errors"]
    assert (error["message"], error["extensions"], error["path"]) == (
        message,
        {"code": "BAD_REQUEST"},
        ["productVariants"],
    )


def test_a_cursor_is_base64_of_json(api: InProcess) -> None:
    (edge,) = api.data("{productVariants(first:1){edges{cursor node{id}}}}")["productVariants"]["edges"]
    assert json.loads(base64.b64decode(edge["cursor"])) == {"last_id": 1, "last_value": "1"}


def walk(api: InProcess, root: str, arguments: str, size: int, direction: str = "first") -> list[str]:
    """Every id, page by page, as far as `pageInfo` says there is more."""
    ids: list[str] = []
    place: str | None = None
    forwards = direction == "first"
    for _ in range(1000):
        word = "after" if forwards else "before"
        at = f",{word}:{json.dumps(place)}" if place else ""
        page = api.data(
            f"{{{root}({direction}:{size}{arguments}{at}){{nodes{{id}} pageInfo{{hasNextPage hasPreviousPage startCursor endCursor}}}}}}"
        )[root]
        found = [one["id"] for one in page["nodes"]]
        ids = ids + found if forwards else found + ids
        info = page["pageInfo"]
        assert info["hasPreviousPage" if forwards else "hasNextPage"] is (place is not None)
        if not info["hasNextPage" if forwards else "hasPreviousPage"]:
            return ids
        place = info["endCursor" if forwards else "startCursor"]
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize("size", [1, 7, 250])
@pytest.mark.parametrize("direction", ["first", "last"])
@pytest.mark.parametrize(
    ("root", "arguments"),
    [
        ("productVariants", ""),
        ("productVariants", ",reverse:true"),
        ("productVariants", ",sortKey:SKU"),
        ("productVariants", ",sortKey:INVENTORY_QUANTITY,reverse:true"),
        ("productVariants", ',query:"inventory_quantity:>20"'),
        ("products", ",sortKey:TITLE"),
        ("inventoryItems", ""),
        ("inventoryItems", ',query:"id:>44000000300000"'),
    ],
)
def test_pages_give_every_record_once_and_in_order(
    root: str, arguments: str, direction: str, size: int
) -> None:
    shop = generated_shop("pages", listings=60, locations=2, clock=Clock(running=False))
    api = InProcess(shop)
    bucket = api.service.bucket(shop, shop.app)
    bucket.size = bucket.left = 1e9
    whole = api.data(f"{{{root}(first:250{arguments}){{nodes{{id}}}}}}")[root]["nodes"]
    assert walk(api, root, arguments, size, direction) == [one["id"] for one in whole]
    assert len({one["id"] for one in whole}) == len(whole) > 10


class CountingReads(dict[int, Any]):
    """A mapping that counts how often a record is fetched."""

    reads = 0

    def __getitem__(self, key: int) -> Any:
        self.reads += 1
        return super().__getitem__(key)


@pytest.mark.parametrize("query", ["", ',query:"sku:GEN"', ',query:"inventory_quantity:>55"'])
def test_a_shop_is_read_in_pages_without_starting_over(query: str) -> None:
    shop = generated_shop("pages", listings=1000, locations=1, clock=Clock(running=False))
    counting = CountingReads(shop.variants)
    shop.variants = counting
    api = InProcess(shop)
    bucket = api.service.bucket(shop, shop.app)
    bucket.size = bucket.left = 1e9
    ids = walk(api, "productVariants", query, 10)
    # A page looks ahead to the next match, and the next page begins before it: at most twice for each record.
    assert counting.reads <= 2 * 1000 + len(ids) / 10 + 2


def test_windows_by_id_do_not_start_from_the_beginning() -> None:
    shop = generated_shop("windows", listings=1000, locations=1, clock=Clock(running=False))
    counting = CountingReads(shop.variants)
    shop.variants = counting
    api = InProcess(shop)
    last = list(counting)[-5]
    found = api.data(f'{{productVariants(first:10,query:"id:>{last}"){{nodes{{id}}}}}}')["productVariants"][
        "nodes"
    ]
    assert len(found) == 4
    assert counting.reads <= 5


def test_records_that_come_while_paging_do_not_disturb_it(api: InProcess) -> None:
    first = api.data("{productVariants(first:2){nodes{id} pageInfo{endCursor}}}")["productVariants"]
    api.shop.add_listing(listing(9, "LATE"))
    after = first["pageInfo"]["endCursor"]
    rest = api.data("query($after:String){productVariants(first:9,after:$after){nodes{id}}}", after=after)
    assert [one["id"] for one in rest["productVariants"]["nodes"]] == [
        "gid://shopify/ProductVariant/3",
        "gid://shopify/ProductVariant/9",
    ]


# --- scopes --------------------------------------------------------------------------------------------------------


def test_a_missing_scope_is_an_error_at_the_field(api: InProcess) -> None:
    api.shop.app.scopes = {"read_products", "read_locations"}
    reply = api.ask('{shop{name} inventoryItem(id:"gid://shopify/InventoryItem/2001"){id} location{name}}')
    assert reply["data"] == {
        "shop": {"name": "Small Shop"},
        "inventoryItem": None,
        "location": {"name": "Main St"},
    }
    (error,) = reply["errors"]
    assert error["message"] == (
        "Access denied for inventoryItem field. Required access: `read_inventory` access scope."
    )
    assert error["path"] == ["inventoryItem"]
    assert error["extensions"] == {
        "code": "ACCESS_DENIED",
        "documentation": "https://shopify.dev/api/usage/access-scopes",
        "requiredAccess": "`read_inventory` access scope.",
    }


def test_nodes_of_a_type_out_of_scope_are_denied(api: InProcess) -> None:
    api.shop.app.scopes = {"read_products"}
    reply = api.ask(
        '{node(id:"gid://shopify/InventoryItem/2001"){id} product(id:"gid://shopify/Product/1001"){id}}'
    )
    assert reply["data"] == {"node": None, "product": {"id": "gid://shopify/Product/1001"}}
    assert reply["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"


def test_two_shops_with_one_name_in_lower_case_stay_apart() -> None:
    clock = Clock(running=False)
    one, other = small_shop("one", clock=clock), small_shop("other", clock=clock)
    other.facts = replace(other.facts, name="Other")
    assert isinstance(one, SandboxShop)
    assert one.token != other.token
    api = InProcess(one, other)
    assert api.data("{shop{name}}") == {"shop": {"name": "One"}}
    theirs = api.post("{shop{name}}", headers={"x-shopify-access-token": other.token})
    assert theirs.json()["data"] == {"shop": {"name": "Other"}}
