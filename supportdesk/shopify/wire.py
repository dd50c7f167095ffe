"""Pages of the Admin API as pydantic models, named and shaped as in the schema. Imported only where a page is read; bulk lines are in `bulk_lines`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from supportdesk.errors import AnswerUnreadable
from supportdesk.shopify.global_ids import number_of

M = TypeVar("M", bound="Wire")


def _number(value: object) -> object:
    return number_of(value) if isinstance(value, str) else value


Id = Annotated[int, BeforeValidator(_number)]
"""A global id, as the number at its end."""


class Wire(BaseModel):
    """What every model here shares: camelCase outside, unknown fields ignored."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")


class PageInfo(Wire):
    """`PageInfo` of a connection."""

    has_next_page: bool
    end_cursor: str | None = None


class Plan(Wire):
    """`ShopPlan`."""

    public_display_name: str


class Shop(Wire):
    """`Shop`."""

    name: str
    myshopify_domain: str
    iana_timezone: str
    currency_code: str
    plan: Plan | None = None


class AccessScope(Wire):
    """`AccessScope`."""

    handle: str


class Installation(Wire):
    """`AppInstallation`."""

    access_scopes: list[AccessScope]


class ShopAnswer(Wire):
    """Data of document `shop`."""

    shop: Shop
    current_app_installation: Installation


class FulfillmentService(Wire):
    """`FulfillmentService`."""

    service_name: str
    inventory_management: bool


class Address(Wire):
    """`LocationAddress`."""

    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    province_code: str | None = None
    zip: str | None = None
    country_code: str | None = None


class Location(Wire):
    """`Location`."""

    id: Id
    name: str
    is_active: bool
    fulfills_online_orders: bool
    fulfillment_service: FulfillmentService | None = None
    address: Address


class LocationPage(Wire):
    """`LocationConnection`."""

    nodes: list[Location]
    page_info: PageInfo


class LocationsAnswer(Wire):
    """Data of document `locations`."""

    locations: LocationPage


class Count(Wire):
    """`Count`."""

    count: int


class ListingCountAnswer(Wire):
    """Data of document `listing_count`."""

    product_variants_count: Count | None


class Reference(Wire):
    """Any object of which only the id was asked."""

    id: Id


class Quantity(Wire):
    """`InventoryQuantity`."""

    name: str
    quantity: int


class Level(Wire):
    """`InventoryLevel`."""

    is_active: bool
    location: Reference
    quantities: list[Quantity]


class LevelPage(Wire):
    """`InventoryLevelConnection`."""

    nodes: list[Level]
    page_info: PageInfo


class Option(Wire):
    """`SelectedOption`."""

    value: str


class Product(Wire):
    """`Product`."""

    id: Id
    handle: str
    title: str
    status: str
    is_gift_card: bool


class Item(Wire):
    """`InventoryItem`."""

    id: Id
    tracked: bool
    inventory_levels: LevelPage


class Variant(Wire):
    """`ProductVariant`."""

    id: Id
    sku: str | None = None
    barcode: str | None = None
    inventory_policy: str
    requires_components: bool
    selected_options: list[Option]
    product: Product
    inventory_item: Item


class VariantPage(Wire):
    """`ProductVariantConnection`."""

    nodes: list[Variant]
    page_info: PageInfo


class CatalogPageAnswer(Wire):
    """Data of document `catalog_page`."""

    product_variants: VariantPage


class ListingsByIdAnswer(Wire):
    """Data of document `listings_by_id`: None in place of a variant that is no more."""

    nodes: list[Variant | None]


class ChangedVariant(Wire):
    """`ProductVariant` as a mutation gives it back."""

    id: Id
    sku: str | None = None


class VariantsUpdate(Wire):
    """`ProductVariantsBulkUpdatePayload`."""

    product_variants: list[ChangedVariant] | None


class SetSkuAnswer(Wire):
    """Data of document `set_sku`; None where the store denied the whole field."""

    product_variants_bulk_update: VariantsUpdate | None


class ItemLevels(Wire):
    """`InventoryItem` with nothing but its levels."""

    inventory_levels: LevelPage


class ItemLevelsAnswer(Wire):
    """Data of document `item_levels`."""

    inventory_item: ItemLevels | None


class BulkOperation(Wire):
    """`BulkOperation`; its counters come as text."""

    id: str
    status: str
    error_code: str | None = None
    created_at: datetime
    completed_at: datetime | None = None
    object_count: int
    root_object_count: int
    file_size: int | None = None
    url: str | None = None
    query: str


class BulkOperationAnswer(Wire):
    """Data of document `bulk_operation`."""

    bulk_operation: BulkOperation | None


class BulkOperationPage(Wire):
    """`BulkOperationConnection`."""

    nodes: list[BulkOperation]


class BulkOperationsAnswer(Wire):
    """Data of document `bulk_operations`."""

    bulk_operations: BulkOperationPage


class BulkRun(Wire):
    """`BulkOperationRunQueryPayload`."""

    bulk_operation: BulkOperation | None


class BulkRunAnswer(Wire):
    """Data of document `bulk_run`."""

    bulk_operation_run_query: BulkRun


def read(model: type[M], data: dict[str, Any]) -> M:
    """`data` as `model`. Raises `AnswerUnreadable`, naming the first field that does not fit and no value."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
    raise AnswerUnreadable(f"{place} is not what the API promises.", "Update supportdesk, or try again.")
