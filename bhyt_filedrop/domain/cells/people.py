"""What a row says about a child: its name, card, hospital, parent's number and sex.

Every `read_…` takes what stands in the cell and gives a value with its `problem`: `""` where all
is well, `"missing"`, `"invalid"`. None of them raises, none of them guesses a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from bhyt_filedrop.domain.cells.dates import BirthDate
from bhyt_filedrop.domain.cells.grid import CellValue, ErrorValue
from bhyt_filedrop.domain.cells.kept import forgettable
from bhyt_filedrop.domain.cells.text import cell_text, clean, fold, tone_blind


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name as repaired text, and what kind of name it is.

    A newborn without a name of its own is listed as a `placeholder`: "Con bà …", "CB …", "BÉ …",
    "TRẺ …", twins with an `ordinal`. `mother` is the mother's name read from it, "" where there is
    none. `key` compares names where diacritics may be missing.
    """

    text: str
    key: str
    placeholder: bool = False
    mother: str = ""
    ordinal: int | None = None
    problem: str = ""


_ORDINAL = r"(?P<n>[1-9]|I{1,3}|IV)(?:\s*/\s*[1-9])?"
# The lead words are matched with their diacritics or with none, because Bế is a family name and
# Côn may begin one.
_CON_BA = re.compile(
    r"""(?: con(?:\s+(?:trai|gái|gai))?(?:\s+(?:của|cua))?
            \s+(?:bà|ba|chị|chi|mẹ|me|sản\s+phụ|san\s+phu|sp|cô|co)\b
          | con(?:\s+(?:trai|gái|gai|của|cua))*\s*[:.]?(?=\s)
          | c\s*[/.]?\s*b(?:\b|(?=\d)) | csp\b
        )[\s.:]*""",
    re.IGNORECASE | re.VERBOSE,
)
_BABY = re.compile(
    r"""(?: sơ\s+sinh | so\s+sinh | trẻ | em\s+bé | bé(?!\w)
          | be(?=\s+(?:trai|gai|so\s+sinh|con)\b)
          | tre(?=\s+(?:trai|gai|so\s+sinh|em|con|\d)\b | $)
        )
        (?:\s+(?:trai|gái|gai|sơ\s+sinh|so\s+sinh|em|nam|nữ|của|cua))*[\s.:]*""",
    re.IGNORECASE | re.VERBOSE,
)
# "Cháu" before a name is no part of it; Châu is a family name, so it is only known by its tone, or
# by a colon.
_LABEL = re.compile(r"^(?:cháu|chau(?=\s*:))\b[\s:.]+(?=\S+\s+\S)", re.IGNORECASE)
_FIRST_ORDINAL = re.compile(rf"[\s(.\-–:]*{_ORDINAL}(?!\w)[\s).\-–:]*")
_LAST_ORDINAL = re.compile(
    rf"(?:^|[\s,.(\-–]|[,(\-–]\s*(?i:bé|trẻ|số|thứ)\s)\s*{_ORDINAL}\s*\)?[\s.]*$"
)
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4}
_NAME_LETTERS = re.compile(r"[^\W\d_]+(?:['’`.\-]*[^\W\d_]*)*")


@forgettable
@lru_cache(maxsize=65536)
def read_name(text: str) -> PersonName:
    """Read a child's name.

    `problem` is `"missing"` (empty) or `"invalid"` (digits, symbols, one word alone). A hospital
    that writes the bare mother's name cannot be told from one that writes the child's.
    """
    text = _LABEL.sub("", clean(text).text.strip(" .,;:-–_"))
    if not text:
        return PersonName("", "", problem="missing")
    return _placeholder(text) or _twin(text) or _own_name(text)


def are_other_twins(one: str, other: str) -> bool:
    """True where two names number newborns apart: "Con bà Lan 1" is not "Con bà Lan 2"."""
    first, second = read_name(one).ordinal, read_name(other).ordinal
    return first is not None and second is not None and first != second


def _placeholder(text: str) -> PersonName | None:
    rest, ordinal, leads = text, None, 0
    for lead in (_BABY, _CON_BA):
        if found := lead.match(rest):
            leads += 1
            rest, number = _after_ordinal(rest[found.end() :])
            ordinal = ordinal or number
    if not leads:
        return None
    mother, last = _before_ordinal(rest)
    problem = "" if not mother or _is_spelt(mother) else "invalid"
    return PersonName(text, fold(text), True, mother, ordinal or last, problem)


def _twin(text: str) -> PersonName | None:
    """`NGUYỄN THỊ LAN 1/2`: twins listed under their mother's name."""
    if text[-1] not in "0123456789)":
        return None
    mother, ordinal = _before_ordinal(text)
    if ordinal is None:
        return None
    if len(mother.split()) < 2 or not _is_spelt(mother):
        return None
    return PersonName(text, fold(text), True, mother, ordinal)


