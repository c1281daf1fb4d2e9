"""Events (事件): what time brings about, without any move: phases and due dates.

A phase opens at the first midnight of its first day and closes at the midnight after its
last. A milestone or a duty is soon due some days before its end, and overdue from the
instant of its end. `Ledger.sweep` records each once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, Literal, TypeAlias, cast

import attrs

from rectify.canonical import object_encoder
from rectify.errors import InvalidValue
from rectify.i18n import message

SOON: Final = timedelta(days=3)
"""How long before its end a due date is soon; so is `Due.standing`."""

Owing: TypeAlias = Literal["milestone", "duty", "visit", "class"]


@attrs.frozen(kw_only=True)
class Event:
    """What happened when: ``key`` names it, once and for all; ``at`` is in UTC.

    ``subject`` is what it happened to: the id of a phase or an issue, the key of a duty.
    Hooks run in order for each subject.
    """

    key: str
    subject: str
    at: datetime

    @property
    def data(self) -> str:
        """What a record of it holds beside the instant, as canonical JSON."""
        return _encoder(type(self))(self)


def _make_encoder(kind: type[Event]) -> Callable[[Event], str]:
    return object_encoder(kind, without="at")


_encoder = cast("Callable[[type[Event]], Callable[[Event], str]]", cache(_make_encoder))


@attrs.frozen(kw_only=True)
class PhaseEvent(Event):
    """A phase opened or closed, for one level where levels have their own days."""

    level: str | None = None

    @property
    def phase(self) -> str:
        """The id of the phase."""
        return self.subject


@attrs.frozen(kw_only=True)
class PhaseOpened(PhaseEvent):
    """阶段开始: at local midnight of its first day."""


@attrs.frozen(kw_only=True)
class PhaseClosed(PhaseEvent):
    """阶段结束: at the local midnight after its last day."""


@attrs.frozen(kw_only=True)
class DueEvent(Event):
    """Something owed is near its end or past it.

    ``kind`` tells a milestone of an issue, a duty, a turn of visits and the class of an issue
    apart; ``ref`` is the id of the milestone, the duty, the inspection or the class. ``round``
    is the issue's, or the number of the turn, else 1. ``due_at`` is the instant it ends, in
    UTC, itself too late. ``unit`` is the unit of the finding, or the one that owes the duty.
    """

    kind: Owing
    ref: str
    round: int
    unit: str | None
    due_at: datetime

    @property
    def issue_id(self) -> str | None:
        """The issue of a milestone or a class; None for others."""
        return self.subject if self.kind in ("milestone", "class") else None

    @property
    def duty_key(self) -> str | None:
        """The key of what is owed; None for what is no duty."""
        return self.subject if self.kind == "duty" else None


@attrs.frozen(kw_only=True)
class DueSoon(DueEvent):
    """临期: the end is three days off, or less where it was set later than that."""


@attrs.frozen(kw_only=True)
class Overdue(DueEvent):
    """逾期: the end has come and it was not done."""


@attrs.frozen(kw_only=True)
class ReceiptMissing(Event):
    """移送未签收: a lead was transferred some time ago and its receipt is not there.

    A warning, and never overdue: the document only says 及时. After what time is the
    campaign's to say, without it an assumption of the library.
    """

    round: int
    unit: str | None

    @property
    def issue_id(self) -> str:
        """The issue of the lead."""
        return self.subject


EVENTS: Final[tuple[type[Event], ...]] = (
    *(PhaseOpened, PhaseClosed, DueSoon, Overdue),
    ReceiptMissing,
)
"""The events that are recorded."""

_BY_NAME: Final = {kind.__name__: kind for kind in EVENTS}


def event_of(kind: str, at: datetime, data: dict[str, Any]) -> Event:
    """The event that a record holds; `InvalidValue` for what is no event."""
    values = dict(data)
    try:
        if "due_at" in values:
            values["due_at"] = datetime.fromisoformat(values["due_at"])
        return _BY_NAME[kind](at=at, **values)
    except (KeyError, TypeError, ValueError):
        raise InvalidValue("event", message("its content is not that of an event")) from None
