"""The form of a move is made of its class: fields of the right kind, Chinese labels, all errors."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from djangosite import OFFICER, TODAY, Office
from rectify import (
    Bulletin,
    Conclusion,
    Expose,
    Extend,
    Issue,
    Move,
    Outcome,
    Schedule,
    Scheduled,
    Transfer,
    Verify,
    fields,
)
from rectify.i18n import bilingual
from rectify.lifecycle import STANDARD
from rectify.testing import build
from support import in_state

SCHEDULED = "产业项目资金滞留"


def _form(office: Office, kind: type[Any], issue: Issue | None, data: Any = None) -> Any:
    from rectify.integrations.django.forms import MoveForm, RegisterForm
    from rectify.integrations.django.scene import Scene

    scene = Scene(ledger=office.ledger, actor=OFFICER, now=TODAY, issue=issue)
    return RegisterForm(scene, data) if issue is None else MoveForm(kind, scene, data)


def _sent(form: Any, move: Any) -> dict[str, Any]:
    """What a browser sends for a move."""
    data: dict[str, Any] = {"version": move.issue.version}

    def put(thing: object, at: str) -> None:
        kind: Any = type(thing)
        for attribute in attrs.fields(kind):
            value: Any = getattr(thing, attribute.name)
            name = f"{at}{attribute.name}"
            of: Any = value.__class__
            if attribute.name == "issue" or value is None:
                continue
            if of is tuple:
                for number, item in enumerate(value):
                    put(item, f"{name}-{number}-")
            elif attrs.has(of):
                put(value, f"{name}-")
            else:
                data[name] = getattr(value, "value", value)

    put(move, "")
    return data


@pytest.mark.parametrize("kind", STANDARD.moves, ids=lambda kind: kind.__name__)
def test_every_move_of_every_state_is_made_again_of_what_its_form_sends(
    small_office: Office, kind: type[Move[Issue]]
) -> None:
    from rectify.move import sources

    for state in sources(kind):
        issue = in_state(small_office.ledger, state, unit="420901")
        move = build(kind, issue)
        form = _form(small_office, kind, issue, _sent(None, move))
        assert form.is_valid(), form.errors
        assert form.value == move
        assert form.title


def test_fields_are_of_the_kind_their_types_say(small_office: Office) -> None:
    from django import forms

    issue = small_office.titled(SCHEDULED)
    form = _form(small_office, Verify, issue)
    kinds = {name: type(field).__name__ for name, field in form.fields.items()}
    assert kinds == {
        "conclusion": "TypedChoiceField",
        "evidence": "ProseField",
        "outcomes": "RowsField",
        "answered_reporter_at": "DateTimeField",
        "merged_into": "ProseField",
        "clearing": "ProseField",
        "version": "IntegerField",
    }
    assert isinstance(form.fields["evidence"].widget, forms.Textarea)
    assert not isinstance(form.fields["merged_into"].widget, forms.Textarea)
    assert [label for _, label in form.fields["conclusion"].choices] == [
        "———",
        "整改到位",
        "查实",
        "查否",
        "并案",
    ]
    registration = _form(small_office, Verify, None)
    assert type(registration.fields["amount_yuan"]).__name__ == "DecimalField"
    assert type(registration.fields["discipline_lead"]).__name__ == "BooleanField"
    assert ("funds/embezzlement", "　贪污浪费、挤占挪用") in registration.fields["area"].choices


def test_a_form_begins_with_what_the_issue_has(small_office: Office) -> None:
    issue = small_office.titled(SCHEDULED)
    html = str(_form(small_office, Extend, issue))
    assert "查明滞留数额" in html
    assert 'value="2018-06-15"' in html
    assert "分管负责人" in html


def test_rows_that_are_wrong_are_named_by_their_number(small_office: Office) -> None:
    issue = small_office.titled(SCHEDULED)
    form = _form(
        small_office,
        Extend,
        issue,
        {
            "version": 2,
            "reason": "汛期",
            "timetable-responsible": "所长",
            "timetable-milestones-0-id": "m1",
            "timetable-milestones-0-title": "查明",
            "timetable-milestones-0-due": "不是日期",
            "timetable-milestones-3-title": "拨付",
            "timetable-milestones-4-title": "甲\u202e",
            "timetable-milestones-4-due": "2018-07-01",
        },
    )
    errors = form.errors["timetable-milestones"]
    assert [error.split("：")[0] for error in errors] == ["第1行", "第4行", "第5行"]
    assert "甲\u202e" in str(form)


def test_a_new_row_gets_an_id_that_no_other_has(small_office: Office) -> None:
    issue = small_office.titled(SCHEDULED)
    rows = [("m2", "全部拨付到项目"), ("", "回访"), ("", "公示")]
    data = {"version": 2, "reason": "汛期", "timetable-responsible": "所长"}
    for number, (identity, title) in enumerate(rows):
        data[f"timetable-milestones-{number}-id"] = identity
        data[f"timetable-milestones-{number}-title"] = title
        data[f"timetable-milestones-{number}-due"] = f"2018-07-{number + 1:02}"
    form = _form(small_office, Extend, issue, data)
    assert form.is_valid(), form.errors
    ids = [milestone.id for milestone in form.value.timetable.milestones]
    assert ids == ["m2", "m1", "m3"]


def test_no_rows_where_some_are_needed_is_said(small_office: Office) -> None:
    issue = small_office.titled("危房改造")
    form = _form(small_office, Schedule, issue, {"version": 1, "timetable-responsible": "所长"})
    assert "timetable-milestones" in form.errors


def test_two_milestones_with_one_forged_id_are_said(small_office: Office) -> None:
    issue = small_office.titled(SCHEDULED)
    data = {"version": 2, "reason": "汛期", "timetable-responsible": "所长"}
    for number in range(2):
        data[f"timetable-milestones-{number}-id"] = "m1"
        data[f"timetable-milestones-{number}-title"] = "拨付"
        data[f"timetable-milestones-{number}-due"] = "2018-07-01"
    form = _form(small_office, Extend, issue, data)
    assert "m1" in str(form.errors["timetable-milestones"])


def test_money_and_days_are_exact(small_office: Office) -> None:
    data = {
        "title": "虚报面积",
        "area": "funds",
        "channel": "petition",
        "unit": "420901",
        "found_at": "2018-05-09T08:30",
        "conduct_from": "2018-03-01",
        "amount_yuan": "0.10",
        "discipline_lead": "on",
        "issue_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
    }
    form = _form(small_office, Schedule, None, data)
    assert form.is_valid(), form.errors
    found = form.value
    assert (found.amount_yuan, found.conduct_from) == (Decimal("0.10"), date(2018, 3, 1))
    assert found.found_at == datetime.fromisoformat("2018-05-09T08:30+08:00")
    assert found.discipline_lead


def test_an_outcome_is_read_of_its_row(small_office: Office) -> None:
    issue = small_office.titled("村干部涉嫌")
    form = _form(
        small_office,
        Verify,
        issue,
        {
            "version": 2,
            "conclusion": "substantiated",
            "evidence": "笔录",
            "outcomes-0-subject": "某村干部",
            "outcomes-0-kind": "党内警告",
            "outcomes-0-organ": "县纪委监委",
            "outcomes-0-decided_on": "2018-05",
        },
    )
    assert form.is_valid(), form.errors
    assert form.value.outcomes == (Outcome("某村干部", "党内警告", "县纪委监委", "2018-05"),)
    assert form.value.conclusion is Conclusion.SUBSTANTIATED


def test_what_no_record_may_hold_is_said_at_its_field(small_office: Office) -> None:
    issue = small_office.titled("村干部涉嫌")
    data = {"version": 2, "conclusion": "substantiated", "evidence": "甲\u202e乙"}
    form = _form(small_office, Verify, issue, data)
    assert "U+202E" in str(form.errors["evidence"])
    data = {"version": 2, "conclusion": "等一等", "evidence": "笔录"}
    assert "conclusion" in _form(small_office, Verify, issue, data).errors


def test_a_bulletin_is_a_part_of_its_form(small_office: Office) -> None:
    issue = small_office.titled("会议多")
    kind = Expose
    data = {"version": 3, "bulletin-title": "通报", "bulletin-text": "第一行\n第二行"}
    form = _form(small_office, kind, issue, data)
    assert set(form.errors) == {"bulletin-scope", "bulletin-drafted_by"}
    data |= {"bulletin-scope": "全县", "bulletin-drafted_by": "经办员甲"}
    form = _form(small_office, kind, issue, data)
    assert form.is_valid(), form.errors
    assert form.value.bulletin == Bulletin("通报", "第一行\n第二行", "全县", "经办员甲")


def _level(scene: object) -> Any:
    from django import forms

    return forms.ChoiceField(choices=[("a", "甲级")], label="等级")


@attrs.frozen(slots=False)
class Grade(Move[Scheduled]):
    """定级: a move of a host's own, with fields of its own."""

    issue: Scheduled
    score: int
    level: Any = attrs.field(metadata={"label": bilingual("等级", "level"), "form_field": _level})
    plain_name: str = attrs.field(default="甲", validator=fields.line)