def _own_name(text: str) -> PersonName:
    valid = len(text.split()) > 1 and _is_spelt(text)
    return PersonName(text, fold(text), problem="" if valid else "invalid")


def _after_ordinal(text: str) -> tuple[str, int | None]:
    found = _FIRST_ORDINAL.match(text)
    return (text[found.end() :], _ordinal(found["n"])) if found else (text, None)


def _before_ordinal(text: str) -> tuple[str, int | None]:
    found = _LAST_ORDINAL.search(text)
    bare = text[: found.start()] if found else text
    return bare.strip(" ().,:-–"), _ordinal(found["n"]) if found else None


def _ordinal(text: str) -> int:
    return _ROMAN.get(text.upper()) or int(text)


def _is_spelt(text: str) -> bool:
    return all(map(_is_spelt_word, text.split()))


@forgettable
@lru_cache(maxsize=16384)
def _is_spelt_word(word: str) -> bool:
    return bool(_NAME_LETTERS.fullmatch(word))


# --- the card --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Card:
    """A card number (thẻ BHYT) or a social insurance number that stands for it.

    `kind` is `te` (a child under six), `bhxh` (10 digits, in use since 2021), `personal` (the 12
    digits of a personal identification number), `other` (a card of another kind of person) or
    `""`. `facility` is the hospital code that was appended, if any.
    `problem` is `""`, `"missing"` or `"invalid"`.
    """

    number: str = ""
    kind: str = ""
    facility: str = ""
    problem: str = ""


_CHILD_CARD = re.compile(r"TE[1-5](?!00)[0-9]{12}")
_OTHER_CARD = re.compile(r"(?!TE)[A-Z]{2}[1-9][0-9]{12}")
_INSURANCE = re.compile(r"[0-9]{10}")
_PERSONAL = re.compile(r"0[0-9]{11}")
_FACILITY = re.compile(r"[0-9]{2}[0-9A-Z]{3}")
_LOST_ONE = (9, 11)
_GAPS = re.compile(r"[\s.\-–_/]+")


def read_card(value: CellValue) -> Card:
    """Read a card number: spaces, dashes and an appended hospital code are taken off.

    A number cell of nine digits is a social insurance number that lost its leading zero, one of
    eleven a personal number. Of several codes joined by ";", as hospitals export those that a child
    had one after the other, the last that can be read counts.
    """
    if isinstance(value, str) and ";" in value:
        every = [read_card(part) for part in value.split(";") if part.strip()]
        sound = [card for card in every if not card.problem]
        return (sound or every or [Card(problem="missing")])[-1]
    if isinstance(value, float) and not _is_count(value):
        return Card(_plain(value), problem="invalid")
    text = _GAPS.sub("", _plain(value)).upper()
    if not text:
        return Card(problem="missing")
    if _is_count(value) and len(text) in _LOST_ONE:
        text = text.zfill(len(text) + 1)
    if _FACILITY.fullmatch(text[15:]):
        return _card(text[:15], text[15:])
    return _card(text, "")


def _card(number: str, facility: str) -> Card:
    if _CHILD_CARD.fullmatch(number):
        return Card(number, "te", facility)
    if _OTHER_CARD.fullmatch(number):
        return Card(number, "other", facility)
    if _INSURANCE.fullmatch(number):
        return Card(number, "bhxh")
    if _PERSONAL.fullmatch(number):
        return Card(number, "personal")
    return Card(number, problem="invalid")


# --- the hospital ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Facility:
    """A hospital's code (mã CSKCB), province and hospital together: `79014`.

    `repaired` says that a lost leading zero was put back. `problem` as in `Card`, or
    `other-province` where the whole code, `contrary`, is not of the province beside it.
    """

    code: str = ""
    repaired: bool = False
    problem: str = ""
    contrary: str = ""


_NO_NAMES: Mapping[str, str] = {}
_LACKING = (1, 2, 4)
"""Digits of a hospital's code, or of the whole, that lacks a zero. In one piece it is the first;
79-14, or the number 79.01, may lack it anywhere."""

_HIGHEST = 100_000
"""No number cell from here on, or below nought, is a code."""


def read_facility(
    province: CellValue, code: CellValue, codes: Mapping[str, str] = _NO_NAMES
) -> Facility:
    """Read the code from its two columns (Tỉnh, Mã BV), or whole from the second one alone.

    `codes` are the two digits of provinces that may be written by name, folded.
    """
    named = codes.get(fold(province)) if codes and isinstance(province, str) else None
    return _read_facility(named or province, code)


