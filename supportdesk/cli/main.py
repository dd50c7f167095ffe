"""Which command is asked for, its options, its exit code. What a command does is in the module of its group, imported only then."""

from __future__ import annotations

import argparse
import errno
import importlib
import itertools
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Final, NamedTuple, NoReturn, Protocol

from supportdesk import __version__
from supportdesk.cli import output
from supportdesk.errors import Cancelled, DiskFull, HomeUnusable, SupportdeskError, UnknownName, WrongUsage


class Command(NamedTuple):
    """One word of the command line."""

    module: str
    """Its group, under `supportdesk.cli`."""
    arguments: str
    """As shown by `--help`."""
    summary: str


class Group(Protocol):
    """What a command group's module offers."""

    def add_arguments(self, command: str, parser: argparse.ArgumentParser) -> None:
        """Declare the command's own arguments."""

    def run(self, command: str, options: argparse.Namespace) -> int:
        """Do it; the exit code."""


COMMANDS: Final[dict[str, Command]] = {
    "demo": Command("sandbox", "", "A pretend store to try everything on; nothing in it is real"),
    "sandbox": Command("sandbox", "", "Serve a local Shopify, for rehearsals and tests"),
    "connect": Command("channels", "SHOP", "Connect a store as a sales channel"),
    "open": Command("channels", "FILE …", "Open a merchant's CSV exports, without any access"),
    "channels": Command("channels", "", "List sales channels"),
    "show": Command("channels", "CHANNEL", "Show what the last load found"),
    "load": Command("channels", "CHANNEL", "Load a channel again"),
    "check": Command("channels", "CHANNEL", "Readiness: what stands in the way of turning on"),
    "forget": Command("channels", "CHANNEL", "Forget a channel, its token and its rows"),
    "duplicates": Command("duplicates", "CHANNEL", "List SKUs that several listings share, worst first"),
    "decide": Command("duplicates", "CHANNEL", "Say what duplicate groups are: shared, split, left out"),
    "import": Command(
        "stock", "ACCOUNT", "Import warehouses, bundles, stock and rules, or a Sumtracker account"
    ),
    "stock": Command(
        "stock", "CHANNEL", "List every stocked item × location with the store's number and ours"
    ),
    "explain": Command("stock", "CHANNEL", "Say why a SKU's numbers are what they are"),
    "orders": Command("orders", "CHANNEL", "List orders since sync is on, with what each booked where"),
    "adjust": Command("stock", "ACCOUNT", "Add units to stock, or take them off"),
    "set": Command("stock", "ACCOUNT", "Set what is in stock"),
    "receive": Command("stock", "ACCOUNT", "Take in a delivery"),
    "count": Command("stock", "ACCOUNT", "Record what was counted"),
    "transfer": Command("stock", "ACCOUNT", "Move units from one warehouse to another"),
    "new-sku": Command("duplicates", "CHANNEL", "Give a listing a SKU of its own, in the store"),
    "warehouses": Command("connections", "ACCOUNT", "List warehouses; add, rename or remove one"),
    "connections": Command(
        "connections", "CHANNEL", "List locations with their warehouses, and what stands out"
    ),
    "link": Command("connections", "CHANNEL", "Link a location to a warehouse"),
    "unlink": Command("connections", "CHANNEL", "Say that a location stays unlinked"),
    "bundles": Command("bundles", "ACCOUNT", "List bundles with what each warehouse has of them"),
    "bundle": Command("bundles", "ACCOUNT", "Show, make, change or remove one bundle"),
    "settings": Command("channel_settings", "CHANNEL", "Show or change drafts and maximum of a channel"),
    "close-at": Command("channel_settings", "ACCOUNT", "Set at which number a SKU is shown as sold out"),
    "apply": Command("apply", "PLAN", "Apply a plan that was looked at: turn sync on"),
    "rehearse": Command(
        "apply", "PLAN", "Apply a plan to a pretend store filled from the channel, with shoppers selling"
    ),
    "turn-off": Command("apply", "CHANNEL", "Turn sync off: nothing more is written, and the store is free"),
    "go-on": Command("braking", "CHANNEL", "Let go on what the brake stops, by typing its number of rows"),
    "log": Command("log", "CHANNEL", "What happened, once or as it happens (-f)"),
    "sync": Command("live", "CHANNEL", "Sync now; with --hard read and judge every row again"),
    "verify": Command("live", "CHANNEL", "Compare every row with the store, writing nothing"),
    "held": Command("live", "CHANNEL", "List rows that are not synced; confirm them, or copy their numbers"),
    "adopt": Command("live", "CHANNEL", "Take an edit that was put back into Sumtracker"),
    "alerts": Command("live", "CHANNEL", "List what is to be looked at, and say that it was seen"),
    "worker": Command(
        "worker",
        "[ACTION]",
        "Run the cycles of every channel that is on, have systemd run it, say how it stands",
    ),
    "wizard": Command("plan", "CHANNEL", "Show where turning sync on stands, and answer what it asks"),
    "plan": Command(
        "plan", "CHANNEL", "Plan what is written: every row before and after, and what stands in the way"
    ),
    "call-sheet": Command("plan", "CHANNEL", "What was decided on the call, as Markdown for the merchant"),
    "backup": Command("accounts", "ACCOUNT FILE", "Copy an account file, whole, while it is in use"),
    "restore": Command("accounts", "FILE", "Put a backup in place of its account"),
    "keys": Command("about", "", "List every key and what it does"),
    "paths": Command("about", "", "List where things are kept, and every setting"),
}

