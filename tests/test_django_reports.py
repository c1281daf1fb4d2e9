"""What goes wrong is reported without who reported an issue, and without who is involved."""

from __future__ import annotations

import logging
from typing import Any, NoReturn

import pytest

from djangosite import OFFICER, Office
from rectify.hooks import Proposed
from rectify.moves import Register
from support import finding

PHONE = "13800000000"
REPORTER = f"举报人赵某甲，电话{PHONE}"
PERSON = "钱某乙"


def _registration() -> dict[str, Any]:
    return {
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


def _all_told(office: Office, user: str, address: str, sent: Any, *, debug: bool) -> list[str]:
    """The page that answers, and the mails that the site's administrators get."""
    from django.core import mail
    from django.test import override_settings
    from django.utils.log import AdminEmailHandler

    handler = AdminEmailHandler(include_html=True)
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    outbox: list[Any] = []
    postbox: Any = mail
    postbox.outbox = outbox
    try:
        with override_settings(
            DEBUG=debug,
            ADMINS=[("管理员", "admin@example.org")],
            EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
        ):
            response = office.client(user).post(address, sent)
    finally:
        logger.removeHandler(handler)
        del postbox.outbox
    assert response.status_code == 500
    pages = [page for each in outbox for page, _ in each.alternatives]
    assert pages
    return [response.content.decode(), *(each.body for each in outbox), *pages]


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("address", ["/register/", "/admin/rectify/issue/add/"])
def test_a_registration_that_fails_names_nobody(
    small_office: Office, address: str, debug: bool
) -> None:
    @small_office.ledger.before(Register)
    def breaks(proposed: Proposed[Register]) -> None:
        raise RuntimeError("broken")

    for text in _all_told(small_office, "经办员甲", address, _registration(), debug=debug):
        assert PHONE not in text
        assert PERSON not in text


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("page", ["/issue/{}/reveal/", "/admin/rectify/issue/{}/reveal/"])
def test_a_page_that_fails_after_a_reveal_names_nobody(
    small_office: Office, page: str, debug: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = small_office.ledger.register(
        finding(unit="420901", reporter=REPORTER, persons={"某甲": PERSON}), by=OFFICER
    )

    from django.utils import timezone

    works = timezone.localtime

    def breaks_once(*_: object) -> NoReturn:
        monkeypatch.setattr(timezone, "localtime", works)  # for the report
        raise RuntimeError("broken")

    for field in ("reporter", "persons/某甲"):
        monkeypatch.setattr(timezone, "localtime", breaks_once)
        sent = {"reason": "核实", "field": field}
        address = page.format(issue.id)
        for text in _all_told(small_office, "核查员乙", address, sent, debug=debug):
            assert PHONE not in text
            assert PERSON not in text
    moves = [record.move for record in small_office.ledger.history(issue.id)]
    assert moves == ["Register", "Reveal", "Reveal"]


def test_a_registration_that_is_refused_is_shown_to_who_sent_it(small_office: Office) -> None:
    sent = {**_registration(), "title": ""}
    for address in ("/register/", "/admin/rectify/issue/add/"):
        response = small_office.client().post(address, sent)
        assert response.status_code == 422
        assert f'value="{REPORTER}"' in response.content.decode()
        assert f'value="{PERSON}"' in response.content.decode()
