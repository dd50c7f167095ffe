"""Documents and variables that cannot be: the words and codes of the real server (`reference/shopify.md` §7)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.sandbox.execution import answer
from tests.shops import InProcess, small_shop

API = InProcess(small_shop())


@pytest.mark.parametrize(
    ("document", "message", "path", "extensions"),
    [
        (
            "query Q{shop{nme}}",
            "Field 'nme' doesn't exist on type 'Shop'",
            ["query Q", "shop", "nme"],
            {"code": "undefinedField", "typeName": "Shop", "fieldName": "nme"},
        ),
        (
            "mutation Run($q:String!){bulkOperationRunQuery(query:$q){userErrors{field cod}}}",
            "Field 'cod' doesn't exist on type 'BulkOperationUserError'",
            ["mutation Run", "bulkOperationRunQuery", "userErrors", "cod"],
            {"code": "undefinedField", "typeName": "BulkOperationUserError", "fieldName": "cod"},
        ),
        (
            "{bulkOperation{id}}",
            "Field 'bulkOperation' is missing required arguments: id",
            ["query", "bulkOperation"],
            {
                "code": "missingRequiredArguments",
                "className": "Field",
                "name": "bulkOperation",
                "arguments": "id",
            },
        ),
        (
            "{shop(x:1){name}}",
            "Field 'shop' doesn't accept argument 'x'",
            ["query", "shop", "x"],
            {"code": "argumentNotAccepted", "name": "shop", "typeName": "Field", "argumentName": "x"},
        ),
        (
            '{a:products(first:"ten"){nodes{id}}}',
            "Argument 'first' on Field 'products' has an invalid value (\"ten\"). Expected type 'Int'.",
            ["query", "a", "first"],
            {"code": "argumentLiteralsIncompatible", "typeName": "Field", "argumentName": "first"},
        ),
        (
            "{products(first:3000000000){nodes{id}}}",
            "Argument 'first' on Field 'products' has an invalid value (3000000000). Expected type 'Int'.",
            ["query", "products", "first"],
            {"code": "argumentLiteralsIncompatible", "typeName": "Field", "argumentName": "first"},
        ),
        (
            "{products(first:1,sortKey:WEIGHT){nodes{id}}}",
            "Argument 'sortKey' on Field 'products' has an invalid value (WEIGHT). Expected type 'ProductSortKeys'.",
            ["query", "products", "sortKey"],
            {"code": "argumentLiteralsIncompatible", "typeName": "Field", "argumentName": "sortKey"},
        ),
        (
            "{node(id:null){id}}",
            "Argument 'id' on Field 'node' has an invalid value (null). Expected type 'ID!'.",
            ["query", "node", "id"],
            {"code": "argumentLiteralsIncompatible", "typeName": "Field", "argumentName": "id"},
        ),
        (
            '{product(id:"x"){id}}',
            "Invalid global id 'x'",
            ["query", "product", "id"],
            {"code": "argumentLiteralsIncompatible", "typeName": "CoercionError"},
        ),
        (
            "{shop}",
            "Field must have selections (field 'shop' returns Shop but has no selections. Did you mean 'shop { ... }'?)",
            ["query", "shop"],
            {"code": "selectionMismatch", "nodeName": "field 'shop'", "typeName": "Shop"},
        ),
        (
            "{shop{name{x}}}",
            "Selections can't be made on scalars (field 'name' returns String but has selections [\"x\"])",
            ["query", "shop", "name"],
            {"code": "selectionMismatch", "nodeName": "field 'name'", "typeName": "String"},
        ),
        (
            "query Q($a:Int){shop{name}}",
            "Variable $a is declared by Q but not used",
            ["query Q"],
            {"code": "variableNotUsed", "variableName": "a"},
        ),
        (
            "query Q{products(first:$n){nodes{id}}}",
            "Variable $n is used by Q but not declared",
            ["query Q"],
            {"code": "variableNotDefined", "variableName": "n"},
        ),
        (
            'query Q{product(id:"gid://shopify/Product/1"){...F}} fragment F on Product{nope}',
            "Field 'nope' doesn't exist on type 'Product'",
            ["fragment F", "nope"],
            {"code": "undefinedField", "typeName": "Product", "fieldName": "nope"},
        ),
        (
            '{node(id:"gid://shopify/Product/1"){... on Product{nope}}}',
            "Field 'nope' doesn't exist on type 'Product'",
            ["query", "node", "... on Product", "nope"],
            {"code": "undefinedField", "typeName": "Product", "fieldName": "nope"},
        ),
    ],
)
def test_a_document_that_cannot_be(
    document: str, message: str, path: list[str], extensions: dict[str, Any]
) -> None:
    reply = API.ask(document)
    (error,) = reply["errors"]
    assert error["message"] == message
    assert error["path"] == path
    assert error["extensions"] == extensions
    assert all(set(one) == {"line", "column"} for one in error["locations"])
    assert set(reply) == {"errors"}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{shop{...F}}", "useAndDefineFragment"),
        ("{shop{name}} fragment F on Shop{name}", "useAndDefineFragment"),
        ("{shop{...on Nowhere{id}}}", "undefinedType"),
        ("{shop @nope{name}}", "undefinedDirective"),
        ("{shop{a:name a:id}}", "fieldConflict"),
        ("query($n:String){products(first:$n){nodes{id}}}", "variableMismatch"),
        ("{shop{...F}} fragment F on Shop{...F}", "infiniteLoop"),
        ("{shop{...on Product{id}}}", "cannotSpreadFragment"),
    ],
)
def test_what_the_library_judges_carries_the_code(document: str, code: str) -> None:
    errors = API.ask(document)["errors"]
    assert code in [error.get("extensions", {}).get("code") for error in errors]


@pytest.mark.parametrize("document", ["", "{", "{shop{", "query Q(", "what"])
def test_syntax_errors_have_no_data(document: str) -> None:
    reply = API.ask(document)
    assert set(reply) == {"errors"}
    assert reply["errors"][0]["message"].startswith("syntax error, ")


def test_all_errors_of_a_document_come_at_once() -> None:
    errors = API.ask("{product{idd} shop{nme}}")["errors"]
    assert [error["extensions"]["code"] for error in errors] == [
        "missingRequiredArguments",
        "undefinedField",
        "undefinedField",
    ]


QUERY = "query Q($id:ID!,$names:[String!]!,$n:Int=5,$sort:ProductSortKeys,$flag:Boolean){"
QUERY += "inventoryItem(id:$id){inventoryLevels(first:$n,includeInactive:$flag){nodes{quantities(names:$names){name}}}}"
QUERY += "products(first:$n,sortKey:$sort){nodes{id}}}"
GOOD: dict[str, Any] = {"id": "gid://shopify/InventoryItem/2001", "names": ["available"], "sort": "TITLE"}


@pytest.mark.parametrize(
    ("change", "message", "problems"),
    [
        (
            {"id": "x"},
            "Variable $id of type ID! was provided invalid value",
            [{"path": [], "explanation": "Invalid global id 'x'"}],
        ),
        (
            {"id": None},
            "Variable $id of type ID! was provided invalid value",
            [{"path": [], "explanation": "Expected value to not be null"}],
        ),
        (
            {"names": ["available", 5, None]},
            "Variable $names of type [String!]! was provided invalid value for "
            "1 (Could not coerce value 5 to String), 2 (Expected value to not be null)",
            [
                {"path": [1], "explanation": "Could not coerce value 5 to String"},
                {"path": [2], "explanation": "Expected value to not be null"},
            ],
        ),
        (
            {"n": "ten"},
            "Variable $n of type Int was provided invalid value",
            [{"path": [], "explanation": 'Could not coerce value "ten" to Int'}],
        ),
        (
            {"flag": 1},
            "Variable $flag of type Boolean was provided invalid value",
            [{"path": [], "explanation": "Could not coerce value 1 to Boolean"}],
        ),
    ],
)
def test_a_variable_that_cannot_be(change: dict[str, Any], message: str, problems: list[Any]) -> None:
    assert "errors" not in API.ask(QUERY, **GOOD)
    reply = API.ask(QUERY, **(GOOD | change))
    assert set(reply) == {"errors"}
    (error,) = reply["errors"]
    assert error["message"] == message
    assert error["extensions"]["code"] == "INVALID_VARIABLE"
    assert error["extensions"]["problems"] == problems
    assert error["extensions"]["value"] == next(iter(change.values()))


def test_an_enum_variable_says_what_it_could_be() -> None:
    error = API.error(QUERY, **(GOOD | {"sort": "SIZE"}))
    (problem,) = error["extensions"]["problems"]
    assert problem["explanation"].startswith('Expected "SIZE" to be one of: CREATED_AT, ID')


def test_a_missing_variable_is_null() -> None:
    error = API.error(QUERY, names=["available"])
    assert error["message"] == "Variable $id of type ID! was provided invalid value"
    assert error["extensions"]["value"] is None


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    shop = API.shop
    bucket = API.service.bucket(shop, shop.app)
    reply = answer(API.service.context(shop, shop.app, "http://x"), bucket, text, {}, None)
    assert "errors" in reply or "data" in reply


@pytest.mark.parametrize(
    ("query", "name", "ok"),
    [
        ("query A{shop{name}} query B{shop{id}}", "A", True),
        ("query A{shop{name}} query B{shop{id}}", None, False),
        ("query A{shop{name}}", "C", False),
        ("query A{shop{name}}", None, True),
    ],
)
def test_the_operation_is_chosen_by_name(query: str, name: str | None, ok: bool) -> None:
    body = {"query": query, "operationName": name}
    reply = API.client.post("/admin/api/2026-10/graphql.json", json=body, headers=API.headers).json()
    assert ("data" in reply) is ok
