"""Signed webhooks, against a real HTTP server: what is sent, what fails, what is never shown."""

from __future__ import annotations

import json
import logging
import ssl
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from receiving import Receiver, receiving, unused_port
from rectify import AnyIssue, Fix, Found, Ledger, Move, Overdue, PhaseOpened, Scheduled, Transfer
from rectify.delivery import Delivered
from rectify.errors import InvalidValue, MissingExtra
from rectify.event import Event
from rectify.integrations.cloudevents import CloudEvents
from rectify.integrations.webhooks import PATIENT, Webhook, webhook_id
from rectify.moves import Register
from support import BEIJING, OFFICER, Clock, MakeLedger, finding, in_state, take

SECRET = "whsec_" + "c2VjcmV0LW9mLXRoaXMtdGVzdC1hbG9uZS0xMjM0"
OLD_SECRET = "whsec_" + "YW4tb2xkZXItc2VjcmV0LXRoYXQtaXMtcm90YXRlZA"
NAME = "诸葛无名"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def test_what_is_sent_is_signed_and_verified_by_the_library(
    make_ledger: MakeLedger, receiver: Receiver
) -> None:
    """The receiver verifies the body as it came, and finds the move told in ids and codes."""
    ledger = make_ledger()
    ledger.after(Transfer, name="通知 纪委/1.0")(Webhook(receiver.url, SECRET))
    issue = take(ledger, Transfer, in_state(ledger, Found))
    assert ledger.deliver() == Delivered(done=1)
    ((path, headers, body),) = receiver.came
    payload = Verifier(SECRET).verify(body, dict(headers))
    record = ledger.history(issue.id)[-1]
    assert path == "/hooks?for=rectify"
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert payload == {
        "type": "rectify.Transfer",
        "timestamp": "2018-05-07T04:00:00+00:00",
        "data": {
            "subject": issue.id,
            "issue": issue.id,
            "version": 2,
            "from": "Found",
            "to": "Transferred",
            "round": 1,
            "unit": "420000",
            "area": "funds",
            "channel": "undercover-visit",
            "digest": record.digest,
        },
    }
    (delivery,) = ledger.deliveries()
    assert headers["webhook-id"] == webhook_id(delivery.key)
    assert unquote(headers["webhook-id"]) == delivery.key
    assert "." not in headers["webhook-id"]
    changed = body.replace(b"Found", b"found")
    with pytest.raises(WebhookVerificationError):
        Verifier(SECRET).verify(changed, dict(headers))
    with pytest.raises(WebhookVerificationError):
        Verifier(OLD_SECRET).verify(body, dict(headers))


def test_while_a_secret_is_replaced_both_verify(
    ledger: Ledger[AnyIssue], receiver: Receiver
) -> None:
    """With two secrets there are two signatures, and whoever has either verifies."""
    ledger.after(Fix, name="tell")(Webhook(receiver.url, [SECRET, OLD_SECRET]))
    take(ledger, Fix, in_state(ledger, Found))
    ledger.deliver()
    ((_, headers, body),) = receiver.came
    for secret in (SECRET, OLD_SECRET):
        assert Verifier(secret).verify(body, dict(headers))["type"] == "rectify.Fix"


def test_what_fails_comes_again_with_the_same_id_and_a_fresh_signature(
    make_ledger: MakeLedger, clock: Clock, receiver: Receiver
) -> None:
    """Whatever fails is sent again until a 2xx; body and id stay, so a repeat can be dropped."""
    ledger = make_ledger()
    webhook = Webhook(receiver.url, SECRET, timeout=timedelta(seconds=5))
    ledger.after(Move, name="tell", policy=PATIENT)(webhook)
    issue = in_state(ledger, Scheduled)
    receiver.answers += [500, "drop", 302, 404, 429, 503, 200]
    errors: list[str | None] = []
    while ledger.backlog():
        ledger.deliver()
        errors += [one.last_error for one in ledger.deliveries("ready")]
        clock.pass_by(days=1)
    assert len(receiver.came) == 7
    assert len({headers["webhook-id"] for _, headers, _ in receiver.came}) == 1
    assert len({body for _, _, body in receiver.came}) == 1
    for _, headers, body in receiver.came:
        assert Verifier(SECRET).verify(body, dict(headers))["data"]["issue"] == issue.id
    told = [(error or "").split(" at ")[0] for error in errors]
    assert [one for one in told if one.startswith("Rejected")] == [
        f"Rejected {status}" for status in (500, 302, 404, 429, 503)
    ]
    assert told[1] == "RemoteDisconnected"


