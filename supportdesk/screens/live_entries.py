"""From any tab of a channel to its alerts, held rows and verifying; syncing now, going past the brake and turning off from there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from supportdesk.core.text import safe_text
from supportdesk.screens.adopting import StaffEdit, put_back
from supportdesk.screens.adopting import ask as ask_to_adopt
from supportdesk.screens.words import counted
from supportdesk.widgets.dialogs import ConfirmDialog, TypedConfirmDialog

if TYPE_CHECKING:
    from supportdesk.desk.applying import TurnedOff
    from supportdesk.desk.sync_status import SyncStatus
    from supportdesk.desk.syncing import SyncedNow
    from supportdesk.errors import SupportdeskError
    from supportdesk.screens.channel import ChannelScreen

_NEEDS_ON: Final = frozenset(
    {"tabs.sync_now", "tabs.hard_refresh", "tabs.go_on", "tabs.turn_off", "tabs.held", "log.adopt"}
)
_WRITES: Final = frozenset({"tabs.sync_now", "tabs.hard_refresh", "tabs.go_on", "tabs.turn_off", "log.adopt"})
COMMANDS: Final = _NEEDS_ON | {"tabs.verify", "tabs.alerts", "tabs.roll_back", "log.adopt"}


def why_not(screen: ChannelScreen, command_id: str) -> str | None:
    """Why one of these commands cannot be given now, as a sentence; None where it can."""
    if command_id == "log.adopt" and _undone(screen) is None:
        return "Only an edit that was put back can be adopted: ! edit."
    if command_id in _NEEDS_ON and screen.channel.sync != "on":
        return "Sync is off: T turns it on."
    if command_id in _WRITES and screen.doorway.desk.settings.read_only:
        return "supportdesk was started read-only, so it changes nothing of sync."
    return None


def go(screen: ChannelScreen, name: str) -> None:
    """Do one of them, or show its page."""
    handle, timezone = screen.channel.handle, screen.timezone
    if name == "alerts":
        from supportdesk.screens.alerts import AlertsScreen

        screen.app.push_screen(AlertsScreen(screen.channel, timezone), lambda to: _alerts_left(screen, to))
    elif name == "held":
        from supportdesk.screens.held import HeldScreen

        screen.app.push_screen(HeldScreen(screen.channel, timezone), lambda _: screen.look())
    elif name == "verify":
        from supportdesk.screens.verify import VerifyScreen

        screen.app.push_screen(VerifyScreen(screen.channel, timezone))
    elif name == "roll_back":
        from supportdesk.screens.plan_review import PlanReviewScreen
        from supportdesk.screens.plan_words import Wanted

        page = PlanReviewScreen(screen.channel, Wanted("rollback"), timezone)
        screen.app.push_screen(page, lambda refused: _plan_left(screen, refused))
    elif name == "sync_now":
        _sync(screen, hard=False)
    elif name == "hard_refresh":
        dialog = ConfirmDialog(
            "Read every row again?",
            [
                "Every row is read and judged again, some hundred at a time; meanwhile everything else goes on.",
                "Only differences are written.",
            ],
            "Read them",
        )
        screen.app.push_screen(dialog, lambda yes: _sync(screen, hard=True) if yes else None)
    elif name == "go_on":
        screen.work(
            "go_on", lambda _: screen.doorway.sync_status(handle), lambda found: _ask_brake(screen, found)
        )
    elif name == "turn_off":
        _ask_turn_off(screen)
    elif name == "adopt":
        _ask_adopt(screen)


def _alerts_left(screen: ChannelScreen, to: str | None) -> None:
    screen.alerts_seen()
    if to:
        go(screen, to)


def _plan_left(screen: ChannelScreen, refused: SupportdeskError | None) -> None:
    if refused is not None:
        screen.show_error(refused)
    screen.look()


def _sync(screen: ChannelScreen, *, hard: bool) -> None:
    handle = screen.channel.handle
    screen.app.notify("Every row is being read again." if hard else "A cycle was asked for.", markup=False)

    def synced(done: SyncedNow) -> None:
        screen.app.notify(safe_text(done.text), markup=False, timeout=8)
        screen.look()

    screen.work("sync_now", lambda watch: screen.doorway.sync_now(handle, watch, hard=hard), synced)


def _ask_brake(screen: ChannelScreen, status: SyncStatus) -> None:
    if not (status.brake and status.stopped_rows):
        screen.app.notify("No brake holds: there is nothing to let go.", markup=False)
        return
    rows = status.stopped_rows
    dialog = TypedConfirmDialog(
        "Go past the brake?",
        [
            *map(safe_text, status.brake),
            f"{counted(rows, 'row waits', 'rows wait')}. What is let go is written with the next cycle; "
            "what changes later is judged anew.",
        ],
        str(rows),
        "Let them go",
    )

    def answered(yes: bool | None) -> None:
        if yes:
            handle = screen.channel.handle
            screen.work("let_go", lambda _: screen.doorway.go_on(handle, rows), lambda _: let_go())

    def let_go() -> None:
        screen.app.notify(
            f"{counted(rows, 'row goes', 'rows go')} past the brake with the next cycle.", markup=False
        )
        screen.look()

    screen.app.push_screen(dialog, answered)


def _undone(screen: ChannelScreen) -> StaffEdit | None:
    """The edit that was put back under the log's cursor."""
    event = getattr(screen.tab, "event", None)
    return put_back(screen.channel.handle, event.sku, event) if event is not None else None


def _ask_adopt(screen: ChannelScreen) -> None:
    if (edit := _undone(screen)) is not None:
        ask_to_adopt(screen, edit, screen.look)


def _ask_turn_off(screen: ChannelScreen) -> None:
    handle = screen.channel.handle
    dialog = TypedConfirmDialog(
        "Turn sync off?",
        [
            "Nothing more is written to the store, and its orders move no numbers here any more.",
            "What its open orders have promised stays off Sumtracker's numbers. Turning on again takes a new plan.",
        ],
        handle,
        "Turn off",
    )

    def off(done: TurnedOff) -> None:
        screen.app.notify(safe_text(done.text), markup=False, timeout=10)
        screen.look()

    def answered(yes: bool | None) -> None:
        if yes:
            screen.work("turn_off", lambda _: screen.doorway.turn_off(handle, confirm=handle), off)

    screen.app.push_screen(dialog, answered)
