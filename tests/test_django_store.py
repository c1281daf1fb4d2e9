"""The ledger on Django's connection: one transaction with the project's rows."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from io import StringIO
from typing import Any

import pytest

from djangosite import OFFICER, Office, present, using
from rectify import Fix, Found, Scheduled, Transfer
from rectify.errors import Refused, StoreError, UnknownIssue
from support import finding, in_state


class _GivenUp(Exception):
    """The project gives up what it has begun."""


@contextmanager
def _given_up() -> Generator[None]:
    """A transaction of the project that is rolled back at its end."""
    from django.db import transaction

    with suppress(_GivenUp), transaction.atomic():
        yield
        raise _GivenUp


def _found(office: Office, **changes: Any) -> Found:
    return office.ledger.register(finding(unit="420901", **changes), by=OFFICER)


def _problem(issue_id: str) -> Any:
    from django.contrib.auth.models import User

    from office.models import Problem

    handler = User.objects.get(username=OFFICER.id)
    return Problem.objects.create(issue_id=issue_id, handler=handler, received_at=present())


def _problems(issue_id: str) -> int:
    from office.models import Problem

    return Problem.objects.filter(issue_id=issue_id).count()


def test_the_projects_rows_and_the_ledgers_are_committed_together(office: Office) -> None:
    from django.db import connection, transaction

    with transaction.atomic():
        found = _found(office)
        _problem(found.id)
    connection.close()
    assert office.ledger.get(found.id) == found
    assert _problems(found.id) == 1


def test_the_projects_rows_and_the_ledgers_are_rolled_back_together(office: Office) -> None:

    found = _found(office)
    with _given_up():
        office.ledger.apply(Fix(found, measure="资金已拨付"), by=OFFICER)
        _problem(found.id)
    assert office.ledger.get(found.id) == found
    assert [record.move for record in office.ledger.history(found.id)] == ["Register"]
    assert _problems(found.id) == 0
    assert office.ledger.audit().intact


def test_a_refused_step_is_undone_alone_and_the_transaction_goes_on(office: Office) -> None:
    from django.db import transaction

    lead = _found(office, discipline_lead=True)
    with transaction.atomic():
        _problem(lead.id)
        with pytest.raises(Refused):
            office.ledger.apply(Fix(lead, measure="退还"), by=OFFICER)
        moved = office.ledger.apply(Transfer(lead, "县纪委监委", "涉嫌截留"), by=OFFICER)
    assert office.ledger.get(lead.id) == moved
    assert _problems(lead.id) == 1


def test_a_step_that_the_database_refuses_is_undone_alone(office: Office) -> None:
    """An id that was taken meanwhile breaks the savepoint, not the project's transaction."""
    from django.db import connection, transaction

    found = _found(office)
    with transaction.atomic():
        _problem(found.id)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM rectify_issue WHERE id = %s", [found.id])
        with pytest.raises(Exception, match=found.id):
            office.ledger.register(finding(unit="420901"), by=OFFICER, issue_id=found.id)
        assert _problems(found.id) == 1


def test_an_after_hook_waits_for_the_projects_commit(office: Office) -> None:
    from django.db import transaction

    from office.models import Notice

    lead = _found(office, discipline_lead=True)
    with transaction.atomic():
        office.ledger.apply(Transfer(lead, "县纪委监委", "涉嫌截留"), by=OFFICER)
        with pytest.raises(StoreError):
            office.ledger.deliver()
        assert Notice.objects.filter(issue_id=lead.id).count() == 0
    assert Notice.objects.filter(issue_id=lead.id).count() == 1


def test_an_after_hook_of_what_is_rolled_back_never_runs(office: Office) -> None:

    from office.models import Notice

    lead = _found(office, discipline_lead=True)
    before = len(office.ledger.deliveries())
    with _given_up():
        office.ledger.apply(Transfer(lead, "县纪委监委", "涉嫌截留"), by=OFFICER)
    assert office.ledger.deliver().done == 0
    assert Notice.objects.filter(issue_id=lead.id).count() == 0
    assert len(office.ledger.deliveries()) == before


def test_with_a_worker_hooks_run_when_it_delivers(small_office: Office) -> None:
    from django.core.management import call_command
    from django.db import connections

    from office.models import Notice

    database = dict(connections["default"].settings_dict)
    with using(database, DELIVER="worker"):
        lead = _found(small_office, discipline_lead=True)
        small_office.ledger.apply(Transfer(lead, "县纪委监委", "涉嫌截留"), by=OFFICER)
        assert Notice.objects.filter(issue_id=lead.id).count() == 0
        call_command("rectify_deliver", stdout=StringIO())
        assert Notice.objects.filter(issue_id=lead.id).count() == 1


def test_what_is_doomed_is_written_no_further(office: Office) -> None:
    from django.db import transaction

    found = _found(office)
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(transaction.TransactionManagementError):
            office.ledger.apply(Fix(found, measure="资金已拨付"), by=OFFICER)
    assert office.ledger.get(found.id) == found


def test_two_that_move_one_issue_at_once_give_one_move(office: Office) -> None:
    from django.db import connections

    found = _found(office)
    barrier = threading.Barrier(8)
    outcomes: list[str] = []

    def move(number: int) -> None:
        barrier.wait()
        try:
            office.ledger.apply(Fix(found, measure=f"第{number}人"), by=OFFICER)
            outcomes.append("moved")
        except Exception as error:
            outcomes.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=move, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == sorted(["moved"] + ["StaleIssue"] * 7)
    assert [r.move for r in office.ledger.history(found.id)] == ["Register", "Fix"]


def test_the_ledger_reads_while_the_project_is_in_no_transaction(office: Office) -> None:
    from django.db import connection

    found = _found(office)
    assert office.ledger.get(found.id) == found
    assert not connection.in_atomic_block
    with pytest.raises(UnknownIssue):
        office.ledger.get("没有")


def test_a_batch_is_one_commit(office: Office) -> None:
    before = office.ledger.audit().records
    with suppress(_GivenUp), office.ledger.batch():
        in_state(office.ledger, Scheduled, unit="420901")
        raise _GivenUp
    assert office.ledger.audit().records == before
    with office.ledger.batch():
        in_state(office.ledger, Scheduled, unit="420901")
    assert office.ledger.audit().records == before + 2


def test_instants_are_the_same_whatever_the_zone_of_the_project(office: Office) -> None:
    from django.utils import timezone

    found = _found(office)
    with timezone.override("America/New_York"):
        assert office.ledger.get(found.id) == found
        assert office.ledger.history(found.id)[0].at == present()
        from rectify.integrations.django.models import Issue

        row = Issue.objects.get(pk=found.id)
        assert row.found_at == found.finding.found_at
        assert Issue.objects.filter(pk=found.id, found_at=found.finding.found_at).count() == 1
        assert Issue.objects.filter(pk=found.id, found_at__lt=found.finding.found_at).count() == 0
