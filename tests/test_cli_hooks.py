"""The commands that look after what hooks are owed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rectify import AnyIssue, Fix, Ledger, Transfer, load_campaign
from rectify.errors import UnknownDelivery
from rectify.hooks import Applied, Policy
from support import OFFICER, Clock, do_nothing, finding
from test_cli import rectify

NAME = "诸葛无名"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that asks for no language, width or colour."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "COLUMNS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


def opened(file: Path) -> Ledger[AnyIssue]:
    """The ledger without any hook."""
    return Ledger.open(file, load_campaign("hubei-2018"), clock=Clock())


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A ledger with two dead deliveries, one that is being run, one done and one that waits."""
    file = tmp_path / "ledger.db"

    def fail(applied: Applied[Any]) -> None:
        raise ConnectionError(NAME)

    def die(applied: Applied[Any]) -> None:
        if applied.issue.id == "HB-1":
            raise KeyboardInterrupt

    with opened(file) as ledger:
        ledger.after(Fix, name="tell", policy=Policy(attempts=1))(fail)
        for number in (1, 2):
            issue_id = f"HB-{number}"
            found = ledger.register(finding(reporter=NAME), by=OFFICER, issue_id=issue_id)
            ledger.apply(Fix(found, measure="资金已拨付"), by=OFFICER)
        ledger.deliver()
        ledger.after(Fix, name="archive")(die)
        ledger.replay("archive")
        with pytest.raises(KeyboardInterrupt):
            ledger.deliver()
        ledger.deliver()
        ledger.after(Transfer, name="notify")(do_nothing)
        found = ledger.register(finding(), by=OFFICER, issue_id="HB-3")
        ledger.apply(Transfer(found, organ="县纪委监委", lead="涉嫌截留资金"), by=OFFICER)
    return file


def cells(line: str) -> list[str]:
    """What is in the columns of a table's line."""
    return [cell.strip() for cell in line.replace("┃", "│").split("│")]


def test_open_deliveries_are_listed_by_hook_and_one_by_one(kept: Path) -> None:
    """What was given up comes first, with its error's class and place and no text of it."""
    ran = rectify("hooks", "list", kept)
    assert (0, "") == (ran.exit_code, ran.stderr)
    lines = [line.rstrip() for line in ran.stdout.splitlines()]
    assert lines[0] == "open: 4"
    rows = [row for line in lines if "│" in line for row in [cells(line)] if row[0]]
    assert rows[:3] == [
        ["archive", "0", "1", "0", "–"],
        ["notify", "1", "0", "0", "2018-05-07 12:00:00"],
        ["tell", "0", "0", "2", "–"],
    ]
    assert [row[:6] for row in rows[3:]] == [
        ["1", "tell", "HB-1", "2", "given up", "1"],
        ["2", "tell", "HB-2", "2", "given up", "1"],
        ["3", "archive", "HB-1", "2", "being run", "1"],
        ["5", "notify", "HB-3", "2", "waits", "0"],
    ]
    assert [row[6] for row in rows[3:]] == ["–", "–", "2018-05-07 12:05:00", "2018-05-07 12:00:00"]
    assert "ConnectionError" in ran.stdout
    assert NAME not in ran.stdout


def test_what_is_listed_can_be_chosen(kept: Path) -> None:
    """By status, by hook, and at most so many."""
    done = rectify("hooks", "list", kept, "--status", "done", "--lang", "zh")
    assert [cells(line)[:5] for line in done.stdout.splitlines() if "HB-" in line] == [
        ["4", "archive", "HB-2", "2", "已送达"]
    ]
    tell = rectify("hooks", "list", kept, "--hook", "tell", "--limit", "1")
    assert tell.stdout.splitlines()[0] == "open: 2"
    assert [line for line in tell.stdout.splitlines() if "HB-2" in line] == []
    none = rectify("hooks", "list", kept, "--limit", "0", "--hook", "no-such")
    assert none.stdout == "open: 0\n"


