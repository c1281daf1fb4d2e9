"""What must hold between the parts of a campaign file, beyond each part's own shape.

Two rules of the document bind every campaign: only units with a task and member units
are in scope (二), which `UnitTree.in_scope` applies, and no village may owe a duty:
任何单位任何部门不得以任何理由要求村级填报扶贫数据 (五(七)).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Protocol, TypeAlias

from rectify.campaign.model import Campaign
from rectify.campaign.shape import (
    EVENTS,
    CampaignTable,
    DrawTable,
    DutyTable,
    InspectionTable,
    IssueClassTable,
    PhaseTable,
    QuotaTable,
)
from rectify.i18n import Message, message
from rectify.strict import Path, shown
from rectify.unit import LEVELS

RULE_CODES = frozenset(
    {
        *("area-unknown", "channel-unknown", "unit-out-of-scope"),
        *("found-in-future", "time-runs-backwards", "time-in-future"),
        *("lead-must-be-transferred", "defiant-conduct"),
        *("timetable-empty", "milestones-out-of-order", "beyond-campaign"),
        *("milestone-unknown", "milestones-open", "extension-late"),
        *("same-person", "commission-only", "conclusion-mismatch", "merge-target"),
        *("reporter-unanswered", "not-substantiated"),
        *("reporter-named", "person-named", "confidential-role"),
    }
)
"""The rules a campaign file may name; those of a platform are named ``platform/rule``."""

Found: TypeAlias = Iterator[tuple[Path, Message]]


class _Named(Protocol):
    @property
    def id(self) -> str: ...


def check(table: CampaignTable, parent: Campaign | None) -> Found:
    """Every problem between the parts; empty values stand for what was already refused."""
    phases = {phase.id for phase in table.phase}
    if parent is not None and "phases" in table.inherits:
        phases |= {phase.family for phase in parent.phases} | {phase.id for phase in parent.phases}
    events = {*EVENTS, *(event.id for event in table.event)}
    events |= _kept(parent, "events", table.inherits)
    yield from _check_ids(table, parent)
    yield from _check_parent(table, parent)
    yield from _check_waves(table)
    yield from _check_rules(table, parent)
    yield from _check_confidential(table)
    yield from _check_cited(("receipt",), table.receipt.clause, table.receipt.words)
    for at, phase in enumerate(table.phase):
        yield from _check_phase(phase, ("phase", at))
    for at, duty in enumerate(table.duty):
        yield from _check_duty(duty, ("duty", at), phases, events)
    for at, issue_class in enumerate(table.issue_class):
        yield from _check_class(issue_class, ("issue_class", at), events)
    for at, quota in enumerate(table.quota):
        yield from _check_quota(quota, ("quota", at), phases)
        if table.key_units is None and any(stratum.of == "key" for stratum in quota.stratum):
            yield (("quota", at, "stratum"), _no_key_units())
    for at, inspection in enumerate(table.inspection):
        yield from _check_inspection(inspection, ("inspection", at), phases)


def _check_ids(table: CampaignTable, parent: Campaign | None) -> Found:
    inherited = table.inherits if parent is not None else ()
    nothing: Set[str] = frozenset()
    kinds: tuple[tuple[str, Sequence[_Named], Set[str]], ...] = (
        ("phase", table.phase, _kept(parent, "phases", inherited)),
        ("duty", table.duty, _kept(parent, "duties", inherited)),
        ("area", table.area, _kept(parent, "areas", inherited)),
        ("channel", table.channel, _kept(parent, "channels", inherited)),
        ("event", table.event, frozenset(EVENTS) | _kept(parent, "events", inherited)),
        ("issue_class", table.issue_class, nothing),
        ("quota", table.quota, nothing),
        ("inspection", table.inspection, nothing),
    )
    for kind, named, taken in kinds:
        ids = [each.id for each in named]
        for at in _repeated(ids, taken):
            yield ((kind, at, "id"), message("the id “{id}” is taken", id=shown(ids[at])))
    for at, area in enumerate(table.area):
        items = [item.id for item in area.item]
        for number in _repeated(items, frozenset()):
            taken_id = message("the id “{id}” is taken", id=shown(items[number]))
            yield (("area", at, "item", number, "id"), taken_id)


def _kept(parent: Campaign | None, kind: str, inherited: Sequence[str]) -> Set[str]:
    """The ids of a kind that come from the parent; its events come with its duties."""
    needs = "duties" if kind == "events" else kind
    if parent is None or needs not in inherited:
        return frozenset()
    if kind == "duties":
        return {duty.id for duty in parent.all_duties}
    if kind == "events":
        return {event.id for event in parent.events}
    if kind == "phases":
        return {phase.id for phase in parent.phases}
    return parent.area_ids if kind == "areas" else parent.channel_ids


def _repeated(ids: Sequence[str], taken: Set[str]) -> Iterator[int]:
    seen = set(taken)
    for at, each in enumerate(ids):
        if each and each in seen:
            yield at
        seen.add(each)


def _check_parent(table: CampaignTable, parent: Campaign | None) -> Found:
    if table.inherits and table.parent is None:
        yield (("inherits",), message("a campaign without a parent inherits nothing"))
    if table.scope is None and table.parent is None:
        yield (("scope",), message("the key is missing"))
    local = table.local_areas
    if local is not None and local.at_least > local.at_most:
        more = message(
            "at least {at_least} is more than at most {at_most}",
            at_least=local.at_least,
            at_most=local.at_most,
        )
        yield (("local_areas", "at_least"), more)
    if parent is None:
        return
    own = len(table.area)
    allowed = parent.local_areas
    if allowed is None and own:
        none = message("campaign {parent} leaves no area to be chosen locally", parent=parent.id)
        yield (("area",), none)
    elif allowed is not None and not allowed.at_least <= own <= allowed.at_most:
        wrong = message(
            "campaign {parent} has {at_least} to {at_most} areas chosen locally, not {count}",
            parent=parent.id,
            at_least=allowed.at_least,
            at_most=allowed.at_most,
            count=own,
        )
        yield (("area",), wrong)


def _check_waves(table: CampaignTable) -> Found:
    for at in _repeated([str(year) for year in table.waves], frozenset()):
        twice = message("the year {year} is there twice", year=table.waves[at])
        yield (("waves", at), twice)
    yearly = {phase.id for phase in table.phase if phase.yearly}
    for at, phase in enumerate(table.phase):
        yield from _check_yearly(("phase", at), phase.yearly, phase.year, table.waves)
    for at, duty in enumerate(table.duty):
        yield from _check_yearly(("duty", at), duty.yearly, duty.year, table.waves)
        yield from _check_yearly_duty(duty, ("duty", at), yearly)
    if table.waves and not yearly and not any(duty.yearly for duty in table.duty):
        yield (("waves",), message("nothing in the file is yearly"))


def _check_yearly(path: Path, yearly: bool, year: int | None, waves: Sequence[int]) -> Found:
    if yearly and not waves:
        problem = message("what comes every year needs the years, in “waves”")
        yield ((*path, "yearly"), problem)
    if yearly and year is not None:
        yield ((*path, "year"), message("what comes every year has no year of its own"))


def _check_yearly_duty(duty: DutyTable, path: Path, yearly_phases: Set[str]) -> Found:
    once = duty.due is not None or any(level.due is not None for level in duty.level)
    if duty.yearly and not once:
        problem = message("only a duty with a due date comes every year")
        yield ((*path, "yearly"), problem)
    if once and not duty.yearly and duty.phase in yearly_phases:
        problem = message("the phase comes every year, and the duty does not")
        yield ((*path, "phase"), problem)


def _check_rules(table: CampaignTable, parent: Campaign | None) -> Found:
    for code, rule in table.rule.items():
        path = ("rule", code)
        if code and "/" not in code and code not in RULE_CODES:
            known = tuple(sorted(RULE_CODES))
            unknown = message("no rule “{code}”; rules: {known}", code=shown(code), known=known)
            yield (path, unknown)
        yield from _check_cited(path, rule.clause, rule.words)
        inherited = None if parent is None else parent.rules.get(code)
        rests = rule.clause or (inherited and inherited.clause)
        if not rule.enabled and rests:
            problem = message(
                "the rule rests on clause {clause} and can't be switched off", clause=rests
            )
            yield ((*path, "enabled"), problem)


def _check_cited(path: Path, clause: str | None, words: str | None) -> Found:
    if (clause is None) != (words is None):
        yield (path, message("a clause needs its words, and words their clause"))


def _check_confidential(table: CampaignTable) -> Found:
    if table.confidential is None:
        return
    fields = {"reporter": table.confidential.reporter, "persons": table.confidential.persons}
    for name, field in fields.items():
        if field is not None:
            yield from _check_cited(("confidential", name), field.clause, field.words)


def _check_phase(phase: PhaseTable, path: Path) -> Found:
    if not phase.level:
        yield from _exactly_one(path, {"when": phase.when, "until": phase.until})
    else:
        yield from _none_of(path, {"when": phase.when, "until": phase.until})
        yield from _levels_once(path, [each.level for each in phase.level])
    for at, each in enumerate(phase.level):
        yield from _exactly_one((*path, "level", at), {"when": each.when, "until": each.until})


def _check_duty(duty: DutyTable, path: Path, phases: Set[str], events: Set[str]) -> Found:
    timing = {"due": duty.due, "every": duty.every, "within": duty.within}
    levels = [each.level for each in duty.level]
    if not levels:
        yield from _exactly_one(path, timing)
        if not duty.owed_by:
            yield ((*path, "owed_by"), message("the duty must be owed by somebody"))
    else:
        yield from _none_of(path, {**timing, "owed_by": duty.owed_by or None})
        yield from _levels_once(path, levels)
    for at, each in enumerate(duty.level):
        one = {"due": each.due, "every": each.every, "within": each.within}
        yield from _exactly_one((*path, "level", at), one)
    if len({_kind_of(each.due, each.every, each.within) for each in duty.level}) > 1:
        mixed = message("all levels of a duty need the same one of: due, every, within")
        yield ((*path, "level"), mixed)
    follows = duty.within or any(each.within for each in duty.level)
    if bool(follows) != (duty.after is not None):
        yield ((*path, "after"), message("“within” needs the event it is “after”, and only it"))
    recurs = duty.every or any(each.every for each in duty.level)
    if duty.during is not None and not recurs:
        yield ((*path, "during"), message("only what recurs has a span to recur in"))
    yield from _no_village(path, duty.owed_by, levels)
    yield from _known(path, "phase", duty.phase, phases)
    yield from _known(path, "after", duty.after, events)


def _kind_of(due: str | None, every: str | None, within: str | None) -> str:
    return "due" if due is not None else "every" if every is not None else "within"


def _check_class(issue_class: IssueClassTable, path: Path, events: Set[str]) -> Found:
    yield from _exactly_one(path, {"within": issue_class.within, "due": issue_class.due})
    if (issue_class.within is None) != (issue_class.after is None):
        yield ((*path, "after"), message("“within” needs the event it is “after”, and only it"))
    yield from _known(path, "after", issue_class.after, events)


def _check_quota(quota: QuotaTable, path: Path, phases: Set[str]) -> Found:
    amounts = [(quota.at_least, quota.at_least_percent)]
    amounts += [(each.at_least, each.at_least_percent) for each in quota.stratum]
    amounts += [(each.at_least, each.at_least_percent) for each in quota.level]
    if all(amount == (None, None) for amount in amounts):
        problem = message("a quota needs “at_least” or “at_least_percent”")
        yield (path, problem)
    for at, stratum in enumerate(quota.stratum):
        if stratum.at_least is None and stratum.at_least_percent is None:
            problem = message("a quota needs “at_least” or “at_least_percent”")
            yield ((*path, "stratum", at), problem)
    levels = [each.level for each in quota.level]
    if levels:
        yield from _none_of(path, {"by": quota.by or None})
        yield from _levels_once(path, levels)
    elif not quota.by:
        yield ((*path, "by"), message("somebody must do the checks"))
    yield from _no_village(path, quota.by, levels, key="by")
    yield from _known(path, "phase", quota.phase, phases)


def _check_inspection(inspection: InspectionTable, path: Path, phases: Set[str]) -> Found:
    yield from _known(path, "phase", inspection.phase, phases)
    above: DrawTable | None = None
    for at, draw in enumerate(inspection.draw):
        here = (*path, "draw", at)
        total = sum(stratum.count for stratum in draw.stratum)
        if draw.stratum and total != draw.count:
            problem = message(
                "the strata hold {total}, the draw {count}", total=total, count=draw.count
            )
            yield ((*here, "stratum"), problem)
        if above is not None and _is_higher(draw.level, above.level):
            higher = message("what is drawn must be of a lower level than what it is drawn in")
            yield ((*here, "level"), higher)
        above = draw


def _is_higher(level: str, above: str) -> bool:
    known = level in LEVELS and above in LEVELS
    return known and LEVELS.index(level) <= LEVELS.index(above)


def _exactly_one(path: Path, values: Mapping[str, object]) -> Found:
    count = sum(value is not None for value in values.values())
    if count != 1:
        names = tuple(values)
        yield (path, message("exactly one of these is needed: {names}", names=names))


def _none_of(path: Path, values: Mapping[str, object]) -> Found:
    for name, value in values.items():
        if value is not None:
            yield ((*path, name), message("where levels differ, it is said for each level"))


def _levels_once(path: Path, levels: Sequence[str]) -> Found:
    for at in _repeated(levels, frozenset()):
        twice = message("the level “{level}” is there twice", level=levels[at])
        yield ((*path, "level", at, "level"), twice)


def _no_village(
    path: Path, owed_by: Iterable[str], levels: Iterable[str], key: str = "owed_by"
) -> Found:
    problem = message(
        "no village may be made to report (五(七): {words})",
        words="任何单位任何部门不得以任何理由要求村级填报扶贫数据",
    )
    for at, level in enumerate(owed_by):
        if level == "village":
            yield ((*path, key, at), problem)
    for at, level in enumerate(levels):
        if level == "village":
            yield ((*path, "level", at, "level"), problem)


def _known(path: Path, key: str, value: str | None, known: Set[str]) -> Found:
    if value and value not in known:
        names = tuple(sorted(known))
        problem = message("there is no “{value}”, but: {known}", value=shown(value), known=names)
        yield ((*path, key), problem)


def _no_key_units() -> Message:
    return message("which units are key is not said, in “key_units”")
