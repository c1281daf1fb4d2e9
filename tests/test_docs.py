"""What the documents list is what there is."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

from rectify import Issue, load_campaign
from rectify.lifecycle import STANDARD
from rectify.move import Step
from rectify.reason import ASSUMPTION

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| `([a-z-]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def named(step: type[Step[Issue]]) -> str:
    return "every step" if step is Step else step.__name__


def test_the_table_of_rules_is_the_rules_and_what_they_rest_on() -> None:
    settings = load_campaign("hubei-2018").rules
    rows = ROW.findall((ROOT / "docs" / "rules.md").read_text("utf-8"))
    found = [(code, judges, evidence, basis) for code, judges, _, evidence, basis in rows]
    expected: list[tuple[str, str, str, str]] = []
    for code, same in groupby(STANDARD.rules, key=lambda rule: rule.code):
        rules = list(same)
        setting = settings.get(code)
        expected.append(
            (
                code,
                ", ".join(named(step) for rule in rules for step in rule.steps),
                ", ".join("yes" if rule.needs_evidence else "no" for rule in rules),
                (setting.clause if setting is not None else None) or ASSUMPTION,
            )
        )
    assert found == expected


def test_every_rule_is_named_in_the_reference_campaign() -> None:
    """So that a reader of the file sees what is assumed, and can switch it off."""
    assert set(load_campaign("hubei-2018").rules) == {rule.code for rule in STANDARD.rules}


def test_the_documents_link_to_what_is_there() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        for link in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
        if "://" not in link and not (page.parent / link).exists()
    ]
    assert broken == []


def test_the_recipes_name_targets_that_the_makefile_has() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8") + (ROOT / "README.md").read_text("utf-8")
    assert set(re.findall(r"`?\bmake ([a-z-]+)\b", text)) <= targets
