"""Reads the files of `config/` and turns what is wrong with them into problems, in Vietnamese."""

from __future__ import annotations

import copy
import csv
import dataclasses
import difflib
import io
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import BaseModel, ValidationError

from bhyt_filedrop.settings.problems import Problem

T = TypeVar("T")

Row = tuple[int, dict[str, str]]
"""A line number (1-based) and the cells of that line by column."""

_SECRET = re.compile("password|passwd|passphrase|secret|private_key|token|mat_khau", re.IGNORECASE)
"""A key with one of these in its name holds what must never stand in a file."""

_TYPES = {
    "missing": "thiếu khóa bắt buộc này",
    "int_type": "phải là số nguyên",
    "int_from_float": "phải là số nguyên",
    "float_type": "phải là số",
    "bool_type": "phải là true hoặc false",
    "string_type": "phải là chữ, đặt trong dấu nháy kép",
    "list_type": "phải là danh sách, đặt trong [ ]",
    "tuple_type": "phải là danh sách, đặt trong [ ]",
    "dict_type": "phải là một nhóm khóa",
    "mapping_type": "phải là một nhóm khóa",
    "model_type": "phải là một nhóm khóa",
    "dataclass_type": "phải là một nhóm khóa",
    "date_type": "phải là ngày, viết như 2020-07-10",
    "time_type": "phải là giờ, viết như 08:00:00",
    "string_too_short": "không được để trống",
    "too_short": "không được để trống",
}


class Gathered:
    """Collects problems; a step that could not be taken gives None and work goes on."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, file: str, key: str, value: object, message: str) -> None:
        """Note one problem."""
        self.problems.append(Problem(file, key, "" if value is None else str(value), message))

    def extend(self, problems: Iterable[Problem]) -> None:
        """Note several problems."""
        self.problems.extend(problems)


def read_toml(path: Path, found: Gathered, *, required: bool = False) -> dict[str, Any] | None:
    """Parse one TOML file; a missing optional file reads as empty."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        if not required:
            return {}
        found.add(path.name, "", None, "không có tệp này trong thư mục cấu hình")
    except UnicodeDecodeError:
        found.add(path.name, "", None, "không phải UTF-8; hãy lưu lại với bảng mã UTF-8")
    except tomllib.TOMLDecodeError as err:
        found.add(path.name, "", None, f"sai cú pháp TOML: {err}")
    except OSError as err:
        found.add(path.name, "", None, f"không đọc được: {err.strerror}")
    return None


def validated(
    check: Callable[[Any], T], data: Any, file: str, found: Gathered, names: Iterable[str] = ()
) -> T | None:
    """Run a pydantic check over parsed data; None where it found problems."""
    secrets = list(_secret_keys(data, ()))
    for key in secrets:
        found.add(file, _key(key, data), "***", secret_message(key[-1]))
    try:
        result = check(data)
    except ValidationError as err:
        told = {tuple(map(str, key)) for key in secrets}
        found.extend(
            _problem(file, dict(e), data, tuple(names))
            for e in err.errors(include_url=False)
            if tuple(map(str, e["loc"])) not in told
        )
        return None
    return None if secrets else result


def rest_of(check: Callable[[Any], T], data: Any) -> T | None:
    """Return what the checked data says without the keys that are wrong, so that the rest of a
    file can be looked at too; None where a key that must be there is one of them."""
    rest = copy.deepcopy(data)
    try:
        return check(rest)
    except ValidationError as err:
        places = {tuple(e["loc"]) for e in err.errors(include_url=False)}
    for place in sorted(places, key=str, reverse=True):
        _drop(rest, place)
    try:
        return check(rest)
    except ValidationError:
        return None


def _drop(data: Any, place: Sequence[str | int]) -> None:
    """Take the deepest thing away that a place names and that is there."""
    holder, last = None, place[0]
    for part in place:
        inner = _step(data, part)
        if inner is None:
            break
        holder, last, data = data, part, inner
    if holder is not None:
        del holder[last]


def secret_message(key: object) -> str:
    """Say where a secret belongs instead."""
    return (
        f"không được ghi {key} trong tệp cấu hình: ghi tên của nó ở khóa credential, rồi cấp qua "
        "biến môi trường BHYT_FILEDROP_… hoặc LoadCredential của systemd"
    )


def field_names(model: type[Any]) -> frozenset[str]:
    """Return every key that a model, or a dataclass that stands for one, and those inside know."""
    names: set[str] = set()
    for name, annotation, alias in _fields(model):
        names.add(alias or name)
        for inner in _models(annotation):
            names |= field_names(inner)
    return frozenset(names)


def _fields(model: type[Any]) -> Iterable[tuple[str, Any, str | None]]:
    """Each key of a table: its name here, what it may hold, its name in the file."""
    if issubclass(model, BaseModel):
        for name, info in model.model_fields.items():
            yield name, info.annotation, info.alias
        return
    hints = get_type_hints(model, include_extras=True)
    for one in dataclasses.fields(model):
        aliases = (getattr(note, "alias", None) for note in get_args(hints[one.name])[1:])
        yield one.name, hints[one.name], next(filter(None, aliases), None)


