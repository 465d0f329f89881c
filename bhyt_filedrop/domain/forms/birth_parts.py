"""A birth date that stands in several columns: Ngày | Tháng | Năm, or under Nam | Nữ.

Both are read into one column, as if the clerk had used it, before any row is sorted; of the second
kind the column that is filled in tells the sex too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bhyt_filedrop.domain.forms.columns import Mapping
from bhyt_filedrop.domain.forms.compiled import Compiled
from bhyt_filedrop.domain.forms.headers import Header
from bhyt_filedrop.domain.forms.spec import Column
from bhyt_filedrop.domain.forms.texts import SheetText, folded

_DAY = frozenset({"ngay", "ngay sinh"})
_MONTH = frozenset({"thang", "thang sinh"})
_YEAR = frozenset({"nam", "nam sinh"})
_BOY, _GIRL = frozenset({"nam", "nam sinh nam"}), frozenset({"nu", "nam sinh nu"})


def join_births(
    texts: SheetText, header: Header, form: Compiled, mapping: Mapping, first: int, last: int
) -> None:
    """Let the column of the birth date say the whole date in the rows from `first` to `last`."""
    if "birth_date" not in mapping.columns:
        return
    if days := _date_columns(header, mapping.columns["birth_date"]):
        _free(mapping, days)
        mapping.columns["birth_date"] = days[0]
        for number in range(first, last + 1):
            _join_date(texts, number, days)
    elif sexes := _sex_columns(header, mapping.columns["birth_date"]):
        _join_sexes(texts, form, mapping, sexes, range(first, last + 1))


def _date_columns(header: Header, birth: int) -> tuple[int, int, int] | None:
    """The columns of day, month and year, side by side in any order."""
    for left in (birth - 2, birth - 1, birth):
        beside = range(left, left + 3)
        found = [_one_of(header, beside, words) for words in (_DAY, _MONTH, _YEAR)]
        if len({*found} - {0}) == 3:
            return found[0], found[1], found[2]
    return None


def _sex_columns(header: Header, birth: int) -> tuple[int, int] | None:
    """The columns of boys and girls under one heading of the birth."""
    for left in (birth - 1, birth):
        pair = (left, left + 1)
        upper = {header.levels.get(column, ())[:-1] for column in pair}
        if len(upper) == 1 and any("sinh" in folded(" ".join(heads)).split() for heads in upper):
            boys, girls = _one_of(header, pair, _BOY), _one_of(header, pair, _GIRL)
            if boys and girls:
                return boys, girls
    return None


def _one_of(header: Header, columns: range | tuple[int, int], words: frozenset[str]) -> int:
    return next((c for c in columns if _lowest(header, c) in words), 0)


def _lowest(header: Header, column: int) -> str:
    levels = header.levels.get(column, ())
    return folded(levels[-1]) if levels else ""


def _free(mapping: Mapping, columns: tuple[int, ...]) -> None:
    """Take from every other field what is a part of the birth."""
    for name, column in list(mapping.columns.items()):
        if column in columns and name != "birth_date":
            del mapping.columns[name], mapping.declared[name]


def _join_date(texts: SheetText, number: int, columns: tuple[int, int, int]) -> None:
    parts = [texts.text(number, column) for column in columns]
    # Labels of a number row, or a heading over all columns, are no date.
    if any(parts) and all(part.isdigit() or not part.strip(" ./-_") for part in parts):
        texts.say(number, columns[0], "/".join(part.strip(" ./-_") or "0" for part in parts))


def _join_sexes(
    texts: SheetText, form: Compiled, mapping: Mapping, columns: tuple[int, int], rows: range
) -> None:
    boys, girls = columns
    _free(mapping, columns)
    mapping.columns["birth_date"] = boys
    tells_sex = "sex" not in mapping.columns
    for column in _declared_sex(form) if tells_sex else ():
        mapping.columns["sex"], mapping.declared["sex"] = girls, column
    for number in rows:
        boy, girl = texts.text(number, boys), texts.text(number, girls)
        if bool(boy) == bool(girl) or not any(char.isdigit() for char in boy + girl):
            continue
        value = texts.value(number, boys if boy else girls)
        texts.say(number, boys, boy or girl, value)
        if tells_sex:
            texts.say(number, girls, "Nam" if boy else "Nữ")


def _declared_sex(form: Compiled) -> Iterator[Column]:
    """The form's column of the sex, as one in which Nam and Nữ stand."""
    found = next((column for column in form.spec.columns if column.field == "sex"), None)
    if found:
        yield replace(found, kind="sex")
