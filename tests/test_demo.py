"""The demo: a whole campaign, with every move and rule in it and no reporter's word."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from rectify import Ledger
from rectify.campaign import Campaign
from rectify.cli import main
from rectify.cli.demo.figures import Stock
from rectify.cli.demo.platform import PLATFORM_SCOPE
from rectify.cli.demo.play import Play
from rectify.cli.demo.printing import Programme
from rectify.cli.demo.stage import Scene, Stage
from rectify.cli.demo.story import Story, read_story
from rectify.cli.demo.summary import markdown
from rectify.cli.terminal import Terminal
from rectify.evidence import Conclusion
from rectify.issue import LEAD, ORIGIN, Verified
from rectify.lifecycle import STANDARD
from rectify.rules import RULES

ROOT = Path(__file__).parents[1]


def run(out: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the demo in a process of its own, in a bare environment."""
    kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "rectify.cli", "demo", "--out", str(out), *arguments],
        env={**kept, "PYTHONPATH": str(ROOT / "src"), **environment},
        capture_output=True,
        check=False,
    )


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A demo in Chinese: its folder and what it printed."""
    out = tmp_path_factory.mktemp("demo") / "out"
    ran = run(out, LANG="zh_CN.UTF-8")
    assert (0, b"") == (ran.returncode, ran.stderr)
    return out, ran.stdout.decode()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a demo prints as JSON, under the plain C locale."""
    ran = run(tmp_path_factory.mktemp("json"), "--json", LANG="C")
    assert (0, b"") == (ran.returncode, ran.stderr)
    summary: dict[str, Any] = json.loads(ran.stdout)
    return summary


