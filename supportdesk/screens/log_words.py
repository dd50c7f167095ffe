"""How the log is said: a line of it, what stands above it, and what an event means. Wording only, no rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final

from textual.content import Content

from supportdesk.core.events import (
    GROUP_WORDS,
    Event,
    LogFilter,
    Sign,
    kind_of,
    line_of,
    place_words,
    who_words,
)
from supportdesk.core.skus import shown_sku
from supportdesk.core.text import safe_text
from supportdesk.desk.log import LogStanding
from supportdesk.screens.words import counted
from supportdesk.widgets.log_line import LogLine
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import Tone

_TONES: Final[Mapping[Sign, Tone]] = {
    "←": "accent",
    "→": "passed",
    "·": "muted",
    "!": "warned",
    "~": "warned",
}
SIGN_WORDS: Final[Mapping[Sign, str]] = {
    "←": "from the store",
    "→": "to the store",
    "·": "in Sumtracker",
    "!": "look at this",
    "~": "settling",
}
_BLOCKS: Final = " ▁▂▃▄▅▆▇█"
_ASCII_BLOCKS: Final = " ..::||##"
LISTENING: Final = (
    "Nothing happened yet.",
    "What anybody does here, and what sync does, stands here as it happens.",
)
NONE_LIKE_THAT: Final = ("No line is like that.", "esc shows everything again.")

_MEANINGS: Final[Mapping[str, str]] = {
    "order": "Somebody bought it in the store. The store took it off its own number at once; Sumtracker books it here, and tells "
    "every other listing of the SKU.",
    "fulfil": "It was sent to the customer: what was booked has left the warehouse. What is available stays as it was.",
    "cancel": "The order was cancelled, so what it had booked is free again.",
    "promised": "Sync ended for these units before they were sent. They leave Sumtracker's number in stock together with what was "
    "booked, so what is available stays: their orders are fulfilled in the store.",
    "refund": "It came back, or the customer got the money back.",
    "push": "Sumtracker's number changed for another reason than an order of this listing here, and the store was told by how much.",
    "expired": "A write to the store got no answer for so long that it could not be sent again. The row was read instead, and the "
    "line says what was found.",
    "undo": "Somebody changed the number in the store itself. Sumtracker is master there, so exactly that change was put back; "
    "orders meanwhile count. Change stock in Sumtracker instead; a takes this edit into Sumtracker after all.",
    "not_found": "An order has a SKU that Sumtracker does not know, so it changes no number here. Give the listing its right SKU, "
    "or leave it out.",
    "late": "The store told of this order later than orders usually come. Its row is read again and settles anew.",
    "out_of_sight": "The app may see orders of the last 60 days alone. What this one holds stays booked until you say otherwise.",
    "held": "This row is not synced any more, for the reason the line says. Nothing is written there until that is mended.",
    "out": "This row is no longer one that is synced.",
    "settled": "The row was read again, and what it shows is explained to the unit.",
    "reading": "Shopify is master at this location: its number was read, and taken over here.",
    "unavailable": "Units were set aside in the store (damaged, reserved, in quality control), or put back on sale. They were not "
    "sold, so Sumtracker follows.",
    "copy": "The store's number was copied into Sumtracker while sync was turned on.",
    "went_on": "The process that synced this channel ended without saying so: it was killed, or its machine went down. Another one goes "
    "on where it was, and nothing is lost or counted twice. The seconds are those since it last wrote.",
    "alert": "Something keeps sync from doing its work. It stays listed until somebody has seen it.",
    "alert_ended": "What an alert told of is over.",
    "take_over": "Another ledger had claimed this store. It was taken over, and the other one only reads from now on.",
    "plan_refused": "The plan no longer fitted what is in the store, or was stopped; nothing was written.",
    "go_on": "The brake held writes back, and a person let them go by typing how many rows they are.",
}


def log_line(event: Event, zone: tzinfo) -> LogLine:
    """An event as a line of the log, on the store's clock."""
    said = line_of(event)
    local = event.at.astimezone(zone)
    return LogLine(
        key=event.id,
        day=f"{local:%A} {local.day} {local:%B %Y}",
        time=f"{local:%H:%M:%S}",
        sign=said.sign,
        tone=_TONES[said.sign],
        word=said.word,
        place=said.place,
        beside=said.beside,
        sku=shown_sku(said.sku) if said.sku else "",
        numbers=said.numbers,
        text=said.text,
        item=event,
    )


