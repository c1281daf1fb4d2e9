"""The admin of a case officer: find an issue, read all of it, take the moves that are legal."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from rectify.errors import Erased, InvalidValue, Refused, UnknownIssue, UnknownMove
from rectify.i18n import message
from rectify.integrations.django import dossier, permissions
from rectify.integrations.django.admin_filters import (
    AreaFilter,
    DueFilter,
    StateFilter,
    UnitFilter,
    due_annotated,
)
from rectify.integrations.django.desk import Desk, desk_for, now
from rectify.integrations.django.field_words import told
from rectify.integrations.django.forms import EvidenceForm
from rectify.integrations.django.ledgers import get_ledger
from rectify.integrations.django.models import Issue
from rectify.integrations.django.posted import sealed_post
from rectify.integrations.django.words import lazily, said
from rectify.issue import Issue as AnIssue
from rectify.moves import Register
from rectify.sealed import REPORTER, Sealed
from rectify.structure import read_object

if TYPE_CHECKING:
    from django.http import HttpRequest

    IssueAdminBase = admin.ModelAdmin[Issue]
else:
    IssueAdminBase = admin.ModelAdmin


@admin.register(Issue)
class IssueAdmin(IssueAdminBase):
    """The ledger's issues; every change goes through the ledger."""

    list_display = ("title", "state_said", "unit_said", "area_said", "due", "standing", "changed")
    list_filter = (StateFilter, DueFilter, UnitFilter, AreaFilter)
    search_fields = ("id", "body")
    list_per_page = 50
    show_full_result_count = False
    actions = None

    @admin.display(description=lazily(message("what the issue is")))
    def title(self, row: Issue) -> str:
        """What was found."""
        return str(read_object(row.body)["finding"]["title"])

    @admin.display(description=lazily(message("state")), ordering="state")
    def state_said(self, row: Issue) -> str:
        """The state."""
        return dossier.state_of(row.state, get_ledger())

    @admin.display(description=lazily(message("unit concerned")), ordering="unit")
    def unit_said(self, row: Issue) -> str:
        """The unit."""
        return dossier.unit_of(row.unit, get_ledger())

    @admin.display(description=lazily(message("area")), ordering="area")
    def area_said(self, row: Issue) -> str:
        """The area."""
        return dossier.area_of(row.area, get_ledger())

    @admin.display(description=lazily(message("due")), ordering="due_at", empty_value="–")
    def due(self, row: Any) -> str | None:
        """The last day of the next milestone."""
        return dossier.last_day(row.due_at, get_ledger())

    @admin.display(description=lazily(message("standing")), ordering="due_at", empty_value="")
    def standing(self, row: Any) -> str | None:
        """Whether that has run out, or soon will."""
        return dossier.standing_of(row.due_at, now())

    @admin.display(description=lazily(message("last step")), ordering="changed_at")
    def changed(self, row: Issue) -> datetime:
        """When its last step was."""
        return row.changed_at

    def get_queryset(self, request: HttpRequest) -> Any:
        """The issues of the user's units, each with when it is next due."""
        return due_annotated(desk_for(request).issues())

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether the user may register."""
        return _may(request, permissions.of(Register))

    def has_change_permission(self, request: HttpRequest, obj: Issue | None = None) -> bool:
        """Never by hand: an issue changes by moves."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Issue | None = None) -> bool:
        """Never: nothing found is ever lost."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Issue | None = None) -> bool:
        """Whether the user may see issues."""
        return _may(request, permissions.VIEW)

    def get_urls(self) -> list[URLPattern]:
        """Besides the admin's own: one for a move, one to reveal who reported."""
        wrap = self.admin_site.admin_view
        return [
            path(
                "<path:object_id>/move/<str:name>/",
                wrap(require_POST(self.move_view)),
                name="rectify_issue_move",
            ),
            path(
                "<path:object_id>/reveal/",
                wrap(_private(self.reveal_view)),
                name="rectify_issue_reveal",
            ),
            *super().get_urls(),
        ]

    @method_decorator(sealed_post)
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Register a finding."""
        desk = self._desk(request, permissions.of(Register))
        if request.method != "POST":
            return self._page(request, "register", {"form": desk.register_form()})
        done = desk.register(request.POST)
        if isinstance(done, EvidenceForm):
            return self._page(request, "register", {"form": done}, status=status_of(done))
        messages.success(request, said(message("registered")))
        return HttpResponseRedirect(_page_of(done.id))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """All of one issue, with the forms of its moves."""
        desk = self._desk(request, permissions.VIEW)
        return self._issue_page(request, desk, self._get(desk, unquote(object_id)))

    def move_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Take a move, or show again what was filled in, with every reason against it."""
        desk = self._desk(request, permissions.VIEW)
        issue = self._get(desk, unquote(object_id))
        try:
            done = desk.take(issue.id, name, request.POST)
        except UnknownMove as error:
            raise Http404(said(error.message)) from None
        if isinstance(done, EvidenceForm):
            issue = self._get(desk, issue.id)
            return self._issue_page(request, desk, issue, form=done, status=status_of(done))
        messages.success(request, said(message("done; the issue is now at version {version}",
                                               version=done.version)))  # fmt: skip
        return HttpResponseRedirect(_page_of(done.id))

    def reveal_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show who reported, once, for a reason that is recorded with who asked."""
        desk = self._desk(request, permissions.REVEAL)
        issue = self._get(desk, unquote(object_id))
        try:
            field = request.POST.get("field", REPORTER)
            revealed = desk.reveal(issue.id, request.POST.get("reason", ""), field)
        except (InvalidValue, Refused, Erased) as error:
            messages.error(request, said(told(error)))
            return HttpResponseRedirect(_page_of(issue.id))
        issue = self._get(desk, issue.id)
        return self._issue_page(request, desk, issue, revealed=revealed)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """The history is on the issue's own page."""
        return HttpResponseRedirect(_page_of(unquote(object_id)))

    def _desk(self, request: HttpRequest, permission: str) -> Desk:
        desk = desk_for(request)
        if not desk.may(permission):
            raise PermissionDenied
        return desk

    def _get(self, desk: Desk, issue_id: str) -> AnIssue:
        try:
            return desk.get(issue_id)
        except UnknownIssue as error:
            raise Http404(said(error.message)) from None

    def _issue_page(
        self,
        request: HttpRequest,
        desk: Desk,
        issue: AnIssue,
        *,
        form: EvidenceForm | None = None,
        revealed: Sealed | None = None,
        status: int = 200,
    ) -> HttpResponse:
        ledger = desk.ledger
        context = {
            "issue": issue,
            "facts": dossier.facts_of(issue, ledger),
            "state": dossier.state_of(type(issue).__name__, ledger),
            "history": dossier.history_of(issue.id, ledger),
            "deadlines": dossier.deadlines_of(issue, ledger, now()),
            "choices": desk.choices(issue),
            "submitted": form,
            "confidential": desk.confidential(issue),
            "revealed": revealed,
            "title": issue.finding.title,
        }
        return self._page(request, "issue", context, status=status)

    def _page(
        self, request: HttpRequest, name: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        whole = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "list_url": reverse("admin:rectify_issue_changelist", current_app=self.admin_site.name),
            **context,
        }
        template = f"rectify/admin/{name}.html"
        return TemplateResponse(request, template, whole, status=status)


def _private(view: Any) -> Any:
    """A view whose answer is kept nowhere, and which commits what it records by itself."""
    private: Any = sensitive_post_parameters()(never_cache(require_POST(view)))
    return transaction.non_atomic_requests(private)


def _may(request: HttpRequest, permission: str) -> bool:
    user: Any = request.user
    return bool(user.has_perm(permission))


def status_of(form: EvidenceForm) -> int:
    """409 for a form that came too late, else 422."""
    return 409 if form.stale else 422


def _page_of(issue_id: str) -> str:
    from django.contrib.admin.utils import quote

    return reverse("admin:rectify_issue_change", args=[quote(issue_id)])
