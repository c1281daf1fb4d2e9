"""A ledger on SQLite: write, close, open again, go on, audit; then change a byte and audit again.

Run it: ``python examples/durable.py``. It needs ``rectify[sql]`` and writes to a temporary folder.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from rectify import (
    Actor,
    Complete,
    Conclusion,
    Finding,
    Ledger,
    Milestone,
    Schedule,
    Scheduled,
    Timetable,
    Verify,
    load_campaign,
)
from rectify.errors import StaleIssue

BEIJING = ZoneInfo("Asia/Shanghai")

campaign = load_campaign("hubei-2018")
clerk = Actor(id="clerk-3", unit="422800")
inspector = Actor(id="inspector-2", unit="420000")


def write(url: str) -> str:
    """Register an issue, give it a timetable, and close."""
    with Ledger.open(url, campaign) as ledger:
        found = ledger.register(
            Finding(
                title="易地扶贫搬迁安置点供水管网未接通",
                area="precision",
                channel="undercover-visit",
                unit="422800",
                found_at=datetime(2018, 6, 12, 15, 30, tzinfo=BEIJING),
                reporter="群众来信，联系方式已封存",
            ),
            by=clerk,
        )
        plan = Timetable(
            (
                Milestone("m1", "管沟开挖完成", date(2018, 7, 10)),
                Milestone("m2", "通水到户", date(2018, 8, 31)),
            ),
            responsible="州住建局分管负责人",
        )
        scheduled = ledger.apply(Schedule(found, plan), by=clerk)
        print(f"已入账：{scheduled.finding.title}，整改至{plan.ends_on}")
        print(f"举报人：{scheduled.finding.reporter}")
        return scheduled.id


def go_on(url: str, issue_id: str) -> None:
    """Open the same ledger, complete the timetable, verify."""
    with Ledger.open(url, campaign, create=False) as ledger:
        issue = ledger.get(issue_id)
        assert isinstance(issue, Scheduled)
        first = issue
        for milestone in first.timetable.milestones:
            issue = ledger.apply(Complete(issue, milestone.id, evidence="现场照片"), by=clerk)
        try:
            ledger.apply(Complete(first, "m1", evidence="现场照片"), by=clerk)
        except StaleIssue as stale:
            print("已过时:", stale.message.zh)
        verified = ledger.apply(
            Verify(
                issue,
                Conclusion.RECTIFIED,
                evidence="入户查看，均已通水",
            ),
            by=inspector,
        )
        for record in ledger.history(verified.id):
            print(f"  {record.version}. {record.move} {record.by.id} {record.digest[:12]}")
        print("核对:", "完好" if ledger.audit().intact else "有误")


def tamper(file: Path) -> None:
    """Change one word of one record behind the ledger's back."""
    change = "UPDATE rectify_record SET body = replace(body, '入户', '电话') WHERE version = 5"
    with closing(sqlite3.connect(file)) as database, database:
        try:
            database.execute(change)
        except sqlite3.IntegrityError as error:
            print("数据库拒绝改动:", error)
        # Whoever owns the file can take the trigger away; the digests still tell.
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute(change)


def main() -> None:
    """Write, go on, change a byte, and find it."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "ledger.db"
        url = f"sqlite:///{file}"
        issue_id = write(url)
        go_on(url, issue_id)
        tamper(file)
        with Ledger.open(url, campaign, create=False) as ledger:
            for problem in ledger.audit().problems:
                print("改动已发现:", f"第{problem.version}条", problem.text.zh)
            assert not ledger.audit().intact


if __name__ == "__main__":
    main()
