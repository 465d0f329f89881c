"""Put a configuration in force, or one that was: checked as a whole before, kept whole after."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from bhyt_filedrop.ports import ActRefused, VersionBook
from bhyt_filedrop.settings import ConfigError, layers
from bhyt_filedrop.site.proposals import laid_out
from bhyt_filedrop.whole_files import write_whole


def files_in(config_dir: Path) -> Mapping[str, str]:
    """Return the text of every file of a configuration, by its name."""
    found = layers.files(*layers.of(config_dir))
    return {
        name: path.read_text(encoding="utf-8", errors="replace") for name, path in found.items()
    }


def put_in_force(
    config_dir: Path, files: Mapping[str, str], book: VersionBook, why: str, by: str, at: datetime
) -> int:
    """Make a folder's configuration these files, and nothing else; return the version's number.

    What is in force now is kept first. Raises ActRefused, and changes nothing, where the files are
    no sound configuration; ConfigError's own sentences are in it.
    """
    if not why.strip():
        raise ActRefused("Phải ghi lý do.", "A reason is needed.")
    _must_be_sound(files)
    must_be_writable(config_dir)
    book.note(files_in(config_dir), "", "", at)
    for name in layers.files(config_dir).keys() - files.keys():
        (config_dir / name).unlink()
    for name, text in files.items():
        target = config_dir / name
        if not target.exists() or target.read_bytes() != text.encode():
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, text.encode())
    return book.note(files_in(config_dir), by, why.strip(), at)


def back_to(
    config_dir: Path, number: int, book: VersionBook, why: str, by: str, at: datetime
) -> int:
    """Put a version in force once more, as a new one; return its number."""
    files = book.files(number)
    if files is None:
        raise ActRefused(
            f"Không có phiên bản cấu hình số {number}.", f"There is no version {number}."
        )
    return put_in_force(config_dir, files, book, why, by, at)


def must_be_writable(config_dir: Path) -> None:
    """Raise ActRefused where this account may not write the configuration."""
    if all(os.access(place, os.W_OK) for place in (config_dir, *config_dir.glob("*/"))):
        return
    raise ActRefused(
        f"Tài khoản đang chạy không được ghi vào {config_dir}: dùng lệnh config bằng tài khoản có "
        "quyền, hoặc cho phép (docs/web.md).",
        f"The account that runs this may not write to {config_dir}: use the command config as one "
        "that may, or allow it (docs/web.md).",
    )


def _must_be_sound(files: Mapping[str, str]) -> None:
    """Load the files where they harm nobody."""
    try:
        with laid_out(files):
            pass
    except ConfigError as error:
        told = error.in_short
        raise ActRefused(
            f"Cấu hình ấy có lỗi nên không dùng: {told}", f"It is not sound: {told}"
        ) from error
