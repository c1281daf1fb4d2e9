"""The admin, for a case officer: what is found, what may be done, and nothing past the ledger."""

from __future__ import annotations

from typing import Any

import pytest

from djangosite import OFFICER, Office, using
from rectify import Complete, Found
from support import finding

LIST = "/admin/rectify/issue/"
SCHEDULED = "产业项目资金滞留"
FOUND = "危房改造对象评议记录缺失"


def _text(response: Any) -> str:
    return str(response.content.decode())


def _titles(office: Office, text: str) -> set[str]:
    return {x.finding.title for x in office.ledger.issues() if x.finding.title in text}


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", 11),
        ("state=Scheduled", 3),
        ("state=Nothing", 11),
        ("unit=420902", 1),
        ("area=funds", 5),
        ("area=funds/embezzlement", 2),
        ("due=overdue", 1),
        ("due=soon", 0),
        ("due=later", 2),
        ("due=none", 8),
        ("q=饮水", 1),
    ],
)
def test_the_list_is_narrowed_and_searched(small_office: Office, query: str, shown: int) -> None:
    text = _text(small_office.client("市级督办戊").get(f"{LIST}?{query}"))
    assert len(_titles(small_office, text)) == shown


def test_the_list_says_what_is_due_soon(small_office: Office) -> None:
    from datetime import timedelta

    from djangosite import CLOCK

    CLOCK.now += timedelta(days=19)
    text = _text(small_office.client("市级督办戊").get(f"{LIST}?due=soon"))
    assert _titles(small_office, text) == {"小额信贷贴息发放不及时"}
    assert "临期" in text
    assert "2018-05-31" in text


def test_the_list_shows_only_the_users_units(small_office: Office) -> None:
    text = _text(small_office.client("经办员丁").get(LIST))
    units = {small_office.titled(t).finding.unit[:6] for t in _titles(small_office, text)}
    assert units == {"420902"}
    assert len(_titles(small_office, _text(small_office.client("管理员").get(LIST)))) == 11


def test_an_issues_page_has_its_history_its_deadlines_explained_and_its_moves(
    small_office: Office,
) -> None:
    issue = small_office.titled(SCHEDULED)
    text = _text(small_office.client().get(f"{LIST}{issue.id}/change/"))
    for shown in ("登记", "列入时间表", "2018年5月8日前", "逾期", "节点完成", "延期", "380,000.00"):
        assert shown in text
    assert small_office.ledger.history(issue.id)[-1].digest[:16] in text


def test_a_completed_milestone_is_told_by_what_was_to_be_done(small_office: Office) -> None:
    issue = small_office.titled(SCHEDULED)
    small_office.ledger.apply(Complete(issue, "m1", evidence="查明报告"), by=OFFICER)
    text = _text(small_office.client().get(f"{LIST}{issue.id}/change/"))
    assert "查明滞留数额" in text.split("查明报告")[1]


def test_a_move_is_taken_in_the_admin(small_office: Office) -> None:
    issue = small_office.titled(SCHEDULED)
    client = small_office.client()
    address = f"{LIST}{issue.id}/move/Complete/"
    data = {"version": 2, "milestone": "m1", "evidence": "查明报告"}
    response = client.post(address, data)
    assert response.headers["Location"] == f"{LIST}{issue.id}/change/"
    assert "现为第3版" in _text(client.get(response.headers["Location"]))
    again = client.post(address, data)
    assert (again.status_code, small_office.ledger.get(issue.id).version) == (409, 3)


def test_a_refusal_in_the_admin_shows_every_reason_with_its_clause(small_office: Office) -> None:
    issue = small_office.titled(SCHEDULED)
    response = small_office.client("核查员乙").post(
        f"{LIST}{issue.id}/move/Verify/",
        {"version": 2, "conclusion": "rectified", "evidence": "看过"},
    )
    assert response.status_code == 422
    assert "四·第一阶段" in _text(response)
    assert small_office.ledger.get(issue.id) == issue


def test_the_admin_registers(small_office: Office) -> None:
    client = small_office.client()
    assert "登记问题" in _text(client.get(f"{LIST}add/"))
    data = {
        "title": "公示栏未更新",
        "area": "funds",
        "channel": "petition",
        "unit": "420901",
        "found_at": "2018-05-09T10:00",
        "issue_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "persons-0-pseudonym": "",
    }
    assert client.post(f"{LIST}add/", {**data, "area": ""}).status_code == 422
    response = client.post(f"{LIST}add/", data)
    assert response.headers["Location"] == f"{LIST}{data['issue_id']}/change/"
    assert isinstance(small_office.ledger.get(data["issue_id"]), Found)


def test_nothing_is_changed_or_removed_by_hand(small_office: Office) -> None:
    issue = small_office.titled(FOUND)
    boss = small_office.client("管理员")
    assert boss.post(f"{LIST}{issue.id}/delete/", {"post": "yes"}).status_code == 403
    boss.post(f"{LIST}{issue.id}/change/", {"state": "Exposed"})
    boss.post(LIST, {"action": "delete_selected", "_selected_action": issue.id, "post": "yes"})
    assert small_office.ledger.get(issue.id) == issue
    history = boss.get(f"{LIST}{issue.id}/history/")
    assert history.headers["Location"] == f"{LIST}{issue.id}/change/"