def test_open_deliveries_as_data(kept: Path) -> None:
    """--json gives each hook's counts, and each delivery with its key and instants in UTC."""
    data = json.loads(rectify("hooks", "list", kept, "--json").stdout)
    assert data["hooks"] == [
        {"hook": "archive", "ready": 0, "leased": 1, "dead": 0, "due_since": None},
        {
            "hook": "notify",
            "ready": 1,
            "leased": 0,
            "dead": 0,
            "due_since": "2018-05-07T04:00:00+00:00",
        },
        {"hook": "tell", "ready": 0, "leased": 0, "dead": 2, "due_since": None},
    ]
    assert [one["status"] for one in data["deliveries"]] == ["dead", "dead", "leased", "ready"]
    with opened(kept) as ledger:
        key = f"{ledger.history('HB-1')[-1].digest}.archive"
    assert data["deliveries"][2] == {
        "id": 3,
        "hook": "archive",
        "issue": "HB-1",
        "record": 2,
        "key": key,
        "status": "leased",
        "attempts": 1,
        "available_at": "2018-05-07T04:00:00+00:00",
        "lease_until": "2018-05-07T04:05:00+00:00",
        "last_error": None,
    }


@pytest.mark.parametrize(
    ("which", "count"), [(("1",), 1), (("1", "2"), 2), (("--hook", "tell"), 2), (("--all",), 2)]
)
def test_dead_deliveries_are_retried(kept: Path, which: tuple[str, ...], count: int) -> None:
    """One, several, a hook's or all wait again afterwards."""
    ran = rectify("hooks", "retry", kept, *which)
    told, notice = ran.stdout.split("\n", 1)
    assert (ran.exit_code, told) == (0, f"tried anew: {count}")
    assert "deliver()" in notice
    with opened(kept) as ledger:
        assert len(ledger.deliveries("ready", hook="tell")) == count
    assert json.loads(rectify("hooks", "retry", kept, "--all", "--json").stdout) == {
        "retried": 2 - count
    }


def test_what_is_not_dead_is_not_retried(kept: Path) -> None:
    """One that is not dead or not there is refused, and none of those named is retried."""
    for wrong, told in (("4", "done"), ("99", "99")):
        ran = rectify("hooks", "retry", kept, "1", wrong)
        assert (ran.exit_code, ran.stdout) == (1, "")
        assert told in ran.stderr
    with opened(kept) as ledger:
        assert len(ledger.deliveries("dead")) == 2


@pytest.mark.parametrize("which", [(), ("1", "--all"), ("--hook", "tell", "--all"), ("x",)])
def test_what_to_retry_is_said_in_one_way(kept: Path, which: tuple[str, ...]) -> None:
    """None, or two ways at once, is misuse."""
    assert rectify("hooks", "retry", kept, *which).exit_code == 2


def test_deliveries_are_given_to_a_hooks_new_name(kept: Path) -> None:
    """All of the old name's are the new one's; two that are owed the same are not made one."""
    ran = rectify("hooks", "rename", kept, "tell", "tell-commission", "--lang", "zh")
    assert (ran.exit_code, ran.stdout) == (0, "移交：2项\n")
    with opened(kept) as ledger:
        assert {one.hook for one in ledger.deliveries("dead")} == {"tell-commission"}
    wrong = rectify("hooks", "rename", kept, "tell-commission", "archive")
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert "archive" in wrong.stderr


@pytest.mark.parametrize("arguments", [("retry", "--hook", "tel"), ("rename", "tel", "x")])
def test_a_hook_of_which_nothing_is_kept_is_misuse(kept: Path, arguments: tuple[str, ...]) -> None:
    """A slip in a name is told, and does not look like success."""
    first, *rest = arguments
    ran = rectify("hooks", first, kept, *rest)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "“tel”" in ran.stderr


def test_a_number_that_no_database_has_is_misuse(kept: Path) -> None:
    """It is told before the ledger is asked, and by the ledger as any delivery not there."""
    assert rectify("hooks", "retry", kept, "9" * 30).exit_code == 2
    with opened(kept) as ledger, pytest.raises(UnknownDelivery):
        ledger.retry(10**30)


def test_a_ledger_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """Each command says so, and leaves nothing behind."""
    missing = tmp_path / "no-such.db"
    for arguments in (("list",), ("retry", "--all"), ("rename", "a", "b")):
        first, *rest = arguments
        ran = rectify("hooks", first, missing, *rest)
        assert (ran.exit_code, ran.stdout) == (2, "")
    assert list(tmp_path.iterdir()) == []
