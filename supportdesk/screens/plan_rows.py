"""`PlanRows`: which rows of a plan are shown and in which order; reading them so, writing them so. Draws nothing; asks the doorway."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, get_args

from supportdesk.core.plan_view import PlanLine, PlanOrder, PlanShow, PlanView
from supportdesk.core.progress import Watch
from supportdesk.core.text import safe_text
from supportdesk.screens.review_words import ORDERS, SHOWN, summary_words

if TYPE_CHECKING:
    from supportdesk.screens.doorway import Doorway
    from supportdesk.screens.fetched_rows import ItemTable
    from supportdesk.screens.save_file import SaveTo

_SHOWN: Final[tuple[PlanShow, ...]] = tuple(SHOWN)
_ORDERS: Final[tuple[PlanOrder, ...]] = tuple(ORDERS)
assert set(_SHOWN) == set(get_args(PlanShow))


@dataclass(slots=True)
class PlanRows:
    """All rows at first, the worst first."""

    show: PlanShow = "all"
    order: PlanOrder = "worst"
    descending: bool = False
    place: int | None = None
    """The id of the one location whose rows are shown; None for all."""

    @property
    def next_show(self) -> PlanShow:
        """What `show_next` would show."""
        return _SHOWN[(_SHOWN.index(self.show) + 1) % len(_SHOWN)]

    @property
    def is_filtered(self) -> bool:
        """Whether rows are left out, but for a text that is typed."""
        return self.show != "all" or self.place is not None

    def show_next(self) -> None:
        """All rows, or those of one class, in turn."""
        self.show = self.next_show

    def sort(self) -> None:
        """The next order."""
        self.order = _ORDERS[(_ORDERS.index(self.order) + 1) % len(_ORDERS)]

    def reverse(self) -> None:
        """The other way round."""
        self.descending = not self.descending

    def place_next(self, plan: PlanView | None) -> None:
        """Rows of all locations, or of one, in turn."""
        ids = [place.location_id for place in plan.places] if plan is not None else []
        places: list[int | None] = [None, *ids]
        self.place = places[(places.index(self.place) + 1) % len(places)] if self.place in places else None

    def show_all(self) -> None:
        """Leave no row out."""
        self.show, self.place = "all", None

    def words(self, plan: PlanView, count: int) -> str:
        """What the table shows, on the filter's line, where `count` rows are shown."""
        places = (place.location for place in plan.places if place.location_id == self.place)
        return summary_words(plan, self.show, self.order, self.descending, safe_text(next(places, "")), count)

    def words_for_none(self, text: str) -> str:
        """What stands there where no row is shown; `text` is what is filtered by."""
        return "No row is like that." if self.is_filtered or text else "The plan has no rows."

    def reader(
        self, doorway: Doorway, handle: str, plan: PlanView, text: str
    ) -> Callable[[Watch], ItemTable[PlanLine]]:
        """What opens the rows as they are to be shown now, for a thread."""
        show, order, descending, place = self.show, self.order, self.descending, self.place
        return lambda _: doorway.open_plan_rows(
            handle, plan.id, order=order, descending=descending, show=show, location=place, text=text
        )

    def writer(
        self, doorway: Doorway, handle: str, plan: PlanView, text: str
    ) -> Callable[[SaveTo, Watch], int]:
        """What writes the rows as they are shown now to a file, for a thread; it answers how many."""
        show, order, descending, place = self.show, self.order, self.descending, self.place
        return lambda to, watch: doorway.save_plan_rows(
            *(handle, plan.id, to),
            order=order,
            descending=descending,
            show=show,
            location=place,
            text=text,
            watch=watch,
        )
