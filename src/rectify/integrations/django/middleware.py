"""Errors of the ledger as answers: the right status, a sentence, nothing from inside."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string

from rectify.errors import (
    IllegalMove,
    InvalidValue,
    NotIntact,
    RectifyError,
    Refused,
    StaleIssue,
    StoreError,
    StoreUnreadable,
    UnknownIssue,
    UnknownMove,
)
from rectify.i18n import message
from rectify.integrations.django.actors import NoActor
from rectify.integrations.django.field_words import told
from rectify.integrations.django.forms import reason_text
from rectify.integrations.django.words import language, said

if TYPE_CHECKING:
    from django.http import HttpRequest

_AWAY: Final = message("the database can't be reached just now; nothing was done, try again later")
_DAMAGED: Final = message(
    "what is kept of the issue is damaged; nothing was done. Have the ledger audited:"
    " manage.py rectify_audit"
)
_TOO_LARGE: Final = message("what was sent is too large")
_STATUSES: Final[tuple[tuple[type[Exception], HTTPStatus], ...]] = (
    (NoActor, HTTPStatus.FORBIDDEN),
    (UnknownIssue, HTTPStatus.NOT_FOUND),
    (UnknownMove, HTTPStatus.NOT_FOUND),
    (StaleIssue, HTTPStatus.CONFLICT),
    (IllegalMove, HTTPStatus.CONFLICT),
    (Refused, HTTPStatus.UNPROCESSABLE_ENTITY),
    (InvalidValue, HTTPStatus.UNPROCESSABLE_ENTITY),
    (StoreUnreadable, HTTPStatus.INTERNAL_SERVER_ERROR),
    (NotIntact, HTTPStatus.INTERNAL_SERVER_ERROR),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE),
    (OperationalError, HTTPStatus.SERVICE_UNAVAILABLE),
    (InterfaceError, HTTPStatus.SERVICE_UNAVAILABLE),
)


class LedgerErrors:
    """Middleware: answers what a view does not catch itself.

    An issue that is not there is 404, one that has moved on 409, a refusal 422 with every
    reason, what is damaged 500 with how to find it, a database that is away 503; a body above
    ``DATA_UPLOAD_MAX_MEMORY_SIZE`` is 413.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        if _is_too_large(request):
            return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, [said(_TOO_LARGE)])
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer an exception that a view raised; None for one that is not the ledger's."""
        for kind, status in _STATUSES:
            if isinstance(error, kind):
                return _answer(status, _texts(error))
        return None


def _texts(error: Exception) -> list[str]:
    if isinstance(error, Refused):
        return [reason_text(reason) for reason in error.reasons]
    if isinstance(error, (StoreUnreadable, NotIntact)):
        return [said(_DAMAGED)]
    if isinstance(error, (StoreError, OperationalError, InterfaceError)):
        return [said(_AWAY)]
    if isinstance(error, NoActor):
        return [str(error)]
    return [said(told(error)) if isinstance(error, RectifyError) else ""]


def _is_too_large(request: HttpRequest) -> bool:
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if most is None or request.content_type == "multipart/form-data":
        return False
    length = str(request.META.get("CONTENT_LENGTH") or "")
    return length.isascii() and length.isdigit() and int(length) > most


def _answer(status: HTTPStatus, texts: list[str]) -> HttpResponse:
    context = {"status": status.value, "texts": texts, "language": language()}
    return HttpResponse(render_to_string("rectify/error.html", context), status=status.value)
