"""封存台账：改写、删除均可发现。

A ledger is sealed; then somebody who may write to the database removes an issue. The ledger
alone looks intact; held against the checkpoint it does not.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from rectify import Actor, Finding, Ledger, load_campaign
from rectify.checkpoint import read_checkpoint

NOW = datetime(2018, 6, 29, 18, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
CLERK = Actor(id="经办员", unit="420100")
TITLES = ("扶贫车间闲置", "光伏收益未公示", "补助资金拨付不及时")


def main() -> None:
    with TemporaryDirectory() as folder:
        database, elsewhere = Path(folder) / "ledger.db", Path(folder) / "2018-06-29.checkpoint"
        campaign = load_campaign("hubei-2018")
        with Ledger.open(database, campaign, clock=lambda: NOW) as ledger:
            for number, title in enumerate(TITLES, 1):
                finding = Finding(
                    title=title,
                    area="funds",
                    channel="undercover-visit",
                    unit="420100",
                    found_at=NOW - timedelta(days=number),
                )
                ledger.register(finding, by=CLERK, issue_id=f"问题{number}")
            sealed = ledger.seal()
            sealed.write(elsewhere)
            print(f"已封存：问题{sealed.header.issues}个，根摘要{sealed.header.root[:16]}…")

        _remove(database, "问题2")

        with Ledger.open(database, campaign, create=False) as ledger:
            print(f"单独审计：{'完好' if ledger.audit().intact else '不完好'}")
            for problem in ledger.audit(against=read_checkpoint(elsewhere)).problems:
                print(f"对照封存件审计：{problem.issue_id}，{problem.text.zh}")


def _remove(database: Path, issue_id: str) -> None:
    """What nobody should: past the trigger that refuses it."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("DROP TRIGGER rectify_record_no_delete")
        connection.execute("DELETE FROM rectify_record WHERE issue_id = ?", (issue_id,))
        connection.execute("DELETE FROM rectify_issue WHERE id = ?", (issue_id,))
        connection.commit()


if __name__ == "__main__":
    main()
