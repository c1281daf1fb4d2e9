"""Who asks, of which ledger, in which language; and how answers are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import attrs
from starlette.responses import JSONResponse, Response

from rectify.i18n import Language
from rectify.integrations.fastapi.desk import Desk
from rectify.integrations.fastapi.problems import MEDIA_TYPE, SCHEMA
from rectify.integrations.fastapi.versions import etag

Responses: TypeAlias = dict[int | str, dict[str, Any]]

_MEANINGS: Final[Mapping[int, str]] = {
    400: "The request can't be read, or lacks its Idempotency-Key.",
    401: "It is not known who asks.",
    403: "The actor may not do this.",
    404: "There is no such thing, or the actor may not see it.",
    409: "Rules refuse it, or the issue's state does not allow it; every reason is given.",
    412: "The issue has moved on since the version that If-Match names.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "The request does not fit this description.",
    428: "If-Match is missing.",
    500: "Something unforeseen; nothing was done.",
    503: "The ledger's database can't be reached; nothing was done.",
}
_ALWAYS: Final = (401, 403, 422, 500, 503)
_ETAG: Final = {"ETag": {"schema": {"type": "string"}, "description": "The issue's version."}}


@attrs.frozen
class Asked:
    """A request's actor at the ledger, and the language to answer in."""

    desk: Desk
    language: Language

    def answer(
        self, data: Any, status: int = 200, *, version: int | None = None, repeat: bool = False
    ) -> Response:
        """An answer in JSON; with the version of an issue as its ETag."""
        headers = {
            "Content-Language": self.language,
            "Vary": "Accept-Language",
            "Cache-Control": "private, no-cache",  # kept by nobody between, and asked for anew
        }
        if version is not None:
            headers["ETag"] = etag(version)
        if repeat:
            headers["Idempotent-Replayed"] = "true"
        return JSONResponse(data, status, headers)


def described(*problems: int, success: int = 200, tagged: bool = False) -> Responses:
    """The answers of an endpoint, for its description: which problems, and the ETag."""
    found: Responses = {success: {"headers": _ETAG}} if tagged else {}
    for status in sorted({*problems, *_ALWAYS}):
        content = {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{SCHEMA}"}}}
        found[status] = {"description": _MEANINGS[status], "content": content}
    return found


def language_from(accept_language: str | None) -> Language:
    """The language a caller likes best of the two; Chinese where nothing is said."""
    best: tuple[float, Language] = (0.0, "zh")
    for part in (accept_language or "").split(","):
        tag, *parameters = [each.strip().lower() for each in part.split(";")]
        primary = tag.partition("-")[0]
        weight = _weight(parameters)
        if primary in ("zh", "en") and weight > best[0]:
            best = (weight, "zh" if primary == "zh" else "en")
    return best[1]


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
