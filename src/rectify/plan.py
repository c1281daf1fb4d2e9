"""What the ledger runs for each step class: its rules and its writer, compiled once.

A move's rules are read back off the lifecycle's machine, so that the ledger and a host
that fires the machine can't come to differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import attrs

from rectify.case import Case
from rectify.digests import Algorithm
from rectify.errors import CampaignError, UnknownMove
from rectify.i18n import message
from rectify.issue import Issue, Transferred
from rectify.lifecycle import Lifecycle
from rectify.machine import rules_on
from rectify.move import Step, sources, target
from rectify.moves import STEPS
from rectify.reason import ASSUMPTION, Reason
from rectify.record import Writer, writer
from rectify.rules import Judge, Objection, Rule
from rectify.timeline import has_milestones

if TYPE_CHECKING:
    from rectify.campaign import Campaign


@attrs.frozen(slots=False)
class Plan:
    """One step class: the judges asked without and with evidence, and the writer.

    ``enters`` is the state the step enters; None where it stays in its own. ``unchecked``
    tells that a field of its evidence has no validator, so that a value of another type could
    be written which no reader takes back. ``dated`` tells that the issue may have milestones
    before or after it, or wait for a receipt, and ``beside`` that something else
    runs for it: see `rectify.running`.
    """

    kind: type[Step[Issue]]
    name: str
    enters: type[Issue] | None
    standing: tuple[tuple[Judge, Rule], ...]
    evidential: tuple[tuple[Judge, Rule], ...]
    write: Writer
    unchecked: bool
    dated: bool
    beside: bool

    def reasons(self, case: Case, step: Step[Issue] | None) -> list[Reason]:
        """Every reason against the step; without one, those that need no evidence."""
        found: list[Reason] = []
        kind = self.kind
        for judge, rule in self.standing:
            if (objection := judge(case, kind)) is not None:
                found.append(_reason(rule, objection, case.campaign))
        if step is not None:
            for judge, rule in self.evidential:
                if (objection := judge(case, step)) is not None:
                    found.append(_reason(rule, objection, case.campaign))
        return found


def _reason(rule: Rule, objection: Objection, campaign: Campaign) -> Reason:
    setting = campaign.rules.get(rule.code)
    clause = setting.clause if setting is not None else None
    return Reason(
        code=rule.code,
        text=objection.text,
        clause=clause or ASSUMPTION,
        until=objection.until,
        since=objection.since,
    )


def _is_dated(state: type[Issue]) -> bool:
    return has_milestones(state) or issubclass(state, Transferred)


def _runs_beside(states: Iterable[type[Issue]], campaign: Campaign) -> bool:
    waits = campaign.receipt_within is not None
    return bool(campaign.issue_classes) or (
        waits and any(issubclass(state, Transferred) for state in states)
    )


class Plans(dict[type[Step[Issue]], Plan]):
    """The plan of every step class of a lifecycle; `UnknownMove` for a class it does not have."""

    def __missing__(self, kind: type[Step[Issue]]) -> Plan:
        raise UnknownMove(kind.__name__, [known.__name__ for known in self if known not in STEPS])


def compile_plans(
    lifecycle: Lifecycle[Issue], campaign: Campaign, digest: Algorithm = "sha256"
) -> Plans:
    """The plan of every step class of a lifecycle under a campaign, for records of a digest.

    Raises `CampaignError` where the campaign sets a rule that the lifecycle does not have,
    `InvalidValue` for a hash that this Python lacks.
    """
    known = {rule.code for rule in lifecycle.rules}
    if strangers := sorted(set(campaign.rules) - known):
        listed = tuple(sorted(known))
        problems = [
            (f"rules.{code}", message("no such rule; there are: {known}", known=listed))
            for code in strangers
        ]
        raise CampaignError(campaign.id, problems)

    plans = Plans()
    for move in lifecycle.moves:
        plans[move] = _plan(move, target(move), rules_on(lifecycle.machine, move), campaign, digest)
    for step in STEPS:
        plans[step] = _plan(step, None, lifecycle.rules_for(step), campaign, digest)
    return plans


def _plan(
    kind: type[Step[Issue]],
    enters: type[Issue] | None,
    rules: Iterable[Rule],
    campaign: Campaign,
    digest: Algorithm,
) -> Plan:
    settings = campaign.rules
    live = [r for r in rules if r.code not in settings or settings[r.code].enabled]
    return Plan(
        kind,
        kind.__name__,
        enters,
        tuple((rule.judge, rule) for rule in live if not rule.needs_evidence),
        tuple((rule.judge, rule) for rule in live if rule.needs_evidence),
        writer(kind, campaign.fingerprint, digest),
        any(f.validator is None and f.name != "issue" for f in attrs.fields(kind)),
        enters is not None and any(map(_is_dated, (*sources(kind), enters))),
        enters is not None and _runs_beside((*sources(kind), enters), campaign),
    )
