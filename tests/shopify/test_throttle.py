from __future__ import annotations

import pytest

from supportdesk.shopify.throttle import DEFAULT_WAIT, Throttle
from tests.shopify.replies import Clock, cost


def test_nothing_is_held_back_before_anything_is_known() -> None:
    throttle = Throttle(Clock())
    assert throttle.seconds_until_covered("shop") == 0
    assert throttle.seconds_after_refusal("shop") == DEFAULT_WAIT


def test_the_wait_is_what_the_bucket_lacks_over_its_rate_and_shrinks_as_time_passes() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    throttle.learn("catalog_page", cost(requested=507, available=7, rate=100))
    assert throttle.seconds_until_covered("catalog_page") == pytest.approx(5.0)
    assert throttle.seconds_until_covered("shop") == 0
    clock.seconds += 3
    assert throttle.seconds_until_covered("catalog_page") == pytest.approx(2.0)
    clock.seconds += 3
    assert throttle.seconds_until_covered("catalog_page") == 0
    assert throttle.seconds_after_refusal("catalog_page") == 0.5


def test_a_document_dearer_than_the_whole_bucket_waits_for_a_full_one() -> None:
    throttle = Throttle(Clock())
    throttle.learn("catalog_page", cost(requested=5000, available=0, rate=100, maximum=2000))
    assert throttle.seconds_until_covered("catalog_page") == pytest.approx(20.0)


@pytest.mark.parametrize(
    "unreadable",
    [
        None,
        "cheap",
        {"requestedQueryCost": "10"},
        {"throttleStatus": []},
        {"throttleStatus": {"maximumAvailable": 2000, "currentlyAvailable": 1, "restoreRate": 0}},
    ],
)
def test_a_cost_of_another_shape_is_ignored(unreadable: object) -> None:
    throttle = Throttle(Clock())
    throttle.learn("shop", unreadable)
    assert throttle.seconds_until_covered("shop") == 0
