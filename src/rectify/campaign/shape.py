"""What a campaign file may hold: one class per table, one field per key.

A table that comes from the document carries its clause and its words; a date or a
cadence is a phrase out of those words and is parsed, never retyped. A key that is not
here is refused by name. ``campaigns/campaign.schema.json`` is generated from this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

import attrs

from rectify.strict import Between, Line, Matches
from rectify.unit import Level

Slug: TypeAlias = Annotated[str, Matches(r"[a-z0-9]+(-[a-z0-9]+)*", "self-inspection")]
RuleCode: TypeAlias = Annotated[str, Matches(r"([a-z0-9]+/)?[a-z0-9]+(-[a-z0-9]+)*", "same-person")]
Name: TypeAlias = Annotated[str, Line(200)]
Words: TypeAlias = Annotated[str, Line(2000)]
Clause: TypeAlias = Annotated[str, Line(80)]
Phrase: TypeAlias = Annotated[str, Line(80)]
Code: TypeAlias = Annotated[str, Line(64)]
Year: TypeAlias = Annotated[int, Between(1949, 2200)]
Percent: TypeAlias = Annotated[int, Between(1, 100)]
Count: TypeAlias = Annotated[int, Between(1, 1_000_000)]
StratumName: TypeAlias = Literal["key", "poor", "non-poor"]
Roll: TypeAlias = Literal["none", "forward", "backward"]
Inherited: TypeAlias = Literal["areas", "channels", "rules", "phases", "duties"]

EVENTS = (
    *("found", "registered", "fixed", "scheduled", "transferred", "verified", "exposed"),
    *("document-received", "inspection-ended"),
)
"""What a duty may follow without the file declaring it; other events are `[[event]]`."""

RECEIPT_WITHIN = "15日内"
"""After what time a lead without a receipt is told of, where a campaign does not say."""


@attrs.frozen(kw_only=True)
class _Cited:
    clause: Clause
    words: Words


@attrs.frozen(kw_only=True)
class DocumentTable:
    """The document the file transcribes. ``issued`` is its date in words."""

    number: Name
    title: Name
    issuer: Name
    issued: Phrase


@attrs.frozen(kw_only=True)
class ScopeTable(_Cited):
    """治理范围: whom the campaign covers."""


@attrs.frozen(kw_only=True)
class LocalAreasTable(_Cited):
    """自选治理重点: how many areas a campaign below this one may add."""

    at_most: Annotated[int, Between(0, 1000)]
    at_least: Annotated[int, Between(0, 1000)] = 0


@attrs.frozen(kw_only=True)
class CarryOverTable(_Cited):
    """结转: what becomes of issues unfinished at the end, until when, in which campaign."""

    until: Phrase | None = None
    into: Slug | None = None


@attrs.frozen(kw_only=True)
class KeyUnitsTable(_Cited):
    """重点单位: the units that strata named ``key`` are of."""

    units: tuple[Code, ...]


@attrs.frozen(kw_only=True)
class PhaseLevelTable:
    """A phase's window for one level, in place of the phase's own."""

    level: Level
    when: Phrase | None = None
    until: Phrase | None = None


@attrs.frozen(kw_only=True)
class PhaseTable(_Cited):
    """阶段. ``when`` is a span; ``until`` an end whose beginning is not given.

    ``year`` is for phrases that name none; ``yearly`` phases come in every wave.
    """

    id: Slug
    name: Name
    when: Phrase | None = None
    until: Phrase | None = None
    year: Year | None = None
    yearly: bool = False
    level: tuple[PhaseLevelTable, ...] = ()


@attrs.frozen(kw_only=True)
class DutyLevelTable:
    """What one level owes, where levels have their own dates or cadence (逐级上报)."""

    level: Level
    to: Name | None = None
    due: Phrase | None = None
    every: Phrase | None = None
    within: Phrase | None = None
    words: Words | None = None


@attrs.frozen(kw_only=True)
class ThenTable:
    """A step after a duty is done (审定后上报): to whom, and within what time if any."""

    to: Name
    words: Words
    within: Phrase | None = None


@attrs.frozen(kw_only=True)
class DutyTable(_Cited):
    """报送任务: what is owed once (``due``), again and again (``every``), or after an
    event (``within`` and ``after``); by one date for all or by ``level``.

    ``during`` is the span in which ``every`` recurs; without it, its phase or campaign.
    """

    id: Slug
    name: Name
    owed_by: tuple[Level, ...] = ()
    to: Name | None = None
    phase: Slug | None = None
    due: Phrase | None = None
    every: Phrase | None = None
    within: Phrase | None = None
    after: Slug | None = None
    during: Phrase | None = None
    year: Year | None = None
    yearly: bool = False
    roll: Roll | None = None
    level: tuple[DutyLevelTable, ...] = ()
    then: tuple[ThenTable, ...] = ()


@attrs.frozen(kw_only=True)
class ItemTable:
    """One item of an area; its clause is the area's unless it has its own."""

    id: Slug
    name: Name
    words: Words
    clause: Clause | None = None


@attrs.frozen(kw_only=True)
class AreaTable(_Cited):
    """治理重点, with its items."""

    id: Slug
    name: Name
    item: tuple[ItemTable, ...] = ()


