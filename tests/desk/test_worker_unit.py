"""The worker as a systemd unit: its text, what systemd is asked in which order, lingering, and machines without systemd."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from supportdesk.desk import Demo, Desk, worker, worker_unit
from supportdesk.desk.worker_unit import NAME
from supportdesk.errors import Refused, ServiceMissing
from supportdesk.paths import Home
from supportdesk.settings import Settings
from tests.cli.commands import Commands

FAKE = """#!{python}
import os, signal, subprocess, sys, time
from pathlib import Path
state = Path({state!r})
words = sys.argv[1:]
with (state / "calls").open("a") as calls:
    calls.write(" ".join([Path(sys.argv[0]).name, *words]) + "\\n")
if (state / "broken").exists():
    sys.exit(1)
if Path(sys.argv[0]).name == "loginctl":
    if words[0] == "enable-linger":
        if (state / "forbidden").exists():
            sys.exit(1)
        (state / "lingers").touch()
    print("Linger=yes" if (state / "lingers").exists() else "Linger=no")
    sys.exit(0)
unit = Path(os.environ["XDG_CONFIG_HOME"]) / "systemd" / "user" / "supportdesk.service"
pid = state / "pid"
if words[1] == "is-active":
    sys.exit(0 if pid.exists() else 3)
if words[1] in ("enable", "start") and not pid.exists() and not (state / "lame").exists():
    line = next(line for line in unit.read_text().splitlines() if line.startswith("ExecStart="))
    import shlex
    command = shlex.split(line.removeprefix("ExecStart="))
    child = subprocess.Popen(command, cwd="/", start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pid.write_text(str(child.pid))
if words[1] == "disable" and pid.exists():
    os.kill(int(pid.read_text()), signal.SIGTERM)
    pid.unlink()
"""


@dataclass
class Machine:
    """A machine with a `systemctl` and a `loginctl` of our own, which run what they are told to."""

    desk: Desk
    state: Path
    config: Path
    seen: int = field(default=0)

    def has(self, name: str) -> None:
        (self.state / name).touch()

    @property
    def calls(self) -> list[str]:
        """What was called since this was last asked, but for questions."""
        every = (self.state / "calls").read_text().splitlines() if (self.state / "calls").exists() else []
        fresh, self.seen = every[self.seen :], len(every)
        asks = ("show-environment", "is-active", "show-user")
        return [call for call in fresh if not any(ask in call for ask in asks)]

    @property
    def unit(self) -> Path:
        return self.config / "systemd" / "user" / NAME


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    programs, state, config = (tmp_path / name for name in ("bin", "state", "my config"))
    for folder in (programs, state, config):
        folder.mkdir()
    for name in ("systemctl", "loginctl"):
        path = programs / name
        path.write_text(FAKE.format(python=sys.executable, state=str(state)))
        path.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(config))
    monkeypatch.setattr(worker_unit, "_refuse_unimportable", lambda: None)
    return Machine(Desk(Home(tmp_path / "a home"), Settings(keyring=False)), state, config)


def test_the_text(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Golden: a home with a blank and a percent sign, a setting from the environment, and no token."""
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("SUPPORTDESK_KEYRING", "off")
    monkeypatch.setenv("SUPPORTDESK_THEME", "light")
    monkeypatch.setenv("SHOP_TOKEN", "shpat" + "_secret")
    monkeypatch.setattr(sys, "executable", "/opt/venv/bin/python")
    desk = replace(machine.desk, home=Home(Path('/home/mia/50% "off"')))
    assert worker_unit.unit_text(desk) == (
        "# Written by `supportdesk worker install`, which writes it anew; `supportdesk worker uninstall` takes it back.\n"
        "[Unit]\n"
        "Description=supportdesk: inventory sync of every sales channel that is on\n"
        "StartLimitIntervalSec=0\n"
        "\n"
        "[Service]\n"
        "Type=exec\n"
        'ExecStart=/opt/venv/bin/python -m supportdesk worker --quiet "--home=/home/mia/50%% \\"off\\""\n'
        "Environment=SUPPORTDESK_KEYRING=off\n"
        "WorkingDirectory=/\n"
        "UMask=0077\n"
        "KillMode=mixed\n"
        "TimeoutStopSec=60\n"
        "Restart=on-failure\n"
        "RestartSec=10\n"
        "SuccessExitStatus=143\n"
        "\n"
        "[Install]\n"
        "WantedBy=default.target\n"
        "\n"
        "[X-Supportdesk]\n"
        'X-Supportdesk-Home=/home/mia/50% "off"\n'
    )


def test_the_platforms_own_home_is_not_named(machine: Machine) -> None:
    desk = replace(machine.desk, home=Home(Path("/data/supportdesk"), Path("/config/supportdesk")))
    assert "--home" not in worker_unit.unit_text(desk)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_understands_it(machine: Machine, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze", path=os.defpath + ":/usr/local/bin")
    assert analyze
    desk = replace(machine.desk, home=Home(tmp_path / '50% "off" $HOME'))
    unit = tmp_path / NAME
    unit.write_text(worker_unit.unit_text(desk))
    said = subprocess.run(
        [analyze, "verify", "--user", str(unit)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.defpath, "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    assert NAME not in said.stderr, said.stderr


def test_installed_it_runs_until_it_is_taken_back(machine: Machine) -> None:
    """Twice is as once; a worker that ran before makes room; the unit's is found by everybody else, and started for who turns on."""
    unit = worker_unit.install(machine.desk)
    try:
        process = worker.status(machine.desk).process
        assert process == int((machine.state / "pid").read_text())
        assert (unit.path, unit.is_active, unit.lingers, unit.advice) == (machine.unit, True, True, "")
        assert machine.unit.read_text() == worker_unit.unit_text(machine.desk)
        assert machine.calls == [
            "systemctl --user daemon-reload",
            f"systemctl --user enable --now {NAME}",
            "loginctl enable-linger",
        ]
        assert worker_unit.install(machine.desk) == unit
        assert worker.status(machine.desk).process == process
        assert machine.calls == ["systemctl --user daemon-reload", f"systemctl --user enable --now {NAME}"]
        worker.make_sure(machine.desk)
        assert machine.calls == []
        other = replace(machine.desk, home=Home(machine.state / "other"))
        with pytest.raises(Refused, match="of another home"):
            worker_unit.install(other)
        with pytest.raises(Refused, match="of another home"):
            worker_unit.uninstall(other)
        assert worker_unit.unit_of(other) is None
    finally:
        assert worker_unit.uninstall(machine.desk)
    assert machine.calls == [f"systemctl --user disable --now {NAME}", "systemctl --user daemon-reload"]
    assert not machine.unit.exists()
    assert not worker_unit.uninstall(machine.desk)
    while worker.status(machine.desk).process is not None:
        pass


def test_turning_on_has_systemd_start_what_is_installed(machine: Machine) -> None:
    machine.unit.parent.mkdir(parents=True)
    machine.unit.write_text(worker_unit.unit_text(machine.desk))
    worker.make_sure(machine.desk)
    try:
        assert machine.calls == [f"systemctl --user start {NAME}"]
        assert worker.status(machine.desk).process == int((machine.state / "pid").read_text())
    finally:
        worker_unit.uninstall(machine.desk)


def test_lingering_that_only_another_may_turn_on_is_said(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.has("forbidden")
    monkeypatch.setattr(worker, "comes_up", lambda desk: True)
    machine.has("lame")
    unit = worker_unit.install(machine.desk)
    assert not unit.lingers
    assert unit.advice.endswith(f"sudo loginctl enable-linger {getpass.getuser()}")


def test_a_unit_whose_worker_does_not_come_up_is_said(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.has("lame")
    monkeypatch.setattr(worker, "START_SECONDS", 0.0)
    unit = worker_unit.install(machine.desk)
    assert not unit.is_active
    assert "no worker runs" in unit.advice


def without(machine: Machine) -> None:
    (Path(os.environ["PATH"]) / "systemctl").unlink()


def without_bus(machine: Machine) -> None:
    machine.has("broken")


@pytest.mark.parametrize("way", [without, without_bus])
def test_without_systemd_it_says_what_to_do_instead(
    machine: Machine, way: Callable[[Machine], None], capsys: pytest.CaptureFixture[str]
) -> None:
    way(machine)
    cli = Commands(machine.desk.home.root, capsys)
    error = cli.refused(1, "worker", "install", f"--home={machine.desk.home.root}")
    assert error["code"] == "no_service"
    assert f"{sys.executable} -m supportdesk worker" in error["next"]
    assert not machine.unit.exists()
    with pytest.raises(ServiceMissing):
        worker_unit.install(machine.desk)


def test_refused(machine: Machine) -> None:
    for desk in (
        replace(machine.desk, settings=Settings(keyring=False, read_only=True)),
        replace(machine.desk, demo=Demo("http://127.0.0.1:1", "kestrel")),
    ):
        with pytest.raises(Refused):
            worker_unit.install(desk)
    machine.unit.parent.mkdir(parents=True)
    machine.unit.write_text("[Service]\nExecStart=/usr/bin/true\n")
    for act in (worker_unit.install, worker_unit.uninstall):
        with pytest.raises(Refused, match="not ours"):
            act(machine.desk)
    assert machine.calls == []
