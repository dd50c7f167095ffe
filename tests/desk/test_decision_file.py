"""Decisions read out of files: whatever a SKU holds comes back, a row at a time, and what is wrong is named by its row."""

from __future__ import annotations

import csv
import io
import json
import os
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from supportdesk.core.duplicates import Choice
from supportdesk.core.spreadsheet import guarded
from supportdesk.core.text import safe_text
from supportdesk.desk import json_rows
from supportdesk.desk.decision_file import AS_TEXT, ESCAPED, escaped, read_decisions, shown
from supportdesk.errors import WrongUsage

HOSTILE = st.text(
    st.sampled_from("aZ0 =+-@'\"\\,;{}\t\r\n\x00\x1b\x7f\x9b\u200b\u202e\u2028\ufe0f\U0001f9e2<>U") | st.characters(codec="utf-8"),
    min_size=1,
    max_size=12,
)  # fmt: skip


def written(folder: Path, *rows: dict[str, str], over: dict[str, str] | None = None) -> Path:
    """The rows as `duplicates --csv` writes them, each cell in `over` written over by hand."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((AS_TEXT, "decision", "note", ESCAPED))
    for row in rows:
        cells = {name: shown(guarded(cell)) for name, cell in row.items()} | (over or {})
        real = escaped(row)
        writer.writerow((*cells.values(), json.dumps(real) if real else ""))
    for line in text.getvalue().split("\n"):
        assert safe_text(line) == line, "it may be shown in a terminal"
    file = folder / "d.csv"
    file.write_bytes(text.getvalue().encode())
    return file


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sku=HOSTILE, listing=HOSTILE, note=HOSTILE)
@example(sku="\\x1b", listing="<U+202E>", note="x")
@example(sku="=1+1", listing="x", note="@x")
def test_whatever_a_row_holds_comes_back(tmp_path: Path, sku: str, listing: str, note: str) -> None:
    # A listing's name is read without space around it, and `oldest` is a rule.
    listing = f"h/{listing}."
    ((read, said),) = read_decisions(
        written(tmp_path, {"sku": sku, "decision": f"shared by {listing}", "note": note})
    )
    assert (read, said.choice, said.note) == (sku, Choice("shared", "listing", listing), note)


def test_what_is_written_over_a_cell_is_what_counts(tmp_path: Path) -> None:
    row = {"sku": "A\x1b", "decision": "shared by h\x1b/x", "note": "n\x7f"}
    ((sku, said),) = read_decisions(written(tmp_path, row, over={"decision": "split", "note": ""}))
    assert (sku, said.choice, said.note) == ("A\x1b", Choice("split"), None)
    ((sku, _),) = read_decisions(written(tmp_path, row, over={"sku": "B"}))
    assert sku == "B"


@pytest.mark.parametrize("cell", ["{", "[1]", '{"sku": 7}', '"x"', "[" * 100_000])
def test_a_spoilt_escape_is_named(tmp_path: Path, cell: str) -> None:
    file = tmp_path / "d.csv"
    file.write_text(f'{AS_TEXT},decision,{ESCAPED}\nA,split,"{cell.replace(chr(34), chr(34) * 2)}"\n')
    with pytest.raises(WrongUsage, match=r"row 2 of d\.csv: its cell 'escaped'"):
        list(read_decisions(file))


@pytest.mark.parametrize("name", ["sku", "decision", "note"])
def test_half_a_surrogate_pair_is_no_text(tmp_path: Path, name: str) -> None:
    file = tmp_path / "d.json"
    file.write_text(json.dumps([{"sku": "A", "decision": "split"} | {name: "\udcff"}]))
    with pytest.raises(WrongUsage, match=r"row 1 of d\.json: its (SKU|decision|note) is not valid text"):
        list(read_decisions(file))


ROWS = 200_000
FORMS = {
    "csv": ("sku,decision\n", [f"SKU-{number},split\n" for number in range(ROWS)], ""),
    "json": ("[", [f'{"," if number else ""}{{"sku": "SKU-{number}", "decision": "split"}}\n' for number in range(ROWS)], "]"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_rows_come_while_the_file_is_still_being_written(tmp_path: Path, form: str) -> None:
    """A pipe holds some of it, and the one who writes waits: so no more than that was read for the first row."""
    pipe = tmp_path / f"d.{form}"
    os.mkfifo(pipe)
    head, lines, tail = FORMS[form]
    done = threading.Event()

    def write() -> None:
        with pipe.open("w") as stream:
            stream.write(head + "".join(lines) + tail)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    rows = read_decisions(pipe)
    assert next(rows)[0] == "SKU-0"
    assert not done.is_set()
    assert [sku for sku, _ in rows] == [f"SKU-{number}" for number in range(1, ROWS)]
    writer.join(10)
    assert done.is_set()


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(rows=st.lists(values, max_size=6), indent=st.none() | st.integers(0, 2), piece=st.integers(1, 9))
def test_json_in_pieces_is_json(rows: list[object], indent: int | None, piece: int) -> None:
    class InPieces(io.StringIO):
        def read(self, size: int | None = -1) -> str:
            return super().read(piece)

    text = " " + json.dumps(rows, indent=indent, ensure_ascii=False) + "\n"
    assert list(json_rows.json_rows(Path("d.json"), InPieces(text))) == rows


@pytest.mark.parametrize(
    "text", ["", "[", "[1", "[1,", "[1,]", "[1 2]", "[1]]", "[1] x", "[x]", "[,1]", '["a', "[tru", "[1}", "{}", '{"a": 1}']
)  # fmt: skip
def test_what_is_no_json_list_is_refused(text: str) -> None:
    with pytest.raises(WrongUsage, match=r"d\.json is (no JSON|not a list)"):
        list(json_rows.json_rows(Path("d.json"), io.StringIO(text)))


def test_a_row_without_end_is_not_held_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "LONGEST", 1 << 17)

    head = io.StringIO('["')

    class Endless(io.StringIO):
        def read(self, size: int | None = -1) -> str:
            return head.read() or "x" * (size or 1)

    text = Endless()
    with pytest.raises(WrongUsage, match="no JSON"):
        list(json_rows.json_rows(Path("d.json"), text))
