"""What a rule looks at: the issue, who acts, when, and what the ledger knows."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

import attrs

from rectify.actor import Actor
from rectify.issue import Issue, Transferred
from rectify.move import Step
from rectify.sealed import Sealed

if TYPE_CHECKING:
    from rectify.campaign import Campaign
    from rectify.unit import UnitTree


@attrs.frozen(slots=False)
class Facts:
    """What an issue's records say that its state does not: a fold over them.

    ``handlers`` are the ids of the actors who fixed, scheduled or completed it,
    ``transferred`` tells whether it was ever with the discipline organ.
    """

    handlers: frozenset[str]
    transferred: bool

    def after(self, step: Step[Issue], entered: Issue, by: Actor) -> Facts:
        """The facts once a step is taken; these, where it changes none."""
        handlers, transferred = self.handlers, self.transferred
        if step.handles and by.id not in handlers:
            handlers = handlers | {by.id}
        elif transferred or not isinstance(entered, Transferred):
            return self
        return Facts(handlers, transferred or isinstance(entered, Transferred))


NOTHING_YET: Final = Facts(frozenset(), transferred=False)
"""The facts of an issue before its first record."""


class Lookup(Protocol):
    """What a rule may look up in the ledger."""

    def find(self, issue_id: str) -> Issue | None:
        """Another issue, by its id."""
        ...

    def secret(self, issue_id: str, field: str) -> Sealed | None:
        """The confidential text of a field, to compare with; None if none is kept."""
        ...


@attrs.define
class Case:
    """A step under judgement: the issue it is proposed on, who, when, and what is known.

    ``at`` is when the step is dated, ``now`` is the ledger's clock, ``last_at`` is when the
    issue's last record is dated (None for the first); all are aware.
    """

    issue: Issue
    by: Actor
    at: datetime
    now: datetime
    last_at: datetime | None
    facts: Facts
    campaign: Campaign
    units: UnitTree | None
    lookup: Lookup
