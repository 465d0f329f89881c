"""What holds of every reconciliation, whatever clerks do to the lists."""

from __future__ import annotations

import random
import time
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.domain.forms.spec import Category
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.reconcile import Came, balance, came_of, findings, reconcile
from tests.reconciling import a_child, is_kept

FEW = settings(max_examples=80, deadline=None)

FAMILIES = ["Nguyễn", "Trần", "Lê", "Võ"]
GIVEN = ["Hòa", "Thúy", "Khang", "An", "Anh", "Bảo Ngọc", "Minh Châu", "Đức Long"]
MOTHERS = ["Trần Thị Lan", "Lý Thị Nga", "Hồ Thị Thúy", ""]
LISTS: list[Category] = ["carded-before", "carded-now", "uncarded"]

names = st.builds(lambda f, g: f"{f} {g}", st.sampled_from(FAMILIES), st.sampled_from(GIVEN))
placeholders = st.sampled_from(
    ["Con bà Trần Thị Lan", "CB Lý Thị Nga 1", "CB Lý Thị Nga 2", "BÉ TRAI", "Trần Thị Lan"]
)
births = st.sampled_from(["2014-03-05", "2014-05-03", "2013-11-20", "2014", "2014-03", ""])
children = st.builds(
    a_child,
    st.one_of(names, placeholders, st.just("")),
    births,
    st.sampled_from(MOTHERS),
    code=st.sampled_from(["", "", "M1", "M2", "M3"]),
    sex=st.sampled_from(["", "nam", "nu"]),
    address=st.sampled_from(["", "12 Nguyễn Trãi, P. Bến Thành"]),
)
rows = st.builds(Came, children, st.sampled_from(LISTS))


@FEW
@given(st.lists(children, max_size=8), st.lists(rows, max_size=8))
def test_every_child_and_every_row_is_in_exactly_one_place(
    sent: list[ListedChild], came: list[Came]
):
    """Namesakes, twins, blanks and stray codes on purpose: nothing is lost, doubled or invented."""
    result = reconcile(sent, came)

    assert is_kept(result, sent, came)
    assert balance(sent, result).difference == 0
    assert {id(u.sent) for u in result.uncertain} <= set(map(id, result.missing))
    assert {id(u.came) for u in result.uncertain} <= set(map(id, result.unknown))
    assert len({id(u.came) for u in result.uncertain}) == len(result.uncertain)


@FEW
@given(st.lists(children, max_size=8), st.lists(rows, max_size=8))
def test_the_same_lists_always_give_the_same_words(sent: list[ListedChild], came: list[Came]):
    told = findings(reconcile(sent, came))

    assert told == findings(reconcile(list(sent), list(came)))
    assert all(one.message.strip() and one.remedy.strip() for one in told)
    assert all(one.cell for one in told if one.code != "list.child-missing")


# --- children whose names are distinct -------------------------------------------------------


def a_ward(seed: int, size: int) -> list[ListedChild]:
    """Children of whom no two share a name, even without diacritics."""
    rng = random.Random(seed)
    found: dict[str, ListedChild] = {}
    while len(found) < size:
        middle = rng.choice(["Gia", "Minh", "Ngọc", "Thiên", "Hoàng", "Phương"])
        name = f"{rng.choice(FAMILIES)} {middle} {rng.choice(GIVEN)} {rng.choice('ABCDEG')}inh"
        birth = f"201{rng.randint(0, 4)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        mother = f"{rng.choice(FAMILIES)} Thị {rng.choice(['Lan', 'Nga', 'Thúy', 'Hòa', 'Yến'])}"
        code = f"M{len(found):03}"
        found.setdefault(fold(name), a_child(name, birth, mother, code=code, address=code))
    return list(found.values())


def respelt(child: ListedChild, rng: random.Random) -> ListedChild:
    """The child as another clerk types it: every change here leaves the same child."""
    name = rng.choice([str, str.upper, str.lower, str.title])(child.name)
    name = name.replace("òa", "oà").replace("úy", "uý") if rng.random() < 0.5 else name
    return replace(
        child,
        name=name,
        code=child.code if rng.random() < 0.3 else "",
        parent=child.parent.upper() if rng.random() < 0.7 else "",
    )


@FEW
@given(st.integers(0, 10**6), st.integers(1, 25))
def test_children_with_distinct_names_all_come_home_to_themselves(seed: int, size: int):
    sent, rng = a_ward(seed, size), random.Random(seed)
    came = came_of(respelt(child, rng) for child in rng.sample(sent, size))

    result = reconcile(sent, came)

    assert result.is_whole
    assert all(pair.sent.address == pair.came.child.address for pair in result.pairs)
    assert not [f for f in findings(result) if f.severity == "blocks"]


