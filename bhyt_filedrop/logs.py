"""The log: one event a line, as JSON or for a console. Ids, codes and counts; never row content."""

from __future__ import annotations

import errno
import json
import logging
import sys
import threading
import warnings
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TextIO

log = logging.getLogger(__name__)

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def _details(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


class JsonLine(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. An exception is told by its kind alone: its text may quote a cell."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        } | _details(record)
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False, default=str)


class ConsoleLine(logging.Formatter):
    """A short line for people."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        told = " ".join(f"{key}={value}" for key, value in _details(record).items())
        return f"{at} {record.levelname.lower():7} {record.getMessage()} {told}".rstrip()


def kind_of(error: BaseException) -> str:
    """Name an error by its kind alone, since its text may quote a cell: `ValueError`,
    `OSError (ENOSPC)`, `OperationalError (SQLITE_FULL)`."""
    # What a database's driver raised stands behind.
    inner = getattr(error, "orig", None) or error.__cause__ or error
    number = getattr(inner, "errno", None)
    code = getattr(inner, "sqlite_errorname", "") or errno.errorcode.get(number or 0, "")
    return f"{type(error).__name__} ({code})" if code else type(error).__name__


def set_up(format_: str, level: str) -> None:
    """Send the log to standard error; other packages only speak up when something is wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLine() if format_ == "json" else ConsoleLine())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("bhyt_filedrop").setLevel(level.upper())
    warnings.showwarning = _show_warning
    if threading.excepthook is threading.__excepthook__:  # a debugger or a test may have its own
        threading.excepthook = _show_end


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Tell what a library warns of by its kind and place: its text may quote a folder or a cell."""
    place = f"{PurePath(filename).name}:{lineno}"
    log.warning("python.warning", extra={"kind": category.__name__, "place": place})


def _show_end(end: threading.ExceptHookArgs) -> None:
    """Tell that a thread ended by an exception, by its kind alone."""
    log.error("thread.failed", extra={"error": end.exc_type.__name__})
