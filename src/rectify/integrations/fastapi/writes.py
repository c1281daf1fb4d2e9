"""The endpoints that write: registering, moves, leads that are split off, what is handed in."""

# Without postponed annotations: they name dependencies that only one router knows.

from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

from fastapi import APIRouter, Body, Depends, Header
from pydantic import BaseModel, ConfigDict, Field, StrictStr, create_model
from starlette.responses import Response

from rectify import fields
from rectify.errors import IllegalMove, Refused
from rectify.finding import Finding
from rectify.integrations.fastapi import building, problems, views
from rectify.integrations.fastapi.asked import Asked, described
from rectify.integrations.fastapi.desk import Done
from rectify.integrations.fastapi.problems import RectifyProblem
from rectify.integrations.fastapi.reads import IssueId, issue_schema
from rectify.integrations.fastapi.schemas import Schema, Schemas, one_of
from rectify.integrations.fastapi.versions import issue_id_of, wanted_version
from rectify.issue import Found, Transferred
from rectify.ledger import Ledger
from rectify.move import Move

Answered: TypeAlias = Callable[[Response], Response]
IfMatch = Annotated[str | None, Header(description="The ETag that the issue was read with.")]
Text = Annotated[
    StrictStr, Field(min_length=1, max_length=fields.PROSE_CHARACTERS_MAX, pattern=r"\S")
]
Line = Annotated[
    StrictStr, Field(min_length=1, max_length=fields.LINE_CHARACTERS_MAX, pattern=r"\S")
]


class SplitLead(BaseModel):
    """A lead that is split off an issue, and the discipline organ it goes to."""

    model_config = ConfigDict(extra="forbid")

    organ: Line
    lead: Text


class Submit(BaseModel):
    """What is handed in: the key of what is owed, and the SHA-256 of the document in hex."""

    model_config = ConfigDict(extra="forbid")

    duty: Line
    document_hash: Annotated[StrictStr, Field(pattern="^[0-9a-f]{64}$")]
    note: Annotated[StrictStr, Field(max_length=fields.PROSE_CHARACTERS_MAX)] = ""


class Checked(BaseModel):
    """Whether a move would be carried out, and the problem it would be answered with."""

    allowed: bool
    problem: RectifyProblem | None


def add_writes(
    router: APIRouter,
    ledger: Ledger[Any],
    schemas: Schemas,
    asked: Callable[..., Asked],
    answered: Answered,
) -> None:
    """Add them to a router."""
    issue = issue_schema(ledger, schemas)
    _add_register(router, schemas, asked, answered)
    _add_moves(router, ledger, schemas, issue, asked, answered)
    _add_split(router, schemas, issue, asked, answered)
    _add_submit(router, asked, answered)


def _body(kind: Any, **options: Any) -> Callable[..., Any]:
    """A dependency that gives the body, of a type that is known only now."""

    def read(body: Any) -> Any:
        return body

    read.__annotations__["body"] = Annotated[kind, Body(**options)]
    return read


def _plain(body: BaseModel) -> dict[str, Any]:
    """What a body says, by its own names, without the name of the move."""
    return body.model_dump(by_alias=True, exclude_unset=True, exclude={"move"})


def _written(who: Asked, done: Done, status: int = 200) -> Response:
    view, version = views.issue_view(done.issue), done.issue.version
    return who.answer(view, status, version=version, repeat=done.repeat)


def _add_register(
    router: APIRouter, schemas: Schemas, asked: Callable[..., Asked], answered: Answered
) -> None:
    read = _body(schemas.incoming(Finding))

    @router.post(
        "/issues",
        status_code=201,
        response_model=schemas.outgoing(Found, tag="state"),
        responses=described(400, 409, 413, 415, success=201, tagged=True),
    )
    def register(
        body: Annotated[BaseModel, Depends(read)],
        who: Annotated[Asked, Depends(asked)],
        idempotency_key: Annotated[
            str | None, Header(description="The same with each repeat, such as a UUID.")
        ] = None,
    ) -> Response:
        """Register a finding (登记). A repeat with the same key gives the same issue."""
        data = _plain(body)
        reporter = data.pop("reporter", None)
        finding = building.build(Finding, data, reporter=reporter)
        issue_id = issue_id_of(idempotency_key, who.desk.actor)
        return answered(_written(who, who.desk.register(finding, issue_id), 201))


