"""The file of a finished bulk operation, brought to disk whole, or an error. No token is sent, nothing in the file is read."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final
from urllib.parse import urlsplit

from supportdesk.errors import BulkOperationFailed, DiskFull, StoreUnreachable
from supportdesk.shopify.exchange import http_client
from supportdesk.shopify.waiting import LONGEST_WAIT, Trouble
from supportdesk.waiting import NotedWatch, abandonable, in_words

if TYPE_CHECKING:
    import httpx

FRUITLESS_TRIES: Final = 6
"""Tries in a row that brought not one byte before the trouble is told."""
_MEGABYTE: Final = 1_000_000
_PHASE: Final = "Downloading the store's export"
_AGAIN: Final = "Load again."
_MAKE_ROOM: Final = "Make room, then load again."
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class Download:
    """One file from one URL to one path, resumed where it broke off."""

    def __init__(self, url: str, spool: Path, size: int | None, from_loopback: bool) -> None:
        """`size` in bytes as the store tells it, None where it does not. `from_loopback`: a sandbox's file, over http.

        Raises `BulkOperationFailed` for an address that is neither https nor a sandbox's.
        """
        parts = urlsplit(url)
        allowed = parts.scheme == "https" or (
            from_loopback and parts.scheme == "http" and parts.hostname in _LOOPBACK
        )
        if not allowed:
            raise BulkOperationFailed("The store names a file at an address that is not safe.", _AGAIN)
        self._url = url
        self._host = parts.hostname or "the store"
        self._through_proxy = not from_loopback
        self._spool = spool
        self._size = size
        self._whole = size
        """Bytes of the whole file, from the store or from the reply."""
        self._fruitless = 0
        self._stamp = ""
        """The file's entity tag, so that two versions of it are never joined."""

    def run(self, watch: NotedWatch, transport: httpx.BaseTransport | None = None) -> None:
        """Write the whole file to the spool, replacing what was there, readable by its owner only.

        Reports MB. Raises `BulkOperationFailed` (link ended, half a file), `StoreUnreachable`, `DiskFull`, `Cancelled`.
        """
        from tenacity import Retrying, retry_if_exception_type, wait_random

        watch.report(_PHASE, 0, self._megabytes(), unit="MB")
        jitter = wait_random(0, 1)
        retrying = Retrying(
            retry=retry_if_exception_type(Trouble),
            wait=lambda state: min(LONGEST_WAIT, 2.0**self._fruitless) + jitter(state),
            stop=lambda _: self._fruitless >= FRUITLESS_TRIES,
            before_sleep=lambda state: watch.note(
                f"The download broke off; going on in {in_words(state.upcoming_sleep)}"
            ),
            sleep=watch.wait,
            reraise=True,
        )
        with (
            self._open() as file,
            http_client(self._through_proxy, transport, {"Accept-Encoding": "identity"}) as http,
        ):
            try:
                retrying(lambda: self._go_on(http, file, watch))
            except Trouble as trouble:
                error = trouble.error
            else:
                return
        raise error

    def _open(self) -> BinaryIO:
        try:
            self._spool.parent.mkdir(parents=True, exist_ok=True)
            if self._size is not None and shutil.disk_usage(self._spool.parent).free < self._size:
                raise DiskFull(
                    f"The export has {_in_units(self._size)}; {self._spool.parent} has less room.",
                    _MAKE_ROOM,
                )
            self._spool.unlink(missing_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            return os.fdopen(os.open(self._spool, flags, 0o600), "r+b", buffering=0)
        except OSError as error:
            raise self._not_written(error) from None

    def _go_on(self, http: httpx.Client, file: BinaryIO, watch: NotedWatch) -> None:
        import httpx

        start = file.seek(0, os.SEEK_END)
        headers = {"Range": f"bytes={start}-"} if start else {}
        if start and self._stamp:
            headers["If-Range"] = self._stamp
        broke = Trouble(StoreUnreachable(f"The connection to {self._host} broke off.", _AGAIN))
        try:
            request = http.build_request("GET", self._url, headers=headers)
            response = abandonable(lambda: http.send(request, stream=True), watch)
            try:
                self._check(response, start, file)
                self._take(response, file, watch)
            finally:
                response.close()
        except httpx.HTTPError:
            unbroken = False
        else:
            unbroken = True
        here = file.seek(0, os.SEEK_END)
        self._fruitless = 0 if here > start else self._fruitless + 1
        if not unbroken:
            raise broke
        if self._whole is not None and here < self._whole:
            raise Trouble(
                BulkOperationFailed(f"Only {here:,} of {self._whole:,} bytes of the export came.", _AGAIN)
            )
        if self._size is not None and here != self._size:
            raise BulkOperationFailed(f"The export has {here:,} bytes instead of {self._size:,}.", _AGAIN)

    def _check(self, response: httpx.Response, start: int, file: BinaryIO) -> None:
        status = response.status_code
        if status in {429, 408} or status >= 500:
            self._fruitless += 1
            raise Trouble(StoreUnreachable(f"{self._host} answered HTTP {status}.", _AGAIN))
        if status == 416 and start == self._whole:
            return
        range_said = response.headers.get("content-range", "")
        if status == 416 or (status == 206 and not range_said.startswith(f"bytes {start}-")):
            file.truncate(0)
            self._fruitless += 1
            raise Trouble(BulkOperationFailed("The export's parts do not fit together.", _AGAIN))
        if status not in {200, 206}:
            raise BulkOperationFailed(
                f"The export can no longer be downloaded (HTTP {status} of {self._host}).", _AGAIN
            )
        if response.headers.get("content-encoding", "identity") != "identity":
            raise BulkOperationFailed("The export came packed in a way that was not asked for.", _AGAIN)
        if status == 200:
            file.truncate(0)
            if self._size is None and response.headers.get("content-length", "").isdigit():
                self._whole = int(response.headers["content-length"])
        self._stamp = response.headers.get("etag", "")
        if self._stamp.startswith("W/"):
            self._stamp = ""

    def _take(self, response: httpx.Response, file: BinaryIO, watch: NotedWatch) -> None:
        if response.status_code == 416:
            return
        done = file.seek(0, os.SEEK_END)
        pieces = response.iter_bytes()
        last_said = -1
        while (piece := abandonable(lambda: next(pieces, b""), watch)) != b"":
            _write(file, piece, self._not_written)
            done += len(piece)
            watch.check()
            if done // _MEGABYTE != last_said:
                last_said = done // _MEGABYTE
                watch.report(_PHASE, last_said, self._megabytes(), unit="MB")
        if done == self._whole:
            watch.report(_PHASE, self._megabytes() or 0, self._megabytes(), unit="MB")

    def _megabytes(self) -> int | None:
        return None if self._whole is None else -(-self._whole // _MEGABYTE)

    def _not_written(self, error: OSError) -> Exception:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return DiskFull(f"The export does not fit into {self._spool.parent}.", _MAKE_ROOM)
        return BulkOperationFailed(
            f"{self._spool} cannot be written: {error.strerror}.", "Check the folder, then load again."
        )


def _in_units(size: int) -> str:
    """`size` bytes for a person: `812 bytes`, `12 kB`, `3.1 MB`, `2.4 GB`."""
    if size < 1000:
        return "1 byte" if size == 1 else f"{size} bytes"
    number, unit = size / 1000, "kB"
    for larger in ("MB", "GB"):
        if number >= 999.5:
            number, unit = number / 1000, larger
    return f"{number:,.{1 if number < 9.95 else 0}f} {unit}"


def _write(file: BinaryIO, piece: bytes, told: Callable[[OSError], Exception]) -> None:
    view = memoryview(piece)
    try:
        while view:
            view = view[file.write(view) :]
    except OSError as error:
        failure = told(error)
    else:
        return
    raise failure