@forgettable
@lru_cache(maxsize=8192, typed=True)
def _read_facility(province: CellValue, code: CellValue) -> Facility:
    if isinstance(code, str) and ";" in code:
        code = code.rstrip("; ").rsplit(";", 1)[-1]
    if isinstance(code, float) and not 0 <= code < _HIGHEST:
        return Facility(problem="invalid")
    province_text, written = _plain(province).upper(), _plain(code).upper()
    code_text = _GAPS.sub("", written)
    if not code_text:
        return Facility(problem="missing")
    if code_text != written and code_text.isdigit() and len(code_text) in _LACKING:
        return Facility(problem="invalid")
    if len(code_text) > 3:
        return _whole_facility(province_text, code_text)
    if not province_text:
        return Facility(problem="invalid")
    repaired = len(province_text) < 2 or (len(code_text) < 3 and code_text.isdigit())
    end = code_text.zfill(3) if code_text.isdigit() else code_text
    return _checked_facility(province_text.zfill(2) + end, repaired)


def _whole_facility(province: str, code: str) -> Facility:
    repaired = len(code) == 4 and code.isdigit()
    whole = code.zfill(5) if repaired else code
    checked = _checked_facility(whole, repaired)
    if province and not checked.problem and not whole.startswith(province.zfill(2)):
        return Facility(problem="other-province", contrary=checked.code)
    return _checked_facility(whole, repaired)


def _checked_facility(code: str, repaired: bool) -> Facility:
    if _FACILITY.fullmatch(code) and not code.startswith("00"):
        return Facility(code, repaired)
    return Facility(problem="invalid")


# --- the parent's number ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A parent's number: `kind` is `cmnd` (9 digits), `cccd` (12), `bhxh` (10) or `""`."""

    text: str = ""
    kind: str = ""
    repaired: bool = False
    problem: str = ""


_ID_KINDS = {9: "cmnd", 10: "bhxh", 12: "cccd"}
_SIGNS = re.compile(r"[\s.\-–']+")
_LOST_ZERO = {8: 9, 11: 12}


def read_id_number(value: CellValue) -> IdNumber:
    """Read a parent's number; only a number cell is repaired, for only it can have lost a zero.

    Eight digits that someone typed as text may as well lack one in the middle.
    """
    text = _SIGNS.sub("", _plain(value))
    if isinstance(value, float) and not _is_count(value):
        return IdNumber(_plain(value), problem="invalid")
    if not text:
        return IdNumber(problem="missing")
    repaired = _is_count(value) and len(text) in _LOST_ZERO
    if repaired:
        text = text.zfill(_LOST_ZERO[len(text)])
    kind = _ID_KINDS.get(len(text), "") if text.isascii() and text.isdigit() else ""
    return IdNumber(text, kind, repaired and bool(kind), "" if kind else "invalid")


# --- sex -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sex:
    """`value` is `nam`, `nu` or `""`; `problem` is `""`, `"missing"`, `"undetermined"` (3 in the
    hospitals' exports) or `"invalid"`."""

    value: str = ""
    problem: str = ""


_GIRL = frozenset({"x", "n", "nu", "gai", "g", "f", "nu x", "be gai", "female", "co", "true", "v"})
_BOY = frozenset({"nam", "trai", "t", "m", "be trai", "male"})
_TICKS = frozenset("✓✔√☑☒×*+●■✗✘\uf0fc\uf0fe\uf050\uf052\uf04f")
_FONT_TICKS = frozenset("üþPRO")
"""What a tick of Wingdings (ü, þ) and Wingdings 2 (P, R, O) is once its font is gone."""


@forgettable
@lru_cache(maxsize=1024, typed=True)
def read_sex(value: CellValue, column: str) -> Sex:
    """Read a mark of sex in the column `nu` ("Nữ": a mark means girl, blank means boy) or in
    `gioi-tinh` ("Giới tính": blank is missing; 1 = nam, 2 and 0 = nữ, as both schemes agree on 1).
    """
    text = _plain(value)
    key = fold(text)
    if not text:
        return Sex("nam") if column == "nu" else Sex(problem="missing")
    if key in _GIRL or set(text) <= _TICKS:
        return Sex("nu")
    if key in _BOY:
        return Sex("nam")
    if column == "nu" and text in _FONT_TICKS:
        return Sex("nu")
    if column != "nu" and key == "3":
        return Sex(problem="undetermined")
    numbers = {"1": "nu", "0": "nam"} if column == "nu" else {"1": "nam", "2": "nu", "0": "nu"}
    found = numbers.get(key.lstrip("0") or key[:1])
    return Sex(found) if found else Sex(problem="invalid")


def _is_count(value: CellValue) -> bool:
    """True for a number cell that holds whole digits, so that a leading zero may be lost."""
    return isinstance(value, float) and value.is_integer() and value >= 0


def _plain(value: CellValue) -> str:
    return "" if isinstance(value, ErrorValue) else clean(cell_text(value)).text


# --- keys of one child -----------------------------------------------------------------------


def child_key(name: str, birth: BirthDate, parent: str) -> str:
    """The key of one child within a round: name, birth and parent, diacritics counting."""
    return "|".join((tone_blind(name), birth.text, tone_blind(parent)))
