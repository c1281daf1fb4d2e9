"""What a newer campaign or calendar changes: which deadlines move, from, to, why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import attrs

from rectify.deadline import Due
from rectify.duty import Owed
from rectify.errors import InvalidValue
from rectify.i18n import Language, Message, message
from rectify.instants import ONE_DAY, end_of
from rectify.outlook import Outlook
from rectify.past import NOTHING, Past
from rectify.timeline import Deadline
from rectify.unit import LEVEL_WORDS
from rectify.wording import clock_in_words, day_and_weekday

if TYPE_CHECKING:
    from rectify.campaign import Campaign
    from rectify.campaign.model import Phase, Window
    from rectify.deadline import Span
    from rectify.derivation import Step
    from rectify.unit import Level, UnitTree

What: TypeAlias = Literal["opens", "closes", "duty", "visit"]
Kept: TypeAlias = Mapping[tuple[str, str], datetime]
"""The instants that a ledger keeps, by what they are of and its key."""

_PARTS: Final = {
    "document": message("the document"),
    "scope": message("the scope"),
    "areas": message("the areas"),
    "channels": message("the channels"),
    "events": message("the events"),
    "rules": message("the rules"),
    "event_duties": message("what events start"),
    "issue_classes": message("the classes of issues"),
    "inspections": message("the inspections"),
    "quotas": message("the quotas"),
    "key_units": message("the key units"),
    "direct_reports": message("the direct reports"),
    "local_areas": message("the areas chosen locally"),
    "carry_over": message("the carry-over"),
    "confidential": message("what is confidential"),
    "receipt_within": message("the wait for a receipt"),
    "tolerance_seconds": message("the tolerance of the clock"),
}
"""The parts of a campaign beside its deadlines."""


@attrs.frozen
class _Deadline:
    """One instant that a campaign sets: the opening or closing of a phase, or a duty's end.

    ``at`` is aware, in the campaign's zone; for a closing and a duty it is exclusive. ``key``
    is the phase's id, with a level where it has its own days, or the key of what is owed.
    """

    what: What
    key: str
    name: str
    at: datetime
    unit: str | None
    level: Level | None
    reading: Span | Due | None = attrs.field(repr=False, hash=False)


@attrs.frozen
class Change:
    """A deadline that moves, is new (no ``before``) or falls away (no ``after``), and why.

    It is a unit's, or else all of a level's, or else everybody's.
    """

    what: What
    key: str
    name: str
    unit: str | None
    before: datetime | None
    after: datetime | None
    why: Message = attrs.field(hash=False)
    level: Level | None = None

    @property
    def text(self) -> Message:
        """The change in a line."""
        named: Message | str = self.name
        if self.unit is not None:
            named = message("{name} ({unit})", name=self.name, unit=self.unit)
        elif self.level is not None:
            named = message("{name} ({unit})", name=self.name, unit=LEVEL_WORDS[self.level])
        said = message("{name}, {what}", name=named, what=_WHAT[self.what])
        before, after = self._in_words(self.before), self._in_words(self.after)
        if before is None:
            return message("{name}: new, {after}", name=said, after=after)
        if after is None:
            return message("{name}: falls away, was {before}", name=said, before=before)
        return message(
            "{name}: from {before} to {after}: {why}",
            name=said,
            before=before,
            after=after,
            why=self.why,
        )

    def _in_words(self, at: datetime | None) -> Message | None:
        if at is None:
            return None
        day, clock = at.date(), None if at.time() == time(0) else at.time()
        if clock is None and self.what == "opens":
            return day_and_weekday(day)
        if clock is None:
            day -= ONE_DAY
        return message("{clock} on {day}", clock=clock_in_words(clock), day=day_and_weekday(day))

    def as_data(self) -> dict[str, object]:
        """The change as plain JSON values, instants in ISO form."""
        return {
            "what": self.what,
            "key": self.key,
            "name": self.name,
            "unit": self.unit,
            "level": self.level,
            "before": self.before and self.before.isoformat(),
            "after": self.after and self.after.isoformat(),
            "why": {"zh": self.why.zh, "en": self.why.en},
        }


@attrs.frozen
class Difference:
    """What differs between two campaigns: deadlines one by one, other parts by their names.

    True where anything does. ``old`` and ``new`` are their fingerprints.
    """

    old: str
    new: str
    changes: tuple[Change, ...]
    parts: tuple[str, ...] = ()

    @property
    def moved(self) -> tuple[Change, ...]:
        """The deadlines that are in both, at another instant."""
        return tuple(one for one in self.changes if one.before and one.after)

    @property
    def added(self) -> tuple[Change, ...]:
        """The deadlines that are new."""
        return tuple(one for one in self.changes if one.before is None)

    @property
    def removed(self) -> tuple[Change, ...]:
        """The deadlines that fall away."""
        return tuple(one for one in self.changes if one.after is None)

    def __bool__(self) -> bool:
        return bool(self.changes or self.parts)

    @property
    def summary(self) -> Message:
        """How many deadlines move, are new, fall away."""
        return message(
            "deadlines that move: {moved}, are new: {added}, fall away: {removed}",
            moved=len(self.moved),
            added=len(self.added),
            removed=len(self.removed),
        )

    @property
    def others(self) -> tuple[Message, ...]:
        """The other parts that differ, in words."""
        return tuple(_PARTS[name] for name in self.parts)

    def text(self, language: Language) -> str:
        """The difference in one language: a summary, a line for each change, the other parts."""
        lines = [message("{sentence}.", sentence=self.summary)]
        lines += [message("  {sentence}.", sentence=one.text) for one in self.changes]
        lines += [message("  also changed: {part}.", part=part) for part in self.others]
        return "\n".join(line.text(language) for line in lines)

    def as_data(self) -> dict[str, object]:
        """The difference as plain JSON values."""
        return {
            "old": self.old,
            "new": self.new,
            "moved": len(self.moved),
            "added": len(self.added),
            "removed": len(self.removed),
            "changes": [one.as_data() for one in self.changes],
            "parts": list(self.parts),
        }


def campaign_difference(
    old: Campaign,
    new: Campaign,
    *,
    units: UnitTree | None = None,
    year: int | None = None,
    kept: Kept | None = None,
    past: Past = NOTHING,
) -> Difference:
    """What a newer campaign, or the same read with a newer calendar, changes.

    With ``units`` every unit's duties are compared, else those of each level. ``year`` is how
    far to look in a campaign without an end, by default the later of their documents' years.
    ``kept`` is what a ledger keeps, where that is older than ``old`` as it is read by now, and
    ``past`` what happened in it.

    :raises InvalidValue: two different campaigns, by their ids.
    """
    if old.id != new.id:
        problem = message(
            "{new} is another campaign than {old}; only versions of one can be compared",
            old=old.id,
            new=new.id,
        )
        raise InvalidValue("campaign", problem)
    if year is None:
        year = max(old.document.issued_on.year, new.document.issued_on.year)
    before = {(one.what, one.key): one for one in _deadlines(old, units, year, past)}
    after = {(one.what, one.key): one for one in _deadlines(new, units, year, past)}
    for what, at in (kept or {}).items():
        if what in before and before[what].at != at:
            at = at.astimezone(old.zone)
            before[what] = attrs.evolve(before[what], at=at, reading=None)
    changes = [_change(one, after.get(key)) for key, one in before.items()]
    changes += [_change(None, one) for key, one in after.items() if key not in before]
    return Difference(
        old.fingerprint,
        new.fingerprint,
        tuple(sorted((one for one in changes if one is not None), key=_order)),
        tuple(part for part in _PARTS if getattr(old, part) != getattr(new, part)),
    )


def _order(change: Change) -> tuple[datetime, str, str]:
    at = change.after or change.before
    assert at is not None
    return at, change.key, change.what


def kept_instants(rows: Iterable[Deadline]) -> Kept:
    """The instants that a ledger keeps, of the deadlines that have not been moved away."""
    return {
        (row.kind, f"{row.subject}/{row.ref}" if row.ref and row.kind in _ENDS else row.subject):
            row.due_at
        for row in rows
    }  # fmt: skip


_ENDS: Final = ("opens", "closes")


def _deadlines(
    campaign: Campaign, units: UnitTree | None, year: int, past: Past
) -> Iterator[_Deadline]:
    for phase in campaign.phases:
        yield from _of_phase(campaign, phase)
    outlook = Outlook(campaign, units)
    steps = [step for step in outlook.steps(year, past) if isinstance(step, Owed)]
    for owed in (*outlook.owed(year), *outlook.started(past), *steps):
        yield _Deadline(
            "duty", owed.key, owed.name, owed.due.ends_at, owed.unit, owed.level, owed.due
        )
    for inspection, turn in outlook.visits(year):
        key, name = f"{inspection.id}/{turn.number}", inspection.name
        yield _Deadline("visit", key, name, turn.due.ends_at, None, None, turn.due)


def _of_phase(campaign: Campaign, phase: Phase) -> Iterator[_Deadline]:
    zone = campaign.zone.key
    windows: list[tuple[str, Level | None, Phase | Window]] = [
        (f"{phase.id}/{window.level}", window.level, window) for window in phase.windows
    ]
    for key, level, window in windows or [(phase.id, None, phase)]:
        if window.opens is not None:
            opens_at = end_of(window.opens - ONE_DAY, None, zone)
            yield _Deadline("opens", key, phase.name, opens_at, None, level, window.reading)
        closes_at = end_of(window.closes, None, zone)
        yield _Deadline("closes", key, phase.name, closes_at, None, level, window.reading)


def _change(before: _Deadline | None, after: _Deadline | None) -> Change | None:
    one = after or before
    assert one is not None
    if before is None or after is None:
        why = message("it is new") if after else message("the newer one has no such deadline")
    elif before.at == after.at:
        return None
    else:
        why = _why(before.reading, after.reading)
    return Change(
        one.what,
        one.key,
        one.name,
        one.unit,
        None if before is None else before.at,
        None if after is None else after.at,
        why,
        one.level,
    )


def _why(before: Span | Due | None, after: Span | Due | None) -> Message:
    if before is None and isinstance(after, Due):
        return message("“{words}” is read by a newer calendar", words=after.words)
    if before is None or after is None:
        return message("its days are set otherwise")
    if before.words != after.words:
        return message("“{old}” now reads “{new}”", old=before.words, new=after.words)
    if before.zone != after.zone:
        return message("the time zone is now {zone}", zone=after.zone)
    step = _new_step(before.steps, after.steps)
    if step is None:
        return message("“{words}” is read otherwise", words=after.words)
    return message("“{words}” is read otherwise: {step}", words=after.words, step=step.message)


def _new_step(before: tuple[Step, ...], after: tuple[Step, ...]) -> Step | None:
    """The first step of a derivation that was not taken before, the last line apart."""
    known = {step.message.en for step in before}
    return next((s for s in after if s.code != "ends" and s.message.en not in known), None)


_WHAT: Final = {
    "opens": message("opening"),
    "closes": message("closing"),
    "duty": message("due"),
    "visit": message("the turn’s end"),
}
