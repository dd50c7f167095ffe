from __future__ import annotations

import copy
import pickle

import pytest

from supportdesk.secret import Secret


def test_it_shows_itself_only_when_asked() -> None:
    secret = Secret("shpat_abc")
    assert secret.reveal() == "shpat_abc"
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret:>20}", "%s" % secret, repr([secret])):  # noqa: UP031
        assert "shpat" not in shown


def test_it_is_equal_by_content_and_true_unless_empty() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert hash(Secret("a")) == hash(Secret("a"))
    assert Secret("é") == Secret("é")
    assert not Secret("")


def test_it_is_not_written_out_with_other_objects() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret("a"))
    with pytest.raises(TypeError):
        copy.copy(Secret("a"))
