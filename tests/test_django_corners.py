"""Where the app for Django meets what seldom happens: a lost race, a lost database, a lost row."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import attrs
import pytest

from djangosite import INSPECTOR, OFFICER, Office, sqlite, using
from rectify import Fix, Found, Issue
from rectify.errors import StoreError
from rectify.hooks import Proposed
from support import finding

FOUND = "危房改造对象评议记录缺失"


def _desk(name: str = "经办员甲") -> Any:
    from django.contrib.auth.models import User
    from django.test import RequestFactory

    from rectify.integrations.django import desk_for

    request = RequestFactory().get("/")
    request.user = User.objects.get(username=name)
    return desk_for(request)


def _registration(**changes: Any) -> dict[str, Any]:
    return {
        "title": "公示栏未更新",
        "area": "funds",
        "channel": "petition",
        "unit": "420901",
        "found_at": "2018-05-09T10:00",
        "issue_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
    } | changes


def test_a_move_that_loses_the_race_is_told_so(small_office: Office) -> None:
    """Between the reading of the issue and the writing of the move, another came first."""
    issue = small_office.titled(FOUND)
    desk = _desk()
    form = desk.form(issue, "Fix", {"version": 1, "measure": "已改"})
    assert form.is_valid()
    small_office.ledger.apply(Fix(issue, measure="先到"), by=OFFICER)
    from rectify.integrations.django import desk as module

    desk_class: Any = module.Desk

    class Late(desk_class):  # type: ignore[misc]
        def get(self, issue_id: str) -> Any:
            return issue

    late = Late(desk.ledger, desk.actor, desk.may, desk.units)
    told = late.take(issue.id, "Fix", {"version": 1, "measure": "已改"})
    assert told.stale
    assert "本次未作任何处理" in str(told.non_field_errors())


def test_a_hook_may_say_what_is_wrong_with_a_field(small_office: Office) -> None:
    from rectify.errors import InvalidValue
    from rectify.i18n import message

    @small_office.ledger.before(Fix)
    def too_short(proposed: Proposed[Fix]) -> None:
        raise InvalidValue("Fix.measure", message("it is blank"))

    issue = small_office.titled(FOUND)
    form = _desk().take(issue.id, "Fix", {"version": 1, "measure": "改"})
    assert "measure" in form.errors
    assert small_office.ledger.get(issue.id) == issue


def test_a_refused_registration_shows_why(small_office: Office) -> None:
    form = _desk().register(_registration(found_at="2018-05-11T10:00"))
    assert [reason.code for reason in form.reasons] == ["found-in-future"]


def test_without_a_table_a_registration_is_for_the_own_unit(small_office: Office) -> None:
    from django.db import connections

    with using(connections["default"].settings_dict, UNITS=None):
        form = _desk().register(_registration(unit="420902"))
        assert "unit" in form.errors
        assert isinstance(_desk().register(_registration()), Found)


def test_a_registration_that_another_sent_under_the_same_id_is_refused(
    small_office: Office,
) -> None:
    sent = _registration(unit="420901001")
    small_office.ledger.register(finding(unit="420901001"), by=INSPECTOR, issue_id=sent["issue_id"])
    form = _desk().register(sent)
    assert form.non_field_errors() or form.errors
    assert small_office.ledger.get(sent["issue_id"]).finding.title != sent["title"]


def test_a_registration_under_an_own_id_with_other_facts_is_refused(
    small_office: Office,
) -> None:
    desk = _desk()
    assert isinstance(desk.register(_registration()), Found)
    assert isinstance(desk.register(_registration()), Found)
    assert "__all__" in desk.register(_registration(title="另一件")).errors


def test_registrations_at_once_under_one_id_register_once(
    small_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version is taken between the look and the write: told as late, where it isn't ours."""
    from rectify.errors import StaleIssue

    ledger = small_office.ledger

    def lost(*_: Any, issue_id: str, **__: Any) -> Any:
        raise StaleIssue(issue_id, 0, None)

    monkeypatch.setattr(ledger, "register", lost)
    assert _desk().register(_registration()).stale


def test_the_registration_form_is_named(small_office: Office) -> None:
    assert _desk().register_form().title == "登记问题"


def test_a_channel_and_a_label_that_are_not_known_are_shown_as_they_are(
    small_office: Office,
) -> None:
    from rectify.integrations.django import dossier
    from rectify.integrations.django.field_words import name_of
    from test_django_forms import Grade

    assert dossier.channel_of("x", small_office.ledger) == "x"
    fields = attrs.fields_dict(Grade)
    assert str(getattr(name_of(Grade, fields["level"]), "zh", "")) == "等级"


@attrs.frozen(slots=False)
class Noted(Issue):
    """附注: a state of a host's own, with a list of plain texts."""

    notes: tuple[str, ...]


def test_a_hosts_own_state_shows_its_plain_texts_line_by_line(small_office: Office) -> None:
    from rectify.integrations.django import dossier

    found: Found = small_office.titled(FOUND)
    issue = Noted(*found.onward(), ("甲", "乙"))
    told = dossier.facts_of(issue, small_office.ledger)
    assert told[-1] == dossier.Fact("notes", ("甲", "乙"))


def test_rows_have_instants_in_utc_and_none_where_there_is_none(small_office: Office) -> None:
    from datetime import UTC

    from rectify.integrations.django.models import Deadline

    row: Any = Deadline.objects.filter(kind="milestone", closed_at__isnull=True).first()
    assert row.closed_at is None
    assert row.due_at.tzinfo is UTC


