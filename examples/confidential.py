"""Confidential texts: revealed and erased on the record, encrypted at rest."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from rectify import Actor, Finding, Ledger, load_campaign
from rectify.errors import Erased
from rectify.secret_key import SecretKey

CLERK = Actor(id="clerk-3", unit="420100")
OFFICER = Actor(id="commission-1", unit="420100", roles=frozenset({"discipline"}))


def main() -> None:
    campaign, key = load_campaign("hubei-2018"), SecretKey(SecretKey.generate())
    with (
        TemporaryDirectory() as folder,
        Ledger.open(Path(folder) / "ledger.db", campaign, secrets=key) as ledger,
    ):
        found = ledger.register(
            Finding(
                title="危房改造补助被冒领",
                area="funds/embezzlement",
                channel="petition",
                unit="420100",
                found_at=datetime(2018, 5, 3, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai")),
                reporter="来信群众，联系方式见来信登记簿",
                persons={"干部甲": "某村会计（实名另存）"},
            ),
            by=CLERK,
        )
        print("记录中只有承诺值:", found.finding.reporter, list(found.finding.confidential))

        revealed = ledger.reveal(found, by=OFFICER, reason="回访举报人")
        print("查阅:", revealed.text)

        erased = ledger.erase(revealed.issue, by=CLERK, reason="保管期限届满")
        try:
            ledger.reveal(erased, by=OFFICER, reason="再次回访")
        except Erased as error:
            print(error.message.zh)
        for record in ledger.history(found.id):
            print(record.version, record.move, record.by.id, record.evidence.get("reason", ""))
        print("台账完好:", ledger.audit().intact, "文件中已无痕迹:", ledger.scrub())


if __name__ == "__main__":
    main()
