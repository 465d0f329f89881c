"""The faults that a module could have: a comparison turned, `and` for `or`, a number off by one.

Left alone is what no rule hangs on: docstrings and texts, log calls, types, `__repr__`, assertions.
"""

from __future__ import annotations

import ast
import copy
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
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
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}
EMPTY = {"str": "''", "int": "0", "tuple": "()", "list": "[]", "dict": "{}", "set": "set()"}
EMPTY |= {"frozenset": "frozenset()", "Mapping": "{}", "Sequence": "()", "Iterator": "iter(())"}
SIGNS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
SIGNS |= {ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in"}
SIGNS |= {ast.Add: "+", ast.Sub: "-", ast.BitOr: "|", ast.BitAnd: "&", ast.And: "and", ast.Or: "or"}
# Nothing that a user could see hangs on these: what a value prints as, how much a cache keeps.
UNSEEN = {"strict", "frozen", "slots", "repr", "maxsize", "exc_info", "stacklevel", "extra", "eq"}
# How wide a column is on paper, how long a text may be that no database of ours cuts.
OF_NO_RULE = {"PrintColumn", "ReportColumn", "String", "dataclass", "field", "lru_cache", "TypeVar"}
OF_NO_RULE |= {"cast", "AssertionError"}
_SMALL = 1000
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BRANCHES = (ast.If, ast.While, ast.IfExp)


@dataclass(frozen=True)
class Mutant:
    """One fault: where it is, what it changes, and the lines whose tests may notice it."""

    file: str
    line: int
    text: str  # of its line, as it stands
    change: str  # the second of its kind in a line says so
    number: int  # among the faults of its module
    lines: frozenset[int]
    name: str = ""  # where it is no function's inside: what is defined there

    @property
    def told(self) -> str:
        """`file:line text [change]`."""
        return f"{self.file}:{self.line} {self.text} [{self.change}]"

    def rank(self, seed: int) -> str:
        """Its place in the order of a seed, which an edit elsewhere does not change."""
        said = f"{seed} {self.file} {self.text} {self.change}"
        return hashlib.sha256(said.encode()).hexdigest()


def mutants_of(root: Path, file: str) -> list[Mutant]:
    """Every fault that one module could have."""
    source = (root / file).read_text(encoding="utf-8")
    texts = source.splitlines()
    seen: Counter[tuple[int, str]] = Counter()
    mutants = []
    for number, (place, change, _) in enumerate(_faults(ast.parse(source))):
        line = place.node.lineno
        seen[line, change] += 1
        told = change if seen[line, change] == 1 else f"{change} ({seen[line, change]})"
        text = texts[line - 1].strip()
        mutants.append(Mutant(file, line, text, told, number, place.lines, place.name))
    return mutants


def source_with(root: Path, mutant: Mutant) -> str:
    """The module with this one fault in it."""
    tree = ast.parse((root / mutant.file).read_text(encoding="utf-8"))
    place, _, node = next(islice(_faults(tree), mutant.number, None))
    place.put(node)
    return ast.unparse(ast.fix_missing_locations(tree))


def _faults(tree: ast.Module) -> Iterator[tuple[_Place, str, ast.AST]]:
    for place in _places(tree):
        for change, node in _changes(place):
            yield place, change, node


@dataclass(frozen=True)
class _Place:
    """A node, what it hangs on, and the statement and the definition that it is a part of."""

    node: ast.AST
    parent: ast.AST
    key: str
    index: int | None
    within: tuple[ast.AST, ...] = field(repr=False)

    def put(self, node: ast.AST) -> None:
        """Another node in its place."""
        if self.index is None:
            setattr(self.parent, self.key, node)
        else:
            getattr(self.parent, self.key)[self.index] = node

    @property
    def function(self) -> ast.AST | None:
        """The innermost function in whose body it is, or nothing where it runs at import."""
        return next((n for n in reversed(self.within) if isinstance(n, _FUNCTIONS)), None)

    @property
    def at_import(self) -> bool:
        """It is worked out when its module is imported, default values among them."""
        owner = self.function
        if owner is None:
            return not any(isinstance(n, ast.Lambda) for n in self.within)
        inside = (*self.within[self.within.index(owner) + 1 :], self.node)
        return inside[0] not in owner.body

    @property
    def lines(self) -> frozenset[int]:
        """The lines of its statement; of the whole definition where it runs at import."""
        if self.at_import:
            top = (*self.within, self.node)[1]
            return frozenset(range(top.lineno, top.end_lineno + 1))
        statement = next(n for n in reversed((*self.within, self.node)) if isinstance(n, ast.stmt))
        body = getattr(statement, "body", None)
        end = statement.end_lineno if not body else max(statement.lineno, body[0].lineno - 1)
        return frozenset(range(statement.lineno, end + 1))

    @property
    def name(self) -> str:
        """What is defined where it runs at import: others name it."""
        if not self.at_import:
            return ""
        top, *inside = (*self.within, self.node)[1:]
        target = getattr(top, "targets", [getattr(top, "target", top)])[0]
        if isinstance(target, ast.Tuple):  # one of several that are defined together
            values = getattr(getattr(top, "value", None), "elts", ())
            pairs = zip(target.elts, values, strict=False)
            target = next((one for one, value in pairs if value in inside), target.elts[0])
        return str(getattr(target, "id", getattr(target, "name", "")))


def _places(tree: ast.Module) -> Iterator[_Place]:
    def below(node: ast.AST, within: tuple[ast.AST, ...]) -> Iterator[_Place]:
        for key, value in ast.iter_fields(node):
            if key in {"annotation", "returns", "ctx", "type_comment", "names"}:
                continue
            for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(child, ast.AST) and not _left_alone(child):
                    yield _Place(child, node, key, index, (*within, node))
                    yield from below(child, (*within, node))

    yield from below(tree, ())


def _left_alone(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name))):
            return name == "log"
        case ast.Call(func=ast.Name(id=name)):
            return name in OF_NO_RULE
        case ast.keyword(arg=name):
            return name in UNSEEN
        case ast.If(test=ast.Name(id=name)):
            return name == "TYPE_CHECKING"
        case ast.FunctionDef(name=name):
            return name == "__repr__"
        case _:
            return isinstance(node, ast.Assert | ast.Import | ast.ImportFrom)


