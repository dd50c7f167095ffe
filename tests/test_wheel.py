"""A built wheel, installed elsewhere, runs: styles, documents and the sandbox's schema are in it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DATA_FILES = {".tcss", ".graphql", ".md", ".typed"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True)
    (built,) = folder.glob("supportdesk-*.whl")
    return built


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_wheel_holds_every_data_file(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "supportdesk").rglob("*")
        if path.suffix in DATA_FILES and "__pycache__" not in path.parts
    }
    assert wanted
    assert wanted <= inside
    assert not [name for name in inside if name.startswith(("tests/", "snapshots/"))]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_wheel_runs_where_the_repository_is_not(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(installed),
        str(wheel),
    ]
    subprocess.run(command, check=True)
    environment = {
        **os.environ,
        "PYTHONPATH": str(installed),
        "SUPPORTDESK_HOME": str(tmp_path / "home"),
        "SUPPORTDESK_KEYRING": "off",
    }
    code = (
        "import supportdesk; print(supportdesk.__file__)\n"
        "from supportdesk.core.progress import Unwatched\n"
        "from supportdesk.desk import channels, demo\n"
        "from supportdesk.screens.program import SupportdeskApp\n"
        "from supportdesk.settings import Settings\n"
        "with demo.started(Settings(), scenario='outdoor', seed=1, files=[], keep=None) as desk:\n"
        "    print(channels.load(desk, 'kestrel-outdoor', Unwatched()).duplicate_groups)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    where, groups = done.stdout.split()
    assert Path(where).is_relative_to(installed)
    assert groups == "14"