@attrs.frozen(kw_only=True)
class ChannelTable(_Cited):
    """问题来源."""

    id: Slug
    name: Name


@attrs.frozen(kw_only=True)
class EventTable(_Cited):
    """Something that happens on a day and that duties or classes of issue follow."""

    id: Slug
    name: Name


@attrs.frozen(kw_only=True)
class IssueClassTable(_Cited):
    """问题类别: how long an issue of a class may take, from an event or until a day."""

    id: Slug
    name: Name
    within: Phrase | None = None
    after: Slug | None = None
    due: Phrase | None = None
    year: Year | None = None


@attrs.frozen(kw_only=True)
class StratumTable:
    """The share or count of a stratum that a quota asks for."""

    of: StratumName
    at_least_percent: Percent | None = None
    at_least: Count | None = None


@attrs.frozen(kw_only=True)
class QuotaLevelTable:
    """A quota's cadence and amount for one level that checks."""

    level: Level
    every: Phrase | None = None
    at_least_percent: Percent | None = None
    at_least: Count | None = None


@attrs.frozen(kw_only=True)
class QuotaTable(_Cited):
    """抽查比例: of the units of a level, how many are checked in a round, by whom.

    ``every`` is the round; without it the round is the phase, or the whole campaign.
    """

    id: Slug
    name: Name
    of: Level
    by: tuple[Level, ...] = ()
    at_least_percent: Percent | None = None
    at_least: Count | None = None
    every: Phrase | None = None
    phase: Slug | None = None
    no_repeat: bool = False
    stratum: tuple[StratumTable, ...] = ()
    level: tuple[QuotaLevelTable, ...] = ()


@attrs.frozen(kw_only=True)
class DrawStratumTable:
    """How many of a draw come from a stratum."""

    of: StratumName
    count: Count


@attrs.frozen(kw_only=True)
class DrawTable:
    """One stage of a random draw: how many units of a level, in each unit drawn before."""

    level: Level
    count: Count
    words: Words
    stratum: tuple[DrawStratumTable, ...] = ()


@attrs.frozen(kw_only=True)
class InspectionTable(_Cited):
    """明察暗访: who goes how often, where it is drawn, and who gets the report."""

    id: Slug
    name: Name
    by: Name
    every: Phrase | None = None
    phase: Slug | None = None
    teams: Count = 1
    lasts: Phrase | None = None
    draw: tuple[DrawTable, ...] = ()
    report: tuple[ThenTable, ...] = ()


@attrs.frozen(kw_only=True)
class DirectReportTable(_Cited):
    """直报: units that report past their parent, and to whom."""

    units: tuple[Code, ...]
    to: Name


@attrs.frozen(kw_only=True)
class RuleTable:
    """What a rule of the library rests on; without a clause it is an assumption."""

    enabled: bool = True
    clause: Clause | None = None
    words: Words | None = None


@attrs.frozen(kw_only=True)
class ConfidentialFieldTable:
    """Who may have a confidential text shown or erased, by role, and how long it is kept.

    ``keep`` runs from the day the issue was last closed (verified or exposed). Without roles
    anyone may whom the platform lets; without ``keep`` it is kept until someone erases it.
    """

    revealed_by: tuple[Name, ...] = ()
    erased_by: tuple[Name, ...] = ()
    keep: Phrase | None = None
    clause: Clause | None = None
    words: Words | None = None


@attrs.frozen(kw_only=True)
class ConfidentialTable:
    """保密事项: the reporter of a finding (举报人), and the persons involved (涉及人员)."""

    reporter: ConfidentialFieldTable | None = None
    persons: ConfidentialFieldTable | None = None


@attrs.frozen(kw_only=True)
class ReceiptTable:
    """移送签收: after what time a lead without a receipt is told of; an assumption unless cited."""

    within: Phrase = RECEIPT_WITHIN
    enabled: bool = True
    clause: Clause | None = None
    words: Words | None = None


@attrs.frozen(kw_only=True)
class CampaignTable:
    """A campaign file. ``waves`` are the years its yearly phases and duties come in."""

    id: Slug
    name: Name
    document: DocumentTable
    zone: Name = "Asia/Shanghai"
    tolerance_seconds: Annotated[int, Between(0, 86_400)] = 300
    roll: Roll = "none"
    parent: Name | None = None
    inherits: tuple[Inherited, ...] = ()
    waves: tuple[Year, ...] = ()
    scope: ScopeTable | None = None
    local_areas: LocalAreasTable | None = None
    carry_over: CarryOverTable | None = None
    confidential: ConfidentialTable | None = None
    key_units: KeyUnitsTable | None = None
    receipt: ReceiptTable = ReceiptTable()
    phase: tuple[PhaseTable, ...] = ()
    duty: tuple[DutyTable, ...] = ()
    area: tuple[AreaTable, ...] = ()
    channel: tuple[ChannelTable, ...] = ()
    event: tuple[EventTable, ...] = ()
    issue_class: tuple[IssueClassTable, ...] = ()
    quota: tuple[QuotaTable, ...] = ()
    inspection: tuple[InspectionTable, ...] = ()
    direct_report: tuple[DirectReportTable, ...] = ()
    rule: Mapping[RuleCode, RuleTable] = attrs.field(factory=dict[str, RuleTable])
