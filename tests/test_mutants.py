"""The mutants: what is changed, what is left alone, and that the change is what runs."""

from __future__ import annotations

import ast
import inspect
from importlib.util import module_from_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mutants import mutants_of
from mutation import MODULES, SOURCES, Finder
from rectify.campaign import Campaign
from rectify.moves import Register
from rectify.rules import RULES
from support import finding


def changes(text: str, folder: Path) -> list[str]:
    """The changes of a module with this text."""
    path = folder / "some.py"
    path.write_text(text, encoding="utf-8")
    return [mutant.change for mutant in mutants_of(path)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b", ["[a < b → pass]", "a <[ → =] b", "a [< → >=] b"]),
        ("x = a == b", ["[a == b → None]", "a [= → !]= b"]),
        ("x = a and b", ["[a and b → None]", "a [and → or] b", "[a and  → ]b", "a[ and b → ]"]),
        ("x = not a", ["[not a → None]", "[not  → ]a"]),
        ("x = a | b", ["[a | b → None]", "a[ | b → ]", "[a |  → ]b"]),
        ("x = a + 1", ["[a + 1 → None]", "a [+ → -] 1", "[1 → 2]", "[1 → 0]"]),
        ("x: bool = True", ["[Tru → Fals]e"]),
        ("x = 'a'", ["['a' → None]", "'[a → ]'"]),
        ("x = None", ["[None → '']"]),
        ("x = [a, b]", ["[[a, b] → None]", "[a[, b → ]]", "[[a,  → ]b]"]),
        ("raise x", ["[raise x → pass]"]),
        ("f(a=b)", ["[f(a=b) → pass]", "f([a=b → ])"]),
        ("F(a)", ["[F(a) → pass]", "F([a → None])"]),
        ("with suppress(E): f", ["suppress([E → ])", "[f → pass]"]),
        ("if a: raise x", ["[a → True]", "[a → False]", "[raise x → pass]"]),
        ("for a in b: break", ["[b → ()]", "[break → continue]"]),
        ("x: set = {a for a in b if c}", ["[b → ()]", "[c → True]", "[c → False]"]),
        ("try: f()\nexcept E: raise", ["[f() → pass]", "[E → ()]", "[raise → pass]"]),
        ("@rule('a')\ndef f(c, k: A): return b", ["[@rule('a')  → ]def f(c, k: A): return b"]),
    ],
)
def test_each_kind_of_change_is_made(text: str, expected: list[str], tmp_path: Path) -> None:
    """Comparisons, logic, constants, members, calls, conditions, loops, statements, decorators."""
    found = changes(text, tmp_path)
    assert expected == [change for change in expected if change in found]


@pytest.mark.parametrize(
    "text",
    [
        '"""What it does."""',
        "def f(a: int | None) -> int | None: ...",
        "x: int | None",
        "TypeVar('T', bound=A).name",
        "if TYPE_CHECKING: x = 1",
        "Judge: TypeAlias = Callable[[A], B | None]",
    ],
)
def test_what_nothing_can_notice_is_left_alone(text: str, tmp_path: Path) -> None:
    """Docstrings, annotations that nobody reads, what only type checkers see."""
    assert [] == [change for change in changes(text, tmp_path) if not change.endswith("→ pass]")]


def test_the_words_of_a_message_are_left_alone_and_its_values_are_not(tmp_path: Path) -> None:
    """Words are the catalogue's; what is filled in is the rule's."""
    found = changes("x: Message = message('words', a=len('b'))", tmp_path)
    assert ["message('words'[, a=len('b') → ])", "'[b → ]'"] == found


def test_an_annotation_that_the_library_reads_is_changed(tmp_path: Path) -> None:
    """The states that a move starts from, and the moves that a rule judges."""
    read = "class Verify(Move[V]):\n    issue: A | B\n    handles: ClassVar[bool]"
    assert ["A[ | B → ]", "[A |  → ]B"] == changes(read, tmp_path)
    rule = "@rule\ndef f(case: A | B, kind: type[C] | type[D]) -> E | None: ..."
    assert ["type[C][ | type[D] → ]", "type[[C] | type[ → ]D]"] == changes(rule, tmp_path)[1:]


def test_every_rule_is_changed_within() -> None:
    """No rule is spared for being decorated."""
    lines = [mutant.line for mutant in mutants_of(SOURCES / "rules.py")]
    for rule in RULES:
        first = inspect.getsourcelines(rule.judge)[1] + 1
        last = first + len(inspect.getsource(rule.judge).splitlines()) - 1
        assert sum(first < line < last for line in lines) >= 4, rule.code


def test_every_module_that_decides_is_asked() -> None:
    """What `tests/mutation.py` goes through is there, and has functions to change."""
    for name in MODULES:
        assert "def " in (SOURCES / f"{name}.py").read_text(encoding="utf-8")


def test_a_change_is_what_runs(campaign: Campaign) -> None:
    """A module that is loaded by the finder does as its mutant says."""
    lines, first = inspect.getsourcelines(RULES[0].judge)
    tree = ast.parse("".join(lines))
    condition = next(node for node in ast.walk(tree) if isinstance(node, ast.If)).test
    change = f"[{ast.unparse(condition)} → True]"
    (mutant,) = [
        mutant
        for mutant in mutants_of(SOURCES / "rules.py")
        if mutant.change == change and first < mutant.line < first + len(lines)
    ]
    spec = Finder(mutant).find_spec("rectify.rules")
    assert spec is not None
    assert spec.loader is not None
    changed: Any = module_from_spec(spec)
    spec.loader.exec_module(changed)
    case: Any = SimpleNamespace(campaign=campaign)
    move = Register("1", finding(area="weather"))
    assert RULES[0].judge(case, move) is not None
    assert changed.RULES[0].judge(case, move) is None
