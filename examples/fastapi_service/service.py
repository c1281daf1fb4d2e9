"""A service that another department's system calls, and that tells it by webhooks.

Start it with ``make service``, or ``python examples/fastapi_service/service.py``; then look at
http://127.0.0.1:8019/docs. It needs ``rectify[fastapi,webhooks]`` and uvicorn, keeps its ledger
in ``service.db`` in the folder it is started in, and is told by its environment:

- ``SERVICE_LEDGER``: the ledger's address, such as ``postgresql+psycopg://…``;
- ``SERVICE_TOKENS``: who may call, as JSON: ``{"token": ["id", "unit", ["discipline"]]}``;
  without it there is a token for trying, which is printed;
- ``SERVICE_WEBHOOK`` and ``SERVICE_SECRET``: where it tells of each step, and the secret
  (``whsec_…``) it signs with.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import os
import secrets
import threading
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, HTTPException, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from rectify import Actor, AnyIssue, Ledger, load_campaign
from rectify.integrations.fastapi import ledger_router
from rectify.integrations.structlog import log_events
from rectify.integrations.webhooks import PATIENT, Webhook
from rectify.move import Step

WORK_EVERY_SECONDS = 1.0

log = logging.getLogger("service")


# Who calls: a token of each department's system stands for an actor.


def actors_by_token(tokens: Mapping[str, Any]) -> Callable[..., Actor]:
    """A dependency that knows callers by their tokens, of which only hashes are kept."""
    known = {
        hashlib.sha256(token.encode()).digest(): Actor(id_, unit, frozenset(roles))
        for token, (id_, unit, roles) in tokens.items()
    }

    def who_calls(
        given: Annotated[
            HTTPAuthorizationCredentials | None, Security(HTTPBearer(auto_error=False))
        ],
    ) -> Actor:
        token = "" if given is None else given.credentials
        actor = known.get(hashlib.sha256(token.encode()).digest())
        if actor is None:
            raise HTTPException(401, "令牌无效 / unknown token", {"WWW-Authenticate": "Bearer"})
        return actor

    return who_calls


# Webhooks out: owed with each step in its own commit, so that none is lost.


def tell_by_webhook(ledger: Ledger[AnyIssue], url: str, secret: str) -> None:
    """Post a signed notice of each step, names and ids alone, until the receiver takes it."""
    ledger.after(Step, name="webhook", policy=PATIENT)(Webhook(url, secret))


def work(ledger: Ledger[AnyIssue], stop: threading.Event) -> None:
    """Sweep and deliver, again and again, beside the requests."""
    while not stop.wait(WORK_EVERY_SECONDS):
        try:
            ledger.sweep()
            ledger.deliver()
        except OSError:
            log.exception("the ledger can't be reached; trying again")


def log_event(event: str, **values: Any) -> None:
    """Write what the ledger did, of which nothing is confidential, to the log."""
    log.info("%s %s", event, values)


def service(environment: Mapping[str, str], tokens: Mapping[str, Any]) -> FastAPI:
    """The application: the ledger's interface, with a thread that sweeps and delivers."""
    address = environment.get("SERVICE_LEDGER", "sqlite:///service.db")
    ledger = Ledger.open(address, load_campaign("hubei-2018"))
    log_events(ledger, log_event)
    if "SERVICE_WEBHOOK" in environment:
        tell_by_webhook(ledger, environment["SERVICE_WEBHOOK"], environment["SERVICE_SECRET"])

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        stop = threading.Event()
        worker = threading.Thread(target=work, args=(ledger, stop))
        worker.start()
        yield
        stop.set()
        worker.join()
        ledger.close()

    app = FastAPI(title="专项治理问题台账", version="1", lifespan=lifespan)
    router = ledger_router(ledger, actor=actors_by_token(tokens))
    app.include_router(router, prefix="/ledger", tags=["台账"])
    return app


def main() -> None:
    """Serve, on this machine alone unless told otherwise."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8019)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    tokens: dict[str, Any] = json.loads(os.environ.get("SERVICE_TOKENS", "{}"))
    if not tokens:
        token = secrets.token_urlsafe()
        tokens = {token: ["officer-7", "420000", []]}
        print(f"试用令牌: {token}", flush=True)
    print(f"接口说明: http://{given.host}:{given.port}/docs", flush=True)
    uvicorn.run(service(os.environ, tokens), host=given.host, port=given.port, log_level="warning")


if __name__ == "__main__":
    main()
