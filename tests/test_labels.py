"""What a state or move is called is read off its class."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from rectify import AnyIssue, Ledger
from rectify.errors import IllegalMove, Refused
from rectify.issue import (
    Exposed,
    FixedOnTheSpot,
    Found,
    Scheduled,
    Transferred,
    Verified,
)
from rectify.labels import label
from rectify.lifecycle import STANDARD
from rectify.moves import (
    STEPS,
    Acknowledge,
    Complete,
    Erase,
    Expose,
    Extend,
    Fix,
    Import,
    Register,
    Reject,
    Reopen,
    Return,
    Reveal,
    Schedule,
    Tie,
    Transfer,
    Verify,
)
from support import OFFICER, build, in_state


@pytest.mark.parametrize(
    ("kind", "zh", "en"),
    [
        (Found, "发现", "Found"),
        (FixedOnTheSpot, "立行立改", "Fixed on the spot"),
        (Scheduled, "列入时间表", "Scheduled"),
        (Transferred, "移送", "Transferred"),
        (Verified, "核实", "Verified"),
        (Exposed, "曝光", "Exposed"),
        (Register, "登记", "Register"),
        (Fix, "立行立改", "Fix"),
        (Schedule, "列入时间表", "Schedule"),
        (Complete, "节点完成", "Complete"),
        (Extend, "延期", "Extend"),
        (Transfer, "移送", "Transfer"),
        (Acknowledge, "签收", "Acknowledge"),
        (Return, "退回", "Return"),
        (Verify, "核实", "Verify"),
        (Reject, "退回整改", "Reject"),
        (Reopen, "回头看", "Reopen"),
        (Expose, "通报曝光", "Expose"),
        (Tie, "关联", "Tie"),
        (Import, "存量导入", "Import"),
        (Reveal, "查阅", "Reveal"),
        (Erase, "销毁", "Erase"),
    ],
)
def test_the_words_of_the_document_are_the_labels(kind: type[object], zh: str, en: str) -> None:
    """Every state and step that ships is called what the glossary calls it."""
    assert (zh, en) == (label(kind, "zh"), label(kind, "en"))


@pytest.mark.parametrize(
    ("docstring", "zh"),
    [
        ("挂起: an ASCII colon", "挂起"),
        ("挂起：全角冒号: and another", "挂起"),
        ("\n    挂起  等待 :\n    more: lines\n    ", "挂起 等待"),
        ("挂\u2028起\x07: hard to print", "挂 起"),
        ("𠮷: a rare character", "𠮷"),
        ("挂" * 41 + ": too long", "挂" * 39 + "…"),
        ("挂" * 40 + ": just fits", "挂" * 40),
        ("挂起, without a colon", "Long wait"),
        ("Waiting: in English only", "Long wait"),
        ("First line\n\n挂起: in another", "Long wait"),
        (": 挂起", "Long wait"),
        ("", "Long wait"),
        (None, "Long wait"),
    ],
)
def test_a_docstring_opens_with_the_label(docstring: str | None, zh: str) -> None:
    """The Chinese label is what the first line has before a colon, or else the name."""
    kind = type("LongWait", (), {"__doc__": docstring})
    assert zh == label(kind, "zh")


@pytest.mark.parametrize(
    ("name", "en"),
    [
        ("SMSSent", "SMS sent"),
        ("FileXMLAway", "File XML away"),
        ("snake_case_name", "snake case name"),
        ("_Hidden", "Hidden"),
        ("__", "__"),
        ("Round2Check", "Round2 check"),
        ("挂起", "挂起"),
        ("A" * 41, "A" * 39 + "…"),
    ],
)
def test_a_name_is_split_into_words(name: str, en: str) -> None:
    """The English label is the class name as words; an acronym keeps its capitals."""
    assert en == label(type(name, (), {}), "en")


def test_what_ships_says_its_chinese_twice_and_the_same() -> None:
    """Once for readers, in the docstring, and once as data."""
    for kind in (*STANDARD.states, *STANDARD.moves, *STEPS):
        own = vars(kind)["term"]
        assert own == (kind.__doc__ or "").split(":")[0]


def test_chinese_names_do_not_need_docstrings() -> None:
    """``python -OO`` drops them."""
    program = "from rectify import Fix, Verified; from rectify.labels import label;"
    program += "print(ascii(label(Fix, 'zh') + label(Verified, 'zh')), Fix.__doc__)"
    ran = subprocess.run(
        [sys.executable, "-OO", "-c", program], capture_output=True, check=True, text=True
    )
    assert f"{'立行立改核实'!a} None" == ran.stdout.strip()


def test_a_move_that_can_not_be_made_is_told_in_chinese_names(ledger: Ledger[AnyIssue]) -> None:
    """And in English by the names of the classes; so is one that is refused."""
    verified = in_state(ledger, Verified)
    with pytest.raises(IllegalMove) as illegal:
        build(Fix, verified)
    chinese = illegal.value.message.zh.replace(verified.id, "")
    assert not re.search("[A-Za-z]", chinese)
    assert "立行立改" in chinese
    assert "Fix starts from: Found" in illegal.value.message.en
    scheduled = in_state(ledger, Scheduled)
    with pytest.raises(Refused) as refused:
        ledger.apply(build(Complete, scheduled, milestone="m9"), by=OFFICER)
    assert "节点完成" in refused.value.message.zh.splitlines()[0]
    assert "Complete" in refused.value.message.en.splitlines()[0]
