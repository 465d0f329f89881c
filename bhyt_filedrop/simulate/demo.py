"""The demo: the first quarter of 2015 in one small cast, up to the day after the wards' due date.

Everybody in it is invented. What happened before is played through the real daemon with a given
clock; the last morning's files are left in the drop folders for the daemon that is started next.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.handoffs import Process
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.simulate.people import InventedChild, children
from bhyt_filedrop.simulate.quarter.roles import CannotPlay, Roles

ROUND = Round(2015, 1)
LAST_MORNING = datetime(2015, 6, 16, 8, 30, tzinfo=ZONE)
"""When the daemon takes over: the wards' lists were due the day before."""


PLAYING = (0, 10, 14, 15, 16)
"""Which districts of the file play: two in full, three with one file each."""
FEWEST_WARDS = 4

STORIES = (
    ("mẫu 4, chưa có D03-TS → đang giữ", "form 4, D03-TS still to come → held"),
    ("đủ hai danh sách, trễ một ngày → đã nhận", "both lists, a day late → accepted"),
    ("mẫu 4 thiếu lý do → trả lại", "form 4 without a reason → returned"),
    ("mẫu 3 đúng → đã nhận", "a correct form 3 → accepted"),
    ("mẫu 3 có bốn lỗi → trả lại", "form 3 with four faults → returned"),
    ("bản scan → chuyển kèm", "a scan → passed along"),
    ("không phải bảng tính → trả lại", "no workbook → returned"),
    ("đứt khi đang tải → trả lại sau 30 giây", "cut off in upload → returned after 30 s"),
)
"""What each file of the last morning is and what becomes of it, in Vietnamese and English."""


@dataclass(frozen=True, slots=True)
class Dropping:
    """One file that somebody drops: whose folder, under which name, and how it is made."""

    unit: str
    name: str
    make: Callable[[Path], object]


@dataclass(frozen=True, slots=True)
class Scene:
    """What is dropped at one moment."""

    at: datetime
    drops: tuple[Dropping, ...]


class Demo:
    """The cast: two districts in full, some others with one file each.

    Raises CannotPlay where the process lacks a part, or there are too few districts.
    """

    def __init__(self, units: Units, process: Process) -> None:
        self.units, self.roles = units, Roles.of(process)
        every = [u.id for u in units.by_id.values() if len(_wards(units, u.id)) >= FEWEST_WARDS]
        if len(every) <= max(PLAYING):
            raise CannotPlay(f"cần hơn {max(PLAYING)} đơn vị có cấp dưới, ở đây có {len(every)}")
        self.first, self.second, *self.others = (every[n] for n in PLAYING)
        ours = _wards(units, self.first)[:5]
        self.carded = children(units, 10, round=ROUND, seed=1, wards=ours)
        self.by_district = {id_: self._children(id_) for id_ in (self.first, self.second)}

    def _children(self, district: str) -> list[InventedChild]:
        wards = _wards(self.units, district)[:5]
        return children(self.units, 25, round=ROUND, seed=_seed(district), wards=wards)

    def scenes(self) -> Iterator[Scene]:
        """Yield what happened before the last morning, in order of time."""
        everyone = [child for group in self.by_district.values() for child in group]
        treated = [*self.carded, *everyone]
        yield self._scene(
            5, 14, self._list(self.roles.costs, "Chi phi KCB Q1-2015.xlsx", "c79a", treated)
        )
        yield self._scene(
            5, 19,
            self._list(self.roles.finder, "mau 1 da co the.xlsx", "form-1", self.carded),
            self._list(self.roles.finder, "mau 2 chua co the.xlsx", "form-2", everyone),
        )  # fmt: skip
        yield self._scene(6, 12, self._ward_zip(_wards(self.units, self.first)[0]))

    def last_morning(self) -> Scene:
        """Return what lies in the folders when the daemon starts: good, bad and unfinished."""
        first, second, third = _wards(self.units, self.first)[1:4]
        return Scene(
            LAST_MORNING,
            (
                self._ward_form_4(first, "KQ quy 1.xlsx"),
                self._ward_zip(second),
                self._ward_form_4(third, "danh sach sua lai.xlsx", ("row.reason-missing",)),
                self._list(
                    self.first, "Bao cao mau 3 - Q1.xlsx", "form-3", self.by_district[self.first]
                ),
                self._list(
                    self.second, f"{self.units[self.second].name} - mẫu 3.xlsx", "form-3",
                    self.by_district[self.second],
                    ("row.birth-date-missing", "row.card-invalid", "row.address-elsewhere",
                     "form.total-wrong"),
                ),
                Dropping(self.others[0], "cong van kem theo.pdf", _scan),
                Dropping(self.others[1], "danh sach.exe", _program),
                Dropping(self.others[2], "mau 3 dang tai.xlsx", self._cut_off),
            ),
        )  # fmt: skip

    def _scene(self, month: int, day: int, *drops: Dropping) -> Scene:
        return Scene(datetime(2015, month, day, 9, 30, tzinfo=ZONE), drops)

    def _list(
        self,
        unit: str,
        name: str,
        form: str,
        group: Sequence[InventedChild],
        faults: Sequence[str] = (),
    ) -> Dropping:
        wanted = list_of(form, ROUND, self.units[unit], self.units, group)
        return Dropping(unit, name, lambda path: write_list(path, wanted, self.units, faults))

    def _of(self, ward: Unit) -> list[InventedChild]:
        return [child for child in self.by_district[ward.parent] if child.ward == ward.id]

    def _ward_form_4(self, ward: Unit, name: str, faults: Sequence[str] = ()) -> Dropping:
        return self._list(ward.id, name, "form-4", self._of(ward)[:3], faults)

    def _ward_zip(self, ward: Unit) -> Dropping:
        form_4 = self._ward_form_4(ward, "mau 4.xlsx")
        joining = self._list(ward.id, "D03-TS.xlsx", "d03-ts-1111", self._of(ward)[3:])

        def make(path: Path) -> None:
            with TemporaryDirectory() as folder, zipfile.ZipFile(path, "w") as packed:
                for one in (form_4, joining):
                    one.make(Path(folder) / one.name)
                    packed.write(Path(folder) / one.name, one.name)

        return Dropping(ward.id, "ho so GKS.zip", make)

    def _cut_off(self, path: Path) -> None:
        wanted = list_of(
            "form-3",
            ROUND,
            self.units[self.others[2]],
            self.units,
            self.by_district[self.first][:3],
        )
        write_list(path, wanted, self.units)
        path.write_bytes(path.read_bytes()[:4000])


def _program(path: Path) -> None:
    path.write_bytes(b"MZ" + bytes(900))


def _scan(path: Path) -> None:
    """A one-page PDF without a word on it."""
    path.write_bytes(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF\n"
    )


def drop(scene: Scene, routes: Routes, root: Path) -> None:
    """Put a scene's files into their folders as an FTP server would: whole, by one rename."""
    for one in scene.drops:
        folder = root / routes.drop_folder(routes.units[one.unit])
        target = folder / one.name
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=root) as making:
            made = Path(making) / target.name
            one.make(made)
            shutil.move(made, target)


def _seed(district: str) -> int:
    """A number of an office: what digits its id has."""
    return int("".join(filter(str.isdigit, district)) or 0)


def _wards(units: Units, district: str) -> list[Unit]:
    """The wards of a district as the shipped file has them: the story is told of these."""
    return [unit for unit in units.by_id.values() if unit.parent == district]
