"""The example service, as another department meets it: a process, a token, webhooks."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from standardwebhooks import Webhook

from api import FINDING, TIMETABLE, problem
from rectify import Ledger, load_campaign

ROOT: Final = Path(__file__).parents[1]
SECRET: Final = "whsec_" + "c2VjcmV0IG9mIHRoZSB0ZXN0cyBhbG9uZQ=="
TOKENS: Final[dict[str, Any]] = {
    "token-of-the-bureau": ["bureau-system", "420000", []],
    "token-of-the-inspectors": ["inspector-system", "420000", []],
}
PATIENCE_SECONDS: Final = 60


class Receiver:
    """The other department's end of the webhooks: it fails at first, and drops repeats."""

    def __init__(self) -> None:
        self.notices: dict[str, Any] = {}
        self.refused = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                notice: Any = Webhook(SECRET).verify(body, dict(self.headers))
                if not outer.refused:
                    outer.refused += 1
                    self.send_response(503)
                else:
                    outer.notices[self.headers["webhook-id"]] = notice
                    self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/notices"

    def wait_for(self, count: int) -> list[tuple[str, str]]:
        """What was told, once there is so much of it."""
        until = time.monotonic() + PATIENCE_SECONDS
        while len(self.notices) < count and time.monotonic() < until:
            time.sleep(0.1)
        return [(notice["type"], notice["data"]["to"]) for notice in self.notices.values()]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


@contextmanager
def served(folder: Path, webhook: str) -> Generator[str]:
    """The service in a process of its own, on a port of this machine; told to end, it does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONUTF8": "1",
        "SERVICE_TOKENS": json.dumps(TOKENS),
        "SERVICE_WEBHOOK": webhook,
        "SERVICE_SECRET": SECRET,
    }
    script = str(ROOT / "examples" / "fastapi_service" / "service.py")
    with (folder / "log.txt").open("a", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, script, "--port", str(port)],
            cwd=folder, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            until = time.monotonic() + PATIENCE_SECONDS
            while time.monotonic() < until:
                try:
                    httpx.get(f"{address}/openapi.json", trust_env=False)
                    break
                except httpx.ConnectError:
                    assert process.poll() is None, (folder / "log.txt").read_text("utf-8")
                    time.sleep(0.1)
            yield f"{address}/ledger"
        finally:
            process.send_signal(signal.SIGTERM)
            ended = process.wait(PATIENCE_SECONDS)
    assert ended in (0, -signal.SIGTERM)


def client(address: str, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=address, headers=headers, trust_env=False)


def test_a_case_goes_through_the_service_and_its_webhooks(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Over a restart in the middle; what was told once is told once, what failed again."""
    with (
        served(tmp_path, receiver.url) as address,
        client(address, "token-of-the-bureau") as bureau,
    ):
        nobody = client(address, "guessed")
        assert (401, "http-401") == problem(nobody.get("/issues"))
        nobody.close()
        finding = FINDING | {"reporter": "甲某某，电话13900000000"}
        found = bureau.post("/issues", json=finding, headers={"Idempotency-Key": "2018-0503-1"})
        assert 201 == found.status_code
        issue = f"/issues/{found.json()['id']}"
        body = {"move": "Schedule", "timetable": TIMETABLE, "carry_over": "跨期整改"}
        refused = bureau.post(
            f"{issue}/moves", json=body | {"move": "Fix"}, headers={"If-Match": '"1"'}
        )
        assert (422, "invalid") == problem(refused)
        done = bureau.post(f"{issue}/moves", json=body, headers={"If-Match": found.headers["etag"]})
        assert "Scheduled" == done.json()["state"]
    with (
        served(tmp_path, receiver.url) as address,
        client(address, "token-of-the-bureau") as bureau,
        client(address, "token-of-the-inspectors") as inspectors,
    ):
        again = bureau.post(
            f"{issue}/moves", json=body, headers={"If-Match": found.headers["etag"]}
        )
        assert "true" == again.headers["idempotent-replayed"]
        move = {"move": "Complete", "milestone": "m1", "evidence": "拨款凭证"}
        done = bureau.post(f"{issue}/moves", json=move, headers={"If-Match": done.headers["etag"]})
        move = {"move": "Verify", "conclusion": "rectified", "evidence": "现场核查"}
        headers = {"If-Match": done.headers["etag"]}
        assert (409, "refused") == problem(
            bureau.post(f"{issue}/moves", json=move, headers=headers)
        )
        done = inspectors.post(f"{issue}/moves", json=move, headers=headers)
        assert "Verified" == done.json()["state"]
        told = receiver.wait_for(4)
    assert [
        ("rectify.Register", "Found"),
        ("rectify.Schedule", "Scheduled"),
        ("rectify.Complete", "Scheduled"),
        ("rectify.Verify", "Verified"),
    ] == told
    assert 1 == receiver.refused
    log = (tmp_path / "log.txt").read_text("utf-8")
    assert "Traceback" not in log
    assert "甲某某" not in log + str(receiver.notices)
    with Ledger.open(f"sqlite:///{tmp_path / 'service.db'}", load_campaign("hubei-2018")) as ledger:
        assert ledger.audit().intact
