"""The outbox: what after hooks are owed, looked after by whoever runs the platform."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from rectify.canonical import encode
from rectify.delivery import owed_for
from rectify.errors import InvalidValue, UnknownDelivery
from rectify.fields import check_instant, is_line
from rectify.hooks import Dispatcher, Hooks
from rectify.i18n import message
from rectify.journal import Entry, writer
from rectify.record import Record
from rectify.store import Delivery, Store, Transaction

PAGE: Final = 1_000
_ID_END: Final = 2**63
"""How many deliveries one transaction owes or hands over."""
_REPLAY: Final = "Replay"
"""The kind of the entry that is made of a replay in the ledger's journal."""


class Outbox:
    """The deliveries of one ledger: its store, its hooks, its clock."""

    def __init__(
        self, store: Store, hooks: Hooks, fingerprint: str, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._hooks = hooks
        self._fingerprint = fingerprint
        self._clock = clock

    def retry(self, delivery_id: int | None, hook: str | None) -> int:
        """See `Ledger.retry`."""
        ids = None if delivery_id is None else [delivery_id]
        with self._store.transaction() as tx:
            if delivery_id is not None:
                # No database has a larger number, or could be asked for it.
                given = [delivery_id] if abs(delivery_id) < _ID_END else []
                _check_dead(tx.deliveries(ids=given), delivery_id)
            revived = tx.revive(self._clock(), hook=hook, ids=ids)
            if self._hooks.dispatcher is not None:
                _hand_over(tx, self._hooks.dispatcher, _with_their_lines(tx, revived))
        return len(revived)

    def hand_over(self) -> int:
        """See `Ledger.hand_over`."""
        dispatcher = self._hooks.dispatcher
        if dispatcher is None:
            raise InvalidValue("dispatcher", message("the ledger was opened without one"))
        with self._store.transaction() as tx:
            open_ = (*tx.deliveries("ready"), *tx.deliveries("leased"))
            ids = [one.id for one in open_ if one.id is not None]
            _hand_over(tx, dispatcher, ids)
        return len(ids)

    def rename(self, old: str, new: str) -> int:
        """See `Ledger.rename_hook`."""
        if not is_line(new):
            raise InvalidValue("new", message("it is no line of text"))
        if old == new:
            raise InvalidValue("new", message("it is the old name"))
        with self._store.transaction() as tx:
            return tx.rename_hook(old, new)

    # What was recorded before a hook was added.

    def replay(self, hook: str, since: datetime | None) -> int:
        """See `Ledger.replay`."""
        self._hooks.get(hook)
        if since is not None:
            check_instant("since", since)
        count = 0
        missed = self._missed(hook, since)
        while some := list(islice(missed, PAGE)):
            with self._store.transaction() as tx:
                count += self._hooks.owe(tx, some, missing=True)
        self._note(hook, since, count)
        return count

    def replay_once(self, hook: str) -> None:
        """Owe a hook all that was recorded before it, the first time that this is asked.

        A replay that was cut short is taken up again: it is noted at its end, and what it owed
        before is not owed twice.
        """
        with self._store.reading() as tx:
            noted = tx.timeline.entries(_chain(hook))
        if not any(entry.data["since"] is None for entry in noted):
            self.replay(hook, None)

    def _missed(self, hook: str, since: datetime | None) -> Iterator[Delivery]:
        """Every record or event since an instant that a hook runs after, in order by issue."""
        kinds, now = self._hooks.kinds_of(hook), self._clock()
        if self._hooks.is_on_events(hook):
            for entry in self._events():
                if entry.kind in kinds and (since is None or entry.at >= since):
                    subject = str(entry.data["subject"])
                    yield owed_for(subject, entry.number, entry.digest, hook, min(entry.at, now))
            return
        for history in self._store.histories():
            for version, body, digest in history.rows:
                record = Record(history.issue_id, version, body, digest)
                if record.move in kinds and (since is None or record.at >= since):
                    yield owed_for(record.issue_id, version, digest, hook, min(record.at, now))

    def _events(self) -> Iterator[Entry]:
        number = 0
        while True:
            with self._store.reading() as tx:
                page = tx.timeline.events(number, PAGE)
            yield from page
            if len(page) < PAGE:
                return
            number = page[-1].number

    def _note(self, hook: str, since: datetime | None, count: int) -> None:
        """Make an entry of a replay in the ledger's journal."""
        chain = _chain(hook)
        since = None if since is None else since.astimezone(UTC)
        with self._store.transaction() as tx:
            # Those who note at once take turns.
            tx.timeline.basis(lock=True)
            entries = tx.timeline.entries(chain)
            previous = entries[-1].digest if entries else ""
            write = writer(chain, self._fingerprint, len(entries), previous, self._store.digest)
            data = {"hook": hook, "since": since, "owed": count}
            tx.timeline.enter(write(_REPLAY, self._clock().astimezone(UTC), encode(data)))


def _hand_over(tx: Transaction, dispatcher: Dispatcher, ids: Sequence[int]) -> None:
    for first in range(0, len(ids), PAGE):
        dispatcher.handoff(tx.connection, ids[first : first + PAGE])


def _with_their_lines(tx: Transaction, ids: Sequence[int]) -> Sequence[int]:
    """Deliveries with those that they held up: the later ones of the same issue and hook."""
    lines = {(one.hook, one.issue_id): one for one in tx.deliveries(ids=ids)}
    return [
        one.id
        for hook, issue_id in lines
        for one in tx.deliveries("ready", hook=hook, issue_id=issue_id)
        if one.id is not None
    ]


def _chain(hook: str) -> str:
    return f"hook:{hook}"


def _check_dead(found: Iterable[Delivery], delivery_id: int) -> None:
    for one in found:
        if one.status == "dead":
            return
        problem = message(
            "delivery {id} is {status}; only dead ones are retried",
            id=delivery_id,
            status=one.status,
        )
        raise InvalidValue("delivery_id", problem)
    raise UnknownDelivery(delivery_id)