def _models(annotation: Any) -> Iterable[type[Any]]:
    if isinstance(annotation, type) and (
        issubclass(annotation, BaseModel) or dataclasses.is_dataclass(annotation)
    ):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _secret_keys(data: Any, at: tuple[str | int, ...]) -> Iterable[tuple[str | int, ...]]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            if _SECRET.search(str(key)):
                yield (*at, key)
            elif isinstance(value, dict | list):
                yield from _secret_keys(value, (*at, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            if isinstance(value, dict | list):
                yield from _secret_keys(value, (*at, index))


def _problem(file: str, error: dict[str, Any], data: Any, names: Sequence[str]) -> Problem:
    loc = error["loc"]
    shown = "" if error["type"] == "missing" else _as_written(error["input"])
    return Problem(file, _key(loc, data), shown, _message(error, names))


def _message(error: dict[str, Any], names: Sequence[str]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind in {"extra_forbidden", "unexpected_keyword_argument"}:
        near = difflib.get_close_matches(str(error["loc"][-1]), names, 1)
        return "không có khóa này" + (f"; có phải là {near[0]}?" if near else "")
    if kind in {"literal_error", "enum"}:
        expected = str(context.get("expected", "")).replace(" or ", ", ").replace("'", "")
        return f"chỉ nhận: {expected}"
    if kind in {"greater_than_equal", "greater_than"}:
        return f"phải từ {context.get('ge', context.get('gt'))} trở lên"
    if kind in {"less_than_equal", "less_than"}:
        return f"chỉ được đến {context.get('le', context.get('lt'))}"
    if kind == "string_pattern_mismatch":
        return f"không đúng dạng ({context.get('pattern')})"
    return _TYPES.get(kind, str(error["msg"]))


def _as_written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ", ".join(map(str, value))
    return str(value)


def _key(loc: Sequence[str | int], data: Any) -> str:
    """Write a place as people look for it: `handoff[ward-list].due.day`."""
    text = ""
    for part in loc:
        data = _step(data, part)
        if isinstance(part, int):
            name = data.get("id") if isinstance(data, Mapping) else None
            text += f"[{name or part + 1}]"
        else:
            text += f".{part}" if text else str(part)
    return text


def _step(data: Any, part: str | int) -> Any:
    try:
        return data[part]
    except (KeyError, IndexError, TypeError):
        return None


# --- tables kept in Excel ------------------------------------------------------------------------


def read_csv(
    path: Path,
    columns: Sequence[str],
    found: Gathered,
    *,
    required: bool = False,
    headings: Mapping[str, str] | None = None,
) -> list[Row] | None:
    """Return `(line, row)` of a CSV file, as Excel saves it: BOM, `,` or `;` or tabs between.

    Empty lines and lines that start with `#` are passed over; an absent optional file reads as
    empty. `columns` are those that must be there; `headings` are other names of columns.
    """
    try:
        text = _decoded(path.read_bytes())
    except FileNotFoundError:
        if not required:
            return []
        found.add(path.name, "", None, "không có tệp này trong thư mục cấu hình")
        return None
    except OSError as err:
        found.add(path.name, "", None, f"không đọc được: {err.strerror}")
        return None
    if text is None:
        found.add(path.name, "", None, "không phải UTF-8; trong Excel chọn lưu dạng “CSV UTF-8”")
        return None
    table = _split(path.name, text, found)
    return None if table is None else rows_of(table, path.name, columns, found, headings or {})


def _decoded(data: bytes) -> str | None:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _split(name: str, text: str, found: Gathered) -> list[tuple[int, list[str]]] | None:
    first = next((line for line in text.splitlines() if line.strip(" ,;\t#")), "")
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        return [(reader.line_num, cells) for cells in reader]
    except csv.Error as err:
        found.add(name, f"dòng {reader.line_num}", None, f"không phải CSV: {err}")
        return None


def rows_of(
    table: Iterable[tuple[int, Sequence[str]]],
    name: str,
    columns: Sequence[str],
    found: Gathered,
    headings: Mapping[str, str],
) -> list[Row] | None:
    """Take the first line that says something as the header; None where it lacks a column."""
    header: list[str] = []
    rows: list[Row] = []
    for line, cells in table:
        values = [" ".join(unicodedata.normalize("NFC", cell).split()) for cell in cells]
        if not any(values) or values[0].startswith("#"):
            continue
        if header:
            rows.append((line, dict(zip(header, values, strict=False))))
        else:
            header = [headings.get(v.casefold(), v.casefold()) for v in values]
    lacking = [column for column in columns if column not in header]
    for column in lacking:
        found.add(name, "dòng tiêu đề", None, f"thiếu cột {column}")
    return None if lacking else rows
