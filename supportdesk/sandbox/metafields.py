"""Metafields of the app's own, on the shop and on the app's installation: set with compare-and-swap, read, deleted.

Only the app that set them sees them: those on the installation by their owner, those on the shop by the reserved
namespace `$app`. Metafields that other owners share are not here.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from supportdesk.sandbox.access import App
from supportdesk.sandbox.context import Context
from supportdesk.sandbox.fields import Arguments, Resolver, of, parts_of
from supportdesk.sandbox.gid import gid, parse_gid
from supportdesk.sandbox.memory import Payload
from supportdesk.sandbox.paging import ByNumber, Connection, Ordered, page
from supportdesk.sandbox.problems import array_too_long
from supportdesk.sandbox.store import SandboxShop

_MOST: Final = 25
"""Metafields in one call."""
_TYPES: Final = (
    "single_line_text_field",
    "multi_line_text_field",
    "json",
    "number_integer",
    "boolean",
    "date_time",
)
_RESERVED: Final = "$app"
_STALE: Final = (
    "The resource has been updated since it was loaded. Try again with an updated `compareDigest` value."
)

Error = dict[str, Any]


@dataclass(slots=True)
class MetafieldRecord:
    """A metafield; `owner` is the global id of what it hangs on."""

    id: int
    owner: str
    namespace: str
    key: str
    type: str
    value: str
    created_at: str
    updated_at: str

    @property
    def compare_digest(self) -> str:
        """What tells one state of it from another."""
        said = "\x1f".join((self.namespace, self.key, self.type, self.value))
        return hashlib.sha256(said.encode()).hexdigest()


def _kept(context: Context) -> dict[tuple[str, str, str], MetafieldRecord]:
    return context.shop.metafields


def _owner(record: Any, context: Context) -> str:
    if isinstance(record, SandboxShop):
        return gid("Shop", record.facts.number)
    return gid("AppInstallation", context.app.number + 1)


def _namespace(app: App, owner: str, namespace: str | None) -> str | None:
    """The namespace as it is kept, None for one the app may not use there."""
    if namespace is None or namespace == _RESERVED or namespace.startswith(f"{_RESERVED}:"):
        rest = (namespace or _RESERVED).removeprefix(_RESERVED).replace(":", "--")
        return f"app--{app.number}{rest}"
    return namespace if "/AppInstallation/" in owner else None


# --- reading -------------------------------------------------------------------------------------------------------


def _one(record: Any, context: Context, arguments: Arguments) -> MetafieldRecord | None:
    owner = _owner(record, context)
    namespace = _namespace(context.app, owner, arguments.get("namespace"))
    return _kept(context).get((owner, namespace or "", arguments["key"]))


def _all(record: Any, context: Context, arguments: Arguments) -> Connection:
    owner = _owner(record, context)
    namespace = arguments.get("namespace")
    wanted = None if namespace is None else _namespace(context.app, owner, namespace)
    keys = arguments.get("keys")
    found = [
        one
        for one in _kept(context).values()
        if one.owner == owner
        and (owner != _owner(context.shop, context) or one.namespace.startswith(f"app--{context.app.number}"))
        and (namespace is None or one.namespace == wanted)
        and (keys is None or one.key in keys or f"{one.namespace}.{one.key}" in keys)
    ]
    ordered = Ordered(ByNumber([one.id for one in found]), found.__getitem__)
    return page(ordered, dict(arguments), whole=context.whole)


# --- writing -------------------------------------------------------------------------------------------------------


def _error(at: int, name: str | None, message: str, code: str) -> Error:
    field = ["metafields", str(at), *([name] if name else [])]
    return {"field": field, "message": message, "code": code, "elementIndex": None}


def _value_error(kind: str, value: str) -> str:
    """Why a value is none of its type, '' for one that is."""
    try:
        match kind:
            case "json":
                json.loads(value)
            case "number_integer":
                int(value)
            case "boolean" if value not in ("true", "false"):
                return "Value must be true or false."
            case "single_line_text_field" if "\n" in value:
                return "Value must be a single line text string."
    except ValueError:
        return "Value is invalid JSON." if kind == "json" else "Value must be an integer."
    return ""


def _judge(context: Context, given: Mapping[str, Any], at: int) -> tuple[MetafieldRecord | None, list[Error]]:
    """The metafield as it would become, or what is wrong with it."""
    owner = given["ownerId"]
    if owner not in (_owner(context.shop, context), _owner(None, context)):
        return None, [_error(at, "ownerId", "Owner does not exist.", "INVALID")]
    namespace = _namespace(context.app, owner, given.get("namespace"))
    if namespace is None:
        said = "Access to this namespace and key on Metafields for this resource type is not allowed."
        return None, [_error(at, "namespace", said, "APP_NOT_AUTHORIZED")]
    if not re.fullmatch(r"[A-Za-z0-9_-]{2,64}", given["key"]):
        return None, [_error(at, "key", "Key is invalid.", "INVALID")]
    before = _kept(context).get((owner, namespace, given["key"]))
    kind = given.get("type") or (before.type if before else None)
    if kind is None:
        return None, [_error(at, "type", "Type can't be blank", "BLANK")]
    if kind not in _TYPES:
        said = f"Type must be one of the following: {', '.join(_TYPES)}."
        return None, [_error(at, "type", said, "INCLUSION")]
    if not given["value"]:
        return None, [_error(at, "value", "may not be empty", "BLANK")]
    if said := _value_error(kind, given["value"]):
        return None, [_error(at, "value", said, "INVALID_VALUE")]
    # A digest of null says that there must be none yet; without one nothing is compared.
    if "compareDigest" in given and given["compareDigest"] != (before.compare_digest if before else None):
        return None, [_error(at, None, _STALE, "STALE_OBJECT")]
    now = context.shop.stamp()
    number = before.id if before else 0
    created = before.created_at if before else now
    return MetafieldRecord(number, owner, namespace, given["key"], kind, given["value"], created, now), []


def _set(root: Any, context: Context, arguments: Arguments) -> Payload:
    entries = arguments["metafields"]
    if len(entries) > _MOST:
        raise array_too_long(len(entries), ["metafieldsSet", "metafields"], _MOST)
    errors, wanted = list[Error](), list[MetafieldRecord]()
    for at, given in enumerate(entries):
        made, wrong = _judge(context, given, at)
        errors += wrong
        if made is not None:
            wanted.append(made)
    if errors:
        return {"metafields": [], "userErrors": errors}
    for one in wanted:
        one.id = one.id or context.shop.new_id("Metafield")
        _kept(context)[one.owner, one.namespace, one.key] = one
    return {"metafields": wanted, "userErrors": []}


def _delete(root: Any, context: Context, arguments: Arguments) -> Payload:
    gone: list[dict[str, str] | None] = []
    for given in arguments["metafields"]:
        namespace = _namespace(context.app, given["ownerId"], given["namespace"])
        place = (given["ownerId"], namespace or "", given["key"])
        mine = parse_gid(given["ownerId"]) is not None and place in _kept(context)
        if mine:
            del _kept(context)[place]
        gone.append({"ownerId": place[0], "namespace": place[1], "key": place[2]} if mine else None)
    return {"deletedMetafields": gone, "userErrors": []}


METAFIELD_MUTATIONS: Final[dict[str, Resolver]] = {"metafieldsSet": _set, "metafieldsDelete": _delete}

HAS_METAFIELDS: Final[dict[str, Resolver]] = {"metafield": _one, "metafields": _all}

METAFIELD_FIELDS: Final[dict[str, dict[str, Resolver]]] = {
    "Metafield": {
        "id": of("Metafield"),
        "legacyResourceId": lambda one, context, arguments: one.id,
        "jsonValue": lambda one, context, arguments: (
            json.loads(one.value) if one.type in ("json", "number_integer", "boolean") else one.value
        ),
        "sizeInBytes": lambda one, context, arguments: len(one.value.encode()),
        **parts_of("compareDigest", "createdAt", "key", "namespace", "type", "updatedAt", "value"),
    }
}
