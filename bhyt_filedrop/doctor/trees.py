"""Whether each tree answers, and whether its folders are there and can be written to."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

from bhyt_filedrop.doctor.checks import Check, bad, ok, some, warn
from bhyt_filedrop.domain.drops.lying import SAID, Lying
from bhyt_filedrop.domain.process.file_names import legible
from bhyt_filedrop.ports import NeverWorks, Sharing, Tree, TryLater
from bhyt_filedrop.settings import Settings, TreeSettings
from bhyt_filedrop.site import lay_out as site
from bhyt_filedrop.site.mastery import Master, is_ours, master_of
from bhyt_filedrop.site.strays import WHAT_OF_NOBODYS, folders_of_nobody, folders_of_those_gone

_THIS_MACHINE = frozenset({"", "localhost", "127.0.0.1", "::1"})


def examined(
    settings: Settings,
    tree: TreeSettings,
    open_tree: Callable[[TreeSettings], Tree],
    today: date,
    *,
    online: bool,
    sharing: Sharing | None = None,
) -> Iterator[Check]:
    """Yield what is to be said about one tree, on a day. Whose it is only the ledger knows where
    machines share one (`sharing`); where it does not answer, nothing is said of that."""
    yield from _files(tree)
    yield from in_the_clear(tree.host, tree.kind == "ftp", f"tree[{tree.id}]")
    if not tree.is_local and not online:
        yield ok(
            "tree", f"Cây {tree.id} ở {tree.kind}://{tree.host}; thêm --online để thử kết nối."
        )
        return
    wrong, master = _asked(tree, open_tree)
    if wrong:
        yield bad("tree", wrong, f"Sửa mục tree[{tree.id}] hoặc quyền của thư mục, máy chủ.")
    else:
        yield ok("tree", f"Cây {tree.id} đọc và ghi được.")
        if sharing or not settings.shares_ledger:
            yield _whose(settings, tree, master, sharing.site if sharing else "")
        if tree.is_local:
            yield from _folders(settings, tree, today)
            yield from _not_ours(settings, tree, today)


def lying(found: Sequence[Lying]) -> Iterator[Check]:
    """Name the files that lay in the trees at the daemon's last look and could not be taken."""
    for why, said in SAID.items():
        mine = [one.shown_path for one in found if one.why is why]
        if mine:
            yield warn(
                "lying",
                f"{len(mine)} tệp, thư mục {said}: {some(mine)}.",
                "Xem cả danh sách bằng status --json; hỏi đơn vị, hoặc sửa quyền, chỗ của tệp.",
            )


def in_the_clear(host: str, plain: bool, where: str) -> Iterator[Check]:
    """Warn of a way off this machine that carries children's data without encryption."""
    if plain and host not in _THIS_MACHINE:
        yield warn(
            "encryption",
            f"Dữ liệu của trẻ đi đến {host} không mã hóa.",
            f"Dùng đường có mã hóa (sftp, ftps; thư: starttls, implicit) ở mục {where}.",
        )


def _asked(
    tree: TreeSettings, open_tree: Callable[[TreeSettings], Tree]
) -> tuple[str | None, Master | None]:
    """What is wrong with a tree, and whose mark it bears."""
    try:
        opened = open_tree(tree)
        try:
            wrong = opened.check()
            return wrong, None if wrong else master_of(opened)
        finally:
            opened.close()
    except (TryLater, NeverWorks, OSError) as err:
        return f"Cây thư mục {tree.id}: {err}", None


def _whose(settings: Settings, tree: TreeSettings, master: Master | None, of_ledger: str) -> Check:
    if master is None:
        return ok("master", f"Cây {tree.id} chưa do nơi nào phục vụ; lần chạy đầu sẽ ghi dấu.")
    where = f"{legible(master.folder)} trên máy {legible(master.host)}"
    if is_ours(settings, master, of_ledger):
        return ok("master", f"Cây {tree.id} do nơi làm việc này phục vụ ({where}).")
    return bad(
        "master",
        f"Cây {tree.id} đang do nơi khác phục vụ: {where}; hai nơi cùng phục vụ thì chia nhau các "
        "tệp.",
        "Dừng nơi kia; nếu nơi đó đã bỏ hẳn, chạy: bhyt-filedrop run --once --take-over",
    )


