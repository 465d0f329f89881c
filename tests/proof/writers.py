"""Offices at work: whole files, slow uploads, corrections under the same name, all at once."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from tests.journey.scenes import d03, form_3, form_4
from tests.journey.site import DISTRICT, OTHER_DISTRICT, PDF, Site


@dataclass(frozen=True)
class Sent:
    """One file as its office sent it; `replaced` where a correction followed under its name, which
    may have come before it was taken."""

    unit: str
    name: str
    sha256: str
    replaced: bool = False


class Writers(threading.Thread):
    """Sends so many files within so many seconds, the same for the same seed."""

    def __init__(self, site: Site, files: int, seconds: float, seed: int) -> None:
        super().__init__(daemon=True)
        self.sent: list[Sent] = []
        self.places: list[Path] = []
        self._site = site
        self._files = files
        self._pause = seconds / max(files, 1)
        self._chance = random.Random(seed)
        self._lists = [
            (DISTRICT, form_3(site)),
            (DISTRICT, form_3(site, "row.card-invalid")),
            (site.ward(), form_4(site)),
            (site.ward(), d03(site)),
            (site.ward(1), form_4(site, "row.address-missing", ward=1)),
        ]
        self._folders = {
            unit: site.folder(unit)
            for unit in (DISTRICT, OTHER_DISTRICT, site.ward(), site.ward(1))
        }

    @property
    def count(self) -> int:
        """How many were sent by now."""
        return len(self.sent)

    def run(self) -> None:
        """Send one after the other, at an even pace, whatever the service does."""
        begun = time.monotonic()
        for number in range(self._files):
            time.sleep(max(0.0, begun + number * self._pause - time.monotonic()))
            self._send(number)

    def _send(self, number: int) -> None:
        unit, name, data = self._made(number)
        place = self._folders[unit] / name
        how = self._chance.random()
        if how < 0.1 and not name.endswith(".exe"):  # half of it says so by its own format
            data = _unlike(data, number)
            threading.Thread(target=_slowly, args=(place, data), daemon=True).start()
        elif how < 0.2:
            self._whole(unit, place, _unlike(data, number, "sai"), replaced=True)
            time.sleep(self._chance.uniform(0.0, 0.3))
            self._whole(unit, place, _unlike(data, number))
            return
        else:
            self._whole(unit, place, _unlike(data, number))
            return
        self._note(unit, place, data)

    def _made(self, number: int) -> tuple[str, str, bytes]:
        """Every tenth is a list; the others are small and cheap to judge."""
        if number % 10 == 0:
            unit, data = self._chance.choice(self._lists)
            return unit, f"danh sách {number}.xlsx", data
        unit = self._chance.choice(list(self._folders))
        if number % 3:
            return unit, f"ghi chú {number}.exe", b"MZ" + bytes(60) + str(number).encode()
        return (
            unit,
            f"công văn {number}.pdf",
            PDF.replace(b"1 0 obj", f"{number + 1} 0 obj".encode()),
        )

    def _whole(self, unit: str, place: Path, data: bytes, *, replaced: bool = False) -> None:
        made = self._site.directory / f"being-sent-{len(self.sent)}"
        made.write_bytes(data)
        self._note(unit, place, data, replaced=replaced)
        made.replace(place)

    def _note(self, unit: str, place: Path, data: bytes, *, replaced: bool = False) -> None:
        self.sent.append(Sent(unit, place.name, hashlib.sha256(data).hexdigest(), replaced))
        if not replaced:
            self.places.append(place)


def _slowly(place: Path, data: bytes) -> None:
    with place.open("wb", buffering=0) as out:
        for at in range(0, len(data), len(data) // 4 + 1):
            out.write(data[at : at + len(data) // 4 + 1])
            time.sleep(0.7)


def _unlike(data: bytes, number: int, word: str = "") -> bytes:
    """The same list in other bytes, as a program that saves it again makes them."""
    if data.startswith(b"%"):
        return data + f"\n% {word}{number}\n%%EOF\n".encode()
    if not data.startswith(b"PK"):
        return data + word.encode()
    comment = f"{word}{number}".encode()
    return data[:-2] + len(comment).to_bytes(2, "little") + comment
