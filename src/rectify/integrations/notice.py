"""What hooks that ship tell the outside (对外通知): names, ids, codes and instants.

No text that somebody wrote goes out, neither a finding's nor a move's evidence: whoever is told
asks the platform for more, and is seen to ask. So nothing confidential can be in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, TypeAlias

import attrs

from rectify.event import DueEvent, Event, PhaseEvent
from rectify.hooks import Applied, Occurred

Seen: TypeAlias = Applied[Any] | Occurred[Any]
"""What a hook sees: of a step, or of an event."""


@attrs.frozen
class Notice:
    """One thing that happened, told outside.

    ``key`` is the same on every attempt; ``kind`` the name of the step or event; ``subject``
    the id of the issue or what else it happened to; ``at`` when, in UTC.
    """

    key: str
    kind: str
    subject: str
    at: datetime
    data: Mapping[str, Any]


def notice_of(seen: Seen) -> Notice:
    """What is told of a step or event."""
    if isinstance(seen, Occurred):
        event: Event = seen.event
        return Notice(seen.key, type(event).__name__, event.subject, event.at, _of_event(event))
    record, issue = seen.record, seen.issue
    data: dict[str, Any] = {
        "issue": issue.id,
        "version": record.version,
        "from": record.source,
        "to": record.target,
        "round": issue.round,
        "unit": issue.finding.unit,
        "area": issue.finding.area,
        "channel": issue.finding.channel,
        "digest": record.digest,
    }
    return Notice(seen.key, record.move, issue.id, record.at, data)


def _of_event(event: Event) -> dict[str, Any]:
    if isinstance(event, PhaseEvent):
        return {"phase": event.phase, "level": event.level}
    assert isinstance(event, DueEvent)
    return {
        "kind": event.kind,
        "issue": event.issue_id,
        "duty": event.duty_key,
        "ref": event.ref,
        "round": event.round,
        "unit": event.unit,
        "due_at": event.due_at,
    }


class Envelope(Protocol):
    """How a notice is written: its bytes are the same on every attempt."""

    @property
    def content_type(self) -> str:
        """The media type."""
        ...

    def write(self, notice: Notice) -> str:
        """The notice as JSON."""
        ...
