"""Mutants: a module with one small change each, which the tests ought to notice.

All code is changed, what decorators wrap included, and what an annotation says where the
library reads it: the states a move starts from, the moves a rule judges. Left alone is what
no program can notice: docstrings, other annotations and what else only type checkers read;
and the words of messages, which their catalogue's own tests look after.
"""

from __future__ import annotations

import ast
import marshal
from collections.abc import Iterable, Iterator
from functools import singledispatch
from itertools import takewhile
from pathlib import Path
from types import CodeType
from typing import Final, TypeAlias, TypeVar, cast

import attrs

Place: TypeAlias = tuple[ast.AST, str, int | None]
"""Where a node stands: in which node's field, and at which index where that is a list."""

T = TypeVar("T")
N = TypeVar("N", bound=ast.AST)


@attrs.frozen
class Mutant:
    """One change to a module: at which line, from what to what, and the code with it."""

    module: str
    line: int
    change: str
    code: CodeType = attrs.field(repr=False, eq=False)


def mutants_of(path: Path) -> Iterator[Mutant]:
    """The mutants of a file; a change that compiles to the same code is none."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    before = marshal.dumps(compile(tree, str(path), "exec"))
    silent = _Silent()
    silent.visit(tree)
    for place, node in list(_places(tree, silent.nodes)):
        for changed in _changes(node, place) if id(node) not in silent.read else _halves(node):
            _put(place, ast.fix_missing_locations(ast.copy_location(changed, node)))
            code = compile(tree, str(path), "exec")
            _put(place, node)
            if marshal.dumps(code) != before:
                line = getattr(node, "lineno", 0) or getattr(place[0], "lineno", 0)
                yield Mutant(path.stem, line, _shown(node, changed), code)


def _shown(before: ast.AST, after: ast.AST) -> str:
    """What changes, with some of what stands around it."""
    old, new = (" ".join(ast.unparse(node).split()) for node in (before, after))
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    ahead, behind = old[max(0, start - 30) : start], old[len(old) - end :][:30]
    return f"{ahead}[{old[start : len(old) - end]} → {new[start : len(new) - end]}]{behind}"


def _alike(one: str, other: str) -> int:
    """How many characters are the same from the start."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _put(place: Place, node: ast.AST) -> None:
    owner, field, index = place
    if index is None:
        setattr(owner, field, node)
    else:
        getattr(owner, field)[index] = node


def _places(owner: ast.AST, silent: set[int]) -> Iterator[tuple[Place, ast.AST]]:
    for field, value in ast.iter_fields(owner):
        listed: Iterable[tuple[int | None, object]] = [(None, value)]
        if isinstance(value, list):
            listed = enumerate(cast("list[object]", value))
        for index, node in listed:
            if isinstance(node, ast.AST) and id(node) not in silent:
                yield (owner, field, index), node
                yield from _places(node, silent)


class _Silent(ast.NodeVisitor):
    """Finds the nodes to leave alone, and the annotations that the library reads."""

    def __init__(self) -> None:
        self.nodes: set[int] = set()
        self.read: set[int] = set()

    def leave(self, *nodes: ast.AST | None) -> None:
        self.nodes.update(id(node) for node in nodes if node is not None)

    def read_only(self, annotation: ast.AST | None) -> None:
        """Of an annotation that is read, only the members of its unions are dropped."""
        if annotation is not None:
            self.nodes.discard(id(annotation))
            self.read.update(id(node) for node in ast.walk(annotation))

    def visit_Expr(self, node: ast.Expr) -> None:
        """Docstrings, and the ellipsis of a body without one."""
        if isinstance(node.value, ast.Constant):
            self.leave(node)
        self.generic_visit(node)

    def visit_If(self, node: ast.If) -> None:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            self.leave(node)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """A message's words, the type of a cast, a type variable."""
        if _name(node.func) in {"message", "cast"}:
            self.leave(node.args[0])
        if _name(node.func) == "TypeVar":
            self.leave(node)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.leave(node.annotation)
        if _name(node.annotation) == "TypeAlias":
            self.leave(node.value)
            if isinstance(node.value, ast.BinOp):
                self.read_only(node.value)
        self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> None:
        self.leave(node.annotation)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.leave(node.returns)
        self.generic_visit(node)
        if any(_name(decorator) == "rule" for decorator in node.decorator_list):
            self.read_only(node.args.args[1].annotation)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.generic_visit(node)
        if any(_name(base) in {"Step", "Move"} for base in node.bases):
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and _name(field.annotation) != "ClassVar":
                    self.read_only(field.annotation)


