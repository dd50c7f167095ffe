"""What a person may set, and how it is read: settings file, then environment, then command line; the last one said wins.

Only what is ours: `NO_COLOR`, `TERM`, the locale and the like are read by whoever draws, never here.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, get_args, get_origin

import msgspec
from msgspec import Meta

from supportdesk.errors import SettingsInvalid
from supportdesk.paths import HOME_VARIABLE, Home

PREFIX: Final = "SUPPORTDESK_"

_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})

Key = Annotated[str, Meta(min_length=1)]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything that can be set, with its default. The description of each is shown by `settings_help`."""

    theme: Annotated[
        Literal["dark", "light", "high-contrast", "ansi"],
        Meta(description="Colours of the screens; ansi keeps to the terminal's own sixteen."),
    ] = "dark"
    ascii: Annotated[
        bool | Literal["auto"],
        Meta(description="Draw with ASCII alone; auto does where the locale is not UTF-8."),
    ] = "auto"
    presenter: Annotated[
        bool,
        Meta(description="Hide other merchants, secrets and agents' notes: the screen is shared."),
    ] = True
    mouse: Annotated[
        bool, Meta(description="Take mouse clicks; off leaves selecting text to the terminal.")
    ] = True
    remote: Annotated[
        Literal["auto", "on", "off"],
        Meta(description="Draw less over a slow line; auto does where SSH_CONNECTION is set."),
    ] = "auto"
    read_only: Annotated[bool, Meta(description="Refuse whatever would write to a store or the ledger.")] = (
        False
    )
    who: Annotated[
        str,
        Meta(
            max_length=60,
            description="The name that what you do is kept under; else your full name on this machine, or your login.",
        ),
    ] = ""
    keyring: Annotated[
        bool, Meta(description="Keep tokens in the system's keyring; off keeps them in files of our own.")
    ] = True
    page_listings_up_to: Annotated[
        int,
        Meta(
            ge=0, le=1_000_000, description="Listings read page by page; above it a bulk operation is used."
        ),
    ] = 5000
    brake_rows_to_zero: Annotated[
        int,
        Meta(
            ge=0,
            le=100,
            description="The brake holds where more than this share of stocked rows falls to zero, in percent.",
        ),
    ] = 20
    brake_halved: Annotated[
        int,
        Meta(
            ge=0,
            le=100,
            description="The brake holds where a location's total falls below this share of what it was, in percent.",
        ),
    ] = 50
    brake_doubled: Annotated[
        int,
        Meta(
            ge=100,
            le=100_000,
            description="The brake holds where a location's total rises above this share of what it was, in percent.",
        ),
    ] = 200
    keys: Annotated[
        dict[str, Annotated[tuple[Key, ...], Meta(min_length=1)]],
        Meta(description="Keys of commands by the command's id; `supportdesk keys` lists them."),
    ] = msgspec.field(default_factory=dict)


_KEYS: Final = Settings.__struct_fields__
_FILE_ONLY: Final = frozenset({"keys"})


@functools.cache
def _fields() -> dict[str, msgspec.structs.FieldInfo]:
    """Every setting by its key; looked at only where something is set, because few people set anything."""
    return {field.name: field for field in msgspec.structs.fields(Settings)}


class SettingHelp(msgspec.Struct, frozen=True):
    """One setting, for `supportdesk paths` and the documents."""

    key: str
    """Its name in the settings file."""
    variable: str
    """The environment variable, '' for what only the file can say."""
    values: str
    """What fits, in words: `dark, light, high-contrast or ansi`."""
    default: str
    """As it would stand in the settings file."""
    meaning: str
    """One sentence."""


def settings_help() -> tuple[SettingHelp, ...]:
    """Every setting in the order of `Settings`."""
    return tuple(
        SettingHelp(
            key=name,
            variable="" if name in _FILE_ONLY else variable_of(name),
            values=_values(field.type),
            default="" if field.default is msgspec.NODEFAULT else msgspec.json.encode(field.default).decode(),
            meaning=next(meta.description for meta in _metas(field.type) if meta.description),
        )
        for name, field in _fields().items()
    )


def variable_of(key: str) -> str:
    """The environment variable of a setting: `SUPPORTDESK_READ_ONLY` for `read_only`."""
    return PREFIX + key.upper()


def option_of(key: str) -> str:
    """The command-line option of a setting: `--read-only` for `read_only`."""
    return "--" + key.replace("_", "-")


