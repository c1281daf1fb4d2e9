"""The router: a ledger's interface over HTTP, for a host to include in its application.

Endpoints are plain functions, which FastAPI runs in threads: neither an asynchronous host nor
its other requests wait for the database.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Depends, Header
from starlette.background import BackgroundTask
from starlette.responses import Response

from rectify.actor import Actor
from rectify.integrations.fastapi.asked import Asked, language_from
from rectify.integrations.fastapi.desk import Desk
from rectify.integrations.fastapi.policy import Owes, Visible, own_duties, own_issues
from rectify.integrations.fastapi.reads import add_reads
from rectify.integrations.fastapi.route import BODY_BYTES_MAX, LedgerRoute
from rectify.integrations.fastapi.schemas import Schemas
from rectify.integrations.fastapi.writes import add_writes
from rectify.ledger import Ledger

_log: Final = logging.getLogger("rectify.integrations.fastapi")


def ledger_router(
    ledger: Ledger[Any],
    *,
    actor: Callable[..., Any],
    session: Callable[..., Any] | None = None,
    visible: Visible | None = None,
    owes: Owes | None = None,
    deliver: bool = False,
    body_bytes_max: int = BODY_BYTES_MAX,
) -> APIRouter:
    """A router with all that an actor does with a ledger: ``app.include_router(…, prefix=…)``.

    ``actor`` is the host's dependency, plain or asynchronous, that gives the `Actor` who asks
    or raises ``HTTPException(401)``. ``session`` is one that gives the host's SQLAlchemy
    session: then each request is within that session's transaction, which the dependency
    commits and rolls back (``with Session(engine) as s, s.begin(): yield s``), before the
    answer is sent. ``visible`` and ``owes`` are the host's word on what an actor may see; by
    default the own unit and those below it. With ``deliver``, after hooks that are due are
    run once a write is answered.

    Raises `LifecycleError` for a move or state with a field that can't be written as JSON.
    """

    def ledger_of() -> Ledger[Any]:
        return ledger

    def ledger_within(host: Any = Depends(session, scope="function")) -> Ledger[Any]:  # noqa: B008
        return ledger.within(host)

    sees, answers = visible or own_issues(ledger), owes or own_duties(ledger)

    def asked(
        by: Any = Depends(actor),  # noqa: B008
        of: Any = Depends(ledger_of if session is None else ledger_within),  # noqa: B008
        accept_language: Annotated[str | None, Header()] = None,
    ) -> Asked:
        if not isinstance(by, Actor):
            raise TypeError(f"the actor dependency gave a {type(by).__name__}, not an Actor")
        return Asked(
            Desk(cast("Ledger[Any]", of), by, sees, answers), language_from(accept_language)
        )

    def answered(response: Response) -> Response:
        if deliver:
            response.background = BackgroundTask(_deliver, ledger)
        return response

    class Route(LedgerRoute):
        pass

    Route.body_bytes_max = body_bytes_max
    Route.moves = frozenset(move.__name__ for move in ledger.lifecycle.moves)
    router = APIRouter(route_class=Route)
    schemas = Schemas()
    add_reads(router, ledger, schemas, asked)
    add_writes(router, ledger, schemas, asked, answered)
    Route.allowed = _allowed(router)
    return router


def _allowed(router: APIRouter) -> dict[str, str]:
    """The methods of each path, which several routes may share."""
    methods: dict[str, set[str]] = {}
    for route in router.routes:
        assert isinstance(route, LedgerRoute)
        methods.setdefault(route.path, set()).update(route.methods or ())
    return {path: ", ".join(sorted(each)) for path, each in methods.items()}


def _deliver(ledger: Ledger[Any]) -> None:
    """Run what is due; what fails is kept and tried again, and the answer is long sent."""
    try:
        ledger.deliver()
    except Exception:
        _log.exception("after hooks were not run; they stay due")
