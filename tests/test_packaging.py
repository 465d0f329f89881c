"""The wheel works outside the checkout, and what gets installed is pinned by hash."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

import build_version
from tests.imports import PACKAGE, ROOT, every_import

SCRIPT = "from bhyt_filedrop.cli import main; main()"
"""What the installed command `bhyt-filedrop` does."""

REQUIREMENTS = sorted(ROOT.glob("requirements*.txt"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling")
    into = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(into)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (built,) = into.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel unpacked away from the checkout, as pip would put it."""
    into = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(into)
    return into


def run(installed: Path, cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *words], cwd=cwd, env=env, capture_output=True, text=True, timeout=300
    )


def git(root: Path, *words: str) -> None:
    who = ["-c", "user.name=x", "-c", "user.email=x@bhyt.example", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=root, check=True, capture_output=True)


def test_the_wheel_of_each_commit_and_of_the_release_replaces_the_one_before(tmp_path: Path):
    """pip leaves alone what bears the number that is installed already."""
    (tmp_path / "bhyt_filedrop").mkdir()
    (tmp_path / "bhyt_filedrop/__init__.py").write_text('__version__ = "1.4.0"\n', "utf-8")
    away_from_git = build_version.version(tmp_path)
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    numbers = []
    for _ in range(2):
        git(tmp_path, "commit", "--allow-empty", "-m", "change")
        numbers.append(build_version.version(tmp_path))
    git(tmp_path, "tag", "v1.4.0")
    numbers.append(build_version.version(tmp_path))

    assert numbers == ["1.4.0.dev1", "1.4.0.dev2", "1.4.0"]
    assert away_from_git == "1.4.0"


def test_the_installed_program_says_the_version_that_its_wheel_bears(
    wheel: Path, installed: Path, tmp_path: Path
):
    said = run(installed, tmp_path, "-c", SCRIPT, "--version").stdout.split()[-1]

    assert wheel.name.split("-")[1] == said == build_version.version()


@pytest.mark.parametrize("folder", ["config", "templates", "systemd"])
def test_the_wheel_carries_every_shipped_file(installed: Path, folder: str):
    source, packed = ROOT / folder, installed / "bhyt_filedrop" / "_shipped" / folder

    for path in (p for p in source.rglob("*") if p.is_file()):
        assert (packed / path.relative_to(source)).read_bytes() == path.read_bytes()


def test_the_wheel_carries_every_module_and_migration_and_nothing_else(wheel: Path):
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    wanted = {
        p.relative_to(ROOT).as_posix()
        for p in PACKAGE.rglob("*")
        if p.is_file() and "__pycache__" not in p.parts
    }

    assert wanted <= names
    assert {n for n in names - wanted if "/_shipped/" not in n and ".dist-info/" not in n} == set()


def test_the_installed_program_lays_out_a_site_away_from_the_checkout(
    installed: Path, tmp_path: Path
):
    script = (
        "import bhyt_filedrop, pathlib\n"
        "from bhyt_filedrop import resources\n"
        "from bhyt_filedrop.settings import load\n"
        "print(bhyt_filedrop.__file__, resources.config_dir(), resources.templates_dir())\n"
        "print(len(load(resources.config_dir()).units.by_id))\n"
    )
    ran = run(installed, tmp_path, "-c", script)

    assert ran.returncode == 0, ran.stderr
    assert str(ROOT) + "/" not in ran.stdout
    assert ran.stdout.split()[-1] == "350"


def test_the_installed_commands_work_away_from_the_checkout(installed: Path, tmp_path: Path):
    """The ledger is made by the migrations that travel in the wheel."""
    made = run(installed, tmp_path, "-c", SCRIPT, "init", "site")
    assert made.returncode == 0, made.stderr

    status = run(installed, tmp_path, "-c", SCRIPT, "status", "--config", "site/config")

    assert status.returncode == 0, status.stderr
    assert (tmp_path / "site/state/ledger.sqlite3").exists()