_WANT_SYNC: Final = frozenset(
    {
        *("adjust", "set", "receive", "count", "transfer", "import", "bundle", "settings", "close-at"),
        *("sync", "go-on", "held", "adopt", "link", "unlink", "apply"),
    }
)
"""Commands after which sync is to go on at once: a worker that died is replaced by the first of them."""
_SIGNALS: Final = {signal.SIGTERM: 143, signal.SIGHUP: 129}


class _Parser(argparse.ArgumentParser):
    """argparse, but a mistake is raised as `WrongUsage` so that `--json` can say it too."""

    def error(self, message: str) -> NoReturn:
        how = f"`{self.prog} --help` says how."
        if "expected one argument" in message:
            option = message.removeprefix("argument ").partition(":")[0].rpartition("/")[2]
            how = f"A value that begins with - is joined to its option: {option}=-X. {how}"
        raise WrongUsage(f"{message[0].upper()}{message[1:]}.", how)


class _Stopped(BaseException):
    """A signal asked the process to end."""


def _global_options() -> argparse.ArgumentParser:
    """Options every command takes, before or after it."""
    parser = _Parser(add_help=False, allow_abbrev=False)
    group = parser.add_argument_group("options of every command")
    group.add_argument("--home", metavar="DIR", help="where accounts are kept")
    group.add_argument("--json", action="store_true", help="data as JSON on stdout, errors as JSON on stderr")
    group.add_argument("--read-only", action="store_true", help="refuse whatever would write")
    group.add_argument("--who", metavar="NAME", help="the name that what you do is kept under")
    group.add_argument("--quiet", action="store_true", help="no progress on stderr")
    return parser


def _screen_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("options of the screens")
    group.add_argument("--theme", choices=["dark", "light", "high-contrast", "ansi"])
    group.add_argument("--ascii", action="store_true", help="draw with ASCII alone")
    group.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    group.add_argument(
        "--no-presenter", action="store_true", help="show other merchants too: the screen is not shared"
    )


