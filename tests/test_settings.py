"""The configuration: what ships holds, and what is wrong is said completely and where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop import resources
from bhyt_filedrop.domain.findings import Severity
from bhyt_filedrop.domain.paper.layout import supplier_of
from bhyt_filedrop.domain.paper.letterhead import issuer_lines
from bhyt_filedrop.domain.process.authority import Authority
from bhyt_filedrop.domain.process.handoffs import Due
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.settings import ConfigError, Problem, fingerprint, load, secret, variable
from tests.sites import copied_config, replaced, replaced_first

PROCESS, MACHINE, UNITS = "process.toml", "bhyt-filedrop.toml", "units.csv"
ALIASES, HOLIDAYS = "place-aliases.csv", "holidays.toml"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return copied_config(tmp_path)


def problems_of(config: Path) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        load(config)
    return caught.value.problems


def test_what_one_pattern_brings_about_in_all_wards_is_one_problem(config: Path):
    """Not one for each of 322."""
    process = config / "process.toml"
    text = process.read_text(encoding="utf-8")
    start = text.index("[folders.ward]")
    ward = text[start:]
    for old, new in (
        ("{parent}/{unit}/Đã nhận/{round}", "{parent}/{unit}/Trả lại"),
        ('drop = "{base}/{parent}/{unit}"', 'drop = "{base}/{parent}/Trả lại/{unit}"'),
        ('drop = "{base}/{parent}/{unit}"', 'drop = "{base}/chung-{unit}"'),
    ):
        assert old in ward, ward
        process.write_text(text[:start] + ward.replace(old, new), encoding="utf-8")
        (problem,) = problems_of(config)
        assert "folders.ward" in str(problem)
        process.write_text(text, encoding="utf-8")


# --- what ships ----------------------------------------------------------------------------------


def test_the_shipped_configuration_holds_24_districts_and_322_wards():
    shipped = load(resources.config_dir())

    assert len(shipped.units.of_kind("district")) == 24
    assert len(shipped.units.of_kind("ward")) == 322
    assert [u.id for u in shipped.units.of_kind("city")] == ["nvgd1", "cntt", "thu", "board"]
    assert shipped.units.full_name(shipped.units["26740"]) == "Phường Bến Nghé, Quận 1"


@pytest.mark.parametrize(
    ("handoff", "due"),
    [
        ("cost-list", Due(2, 15)),
        ("carded", Due(2, 20)),
        ("uncarded", Due(2, 20)),
        ("district-list", Due(2, 22)),
        ("ward-list", Due(2, 25)),
        ("ward-return", Due(3, 15)),
        ("district-return", Due(3, 25, before=True)),
        ("carded-final", Due(3, 27)),
        ("unverified", Due(3, 27)),
    ],
)
def test_the_shipped_due_dates_are_those_of_1331(handoff: str, due: Due):
    assert load(resources.config_dir()).process.handoffs[handoff].due == due


def test_the_hospitals_long_lists_go_on_with_their_doubtful_rows_marked():
    handoffs = load(resources.config_dir()).process.handoffs

    for name in ("cost-list", "carded", "uncarded"):
        assert handoffs[name].severities == {"row.*": Severity.WARNS}
    assert not handoffs["ward-return"].severities


def test_a_familys_name_takes_every_edition_of_the_form():
    parts = load(resources.config_dir()).process.handoffs["ward-return"].parts

    assert parts == (("form-4", "reply-kit"), ("d03-ts-1111", "d03-ts-490", "d03-ts-595"))


def test_nobody_is_told_of_its_own_delay_as_if_of_anothers():
    handoffs = load(resources.config_dir()).process.handoffs

    assert handoffs["ward-return"].reminders.escalate == {"parent": 1, "thu": 1, "board": 3}
    assert handoffs["district-list"].reminders.escalate == {"parent": 1, "board": 3}


def test_relative_paths_start_beside_the_config_folder(config: Path):
    site = load(config)

    assert site.state_dir == config.parent / "state"
    assert Path(site.tree("main").root) == config.parent / "tree"
    assert site.ledger_url == f"sqlite:///{config.parent / 'state' / 'ledger.sqlite3'}"
    assert site.mail.maildir == config.parent / "state" / "mail"


def test_a_site_without_its_machine_file_runs_on_the_defaults(config: Path):
    (config / MACHINE).unlink()

    assert load(config).sweep.quiet_seconds == 0


def test_a_hand_off_may_remind_in_its_own_way(config: Path):
    replaced_first(
        config / PROCESS,
        'place_of = "receiver"\n',
        'place_of = "receiver"\nreminders = { before = [2, 10], on_day = false }\n',
    )

    reminders = load(config).process.handoffs["district-list"].reminders

    assert (reminders.before, reminders.on_day, reminders.after_daily) == ((10, 2), False, True)


def test_a_one_off_obligation_has_a_date_of_its_own(config: Path):
    with (config / PROCESS).open("a", encoding="utf-8") as file:
        file.write(
            '\n[[handoff]]\nid = "report-2118"\nname = "Báo cáo"\nsender = "thu"\n'
            'receiver = "board"\ndue = { on = 2020-07-10, before = true }\n'
        )

    assert load(config).process.handoffs["report-2118"].due == Due(
        before=True, on=date(2020, 7, 10)
    )


def test_rounds_can_be_kept_open_by_hand(config: Path):
    with (config / MACHINE).open("a", encoding="utf-8") as file:
        file.write('\n[rounds]\nalso_open = ["2014Q4"]\n')

    assert load(config).also_open == {Round(2014, 4)}


def test_the_hour_of_reminders_is_a_time_of_day():
    assert load(resources.config_dir()).process.remind_at == time(8, 0)


# --- what is wrong -------------------------------------------------------------------------------


def process(old: str, new: str) -> Callable[[Path], None]:
    return lambda config: replaced_first(config / PROCESS, old, new)


def machine(text: str) -> Callable[[Path], None]:
    return lambda config: _append(config / MACHINE, text)


def tree(text: str) -> Callable[[Path], None]:
    return lambda config: replaced_first(config / MACHINE, 'kind = "local"', text)


def bounces(text: str) -> Callable[[Path], None]:
    return lambda config: replaced_first(
        config / MACHINE, "[mail.bounces]\nkind", f"[mail.bounces]\n{text}\n#"
    )


def units(old: str, new: str) -> Callable[[Path], None]:
    return lambda config: replaced_first(config / UNITS, old, new)


def _append(file: Path, text: str) -> None:
    with file.open("a", encoding="utf-8") as opened:
        opened.write(text)


WRONG = [
    # the process: single keys
    (process("remind_at = 08:00:00", 'remind_at = "sớm"'), PROCESS, "remind_at", "sớm"),
    (process('admin = "cntt"', 'admni = "cntt"'), PROCESS, "admni", "cntt"),
    (process("month = 2, day = 15", "month = 4, day = 15"), PROCESS,
     "handoff[cost-list].due.month", "4"),
    (process("month = 2, day = 15", "month = 2, day = 30"), PROCESS,
     "handoff[cost-list].due.day", "30"),
    (process("{ month = 2, day = 15 }", "{ month = 2 }"), PROCESS, "handoff[cost-list].due", ""),
    (process("{ month = 2, day = 15 }", "{ month = 2, day = 1, on = 2020-07-10 }"), PROCESS,
     "handoff[cost-list].due", "2020-07-10"),
    (process("before = true }", 'before = true, roll = "next" }'), PROCESS,
     "handoff[district-return].due.roll", "next"),
    (process('heading_unit = "any"', 'heading_unit = "all"'), PROCESS,
     "handoff[cost-list].heading_unit", "all"),
    (process('parts = [["form-1"]]', "parts = []"), PROCESS, "handoff[carded].parts", ""),
    (process('id = "carded"', 'id = "cost-list"'), PROCESS, "handoff[cost-list].id", "cost-list"),
    # the process: names that nobody declares
    (process('sender = "nvgd1"', 'sender = "nvgd2"'), PROCESS, "handoff[cost-list].sender",
     "nvgd2"),
    (process('receiver = "cntt"', 'receiver = "it"'), PROCESS, "handoff[cost-list].receiver", "it"),
    (process('receiver = "cntt"', 'receiver = "parent"'), PROCESS, "handoff[cost-list].receiver",
     "parent"),
    (process('[["form-1"]]', '[["form-11"]]'), PROCESS, "handoff[carded].parts", "form-11"),
    (process('[["form-4", "reply-kit"], ["d03-ts"]]', '[["form-4"], ["form-4"]]'), PROCESS,
     "handoff[ward-return].parts", "form-4"),
    (process('needs = "district-list"', 'needs = "distrit-list"'), PROCESS,
     "handoff[ward-list].needs", "distrit-list"),
    (process('needs = "district-list"', 'needs = "carded"'), PROCESS,
     "handoff[ward-list].needs", "carded"),
    (process('{ "row.*" = "warns" }', '{ "rows.*" = "warns" }'), PROCESS,
     "handoff[cost-list].severities", "rows.*"),
    (process("thu = 1, board = 3", "thu = 1, boss = 3"), PROCESS,
     "handoff[cost-list].reminders.escalate", "boss"),
    (process('digest_to = "thu"', 'digest_to = "thuu"'), PROCESS, "digest_to", "thuu"),
    # the process: folders
    (process('scans = "district-return"', 'scans = "ward-return"'), PROCESS,
     "folders.district.scans", "ward-return"),
    (process('drop = "{base}/{unit}"', 'drop = "{base}/x"'), PROCESS, "folders.district.drop",
     "05-QLTHU/Trẻ em KCB bằng GKS-CS/x"),
    (process('drop = "{base}/{unit}"', 'drop = "{bse}/{unit}"'), PROCESS, "folders.district.drop",
     "{bse}/{unit}"),
    (process('drop = "{base}/{unit}"', 'drop = "../{unit}"'), PROCESS, "folders.district.drop",
     "../{unit}"),
    (process('drop = "{base}/{unit}"', 'drop = "{base/{unit}"'), PROCESS, "folders.district.drop",
     "{base/{unit}"),
    (process('tree = "main"', 'tree = "other"'), PROCESS, "folders.city.tree", "other"),
    (process("[folders.ward]", "[folders.town]"), PROCESS, "folders.town", "town"),
    (process('inbox = "{base}/{unit}/Từ BHXH TP', 'inbox = "{base}/{unit}/Đã nhận'), PROCESS,
     "folders.district", None),
    (process('{base}/{unit}/Từ phường, xã/{round}', '{base}/{unit}/Đã nhận/{round}'), PROCESS,
     "folders.district", None),
    (process('inbox_from = { ward', 'inbox_from = { wards'), PROCESS,
     "folders.district.inbox_from", "wards"),
    (process('{base}/{unit}/Từ phường, xã', '{base}/{units}/Từ phường, xã'), PROCESS,
     "folders.district.inbox_from.ward",
     "05-QLTHU/Trẻ em KCB bằng GKS-CS/{units}/Từ phường, xã/{round}"),
    (process('returned = "{base}/{unit}/Trả lại"', 'returned = "{base}/{unit}/{round}"'), PROCESS,
     "folders.district.returned", "05-QLTHU/Trẻ em KCB bằng GKS-CS/{unit}/{round}"),
    (process('subfolder = "Trình BGĐ"\n', ""), PROCESS, "handoff[unverified].parts", "form-2"),
    (process('made_from = ["cost-list", "card-register"]', 'made_from = ["cost-list"]'), PROCESS,
     "handoff[card-drafts].made_from", "cost-list"),
    (process('made_from = ["district-return", "unplaced"]',
             'made_from = ["district-return", "carded"]'),
     PROCESS, "handoff[carded-final].made_from", "carded"),
    # the machine
    (machine("\n[limits2]\n"), MACHINE, "limits2", ""),
    (machine('\n[rounds]\nalso_open = ["2014-4"]\n'), MACHINE, "rounds.also_open[1]", "2014-4"),
    (machine('\n[ledger]\nurl = "mysql://x"\n'), MACHINE, "ledger.url", "mysql://x"),
    (tree('kind = "ftpx"'), MACHINE, "tree[main].kind", "ftpx"),
    (tree('kind = "sftp"\nusername = "u"\ncredential = "c"\nfingerprint = "SHA256:" '), MACHINE,
     "tree[main].fingerprint", "SHA256:"),
    (tree('kind = "ftps"\nusername = "u"\ncredential = "c"'), MACHINE, "tree[main].host", ""),
    (tree('kind = "ftps"\nusername = "u"\nhost = "h"'), MACHINE, "tree[main].credential", ""),
    (tree('kind = "sftp"\nusername = "u"\nhost = "h"\nuse_agent = true'), MACHINE,
     "tree[main].fingerprint", ""),
    (lambda c: replaced(c / MACHINE, 'state = "state"', 'state = "tree/state"'), MACHINE, "state",
     None),
    (lambda c: replaced(c / MACHINE, "@localhost", " @localhost"), MACHINE, "mail.from",
     "bhyt-filedrop @localhost"),
    (lambda c: replaced(c / MACHINE, 'kind = "maildir"', 'kind = "smtp"'), MACHINE, "mail.host",
     ""),
    (lambda c: replaced(c / MACHINE, "from_name", 'envelope_from = "a"\nfrom_name'), MACHINE,
     "mail.envelope_from", "a"),
    (bounces('kind = "pop3"'), MACHINE, "mail.bounces.kind", "pop3"),
    (bounces('kind = "maildir"'), MACHINE, "mail.bounces.maildir", ""),
    (bounces('kind = "maildir"\nmaildir = "tree/thu"'), MACHINE, "mail.bounces.maildir", None),
    (bounces('kind = "imap"\nusername = "u"\ncredential = "c"'), MACHINE, "mail.bounces.host", ""),
    (bounces('kind = "imap"\nhost = "h"\ncredential = "c"'), MACHINE, "mail.bounces.username", ""),
    (bounces('kind = "imap"\nhost = "h"\nusername = "u"'), MACHINE, "mail.bounces.credential", ""),
    (bounces('tls = "none"'), MACHINE, "mail.bounces.tls", "none"),
    (bounces('folder = "a\\nb"'), MACHINE, "mail.bounces.folder", "a\nb"),
    # the units
    (units("26740,Phường Bến Nghé", "26737,Phường Bến Nghé"), UNITS, "dòng 32, cột id", "26737"),
    (units("26740,Phường Bến Nghé,ward,760", "26740,Phường Bến Nghé,ward,999"), UNITS,
     "dòng 32, cột parent", "999"),
    (units("Phường Bến Nghé,,", "Phường Bến Nghé,a@b@c,"), UNITS, "dòng 32, cột email", "a@b@c"),
    (units("26740,Phường Bến Nghé,", "26740,,"), UNITS, "dòng 32, cột name", ""),
    (units(",Phường Bến Nghé,,", ",Phường Đa Kao,,"), UNITS, "đơn vị 26737", None),
    (units(",Phường Bến Nghé,,", ",Trả lại,,"), UNITS, "đơn vị 26740", None),
    (units(",Phường Bến Nghé,,", ",a/b,,"), UNITS, "dòng 32, cột folder", "a/b"),
    (units(",kind,", ",loai,"), UNITS, "dòng tiêu đề", ""),
    (units("26740,Phường Bến Nghé,ward", "26740,Phường Bến Nghé,quarter"), PROCESS,
     "folders.quarter", ""),
    # places and days
    (lambda c: _append(c / ALIASES, "Q.99,Quận 99\n"), ALIASES, "Q.99", "Quận 99"),
    (lambda c: _append(c / ALIASES, '"Phường 1, Quận 99",Quận 1\n'), ALIASES,
     "Phường 1, Quận 99", "Quận 1"),
    (lambda c: _append(c / ALIASES, "..,Quận 1\n"), ALIASES, "..", "Quận 1"),
    (lambda c: _append(c / HOLIDAYS, '\n["Tết"]\n'), HOLIDAYS, "Tết", ""),
    (lambda c: _append(c / HOLIDAYS, "\n[2027]\nof = []\n"), HOLIDAYS, "2027.of", ""),
    (lambda c: _append(c / HOLIDAYS, '\n[2027]\noff = ["mai"]\n'), HOLIDAYS, "2027.off", ""),
    (lambda c: _append(c / HOLIDAYS, '\n[2027]\n"a\\nb" = 1\n'), HOLIDAYS, "2027.a\nb", ""),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "file", "key", "value"), WRONG)
def test_each_mistake_is_told_with_its_file_key_and_value(
    config: Path, spoil: Callable[[Path], None], file: str, key: str, value: str | None
):
    spoil(config)

    found = problems_of(config)

    mine = [p for p in found if (p.file, p.key) == (file, key)]
    assert mine, [str(p) for p in found]
    if value is not None:
        assert mine[0].value == value
    assert all("\n" not in str(p) for p in found)


def test_a_misspelt_key_is_answered_with_the_one_that_was_meant(config: Path):
    process('admin = "cntt"', 'admni = "cntt"')(config)

    assert "có phải là admin?" in str(problems_of(config)[0])


def test_mistakes_in_several_files_are_told_at_once(config: Path):
    process("month = 2, day = 15", "month = 4, day = 15")(config)
    machine("\n[limits2]\n")(config)
    units(",Phường Bến Nghé,,", ",a/b,,")(config)

    assert {p.file for p in problems_of(config)} == {PROCESS, MACHINE, UNITS}


def test_a_wrong_key_hides_no_other_mistake_of_the_same_file(config: Path):
    """An admin mends a file once, not once for each round of errors."""
    replaced_first(config / PROCESS, 'id = "carded"\n', 'id = "carded"\ncolour = "blue"\n')
    replaced(config / PROCESS, "remind_at = 08:00:00", 'remind_at = "sáng"')
    replaced_first(config / PROCESS, "month = 2, day = 15", "month = 2, day = 31")
    replaced_first(config / PROCESS, 'needs = "district-list"', 'needs = "districts-list"')
    replaced(config / PROCESS, 'digest_to = "thu"', 'digest_to = "thuu"')
    replaced_first(
        config / UNITS, "26740,Phường Bến Nghé,ward,760", "26740,Phường Bến Nghé,ward,99"
    )

    told = {(one.file, one.key, one.value) for one in problems_of(config)}

    assert told >= {
        (PROCESS, "handoff[carded].colour", "blue"),
        (PROCESS, "remind_at", "sáng"),
        (PROCESS, "handoff[cost-list].due.day", "31"),
        (PROCESS, "handoff[ward-list].needs", "districts-list"),
        (PROCESS, "digest_to", "thuu"),
    }
    assert any(file == UNITS and value == "99" for file, _, value in told)


def test_what_only_follows_from_a_wrong_key_is_not_told(config: Path):
    """Without its maker the hand-off has no form; that is not a second mistake."""
    replaced_first(config / PROCESS, 'made_by = "split" ', 'made_by = "spilt" ')

    (told,) = problems_of(config)
    assert told.value == "spilt"


def test_every_place_name_that_means_no_unit_and_every_bad_day_is_told_at_once(config: Path):
    _append(config / ALIASES, "Q.98,Quận 98\nQ.99,Quận 99\n")
    _append(config / HOLIDAYS, "\n[2027]\noff = [2026-01-01]\nwork = 3\n")

    told = [str(problem) for problem in problems_of(config)]

    assert told == [
        "holidays.toml: 2027.off: 2026-01-01 thuộc năm khác",
        "holidays.toml: 2027.work: phải là danh sách ngày, ví dụ [2026-01-02]",
        "place-aliases.csv: Q.98 = Quận 98: «Quận 98» không phải là đơn vị nào trong units.csv",
        "place-aliases.csv: Q.99 = Quận 99: «Quận 99» không phải là đơn vị nào trong units.csv",
    ]


def test_a_place_name_without_a_meaning_is_told_once(config: Path):
    _append(config / ALIASES, "Q.99,\n")

    assert [p.file for p in problems_of(config)] == [ALIASES]


def test_broken_toml_is_told_with_its_line(config: Path):
    _append(config / PROCESS, "\n[folders\n")

    (problem,) = problems_of(config)

    assert problem.file == PROCESS
    assert "line" in problem.message


def test_one_cause_gives_one_problem_a_missing_form_file_is_not_told_at_each_use(config: Path):
    (config / "forms" / "form-2.toml").write_text("id = 3", encoding="utf-8")

    assert {p.file for p in problems_of(config)} == {"forms/form-2.toml"}


def test_two_forms_that_nothing_tells_apart_are_both_named_with_the_way_out(config: Path):
    text = (config / "forms" / "form-2.toml").read_text(encoding="utf-8")
    copy = text.replace('id = "form-2"', 'id = "form-2-2030"')
    (config / "forms" / "form-2-2030.toml").write_text(copy, encoding="utf-8")

    (problem,) = problems_of(config)

    assert problem.file == "forms/form-2.toml"
    assert "mẫu form-2 với mẫu form-2-2030 (forms/form-2-2030.toml)" in problem.message
    assert all(word in problem.message for word in ("titles", "signs", "not_titles", "required"))


def test_hand_offs_that_wait_for_each_other_are_refused(config: Path):
    process('needs = "district-list"', 'needs = "ward-return"')(config)

    keys = {p.key for p in problems_of(config)}

    assert {"handoff[ward-list].needs", "handoff[ward-return].needs"} <= keys


def test_an_office_above_itself_is_refused(config: Path):
    units("760,Quận 1,district,,", "760,Quận 1,district,26740,")(config)

    assert any("cấp trên của chính nó" in p.message for p in problems_of(config))


def test_a_missing_folder_is_one_problem(tmp_path: Path):
    (problem,) = problems_of(tmp_path / "nothing")

    assert "không có thư mục cấu hình" in problem.message


def test_a_missing_process_is_told_by_name(config: Path):
    (config / PROCESS).unlink()

    assert str(problems_of(config)[0]).startswith(f"{PROCESS}: không có tệp này")


# --- tables kept in Excel ------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_units_saved_by_any_excel_read_the_same(config: Path, separator: str, encoding: str):
    before = load(config).units
    text = (config / UNITS).read_text(encoding="utf-8-sig")
    (config / UNITS).write_bytes(text.replace(",", separator).encode(encoding))

    assert load(config).units == before


def test_a_code_that_excel_took_for_a_number_gets_its_zero_back(config: Path):
    units("07901", "7901")(config)

    assert load(config).units["760"].bhxh_code == "07901"


def test_a_table_in_another_encoding_is_refused_with_what_to_do(config: Path):
    (config / UNITS).write_bytes(
        "id,name,kind\n1,Phòng Giám định,city\n".encode("cp1258", "ignore")
    )

    assert "CSV UTF-8" in problems_of(config)[0].message


def test_an_office_may_have_several_addresses(config: Path):
    units("Phường Bến Nghé,,", "Phường Bến Nghé,a@x.vn; b@x.vn,")(config)

    assert load(config).units["26740"].email == ("a@x.vn", "b@x.vn")


def test_hospital_codes_get_their_zero_back_and_a_bad_one_is_told(config: Path):
    facilities = config / "facilities.csv"
    facilities.write_text("code,name\n1014,A\n79014,B\n", encoding="utf-8")
    assert load(config).facilities == {"01014", "79014"}

    facilities.write_text("code,name\nabc,A\n", encoding="utf-8")
    assert problems_of(config)[0].key == "dòng 2, cột code"


# --- secrets -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '\n[[tree]]\nid = "far"\nkind = "ftp"\nhost = "h"\nusername = "u"\npassword = "Bí-mật-1"\n',
        '\n[ledger]\nurl = "postgresql://u:Bí-mật-1@h/d"\n',
    ],
)
def test_a_password_in_a_file_is_refused_and_not_repeated(config: Path, text: str):
    machine(text)(config)

    told = "\n".join(map(str, problems_of(config)))

    assert "Bí-mật-1" not in told
    assert "***" in told


def test_a_secret_comes_from_systemd_first_then_from_the_environment(tmp_path: Path):
    (tmp_path / "smtp-main").write_text("from systemd\n", encoding="utf-8")
    env = {"BHYT_FILEDROP_SMTP_MAIN": "from env", "BHYT_FILEDROP_FTP": "other"}

    assert secret("smtp-main", env) == "from env"
    assert secret("smtp-main", {**env, "CREDENTIALS_DIRECTORY": str(tmp_path)}) == "from systemd"
    assert secret("ftp", {**env, "CREDENTIALS_DIRECTORY": str(tmp_path)}) == "other"
    assert secret("unknown", env) is None
    assert secret("../smtp-main", {"CREDENTIALS_DIRECTORY": str(tmp_path / "x")}) is None
    assert variable("smtp-main") == "BHYT_FILEDROP_SMTP_MAIN"


# --- reloading -----------------------------------------------------------------------------------


def test_any_change_changes_the_fingerprint_and_no_change_does_not(config: Path):
    first = fingerprint(config)
    assert fingerprint(config) == first

    units("Phường Bến Nghé,,", "Phường Bến Nghé,a@x.vn,")(config)
    second = fingerprint(config)
    (config / "forms" / "new.toml").write_text("", encoding="utf-8")

    assert len({first, second, fingerprint(config)}) == 3


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([PROCESS, MACHINE, UNITS, "facilities.csv", ALIASES, HOLIDAYS]), st.data())
def test_whatever_a_file_holds_it_is_read_or_refused_but_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
):
    """Cut a piece out of a shipped file and put anything in its place."""
    config = copied_config(tmp_path_factory.mktemp("site"))
    file = config / name
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    junk = data.draw(st.text(max_size=12) | st.sampled_from(['"', "[[", "= 1", "{", ",,", "\n"]))
    file.write_bytes((text[:start] + junk + text[end:]).encode("utf-8", "surrogatepass"))

    try:
        load(config)
    except ConfigError as err:
        assert err.problems
        assert all(len(str(p).splitlines()) == 1 for p in err.problems)


# --- the office whose process it is ---------------------------------------------------------------


def test_another_province_stands_on_paper_and_in_letters_by_its_own_name(config: Path):
    replaced(config / PROCESS, 'name = "TP. Hồ Chí Minh"', 'name = "tỉnh Đồng Nai"')
    replaced(config / PROCESS, 'short = "Thành phố"', 'short = "tỉnh"')

    units = load(config).units

    assert issuer_lines(units["thu"], units) == ("BẢO HIỂM XÃ HỘI TỈNH ĐỒNG NAI", "PHÒNG THU")
    assert supplier_of(units["760"], units) == "BHXH tỉnh"
    assert units.authority.office == "BHXH tỉnh Đồng Nai"


def test_a_process_without_the_table_prints_as_before_it_could_be_named(config: Path):
    text = (config / PROCESS).read_text("utf-8")
    table = re.search(r"^\[authority\]\n(?:\w.*\n)+", text, re.M)
    assert table
    (config / PROCESS).write_text(text.replace(table[0], ""), "utf-8")

    assert load(config).units.authority == Authority("TP. Hồ Chí Minh", "Thành phố", "TP.HCM")


def test_a_misspelt_key_of_the_office_is_told_with_the_right_one(config: Path):
    replaced(config / PROCESS, 'short = "Thành phố"', 'shrt = "Thành phố"')

    with pytest.raises(ConfigError) as caught:
        load(config)

    assert [(p.key, p.message) for p in caught.value.problems] == [
        ("authority.shrt", "không có khóa này; có phải là short?")
    ]
