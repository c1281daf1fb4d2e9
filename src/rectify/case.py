"""What a rule looks at: the issue, who acts, when, and what the ledger knows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import attrs

from rectify.actor import Actor
from rectify.issue import Issue, Transferred
from rectify.move import Step

if TYPE_CHECKING:
    from rectify.campaign import Campaign
    from rectify.unit import UnitTree


@attrs.frozen(slots=False)
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


@attrs.define
class Case:
    """A step under judgement. Every instant is aware; ``now`` is the ledger's clock.

    ``find`` gets another issue of the ledger by its id, or None. ``reporter`` opens the
    sealed reporter of the issue, for rules that compare with it; None when there is none.
    """

    issue: Issue
    by: Actor
    at: datetime
    now: datetime
    facts: Facts
    campaign: Campaign
    units: UnitTree | None
    find: Callable[[str], Issue | None]
    reporter: Callable[[], str | None]
