"""A ledger on the store: a whole story, sweeps, hooks, damage."""

from __future__ import annotations

from functools import partial
from itertools import count
from typing import Any, Final

import attrs
import pytest

from rectify.campaign import load_campaign
from rectify.case import NOTHING_YET
from rectify.delivery import Delivered
from rectify.errors import Refused, StaleIssue
from rectify.event import Event
from rectify.hooks import LEASE, Applied, Occurred, Proposed
from rectify.issue import (
    AnyIssue,
    Exposed,
    FixedOnTheSpot,
    Found,
    Scheduled,
    Transferred,
    Verified,
)
from rectify.journal import Entry
from rectify.ledger import Ledger
from rectify.move import Move
from rectify.moves import Complete, Extend, Fix, Transfer
from rectify.sealed import Sealed
from rectify.store import Head, Store
from rectify.stores.memory import MemoryStore
from rectify.testing.cases import OFFICER, build, in_state, take, timetable
from rectify.testing.clock import Clock
from rectify.testing.contract.concurrency import WRITERS, at_once
from rectify.testing.contract.opening import Opening
from rectify.testing.contract.rows import overdue, secret

CAMPAIGN: Final = "hubei-2018"
DUTY: Final = "inspection-report/-/-city"
DOCUMENT: Final = "0123456789abcdef" * 4
REPORTER: Final = "举报人甲 00000000000"


def ledger_on(store: Store, clock: Clock) -> Ledger[AnyIssue]:
    """A ledger whose issues are numbered, and whose clock is set."""
    numbers = count(1)
    return Ledger(
        load_campaign(CAMPAIGN),
        store=store,
        clock=clock,
        new_id=lambda: f"issue-{next(numbers):03}",
    )


def live(ledger: Ledger[AnyIssue], clock: Clock) -> list[str]:
    """A story with every state, links, a lead, hooks, duties and time; what the hooks saw."""
    seen: list[str] = []

    @ledger.after(Move, name="tell")
    def tell(applied: Applied[Move[Any]]) -> None:
        seen.append(f"{applied.issue.id} {applied.record.move}")

    @ledger.after(Event, name="log")
    def log(occurred: Occurred[Event]) -> None:
        seen.append(f"{occurred.event.subject} {type(occurred.event).__name__}")

    states = (Found, FixedOnTheSpot, Scheduled, Transferred, Verified, Exposed)
    found, _, scheduled, *_ = (in_state(ledger, state) for state in states)
    linked = ledger.link(scheduled, found.id, kind="同村", by=OFFICER)
    kept, _ = ledger.split_lead(linked, organ="县纪委监委", lead="涉嫌截留", by=OFFICER)
    clock.pass_by(days=38)
    ledger.sweep()
    take(ledger, Complete, take(ledger, Extend, kept))
    ledger.submit(DUTY, by=OFFICER, document_hash=DOCUMENT, note="共三册")
    ledger.send_back(DUTY, by=OFFICER, reason="缺附表")
    clock.pass_by(days=60)
    ledger.sweep()
    ledger.deliver()
    return seen


def told(ledger: Ledger[AnyIssue]) -> list[object]:
    """All that a ledger tells of itself."""
    issues = list(ledger.issues())
    return [
        issues,
        [ledger.history(issue.id) for issue in issues],
        list(ledger.events()),
        ledger.filed(),
        ledger.duties(),
        [attrs.evolve(delivery, id=None) for delivery in ledger.deliveries()],
        ledger.audit(),
    ]


