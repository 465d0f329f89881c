"""Imports point one way: domain ← ports, settings ← edges; only the wiring names concrete edges."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from tests.imports import PACKAGE, Import, every_import, module_name, sources

CORE = {"domain", "ports", "settings"}

MAY_IMPORT: dict[str, set[str]] = {
    "domain": {"domain"},
    "resources": set(),
    "language": set(),
    "logs": set(),
    "ports": {"domain"},
    # What a site's folder leaves out of the headings is taken from what ships.
    "settings": CORE | {"resources"},
    "sheet_text": set(),
    "whole_files": set(),
    "edges": CORE | {"sheet_text", "whole_files"},
    "work": CORE | {"work", "logs"},
    # What it refuses to lay out is told in the caller's language.
    "site": CORE | {"resources", "sheet_text", "whole_files", "language"},
    # A window beside the commands: it acts through the same services, and is given what it reads.
    "web": CORE | {"work", "site", "language", "logs"},
    "doctor": CORE | {"site", "resources"},
    # A simulation plays the real daemon, so it may wire one.
    "simulate": CORE | {"resources", "site", "edges.workbooks", "wiring", "work"},
}
"""Part of the package → the parts that it may import. A part not named here may import all but
edges."""

ROOMS: dict[str, str] = {
    "findings": "",
    "cells": "",
    "connecting": "",
    "process": "cells findings",
    "places": "process cells findings",
    "forms": "process cells findings",
    "letters": "process cells findings",
    "declared": "process places forms cells",
    "lists": "forms places process cells",
    "checks": "forms places process cells findings",
    "owed": "process letters cells",
    "access": "process",
    "reconcile": "lists forms process cells findings",
    "drops": "reconcile checks lists letters declared forms process findings",
    "derive": "drops reconcile lists owed letters declared places forms process cells",
    "conservation": "derive drops reconcile checks lists owed declared letters forms places"
    " process cells findings",
    "paper": "derive reconcile checks lists owed declared letters forms places process cells"
    " findings",
    "words": "lists conservation owed drops letters process findings",
    "reports": "words lists conservation owed drops letters access process cells findings",
}
"""Room of `domain/` → the rooms that it may import. Below stands above in this table."""

WORK: dict[str, str] = {
    "arrival": "",
    "post": "",
    "keeping": "",
    "rounds": "",
    "check": "arrival",
    "derived": "arrival",
    "worker": "arrival rounds",
    "daemon": "arrival post rounds worker",
}
"""Room of `work/` → the rooms beside it that it may import."""

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


def test_rooms_of_the_domain_know_only_those_that_the_table_allows():
    assert crossing_rooms("domain", ROOMS) == []


def test_rooms_of_the_work_know_only_those_that_the_table_allows():
    assert crossing_rooms("work", WORK) == []


@pytest.mark.parametrize(("layer", "table"), [("domain", ROOMS), ("work", WORK)])
def test_the_table_names_every_room_and_no_other(layer: str, table: dict[str, str]):
    there = {
        path.stem
        for path in (PACKAGE / layer).iterdir()
        if not path.name.startswith("__") and (path.suffix == ".py" or any(path.glob("*.py")))
    }

    assert there == table.keys()


def crossing_rooms(layer: str, table: dict[str, str]) -> list[str]:
    """The imports between two rooms of a layer that its table does not allow."""
    return [
        str(i)
        for i in inside()
        if (here := room(i.module, layer))
        and (there := room(i.target, layer))
        and here != there
        and there not in table.get(here, "").split()
    ]


def room(module: str, layer: str) -> str:
    """Return the room of a layer that a module belongs to, "" where it is none of its."""
    names = [*module.split("."), "", "", ""]
    return names[2] if names[1] == layer else ""


def test_what_the_work_asks_of_its_neighbours_stands_among_the_ports():
    own = [
        f"{module_name(path)}.{node.name}"
        for path in sorted((PACKAGE / "work").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and "Protocol" in map(ast.unparse, node.bases)
    ]

    assert own == []


def test_no_import_goes_round_in_a_circle():
    graph: dict[str, set[str]] = {}
    for found in inside():
        if not (found.lazy or found.typing):
            graph.setdefault(found.module, set()).add(found.target)

    assert [" → ".join(circle) for circle in circles(graph)] == []


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Return one path for each circle that a walk through a graph runs into."""
    found: list[list[str]] = []
    done: set[str] = set()

    def visit(module: str, path: list[str]) -> None:
        if module in path:
            found.append([*path[path.index(module) :], module])
        elif module not in done:
            for target in sorted(graph.get(module, ())):
                visit(target, [*path, module])
            done.add(module)

    for module in sorted(graph):
        visit(module, [])
    return found


def test_no_office_of_this_city_stands_in_the_code():
    """Names come from the units and the process; a simulation plays this very city."""
    units = load(config_dir()).units
    names = {unit.name for unit in units if not unit.parent} | {units.authority.name, "TP.HCM"}
    names |= {unit.folder for unit in units if not unit.parent and unit.folder}
    said = [
        f"{module_name(path)}:{node.lineno} {node.value!r}"
        for path in sources()
        if "simulate" not in path.parts and path.stem != "authority"
        for node in texts_of(ast.parse(path.read_text(encoding="utf-8")))
        if any(name.casefold() in node.value.casefold() for name in names)
    ]

    assert said == []


def texts_of(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield the texts of a module that are no docstrings."""
    told = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node


def test_no_file_repeats_the_name_of_its_folder():
    same = [module_name(path) for path in sources() if path.stem == path.parent.name]

    assert same == []


def test_every_room_says_in_one_sentence_what_it_is_for():
    vague = [
        module_name(path)
        for path in sources()
        if path.name == "__init__.py"
        and len((ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split()) < 6
    ]

    assert vague == []


def test_a_class_name_means_one_thing_in_the_whole_package():
    where: dict[str, list[str]] = {}
    for path in sources():
        module = module_name(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                where.setdefault(node.name.lstrip("_"), []).append(module)

    assert {name: modules for name, modules in where.items() if len(modules) > 1} == {}


def test_no_function_has_a_name_that_does_not_say_what_it_gives():
    """A function does something, a value is something: `join_findings`, not `joined`."""
    vague = {
        "told", "taken", "whole", "eased", "joined", "grouped", "reconciled", "judged", "known",
        "answered", "wanted", "kept", "counted", "said",
    }  # fmt: skip
    named = [
        f"{module}:{node.lineno} {node.name}"
        for path in sources()
        for module in [module_name(path)]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.lstrip("_") in vague
    ]

    assert named == []


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
        # What serves the page is there only where it is turned on.
        ("bhyt_filedrop.service", {"starlette", "uvicorn", "argon2"}),
        ("bhyt_filedrop.domain.process.folders", {"pydantic", "pandas", "openpyxl"}),
        ("bhyt_filedrop.wiring.daemon", {"pandas", "numpy", "alembic", "fastapi"}),
        # `status` holds no lists against each other and folds no table.
        ("bhyt_filedrop.commands.rounds", {"sqlalchemy", "rich", "rapidfuzz", "jinja2"}),
        ("bhyt_filedrop.wiring.rounds", {"rich", "rapidfuzz", "jinja2", "alembic", "openpyxl"}),
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
