"""The watch of one piece of work: what is passed on, the time left, and a wish to stop that is heard at once."""

from __future__ import annotations

import threading

import pytest

from supportdesk.core.progress import Progress
from supportdesk.desk.watch import BriefWatch, WorkWatch
from supportdesk.errors import Cancelled, StoreUnreachable


class Ticks:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def heard() -> list[Progress]:
    return []


@pytest.fixture
def watch(ticks: Ticks, heard: list[Progress]) -> WorkWatch:
    return WorkWatch(heard.append, ticks)


def test_reports_of_one_phase_are_passed_on_ten_times_a_second_and_at_its_end(
    watch: WorkWatch, ticks: Ticks, heard: list[Progress]
) -> None:
    for done in range(1, 101):
        watch.report("Saving listings", done, 100)
        ticks.now += 0.01
    assert [progress.done for progress in heard][:2] == [1, 11]
    assert heard[-1].done == 100
    assert len(heard) == 11


def test_a_new_phase_or_note_is_passed_on_at_once(watch: WorkWatch, heard: list[Progress]) -> None:
    watch.report("Reading listings", 1)
    watch.report("Reading listings", 2)
    watch.report("Reading listings", 2, note="The store asks us to wait 2 s")
    watch.report("Counting")
    assert [(progress.phase, progress.note) for progress in heard] == [
        ("Reading listings", ""),
        ("Reading listings", "The store asks us to wait 2 s"),
        ("Counting", ""),
    ]


def test_the_time_left_is_told_once_there_is_something_to_tell_it_from(
    watch: WorkWatch, ticks: Ticks, heard: list[Progress]
) -> None:
    watch.report("Saving listings", 100, 1000)
    ticks.now += 0.5
    watch.report("Saving listings", 200, 1000)
    ticks.now += 1.5
    watch.report("Saving listings", 500, 1000)
    ticks.now += 1
    watch.report("Saving listings", 1000, 1000)
    watch.report("Counting")
    assert [progress.seconds_left for progress in heard] == [None, None, 2.5, 0.0, None]


def test_a_wish_to_stop_ends_the_work_and_a_wait_under_way(watch: WorkWatch) -> None:
    watch.check()
    watch.wait(0)
    waiting = threading.Timer(0, watch.cancel)
    waiting.start()
    with pytest.raises(Cancelled):
        watch.wait(60)
    waiting.join()
    with pytest.raises(Cancelled, match="as it was"):
        watch.check()


def test_patience_that_ends_names_no_reason_it_does_not_know() -> None:
    """It ends where nobody answers too, and then no store asked anybody to wait."""
    with pytest.raises(StoreUnreachable, match="no good answer in time"):
        BriefWatch(5).wait(1)
    with pytest.raises(StoreUnreachable, match="no good answer in time"):
        BriefWatch(5, waits=True).wait(6)
