"""GraphQL documents, loaded from `documents/*.graphql`; none is written anywhere else. Nothing here sends one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal

_OPERATION: Final = re.compile(r"^(query|mutation)\s+(\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """One named operation."""

    name: str
    """The file's name without its ending."""
    operation: str
    """The name the operation has inside."""
    kind: Literal["query", "mutation"]
    text: str

    @property
    def repeatable(self) -> bool:
        """True where sending the same again does no harm: queries, and mutations that carry an idempotency key."""
        return self.kind == "query" or "@idempotent" in self.text


@cache
def document_text(name: str) -> str:
    """The text of `documents/NAME.graphql`. Raises FileNotFoundError."""
    return (files(__package__) / "documents" / f"{name}.graphql").read_text(encoding="utf-8")


@cache
def document(name: str) -> Document:
    """The operation in `documents/NAME.graphql`. Raises FileNotFoundError, or ValueError where it has no name."""
    text = document_text(name)
    found = _OPERATION.search(text)
    if found is None:
        raise ValueError(f"{name}.graphql holds no named operation")
    return Document(name, found[2], "query" if found[1] == "query" else "mutation", text)


def document_names() -> tuple[str, ...]:
    """Every document there is, sorted."""
    folder = files(__package__) / "documents"
    return tuple(sorted(entry.name.removesuffix(".graphql") for entry in folder.iterdir()))
