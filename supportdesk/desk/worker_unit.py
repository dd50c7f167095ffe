"""The worker as a systemd user unit: written, started, taken back. What a worker does is in `worker`; nothing of ours depends on systemd."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supportdesk.desk import Desk, accounts
from supportdesk.desk.person import login
from supportdesk.errors import DiskFull, HomeUnusable, Refused, ServiceMissing
from supportdesk.settings import settings_help

NAME: Final = "supportdesk.service"
_PATIENCE: Final = 60.0
"""Seconds for one call of `systemctl` or `loginctl`; ending a worker is waited for."""
_OWNER: Final = "X-Supportdesk-Home="
"""The line that says whose unit it is; systemd ignores sections that begin with `X-`."""
_NOT_OF_A_WORKER: Final = frozenset({"read_only", "theme", "ascii", "presenter", "mouse", "remote", "keys"})
"""Settings that a worker has no use for."""
_FOLDERS: Final = ("XDG_CONFIG_HOME", "XDG_DATA_HOME")
"""Where a home that was not named, and its settings, are looked for."""


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit as it is installed."""

    path: Path
    is_active: bool
    """Whether systemd runs it now."""
    lingers: bool
    """Whether it runs on after the person has logged out, and from boot on."""
    advice: str
    """What is left to do, a sentence; '' for nothing."""


def unit_path() -> Path:
    """Where the unit of this person stands, installed or not."""
    config = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(config) / "systemd" / "user" / NAME


def unit_text(desk: Desk) -> str:
    """The unit that runs this home's worker with the running interpreter. It holds settings, and no token."""
    names = [each.variable for each in settings_help() if each.key not in _NOT_OF_A_WORKER]
    settings = "".join(
        f"Environment={_quoted(f'{name}={value}')}\n"
        for name in (*names, *_FOLDERS)
        if (value := os.environ.get(name))
    )
    return f"""# Written by `supportdesk worker install`, which writes it anew; `supportdesk worker uninstall` takes it back.
[Unit]
Description=supportdesk: inventory sync of every sales channel that is on
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart={" ".join(map(_quoted, _command(desk)))}
{settings}WorkingDirectory=/
UMask=0077
KillMode=mixed
TimeoutStopSec=60
Restart=on-failure
RestartSec=10
SuccessExitStatus=143

[Install]
WantedBy=default.target

[X-Supportdesk]
{_OWNER}{desk.home.root}
"""


def _command(desk: Desk) -> list[str]:
    home = [f"--home={desk.home.root}"] if desk.home.config is None else []
    return [sys.executable, "-m", "supportdesk", "worker", "--quiet", *home]


def _quoted(word: str) -> str:
    """`word` as one word of a unit file."""
    plain = word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    plain = plain.replace("%", "%%").replace("$", "$$")
    return plain if plain == word and not set(word) & set(" \t;'") else f'"{plain}"'


def install(desk: Desk) -> Unit:
    """Write the unit, start it in place of a worker that runs already, and have it run on after the person has logged out.

    Doing it again writes it anew. Raises `Refused` (read-only; the demo; the unit serves another home), `ServiceMissing` where there is
    no systemd for users, saying what to do instead, `HomeUnusable`, `DiskFull`; nothing was changed then.
    """
    from supportdesk.desk import worker

    accounts.refuse_if_read_only(desk, "install a worker")
    if desk.demo is not None:
        raise Refused("The demo keeps nothing, so no worker is installed for it.")
    path = unit_path()
    _refuse_other_home(desk, path)
    _refuse_without_systemd(desk)
    _refuse_unimportable()
    text = unit_text(desk)
    changed = not path.exists() or path.read_text("utf-8") != text
    _write(path, text)
    _systemctl("daemon-reload")
    if changed or not _is_active():
        worker.stop(desk)
    _systemctl("enable", "--now", NAME)
    if not worker.comes_up(desk):
        return Unit(
            *(path, _is_active(), False),
            advice=f"It was installed, but no worker runs: `systemctl --user status {NAME}` says why.",
        )
    lingers, advice = _linger()
    return Unit(path, True, lingers, advice)


