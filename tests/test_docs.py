"""The build fails when what the documents say and what the product does drift apart."""

from __future__ import annotations

import dataclasses
import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

import bhyt_filedrop
from bhyt_filedrop.commands.report_table import REPORTS, ReportRow
from bhyt_filedrop.domain.findings import CODES
from bhyt_filedrop.settings import city_file, machine, process_file, units_file
from bhyt_filedrop.settings.values import MachineSettings
from tests.imports import ROOT, sources
from tests.test_architecture import ROOMS, WORK

DOCS = ROOT / "docs"
README = ROOT / "README.md"
PAGES = [README, *sorted(DOCS.rglob("*.md"))]


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


cached_text = cache(text_of)


# --- findings ------------------------------------------------------------------------------------


def test_the_page_of_findings_lists_every_code_with_its_severity():
    rows = re.findall(r"^\| `([a-z]+\.[a-z-]+)` \| (\w+) \|", text_of(DOCS / "findings.md"), re.M)

    assert len(rows) == len(dict(rows))
    assert dict(rows) == {code: row.severity.value for code, row in CODES.items()}


def test_the_page_of_findings_says_what_to_do_about_each():
    rows = [
        line for line in text_of(DOCS / "findings.md").splitlines() if re.match(r"\| `\w+\.", line)
    ]

    assert all(len([c for c in row.split("|") if c.strip()]) == 4 for row in rows)


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_given_somewhere_and_some_test_is_about_it(code: str):
    given = [p for p in sources() if "simulate" not in p.parts and p.name != "findings.py"]
    asked = [p for p in (ROOT / "tests").rglob("test_*.py") if p.name != Path(__file__).name]

    assert _any_names(code, given), f"nothing in the package gives {code}"
    assert _any_names(code, asked), f"no test names {code}"


def _any_names(code: str, files: list[Path]) -> bool:
    return any(f'"{code}"' in cached_text(path) for path in files)


# --- configuration -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "keys",
    [process_file.KEYS, machine.KEYS, city_file.KEYS, frozenset(units_file.COLUMNS)],
    ids=["process.toml", "bhyt-filedrop.toml", "city.toml", "units.csv"],
)  # fmt: skip
def test_every_configuration_key_is_documented(keys: frozenset[str]):
    told = set(re.findall(r"`([a-z_]+)(?: = [^`]*)?`", text_of(DOCS / "configuration.md")))

    assert sorted(keys - told) == []


def test_every_documented_key_exists():
    """Each row of a table of keys names keys that the files really take."""
    known = process_file.KEYS | machine.KEYS | city_file.KEYS | set(units_file.COLUMNS)
    cells = re.findall(r"^\| ((?:`[a-z_]+`(?:, )?)+) \|", text_of(DOCS / "configuration.md"), re.M)
    told = {name for cell in cells for name in re.findall(r"`([a-z_]+)`", cell)}

    assert sorted(told - known) == []


def test_every_default_in_the_machines_table_is_the_real_one():
    """The shipped file says of itself that it holds the defaults."""
    shipped = tomllib.loads(text_of(ROOT / "config" / machine.FILE))
    defaults = dataclasses.asdict(MachineSettings())

    for table in ("sweep", "limits", "log", "web"):
        assert shipped[table] == {key: defaults[table][key] for key in shipped[table]}


# --- reports -------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", REPORTS.values(), ids=list(REPORTS))
def test_every_report_has_its_row_and_its_example(row: ReportRow):
    page = text_of(DOCS / "reports.md")

    assert f"\n| `{row.name}` | {row.vi}" in page
    assert f"\nbhyt-filedrop report {row.name} " in page


def test_every_report_of_the_page_exists_and_stands_in_the_order_of_the_help():
    _, _, part = text_of(DOCS / "reports.md").partition("\n## Các báo cáo\n")

    table = part.partition("\n#")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.M) == list(REPORTS)


# --- the house ---------------------------------------------------------------------------------

PAGE_OF_THE_HOUSE = DOCS / "development.md"


@pytest.mark.parametrize(("layer", "table"), [("domain", ROOMS), ("work", WORK)])
def test_the_page_of_the_house_has_the_very_table_that_the_imports_are_held_to(
    layer: str, table: dict[str, str]
):
    _, _, below = text_of(PAGE_OF_THE_HOUSE).partition(f"\nThe rooms of `{layer}/`")
    page, _, _ = below.partition("\nThe rooms of ")
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", page.partition("\n## ")[0], re.M)

    assert {room: set(re.findall(r"\w+", may)) for room, may in rows} == {
        room: set(may.split()) for room, may in table.items()
    }


