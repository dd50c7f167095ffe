"""A shop's shoppers, staff and fulfilment, each at a rate of its own; all stand still until they are given one."""

from __future__ import annotations

from collections.abc import Sequence

from supportdesk.sandbox.arrivals import Arrivals
from supportdesk.sandbox.fulfilment import FULFILMENT_KINDS, act_once
from supportdesk.sandbox.shoppers import shop_once
from supportdesk.sandbox.staff import EDIT_KINDS, edit_once
from supportdesk.sandbox.store import SandboxShop


class Life:
    """What goes on in one shop."""

    def __init__(self, shop: SandboxShop) -> None:
        self.edit_kinds: Sequence[str] = EDIT_KINDS
        self.fulfilment_kinds: Sequence[str] = FULFILMENT_KINDS
        self.shoppers = Arrivals(shop, "shoppers", lambda chance: shop_once(shop, chance))
        self.staff = Arrivals(shop, "staff", lambda chance: edit_once(shop, chance, self.edit_kinds))
        self.fulfilment = Arrivals(
            shop, "fulfilment", lambda chance: act_once(shop.order_book, chance, self.fulfilment_kinds)
        )

    def rates(self) -> dict[str, float]:
        """How often each comes, a minute."""
        return {
            "orders": self.shoppers.per_minute,
            "edits": self.staff.per_minute,
            "fulfilments": self.fulfilment.per_minute,
        }
