"""The verdict of a rehearsal: as planned only where nothing is missing and nothing is unexplained; its sentences."""

from __future__ import annotations

import pytest

from supportdesk.core.rehearsal import Verdict


@pytest.mark.parametrize(
    ("found", "as_planned", "short", "says"),
    [
        (Verdict(9, 9, 0, 0, 0, 0, 3), True, "as planned", "Turned on as planned: 9 of 9 rows written as shown, 0 otherwise. 3 orders"),
        (Verdict(9, 7, 0, 4, 0, 0, 12), True, "as planned", "7 of 9 rows written as shown, 0 otherwise. 12 orders came meanwhile and moved 4 rows."),
        (Verdict(9, 5, 4, 0, 0, 0, 1, 20), False, "left before its end, 24 rows still to be settled", "So far: 5 of 9 rows"),
        (Verdict(9, 8, 0, 0, 1, 0, 0), False, "not as planned: 1 row written otherwise", "Not as planned: 8 of 9 rows"),
        (Verdict(1, 0, 1, 0, 1, 0, 1, 1), False, "not as planned: 1 row written otherwise", "1 still to come. 1 order came"),
        (Verdict(9, 8, 0, 0, 0, 1, 0), False, "not as planned: 0 rows written otherwise, 1 held", "0 otherwise, 1 held."),
        (Verdict(0, 0, 0, 0, 0, 0, 0), True, "as planned", "0 of 0 rows written as shown"),
    ],
)  # fmt: skip
def test_a_verdict(found: Verdict, as_planned: bool, short: str, says: str) -> None:
    assert found.is_as_planned == as_planned
    assert found.short == short
    assert says in found.text
