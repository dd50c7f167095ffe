from __future__ import annotations

import errno
import os
import shutil
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from supportdesk.errors import BulkOperationFailed, Cancelled, DiskFull, StoreError, StoreUnreachable
from supportdesk.shopify.download import FRUITLESS_TRIES, Download
from supportdesk.waiting import noted
from tests.shopify.replies import RecordingWatch

URL = "https://storage.googleapis.com/bulk/file.jsonl?signed=1"
CONTENT = bytes(range(256)) * 12_000


class Broken(httpx.SyncByteStream):
    """Sends some bytes, then the connection drops."""

    def __init__(self, content: bytes, error: Exception | None = None) -> None:
        self._content = content
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        yield from (self._content[at : at + 65536] for at in range(0, len(self._content), 65536))
        if self._error:
            raise self._error


DROPPED = httpx.RemoteProtocolError("peer closed connection")


class FileHost:
    """Serves `content`, honouring ranges; `limits` says after how many bytes each answer in turn drops."""

    def __init__(self, *limits: int | None, content: bytes = CONTENT, tag: str = '"v1"') -> None:
        self.requests: list[httpx.Request] = []
        self._limits = list(limits)
        self._content = content
        self._tag = tag

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        limit = self._limits.pop(0) if self._limits else None
        asked = request.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        if start and request.headers.get("If-Range", self._tag) != self._tag:
            start = 0
        rest = self._content[start:]
        headers = {"Content-Length": str(len(rest)), "ETag": self._tag}
        if start:
            end = len(self._content) - 1
            headers["Content-Range"] = f"bytes {start}-{end}/{len(self._content)}"
        stream = Broken(rest) if limit is None else Broken(rest[:limit], DROPPED)
        return httpx.Response(206 if start else 200, headers=headers, stream=stream)

    @property
    def starts(self) -> list[str]:
        return [request.headers.get("Range", "all") for request in self.requests]


def fetch(
    host: Callable[[httpx.Request], httpx.Response],
    spool: Path,
    size: int | None = len(CONTENT),
    watch: RecordingWatch | None = None,
) -> RecordingWatch:
    watch = watch or RecordingWatch()
    Download(URL, spool, size, False).run(noted(watch), httpx.MockTransport(host))
    return watch


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool" / "catalog.jsonl"


@pytest.mark.parametrize("size", [len(CONTENT), None])
def test_a_file_comes_whole_and_is_the_owners_alone(spool: Path, size: int | None) -> None:
    host = FileHost()
    watch = fetch(host, spool, size)
    assert spool.read_bytes() == CONTENT
    assert stat.S_IMODE(spool.stat().st_mode) == 0o600
    assert [report[1:] for report in watch.reports][-1] == (4, 4, "MB")
    assert watch.reports[-1][0] == "Downloading the store's export"
    assert host.starts == ["all"]


def test_what_an_earlier_run_left_is_replaced(spool: Path) -> None:
    spool.parent.mkdir()
    spool.write_bytes(b"older" * 1_000_000)
    fetch(FileHost(), spool)
    assert spool.read_bytes() == CONTENT


def test_a_link_in_its_place_is_not_followed(spool: Path, tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_bytes(b"keep")
    spool.parent.mkdir()
    spool.symlink_to(target)
    fetch(FileHost(), spool)
    assert target.read_bytes() == b"keep"
    assert spool.read_bytes() == CONTENT


def test_it_goes_on_where_it_broke_off(spool: Path) -> None:
    host = FileHost(100_000, 1_000_000, 0)
    watch = fetch(host, spool)
    assert spool.read_bytes() == CONTENT
    assert host.starts == ["all", "bytes=100000-", "bytes=1100000-", "bytes=1100000-"]
    assert host.requests[1].headers["If-Range"] == '"v1"'
    assert len(watch.waits) == 3
    assert "broke off" in watch.notes[0]


def test_it_is_patient_as_long_as_something_comes(spool: Path) -> None:
    host = FileHost(*[50_000] * 40)
    watch = fetch(host, spool)
    assert spool.read_bytes() == CONTENT
    assert len(host.requests) == 41
    assert max(watch.waits) <= 2


def test_it_gives_up_when_nothing_comes_any_more(spool: Path) -> None:
    host = FileHost(1000, *[0] * 50)
    with pytest.raises(StoreUnreachable) as caught:
        fetch(host, spool)
    assert len(host.requests) == 1 + FRUITLESS_TRIES
    assert caught.value.__context__ is None


def test_a_host_without_ranges_starts_again(spool: Path) -> None:
    plain = FileHost(1_000_000)

    def without_ranges(request: httpx.Request) -> httpx.Response:
        request.headers.pop("Range", None)
        return plain(request)

    fetch(without_ranges, spool)
    assert spool.read_bytes() == CONTENT


def test_a_file_that_changed_meanwhile_starts_again(spool: Path) -> None:
    old, new = FileHost(1_000_000), FileHost(tag='"v2"', content=CONTENT[::-1])
    hosts = iter([old, new])
    fetch(lambda request: next(hosts)(request), spool)
    assert spool.read_bytes() == CONTENT[::-1]


def test_a_part_that_does_not_fit_starts_again(spool: Path) -> None:
    host = FileHost(1_000_000)
    answers = 0

    def misfit(request: httpx.Request) -> httpx.Response:
        nonlocal answers
        answers += 1
        if answers == 2:
            return httpx.Response(206, headers={"Content-Range": "bytes 5-9/10"}, content=b"wrong")
        return host(request)

    fetch(misfit, spool)
    assert spool.read_bytes() == CONTENT
    assert host.starts == ["all", "all"]


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_fault_of_the_host_is_waited_out(status: int, spool: Path) -> None:
    host, faults = FileHost(), iter([True, True, False])
    watch = fetch(lambda request: httpx.Response(status) if next(faults) else host(request), spool)
    assert spool.read_bytes() == CONTENT
    assert len(watch.waits) == 2


@pytest.mark.parametrize(
    ("host", "size", "expected", "said"),
    [
        (lambda _: httpx.Response(403), 10, BulkOperationFailed, "no longer"),
        (lambda _: httpx.Response(404), None, BulkOperationFailed, "no longer"),
        (
            lambda _: httpx.Response(302, headers={"Location": "https://evil.com"}),
            10,
            BulkOperationFailed,
            "302",
        ),
        (FileHost(content=CONTENT[:1000]), 2000, BulkOperationFailed, "1,000 of 2,000"),
        (FileHost(content=CONTENT[:3000]), 2000, BulkOperationFailed, "3,000 bytes instead of 2,000"),
        (lambda _: httpx.Response(503), 10, StoreUnreachable, "503"),
        (
            lambda _: httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Broken(b"\x1f\x8b")),
            10,
            BulkOperationFailed,
            "packed",
        ),
    ],
)
def test_a_file_that_does_not_come(
    host: Any, size: int | None, expected: type[StoreError], said: str, spool: Path
) -> None:
    with pytest.raises(expected, match=said):
        fetch(host, spool, size)


