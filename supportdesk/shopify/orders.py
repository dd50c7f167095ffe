"""Orders found and read: by when they changed, by what they still hold, by id. What the answers mean is in `order_mapping`.

Searches give ids alone, for they lag; each order is then read by its id, which lags never and costs the same for one as for 25
(`reference/shopify.md` §3, §7).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from supportdesk.core.looks import OrdersLook
from supportdesk.core.progress import Watch
from supportdesk.shopify import wire_orders as wire
from supportdesk.shopify.answers import Answer
from supportdesk.shopify.catalog_pages import next_page
from supportdesk.shopify.client import AdminClient
from supportdesk.shopify.global_ids import global_id
from supportdesk.shopify.order_mapping import NOT_HOLDING
from supportdesk.shopify.order_pages import MOST_ORDERS, Since, following, read_orders
from supportdesk.shopify.order_pages import since as began_with
from supportdesk.shopify.wire import read

OBJECTS_A_WINDOW: Final = 20_000
"""After as many a search starts anew behind the last one: paging ends at 25,000 objects (`reference/shopify.md` §3)."""


def timestamp(second: int) -> str:
    """A second since 1970 as a search filter takes it, quoted."""
    return f"'{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%SZ}'"


def read_changed_orders(client: AdminClient, since: int, watch: Watch) -> Iterator[OrdersLook]:
    """Orders created or updated at `since` or later, the least recently updated first; one empty look where there are none."""
    after: str | None = None
    done = 0
    while True:
        watch.check()
        variables = {"search": f"updated_at:>={timestamp(since)}", "after": after}
        answer = client.ask("orders_changed", variables, watch)
        page = read(wire.OrdersChangedAnswer, answer.data).orders
        yield read_orders(client, [node.id for node in page.nodes], watch, began_with(answer))
        after = next_page(page.page_info, after)
        if after is None:
            return
        done += len(page.nodes)
        if done >= OBJECTS_A_WINDOW and page.nodes[-1].updated_at > since:
            since, after, done = page.nodes[-1].updated_at, None, 0


def read_moved_orders(client: AdminClient, since: int, watch: Watch) -> Iterator[int]:
    """Ids of orders with a fulfilment order updated at `since` or later, closed ones too; each once."""
    seen: set[int] = set()
    after: str | None = None
    done = 0
    while True:
        watch.check()
        variables = {"search": f"updated_at:>={timestamp(since)}", "after": after}
        answer = client.ask("orders_moved", variables, watch)
        page = read(wire.OrdersMovedAnswer, answer.data).fulfillment_orders
        for node in page.nodes:
            if node.order_id not in seen:
                seen.add(node.order_id)
                yield node.order_id
        after = next_page(page.page_info, after)
        if after is None:
            return
        done += len(page.nodes)
        if done >= OBJECTS_A_WINDOW and page.nodes[-1].updated_at > since:
            since, after, done = page.nodes[-1].updated_at, None, 0


def read_open_orders(
    client: AdminClient, watch: Watch, item_ids: frozenset[int] | None = None
) -> Iterator[OrdersLook]:
    """Every order of which something is still to be sent, or those of them that hold an item of `item_ids`.

    Found through fulfilment orders that are not closed: no filter of orders says it for certain. `status:open` leaves archived
    orders out that still hold units, `fulfillment_status` has no word for all, `sku` is a search for words of a SKU that may
    have changed since. The first look is empty and says when the search began.
    """
    seen: set[int] = set()
    waiting: list[int] = []
    started: Since | None = None
    for answer, page in _open_fulfillment_orders(client, watch):
        if started is None:
            started = began_with(answer)
            yield OrdersLook((), started.date, started.took)
        for node in page:
            if node.order_id not in seen and _holds(client, node, item_ids, watch):
                seen.add(node.order_id)
                waiting.append(node.order_id)
        while len(waiting) >= MOST_ORDERS:
            yield _open_look(client, waiting[:MOST_ORDERS], started, watch)
            del waiting[:MOST_ORDERS]
    if waiting and started is not None:
        yield _open_look(client, waiting, started, watch)


def _open_look(client: AdminClient, ids: Sequence[int], began: Since, watch: Watch) -> OrdersLook:
    """A look without those that were sent, cancelled or deleted since the search found them."""
    look = read_orders(client, ids, watch, began)
    return OrdersLook(tuple(found for found in look.orders if found.open), look.date, look.took)


def _open_fulfillment_orders(
    client: AdminClient, watch: Watch
) -> Iterator[tuple[Answer, list[wire.OpenFulfillmentOrder]]]:
    after: str | None = None
    search: str | None = None
    done = 0
    while True:
        watch.check()
        answer = client.ask("open_fulfillment_orders", {"search": search, "after": after}, watch)
        page = read(wire.OpenFulfillmentOrdersAnswer, answer.data).fulfillment_orders
        yield answer, page.nodes
        after = next_page(page.page_info, after)
        if after is None:
            return
        done += len(page.nodes)
        if done >= OBJECTS_A_WINDOW:
            search, after, done = f"id:>{page.nodes[-1].id}", None, 0


def _holds(
    client: AdminClient, one: wire.OpenFulfillmentOrder, item_ids: frozenset[int] | None, watch: Watch
) -> bool:
    if one.status in NOT_HOLDING:
        return False
    if item_ids is not None and not any(
        held.inventory_item_id in item_ids for held in one.line_items.nodes if held.remaining_quantity
    ):
        owner = global_id("FulfillmentOrder", one.id)
        rest = following(client, one.line_items, "open_fulfillment_order_lines", wire.HeldLine, owner, watch)
        return any(held.inventory_item_id in item_ids and held.remaining_quantity for held in rest)
    return True
