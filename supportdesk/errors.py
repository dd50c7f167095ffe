"""Every error that supportdesk says to a person: what happened, why, and what to do next.

Adapters translate what libraries raise into these; screens and the command line show them through
`title`, `detail` and `next_step`, and nothing else. Nothing here imports anything of ours.

    SupportdeskError                 exit 1
    ├── WrongUsage                   exit 2   a word on the command line, or an answer in a form, does not fit
    │   ├── SettingsInvalid          a settings file, an environment variable or an option
    │   ├── UnknownName              no such channel, account, command or key
    │   ├── NotAShopAddress          neither a handle, a myshopify.com domain nor an admin address
    │   └── NoTerminal               the screens were asked for where none can be shown
    ├── StoreError                   exit 3   the store could not be read
    │   ├── StoreUnreachable         no answer: name, connection, time-out, dropped
    │   ├── StoreBusy                it answered, but only "later", for longer than we wait
    │   ├── ShopMissing              no such shop, or closed, frozen, locked
    │   ├── TokenRefused             the token, or the client id and secret
    │   ├── ScopeMissing             the token is good but may not read what is needed
    │   ├── AnswerUnreadable         HTML, half a body, a shape we do not know
    │   ├── VersionMismatch          answered with another API version than asked
    │   ├── QueryRefused             the store refused the document, its variables or its cost
    │   ├── SearchIgnored            the store ignored a search filter and would have answered with everything
    │   ├── ChangeRefused            userErrors of a mutation
    │   └── BulkOperationFailed      failed, expired, cancelled from outside, or its file is incomplete
    ├── SumtrackerError              exit 3   a real Sumtracker account could not be read
    │   ├── SumtrackerUnreachable    no whole answer, or only faults and "later" for longer than we ask
    │   ├── SumtrackerKeyRefused     the API key is none, or is not accepted
    │   ├── SumtrackerUnreadable     HTML, half a body, pages that do not add up, a shape we do not know
    │   └── SumtrackerValueInvalid   a record holds a value that cannot be taken: half a unit, an id twice
    ├── ExportInvalid                exit 1   a CSV export cannot be read
    ├── ImportInvalid                exit 1   rows of a file for the Sumtracker side that cannot be taken; nothing was
    ├── HomeUnusable                 exit 1   a folder of ours cannot be made or written
    ├── LedgerError                  exit 1   the account file
    │   ├── LedgerNewer              written by a newer program
    │   ├── LedgerDamaged            not an account file, or a broken one
    │   ├── LedgerBusy               another process holds it
    │   └── DiskFull                 nothing was changed
    ├── NotLoaded                    exit 1   the channel has not been loaded yet
    ├── OutputLost                   exit 1   what was asked for cannot be written to where stdout goes
    │   └── FileLost                 nor to the file it was asked for in
    ├── CredentialMissing            exit 1   no token is kept for the channel
    ├── ServiceMissing               exit 1   nothing here runs a worker as a service of a person
    ├── Refused                      exit 4   stale, brake, block, claim, read-only
    │   ├── Conflict                 somebody else changed what the person was looking at
    │   ├── Claimed                  another ledger syncs this store
    │   ├── LeaseLost                another worker runs this channel's engine
    │   ├── PlanStale                what a plan was made from has changed
    │   ├── PlanMoved                numbers of a plan moved since it was made, and nobody confirmed them
    │   └── BrakeHolds               writes would empty or flood the store, and nobody typed their number
    └── Cancelled                    exit 130 a person stopped it; nothing was changed
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple


class SupportdeskError(Exception):
    """An error with a sentence for the person in front of the screen.

    `detail` says what happened and why, `next_step` what to do about it; both are plain text and may quote
    foreign text, so whoever shows them passes them through `core.text.safe_text`. Neither ever holds a secret.
    """

    code: ClassVar[str] = "failed"
    title: ClassVar[str] = "That did not work"
    exit_code: ClassVar[int] = 1

    def __init__(self, detail: str, next_step: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.title}: {self.detail}" + (f" {self.next_step}" if self.next_step else "")


class WrongUsage(SupportdeskError):
    """A word on the command line, or an answer in a form, that does not fit."""

    code = "usage"
    title = "That cannot be asked like this"
    exit_code = 2


class SettingsInvalid(WrongUsage):
    """A setting that is unknown or out of range; the detail names the file and the key."""

    code = "settings"
    title = "A setting is wrong"


class UnknownName(WrongUsage):
    """No channel, account, command or key of that name; the detail names those there are."""

    code = "unknown"
    title = "There is none of that name"


class NotAShopAddress(WrongUsage):
    """The address is neither a shop handle, a myshopify.com domain nor an admin address."""

    code = "address"
    title = "That is not a shop's address"


class NoTerminal(WrongUsage):
    """The screens need a terminal and there is none, or it is a dumb one."""

    code = "terminal"
    title = "There is no terminal to draw in"


class StoreError(SupportdeskError):
    """The store could not be read; the ledger is as it was."""

    code = "store"
    title = "The store could not be read"
    exit_code = 3


class StoreUnreachable(StoreError):
    """No whole answer came: the name, the connection or the time."""

    code = "unreachable"
    title = "The store does not answer"


class StoreBusy(StoreError):
    """The store kept answering 'later' for longer than we wait."""

    code = "busy"
    title = "The store is too busy"


class ShopMissing(StoreError):
    """There is no such shop, or it is closed, frozen or locked."""

    code = "shop_missing"
    title = "There is no open shop at that address"


class TokenRefused(StoreError):
    """The token, or the client id and secret, were not accepted."""

    code = "token_refused"
    title = "The store does not accept the token"


class ScopeMissing(StoreError):
    """The token may not read what is needed; `scopes` names what is missing."""

    code = "scope_missing"
    title = "The token may not do enough"

    def __init__(self, detail: str, next_step: str = "", scopes: tuple[str, ...] = ()) -> None:
        super().__init__(detail, next_step)
        self.scopes = scopes


class AnswerUnreadable(StoreError):
    """The answer was not what the API promises: HTML, half a body, an unknown shape."""

    code = "answer"
    title = "The store's answer makes no sense"


class VersionMismatch(StoreError):
    """The store answered with another API version than the one asked for."""

    code = "api_version"
    title = "The store speaks another API version"


class QueryRefused(StoreError):
    """The store refused the document, its variables or its cost: a fault of ours."""

    code = "query_refused"
    title = "The store refused the question"


class SearchIgnored(StoreError):
    """The store ignored a search filter, so the answer would be the whole list."""

    code = "search_ignored"
    title = "The store ignored a filter"


class UserError(NamedTuple):
    """One entry of a mutation's `userErrors`, as the store wrote it."""

    field: tuple[str, ...]
    """Path into the input, indices as text; empty where the store named none."""
    message: str
    code: str
    """'' where the mutation's errors carry none."""


