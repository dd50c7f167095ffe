"""Serving a sandbox: what stops it before it listens."""

from __future__ import annotations

import socket

import pytest

from supportdesk.desk import sandboxes
from supportdesk.errors import WrongUsage


def test_a_port_that_is_taken_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(WrongUsage, match=str(taken.getsockname()[1])):
            sandboxes.serve_sandbox(
                port=taken.getsockname()[1],
                seed=1,
                scenario="empty",
                shop=None,
                files=(),
                until_stdin_closes=False,
                on_ready=lambda _: None,
            )