def test_a_receiver_that_wants_no_more_is_left_alone(
    make_ledger: MakeLedger, receiver: Receiver
) -> None:
    """410 is final: the delivery is dead at once."""
    ledger = make_ledger()
    ledger.after(Fix, name="tell")(Webhook(receiver.url, SECRET))
    take(ledger, Fix, in_state(ledger, Found))
    receiver.answers.append(410)
    assert ledger.deliver() == Delivered(dead=1)
    assert (ledger.deliveries()[0].last_error or "").startswith("Gone at webhooks.py:")


@pytest.mark.parametrize("answer", ["hang", "drip"])
def test_a_receiver_that_does_not_answer_in_time_has_failed(
    ledger: Ledger[AnyIssue], receiver: Receiver, answer: str
) -> None:
    """An answer that does not come, or comes a byte at a time, is not waited for."""
    webhook = Webhook(receiver.url, SECRET, timeout=timedelta(milliseconds=300))
    ledger.after(Fix, name="tell")(webhook)
    take(ledger, Fix, in_state(ledger, Found))
    receiver.answers.append(answer)
    assert ledger.deliver() == Delivered(failed=1)
    assert (ledger.deliveries()[0].last_error or "").startswith("TimeoutError")
    assert len(receiver.came) == 1


def test_a_receiver_that_is_not_there_has_failed(ledger: Ledger[AnyIssue]) -> None:
    """A refused connection is a failed attempt."""
    webhook = Webhook(f"http://127.0.0.1:{unused_port()}", SECRET)
    ledger.after(Fix, name="tell")(webhook)
    take(ledger, Fix, in_state(ledger, Found))
    assert ledger.deliver() == Delivered(failed=1)
    assert (ledger.deliveries()[0].last_error or "").startswith("ConnectionRefusedError")


def _certificate(folder: Path) -> Path:
    """A certificate for this machine, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


def test_certificates_are_checked(ledger: Ledger[AnyIssue], tmp_path: Path) -> None:
    """Over TLS a receiver is told only if its certificate is trusted."""
    certificate = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with receiving(context) as receiver:
        url = f"https://localhost:{receiver.port}/hooks"
        ledger.after(Fix, name="trusting")(Webhook(url, SECRET, context=trusting))
        ledger.after(Fix, name="wary")(Webhook(url, SECRET))
        take(ledger, Fix, in_state(ledger, Found))
        assert ledger.deliver() == Delivered(done=1, failed=1)
        ((path, headers, body),) = receiver.came
    assert path == "/hooks"
    assert Verifier(SECRET).verify(body, dict(headers))["type"] == "rectify.Fix"
    (failed,) = ledger.deliveries("ready")
    assert (failed.hook, (failed.last_error or "").split(" at ")[0]) == (
        "wary",
        "SSLCertVerificationError",
    )


def test_events_are_told_too(make_ledger: MakeLedger, receiver: Receiver) -> None:
    """A phase that opens and a milestone that runs out are told by their own fields."""
    ledger = make_ledger()
    ledger.after(Event, name="tell")(Webhook(receiver.url, SECRET))
    issue = in_state(ledger, Scheduled)
    ledger.sweep(datetime(2018, 6, 16, tzinfo=BEIJING))
    ledger.deliver()
    told = [json.loads(body) for _, _, body in receiver.came]
    opened = next(one for one in told if one["type"] == "rectify.PhaseOpened")
    assert (opened["timestamp"], opened["data"]) == (
        "2017-11-30T16:00:00+00:00",
        {"subject": "self-inspection", "phase": "self-inspection", "level": None},
    )
    late = [one for one in told if one["type"] == "rectify.Overdue" and one["data"]["issue"]]
    assert [one["data"] for one in late] == [
        {
            "subject": issue.id,
            "kind": "milestone",
            "issue": issue.id,
            "duty": None,
            "ref": "m1",
            "round": 1,
            "unit": "420000",
            "due_at": "2018-06-15T16:00:00+00:00",
        }
    ]
    assert {type(event) for event in ledger.events()} > {PhaseOpened, Overdue}


# What is never shown.


def test_no_reporter_and_no_secret_is_ever_sent_or_shown(
    make_ledger: MakeLedger,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A reporter's name, whatever field it was written in, is in no payload, log or error."""
    ledger = make_ledger()
    caplog.set_level(logging.DEBUG)
    webhook = Webhook(receiver.url, SECRET)
    as_event = Webhook(receiver.url, SECRET, envelope=CloudEvents("https://platform.example/x"))
    for number, hook in enumerate((webhook, as_event)):
        ledger.after(Register, name=f"register-{number}")(hook)
        ledger.after(Move, name=f"move-{number}")(hook)
    issue = ledger.register(
        finding(
            title=f"{NAME}反映的问题", description=f"{NAME}口述", reporter=f"{NAME} 00000000000"
        ),
        by=OFFICER,
    )
    take(ledger, Fix, issue, measure=f"已向{NAME}说明")
    receiver.answers += [500, 500, 410]
    ledger.deliver()
    ledger.retry()
    ledger.deliver()
    assert len(receiver.came) == 5
    shown = [
        *(f"{path} {headers} {body.decode()}" for path, headers, body in receiver.came),
        repr(ledger.deliveries()),
        caplog.text,
        *capsys.readouterr(),
        repr(webhook),
        str(webhook),
    ]
    for text in shown:
        assert NAME not in text
        assert "00000000000" not in text
        assert SECRET.removeprefix("whsec_") not in text
    assert repr(webhook) == "<Webhook http://127.0.0.1/…>"


