"""The mail templates: one subject, one text and one HTML page for each kind of letter.

HTML is always escaped, text never; a name that the letter does not carry is an error and not an
empty word, so a broken template is seen at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound

from bhyt_filedrop.domain.letters.letter import one_line

JOINED = "joined"
"""The kind of mail that many letters of arrivals are joined in."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter as people read it; `subject` is one line."""

    subject: str
    text: str
    html: str


class MailTemplates:
    """The templates in one folder (`<kind>.subject.j2`, `.txt.j2`, `.html.j2`)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._jinja = Environment(
            loader=FileSystemLoader(folder),
            autoescape=_is_html,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def render(self, kind: str, context: Mapping[str, Any]) -> Rendered:
        """Fill the three templates of a kind. Raises jinja2.TemplateError where one is broken or
        is not there, OSError where the disk does not give it."""
        return Rendered(
            self.subject(kind, context),
            re.sub(r"\n{3,}", "\n\n", self._fill(f"{kind}.txt.j2", context)),
            self._fill(f"{kind}.html.j2", context),
        )

    def subject(self, kind: str, context: Mapping[str, Any]) -> str:
        """Fill the subject alone; always one line, whatever a file's name holds."""
        return one_line(self._fill(f"{kind}.subject.j2", context))

    def _fill(self, name: str, context: Mapping[str, Any]) -> str:
        try:
            return self._jinja.get_template(name).render(context)
        except TemplateNotFound as err:
            # To jinja2 one that is not there and one that the disk will not give are the same.
            if self._is_there(str(err.name)):
                raise OSError(f"the template {err.name} cannot be read") from err
            raise TemplateError(f"no template {err.name}") from err

    def _is_there(self, name: str) -> bool:
        """Raises OSError where the disk does not tell."""
        try:
            (self._folder / name).stat()
        except FileNotFoundError:
            return False
        return True


def _is_html(name: str | None) -> bool:
    # jinja2's select_autoescape() looks at the last suffix, and ours is always ".j2".
    return name is None or ".html." in name
