"""The office's pages, as requests: what is legal is done once, all else is refused in words."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest

from djangosite import CLOCK, INSPECTOR, OFFICER, Office
from rectify import Fix, Found, Scheduled, Verified
from rectify.hooks import Applied, Proposed
from support import finding

FOUND = "危房改造对象评议记录缺失"
SCHEDULED = "产业项目资金滞留"
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def _registration(**changes: Any) -> dict[str, Any]:
    return {
        "title": "扶贫公示栏未更新",
        "area": "funds",
        "channel": "self-inspection",
        "unit": "420901001",
        "found_at": "2018-05-09T10:00",
        "issue_id": str(uuid.uuid4()),
        "village": "东村",
        "project": "",
    } | changes


def _schedule(issue: Any, **changes: Any) -> dict[str, Any]:
    return {
        "version": issue.version,
        "timetable-milestones-0-title": "补齐评议记录",
        "timetable-milestones-0-due": "2018-06-15",
        "timetable-responsible": "驻村第一书记",
    } | changes


def _move(issue: Any, name: str) -> str:
    return f"/issue/{issue.id}/move/{name}/"


def _text(response: Any) -> str:
    return str(response.content.decode())


def test_nobody_sees_anything_without_logging_in(small_office: Office) -> None:
    issue = small_office.titled(FOUND)
    stranger = small_office.client(None)
    for address in ("/", "/register/", f"/issue/{issue.id}/", "/calendar/", "/report/"):
        response = stranger.get(address)
        assert (response.status_code, response.headers["Location"]) == (
            302,
            f"/login/?next={address}",
        )
    response = stranger.post(_move(issue, "Fix"), {"version": 1, "measure": "无人"})
    assert response.status_code == 302
    assert small_office.ledger.get(issue.id) == issue


def test_the_board_shows_the_six_states_with_their_issues(small_office: Office) -> None:
    text = _text(small_office.client("市级督办戊").get("/"))
    for state in ("发现", "立行立改", "列入时间表", "移送", "核实", "曝光"):
        assert state in text
    for issue in small_office.ledger.issues():
        assert issue.finding.title in text


def test_the_board_is_narrowed_by_words_unit_area_and_what_is_overdue(
    small_office: Office,
) -> None:
    client = small_office.client("市级督办戊")
    for query, shown, hidden in (
        ("q=饮水", "易地搬迁安置点饮水工程", SCHEDULED),
        ("unit=420902", "小额信贷贴息", SCHEDULED),
        ("area=precision", FOUND, SCHEDULED),
        ("overdue=1", SCHEDULED, "小额信贷贴息"),
    ):
        text = _text(client.get(f"/?{query}"))
        assert shown in text
        assert hidden not in text


def test_a_registration_enters_the_ledger_and_the_offices_table_together(
    office: Office,
) -> None:
    from office.models import Problem

    data = _registration()
    response = office.client().post("/register/", data)
    assert response.headers["Location"] == f"/issue/{data['issue_id']}/"
    found = office.ledger.get(data["issue_id"])
    assert found.finding.title == "扶贫公示栏未更新"
    assert office.ledger.history(found.id)[0].by == OFFICER
    problem = Problem.objects.get(issue_id=found.id)
    assert (problem.village, problem.handler.get_username()) == ("东村", OFFICER.id)


def test_a_registration_sent_twice_registers_once(office: Office) -> None:
    from office.models import Problem

    data = _registration()
    client = office.client()
    before = sum(1 for _ in office.ledger.issues())
    first, second = client.post("/register/", data), client.post("/register/", data)
    assert first.headers["Location"] == second.headers["Location"]
    assert sum(1 for _ in office.ledger.issues()) == before + 1
    assert Problem.objects.filter(issue_id=data["issue_id"]).count() == 1


@pytest.mark.parametrize("page", ["/register/", "/admin/rectify/issue/add/"])
@pytest.mark.parametrize(
    "changes",
    [{"discipline_lead": "on"}, {"description": "另一说明"}, {"reporter": "赵某"}],
    ids=["lead", "description", "reporter"],
)
def test_a_registration_sent_again_with_other_content_is_told_so(
    small_office: Office, page: str, changes: dict[str, str]
) -> None:
    data = _registration(reporter="举报人钱某")
    client = small_office.client()
    assert client.post(page, data).status_code == 302
    kept = small_office.ledger.get(data["issue_id"])
    again = client.post(page, data | changes)
    assert again.status_code == 422
    assert "已登记过" in _text(again)
    assert small_office.ledger.get(data["issue_id"]) == kept
    assert client.post(page, data).status_code == 302


def test_an_id_that_is_anothers_registers_nothing(small_office: Office) -> None:
    issue = small_office.titled(FOUND)
    response = small_office.client().post("/register/", _registration(issue_id=issue.id))
    assert response.status_code == 422
    assert small_office.ledger.get(issue.id) == issue


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "这个字段是必填项"),
        ({"title": "甲" * 501}, "最多"),
        ({"area": "weather"}, "weather"),
        ({"found_at": "昨天"}, "日期"),
        ({"found_at": "2019-01-01T00:00"}, "晚于"),
        ({"amount_yuan": "-5"}, "0"),
        ({"amount_yuan": "一百"}, "数字"),
        ({"conduct_from": "2018-03-01", "conduct_until": "2018-02-01"}, "2018-02-01"),
        ({"unit": "420902"}, "420902"),
        ({"issue_id": "../../etc"}, "UUID"),
    ],
)
def test_a_bad_registration_is_said_at_its_field_and_registers_nothing(
    small_office: Office, changes: dict[str, Any], said: str
) -> None:
    before = small_office.ledger.audit().records
    response = small_office.client().post("/register/", _registration(**changes))
    assert response.status_code == 422
    assert said in _text(response)
    assert small_office.ledger.audit().records == before


def test_a_move_is_taken_by_the_user_who_sent_its_form(office: Office) -> None:
    issue = office.titled(FOUND)
    response = office.client().post(_move(issue, "Schedule"), _schedule(issue))
    assert response.status_code == 302
    scheduled = office.ledger.get(issue.id)
    assert isinstance(scheduled, Scheduled)
    assert [(m.id, m.title, str(m.due)) for m in scheduled.timetable.milestones] == [
        ("m1", "补齐评议记录", "2018-06-15")
    ]
    assert office.ledger.history(issue.id)[-1].by == OFFICER


def test_a_refusal_is_shown_with_every_reason_and_its_clause(small_office: Office) -> None:
    issue = small_office.ledger.register(
        finding(unit="420901", discipline_lead=True, conduct_from=CLOCK.now.date()), by=OFFICER
    )
    page = _text(small_office.client().get(f"/issue/{issue.id}/"))
    assert page.count("四·第一阶段") >= 2
    assert "四·第二阶段" in page
    response = small_office.client().post(
        _move(issue, "Fix"), {"version": issue.version, "measure": "退还"}
    )
    text = _text(response)
    assert response.status_code == 422
    assert "四·第一阶段" in text
    assert "四·第二阶段" in text
    assert small_office.ledger.get(issue.id) == issue


def test_who_dealt_with_an_issue_is_told_that_another_verifies(small_office: Office) -> None:
    issue = small_office.titled("扶贫车间消防通道")
    boss = small_office.client("市级督办戊")
    response = boss.post(
        _move(issue, "Verify"),
        {"version": issue.version, "conclusion": "rectified", "evidence": "现场核查"},
    )
    assert response.status_code == 302
    assert isinstance(small_office.ledger.get(issue.id), Verified)


def test_a_form_that_came_too_late_is_told_so_and_moves_nothing(office: Office) -> None:
    issue = office.titled(FOUND)
    client = office.client()
    first = client.post(_move(issue, "Schedule"), _schedule(issue))
    again = client.post(_move(issue, "Schedule"), _schedule(issue))
    assert (first.status_code, again.status_code) == (302, 409)
    assert "本次未作任何处理" in _text(again)
    assert [r.move for r in office.ledger.history(issue.id)] == ["Register", "Schedule"]


def test_a_hundred_double_clicks_at_once_give_one_move_each(office: Office) -> None:
    from django.db import connections

    issues = [
        office.ledger.register(finding(unit="420901", title=f"第{n}件"), by=OFFICER)
        for n in range(100)
    ]
    clients = [office.client() for _ in range(2)]
    barrier = threading.Barrier(2)
    statuses: list[list[int]] = [[], []]

    def click(number: int) -> None:
        for issue in issues:
            barrier.wait()
            response = clients[number].post(
                _move(issue, "Fix"), {"version": issue.version, "measure": "已改"}
            )
            statuses[number].append(response.status_code)
        connections.close_all()

    threads = [threading.Thread(target=click, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pairs = [tuple(sorted(pair)) for pair in zip(*statuses, strict=True)]
    assert pairs == [(302, 409)] * 100
    for issue in issues:
        assert [r.move for r in office.ledger.history(issue.id)] == ["Register", "Fix"]


@pytest.mark.parametrize("name", ["Nothing", "Register", "Tie", "Verify", "__class__", "%00"])
def test_a_move_that_the_state_does_not_have_is_not_there(small_office: Office, name: str) -> None:
    issue = small_office.titled(FOUND)
    response = small_office.client("市级督办戊").post(_move(issue, name), {"version": "1"})
    assert response.status_code == 404
    assert small_office.ledger.get(issue.id) == issue


@pytest.mark.parametrize("version", ["", "x", "1e3", "-1", "99999999999999999999", "2"])
def test_a_version_that_is_none_moves_nothing(small_office: Office, version: str) -> None:
    issue = small_office.titled(FOUND)
    response = small_office.client().post(
        _move(issue, "Fix"), {"version": version, "measure": "已改"}
    )
    assert response.status_code in (409, 422)
    assert small_office.ledger.get(issue.id) == issue


def test_a_user_without_the_permission_moves_nothing(small_office: Office) -> None:
    issue = small_office.titled(FOUND)
    client = small_office.client("核查员乙")
    response = client.post(_move(issue, "Fix"), {"version": 1, "measure": "已改"})
    assert response.status_code == 403
    assert "您无权办理：立行立改" in _text(response)
    assert client.post("/register/", _registration()).status_code == 403
    assert small_office.ledger.get(issue.id) == issue
    assert "您无权办理" in _text(client.get(f"/issue/{issue.id}/"))


def test_another_units_issue_is_not_there(small_office: Office) -> None:
    issue = small_office.titled("小额信贷贴息")
    client = small_office.client()
    assert issue.finding.title not in _text(client.get("/"))
    assert issue.finding.title not in _text(client.get("/calendar/"))
    assert client.get(f"/issue/{issue.id}/").status_code == 404
    response = client.post(
        _move(issue, "Complete"), {"version": 2, "milestone": "m1", "evidence": "凭证"}
    )
    assert response.status_code == 404
    assert client.post(f"/issue/{issue.id}/reveal/", {"reason": "查"}).status_code == 404
    assert client.get("/issue/没有/").status_code == 404
    assert small_office.ledger.get(issue.id) == issue


def test_a_user_without_a_unit_is_told_so(small_office: Office) -> None:
    from django.contrib.auth.models import User

    User.objects.create_user("无单位")
    response = small_office.client("无单位").get("/")
    assert response.status_code == 403
    assert "无单位" in _text(response)


def test_a_request_without_its_token_moves_nothing(small_office: Office) -> None:
    issue = small_office.titled(FOUND)
    client = small_office.client(csrf=True)
    response = client.post(_move(issue, "Fix"), {"version": 1, "measure": "已改"})
    assert response.status_code == 403
    assert "未作任何处理" in _text(response)
    assert small_office.ledger.get(issue.id) == issue


def test_a_body_that_is_too_large_is_refused_unread(small_office: Office) -> None:
    issue = small_office.titled(FOUND)
    response = small_office.client().post(
        _move(issue, "Fix"),
        "version=1&measure=" + "x" * 3_000_000,
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code == 413
    assert small_office.ledger.get(issue.id) == issue


def test_a_get_moves_nothing(small_office: Office) -> None:
    issue = small_office.titled(FOUND)
    response = small_office.client().get(_move(issue, "Fix") + "?version=1&measure=x")
    assert response.status_code == 405
    assert small_office.ledger.get(issue.id) == issue


def test_an_error_after_the_registration_takes_it_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The office's own row fails after `apply`: neither is there."""
    from office.models import Problem

    def fail(**_: Any) -> None:
        raise RuntimeError("内部错误不外露")

    data = _registration()
    before = office.ledger.audit().records
    monkeypatch.setattr(Problem.objects, "get_or_create", fail)
    response = office.client().post("/register/", data)
    assert response.status_code == 500
    assert "内部错误不外露" not in _text(response)
    assert "Traceback" not in _text(response)
    assert office.ledger.audit().records == before


