"""The ledger's tables as models, to query and to join: read-only, for the ledger rules there.

What is confidential has no model, so that no query, fixture or admin page can show it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from django.core.exceptions import PermissionDenied
from django.db import models

from rectify.i18n import Message, message
from rectify.integrations.django.instants import InstantField
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


class LedgerRow(models.Model):
    """A row of the ledger's."""

    objects: ClassVar[Any] = models.Manager.from_queryset(LedgerQuerySet)()

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

    id: Any = models.CharField(primary_key=True, max_length=500)
    version: Any = models.IntegerField()
    state: Any = models.CharField(max_length=200)
    round: Any = models.IntegerField()
    unit: Any = models.CharField(max_length=500)
    area: Any = models.CharField(max_length=500)
    channel: Any = models.CharField(max_length=500)
    discipline_lead: Any = models.BooleanField()
    found_at: Any = InstantField()
    changed_at: Any = InstantField()
    body: Any = models.TextField()
    facts: Any = models.TextField()
    digest: Any = models.CharField(max_length=64)

    class Meta:
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
    issue: Any = models.ForeignKey(
        Issue, on_delete=models.DO_NOTHING, db_constraint=False, related_name="records"
    )
    version: Any = models.IntegerField()
    body: Any = models.TextField()
    digest: Any = models.CharField(max_length=64)

    class Meta:
        managed = False
        db_table = "rectify_record"
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["issue_id", "version"]


class Deadline(LedgerRow):
    """时限: what falls due, of an issue, a duty or a phase."""

    key: Any = models.CharField(primary_key=True, max_length=200)
    kind: Any = models.CharField(max_length=10)
    subject: Any = models.CharField(max_length=500)
    ref: Any = models.CharField(max_length=500)
    round: Any = models.IntegerField()
    unit: Any = models.CharField(max_length=500, null=True)
    due_at: Any = InstantField()
    set_at: Any = InstantField(null=True)
    closed_at: Any = InstantField(null=True)
    next_at: Any = InstantField(null=True)

    class Meta:
        managed = False
        db_table = "rectify_deadline"
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["due_at", "key"]


class Event(LedgerRow):
    """What a sweep recorded."""

    number: Any = models.IntegerField(primary_key=True)
    key: Any = models.CharField(max_length=250, unique=True)
    kind: Any = models.CharField(max_length=200)
    subject: Any = models.CharField(max_length=500)
    at: Any = InstantField()
    body: Any = models.TextField()
    digest: Any = models.CharField(max_length=64)

    class Meta:
        managed = False
        db_table = "rectify_event"
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["number"]


class JournalEntry(LedgerRow):
    """What was submitted and sent back, and which campaigns were adopted."""

    pk = models.CompositePrimaryKey("chain", "number")
    chain: Any = models.CharField(max_length=600)
    number: Any = models.IntegerField()
    body: Any = models.TextField()
    digest: Any = models.CharField(max_length=64)

    class Meta:
        managed = False
        db_table = "rectify_journal"
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["chain", "number"]


class Delivery(LedgerRow):
    """What an after hook is owed."""

    id: Any = models.IntegerField(primary_key=True)
    issue_id: Any = models.CharField(max_length=500)
    seq: Any = models.IntegerField()
    hook: Any = models.CharField(max_length=500)
    key: Any = models.CharField(max_length=600, unique=True)
    available_at: Any = InstantField()
    status: Any = models.CharField(max_length=10)
    attempts: Any = models.IntegerField()
    lease_owner: Any = models.CharField(max_length=64, null=True)
    lease_until: Any = InstantField(null=True)
    last_error: Any = models.TextField(null=True)

    class Meta:
        managed = False
        db_table = "rectify_delivery"
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["id"]
