"""What each module of the package imports, read from its source without importing anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import bhyt_filedrop

PACKAGE = Path(bhyt_filedrop.__file__).parent
ROOT = PACKAGE.parent


@dataclass(frozen=True)
class Import:
    """`module` imports `target`; `lazy` inside a function, `typing` only for the type checker."""

    module: str
    target: str
    lazy: bool
    typing: bool

    def __str__(self) -> str:
        return f"{self.module} imports {self.target}"


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources() -> list[Path]:
    """Every module of the package; migrations are run by alembic, not imported."""
    return sorted(p for p in PACKAGE.rglob("*.py") if "migrations" not in p.parts)


@cache
def every_import() -> tuple[Import, ...]:
    modules = {module_name(path) for path in sources()}
    return tuple(
        found for path in sources() for found in _imports(path, module_name(path), modules)
    )


def _imports(path: Path, module: str, modules: set[str]) -> Iterator[Import]:
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    yield from _below(ast.parse(path.read_text(encoding="utf-8")), module, package, modules)


def _below(
    node: ast.AST, module: str, package: str, modules: set[str], lazy: bool = False,
    typing: bool = False,
) -> Iterator[Import]:  # fmt: skip
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for name in child.names:
                yield Import(module, name.name, lazy, typing)
        elif isinstance(child, ast.ImportFrom):
            for target in _targets(child, package, modules):
                yield Import(module, target, lazy, typing)
        else:
            in_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _below(
                child, module, package, modules, lazy or in_function, typing or _for_types(child)
            )


def _targets(node: ast.ImportFrom, package: str, modules: set[str]) -> Iterator[str]:
    above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    base = ".".join([*above, *([node.module] if node.module else [])])
    for name in node.names:
        whole = f"{base}.{name.name}"
        yield whole if whole in modules else base


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
