"""What falls due: found earliest first, moved on, set and closed as an issue goes on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import attrs

from rectify.issue import Issue, Transferred
from rectify.store import Store
from rectify.testing.contract.opening import Opening
from rectify.testing.contract.rows import AT, HOUR, ZONE, deadline, registered, timetabled
from rectify.timeline import Deadline

FOREVER = datetime(2199, 1, 1, tzinfo=UTC)
MAY, JUNE = date(2018, 5, 31), date(2018, 6, 30)
END_OF_MAY = datetime(2018, 5, 31, 16, 0, tzinfo=UTC)
END_OF_JUNE = datetime(2018, 6, 30, 16, 0, tzinfo=UTC)
SOON = timedelta(days=3)


def put(store: Store, *deadlines: Deadline) -> None:
    """Put deadlines in a transaction of their own."""
    with store.transaction() as tx:
        tx.timeline.put(deadlines)


def due(store: Store, until: datetime = FOREVER, at_most: int = 99) -> list[str]:
    """The subjects of what is due up to an instant, as the store gives them."""
    with store.transaction() as tx:
        return [one.subject for one in tx.timeline.due(until, at_most)]


def redate(store: Store, left: Issue, entered: Issue, at: datetime = AT) -> None:
    """Have an issue go on, in a transaction of its own."""
    with store.transaction() as tx:
        tx.timeline.redate(left, entered, at, ZONE)


def pending(store: Store) -> list[tuple[str, datetime, datetime | None]]:
    """All that is to come: which milestone, when it is due, when its next event is."""
    with store.transaction() as tx:
        return [(one.ref, one.due_at, one.next_at) for one in tx.timeline.due(FOREVER, 99)]


def plain(deadlines: Iterable[Deadline]) -> list[Deadline]:
    """Deadlines by their keys."""
    return sorted(deadlines, key=lambda one: one.key)


class TimelineContract(Opening):
    """Deadlines, and what is due of them."""

    def test_the_earliest_are_due_first(self, store: Store) -> None:
        """Up to an instant, itself within, and no more than are asked for."""
        put(store, *(deadline(f"d-{n}", AT + n * HOUR) for n in (3, 1, 4, 2)))
        assert due(store) == ["d-1", "d-2", "d-3", "d-4"]
        assert due(store, AT + 2 * HOUR) == ["d-1", "d-2"]
        assert due(store, AT + 2 * HOUR - timedelta(microseconds=1)) == ["d-1"]
        assert due(store, FOREVER, 3) == ["d-1", "d-2", "d-3"]
        assert due(store, AT) == []

    def test_whether_anything_is_due_is_told_without_looking_at_it(self, store: Store) -> None:
        """From the very instant of the earliest on."""
        with store.reading() as tx:
            assert not tx.timeline.is_due(FOREVER)
        put(store, deadline("d-1"))
        with store.reading() as tx:
            told = [tx.timeline.is_due(AT - timedelta(microseconds=1)), tx.timeline.is_due(AT)]
        assert told == [False, True]

    def test_a_due_deadline_comes_with_what_its_events_are_made_of(self, store: Store) -> None:
        """Its key, kind, subject, reference, round, unit, end, and when its next event is."""
        first = deadline("d-1", next_at=AT - HOUR, round=3, unit=None)
        put(store, first, deadline("d-2", unit="问" * 500))
        names = ("key", "kind", "subject", "ref", "round", "unit", "due_at", "next_at")
        with store.transaction() as tx:
            found = tx.timeline.due(AT, 99)
        assert [[getattr(one, name) for name in names] for one in found] == [
            [getattr(one, name) for name in names]
            for one in (first, deadline("d-2", unit="问" * 500))
        ]

    def test_what_is_put_again_replaces_what_was_there(self, store: Store) -> None:
        """By its key, whole; another due date is another deadline."""
        first = deadline("d-1")
        put(store, first, deadline("d-2"))
        replaced = attrs.evolve(first, unit="B", closed_at=AT, next_at=AT + HOUR)
        moved = deadline("d-1", AT + 2 * HOUR)
        put(store, replaced, moved)
        with store.reading() as tx:
            found = plain(tx.timeline.of_campaign())
        assert found == plain([replaced, moved, deadline("d-2")])
        assert due(store) == ["d-2", "d-1", "d-1"]

    def test_what_is_gone_on_with_is_due_by_its_next_event(self, store: Store) -> None:
        """Later where it has one, never where it has none; others stay."""
        rows = [deadline(f"d-{n}", AT + n * HOUR) for n in (1, 2, 3)]
        put(store, *rows)
        with store.transaction() as tx:
            tx.timeline.go_on([(rows[0].key, AT + 9 * HOUR), (rows[1].key, None)])
        assert due(store) == ["d-3", "d-1"]
        assert due(store, AT + 9 * HOUR - timedelta(microseconds=1)) == ["d-3"]

    def test_what_the_campaign_set_is_found_by_its_subject(self, store: Store) -> None:
        """Phases and duties, with all they hold, and no milestone of any issue."""
        kept = deadline("d-1", set_at=AT - HOUR, closed_at=AT, next_at=None)
        phase = deadline("p-1", kind="opens", key="opens/p-1", ref="")
        put(store, kept, phase)
        redate(store, registered("d-1")[0].issue, timetabled("d-1", 2, MAY))
        with store.reading() as tx:
            found = [plain(tx.timeline.of_campaign(one)) for one in (None, "d-1", "none")]
        assert found == [plain([kept, phase]), [kept], []]

    def test_an_issue_that_is_scheduled_has_its_milestones_to_come(self, store: Store) -> None:
        """Each is soon due three days before its end in the campaign's zone."""
        redate(store, registered("issue-1")[0].issue, timetabled("issue-1", 2, JUNE, MAY))
        assert pending(store) == [
            ("m2", END_OF_MAY, END_OF_MAY - SOON),
            ("m1", END_OF_JUNE, END_OF_JUNE - SOON),
        ]

    def test_what_is_set_late_is_to_come_from_when_it_was_set(self, store: Store) -> None:
        """A milestone set within three days of its end is soon due at once."""
        at = END_OF_MAY - HOUR
        redate(store, registered("issue-1")[0].issue, timetabled("issue-1", 2, MAY), at)
        assert pending(store) == [("m1", END_OF_MAY, at)]

    def test_a_milestone_that_is_met_in_time_is_to_come_no_more(self, store: Store) -> None:
        """The others are; those of another issue, too."""
        first, other = timetabled("issue-1", 2, MAY, JUNE), timetabled("issue-2", 2, MAY)
        for one in (first, other):
            redate(store, registered(one.id)[0].issue, one)
        redate(store, first, timetabled("issue-1", 3, MAY, JUNE, done=["m1"]))
        assert pending(store) == [
            ("m1", END_OF_MAY, END_OF_MAY - SOON),
            ("m2", END_OF_JUNE, END_OF_JUNE - SOON),
        ]
        assert due(store, END_OF_MAY) == ["issue-2"]

    def test_a_milestone_that_is_met_too_late_is_overdue_still(self, store: Store) -> None:
        """That it had run out is yet to be recorded, and not that it was soon due."""
        first = timetabled("issue-1", 2, MAY)
        redate(store, registered("issue-1")[0].issue, first)
        redate(store, first, timetabled("issue-1", 3, MAY, done=["m1"]), END_OF_MAY)
        assert pending(store) == [("m1", END_OF_MAY, END_OF_MAY)]

    def test_an_issue_without_timetable_has_nothing_to_come(self, store: Store) -> None:
        """What leaves it behind closes all that was set; what brings it back sets it anew."""
        first = timetabled("issue-1", 2, MAY, JUNE)
        away = Transferred("issue-1", first.finding, 3, 1, (), "县纪委监委", "线索")
        redate(store, registered("issue-1")[0].issue, first)
        redate(store, first, away)
        assert pending(store) == []
        redate(store, away, timetabled("issue-1", 4, MAY), AT + HOUR)
        assert pending(store) == [("m1", END_OF_MAY, END_OF_MAY - SOON)]

    def test_redating_that_is_interrupted_is_taken_back(self, store: Store) -> None:
        """What was to come before is to come as it was, though it was looked at in between."""
        first = timetabled("issue-1", 2, MAY)
        redate(store, registered("issue-1")[0].issue, first)
        for look in (True, False):
            try:
                with store.transaction() as tx:
                    tx.timeline.redate(first, timetabled("issue-1", 3, JUNE), AT, ZONE)
                    tx.timeline.redate(
                        registered("issue-2")[0].issue, timetabled("issue-2", 2, MAY), AT, ZONE
                    )
                    if look:
                        assert len(tx.timeline.due(FOREVER, 99)) == 2
                    raise ZeroDivisionError
            except ZeroDivisionError:
                pass
            assert pending(store) == [("m1", END_OF_MAY, END_OF_MAY - SOON)]
