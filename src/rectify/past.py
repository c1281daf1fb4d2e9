"""What a ledger's journal says of duties: what was handed in, what happened, who went where.

Read from its entries; the last one of a chain says how something happened, the earlier ones
how it was recorded before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, Final

import attrs

from rectify.canonical import instant
from rectify.duty import DutyEvent, SentBack, Submission
from rectify.errors import InvalidValue
from rectify.happening import Classified, Happening, Occasion, Visit
from rectify.instants import end_of
from rectify.journal import (
    ADOPTION,
    CLASSIFIED,
    HAPPENING,
    OTHER_CONTENT,
    SENT_BACK,
    SUBMISSION,
    VISIT,
    WITHDRAWN,
    Entry,
    met_at,
)

OCCASIONS: Final[Mapping[str, type[Occasion]]] = {
    HAPPENING: Happening,
    VISIT: Visit,
    CLASSIFIED: Classified,
}
"""What starts something, by the kinds of entries."""


class Past:
    """The entries of a journal, read; ``adoptions`` is how many campaigns were adopted."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._filed: dict[str, list[Entry]] = {}
        self._told: dict[str, list[Entry]] = {}
        self.adoptions = 0
        for entry in entries:
            if entry.kind in (SUBMISSION, SENT_BACK):
                self._filed.setdefault(str(entry.data["key"]), []).append(entry)
            elif entry.kind in OCCASIONS or entry.kind == WITHDRAWN:
                self._told.setdefault(entry.chain, []).append(entry)
            self.adoptions += entry.kind == ADOPTION

    def met_at(self, key: str) -> datetime | None:
        """When what is owed under a key was met, in UTC; None if it was not."""
        return met_at(self._filed.get(key, ()))

    @cached_property
    def filed(self) -> tuple[DutyEvent, ...]:
        """All that was submitted and sent back, by the keys of what is owed, oldest first."""
        return tuple(
            filed(entry) for _, entries in sorted(self._filed.items()) for entry in entries
        )

    @cached_property
    def occasions(self) -> tuple[tuple[Occasion, datetime], ...]:
        """What started something, as it was last recorded, and when that was."""
        last = (entries[-1] for entries in self._told.values())
        return tuple((occasion(entry), entry.at) for entry in last if entry.kind != WITHDRAWN)

    @cached_property
    def dropped(self) -> tuple[Occasion, ...]:
        """What was recorded and then recorded otherwise or withdrawn, as it was before.

        ``recorded`` counts what was recorded of it ever since, the withdrawal too.
        """
        return tuple(
            attrs.evolve(occasion(entry), recorded=entries[-1].number)
            for entries in self._told.values()
            for entry in entries[:-1]
            if entry.kind != WITHDRAWN
        )

    @property
    def happenings(self) -> tuple[Happening, ...]:
        """The events that happened."""
        return tuple(one for one, _ in self.occasions if isinstance(one, Happening))

    @property
    def visits(self) -> tuple[Visit, ...]:
        """The visits that took place."""
        return tuple(one for one, _ in self.occasions if isinstance(one, Visit))

    def visited_at(self, inspection: str, turn: int, teams: int, zone: str) -> datetime | None:
        """When the last team ended its visit in a turn, in UTC: the last instant of that day."""
        ended = {
            one.team: one.ended_on
            for one in self.visits
            if (one.inspection, one.turn) == (inspection, turn)
        }
        if len(ended) < teams:
            return None
        ends_at = end_of(max(ended.values()), None, zone)
        return ends_at.astimezone(UTC) - timedelta.resolution


def filed(entry: Entry) -> DutyEvent:
    """What an entry of a duty's chain records; `InvalidValue` for what is none."""
    data: Mapping[str, object] = entry.data
    by = entry.by
    kind: type[Submission] | type[SentBack]
    kind = Submission if entry.kind == SUBMISSION else SentBack
    try:
        assert by is not None
        return kind(by=by.id, at=entry.at, **data)  # type: ignore[arg-type]
    except (TypeError, AssertionError):
        raise _unreadable() from None


def data_of(one: Occasion) -> dict[str, Any]:
    """What an entry holds of what started something."""
    if isinstance(one, Happening):
        return {
            "event": one.event,
            "on": _written(one.on),
            "subject": one.subject,
            "among": list(one.among),
        }
    if isinstance(one, Visit):
        ended_on = one.ended_on.isoformat()
        return {
            "inspection": one.inspection,
            "turn": one.turn,
            "team": one.team,
            "ended_on": ended_on,
        }
    since = None if one.since is None else _written(one.since)
    return {"issue_id": one.issue_id, "issue_class": one.issue_class, "since": since}


def occasion(entry: Entry) -> Occasion:
    """What started something, from its entry; `InvalidValue` for what is none."""
    data = dict(entry.data)
    try:
        for name in ("on", "since", "ended_on"):
            if data.get(name) is not None:
                data[name] = _day_or_instant(data[name])
        if "among" in data:
            data["among"] = tuple(data["among"])
        return OCCASIONS[entry.kind](**data, recorded=entry.number)
    except (TypeError, ValueError, KeyError):
        raise _unreadable() from None


def _written(at: date | datetime) -> str:
    return instant(at) if isinstance(at, datetime) else at.isoformat()


def _day_or_instant(text: str) -> date | datetime:
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def _unreadable() -> InvalidValue:
    return InvalidValue("entry", OTHER_CONTENT)


NOTHING: Final = Past(())
"""Of a ledger in which nothing is recorded."""