def load_settings(home: Home, environ: Mapping[str, str], overrides: Mapping[str, object]) -> Settings:
    """The settings in force: `home.settings_file`, then `SUPPORTDESK_*` of `environ`, then `overrides` by key.

    A file that is not there, an empty variable and an override that is None say nothing. A variable that begins with
    `SUPPORTDESK_` and is no setting is refused only when it looks like a slip of the pen, because a person may name the
    variable of a token as they like. Raises `SettingsInvalid` naming the file, variable or option, and the key.
    """
    values: dict[str, Any] = {}
    for key, value in _file_table(home).items():
        source = f"{home.settings_file}: `{key}`"
        if key not in _KEYS:
            raise SettingsInvalid(f"{source} is no setting.", _nearest(key, _KEYS))
        values[key] = _checked(key, value, source)
    for key, text in _environment(environ).items():
        values[key] = _checked(key, _from_text(key, text), f"The environment variable {variable_of(key)}")
    for key, value in overrides.items():
        if value is None:
            continue
        if key not in _KEYS:
            options = (option_of(name) for name in _KEYS)
            raise SettingsInvalid(
                f"The option {option_of(key)} is no setting.", _nearest(option_of(key), options)
            )
        typed = _from_text(key, value) if isinstance(value, str) else value
        values[key] = _checked(key, typed, f"The option {option_of(key)}")
    return Settings(**values)


def _file_table(home: Home) -> dict[str, Any]:
    path = home.settings_file
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise SettingsInvalid(
            f"{path} is not UTF-8 text (byte {error.start}).", "Save it as UTF-8."
        ) from error
    except OSError as error:
        raise SettingsInvalid(
            f"{path} cannot be read: {error.strerror}.", "Mend it, or move it away."
        ) from error
    import tomllib  # here, because few people have a settings file

    try:
        return tomllib.loads(text + "\n")  # so that an error on the last line names the line
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid(f"{path} is not TOML: {error}.", 'A line reads `theme = "dark"`.') from error


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    variables = {variable_of(key): key for key in _KEYS}
    said: dict[str, str] = {}
    for variable, text in environ.items():
        if not variable.startswith(PREFIX) or not text or variable == HOME_VARIABLE:
            continue
        key = variables.get(variable)
        if key in _FILE_ONLY:
            raise SettingsInvalid(
                f"The environment variable {variable} cannot hold a table.",
                f"Write [{key}] in the settings file.",
            )
        if key is not None:
            said[key] = text
        elif near := _near(variable, [*variables, HOME_VARIABLE], cutoff=0.9):
            raise SettingsInvalid(f"The environment variable {variable} is no setting.", near)
    return said


def _from_text(key: str, text: str) -> object:
    """A word of the environment or the command line as the value a settings file would hold, or the word itself."""
    kind = _plain(_fields()[key].type)
    word = text.strip()
    if kind is int:
        return int(word) if re.fullmatch(r"-?[0-9]{1,18}", word) else text
    if bool in (kind, *get_args(kind)):
        if word.lower() in _TRUE:
            return True
        if word.lower() in _FALSE:
            return False
    return word


def _checked(key: str, value: object, source: str) -> Any:
    kind = _fields()[key].type
    if key == "keys" and isinstance(value, dict):
        value = _key_table(value)
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        if key == "keys":
            where = str(error).partition(" - at ")[2].strip("`").removeprefix("$")
            raise SettingsInvalid(
                f"{source}{where} does not hold a key or a list of keys.", 'A line reads `help = "f1"`.'
            ) from error
        choices = [word for word in _words(kind) if word not in ("true", "false")]
        raise SettingsInvalid(
            f"{source} is {_shown(value)}; it can be {_values(kind)}.", _near(str(value), choices)
        ) from error


def _key_table(table: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Command id → keys. A bare `log.follow = "f"` is a table within a table to TOML: joined again by its dots."""
    flat: dict[str, object] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat |= _key_table(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = (
                [key.strip() for key in value.split(",")] if isinstance(value, str) else value
            )
    return flat


def _metas(kind: Any) -> tuple[Meta, ...]:
    return tuple(part for part in getattr(kind, "__metadata__", ()) if isinstance(part, Meta))


def _plain(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _words(kind: Any) -> list[str]:
    """The words a setting of that type can be, [] where it is no choice between words."""
    plain = _plain(kind)
    if plain is bool:
        return ["true", "false"]
    if get_origin(plain) is Literal:
        return [str(word) for word in get_args(plain)]
    return [word for part in get_args(plain) for word in _words(part)]


def _values(kind: Any) -> str:
    plain = _plain(kind)
    if plain is int:
        limits = next(meta for meta in _metas(kind) if meta.ge is not None)
        return f"a whole number from {limits.ge} to {limits.le}"
    if plain is str:
        return f"a text of at most {next(meta.max_length for meta in _metas(kind))} characters"
    words = _words(kind) if get_origin(plain) is not dict else []
    return f"{', '.join(words[:-1])} or {words[-1]}" if words else "a table"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value) if len(str(value)) <= 60 else str(value)[:57] + "…"
    return f'"{text}"' if isinstance(value, str) else text


def _near(word: str, words: Sequence[str], cutoff: float = 0.6) -> str:
    """`Did you mean theme?`, '' where no word is like `word`."""
    import difflib  # here, because few people mistype anything

    near = difflib.get_close_matches(word, words, n=1, cutoff=cutoff)
    return f"Did you mean {near[0]}?" if near else ""


def _nearest(name: str, names: Iterable[str]) -> str:
    known = list(names)
    return _near(name, known) or f"There are {', '.join(known)}."