class ChangeRefused(StoreError):
    """userErrors of a mutation: nothing was written; `user_errors` holds them."""

    code = "change_refused"
    title = "The store refused the change"

    def __init__(self, detail: str, next_step: str = "", user_errors: tuple[UserError, ...] = ()) -> None:
        super().__init__(detail, next_step)
        self.user_errors = user_errors


class BulkOperationFailed(StoreError):
    """The store's bulk operation failed, expired or was cancelled, or its file is incomplete."""

    code = "bulk"
    title = "The store could not finish its export"


class SumtrackerError(SupportdeskError):
    """A real Sumtracker account could not be read; the ledger is as it was."""

    code = "sumtracker"
    title = "The Sumtracker account could not be read"
    exit_code = 3


class SumtrackerUnreachable(SumtrackerError):
    """No whole answer came, or only faults and 'later', however often it was asked."""

    code = "sumtracker_unreachable"
    title = "Sumtracker does not answer"


class SumtrackerKeyRefused(SumtrackerError):
    """The API key is empty or malformed, or Sumtracker does not accept it."""

    code = "sumtracker_key_refused"
    title = "Sumtracker does not accept the key"


class SumtrackerUnreadable(SumtrackerError):
    """The answer was not what the API promises: HTML, half a body, pages that do not add up, an unknown shape."""

    code = "sumtracker_answer"
    title = "Sumtracker's answer makes no sense"


class SumtrackerValueInvalid(SumtrackerError):
    """A record of the account holds a value that cannot be taken as it is; the detail names the product or warehouse."""

    code = "sumtracker_value"
    title = "A value in Sumtracker cannot be taken"


