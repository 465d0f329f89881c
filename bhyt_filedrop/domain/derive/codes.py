"""The reply kit's Mã đối chiếu: one short code a child and round, which survives corrected lists.

`15Q1-7K3FQM` is the round, five characters drawn from the child's own data, and a check character;
none of them can be taken for another when read aloud. A code tells nothing of the child.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import count

from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.keys import exact_key, gather_by, loose_key
from bhyt_filedrop.domain.process.child_codes import ALPHABET, BODY, round_of, write_code
from bhyt_filedrop.domain.process.rounds import Round


def with_codes(
    children: Sequence[ListedChild], round: Round, earlier: Sequence[ListedChild] = ()
) -> tuple[ListedChild, ...]:
    """Give every child its code, unique in the round; the order stays.

    A child keeps the code that it bears and that `earlier` (the version before, with codes) knows
    it by, else the code of the same child there: name, birth and parent, or name and birth where
    only one on each side has them. New codes follow from the child alone, and never repeat one
    that an earlier child had.
    """
    codes = _Kept(children, round, earlier).codes
    used = {child.code for child in earlier} | set(codes.values())
    for number, child in enumerate(children):
        if number not in codes:
            codes[number] = next(c for c in _candidates(child, round) if c not in used)
            used.add(codes[number])
    return tuple(replace(child, code=codes[n]) for n, child in enumerate(children))


def is_code(text: str, round: Round | None = None) -> bool:
    """True for a code with a right check character, of one round where that is given."""
    own = round_of(text)
    return own is not None and round in (None, own)


def _candidates(child: ListedChild, round: Round) -> Iterator[str]:
    """Yield codes for a child, the one that follows from its data first; never runs dry."""
    for attempt in count():
        digest = sha256(f"{round}|{exact_key(child)}|{attempt}".encode()).digest()
        number = int.from_bytes(digest[:8], "big")
        yield write_code(round, "".join(ALPHABET[number // 31**n % 31] for n in range(BODY)))


# --- what an earlier version knew ------------------------------------------------------------


class _Kept:
    """Child's number → the code it keeps; no code is given twice."""

    def __init__(
        self, children: Sequence[ListedChild], round: Round, earlier: Sequence[ListedChild]
    ) -> None:
        self.children = children
        self.known = {child.code: child for child in earlier if child.code}
        self.codes: dict[int, str] = {}
        self._free = set(self.known) or {c.code for c in children if is_code(c.code, round)}
        self._by_code(loose_key)
        self._by_code(lambda child: child.birth)
        self._by_key(exact_key, only=False)
        self._by_key(loose_key, only=True)

    def _keep(self, number: int, code: str) -> None:
        if number not in self.codes and code in self._free:
            self.codes[number] = code
            self._free.discard(code)

    def _by_code(self, same: Callable[[ListedChild], str]) -> None:
        """A code pasted along with somebody else's row is not the child's own."""
        for number, child in enumerate(self.children):
            old = self.known.get(child.code, child)
            if child.code and same(old) == same(child):
                self._keep(number, child.code)

    def _by_key(self, key: Callable[[ListedChild], str], *, only: bool) -> None:
        """Pair what has one key on both sides, in order; `only` where each side has it once."""
        fresh = [n for n in range(len(self.children)) if n not in self.codes]
        new = gather_by(fresh, lambda n: key(self.children[n]))
        old = gather_by((c for c in self.known if c in self._free), lambda c: key(self.known[c]))
        for found, numbers in new.items():
            codes = old.get(found, [])
            if not only or len(numbers) == len(codes) == 1:
                for number, code in zip(numbers, codes, strict=False):
                    self._keep(number, code)