def test_a_person_can_stop_it(spool: Path) -> None:
    watch = RecordingWatch(cancel_after_waits=1)
    with pytest.raises(Cancelled):
        fetch(FileHost(1000, 1000), spool, watch=watch)


def test_a_person_can_stop_it_while_the_host_says_nothing(spool: Path) -> None:
    watch, release = RecordingWatch(), threading.Event()

    class Hang(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b"some"
            watch.cancelled = True
            release.wait(30)

    try:
        with pytest.raises(Cancelled):
            fetch(lambda _: httpx.Response(200, stream=Hang()), spool, watch=watch)
    finally:
        release.set()


@pytest.mark.parametrize(
    ("number", "expected", "said"),
    [
        (errno.ENOSPC, DiskFull, "does not fit"),
        (errno.EDQUOT, DiskFull, "does not fit"),
        (errno.EIO, BulkOperationFailed, "cannot be written"),
    ],
)
def test_a_disk_that_takes_no_more(
    number: int, expected: type[Exception], said: str, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fdopen

    def failing(*arguments: Any, **options: Any) -> Any:
        file = real(*arguments, **options)
        written = 0

        class Full:
            def __enter__(self) -> Any:
                return self

            def __exit__(self, *_: object) -> None:
                file.close()

            def __getattr__(self, name: str) -> Any:
                return getattr(file, name)

            def write(self, piece: Any) -> int:
                nonlocal written
                written += 1
                if written > 3:
                    raise OSError(number, os.strerror(number))
                return int(file.write(piece))

        return Full()

    monkeypatch.setattr(os, "fdopen", failing)
    with pytest.raises(expected, match=said) as caught:
        fetch(FileHost(), spool)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (12_345, "12 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (len(CONTENT), "3.1 MB"),
        (9_950_000, "10 MB"),
        (812_400_000, "812 MB"),
        (2_400_000_000, "2.4 GB"),
        (1_234_000_000_000, "1,234 GB"),
    ],
)
def test_too_little_room_is_told_before_anything_comes(
    size: int, said: str, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    host = FileHost()
    with pytest.raises(DiskFull) as caught:
        fetch(host, spool, size)
    assert caught.value.detail == f"The export has {said}; {spool.parent} has less room."
    assert host.requests == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BulkOperationFailed, match="cannot be written"):
        fetch(FileHost(), tmp_path / "file" / "spool.jsonl")


@pytest.mark.parametrize(
    ("url", "from_loopback"),
    [
        ("http://storage.googleapis.com/file", False),
        ("http://127.0.0.1:80/file", False),
        ("http://10.0.0.1/file", True),
        ("file:///etc/passwd", True),
        ("", False),
    ],
)
def test_an_address_that_is_not_safe_is_refused(url: str, from_loopback: bool, spool: Path) -> None:
    with pytest.raises(BulkOperationFailed, match="not safe"):
        Download(url, spool, 10, from_loopback)


def test_a_sandbox_serves_its_file_over_http(spool: Path) -> None:
    Download("http://127.0.0.1:8123/file", spool, len(CONTENT), True).run(
        noted(RecordingWatch()), httpx.MockTransport(FileHost())
    )
    assert spool.read_bytes() == CONTENT