@FEW
@given(st.integers(0, 10**6), st.integers(2, 20), st.data())
def test_who_is_left_out_is_named_and_nobody_takes_its_place(
    seed: int, size: int, data: st.DataObject
):
    sent, rng = a_ward(seed, size), random.Random(seed)
    left_out = data.draw(st.sets(st.integers(0, size - 1), max_size=size))
    came = came_of(respelt(c, rng) for n, c in enumerate(sent) if n not in left_out)

    result = reconcile(sent, came)

    assert {c.address for c in result.missing} == {sent[n].address for n in left_out}
    assert not result.unknown
    told = [f.value for f in findings(result) if f.code == "list.child-missing"]
    assert sorted(told, key=str) == sorted(sent[n].name for n in left_out)


@FEW
@given(st.integers(0, 10**6), st.integers(2, 15), st.integers(1, 3), st.integers(0, 3))
def test_repeats_and_strangers_never_disturb_the_others(
    seed: int, size: int, repeated: int, strangers: int
):
    everybody, rng = a_ward(seed, size + strangers), random.Random(seed)
    sent, others = everybody[:size], [replace(c, code="") for c in everybody[size:]]
    twice = rng.sample(sent, min(repeated, size))
    rows = [*sent, *others, *(respelt(child, rng) for child in twice)]
    rng.shuffle(rows)

    result = reconcile(sent, came_of(rows))

    assert all(pair.sent.address == pair.came.child.address for pair in result.pairs)
    assert sorted(d.sent.address for d in result.doubled) == sorted(c.address for c in twice)
    assert sorted(u.child.address for u in result.unknown) == sorted(c.address for c in others)
    assert not result.missing


@FEW
@given(st.integers(0, 10**6), st.integers(2, 15))
def test_newborns_of_different_mothers_are_found_under_their_names(seed: int, size: int):
    named = [replace(c, parent=f"{c.parent} {n}") for n, c in enumerate(a_ward(seed, size))]
    sent = [replace(c, name=f"Con bà {c.parent[:-2].strip()}", code="") for c in named]

    result = reconcile(sent, came_of(replace(c, code="") for c in named))

    assert result.is_whole
    assert all(pair.sent.address == pair.came.child.address for pair in result.pairs)


# --- twins -----------------------------------------------------------------------------------


@FEW
@given(
    st.sampled_from([("nam", "nu"), ("nam", "nam"), ("", "")]),
    st.tuples(st.sampled_from(LISTS), st.sampled_from(LISTS)),
    st.booleans(),
    st.booleans(),
)
def test_twins_are_never_paired_crosswise(
    sexes: tuple[str, str], lists: tuple[Category, Category], reverse: bool, with_codes: bool
):
    """A cross shows as a child counted in the list of its twin."""
    sent = [a_child(f"CB Lan {n}", sex=sex, code=f"T{n}") for n, sex in enumerate(sexes, start=1)]
    named = ["Lê Gia Bảo", "Lê Ngọc Vy"]
    came = [
        Came(replace(c, name=n, code=c.code if with_codes else "", note=c.code), kind)
        for c, n, kind in zip(sent, named, lists, strict=True)
    ]
    came = came[::-1] if reverse else came

    result = reconcile(sent, came)

    true_list = {child.code: kind for child, kind in zip(sent, lists, strict=True)}
    assert all(pair.came.category == true_list[pair.sent.code] for pair in result.pairs)
    told_apart = with_codes or sexes == ("nam", "nu") or lists[0] == lists[1]
    assert len(result.pairs) == (2 if told_apart else 0)


# --- size ------------------------------------------------------------------------------------


def test_a_citys_children_are_matched_without_codes_in_no_time():
    """Ten thousand in well under a second; comparing each with each would take minutes."""
    rng = random.Random(7)
    sent = [
        a_child(
            f"{rng.choice(FAMILIES)} {n % 97} {n} {rng.choice(GIVEN)}",
            f"201{n % 5}-{n % 12 + 1:02}-{n % 28 + 1:02}",
            f"Trần Thị {n}",
        )
        for n in range(10_000)
    ]
    came = came_of(rng.sample(sent, len(sent)))
    started = time.process_time()

    assert reconcile(sent, came).is_whole
    assert time.process_time() - started < 30
