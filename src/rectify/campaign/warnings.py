"""What a careful reader should know about a campaign that does load.

The code of a warning is stable: ``before-phase-end``, ``after-campaign``, ``never-due``,
``phase-gap``, ``phase-overlap``, or the code of the note on a date (``weekend``,
``no-such-day`` …).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from rectify.campaign.duties import Duty, RecurringDuty
from rectify.campaign.model import Campaign, CampaignWarning, Phase
from rectify.campaign.shape import CampaignTable
from rectify.i18n import message
from rectify.strict import path_text
from rectify.unit import LEVEL_WORDS
from rectify.wording import day_in_words

_DAY = timedelta(days=1)


def find_warnings(campaign: Campaign, table: CampaignTable) -> tuple[CampaignWarning, ...]:
    """The warnings about the file's own phases and duties, not about inherited ones."""
    phases = {phase.id: at for at, phase in enumerate(table.phase)}
    duties = {duty.id: at for at, duty in enumerate(table.duty)}
    own = [phase for phase in campaign.phases if phase.family in phases]
    found: list[CampaignWarning] = []
    for phase in own:
        found.extend(_about_reading(phase, path_text(("phase", phases[phase.family]))))
    found.extend(_about_order(own, phases))
    for duty in campaign.duties:
        family = duty.id.partition("@")[0]
        if family in duties:
            found.extend(_about_duty(duty, campaign, path_text(("duty", duties[family]))))
    for each in campaign.recurring_duties:
        if each.id in duties:
            found.extend(_about_turns(each, path_text(("duty", duties[each.id]))))
    return tuple(found)


def _about_reading(phase: Phase, path: str) -> Iterator[CampaignWarning]:
    readings = (phase.reading, *(window.reading for window in phase.windows))
    for reading in readings:
        for note in reading.notes if reading is not None else ():
            yield CampaignWarning(code=note.code, path=path, message=note.message)


def _about_order(phases: Sequence[Phase], at: dict[str, int]) -> Iterator[CampaignWarning]:
    """Gaps and overlaps between neighbours of one wave, in the order they close."""
    ordered = sorted(phases, key=lambda phase: phase.closes)
    for before, after in pairwise(ordered):
        path = path_text(("phase", at[after.family]))
        if before.wave != after.wave or after.opens is None:
            continue
        if after.opens > before.closes + _DAY:
            gap = message(
                "no phase from {first} to {last}, between “{before}” and “{after}”",
                first=day_in_words(before.closes + _DAY),
                last=day_in_words(after.opens - _DAY),
                before=before.name,
                after=after.name,
            )
            yield CampaignWarning(code="phase-gap", path=path, message=gap)
        if after.opens <= before.closes and not (before.windows or after.windows):
            overlap = message(
                "“{before}” and “{after}” overlap from {first} to {last}",
                first=day_in_words(after.opens),
                last=day_in_words(before.closes),
                before=before.name,
                after=after.name,
            )
            yield CampaignWarning(code="phase-overlap", path=path, message=overlap)


def _about_duty(duty: Duty, campaign: Campaign, path: str) -> Iterator[CampaignWarning]:
    notes = {note.code: note for each in duty.levels for note in each.timing.notes}
    for note in notes.values():
        yield CampaignWarning(code=note.code, path=path, message=note.message)
    yield from _about_phase(duty, _phase_of(duty, campaign), path)
    day = duty.due.effective
    if campaign.closes is not None and day > campaign.closes:
        after = message(
            "“{duty}” is due on {day}, after the campaign ends on {closes}",
            duty=duty.name,
            day=day_in_words(day),
            closes=day_in_words(campaign.closes),
        )
        yield CampaignWarning(code="after-campaign", path=path, message=after)


def _about_turns(duty: RecurringDuty, path: str) -> Iterator[CampaignWarning]:
    """Each cadence that no day of its span ever brings round: nothing would be owed."""
    for each in duty.levels:
        if each.spans and not any(each.timing.occurs_in(span) for span in each.spans):
            first = min(span.opens for span in each.spans)
            last = max(span.closes for span in each.spans)
            never = message(
                "“{duty}” is never due: “{words}” does not come round for the {level} from"
                " {first} to {last}",
                duty=duty.name,
                words=each.timing.words,
                level=LEVEL_WORDS[each.level],
                first=day_in_words(first),
                last=day_in_words(last),
            )
            yield CampaignWarning(code="never-due", path=path, message=never)


def _about_phase(duty: Duty, phase: Phase | None, path: str) -> Iterator[CampaignWarning]:
    """Each due date before the end of the phase, by the window of the level that owes it."""
    days: dict[tuple[date, date], None] = {}
    for each in duty.levels:
        window = phase.window(each.level) if phase is not None else None
        if window is not None and each.timing.effective < window.closes:
            days[each.timing.effective, window.closes] = None
    for day, closes in days:
        before = message(
            "“{duty}” is due on {day}, before its phase ends on {closes}",
            duty=duty.name,
            day=day_in_words(day),
            closes=day_in_words(closes),
        )
        yield CampaignWarning(code="before-phase-end", path=path, message=before)


def _phase_of(duty: Duty, campaign: Campaign) -> Phase | None:
    for phase in campaign.phases:
        if duty.phase in (phase.id, phase.family) and phase.wave in (None, duty.wave):
            return phase
    return None
