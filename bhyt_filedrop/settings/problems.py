"""What is wrong with the configuration, as values: all of it at once, each on one line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: in which file, at which key (or row), with which value.

    `value` is the offending text as written, "" where there is none. `message` is Vietnamese: the
    configuration is kept by the office's own staff, and a refused one is mailed to them.
    """

    file: str
    key: str
    value: str
    message: str

    def __str__(self) -> str:
        shown = " ".join(self.value.split())
        shown = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
        place = f"{self.file}: {self.key}" if self.key else self.file
        told = f"{place} = {shown}: {self.message}" if shown else f"{place}: {self.message}"
        return " ".join(told.split())


class ConfigError(Exception):
    """The configuration cannot be used; `problems` holds everything that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    @property
    def in_short(self) -> str:
        """The first problem, and how many more there are, in one line."""
        more = len(self.problems) - 1
        return f"{self.problems[0]}" + (f" (và {more} lỗi nữa)" if more else "")


def unknown_name(file: str, key: str, value: str, what: str, known: Iterable[str]) -> Problem:
    """Say of a name that nobody declares which one may be meant; `what` it should be one of."""
    near = difflib.get_close_matches(value, list(known), 1)
    hint = f"; có phải là {near[0]}?" if near else ""
    return Problem(file, key, value, f"không có {what} này{hint}")
