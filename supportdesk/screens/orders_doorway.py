"""The part of the doorway that shows orders. As `doorway`, each call imports what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supportdesk.core.order_list import OrderShow
    from supportdesk.core.progress import Watch
    from supportdesk.desk import Desk
    from supportdesk.desk.orders import OrderTable
    from supportdesk.screens.save_file import SaveTo


class OrdersDoorway:
    """The desk's functions about orders, bound to one desk."""

    desk: Desk

    def open_orders(self, name: str, *, show: OrderShow, text: str) -> OrderTable:
        """The orders of the Orders tab, newest first, filtered so, to be closed."""
        from supportdesk.desk import orders

        return orders.open_orders(self.desk, name, show=show, text=text)

    def save_orders(self, name: str, to: SaveTo, *, show: OrderShow, text: str, watch: Watch) -> int:
        """Write the lines of the orders that a filter shows to a file; how many lines."""
        from supportdesk.desk import orders

        return orders.save_orders(
            self.desk, name, to.target, show=show, text=text, replace=to.replace, watch=watch
        )
