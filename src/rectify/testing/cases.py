"""Cases of the reference campaign: people, findings, good evidence, issues in each state.

All are of Hubei's campaign of 2018, and no rule of it refuses them around noon of 7 May 2018.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from rectify import (
    Acknowledge,
    Actor,
    AnyIssue,
    Bulletin,
    Complete,
    Conclusion,
    Expose,
    Exposed,
    Extend,
    Finding,
    Fix,
    FixedOnTheSpot,
    Found,
    Issue,
    Ledger,
    Milestone,
    Move,
    Reject,
    Reopen,
    Return,
    Schedule,
    Scheduled,
    Timetable,
    Transfer,
    Transferred,
    Verified,
    Verify,
)

BEIJING: Final = ZoneInfo("Asia/Shanghai")

OFFICER: Final = Actor(id="officer-7", unit="420000")
INSPECTOR: Final = Actor(id="inspector-2", unit="420000")
COMMISSION: Final = Actor(id="commission-1", unit="420000", roles=frozenset({"discipline"}))


def finding(**changes: Any) -> Finding:
    """A plain finding of the reference campaign, with changes."""
    facts: dict[str, Any] = {
        "title": "项目资金滞留乡镇财政所未拨付",
        "area": "funds",
        "channel": "undercover-visit",
        "unit": "420000",
        "found_at": datetime(2018, 5, 3, 10, 0, tzinfo=BEIJING),
    }
    return Finding(**facts | changes)


def timetable(*days: str, responsible: str = "财政所所长") -> Timetable:
    """A timetable with a milestone on each day, m1, m2, …; by default one in June 2018."""
    milestones = tuple(
        Milestone(f"m{number}", f"第{number}步", date.fromisoformat(day))
        for number, day in enumerate(days or ("2018-06-15",), 1)
    )
    return Timetable(milestones, responsible)


def bulletin(**changes: Any) -> Bulletin:
    """A bulletin drafted by the officer, with changes."""
    parts = {
        "title": "关于一起典型案例的通报",
        "text": "某乡镇滞留项目资金,已查处。",
        "scope": "全省",
        "drafted_by": OFFICER.id,
    }
    return Bulletin(**parts | changes)


MOVES: Final[dict[type[Move[Issue]], dict[str, Any]]] = {
    Fix: {"measure": "资金已拨付"},
    Schedule: {"timetable": timetable()},
    Complete: {"milestone": "m1", "evidence": "拨款凭证"},
    Extend: {"timetable": timetable("2018-07-15"), "reason": "汛期影响"},
    Transfer: {"organ": "县纪委监委", "lead": "涉嫌截留资金"},
    Acknowledge: {"receipt": "收文〔2018〕1号"},
    Return: {"reason": "不属于违纪问题", "timetable": timetable()},
    Verify: {"evidence": "现场核查属实"},
    Reject: {"reason": "整改不到位", "timetable": timetable("2018-08-15")},
    Reopen: {"reason": "回头看发现反弹", "timetable": timetable("2018-09-15")},
    Expose: {"bulletin": bulletin()},
}
"""Evidence with which no rule refuses the move, on the issues that `in_state` makes."""

CONCLUSIONS: Final[dict[type[Issue], Conclusion]] = {
    FixedOnTheSpot: Conclusion.RECTIFIED,
    Scheduled: Conclusion.UNSUBSTANTIATED,
    Transferred: Conclusion.SUBSTANTIATED,
}
"""The conclusion that fits an issue as `in_state` makes it."""

WHO: Final[dict[type[Move[Issue]], Actor]] = {Verify: COMMISSION, Expose: INSPECTOR}
"""Who takes a move, where it isn't the officer."""


def build(kind: type[Move[Any]], issue: Issue, **changes: Any) -> Any:
    """A move on an issue with good evidence, with changes."""
    evidence = MOVES[kind] | changes
    if kind is Verify and "conclusion" not in changes:
        evidence["conclusion"] = CONCLUSIONS.get(type(issue), Conclusion.RECTIFIED)
    make: Any = kind
    return make(issue, **evidence)


def take(ledger: Ledger[AnyIssue], kind: type[Move[Any]], issue: Issue, **changes: Any) -> Any:
    """Apply a move with good evidence by the right person, and give the issue after it."""
    return ledger.apply(build(kind, issue, **changes), by=WHO.get(kind, OFFICER))


_PATHS: Final[dict[type[Issue], tuple[type[Move[Any]], ...]]] = {
    Found: (),
    FixedOnTheSpot: (Fix,),
    Scheduled: (Schedule,),
    Transferred: (Transfer,),
    Verified: (Fix, Verify),
    Exposed: (Fix, Verify, Expose),
}


def in_state(ledger: Ledger[AnyIssue], state: type[Issue], **changes: Any) -> Any:
    """A new issue, brought to a state by legal moves; ``changes`` are to its finding."""
    issue: Any = ledger.register(finding(**changes), by=OFFICER)
    for kind in _PATHS[state]:
        issue = take(ledger, kind, issue)
    assert type(issue) is state
    return issue
