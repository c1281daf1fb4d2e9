"""What `rectify` offers is what hosts rely on, and importing it costs next to nothing."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import rectify

CONTRACT = [
    "Acknowledge",
    "Actor",
    "AnyIssue",
    "Bulletin",
    "Complete",
    "Conclusion",
    "Decision",
    "DueSoon",
    "Expose",
    "Exposed",
    "Extend",
    "Finding",
    "Fix",
    "FixedOnTheSpot",
    "Found",
    "Issue",
    "Ledger",
    "Milestone",
    "Move",
    "Option",
    "Outcome",
    "Overdue",
    "PhaseClosed",
    "PhaseOpened",
    "Reason",
    "Record",
    "Reject",
    "Reopen",
    "Return",
    "Schedule",
    "Scheduled",
    "Timetable",
    "Transfer",
    "Transferred",
    "UnitTree",
    "Verified",
    "Verify",
    "load_campaign",
]


def test_all_is_the_contract_sorted() -> None:
    assert rectify.__all__ == CONTRACT


@pytest.mark.parametrize("name", CONTRACT)
def test_every_name_can_be_imported_and_is_kept(name: str) -> None:
    assert getattr(rectify, name) is vars(rectify)[name]


def test_dir_lists_every_name() -> None:
    assert set(CONTRACT) <= set(dir(rectify))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"module 'rectify' has no attribute 'Fixx'"):
        _ = rectify.Fixx  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType, reportUnknownMemberType]


def modules_after(statement: str) -> set[str]:
    """The modules of a new interpreter after a statement, by their top names."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names: list[str] = json.loads(done.stdout)
    return {name.partition(".")[0] for name in names}


def test_every_module_can_be_the_first_to_be_imported() -> None:
    code = """
import importlib, pkgutil, sys, rectify
names = [one.name for one in pkgutil.walk_packages(rectify.__path__, "rectify.")]
for name in names:
    # Models need the settings of a project before they can be imported.
    if not name.endswith("__main__") and not name.startswith("rectify.integrations.django."):
        for old in [old for old in sys.modules if old.partition(".")[0] == "rectify"]:
            del sys.modules[old]
        importlib.import_module(name)
print(len(names))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert int(done.stdout) > 40


HEAVY = {"attrs", "attr", "transitions", "pendulum", "cattrs", "sqlalchemy", "typing"}


def test_importing_the_package_imports_nothing_heavy() -> None:
    assert modules_after("import rectify") & HEAVY <= modules_after("pass")


def test_the_first_use_of_a_name_imports_its_module_alone() -> None:
    assert modules_after("from rectify import Found") & {"cattrs", "transitions", "sqlalchemy"} == (
        set()
    )


def test_a_ledger_in_memory_needs_no_database() -> None:
    used = "from rectify import Ledger, load_campaign\nLedger(load_campaign('hubei-2018'))"
    assert modules_after(used) & {"sqlalchemy", "alembic", "click", "rich"} == set()


def test_the_ledger_reads_no_official_wording_until_it_is_asked_to() -> None:
    """The parser and the campaigns' shape take longer to import than all the rest of it."""
    code = 'import sys\nfrom rectify import Ledger\nprint("rectify.phrases" in sys.modules)'
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
