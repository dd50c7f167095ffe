"""Where supportdesk keeps its files, and how a file's name is made of a shop's. Opens and reads none of them."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supportdesk.errors import DiskFull, HomeUnusable, SettingsInvalid, WrongUsage

HOME_VARIABLE: Final = "SUPPORTDESK_HOME"
_APPLICATION: Final = "supportdesk"
_SLUG_LIMIT: Final = 64
_SLUG: Final = re.compile(rf"[a-z0-9-]{{1,{_SLUG_LIMIT}}}")


@dataclass(frozen=True, slots=True)
class Home:
    """The folder everything is kept in. Nothing is made by asking for a path: whoever writes calls `make_folder` first."""

    root: Path
    config: Path | None = None
    """The folder of the settings file where it is not `root`: the platform's own, when no home was named."""

    @property
    def accounts(self) -> Path:
        """Folder of the account files, one a merchant."""
        return self.root / "accounts"

    @property
    def credentials(self) -> Path:
        """Folder of the tokens kept where there is no keyring, one file a channel."""
        return self.root / "credentials"

    @property
    def logs(self) -> Path:
        """Folder of the rotated logs, without secrets."""
        return self.root / "logs"

    @property
    def reports(self) -> Path:
        """Folder of crash reports."""
        return self.root / "reports"

    @property
    def spool(self) -> Path:
        """Folder of downloads that are being read."""
        return self.root / "spool"

    @property
    def index(self) -> Path:
        """The small SQLite file that lists channels, so that Home opens no account file."""
        return self.root / "channels.db"

    @property
    def settings_file(self) -> Path:
        """The settings, which may not exist: `settings.toml` in a home that was named, else in the platform's config folder."""
        return (self.config or self.root) / "settings.toml"

    def account_file(self, slug: str) -> Path:
        """The account file of that slug, existing or not. Raises `WrongUsage` for a slug that is not `[a-z0-9-]+` of at most 64."""
        if not _SLUG.fullmatch(slug):
            raise WrongUsage(
                f"An account's name is made of a-z, 0-9 and -, at most {_SLUG_LIMIT} of them; {slug!r} is not.",
                f"{slug_of(slug)} would do.",
            )
        return self.accounts / f"{slug}.db"


def find_home(option: str | None, environ: Mapping[str, str]) -> Home:
    """The home to use: `--home`, else `SUPPORTDESK_HOME`, else the platform's folder for user data. Nothing is created.

    An empty variable counts as none; an empty option raises `SettingsInvalid`.
    """
    if option is not None and not option.strip():
        raise SettingsInvalid("--home is empty.", "Name a folder, or leave the option out.")
    if named := option or environ.get(HOME_VARIABLE):
        return Home(Path(os.path.abspath(os.path.expanduser(named))))
    import platformdirs  # here, because most commands are told their home

    return Home(
        platformdirs.user_data_path(_APPLICATION, appauthor=False),
        platformdirs.user_config_path(_APPLICATION, appauthor=False),
    )


def make_folder(folder: Path) -> Path:
    """`folder`, made with every missing folder above it, open to its owner alone (0700). One that exists is left as it is.

    Raises `DiskFull` or `HomeUnusable`.
    """
    missing = [folder, *folder.parents]
    try:
        for level in reversed(missing):
            if not level.is_dir():
                level.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"{folder} cannot be made: {error.strerror}.", "Free some space.") from error
        raise HomeUnusable(
            f"The folder {folder} cannot be made: {error.strerror}.",
            f"Name another with --home or {HOME_VARIABLE}.",
        ) from error
    return folder


def slug_of(text: str) -> str:
    """`text` as a name fit for a file and the command line: `[a-z0-9-]+`, at most 64 characters, the same for the same text.

    Accents go, all else becomes one hyphen. Text that has no Latin letter or digit, or that is too long, gets eight
    hexadecimal digits of its own, so that two such texts do not share a file.
    """
    import unicodedata

    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    if slug and len(slug) <= _SLUG_LIMIT:
        return slug
    import hashlib

    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{(slug or 'shop')[: _SLUG_LIMIT - 9].strip('-')}-{mark}"
