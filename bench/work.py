"""The work of one move, as a platform would write it beside a state machine of another library.

The same rules as the ledger asks, over a row with fields; a record in canonical JSON with
the same content; a SHA-256 that covers the one before it. Every peer calls this very code,
and the records come out as the ledger's, byte for byte, which the tests check.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from json import JSONEncoder, loads
from typing import Any, Final, Protocol

from bench.story import CAMPAIGN, CHECKER, EDGES, FINDING, Step, plain_actor
from rectify.canonical import encode


class Refused(Exception):
    """A move that the rules refuse, with every reason."""


class Row(Protocol):
    """Where one issue stands: what a platform would keep in a table's row.

    ``stage`` is the state in the row; the library under test keeps its own besides.
    """

    id: str
    stage: str
    version: int
    round: int
    finding: dict[str, Any]
    links: list[dict[str, str]]
    timetable: dict[str, Any]
    completed: list[str]
    conclusion: str | None
    handlers: set[str]
    transferred: bool
    last_at: datetime
    now: datetime
    at: datetime
    records: list[tuple[str, str]]
    clock: Callable[[], datetime]


class Plain:
    """A row and nothing else."""


def begin(row: Any, number: int, clock: Callable[[], datetime]) -> None:
    """Register an issue: fill the row and write the first record."""
    row.id = f"issue-{number}"
    row.stage = ""
    row.version, row.round = 0, 1
    row.finding, row.links = loads(encode(FINDING)), []
    row.timetable, row.completed, row.conclusion = {}, [], None
    row.handlers, row.transferred = set(), False
    row.at = row.now = row.last_at = clock()
    row.records, row.clock = [], clock
    evidence = {"finding": row.finding, "issue_id": row.id}
    _record(row, "Register", evidence, plain_actor(CHECKER), "Found")


def require(row: Row, step: Step) -> bool:
    """Ask every rule; raise with all the reasons, or give true."""
    row.at = row.now = row.clock()
    reasons = []
    for rule in RULES[step.name]:
        reason = rule(row, step)
        if reason is not None:
            reasons.append(reason)
    if reasons:
        raise Refused(reasons)
    return True


def commit(row: Row, step: Step) -> None:
    """Take a step: change the row and write its record."""
    evidence = step.plain
    effect = _EFFECTS.get(step.name)
    if effect is not None:
        effect(row, evidence)
    if step.handles:
        row.handlers.add(step.by.id)
    _record(row, step.name, evidence, step.plain_by, _TARGETS[step.name])


def digests(rows: list[Any]) -> list[str]:
    """The digest of each row's last record."""
    return [row.records[-1][1] for row in rows]


_TARGETS: Final = {move: target for move, _, target in EDGES}
_canonical: Final = JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def _record(row: Row, move: str, evidence: dict[str, Any], by: dict[str, Any], target: str) -> None:
    row.version += 1
    body = _canonical(
        {
            "at": row.at.isoformat(),
            "by": by,
            "campaign": CAMPAIGN.fingerprint,
            "evidence": evidence,
            "format": 1,
            "issue": row.id,
            "move": move,
            "previous": row.records[-1][1] if row.records else None,
            "source": row.stage or None,
            "target": target,
            "version": row.version,
        }
    )
    row.records.append((body, sha256(body.encode()).hexdigest()))
    row.last_at = row.at
    row.stage = target


def _set_timetable(row: Row, evidence: dict[str, Any]) -> None:
    row.timetable, row.completed = evidence["timetable"], []


def _next_round(row: Row, evidence: dict[str, Any]) -> None:
    row.timetable, row.completed = evidence["timetable"], []
    row.round += 1


def _extend(row: Row, evidence: dict[str, Any]) -> None:
    row.timetable = evidence["timetable"]
    kept = {milestone["id"] for milestone in row.timetable["milestones"]}
    row.completed = [one for one in row.completed if one in kept]


def _complete(row: Row, evidence: dict[str, Any]) -> None:
    row.completed.append(evidence["milestone"])


def _transfer(row: Row, evidence: dict[str, Any]) -> None:
    row.transferred = True


def _conclude(row: Row, evidence: dict[str, Any]) -> None:
    row.conclusion = evidence["conclusion"]


_EFFECTS: Final[dict[str, Callable[[Row, dict[str, Any]], None]]] = {
    "Schedule": _set_timetable,
    "Return": _set_timetable,
    "Reject": _next_round,
    "Reopen": _next_round,
    "Extend": _extend,
    "Complete": _complete,
    "Transfer": _transfer,
    "Verify": _conclude,
}


# The rules, one function each, in the order of `rectify.rules`.

_OPENS: Final = CAMPAIGN.opens.isoformat() if CAMPAIGN.opens else ""
_CLOSES: Final = CAMPAIGN.closes.isoformat() if CAMPAIGN.closes else "9999"
_UNPROVEN: Final = ("unsubstantiated", "merged")


def _time_in_future(row: Row, step: Step) -> str | None:
    return None if row.at <= row.now else "dated in the future"


def _evidence_in_future(row: Row, step: Step) -> str | None:
    if step.plain.get("answered_reporter_at", "") > row.now.isoformat():
        return "answered after the clock"
    if "outcomes" not in step.plain:
        return None
    today = row.now.astimezone(CAMPAIGN.zone).date().isoformat()
    for outcome in step.plain["outcomes"]:
        if outcome["decided_on"] > today[: len(outcome["decided_on"])]:
            return "decided after the clock"
    return None


def _time_runs_backwards(row: Row, step: Step) -> str | None:
    return None if row.at >= row.last_at else "dated before the last record"