@attrs.frozen(slots=False)
class Strange(Move[Scheduled]):
    """怪: a field that no form can have."""

    issue: Scheduled
    odd: dict[str, int]


def test_a_hosts_own_move_has_a_form(small_office: Office) -> None:
    issue = small_office.titled(SCHEDULED)
    form = _form(small_office, Grade, issue)

    labels = {name: field.label for name, field in form.fields.items()}
    assert (labels["score"], labels["level"], labels["plain_name"]) == (
        "score",
        "等级",
        "plain name",
    )
    sent = _form(small_office, Grade, issue, {"version": 2, "score": "7", "level": "a"})
    assert sent.is_valid(), sent.errors
    assert (sent.value.score, sent.value.level, sent.value.plain_name) == (7, "a", "甲")


def test_a_field_that_no_form_can_have_is_named(small_office: Office) -> None:
    from django.core.exceptions import ImproperlyConfigured

    with pytest.raises(ImproperlyConfigured, match=r"Strange\.odd"):
        _form(small_office, Strange, small_office.titled(SCHEDULED))


def test_a_form_shows_no_confidential_text_of_the_issue(small_office: Office) -> None:
    issue = small_office.titled("村级光伏")
    for kind in (Schedule, Transfer):
        assert "来信群众" not in str(_form(small_office, kind, issue))
