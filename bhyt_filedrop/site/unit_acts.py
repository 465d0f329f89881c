"""Change units as an act: with who and why, and the configuration that comes of it kept whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TypeVar

from bhyt_filedrop.ports import ActRefused, VersionBook
from bhyt_filedrop.settings import ConfigError
from bhyt_filedrop.settings.units_file import FILE
from bhyt_filedrop.site.unit_book import (
    UnitLine,
    UnitsChange,
    import_units,
    preview,
    set_contact,
)
from bhyt_filedrop.site.versions import files_in, must_be_writable

_CHANGING = Lock()
"""The table is read, changed and written whole: two at once would lose one change."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class UnitsPreview:
    """What another table would change: in all, and line by line."""

    change: UnitsChange
    lines: Sequence[UnitLine]


@dataclass(frozen=True)
class UnitActs:
    """Each act raises ActRefused, and changes nothing, where it cannot be done."""

    config_dir: Path
    versions: VersionBook

    @property
    def can_write(self) -> bool:
        """True where this account may change the configuration at all."""
        try:
            must_be_writable(self.config_dir)
        except ActRefused:
            return False
        return True

    def mark(self) -> str:
        """Name the table as it is now: the same until it changes."""
        target = self.config_dir / FILE
        return sha256(target.read_bytes()).hexdigest() if target.exists() else ""

    def set_contact(
        self,
        unit_id: str,
        email: tuple[str, ...],
        phone: str,
        why: str,
        by: str,
        at: datetime,
    ) -> tuple[UnitLine, ...]:
        """Change a unit's addresses and telephone; return what that changed."""

        def change() -> tuple[UnitLine, ...]:
            lines = set_contact(self.config_dir, unit_id, email, phone)
            if not lines:
                raise ActRefused("Không có gì thay đổi.", "Nothing changes.")
            return lines

        return self._as_act(change, why, by, at)

    def preview(self, source: Path) -> UnitsPreview:
        """Return what a table (CSV or xlsx) would change."""
        return _refuse_wrong(
            lambda: UnitsPreview(
                import_units(source, self.config_dir, dry_run=True),
                preview(source, self.config_dir),
            )
        )

    def bring_in(self, source: Path, seen: str, why: str, by: str, at: datetime) -> UnitsChange:
        """Put a table in place of the site's, of which `seen` is the mark that was looked at."""

        def change() -> UnitsChange:
            if seen != self.mark():
                raise ActRefused(
                    "Bảng đơn vị vừa được người khác sửa. Xin tải bảng mới về rồi sửa lại.",
                    "Somebody else changed the units meanwhile. Download the table again.",
                )
            found = import_units(source, self.config_dir)
            if not found:
                raise ActRefused("Không có gì thay đổi.", "Nothing changes.")
            return found

        return self._as_act(change, why, by, at)

    def _as_act(self, change: Callable[[], T], why: str, by: str, at: datetime) -> T:
        if not why.strip():
            raise ActRefused("Phải ghi lý do.", "A reason is needed.")
        must_be_writable(self.config_dir)
        with _CHANGING:
            self.versions.note(files_in(self.config_dir), "", "", at)
            found = _refuse_wrong(change)
            self.versions.note(files_in(self.config_dir), by, why.strip(), at)
        return found


def _refuse_wrong(ask: Callable[[], T]) -> T:
    """Ask, and say in one sentence what is wrong with a configuration."""
    try:
        return ask()
    except ConfigError as error:
        raise ActRefused(error.in_short, error.in_short) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ActRefused(
            f"Không ghi được bảng đơn vị: {reason}.", f"The table was not written: {reason}."
        ) from error
