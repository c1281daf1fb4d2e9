"""The ledger's tables as models, to query and to join: read-only, for the ledger rules there.

What is confidential has no model, so that no query, fixture or admin page can show it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from django.core.exceptions import PermissionDenied
from django.db import models

from rectify.i18n import Message, message
from rectify.integrations.django import columns
from rectify.integrations.django.words import lazily, said

if TYPE_CHECKING:
    Rows = models.QuerySet["LedgerRow", "LedgerRow"]
else:
    Rows = models.QuerySet


class ReadOnly(PermissionDenied, TypeError):
    """What only the ledger may write was to be written past it."""

    def __init__(self, what: str) -> None:
        self.message: Message = message(
            "{what} is written by the ledger alone: propose a move with"
            " get_ledger().apply(move, by=actor)",
            what=what,
        )
        super().__init__(said(self.message))


class LedgerQuerySet(Rows):
    """Rows to read; to change them is refused."""

    def _refuse(self, *args: Any, **options: Any) -> NoReturn:
        raise ReadOnly(self.model.__name__)

    create = update = delete = bulk_create = bulk_update = _refuse
    get_or_create = update_or_create = _refuse
    acreate = aupdate = adelete = abulk_create = abulk_update = _refuse
    aget_or_create = aupdate_or_create = _refuse


def _manager() -> models.Manager[Any]:
    made: Any = models.Manager
    manager: models.Manager[Any] = made.from_queryset(LedgerQuerySet)()
    return manager


class LedgerRow(models.Model):
    """A row of the ledger's."""

    objects: ClassVar[models.Manager[Any]] = _manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> NoReturn:
        """Refused: `ReadOnly`."""
        raise ReadOnly(type(self).__name__)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        """Refused: `ReadOnly`."""
        raise ReadOnly(type(self).__name__)


class Issue(LedgerRow):
    """问题: where an issue stands; ``issue`` is the issue itself."""

    id = columns.text(500, primary_key=True)
    version = columns.number()
    state = columns.text(200)
    round = columns.number()
    unit = columns.text(500)
    area = columns.text(500)
    channel = columns.text(500)
    discipline_lead = columns.flag()
    found_at = columns.instant()
    changed_at = columns.instant()
    body = columns.long_text()
    facts = columns.long_text()
    digest = columns.text(64)

    class Meta(LedgerRow.Meta):
        managed = False
        db_table = "rectify_issue"
        default_permissions = ("view",)
        ordering: ClassVar[list[str]] = ["-changed_at", "id"]
        verbose_name = lazily(message("issue in the ledger"))
        verbose_name_plural = lazily(message("issues in the ledger"))

    def __str__(self) -> str:
        return str(self.id)


class Record(LedgerRow):
    """记录: one step of an issue."""

    pk = models.CompositePrimaryKey("issue_id", "version")
    issue: models.ForeignKey[Issue, Issue] = models.ForeignKey(
        Issue, on_delete=models.DO_NOTHING, db_constraint=False, related_name="records"
    )
    version = columns.number()
    body = columns.long_text()
    digest = columns.text(64)

    class Meta(LedgerRow.Meta):
        managed = False
        db_table = "rectify_record"
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["issue_id", "version"]


class Deadline(LedgerRow):
    """时限: what falls due, of an issue, a duty or a phase."""

    key = columns.text(200, primary_key=True)
    kind = columns.text(10)
    subject = columns.text(500)
    ref = columns.text(500)
    round = columns.number()
    unit = columns.text(500, null=True)
    due_at = columns.instant()
    set_at = columns.instant(null=True)
    closed_at = columns.instant(null=True)
    next_at = columns.instant(null=True)

    class Meta(LedgerRow.Meta):
        managed = False
        db_table = "rectify_deadline"
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["due_at", "key"]


class Event(LedgerRow):
    """What a sweep recorded."""

    number = columns.number(primary_key=True)
    key = columns.text(250, unique=True)
    kind = columns.text(200)
    subject = columns.text(500)
    at = columns.instant()
    body = columns.long_text()
    digest = columns.text(64)

    class Meta(LedgerRow.Meta):
        managed = False
        db_table = "rectify_event"
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["number"]


class JournalEntry(LedgerRow):
    """What was submitted and sent back, and which campaigns were adopted."""

    pk = models.CompositePrimaryKey("chain", "number")
    chain = columns.text(600)
    number = columns.number()
    body = columns.long_text()
    digest = columns.text(64)

    class Meta(LedgerRow.Meta):
        managed = False
        db_table = "rectify_journal"
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["chain", "number"]


class Delivery(LedgerRow):
    """What an after hook is owed."""

    id = columns.number(primary_key=True)
    issue_id = columns.text(500)
    seq = columns.number()
    hook = columns.text(500)
    key = columns.text(600, unique=True)
    available_at = columns.instant()
    status = columns.text(10)
    attempts = columns.number()
    lease_owner = columns.text(64, null=True)
    lease_until = columns.instant(null=True)
    last_error = columns.long_text(null=True)

    class Meta(LedgerRow.Meta):
        managed = False
        db_table = "rectify_delivery"
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["id"]