def _lead_must_be_transferred(row: Row, step: Step) -> str | None:
    if not row.finding.get("discipline_lead"):
        return None
    if any(link["kind"] == "lead" for link in row.links):
        return None
    return "a lead is transferred first"


def _defiant_conduct(row: Row, step: Step) -> str | None:
    began = row.finding.get("conduct_from")
    return None if began is None or began < _OPENS else "defiant conduct is not fixed on the spot"


def _timetable_empty(row: Row, step: Step) -> str | None:
    return None if step.plain["timetable"]["milestones"] else "a timetable needs a milestone"


def _milestones_out_of_order(row: Row, step: Step) -> str | None:
    last = ""
    for milestone in step.plain["timetable"]["milestones"]:
        if milestone["due"] < last:
            return "milestones go by date"
        last = milestone["due"]
    return None


def _beyond_campaign(row: Row, step: Step) -> str | None:
    last = ""
    for milestone in step.plain["timetable"]["milestones"]:
        if milestone["due"] > last:
            last = milestone["due"]
    if last <= _CLOSES or "carry_over" in step.plain:
        return None
    return "the timetable outlives the campaign"


def _milestone_unknown(row: Row, step: Step) -> str | None:
    wanted = step.plain["milestone"]
    for milestone in row.timetable["milestones"]:
        if milestone["id"] == wanted and wanted not in row.completed:
            return None
    return "no such open milestone"


def _milestones_open(row: Row, step: Step) -> str | None:
    if step.plain["conclusion"] != "rectified" or row.stage != "Scheduled":
        return None
    for milestone in row.timetable["milestones"]:
        if milestone["id"] not in row.completed:
            return "milestones are open"
    return None


def _extension_late(row: Row, step: Step) -> str | None:
    last = max(milestone["due"] for milestone in row.timetable["milestones"])
    today = row.at.astimezone(CAMPAIGN.zone).date().isoformat()
    return None if today <= last else "the timetable ran out"


def _same_person_verifies(row: Row, step: Step) -> str | None:
    return "another person verifies" if step.by.id in row.handlers else None


def _same_person_exposes(row: Row, step: Step) -> str | None:
    if step.by.id != step.plain["bulletin"]["drafted_by"]:
        return None
    return "another person publishes"


def _commission_only(row: Row, step: Step) -> str | None:
    if row.stage != "Transferred" or "discipline" in step.by.roles:
        return None
    return "only the discipline organ concludes it"


def _conclusion_mismatch(row: Row, step: Step) -> str | None:
    conclusion = step.plain["conclusion"]
    if conclusion == "rectified" and row.stage == "Transferred":
        return "what was transferred is not concluded as rectified"
    if conclusion == "substantiated" and not row.transferred:
        return "only what was transferred is substantiated"
    if (conclusion == "merged") != ("merged_into" in step.plain):
        return "a merged issue names the other"
    if "outcomes" in step.plain and conclusion in _UNPROVEN:
        return "no outcomes without proof"
    if "clearing" in step.plain and conclusion != "unsubstantiated":
        return "only the unsubstantiated is cleared"
    return None


def _merge_target(row: Row, step: Step) -> str | None:
    return "no such issue" if "merged_into" in step.plain else None


def _reporter_unanswered(row: Row, step: Step) -> str | None:
    if step.plain["conclusion"] not in _UNPROVEN or row.finding.get("reporter") is None:
        return None
    return None if "answered_reporter_at" in step.plain else "the reporter is unanswered"


def _not_substantiated(row: Row, step: Step) -> str | None:
    return "only a proven case is exposed" if row.conclusion in _UNPROVEN else None


def _reporter_named(row: Row, step: Step) -> str | None:
    reporter = row.finding.get("reporter")
    if reporter is None:
        return None
    bulletin = step.plain["bulletin"]
    named = reporter in bulletin["title"] or reporter in bulletin["text"]
    return "the bulletin names the reporter" if named else None


def _person_named(row: Row, step: Step) -> str | None:
    persons = row.finding.get("persons")
    if not persons:
        return None
    subjects = [outcome["subject"] for outcome in step.plain["outcomes"]]
    named = any(name in subject for name in persons.values() for subject in subjects)
    return "an outcome names a person whose name is kept apart" if named else None


Rule = Callable[[Row, Step], "str | None"]
_ALWAYS: Final[tuple[Rule, ...]] = (_time_in_future, _time_runs_backwards)
_TIMETABLE: Final[tuple[Rule, ...]] = (
    _timetable_empty,
    _milestones_out_of_order,
    _beyond_campaign,
)

RULES: Final[dict[str, tuple[Rule, ...]]] = {
    "Fix": (*_ALWAYS, _lead_must_be_transferred, _defiant_conduct),
    "Schedule": (*_ALWAYS, _lead_must_be_transferred, *_TIMETABLE),
    "Complete": (*_ALWAYS, _milestone_unknown),
    "Extend": (*_ALWAYS, *_TIMETABLE, _extension_late),
    "Transfer": _ALWAYS,
    "Acknowledge": _ALWAYS,
    "Return": (*_ALWAYS, *_TIMETABLE),
    "Verify": (
        *_ALWAYS,
        _evidence_in_future,
        _milestones_open,
        _same_person_verifies,
        _commission_only,
        _conclusion_mismatch,
        _merge_target,
        _reporter_unanswered,
        _person_named,
    ),
    "Reject": (*_ALWAYS, *_TIMETABLE),
    "Reopen": (*_ALWAYS, *_TIMETABLE),
    "Expose": (*_ALWAYS, _same_person_exposes, _not_substantiated, _reporter_named),
}
"""The rules of each move: as many as the ledger asks, which the tests check."""
