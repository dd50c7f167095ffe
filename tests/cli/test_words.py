"""The words of the command line: help, usage errors, names, global options before and after, what goes where."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from supportdesk.cli.main import COMMANDS
from tests.cli.commands import Commands, Said, apart, environment, process

CSV = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty\n"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "acme.csv"
    path.write_text(
        CSV + "tent,Tent,Title,Default Title,T-1,shopify,4\nmug,Mug,Title,Default Title,T-1,shopify,5\n"
    )
    return path


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help(cli: Commands, command: str) -> None:
    said = cli(command, "--help")
    assert said.code == 0
    assert f"usage: supportdesk {command}" in said.out
    assert "--home" in said.out
    assert said.err == ""


def test_the_help_names_every_command_and_version_is_one_line(cli: Commands) -> None:
    said = cli("--help")
    assert said.code == 0
    assert all(f"\n  {command} " in said.out for command in COMMANDS)
    assert cli("--version").out.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["show"], "CHANNEL"),
        (["connect"], "SHOP"),
        (["open"], "FILE"),
        (["backup", "a"], "FILE"),
        (["show", "a", "b"], "b"),
        (["channels", "--nonsense"], "--nonsense"),
        (["sandbox", "--port=70000"], "65535"),
        (["sandbox", "--port=x"], "'x'"),
        (["sandbox", "--from=a.csv", "--scenario=empty"], "or like a channel"),
        (["sandbox", "--scenario=nonsense"], "nonsense"),
        (["demo", "--seed=x"], "'x'"),
        (["channels", "--home", ""], "--home"),
        (["channels", "--home"], "--home"),
        (["--theme=mauve"], "mauve"),
        (["--nonsense"], "--nonsense"),
        (["demo"], "no JSON"),
        ([], "no JSON"),
        (["chanels"], "chanels"),
        (["lod", "kestrel"], "lod"),
    ],
    ids=" ".join,
)
def test_a_mistake_is_a_usage_error(cli: Commands, words: list[str], named: str) -> None:
    error = cli.refused(2, *words)
    assert named in error["detail"]
    assert error["next"]


@pytest.mark.parametrize(
    ("words", "suggestion"),
    [
        (["chanels"], "supportdesk channels"),
        (["lod", "acme"], "supportdesk load"),
        (["bakup", "acme", "file"], "supportdesk backup"),
        (["show", "amce"], "acme"),
        (["backup", "acm", "file"], "acme"),
        (["show", "quite-another"], "acme"),
        (["amce"], "acme"),
    ],
)
def test_the_nearest_name_is_offered(cli: Commands, export: Path, words: list[str], suggestion: str) -> None:
    cli.good("open", export)
    error = cli.refused(2, *words)
    assert error["code"] == "unknown"
    assert suggestion in error["next"]


@pytest.mark.parametrize(
    "words", [("--json", "show", "acme"), ("show", "--json", "acme"), ("show", "acme", "--json")]
)
def test_global_options_stand_anywhere(cli: Commands, export: Path, words: tuple[str, ...]) -> None:
    cli.good("open", export)
    assert cli.good(*words).json["listings"] == 2


@pytest.mark.parametrize("form", ["apart", "joined"])
@pytest.mark.parametrize("before", [True, False])
def test_a_home_is_named_before_or_after(
    cli: Commands, export: Path, tmp_path: Path, form: str, before: bool
) -> None:
    other = tmp_path / "another home"
    option = ["--home", str(other)] if form == "apart" else [f"--home={other}"]
    cli.good(*option, "open", export) if before else cli.good("open", export, *option)
    assert (other / "accounts" / "acme.db").exists()
    assert not cli.home.exists()
    assert cli.good("channels").out == ""
    assert "acme" in cli.good("channels", *option).out


def test_data_goes_to_stdout_and_talk_to_stderr(cli: Commands, export: Path) -> None:
    said = cli.good("open", export)
    assert said.out.splitlines()[0].split() == ["listings", "2"]
    assert "Reading" in said.err
    assert "Next: supportdesk check acme" in said.err
    quiet = cli.good("load", "acme", "--quiet")
    assert quiet.out == said.out
    assert quiet.err == ""
    as_json = cli.good("load", "acme", "--json")
    assert as_json.err == ""
    assert as_json.json["listings"] == 2
    nothing = cli.good("channels", f"--home={cli.home}-none")
    assert nothing.out == ""
    assert "connect" in nothing.err


def test_an_error_for_a_person_says_what_why_and_what_next(cli: Commands) -> None:
    said = cli("show", "acme")
    assert (said.code, said.out) == (2, "")
    title, detail, next_step = said.err.splitlines()
    assert title == "There is none of that name."
    assert "acme" in detail
    assert "supportdesk open FILE" in next_step


def test_a_channel_named_like_a_command_opens_behind_two_dashes(cli: Commands, export: Path) -> None:
    cli.good("open", export, "--name=check")
    assert cli("check").code == 2, "the command wants a channel"
    assert cli.good("check", "check").code == 0
    assert cli("--", "check").err.startswith("There is no terminal")
    assert cli("--", "keys").code == 2, "no such channel, and not the command"


def test_the_screens_want_a_terminal_that_can_draw(cli: Commands, export: Path) -> None:
    cli.good("open", export)
    said = cli("acme")
    assert said.code == 2
    assert "supportdesk show acme --json" in said.err
    assert "supportdesk channels --json" in cli().err


def test_read_only_refuses_what_writes_and_nothing_else(cli: Commands, export: Path, tmp_path: Path) -> None:
    cli.good("open", export)
    cli.good("backup", "acme", tmp_path / "kept.db", "--read-only")
    for words in (
        ("open", export),
        ("load", "acme"),
        ("forget", "acme"),
        ("restore", tmp_path / "kept.db"),
        ("connect", "kestrel", "--token-env=HOME"),
    ):
        error = cli.refused(4, *words, "--read-only")
        assert error["code"] == "refused"
        assert "read-only" in error["detail"]
    for harmless in (("channels",), ("show", "acme"), ("check", "acme"), ("keys",), ("paths",)):
        cli.good(*harmless, "--read-only")


@pytest.mark.parametrize("words", [["keys"], ["paths"], ["channels"], ["--help"]], ids=" ".join)
def test_a_reader_that_leaves_early_is_no_crash(home: Path, export: Path, words: list[str]) -> None:
    apart(home, "open", export)
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "supportdesk", *words],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(home),
        check=False,
    )
    os.close(write)
    assert done.stderr == ""
    assert done.returncode in (0, 1)


def test_talk_that_nobody_hears_does_not_stop_the_work(home: Path, export: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "supportdesk", "open", str(export)],
        stdout=subprocess.PIPE,
        stderr=write,
        text=True,
        env=environment(home),
        check=False,
    )
    os.close(write)
    assert done.returncode == 0
    assert done.stdout.startswith("listings")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_an_answer_that_cannot_be_written_is_said(home: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "supportdesk", "paths", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(home),
            check=False,
        )
    said = Said(done.returncode, "", done.stderr)
    assert said.code == 1
    assert said.error["code"] == "output"


def test_a_folder_that_cannot_be_made_is_said(cli: Commands, export: Path) -> None:
    cli.home.mkdir()
    (cli.home / "accounts").write_text("in the way")
    error = cli.refused(1, "open", export)
    assert error["code"] == "home"
    assert str(cli.home / "accounts") in error["detail"]


def test_a_crash_is_one_sentence_and_a_report(cli: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    token, person = "_".join(("shpat", "0123456789abcdef" * 2)), "@".join(("mia", "example.org"))

    def broken(*_: object) -> None:
        raise RuntimeError(f"Bearer {token} of {person}")

    monkeypatch.setattr("supportdesk.desk.channels.list_channels", broken)
    error = cli.refused(1, "channels")
    assert error["code"] == "crash"
    (report,) = (cli.home / "reports").iterdir()
    assert str(report) in error["detail"]
    assert token not in report.read_text()
    assert person not in report.read_text()


def test_a_wrong_setting_is_said_by_every_command_that_reads_them(
    cli: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPORTDESK_MOUSE", "perhaps")
    error = cli.refused(2, "channels")
    assert error["code"] == "settings"
    assert "SUPPORTDESK_MOUSE" in error["detail"]
    assert cli("--version").code == 0


def test_the_module_and_the_installed_command_are_one(home: Path) -> None:
    assert (
        apart(home, "--version").out
        == subprocess.run(
            [str(Path(sys.executable).with_name("supportdesk")), "--version"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_output_is_utf8_whatever_the_locale(home: Path, export: Path, encoding: str) -> None:
    apart(home, "open", export)
    with process(home, "channels", PYTHONIOENCODING=encoding, LC_ALL="C") as child:
        out, err = child.communicate(timeout=60)
    assert child.returncode == 0
    assert err == ""
    assert "acme" in out


def test_errors_as_json_are_one_line(cli: Commands) -> None:
    said = cli("show", "sh\x1bow\u202e\ud800", "--json")
    assert said.code == 2
    assert len(said.err.splitlines()) == 1
    assert json.loads(said.err)["error"]["code"] == "unknown"
