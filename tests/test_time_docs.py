"""The page on time and its example run as they are printed."""

from __future__ import annotations

import doctest
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_the_page_on_time_runs() -> None:
    failed, tried = doctest.testfile(str(ROOT / "docs" / "time.md"), module_relative=False)
    assert failed == 0
    assert tried > 20


def test_the_example_prints_every_deadline_of_the_document(
    capsys: pytest.CaptureFixture[str],
) -> None:
    runpy.run_path(str(ROOT / "examples" / "deadlines.py"), run_name="__main__")
    printed = capsys.readouterr().out
    assert "自查自纠情况（soon）" in printed
    assert "第4次：2018-10-11至2018-10-20（不足一期）" in printed
    assert "理由：核查对象较多（批准：省专项治理工作专班）" in printed
