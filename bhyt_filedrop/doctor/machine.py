"""Whether the machine gives what the daemon needs: lease, bells, disk, clock, secrets, tools."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bhyt_filedrop.doctor.checks import Check, bad, ok, warn
from bhyt_filedrop.domain.process.clocks import is_doubtful
from bhyt_filedrop.settings import TIME_ZONE, Settings, secret, variable
from bhyt_filedrop.site.drop_in import drop_in
from bhyt_filedrop.site.machine_clock import TIMESYNC, is_kept

CAP_LEASE = 28
"""linux/capability.h"""

LOW_DISK, NO_DISK = 2 * 2**30, 256 * 2**20
"""Bytes below which a disk is low, and below which nothing more can be taken safely."""

UNIT, DROP_IN = "bhyt-filedrop.service", "configured.conf"
"""The service's unit, and the drop-in that `bhyt-filedrop drop-in` makes for it."""

_UNITS = Path("/etc/systemd/system")
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
    places += [settings.archive.folder] if settings.archive.folder else []
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
    """What holds children's names, nobody else on the machine may read: the state, and what the
    configuration keeps elsewhere."""
    try:
        settings.state_dir.stat()
    except OSError:
        yield warn("state", f"Chưa có {settings.state_dir}.", "Chạy lệnh init để tạo.")
        return
    seen = [place for place in _private_places(settings) if _others_read(place)]
    for place in seen:
        yield bad(
            "state",
            f"Tài khoản khác trên máy đọc được {place}.",
            f"Chạy: chmod {'700' if place.is_dir() else '600'} {place}",
        )
    if not os.access(settings.state_dir, os.R_OK | os.W_OK | os.X_OK):
        yield bad(
            "state",
            f"Không ghi được vào {settings.state_dir}.",
            "Chạy bằng tài khoản của dịch vụ, hoặc cấp quyền cho tài khoản này.",
        )
    elif not seen:
        yield ok("state", f"Dữ liệu ở {settings.state_dir}, chỉ dịch vụ đọc được.")


def _private_places(settings: Settings) -> list[Path]:
    kept = [settings.mail.maildir] if settings.mail.kind == "maildir" else []
    if settings.ledger_url.startswith("sqlite:///"):
        kept.append(Path(settings.ledger_url.removeprefix("sqlite:///")))
    kept += [settings.archive.folder] if settings.archive.folder else []
    state = settings.state_dir
    return [state, *(place for place in kept if not place.is_relative_to(state))]


def _others_read(place: Path) -> bool:
    try:
        return bool(place.stat().st_mode & 0o007)
    except OSError:
        return False


def clock(
    now: datetime | None, synced: Path = TIMESYNC, last_event: datetime | None = None
) -> Iterator[Check]:
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
    elif last_event and is_doubtful(local, last_event, kept=is_kept(synced)):
        written = f"Việc cuối trong sổ: {last_event.astimezone(zone):%H:%M ngày %d/%m/%Y}."
        # No more than a warning: a site that is played (`--now`) is behind on purpose.
        yield warn(
            "clock",
            f"{said} {written} Dịch vụ ngừng xét tệp khi đồng hồ có vẻ sai như vậy.",
            "Chỉnh đồng hồ; nếu đồng hồ đúng: bhyt-filedrop trust-clock --why «lý do».",
        )
    elif synced.is_dir() and not (synced / "synchronized").exists():
        yield warn("clock", f"{said} Chưa đồng bộ.", "Bật đồng bộ giờ: timedatectl set-ntp true")
    else:
        yield ok("clock", said)


def secrets(settings: Settings, environ: Mapping[str, str]) -> Iterator[Check]:
    """Every secret that the configuration names must be there."""
    for name in settings.secret_names:
        if secret(name, environ or None) is None:
            yield bad(
                "secret",
                f"Chưa cấp bí mật {name}.",
                f"Đặt LoadCredential={name}:… trong dịch vụ, hoặc biến {variable(name)}.",
            )
        else:
            yield ok("secret", f"Đã có bí mật {name}.")


def unit(settings: Settings, folder: Path = _UNITS) -> Iterator[Check]:
    """Where the service is systemd's: its drop-in must open what the configuration needs."""
    if not (folder / UNIT).exists():
        return
    file = folder / f"{UNIT}.d" / DROP_IN
    wanted = _orders(drop_in(settings))
    try:
        found = _orders(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        found = []
    except OSError:
        return
    if found == wanted:
        yield ok("unit", "Dịch vụ systemd mở đúng những gì cấu hình cần.")
        return
    yield warn(
        "unit",
        f"Dịch vụ systemd chưa mở đúng những gì cấu hình cần ({file}).",
        f"Chạy: bhyt-filedrop drop-in | sudo tee {file}; sudo systemctl daemon-reload",
    )


def _orders(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


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
