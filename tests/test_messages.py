"""Every message has its Chinese, and what is compiled is what is written."""

from __future__ import annotations

import ast
import gettext
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

import rectify
from rectify.i18n import Message, bilingual, message

SOURCE = Path(rectify.__file__).parent
CATALOGUE = SOURCE / "locale" / "zh_CN" / "LC_MESSAGES" / "rectify.po"


def templates() -> Iterator[tuple[str, str]]:
    """Where each ``message("…")`` and ``translate("…")`` stands, and its template."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id="message" | "translate"),
                    args=[ast.Constant(value=str(template)), *_],
                ):
                    yield f"{path.relative_to(SOURCE)}:{node.lineno}", template
                case _:
                    pass


TEMPLATES = list(templates())


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_CN")


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def chinese(catalogue: Catalog, template: str) -> str:
    entry = catalogue.get(template)
    return entry.string if entry is not None and isinstance(entry.string, str) else ""


def test_every_message_has_its_chinese(catalogue: Catalog) -> None:
    missing = [f"{place} {text}" for place, text in TEMPLATES if not chinese(catalogue, text)]
    assert missing == []


def test_the_chinese_names_what_the_english_names(catalogue: Catalog) -> None:
    different = [
        text
        for _, text in TEMPLATES
        if placeholders(chinese(catalogue, text)) != placeholders(text)
    ]
    assert different == []


def test_the_catalogue_holds_no_message_that_is_not_written(catalogue: Catalog) -> None:
    assert {str(entry.id) for entry in catalogue if entry.id} == {text for _, text in TEMPLATES}


def test_nothing_in_the_catalogue_is_fuzzy_or_obsolete(catalogue: Catalog) -> None:
    assert not catalogue.fuzzy
    assert [entry.id for entry in catalogue if entry.id and entry.fuzzy] == []
    assert list(catalogue.obsolete) == []


def test_what_is_compiled_is_what_is_written(catalogue: Catalog) -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    different = [
        entry.id
        for entry in catalogue
        if entry.id and compiled.gettext(str(entry.id)) != entry.string
    ]
    assert different == []


def test_no_message_is_a_template_made_at_run_time() -> None:
    made = [
        f"{path.relative_to(SOURCE)}:{node.lineno}"
        for path in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "message"
        and not isinstance(node.args[0], ast.Constant)
    ]
    assert made == []


def test_a_message_within_a_message_is_in_its_language() -> None:
    nested = message("{field}: {problem}", field="unit", problem=message("it is blank"))
    assert (nested.zh, nested.en) == (f"unit：{message('it is blank').zh}", "unit: it is blank")


def test_a_hosts_own_message_brings_its_chinese() -> None:
    said = bilingual("暂缓至{day}", "on hold until {day}", day="2018-09-01")
    assert (said.zh, said.en) == ("暂缓至2018-09-01", "on hold until 2018-09-01")
    assert str(Message("only {what}", {"what": "English"})) == "only English / only English"


def test_a_length_of_time_reads_in_each_language() -> None:
    """Whole days as days, any other in seconds; never as Python writes it."""
    said = [Message("{t}", {"t": length}) for length in (timedelta(days=366), timedelta(0, 1.5))]
    assert [("366天", "366 days"), ("1.5秒", "1.5 seconds")] == [(m.zh, m.en) for m in said]