def test_a_hook_that_fails_in_a_request_is_tried_again_and_the_user_is_served(
    office: Office,
) -> None:
    attempts: list[int] = []

    @office.ledger.after(Fix, name="fails-once")
    def fails_once(applied: Applied[Fix]) -> None:
        attempts.append(applied.attempt)
        if applied.attempt == 1:
            raise RuntimeError("内部错误不外露")

    issue = office.titled(FOUND)
    response = office.client().post(_move(issue, "Fix"), {"version": 1, "measure": "已改"})
    assert response.status_code == 302
    CLOCK.now += timedelta(minutes=5)
    office.ledger.deliver()
    assert attempts == [1, 2]


def test_a_before_hook_that_breaks_leaves_nothing_done(office: Office) -> None:
    @office.ledger.before(Fix)
    def breaks(proposed: Proposed[Fix]) -> None:
        raise RuntimeError("内部错误不外露")

    issue = office.titled(FOUND)
    response = office.client().post(_move(issue, "Fix"), {"version": 1, "measure": "已改"})
    assert response.status_code == 500
    assert "内部错误不外露" not in _text(response)
    assert office.ledger.get(issue.id) == issue


def test_script_in_every_text_field_is_shown_as_text(small_office: Office) -> None:
    data = _registration(
        title=EVIL, description=EVIL, reporter=EVIL, village=EVIL[:90], project=EVIL
    )
    client = small_office.client("市级督办戊")
    client.post("/register/", data)
    issue = small_office.ledger.get(data["issue_id"])
    assert isinstance(issue, Found)
    client.post(
        _move(issue, "Schedule"),
        {
            "version": 1,
            "timetable-milestones-0-title": EVIL,
            "timetable-milestones-0-due": "2018-06-15",
            "timetable-milestones-1-title": EVIL,
            "timetable-milestones-1-due": "2018-06-16",
            "timetable-responsible": EVIL,
            "carry_over": EVIL,
        },
    )
    issue = small_office.ledger.get(issue.id)
    assert isinstance(issue, Scheduled)
    client.post(_move(issue, "Complete"), {"version": 2, "milestone": "m1", "evidence": EVIL})
    # What is wrong is shown again, with what was written.
    wrong = client.post(
        _move(issue, "Extend"), {"version": 3, "reason": EVIL, "timetable-responsible": EVIL}
    )
    for page in (
        wrong,
        client.get("/"),
        client.get(f"/?q={EVIL}"),
        client.get(f"/issue/{issue.id}/"),
        client.get("/calendar/"),
        client.get("/admin/rectify/issue/"),
        client.get(f"/admin/rectify/issue/{issue.id}/change/"),
    ):
        text = _text(page)
        assert "&lt;script&gt;" in text
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def test_the_calendar_shows_duties_with_how_they_were_reached(small_office: Office) -> None:
    text = _text(small_office.client("市级督办戊").get("/calendar/"))
    assert "2018年12月15日前" in text
    assert "督查检查情况书面报告" in text
    assert SCHEDULED in text


