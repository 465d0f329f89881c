"""Which names are no drops, and how a long Vietnamese name is made to fit."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.process.file_names import is_clutter
from bhyt_filedrop.edges.trees.names import (
    byte_length,
    fit_name,
    folder_mode,
    nfc,
    partial_name,
    split,
)
from bhyt_filedrop.ports import NeverWorks

IGNORED = (
    "~$Danh sách.xlsx",
    ".~lock.Danh sách.xlsx#",
    ".in.a.xlsx.",
    ".sftpgo-upload.c0ffee.a.xlsx",
    "a.xlsx.partial",
    "a.xlsx.filepart",
    "a.xlsx.part",
    "a.TMP",
    "a.xlsx.crdownload",
    ".DS_Store",
    "._a.xlsx",
    "Thumbs.db",
    "THUMBS.DB",
    "desktop.ini",
    "~WRL0001.tmp",
    "Danh sách.xlsx:Zone.Identifier",
    "Danh sách.xlsx@SynoEAStream",
    "Quận 1/@eaDir/Danh sách.xlsx/SYNOINDEX_MEDIA_INFO",
    "Quận 1/.@__thumb/s100Danh sách.xlsx",
    "Quận 1/#recycle/Danh sách.xlsx",
    "#snapshot/Quận 1/Danh sách.xlsx",
    "$RECYCLE.BIN/Danh sách.xlsx",
    "__MACOSX/Danh sách.xlsx",
)
TAKEN = (
    "Danh sách.xlsx",
    "~a.xls",
    "$a.xls",
    "part.xlsx",
    "a.part.xlsx",
    "Thumbs.db.xls",
    "tmp",
    "a",
    "Quận 1/recycle/Danh sách.xlsx",
    "eaDir/Danh sách.xlsx",
)


@pytest.mark.parametrize("name", IGNORED)
def test_temporary_hidden_and_lock_names_are_no_drops(name: str):
    assert is_clutter(name)


@pytest.mark.parametrize("name", TAKEN)
def test_a_clerk_s_own_name_is_a_drop(name: str):
    assert not is_clutter(name)


def test_a_long_vietnamese_name_is_cut_between_letters():
    name = fit_name("Danh sách trẻ em " + "ế" * 100, ".xlsx")

    assert byte_length(name) <= 255
    assert name.startswith("Danh sách trẻ em ế")
    assert name.endswith("ế.xlsx")


def test_a_letter_keeps_its_tone_mark_or_goes_whole():
    stem = unicodedata.normalize("NFD", "ế")

    assert fit_name(stem, "", limit=4) == ""
    assert fit_name(stem, "", limit=5) == stem


def test_a_suffix_too_long_for_any_name_is_told():
    with pytest.raises(ValueError, match="suffix"):
        fit_name("a", "x" * 300)


@settings(max_examples=100)
@given(st.text(), st.text(max_size=10), st.integers(min_value=40, max_value=255))
def test_a_fitted_name_fits_and_keeps_beginning_and_end(stem: str, suffix: str, limit: int):
    stem, suffix = (t.encode("utf-8", "ignore").decode() for t in (stem, suffix))

    name = fit_name(stem, suffix, limit)

    assert byte_length(name) <= limit
    assert name.endswith(suffix)
    assert stem.startswith(name.removesuffix(suffix))
    if byte_length(stem + suffix) <= limit:
        assert name == stem + suffix


@settings(max_examples=100)
@given(st.text(min_size=1, max_size=300))
def test_the_name_of_a_growing_file_fits_and_is_nobody_s_drop(name: str):
    name = name.encode("utf-8", "ignore").decode() or "a"

    partial = partial_name(name)

    assert byte_length(partial) <= 255
    assert is_clutter(partial)
    assert partial == partial_name(name)


def test_two_long_names_that_differ_at_the_end_do_not_share_a_growing_file():
    assert partial_name("x" * 254 + "1") != partial_name("x" * 254 + "2")


def test_a_name_is_compared_in_its_composed_spelling():
    assert nfc(unicodedata.normalize("NFD", "Quận")) == nfc("Quận") == "Quận"


@pytest.mark.parametrize("path", ["/a", "a/", "a//b", "../a", "a/..", "./a", "a\0"])
def test_a_path_that_leaves_the_tree_or_means_nothing_never_works(path: str):
    with pytest.raises(NeverWorks):
        split(path)


@pytest.mark.parametrize(("files", "folder"), [(0o640, 0o750), (0o644, 0o755), (0o2660, 0o2770)])
def test_who_may_read_the_files_may_enter_the_folder(files: int, folder: int):
    assert folder_mode(files) == folder
