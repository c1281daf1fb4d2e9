"""The moves (处置): one class each, from registration (登记) to publication (通报曝光).

The signature is the edge: ``Move[Verified]`` with ``issue: FixedOnTheSpot | Scheduled |
Transferred`` leads from those three states to that one. The other fields are the evidence,
without which the state can't be entered. Clauses are those of 鄂扶组发〔2017〕33号.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final, TypeVar

import attrs

from rectify import fields
from rectify.evidence import Bulletin, Completion, Conclusion, Origin, Outcome, Timetable
from rectify.finding import Finding
from rectify.issue import (
    Exposed,
    FixedOnTheSpot,
    Found,
    Issue,
    Link,
    Scheduled,
    Transferred,
    Verified,
)
from rectify.move import Move, Step

S = TypeVar("S", bound=Issue)


@attrs.frozen(slots=False)
class Register(Step[Found]):
    """登记: a finding enters the ledger (建立台账, 四·第一阶段)."""

    term: ClassVar[str] = "登记"
    issue_id: str = attrs.field(validator=fields.line)
    finding: Finding = attrs.field(validator=fields.instance_of(Finding))

    def enter(self) -> Found:
        return Found(self.issue_id, self.finding, 1, 1, ())


@attrs.frozen(slots=False)
class Import(Register):
    """存量导入: a finding that was kept in another table enters the ledger, and says so."""

    term: ClassVar[str] = "存量导入"
    origin: Origin = attrs.field(validator=fields.instance_of(Origin))


@attrs.frozen(slots=False)
class Fix(Move[FixedOnTheSpot]):
    """立行立改: a minor issue is put right at once (一般性问题立行立改, 四·第一阶段)."""

    term: ClassVar[str] = "立行立改"
    handles: ClassVar[bool] = True
    issue: Found
    measure: str = attrs.field(validator=fields.prose)

    def enter(self) -> FixedOnTheSpot:
        return FixedOnTheSpot(*self.issue.onward(), self.measure)


@attrs.frozen(slots=False)
class Schedule(Move[Scheduled]):
    """列入时间表: what can't be put right at once gets a timetable (四·第一阶段).

    ``carry_over`` says why the timetable may outlive the campaign.
    """

    term: ClassVar[str] = "列入时间表"
    handles: ClassVar[bool] = True
    issue: Found
    timetable: Timetable = attrs.field(validator=fields.instance_of(Timetable))
    carry_over: str | None = attrs.field(default=None, validator=fields.optional(fields.prose))

    def enter(self) -> Scheduled:
        return Scheduled(*self.issue.onward(), self.timetable, carry_over=self.carry_over)


@attrs.frozen(slots=False)
class Complete(Move[Scheduled]):
    """节点完成: a milestone of the timetable is reached (逐步整改到位, 四·第一阶段)."""

    term: ClassVar[str] = "节点完成"
    handles: ClassVar[bool] = True
    issue: Scheduled
    milestone: str = attrs.field(validator=fields.line)
    evidence: str = attrs.field(validator=fields.prose)

    def enter(self) -> Scheduled:
        issue = self.issue
        completed = (*issue.completed, Completion(self.milestone, self.evidence))
        return Scheduled(
            *issue.onward(), issue.timetable, completed, issue.carry_over, issue.reason
        )


@attrs.frozen(slots=False)
class Extend(Move[Scheduled]):
    """延期: another timetable, for a reason. Assumption: the document is silent.

    A milestone already reached stays so where the new timetable has it, by id and title.
    """

    term: ClassVar[str] = "延期"
    issue: Scheduled
    timetable: Timetable = attrs.field(validator=fields.instance_of(Timetable))
    reason: str = attrs.field(validator=fields.prose)
    carry_over: str | None = attrs.field(default=None, validator=fields.optional(fields.prose))

    def enter(self) -> Scheduled:
        earlier = {milestone.id: milestone.title for milestone in self.issue.timetable.milestones}
        kept = {m.id for m in self.timetable.milestones if earlier.get(m.id) == m.title}
        completed = tuple(one for one in self.issue.completed if one.milestone in kept)
        return Scheduled(
            *self.issue.onward(), self.timetable, completed, self.carry_over, self.reason
        )


@attrs.frozen(slots=False)
class Transfer(Move[Transferred]):
    """移送: a lead goes to the discipline inspection and supervision organ.

    及时移送纪检监察机关调查处理 (四·第一阶段). ``lead`` says what the lead is.
    """

    term: ClassVar[str] = "移送"
    issue: Found | FixedOnTheSpot | Scheduled
    organ: str = attrs.field(validator=fields.line)
    lead: str = attrs.field(validator=fields.prose)

    def enter(self) -> Transferred:
        return Transferred(*self.issue.onward(), self.organ, self.lead)


@attrs.frozen(slots=False)
class Acknowledge(Move[Transferred]):
    """签收: the organ has received the lead. Assumption: the document is silent."""

    term: ClassVar[str] = "签收"
    issue: Transferred
    receipt: str = attrs.field(validator=fields.line)

    def enter(self) -> Transferred:
        issue = self.issue
        return Transferred(*issue.onward(), issue.organ, issue.lead, self.receipt)


@attrs.frozen(slots=False)
class Return(Move[Scheduled]):
    """退回: the organ gives the issue back for rectification. Assumption."""

    term: ClassVar[str] = "退回"
    issue: Transferred
    reason: str = attrs.field(validator=fields.prose)
    timetable: Timetable = attrs.field(validator=fields.instance_of(Timetable))
    carry_over: str | None = attrs.field(default=None, validator=fields.optional(fields.prose))

    def enter(self) -> Scheduled:
        return Scheduled(*self.issue.onward(), self.timetable, (), self.carry_over, self.reason)


@attrs.frozen(slots=False)
class Verify(Move[Verified]):
    """核实: rectification checked (督促整改, 四·第二阶段), or the case decided (查实, 五(八)).

    ``evidence`` says what shows the conclusion; for an unsubstantiated one, the reason.
    ``answered_reporter_at`` is when the reporter was answered (aware). ``merged_into`` is
    the other issue's id, for a merged one. ``clearing`` is a public clearing (澄清) of who
    was accused without ground.
    """

    term: ClassVar[str] = "核实"
    issue: FixedOnTheSpot | Scheduled | Transferred
    conclusion: Conclusion = attrs.field(validator=fields.instance_of(Conclusion))
    evidence: str = attrs.field(validator=fields.prose)
    outcomes: tuple[Outcome, ...] = attrs.field(default=(), validator=fields.tuple_of(Outcome))
    answered_reporter_at: datetime | None = attrs.field(
        default=None, converter=fields.in_utc_if_any, validator=fields.optional(fields.instant)
    )
    merged_into: str | None = attrs.field(default=None, validator=fields.optional(fields.line))
    clearing: str | None = attrs.field(default=None, validator=fields.optional(fields.prose))

    def enter(self) -> Verified:
        return Verified(
            *self.issue.onward(),
            self.conclusion,
            self.evidence,
            self.outcomes,
            self.answered_reporter_at,
            self.merged_into,
            self.clearing,
        )


@attrs.frozen(slots=False)
class Reject(Move[Scheduled]):
    """退回整改: the rectification does not hold; a new round begins, with a new timetable."""

    term: ClassVar[str] = "退回整改"
    issue: FixedOnTheSpot | Scheduled
    reason: str = attrs.field(validator=fields.prose)
    timetable: Timetable = attrs.field(validator=fields.instance_of(Timetable))
    carry_over: str | None = attrs.field(default=None, validator=fields.optional(fields.prose))

    def enter(self) -> Scheduled:
        return Scheduled(
            *self.issue.onward(rounds=1), self.timetable, (), self.carry_over, self.reason
        )


@attrs.frozen(slots=False)
class Reopen(Move[Scheduled]):
    """回头看: a look back finds a verified issue unsettled; a new round begins. Assumption."""

    term: ClassVar[str] = "回头看"
    issue: Verified
    reason: str = attrs.field(validator=fields.prose)
    timetable: Timetable = attrs.field(validator=fields.instance_of(Timetable))
    carry_over: str | None = attrs.field(default=None, validator=fields.optional(fields.prose))

    def enter(self) -> Scheduled:
        return Scheduled(
            *self.issue.onward(rounds=1), self.timetable, (), self.carry_over, self.reason
        )


@attrs.frozen(slots=False)
class Expose(Move[Exposed]):
    """通报曝光: a proven case is published (对查实的案件,坚决予以曝光, 五(八))."""

    term: ClassVar[str] = "通报曝光"
    issue: Verified
    bulletin: Bulletin = attrs.field(validator=fields.instance_of(Bulletin))

    def enter(self) -> Exposed:
        issue = self.issue
        return Exposed(
            *issue.onward(), self.bulletin, issue.conclusion, issue.evidence, issue.outcomes
        )


@attrs.frozen(slots=False)
class Tie(Step[S]):
    """关联: a link to another issue is noted; the issue stays in its state."""

    term: ClassVar[str] = "关联"
    issue: S
    link: Link = attrs.field(validator=fields.instance_of(Link))

    def enter(self) -> S:
        issue = self.issue
        return attrs.evolve(issue, version=issue.version + 1, links=(*issue.links, self.link))


@attrs.frozen(slots=False)
class Reveal(Step[S]):
    """查阅: a confidential text is shown to who takes the step; the issue stays in its state.

    ``field`` is ``"reporter"``, or ``"persons/甲"`` for a person by the pseudonym. What was
    shown is not in it.
    """

    term: ClassVar[str] = "查阅"
    issue: S
    field: str = attrs.field(validator=fields.line)
    reason: str = attrs.field(validator=fields.prose)

    def enter(self) -> S:
        return attrs.evolve(self.issue, version=self.issue.version + 1)


@attrs.frozen(slots=False)
class Erase(Step[S]):
    """销毁: a confidential text is destroyed, with its salt; the issue stays in its state.

    ``field`` is as for `Reveal`. The commitment stays in the record of the finding.
    """

    term: ClassVar[str] = "销毁"
    issue: S
    field: str = attrs.field(validator=fields.line)
    reason: str = attrs.field(validator=fields.prose)

    def enter(self) -> S:
        return attrs.evolve(self.issue, version=self.issue.version + 1)


STEPS: Final[tuple[type[Step[Issue]], ...]] = (Register, Import, Tie, Reveal, Erase)
"""What is recorded without being a move between states."""
