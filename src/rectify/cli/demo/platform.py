"""What a platform hangs on the ledger: a veto of its own, and what it sends afterwards.

Here it only notes what it would send. One service is down at first, so that a delivery
has to be tried again.
"""

from __future__ import annotations

from typing import Final

from rectify.errors import Refused
from rectify.hooks import Applied, Proposed
from rectify.i18n import Message, message
from rectify.issue import AnyIssue
from rectify.ledger import Ledger
from rectify.moves import Expose, Register, Reject, Reopen, Transfer, Verify
from rectify.reason import Reason
from rectify.unit import UnitTree

PLATFORM_SCOPE: Final = "platform-scope"
_WIDE: Final = "全省"
_DOWN_FOR: Final = "HB-2018-0030"


class Platform:
    """The hooks of a made-up platform on a ledger; ``sent`` is what it would have sent."""

    def __init__(self, ledger: Ledger[AnyIssue], units: UnitTree) -> None:
        self.sent: list[tuple[str, Message]] = []
        self._units = units
        ledger.before(Expose)(self.only_the_province_tells_the_province)
        ledger.after(Register, name="petition-receipt")(self.receipt)
        ledger.after(Transfer, name="notify-commission")(self.commission)
        ledger.after(Reject, name="supervise-rejected")(self.supervision)
        ledger.after(Reopen, name="supervise-reopened")(self.supervision)
        ledger.after(Verify, name="close")(self.closing)
        ledger.after(Expose, name="publish")(self.publication)

    def only_the_province_tells_the_province(self, proposed: Proposed[Expose]) -> None:
        """Veto a bulletin to the whole province by anyone below it."""
        unit = self._units[proposed.by.unit]
        if proposed.move.bulletin.scope != _WIDE or unit.level == "province":
            return
        said = message(
            "a bulletin to the whole province is published by the province, not by {unit}",
            unit=unit.name,
        )
        reason = Reason(code=PLATFORM_SCOPE, text=said)
        raise Refused([reason], "Expose", proposed.move.issue.id)

    def receipt(self, applied: Applied[Register]) -> None:
        """A petition is acknowledged; who sent it is not for this letter to say."""
        if applied.move.finding.channel == "petition":
            self._send("petition-receipt", message("receipt to the reporter: report accepted"))

    def commission(self, applied: Applied[Transfer]) -> None:
        """The organ is told; its service is down once."""
        if applied.issue.id == _DOWN_FOR and applied.attempt == 1:
            down = message("{organ} can't be reached; to be tried again", organ=applied.move.organ)
            self._send("notify-commission", down)
            raise ConnectionError
        said = message(
            "to {organ}: letter of transfer, attempt {attempt}",
            organ=applied.move.organ,
            attempt=applied.attempt,
        )
        self._send("notify-commission", said)

    def supervision(self, applied: Applied[Reject] | Applied[Reopen]) -> None:
        """Who is responsible gets a notice to put it right by the timetable."""
        timetable = applied.move.timetable
        said = message(
            "to {responsible}: notice of supervision, round {round}, due {due}",
            responsible=timetable.responsible,
            round=applied.issue.round,
            due=timetable.ends_on,
        )
        self._send("supervise", said)

    def closing(self, applied: Applied[Verify]) -> None:
        """The unit learns that its issue is closed."""
        unit = self._units[applied.issue.finding.unit]
        self._send("close", message("to {unit}: notice of closure", unit=unit.name))

    def publication(self, applied: Applied[Expose]) -> None:
        """The bulletin goes out."""
        bulletin = applied.move.bulletin
        said = message("published, {scope}: {title}", scope=bulletin.scope, title=bulletin.title)
        self._send("publish", said)

    def _send(self, hook: str, said: Message) -> None:
        self.sent.append((hook, said))