def _files(tree: TreeSettings) -> Iterator[Check]:
    """The files that a connection needs must be there before it is tried."""
    for key in ("key_file", "known_hosts", "tls_ca"):
        path: Path | None = getattr(tree, key)
        if path is not None and not os.access(path, os.R_OK):
            yield bad(
                "tree",
                f"Cây {tree.id}: không đọc được {key} {path}.",
                f"Sửa tree[{tree.id}].{key}.",
            )
    if tree.key_file is not None and _seen_by_others(tree.key_file):
        yield bad(
            "tree", f"Khóa {tree.key_file} người khác đọc được.", f"Chạy: chmod 600 {tree.key_file}"
        )


def _seen_by_others(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & 0o077)
    except OSError:
        return False


def _not_ours(settings: Settings, tree: TreeSettings, today: date) -> Iterator[Check]:
    """Folders that belong to nobody, and those that belonged to somebody."""
    strange = folders_of_nobody(settings, tree)
    if strange:
        yield warn(
            "folders",
            f"Cây {tree.id} có {len(strange)} thư mục không thuộc đơn vị nào: {some(strange)}.",
            WHAT_OF_NOBODYS,
        )
    old = folders_of_those_gone(settings, tree, today)
    if old:
        yield ok(
            "folders",
            f"Cây {tree.id} còn {len(old)} thư mục của đơn vị không còn: {some(old)}. Tệp nộp vào "
            "đó được nhận cho đơn vị kế thừa, hoặc trả lại nếu không rõ là đơn vị nào.",
        )


def _folders(settings: Settings, tree: TreeSettings, today: date) -> Iterator[Check]:
    root = Path(tree.root)
    wanted = [folder for folder, _ in site.folders_of(settings, tree.id, today)]
    found = {folder: site.as_spelled(root, folder) for folder in wanted}
    missing = [folder for folder, path in found.items() if path is None]
    closed = [f for f, path in found.items() if path is not None and not _open_to_us(path)]
    if missing:
        yield warn(
            "folders",
            f"Cây {tree.id} thiếu {len(missing)} thư mục: {some(missing)}.",
            "Chạy lại lệnh init để tạo thêm; những gì đã có được giữ nguyên.",
        )
    if closed:
        yield bad(
            "folders",
            f"Cây {tree.id}: dịch vụ không ghi được vào {len(closed)} thư mục: {some(closed)}.",
            "Cấp quyền đọc, ghi và vào thư mục cho tài khoản của dịch vụ.",
        )
    yield from _accounts(settings)
    if not missing and not closed:
        yield ok("folders", f"Cây {tree.id}: đủ {len(wanted)} thư mục, ghi được cả.")


def _accounts(settings: Settings) -> Iterator[Check]:
    """Whom deliveries are to belong to, this machine must know."""
    names = dict.fromkeys(owner for owner, _ in site.accounts_of(settings))
    unknown = [name for name in names if not name.isdigit() and not _is_known(name)]
    if unknown:
        yield bad(
            "accounts",
            f"Máy này không có {len(unknown)} tài khoản ghi ở access.owner: {some(unknown)}.",
            "Tạo các tài khoản này (units accounts cho biết tên và thư mục) rồi chạy lại init.",
        )


def _is_known(account: str) -> bool:
    try:
        pwd.getpwnam(account)
    except KeyError:
        return False
    return True


def _open_to_us(path: Path) -> bool:
    return os.access(path, os.R_OK | os.W_OK | os.X_OK, effective_ids=True)
