"""The worker's log, rotated and safe to print, and what it says it cannot do, even on a full disk."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from supportdesk.desk import Desk, worker_files
from supportdesk.desk.worker_files import TroubleFile, logging_to, troubles, troubles_path
from supportdesk.paths import Home, make_folder
from supportdesk.settings import Settings

LOG = logging.getLogger("supportdesk.sync.worker")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(Home(tmp_path / "a home"), Settings(keyring=False))
    make_folder(desk.home.root)
    return desk


def test_the_log_is_rotated_and_safe_to_print(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_files, "LOG_BYTES", 2000)
    before = logging.getLogger("supportdesk").level
    with logging_to(desk):
        LOG.debug("not kept")
        for number in range(200):
            LOG.warning("%s: order %d", "Mug\x1b]52;c;evil\x07\u202e", number)
        try:
            raise ValueError("a\x1b[31mred")
        except ValueError:
            LOG.exception("it\nbroke")
    LOG.warning("after it: not kept")
    assert logging.getLogger("supportdesk").level == before
    files = sorted(desk.home.logs.iterdir())
    assert len(files) == 1 + worker_files.LOGS
    assert all(path.stat().st_size <= 2000 + 500 for path in files)
    text = "".join(path.read_text() for path in files)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "order 199" in text
    assert "order 0\n" not in text, "the oldest are gone"
    assert "not kept" not in text
    assert text.count("ValueError") >= 1
    line = (desk.home.logs / "worker.log").read_text().splitlines()[0]
    assert line[10] == "T"
    assert line[23] == "Z"


def test_where_no_log_can_be_written_work_goes_on(desk: Desk) -> None:
    desk.home.logs.write_text("a file in its way")
    with logging_to(desk):
        LOG.warning("unheard")


def test_troubles_are_said_within_the_room_taken_before(desk: Desk) -> None:
    path = troubles_path(desk)
    assert troubles(desk) == {}
    with TroubleFile(path) as told:
        size = path.stat().st_size
        assert oct(path.stat().st_mode)[-3:] == "600"
        told.say({("kestrel", 1): "The disk is full.", ("other", 2): "Ü" * 5000})
        assert troubles(desk) == {("kestrel", 1): "The disk is full.", ("other", 2): "Ü" * 500}
        told.say({(f"account-{number}", number): "x" * 500 for number in range(300)})
        assert path.stat().st_size == size
        assert 0 < len(troubles(desk)) < 300
        told.say({})
        assert troubles(desk) == {}
    assert not path.exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'[["a"]]', b'[["a", "b", "c"]]'])
def test_what_cannot_be_read_says_nothing(desk: Desk, content: bytes) -> None:
    troubles_path(desk).write_bytes(content)
    assert troubles(desk) == {}


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_home_that_cannot_be_written_is_no_reason_to_fail(desk: Desk) -> None:
    desk.home.root.chmod(0o500)
    with TroubleFile(troubles_path(desk)) as told:
        told.say({("kestrel", 1): "It is."})
