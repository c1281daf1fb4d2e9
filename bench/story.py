"""The story every contender is put through: four issues, and between them every move."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from json import loads
from typing import Any, Final

import attrs

from rectify import (
    Acknowledge,
    Actor,
    Bulletin,
    Complete,
    Conclusion,
    Expose,
    Extend,
    Finding,
    Fix,
    Issue,
    Milestone,
    Move,
    Outcome,
    Reject,
    Reopen,
    Return,
    Schedule,
    Timetable,
    Transfer,
    Verify,
    load_campaign,
)
from rectify.canonical import encode
from rectify.lifecycle import STANDARD

CAMPAIGN: Final = load_campaign("hubei-2018")

EDGES: Final = tuple(
    (edge.move.__name__, edge.source.__name__, edge.target.__name__) for edge in STANDARD.table
)
"""The lifecycle as the libraries without classes for states and moves want it."""

STATES: Final = tuple(state.__name__ for state in STANDARD.states)


@attrs.frozen(slots=False)
class Step:
    """One move of the story: its class, its evidence as the ledger takes it, who makes it."""

    kind: type[Move[Issue]]
    evidence: dict[str, Any]
    by: Actor

    @cached_property
    def name(self) -> str:
        return self.kind.__name__

    @cached_property
    def trigger(self) -> str:
        """The name as a method, for libraries whose events are methods."""
        return "return_" if self.kind is Return else self.name.lower()

    @cached_property
    def plain(self) -> dict[str, Any]:
        """The evidence as plain data, as a platform has it from a form."""
        return {name: loads(encode(value)) for name, value in self.evidence.items()}

    @cached_property
    def plain_by(self) -> dict[str, Any]:
        """Who makes it, as plain data."""
        return plain_actor(self.by)

    @cached_property
    def handles(self) -> bool:
        """Whether who makes it may not verify the issue afterwards."""
        return self.kind.handles


def plain_actor(actor: Actor) -> dict[str, Any]:
    """An actor as plain data, as records hold it."""
    return {"id": actor.id, "roles": sorted(actor.roles), "unit": actor.unit}


_CLERK: Final = Actor(id="clerk-7", unit="420000", roles=frozenset({"office"}))
CHECKER: Final = Actor(id="checker-2", unit="420000", roles=frozenset({"office"}))
_COMMISSION: Final = Actor(id="commission-1", unit="420000", roles=frozenset({"discipline"}))

FINDING: Final = Finding(
    title="扶贫项目资金拨付不及时",
    area="funds",
    channel="self-inspection",
    unit="421125",
    found_at=datetime(2018, 1, 5, 1, 30, tzinfo=UTC),
)


def _timetable(*days: date) -> Timetable:
    steps = ("清理核对滞留资金", "拨付到项目并公示")
    return Timetable(
        milestones=tuple(
            Milestone(id=f"m{number}", title=title, due=day)
            for number, (title, day) in enumerate(zip(steps, days, strict=False), 1)
        ),
        responsible="县财政局分管负责人",
    )


_SHORT: Final = _timetable(date(2018, 4, 20))
_LONG: Final = _timetable(date(2018, 4, 20), date(2018, 5, 31))

_FIX: Final = Step(Fix, {"measure": "当场退还多收的费用,并在村务公开栏公示"}, _CLERK)
_SCHEDULE: Final = Step(Schedule, {"timetable": _SHORT}, _CLERK)
_EXTEND: Final = Step(Extend, {"timetable": _LONG, "reason": "汛期影响项目验收"}, _CLERK)
_COMPLETE_1: Final = Step(
    Complete, {"milestone": "m1", "evidence": "银行回单三张,经办人与复核人签字"}, _CLERK
)
_COMPLETE_2: Final = Step(
    Complete, {"milestone": "m2", "evidence": "公示照片两张,公示期七天无异议"}, _CLERK
)
_TRANSFER: Final = Step(
    Transfer, {"organ": "县纪委监委", "lead": "涉嫌虚报套取危房改造补助"}, _CLERK
)
_ACKNOWLEDGE: Final = Step(Acknowledge, {"receipt": "纪收〔2018〕12号"}, _COMMISSION)
_RETURN: Final = Step(
    Return, {"reason": "经初核不涉及违纪,由主管部门整改", "timetable": _SHORT}, _COMMISSION
)
_RECTIFIED: Final = Step(
    Verify,
    {"conclusion": Conclusion.RECTIFIED, "evidence": "实地核查,资金已全部到位"},
    CHECKER,
)
_PROVEN: Final = Step(
    Verify,
    {
        "conclusion": Conclusion.SUBSTANTIATED,
        "evidence": "审查报告及处分决定",
        "outcomes": (Outcome("干部甲", "党内警告", "县纪委监委", "2018-01"),),
    },
    _COMMISSION,
)
_REJECT: Final = Step(Reject, {"reason": "公示内容不全", "timetable": _SHORT}, CHECKER)
_REOPEN: Final = Step(Reopen, {"reason": "回头看发现仍有滞留", "timetable": _SHORT}, CHECKER)
_EXPOSE: Final = Step(
    Expose,
    {
        "bulletin": Bulletin(
            title="关于一起扶贫领域作风问题的通报",
            text="某乡在危房改造中审核把关不严,造成补助资金被套取,现予通报。",
            scope="全县",
            drafted_by="drafter-3",
        )
    },
    CHECKER,
)

PATHS: Final[dict[str, tuple[Step, ...]]] = {
    "by a timetable": (
        _SCHEDULE,
        _COMPLETE_1,
        _RECTIFIED,
        _REOPEN,
        _COMPLETE_1,
        _REJECT,
        _COMPLETE_1,
        _RECTIFIED,
        _EXPOSE,
    ),
    "with more time": (_SCHEDULE, _EXTEND, _COMPLETE_1, _COMPLETE_2, _RECTIFIED),
    "on the spot": (_FIX, _RECTIFIED, _REOPEN, _COMPLETE_1, _TRANSFER, _ACKNOWLEDGE, _RETURN),
    "to the commission": (_FIX, _TRANSFER, _ACKNOWLEDGE, _PROVEN, _EXPOSE),
}
"""The moves of each of the four issues, from Found on."""

_EPOCH: Final = datetime(2018, 4, 12, 0, 0, 0, 123_457, tzinfo=UTC)
# Each move is made in another second, and not on a whole one: the dear case to write down.
_TICK: Final = timedelta(seconds=1, microseconds=7)


def instants(count: int) -> list[datetime]:
    """What the clock says in one run: the same to each contender, so that digests agree."""
    return [_EPOCH + number * _TICK for number in range(count)]
