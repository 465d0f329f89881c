"""Spoils files at random, but the same way for the same seed: for tests and the long fuzz.

What a broken disk, a broken program or an attacker does: bytes flipped, cut out, doubled or
swapped; and inside a zip, where a checksum would stop it, parts spoilt and packed again soundly.
"""

from __future__ import annotations

import io
import random
import re
import struct
import warnings
import zipfile
from collections.abc import Callable, Sequence

Spoil = Callable[[bytes, random.Random], bytes]
HUGE = (b"0", b"-1", b"1048577", b"16385", b"2147483648", b"4294967295", b"1e308", b"9" * 40)
_ODD_TEXTS = (
    "=cmd|'/c calc'!A0",
    "\u202eslx.exe",
    "_xD800_",
    "&#65534;",
    "\u0300" * 500,
    "x" * 32_768,
    "\u2028\u200b\ufeff",
)


def spoilt(data: bytes, seed: int, others: Sequence[bytes] = ()) -> bytes:
    """Return a spoilt copy; `others` are files that pieces may come from."""
    rng = random.Random(seed)
    inside = data[:4] == b"PK\x03\x04" and rng.random() < 0.6
    if inside:
        return _in_zip(data, rng)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        data = _once(data, rng, others)
    return data


def _once(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    if others and rng.random() < 0.08:
        return _spliced(data, rng.choice(others), rng)
    return rng.choice(_BYTES)(data, rng)


def _place(data: bytes, rng: random.Random) -> int:
    """Anywhere; often near an end, where headers and directories lie."""
    size = max(1, len(data))
    kind = rng.random()
    if kind < 0.25:
        return rng.randrange(min(size, 600))
    return size - 1 - rng.randrange(min(size, 600)) if kind < 0.45 else rng.randrange(size)


def _flip(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 2, 8, 40))):
        if out:
            out[_place(data, rng)] ^= 1 << rng.randrange(8)
    return bytes(out)


def _overwrite(data: bytes, rng: random.Random) -> bytes:
    at = _place(data, rng)
    number = rng.choice((0, 1, 0x7F, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF))
    return data[:at] + struct.pack("<L", number)[: rng.choice((1, 2, 4))] + data[at + 4 :]


def _cut_off(data: bytes, rng: random.Random) -> bytes:
    return data[: _place(data, rng)]


def _cut_out(data: bytes, rng: random.Random) -> bytes:
    at = _place(data, rng)
    return data[:at] + data[at + rng.choice((1, 16, 512, 5000)) :]


def _doubled(data: bytes, rng: random.Random) -> bytes:
    at = _place(data, rng)
    return data[:at] + data[at : at + rng.choice((1, 64, 512, 8192))] * 2 + data[at:]


def _swapped(data: bytes, rng: random.Random) -> bytes:
    a, b = sorted((_place(data, rng), _place(data, rng)))
    size = min(512, b - a)
    return (
        data[:a] + data[b : b + size] + data[a + size : b] + data[a : a + size] + data[b + size :]
    )


def _spliced(data: bytes, other: bytes, rng: random.Random) -> bytes:
    return data[: _place(data, rng)] + other[_place(other, rng) :]


def _numbers(data: bytes, rng: random.Random) -> bytes:
    """Put a number that is too large, or none, in the place of one."""
    found = list(re.finditer(rb"(?<=[\">=])\d+", data))
    if not found:
        return _overwrite(data, rng)
    one = rng.choice(found)
    return data[: one.start()] + rng.choice(HUGE) + data[one.end() :]


def _tags(data: bytes, rng: random.Random) -> bytes:
    """Leave out, double or nest one element's tag."""
    found = list(re.finditer(rb"<[^<>]{1,200}>", data))
    if not found:
        return _cut_out(data, rng)
    one = rng.choice(found)
    put = rng.choice((b"", one[0] * 2, one[0] * rng.choice((50, 3000))))
    return data[: one.start()] + put + data[one.end() :]


def _odd_text(data: bytes, rng: random.Random) -> bytes:
    found = list(re.finditer(rb">[^<>]{2,}<", data))
    if not found:
        return _flip(data, rng)
    one = rng.choice(found)
    return data[: one.start() + 1] + rng.choice(_ODD_TEXTS).encode() + data[one.end() - 1 :]


_BYTES: tuple[Spoil, ...] = (
    *(_flip, _flip, _overwrite, _overwrite, _cut_off, _cut_out, _doubled, _swapped),
    *(_numbers, _tags, _odd_text),
)
_PARTS: tuple[Spoil, ...] = (*_BYTES, _numbers, _numbers, _tags, _tags, _odd_text)


def _in_zip(data: bytes, rng: random.Random) -> bytes:
    """Spoil one part, or how the parts are named, and pack all of them soundly again."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = [(name, package.read(name)) for name in package.namelist()]
    which = rng.randrange(len(parts))
    name, content = parts[which]
    way = rng.random()
    if way < 0.75:
        for _ in range(rng.choice((1, 1, 3))):
            content = rng.choice(_PARTS)(content, rng)
        parts[which] = (name, content)
    elif way < 0.85:
        del parts[which]
    elif way < 0.95:
        other = rng.randrange(len(parts))
        parts[which], parts[other] = (name, parts[other][1]), (parts[other][0], content)
    else:
        parts.append((name, content))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the same name twice is meant
        for name, content in parts:
            made.writestr(zipfile.ZipInfo(name, (2015, 1, 1, 0, 0, 0)), content)
    return out.getvalue()
