"""The model of a campaign (专项治理): phases, vocabularies, rules, and what is owed.

A campaign is data, read from a file by `rectify.campaign.file.load_campaign`. Each part
carries the document's own words and the clause they stand in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

import attrs

from rectify.errors import InvalidValue, NaiveInstant
from rectify.i18n import Message, message
from rectify.instants import plain_date

if TYPE_CHECKING:
    from rectify.campaign.duties import AnyDuty, Duty, EventDuty, IssueClass, RecurringDuty
    from rectify.campaign.inspections import Inspection, Quota
    from rectify.deadline import Due, Span
    from rectify.phrases import Within
    from rectify.unit import Level, UnitTree


@attrs.frozen(kw_only=True)
class Document:
    """The document a campaign rests on: 文号, title, issuer, the date it bears."""

    number: str
    title: str
    issuer: str
    issued_on: date


@attrs.frozen(kw_only=True)
class Scope:
    """治理范围: whom the campaign covers; `UnitTree.in_scope` decides for a unit."""

    clause: str
    words: str


@attrs.frozen(kw_only=True)
class Window:
    """The days of a phase for one level, both included; ``opens`` is None if not given."""

    level: Level
    opens: date | None
    closes: date
    reading: Span | Due = attrs.field(hash=False, repr=False)


@attrs.frozen(kw_only=True)
class Phase:
    """阶段: its days, both included.

    ``opens`` is None where the document gives only an end. Where levels have their own
    windows, ``opens`` and ``closes`` are the first and last day of any of them. ``wave``
    is the year of a yearly phase, whose id is then ``id@year``. ``reading`` explains how
    its words were read; it is None where that is said for each level.
    """

    id: str
    name: str
    opens: date | None
    closes: date
    clause: str
    words: str
    reading: Span | Due | None = attrs.field(default=None, hash=False, repr=False)
    windows: tuple[Window, ...] = ()
    wave: int | None = None

    @property
    def family(self) -> str:
        """The id without the year of the wave."""
        return self.id.partition("@")[0]

    def window(self, level: Level | None) -> Window | Phase | None:
        """The days for a level: its own window, or the phase itself if no level has one."""
        if level is None or not self.windows:
            return self
        return next((window for window in self.windows if window.level == level), None)

    def covers(self, day: date, level: Level | None = None) -> bool:
        """Whether the day lies in the phase, for a level or for any."""
        window = self.window(level)
        if window is None or day > window.closes:
            return False
        return window.opens is None or window.opens <= day


@attrs.frozen(kw_only=True)
class Area:
    """治理重点, or one item of it: an item's id is ``area/item`` and ``parent`` the area's."""

    id: str
    name: str
    clause: str
    words: str
    parent: str | None = None


@attrs.frozen(kw_only=True)
class Channel:
    """问题来源."""

    id: str
    name: str
    clause: str
    words: str


@attrs.frozen(kw_only=True)
class Event:
    """What happens on a day and starts a period."""

    id: str
    name: str
    clause: str
    words: str


@attrs.frozen(kw_only=True)
class LocalAreas:
    """自选治理重点: how many areas a campaign below may add; ``at_most`` 0 is none."""

    at_least: int
    at_most: int
    clause: str
    words: str


@attrs.frozen(kw_only=True)
class CarryOver:
    """结转: unfinished issues go on, until a day (included) and into a campaign if named."""

    until: date | None
    into: str | None
    clause: str
    words: str


@attrs.frozen(kw_only=True)
class ConfidentialField:
    """保密事项: who may have a confidential text shown or erased, and how long it is kept.

    ``field`` is ``reporter`` or ``persons``. Without roles anyone may whom the platform lets.
    ``keep`` runs from the day the issue was last closed; None is until someone erases it.
    """

    field: str
    revealed_by: frozenset[str] = frozenset()
    erased_by: frozenset[str] = frozenset()
    keep: Within | None = attrs.field(default=None, hash=False, repr=False)
    clause: str | None = None
    words: str | None = None


@attrs.frozen(kw_only=True)
class KeyUnits:
    """重点单位, by code."""

    units: frozenset[str]
    clause: str
    words: str


@attrs.frozen(kw_only=True)
class DirectReport:
    """直报: units that report to ``to`` and not to their parent."""

    units: frozenset[str]
    to: str
    clause: str
    words: str


@attrs.frozen(kw_only=True)
class RuleSetting:
    """What a rule rests on here. Without a clause it is an assumption of the library,
    which a campaign may switch off.
    """

    code: str
    enabled: bool = True
    clause: str | None = None
    words: str | None = None


@attrs.frozen(kw_only=True)
class CampaignWarning:
    """What a careful reader should know about a campaign that does load.

    ``code`` is stable; ``path`` is where in the file; ``message`` is in both languages.
    """

    code: str
    path: str
    message: Message = attrs.field(hash=False)


class _Named(Protocol):
    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=_Named)


def _area_ids(campaign: Campaign) -> frozenset[str]:
    return frozenset(area.id for area in campaign.areas)


def _channel_ids(campaign: Campaign) -> frozenset[str]:
    return frozenset(channel.id for channel in campaign.channels)


def _first_day(campaign: Campaign) -> date | None:
    """The first day of any phase; None where one has no known beginning."""
    opens = [phase.opens for phase in campaign.phases]
    known = [day for day in opens if day is not None]
    return min(known) if known and len(known) == len(opens) else None


def _last_day(campaign: Campaign) -> date | None:
    return max((phase.closes for phase in campaign.phases), default=None)


def _find(kind: str, named: Iterable[N], wanted: str) -> N:
    known: list[str] = []
    for each in named:
        if each.id == wanted:
            return each
        known.append(each.id)
    names = tuple(known)
    raise InvalidValue(
        kind, message("the campaign has no “{id}”; it has: {known}", id=wanted, known=names)
    )


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Campaign:
    """A campaign in force over a region and time.

    Two campaigns are equal if their fingerprints are: a SHA-256, in hex, of what the
    file says, whatever its comments and the order of its keys. ``tolerance_seconds`` is
    how far an instant may be after the clock. ``duties`` are owed once, by a date;
    ``recurring_duties`` and ``event_duties`` hold the others. ``receipt_within`` is after
    what time a transferred lead without a receipt is told of, None if never.
    ``known_through`` is the last day of the calendar it was read by.
    """

    id: str
    name: str
    zone: ZoneInfo
    fingerprint: str
    document: Document
    tolerance_seconds: int = 300
    scope: Scope | None = None
    phases: tuple[Phase, ...] = ()
    duties: tuple[Duty, ...] = ()
    recurring_duties: tuple[RecurringDuty, ...] = ()
    event_duties: tuple[EventDuty, ...] = ()
    areas: tuple[Area, ...] = ()
    channels: tuple[Channel, ...] = ()
    events: tuple[Event, ...] = ()
    issue_classes: tuple[IssueClass, ...] = ()
    quotas: tuple[Quota, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    direct_reports: tuple[DirectReport, ...] = ()
    key_units: KeyUnits | None = None
    local_areas: LocalAreas | None = None
    carry_over: CarryOver | None = None
    confidential: tuple[ConfidentialField, ...] = ()
    parent: Campaign | None = None
    warnings: tuple[CampaignWarning, ...] = ()
    receipt_within: Within | None = attrs.field(default=None, hash=False)
    known_through: date = date.max
    rules: Mapping[str, RuleSetting] = attrs.field(
        factory=dict[str, RuleSetting], converter=MappingProxyType[str, RuleSetting]
    )
    area_ids: frozenset[str] = attrs.field(
        init=False, default=attrs.Factory(_area_ids, takes_self=True)
    )
    channel_ids: frozenset[str] = attrs.field(
        init=False, default=attrs.Factory(_channel_ids, takes_self=True)
    )
    opens: date | None = attrs.field(init=False, default=attrs.Factory(_first_day, takes_self=True))
    closes: date | None = attrs.field(init=False, default=attrs.Factory(_last_day, takes_self=True))

    def __repr__(self) -> str:
        return f"<Campaign {self.id} {self.fingerprint[:12]}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Campaign):
            return NotImplemented
        return self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the arguments of `Campaign`: a mapping proxy can't be pickled."""
        names = [field.name for field in attrs.fields(Campaign) if field.init]
        values = {name: getattr(self, name) for name in names}
        return _rebuild, ({**values, "rules": dict(self.rules)},)

    def phase_on(self, day: date, level: Level | None = None) -> Phase | None:
        """The phase on a day, or at an instant; None in a gap, before and after.

        Where several cover it, the one that closes first. ``level`` asks for the windows
        of that level.

        :raises NaiveInstant: a datetime without a zone.
        """
        phases = self.phases_on(day, level)
        return min(phases, key=lambda phase: phase.closes) if phases else None

    def phases_on(self, day: date, level: Level | None = None) -> tuple[Phase, ...]:
        """Every phase that covers the day, in the order of the file."""
        if isinstance(day, datetime):
            if day.tzinfo is None:
                raise NaiveInstant("day")
            day = day.astimezone(self.zone).date()
        else:
            plain_date("day", day)
        return tuple(phase for phase in self.phases if phase.covers(day, level))

    @property
    def all_duties(self) -> tuple[AnyDuty, ...]:
        """The duties of every kind."""
        return (*self.duties, *self.recurring_duties, *self.event_duties)

    def duty(self, duty_id: str) -> AnyDuty:
        """The duty of that id, of whichever kind.

        :raises InvalidValue: there is none.
        """
        return _find("duty", self.all_duties, duty_id)

    def phase(self, phase_id: str) -> Phase:
        """The phase of that id.

        :raises InvalidValue: there is none.
        """
        return _find("phase", self.phases, phase_id)

    def areas_near(self, wanted: str) -> tuple[str, ...]:
        """The areas to offer for an id that is none: all areas, and the items that come close."""
        top = wanted.partition("/")[0]
        items = [one for one in self.area_ids if one.startswith(f"{top}/")]
        close = get_close_matches(wanted, self.area_ids, n=3)
        return tuple(sorted({*(area.id for area in self.areas), *items, *close}))

    def area(self, area_id: str) -> Area:
        """The area or item of that id.

        :raises InvalidValue: there is none.
        """
        return _find("area", self.areas, area_id)

    def channel(self, channel_id: str) -> Channel:
        """The channel of that id.

        :raises InvalidValue: there is none.
        """
        return _find("channel", self.channels, channel_id)

    def confidential_field(self, field: str) -> ConfidentialField | None:
        """What is set for a confidential field, or None: ``persons/甲`` is one of ``persons``."""
        name = field.partition("/")[0]
        return next((one for one in self.confidential if one.field == name), None)

    def reports_to(self, code: str, units: UnitTree) -> str | None:
        """To whom a unit reports: where it reports directly, else its parent's code.

        :raises InvalidValue: no such unit.
        """
        for direct in self.direct_reports:
            if code in direct.units:
                return direct.to
        return units[code].parent


def _rebuild(values: dict[str, Any]) -> Campaign:
    return Campaign(**values)
