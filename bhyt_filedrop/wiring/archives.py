"""The archive that the settings name: a folder of this machine, a shared one, or a store."""

from __future__ import annotations

from bhyt_filedrop.edges.archive.asking import StoreAccess, open_store
from bhyt_filedrop.edges.archive.copying import copy_archive as copy_archive
from bhyt_filedrop.edges.archive.folder import FolderArchive as FolderArchive
from bhyt_filedrop.edges.archive.near import JudgesArchive
from bhyt_filedrop.edges.archive.store import StoreArchive as StoreArchive
from bhyt_filedrop.language import say
from bhyt_filedrop.ports import NeverWorks
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.wiring.secrets import password


def archive_of(settings: Settings, whose: str = "") -> FolderArchive | StoreArchive:
    """Return the archive; nothing is asked of it yet. `whose` names one of several processes that
    share it.

    Raises NeverWorks where the library of a store or its secret is missing.
    """
    named = settings.archive
    if named.is_store:
        access = StoreAccess(
            named.url, named.endpoint, named.region, named.access_key, named.ca_file,
            named.timeout_seconds,
        )  # fmt: skip
        try:
            store = open_store(access, password(named.credential))
        except ImportError as error:
            raise NeverWorks(_without_obstore()) from error
        return StoreArchive(store, settings.archive_dir, whose)
    return _folder(settings, whose)


def judges_archive_of(settings: Settings) -> FolderArchive:
    """Return what a judging process, which holds no secret, has of the archive."""
    if settings.archive.is_store:
        return JudgesArchive(settings.archive_dir)
    return _folder(settings)


def _folder(settings: Settings, whose: str = "") -> FolderArchive:
    shared = settings.archive.folder
    if shared is None:
        return FolderArchive(settings.archive_dir, whose)
    return FolderArchive(shared, whose, workspace=settings.archive_dir / "incoming" / whose)


def _without_obstore() -> str:
    return say(
        "Kho lưu s3:// cần thêm thư viện: pip install 'bhyt-filedrop[s3]' (hoặc "
        "-r requirements-s3.txt).",
        "An archive in an S3 store needs one more library: pip install 'bhyt-filedrop[s3]' (or -r "
        "requirements-s3.txt).",
    )


def archive_trouble(settings: Settings) -> str | None:
    """Say in one line why the store cannot be used as an archive, None where it can; a small object
    is put and taken away again."""
    archive = archive_of(settings)
    return archive.check() if isinstance(archive, StoreArchive) else None