@pytest.mark.parametrize("file", REQUIREMENTS, ids=lambda path: path.name)
def test_every_requirement_is_pinned_by_version_and_hash_and_names_no_address(file: Path):
    text = file.read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())

    assert all(re.match(r"[a-z0-9-]+(\[[a-z,]+\])?==", entry) for entry in entries)
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert "--index" not in text
    assert "/" not in re.sub(r"--hash=\S+", "", text)


def pinned(file: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([a-z0-9-]+)==(\S+)", (ROOT / file).read_text(encoding="utf-8"), re.M
    ):
        found.setdefault(name, set()).add(version)
    return found


def declared() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [re.split(r"[<>=\[;]", name)[0] for name in project["dependencies"]]


def test_what_is_tested_is_what_is_installed():
    """The developers' environment holds every library of the service, at the same version."""
    run_time, developing = pinned("requirements.txt"), pinned("requirements-dev.txt")

    assert {n: v for n, v in run_time.items() if developing.get(n) != v} == {}
    assert set(declared()) <= set(run_time)


MODULES = {
    "apscheduler": "apscheduler", "argon2": "argon2-cffi", "libarchive": "libarchive-c",
    "msoffcrypto": "msoffcrypto-tool",
    "markdown_it": "markdown-it-py", "markupsafe": "jinja2", "pydantic_core": "pydantic",
    "python_calamine": "python-calamine", "olefile": "msoffcrypto-tool",
}  # fmt: skip
"""Module → the distribution it comes with, where the names differ; olefile is msoffcrypto's own."""


OPTIONAL = {"xlwt", "obstore", "procrastinate", "joserfc"}
"""The extras `[s3]`, `[postgres]`, `[oidc]` bring their libraries; xlwt is used where it is: the
simulator then writes real Excel 97 files, else XML in their name."""


def test_every_library_that_is_imported_is_declared_and_the_other_way_round():
    stdlib = sys.stdlib_module_names | {"bhyt_filedrop"}
    used = {i.target.split(".")[0] for i in every_import() if not i.typing} - stdlib
    migrations = (PACKAGE / "edges/ledger/migrations").rglob("*.py")
    used |= {name for path in migrations for name in _modules(path)} - stdlib

    names = {MODULES.get(name, name.replace("_", "-")) for name in used}

    assert names - set(declared()) - OPTIONAL == set()
    # zoneinfo finds the time zones, Starlette the parser of forms with files
    assert set(declared()) - names - {"tzdata", "python-multipart"} == set()


def _modules(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    plain = [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    return {name.split(".")[0] for name in (*named, *plain) if name}


def test_a_checkout_that_was_never_installed_knows_its_release():
    """An admin who unpacked the source asks which it is."""
    hidden = (
        "import importlib.metadata as m\n"
        "def none(name): raise m.PackageNotFoundError(name)\n"
        "m.version = none\n" + SCRIPT
    )
    said = subprocess.run(
        [sys.executable, "-c", hidden, "--version"], cwd=ROOT, capture_output=True, text=True
    )

    assert re.fullmatch(r"bhyt-filedrop, version \d+\.\d+\.\d+\n", said.stdout), said.stderr


def test_the_page_of_libraries_names_each_that_is_declared_and_no_other():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    names = {re.split(r"[<>=\[;]", one)[0] for group in groups for one in group if type(one) is str}
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[^|]+) \| [^|]{4,} \|$", page, re.M)

    assert {name for row in rows for name in re.findall(r"`([\w-]+)`", row)} == names


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("answer", "says", "fails"),
    [
        ("", "cannot be reached", False),
        ('{"dependencies": [{"name": "a", "skip_reason": "not found"}]}', "cannot be", False),
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}', "0 known", False),
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "X-1",'
         ' "fix_versions": ["2"]}]}, {"name": "b", "skip_reason": "?"}]}', "1 known", True),
    ],
    ids=["no answer", "nothing was asked", "sound", "known"],
)  # fmt: skip
def test_an_audit_that_could_ask_nothing_does_not_call_the_libraries_sound(
    audit: ModuleType, answer: str, says: str, fails: bool
):
    told = audit.report_of(answer)
    known = list(audit.advisories(told))

    assert says in audit.verdict(told, known)
    assert bool(known) is fails