def _changes(place: _Place) -> Iterator[tuple[str, ast.AST]]:
    node = place.node
    match node:
        case ast.Compare(ops=[op]):
            for other in COMPARISONS[type(op)]:
                yield f"{SIGNS[type(op)]} → {SIGNS[other]}", _with(node, ops=[other()])
        case ast.BoolOp(op=op):
            other = ast.Or if isinstance(op, ast.And) else ast.And
            yield f"{SIGNS[type(op)]} → {SIGNS[other]}", _with(node, op=other())
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            yield "not dropped", inner
        case ast.BinOp(op=op) if type(op) in OPERATORS and not _names_types(place):
            other = OPERATORS[type(op)]
            yield f"{SIGNS[type(op)]} → {SIGNS[other]}", _with(node, op=other())
        case ast.Call(func=ast.Name(id=name)) if name in CALLS:
            other = CALLS[name]
            yield f"{name} → {other}", _with(node, func=ast.Name(other, ast.Load()))
        case ast.Constant(value=bool(value)):
            yield f"{value} → {not value}", ast.Constant(not value)
        case ast.Constant(value=int(value)) if abs(value) <= _SMALL:
            yield f"{value} → {value + 1}", ast.Constant(value + 1)
            yield f"{value} → {value - 1}", ast.parse(str(value - 1), mode="eval").body
        case ast.Constant(value=float(value)):
            yield f"{value} → {value + 1}", ast.Constant(value + 1)
            if value:
                yield f"{value} → {value / 2}", ast.Constant(value / 2)
        case ast.Break():
            yield "break → continue", ast.Continue()
        case ast.Continue():
            yield "continue → break", ast.Break()
        case ast.Return(value=ast.expr() as value):
            yield from _returned(place, value)
        case ast.Expr(value=ast.Yield() | ast.YieldFrom()):
            nothing = ast.parse("yield from ()").body[0]
            yield "yield dropped", nothing
    if _is_condition(place):
        yield "negated", ast.UnaryOp(ast.Not(), node)


_ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def _is_condition(place: _Place) -> bool:
    """It is asked by an `if`, and no other fault turns it round."""
    asked = place.key == "ifs" or (place.key == "test" and isinstance(place.parent, _BRANCHES))
    match place.node:
        case ast.UnaryOp(op=ast.Not()):
            return False
        case ast.Compare(ops=[op]):
            return asked and isinstance(op, _ORDERED)
        case _:
            return asked


def _names_types(place: _Place) -> bool:
    """`A | B` outside a function names types, and so it does in isinstance()."""
    asks = place.parent
    return isinstance(place.node.op, ast.BitOr) and (
        (place.at_import and place.function is None)
        or (isinstance(asks, ast.Call) and getattr(asks.func, "id", "") == "isinstance")
    )


def _returned(place: _Place, value: ast.expr) -> Iterator[tuple[str, ast.AST]]:
    said = getattr(place.function, "returns", None)
    word = ast.unparse(said) if said else ""
    empty = EMPTY.get(word.split("[")[0], "None") if " | None" not in word else "None"
    if ast.unparse(value) not in {empty, "None", "NotImplemented", "self"} and word != "bool":
        yield f"return → {empty}", ast.Return(ast.parse(empty, mode="eval").body)


def _with(node: ast.AST, **other: object) -> ast.AST:
    changed = copy.copy(node)
    for key, value in other.items():
        setattr(changed, key, value)
    return changed
