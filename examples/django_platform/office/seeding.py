"""What the demonstration begins with: people, their permissions, issues in every state."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.contrib.auth.models import Group, Permission, User
from django.db import transaction

from office.clock import OPENED
from office.models import Officer, Problem
from rectify import (
    Actor,
    Bulletin,
    Complete,
    Conclusion,
    Expose,
    Finding,
    Fix,
    Issue,
    Milestone,
    Move,
    Outcome,
    Schedule,
    Timetable,
    Transfer,
    Verify,
)
from rectify.integrations.django import get_ledger

PASSWORD: Final = "ledger-2018"
"""For the demonstration only."""

OFFICER: Final = ("register", "fix", "schedule", "complete", "extend", "transfer")
INSPECTOR: Final = ("verify", "reject", "reopen", "expose")
COMMISSION: Final = ("acknowledge", "return", "verify")

PEOPLE: Final = (
    ("经办员甲", "420901", "甲县扶贫办经办", OFFICER, ()),
    ("核查员乙", "420901", "甲县扶贫办核查", INSPECTOR, ("reveal",)),
    ("纪检专员丙", "420901", "甲县纪委监委", COMMISSION, ()),
    ("经办员丁", "420902", "乙县扶贫办经办", OFFICER, ()),
    ("市级督办戊", "420900", "示范市扶贫办督办", (*OFFICER, *INSPECTOR), ("reveal",)),
)
"""Name, unit, post, moves, other permissions. They are posts, not persons."""


def seed() -> None:
    """Fill a new site; one that has users is left as it is."""
    if User.objects.exists():
        return
    with transaction.atomic():
        for name, unit, post, moves, others in PEOPLE:
            _person(name, unit, post, [*(f"move_{move}" for move in moves), *others])
        admin = User.objects.create_superuser("管理员", password=PASSWORD)
        Officer.objects.create(user=admin, unit="420900", post="系统管理")
        commission = Group.objects.create(name="纪检监察")
        User.objects.get(username="纪检专员丙").groups.add(commission)
        _issues()


def _person(name: str, unit: str, post: str, codenames: Iterable[str]) -> None:
    user = User.objects.create_user(name, password=PASSWORD, is_staff=True)
    Officer.objects.create(user=user, unit=unit, post=post)
    wanted = ["view_issue", *codenames]
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="rectify", codename__in=wanted)
    )


_BY: Final = {name: Actor(id=name, unit=unit) for name, unit, *_ in PEOPLE}
_COMMISSION: Final = Actor(id="纪检专员丙", unit="420901", roles=frozenset({"discipline"}))


class _Story:
    """Registers an issue and takes it on, hour by hour."""

    def __init__(self, title: str, area: str, unit: str, day: int, **facts: Any) -> None:
        self._ledger = get_ledger()
        self.at = OPENED - timedelta(days=day)
        channel = facts.pop("channel", "self-inspection")
        self._officer = _BY["经办员丁" if unit.startswith("420902") else "经办员甲"]
        finding = Finding(
            title=title, area=area, channel=channel, unit=unit, found_at=self.at, **facts
        )
        self.issue: Any = self._ledger.register(finding, by=self._officer, at=self._next())
        Problem.objects.create(
            issue_id=self.issue.id,
            handler=User.objects.get(username=self._officer.id),
            received_at=self.at,
        )

    def _next(self) -> datetime:
        self.at += timedelta(hours=2)
        return self.at

    def take(self, move: Move[Issue], by: Actor | None = None) -> _Story:
        self.issue = self._ledger.apply(move, by=by or self._officer, at=self._next())
        return self

    def schedule(self, *milestones: tuple[str, date], responsible: str = "分管负责人") -> _Story:
        planned = tuple(
            Milestone(f"m{number}", title, day) for number, (title, day) in enumerate(milestones, 1)
        )
        return self.take(Schedule(self.issue, Timetable(planned, responsible)))


def _issues() -> None:
    inspector = _BY["核查员乙"]
    _Story("危房改造对象评议记录缺失", "precision", "420901001", 2)
    _Story(
        "村级光伏收益未按规定公示", "funds", "420901002", 1, channel="petition",
        reporter="来信群众，联系方式已登记", description="群众反映三年未公示收益去向。",
    )  # fmt: skip
    _Story("驻村工作队考勤记录不实", "conduct", "420902001", 1)
    story = _Story("扶贫车间消防通道堆放杂物", "responsibility", "420901001", 6)
    story.take(Fix(story.issue, measure="当日清理完毕，张贴管理责任牌"))
    story = _Story("帮扶手册填写错漏", "precision", "420902001", 9)
    story.take(Fix(story.issue, measure="逐户核对更正"))
    story = _Story(
        "产业项目资金滞留乡镇财政所", "funds", "420901", 20,
        channel="undercover-visit", amount_yuan=Decimal("380000.00"),
    )  # fmt: skip
    story.schedule(("查明滞留数额", date(2018, 5, 8)), ("全部拨付到项目", date(2018, 6, 15)))
    story = _Story("易地搬迁安置点饮水工程进度滞后", "responsibility", "420901002", 15)
    story.schedule(("完成管网铺设", date(2018, 5, 12)), ("通水验收", date(2018, 7, 20)))
    story.take(Complete(story.issue, "m1", evidence="监理单位验收单"))
    story = _Story("小额信贷贴息发放不及时", "funds", "420902", 12)
    story.schedule(("补发一季度贴息", date(2018, 5, 31)))
    story = _Story(
        "村干部涉嫌虚报冒领补助", "funds/embezzlement", "420901002", 18,
        channel="petition", discipline_lead=True, amount_yuan=Decimal("12600"),
    )  # fmt: skip
    story.take(Transfer(story.issue, organ="县纪委监委", lead="涉嫌虚报冒领危房改造补助"))
    story = _Story("会议多、文件多，基层反映负担重", "conduct", "420900", 25)
    story.take(Fix(story.issue, measure="合并会议，文件精简三成"))
    story.take(Verify(story.issue, Conclusion.RECTIFIED, evidence="抽查会议台账"), by=inspector)
    story = _Story(
        "截留扶贫项目资金", "funds/embezzlement", "420901", 40,
        channel="discipline-audit", discipline_lead=True, amount_yuan=Decimal("56000"),
    )  # fmt: skip
    story.take(Transfer(story.issue, organ="县纪委监委", lead="涉嫌截留项目资金"))
    outcome = Outcome("某乡镇财政所负责人", "党内严重警告", "县纪委监委", "2018-04")
    proven = Verify(
        story.issue, Conclusion.SUBSTANTIATED, evidence="审计报告与谈话笔录", outcomes=(outcome,)
    )
    story.take(proven, by=_COMMISSION)
    bulletin = Bulletin(
        title="关于一起截留扶贫资金典型案例的通报",
        text="某乡镇截留扶贫项目资金，有关责任人已受到处理，资金已全部追回。",
        scope="全市",
        drafted_by="经办员甲",
    )
    story.take(Expose(story.issue, bulletin), by=inspector)
