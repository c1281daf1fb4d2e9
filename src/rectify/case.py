"""What a rule looks at: the issue, who acts, when, and what the ledger knows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

import attrs

from rectify.actor import Actor
from rectify.issue import Issue, Transferred
from rectify.move import Step

if TYPE_CHECKING:
    from rectify.campaign import Campaign
    from rectify.unit import UnitTree


# One is made at every step: a frozen one would take twice as long. Nothing changes it.
@attrs.define
class Facts:
    """What an issue's records say that its state does not: a fold over them.

    ``last_at`` is the instant of the last record (aware), ``handlers`` the ids of the
    actors who fixed, scheduled or completed it, ``transferred`` whether it was ever with
    the discipline organ.
    """

    last_at: datetime
    handlers: frozenset[str]
    transferred: bool

    def after(self, step: Step[Issue], entered: Issue, by: Actor, at: datetime) -> Facts:
        """The facts once a step is taken."""
        handlers = self.handlers
        if step.handles and by.id not in handlers:
            handlers = handlers | {by.id}
        return Facts(at, handlers, self.transferred or isinstance(entered, Transferred))


NOTHING_YET: Final = Facts(datetime.min.replace(tzinfo=UTC), frozenset(), transferred=False)
"""The facts of an issue before its first record."""


class Lookup(Protocol):
    """What a rule may look up in the ledger."""

    def find(self, issue_id: str) -> Issue | None:
        """Another issue, by its id."""
        ...

    def secret(self, issue_id: str, field: str) -> str | None:
        """The confidential text of a field, to compare with; None if none is kept."""
        ...


@attrs.define
class Case:
    """A step under judgement: the issue it is proposed on, who, when, and what is known.

    ``at`` is when the step is dated and ``now`` is the ledger's clock, both aware, in UTC.
    """

    issue: Issue
    by: Actor
    at: datetime
    now: datetime
    facts: Facts
    campaign: Campaign
    units: UnitTree | None
    lookup: Lookup
