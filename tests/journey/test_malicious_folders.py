"""What somebody with an account may put into a folder of its own leads nobody elsewhere."""

from __future__ import annotations

import os
import random
import socket
import tempfile
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from time import sleep as pause

import pytest

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.site.mastery import MARK
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, OTHER_DISTRICT, Site

SECRET = b"%PDF-1.4 a matter of nobody else %%EOF\n"


@pytest.fixture
def secret(site: Site) -> Path:
    """A file of this machine that the service may read and no office."""
    found = site.directory / "secret.pdf"
    found.write_bytes(SECRET)
    return found


def everywhere(site: Site) -> list[bytes]:
    """All that lies in the tree, the archive and the mails; a link shows what it points to."""
    folders = (site.root, site.directory / "state" / "archive", site.directory / "state" / "mail")
    files = (path for folder in folders for path in folder.rglob("*"))
    return [path.read_bytes() for path in files if path.is_file() and not path.is_symlink()]


def test_pipes_sockets_and_devices_hold_up_nobody_and_are_not_opened(site: Site):
    folder = site.folder(DISTRICT)
    os.mkfifo(folder / "ống.xlsx")
    with tempfile.TemporaryDirectory(dir="/tmp") as near, socket.socket(socket.AF_UNIX) as heard:
        short = Path(near) / "f"  # a socket's path has a hundred letters at most
        short.symlink_to(folder)
        heard.bind(str(short / "ổ cắm.xlsx"))
    with suppress(PermissionError):
        os.mknod(folder / "thiết bị.xlsx", 0o20666, os.makedev(1, 5))  # zeros without end
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()

    assert site.states() == {"mẫu 3.xlsx": State.ACCEPTED}
    assert len([path for path in folder.iterdir() if path.suffix == ".xlsx"]) >= 2, "they stay"


def test_a_file_that_is_exchanged_for_a_link_all_the_time_never_leads_to_what_it_points_to(
    site: Site, secret: Path
):
    """Between each two of our looks it may be another thing."""
    folder, stop = site.folder(DISTRICT), Event()
    path, link, file = folder / "công văn.pdf", folder / ".link", folder / ".file"

    def exchange() -> None:
        n, chance = 0, random.Random(1)
        while not stop.is_set():
            n += 1
            pause(chance.random() / 50)
            with suppress(OSError):
                link.symlink_to(secret)
                link.replace(path)
                file.write_bytes(b"%%PDF-1.4 %d %%%%EOF\n" % n)
                file.replace(path)

    exchanging = Thread(target=exchange)
    exchanging.start()
    try:
        for _ in range(20):
            site.once()
    finally:
        stop.set()
        exchanging.join()

    assert site.drops(), "the race was won often enough to be one"
    assert SECRET not in everywhere(site)
    assert secret.read_bytes() == SECRET


def test_a_folder_that_is_exchanged_for_a_link_leads_to_no_other_offices_folder(
    site: Site, secret: Path
):
    mine, theirs = site.folder(DISTRICT), site.folder(OTHER_DISTRICT)
    (theirs / "của họ.pdf").write_bytes(SECRET)
    (mine / "thư mục").symlink_to(theirs)
    (mine / "trên").symlink_to("..")
    site.once()

    assert {drop.unit for drop in site.drops()} == {OTHER_DISTRICT}


NAMES = (
    "a\\..\\..\\leo thang.pdf", "xuống\ndòng.pdf", "-rf.pdf", "$(calc).pdf", "a;b|c&d.pdf",
    "\u202efdp.slx", "%2e%2e%2fa.pdf", "CON.pdf", "a" * 230 + ".pdf", "=1+1.pdf",
)  # fmt: skip
UNWANTED = frozenset('\\:*?|<>"')


def test_no_name_leads_out_of_a_folder_or_breaks_a_letter(site: Site):
    before = set(site.root.rglob("*"))
    for n, name in enumerate(NAMES):
        site.drop(DISTRICT, name, SECRET + b"%d" % n)
    site.once()

    assert len(site.drops()) == len(NAMES)
    assert State.SET_ASIDE not in site.states().values()
    new = {path for path in set(site.root.rglob("*")) - before if path.is_file()}
    base, mark = site.folder(DISTRICT).parent, site.root / MARK
    assert len(new - {mark}) >= len(NAMES), "the originals at least"
    for path in new - {mark}:
        assert path.is_relative_to(base)
        assert path.name.isprintable() and not UNWANTED & set(path.name)
        assert len(path.name.encode()) <= 255
    for mail in site.mails():
        assert "\n" not in str(mail["Subject"])
        assert [key for key in mail if key.lower() == "to"] == ["To"]
