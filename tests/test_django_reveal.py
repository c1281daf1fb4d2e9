"""Who reported is shown to who may see it, for a reason that is recorded first."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from djangosite import OFFICER, Office, sqlite, using
from rectify.secret_key import SecretKey
from support import finding

REPORTER = "举报人赵某甲，电话13800000000"
PERSON = "钱某乙"
PAGES = ("/issue/{}/reveal/", "/admin/rectify/issue/{}/reveal/")


def secret() -> bytes:
    """What the setting SECRETS names."""
    return b"k" * 32


def _text(response: Any) -> str:
    return str(response.content.decode())


def _reported(office: Office) -> Any:
    return office.ledger.register(
        finding(unit="420901", reporter=REPORTER, persons={"某甲": PERSON}), by=OFFICER
    )


@pytest.mark.parametrize("page", PAGES)
def test_it_is_shown_once_for_a_reason_that_is_in_the_history(office: Office, page: str) -> None:
    issue = _reported(office)
    client = office.client("核查员乙")
    response = client.post(page.format(issue.id), {"reason": "核实情况需回访"})
    assert response.status_code == 200
    assert REPORTER in _text(response)
    assert "no-store" in response.headers["Cache-Control"]
    last = office.ledger.history(issue.id)[-1]
    assert (last.move, last.by.id, last.evidence["reason"]) == (
        "Reveal",
        "核查员乙",
        "核实情况需回访",
    )
    again = _text(client.get(page.removesuffix("reveal/").format(issue.id), follow=True))
    assert REPORTER not in again
    assert "核实情况需回访" in again
    assert "举报人（保密）" in again.rpartition("查阅的内容")[2]


@pytest.mark.parametrize("page", PAGES)
def test_a_person_is_shown_by_the_pseudonym(small_office: Office, page: str) -> None:
    issue = _reported(small_office)
    client = small_office.client("核查员乙")
    sent = {"reason": "核实", "field": "persons/某甲"}
    text = _text(client.post(page.format(issue.id), sent))
    assert PERSON in text
    assert REPORTER not in text


@pytest.mark.parametrize("page", PAGES)
def test_without_the_right_or_a_reason_nothing_is_shown(small_office: Office, page: str) -> None:
    issue = _reported(small_office)
    officer, inspector = small_office.client(), small_office.client("核查员乙")
    address = page.format(issue.id)
    refused = officer.post(address, {"reason": "想看看"})
    assert refused.status_code == 403
    for sent in ({"reason": ""}, {"reason": "核实", "field": "persons/没有"}, {}):
        response = inspector.post(address, sent, follow=True)
        assert REPORTER not in _text(response)
        assert PERSON not in _text(response)
    assert inspector.get(address).status_code == 405
    assert [record.move for record in small_office.ledger.history(issue.id)] == ["Register"]


def test_no_page_of_a_user_without_the_right_shows_it(
    small_office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    issue = _reported(small_office)
    officer = small_office.client()
    with caplog.at_level(logging.DEBUG):
        for page in (
            "/",
            f"/?q={REPORTER[:4]}",
            f"/issue/{issue.id}/",
            "/calendar/",
            "/report/",
            "/admin/rectify/issue/",
            f"/admin/rectify/issue/{issue.id}/change/",
        ):
            text = _text(officer.get(page))
            assert "13800000000" not in text
            assert PERSON not in text
            assert "查阅事项" not in text
    assert REPORTER not in caplog.text
    assert issue.id not in _text(officer.get("/admin/rectify/issue/?q=13800000000"))


def test_it_is_registered_sealed_from_the_form(small_office: Office) -> None:
    sent = {
        "title": "虚报面积",
        "area": "funds",
        "channel": "petition",
        "unit": "420901",
        "found_at": "2018-05-09T10:00",
        "reporter": REPORTER,
        "persons-0-pseudonym": "某甲",
        "persons-0-name": PERSON,
        "issue_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
    }
    wrong = small_office.client().post("/register/", {**sent, "persons-0-name": "钱\u202e"})
    assert wrong.status_code == 422
    assert small_office.client().post("/register/", sent).status_code == 302
    issue = small_office.ledger.get(sent["issue_id"])
    assert set(issue.finding.confidential) == {"reporter", "persons/某甲"}
    inspector = small_office.client("核查员乙")
    page = inspector.post(f"/issue/{issue.id}/reveal/", {"reason": "核实"})
    assert REPORTER in _text(page)


def test_it_is_not_shown_in_a_transaction_that_may_be_rolled_back(small_office: Office) -> None:
    """With ATOMIC_REQUESTS the view of the reveal stands outside of it."""
    from django.db import connections

    issue = _reported(small_office)
    known = {**connections["default"].settings_dict, "ATOMIC_REQUESTS": True}
    with using(known):
        for page in PAGES:
            response = small_office.client("核查员乙").post(
                page.format(issue.id), {"reason": "核实"}
            )
            assert REPORTER in _text(response)


def test_what_was_erased_is_said_to_be(small_office: Office) -> None:
    issue = _reported(small_office)
    small_office.ledger.erase(issue, field="reporter", by=OFFICER, reason="保管期满")
    for page in PAGES:
        response = small_office.client("核查员乙").post(
            page.format(issue.id), {"reason": "核实"}, follow=True
        )
        assert response.status_code == 200
        assert REPORTER not in _text(response)


def test_it_is_kept_encrypted_where_the_setting_gives_a_key(
    small_office: Office, tmp_path: Path
) -> None:
    from django.core.management import call_command
    from django.db import connection

    with using(sqlite(tmp_path / "encrypted.db"), SECRETS="test_django_reveal.secret"):
        call_command("migrate", verbosity=0)
        issue = _reported(small_office)
        with connection.cursor() as cursor:
            cursor.execute("SELECT text FROM rectify_secret WHERE issue_id = %s", [issue.id])
            kept = [row[0] for row in cursor.fetchall()]
        assert kept
        assert not any(REPORTER in text for text in kept)
        assert small_office.ledger.reveal(issue, by=OFFICER, reason="核实").text == REPORTER


def test_a_key_is_given_as_it_is_or_not_at_all(small_office: Office) -> None:
    from rectify.integrations.django.conf import read

    key = SecretKey(secret())
    for given, kept in ((key, key), (None, None)):
        found, _ = read({"CAMPAIGN": "hubei-2018", "SECRETS": given})
        assert found is not None
        assert found.secrets is kept
    for wrong in (7, b"short"):
        found, problems = read({"CAMPAIGN": "hubei-2018", "SECRETS": wrong})
        assert found is None
        assert "SECRETS" in problems[0].en
        assert "short" not in str(problems[0])