def test_the_report_counts_what_the_user_sees(small_office: Office) -> None:
    everything = sum(1 for _ in small_office.ledger.issues())
    assert f"共 {everything} 件" in _text(small_office.client("市级督办戊").get("/report/"))
    mine = sum(1 for i in small_office.ledger.issues() if i.finding.unit.startswith("420901"))
    assert f"共 {mine} 件" in _text(small_office.client().get("/report/"))


def test_a_database_that_goes_away_is_said_and_found_again(small_office: Office) -> None:
    """The request is told so without anything from inside; the next one connects anew."""
    import os

    from django.db import connection

    issue = small_office.titled(FOUND)
    client = small_office.client()
    file = str(connection.settings_dict["NAME"])
    connection.close()
    os.rename(file, file + ".away")
    os.mkdir(file)
    response = client.post(_move(issue, "Fix"), {"version": 1, "measure": "已改"})
    assert response.status_code in (500, 503)
    assert "Traceback" not in _text(response)
    assert "office" not in _text(response)
    os.rmdir(file)
    os.rename(file + ".away", file)
    response = client.post(_move(issue, "Fix"), {"version": 1, "measure": "已改"})
    assert response.status_code == 302
    assert [r.move for r in small_office.ledger.history(issue.id)] == ["Register", "Fix"]


