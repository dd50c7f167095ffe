"""The arrows of DESIGN §3: import-linter's contracts of pyproject.toml hold, and the core loads no library."""

from __future__ import annotations

import json
import os
import pkgutil
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import supportdesk.core

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LIBRARIES = {
    "textual",
    "rich",
    "httpx",
    "pydantic",
    "sqlite_utils",
    "graphql",
    "starlette",
    "uvicorn",
    "keyring",
}
CORE = sorted(module.name for module in pkgutil.iter_modules(supportdesk.core.__path__, "supportdesk.core."))


def exists(module: str) -> bool:
    path = ROOT.joinpath(*module.split("."))
    return path.is_dir() or path.with_suffix(".py").exists()


def lint(folder: Path, config: Path) -> subprocess.CompletedProcess[str]:
    """import-linter over the package that lies in `folder`."""
    pytest.importorskip("importlinter")
    program = (
        "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    )
    return subprocess.run(
        [sys.executable, "-c", program, "--config", str(config), "--no-cache"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The contracts without the modules that are not there: import-linter stops at the first one it does not find."""
    lines = ["[tool.importlinter]", 'root_package = "supportdesk"']
    for contract in CONTRACTS:
        lines.append("[[tool.importlinter.contracts]]")
        for key, value in contract.items():
            kept = [module for module in value if exists(module)] if isinstance(value, list) else value
            lines.append(f"{key} = {json.dumps(kept)}")
    path = tmp_path / "pyproject.toml"
    path.write_text("\n".join(lines))
    return path


def test_the_contracts_hold(config: Path) -> None:
    result = lint(ROOT, config)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken" in result.stdout


@pytest.mark.xfail(not exists("supportdesk.app"), reason="the program has no screens yet", strict=True)
def test_the_contracts_name_modules_that_are_there() -> None:
    named = {
        module
        for contract in CONTRACTS
        for value in contract.values()
        if isinstance(value, list)
        for module in value
    }
    assert [module for module in sorted(named) if not exists(module)] == []


@pytest.mark.parametrize(
    ("module", "breach"),
    [
        ("core/text.py", "import supportdesk.ledger"),
        ("exports/cells.py", "import supportdesk.ledger"),
        ("exports/cells.py", "import supportdesk.desk"),
        ("widgets/__init__.py", "import supportdesk.desk"),
    ],
)
def test_a_breach_is_found(module: str, breach: str, config: Path, tmp_path: Path) -> None:
    copy = tmp_path / "supportdesk"
    shutil.copytree(ROOT / "supportdesk", copy, ignore=shutil.ignore_patterns("__pycache__"))
    with (copy / module).open("a") as file:
        file.write(f"\n{breach}\n")
    result = lint(tmp_path, config)
    assert result.returncode == 1
    assert " broken." in result.stdout
    assert " 0 broken" not in result.stdout


@pytest.mark.parametrize("module", CORE)
def test_a_module_of_the_core_loads_no_library(module: str) -> None:
    program = f"import {module}, sys; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(result.stdout.split())
    assert module in loaded
    assert not loaded & LIBRARIES
    ours = {name for name in loaded if name.startswith("supportdesk.")}
    assert {name for name in ours if not name.startswith("supportdesk.core")} <= {"supportdesk.errors"}


def test_home_is_drawn_without_the_rules_of_what_is_behind_it() -> None:
    """Each is some milliseconds of the first paint: half of what ours is beside a Textual program of one line."""
    program = "import supportdesk.screens.program, supportdesk.desk.channels, sys; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(result.stdout.split())
    assert "supportdesk.core.channels" in loaded
    for rules in (
        "connections",
        "duplicates",
        "events",
        "orders",
        "plan",
        "readiness",
        "rows",
        "stock",
        "wizard",
    ):
        assert f"supportdesk.core.{rules}" not in loaded
