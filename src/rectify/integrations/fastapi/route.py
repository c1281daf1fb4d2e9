"""A route of the interface: bounds what comes in, answers each error with a problem.

Errors pass through all dependencies first, so that what a host's session began is rolled back
before a caller hears of it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Coroutine, Mapping
from typing import Any, ClassVar, Final

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message as Event
from starlette.types import Receive, Scope, Send

from rectify.i18n import Language, message
from rectify.integrations.fastapi import problems
from rectify.integrations.fastapi.asked import language_from
from rectify.integrations.fastapi.problems import Problem

BODY_BYTES_MAX: Final = 1_000_000
"""How large a body may be, unless the host says otherwise."""

_log: Final = logging.getLogger("rectify.integrations.fastapi")


class LedgerRoute(APIRoute):
    """A route whose every answer that isn't a success is a problem, in the caller's language."""

    body_bytes_max: ClassVar[int] = BODY_BYTES_MAX
    moves: ClassVar[Collection[str]] = ()
    """The names by which the bodies of moves are told apart."""
    allowed: ClassVar[Mapping[str, str]] = {}
    """The methods of each path of the router, as Allow has them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See `APIRoute`; the framework's own refusals become problems."""
        handle = super().get_route_handler()

        async def handle_or_raise(request: Request) -> Response:
            await _read_json(request)
            try:
                return await handle(request)
            except RequestValidationError as error:
                raise problems.from_validation(error.errors(), self.moves) from None
            except HTTPException as error:
                raise problems.from_http(error) from error

        return handle_or_raise

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See `APIRoute`."""
        begun = False

        async def note_and_send(event: Event) -> None:
            nonlocal begun
            begun = True
            await send(event)

        headers = Headers(scope=scope)
        try:
            if scope["method"] not in (self.methods or ()):
                # The framework would name this route's methods, not those of the whole path.
                raise HTTPException(405, headers={"Allow": self.allowed[self.path]})
            if scope["method"] == "POST":
                receive = self._bounded(headers, receive)
            await super().handle(scope, receive, note_and_send)
        except ClientDisconnect:
            return  # there is nobody to answer
        except Exception as error:
            if begun:
                raise
            await _answer(error, language_from(headers.get("accept-language")))(
                scope, receive, send
            )

    def _bounded(self, headers: Headers, receive: Receive) -> Receive:
        """A body that is JSON by its header, and no longer than it may be."""
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            detail = message("send application/json; what came says it is something else")
            raise Problem(415, "not-json", detail)
        left = self.body_bytes_max

        async def receive_no_more() -> Event:
            nonlocal left
            event = await receive()
            left -= len(event.get("body", b""))
            if left < 0:
                raise _too_large(self.body_bytes_max)
            return event

        return receive_no_more


async def _read_json(request: Request) -> None:
    """Read the body, which the framework then finds read, with our own word on what is no JSON."""
    if not await request.body():
        return
    try:
        await request.json()
    except (ValueError, RecursionError):
        raise Problem(400, "unreadable", message("the body can't be read as JSON")) from None


def _too_large(most: int) -> Problem:
    return Problem(413, "too-large", message("at most {most} bytes are taken", most=most))


def _answer(error: Exception, language: Language) -> Response:
    if isinstance(error, HTTPException):
        problem: Problem | None = problems.from_http(error)
    else:
        problem = problems.problem_of(error)
    if problem is None:
        _log.error("a request failed", exc_info=error)
        problem = problems.unexpected()
    elif problem.status >= 500:
        # The text of a store's error is the library's own and holds no value of a row.
        _log.error("a request failed: %s", type(error).__name__)
    headers = {
        **problem.headers,
        "Content-Language": language,
        "Vary": "Accept-Language",
        "Cache-Control": "no-store",
    }
    return Response(
        json.dumps(problem.view(language), ensure_ascii=False).encode(errors="replace"),
        problem.status,
        headers,
        problems.MEDIA_TYPE,
    )