def uninstall(desk: Desk) -> bool:
    """End the unit and remove it; whether there was one. Raises `Refused` (read-only; it serves another home), `HomeUnusable`."""
    accounts.refuse_if_read_only(desk, "uninstall a worker")
    path = unit_path()
    if not path.exists():
        return False
    _refuse_other_home(desk, path)
    if _answers():
        with contextlib.suppress(ServiceMissing):  # it may not have been enabled
            _systemctl("disable", "--now", NAME)
    try:
        path.unlink()
    except OSError as error:
        raise HomeUnusable(
            f"{path} cannot be removed: {error.strerror}.", "Look at the rights of its folder."
        ) from error
    if _answers():
        _systemctl("daemon-reload")
    return True


def unit_of(desk: Desk) -> Unit | None:
    """This home's unit as it stands; None where none is installed."""
    path = unit_path()
    if not path.exists() or _served_home(path) != str(desk.home.root):
        return None
    return Unit(path, _is_active(), _lingers(), "")


def start(desk: Desk) -> bool:
    """Have systemd run this home's unit; whether it was asked to."""
    if _served_home(unit_path()) != str(desk.home.root) or not _answers():
        return False
    try:
        _systemctl("start", NAME)
    except ServiceMissing:
        return False
    return True


def _served_home(path: Path) -> str:
    """The home that the unit at `path` serves, '' where there is none of ours."""
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return next((line.removeprefix(_OWNER) for line in lines if line.startswith(_OWNER)), "")


def _refuse_other_home(desk: Desk, path: Path) -> None:
    served = _served_home(path)
    if served and served != str(desk.home.root):
        raise Refused(
            f"{path} runs the worker of another home, {served}.",
            f"Take it back first: supportdesk worker uninstall --home={shlex.quote(served)}",
        )
    if path.exists() and not served:
        raise Refused(f"{path} is there already, and not ours.", "Look at it, and move it away.")


def _refuse_without_systemd(desk: Desk) -> None:
    if _answers():
        return
    command = shlex.join(_command(desk))
    raise ServiceMissing(
        "There is no systemd here that runs services of a person (macOS, a container, a session without one).",
        "Keep the worker running another way: in tmux, or by whatever starts programs here, launchd for one. It is one command, "
        f"which ends by itself where one runs already: {command}",
    )


def _refuse_unimportable() -> None:
    """Raise where the interpreter finds supportdesk only because of where or how it was started here."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    found = subprocess.run(
        [sys.executable, "-c", "import supportdesk"],
        cwd="/",
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_PATIENCE,
        check=False,
    )
    if found.returncode:
        raise ServiceMissing(
            f"{sys.executable} finds supportdesk only from here, so a service would not.",
            "Install it for that interpreter: pip install supportdesk",
        )


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, "utf-8")
        part.replace(path)
    except OSError as error:
        import errno

        part.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"There is no room left to write {path}.", "Free some space.") from error
        raise HomeUnusable(
            f"{path} cannot be written: {error.strerror}.", "Look at the rights of its folder."
        ) from error


def _answers() -> bool:
    """Whether there is a systemd that runs this person's services."""
    return _call("systemctl", "--user", "show-environment") is not None


def _is_active() -> bool:
    return _call("systemctl", "--user", "is-active", "--quiet", NAME) is not None


def _systemctl(*words: str) -> None:
    if _call("systemctl", "--user", *words) is None:
        raise ServiceMissing(
            f"`systemctl --user {' '.join(words)}` did not work.",
            f"`systemctl --user status {NAME}` may say why.",
        )


def _linger() -> tuple[bool, str]:
    """Turn lingering on; whether it is, and else how."""
    if _lingers():
        return True, ""
    if _call("loginctl", "enable-linger") is not None and _lingers():
        return True, ""
    return False, (
        "Until lingering is on, the worker ends when you log out. Somebody who may has to turn it on: "
        f"sudo loginctl enable-linger {shlex.quote(login())}"
    )


def _lingers() -> bool:
    said = _call("loginctl", "show-user", login(), "--property=Linger")
    return said is not None and said.strip() == "Linger=yes"


def _call(program: str, *words: str) -> str | None:
    """What the program says on stdout; None where it is not there, fails, or takes too long."""
    if (path := shutil.which(program)) is None:
        return None
    command: Sequence[str] = (path, *words)
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
