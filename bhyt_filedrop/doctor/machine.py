"""Whether the machine gives what the daemon needs: lease, bells, disk, clock, secrets, tools."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bhyt_filedrop.doctor.checks import Check, bad, ok, warn
from bhyt_filedrop.settings import TIME_ZONE, Settings, secret, variable

CAP_LEASE = 28
"""linux/capability.h"""

LOW_DISK, NO_DISK = 2 * 2**30, 256 * 2**20
"""Bytes below which a disk is low, and below which nothing more can be taken safely."""

_SYNCED = Path("/run/systemd/timesync")
_STATUS = Path("/proc/self/status")
_WATCHES = Path("/proc/sys/fs/inotify/max_user_watches")


def lease(settings: Settings) -> Iterator[Check]:
    """Without CAP_LEASE another account's file cannot be asked whether somebody writes it."""
    if not any(tree.is_local for tree in settings.trees):
        return
    if has_capability(CAP_LEASE):
        yield ok("lease", "Biết chắc khi nào một tệp không còn ai ghi (CAP_LEASE).")
        return
    seconds = settings.sweep.quiet_seconds_without_lease
    yield warn(
        "lease",
        f"Không có quyền CAP_LEASE: tệp của tài khoản khác phải yên {seconds:g} giây mới nhận.",
        "Chạy bằng dịch vụ systemd kèm theo, nơi quyền này được cấp.",
    )


def has_capability(number: int, status: Path = _STATUS) -> bool:
    """Tell whether this process has a Linux capability in effect."""
    try:
        text = status.read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    effective = next(
        (line for line in text.splitlines() if line.startswith("CapEff:")), "CapEff: 0"
    )
    return bool(int(effective.split()[1], 16) >> number & 1)


def bells(settings: Settings, limit: Path = _WATCHES) -> Iterator[Check]:
    """Each watched folder costs one inotify watch; a shortage only makes arrivals slower."""
    if not settings.sweep.watch or not any(tree.is_local for tree in settings.trees):
        return
    needed = 4 * len(settings.units.by_id)
    try:
        allowed = int(limit.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return
    if allowed < 2 * needed:
        yield warn(
            "watch",
            f"Hệ thống chỉ cho theo dõi {allowed} thư mục, cần chừng {needed}.",
            f"Đặt fs.inotify.max_user_watches = {max(8192, 4 * needed)} trong /etc/sysctl.d.",
        )


def disk(settings: Settings) -> Iterator[Check]:
    """Look at the free space of the state and of each local tree."""
    places = [settings.state_dir, *(Path(t.root) for t in settings.trees if t.is_local)]
    for place in dict.fromkeys(map(_existing, places)):
        yield _room(place, shutil.disk_usage(place).free)


def _existing(path: Path) -> Path:
    return next(place for place in (path, *path.parents) if place.exists())


def _room(place: Path, free: int) -> Check:
    said = f"Còn {free / 2**30:.1f} GiB trống ở {place}."
    if free < NO_DISK:
        return bad("disk", said, "Dọn đĩa ngay: tệp nộp sẽ phải chờ cho đến khi có chỗ.")
    if free < LOW_DISK:
        return warn("disk", said, "Dọn bớt đĩa hoặc mở rộng.")
    return ok("disk", said)


def private(settings: Settings) -> Iterator[Check]:
    """The state holds children's names: nobody else on the machine may read it."""
    try:
        mode = settings.state_dir.stat().st_mode
    except OSError:
        yield warn("state", f"Chưa có {settings.state_dir}.", "Chạy lệnh init để tạo.")
        return
    if mode & 0o007:
        yield bad(
            "state",
            f"Tài khoản khác trên máy đọc được {settings.state_dir}.",
            f"Chạy: chmod 700 {settings.state_dir}",
        )
    elif not os.access(settings.state_dir, os.R_OK | os.W_OK | os.X_OK):
        yield bad(
            "state",
            f"Không ghi được vào {settings.state_dir}.",
            "Chạy bằng tài khoản của dịch vụ, hoặc cấp quyền cho tài khoản này.",
        )
    else:
        yield ok("state", f"Dữ liệu ở {settings.state_dir}, chỉ dịch vụ đọc được.")


def clock(now: datetime | None, synced: Path = _SYNCED) -> Iterator[Check]:
    """Due dates are judged by this machine's clock on the city's time."""
    try:
        zone = ZoneInfo(TIME_ZONE)
    except ZoneInfoNotFoundError:
        yield bad("clock", f"Không có múi giờ {TIME_ZONE}.", "Cài gói tzdata.")
        return
    local = (now or datetime.now(tz=zone)).astimezone(zone)
    said = f"Giờ Việt Nam theo máy này: {local:%H:%M ngày %d/%m/%Y}."
    if local.year < 2024:
        yield bad("clock", said, "Đồng hồ sai: chỉnh lại và bật đồng bộ giờ (NTP).")
    elif synced.is_dir() and not (synced / "synchronized").exists():
        yield warn("clock", f"{said} Chưa đồng bộ.", "Bật đồng bộ giờ: timedatectl set-ntp true")
    else:
        yield ok("clock", said)


def secrets(settings: Settings, environ: Mapping[str, str]) -> Iterator[Check]:
    """Every secret that the configuration names must be there."""
    for name in _named(settings):
        if secret(name, environ or None) is None:
            yield bad(
                "secret",
                f"Chưa cấp bí mật {name}.",
                f"Đặt LoadCredential={name}:… trong dịch vụ, hoặc biến {variable(name)}.",
            )
        else:
            yield ok("secret", f"Đã có bí mật {name}.")


def _named(settings: Settings) -> list[str]:
    names = [name for t in settings.trees for name in (t.credential, t.key_credential)]
    names += [settings.mail.credential, settings.mail.bounces.credential]
    return [name for name in dict.fromkeys(names) if name]


def tools() -> Iterator[Check]:
    """Zip is opened by Python itself; rar and 7z need the machine's libarchive."""
    try:
        import libarchive  # noqa: F401
    except (ImportError, OSError, AttributeError, TypeError):
        yield warn(
            "archives",
            "Chưa mở được tệp nén rar, 7z; người nộp sẽ được đề nghị gửi zip.",
            "Cài thư viện libarchive (Debian: libarchive13).",
        )
    else:
        yield ok("archives", "Mở được tệp nén zip, rar, 7z.")