def test_where_nothing_is_set_migrate_settles_nothing(small_office: Office) -> None:
    from django.test import override_settings

    from rectify.integrations.django.settling import settle

    before = small_office.ledger.audit()
    with override_settings(RECTIFY=None):
        settle(using="default")
    assert small_office.ledger.audit() == before


def test_another_alias_gets_no_ledgers_row(small_office: Office, tmp_path: Path) -> None:
    from django.core.management import call_command
    from django.db import connections

    with (
        using(sqlite(tmp_path / "other.db"), alias="other"),
        using(connections["default"].settings_dict),
    ):
        call_command("migrate", "rectify", database="other", verbosity=0)
        with connections["other"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM rectify_ledger")
            assert cursor.fetchone()[0] == 0


def test_a_database_that_is_locked_is_said_and_nothing_is_done(
    small_office: Office, tmp_path: Path
) -> None:
    import sqlite3

    from django.db import connections

    issue = small_office.titled(FOUND)
    known: dict[str, Any] = {**connections["default"].settings_dict, "OPTIONS": {"timeout": 0}}
    with using(known):
        other = sqlite3.connect(known["NAME"], isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError):
            small_office.ledger.apply(Fix(issue, measure="已改"), by=OFFICER)
        other.execute("ROLLBACK")
        other.close()
        assert small_office.ledger.get(issue.id) == issue


def test_a_statement_that_fails_has_django_look_at_its_connection(small_office: Office) -> None:
    from django.db import connection

    wrapper: Any = connection
    wrapper.errors_occurred = False
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE rectify_delivery")
    with pytest.raises(StoreError):
        small_office.ledger.deliveries()
    assert wrapper.errors_occurred


def test_hooks_that_can_not_be_run_leave_the_step_done_and_a_line_in_the_log(
    small_office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    from django.db import connection

    issue = small_office.titled(FOUND)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE rectify_delivery")
    with caplog.at_level(logging.ERROR, "rectify"):
        small_office.ledger.apply(Fix(issue, measure="已改"), by=OFFICER)
    assert small_office.ledger.get(issue.id).version == 2
    assert "hooks could not be run" in caplog.text


def test_psycopg_is_looked_for(small_office: Office) -> None:
    from rectify.integrations.django.system_checks import check_database, has_psycopg_3

    assert has_psycopg_3()
    assert check_database(None, None) == []


def test_a_model_is_taken_over_and_what_is_left_is_listed(
    small_office: Office, tmp_path: Path
) -> None:
    import json
    from io import StringIO

    from django.contrib.auth.models import User
    from django.core.management import CommandError, call_command

    from djangosite import present
    from office.models import Problem

    mapping = tmp_path / "mapping.toml"
    mapping.write_text(
        'table = "office_problem"\nstatus_column = "village"\nissue_id = "旧-{id}"\n'
        'finding = { title = "{project}", area = "funds", channel = "self-inspection",'
        ' unit = "420901", found_at = "{received_at}" }\n[[status]]\nwords = ["东村"]\n',
        "utf-8",
    )
    seeded = Problem.objects.count()
    kept = Problem.objects.create(
        issue_id="x",
        village="东村",
        project="旧项目",
        handler=User.objects.get(username=OFFICER.id),
        received_at=present(),
    )

    def adopt(*more: str) -> str:
        out = StringIO()
        arguments = ("office.Problem", f"--mapping={mapping}", f"--by={OFFICER.id}", *more)
        with pytest.raises(CommandError, match="有记录未能接管"):  # what exits with 1
            call_command("rectify_adopt", *arguments, stdout=out)
        return out.getvalue()

    tried = adopt("--dry-run")
    assert f"可接管1件，已在台账0件，无法说明{seeded}件；未写入台账" in tried
    assert "已接管" not in tried
    assert len(adopt("--dry-run").splitlines()) == 1 + seeded
    taken = json.loads(adopt("--json"))
    assert (taken["taken"], len(taken["unexplained"])) == ([f"旧-{kept.pk}"], seeded)
    assert small_office.ledger.history(f"旧-{kept.pk}")[0].move == "Import"
    page = small_office.client().get(f"/issue/旧-{kept.pk}/").content.decode()
    assert "原登记处" in page
    assert f"无法说明{seeded}件" in adopt()
    wrongs = (("office.Nothing", OFFICER.id, "Nothing"), ("x", OFFICER.id, "x"))
    for model, by, said in (*wrongs, ("office.Problem", "没有", "没有名为“没有”的用户")):
        with pytest.raises(CommandError, match=said):
            call_command("rectify_adopt", model, f"--mapping={mapping}", f"--by={by}")


def test_what_was_erased_is_scrubbed_from_the_files_once_it_is_committed(office: Office) -> None:
    from django.db import connection, transaction

    issue = office.ledger.register(
        finding(unit="420901", reporter="举报人赵某甲，电话13800000000"), by=OFFICER
    )
    store: Any = vars(office.ledger)["_store"]
    with transaction.atomic():
        assert store.scrub() is False
    office.ledger.erase(issue, field="reporter", by=OFFICER, reason="保管期满")
    assert store.scrub() is True
    if connection.vendor == "sqlite":
        connection.close()
        file = Path(str(connection.settings_dict["NAME"]))
        assert b"13800000000" not in file.read_bytes()
