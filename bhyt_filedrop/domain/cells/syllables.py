"""What a Vietnamese syllable looks like: an onset, a rime, one tone.

It tells real Vietnamese from codes of a legacy font (`NguyÔn`) and from foreign words (`Noël`). The
list is of spelling, not of words: every onset with every rime counts, so that no name is refused.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from bhyt_filedrop.domain.cells.kept import forgettable

TONES = "\u0300\u0301\u0303\u0309\u0323"
"""Grave, acute, tilde, hook above, dot below, as combining characters."""

# As texts, because a table of 160 short strings is easier to check against a book in rows.
_ONSET_TABLE = "ngh ng nh gh gi kh ph th tr ch qu b c d đ g h k l m n p q r s t v x"
_RIME_TABLE = """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên êng ênh êp êt êu
    i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăp oăt oe oem oen oeo oet
    oc oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uc ui um un ung up ut uân uâng uât uây uê uêch uên uênh uêt uêu uôc uôi uôm uôn uông uôt
    uơ uơn uơt uy uya uych uyn uynh uyp uyt uyu uyên uyêt
    ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
    y yn ynh ych yt yêm yên yêng yêt yêu
"""
_FALLING_TABLE = """
    ai ao au ay âu ây eo êu iu oi ôi ơi ui ưi ưu ia ua ưa iêu yêu oai oao oay oeo uôi ươi ươu uây
    uya uyu uêu
"""
_ONSETS = _ONSET_TABLE.split()
_RIMES = frozenset(_RIME_TABLE.split())
_FALLING = frozenset(_FALLING_TABLE.split())
_STOPPED = ("c", "ch", "p", "t")


def split_tones(word: str) -> tuple[str, str]:
    """Return a word without its tones (NFC, shapes such as ê and ơ kept) and the tones alone."""
    decomposed = unicodedata.normalize("NFD", word)
    tones = "".join(mark for mark in decomposed if mark in TONES)
    bare = "".join(mark for mark in decomposed if mark not in TONES)
    return unicodedata.normalize("NFC", bare), tones


@forgettable
@lru_cache(maxsize=65536)
def is_syllable(word: str) -> bool:
    """True where a word (any case, NFC or NFD) is spelt as one Vietnamese syllable.

    Old and new tone placement both count (hoà, hòa), and the slip "hòang"; a tone on a closing
    glide (xaõ) does not: nobody writes so, and VNI text looks so.
    """
    bare, tones = split_tones(word.casefold())
    if len(tones) > 1:
        return False
    ends_toned = bool(tones) and unicodedata.normalize("NFD", word)[-1:] in TONES
    onsets = (onset for onset in ("", *_ONSETS) if bare.startswith(onset))
    return any(_is_rime(bare[len(onset) :], tones, ends_toned) for onset in onsets)


def _is_rime(rime: str, tones: str, ends_toned: bool) -> bool:
    if rime not in _RIMES or (ends_toned and rime in _FALLING):
        return False
    return not (rime.endswith(_STOPPED) and tones and tones not in "\u0301\u0323")
