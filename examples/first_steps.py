"""Register a finding, be refused and read why, split the lead off, expose the case.

Run it: ``python examples/first_steps.py``. The ledger is in memory and starts empty.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from rectify import (
    Acknowledge,
    Actor,
    Bulletin,
    Conclusion,
    Expose,
    Finding,
    Fix,
    Ledger,
    Outcome,
    Verify,
    load_campaign,
)
from rectify.errors import IllegalMove, Refused

BEIJING = ZoneInfo("Asia/Shanghai")

clerk = Actor(id="clerk-3", unit="420100")
inspector = Actor(id="inspector-2", unit="420000")
commission = Actor(id="commission-1", unit="420100", roles=frozenset({"discipline"}))

ledger = Ledger(load_campaign("hubei-2018"))

# 登记: what an undercover visit found, and it concerns a cadre.
found = ledger.register(
    Finding(
        title="村级公益岗位补贴重复发放，涉及一名村干部近亲属",
        area="funds/embezzlement",
        channel="undercover-visit",
        unit="420100",
        found_at=datetime(2018, 5, 3, 10, 0, tzinfo=BEIJING),
        discipline_lead=True,
        conduct_from=date(2017, 3, 1),
        conduct_until=date(2017, 11, 30),
    ),
    by=clerk,
)
print(f"登记 {found.finding.title}")

# 立行立改 is refused: the lead must go to the discipline organ. Every reason is given.
try:
    ledger.apply(Fix(found, measure="停发并追回重复发放的补贴"), by=clerk)
except Refused as refused:
    for reason in refused.reasons:
        print(f"拒绝 [{reason.code}] {reason.text.zh}(依据：{reason.clause})")

# What can be done, before any evidence is written.
for option in ledger.options(found, by=clerk):
    verdict = "可以" if option.allowed else "不可: " + ",".join(r.code for r in option.reasons)
    print(f"  {option.move.__name__} → {option.target.__name__}: {verdict}")

# 移送: the lead is split off as an issue of its own; the money is put right meanwhile.
found, lead = ledger.split_lead(
    found, organ="市纪委监委", lead="村干部为近亲属重复申领公益岗位补贴", by=clerk
)
fixed = ledger.apply(Fix(found, measure="停发并追回重复发放的补贴"), by=clerk)
settled = ledger.apply(
    Verify(fixed, Conclusion.RECTIFIED, evidence="入户核对发放清册，补贴已追回"), by=inspector
)
print(f"核实 {settled.finding.title}: {settled.conclusion.value}")

# 查实 and 曝光: only the commission concludes on the lead; then the case is published.
lead = ledger.apply(Acknowledge(lead, receipt="线索签收单第12号"), by=commission)
proven = ledger.apply(
    Verify(
        lead,
        Conclusion.SUBSTANTIATED,
        evidence="谈话笔录、银行流水",
        outcomes=(Outcome("某村干部甲", "党内警告", "市纪委监委", decided_on="2018-06"),),
    ),
    by=commission,
)
exposed = ledger.apply(
    Expose(
        proven,
        Bulletin(
            title="关于一起扶贫领域作风问题典型案例的通报",
            text="某村干部甲为近亲属重复申领公益岗位补贴，受到党内警告处分。",
            scope="全市",
            drafted_by=clerk.id,
        ),
    ),
    by=inspector,
)
print(f"曝光 {exposed.bulletin.title}")

# A move on an issue in another state is an error to the type checker. Where the state comes
# from elsewhere, the library says so at run time.
try:
    Fix(ledger.get(exposed.id), measure="补报")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
except IllegalMove as illegal:
    print(f"不合法 {illegal.message.zh}")

for record in ledger.history(exposed.id):
    print(f"  第{record.version}条 {record.move}: {record.source or '–'} → {record.target}")
assert ledger.audit().intact
