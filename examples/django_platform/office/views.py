"""The office's pages. All that concerns the ledger goes through the user's desk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from office.forms import ProblemForm
from office.models import Notice, Problem
from rectify import Issue
from rectify.errors import Erased, InvalidValue, Refused, UnknownIssue, UnknownMove
from rectify.integrations.django import Desk, desk_for, dossier, sealed_post
from rectify.integrations.django.admin_filters import due_annotated
from rectify.integrations.django.desk import now
from rectify.integrations.django.field_words import told
from rectify.integrations.django.forms import EvidenceForm
from rectify.integrations.django.scene import areas
from rectify.sealed import Sealed
from rectify.structure import read_object
from rectify.todo import agenda, horizon_of

CARDS = 12
"""How many issues a column of the board shows."""


@login_required
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """六种状态的看板: the six states, with the latest issues of each."""
    desk = desk_for(request)
    rows = _narrowed(due_annotated(desk.issues()), request)
    counts = dict(rows.order_by().values_list("state").annotate(Count("id")))
    columns = [
        {
            "state": state.__name__,
            "count": counts.get(state.__name__, 0),
            "cards": [_card(row) for row in rows.filter(state=state.__name__)[:CARDS]],
        }
        for state in desk.ledger.lifecycle.states
    ]
    overdue = rows.filter(due_at__lte=now()).count()
    context = {
        "columns": columns,
        "total": sum(counts.values()),
        "overdue": overdue,
        "areas": areas(desk.ledger.campaign),
        "units": _units(desk),
        "asked": request.GET,
        "may_register": desk.may("rectify.move_register"),
    }
    return render(request, "office/board.html", context)


def _narrowed(rows: Any, request: HttpRequest) -> Any:
    """The rows that the filters above the board ask for."""
    if words := request.GET.get("q", "").strip():
        rows = rows.filter(body__contains=words)
    if unit := request.GET.get("unit"):
        rows = rows.filter(unit=unit)
    if area := request.GET.get("area"):
        rows = rows.filter(area__startswith=area)
    if request.GET.get("overdue"):
        rows = rows.filter(due_at__lte=now())
    return rows


def _card(row: Any) -> dict[str, Any]:
    return {"row": row, "title": read_object(row.body)["finding"]["title"]}


def _units(desk: Desk) -> Iterable[tuple[str, str]]:
    codes = desk.issues().order_by("unit").values_list("unit", flat=True).distinct()
    return [(code, dossier.unit_of(code, desk.ledger)) for code in codes]


@sealed_post
@login_required
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """登记: the finding goes into the ledger and the problem into the office's table, together."""
    desk = desk_for(request)
    if request.method == "GET":
        forms = {"form": desk.register_form(), "extra": ProblemForm(label_suffix="")}
        return render(request, "office/register.html", forms)
    extra = ProblemForm(request.POST, label_suffix="")
    with transaction.atomic():
        done: Any = desk.register(request.POST) if extra.is_valid() else desk.register_form()
        if not isinstance(done, EvidenceForm):
            Problem.objects.get_or_create(
                issue_id=done.id,
                defaults={**extra.cleaned_data, "handler": request.user, "received_at": now()},
            )
            messages.success(request, "已登记入台账")
            return redirect("issue", done.id)
    return render(request, "office/register.html", {"form": done, "extra": extra}, status=422)


@login_required
@require_GET
def issue(request: HttpRequest, issue_id: str) -> HttpResponse:
    """一件问题: all of it, with its moves as forms."""
    desk = desk_for(request)
    return _issue_page(request, desk, _found(desk, issue_id))


@login_required
@require_POST
def move(request: HttpRequest, issue_id: str, name: str) -> HttpResponse:
    """处置: take a move, or say why not."""
    desk = desk_for(request)
    _found(desk, issue_id)
    try:
        done = desk.take(issue_id, name, request.POST)
    except UnknownMove as error:
        raise Http404(error.message.zh) from None
    if isinstance(done, EvidenceForm):
        status = 409 if done.stale else 422
        return _issue_page(request, desk, desk.get(issue_id), submitted=done, status=status)
    messages.success(request, f"已办理：现为“{dossier.state_of(type(done).__name__, desk.ledger)}”")
    return redirect("issue", issue_id)