def test_the_models_refuse_to_write(small_office: Office) -> None:
    from rectify.integrations.django.models import Issue, ReadOnly, Record

    row = Issue.objects.get(pk=small_office.titled(FOUND).id)
    assert str(row) == row.id
    for write in (
        row.save,
        row.delete,
        Issue.objects.all().delete,
        lambda: Issue.objects.update(state="Exposed"),
        lambda: Issue.objects.create(id="x"),
        lambda: Issue.objects.bulk_create([row]),
        lambda: Record.objects.all().update(body="{}"),
    ):
        with pytest.raises(ReadOnly):
            write()
    assert small_office.ledger.audit().intact


def test_the_models_join(small_office: Office) -> None:
    from rectify.integrations.django.models import Issue, Record

    issue = small_office.titled(SCHEDULED)
    assert Record.objects.filter(issue__state="Scheduled").values("issue").distinct().count() == 3
    row = Issue.objects.get(pk=issue.id)
    assert [r.version for r in Record.objects.filter(issue=row)] == [1, 2]
    assert Record.objects.get(pk=(issue.id, 2)).digest == row.digest


def test_what_is_not_there_or_not_permitted_is_said_so(small_office: Office) -> None:
    issue = small_office.titled(FOUND)
    other = small_office.titled("小额信贷")
    client = small_office.client()
    assert client.get(f"{LIST}没有/change/").status_code == 404
    assert client.get(f"{LIST}{other.id}/change/").status_code == 404
    assert client.post(f"{LIST}{issue.id}/move/Nothing/", {"version": 1}).status_code == 404
    assert client.post(f"{LIST}{issue.id}/move/Tie/", {"version": 9}).status_code == 404
    assert client.get(f"{LIST}{issue.id}/move/Fix/").status_code == 405
    inspector = small_office.client("核查员乙")
    assert inspector.get(f"{LIST}add/").status_code == 403
    assert inspector.post(f"{LIST}{issue.id}/move/Fix/", {"version": 1}).status_code == 403
    assert client.post(f"{LIST}{issue.id}/reveal/", {"reason": "核实"}).status_code == 403


def test_an_id_that_is_hard_on_addresses_has_its_page(small_office: Office) -> None:
    issue = small_office.ledger.register(
        finding(unit="420901"), by=OFFICER, issue_id='甲/乙 "1"_2?#%41'
    )
    client = small_office.client()
    page = client.get(LIST)
    from django.contrib.admin.utils import quote
    from django.urls import reverse

    address = reverse("admin:rectify_issue_change", args=[quote(issue.id)])
    assert address in _text(page)
    assert client.get(address).status_code == 200
    move = reverse("admin:rectify_issue_move", args=[quote(issue.id), "Fix"])
    assert client.post(move, {"version": 1, "measure": "已改"}).status_code == 302
    assert small_office.ledger.history(issue.id)[-1].move == "Fix"


def test_damaged_records_are_shown_without_their_evidence(small_office: Office) -> None:
    from django.db import connection

    issue = small_office.titled(SCHEDULED)
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER rectify_record_no_update")
        cursor.execute(
            "UPDATE rectify_record SET body = replace(body, 'Schedule', 'Sidetrack')"
            " WHERE issue_id = %s AND version = 2",
            [issue.id],
        )
    text = _text(small_office.client().get(f"{LIST}{issue.id}/change/"))
    assert "Sidetrack" in text


def test_without_a_table_of_units_a_user_sees_the_own_units(small_office: Office) -> None:
    from django.db import connections

    with using(connections["default"].settings_dict, UNITS=None):
        small_office.ledger.register(finding(unit="420901", title="无单位表"), by=OFFICER)
        client = small_office.client()
        text = _text(client.get(LIST))
        assert "无单位表" in text
        assert FOUND not in text  # of a township below, which no table says
        assert "420901" in _text(client.get(f"{LIST}add/"))


def test_in_english_the_admin_is_in_english(small_office: Office) -> None:
    issue = small_office.titled(SCHEDULED)
    from django.utils import translation

    with translation.override("en"):
        from rectify.integrations.django import dossier

        assert [step.title for step in dossier.history_of(issue.id, small_office.ledger)] == [
            "Register",
            "Schedule",
        ]


def test_the_history_tells_yes_and_no_outcomes_and_links(small_office: Office) -> None:
    from rectify.integrations.django import dossier

    ledger = small_office.ledger
    issue = small_office.titled(SCHEDULED)
    kept, lead = ledger.split_lead(issue, organ="县纪委监委", lead="涉嫌截留", by=OFFICER)
    told = dossier.facts_of(kept, ledger)
    assert (f"lead: {lead.id}",) in [fact.lines for fact in told]
    assert ("是",) in [fact.lines for fact in dossier.facts_of(lead, ledger)]
    exposed = small_office.titled("截留扶贫项目资金")
    lines = [line for fact in dossier.facts_of(exposed, ledger) for line in fact.lines]
    assert "某乡镇财政所负责人；党内严重警告；县纪委监委；2018-04" in lines
