"""What a channel that is on has to show, from memory: alerts, held rows, what verifying found; hostile texts, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from supportdesk.core.alerts import Alert
from supportdesk.core.channels import SyncGlance
from supportdesk.core.held import HeldAnswer, HeldDone, HeldRow
from supportdesk.core.looks import RowKey
from supportdesk.core.progress import Watch
from supportdesk.core.verify import VerifiedRow, VerifyTotals
from supportdesk.desk.alerts import AlertLine
from supportdesk.desk.syncing import SyncedNow
from supportdesk.desk.verifying import Verified
from supportdesk.ledger.verifying import Findings

AT = datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC)
BRAKE = "14 rows of 480 in stock would fall to 0, more than 2%."


@dataclass
class FakeLive:
    """Answers of one channel; `hostile` puts those texts wherever a merchant's text can stand."""

    hostile: Sequence[str] = ()
    told: list[tuple[str, str]] = field(default_factory=list)
    """(code, text) of alerts."""
    seen: set[int] = field(default_factory=set)
    held_count: int = 0
    stopped_rows: int = 0
    differ: int = 0
    glances: dict[str, SyncGlance] = field(default_factory=dict)

    def trouble(self) -> None:
        """Some of everything."""
        self.told = [
            ("held", "KO-TENT-2P at Depot: another listing of KO-TENT-2P is synced already; 6 → 31"),
            ("token", "The store does not accept the token: The app was removed from the store."),
            ("brake", BRAKE),
        ]
        self.held_count, self.differ = 5, 3

    def text(self, plain: str, number: int) -> str:
        return self.hostile[number % len(self.hostile)] if self.hostile else plain

    # Alerts

    def alerts(self) -> list[Alert]:
        found = [
            Alert(
                *(number, AT - timedelta(minutes=7 * number), code, self.text(text, number), "", ""),
                closed_at=AT if code == "token" else None,
                seen_at=AT if number in self.seen else None,
                seen_by="mia" if number in self.seen else "",
            )
            for number, (code, text) in enumerate(self.told, 1)
            if not (code == "token" and number in self.seen)
        ]
        return sorted(found, key=lambda alert: (alert.seen_at is not None, -alert.id))

    def line(self) -> AlertLine:
        unseen = [alert for alert in self.alerts() if alert.seen_at is None]
        are_over = bool(unseen) and all(alert.closed_at is not None for alert in unseen)
        return AlertLine(len(unseen), unseen[0].text if unseen else "", are_over)

    def see(self, number: int | None) -> int:
        new = {alert.id for alert in self.alerts() if number in (None, alert.id)} - self.seen
        self.seen |= new
        return len(new)

    # Held rows

    def held_row(self, number: int) -> HeldRow:
        codes = (
            ("to_confirm", "another listing of it is synced already", 6, 31),
            ("fought_over", "another app writes this number", 12, 9),
            ("unknown", "never counted in Sumtracker", 4, None),
            ("archived", "archived in the store", 3, 3),
            ("to_confirm", "new here", 0, 8),
        )
        code, why, store, ledger = codes[number % len(codes)]
        return HeldRow(
            item_id=2000 + number,
            location_id=1,
            sku=self.text(f"KO-HELD-{number:03}", number),
            title=self.text("Ridge tent 2P", number),
            location=self.text("Main Street", number),
            warehouse="MAIN",
            code=code,
            reason=self.text(why, number),
            store=store,
            ledger=ledger,
        )

    def held(self) -> _Table:
        return _Table([self.held_row(number) for number in range(self.held_count)], self.stopped_rows)

    def answer(self, keys: Sequence[RowKey], said: HeldAnswer) -> HeldDone:
        rows = tuple(self.held_row(item - 2000) for item, _ in keys)
        self.held_count = max(0, self.held_count - len(rows))
        return HeldDone(said, rows, ())

    # Verifying

    def verify(self, channel: str, watch: Watch, *, synced: bool) -> Verified:
        watch.report("Looking at every row", 4_826, 4_826, unit="rows")
        findings = Findings()
        states: Any = ("differ", "differ", "differ", "only_store", "only_ledger", "settling", "held")
        for number, state in enumerate(states if self.differ else ()):
            findings.add(
                VerifiedRow(
                    *(state, self.text(f"KO-{number:04}", number), self.text("Enamel mug", number)),
                    *(self.text("Main Street", number) if state != "only_ledger" else "", "MAIN"),
                    store=None if state == "only_ledger" else 40 + number,
                    ledger=None if state == "only_store" else 38,
                    why=self.text("2 more in the store than it should show", number),
                )
            )
        count = findings.count
        totals = VerifyTotals(
            *(channel, synced, 4_820),
            *(count("differ"), count("only_store"), count("only_ledger"), count("settling"), count("held")),
        )
        return Verified(totals, findings)

    def synced(self, channel: str, *, hard: bool) -> SyncedNow:
        return SyncedNow(channel, 42, AT, 2, 3, 0, 0, 0, hard, (), 0)


@dataclass
class _Table:
    rows: list[HeldRow]
    stopped_rows: int

    @property
    def count(self) -> int:
        return len(self.rows)

    def window(self, start: int, limit: int) -> Sequence[HeldRow]:
        return self.rows[start : start + limit]

    def close(self) -> None: ...
