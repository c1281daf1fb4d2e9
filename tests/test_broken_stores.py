"""The contract catches broken stores: of each of its tests, a store that fails it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest
from sqlalchemy import Connection, NullPool, create_engine

import broken_stores as broken
from broken_stores import with_timeline
from rectify import load_campaign
from rectify.lifecycle import STANDARD
from rectify.store import Store
from rectify.stores.memory import MemoryStore
from rectify.stores.opening import open_store
from rectify.stores.source import Pool
from rectify.testing import DurableStoreContract, HostedContract, OpenStore, StoreContract
from rectify.testing.contract import concurrency, durable

Opens: TypeAlias = Callable[[], Store]
Begins: TypeAlias = Callable[[Connection], AbstractContextManager[Store]]

IN_MEMORY: Final[Mapping[str, Opens]] = {
    "nothing_is_known_of_an_unknown_issue": broken.FindsByPrefix,
    "records_come_back_in_order_and_byte_by_byte": broken.NormalisesTexts,
    "a_head_is_as_it_was_last_appended": broken.ForgetsFacts,
    "a_known_issue_is_no_other_than_the_stores": broken.TrustsTheKnown,
    "ids_are_told_apart": broken.FoldsBlanks,
    "a_version_that_is_not_the_next_is_stale": broken.IgnoresVersions,
    "an_issue_begins_with_its_first_version": broken.IgnoresVersions,
    "secrets_are_kept_by_issue_and_field": broken.KeepsOneSecret,
    "an_erased_secret_leaves_when_it_was_erased": broken.ErasesWholly,
    "writes_show_within_their_transaction": broken.WritesLate,
    "heads_are_listed_by_state_unit_and_areas": broken.TakesNoAreasForAll,
    "heads_are_listed_as_they_stand": broken.ListsWhatCameFirst,
    "a_listing_goes_on_after_an_issue": broken.ListsFromTheBeginning,
    "a_long_listing_is_whole_and_without_repeats": broken.ListsOnePage,
    "a_history_is_what_was_written_of_an_issue": broken.ForgetsTheLastRecord,
    "a_history_tells_whether_the_issue_is_as_it_should_be": broken.HoldsAnything,
    "what_an_exception_interrupts_leaves_nothing": broken.ForgetsAnUndo,
    "once_interrupted_it_goes_on": with_timeline(broken.RemembersWhatWasTakenBack),
    "of_many_writers_at_one_version_one_wins": broken.IgnoresVersions,
    "no_update_is_lost": broken.LosesAnAppend,
    "writers_of_different_issues_all_win": broken.CountsOverAllIssues,
    "nothing_half_done_shows": broken.LocksNobodyOut,
    "reading_is_one_view": broken.LocksNobodyOut,
    "a_batch_is_committed_whole": broken.ForgetsBatches,
    "a_batch_that_is_interrupted_leaves_nothing": broken.CommitsEachStep,
    "of_a_batch_a_transaction_is_taken_back_alone": broken.UndoesBatchesOnly,
    "nothing_of_a_batch_shows_before_its_end": broken.CommitsEachStep,
    "a_store_tells_whether_what_is_written_is_committed_later": broken.SaysItCommits,
    "what_is_owed_is_kept_oldest_first": broken.NewestFirst,
    "a_claim_leases_the_oldest_that_is_due": broken.ClaimsTheNewest,
    "nothing_is_claimed_before_it_is_due": broken.ClaimsEarly,
    "only_the_hooks_that_are_asked_for_are_claimed": broken.ClaimsForAnyHook,
    "each_line_goes_in_order": broken.ClaimsOutOfOrder,
    "a_lease_that_has_run_out_passes_to_another": broken.LeasesForEver,
    "who_has_lost_the_lease_settles_nothing": broken.SettlesForAnyone,
    "what_is_settled_is_kept_without_a_lease": broken.KeepsLeases,
    "two_who_claim_at_once_get_different_ones": broken.LeasesAtTheEnd,
    "a_lease_that_was_lost_shows": broken.LosesLeasesSilently,
    "a_dead_delivery_holds_its_line_unless_it_is_passed": broken.PassesEveryDead,
    "of_one_line_no_other_is_claimed": broken.ClaimsFromAnyLine,
    "what_may_be_claimed_is_told_without_claiming_it": broken.TakesAllForDue,
    "only_what_a_hook_is_not_owed_yet_is_added": broken.OwesAnew,
    "what_is_owed_is_handed_over_by_its_number": broken.HandsOverAll,
    "deliveries_are_found_by_hook_issue_and_number": broken.FindsByStatusAlone,
    "what_is_open_is_counted_by_hook_and_status": broken.CountsWhatIsDone,
    "what_is_dead_is_revived": broken.RevivesAll,
    "deliveries_are_given_to_another_hook": broken.GivesNewKeys,
    "who_settles_keeps_the_new_name": broken.SettlesUnderTheOldName,
    "the_earliest_are_due_first": with_timeline(broken.DueByKey),
    "whether_anything_is_due_is_told_without_looking_at_it": with_timeline(broken.AlwaysDue),
    "a_due_deadline_comes_with_what_its_events_are_made_of": with_timeline(broken.ForgetsUnits),
    "what_is_put_again_replaces_what_was_there": with_timeline(broken.PutsOnce),
    "what_is_gone_on_with_is_due_by_its_next_event": with_timeline(broken.NeverGoesOn),
    "what_the_campaign_set_is_found_by_its_subject": with_timeline(broken.IgnoresSubjects),
    "an_issue_that_is_scheduled_has_its_milestones_to_come": with_timeline(broken.NeverRedates),
    "what_is_set_late_is_to_come_from_when_it_was_set": with_timeline(broken.ForgetsWhenItWasSet),
    "a_milestone_that_is_met_in_time_is_to_come_no_more": with_timeline(broken.NeverCloses),
    "a_milestone_that_is_met_too_late_is_overdue_still": with_timeline(broken.ClosesWhatRanOut),
    "an_issue_without_timetable_has_nothing_to_come": with_timeline(broken.NeverCloses),
    "redating_that_is_interrupted_is_taken_back": with_timeline(broken.NeverTakesBackDates),
    "a_ledger_without_events_begins_at_nothing": with_timeline(broken.CountsFromOne),
    "events_come_back_in_order": with_timeline(broken.GivesEventsBackwards),
    "the_head_of_the_events_moves_on": with_timeline(broken.ForgetsTheHead),
    "an_event_is_recorded_once": with_timeline(broken.RecordsAgain),
    "the_keys_that_are_recorded_are_told": with_timeline(broken.LooksForSomeKeys),
    "entries_come_back_by_chain_and_number": with_timeline(broken.MixesChains),
    "an_entry_whose_number_is_taken_is_stale": with_timeline(broken.EntersAnything),
    "what_the_ledger_rests_on_is_kept": with_timeline(broken.ForgetsThePlan),
    "chains_are_given_as_they_are_kept": with_timeline(broken.LosesAChain),
    "who_locks_the_basis_has_it_alone": with_timeline(broken.SeesLate),
    "what_one_looks_at_is_passed_over_by_another": broken.LocksNobodyOut,
    "an_event_that_two_record_at_once_is_recorded_once": with_timeline(broken.RecordsAgain),
    "of_many_who_enter_one_number_one_does": with_timeline(broken.EntersAnything),
    "a_story_is_kept_as_it_is_in_memory": broken.OwesTwice,
    "a_reporter_is_kept_apart": broken.KeepsNoSecret,
    "of_several_steps_in_one_all_are_refused_together": broken.NeverRollsBack,
    "of_many_clerks_on_one_issue_one_moves_it": broken.StopsSeeing,
    "sweeps_at_once_record_each_event_once": with_timeline(broken.RecordsAgainAndAgain),
    "a_hook_runs_at_least_once": broken.LeasesForEver,
    "damage_is_found": broken.HoldsAnything,
    "another_opening_is_another_store": broken.share,
}

DURABLE: Final[Mapping[str, Opens | None]] = {
    # None is a store on SQLite that commits as it goes.
    "what_was_written_is_there_when_it_is_opened_again": MemoryStore,
    "a_story_goes_on_where_it_was_left": MemoryStore,
    "another_opening_sees_what_is_committed_and_no_more": None,
    "no_writer_waits_for_a_reader": MemoryStore,
    "processes_at_once_lose_nothing": MemoryStore,
    "a_process_that_is_killed_leaves_what_it_committed": None,
}

HOSTED: Final[Mapping[str, Begins]] = {
    "what_the_host_commits_is_there": broken.on_its_own,
    "what_the_host_rolls_back_is_not": broken.on_its_own,
    "what_is_refused_is_undone_alone": broken.begin_by(broken.WithoutSavepoints),
    "the_store_tells_that_a_host_commits": broken.begin_by(broken.SaysItsOwn),
}


def claims_of(contract: type[Any]) -> Iterator[str]:
    """The tests of a contract, by what they claim."""
    names = (name for name, _ in inspect.getmembers(contract, inspect.isfunction))
    return (name.removeprefix("test_") for name in names if name.startswith("test_"))


def run(contract: type[Any], name: str, opens: OpenStore, **more: Any) -> None:
    """Run one test of a contract as pytest would, with a store."""
    test = getattr(contract(), f"test_{name}")
    wanted = inspect.signature(test).parameters
    given = {key: value for key, value in more.items() if key in wanted}
    if "open_store" in wanted:
        test(open_store=opens, **given)
        return
    with closing(opens()) as store:
        test(store=store, **given)


@pytest.fixture(autouse=True)
def chances(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who does not wait has every chance to go wrong; who waits for ever is soon known."""
    monkeypatch.setattr(concurrency, "CHANCE_SECONDS", 5)
    monkeypatch.setattr(durable, "READING_SECONDS", 0.2)