BAD_URLS = [
    "http://platform.example/hooks",
    "ftp://127.0.0.1/hooks",
    "https://",
    "https://clerk:hidden@platform.example/hooks",
    "https://platform.example/hooks#hidden",
    "https://platform.example/hid den",
    "https://platform.example/hid\r\nden",
    "https://平台.example/hidden",
    "https://[hidden/",
    "https://platform.example:hidden/",
    "http://10.0.0.1/hidden",
    "hidden",
]


@pytest.mark.parametrize("url", BAD_URLS)
def test_an_address_that_will_not_do_is_refused_without_showing_it(url: str) -> None:
    """Only https is spoken, but for this very machine; the error does not repeat the address."""
    with pytest.raises(InvalidValue, match="url") as caught:
        Webhook(url, SECRET)
    assert "hid" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://localhost:1/", "http://[::1]:1", "https://10.0.0.1"])
def test_an_address_that_will_do_is_taken(url: str) -> None:
    """This very machine is told in the clear, all others over TLS."""
    assert repr(Webhook(url, SECRET)).startswith(f"<Webhook {url.split(':')[0]}://")


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_aGlkZGVu", "whsec_隐藏", "whsec_a!c", []])
def test_a_secret_that_will_not_do_is_refused_without_showing_it(secret: str) -> None:
    """A secret is at least 24 bytes in base64; the error does not repeat it."""
    with pytest.raises(InvalidValue, match="secret") as caught:
        Webhook("https://platform.example", secret)
    for shown in (str(caught.value), repr(caught.value), repr(caught.value.__cause__)):
        assert not any(part in shown for part in ("aGlk", "隐藏", "a!c"))


@pytest.mark.parametrize("timeout", [timedelta(0), timedelta(days=400)])
def test_a_timeout_that_will_not_do_is_refused(timeout: timedelta) -> None:
    """A timeout is above nothing and bounded."""
    with pytest.raises(InvalidValue, match="timeout"):
        Webhook("https://platform.example", SECRET, timeout=timeout)


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the library the extra to install is named."""
    monkeypatch.setitem(sys.modules, "standardwebhooks", None)
    monkeypatch.delitem(sys.modules, "rectify.integrations.webhooks")
    with pytest.raises(MissingExtra, match=r"rectify\[webhooks\]"):
        import_module("rectify.integrations.webhooks")


def test_the_patient_policy_waits_for_two_days() -> None:
    """Between its first attempt and its last there are more than two days."""
    waits = [PATIENT.waits(attempts) for attempts in range(1, PATIENT.attempts)]
    assert timedelta(days=2) < sum(waits, timedelta()) < timedelta(days=3)
