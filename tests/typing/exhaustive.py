"""`assert_never` closes a `match` over the states, and fails where one is left out.

Checked by mypy and pyright, never run; the lines with ignores are as in `illegal.py`.
"""

from __future__ import annotations

from typing import TypeAlias, assert_never

import attrs

from rectify import (
    AnyIssue,
    Conclusion,
    Exposed,
    FixedOnTheSpot,
    Found,
    Issue,
    Scheduled,
    Transferred,
    Verified,
)


def all_six(issue: AnyIssue) -> str:
    match issue:
        case Found():
            return "发现"
        case FixedOnTheSpot():
            return "立行立改"
        case Scheduled():
            return "列入时间表"
        case Transferred():
            return "移送"
        case Verified():
            return "核实"
        case Exposed():
            return "曝光"
        case _:
            assert_never(issue)


def all_six_without_a_last_case(issue: AnyIssue) -> bool:
    match issue:
        case Found() | FixedOnTheSpot() | Scheduled() | Transferred():
            return False
        case Verified() | Exposed():
            return True


def all_six_by_isinstance(issue: AnyIssue) -> bool:
    if isinstance(issue, (Found, FixedOnTheSpot, Scheduled)):
        return True
    if isinstance(issue, Transferred):
        return issue.receipt is not None
    return issue.conclusion is Conclusion.RECTIFIED


def all_conclusions(conclusion: Conclusion) -> str:
    match conclusion:
        case Conclusion.RECTIFIED:
            return "整改到位"
        case Conclusion.SUBSTANTIATED:
            return "查实"
        case Conclusion.UNSUBSTANTIATED:
            return "查否"
        case Conclusion.MERGED:
            return "并案"
        case _:
            assert_never(conclusion)


def one_state_left_out(issue: AnyIssue) -> str:
    match issue:
        case Found():
            return "发现"
        case FixedOnTheSpot():
            return "立行立改"
        case Scheduled():
            return "列入时间表"
        case Transferred():
            return "移送"
        case Verified():
            return "核实"
        case _:
            assert_never(issue)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def two_states_left_out(issue: AnyIssue) -> bool:
    if isinstance(issue, (Found, FixedOnTheSpot)):
        return True
    if isinstance(issue, (Verified, Exposed)):
        return False
    assert_never(issue)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def one_conclusion_left_out(conclusion: Conclusion) -> str:
    match conclusion:
        case Conclusion.RECTIFIED:
            return "整改到位"
        case Conclusion.SUBSTANTIATED:
            return "查实"
        case Conclusion.UNSUBSTANTIATED:
            return "查否"
        case _:
            assert_never(conclusion)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_guard_does_not_count(issue: Verified | Exposed) -> str:
    match issue:
        case Verified() if issue.outcomes:
            return "已处理"
        case Exposed():
            return "已曝光"
        case _:
            assert_never(issue)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


# A platform's own states join the union, and every `match` must then take them in.


@attrs.frozen
class OnHold(Issue):
    """暂缓."""

    basis: str


@attrs.frozen
class Archived(Issue):
    """归档."""


PlatformIssue: TypeAlias = AnyIssue | OnHold | Archived


def all_eight(issue: PlatformIssue) -> str:
    match issue:
        case OnHold(basis=basis):
            return basis
        case Archived():
            return "归档"
        case Found() | FixedOnTheSpot() | Scheduled() | Transferred() | Verified() | Exposed():
            return all_six(issue)
        case _:
            assert_never(issue)


def the_platforms_state_left_out(issue: AnyIssue | OnHold) -> str:
    match issue:
        case Found() | FixedOnTheSpot() | Scheduled() | Transferred() | Verified() | Exposed():
            return all_six(issue)
        case _:
            assert_never(issue)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_standard_state_left_out(issue: PlatformIssue) -> str:
    match issue:
        case OnHold() | Archived():
            return "平台状态"
        case Found() | FixedOnTheSpot() | Scheduled() | Transferred() | Verified():
            return "六种状态"
        case _:
            assert_never(issue)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_function_of_the_six_does_not_take_more(issue: PlatformIssue) -> str:
    return all_six(issue)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def an_open_class_never_closes(issue: Issue) -> str:
    match issue:
        case Found() | FixedOnTheSpot() | Scheduled() | Transferred() | Verified() | Exposed():
            return all_six(issue)
        case _:
            assert_never(issue)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