def summary_words(
    wanted: LogFilter,
    *,
    following: bool,
    new: int,
    marking: bool,
    searching: str,
    standing: LogStanding | None,
) -> str:
    """The line above the log: whether the end is followed, what is shown, what came meanwhile, who runs sync."""
    parts = ["following the end" if following else "holding still, G follows"]
    if new:
        parts[0] = f"+{new:,} new, G follows"
    if marking:
        parts.append("marking: y copies, space forgets")
    if wanted.group != "all":
        parts.append(GROUP_WORDS[wanted.group])
    if wanted.place:
        parts.append(f"at {wanted.place}")
    if searching:
        parts.append(searching)
    if standing is not None and standing.is_on and standing.kept_by and len(parts) == 1:
        parts.append(f"synced by {safe_text(standing.kept_by)}")
    return " · ".join(parts)


def sparkline(counts: Sequence[int], width: int, *, ascii_only: bool) -> str:
    """The counts as bars, the newest last, each the sum of as many as fit `width` columns; nothing at all stays blank."""
    each = max(1, -(-len(counts) // width))
    sums = [sum(counts[start : start + each]) for start in range(0, len(counts), each)]
    highest = max(sums, default=0)
    blocks = _ASCII_BLOCKS if ascii_only else _BLOCKS
    steps = len(blocks) - 1
    return "".join(blocks[-(-number * steps // highest) if highest else 0] for number in sums)


def counts_words(tally: Mapping[str, int]) -> str:
    """`2,412 in the last hour · 3 !`, by kind."""
    look = sum(count for kind, count in tally.items() if kind_of(kind).sign == "!")
    return f"{sum(tally.values()):,} in the last hour" + (f" · {look:,} !" if look else "")


def countdown(standing: LogStanding | None, now: datetime) -> str:
    """When the next cycle is: `next cycle in 7 s`, `a cycle is running`, `nobody is syncing`, `sync is off`."""
    if standing is None:
        return ""
    if not standing.is_on:
        return "sync is off"
    if not standing.kept_by:
        return "nobody is syncing"
    if standing.next_cycle is None:
        return "a cycle is running"
    left = int((standing.next_cycle - now).total_seconds())
    if left <= 0:
        return "next cycle is due"
    return f"next cycle in {left} s" if left < 100 else f"next cycle in {left // 60} min"


def meaning_lines(event: Event, zone: tzinfo) -> list[Content]:
    """All that is known of an event, and what it means."""
    kind = kind_of(event.kind)
    said = line_of(event)
    local = event.at.astimezone(zone)
    facts = [
        ("when", f"{local:%A} {local.day} {local:%B %Y}, {local:%H:%M:%S} ({local:%Z})"),
        ("what", f"{said.sign} {kind.word}: {SIGN_WORDS[kind.sign]}"),
        ("SKU", shown_sku(event.sku) if event.sku else ""),
        ("where", place_words(said)),
        ("number", said.numbers),
        ("refers to", event.reference),
        ("says", event.detail or kind.says),
        ("who" if kind.by_person else "synced by", who_words(event)),
        ("channel", event.channel or "the whole account"),
        ("event", f"{event.id:,}"),
    ]
    lines = [Content.assemble((f"{name:12}", "$muted"), plain(text)) for name, text in facts if text]
    if meaning := _MEANINGS.get(event.kind):
        lines += [Content(""), Content(meaning)]
    return lines


def lines_words(number: int) -> str:
    """What is copied."""
    return counted(number, "line")