class StoriesContract(Opening):
    """What a ledger promises, it keeps on this store."""

    def test_a_story_is_kept_as_it_is_in_memory(self, store: Store) -> None:
        """Issues, records to the byte, events, duties and deliveries; and all is intact."""
        clock, other = Clock(), Clock()
        ledger, expected = ledger_on(store, clock), ledger_on(MemoryStore(store.digest), other)
        assert live(ledger, clock) == live(expected, other)
        assert told(ledger) == told(expected)
        assert ledger.audit().intact
        assert ledger.seal() == expected.seal()

    def test_a_reporter_is_kept_apart(self, store: Store) -> None:
        """The name is in no record and no issue, and the audit finds it as it was."""
        ledger = ledger_on(store, Clock())
        issue = in_state(ledger, FixedOnTheSpot, reporter=REPORTER)
        with store.reading() as tx:
            assert tx.secret(issue.id, "reporter") == Sealed(REPORTER)
        bodies = "".join(record.body for record in ledger.history(issue.id))
        assert (REPORTER in bodies, REPORTER in repr(ledger.get(issue.id))) == (False, False)
        assert ledger.audit().intact

    def test_of_several_steps_in_one_all_are_refused_together(self, store: Store) -> None:
        """Where one step of a split is vetoed, no issue, link or delivery is left."""
        ledger = ledger_on(store, Clock())
        issue = in_state(ledger, Found, reporter=REPORTER)
        seen: list[Applied[Move[Any]]] = []
        ledger.after(Move, name="tell")(seen.append)

        def veto(proposed: Proposed[Transfer]) -> None:
            raise Refused([], "Transfer", proposed.entered.id)

        ledger.before(Transfer)(veto)
        before = told(ledger)
        with pytest.raises(Refused):
            ledger.split_lead(issue, organ="县纪委监委", lead="线索", by=OFFICER)
        assert (told(ledger), ledger.deliver(), seen) == (before, Delivered(), [])
        assert ledger.audit().intact

    def test_of_many_clerks_on_one_issue_one_moves_it(self, store: Store) -> None:
        """The others are told that it has moved on; the chain is whole."""
        ledger = ledger_on(store, Clock())
        issue = in_state(ledger, Scheduled)
        moves = [Complete(issue, "m1", f"第{number}份凭证") for number in range(WRITERS)]

        def write(move: Complete) -> str:
            try:
                ledger.apply(move, by=OFFICER)
            except StaleIssue:
                return "stale"
            return move.evidence

        outcomes = at_once(*[partial(write, move) for move in moves])
        won = [outcome for outcome in outcomes if outcome != "stale"]
        last = ledger.history(issue.id)[-1]
        assert (len(won), last.version, last.evidence["evidence"]) == (1, 3, won[0])
        assert ledger.audit().intact

    def test_sweeps_at_once_record_each_event_once(self, store: Store) -> None:
        """What one of them records no other does; hooks are owed once."""
        clock = Clock()
        ledger = ledger_on(store, clock)
        ledger.after(Event, name="log")(lambda occurred: None)
        for day in ("2018-05-20", "2018-06-20", "2018-06-21"):
            take(ledger, Complete, in_state(ledger, Scheduled))
            take(ledger, Extend, in_state(ledger, Scheduled), timetable=timetable(day))
        clock.pass_by(days=90)
        swept = at_once(*[ledger.sweep] * WRITERS)
        events = list(ledger.events())
        assert sorted(event.key for one in swept for event in one.events) == sorted(
            event.key for event in events
        )
        assert len({event.key for event in events}) == len(events) > 0
        assert [d.seq for d in ledger.deliveries()] == list(range(1, len(events) + 1))
        assert ledger.sweep().events == ()
        assert ledger.audit().intact

    def test_a_hook_runs_at_least_once(self, store: Store) -> None:
        """Again after it has failed, and after who ran it was killed; not once it is done."""
        clock = Clock()
        ledger = ledger_on(store, clock)
        errors: list[BaseException] = [ConnectionError(), KeyboardInterrupt()]
        seen: list[tuple[int, str]] = []

        @ledger.after(Fix, name="tell")
        def tell(applied: Applied[Fix]) -> None:
            seen.append((applied.attempt, applied.key))
            if errors:
                raise errors.pop(0)

        take(ledger, Fix, in_state(ledger, Found))
        assert ledger.deliver() == Delivered(failed=1)
        clock.pass_by(hours=1)
        with pytest.raises(KeyboardInterrupt):
            ledger.deliver()
        assert ledger.deliver() == Delivered()
        clock.now += LEASE
        assert ledger.deliver() == Delivered(done=1)
        assert ledger.deliver() == Delivered()
        assert [attempt for attempt, _ in seen] == [1, 2, 3]
        assert len({key for _, key in seen}) == 1

    def test_damage_is_found(self, store: Store) -> None:
        """What no ledger would write is told by the audit, each where it is, and nothing else."""
        ledger, twin = ledger_on(store, Clock()), ledger_on(MemoryStore(store.digest), Clock())
        whole, changed, unread, unlike, named = (in_state(ledger, Found) for _ in range(5))
        for _ in range(5):
            in_state(twin, Found)
        assert ledger.audit().intact
        after = {one.id: _fixed(twin, one) for one in (whole, changed, unread, unlike)}
        head, body = after[whole.id]
        with store.transaction() as tx:
            tx.append(head, body)
            head, body = after[changed.id]
            tx.append(head, body.replace("资金已拨付".encode(), "资金未拨付".encode()))
            head, _ = after[unread.id]
            tx.append(head, b'{"no":"record"}')
            head, body = after[unlike.id]
            issue: Any = head.issue
            tx.append(attrs.evolve(head, issue=attrs.evolve(issue, measure="别的措施")), body)
            tx.keep(secret(named.id))
            (event, _), (_, other) = overdue("d-1", "d-2")
            tx.timeline.record([(event, attrs.evolve(other, number=1))])
            tx.timeline.enter(Entry("duty:d", 1, "{}", "0" * 64))
        problems = {problem.issue_id for problem in ledger.audit().problems}
        places = {changed.id, unread.id, unlike.id, named.id, "events", "duty:d"}
        assert problems == places


def _fixed(ledger: Ledger[AnyIssue], issue: AnyIssue) -> tuple[Head, bytes]:
    """The head and record that lead on from an issue, as a ledger that has it writes them."""
    fixed = ledger.apply(build(Fix, issue), by=OFFICER)
    record = ledger.history(issue.id)[-1]
    facts = attrs.evolve(NOTHING_YET, handlers=frozenset({OFFICER.id}))
    return Head(fixed, facts, record.digest, record.at), record.body.encode()
