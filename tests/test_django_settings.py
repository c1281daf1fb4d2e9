"""Settings, checks and commands of a Django project: what is wrong is said by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from djangosite import Office, sqlite, using
from rectify import Actor, Fix, load_campaign
from rectify.lifecycle import STANDARD
from rectify.unit import Unit, UnitTree
from support import finding

OFFICE_ACTOR = Actor(id="统一身份-7", unit="420901")


def actor(user: Any) -> Actor:
    """What the setting ACTOR names."""
    return Actor(id=f"统一身份-{user.pk}", unit="420901")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "缺少设置RECTIFY"),
        ({}, "CAMPAIGN"),
        ({"CAMPAIGN": "nowhere"}, "nowhere"),
        ({"CAMPAIGN": 7}, "名称或其文件路径"),
        ({"CAMPAIGN": "hubei-2018", "DATABASE": "other"}, "default"),
        ({"CAMPAIGN": "hubei-2018", "UNITS": "/no/such/units.csv"}, "units.csv"),
        ({"CAMPAIGN": "hubei-2018", "UNITS": 7}, "UnitTree"),
        ({"CAMPAIGN": "hubei-2018", "LIFECYCLE": "os.path.join"}, "Lifecycle"),
        ({"CAMPAIGN": "hubei-2018", "LIFECYCLE": "no.such.thing"}, "no"),
        ({"CAMPAIGN": "hubei-2018", "HOOKS": "office.hooks.add"}, "列表"),
        ({"CAMPAIGN": "hubei-2018", "HOOKS": ["office.hooks"]}, "HOOKS"),
        ({"CAMPAIGN": "hubei-2018", "ACTOR": 7}, "函数"),
        ({"CAMPAIGN": "hubei-2018", "UNIT": ""}, "UNIT"),
        ({"CAMPAIGN": "hubei-2018", "ROLES": ["discipline"]}, "ROLES"),
        ({"CAMPAIGN": "hubei-2018", "ROLES": {"纪检": 7}}, "ROLES"),
        ({"CAMPAIGN": "hubei-2018", "DELIVER": "later"}, "on_commit"),
        ({"CAMPAIGN": "hubei-2018", "CAMPAIN": "x"}, "CAMPAIN"),
    ],
)
def test_a_wrong_setting_is_an_error_of_the_check(
    small_office: Office, given: Any, said: str
) -> None:
    from django.core import checks
    from django.core.exceptions import ImproperlyConfigured
    from django.test import override_settings

    from rectify.integrations.django.conf import current

    with override_settings(RECTIFY=given):
        found = checks.run_checks(tags=["rectify"])
        assert [one.id for one in found if one.is_serious()] == ["rectify.E001"]
        assert said in found[0].msg
        with pytest.raises(ImproperlyConfigured):
            current()


def test_every_wrong_setting_is_said_at_once(small_office: Office) -> None:
    from rectify.integrations.django.conf import read

    found, problems = read({"CAMPAIGN": "nowhere", "UNIT": "", "DELIVER": "never", "X": 1})
    assert (found, len(problems)) == (None, 4)


def test_settings_may_hold_the_things_themselves(small_office: Office) -> None:
    from rectify.integrations.django.conf import read

    tree = UnitTree([Unit("420901", "甲县", "county", has_task=True)])
    campaign = load_campaign("hubei-2018")
    found, problems = read(
        {
            "CAMPAIGN": campaign,
            "UNITS": tree,
            "LIFECYCLE": STANDARD,
            "CLOCK": None,
            "HOOKS": [print],
            "DELIVER": "worker",
        }
    )
    assert problems == ()
    assert found is not None
    assert (found.campaign, found.units, found.lifecycle) == (campaign, tree, STANDARD)
    assert (found.clock, found.hooks, found.deliver) == (None, (print,), "worker")


def test_the_office_has_nothing_to_say(small_office: Office) -> None:
    from django.core import checks

    assert checks.run_checks(databases=["default"]) == []


def test_the_check_says_what_the_project_lacks(small_office: Office) -> None:
    from django.core import checks
    from django.db import connections
    from django.test import override_settings

    plain = dict(connections["default"].settings_dict)
    plain["OPTIONS"] = {}
    with using(plain, UNITS=None), override_settings(USE_TZ=False):
        found = {one.id for one in checks.run_checks(tags=["rectify"])}
    assert found == {"rectify.E002", "rectify.W001", "rectify.W002"}


def test_the_check_needs_the_apps_that_permissions_are_in(
    small_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.apps import apps

    from rectify.integrations.django import permissions
    from rectify.integrations.django.conf import current
    from rectify.integrations.django.system_checks import check_settings

    def nothing(name: str) -> bool:
        return False

    monkeypatch.setattr(apps, "is_installed", nothing)
    assert [one.id for one in check_settings(None)] == ["rectify.E003", "rectify.E003"]
    permissions.settle(current(), "default")  # makes none, and says nothing


@pytest.mark.parametrize("vendor", ["mysql", "postgresql"])
def test_the_check_says_which_databases_will_not_do(
    small_office: Office, monkeypatch: pytest.MonkeyPatch, vendor: str
) -> None:
    from django.db import connection

    from rectify.integrations.django import system_checks
    from rectify.integrations.django.system_checks import check_settings

    monkeypatch.setattr(connection, "vendor", vendor)
    monkeypatch.setattr(system_checks, "has_psycopg_3", lambda: False)
    expected = "rectify.E004" if vendor == "mysql" else "rectify.E005"
    assert [one.id for one in check_settings(None)] == [expected]


def test_a_database_that_will_not_do_is_refused(
    small_office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from django.core.management import call_command
    from django.db import connections

    from rectify.errors import StoreError

    with using(sqlite(tmp_path / "empty.db"), alias="other"):
        other: Any = connections["other"]
        monkeypatch.setattr(other, "vendor", "oracle")
        with pytest.raises(StoreError):
            small_office.ledger.get("x")
        with pytest.raises(StoreError):
            call_command("migrate", "rectify", database="other", verbosity=0)


def test_a_database_that_is_another_campaigns_is_said(small_office: Office, tmp_path: Path) -> None:
    from django.core import checks
    from django.db import connections

    source = Path(__file__).parents[1] / "src/rectify/campaigns/hubei-2018.toml"
    other = tmp_path / "other.toml"
    text = source.read_text("utf-8").replace('id = "hubei-2018"', 'id = "hubei-2019"', 1)
    other.write_text(text, "utf-8")
    with using(connections["default"].settings_dict, CAMPAIGN=other):
        found = checks.run_checks(databases=["default"])
    assert [one.id for one in found] == ["rectify.E006"]
    assert "hubei-2019" in found[0].msg


def test_before_it_is_migrated_the_way_out_is_said(small_office: Office, tmp_path: Path) -> None:
    from django.core import checks
    from django.core.management import CommandError, call_command

    with using(sqlite(tmp_path / "empty.db")):
        assert checks.run_checks(databases=["default"]) == []
        with pytest.raises(CommandError, match=r"manage\.py migrate"):
            call_command("rectify_audit")


def test_a_ledger_that_was_there_before_the_app_is_taken_over(
    small_office: Office, tmp_path: Path
) -> None:
    from django.core.management import call_command

    from rectify import Ledger
    from support import OFFICER, Clock

    file = tmp_path / "ledger.db"
    with Ledger.open(file, load_campaign("hubei-2018"), clock=Clock()) as ledger:
        found = ledger.register(finding(), by=OFFICER)
    with using(sqlite(file)):
        call_command("migrate", verbosity=0)
        assert small_office.ledger.get(found.id) == found


def test_migrations_say_what_the_models_say_and_never_go_back(small_office: Office) -> None:
    from django.core.management import call_command
    from django.db.migrations.exceptions import IrreversibleError

    out = StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=out)
    assert "No changes" in out.getvalue()
    with pytest.raises(IrreversibleError):
        call_command("migrate", "rectify", "zero", verbosity=0)
    call_command("sqlmigrate", "rectify", "0001", stdout=out)
    assert "CREATE TABLE rectify_record" in out.getvalue()
    assert "CREATE TRIGGER rectify_record_no_delete" in out.getvalue()


def test_the_operation_has_a_name_and_no_way_back() -> None:
    from rectify.integrations.django.layout import CreateLedger

    operation = CreateLedger()
    assert ("ledger" in operation.describe(), operation.reversible) == (True, False)


def test_the_models_have_the_columns_of_the_tables(small_office: Office) -> None:
    from django.apps import apps

    from rectify.stores import tables

    known: Mapping[str, Any] = tables.metadata.tables
    seen: set[str] = set()
    for model in apps.get_app_config("rectify").get_models():
        table = known[model._meta.db_table]
        seen.add(table.name)
        columns = {field.column: field.null for field in model._meta.concrete_fields}
        columns.pop("pk", None)
        columns.pop(None, None)
        assert columns == {column.name: column.nullable for column in table.columns}
    # What is confidential has no model, and neither has the one row of the ledger itself.
    assert set(known) - seen == {"rectify_secret", "rectify_ledger"}


def test_an_actor_may_be_the_projects_own(small_office: Office) -> None:
    from django.contrib.auth.models import User
    from django.db import connections

    user = User.objects.get(username="经办员甲")
    issue = small_office.titled("危房改造")
    with using(connections["default"].settings_dict, ACTOR="test_django_settings.actor"):
        small_office.client().post(
            f"/issue/{issue.id}/move/Fix/", {"version": 1, "measure": "已改"}
        )
        assert small_office.ledger.history(issue.id)[-1].by.id == f"统一身份-{user.pk}"


def test_roles_come_from_groups_where_the_setting_says_so(small_office: Office) -> None:
    from django.contrib.auth.models import User
    from django.db import connections
    from django.test import RequestFactory

    from rectify.integrations.django import actor_for

    request = RequestFactory().get("/")
    request.user = User.objects.get(username="纪检专员丙")
    assert actor_for(request).roles == frozenset({"discipline"})
    with using(connections["default"].settings_dict, ROLES={}):
        assert actor_for(request).roles == frozenset()


def test_nobody_acts_for_a_request_without_a_user(small_office: Office) -> None:
    from django.contrib.auth.models import AnonymousUser, User
    from django.test import RequestFactory

    from rectify.integrations.django import desk_for
    from rectify.integrations.django.actors import NoActor

    request: Any = RequestFactory().get("/")
    for user in (None, AnonymousUser(), User(username="已停用", is_active=False)):
        request.user = user
        with pytest.raises(NoActor):
            desk_for(request)


def test_a_strange_name_is_no_part_of_the_package() -> None:
    import rectify.integrations.django as app

    with pytest.raises(AttributeError):
        app.nothing  # noqa: B018


def _run(name: str, *arguments: str) -> str:
    from django.core.management import call_command

    out = StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


def test_the_sweep_records_once_and_delivers(small_office: Office) -> None:
    first = json.loads(_run("rectify_sweep", "--json"))
    assert {event["subject"] for event in first["events"]} >= {"self-inspection"}
    assert json.loads(_run("rectify_sweep", "--json"))["events"] == []
    assert "PhaseClosed" in _run("rectify_sweep", "--at", "2018-11-01T00:00+08:00")


def test_a_wrong_instant_is_said(small_office: Office) -> None:
    from django.core.management import CommandError

    for given in ("昨天", "2018-06-16T00:00"):
        with pytest.raises(CommandError, match=given):
            _run("rectify_sweep", "--at", given)


def test_due_lists_and_explains(small_office: Office) -> None:
    text = _run("rectify_due", "--on", "2018-05-10", "--until", "2018-06-30", "--explain")
    assert "补发一季度贴息" in text
    assert "2018年5月31日" in text
    listed = json.loads(_run("rectify_due", "--json"))
    assert "overdue" in {entry["standing"] for entry in listed["entries"]}


def test_audit_tells_what_was_changed_and_ends_with_an_error(small_office: Office) -> None:
    from django.core.management import CommandError
    from django.db import connection

    assert json.loads(_run("rectify_audit", "--json"))["intact"]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rectify_issue SET state = 'Exposed' WHERE state = 'Found'")
    with pytest.raises(CommandError, match="台账不完整"):
        _run("rectify_audit")
    assert "问题11件" in _run("rectify_audit", "--chain-only")


def test_a_seal_is_written_once_and_audited_against(small_office: Office, tmp_path: Path) -> None:
    from django.core.management import CommandError

    file = tmp_path / "sealed.json"
    assert str(file) in _run("rectify_seal", str(file))
    assert json.loads(_run("rectify_audit", "--against", str(file), "--json"))["intact"]
    with pytest.raises(CommandError):
        _run("rectify_seal", str(file))
    again = tmp_path / "again.json"
    assert "root" in _run("rectify_seal", str(again), "--after", str(file), "--json")
    key = tmp_path / "no-key.pem"
    with pytest.raises(CommandError, match="no-key"):
        _run("rectify_seal", str(tmp_path / "third.json"), "--key", str(key))


def test_a_worker_goes_on_until_it_is_stopped(
    small_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []

    def rest(seconds: float) -> None:
        rests.append(seconds)
        if len(rests) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", rest)
    with pytest.raises(KeyboardInterrupt):
        _run("rectify_deliver", "--every", "3")
    assert rests == [3, 3]
    assert json.loads(_run("rectify_deliver", "--json")) == {"done": 0, "failed": 0, "dead": 0}


def test_the_tags_tell_an_issue_on_any_page(small_office: Office) -> None:
    from django.template import Context, Template

    issue = small_office.titled("产业项目资金滞留")
    text = Template(
        "{% load rectify %}{{ issue|state_label }} {{ 'Found'|state_label }} {{ 'X'|state_label }}"
        " {{ issue|state_class }} {{ 'Found'|state_class }} {{ '420901'|unit_name }}"
        " {{ '9'|unit_name }} {{ 'funds'|area_name }} {{ 'x'|area_name }} {{ at|last_day }}"
        "{{ none|last_day }} {{ at|is_past }} {{ none|is_past }} {% say 'history' %}"
        "{% issue_facts issue %}{% issue_deadlines issue %}{% issue_history issue %}"
    ).render(Context({"issue": issue, "at": datetime(2018, 5, 8, 16, tzinfo=UTC), "none": None}))
    assert text.startswith(
        "列入时间表 发现 X scheduled found 甲县 9 资金管理不规范 x 2018-05-08 True False 办理过程"
    )
    assert "产业项目资金滞留" in text


def test_errors_that_a_view_lets_through_have_the_right_status(small_office: Office) -> None:
    from django.db import InterfaceError, OperationalError
    from django.http import HttpResponse
    from django.test import RequestFactory

    from rectify.errors import (
        IllegalMove,
        InvalidValue,
        Refused,
        StaleIssue,
        StoreError,
        UnknownIssue,
        UnknownMove,
    )
    from rectify.i18n import message
    from rectify.integrations.django.middleware import LedgerErrors
    from support import OFFICER

    lead = small_office.ledger.register(finding(unit="420901", discipline_lead=True), by=OFFICER)
    with pytest.raises(Refused) as caught:
        small_office.ledger.apply(Fix(lead, measure="x"), by=OFFICER)
    middleware = LedgerErrors(lambda request: HttpResponse())
    request = RequestFactory().get("/")
    for error, status in (
        (UnknownIssue("没有"), 404),
        (UnknownMove("没有", ()), 404),
        (StaleIssue("一", 1, 2), 409),
        (IllegalMove("Fix", "一", "Verified", [], []), 409),
        (caught.value, 422),
        (InvalidValue("field", message("it is blank")), 422),
        (StoreError("sqlite:////secret/place.db", message("it is blank")), 503),
        (OperationalError("could not connect to 10.0.0.7"), 503),
        (InterfaceError("connection already closed"), 503),
    ):
        response: Any = middleware.process_exception(request, error)
        assert response.status_code == status
        for inside in ("secret", "10.0.0.7", "closed"):
            assert inside not in response.content.decode()
    refusal: Any = middleware.process_exception(request, caught.value)
    assert "四·第一阶段" in refusal.content.decode()
    assert middleware.process_exception(request, ValueError("x")) is None


def test_bodies_are_measured_where_there_is_a_measure(small_office: Office) -> None:
    from django.test import override_settings

    client = small_office.client()
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=None):
        assert client.post("/register/", {"title": "x"}).status_code == 422
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=5):
        large = client.post("/register/", "title=xxxxxxxx", content_type="text/plain")
        assert large.status_code == 413


def test_a_campaign_that_the_lifecycle_cannot_carry_is_told_of_by_the_checks() -> None:
    from django.conf import settings
    from django.core.checks import run_checks
    from django.test import override_settings

    campaign = Path(__file__).parents[1] / "examples" / "campaigns" / "land-use.toml"
    with override_settings(RECTIFY={**settings.RECTIFY, "CAMPAIGN": campaign}):
        assert "rectify.E007" in [each.id for each in run_checks()]
    assert "rectify.E007" not in [each.id for each in run_checks()]
