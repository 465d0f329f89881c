"""Brothers and sisters of one birth: a row is never given to the one whom something speaks for less
than for another (all made up)."""

from __future__ import annotations

import pytest

from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.reconcile import reconcile
from tests.reconciling import a_child, back, paired

LAN = "Con bà Trần Thị Lan"


def test_one_of_triplets_is_never_taken_for_one_of_another_number_because_of_its_sex():
    first, second, third = (
        a_child(f"{LAN} 1", sex="nam"),
        a_child(f"{LAN} 2", sex="nu"),
        a_child(f"{LAN} 3", sex="nu"),
    )

    result = reconcile([second, third], [back(first, name="CB Lan 1", sex="nu")])
    crossed = reconcile([first, third], [back(second, name="CB Lan 2", sex="nam")])

    assert not result.pairs
    assert not crossed.pairs


@pytest.mark.parametrize("sexes", [("", "", ""), ("", "nu", "nam")])
@pytest.mark.parametrize("nameless", [LAN, "Trần Thị Lan"])
def test_a_named_child_does_not_come_back_in_the_row_of_its_nameless_sisters(
    nameless: str, sexes: tuple[str, str, str]
):
    """The row may be of either of two without a name, so it is not of the one that has a name."""
    sent = [
        a_child(name, sex=sex)
        for name, sex in zip((nameless, f"{nameless}.", "Lê Vy"), sexes, strict=True)
    ]

    result = reconcile(sent, [back(sent[0], name="Con bà Trần Thị Lan", parent="")])

    assert "Lê Vy" not in [pair.sent.name for pair in result.pairs]


@pytest.mark.parametrize("turned", [False, True])
def test_the_twin_whose_code_another_row_bears_leaves_the_row_without_a_code_to_the_other(
    turned: bool,
):
    """The reply kit names one of them, the form beside it has no codes."""
    one, other = a_child(LAN, code="M1"), a_child(LAN, code="M2")
    sent = [other, one] if turned else [one, other]
    came = [back(other, code=""), back(one, "carded-before", name="Lê Thúy")]

    result = reconcile(sent, came)

    assert {(p.sent.code, p.came.child.name) for p in result.pairs} == {
        ("M1", "Lê Thúy"),
        ("M2", LAN),
    }


def test_a_row_with_a_childs_very_name_and_birth_is_no_slip_in_its_brothers_name():
    """Gia An is listed under its father, and a third child of that name keeps it from being sure:
    then a person says who it is."""
    an = a_child("Lê Gia An", parent="Lê Văn Tám")
    anh = a_child("Lê Gia Anh")
    namesake = a_child("Lê Gia An", parent="Hồ Thị Thúy")
    sent = [an, anh, namesake]
    came = [back(an, parent="Trần Thị Lan"), back(namesake, birth="2014")]

    result = reconcile(sent, came)

    assert paired(result) == [("Lê Gia An", "Lê Gia An")]
    assert _of(result.missing) == ["Lê Gia An", "Lê Gia Anh"]


def _of(children: tuple[ListedChild, ...]) -> list[str]:
    return [child.name for child in children]
