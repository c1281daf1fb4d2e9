"""A ledger over HTTP: what an actor may do, may do once, may see, and is told otherwise."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any, Literal

import attrs
import pytest

from api import CLERK, FINDING, TIMETABLE, Api, application, problem
from rectify import Actor, AnyIssue, Found, Issue, Ledger, Move, Scheduled, Transferred, UnitTree
from rectify.campaign import Campaign, load_campaign
from rectify.errors import InvalidValue, LifecycleError
from rectify.i18n import bilingual
from rectify.lifecycle import STANDARD, Lifecycle
from support import COMMISSION, INSPECTOR, OFFICER, Clock, MakeLedger, in_state


@pytest.fixture
def api(ledger: Ledger[AnyIssue]) -> Api:
    """An officer at a ledger in memory."""
    return Api(application(ledger))


def test_an_issue_goes_from_found_to_exposed(make_ledger: MakeLedger) -> None:
    """Each answer is the issue after it, with its version as the ETag, on each store."""
    ledger = make_ledger()
    officer = Api(application(ledger))
    inspector = attrs.evolve(officer, actor=INSPECTOR)
    created = officer.register(reporter="甲某某，电话13900000000", amount_yuan="1250000.00")
    assert (201, '"1"') == (created.status_code, created.headers["etag"])
    issue_id = created.json()["id"]
    moves: list[tuple[Api, str, dict[str, Any]]] = [
        (officer, "Schedule", {"timetable": TIMETABLE}),
        (officer, "Complete", {"milestone": "m1", "evidence": "拨款凭证"}),
        (
            inspector,
            "Verify",
            {
                "conclusion": "rectified",
                "evidence": "现场核查，资金已到位",
                "outcomes": [
                    {
                        "subject": "某乡镇财政所",
                        "kind": "问责",
                        "organ": "县纪委监委",
                        "decided_on": "2018-05",
                    }
                ],
                "answered_reporter_at": "2018-05-06T09:00:00.5+08:00",
            },
        ),
        (
            inspector,
            "Expose",
            {
                "bulletin": {
                    "title": "关于一起典型案例的通报",
                    "text": "某乡镇滞留项目资金，已查处。",
                    "scope": "全省",
                    "drafted_by": OFFICER.id,
                }
            },
        ),
    ]
    done = created
    for version, (who, move, evidence) in enumerate(moves, 1):
        done = who.move(issue_id, version, move, **evidence)
        assert (200, f'"{version + 1}"') == (done.status_code, done.headers["etag"])
    assert done.json() == officer.get(f"/issues/{issue_id}").json()
    assert "Exposed" == done.json()["state"]
    assert "1250000.00" == done.json()["finding"]["amount_yuan"]
    history = officer.get(f"/issues/{issue_id}/history").json()["items"]
    assert [record.move for record in ledger.history(issue_id)] == [r["move"] for r in history]
    assert INSPECTOR.id == history[3]["by"]["id"]
    assert ledger.audit().intact


def test_a_reporter_goes_in_and_never_comes_out(api: Api) -> None:
    """Neither the text nor its commitment; only whether there is one."""
    name = "甲某某，电话13900000000"
    created = api.register(reporter=name)
    issue_id = created.json()["id"]
    api.post(f"/issues/{issue_id}/leads", {"organ": "县纪委", "lead": "截留"}, If_Match='"1"')
    paths = ["", "/history", "/options"]
    said = [created.text, api.get("/issues").text, api.get("/due").text]
    said += [api.get(f"/issues/{issue_id}{path}").text for path in paths]
    assert [] == [text for text in said if re.search("甲某某|13900000000|commitment", text)]
    assert created.json()["finding"]["has_reporter"] is True
    assert api.register("2").json()["finding"]["has_reporter"] is False


def test_a_persons_name_goes_in_and_only_the_pseudonym_comes_out(api: Api) -> None:
    persons = [{"pseudonym": "甲", "name": "欧阳某某"}]
    created = api.register(persons=persons)
    assert [{"pseudonym": "甲", "has_name": True}] == created.json()["finding"]["persons"]
    assert created.json() == api.register(persons=persons).json()
    other = [{"pseudonym": "乙", "name": "欧阳某某"}]
    assert (422, "key-reused") == problem(api.register(persons=other))
    history = api.get(f"/issues/{created.json()['id']}/history")
    assert [] == [text for text in (created.text, history.text) if "欧阳" in text]
    assert "commitment" not in history.text
    for bad in ([{"pseudonym": "欧阳某某", "name": "欧阳某某"}], persons * 2):
        refused = api.register("2", persons=bad)
        assert (422, "invalid") == problem(refused)
        assert "欧阳" not in refused.text


def test_a_reveal_is_in_the_history_and_shows_nothing(api: Api, ledger: Ledger[AnyIssue]) -> None:
    issue_id = api.register(reporter="甲某某，电话13900000000").json()["id"]
    ledger.reveal(ledger.get(issue_id), by=COMMISSION, reason="回访举报人")
    history = api.get(f"/issues/{issue_id}/history")
    revealed = history.json()["items"][1]
    assert ("Reveal", COMMISSION.id) == (revealed["move"], revealed["by"]["id"])
    assert {"field": "reporter", "reason": "回访举报人"} == revealed["evidence"]
    assert "13900000000" not in history.text


def test_a_bad_reporter_is_not_quoted(api: Api) -> None:
    refused = api.register(reporter="甲某某\u202e")
    assert (422, "invalid") == problem(refused)
    assert "甲某某" not in refused.text
    assert ["/reporter"] == [error["place"] for error in refused.json()["errors"]]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("", "zh"),
        ("en-GB,zh;q=0.8", "en"),
        ("fr, zh-Hans;q=0.5, en;q=0.4", "zh"),
        ("en;q=x, fr", "zh"),
        ("en;level=1;q=0.1", "en"),
    ],
)
def test_every_reason_comes_in_the_callers_language_with_its_clause(
    ledger: Ledger[AnyIssue], language: str, expected: str
) -> None:
    api = Api(application(ledger), language=language)
    found = api.register(discipline_lead=True, conduct_from="2018-03-01")
    refused = api.move(found.json()["id"], 1, "Fix", measure="退还补助")
    assert (409, "refused") == problem(refused)
    reasons = refused.json()["reasons"]
    assert ["lead-must-be-transferred", "defiant-conduct"] == [r["code"] for r in reasons]
    assert ["四·第一阶段", "四·第二阶段"] == [r["clause"] for r in reasons]
    chinese = [bool(re.search("[\u4e00-\u9fff]{4}", r["message"])) for r in reasons]
    assert [expected == "zh"] * 2 == chinese
    assert expected == refused.headers["content-language"]
    assert 1 == ledger.get(found.json()["id"]).version


def test_options_say_what_may_be_done_and_why_not(api: Api) -> None:
    found = api.register().json()["id"]
    api.move(found, 1, "Fix", measure="已拨付")
    answer = api.get(f"/issues/{found}/options")
    options = {option["move"]: option for option in answer.json()["items"]}
    assert {"Transfer", "Verify", "Reject"} == options.keys()
    assert ("核实", "Verified", False) == tuple(
        options["Verify"][key] for key in ("label", "target", "allowed")
    )
    assert ["same-person"] == [reason["code"] for reason in options["Verify"]["reasons"]]
    assert options["Reject"]["allowed"]
    assert '"2"' == answer.headers["etag"]


def test_a_check_tells_the_problem_a_move_would_meet_and_writes_nothing(
    api: Api, ledger: Ledger[AnyIssue]
) -> None:
    found = api.register().json()["id"]
    asked: list[dict[str, Any]] = [
        {"move": "Fix", "measure": "已拨付"},
        {"move": "Schedule", "timetable": TIMETABLE | {"milestones": []}},
        {
            "move": "Expose",
            "bulletin": dict.fromkeys(["title", "text", "scope", "drafted_by"], "x"),
        },
    ]
    answers = [api.post(f"/issues/{found}/check", body).json() for body in asked]
    assert [True, False, False] == [answer["allowed"] for answer in answers]
    codes = [answer["problem"] and answer["problem"]["code"] for answer in answers]
    assert [None, "refused", "illegal-move"] == codes
    assert 1 == ledger.get(found).version


# Versions and repeats.


def test_a_move_needs_the_version_it_is_meant_for(api: Api) -> None:
    found = api.register().json()["id"]
    path, body = f"/issues/{found}/moves", {"move": "Fix", "measure": "已拨付"}
    assert (428, "version-missing") == problem(api.post(path, body))
    expected = {
        "*": (428, "version-missing"),
        "1": (400, "version-unreadable"),
        '"x"': (412, "stale"),
        '"0"': (412, "stale"),
        '"7"': (412, "stale"),
        '"99999999999999999999"': (412, "stale"),
    }
    assert expected == {tag: problem(api.post(path, body, If_Match=tag)) for tag in expected}
    assert 200 == api.post(path, body, If_Match='W/"1"').status_code


def test_a_move_on_an_old_version_is_stale_unless_it_is_the_one_that_was_made(
    ledger: Ledger[AnyIssue], api: Api
) -> None:
    """By the same actor, on the same version, with the same evidence: then nothing is done."""
    found = api.register().json()["id"]
    first = api.move(found, 1, "Schedule", timetable=TIMETABLE)
    later = api.move(found, 2, "Complete", milestone="m1", evidence="拨款凭证")
    again = api.move(found, 1, "Schedule", timetable=TIMETABLE)
    assert (first.json(), '"2"') == (again.json(), again.headers["etag"])
    assert "true" == again.headers["idempotent-replayed"]
    assert "idempotent-replayed" not in first.headers
    other = TIMETABLE | {"responsible": "县财政局局长"}
    assert (412, "stale") == problem(api.move(found, 1, "Schedule", timetable=other))
    assert (412, "stale") == problem(api.move(found, 1, "Fix", measure="已拨付"))
    assert (412, "stale") == problem(api.move(found, 1, "Acknowledge", receipt="1号"))
    assert (412, "stale") == problem(
        api.move(
            found, 1, "Schedule", timetable=TIMETABLE | {"milestones": TIMETABLE["milestones"] * 2}
        )
    )
    inspector = attrs.evolve(api, actor=INSPECTOR)
    assert (412, "stale") == problem(inspector.move(found, 1, "Schedule", timetable=TIMETABLE))
    assert later.json()["version"] == ledger.get(found).version


def test_a_hundred_double_submissions_give_one_move_each(make_ledger: MakeLedger) -> None:
    """Sent together, on each store: all are answered alike, and the ledger has one of each."""
    ledger = make_ledger()
    api = Api(application(ledger))
    key = next(one.owed.key for one in ledger.duties() if one.status == "overdue")

    def hundred(path: str, json: Any, **headers: str) -> list[Any]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return api.at_once(*[("POST", path, {"json": json, "headers": named})] * 100)

    registered = hundred("/issues", FINDING, Idempotency_Key="同一件".encode().hex())
    (issue,) = ledger.issues()
    path = f"/issues/{issue.id}"
    split = hundred(f"{path}/leads", {"organ": "县纪委", "lead": "截留"}, If_Match='"1"')
    moved = hundred(f"{path}/moves", {"move": "Fix", "measure": "已拨付"}, If_Match='"2"')
    handed = hundred("/submissions", {"duty": key, "document_hash": "a" * 64})
    for answers, status in ((registered, 201), (split, 201), (moved, 200), (handed, 201)):
        assert {status} == {answer.status_code for answer in answers}
        assert 1 == len({answer.text for answer in answers})
        assert 99 == sum("idempotent-replayed" in answer.headers for answer in answers)
    taken = [record.move for record in ledger.history(issue.id)]
    assert ["Register", "Tie", "Fix"] == taken
    assert 2 == sum(1 for _ in ledger.issues())
    assert 1 == len(ledger.filed())
    assert ledger.audit().intact


def test_of_concurrent_moves_on_one_version_one_is_made(make_ledger: MakeLedger) -> None:
    ledger = make_ledger()
    api = Api(application(ledger))
    found = api.register().json()["id"]
    bodies = [{"move": "Fix", "measure": f"措施{number}"} for number in range(20)]
    answers = api.at_once(
        *[
            ("POST", f"/issues/{found}/moves", {"json": body, "headers": {"If-Match": '"1"'}})
            for body in bodies
        ]
    )
    assert [200] + [412] * 19 == sorted(answer.status_code for answer in answers)
    assert 2 == len(ledger.history(found))


def test_a_key_registers_one_finding_of_one_actor(api: Api) -> None:
    first = api.register("k", reporter="甲某某")
    assert first.json() == api.register("k", reporter="甲某某").json()
    others: list[dict[str, Any]] = [
        {"reporter": "甲某某", "title": "另一件事"},
        {"reporter": "乙某某"},
        {"reporter": "甲某某", "persons": [{"pseudonym": "甲", "name": "丙某某"}]},
        {},
    ]
    for other in others:
        answer = api.register("k", **other)
        assert (422, "key-reused") == problem(answer)
        assert "某某" not in answer.text
    another = attrs.evolve(api, actor=INSPECTOR).register("k")
    assert 201 == another.status_code
    assert first.json()["id"] != another.json()["id"]


def test_a_repeat_is_one_where_its_confidential_text_was_erased(
    api: Api, ledger: Ledger[AnyIssue]
) -> None:
    first = api.register("k", reporter="甲某某")
    issue = ledger.get(first.json()["id"])
    ledger.erase(issue, by=OFFICER, reason="保管期满")
    assert first.json() == api.register("k", reporter="甲某某").json()


@pytest.mark.parametrize("path", ["/due", "/duties"])
@pytest.mark.parametrize("day", ["9998-12-31", "9999-12-31", "0001-01-01"])
def test_a_day_out_of_all_reason_is_no_day(api: Api, path: str, day: str) -> None:
    assert (422, "invalid") == problem(api.get(path, params={"on": day}))


def test_what_is_due_goes_on_where_it_was_though_that_is_done_meanwhile(
    api: Api, ledger: Ledger[AnyIssue]
) -> None:
    milestones = [
        {"id": f"m{day}", "title": "拨付", "due": f"2018-06-{day}"} for day in (15, 16, 17)
    ]
    for key in "12":
        issue_id = api.register(key).json()["id"]
        timetable = {"milestones": milestones, "responsible": "所长"}
        assert 200 == api.move(issue_id, 1, "Schedule", timetable=timetable).status_code
    whole = api.get("/due", params={"on": "2018-06-20"}).json()["items"]
    last = next(n for n, one in enumerate(whole) if one["key"].startswith("milestone/"))
    first = api.get("/due", params={"on": "2018-06-20", "limit": last + 1}).json()
    _, issue_id, _, milestone = whole[last]["key"].split("/")
    evidence = {"milestone": milestone, "evidence": "拨付凭证"}
    assert 200 == api.move(issue_id, 2, "Complete", **evidence).status_code
    second = api.get("/due", params={"on": "2018-06-20", "cursor": first["next"], "limit": 200})
    assert whole[last + 1 :] == second.json()["items"]


@pytest.mark.parametrize("written", ["milestone/none/1/m1", "-", "nan key", "1e9 key"])
def test_a_cursor_that_was_not_given_out_is_none(api: Api, written: str) -> None:
    cursor = base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")
    assert (422, "invalid") == problem(api.get("/due", params={"cursor": cursor}))


def test_registering_needs_a_key(api: Api) -> None:
    assert (400, "key-missing") == problem(api.post("/issues", FINDING))
    for key in ("", " ", "x" * 201):
        assert (400, "key-unreadable") == problem(api.register(key))


def test_a_repeat_of_what_rules_would_refuse_by_now_is_answered_as_it_was(
    api: Api, clock: Clock
) -> None:
    first = api.register("k")
    clock.pass_by(days=-10)
    assert first.json() == api.register("k").json()
    assert (409, "refused") == problem(api.register("other"))


def test_splitting_off_a_lead_is_once_for_each_version(api: Api, ledger: Ledger[AnyIssue]) -> None:
    found = api.register().json()["id"]
    path, lead = f"/issues/{found}/leads", {"organ": "县纪委", "lead": "截留"}
    first = api.post(path, lead, If_Match='"1"')
    assert "Transferred" == first.json()["lead"]["state"]
    assert first.json() == api.post(path, lead, If_Match='"1"').json()
    assert (412, "stale") == problem(api.post(path, lead | {"lead": "其他"}, If_Match='"1"'))
    assert (412, "stale") == problem(api.post(path, lead, If_Match='"9"'))
    assert (428, "version-missing") == problem(api.post(path, lead))
    api.move(found, 2, "Fix", measure="已拨付")
    assert (412, "stale") == problem(api.post(path, lead, If_Match='"2"'))
    other = api.register("2").json()["id"]
    api.move(other, 1, "Fix", measure="已拨付")
    assert (412, "stale") == problem(api.post(f"/issues/{other}/leads", lead, If_Match='"1"'))
    assert 3 == sum(1 for _ in ledger.issues())


def test_a_reader_that_has_the_version_is_told_so(api: Api) -> None:
    path = f"/issues/{api.register().json()['id']}"
    for tags, status in (('"1"', 304), ('W/"1", "7"', 304), ("*", 304), ('"2"', 200), ("1", 200)):
        answer = api.get(path, headers={"If-None-Match": tags})
        assert (status, '"1"') == (answer.status_code, answer.headers["etag"])


def test_nobody_between_keeps_an_answer(api: Api) -> None:
    """Not for another caller, and not past the issue's version."""
    path = f"/issues/{api.register().json()['id']}"
    answers = [api.get(path), api.get("/issues"), api.get("/issues/nothing")]
    kept = ["private, no-cache", "private, no-cache", "no-store"]
    assert kept == [answer.headers["cache-control"] for answer in answers]