def caught() -> Any:
    """What a test of the contract raises where a store does not do as it should."""
    return pytest.raises((AssertionError, pytest.fail.Exception))


def test_every_test_of_the_contract_can_fail() -> None:
    """There is a broken store for each."""
    every = {
        *claims_of(StoreContract),
        *claims_of(DurableStoreContract),
        *claims_of(HostedContract),
    }
    assert {*IN_MEMORY, *DURABLE, *HOSTED} == every


@pytest.mark.parametrize("name", IN_MEMORY)
def test_a_broken_store_is_caught(name: str) -> None:
    """By the very test that says what it does wrong; the library's own passes that test."""
    with caught():
        run(StoreContract, name, IN_MEMORY[name])


@pytest.mark.parametrize("name", DURABLE)
def test_a_store_that_is_not_durable_is_caught(name: str, tmp_path: Path) -> None:
    """Whether it loses its rows, keeps what was interrupted, or makes writers wait."""
    opens = DURABLE[name] or partial(_commits_each_append, f"sqlite:///{tmp_path / 'ledger.db'}")
    with caught():
        run(DurableStoreContract, name, opens)


def _commits_each_append(url: str) -> Store:
    from rectify.stores.connection import connect

    open_store(url, load_campaign("hubei-2018"), STANDARD, create=True).close()
    return broken.CommitsEachAppend(Pool(connect(url, create=False)), STANDARD)


@pytest.mark.parametrize("name", HOSTED)
def test_a_store_that_goes_its_own_way_in_a_hosts_transaction_is_caught(
    name: str, tmp_path: Path
) -> None:
    """Whether it commits by itself, or does not undo what is refused."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    engine = create_engine(url, poolclass=NullPool)

    @contextmanager
    def in_host() -> Generator[Store]:
        with engine.begin() as connection, HOSTED[name](connection) as store:
            yield store

    opens = partial(open_store, url, load_campaign("hubei-2018"), STANDARD, create=True)
    with caught():
        run(HostedContract, name, opens, in_host=in_host)
    engine.dispose()


def test_what_opens_the_store_is_for_the_host_to_say() -> None:
    """A class without it is told which fixture to define."""
    from rectify.testing.contract.opening import Opening

    for contract, fixture in ((Opening, "open_store"), (HostedContract, "in_host")):
        method: Any = inspect.unwrap(getattr(contract, fixture))
        with pytest.raises(NotImplementedError, match=fixture):
            method(contract())