def test_every_file_that_the_page_of_the_house_names_is_there():
    named = set(re.findall(r"`([\w./-]+(?:\.py|\.toml|/))`", text_of(PAGE_OF_THE_HOUSE)))
    gone = [
        name
        for name in named
        if not any((root / name).exists() for root in (ROOT, ROOT / "bhyt_filedrop"))
    ]

    assert sorted(gone) == []


# --- commands ------------------------------------------------------------------------------------


def shell_lines(page: Path) -> Iterator[str]:
    """Yield the lines of a page's shell blocks, comments and prompts taken off."""
    for block in re.findall(r"```(?:sh|bash|console|shell)?\n(.*?)```", text_of(page), re.S):
        for line in block.replace("\\\n", " ").splitlines():
            yield re.sub(r"^\$ ", "", line.strip())


def command_lines(program: str) -> list[tuple[str, list[str]]]:
    """Return `(page, words after the program)` of every line that calls it."""
    found = []
    for page in PAGES:
        for line in shell_lines(page):
            match = re.search(rf"(?:^|[/\s]){program} (?=\S)(.*)", line)
            if match and not line.startswith("#") and _is_call(line, match.start()):
                found.append((page.name, _words(match[1])))
    return found


def _is_call(line: str, at: int) -> bool:
    """The program comes first, or after what runs it (`sudo -u x /opt/…/bin/`)."""
    before = line[:at].split()
    return not before or before[0] in {"sudo", "exec", "cd"} or before[0].endswith("/bin")


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return text.split()


def test_every_command_that_the_documents_show_exists_with_its_options():
    cli = pytest.importorskip("bhyt_filedrop.cli").cli
    wrong = []
    for page, words in command_lines("bhyt-filedrop"):
        command: click.Command | None = cli
        context = click.Context(cli)
        rest = list(words)
        while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
            name = rest.pop(0)
            command = command.get_command(context, name)
        if command is None:
            wrong.append(f"{page}: bhyt-filedrop {' '.join(words)}: no such command")
            continue
        options = {name for p in (*command.params, *cli.params) for name in p.opts} | {"--help"}
        used = {word.split("=")[0] for word in rest if re.match(r"--\w", word)}
        wrong += [f"{page}: bhyt-filedrop {' '.join(words)}: {o}" for o in sorted(used - options)]

    assert wrong == []


def test_every_make_target_that_the_documents_show_exists():
    targets = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.M))
    asked = {
        (page, word)
        for page, words in command_lines("make")
        for word in words
        if re.fullmatch(r"[a-z]+", word)
    }

    assert {(page, word) for page, word in asked if word not in targets} == set()


def test_ci_runs_what_the_readme_says():
    assert "\nmake test\n" in text_of(ROOT / ".ci" / "run")


# --- links and versions --------------------------------------------------------------------------


def test_every_link_between_pages_leads_somewhere():
    broken = [
        f"{page.name}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text_of(page))
        if not (page.parent / target).exists()
    ]

    assert broken == []


def test_every_file_of_docs_that_a_page_names_exists():
    named = {
        (page.name, name)
        for page in [*PAGES, ROOT / "CHANGELOG.md", *(ROOT / "config").glob("*.toml")]
        for name in re.findall(r"\bdocs/[\w-]+\.md", text_of(page))
    }

    assert {(page, name) for page, name in named if not (ROOT / name).exists()} == set()


def test_the_version_is_said_once():
    """In the package; what the changes call unreleased is the release that is being made."""
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    headings = re.findall(r"^## (\S+)$", text_of(ROOT / "CHANGELOG.md"), re.MULTILINE)
    released = [tuple(map(int, one.split("."))) for one in headings if one != "Unreleased"]
    (named,) = (tuple(map(int, one.split("."))) for one in [bhyt_filedrop.__version__])

    assert project["dynamic"] == ["version"]
    assert released == sorted(released, reverse=True)
    if headings[0] == "Unreleased":
        assert named > released[0], "a release that is out is not made again"
    else:
        assert named == released[0]


def test_no_page_names_this_workplace_or_a_package_registry():
    """What the repository says must be true on any machine."""
    slash = "/"
    words = [
        f"{slash}work{slash}",
        "pypi" + ".org",
        "python" + "hosted.",
        "npm" + "js.",
        "/opt/wheels",
    ]
    pages = [
        *PAGES, ROOT / "CHANGELOG.md", ROOT / "Makefile", ROOT / "pyproject.toml",
        *ROOT.glob("requirements*.txt"), *(ROOT / "config").rglob("*.toml"),
        *(ROOT / "systemd").iterdir(),
    ]  # fmt: skip

    texts = {p.name: text_of(p).replace(".bhyt-filedrop/work/", "") for p in pages}  # in each tree
    assert [(name, w) for name, text in texts.items() for w in words if w in text] == []