@pytest.fixture(scope="module")
def ledger(played: tuple[Path, str], campaign: Campaign) -> Iterator[Ledger]:
    """The ledger that the demo left."""
    with Ledger.open(f"sqlite:///{played[0] / 'ledger.db'}", campaign, create=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def story(campaign: Campaign) -> Story:
    """The story, read."""
    return read_story(campaign.zone)


# What is in the story.


def test_every_area_item_and_channel_has_a_finding(ledger: Ledger, campaign: Campaign) -> None:
    """All six areas with all their items, and all nine channels."""
    found = [issue.finding for issue in ledger.issues()]
    items = {area.id for area in campaign.areas if area.parent}
    assert items - {finding.area for finding in found} == set()
    assert campaign.channel_ids - {finding.channel for finding in found} == set()
    assert len(found) >= 40


def test_every_move_is_made(data: dict[str, Any]) -> None:
    """Each move of the lifecycle is applied, and findings are registered and tied."""
    assert {move.__name__ for move in STANDARD.moves} | {"Register", "Tie"} == set(data["moves"])


def test_every_rule_refuses(data: dict[str, Any]) -> None:
    """Each rule that ships refuses something, and so does the platform's hook.

    But for two: no person's name is kept apart in the story, and the campaign reserves nothing
    that is confidential to a role.
    """
    refused = {reason["code"] for scene in data["refusals"] for reason in scene["reasons"]}
    unasked = {"person-named", "confidential-role"}
    assert {rule.code for rule in RULES} - unasked | {PLATFORM_SCOPE} == refused


def test_every_refusal_has_its_clause_in_both_languages(
    data: dict[str, Any], campaign: Campaign
) -> None:
    """A refusal rests on the campaign's clause, or says that it is an assumption."""
    for scene in data["refusals"]:
        for reason in scene["reasons"]:
            setting = campaign.rules.get(reason["code"])
            expected = setting.clause if setting and setting.clause else "assumption"
            assert (expected, True) == (reason["clause"], reason["zh"] != reason["en"])


def test_every_conclusion_is_reached(ledger: Ledger) -> None:
    """Rectified, substantiated, unsubstantiated and merged."""
    reached = {
        record.evidence["conclusion"]
        for issue in ledger.issues()
        for record in ledger.history(issue.id)
        if record.move == "Verify"
    }
    assert {conclusion.value for conclusion in Conclusion} == reached
    assert any(issue.clearing for issue in ledger.issues(state=Verified))


def test_every_state_has_an_issue_at_the_end(data: dict[str, Any]) -> None:
    """A campaign ends with unfinished business too."""
    assert {state.__name__ for state in STANDARD.states} == set(data["states"])


def test_leads_are_split_off_and_linked_both_ways(ledger: Ledger) -> None:
    """One issue has one lead, another two; each lead knows its origin."""
    leads = {
        issue.id: [link.issue_id for link in issue.links if link.kind == LEAD]
        for issue in ledger.issues()
        if any(link.kind == LEAD for link in issue.links)
    }
    assert [1, 2] == sorted(len(each) for each in leads.values())
    for origin, below in leads.items():
        for lead in below:
            assert [(ORIGIN, origin)] == [
                (link.kind, link.issue_id) for link in ledger.get(lead).links
            ]


def test_the_findings_are_dated_within_the_campaign(story: Story) -> None:
    """From December 2017 to December 2018, numbered in the order they were registered."""
    registered = [act for act in story.acts if act.finding is not None and not act.refused]
    days = [act.at.date().isoformat() for act in registered]
    numbers = [act.issue_id for act in registered]
    assert ("2017-12", "2018-12") == (days[0][:7], days[-1][:7])
    assert sorted(numbers) == numbers


def test_duties_and_late_milestones_on_three_days(data: dict[str, Any]) -> None:
    """What is owed is the campaign's, and something is overdue each time."""
    stocks = {stock["on"]: stock for stock in data["stocks"]}
    assert ["2018-04-09", "2018-09-30", "2018-12-16"] == list(stocks)
    left = {
        on: {duty["id"]: duty["days_left"] for duty in stock["duties"]}
        for on, stock in stocks.items()
    }
    assert 0 == left["2018-04-09"]["self-inspection-report"]
    assert 0 == left["2018-09-30"]["inspection-report"]
    assert -1 == left["2018-12-16"]["final-report"]
    assert [True, True, True] == [bool(stock["overdue"]) for stock in stocks.values()]


def test_a_delivery_that_failed_is_made_later(
    data: dict[str, Any], played: tuple[Path, str]
) -> None:
    """The platform's service is down once; in the end every delivery is done."""
    assert ["done"] == list(data["deliveries"])
    assert "第2次发送" in played[1]


def test_the_ledger_is_intact(ledger: Ledger, data: dict[str, Any]) -> None:
    """As the demo says, and as it is found afterwards."""
    assert (True, True) == (data["audit"]["intact"], ledger.audit().intact)


# What is left out.


def secrets(story: Story) -> set[str]:
    """The reporters' texts, and the names and contacts in them."""
    parts = {part for text in story.reporters for part in re.split("[\uff0c ]", text)}
    return {*story.reporters, *parts} - {"电话", "邮箱"}


def test_no_word_of_a_reporter_gets_out(
    story: Story, played: tuple[Path, str], data: dict[str, Any]
) -> None:
    """Not in what is printed, not in the summary, not in a record, issue or delivery."""
    out, printed = played
    database = sqlite3.connect(out / "ledger.db")
    with database:
        tables = ("rectify_record", "rectify_issue", "rectify_delivery")
        rows = [str(row) for table in tables for row in database.execute(f"SELECT * FROM {table}")]
    database.close()
    places = [printed, (out / "summary.md").read_text("utf-8"), json.dumps(data), *rows]
    told = secrets(story)
    assert len(told) >= 15
    assert [] == [word for word in told for place in places if word in place]


def test_reporters_are_kept_apart(story: Story, played: tuple[Path, str]) -> None:
    """The confidential table has each reporter's text, a lead's with its origin's."""
    database = sqlite3.connect(played[0] / "ledger.db")
    kept = {text for (text,) in database.execute("SELECT text FROM rectify_secret")}
    database.close()
    assert set(story.reporters) == kept


# What is printed and left.


def test_the_same_story_gives_the_same_text(played: tuple[Path, str], tmp_path: Path) -> None:
    """Output and summary are the same on every run."""
    out, printed = played
    again = run(tmp_path, LANG="zh_CN.UTF-8")
    assert printed.replace(str(out), "") == again.stdout.decode().replace(str(tmp_path), "")
    assert (out / "summary.md").read_bytes() == (tmp_path / "summary.md").read_bytes()


def test_the_summary_has_what_was_promised(played: tuple[Path, str]) -> None:
    """A drawing, counts, duties, refusals and every issue."""
    summary = (played[0] / "summary.md").read_text("utf-8")
    assert 2 == summary.count("```mermaid")
    for part in ("按治理重点和状态统计", "2018年9月30日报送任务", "驳回情况", "HB-2018-X003"):
        assert part in summary


def test_the_chinese_demo_has_no_english_sentence(played: tuple[Path, str]) -> None:
    """Only names are in Latin letters: codes, identifiers, classes."""
    words = re.findall(r"[A-Za-z]{2,} [a-z]{2,}", played[1])
    assert [] == words


def test_the_english_demo_is_english(tmp_path: Path) -> None:
    """Under another locale, refusals are in English."""
    printed = run(tmp_path, LANG="en_US.UTF-8").stdout.decode()
    assert "the finding is a lead on a Party member or cadre" in re.sub(r"\s+", " ", printed)


def test_a_demo_in_this_process_is_the_same(
    played: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it prints does not hang on the process it runs in."""
    assert 0 == main(["demo", "--out", str(tmp_path), "--lang", "zh"])
    printed = capsys.readouterr().out.replace(str(tmp_path), "")
    assert played[1].replace(str(played[0]), "") == printed


def performed(story: Story, campaign: Campaign, file: Path) -> Play:
    """The story on a ledger of its own, shown as it goes."""
    stage, programme = Stage(story, campaign, file), Programme(Terminal("en"), campaign)
    parts: list[Scene | Stock] = []
    with stage.ledger as ledger:
        for part in stage.play():
            programme.show(part)
            parts.append(part)
        return Play(
            campaign,
            story.units,
            tuple(part for part in parts if isinstance(part, Scene)),
            tuple(part for part in parts if isinstance(part, Stock)),
            tuple(ledger.issues()),
            moves={},
            deliveries={},
            audit=ledger.audit(),
        )


def test_a_story_may_end_with_a_look_at_which_nothing_is_late(
    story: Story, campaign: Campaign, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stocktaking after the last act is shown, and what there is none of is said so."""
    short = attrs.evolve(story, acts=story.acts[:1], looks=story.looks[-1:])
    play = performed(short, campaign, tmp_path / "ledger.db")
    assert [stock.on for stock in play.stocks] == list(short.looks)
    assert "no milestone is overdue" in capsys.readouterr().out
    assert re.search(r"^## Overdue milestones on .+\n\nNone\.$", markdown(play, "en"), re.MULTILINE)


def test_on_a_narrow_terminal_what_is_said_stands_below_the_deed(
    story: Story,
    campaign: Campaign,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where there is no room for columns, lines below are set in by four."""
    monkeypatch.setenv("COLUMNS", "60")
    performed(attrs.evolve(story, acts=story.acts[:1]), campaign, tmp_path / "ledger.db")
    act, printed = story.acts[0], capsys.readouterr().out
    above, below = f"{act.at.date()} {act.issue_id} ", f"    {act.title} ({act.by.id})"
    assert re.search(rf"^{re.escape(above)}.+\n{re.escape(below)}$", printed, re.MULTILINE)


# Where it writes.


def test_a_second_run_replaces_the_first(tmp_path: Path) -> None:
    """What a demo left may be replaced, and nothing else is left in the folder."""
    arguments = ["demo", "--out", str(tmp_path / "demo"), "--json"]
    assert [0, 0] == [main(arguments), main(arguments)]
    left = sorted(file.name for file in (tmp_path / "demo").iterdir())
    assert [".rectify-demo.json", "ledger.db", "summary.md"] == left


@pytest.mark.parametrize("name", ["ledger.db", "summary.md"])
def test_what_no_demo_left_is_not_replaced(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody's own file stays, and the command says how to go on."""
    (tmp_path / name).write_text("mine")
    code = main(["demo", "--out", str(tmp_path), "--lang", "en"])
    assert (1, "mine", [name]) == (
        code,
        (tmp_path / name).read_text(),
        [file.name for file in tmp_path.iterdir()],
    )
    assert "--force" in capsys.readouterr().err


def test_a_ledger_that_was_written_to_is_not_replaced(tmp_path: Path, campaign: Campaign) -> None:
    """A demo's ledger that somebody went on with is theirs; --force replaces it."""
    arguments = ["demo", "--out", str(tmp_path), "--json"]
    main(arguments)
    with sqlite3.connect(tmp_path / "ledger.db") as database:
        database.execute("CREATE TABLE mine (a)")
    database.close()
    assert [1, 0, 0] == [main(arguments), main([*arguments, "--force"]), main(arguments)]
    with Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}", campaign, create=False) as ledger:
        assert ledger.audit().intact


def test_any_name_of_a_folder_will_do(tmp_path: Path) -> None:
    """Signs that mean something in an address are signs of a name here."""
    folder = tmp_path / "甲 100%41?x=1#y"
    assert 0 == main(["demo", "--out", str(folder), "--json"])
    assert 0 == main(["audit", str(folder / "ledger.db")])
    assert [folder] == list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file in the way of the folder is misuse, without a traceback."""
    (tmp_path / "file").write_text("mine")
    assert 2 == main(["demo", "--out", str(tmp_path / "file"), "--lang", "en"])
    assert 1 == main(["demo", "--out", str(tmp_path / "file/below"), "--lang", "en"])
    assert "Traceback" not in capsys.readouterr().err
