"""The tables of the demo, once for the terminal and for the summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import attrs

from rectify.campaign import Campaign
from rectify.cli.demo.figures import Owing, Stock, by_area, by_channel
from rectify.cli.demo.stage import Scene
from rectify.cli.demo.wording import Say, basis, deed
from rectify.i18n import Message, message
from rectify.issue import AnyIssue, Issue
from rectify.labels import label, rule_label
from rectify.lifecycle import STANDARD
from rectify.unit import UnitTree
from rectify.wording import day_in_words

Cell: TypeAlias = Message | str


@attrs.frozen
class Sheet:
    """A table: its heads, its rows, which columns hold numbers, which are not to break."""

    heads: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]
    numbers: frozenset[int] = frozenset()
    whole: frozenset[int] = frozenset()


def areas_sheet(issues: Sequence[AnyIssue], campaign: Campaign, say: Say) -> Sheet:
    """How many issues of each area are in each state."""
    named = {area.id: f"{area.clause} {area.name}" for area in campaign.areas if not area.parent}
    return _counted(message("area"), named, by_area(issues), say)


def channels_sheet(issues: Sequence[AnyIssue], campaign: Campaign, say: Say) -> Sheet:
    """How many issues of each channel are in each state."""
    named = {channel.id: channel.name for channel in campaign.channels}
    return _counted(message("channel"), named, by_channel(issues), say)


def _counted(
    head: Message,
    named: Mapping[str, str],
    counts: Mapping[str, Counter[type[Issue]]],
    say: Say,
) -> Sheet:
    states = STANDARD.states
    rows: list[Sequence[Cell]] = []
    total = Counter[type[Issue]]()
    for key, name in named.items():
        count = counts.get(key, Counter[type[Issue]]())
        total += count
        rows.append([name, *_figures(count)])
    rows.append([message("total"), *_figures(total)])
    heads: list[Cell] = [head, *(label(state, say.language) for state in states), message("total")]
    return Sheet(heads, rows, frozenset(range(1, len(states) + 2)))


def _figures(count: Counter[type[Issue]]) -> list[str]:
    each = [count[state] for state in STANDARD.states]
    return [*(str(number or "–") for number in each), str(sum(each))]


def duties_sheet(stock: Stock) -> Sheet:
    """What is owed by when, in the document's words, and how that stands on the day."""
    heads = (message("duty"), message("words"), message("last day"), message("stands"))
    rows = [
        (each.duty.name, each.duty.due.words, day_in_words(each.duty.due.effective), _left(each))
        for each in stock.duties
    ]
    return Sheet(heads, rows, whole=frozenset({1, 2, 3}))


def _left(owing: Owing) -> Message:
    if owing.days_left > 0:
        return message("{count} days left", count=owing.days_left)
    if owing.days_left == 0:
        return message("due today")
    return message("closed {count} days ago", count=-owing.days_left)


def late_sheet(stock: Stock) -> Sheet:
    """The milestones that are open past their day, the longest overdue first."""
    heads = (
        message("issue"),
        message("title"),
        message("milestone"),
        message("due"),
        message("days overdue"),
        message("responsible"),
    )
    rows = [
        (
            late.issue.id,
            late.issue.finding.title,
            late.milestone.title,
            day_in_words(late.milestone.due),
            str(late.days_late),
            late.issue.timetable.responsible,
        )
        for late in stock.late
    ]
    return Sheet(heads, rows, numbers=frozenset({4}), whole=frozenset({0, 3}))


def refusals_sheet(scenes: Iterable[Scene], say: Say) -> Sheet:
    """Every refusal: of what, by which rule, why, and what that rests on."""
    heads = (
        message("date"),
        message("issue"),
        message("move"),
        message("rule"),
        message("reason"),
        message("rests on"),
    )
    rows = [
        (
            day_in_words(scene.act.at.date()),
            scene.act.issue_id,
            deed(scene.act, say),
            rule_label(reason.code),
            reason.text,
            basis(reason),
        )
        for scene in scenes
        for reason in scene.reasons
    ]
    return Sheet(heads, rows)


def rules_sheet(scenes: Iterable[Scene]) -> Sheet:
    """How often each rule refused, and what it rests on, in the order of first refusals."""
    reasons = [reason for scene in scenes for reason in scene.reasons]
    times = Counter(reason.code for reason in reasons)
    rests_on = {reason.code: basis(reason) for reason in reasons}
    rows = [(rule_label(code), str(count), rests_on[code]) for code, count in times.items()]
    return Sheet((message("rule"), message("times"), message("rests on")), rows, frozenset({1}))


def issues_sheet(issues: Iterable[AnyIssue], units: UnitTree, say: Say) -> Sheet:
    """Every issue and where it stands."""
    heads = (
        message("issue"),
        message("title"),
        message("unit"),
        message("state"),
        message("round"),
        message("linked"),
    )
    rows = [
        (
            issue.id,
            issue.finding.title,
            units[issue.finding.unit].name,
            label(type(issue), say.language),
            str(issue.round),
            "、".join(link.issue_id for link in issue.links) or "–",
        )
        for issue in issues
    ]
    return Sheet(heads, rows, frozenset({4}))