def _name(node: ast.AST) -> str:
    """The name that a node is, calls, subscripts or takes as an attribute."""
    while isinstance(node, ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _changes(node: ast.AST, place: Place) -> Iterator[ast.AST]:
    yield from _changes_here(node, place)
    yield from _changes_of(node)


def _changes_here(node: ast.AST, place: Place) -> Iterator[ast.AST]:
    """The changes to a node that follow from where it stands."""
    owner, field, _ = place
    none = isinstance(node, ast.Constant) and node.value is None
    if field in {"test", "ifs"}:
        yield from (ast.Constant(True), ast.Constant(False))
    if field == "iter" or (field == "type" and isinstance(owner, ast.ExceptHandler)):
        yield ast.Tuple([], ast.Load())
    if field == "value" and isinstance(owner, ast.Return | ast.Assign) and not none:
        yield ast.Constant(None)
    if none and not isinstance(owner, ast.Return | ast.Compare):
        yield ast.Constant("")


@singledispatch
def _changes_of(node: ast.AST) -> Iterator[ast.AST]:
    """The changes to a node that follow from what it is."""
    yield from ()


@_changes_of.register
def _(node: ast.Raise | ast.Assert | ast.AugAssign | ast.Expr) -> Iterator[ast.AST]:
    yield ast.Pass()


@_changes_of.register
def _(node: ast.Break) -> Iterator[ast.AST]:
    yield ast.Continue()


@_changes_of.register
def _(node: ast.Continue) -> Iterator[ast.AST]:
    yield ast.Break()


@_changes_of.register
def _(node: ast.FunctionDef | ast.ClassDef) -> Iterator[ast.AST]:
    for decorators in _each_dropped(node.decorator_list):
        yield _with(node, decorator_list=decorators)


_COMPARED: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}


@_changes_of.register
def _(node: ast.Compare) -> Iterator[ast.AST]:
    for index, operator in enumerate(node.ops):
        for other in _COMPARED[type(operator)]:
            yield _with(node, ops=[*node.ops[:index], other(), *node.ops[index + 1 :]])


@_changes_of.register
def _(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    for rest in _each_dropped(node.values):
        yield _with(node, values=rest) if len(rest) > 1 else rest[0]


@_changes_of.register
def _(node: ast.UnaryOp) -> Iterator[ast.AST]:
    yield node.operand


_REFIGURED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr,
}


@_changes_of.register
def _(node: ast.BinOp) -> Iterator[ast.AST]:
    yield from _halves(node)
    if type(node.op) in _REFIGURED:
        yield _with(node, op=_REFIGURED[type(node.op)]())


def _halves(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield from (node.left, node.right)


_CALLED: Final = {"any": "all", "all": "any", "min": "max", "max": "min", "sorted": "list"}


@_changes_of.register
def _(node: ast.Call) -> Iterator[ast.AST]:
    """Another function, a keyword less, nothing suppressed, None for what builds a value."""
    name = _name(node.func)
    if isinstance(node.func, ast.Name) and name in _CALLED:
        yield _with(node, func=ast.Name(_CALLED[name], ast.Load()))
    if name == "suppress":
        yield _with(node, args=[])
    for keywords in _each_dropped(node.keywords):
        yield _with(node, keywords=keywords)
    if name[:1].isupper():
        for index, argument in enumerate(node.args):
            if not isinstance(argument, ast.Starred | ast.Constant):
                none = ast.Constant(None)
                yield _with(node, args=[*node.args[:index], none, *node.args[index + 1 :]])


@_changes_of.register
def _(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield from (ast.Constant(node.value + 1), ast.Constant(node.value - 1))
    elif isinstance(node.value, str):
        yield ast.Constant("" if node.value else "?")


@_changes_of.register
def _(node: ast.Tuple | ast.List) -> Iterator[ast.AST]:
    if isinstance(node.ctx, ast.Load):
        for elements in _each_dropped(node.elts):
            yield _with(node, elts=elements)


@_changes_of.register
def _(node: ast.Set) -> Iterator[ast.AST]:
    for elements in _each_dropped(node.elts):
        yield _with(node, elts=elements)


def _each_dropped(items: list[T]) -> Iterator[list[T]]:
    for index in range(len(items)):
        yield [*items[:index], *items[index + 1 :]]


def _with(node: N, **fields: object) -> N:
    return type(node)(**{**dict(ast.iter_fields(node)), **fields})