@transaction.non_atomic_requests
@sensitive_post_parameters()
@never_cache
@login_required
@require_POST
def reveal(request: HttpRequest, issue_id: str) -> HttpResponse:
    """查阅举报人: shown once, for a reason that is recorded."""
    desk = desk_for(request)
    _found(desk, issue_id)
    try:
        field = request.POST.get("field", "reporter")
        revealed = desk.reveal(issue_id, request.POST.get("reason", ""), field)
    except (InvalidValue, Refused, Erased) as error:
        messages.error(request, told(error).zh)
        return redirect("issue", issue_id)
    return _issue_page(request, desk, desk.get(issue_id), revealed=revealed)


def _found(desk: Desk, issue_id: str) -> Issue:
    try:
        return desk.get(issue_id)
    except UnknownIssue as error:
        raise Http404(error.message.zh) from None


def _issue_page(
    request: HttpRequest,
    desk: Desk,
    found: Issue,
    *,
    submitted: EvidenceForm | None = None,
    revealed: Sealed | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "issue": found,
        "problem": Problem.objects.filter(issue_id=found.id).select_related("handler").first(),
        "notices": Notice.objects.filter(issue_id=found.id),
        "choices": desk.choices(found),
        "submitted": submitted,
        "confidential": desk.confidential(found),
        "revealed": revealed,
    }
    return render(request, "office/issue.html", context, status=status)


@login_required
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """报送日历: what is due, month by month, with the words it rests on."""
    desk = desk_for(request)
    ledger, present = desk.ledger, now()
    mine = [one for one in ledger.issues() if desk.units is None or one.finding.unit in desk.units]
    titles = {one.id: one.finding.title for one in mine}
    entries = agenda(
        ledger.campaign,
        ledger.units,
        mine,
        on=present,
        until=horizon_of(ledger, present),
        events=ledger.filed(),
        occasions=ledger.occasions(),
    )
    shown = [
        dossier.told(entry, titles)
        for entry in entries
        if desk.units is None or entry.unit is None or entry.unit in desk.units
    ]
    phase = ledger.campaign.phase_on(present)
    context = {
        "months": [(month, list(each)) for month, each in groupby(shown, key=_month)],
        "today": present,
        "phase": phase,
        "phases": ledger.campaign.phases,
    }
    return render(request, "office/calendar.html", context)


def _month(one: dossier.DeadlineTold) -> str:
    due = one.entry.due
    return "未定时限" if due is None else f"{due.effective.year}年{due.effective.month}月"


@login_required
@require_GET
def report(request: HttpRequest) -> HttpResponse:
    """专项治理报表: figures by unit and area, in each state."""
    desk = desk_for(request)
    states = [state.__name__ for state in desk.ledger.lifecycle.states]
    tables = [
        (title, list(_counted(desk, column, states, name)))
        for title, column, name in (
            ("单位", "unit", dossier.unit_of),
            ("治理重点", "area", dossier.area_of),
            ("问题来源", "channel", dossier.channel_of),
        )
    ]
    total = [desk.issues().filter(state=state).count() for state in states]
    context = {
        "states": states,
        "tables": tables,
        "total": total,
        "sum": sum(total),
        "campaign": desk.ledger.campaign,
        "today": now(),
        "overdue": due_annotated(desk.issues()).filter(due_at__lte=now()).count(),
    }
    return render(request, "office/report.html", context)


def _counted(desk: Desk, column: str, states: list[str], name: Any) -> Iterator[Any]:
    rows = desk.issues().order_by(column).values_list(column, "state").annotate(Count("id"))
    for value, group in groupby(rows, key=lambda row: row[0]):
        counts = {state: count for _, state, count in group}
        cells = [counts.get(state, 0) for state in states]
        yield name(value, desk.ledger), cells, sum(cells)
