"""The demo: a sandbox in a process of its own, and a temporary home with its shops connected. Never the real home, the keyring, or another host.

What the merchant has in Sumtracker is put there by `demo_account`, while the first screen is already painted.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import msgspec

from supportdesk.desk import Demo, Desk, connecting, demo_account
from supportdesk.desk.sandboxes import Listening
from supportdesk.errors import Refused, StoreUnreachable, with_code
from supportdesk.paths import Home
from supportdesk.secret import Secret
from supportdesk.settings import Settings

ACCOUNT = demo_account.ACCOUNT
"""The pretend merchant's account."""


@contextlib.contextmanager
def started(
    settings: Settings,
    *,
    scenario: str,
    seed: int,
    files: Sequence[Path],
    keep: Path | None,
    furnished: bool = False,
) -> Iterator[Desk]:
    """A desk on a sandbox of its own for the length of the block; both are gone after it, unless `keep` names a home to leave.

    The Sumtracker side, where the scenario has one, comes while the block already runs; with `furnished` it is there first.
    Raises `StoreUnreachable` where the sandbox does not start, and whatever error the sandbox met (`ExportInvalid`, `WrongUsage`).
    """
    root = keep or Path(tempfile.mkdtemp(prefix="supportdesk-demo-"))
    try:
        with _sandbox(scenario, seed, files) as shops:
            desk = Desk(
                home=Home(root),
                settings=msgspec.structs.replace(settings, keyring=False),
                demo=Demo(shops[0].url, shops[0].shop),
            )
            for shop in shops:
                request = connecting.ConnectRequest(
                    shop.shop, account=ACCOUNT, api_url=shop.url, token=Secret(shop.token)
                )
                connecting.connect(desk, request)
            if files or scenario not in demo_account.SCENARIOS:
                yield desk
                return
            with demo_account.furnishing(desk, seed) as ready:
                if furnished:
                    ready()
                yield desk
    finally:
        if keep is None:
            shutil.rmtree(root, ignore_errors=True)


def strike(desk: Desk, kind: str | None) -> None:
    """Let the pretend store fail once in the way of `kind` (`sandbox/README.md`, *faults*), or with None not at all any more.

    Raises `Refused` outside the demo and for a kind the sandbox does not know, `StoreUnreachable` where it does not answer.
    """
    import httpx

    if desk.demo is None:
        raise Refused("Only the demo's pretend store can be made to fail.", "See `supportdesk demo`.")
    order = {"clear": True} if kind is None else {"kind": kind}
    try:
        answer = httpx.post(f"{desk.demo.url}/sandbox/faults", json=order, timeout=5, trust_env=False)
    except httpx.HTTPError as error:
        raise StoreUnreachable(
            "The pretend store does not answer any more.", "Start the demo again."
        ) from error
    if answer.status_code != httpx.codes.OK:
        raise Refused(f"The pretend store would not do that: {answer.text}")


@contextlib.contextmanager
def _sandbox(scenario: str, seed: int, files: Sequence[Path]) -> Iterator[list[Listening]]:
    """The shops of a sandbox in a child process, which ends with the block, and with this process however that ends."""
    command = [
        sys.executable,
        "-m",
        "supportdesk",
        "sandbox",
        "--json",
        "--until-stdin-closes",
        f"--seed={seed}",
    ]
    command += [f"--from={file.expanduser().absolute()}" for file in files] or [f"--scenario={scenario}"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as child:
        assert child.stdin
        assert child.stdout
        assert child.stderr
        try:
            first = child.stdout.readline()
            if not first:
                _relay(child.stderr.read())
            yield [Listening(**shop) for shop in json.loads(first)]
        finally:
            child.stdin.close()
            child.terminate()


def _relay(said: bytes) -> NoReturn:
    """Raise in this process what the sandbox's process said went wrong."""
    with contextlib.suppress(ValueError, KeyError, IndexError):
        error = json.loads(said.splitlines()[-1])["error"]
        raise with_code(error["code"], error["detail"], error["next"])
    raise StoreUnreachable("The pretend store did not start.", "`supportdesk sandbox` alone shows why.")
