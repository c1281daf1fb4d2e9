"""Confidential texts are encrypted at rest with a key of the host's, where it gives one."""

from __future__ import annotations

import copy
import pickle
import sys
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.orm import Session

from rectify import AnyIssue, Found, Ledger
from rectify.campaign import Campaign
from rectify.errors import MissingExtra, NotIntact, RectifyError, SecretKeyError
from rectify.sealed import Sealed
from rectify.secret_key import SecretKey
from support import OFFICER, Clock, Tamper, finding

NAME = "欧阳举报"
RAW = bytes(range(32))
KEY = SecretKey(RAW)
OTHER = SecretKey(bytes(32))


def _register(ledger: Ledger[AnyIssue]) -> Found:
    return ledger.register(finding(reporter=NAME, persons={"甲": "司徒被告"}), by=OFFICER)


def _kept(url: str) -> str:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return str(connection.execute(text("SELECT * FROM rectify_secret")).all())


def test_a_text_is_kept_encrypted_and_read_with_the_key(url: str, campaign: Campaign) -> None:
    """In the table there is neither the name nor anything two texts have in common."""
    with Ledger.open(url, campaign, secrets=KEY) as ledger:
        first, second = _register(ledger), _register(ledger)
        kept = _kept(url)
        assert NAME not in kept
        assert KEY.id in kept
        tails = {row.partition(KEY.id)[2][:40] for row in kept.split("),")}
        assert 4 == len(tails)
        assert ledger.audit().intact
        assert 0 == ledger.audit().locked
    with Ledger.open(url, campaign, secrets=SecretKey(RAW)) as ledger:
        assert NAME == ledger.reveal(first, by=OFFICER, reason="r").text
        _, lead = ledger.split_lead(second, organ="纪委", lead="线索", by=OFFICER)
        assert NAME == ledger.reveal(lead, by=OFFICER, reason="r").text


def test_without_the_key_all_but_the_texts_can_be_read(url: str, campaign: Campaign) -> None:
    """And nothing is written in the clear beside what is encrypted; the error never shows it."""
    with Ledger.open(url, campaign, secrets=KEY) as ledger:
        found = _register(ledger)
    with Ledger.open(url, campaign) as ledger:
        assert found == ledger.get(found.id)
        assert (True, 2) == (ledger.audit().intact, ledger.audit().locked)
        assert 0 == ledger.audit(replay=False).locked
        for attempt in (
            lambda: ledger.reveal(found, by=OFFICER, reason="r"),
            lambda: ledger.erase(found, by=OFFICER, reason="r"),
            lambda: ledger.split_lead(found, organ="纪委", lead="线索", by=OFFICER),
            lambda: _register(ledger),
            lambda: ledger.rekey(OTHER),
        ):
            with pytest.raises(SecretKeyError, match=KEY.id) as caught:
                attempt()
            assert NAME not in str(caught.value)
        plain = ledger.register(finding(), by=OFFICER)
        assert [found, plain] == list(ledger.issues())


def test_another_key_does_not_open_it(url: str, campaign: Campaign) -> None:
    """The error names the key that is needed, and the ledger is left as it was."""
    with Ledger.open(url, campaign, secrets=KEY) as ledger:
        _register(ledger)
    with pytest.raises(SecretKeyError, match=KEY.id):
        Ledger.open(url, campaign, secrets=OTHER)
    with Ledger.open(url, campaign, secrets=KEY) as ledger:
        assert ledger.audit().intact


def test_a_ledger_that_is_not_encrypted_says_so(url: str, campaign: Campaign) -> None:
    """A key is not taken for one that was there from the start; `rekey` encrypts what there is."""
    with Ledger.open(url, campaign) as ledger:
        found = _register(ledger)
        assert NAME in _kept(url)
    with pytest.raises(SecretKeyError, match="rekey"):
        Ledger.open(url, campaign, secrets=KEY)
    with Ledger.open(url, campaign) as ledger:
        ledger.rekey(KEY)
        assert NAME not in _kept(url)
        assert NAME == ledger.reveal(found, by=OFFICER, reason="r").text
        assert NAME not in _kept(url) + str(_register(ledger))


