"""Where files are kept, how folders are made, and names made of text."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.errors import DiskFull, HomeUnusable, SettingsInvalid, WrongUsage
from supportdesk.paths import Home, find_home, make_folder, slug_of


@pytest.fixture
def platform_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's folders, elsewhere than the real ones."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def test_everything_lies_in_the_home(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.accounts == tmp_path / "accounts"
    assert home.credentials == tmp_path / "credentials"
    assert home.logs == tmp_path / "logs"
    assert home.reports == tmp_path / "reports"
    assert home.spool == tmp_path / "spool"
    assert home.index == tmp_path / "channels.db"
    assert home.settings_file == tmp_path / "settings.toml"
    assert home.account_file("kestrel-2") == tmp_path / "accounts" / "kestrel-2.db"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "variable", "root"),
    [("option", "variable", "option"), (None, "variable", "variable"), ("option", None, "option")],
)
def test_option_before_variable(
    option: str | None, variable: str | None, root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    home = find_home(option, {} if variable is None else {"SUPPORTDESK_HOME": variable})
    assert home.root == tmp_path / root
    assert home.settings_file == tmp_path / root / "settings.toml"
    assert list(tmp_path.iterdir()) == []


def test_a_tilde_is_the_persons_own_folder(platform_folders: Path) -> None:
    assert find_home("~/desk", {}).root == platform_folders / "desk"


@pytest.mark.skipif(sys.platform != "linux", reason="the XDG folders")
@pytest.mark.parametrize("environ", [{}, {"SUPPORTDESK_HOME": ""}])
def test_without_either_it_is_the_platforms(environ: dict[str, str], platform_folders: Path) -> None:
    home = find_home(None, environ)
    assert home.root == platform_folders / "data" / "supportdesk"
    assert home.settings_file == platform_folders / "config" / "supportdesk" / "settings.toml"
    assert list(platform_folders.iterdir()) == []


@pytest.mark.parametrize("option", ["", "  "])
def test_an_empty_option_is_a_mistake(option: str) -> None:
    with pytest.raises(SettingsInvalid, match="--home is empty"):
        find_home(option, {"SUPPORTDESK_HOME": "unused"})


@pytest.mark.parametrize("slug", ["", "../evil", "A", "a_b", "a b", "a.db", "a/b", "é", "a\n", "x" * 65])
def test_an_account_file_needs_a_slug(slug: str, tmp_path: Path) -> None:
    with pytest.raises(WrongUsage) as caught:
        Home(tmp_path).account_file(slug)
    (would_do,) = re.findall(r"^([a-z0-9-]+) would do\.$", caught.value.next_step)
    assert Home(tmp_path).account_file(would_do)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_folders_are_their_owners_alone(umask: int, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        made = make_folder(tmp_path / "home" / "accounts")
    finally:
        os.umask(before)
    for folder in (made, made.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_exists_is_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o750)
    assert make_folder(folder) == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    for folder in ("home", "home/accounts"):
        with pytest.raises(HomeUnusable, match="cannot be made"):
            make_folder(tmp_path / folder)


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(DiskFull, match="No space left"):
        make_folder(tmp_path / "home")


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Kestrel Outdoor", "kestrel-outdoor"),
        ("kestrel-outdoor", "kestrel-outdoor"),
        ("  Café & Söhne, Ltd. ", "cafe-sohne-ltd"),
        ("STRASSE straße", "strasse-strasse"),
        ("bicycles.2026 (1)", "bicycles-2026-1"),
        ("../../etc/passwd", "etc-passwd"),
        ("\x1b[31mred", "31mred"),
        ("ﬁne", "fine"),
    ],
)
def test_slugs(text: str, slug: str) -> None:
    assert slug_of(text) == slug


@given(st.text(st.characters(codec=None)))
def test_every_text_has_a_slug_that_is_its_own_slug(text: str) -> None:
    slug = slug_of(text)
    assert re.fullmatch(r"[a-z0-9-]{1,64}", slug)
    assert not slug.startswith("-")
    assert slug_of(slug) == slug == slug_of(text)


def test_texts_without_a_latin_letter_or_too_long_do_not_share_a_slug() -> None:
    texts = ["東京", "大阪", "", "!!!", "a" * 70, "a" * 71, "a" * 70 + "é"]
    assert len({slug_of(text) for text in texts}) == len(texts)


def test_the_import_is_light() -> None:
    program = "import supportdesk.paths, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"msgspec", "platformdirs", "textual", "sqlite3", "hashlib"} & set(loaded.stdout.split())
