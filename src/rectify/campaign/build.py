"""From the tables of a campaign file to the model: phrases are parsed, waves laid out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import cast

import attrs

from rectify.calendar import WorkingCalendar
from rectify.campaign.build_duties import build_classes, build_duties
from rectify.campaign.build_inspections import build_inspections, build_quotas
from rectify.campaign.model import (
    Area,
    Campaign,
    CarryOver,
    Channel,
    ConfidentialField,
    DirectReport,
    Document,
    Event,
    KeyUnits,
    LocalAreas,
    Phase,
    RuleSetting,
    Scope,
    Window,
)
from rectify.campaign.phrases import PhraseReader
from rectify.campaign.shape import CampaignTable, Inherited, PhaseTable, ReceiptTable
from rectify.campaign.warnings import find_warnings
from rectify.deadline import Due, Span
from rectify.errors import InvalidValue
from rectify.i18n import message
from rectify.instants import zone_of
from rectify.phrases import Within
from rectify.strict import Path, Problems
from rectify.unit import Level


def build(
    table: CampaignTable, parent: Campaign | None, calendar: WorkingCalendar, problems: Problems
) -> Campaign | None:
    """The campaign of a file; None where a problem was there already or has been added."""
    phrases = PhraseReader(_zone(table, problems), table.roll, calendar, problems)
    issued_on = phrases.day(table.document.issued, ("document", "issued"))
    giver = _Giver(parent, table.inherits)
    phases = (*giver("phases").phases, *_phases(table, phrases))
    own = build_duties(table, phases, phrases)
    classes, quotas = build_classes(table, phrases), build_quotas(table, phrases)
    inspections = build_inspections(table, phases, phrases)
    carry_over = _carry_over(table, phrases)
    confidential = tuple(_confidential(table, phrases))
    receipt_within = _receipt(table, giver("rules").receipt_within, phrases)
    if problems:
        return None
    assert issued_on is not None, "a day that can't be read is a problem"
    owed = giver("duties")
    campaign = Campaign(
        id=table.id,
        name=table.name,
        zone=zone_of(table.zone),
        fingerprint=_fingerprint(table, parent),
        document=_document(table, issued_on),
        tolerance_seconds=table.tolerance_seconds,
        scope=_scope(table, parent),
        phases=phases,
        duties=(*owed.duties, *own.once),
        recurring_duties=(*owed.recurring_duties, *own.recurring),
        event_duties=(*owed.event_duties, *own.after_event),
        events=(*owed.events, *_events(table)),
        areas=(*giver("areas").areas, *_areas(table)),
        channels=(*giver("channels").channels, *_channels(table)),
        issue_classes=classes,
        quotas=quotas,
        inspections=inspections,
        direct_reports=_direct_reports(table),
        key_units=_key_units(table),
        local_areas=_local_areas(table),
        carry_over=carry_over,
        confidential=confidential,
        parent=parent,
        rules=_rules(table, giver("rules").rules),
        receipt_within=receipt_within,
        known_through=calendar.last,
    )
    return attrs.evolve(campaign, warnings=find_warnings(campaign, table))


@attrs.frozen
class _Nothing:
    """What a campaign gives that gives nothing."""

    phases: tuple[()] = ()
    duties: tuple[()] = ()
    recurring_duties: tuple[()] = ()
    event_duties: tuple[()] = ()
    events: tuple[()] = ()
    areas: tuple[()] = ()
    channels: tuple[()] = ()
    rules: Mapping[str, RuleSetting] = attrs.field(factory=dict[str, RuleSetting])
    receipt_within: None = None


@attrs.frozen
class _Giver:
    """The parent, for the kinds of parts that are inherited from it."""

    parent: Campaign | None
    inherits: tuple[Inherited, ...]

    def __call__(self, kind: Inherited) -> Campaign | _Nothing:
        if self.parent is None or kind not in self.inherits:
            return _Nothing()
        return self.parent


def _zone(table: CampaignTable, problems: Problems) -> str:
    try:
        return zone_of(table.zone or "Asia/Shanghai").key
    except InvalidValue as error:
        problems.append((("zone",), error.problem))
        return "Asia/Shanghai"


def _phases(table: CampaignTable, phrases: PhraseReader) -> Iterator[Phase]:
    for at, phase in enumerate(table.phase):
        waves: Sequence[int | None] = table.waves if phase.yearly else (None,)
        for wave in waves:
            built = _phase(phase, ("phase", at), wave, phrases)
            if built is not None:
                yield built


def _phase(phase: PhaseTable, path: Path, wave: int | None, phrases: PhraseReader) -> Phase | None:
    year = phase.year if wave is None else wave
    own = _reading(phase.when, phase.until, path, phase.words, year, phrases)
    windows = tuple(
        _window(each.level, reading)
        for at, each in enumerate(phase.level)
        if (reading := _reading(
            each.when, each.until, (*path, "level", at), phase.words, year, phrases
        ))
    )  # fmt: skip
    readings = [own] if own is not None else [window.reading for window in windows]
    if not readings:
        return None
    days = [_days(reading) for reading in readings]
    openings = [opens for opens, _ in days if opens is not None]
    return Phase(
        id=phase.id if wave is None else f"{phase.id}@{wave}",
        name=phase.name,
        opens=min(openings) if len(openings) == len(days) else None,
        closes=max(closes for _, closes in days),
        clause=phase.clause,
        words=phase.words,
        reading=own,
        windows=windows,
        wave=wave,
    )


def _reading(
    when: str | None,
    until: str | None,
    path: Path,
    words: str,
    year: int | None,
    phrases: PhraseReader,
) -> Span | Due | None:
    span = phrases.read(Span, when, (*path, "when"), words, year)
    return span or phrases.read(Due, until, (*path, "until"), words, year, "none")


def _window(level: Level, reading: Span | Due) -> Window:
    opens, closes = _days(reading)
    return Window(level=level, opens=opens, closes=closes, reading=reading)


def _days(reading: Span | Due) -> tuple[date | None, date]:
    if isinstance(reading, Span):
        return reading.opens, reading.closes
    return None, reading.effective


def _document(table: CampaignTable, issued_on: date) -> Document:
    document = table.document
    return Document(
        number=document.number, title=document.title, issuer=document.issuer, issued_on=issued_on
    )


def _scope(table: CampaignTable, parent: Campaign | None) -> Scope | None:
    if table.scope is not None:
        return Scope(clause=table.scope.clause, words=table.scope.words)
    return None if parent is None else parent.scope


def _areas(table: CampaignTable) -> Iterator[Area]:
    for area in table.area:
        yield Area(id=area.id, name=area.name, clause=area.clause, words=area.words)
        for item in area.item:
            yield Area(
                id=f"{area.id}/{item.id}",
                name=item.name,
                clause=item.clause or area.clause,
                words=item.words,
                parent=area.id,
            )


def _channels(table: CampaignTable) -> Iterator[Channel]:
    for each in table.channel:
        yield Channel(id=each.id, name=each.name, clause=each.clause, words=each.words)


def _events(table: CampaignTable) -> Iterator[Event]:
    for each in table.event:
        yield Event(id=each.id, name=each.name, clause=each.clause, words=each.words)


def _direct_reports(table: CampaignTable) -> tuple[DirectReport, ...]:
    return tuple(
        DirectReport(units=frozenset(each.units), to=each.to, clause=each.clause, words=each.words)
        for each in table.direct_report
    )


def _key_units(table: CampaignTable) -> KeyUnits | None:
    key = table.key_units
    if key is None:
        return None
    return KeyUnits(units=frozenset(key.units), clause=key.clause, words=key.words)


def _local_areas(table: CampaignTable) -> LocalAreas | None:
    local = table.local_areas
    if local is None:
        return None
    return LocalAreas(
        at_least=local.at_least, at_most=local.at_most, clause=local.clause, words=local.words
    )


def _carry_over(table: CampaignTable, phrases: PhraseReader) -> CarryOver | None:
    over = table.carry_over
    if over is None:
        return None
    due = phrases.read(Due, over.until, ("carry_over", "until"), over.words, roll="none")
    until = None if due is None else due.effective
    return CarryOver(until=until, into=over.into, clause=over.clause, words=over.words)


def _confidential(table: CampaignTable, phrases: PhraseReader) -> Iterator[ConfidentialField]:
    given = table.confidential
    fields = {} if given is None else {"reporter": given.reporter, "persons": given.persons}
    for name, field in fields.items():
        if field is None:
            continue
        path = ("confidential", name, "keep")
        keep = phrases.read(Within, field.keep, path, field.words or "", roll="none")
        if keep is not None and not _is_of_days(keep):
            problem = message("a length of years, months or days is expected, such as 3年内")
            phrases.problems.append((path, problem))
        yield ConfidentialField(
            field=name,
            revealed_by=frozenset(field.revealed_by),
            erased_by=frozenset(field.erased_by),
            keep=keep,
            clause=field.clause,
            words=field.words,
        )


def _is_of_days(within: Within) -> bool:
    period = within.period
    return period is not None and not period.hours and not period.working_days


def _receipt(
    table: CampaignTable, inherited: Within | None, phrases: PhraseReader
) -> Within | None:
    """After what time a missing receipt is told of; a move can't wait for a notice of holidays."""
    if table.receipt == ReceiptTable() and inherited is not None:
        return inherited
    path: Path = ("receipt", "within")
    within = phrases.read(
        Within, table.receipt.within, path, table.receipt.words or "", roll="none"
    )
    period = None if within is None else within.period
    if within is not None and (period is None or not (period.months or period.days)):
        phrases.problems.append((path, message("whole days, weeks or months are meant here")))
    return within if table.receipt.enabled else None


def _rules(table: CampaignTable, inherited: Mapping[str, RuleSetting]) -> Mapping[str, RuleSetting]:
    """The inherited settings and the file's own, which keep an inherited clause."""
    rules = dict(inherited)
    for code, rule in table.rule.items():
        before = rules.get(code, RuleSetting(code=code))
        rules[code] = RuleSetting(
            code=code,
            enabled=rule.enabled,
            clause=rule.clause or before.clause,
            words=rule.words or before.words,
        )
    return rules


def _fingerprint(table: CampaignTable, parent: Campaign | None) -> str:
    content = {"file": _content(table), "parent": None if parent is None else parent.fingerprint}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _content(value: object) -> object:
    """What a table says, without what it leaves at its default."""
    if attrs.has(type(value)):
        fields = attrs.fields(type(cast(attrs.AttrsInstance, value)))
        held = {field.name: (getattr(value, field.name), field.default) for field in fields}
        return {name: _content(one) for name, (one, default) in held.items() if one != default}
    if isinstance(value, tuple):
        return [_content(each) for each in cast("tuple[object, ...]", value)]
    if isinstance(value, dict):
        return {key: _content(each) for key, each in cast("dict[str, object]", value).items()}
    return value