# Pages, duties, what is due.


def test_pages_give_each_issue_once_whatever_is_registered_meanwhile(
    make_ledger: MakeLedger,
) -> None:
    ledger = make_ledger()
    api = Api(application(ledger))
    before = {in_state(ledger, Found).id for _ in range(7)}
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while not before <= set(seen):
        page = api.get("/issues", params={"limit": "3"} | cursor).json()
        seen += [issue["id"] for issue in page["items"]]
        assert page["items"]
        cursor = {"cursor": page["next"]}
        in_state(ledger, Scheduled)
    assert len(seen) == len(set(seen))
    states = api.get("/issues", params={"state": "Scheduled", "unit": "420000", "area": "funds"})
    assert {"Scheduled"} == {issue["state"] for issue in states.json()["items"]}


def test_a_page_looks_at_so_many_issues_and_no_more(
    ledger: Ledger[AnyIssue], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With issues that the caller may not see, it is short, and the next goes on."""
    monkeypatch.setattr("rectify.integrations.fastapi.paging.LOOKED_AT_MAX", 2)
    hidden = [in_state(ledger, Found).id for _ in range(5)]
    last = in_state(ledger, Found).id

    def visible(actor: Actor, issue: Issue) -> bool:
        return issue.id not in hidden

    api = Api(application(ledger, visible=visible))
    found: list[str] = []
    pages, cursor = 0, None
    while pages == 0 or cursor is not None:
        page = api.get("/issues", params={} if cursor is None else {"cursor": cursor}).json()
        found += [issue["id"] for issue in page["items"]]
        pages, cursor = pages + 1, page["next"]
    assert ([last], 3) == (found, pages)


@pytest.mark.parametrize(
    ("params", "place"),
    [
        ({"cursor": "!!"}, None),
        ({"cursor": "AA"}, None),
        ({"cursor": "_w"}, None),
        ({"state": "Nowhere"}, None),
        ({"area": "nothing"}, None),
        ({"limit": "0"}, "limit"),
        ({"limit": "1e9"}, "limit"),
        ({"unit": "x\x00"}, None),
    ],
)
def test_a_page_that_is_asked_for_wrongly_is_none(
    api: Api, params: dict[str, str], place: str | None
) -> None:
    answer = api.get("/issues", params=params)
    assert (422, "invalid") == problem(answer)
    if place is not None:
        assert [place] == [error["place"] for error in answer.json()["errors"]]


def test_what_is_due_is_told_with_how_its_date_was_reached(
    api: Api, ledger: Ledger[AnyIssue]
) -> None:
    issue = in_state(ledger, Scheduled)
    transferred = in_state(ledger, Transferred)
    params: dict[str, Any] = {"on": "2018-06-20", "limit": 3}
    entries: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = api.get("/due", params=params | ({"cursor": cursor} if cursor else {})).json()
        entries += page["items"]
        cursor = page["next"]
    keys = [entry["key"] for entry in entries]
    assert len(keys) == len(set(keys))
    milestone = next(entry for entry in entries if entry["key"].startswith(f"milestone/{issue.id}"))
    assert ("overdue", 5, "2018-06-15") == tuple(
        milestone[key] for key in ("standing", "days_late", "due_on")
    )
    assert "2018年6月15日前" in milestone["explanation"]
    assert entries[-1]["key"].startswith(f"transfer/{transferred.id}")
    assert entries[-1]["due_on"] is None
    until = api.get("/due", params={"until": "2018-01-01"}).json()["items"]
    assert {"duty", "transfer"} == {entry["kind"] for entry in until}
    assert (422, "invalid") == problem(api.get("/due", params={"on": "2018-02-30"}))


def test_what_is_owed_is_handed_in_once_until_it_is_sent_back(
    api: Api, ledger: Ledger[AnyIssue], clock: Clock
) -> None:
    (duty, *_) = api.get("/duties", params={"on": "2018-05-07"}).json()["items"]
    assert "overdue" == duty["status"]
    body = {"duty": duty["key"], "document_hash": "a" * 64, "note": "报送稿"}
    first = api.post("/submissions", body)
    clock.pass_by(hours=1)
    assert first.json() == api.post("/submissions", body).json()
    better = api.post("/submissions", body | {"document_hash": "b" * 64})
    assert better.json() != first.json()
    ledger.send_back(duty["key"], by=COMMISSION, reason="缺附件")
    assert 201 == api.post("/submissions", body).status_code
    standing = next(one for one in api.get("/duties").json()["items"] if one["key"] == duty["key"])
    assert ("submitted", 3) == (standing["status"], len(standing["submissions"]))


def test_a_submission_that_is_not_owed_or_too_early_is_refused(
    api: Api, ledger: Ledger[AnyIssue], clock: Clock
) -> None:
    body = {"duty": "work-plan/-/-city", "document_hash": "a" * 64}
    assert (404, "unknown-duty") == problem(api.post("/submissions", body | {"duty": "nothing"}))
    assert 201 == api.post("/submissions", body).status_code
    clock.pass_by(hours=-1)
    other = body | {"document_hash": "b" * 64}
    refused = api.post("/submissions", other)
    assert (409, "refused") == problem(refused)
    assert ["time-runs-backwards"] == [r["code"] for r in refused.json()["reasons"]]
    again = api.post("/submissions", body)
    assert "true" == again.headers["idempotent-replayed"]
    assert 1 == len(ledger.filed())


# Who may see what.


UNITS = """code,name,level,parent,has_task,member,poor
420000,湖北省,province,,yes,no,no
420900,孝感市,city,420000,yes,no,no
420100,武汉市,city,420000,yes,no,no
"""


@pytest.fixture
def units(tmp_path: Any) -> UnitTree:
    """A province with two cities."""
    path = tmp_path / "units.csv"
    path.write_text(UNITS, "utf-8")
    return UnitTree.from_csv(path)


def test_an_actor_sees_the_own_unit_and_those_below_it(
    campaign: Campaign, clock: Clock, units: UnitTree
) -> None:
    """Another unit's issue is answered as one that is not there, read or written."""
    ledger = Ledger(campaign, clock=clock, units=units)
    province = Api(application(ledger))
    city = attrs.evolve(province, actor=CLERK)
    own = city.register(unit="420900").json()["id"]
    others = province.register(unit="420100").json()["id"]
    assert 200 == province.get(f"/issues/{own}").status_code
    assert {own, others} == {each["id"] for each in province.get("/issues").json()["items"]}
    assert [own] == [each["id"] for each in city.get("/issues").json()["items"]]
    answers = [city.get(f"/issues/{others}{path}") for path in ("", "/history", "/options")]
    answers += [
        city.move(others, 1, "Fix", measure="已拨付"),
        city.post(f"/issues/{others}/check", {"move": "Fix", "measure": "已拨付"}),
        city.post(f"/issues/{others}/leads", {"organ": "县纪委", "lead": "x"}, If_Match='"1"'),
        city.get("/issues/nothing"),
    ]
    assert {(404, "unknown-issue")} == {problem(answer) for answer in answers}
    texts = {answer.text.replace(others, "").replace("nothing", "") for answer in answers}
    assert 1 == len(texts)
    assert (403, "not-your-unit") == problem(city.register("2", unit="420100"))
    assert (403, "not-your-unit") == problem(city.register("2", unit="999999"))
    assert 1 == ledger.get(others).version


def test_an_actor_answers_for_the_own_units_duties(
    campaign: Campaign, clock: Clock, units: UnitTree
) -> None:
    ledger = Ledger(campaign, clock=clock, units=units)
    province = Api(application(ledger))
    city = attrs.evolve(province, actor=CLERK)
    keys = {duty["key"] for duty in province.get("/duties").json()["items"]}
    own = {duty["key"] for duty in city.get("/duties").json()["items"]}
    assert {"420900", "420100"} <= {key.rpartition("/")[2] for key in keys}
    assert {"420900"} == {key.rpartition("/")[2] for key in own}
    due = {entry["key"] for entry in city.get("/due").json()["items"] if entry["kind"] == "duty"}
    assert due <= {f"duty/{key}" for key in own}
    body = {"duty": "work-plan/-/420100", "document_hash": "a" * 64}
    assert (403, "not-your-duty") == problem(city.post("/submissions", body))
    assert 201 == province.post("/submissions", body).status_code


# The description.


def test_the_description_has_a_schema_for_each_move_told_apart_by_its_name(
    ledger: Ledger[AnyIssue],
) -> None:
    described = application(ledger).openapi()
    path = described["paths"]["/ledger/issues/{issue_id}/moves"]["post"]
    body = path["requestBody"]["content"]["application/json"]["schema"]
    assert "move" == body["discriminator"]["propertyName"]
    assert [kind.__name__ for kind in STANDARD.moves] == list(body["discriminator"]["mapping"])
    schemas = described["components"]["schemas"]
    for kind in STANDARD.moves:
        fields = {field.name for field in attrs.fields(kind)} - {"issue"} | {"move"}
        assert fields == schemas[kind.__name__]["properties"].keys()
        assert schemas[kind.__name__]["additionalProperties"] is False
    assert schemas["Fix"]["properties"]["measure"]["maxLength"] == 20_000
    assert "reporter" in schemas["Finding"]["properties"]
    assert "reporter" not in schemas["RecordedFinding"]["properties"]
    statuses = {"400", "401", "403", "404", "409", "412", "413", "415", "422", "428", "500", "503"}
    assert statuses <= path["responses"].keys()


def test_a_lifecycle_of_the_hosts_own_is_offered_as_it_is(clock: Clock, campaign: Campaign) -> None:
    """States and moves are the host's; what JSON can't carry is refused when the router is made."""
    from hosts import HOST

    api = Api(application(Ledger(campaign, lifecycle=HOST, clock=clock)))
    found = api.register().json()["id"]
    api.move(found, 1, "Schedule", timetable=TIMETABLE)
    suspended = api.move(found, 2, "Suspend", why="等待上级答复")
    assert ("挂起", "等待上级答复") == (suspended.json()["state"], suspended.json()["why"])
    assert 200 == api.move(found, 3, "恢复", timetable=TIMETABLE).status_code
    labels = [option["label"] for option in api.get(f"/issues/{found}/options").json()["items"]]
    assert '暂停 / "a" | b\\' in labels


def no_thirteen(_: object, __: object, value: tuple[int, ...]) -> None:
    """A host's validator, with a word of its own for what it is about."""
    if 13 in value:
        raise InvalidValue("codes of the archive", bilingual("无此编码", "no such code"))


@attrs.frozen(slots=False)
class Close(Move[Found]):
    """办结: with a field of many kinds."""

    issue: Found
    codes: tuple[int, ...] = attrs.field(validator=no_thirteen)
    which: Literal["own", "other"]
    note: str = attrs.field(validator=attrs.validators.max_len(3))
    plans: list[str] = attrs.field(factory=list[str])

    def enter(self) -> Found:
        return Found(*self.issue.onward())


def test_a_lifecycle_of_one_move_has_one_body(clock: Clock, campaign: Campaign) -> None:
    """And a validator of the host's own says no without quoting what it was given."""
    lifecycle = Lifecycle[Issue]((Found,), (Close,), (), frozenset({Found}))
    bare = attrs.evolve(campaign, rules={})
    ledger = Ledger(bare, lifecycle=lifecycle, clock=clock)
    api = Api(application(ledger))
    found = api.register().json()["id"]
    refused = api.move(found, 1, "Close", codes=[1], which="own", note="一二三四")
    assert (422, "invalid") == problem(refused)
    assert "一二三四" not in refused.text
    refused = api.move(found, 1, "Close", codes=[13], which="own", note="一")
    assert [{"place": "", "message": "无此编码"}] == refused.json()["errors"]
    closed = api.move(found, 1, "Close", codes=[1, 2], which="other", note="一", plans=["x"])
    assert (200, 2) == (closed.status_code, closed.json()["version"])
    evidence = api.get(f"/issues/{found}/history").json()["items"][1]["evidence"]
    assert {"codes": [1, 2], "which": "other", "note": "一", "plans": ["x"]} == evidence


@attrs.frozen(slots=False)
class Strange(Move[Found]):
    """不明: with a field that JSON has no form for."""

    issue: Found
    what: complex

    def enter(self) -> Found:
        return Found(*self.issue.onward())


def test_a_field_that_json_cannot_carry_is_told_when_the_router_is_made(
    campaign: Campaign,
) -> None:
    ledger = Ledger(campaign, lifecycle=STANDARD.extended(moves=(Strange,)))
    with pytest.raises(LifecycleError, match=r"Strange\.what"):
        application(ledger)


def test_what_is_due_of_a_campaign_without_an_end_is_told_through_the_next_year() -> None:
    campaign = load_campaign(
        Path(__file__).parents[1] / "examples" / "campaigns" / "eldercare.toml"
    )
    answer = Api(application(Ledger(campaign, clock=Clock()))).get("/due")
    assert 200 == answer.status_code
