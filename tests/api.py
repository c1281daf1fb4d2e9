"""What tests of the interface over HTTP share: an application, its people, a client."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Final
from urllib.parse import quote

import attrs
import httpx
from fastapi import FastAPI, Header, HTTPException

from rectify import Actor, Ledger
from rectify.integrations.fastapi import ledger_router
from support import COMMISSION, INSPECTOR, OFFICER

CLERK: Final = Actor(id="clerk-3", unit="420900")
PEOPLE: Final = {each.id: each for each in (OFFICER, INSPECTOR, COMMISSION, CLERK)}

FINDING: Final[dict[str, Any]] = {
    "title": "项目资金滞留乡镇财政所未拨付",
    "area": "funds",
    "channel": "undercover-visit",
    "unit": "420000",
    "found_at": "2018-05-03T10:00:00+08:00",
}
TIMETABLE: Final[dict[str, Any]] = {
    "milestones": [{"id": "m1", "title": "资金拨付到项目", "due": "2018-06-15"}],
    "responsible": "财政所所长",
}


def who_asks(x_actor: Annotated[str | None, Header()] = None) -> Actor:
    """A host's log-in, for tests: the actor whose id is in a header."""
    if x_actor not in PEOPLE:
        raise HTTPException(401, "not logged in", {"WWW-Authenticate": "Test"})
    return PEOPLE[x_actor]


def application(ledger: Ledger[Any], **options: Any) -> FastAPI:
    """An application with the ledger under ``/ledger``."""
    app = FastAPI(title="platform")
    given: dict[str, Any] = {"actor": who_asks, **options}
    app.include_router(ledger_router(ledger, **given), prefix="/ledger")
    return app


@attrs.frozen
class Api:
    """Asks an application as one actor, in the process."""

    app: Any
    actor: Actor = OFFICER
    language: str = "zh"

    def at_once(self, *requests: Sequence[Any]) -> list[httpx.Response]:
        """Requests sent together: each a method, a path, and what `httpx` takes."""

        async def send() -> list[httpx.Response]:
            transport = httpx.ASGITransport(app=self.app)
            headers = {"X-Actor": self.actor.id, "Accept-Language": self.language}
            async with httpx.AsyncClient(
                transport=transport, base_url="http://host/ledger", headers=headers
            ) as client:
                return await asyncio.gather(
                    *(client.request(method, path, **options) for method, path, options in requests)
                )

        return asyncio.run(send())

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Read."""
        return self.at_once(("GET", path, options))[0]

    def post(self, path: str, json: Any = None, **headers: str) -> httpx.Response:
        """Write JSON; headers by their names with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.at_once(("POST", path, {"json": json, "headers": named}))[0]

    def register(self, key: str = "1", **changes: Any) -> httpx.Response:
        """Register a plain finding, with changes."""
        return self.post("/issues", FINDING | changes, Idempotency_Key=key)

    def move(self, issue_id: str, version: int, move: str, **evidence: Any) -> httpx.Response:
        """Take a move on a version of an issue."""
        body = {"move": move, **evidence}
        return self.post(f"/issues/{quote(issue_id)}/moves", body, If_Match=f'"{version}"')


def problem(response: httpx.Response) -> tuple[int, str]:
    """The status and code of a problem, which is one by its type and says its status itself."""
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    assert body["type"] == f"urn:rectify:problem:{body['code']}"
    return response.status_code, body["code"]
