"""The exception tree: each class says what it is to a person, its docstring lists all of them, and JSON brings them back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from supportdesk import errors
from supportdesk.errors import SupportdeskError, with_code


def tree(kind: type[SupportdeskError] = SupportdeskError) -> Iterator[type[SupportdeskError]]:
    for below in kind.__subclasses__():
        if below.__module__ == errors.__name__:
            yield below
            yield from tree(below)


KINDS = list(tree())


def test_codes_and_titles_are_their_own() -> None:
    assert len({kind.code for kind in KINDS}) == len(KINDS)
    assert len({kind.title for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_stands_in_the_list_with_its_exit_code(kind: type[SupportdeskError]) -> None:
    assert errors.__doc__
    lines = [line.split() for line in errors.__doc__.splitlines()]
    (line,) = [words for words in lines if kind.__name__ in words[:4]]
    if "exit" in line:
        assert line[line.index("exit") + 1] == str(kind.exit_code)
    else:
        parents = [parent for parent in kind.__mro__ if parent in KINDS][1:]
        assert kind.exit_code == parents[0].exit_code
    assert kind.__doc__
    assert kind.title[0].isupper()
    assert not kind.title.endswith(".")
    assert kind.exit_code in {1, 2, 3, 4, 130}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_json_brings_it_back(kind: type[SupportdeskError]) -> None:
    again = with_code(kind.code, "What happened.", "What next.")
    assert type(again) is kind
    assert str(again) == f"{kind.title}: What happened. What next."


def test_a_code_of_another_version_is_a_plain_error() -> None:
    again = with_code("not_of_ours", "What happened.", "")
    assert type(again) is SupportdeskError
    assert str(again) == f"{SupportdeskError.title}: What happened."
