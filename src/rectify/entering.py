"""Entering in a ledger's journal: what people record of duties and of what happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from rectify import fields
from rectify.actor import Actor
from rectify.canonical import encode
from rectify.errors import InvalidValue, Refused
from rectify.i18n import Message, message
from rectify.journal import (
    CLASSIFIED,
    HAPPENING,
    SENT_BACK,
    SUBMISSION,
    VISIT,
    WITHDRAWN,
    Entry,
    writer,
)
from rectify.outlook import Outlook
from rectify.reason import Reason
from rectify.store import Store, Transaction
from rectify.sweep import check_campaign

_CALLED: Final[Mapping[str, Message]] = {
    SUBMISSION: message("handing in"),
    SENT_BACK: message("sending back"),
    HAPPENING: message("recording the event"),
    VISIT: message("recording the visit"),
    CLASSIFIED: message("classifying the issue"),
    WITHDRAWN: message("withdrawing the record of"),
}


class Entering:
    """The journal of one ledger: its store, what its campaign sets, and its clock."""

    def __init__(self, store: Store, outlook: Outlook, clock: Callable[[], datetime]) -> None:
        self.store = store
        self.outlook = outlook
        self.clock = clock

    def dated(self, by: object, at: datetime | None) -> datetime:
        """The instant in UTC; `InvalidValue` where it is naive, or ``by`` is no actor."""
        if not isinstance(by, Actor):
            raise InvalidValue("by", message("expected an Actor"))
        at = self.clock() if at is None else at
        fields.check_instant("at", at)
        return at.astimezone(UTC)

    def latest(self) -> datetime:
        """The last instant that is not in the future, by the clock and its tolerance."""
        return self.clock() + timedelta(seconds=self.outlook.campaign.tolerance_seconds)

    def entries(self, tx: Transaction, chain: str) -> list[Entry]:
        """The entries of a chain, whose next one is this transaction's to write."""
        check_campaign(self.store, tx, self.outlook.campaign.fingerprint, lock=True)
        return list(tx.timeline.entries(chain))

    def enter(
        self,
        tx: Transaction,
        chain: str,
        entries: list[Entry],
        kind: str,
        data: Mapping[str, Any],
        by: Actor,
        at: datetime,
    ) -> None:
        """Add an entry to a chain, and to the list of its entries.

        Raises `Refused` for an instant in the future, or before the chain's last one.
        """
        last = entries[-1] if entries else None
        self._check_time(chain, kind, at, last)
        fingerprint = self.outlook.campaign.fingerprint
        previous = last.digest if last else ""
        write = writer(chain, fingerprint, len(entries), previous, self.store.digest)
        entry = write(kind, at, encode(dict(data)), by)
        tx.timeline.enter(entry)
        entries.append(entry)

    def _check_time(self, chain: str, kind: str, at: datetime, last: Entry | None) -> None:
        now, shown = self.clock(), self.shown
        if at > self.latest():
            problem = message(
                "the step is dated {at}; the ledger's clock says {now}",
                at=shown(at),
                now=shown(now),
            )
            raise refused("time-in-future", problem, kind, chain, until=at)
        if last is not None and at < last.at:
            problem = message(
                "it is dated {at}, before the last record of the duty, {last}",
                at=shown(at),
                last=shown(last.at),
            )
            raise refused("time-runs-backwards", problem, kind, chain, until=last.at)

    def shown(self, at: datetime) -> str:
        """An instant in a text, in the campaign's zone."""
        return at.astimezone(self.outlook.campaign.zone).isoformat(sep=" ", timespec="seconds")


def refused(
    code: str, problem: Message, kind: str, chain: str, until: datetime | None = None
) -> Refused:
    """The refusal to enter something, with its one reason."""
    reason = Reason(code=code, text=problem, until=until)
    about = chain.partition(":")[2]
    head = message("{what} “{about}” is refused:", what=_CALLED[kind], about=about)
    return Refused([reason], kind, about, head=head)
