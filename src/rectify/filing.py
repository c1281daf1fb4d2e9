"""Filing (报送): what units hand in for what they owe, as entries of the ledger's journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from typing import TypeVar

import attrs

from rectify import fields
from rectify.actor import Actor
from rectify.canonical import encode
from rectify.duty import DutyEvent, DutyStanding, Owed, SentBack, Submission, standing
from rectify.errors import InvalidValue, Refused, UnknownDuty
from rectify.i18n import Message, message
from rectify.instants import end_of
from rectify.journal import SENT_BACK, SUBMISSION, Entry, duty_chain, met_at, writer
from rectify.outlook import Outlook
from rectify.reason import Reason
from rectify.store import Store, Transaction
from rectify.sweep import check_campaign
from rectify.timeline import Deadline, of_duty

D = TypeVar("D", Submission, SentBack)

_NEAR_MAX = 5
_INSTANT = timedelta(microseconds=1)


class Filing:
    """Submissions of one ledger: its store, what is owed, and its clock."""

    def __init__(self, store: Store, outlook: Outlook, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._outlook = outlook
        self._clock = clock

    def submit(
        self, what: str | Owed, by: Actor, document_hash: str, note: str, at: datetime | None
    ) -> Submission:
        """See `Ledger.submit`."""
        dated = self._dated(by, at)
        owed = self._find(what, dated)
        self._check_no_village(owed, by)
        made = Submission(owed.key, owed.unit, by.id, dated, document_hash, note)
        with self._store.transaction() as tx:
            entries = self._enter(tx, made, SUBMISSION, by)
            deadline = _deadline(tx, owed)
            if deadline.closed_at is None:
                tx.timeline.put([deadline.closed(met_at(entries) or dated)])
        return made

    def send_back(self, what: str | Owed, by: Actor, reason: str, at: datetime | None) -> SentBack:
        """See `Ledger.send_back`."""
        dated = self._dated(by, at)
        owed = self._find(what, dated)
        made = SentBack(owed.key, by.id, dated, reason)
        with self._store.transaction() as tx:
            if met_at(tx.timeline.entries(duty_chain(owed.key))) is None:
                problem = message("nothing was handed in that could be sent back")
                raise _refused("nothing-submitted", problem, made)
            self._enter(tx, made, SENT_BACK, by)
            again = attrs.evolve(_deadline(tx, owed), closed_at=None, set_at=dated)
            tx.timeline.put([again.pending()])
        return made

    def filed(self) -> tuple[DutyEvent, ...]:
        """See `Ledger.filed`."""
        with self._store.reading() as tx:
            entries = tx.timeline.entries()
        return tuple(filed(entry) for entry in entries if entry.kind in (SUBMISSION, SENT_BACK))

    def standings(self, on: date | datetime | None) -> tuple[DutyStanding, ...]:
        """See `Ledger.duties`."""
        now = self._instant(on)
        by_key: dict[str, list[DutyEvent]] = {}
        for event in self.filed():
            by_key.setdefault(event.key, []).append(event)
        owing = self._outlook.owed(now.astimezone(self._outlook.campaign.zone).year)
        return tuple(standing(owed, by_key.get(owed.key, ()), now) for owed in owing)

    def _instant(self, on: date | datetime | None) -> datetime:
        if on is None:
            return self._clock()
        if isinstance(on, datetime):
            fields.check_instant("on", on)
            return on
        # The day's last instant: what is due by its end is not late on it.
        return end_of(on, None, self._outlook.campaign.zone.key) - _INSTANT

    def _dated(self, by: object, at: datetime | None) -> datetime:
        if not isinstance(by, Actor):
            raise InvalidValue("by", message("expected an Actor"))
        at = self._clock() if at is None else at
        fields.check_instant("at", at)
        return at.astimezone(UTC)

    def _find(self, what: str | Owed, at: datetime) -> Owed:
        """What is owed by that key; an `Owed` may also be one that an event started."""
        campaign = self._outlook.campaign
        owing = {one.key: one for one in self._outlook.owed(at.astimezone(campaign.zone).year)}
        key = what.key if isinstance(what, Owed) else what
        found = owing.get(key)
        if found is not None:
            return found
        if isinstance(what, Owed) and what.duty in [duty.id for duty in campaign.event_duties]:
            return what
        raise UnknownDuty(str(key), get_close_matches(str(key), owing, _NEAR_MAX, 0.4))

    def _check_no_village(self, owed: Owed, by: Actor) -> None:
        units = self._outlook.units
        unit = None if units is None else units.get(by.unit)
        if owed.level == "village" or (unit is not None and unit.level == "village"):
            raise InvalidValue("by", message("no village may be made to report (五(七))"))

    def _enter(
        self, tx: Transaction, made: Submission | SentBack, kind: str, by: Actor
    ) -> list[Entry]:
        """Add an entry to the duty's chain, and give all of them."""
        fingerprint = self._outlook.campaign.fingerprint
        check_campaign(self._store, tx, fingerprint, lock=True)
        chain = duty_chain(made.key)
        entries = list(tx.timeline.entries(chain))
        last = entries[-1] if entries else None
        self._check_time(made, last)
        write = writer(chain, fingerprint, len(entries), last.digest if last else "")
        data = {
            field.name: getattr(made, field.name)
            for field in attrs.fields(type(made))
            if field.name not in ("by", "at")
        }
        entry = write(kind, made.at, encode(data), by)
        tx.timeline.enter(entry)
        return [*entries, entry]

    def _check_time(self, made: Submission | SentBack, last: Entry | None) -> None:
        campaign, now = self._outlook.campaign, self._clock()
        shown = self._shown
        if made.at > now + timedelta(seconds=campaign.tolerance_seconds):
            problem = message(
                "the step is dated {at}; the ledger's clock says {now}",
                at=shown(made.at),
                now=shown(now),
            )
            raise _refused("time-in-future", problem, made, until=made.at)
        if last is not None and made.at < last.at:
            problem = message(
                "it is dated {at}, before the last record of the duty, {last}",
                at=shown(made.at),
                last=shown(last.at),
            )
            raise _refused("time-runs-backwards", problem, made, until=last.at)

    def _shown(self, at: datetime) -> str:
        return at.astimezone(self._outlook.campaign.zone).isoformat(sep=" ", timespec="seconds")


def filed(entry: Entry) -> DutyEvent:
    """What an entry of a duty's chain records; `InvalidValue` for what is none."""
    data: Mapping[str, object] = entry.data
    by = entry.by
    kind: type[Submission] | type[SentBack]
    kind = Submission if entry.kind == SUBMISSION else SentBack
    try:
        assert by is not None
        return kind(by=by.id, at=entry.at, **data)  # type: ignore[arg-type]
    except (TypeError, AssertionError):
        raise InvalidValue(
            "entry", message("its content is not that of a record at this place")
        ) from None


def _deadline(tx: Transaction, owed: Owed) -> Deadline:
    """The row of something owed, or the one it will have."""
    planned = of_duty(owed)
    kept: Iterable[Deadline] = tx.timeline.of_campaign(owed.key)
    return next((one for one in kept if one.key == planned.key), planned.pending())


def _refused(
    code: str, problem: Message, made: Submission | SentBack, until: datetime | None = None
) -> Refused:
    reason = Reason(code=code, text=problem, until=until)
    return Refused([reason], type(made).__name__, made.key)
