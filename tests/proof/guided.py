"""Fuzz what looks at strange bytes first, guided by what the bytes make it do (atheris, libFuzzer).

`python -m tests.proof.guided LAYER SECONDS CORPUS` fuzzes one layer in this process. Sniffing runs
in the daemon itself and may raise nothing; a parser may say that a file is unreadable.
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.proof.page import table
from tests.proof.play import REPOSITORY
from tests.seeds import sound_files

_MOST = 64 * 1024
"""Bytes of one input: sniffing looks at no more, and small inputs are tried more often."""
_SECONDS_EACH = 10
_HOME = "bhyt_filedrop.edges.workbooks"
_ENDINGS = {
    "sniff": (".xls", ".xlsx", ".ods", ".csv", ".html", ".zip", ".rar", ".7z", ".pdf"),
    "csv": (".csv",),
    "zip": (".zip", ".xlsx", ".xlsb", ".ods"),
    "rar": (".rar",),
    "html": (".html",),
}


def every(seconds: float) -> Iterator[dict[str, Any]]:
    """Each layer for so long; nothing where atheris is not installed."""
    if importlib.util.find_spec("atheris") is None:
        return
    for layer in _ENDINGS:
        yield _fuzzed(layer, seconds)


def _fuzzed(layer: str, seconds: float) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        corpus = Path(folder)
        for name, data in sound_files().items():
            if name.endswith(_ENDINGS[layer]) and len(data) <= _MOST:
                (corpus / f"{len(data)}-{abs(hash(name))}").write_bytes(data)
        command = [sys.executable, "-m", "tests.proof.guided", layer, str(int(seconds)), folder]
        done = subprocess.run(
            command, cwd=REPOSITORY, capture_output=True, text=True, errors="replace"
        )
    said = done.stderr
    runs = [int(n) for n in re.findall(r"^#(\d+)\s", said, re.M)]
    covered = [int(n) for n in re.findall(r" cov: (\d+)", said)]
    slowest = [int(n) for n in re.findall(r"slowest_unit_time_sec:\s*(\d+)", said)]
    crashes = [] if done.returncode == 0 else [said[-1500:]]
    return {
        "layer": layer,
        "runs": max(runs, default=0),
        "covered": max(covered, default=0),
        "slowest": max(slowest, default=0),
        "crashes": crashes,
    }


def tell(found: list[dict[str, Any]]) -> list[str]:
    """The lines of the page."""
    if not found:
        return ["Guided by coverage: not tried, atheris is not installed."]
    rows = ((o["layer"], f"{o['runs']:,}", o["covered"], len(o["crashes"])) for o in found)
    return [
        "Guided by coverage (atheris, from the same sound files):",
        "",
        *table(("layer", "inputs", "places reached", "crashes"), rows),
    ]


# --- in the fuzzing process ------------------------------------------------------------------


def _layers() -> Mapping[str, Callable[[bytes], object]]:
    sniff = importlib.import_module(f"{_HOME}.sniffing.sniff")
    text_mode = importlib.import_module(f"{_HOME}.sniffing.text_mode")
    zip_bytes = importlib.import_module(f"{_HOME}.sniffing.zip_bytes")
    text_csv = importlib.import_module(f"{_HOME}.formats.text_csv")
    html = importlib.import_module(f"{_HOME}.formats.html")
    budget = importlib.import_module(f"{_HOME}.formats.sheet_builder").Budget
    rar = importlib.import_module(f"{_HOME}.archives.rar_headers")
    names = importlib.import_module(f"{_HOME}.archives.member_names")
    unreadable = importlib.import_module(f"{_HOME}.child.problems").UnreadableError

    def sniffed(data: bytes) -> None:
        head, tail = data[: sniff.HEAD], data[-sniff.TAIL :]
        sniff.format_of(head, tail)
        sniff.ends(head, tail, len(data))
        text_mode.is_spoilt(data)

    def zipped(data: bytes) -> None:
        for name in zip_bytes.names(data, data[-sniff.TAIL :]):
            names.member_name(names.decode_name(name.encode("utf-8", "surrogateescape")))
        zip_bytes.mimetype(data)

    def parsed(read: Callable[[bytes], object]) -> Callable[[bytes], None]:
        def one(data: bytes) -> None:
            with suppress(unreadable):
                read(data)

        return one

    return {
        "sniff": sniffed,
        "zip": parsed(zipped),
        "csv": parsed(lambda data: text_csv.read(data, budget(100_000), 2**24)),
        "html": parsed(lambda data: html.read(data, budget(100_000), 2**24)),
        "rar": parsed(lambda data: rar.members(io.BytesIO(data))),
    }


def main(layer: str, seconds: str, corpus: str) -> None:
    """Fuzz until the time is over; libFuzzer says what it found."""
    import atheris

    with atheris.instrument_imports(include=["bhyt_filedrop.edges.workbooks"]):
        one = _layers()[layer]
    options = (f"-max_total_time={seconds}", f"-max_len={_MOST}", f"-timeout={_SECONDS_EACH}")
    artifacts = f"-artifact_prefix={corpus}/"
    words = [sys.argv[0], *options, "-rss_limit_mb=2048", "-print_final_stats=1", artifacts, corpus]
    atheris.Setup(words, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
