"""Whether the words of an address hold a whole street, so that what follows is a ward's name.

"12 Phạm Ngũ Lão, Quận 1" names a street, "12 Lê Lợi, Phạm Ngũ Lão, Quận 1" a ward: the difference
is whether a street, a hamlet ("ấp 3", "khu phố 2") or a numbered road stands before it.
"""

from __future__ import annotations

from collections.abc import Sequence

from bhyt_filedrop.domain.places.tokens import Token

# What a house stands in besides a street: after "ấp 3" or "khu phố 2" comes the ward.
_LOCALITY_WORDS = "ap kp khom to tdp thon khu pho xom dp cum"
# What may stand before a street's name without being one, so that the name is still the street's.
_LEAD_WORDS = (
    "so duong d dg hem h ngo ngach lo quoc tinh huong lau tang phong can ho block toa nha chung"
    " cu cc cx xa kdc kcn kcx cho cong ti truong benh vien chua cau ben nga tu ba sau lien dan moi"
    " khach san sn nr noi dai"
)
_LOCALITIES = frozenset(_LOCALITY_WORDS.split())
_NO_STREET = _LOCALITIES | frozenset(_LEAD_WORDS.split())


def _is_street_word(text: str) -> bool:
    return len(text) > 1 and text.isalpha() and text not in _NO_STREET


def holds_street(tokens: Sequence[Token]) -> bool:
    """True where a street or a hamlet stands somewhere in these words."""
    texts = [token.text for token in tokens]
    if any(map(_is_street_word, texts)) or not _LOCALITIES.isdisjoint(texts):
        return True
    return any(_is_numbered_street(tokens[: end + 1]) for end in range(len(tokens)))


def ends_street(tokens: Sequence[Token]) -> bool:
    """True where words of one segment end in a whole street or hamlet: "12 Hoa Sứ", "ấp 3"."""
    texts = [token.text for token in tokens]
    if texts[-1].isdigit():
        return not _LOCALITIES.isdisjoint(texts[-3:-1]) or _is_numbered_street(tokens)
    return len(texts) > 1 and all(map(_is_street_word, texts[-2:]))


def _is_numbered_street(tokens: Sequence[Token]) -> bool:
    """True for words that end in "đường số 9", "quốc lộ 1", or "12 3/2" (a house, then a day)."""
    texts = [token.text for token in tokens[-3:]]
    if not texts[-1].isdigit() or len(texts) < 2:
        return False
    if tokens[-1].glued:  # 3/2: look at what stands before the 3
        return len(texts) > 2 and texts[0].isdigit() and not tokens[-2].glued
    return "duong" in texts or texts[:2] in (["quoc", "lo"], ["huong", "lo"], ["tinh", "lo"])