def test_a_key_is_changed_for_all_texts_at_once(url: str, campaign: Campaign) -> None:
    """What was erased stays so; a program with the old key is told, and writes nothing with it."""
    with (
        Ledger.open(url, campaign, secrets=KEY) as ledger,
        Ledger.open(url, campaign, secrets=KEY) as other,
    ):
        found = ledger.erase(_register(ledger), by=OFFICER, reason="期满")
        ledger.rekey(OTHER)
        assert KEY.id not in _kept(url)
        assert ledger.audit().intact
        revealed = ledger.reveal(found, field="persons/甲", by=OFFICER, reason="r")
        assert "司徒被告" == revealed.text
        for attempt in (
            lambda: other.reveal(revealed.issue, field="persons/甲", by=OFFICER, reason="r"),
            lambda: _register(other),
            lambda: other.rekey(KEY),
        ):
            with pytest.raises(SecretKeyError, match=OTHER.id):
                attempt()
        with other.batch(), pytest.raises(SecretKeyError, match=OTHER.id):
            _register(other)
        assert [found.id] == [one.id for one in ledger.issues()]


def test_a_key_is_changed_in_a_commit_of_its_own(url: str, campaign: Campaign) -> None:
    """Not in one that someone else may roll back."""
    from rectify.errors import StoreError

    with Ledger.open(url, campaign) as ledger, ledger.batch(), pytest.raises(StoreError):
        ledger.rekey(KEY)


def test_a_ledger_in_a_hosts_transaction_has_the_key(url: str, campaign: Campaign) -> None:
    """Whether it is opened there or comes from one that has it."""
    engine = create_engine(url)
    with Session(engine) as session:
        ledger = Ledger.on(session, campaign, create=True, secrets=KEY)
        first = _register(ledger)
        session.commit()
    with Ledger.open(url, campaign, secrets=KEY) as ledger:
        with Session(engine) as session:
            second = _register(ledger.within(session))
            session.commit()
        for found in (first, second):
            assert NAME == ledger.reveal(found, by=OFFICER, reason="r").text
    assert NAME not in _kept(url)
    engine.dispose()


@pytest.mark.parametrize(
    "change",
    [
        # Another issue's ciphertext, under its own salt.
        "UPDATE rectify_secret SET text = (SELECT max(text) FROM rectify_secret)",
        "UPDATE rectify_secret SET text = text || 'A'",
        "UPDATE rectify_secret SET text = substr(text, 1, 30)",
        "UPDATE rectify_secret SET text = '欧阳举报别人'",
    ],
)
def test_a_ciphertext_that_was_changed_or_moved_is_found(
    url: str, campaign: Campaign, tamper: Tamper, change: str
) -> None:
    """It opens in its own place alone; then no key is changed, either."""
    with Ledger.open(url, campaign, secrets=KEY) as ledger:
        for _ in range(2):
            _register(ledger)
        tamper(change)
        assert not ledger.audit().intact
        if "别人" not in change:
            with pytest.raises(NotIntact):
                ledger.rekey(OTHER)


def test_in_memory_nothing_is_at_rest(campaign: Campaign, clock: Clock) -> None:
    """A key is taken, and there is nothing to encrypt."""
    ledger = Ledger(campaign, clock=clock, secrets=KEY)
    found = _register(ledger)
    ledger.rekey(OTHER)
    assert NAME == ledger.reveal(found, by=OFFICER, reason="r").text


@pytest.mark.parametrize("bad", [b"", b"x" * 16, "x" * 32, None, bytearray(32)])
def test_a_key_is_32_bytes(bad: Any) -> None:
    """Anything else is refused and not shown."""
    with pytest.raises(SecretKeyError, match="32 random bytes") as caught:
        SecretKey(bad)
    assert "xxxx" not in str(caught.value)


def test_a_key_is_never_shown_or_sent() -> None:
    """Its id tells it from others; pickling and copying are refused."""
    assert f"<SecretKey {KEY.id}>" == repr(KEY) == str(KEY)
    assert RAW.hex() not in repr(KEY)
    assert (16, KEY.id) == (len(KEY.id), SecretKey(RAW).id)
    assert KEY.id != OTHER.id
    assert 32 == len(SecretKey.generate()) == len({SecretKey.generate() for _ in range(32)})
    for attempt in (lambda: pickle.dumps(KEY), lambda: copy.copy(KEY)):
        with pytest.raises(SecretKeyError):
            attempt()


def test_any_text_comes_back_as_it_was() -> None:
    """Also one that a damaged store gave, with bytes that are no text."""
    for value in ("", "甲" * 20_000, "\x01", "\udcff"):
        kept = KEY.encrypt(Sealed(value), "here")
        assert Sealed(value) == KEY.decrypt(kept, "here")
        assert None is KEY.decrypt(kept, "there")
        assert None is OTHER.decrypt(kept, "here")


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform that asks for encryption does not go without it unawares."""
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers.aead", None)
    with pytest.raises(MissingExtra, match=r"rectify\[seal\]") as caught:
        SecretKey(RAW)
    assert isinstance(caught.value, RectifyError)
