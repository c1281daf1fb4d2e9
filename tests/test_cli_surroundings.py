"""The command line in this process: where a library, a reader or the name of a file is missing."""

from __future__ import annotations

import io
import os
import runpy
import sys
from contextlib import redirect_stdout
from unittest.mock import patch

import pytest

from rectify.cli import main
from rectify.cli.language import of_locale
from rectify.cli.wrapping import wrapped


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that asks for English, and for no width."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


# Libraries.


def test_the_package_runs_as_a_module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``python -m rectify.cli`` takes its arguments from the command line and exits by them."""
    monkeypatch.setattr(sys, "argv", ["rectify", "campaign", "show", "nowhere"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("rectify.cli", run_name="__main__")
    assert (ended.value.code, "nowhere" in capsys.readouterr().err) == (2, True)


@pytest.mark.parametrize(("language", "said"), [("zh", "请安装"), ("en", "install rectify[cli]")])
def test_a_missing_extra_is_said_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str, said: str
) -> None:
    """Without click, the command says what to install, and exits 2."""
    monkeypatch.delitem(sys.modules, "rectify.cli.app")
    monkeypatch.setitem(sys.modules, "click", None)
    status = main(["--lang", language, "demo"])
    error = capsys.readouterr().err
    assert (status, error.count("\n"), said in error) == (2, 1, True)


def test_a_missing_module_of_our_own_is_not_taken_for_an_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the extra does not bring is an error as it is."""
    monkeypatch.setitem(sys.modules, "rectify.cli.app", None)
    with pytest.raises(ModuleNotFoundError, match=r"rectify\.cli\.app"):
        main(["demo"])


def test_ctrl_c_while_loading_ends_with_130() -> None:
    """Before a command has begun, too."""
    with patch("rectify.cli.app.run", side_effect=KeyboardInterrupt):
        assert main(["demo"]) == 130


# Readers.


@pytest.mark.parametrize(
    "arguments",
    [
        ["campaign", "show"],
        ["campaign", "show", "--json"],
        ["campaign", "check", "hubei-2018", "--json"],
    ],
    ids=["a line", "the whole", "the end"],
)
def test_a_reader_who_has_left_is_no_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    """A closed pipe ends the command with 1 and in silence, whenever it shows."""
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", encoding="utf-8") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        assert main(arguments) == 1
    assert capsys.readouterr().err == ""


def test_what_is_printed_may_be_caught_as_text() -> None:
    """A stream of text without bytes below it gets the same lines."""
    with redirect_stdout(io.StringIO()) as caught:
        assert main(["campaign", "show", "--lang", "zh"]) == 0
    assert "湖北省" in caught.getvalue()


# The system.


def test_what_the_system_refuses_without_a_file_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An OSError without a file's name is the system's words alone."""
    with patch("rectify.cli.campaign.load_campaign", side_effect=OSError(5, "Input/output error")):
        assert main(["campaign", "show"]) == 1
    assert capsys.readouterr().err == "error: the system says: Input/output error\n"


@pytest.mark.parametrize(
    ("name", "expected"), [("zh_CN", "zh"), ("Chinese (Simplified)_China", "zh"), (None, "en")]
)
def test_where_the_environment_is_silent_the_system_is_asked(
    name: str | None, expected: str
) -> None:
    """The locale of the system decides, by either form of its name."""
    with patch("rectify.cli.language.locale.getlocale", return_value=(name, "UTF-8")):
        assert of_locale({}) == expected


def test_the_language_asked_for_by_the_environment_is_left_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """LANGUAGE is as it was once a command is done."""
    monkeypatch.setenv("LANGUAGE", "fr")
    main(["campaign", "show", "--json", "--lang", "zh"])
    assert os.environ["LANGUAGE"] == "fr"


# Lines.


def test_a_word_wider_than_the_line_is_broken() -> None:
    """No empty line is put before it, and what is left of it goes on with the next."""
    assert list(wrapped("abcdefgh ij", 5)) == ["abcde", "fgh", "ij"]
    assert list(wrapped("a bcdefghi", 5)) == ["a", "bcdef", "ghi"]