class ExportInvalid(SupportdeskError):
    """A CSV export that cannot be read: not one, columns missing, cut short, a bad cell."""

    code = "export"
    title = "The file cannot be read"


class ImportInvalid(SupportdeskError):
    """A file for the Sumtracker side cannot be read, or has rows that cannot be taken; nothing was imported.

    `bad` says how many rows that are and `good` how many are not, which may be imported without them; both are 0 for a file
    that cannot be read at all.
    """

    code = "import"
    title = "Nothing was imported"

    def __init__(self, detail: str, next_step: str = "", bad: int = 0, good: int = 0) -> None:
        super().__init__(detail, next_step)
        self.bad = bad
        self.good = good


class HomeUnusable(SupportdeskError):
    """A folder of ours cannot be made or written: no permission, a file in its way, a read-only disk."""

    code = "home"
    title = "The folder for our files cannot be used"


class LedgerError(SupportdeskError):
    """The account file could not be used."""

    code = "ledger"
    title = "The account file cannot be used"


class LedgerNewer(LedgerError):
    """The account file was written by a newer program."""

    code = "ledger_newer"
    title = "The account file is newer than this program"


class LedgerDamaged(LedgerError):
    """Not an account file of ours, or a damaged one."""

    code = "ledger_damaged"
    title = "The account file is damaged"


class LedgerBusy(LedgerError):
    """Another process held the account file for too long."""

    code = "ledger_busy"
    title = "The account file is busy"


class DiskFull(LedgerError):
    """No room to write; what was there before is unchanged."""

    code = "disk_full"
    title = "The disk is full"


class NotLoaded(SupportdeskError):
    """The channel has not been loaded yet, so there is nothing to show of it."""

    code = "not_loaded"
    title = "There is nothing to show yet"


class OutputLost(SupportdeskError):
    """What was asked for cannot be written to where standard output goes: a full disk, a closed device."""

    code = "output"
    title = "The answer cannot be written"


class FileLost(OutputLost):
    """A file that a person asked for cannot be written: a full disk, a folder that is not theirs."""

    code = "file"
    title = "The file cannot be written"


class CredentialMissing(SupportdeskError):
    """No token is kept for the channel, or it cannot be read."""

    code = "credential"
    title = "There is no token for this store"


class ServiceMissing(SupportdeskError):
    """Nothing on this machine runs a worker as a service of a person: no systemd, or none that answers."""

    code = "no_service"
    title = "No worker can be installed here"


class Refused(SupportdeskError):
    """Refused on purpose: stale, brake, block, claim, read-only."""

    code = "refused"
    title = "That is not allowed now"
    exit_code = 4


class Conflict(Refused):
    """Somebody else changed what the person was looking at; nothing was merged and nothing written."""

    code = "conflict"
    title = "It was changed meanwhile"


class Claimed(Refused):
    """Another ledger has claimed the store, so this one only reads it (PROTOCOL §3)."""

    code = "claimed"
    title = "This store is synced from elsewhere"


class LeaseLost(Refused):
    """Another worker has taken over the channel's engine; this one stops where it is (PROTOCOL §3)."""

    code = "lease"
    title = "Another worker syncs this channel"


class PlanStale(Refused):
    """The store, a decision, a connection or the ledger changed since the plan was made (PROTOCOL §4)."""

    code = "stale"
    title = "The plan is out of date"


class PlanMoved(Refused):
    """Numbers moved since the plan was made, otherwise than by orders, and nobody typed how many rows these are (PROTOCOL §4)."""

    code = "moved"
    title = "Numbers moved since the plan was made"


class BrakeHolds(Refused):
    """What would be written is so much that a person must type how many rows it is (PROTOCOL §4)."""

    code = "brake"
    title = "The brake holds"


class Cancelled(SupportdeskError):
    """A person stopped it; nothing was changed."""

    code = "cancelled"
    title = "Stopped"
    exit_code = 130


def with_code(code: str, detail: str, next_step: str) -> SupportdeskError:
    """The error that another process of ours said as JSON, to be raised here; a plain `SupportdeskError` for a code unknown here."""
    waiting: list[type[SupportdeskError]] = [SupportdeskError]
    while waiting:
        kind = waiting.pop()
        if kind.code == code:
            return kind(detail, next_step)
        waiting += kind.__subclasses__()
    return SupportdeskError(detail, next_step)