def _words(arguments: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Positions of the arguments that are neither an option nor the value of one; what stands behind `--` is none."""
    skip = False
    for position, argument in enumerate(arguments):
        if skip:
            skip = False
        elif argument == "--":
            return
        elif argument in ("--home", "--who"):
            skip = True
        elif not argument.startswith("-"):
            yield position, argument


def _parser_for(command: str | None) -> argparse.ArgumentParser:
    shared = _global_options()
    if command is None:
        parser = _Parser(
            prog="supportdesk",
            parents=[shared],
            allow_abbrev=False,
            usage=(
                "supportdesk [CHANNEL]            the screens\n"
                "       supportdesk COMMAND [options]\n"
                "       supportdesk -- CHANNEL           a channel that is named like a command"
            ),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            description="Turn on inventory sync between a Shopify store and Sumtracker, with every number shown first.",
            epilog=_command_table(),
        )
        parser.add_argument(
            "channel", nargs="?", default=None, metavar="CHANNEL", help="open this channel's screens"
        )
        parser.add_argument("--version", action="version", version=f"supportdesk {__version__}")
        _screen_options(parser)
        return parser
    entry = COMMANDS[command]
    parser = _Parser(
        prog=f"supportdesk {command}",
        parents=[shared],
        allow_abbrev=False,
        description=f"{entry.summary}.",
    )
    _group(command).add_arguments(command, parser)
    if command == "demo":
        _screen_options(parser)
    return parser


def _command_table() -> str:
    width = max(len(f"{name} {entry.arguments}") for name, entry in COMMANDS.items())
    lines = [f"  {f'{name} {entry.arguments}':{width}}  {entry.summary}" for name, entry in COMMANDS.items()]
    return "\n".join(["commands (each has --help):", *lines])


def _group(command: str) -> Group:
    module: Group = importlib.import_module(f"supportdesk.cli.{COMMANDS[command].module}")
    return module


def _ask_to_stop(number: int, _frame: FrameType | None) -> None:
    raise _Stopped(number)


def run(arguments: Sequence[str]) -> int:
    """Do what `arguments` ask for; returns the exit code of DESIGN §8. Errors are said on stderr, as JSON with `--json`."""
    as_json = "--json" in arguments
    output.use_utf8()
    before = {number: signal.signal(number, _ask_to_stop) for number in _SIGNALS}
    try:
        return _dispatch(arguments)
    except SupportdeskError as error:
        output.say_error(error, as_json=as_json)
        return error.exit_code
    except KeyboardInterrupt:
        output.say_error(Cancelled("You stopped it."), as_json=as_json)
        return Cancelled.exit_code
    except _Stopped as stop:
        return _SIGNALS[stop.args[0]]
    except BrokenPipeError:
        output.close_quietly(sys.stdout)
        return 1
    except Exception as error:
        if isinstance(error, OSError) and (plain := _plain(error)):
            output.say_error(plain, as_json=as_json)
            return plain.exit_code
        return output.say_crash(error, _command_of(arguments), _reports(arguments), as_json=as_json)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _plain(error: OSError) -> SupportdeskError | None:
    """What the system refused to do with a file, in our words; None where it is about no file."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull("There is no room left on the disk.", "Free some space, then try again.")
    if not error.filename:
        return None
    named = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else str(error.filename)
    return HomeUnusable(f"{named}: {error.strerror}.", "Look at its owner, its rights and its disk.")


def _command_of(arguments: Sequence[str]) -> str:
    """The command alone: other words may name a merchant."""
    first = next(_words(arguments), None)
    return first[1] if first is not None and first[1] in COMMANDS else "screens"


def _reports(arguments: Sequence[str]) -> Path:
    """Where crash reports go, found without trusting that anything else still works."""
    from supportdesk.paths import find_home

    joined = [argument.partition("=")[2] for argument in arguments if argument.startswith("--home=")]
    apart = [value for option, value in itertools.pairwise(arguments) if option == "--home"]
    home = next((value for value in [*joined, *apart] if value.strip()), None)
    return find_home(home, os.environ).reports


def _dispatch(arguments: Sequence[str]) -> int:
    first = next(_words(arguments), None)
    if first is not None and first[1] in COMMANDS:
        position, command = first
        rest = [*arguments[:position], *arguments[position + 1 :]]
        options = _parser_for(command).parse_args(rest)
        code = _group(command).run(command, options)
        if code == 0 and command in _WANT_SYNC:
            _replace_dead_worker(options)
        return code
    parser = _parser_for(None)
    options, more = parser.parse_known_args(list(arguments))
    if more:
        if options.channel and not more[0].startswith("-"):
            raise no_command(options.channel)
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    from supportdesk.cli import screens

    return screens.run(options)


def _replace_dead_worker(options: argparse.Namespace) -> None:
    """See that what was just asked for is synced; where that fails the command itself has worked all the same."""
    from supportdesk.cli.invocation import desk_of
    from supportdesk.desk import worker

    try:
        if worker.replace_dead(desk_of(options)) and not (options.quiet or options.json):
            output.say("Nobody was syncing; a worker was started.")
    except SupportdeskError as error:
        if not (options.quiet or options.json):
            output.say(f"Nobody is syncing. {error.detail} {error.next_step}")


def no_command(word: str) -> UnknownName:
    """The error for a first word that is no command, with the command that is nearest."""
    near = nearest_command(word)
    return UnknownName(
        f"There is no command {word!r}.",
        f"Did you mean `supportdesk {near}`?" if near else "`supportdesk --help` lists the commands.",
    )


def nearest_command(word: str) -> str | None:
    """The command that is written most like `word`, None where none is."""
    import difflib

    return next(iter(difflib.get_close_matches(word, COMMANDS, n=1)), None)
