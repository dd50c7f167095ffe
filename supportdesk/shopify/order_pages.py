"""Orders read by id, whole: the pages of their lines, fulfilment orders, refunds and returns are followed. How orders are found is in `orders`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from supportdesk.core.looks import FoundOrder, OrdersLook
from supportdesk.core.progress import Watch
from supportdesk.errors import AnswerUnreadable
from supportdesk.shopify import wire_orders as wire
from supportdesk.shopify.answers import Answer
from supportdesk.shopify.catalog_pages import next_page
from supportdesk.shopify.client import AdminClient
from supportdesk.shopify.global_ids import global_id
from supportdesk.shopify.order_mapping import found_order, gone_order
from supportdesk.shopify.wire import PageInfo, Wire, read

T = TypeVar("T")
W = TypeVar("W", bound=Wire)

MOST_ORDERS: Final = 25
"""Orders in one request."""
MOST_LISTED: Final = 250
"""Fulfilments, and refunds, of one order: lists without pages."""
READINGS: Final = 4
"""Of an order that does not fit on its first pages, at most, until two agree."""
_END: Final = PageInfo.model_construct(has_next_page=False, end_cursor=None)


@dataclass(frozen=True, slots=True)
class Since:
    """When a look began: everything the store had made known by then is in it."""

    date: int
    took: float

    def until(self, date: int) -> float:
        """Seconds from then to a later answer, its own included."""
        return max(0, date - self.date) + self.took


def since(answer: Answer) -> Since:
    """That a look began with this answer. Raises `AnswerUnreadable` where it says no time."""
    return Since(answer.second, answer.seconds)


def read_orders(
    client: AdminClient, ids: Sequence[int], watch: Watch, began: Since | None = None
) -> OrdersLook:
    """These orders, `MOST_ORDERS` at most, as they are now; one that is no more comes back as gone.

    `began` says when they were searched for, where the look began with that. Raises what `errors` names, and ValueError for
    more orders, or for none without `began`.
    """
    if len(ids) > MOST_ORDERS:
        raise ValueError(f"at most {MOST_ORDERS} orders are read at once")
    if not ids:
        if began is None:
            raise ValueError("no orders to read")
        return OrdersLook((), began.date, began.took)
    answer, nodes = _nodes(client, ids, watch)
    began = began or since(answer)
    found: list[FoundOrder] = []
    for number, node in zip(ids, nodes, strict=True):
        whole = node if node is None or _is_whole(node) else _agreed(client, node, watch)
        found.append(gone_order(number) if whole is None else found_order(whole))
    # Pages that were followed may show what happened after the first answer.
    date = max(answer.second, client.store_second or 0)
    return OrdersLook(tuple(found), date, began.until(date))


def _nodes(client: AdminClient, ids: Sequence[int], watch: Watch) -> tuple[Answer, list[wire.Order | None]]:
    answer = client.ask("orders_by_id", {"ids": [global_id("Order", number) for number in ids]}, watch)
    nodes = read(wire.OrdersByIdAnswer, answer.data).nodes
    if len(nodes) != len(ids):
        raise AnswerUnreadable("The store answered for another number of orders than asked.", "Try again.")
    for node in nodes:
        if node is not None and max(len(node.fulfillments), len(node.refunds)) >= MOST_LISTED:
            said = f"Order {node.name[:40]} has {MOST_LISTED} fulfilments or refunds, or more."
            raise AnswerUnreadable(said, "Please report this: supportdesk cannot read it whole.")
    return answer, nodes


def _is_whole(order: wire.Order) -> bool:
    pages: list[wire.Page[Any]] = [
        order.line_items,
        order.agreements,
        order.fulfillment_orders,
        order.returns,
    ]
    pages += [one.line_items for one in order.fulfillment_orders.nodes]
    pages += [one.fulfillment_line_items for one in order.fulfillments]
    pages += [one.refund_line_items for one in order.refunds]
    for each in order.returns.nodes:
        pages.append(each.reverse_fulfillment_orders)
        pages += [one.line_items for one in each.reverse_fulfillment_orders.nodes]
    return not any(page.page_info.has_next_page for page in pages)


def _agreed(client: AdminClient, order: wire.Order, watch: Watch) -> wire.Order | None:
    """An order with all its pages, read until two readings agree: what moves between two pages would be seen twice, or not at all.

    One that never stands still is told as it was last seen: what that got wrong the next look puts right. None where it is no more.
    """
    seen = _whole(client, order, watch)
    for _ in range(READINGS - 1):
        _, (again,) = _nodes(client, [order.id], watch)
        if again is None:
            return None
        now = _whole(client, again, watch)
        if now == seen:
            return now
        seen = now
    return seen


def _whole(client: AdminClient, order: wire.Order, watch: Watch) -> wire.Order:
    """The order with every page of it followed."""
    pages = _Pages(client, watch)
    mine = global_id("Order", order.id)
    returns = pages.all_of(order.returns, "order_returns", wire.Return, mine)
    holding = pages.all_of(order.fulfillment_orders, "order_fulfillment_orders", wire.FulfillmentOrder, mine)
    return order.model_copy(
        update={
            "line_items": _page(pages.all_of(order.line_items, "order_lines", wire.OrderLine, mine)),
            "agreements": _page(pages.all_of(order.agreements, "order_agreements", wire.Agreement, mine)),
            "fulfillment_orders": _page([pages.fulfillment_order(one) for one in holding]),
            "fulfillments": [pages.fulfillment(one) for one in order.fulfillments],
            "refunds": [pages.refund(one) for one in order.refunds],
            "returns": _page([pages.returned(one) for one in returns]),
        }
    )


def _page(nodes: list[W]) -> wire.Page[W]:
    return wire.Page[W].model_construct(nodes=nodes, page_info=_END)


class _Pages:
    """Follows the pages of one order's parts."""

    def __init__(self, client: AdminClient, watch: Watch) -> None:
        self._client = client
        self._watch = watch

    def all_of(self, page: wire.Page[W], document: str, kind: type[W], owner: str) -> list[W]:
        """What stands on this page and on those after it."""
        return [*page.nodes, *following(self._client, page, document, kind, owner, self._watch)]

    def fulfillment_order(self, one: wire.FulfillmentOrder) -> wire.FulfillmentOrder:
        owner = global_id("FulfillmentOrder", one.id)
        lines = self.all_of(one.line_items, "order_fulfillment_order_lines", wire.FulfillmentOrderLine, owner)
        return one.model_copy(update={"line_items": _page(lines)})

    def fulfillment(self, one: wire.Fulfillment) -> wire.Fulfillment:
        owner = global_id("Fulfillment", one.id)
        lines = self.all_of(
            one.fulfillment_line_items, "order_fulfillment_lines", wire.FulfillmentLine, owner
        )
        return one.model_copy(update={"fulfillment_line_items": _page(lines)})

    def refund(self, one: wire.Refund) -> wire.Refund:
        owner = global_id("Refund", one.id)
        lines = self.all_of(one.refund_line_items, "order_refund_lines", wire.RefundLine, owner)
        return one.model_copy(update={"refund_line_items": _page(lines)})

    def returned(self, one: wire.Return) -> wire.Return:
        owner, page = global_id("Return", one.id), one.reverse_fulfillment_orders
        parts = self.all_of(page, "order_return_parts", wire.ReverseFulfillmentOrder, owner)
        return one.model_copy(
            update={"reverse_fulfillment_orders": _page([self._reverse(part) for part in parts])}
        )

    def _reverse(self, one: wire.ReverseFulfillmentOrder) -> wire.ReverseFulfillmentOrder:
        owner = global_id("ReverseFulfillmentOrder", one.id)
        lines = self.all_of(one.line_items, "order_return_lines", wire.ReverseLine, owner)
        return one.model_copy(update={"line_items": _page(lines)})


def following(
    client: AdminClient, page: wire.Page[W], document: str, kind: type[W], owner: str, watch: Watch
) -> Iterator[W]:
    """What stands on the pages after this one, asked of `owner` (a global id) by `document`; nothing more once the owner is gone."""
    after = next_page(page.page_info, None)
    while after is not None:
        watch.check()
        data = client.execute(document, {"id": owner, "after": after}, watch)
        node = read(_rest_of(kind), data).node
        if node is None:
            return
        yield from node.page.nodes
        after = next_page(node.page.page_info, after)


def _rest_of(kind: type[W]) -> type[wire.RestAnswer[W]]:
    model: type[wire.RestAnswer[W]] = wire.RestAnswer[kind]  # type: ignore[valid-type]
    return model
