"""How Mã đối chiếu is written: `15Q1-7K3FQM`, its round in front and a check at the end.

Whoever reads a list can tell from it to which round it belongs, whatever its heading says.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from bhyt_filedrop.domain.process.rounds import Round

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 characters, a prime: the check finds every wrong and every swapped character."""

BODY = 5
"""Characters between the round and the check."""

_CODE = re.compile(rf"(\d\d)Q([1-4])-([{ALPHABET}]{{{BODY}}})([{ALPHABET}])")


def write_code(round: Round, body: str) -> str:
    """Return the code of a round with this body."""
    return f"{round.year % 100:02}Q{round.quarter}-{body}{_check(round, body)}"


def round_of(text: str) -> Round | None:
    """Return the round of a code, None for a text that is none or whose check is wrong."""
    found = _CODE.fullmatch(text)
    if not found:
        return None
    own = Round(2000 + int(found[1]), int(found[2]))
    return own if _check(own, found[3]) == found[4] else None


def split_code(text: str) -> tuple[str, str]:
    """Return the code that stands somewhere in a text, and the text without it; "" = no code."""
    for found in _CODE.finditer(text.upper()):
        if round_of(found[0]):
            rest = f"{text[: found.start()]} {text[found.end() :]}"
            return found[0], " ".join(rest.split())
    return "", text


def common_round(codes: Iterable[str]) -> Round | None:
    """Return the round of more than half of the codes, None where there is none."""
    rounds = Counter(filter(None, map(round_of, codes)))
    if not rounds:
        return None
    (most, count), *_ = rounds.most_common(1)
    return most if 2 * count > rounds.total() else None


def _check(round: Round, body: str) -> str:
    """The check character: a weighted sum modulo 31, so that two swapped characters show."""
    digits = (ALPHABET.index(char) for char in body)
    total = sum(weight * digit for weight, digit in enumerate(digits, start=1))
    return ALPHABET[(total + 4 * (round.year % 100) + round.quarter) % len(ALPHABET)]
