"""rectify (专项治理): each issue of a rectification campaign, from found to exposed.

States are classes, moves are data, every refusal has its reasons, every record is chained
to the one before it. Start with ``load_campaign`` and ``Ledger``.

A name is imported when it is first used, so ``import rectify`` itself costs next to nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # what typing's own says, without the cost of importing it

if TYPE_CHECKING:
    from rectify.actor import Actor as Actor
    from rectify.campaign import load_campaign as load_campaign
    from rectify.event import DueSoon as DueSoon
    from rectify.event import Overdue as Overdue
    from rectify.event import PhaseClosed as PhaseClosed
    from rectify.event import PhaseOpened as PhaseOpened
    from rectify.evidence import Bulletin as Bulletin
    from rectify.evidence import Conclusion as Conclusion
    from rectify.evidence import Milestone as Milestone
    from rectify.evidence import Outcome as Outcome
    from rectify.evidence import Timetable as Timetable
    from rectify.finding import Finding as Finding
    from rectify.issue import AnyIssue as AnyIssue
    from rectify.issue import Exposed as Exposed
    from rectify.issue import FixedOnTheSpot as FixedOnTheSpot
    from rectify.issue import Found as Found
    from rectify.issue import Issue as Issue
    from rectify.issue import Scheduled as Scheduled
    from rectify.issue import Transferred as Transferred
    from rectify.issue import Verified as Verified
    from rectify.ledger import Ledger as Ledger
    from rectify.move import Move as Move
    from rectify.moves import Acknowledge as Acknowledge
    from rectify.moves import Complete as Complete
    from rectify.moves import Expose as Expose
    from rectify.moves import Extend as Extend
    from rectify.moves import Fix as Fix
    from rectify.moves import Reject as Reject
    from rectify.moves import Reopen as Reopen
    from rectify.moves import Return as Return
    from rectify.moves import Schedule as Schedule
    from rectify.moves import Transfer as Transfer
    from rectify.moves import Verify as Verify
    from rectify.reason import Decision as Decision
    from rectify.reason import Option as Option
    from rectify.reason import Reason as Reason
    from rectify.record import Record as Record
    from rectify.unit import UnitTree as UnitTree

_HOMES = {
    "actor": ("Actor",),
    "campaign": ("load_campaign",),
    "event": ("DueSoon", "Overdue", "PhaseClosed", "PhaseOpened", "ReceiptMissing"),
    "evidence": ("Bulletin", "Conclusion", "Milestone", "Outcome", "Timetable"),
    "finding": ("Finding",),
    "issue": (
        "AnyIssue",
        "Exposed",
        "FixedOnTheSpot",
        "Found",
        "Issue",
        "Scheduled",
        "Transferred",
        "Verified",
    ),
    "ledger": ("Ledger",),
    "move": ("Move",),
    "moves": (
        "Acknowledge",
        "Complete",
        "Expose",
        "Extend",
        "Fix",
        "Reject",
        "Reopen",
        "Return",
        "Schedule",
        "Transfer",
        "Verify",
    ),
    "reason": ("Decision", "Option", "Reason"),
    "record": ("Record",),
    "unit": ("UnitTree",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Acknowledge",
    "Actor",
    "AnyIssue",
    "Bulletin",
    "Complete",
    "Conclusion",
    "Decision",
    "DueSoon",
    "Expose",
    "Exposed",
    "Extend",
    "Finding",
    "Fix",
    "FixedOnTheSpot",
    "Found",
    "Issue",
    "Ledger",
    "Milestone",
    "Move",
    "Option",
    "Outcome",
    "Overdue",
    "PhaseClosed",
    "PhaseOpened",
    "Reason",
    "Record",
    "Reject",
    "Reopen",
    "Return",
    "Schedule",
    "Scheduled",
    "Timetable",
    "Transfer",
    "Transferred",
    "UnitTree",
    "Verified",
    "Verify",
    "load_campaign",
]


if not TYPE_CHECKING:  # a type checker must not take every name for one of ours

    def __getattr__(name: str) -> object:
        if name not in _HOME_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME_OF})
