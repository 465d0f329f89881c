"""What one checked drop earns: tables of the business, and what holds whatever comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.drops.decide import decide
from bhyt_filedrop.domain.drops.drop import Delivery, Drop, Plan, Role
from bhyt_filedrop.domain.drops.facts import Facts, FilePart, Judged, ScanRoute
from bhyt_filedrop.domain.drops.letters import infected_letters
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import INFECTED, Finding, Severity, finding
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.handoffs import Due, FileAccess, FolderRule
from tests.offices import ROUND, UNITS, a_process, handoff, moment

FOLDERS = {
    kind: FolderRule(
        kind=kind,
        drop=f"{kind}/{{unit}}",
        inbox=f"{kind}/{{unit}}/Đến/{{round}}",
        received=f"{kind}/{{unit}}/Đã nhận/{{round}}",
        returned=f"{kind}/{{unit}}/Trả lại",
        access=FileAccess(mode=0o640),
    )
    for kind in ("city", "district", "ward")
}
DISTRICT_RETURN = handoff("district-return", "district", "thu", Due(3, 25, before=True))
WARD_RETURN = handoff("ward-return", "ward", "parent", Due(3, 15), parts=(("form-4",), ("d03-ts",)))
APPROVED = replace(DISTRICT_RETURN, id="approved", release="approve")
PROCESS = replace(a_process(DISTRICT_RETURN, WARD_RETURN, APPROVED), folders=FOLDERS)
ROUTES = Routes.of(PROCESS, UNITS, {"form-3": "Mẫu 3", "form-4": "Mẫu 4", "d03-ts": "D03-TS"})
DISTRICT, WARD, THU = UNITS["760"], UNITS["26740"], UNITS["thu"]
ARRIVED = moment(6, 12)
SHA = "5" * 64


def a_drop(**changed: Any) -> Drop:
    drop = Drop(
        "D150612-AAAAAA", "main", "district/Quận 1/mẫu 3.xlsx", "760", 9, 1.0, ".work/D1", ARRIVED,
        sha256=SHA,
    )  # fmt: skip
    return replace(drop, **changed)


def form_3(**changed: Any) -> Judged:
    one = Judged("mẫu 3.xlsx", SHA, "form-3", "Mẫu 3", 8, DISTRICT_RETURN, DISTRICT, THU, ROUND, 0)
    return replace(one, **changed)


def ward_part(part: int, **changed: Any) -> Judged:
    form = ("form-4", "d03-ts")[part]
    one = Judged(
        f"{form}.xlsx", SHA, form, ROUTES.label(form), 3, WARD_RETURN, WARD, DISTRICT, ROUND, part
    )
    return replace(one, **changed)


def facts(
    *judged: Judged, findings: Sequence[Finding] = (), drop: Drop | None = None, **more: Any
) -> Facts:
    parts = tuple({one.file: FilePart(one.file, one.sha256, "xlsx") for one in judged}.values())
    given = {"parts": parts or (FilePart("mẫu 3.xlsx", SHA, "xlsx"),), **more}
    owner = judged[0].sender if judged else DISTRICT
    return Facts(
        drop or a_drop(), owner, judged=judged, findings=tuple(findings),
        access=FileAccess(mode=0o640), **given,
    )  # fmt: skip


def earlier(judged: Judged, state: str = "accepted", **changed: Any) -> ListRecord:
    """A list of the same key that another drop brought yesterday."""
    record = ListRecord(
        "D150611-BBBBBB", 0, judged.key, judged.form, 3, "6" * 64, state, 1,
        ARRIVED - timedelta(days=1), file="cũ.xlsx",
    )  # fmt: skip
    return replace(record, **changed)


def a_finding(severity: Severity, file: str = "") -> Finding:
    return replace(finding("row.card-invalid", "Sai.", "Sửa.", file=file), severity=severity)


def put(plan: Plan, role: Role) -> list[str]:
    return [d.path for d in plan.deliveries if d.role is role]


def letters(plan: Plan) -> list[tuple[str, str]]:
    return [(letter.kind, letter.unit) for letter in plan.letters]


# --- accepted or returned ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("severities", "state", "roles"),
    [
        ([], State.ACCEPTED, [Role.FORWARD, Role.ORIGINAL]),
        ([Severity.NOTES], State.ACCEPTED, [Role.FORWARD, Role.ORIGINAL]),
        ([Severity.WARNS], State.ACCEPTED, [Role.FORWARD, Role.ORIGINAL]),
        ([Severity.WARNS, Severity.BLOCKS], State.RETURNED, [Role.ANNOTATED]),
    ],
)
def test_one_blocking_finding_keeps_the_file_from_every_receiver(
    severities: list[Severity], state: State, roles: list[Role]
):
    plan = decide(facts(form_3(), findings=[a_finding(s) for s in severities]), ROUTES)

    assert plan.state is state
    assert [d.role for d in plan.deliveries] == roles


def test_an_accepted_list_goes_on_under_a_telling_name_and_its_original_is_put_away():
    plan = decide(facts(form_3()), ROUTES)

    assert [(d.role, d.unit, d.path) for d in plan.deliveries] == [
        (Role.FORWARD, "thu",
         "city/Phòng Thu/Đến/Quý 1-2015/Quận 1 - Quý 1-2015 - Mẫu 3 - D150612-AAAAAA.xlsx"),
        (Role.ORIGINAL, "760", "district/Quận 1/Đã nhận/Quý 1-2015/mẫu 3 - D150612-AAAAAA.xlsx"),
    ]  # fmt: skip
    assert letters(plan) == [("receipt", "760"), ("delivered", "thu")]
    assert [(r.state, r.version) for r in plan.lists] == [("accepted", 1)]


def test_delivered_files_get_the_rights_that_the_folder_s_rule_names():
    plan = decide(facts(form_3()), ROUTES)

    assert {d.access for d in plan.deliveries} == {FileAccess(mode=0o640)}


def test_a_returned_workbook_comes_back_marked_and_its_letter_says_where():
    plan = decide(facts(form_3(), findings=[a_finding(Severity.BLOCKS)]), ROUTES)

    (copy,) = plan.deliveries
    assert copy.path == "district/Quận 1/Trả lại/mẫu 3 - CẦN SỬA - D150612-AAAAAA.xlsx"
    assert (copy.source, copy.sha256) == (SHA, None)
    (letter,) = plan.letters
    assert letter.context["folder"] == "district/Quận 1/Trả lại"
    assert letter.context["annotated_name"] == "mẫu 3 - CẦN SỬA - D150612-AAAAAA.xlsx"
    assert [r.state for r in plan.lists] == ["returned"]


def test_a_file_whose_cells_nobody_can_read_comes_back_itself_too():
    part = FilePart("danh sách.exe", SHA, "", readable=False)
    drop = a_drop(path="district/Quận 1/danh sách.exe")
    plan = decide(facts(findings=[a_finding(Severity.BLOCKS)], parts=(part,), drop=drop), ROUTES)

    assert put(plan, Role.ORIGINAL) == ["district/Quận 1/Trả lại/danh sách - D150612-AAAAAA.exe"]
    assert len(put(plan, Role.ANNOTATED)) == 1


def test_of_an_archive_the_members_at_fault_come_back_marked_beside_the_archive():
    parts = (FilePart("a.xlsx", "1" * 64, "xlsx"), FilePart("b.xlsx", "2" * 64, "xlsx"))
    drop = a_drop(path="district/Quận 1/hồ sơ.zip")
    plan = decide(
        facts(
            form_3(file="a.xlsx"), findings=[a_finding(Severity.BLOCKS, "b.xlsx")],
            parts=parts, drop=drop,
        ), ROUTES,
    )  # fmt: skip

    assert [(d.role, d.source) for d in plan.deliveries] == [
        (Role.ANNOTATED, "2" * 64),
        (Role.ORIGINAL, SHA),
    ]


def test_several_lists_of_one_file_are_one_delivery_to_each_receiver():
    """One workbook may hold a sheet for each ward: the same file need not lie there ten times."""
    plan = decide(facts(form_3(), form_3(), form_3()), ROUTES)

    assert len(put(plan, Role.FORWARD)) == 1
    assert len(plan.lists) == 3


def test_two_files_of_one_form_are_told_apart_by_a_number():
    plan = decide(facts(form_3(file="a.xlsx"), form_3(file="b.xlsx")), ROUTES)

    first, second = put(plan, Role.FORWARD)
    assert second == first.replace(" - D150612", " (2) - D150612")


# --- parts and approval ------------------------------------------------------------------------


def test_a_part_alone_is_held_and_nobody_is_blamed():
    plan = decide(facts(ward_part(0)), ROUTES)

    assert plan.state is State.HELD
    assert [(f.code, f.severity) for f in plan.findings] == [("list.incomplete", Severity.NOTES)]
    assert "D03-TS" in plan.findings[0].message
    assert put(plan, Role.FORWARD) == []
    assert len(put(plan, Role.ORIGINAL)) == 1
    assert letters(plan) == [("held", "26740")]
    assert plan.letters[0].context["missing"] == ["D03-TS"]


def test_both_parts_in_one_drop_go_on_at_once():
    plan = decide(facts(ward_part(0), ward_part(1)), ROUTES)

    assert plan.state is State.ACCEPTED
    assert len(put(plan, Role.FORWARD)) == 2
    assert plan.promotes == ()


def test_the_completing_part_takes_the_held_one_along_under_its_own_drop_s_name():
    held = earlier(ward_part(0), "held")
    plan = decide(facts(ward_part(1), standing=(held,)), ROUTES)

    assert plan.state is State.ACCEPTED
    assert plan.promotes == ((held.drop, 0),)
    own, taken_along = put(plan, Role.FORWARD)
    assert "D03-TS - D150612-AAAAAA" in own
    assert "Mẫu 4 - D150611-BBBBBB" in taken_along


def test_a_held_list_of_another_ward_or_round_is_not_taken_along():
    other = earlier(ward_part(0, sender=UNITS["26734"]), "held")
    plan = decide(facts(ward_part(1), standing=(other,)), ROUTES)

    assert plan.state is State.HELD
    assert plan.promotes == ()


def test_a_return_in_which_every_child_is_back_needs_no_further_part():
    key = replace(ward_part(0).key, part=0)
    plan = decide(facts(ward_part(0), accounted=frozenset({key})), ROUTES)

    assert plan.state is State.ACCEPTED


def test_a_list_that_waits_for_approval_is_held_with_that_reason():
    plan = decide(facts(form_3(handoff=APPROVED)), ROUTES)

    assert plan.state is State.HELD
    assert "duyệt" in str(plan.letters[0].context["reason"])


def test_what_was_approved_waits_no_longer_for_its_parts():
    released = a_drop(override={"action": "release", "why": "được duyệt"})
    for one in (form_3(handoff=APPROVED), ward_part(0)):
        assert decide(facts(one, drop=released), ROUTES).state is State.ACCEPTED


# --- again -------------------------------------------------------------------------------------


def test_a_corrected_list_takes_the_place_of_the_earlier_one():
    before = earlier(form_3())
    plan = decide(facts(form_3(), standing=(before,)), ROUTES)

    assert plan.supersedes == ((before.drop, 0),)
    assert [r.version for r in plan.lists] == [2]
    assert "lần 2" in put(plan, Role.FORWARD)[0]
    assert plan.letters[0].context["corrects"] is True
    assert plan.letters[1].context["corrects"] is True
    assert plan.letters[0].context["replaced"] == ["cũ.xlsx (nhận 08:00 ngày 11/06/2015)"]


def test_of_a_file_that_stands_on_in_part_the_letters_say_which_of_its_lists_was_replaced():
    form, joining = ward_part(0), ward_part(1)
    before = [earlier(one, file="cả hai.xlsx", seq=n) for n, one in enumerate((form, joining))]

    part = decide(facts(joining, standing=tuple(before)), ROUTES)
    whole = decide(facts(form, joining, standing=tuple(before)), ROUTES)

    (one,) = (letter.context["replaced"] for letter in part.letters if letter.kind == "receipt")
    (both,) = (letter.context["replaced"] for letter in whole.letters if letter.kind == "receipt")
    assert one[0].startswith("D03-TS trong cả hai.xlsx (nhận ")
    assert len(both) == 1 and both[0].startswith("cả hai.xlsx (nhận ")


def test_a_returned_correction_leaves_the_earlier_list_standing():
    blocking = [a_finding(Severity.BLOCKS)]
    plan = decide(facts(form_3(), findings=blocking, standing=(earlier(form_3()),)), ROUTES)

    assert plan.supersedes == ()


def test_an_older_file_is_kept_but_takes_nobody_s_place():
    newer = earlier(form_3(), at=ARRIVED + timedelta(hours=1))
    plan = decide(facts(form_3(), standing=(newer,)), ROUTES)

    assert plan.state is State.ACCEPTED
    assert [(r.state, r.version) for r in plan.lists] == [("superseded", 0)]
    assert plan.supersedes == ()
    assert [d.role for d in plan.deliveries] == [Role.ORIGINAL]
    assert [f.code for f in plan.findings] == ["list.overtaken"]
    assert "cũ.xlsx (nhận" in plan.findings[0].message
    assert letters(plan) == [("receipt", "760")]


def test_a_person_may_put_an_older_file_in_the_newer_one_s_place():
    newer = earlier(form_3(), at=ARRIVED + timedelta(hours=1))
    released = a_drop(override={"action": "release", "why": "bản đúng"})
    plan = decide(facts(form_3(), standing=(newer,), drop=released), ROUTES)

    assert plan.supersedes == ((newer.drop, 0),)
    assert len(put(plan, Role.FORWARD)) == 1


def test_the_same_bytes_again_are_acknowledged_alone():
    plan = decide(facts(form_3(), repeated="D150611-BBBBBB"), ROUTES)

    assert plan.state is State.ACCEPTED
    assert [f.code for f in plan.findings] == ["file.repeated"]
    assert [d.role for d in plan.deliveries] == [Role.ORIGINAL]
    assert letters(plan) == [("receipt", "760")]
    assert (plan.lists, plan.supersedes) == ((), ())


# --- people ------------------------------------------------------------------------------------


def test_a_release_stands_above_the_findings():
    released = a_drop(override={"action": "release", "why": "chấp nhận"})
    plan = decide(facts(form_3(), findings=[a_finding(Severity.BLOCKS)], drop=released), ROUTES)

    assert plan.state is State.ACCEPTED
    assert len(put(plan, Role.FORWARD)) == 1


def test_what_holds_no_list_cannot_be_released_to_anybody():
    released = a_drop(override={"action": "release", "why": "chấp nhận"})
    plan = decide(facts(findings=[a_finding(Severity.BLOCKS)], drop=released), ROUTES)

    assert plan.state is State.RETURNED


def test_a_rejection_returns_a_faultless_list_with_its_reason():
    rejected = a_drop(override={"action": "reject", "why": "nhầm quý"})
    plan = decide(facts(form_3(), drop=rejected), ROUTES)

    assert (plan.state, plan.reason) == (State.RETURNED, "nhầm quý")
    assert "nhầm quý" in plan.findings[-1].message


# --- scans -------------------------------------------------------------------------------------


def test_scans_go_along_with_the_list_of_their_drop():
    parts = (
        FilePart("mẫu 3.xlsx", SHA, "xlsx"),
        FilePart("ký 1.pdf", "7" * 64, "pdf", is_scan=True, readable=False),
        FilePart("ký 2.jpg", "8" * 64, "jpeg", is_scan=True, readable=False),
    )
    way = ScanRoute(DISTRICT_RETURN, DISTRICT, THU, ROUND)
    plan = decide(facts(form_3(), parts=parts, scans=way), ROUTES)

    names = [path.rpartition("/")[2] for path in put(plan, Role.SCAN)]
    assert names == [
        "Quận 1 - Quý 1-2015 - Bản scan 1 - D150612-AAAAAA.pdf",
        "Quận 1 - Quý 1-2015 - Bản scan 2 - D150612-AAAAAA.jpg",
    ]


SCAN = FilePart("công văn.pdf", "7" * 64, "pdf", is_scan=True, readable=False)


def test_a_scan_without_its_list_is_not_taken_for_the_list():
    """A district that sent only the signed copy must not believe that it has answered."""
    way = ScanRoute(DISTRICT_RETURN, DISTRICT, THU, ROUND)
    alone = decide(facts(parts=(SCAN,), scans=way), ROUTES)
    together = decide(
        facts(form_3(), parts=(FilePart("mẫu 3.xlsx", SHA, "xlsx"), SCAN), scans=way), ROUTES
    )

    assert [one.context["is_scan"] for one in alone.letters] == [True, True]
    assert [one.context["is_scan"] for one in together.letters] == [False, False]


def test_a_report_is_the_document_itself():
    report = replace(DISTRICT_RETURN, parts=(), subfolder="Báo cáo", due=Due(on=date(2020, 7, 10)))
    plan = decide(facts(parts=(SCAN,), scans=ScanRoute(report, DISTRICT, THU, ROUND)), ROUTES)

    assert not any(one.context["is_scan"] for one in plan.letters)


# --- whatever comes ----------------------------------------------------------------------------

lists = st.lists(
    st.one_of(
        st.just(form_3()),
        st.builds(lambda n: form_3(file=f"{n}.xlsx", sha256=f"{n}" * 64), st.integers(0, 2)),
        st.builds(lambda n: ward_part(n, sha256=f"{n + 7}" * 64), st.integers(0, 1)),
        st.just(form_3(handoff=APPROVED)),
    ),
    max_size=4,
)
findings_ = st.lists(st.builds(a_finding, st.sampled_from(list(Severity))), max_size=3)
actions = st.sampled_from([None, "release", "reject", "retry"])
days = st.integers(-3, 3)


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    """A drop of anything, with anything that stood before."""
    judged = draw(lists)
    action = draw(actions)
    before = [
        earlier(
            one, draw(st.sampled_from(["accepted", "held"])), seq=n,
            at=ARRIVED + timedelta(days=draw(days)),
        )
        for n, one in enumerate([*draw(lists), ward_part(0)][: draw(st.integers(0, 4))])
    ]  # fmt: skip
    return facts(
        *judged,
        findings=draw(findings_),
        drop=a_drop(override={"action": action, "why": "vì thế"} if action else None),
        standing=tuple(before),
        repeated=draw(st.sampled_from(["", "", "D150611-BBBBBB"])),
    )


@settings(max_examples=200)
@given(any_facts())
def test_whatever_comes_the_plan_can_be_carried_out_once_and_loses_nothing(given_: Facts):
    plan = decide(given_, ROUTES)
    blocked = any(f.severity is Severity.BLOCKS for f in given_.findings)
    places = [(d.tree, d.path) for d in plan.deliveries]

    assert plan == decide(given_, ROUTES), "the same facts earn the same plan"
    assert plan.state in (State.ACCEPTED, State.RETURNED, State.HELD)
    assert len(set(places)) == len(places), "no place is filled twice"
    assert len({letter.key for letter in plan.letters}) == len(plan.letters)
    assert plan.letters[0].unit == given_.owner.id, "the sender hears"
    assert any(d.role in (Role.ORIGINAL, Role.ANNOTATED) for d in plan.deliveries)
    if plan.state is State.RETURNED:
        assert not _forwards(plan)
        assert (plan.supersedes, plan.promotes) == ((), ())
    if blocked and not given_.drop.override and not given_.repeated:
        assert plan.state is State.RETURNED


@settings(max_examples=200)
@given(any_facts())
def test_whatever_comes_what_goes_on_is_what_was_accepted(given_: Facts):
    plan = decide(given_, ROUTES)
    going = {r.sha256 for r in plan.lists if r.state == "accepted"}
    taken = {r.sha256 for r in given_.standing if (r.drop, r.seq) in plan.promotes}

    assert {d.sha256 for d in _forwards(plan)} == going | taken
    assert (plan.state is State.HELD) == any(r.state == "held" for r in plan.lists)
    assert not set(plan.promotes) & set(plan.supersedes)
    held = {(r.drop, r.seq) for r in given_.standing if r.state == "held"}
    assert set(plan.promotes) <= held


def _forwards(plan: Plan) -> list[Delivery]:
    return [d for d in plan.deliveries if d.role is Role.FORWARD]


def test_of_a_file_with_a_virus_an_admin_hears_and_nobody_of_a_sound_one():
    found = finding(INFECTED, "Tệp có mã độc EICAR.", "Quét máy.")
    (letter,) = infected_letters(facts(findings=[found]), ROUTES)
    told = " ".join(letter.context["paragraphs"])

    assert letter.unit == ROUTES.process.admin
    assert "mẫu 3.xlsx" in told and "EICAR" in told
    assert infected_letters(facts(), ROUTES) == ()