def test_the_inspector_is_who_verifies(small_office: Office) -> None:
    issue = small_office.titled("扶贫车间消防通道")
    small_office.client("核查员乙").post(
        _move(issue, "Verify"),
        {"version": 2, "conclusion": "rectified", "evidence": "现场核查"},
    )
    assert small_office.ledger.history(issue.id)[-1].by == INSPECTOR


def test_lines_of_a_form_end_as_they_do_on_every_other_way(small_office: Office) -> None:
    """A browser sends each line end as CR LF."""
    data = _registration(description="一行\r\n二行", reporter="赵某\r\n电话")
    assert small_office.client().post("/register/", data).status_code == 302
    issue = small_office.ledger.get(data["issue_id"])
    assert issue.finding.description == "一行\n二行"
    revealed = small_office.ledger.reveal(issue, by=INSPECTOR, reason="核实")
    assert revealed.text == "赵某\n电话"


@pytest.mark.parametrize("page", ["/issue/{}/", "/admin/rectify/issue/{}/change/"])
def test_damaged_data_are_said_to_be_for_an_audit_to_find(small_office: Office, page: str) -> None:
    from django.db import connection

    issue = small_office.titled(FOUND)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rectify_issue SET state = 'Verified' WHERE id = %s", [issue.id])
    response = small_office.client().get(page.format(issue.id))
    assert response.status_code == 500
    assert "台账数据已损坏" in _text(response)
    assert "rectify_audit" in _text(response)


@pytest.mark.parametrize("page", ["/issue/{}/reveal/", "/admin/rectify/issue/{}/reveal/"])
def test_what_is_wrong_with_a_reveal_is_said_in_words(small_office: Office, page: str) -> None:
    issue = small_office.ledger.register(finding(unit="420901", reporter="赵某"), by=OFFICER)
    client = small_office.client("核查员乙")
    response = client.post(page.format(issue.id), {"reason": " "}, follow=True)
    assert "Reveal." not in _text(response)
    assert "内容为空" in _text(response)
