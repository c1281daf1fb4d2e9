"""The endpoints that read: issues, history, options, duties, what is due."""

# Without postponed annotations: they name dependencies that only one router knows.

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query
from pydantic import BaseModel, ConfigDict, Field, create_model
from starlette.responses import Response

from rectify import fields
from rectify.integrations.fastapi import paging, views
from rectify.integrations.fastapi.asked import Asked, described
from rectify.integrations.fastapi.schemas import Day, Schemas, one_of
from rectify.integrations.fastapi.versions import etag, is_current
from rectify.ledger import Ledger

IssueId = Annotated[str, Path(min_length=1, max_length=fields.LINE_CHARACTERS_MAX)]
Cursor = Annotated[str | None, Query(max_length=3000, description="From the page before.")]
Limit = Annotated[int, Query(ge=1, le=paging.LIMIT_MAX)]
Line = Query(min_length=1, max_length=fields.LINE_CHARACTERS_MAX)


class HistoryPage(BaseModel):
    """An issue's records, oldest first."""

    items: list[views.RecordView]


class OptionsPage(BaseModel):
    """What the caller may do with an issue now."""

    items: list[views.OptionView]


class DutiesPage(BaseModel):
    """All that is owed, by when."""

    items: list[views.DutyView]


class DuePage(BaseModel):
    """What is due, by when."""

    items: list[views.DueView]
    next: str | None


def issue_schema(ledger: Ledger[Any], schemas: Schemas) -> Any:
    """Any issue of a ledger, told apart by its state."""
    states = [schemas.outgoing(state, tag="state") for state in ledger.lifecycle.states]
    return Annotated[one_of(states), Field(discriminator="state")]


def add_reads(
    router: APIRouter, ledger: Ledger[Any], schemas: Schemas, asked: Callable[..., Asked]
) -> None:
    """Add them to a router."""
    issue = issue_schema(ledger, schemas)
    _add_issue(router, issue, asked)
    _add_issues(router, ledger, issue, asked)
    _add_duties(router, asked)


def _add_issue(router: APIRouter, issue: Any, asked: Callable[..., Asked]) -> None:
    @router.get(
        "/issues/{issue_id}",
        response_model=issue,
        responses={
            304: {"description": "It is still that version."},
            **described(404, tagged=True),
        },
    )
    def read_issue(
        issue_id: IssueId,
        who: Annotated[Asked, Depends(asked)],
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """An issue as it stands; its ETag is its version."""
        found = who.desk.issue(issue_id)
        if is_current(if_none_match, found.version):
            return Response(status_code=304, headers={"ETag": etag(found.version)})
        return who.answer(views.issue_view(found), version=found.version)

    @router.get("/issues/{issue_id}/history", response_model=HistoryPage, responses=described(404))
    def read_history(issue_id: IssueId, who: Annotated[Asked, Depends(asked)]) -> Response:
        """An issue's records: what, by whom, when, on which evidence."""
        records = who.desk.history(issue_id)
        return who.answer({"items": [views.record_view(record) for record in records]})

    @router.get(
        "/issues/{issue_id}/options",
        response_model=OptionsPage,
        responses=described(404, tagged=True),
    )
    def read_options(issue_id: IssueId, who: Annotated[Asked, Depends(asked)]) -> Response:
        """What you may do with an issue now, and if not, why: every reason, with its clause."""
        found, options = who.desk.options(issue_id)
        items = [views.option_view(option, who.language) for option in options]
        return who.answer({"items": items}, version=found.version)


def _add_issues(
    router: APIRouter, ledger: Ledger[Any], issue: Any, asked: Callable[..., Asked]
) -> None:
    states = {"enum": [state.__name__ for state in ledger.lifecycle.states]}
    areas = {"enum": list(ledger.campaign.area_ids)}
    many: Any = list
    page = create_model(
        "IssuesPage",
        __config__=ConfigDict(protected_namespaces=()),
        __doc__="Issues by id. A page may be short; the next is there while ``next`` is.",
        items=(many[issue], ...),
        next=(str | None, ...),
    )

    @router.get("/issues", response_model=page, responses=described())
    def read_issues(
        who: Annotated[Asked, Depends(asked)],
        state: Annotated[str | None, Query(json_schema_extra=states)] = None,
        unit: Annotated[str | None, Line] = None,
        area: Annotated[str | None, Query(json_schema_extra=areas)] = None,
        cursor: Cursor = None,
        limit: Limit = paging.LIMIT,
    ) -> Response:
        """The issues that you may see, or those in a state, of a unit, in an area."""
        found, following = who.desk.issues(state, unit, area, cursor, limit)
        return who.answer({"items": [views.issue_view(one) for one in found], "next": following})


def _add_duties(router: APIRouter, asked: Callable[..., Asked]) -> None:
    @router.get("/duties", response_model=DutiesPage, responses=described())
    def read_duties(who: Annotated[Asked, Depends(asked)], on: Day | None = None) -> Response:
        """What is owed to whom by when, and whether it came."""
        day = None if on is None else date.fromisoformat(on)
        return who.answer({"items": [views.duty_view(one) for one in who.desk.duties(day)]})

    @router.get("/due", response_model=DuePage, responses=described())
    def read_due(
        who: Annotated[Asked, Depends(asked)],
        on: Day | None = None,
        until: Day | None = None,
        cursor: Cursor = None,
        limit: Limit = paging.LIMIT,
    ) -> Response:
        """What is due on a day (待办), by when, each with how its date was reached."""
        day = None if on is None else date.fromisoformat(on)
        last = None if until is None else date.fromisoformat(until)
        found, following = who.desk.due(day, last, cursor, limit)
        items = [views.due_view(entry, who.language) for entry in found]
        return who.answer({"items": items, "next": following})
