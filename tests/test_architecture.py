"""Imports point one way: domain ← ports, settings ← edges; only the wiring names concrete edges."""

from __future__ import annotations

import ast
import json
import subprocess
import sys

import pytest

from tests.imports import PACKAGE, Import, every_import, module_name, sources

CORE = {"domain", "ports", "settings"}

MAY_IMPORT: dict[str, set[str]] = {
    "domain": {"domain"},
    "resources": set(),
    "ports": {"domain"},
    "settings": CORE,
    "edges": CORE,
    "sweep": CORE,
    "inbox": CORE,
    "outage": CORE,
    "outbox": CORE,
    "examine": CORE,
    "put_aside": CORE,
    "journey": CORE | {"sweep", "examine", "put_aside"},
    "daemon": CORE | {"sweep", "journey", "outage", "outbox", "examine", "logs"},
    "site": CORE | {"resources"},
    "unit_book": CORE,
    "doctor": CORE | {"doctor", "site"},
    # A simulation plays the real daemon, so it may wire one.
    "simulate": CORE | {"simulate", "resources", "site", "edges.workbooks", "wiring", "daemon"},
}
"""Part of the package → the parts that it may import. A part not named here may import all but
edges."""

NAMES_EDGES = {"wiring"}

PANDAS = {"derive", "reconcile", "reports"}
"""The parts of the domain that may use pandas, loaded only inside functions."""

IMPURE = {
    "asyncio", "ftplib", "http", "io", "logging", "multiprocessing", "os", "pathlib", "select",
    "shutil", "signal", "smtplib", "socket", "sqlite3", "subprocess", "sys", "tempfile",
    "threading", "time", "urllib",
}  # fmt: skip
"""What a pure module has no use for: clock, disk, network, processes."""


def part(module: str) -> str:
    """Return the part of the package that a module belongs to: `domain`, `edges.trees`, `cli`."""
    names = module.split(".")[1:]
    return ".".join(names[:2] if names[:1] == ["edges"] else names[:1])


def inside() -> list[Import]:
    return [i for i in every_import() if i.target.split(".")[0] == "bhyt_filedrop"]


def allowed(found: Import) -> bool:
    here, there = part(found.module), part(found.target)
    if here == there or not there:
        return True
    layer = here.split(".")[0]
    if layer not in MAY_IMPORT:
        return layer in NAMES_EDGES or not there.startswith("edges.")
    return any(there == may or there.startswith(f"{may}.") for may in MAY_IMPORT[layer])


def test_imports_point_one_way():
    assert [str(found) for found in inside() if not allowed(found)] == []


def test_one_edge_knows_nothing_of_another():
    crossing = [
        str(i)
        for i in inside()
        if part(i.module).startswith("edges.")
        and part(i.target).startswith("edges.")
        and part(i.module) != part(i.target)
    ]

    assert crossing == []


def test_the_domain_uses_no_clock_disk_or_network():
    used = [
        str(i)
        for i in every_import()
        if part(i.module) == "domain" and not i.typing and i.target.split(".")[0] in IMPURE
    ]

    assert used == []


def test_the_domain_never_asks_what_time_it_is():
    asked = [
        f"{module_name(path)}:{node.lineno}"
        for path in sorted((PACKAGE / "domain").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"now", "today", "utcnow"}
    ]

    assert asked == []


def test_the_domain_needs_hardly_any_library():
    stdlib = sys.stdlib_module_names | {"bhyt_filedrop"}
    libraries = {
        (part_of_domain(i.module), i.target.split(".")[0])
        for i in every_import()
        if part(i.module) == "domain" and i.target.split(".")[0] not in stdlib
    }

    assert {
        (where, name)
        for where, name in libraries
        if name != "rapidfuzz" and not (name == "pandas" and where in PANDAS)
    } == set()


def part_of_domain(module: str) -> str:
    return [*module.split("."), "", ""][2]


def test_pandas_is_loaded_only_where_it_is_used():
    eager = [
        str(i)
        for i in every_import()
        if i.target.split(".")[0] in {"pandas", "numpy"} and not (i.lazy or i.typing)
    ]

    assert eager == []


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("bhyt_filedrop.cli", {"pandas", "numpy", "alembic", "sqlalchemy", "openpyxl", "paramiko",
                               "jinja2", "holidays", "pydantic", "fastapi", "rich"}),
        ("bhyt_filedrop.domain.routes", {"pydantic", "pandas", "openpyxl"}),
        ("bhyt_filedrop.wiring", {"pandas", "numpy", "alembic", "fastapi"}),
    ],
)  # fmt: skip
def test_a_module_starts_without_what_it_may_never_need(module: str, heavy: set[str]):
    """A short command starts in a tenth of a second; pandas alone costs more than one."""
    pytest.importorskip(module)
    script = f"import sys, json, {module}; print(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert heavy & set(json.loads(ran.stdout)) == set()


def test_every_module_opens_with_the_paragraph_a_newcomer_needs():
    silent = [
        module_name(path)
        for path in sources()
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert silent == []


def test_files_stay_small_enough_to_read():
    """STYLE: 50–300 lines; a long flat table is fine, so the limit has some air."""
    long = {
        module_name(path): lines
        for path in sources()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 500
    }

    assert long == {}
