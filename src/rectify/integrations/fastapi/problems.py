"""Problems (RFC 9457): what a request is answered with when it isn't done, and why.

Each error of the library has its status and its stable code. Nothing that a program, a
database or a confidential value says goes out: what is not known here is a bare 500.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, cast

import attrs
from pydantic import BaseModel, Field
from sqlalchemy import exc
from starlette.exceptions import HTTPException

from rectify.errors import (
    IllegalMove,
    InvalidValue,
    NotIntact,
    Refused,
    StaleIssue,
    StoreError,
    StoreUnreadable,
    UnknownDuty,
    UnknownIssue,
    UnknownState,
)
from rectify.i18n import Language, Message, message
from rectify.integrations.fastapi.building import Misfit
from rectify.integrations.fastapi.views import ReasonView, reason_view
from rectify.reason import Reason

MEDIA_TYPE: Final = "application/problem+json"
SCHEMA: Final = "RectifyProblem"


class PlaceView(BaseModel):
    """Something wrong in a request: where, as a JSON pointer or a parameter's name, and what."""

    place: str
    message: str


class RectifyProblem(BaseModel):
    """Why a request was not done. Nothing of it was."""

    type: str = Field(description="urn:rectify:problem: and the code.")
    title: str
    status: int
    detail: str
    code: str
    reasons: list[ReasonView] = Field(description="All that stands against a move.")
    errors: list[PlaceView] = Field(description="All that is wrong in the request.")


@attrs.define(eq=False)
class Problem(Exception):
    """A problem, in both languages until it is sent."""

    status: int
    code: str
    detail: Message
    reasons: Sequence[Reason] = ()
    errors: Sequence[tuple[str, Message]] = ()
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])

    def view(self, language: Language) -> dict[str, Any]:
        """The problem document, in the caller's language."""
        return {
            "type": f"urn:rectify:problem:{self.code}",
            "title": _TITLES.get(self.status, _OTHER).text(language),
            "status": self.status,
            "detail": self.detail.text(language),
            "code": self.code,
            "reasons": [reason_view(reason, language) for reason in self.reasons],
            "errors": [
                {"place": place, "message": each.text(language)} for place, each in self.errors
            ],
        }


_OTHER: Final = message("the request can't be done")
_TITLES: Final[Mapping[int, Message]] = {
    400: message("the request can't be read"),
    401: message("it is not known who asks"),
    403: message("it is not allowed"),
    404: message("there is no such thing"),
    409: message("the move is refused"),
    412: message("the issue has moved on"),
    413: message("the request is too large"),
    415: message("the body is not JSON"),
    422: message("the request does not fit"),
    428: message("the version is missing"),
    500: message("something went wrong here"),
    503: message("the ledger is out of reach"),
}


def missing_version() -> Problem:
    """A write without the version it is meant for."""
    detail = message("send If-Match with the ETag that the issue was read with")
    return Problem(428, "version-missing", detail)


def problem_of(error: BaseException) -> Problem | None:
    """The problem that an error is answered with; None for one that says nothing to a caller."""
    match error:
        case Problem():
            return error
        case Misfit():
            detail = message(
                "{place}: {problem}", place=error.pointer or "/", problem=error.problem
            )
            return Problem(422, "invalid", detail, errors=[(error.pointer, error.problem)])
        case Refused():
            return Problem(409, "refused", error.message, reasons=error.reasons)
        case IllegalMove():
            return Problem(409, "illegal-move", error.message)
        case StaleIssue():
            return Problem(412, "stale", error.message)
        case UnknownIssue():
            return Problem(404, "unknown-issue", error.message)
        case UnknownDuty():
            return Problem(404, "unknown-duty", error.message)
        case InvalidValue() | UnknownState():
            return Problem(422, "invalid", error.message)
        case _:
            return _of_store(error)


def _of_store(error: BaseException) -> Problem | None:
    match error:
        case StoreUnreadable() | NotIntact():
            detail = message(
                "what the ledger holds is damaged; nothing was done. Have who runs the service"
                " audit the ledger"
            )
            return Problem(500, "damaged", detail)
        case StoreError() | exc.OperationalError() | exc.InterfaceError() | exc.TimeoutError():
            detail = message("nothing was done; try again later")
            return Problem(503, "store-unavailable", detail, headers={"Retry-After": "5"})
        case _:
            return None


def unexpected() -> Problem:
    """What an error that says nothing to a caller is answered with."""
    return Problem(500, "unexpected", message("nothing was done; who runs the service can see why"))


def from_http(error: HTTPException) -> Problem:
    """A host's or the framework's own refusal, as a problem."""
    code = error.status_code
    detail = cast("object", error.detail)  # FastAPI's may be anything
    said = detail if isinstance(detail, str) else HTTPStatus(code).phrase
    text = Message("{said}", {"said": said})
    return Problem(code, f"http-{code}", text, headers=error.headers or {})


# What pydantic finds, by its codes; a value is never quoted, for it may be confidential.
_FOUND: Final[Mapping[str, Message]] = {
    "missing": message("it is missing"),
    "extra_forbidden": message("there is no such field"),
    "string_type": message("a text is expected"),
    "string_too_short": message("the text is empty"),
    "string_too_long": message("the text is too long"),
    "string_unicode": message("the text has characters that can't be written"),
    "bool_type": message("true or false is expected"),
    "int_type": message("a whole number is expected"),
    "int_parsing": message("a whole number is expected"),
    "list_type": message("a list is expected"),
    "model_type": message("an object is expected"),
    "model_attributes_type": message("an object is expected"),
    "dict_type": message("an object is expected"),
    "string_pattern_mismatch": message("the text is blank or not of the form that is meant"),
    "day": message("there is no such day"),
    "instant": message("there is no such instant"),
    "greater_than_equal": message("the number is out of bounds"),
    "less_than_equal": message("the number is out of bounds"),
}
_ONE_OF: Final = frozenset({"literal_error", "union_tag_invalid", "enum"})
_QUOTED: Final = re.compile("'([^']*)'")
_UNFIT: Final = message("it does not fit; see the interface's description")


def from_validation(errors: Sequence[Any], tags: Collection[str]) -> Problem:
    """What the schema of a request finds wrong with it, every place of it.

    ``tags`` are what bodies are told apart by, which are no part of a place.
    """
    found = [(_place(error["loc"], tags), _said(error)) for error in errors]
    detail = message("{count} thing(s) in the request are wrong", count=len(found))
    return Problem(422, "invalid", detail, errors=found)


def _said(error: Mapping[str, Any]) -> Message:
    context: Mapping[str, Any] = error.get("ctx", {})
    if error["type"] in _ONE_OF:
        known = str(context.get("expected_tags", context.get("expected", "")))
        return message("it is not one of: {known}", known=tuple(_QUOTED.findall(known)))
    return _FOUND.get(error["type"], _UNFIT)


def _place(location: Sequence[object], tags: Collection[str]) -> str:
    """Where it is: a JSON pointer into the body, or the name of a parameter."""
    kind, *steps = (str(step) for step in location)
    if kind != "body":
        return "/".join(steps)
    return "".join(f"/{_escaped(step)}" for step in steps if step not in tags)


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
