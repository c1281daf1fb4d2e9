"""A signed webhook from end to end: the platform posts, a receiver verifies and drops repeats.

Run it: ``python examples/webhooks.py``. It needs ``rectify[webhooks]``. Both sides are on this
machine, which is why the address may begin with http; elsewhere it is https.
"""

from __future__ import annotations

import secrets
from base64 import b64encode
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from rectify import Actor, Finding, Ledger, Transfer, load_campaign
from rectify.integrations.webhooks import PATIENT, Webhook

BEIJING = ZoneInfo("Asia/Shanghai")
SECRET = f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"


# The receiver: another system, in whatever language. It knows the secret and what it has seen.


class Receiver(BaseHTTPRequestHandler):
    """Verifies what comes; its first answer is lost on the way, so the webhook comes again."""

    seen: dict[str, Any] = {}  # noqa: RUF012
    lost = False

    def do_POST(self) -> None:
        """Take one webhook."""
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            payload = Verifier(SECRET).verify(body, dict(self.headers))
        except WebhookVerificationError:
            self.send_error(400)
            return
        message_id = self.headers["webhook-id"]
        if message_id in self.seen:
            print("收到重复推送，已忽略")
        else:
            self.seen[message_id] = payload
            print("收到：", payload["type"], payload["data"]["from"], "→", payload["data"]["to"])
        if not Receiver.lost:
            Receiver.lost = True
            self.close_connection = True
            return
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quietly."""


server = HTTPServer(("127.0.0.1", 0), Receiver)
Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()


# The platform: one line for the hook. The secret comes from where its other secrets are.


class Clock:
    """The present, which the example moves on by hand."""

    now = datetime(2018, 5, 10, 9, 0, tzinfo=BEIJING)

    def __call__(self) -> datetime:
        return self.now


clock = Clock()
ledger = Ledger(load_campaign("hubei-2018"), clock=clock)
webhook = Webhook(f"http://127.0.0.1:{server.server_port}/hooks", SECRET)
ledger.after(Transfer, name="tell-receiver", policy=PATIENT)(webhook)

clerk = Actor(id="clerk-3", unit="420900")
finding = Finding(
    title="驻村工作队员挂名走读",
    area="conduct",
    channel="petition",
    unit="420900",
    found_at=clock.now - timedelta(days=2),
    discipline_lead=True,
    reporter="群众来电，号码已封存",
)
found = ledger.register(finding, by=clerk, issue_id="问题2018-001")
ledger.apply(Transfer(found, organ="市纪委监委", lead="驻村工作队员长期挂名走读"), by=clerk)

print("第一轮：", ledger.deliver())
for delivery in ledger.deliveries("ready"):
    print("  待重发，原因：", (delivery.last_error or "").split(" ")[0])
clock.now += timedelta(minutes=1)
print("第二轮：", ledger.deliver())
server.shutdown()
server.server_close()

(payload,) = Receiver.seen.values()
assert payload["data"]["issue"] == "问题2018-001"
assert "群众来电" not in str(payload)
