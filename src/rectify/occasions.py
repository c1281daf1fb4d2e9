"""Recording what happens and starts something: events, visits, the class of an issue.

Each is one entry in a chain of its own. To record the same again changes nothing, so that a
hook that runs twice may do it; with another day, what follows from it moves; a withdrawal
takes it away. What it starts is put among the ledger's deadlines in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from rectify import fields
from rectify.actor import Actor
from rectify.duty import Owed, happening_label
from rectify.entering import Entering, refused
from rectify.errors import InvalidValue, UnknownIssue
from rectify.fields import text_problem
from rectify.filing import go_on, send_back_all
from rectify.happening import Classified, Happening, Occasion, Visit
from rectify.i18n import message
from rectify.journal import CLASSIFIED, HAPPENING, VISIT, WITHDRAWN, Entry, occasion_chain
from rectify.outlook import rows_of
from rectify.past import Past, data_of
from rectify.running import is_being_put_right
from rectify.started import class_due, inspection_of, keys_after, reports_on, started
from rectify.store import Transaction
from rectify.sweep import settle
from rectify.timeline import Deadline, of_class

REASON_CHARACTERS_MAX = 20_000


class Occasions:
    """What happened, in one ledger."""

    def __init__(self, journal: Entering) -> None:
        self._journal = journal

    def happened(self, one: Happening, by: Actor, at: datetime | None) -> tuple[Owed, ...]:
        """See `Ledger.happened`."""
        outlook = self._journal.outlook
        self._check_day(one, "on", one.on)
        owing = started(outlook.campaign, outlook.units, one)
        self._record(one, by, at, lambda tx, before, at: self._start(tx, before, owing, at))
        return owing

    def visited(self, one: Visit, by: Actor, at: datetime | None) -> Visit:
        """See `Ledger.visited`."""
        campaign = self._journal.outlook.campaign
        inspection_of(campaign, one)
        self._check_day(one, "ended_on", one.ended_on)
        self._check_turn(one)
        # A step in hours can't run from a day: that is found out before anything is written.
        tuple(reports_on(campaign, one, lambda key: None))
        self._record(one, by, at, lambda tx, before, at: self._visit(tx, one, at))
        return one

    def classified(self, one: Classified, by: Actor, at: datetime | None) -> Classified:
        """See `Ledger.classify`."""
        known = self.since(one.issue_id, one.issue_class)
        if one.since is not None and one.since != known:
            self._check_day(one, "since", one.since)
        class_due(self._journal.outlook.campaign, one)
        self._record(one, by, at, lambda tx, before, at: self._classify(tx, one, at))
        return one

    def withdraw(self, one: Occasion, by: Actor, reason: str, at: datetime | None) -> None:
        """See `Ledger.withdraw`."""
        if problem := text_problem(reason, REASON_CHARACTERS_MAX, lines=True):
            raise InvalidValue("reason", problem)
        if not isinstance(one, Occasion):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValue("what", message("give one of the ledger's occasions()"))
        dated = self._journal.dated(by, at)
        with self._journal.store.transaction() as tx:
            chain = self._chain(one)
            entries = self._journal.entries(tx, chain)
            if not entries or entries[-1].kind == WITHDRAWN:
                problem = message("nothing is recorded that could be withdrawn")
                raise refused("nothing-recorded", problem, WITHDRAWN, chain)
            before = entries[-1]
            self._journal.enter(tx, chain, entries, WITHDRAWN, {"reason": reason}, by, dated)
            # What was handed in for it does not answer for it when it is recorded anew.
            send_back_all(self._journal, tx, self._keys(before), by, reason, dated)
            if isinstance(one, Happening):
                self._start(tx, before, (), dated)
            elif isinstance(one, Visit):
                self._visit(tx, one, dated, gone=True)
            else:
                settle(tx, self._of_class(tx, one), (), lambda row: None, dated)

    def _keys(self, entry: Entry) -> list[str]:
        """The keys of all that may be handed in for what an entry records."""
        outlook, past = self._journal.outlook, Past([entry])
        firsts = [
            one
            for happening in past.happenings
            for one in started(outlook.campaign, outlook.units, happening)
        ]
        found = [one.key for one in firsts]
        for first in (*firsts, *past.visits):
            assert isinstance(first, Owed | Visit)
            found += keys_after(outlook.campaign, first)
        return found

    def _record(
        self,
        one: Occasion,
        by: Actor,
        at: datetime | None,
        start: Callable[[Transaction, Entry | None, datetime], None],
    ) -> None:
        dated = self._journal.dated(by, at)
        chain, data = self._chain(one), data_of(one)
        with self._journal.store.transaction() as tx:
            entries = self._journal.entries(tx, chain)
            before = entries[-1] if entries else None
            if before is not None and (before.kind, before.data) == (type(one).__name__, data):
                return
            if not isinstance(one, Classified):
                self._check_units(tx)
            self._journal.enter(tx, chain, entries, type(one).__name__, data, by, dated)
            start(tx, before, dated)

    def _check_day(self, one: Occasion, field: str, day: date | datetime) -> None:
        """What happened did not happen in the future, nor before the campaign."""
        journal, campaign = self._journal, self._journal.outlook.campaign
        latest = journal.latest()
        if isinstance(day, datetime):
            in_future, shown = day > latest, journal.shown(day)
            day = day.astimezone(campaign.zone).date()
        else:
            in_future, shown = day > latest.astimezone(campaign.zone).date(), day.isoformat()
        if in_future:
            problem = message(
                "it is dated {day}; the ledger's clock says {now}",
                day=shown,
                now=journal.shown(journal.clock()),
            )
            raise refused("time-in-future", problem, type(one).__name__, self._chain(one))
        issued_on = campaign.document.issued_on
        first = min(campaign.opens or issued_on, issued_on)
        if day < first:
            problem = message(
                "{day} is before the campaign, whose first day is {first}", day=day, first=first
            )
            raise InvalidValue(field, problem)

    def _check_turn(self, one: Visit) -> None:
        """A visit is of a turn that there is, and not before it; one without turns may be any."""
        outlook = self._journal.outlook
        inspection = inspection_of(outlook.campaign, one)
        if inspection.every is None:
            return
        year = self._journal.clock().astimezone(outlook.campaign.zone).year
        turns = {
            turn.number: turn for each, turn in outlook.visits(year) if each.id == inspection.id
        }
        turn = turns.get(one.turn)
        if turn is None:
            problem = message(
                "{name} has turns 1 to {last}, not {turn}",
                name=inspection.name,
                last=len(turns),
                turn=one.turn,
            )
            raise InvalidValue("turn", problem)
        if one.ended_on < turn.opens:
            problem = message(
                "{day} is before turn {turn} of {name}, which is from {opens} to {closes}",
                day=one.ended_on,
                turn=one.turn,
                name=inspection.name,
                opens=turn.opens,
                closes=turn.due.effective,
            )
            raise InvalidValue("ended_on", problem)

    def _chain(self, one: Occasion) -> str:
        if isinstance(one, Happening):
            label = happening_label(self._journal.outlook.campaign, one.on, one.subject)
            return occasion_chain(HAPPENING, one.event, label)
        if isinstance(one, Visit):
            return occasion_chain(VISIT, one.inspection, str(one.turn), str(one.team))
        return occasion_chain(CLASSIFIED, one.issue_id)

    def _check_units(self, tx: Transaction) -> None:
        planned = tx.timeline.basis().planned
        if planned is not None and planned.split(":")[1] and self._journal.outlook.units is None:
            problem = message(
                "the ledger's duties are those of a table of units; open it with that table"
            )
            raise InvalidValue("units", problem)

    def _start(
        self, tx: Transaction, before: Entry | None, owing: Sequence[Owed], at: datetime
    ) -> None:
        """Set what is owed now, and take away what was owed by the entry before."""
        outlook = self._journal.outlook
        was = [
            one
            for happening in Past([before] if before else []).happenings
            for one in started(outlook.campaign, outlook.units, happening)
        ]
        keys = dict.fromkeys(one.key for one in (*was, *owing))
        kept = [row for key in keys for row in tx.timeline.of_campaign(key)]
        rows = [row for one in owing for row in rows_of(one, at)]
        past = Past(tx.timeline.entries()) if kept else Past(())
        settle(tx, kept, rows, lambda row: past.met_at(row.subject), at)
        still = {one.key for one in owing}
        for one in was:
            if one.key in still:
                go_on(tx, outlook.campaign, one, at)
            else:
                stop(tx, keys_after(outlook.campaign, one), at)

    def _visit(self, tx: Transaction, one: Visit, at: datetime, *, gone: bool = False) -> None:
        campaign = self._journal.outlook.campaign
        inspection = inspection_of(campaign, one)
        if gone:
            stop(tx, keys_after(campaign, one), at)
        else:
            go_on(tx, campaign, one, at)
        teams = range(1, inspection.teams + 1)
        chains = [occasion_chain(VISIT, one.inspection, str(one.turn), str(team)) for team in teams]
        past = Past(entry for chain in chains for entry in tx.timeline.entries(chain))
        met = past.visited_at(one.inspection, one.turn, inspection.teams, campaign.zone.key)
        kept = sorted(
            tx.timeline.of_campaign(f"{one.inspection}/{one.turn}"),
            key=lambda row: (row.closed_at is None, row.due_at),
        )
        # One that a newer calendar moved is there twice: the one that still runs, or the last.
        settle(tx, kept[-1:], kept[-1:], lambda row: met, at)

    def _classify(self, tx: Transaction, one: Classified, at: datetime) -> None:
        head = tx.head(one.issue_id)
        assert head is not None, "its class was looked at before"
        _, due = class_due(self._journal.outlook.campaign, one)
        row = of_class(head.issue, one.issue_class, due, at)
        if due.provisional or not is_being_put_right(head.issue):
            settle(tx, self._of_class(tx, one), (), _never, at)
        else:
            tx.timeline.put([row.pending()])

    def _of_class(self, tx: Transaction, one: Classified) -> list[Deadline]:
        return [row for row in tx.timeline.of_campaign(one.issue_id) if row.kind == "class"]

    def since(self, issue_id: str, issue_class: str) -> datetime | None:
        """When the period of a class began for an issue, where the ledger knows the event.

        :raises UnknownIssue: no such issue.
        """
        with self._journal.store.reading() as tx:
            head = tx.head(issue_id) if fields.is_line(issue_id) else None
            if head is None:
                raise UnknownIssue(issue_id)
            records = tx.records(issue_id)
        after = {each.id: each.after for each in self._journal.outlook.campaign.issue_classes}
        known = {"found": head.issue.finding.found_at, "registered": records[0].at}
        return known.get(after.get(issue_class) or "")


def stop(tx: Transaction, keys: Iterable[str], at: datetime) -> None:
    """Take away the deadlines under some keys."""
    settle(tx, [row for key in keys for row in tx.timeline.of_campaign(key)], (), _never, at)


def _never(row: Deadline) -> None:
    """When something was met that no longer counts."""