def _add_moves(
    router: APIRouter,
    ledger: Ledger[Any],
    schemas: Schemas,
    issue: Any,
    asked: Callable[..., Asked],
    answered: Answered,
) -> None:
    kinds: dict[Schema, type[Move[Any]]] = {
        schemas.incoming(kind, tag="move", without="issue"): kind for kind in ledger.lifecycle.moves
    }
    # Where a lifecycle has one move only, there is nothing to tell it from.
    read = _body(one_of(kinds), **({"discriminator": "move"} if len(kinds) > 1 else {}))

    @router.post(
        "/issues/{issue_id}/moves",
        response_model=issue,
        responses=described(400, 404, 409, 412, 413, 415, 428, tagged=True),
    )
    def move(
        issue_id: IssueId,
        body: Annotated[BaseModel, Depends(read)],
        who: Annotated[Asked, Depends(asked)],
        if_match: IfMatch = None,
    ) -> Response:
        """Carry out a move (处置). The same move on the same version is carried out once."""
        version = wanted_version(if_match)
        done = who.desk.apply(kinds[type(body)], _plain(body), issue_id, version)
        return answered(_written(who, done))

    @router.post(
        "/issues/{issue_id}/check", response_model=Checked, responses=described(400, 404, 413, 415)
    )
    def check(
        issue_id: IssueId,
        body: Annotated[BaseModel, Depends(read)],
        who: Annotated[Asked, Depends(asked)],
    ) -> Response:
        """Whether a move would be carried out now, and if not, why; nothing is written."""
        kind = kinds[type(body)]
        refused: IllegalMove | Refused | None = None
        try:
            decision = who.desk.check(kind, _plain(body), issue_id)
            if not decision:
                refused = Refused(decision.reasons, kind.__name__, issue_id)
        except IllegalMove as error:
            refused = error
        problem = None if refused is None else problems.problem_of(refused)
        view = None if problem is None else problem.view(who.language)
        return who.answer({"allowed": view is None, "problem": view})


def _add_split(
    router: APIRouter,
    schemas: Schemas,
    issue: Any,
    asked: Callable[..., Asked],
    answered: Answered,
) -> None:
    split = create_model(
        "LeadSplit",
        __doc__="An issue, and the lead that was split off it.",
        issue=(issue, ...),
        lead=(schemas.outgoing(Transferred, tag="state"), ...),
    )

    @router.post(
        "/issues/{issue_id}/leads",
        status_code=201,
        response_model=split,
        responses=described(400, 404, 409, 412, 413, 415, 428, success=201, tagged=True),
    )
    def split_lead(
        issue_id: IssueId,
        body: SplitLead,
        who: Annotated[Asked, Depends(asked)],
        if_match: IfMatch = None,
    ) -> Response:
        """Split off a lead and transfer it (移送); the issue stays in its state."""
        version = wanted_version(if_match)
        done, lead = who.desk.split_lead(issue_id, version, body.organ, body.lead)
        view = {"issue": views.issue_view(done.issue), "lead": views.issue_view(lead)}
        return answered(who.answer(view, 201, version=done.issue.version, repeat=done.repeat))


def _add_submit(router: APIRouter, asked: Callable[..., Asked], answered: Answered) -> None:
    @router.post(
        "/submissions",
        status_code=201,
        response_model=views.SubmissionView,
        responses=described(400, 404, 409, 413, 415),
    )
    def submit(body: Submit, who: Annotated[Asked, Depends(asked)]) -> Response:
        """Hand in what is owed (报送). The same document again is the same submission."""
        made, repeat = who.desk.submit(body.duty, body.document_hash, body.note)
        return answered(who.answer(views.submission_view(made), 201, repeat=repeat))
