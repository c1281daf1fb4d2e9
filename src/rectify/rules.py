"""The rules: each looks at a step and objects, or not.

A rule is a function of a `Case` and a step; the annotation of its second parameter says
which steps it judges. ``move: Verify`` gets the move with its evidence; ``kind:
type[Verify]`` needs none, so it is asked before there is any, by `Ledger.options`.
All are asked and every objection is kept. What a rule rests on is the campaign's to say;
where its document is silent, the rule is an assumption and the campaign may switch it off.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from inspect import signature
from itertools import pairwise
from types import UnionType
from typing import Any, Final, TypeAlias, Union, get_args, get_origin

import attrs

from rectify.actor import DISCIPLINE
from rectify.case import Case
from rectify.errors import LifecycleError
from rectify.evidence import Conclusion
from rectify.i18n import Message, message
from rectify.issue import LEAD, Issue, Scheduled, Transferred, Verified
from rectify.move import Step, read_annotations
from rectify.moves import (
    Complete,
    Erase,
    Expose,
    Extend,
    Fix,
    Register,
    Reject,
    Reopen,
    Return,
    Reveal,
    Schedule,
    Verify,
)
from rectify.sealed import REPORTER, person_field, reveals

# Named once: a member looked up on its class costs as much as a rule (Python 3.11).
_RECTIFIED: Final = Conclusion.RECTIFIED
_SUBSTANTIATED: Final = Conclusion.SUBSTANTIATED
_UNSUBSTANTIATED: Final = Conclusion.UNSUBSTANTIATED
_MERGED: Final = Conclusion.MERGED
_CLOSED_UNPROVEN: Final = (_UNSUBSTANTIATED, _MERGED)

Timetabling: TypeAlias = Schedule | Extend | Return | Reject | Reopen


@attrs.frozen
class Objection:
    """What a rule has against a step; ``until`` or ``since`` where time changes the answer."""

    text: Message
    until: datetime | None = None
    since: datetime | None = None


Judge: TypeAlias = Callable[[Case, Any], Objection | None]


@attrs.frozen
class Rule:
    """A judge with its stable code, the step classes it judges, and whether it needs evidence."""

    code: str
    judge: Judge
    steps: tuple[type[Step[Issue]], ...]
    needs_evidence: bool


def rule(code: str) -> Callable[[Judge], Rule]:
    """Make a rule of a function ``(case, move: M)`` or ``(case, kind: type[M])``.

    ``M`` is a step class or a union of them. Raises `LifecycleError` for a function that
    doesn't say so.
    """

    def make(judge: Judge) -> Rule:
        hints, named = read_annotations(judge, code), list(signature(judge).parameters)[1:]
        kinds = [kind for name in named for kind in _members(hints.get(name))]
        evidential = {get_origin(kind) is not type for kind in kinds}
        steps = [get_origin(step) or step for kind in kinds for step in _steps_of(kind)]
        if (len(named), len(evidential)) != (1, 1) or not all(map(_is_step, steps)):
            raise LifecycleError(
                [
                    message(
                        "rule {code}: its second parameter names no moves;"
                        " write “move: Verify”, or “kind: type[Verify]” where it needs no evidence",
                        code=code,
                    )
                ]
            )
        return Rule(code, judge, tuple(steps), needs_evidence=True in evidential)

    return make


def _members(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _steps_of(kind: Any) -> tuple[Any, ...]:
    """The steps that an annotation names, without the ``type[…]`` around them."""
    (named,) = get_args(kind) if get_origin(kind) is type else (kind,)
    return _members(named)


def _is_step(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Step)


@rule("area-unknown")
def area_unknown(case: Case, move: Register) -> Objection | None:
    if move.finding.area in case.campaign.area_ids:
        return None
    return Objection(
        message(
            "area “{area}” is not one of the campaign's: {known}",
            area=move.finding.area,
            known=case.campaign.areas_near(move.finding.area),
        )
    )


@rule("channel-unknown")
def channel_unknown(case: Case, move: Register) -> Objection | None:
    if move.finding.channel in case.campaign.channel_ids:
        return None
    return Objection(
        message(
            "channel “{channel}” is not one of the campaign's: {known}",
            channel=move.finding.channel,
            known=tuple(sorted(case.campaign.channel_ids)),
        )
    )


@rule("unit-out-of-scope")
def unit_out_of_scope(case: Case, move: Register) -> Objection | None:
    if case.units is None or case.units.in_scope(move.finding.unit):
        return None
    return Objection(
        message(
            "unit {unit} is outside the campaign's scope: it has no task and is no member unit,"
            " or the unit tree does not have it",
            unit=move.finding.unit,
        )
    )


@rule("found-in-future")
def found_in_future(case: Case, move: Register) -> Objection | None:
    found_at = move.finding.found_at
    if found_at <= min(case.now, case.at) + _tolerance(case):
        return None
    return Objection(
        message(
            "found at {found_at}, which is after it is registered, {at}",
            found_at=_shown(case, found_at),
            at=_shown(case, min(case.now, case.at)),
        ),
        until=found_at,
    )


@rule("time-in-future")
def time_in_future(case: Case, kind: type[Step[Issue]]) -> Objection | None:
    if case.at <= case.now or case.at <= case.now + _tolerance(case):
        return None
    return Objection(
        message(
            "the step is dated {at}; the ledger's clock says {now}",
            at=_shown(case, case.at),
            now=_shown(case, case.now),
        ),
        until=case.at,
    )


@rule("time-in-future")
def evidence_in_future(case: Case, move: Verify) -> Objection | None:
    answered_at = move.answered_reporter_at
    if answered_at is None and not move.outcomes:
        return None
    latest = case.now + _tolerance(case)
    if answered_at is not None and answered_at > latest:
        return Objection(
            message(
                "the reporter was answered at {at}; the ledger's clock says {now}",
                at=_shown(case, answered_at),
                now=_shown(case, case.now),
            ),
            until=answered_at,
        )
    today = latest.astimezone(case.campaign.zone).date().isoformat()
    for outcome in move.outcomes:
        # A month is compared by its days that have come, as ISO texts are.
        if outcome.decided_on > today[: len(outcome.decided_on)]:
            return Objection(
                message(
                    "an outcome is decided on {day}; the ledger's clock says {now}",
                    day=outcome.decided_on,
                    now=_shown(case, case.now),
                )
            )
    return None


@rule("time-runs-backwards")
def time_runs_backwards(case: Case, kind: type[Step[Issue]]) -> Objection | None:
    last_at = case.last_at
    if last_at is None or case.at >= last_at:
        return None
    return Objection(
        message(
            "the step is dated {at}, before the issue's last record, {last}",
            at=_shown(case, case.at),
            last=_shown(case, last_at),
        ),
        until=last_at,
    )


@rule("lead-must-be-transferred")
def lead_must_be_transferred(case: Case, kind: type[Fix] | type[Schedule]) -> Objection | None:
    if not case.issue.finding.discipline_lead:
        return None
    if any(link.kind == LEAD for link in case.issue.links):
        return None
    return Objection(
        message(
            "the finding is a lead on a Party member or cadre: transfer it to the discipline"
            " organ, or split the lead off, before the rest is put right"
        )
    )


@rule("defiant-conduct")
def defiant_conduct(case: Case, kind: type[Fix]) -> Objection | None:
    began, opens = case.issue.finding.conduct_from, case.campaign.opens
    if began is None or opens is None or began < opens:
        return None
    return Objection(
        message(
            "the conduct began on {began}, after the campaign opened on {opens}: defiant"
            " conduct is dealt with strictly, not fixed on the spot",
            began=began,
            opens=opens,
        )
    )


@rule("timetable-empty")
def timetable_empty(case: Case, move: Timetabling) -> Objection | None:
    if move.timetable.milestones:
        return None
    return Objection(message("the timetable has no milestone; it needs at least one with a date"))


@rule("milestones-out-of-order")
def milestones_out_of_order(case: Case, move: Timetabling) -> Objection | None:
    milestones = move.timetable.milestones
    for earlier, later in pairwise(milestones):
        if later.due < earlier.due:
            return Objection(
                message(
                    "milestone {later} is due on {later_due}, before {earlier} on {earlier_due};"
                    " list them by date",
                    later=later.id,
                    later_due=later.due,
                    earlier=earlier.id,
                    earlier_due=earlier.due,
                )
            )
    return None


@rule("beyond-campaign")
def beyond_campaign(case: Case, move: Timetabling) -> Objection | None:
    ends_on, closes = move.timetable.ends_on, case.campaign.closes
    if ends_on is None or closes is None or ends_on <= closes or move.carry_over is not None:
        return None
    return Objection(
        message(
            "the timetable ends on {ends_on}, after the campaign closes on {closes};"
            " say in carry_over why it may",
            ends_on=ends_on,
            closes=closes,
        )
    )


@rule("milestone-unknown")
def milestone_unknown(case: Case, move: Complete) -> Objection | None:
    still_open = move.issue.open_milestones
    for milestone in still_open:
        if milestone.id == move.milestone:
            return None
    return Objection(
        message(
            "milestone “{milestone}” is not open; open ones: {known}",
            milestone=move.milestone,
            known=tuple(milestone.id for milestone in still_open),
        )
    )


@rule("milestones-open")
def milestones_open(case: Case, move: Verify) -> Objection | None:
    if move.conclusion is not _RECTIFIED or not isinstance(move.issue, Scheduled):
        return None
    still_open = move.issue.open_milestones
    if not still_open:
        return None
    return Objection(
        message(
            "milestones still open: {open}; complete them first",
            open=tuple(f"{milestone.id} {milestone.title}" for milestone in still_open),
        )
    )


@rule("extension-late")
def extension_late(case: Case, kind: type[Extend]) -> Objection | None:
    assert isinstance(case.issue, Scheduled)
    ends_on = case.issue.timetable.ends_on
    # Dated back or not: what the clock says counts, but for what clocks may differ by.
    at = max(case.at, case.now - timedelta(seconds=case.campaign.tolerance_seconds))
    # No zone is a day ahead: before that day anywhere, there is nothing to reckon.
    if ends_on is None or at.date() < ends_on:
        return None
    ended_at = datetime.combine(ends_on + timedelta(days=1), time.min, case.campaign.zone)
    if at < ended_at:
        return None
    ran_out = message(
        "the timetable ran out on {ends_on}; an extension is asked before", ends_on=ends_on
    )
    if case.at < ended_at:
        ran_out = message("{objection}, and is not dated back", objection=ran_out)
    return Objection(ran_out, since=ended_at)


@rule("same-person")
def same_person_verifies(case: Case, kind: type[Verify]) -> Objection | None:
    if case.by.id not in case.facts.handlers:
        return None
    return Objection(
        message(
            "{actor} fixed, scheduled or completed the issue; another person verifies it",
            actor=case.by.id,
        )
    )


@rule("same-person")
def same_person_exposes(case: Case, move: Expose) -> Objection | None:
    if case.by.id != move.bulletin.drafted_by:
        return None
    return Objection(
        message("{actor} drafted the bulletin; another person publishes it", actor=case.by.id)
    )


@rule("commission-only")
def commission_only(case: Case, kind: type[Verify]) -> Objection | None:
    if not isinstance(case.issue, Transferred) or DISCIPLINE in case.by.roles:
        return None
    return Objection(
        message(
            "the issue is with {organ}: only an actor with the role “{role}” concludes it",
            organ=case.issue.organ,
            role=DISCIPLINE,
        )
    )


@rule("conclusion-mismatch")
def conclusion_mismatch(case: Case, move: Verify) -> Objection | None:
    conclusion = move.conclusion
    if conclusion is _RECTIFIED and isinstance(move.issue, Transferred):
        return Objection(
            message("a transferred issue is concluded as substantiated, unsubstantiated or merged")
        )
    if conclusion is _SUBSTANTIATED and not case.facts.transferred:
        return Objection(
            message("only what was transferred to the discipline organ can be substantiated")
        )
    if (conclusion is _MERGED) != (move.merged_into is not None):
        return Objection(
            message(
                "a merged issue names in merged_into the issue it is merged into; no other does"
            )
        )
    if move.outcomes and conclusion in _CLOSED_UNPROVEN:
        return Objection(message("an unsubstantiated or merged issue has no outcomes"))
    if move.clearing is not None and conclusion is not _UNSUBSTANTIATED:
        return Objection(message("a public clearing goes with an unsubstantiated conclusion only"))
    return None


@rule("merge-target")
def merge_target(case: Case, move: Verify) -> Objection | None:
    if move.merged_into is None:
        return None
    other = None if move.merged_into == move.issue.id else case.lookup.find(move.merged_into)
    if other is None:
        return Objection(
            message("{other} is not another issue of this ledger", other=move.merged_into)
        )
    if isinstance(other, Verified) and other.merged_into is not None:
        return Objection(
            message(
                "issue {other} is itself merged into {final}; name that one",
                other=other.id,
                final=other.merged_into,
            )
        )
    return None


@rule("reporter-unanswered")
def reporter_unanswered(case: Case, move: Verify) -> Objection | None:
    if move.conclusion not in _CLOSED_UNPROVEN or move.issue.finding.reporter is None:
        return None
    if move.answered_reporter_at is not None:
        return None
    return Objection(
        message(
            "the issue was reported by someone: answer the reporter before it is closed without"
            " a finding, and give answered_reporter_at"
        )
    )


@rule("not-substantiated")
def not_substantiated(case: Case, kind: type[Expose]) -> Objection | None:
    assert isinstance(case.issue, Verified)
    if case.issue.conclusion not in _CLOSED_UNPROVEN:
        return None
    return Objection(
        message(
            "the issue was verified as {conclusion}; such a case is not exposed",
            conclusion=case.issue.conclusion.label,
        )
    )


@rule("reporter-named")
def reporter_named(case: Case, move: Expose) -> Objection | None:
    bulletin = move.bulletin
    if not _names_reporter(case, bulletin.title + bulletin.text):
        return None
    return Objection(
        message("the bulletin holds the reporter's name or contact; leave it out (not shown here)")
    )


@rule("reporter-named")
def reporter_in_reason(case: Case, move: Reveal[Issue] | Erase[Issue]) -> Objection | None:
    if not _names_reporter(case, move.reason):
        return None
    return Objection(
        message(
            "the reason holds the reporter's name or contact, and would keep it for good;"
            " leave it out (not shown here)"
        )
    )


@rule("person-named")
def person_in_outcome(case: Case, move: Verify) -> Objection | None:
    finding = move.issue.finding
    if not finding.persons:
        return None
    for outcome in move.outcomes:
        if _names_person(case, outcome.subject):
            return Objection(
                message(
                    "an outcome names a person whose name is kept apart; its subject is the"
                    " pseudonym (not shown here)"
                )
            )
    return None


@rule("person-named")
def person_in_reason(case: Case, move: Reveal[Issue] | Erase[Issue]) -> Objection | None:
    if not _names_person(case, move.reason):
        return None
    return Objection(
        message(
            "the reason names a person whose name is kept apart, and would keep it for good;"
            " write the pseudonym (not shown here)"
        )
    )


@rule("confidential-role")
def confidential_role(case: Case, move: Reveal[Issue] | Erase[Issue]) -> Objection | None:
    setting = case.campaign.confidential_field(move.field)
    if setting is None:
        return None
    roles = setting.revealed_by if isinstance(move, Reveal) else setting.erased_by
    if not roles or roles & case.by.roles:
        return None
    return Objection(
        message(
            "only an actor with one of these roles may do this: {roles}",
            roles=tuple(sorted(roles)),
        )
    )


RULES: Final[tuple[Rule, ...]] = tuple(
    value for value in list(globals().values()) if isinstance(value, Rule)
)
"""Every rule that ships, in the order above."""


def _tolerance(case: Case) -> timedelta:
    return timedelta(seconds=case.campaign.tolerance_seconds)


def _shown(case: Case, at: datetime) -> str:
    return at.astimezone(case.campaign.zone).isoformat(sep=" ", timespec="seconds")


def _names_reporter(case: Case, text: str) -> bool:
    return _is_named(case, REPORTER, text)


def _names_person(case: Case, text: str) -> bool:
    persons = case.issue.finding.persons
    return any(_is_named(case, person_field(one.pseudonym), text) for one in persons)


def _is_named(case: Case, field: str, text: str) -> bool:
    kept = case.lookup.secret(case.issue.id, field)
    return kept is not None and reveals(text, kept.open() or "")
