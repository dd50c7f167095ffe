"""Connect a store: address and access, tried before anything is kept. Errors stand beside the field; nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar, Final

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from supportdesk.commands import Command
from supportdesk.errors import (
    NotAShopAddress,
    Refused,
    ScopeMissing,
    ShopMissing,
    SupportdeskError,
    TokenRefused,
    WrongUsage,
)
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.connect_doorway import Access, Connected, Tried
from supportdesk.screens.load import error_text
from supportdesk.screens.work import Work
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.check_list import PanelTitle
from supportdesk.widgets.choice import Choice
from supportdesk.widgets.clipboard import copy
from supportdesk.widgets.field import Field
from supportdesk.widgets.merchant_text import plain

_NOT_IN_AN_ID: Final = re.compile(r"[\s/:]")
"""What an address or a sentence pasted in the wrong field has, and no client id."""
_NEEDED_TO = {
    "load": ("✗", "bold $blocked", "without it the store cannot be loaded"),
    "turn_on": ("!", "bold $warned", "without it sync cannot be turned on"),
    "warn": ("!", "$warned", "can be done without"),
}


class ConnectScreen(DeskScreen[str]):
    """The form. Answers the handle of the channel that was connected, or None."""

    name_in_registry = "connect"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("connect")
    DEFAULT_CSS = """
    ConnectScreen > #form { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; layout: vertical; }
    ConnectScreen #fields { height: auto; width: 1fr; padding-top: 1; }
    ConnectScreen #instructions { height: auto; width: 1fr; padding-top: 1; }
    ConnectScreen #how { height: auto; padding: 0 2; color: $muted; }
    ConnectScreen.-wide > #form { layout: horizontal; }
    ConnectScreen.-wide #instructions { margin-left: 2; }
    ConnectScreen #kind { height: 1; margin: 1 0; }
    ConnectScreen #kind > .label { width: 15; }
    ConnectScreen .-unused { display: none; }
    ConnectScreen #result { height: auto; width: 1fr; max-width: 96; margin-top: 1; display: none; }
    ConnectScreen #result.-said { display: block; }
    ConnectScreen #buttons { height: 1; margin: 1 0 1 15; }
    ConnectScreen Button { width: auto; min-width: 0; height: 1; border: none; padding: 0 1; margin-right: 2; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.tried: Tried | None = None
        self._trying = False
        self._work: Work[Tried] | Work[Connected] | None = None
        self._timer: Timer | None = None
        self._said = Content("")

    def compose_body(self) -> Iterable[Widget]:
        """Fields and result on one side, how to get access on the other (below, where there is no room)."""
        yield VerticalScroll(
            Vertical(
                Field(
                    "Shop",
                    "handle, myshopify.com domain or admin.shopify.com/store/…",
                    id="shop",
                    placeholder="kestrel-outdoor",
                ),
                Field("Account", "empty: a new one named after the shop", id="account"),
                Horizontal(
                    Static(Content("Access by"), classes="label"),
                    Choice(("client id and secret", "token"), id="kind-choice"),
                    id="kind",
                ),
                Field("Client id", "", id="client-id"),
                Field(
                    "Client secret",
                    "kept in the keyring or a private file",
                    id="client-secret",
                    password=True,
                ),
                Field(
                    "Token",
                    "begins with shpat_; kept in the keyring or a private file",
                    id="token",
                    password=True,
                ),
                Static(id="result"),
                Horizontal(Button(Content("Try it"), id="try", compact=True), id="buttons"),
                id="fields",
            ),
            Vertical(PanelTitle("How to get access"), Static(id="how"), id="instructions"),
            id="form",
            can_focus=False,
        )

    # Fields

    def field(self, name: str) -> Field:
        """The field of that id."""
        return self.query_one(f"#{name}", Field)

    @property
    def by_token(self) -> bool:
        """Whether a token is given, not a client id and secret."""
        return self.query_one(Choice).chosen == 1

    @property
    def result(self) -> Static:
        """What the try told."""
        return self.query_one("#result", Static)

    @property
    def button(self) -> Button:
        """`Try it`, and once that went well `Connect`."""
        return self.query_one("#try", Button)

    def opened(self) -> None:
        """Say how to get access; begin with the shop."""
        scopes = ", ".join(self.doorway.scope_list().split(","))
        self.query_one("#how", Static).update(
            Content.assemble(
                self.doorway.app_instructions(),
                "\n\nAccess scopes (f2 copies them):\n",
                (scopes, "$foreground"),
            )
        )
        self._show_kind()
        self.watch(self.query_one("#form"), "show_vertical_scrollbar", self._say_how_to_read_on)
        self.work("accounts", lambda _: self.doorway.account_slugs(), self._accounts_read)
        self.field("shop").input.focus()

    def _say_how_to_read_on(self, below: bool) -> None:
        """The keys scroll the page, but no field says so."""
        self.query_one(PanelTitle).note = "page down reads on" if below else ""

    def _accounts_read(self, slugs: tuple[str, ...]) -> None:
        account = self.field("account")
        if not slugs:
            return
        if self.desk_app.presenter:
            account.hint += "; others are hidden"
        else:
            shown = ", ".join(slugs[:6]) + (", …" if len(slugs) > 6 else "")
            account.hint += f"; or {shown}"
        account.say(None)

    def _show_kind(self) -> None:
        for name, used in (
            ("token", self.by_token),
            ("client-id", not self.by_token),
            ("client-secret", not self.by_token),
        ):
            self.field(name).set_class(not used, "-unused")

    @on(Choice.Changed)
    def _kind_changed(self) -> None:
        self._show_kind()
        self._forget_try()

    @on(Input.Changed)
    def _changed(self) -> None:
        self._forget_try()

    def _forget_try(self) -> None:
        """What was typed is not what was tried any more."""
        for field in self.query(Field):
            if field.has_class("-invalid"):
                field.say(None)
        if self.tried is not None:
            self.tried = None
            self._say(Content(""))
            self._name_button("Try it")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        last = self.field("token" if self.by_token else "client-secret").input
        if event.input is last:
            self.action_try_it()
        else:
            self.focus_next()

    def _say(self, text: Content) -> None:
        """Say what the try told; empty for nothing."""
        self._said = text
        self.result.update(text)
        self.result.set_class(bool(text.plain), "-said")

    def _name_button(self, label: str) -> None:
        self.button.label = Content(label)
        self.button.refresh(layout=True)
        self.show_footer()

    def label_of(self, command: Command) -> str:
        """What ctrl+s does now; esc stops while the store is asked."""
        if command.id == "back" and self._trying:
            return "stop"
        return "connect" if command.id == "connect.try" and self.tried is not None else command.label

    def what_to_copy(self) -> tuple[str, str]:
        """The shop, as typed; never a secret."""
        return "the shop", self.field("shop").value

    # Commands

    def action_copy_scopes(self) -> None:
        """Copy the scopes the app needs."""
        copy(self.app, "the scopes", self.doorway.scope_list())

    def action_try_it(self) -> None:
        """Ask the store; once that went well, connect."""
        if self._trying:
            return
        access = self._access()
        if access is None:
            return
        self._trying = True
        self.button.disabled = True
        doorway = self.doorway
        if self.tried is None:
            self._work = self.work(
                "connect",
                lambda watch: doorway.try_connection(access, watch),
                self._was_tried,
                failed=self._failed,
            )
        else:
            self._work = self.work(
                "connect", lambda watch: doorway.connect(access, watch), self._connected, failed=self._failed
            )
        self._timer = self.set_interval(self.desk_app.profile.progress_seconds, self.look)
        self.look()
        self.show_footer()

    @property
    def in_progress(self) -> bool:
        """Whether the store is being asked."""
        return self._trying

    def look(self) -> None:
        """Say that the store is being asked, and what keeps it from answering."""
        if not self._trying or self._work is None:
            return
        phases = self._work.phases
        note = phases[-1].note if phases else ""
        asking = Content.styled("▸ Asking the store…", "$muted")
        said = Content("\n").join([asking, plain(f"  {note}", "$warned")]) if note else asking
        if said != self._said:
            self._say(said)

    @on(Button.Pressed, "#try")
    def _pressed(self) -> None:
        self.action_try_it()

    def action_back(self) -> None:
        """Stop asking; else leave the form."""
        if self._trying:
            if self._work is not None:
                self._work.cancel()
            self.workers.cancel_group(self, "connect")
            self._rest()
            self._say(Content.styled("Stopped; nothing was kept.", "$muted"))
        else:
            self.leave()

    def _access(self) -> Access | None:
        """What is typed; None where something is missing or cannot be, said beside the field."""
        wrong = self._what_is_wrong()
        for field, sentence in wrong:
            field.say(sentence)
        if wrong:
            wrong[0][0].input.focus()
            return None
        value = {
            name: self.field(name).value
            for name in ("shop", "account", "token", "client-id", "client-secret")
        }
        if self.by_token:
            return Access(value["shop"], value["account"], token=value["token"])
        return Access(
            value["shop"],
            value["account"],
            client_id=value["client-id"],
            client_secret=value["client-secret"],
        )

    def _what_is_wrong(self) -> list[tuple[Field, str]]:
        """Every field that is empty or cannot be right, from the top, with what to do about it."""
        wrong = []
        shop = self.field("shop")
        if not shop.value:
            wrong.append((shop, "Which store? Its handle is enough."))
        else:
            try:
                self.doorway.check_shop(shop.value)
            except NotAShopAddress as error:
                wrong.append((shop, f"{error.detail} {error.next_step}".rstrip()))
        if self.by_token:
            needed = [("token", "Paste the app's token.")]
        else:
            needed = [
                ("client-id", "Paste the app's client id."),
                ("client-secret", "Paste the app's client secret."),
            ]
        for field, sentence in ((self.field(name), sentence) for name, sentence in needed):
            if not field.value:
                wrong.append((field, sentence))
            elif field.id == "client-id" and _NOT_IN_AN_ID.search(field.value):
                wrong.append((field, "That is no client id: it is one word of letters and digits."))
        return wrong

    # Ends

    def _rest(self) -> None:
        self._trying = False
        if self._timer is not None:
            self._timer.stop()
        self.show_footer()
        self.button.disabled = False

    def _was_tried(self, tried: Tried) -> None:
        self._rest()
        self.tried = tried
        self._say(_tried_text(tried))
        self._name_button("Connect")
        self.button.focus()

    def _connected(self, connected: Connected) -> None:
        self.app.notify(connected.kept, markup=False)
        self.leave(connected.channel)

    def _failed(self, error: SupportdeskError) -> None:
        self._rest()
        self._say(error_text(error, "Nothing was kept."))
        name = self._field_of(error)
        if name is not None:
            field = self.field(name)
            field.say(error.title)
            field.input.focus()
        self.result.scroll_visible(animate=False)

    def _field_of(self, error: SupportdeskError) -> str | None:
        """The field an error speaks of."""
        match error:
            case NotAShopAddress() | ShopMissing():
                return "shop"
            case TokenRefused() | ScopeMissing():
                return "token" if self.by_token else "client-secret"
            case Refused() | WrongUsage():
                return "account"
            case _:
                return None


def _tried_text(tried: Tried) -> Content:
    """The shop's name, and each missing scope with what it is for."""
    lines = [
        Content.assemble(
            ("✓ ", "bold $passed"), plain(tried.shop_name, "bold"), plain(f"  {tried.domain}", "$muted")
        )
    ]
    if not tried.missing:
        lines.append(Content("The app may do all that sync needs."))
    else:
        lines.append(Content("What the app may not do yet:"))
    for missing in tried.missing:
        sign, style, so = _NEEDED_TO.get(missing.needed_to, ("!", "$warned", missing.needed_to))
        lines.append(
            Content.assemble(
                (f"{sign} ", style), (missing.scope, "bold"), f" to {missing.what_for}; ", (so, "$muted")
            )
        )
    lines.append(Content.styled("Enter connects it. Nothing is kept yet.", "$muted"))
    return Content("\n").join(lines)
