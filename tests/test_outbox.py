"""The outbox on a real ledger: nothing lost, nothing twice, no letter in another's way."""

from __future__ import annotations

import random
import shutil
from datetime import timedelta
from email.message import EmailMessage
from mailbox import Maildir

import pytest

from bhyt_filedrop import resources
from bhyt_filedrop.domain.letters import letter as letters
from bhyt_filedrop.domain.letters.letter import Arrival, Attachment, Letter
from bhyt_filedrop.domain.letters.mailing import BACKOFF_MINUTES, OutboxRules, backoff
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.edges.ledger.letterbook import LedgerLetters
from bhyt_filedrop.edges.ledger.schema import metadata
from bhyt_filedrop.edges.ledger.store import open_engine
from bhyt_filedrop.edges.mail.compose import From, LetterComposer
from bhyt_filedrop.edges.mail.maildir import MaildirMailer
from bhyt_filedrop.edges.mail.smtp import SmtpMailer
from bhyt_filedrop.edges.mail.templates import MailTemplates
from bhyt_filedrop.ports import MailTooBig, NeverWorks, Sent, TryLater
from bhyt_filedrop.work.post.outbox import Outbox
from tests.cities import as_shipped
from tests.mailserver import Script, mail_server
from tests.offices import moment

NOW = moment(6, 20, 9)
MINUTE = timedelta(minutes=1)
TEMPLATES = resources.templates_dir() / "mail"
UNITS = as_shipped(
    Units.of(
        [
            Unit("cntt", "Phòng CNTT", "city", email=("cntt@bhxh.example",)),
            Unit("760", "Quận 1", "district", email=("a@q1.example", "b@q1.example")),
            Unit("761", "Quận 12", "district"),
        ]
    )
)


class Scripted:
    """A mailer that does what the test says next, and keeps what it handed over."""

    def __init__(self, *answers: Exception | Sent) -> None:
        self.answers = list(answers)
        self.sent: list[EmailMessage] = []

    def send(self, message: EmailMessage) -> Sent:
        answer = self.answers.pop(0) if self.answers else Sent(("a@q1.example",))
        if isinstance(answer, Exception):
            raise answer
        self.sent.append(message)
        return answer

    def check(self) -> str | None:
        return None


@pytest.fixture
def book(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    metadata.create_all(engine)
    yield LedgerLetters(engine)
    engine.dispose()


def outbox(book, mailer, templates=TEMPLATES, fetch=lambda _: b"PK", **rules):
    composer = LetterComposer(MailTemplates(templates), UNITS, From("thu@bhxh.example"), fetch)
    return Outbox(book, mailer, composer, OutboxRules(**rules), random.Random(1))


def a_notice(n=1, unit="760") -> Letter:
    return letters.notice(str(n), unit, "Thông báo", ["Một dòng."])


def a_receipt(n=1, unit="760", **files) -> Letter:
    arrival = Arrival(f"d{n:03}", unit, "Quận 1", f"tệp {n}.xlsx", NOW, "Mẫu 3", "Đợt 1 năm 2015")
    return letters.receipt(arrival)


def states(book):
    return book.counts()


# --- done, later, never -----------------------------


def test_a_due_letter_is_handed_over_once(book, tmp_path):
    book.put_letter(a_notice(), NOW)
    box = outbox(book, MaildirMailer(tmp_path / "mail"))

    assert [box.run_once(NOW + MINUTE * n) for n in range(3)] == [1, 0, 0]
    assert states(book) == {"sent": 1}
    assert len(Maildir(tmp_path / "mail")) == 1


def test_a_crash_between_handing_over_and_recording_gives_the_receiver_the_same_message(
    book, tmp_path
):
    class Dies(MaildirMailer):
        def send(self, message: EmailMessage) -> Sent:
            super().send(message)
            raise KeyboardInterrupt

    for n in range(9):
        book.put_letter(a_receipt(n), NOW)
    with pytest.raises(KeyboardInterrupt):
        outbox(book, Dies(tmp_path / "mail")).run_once(NOW)
    book.put_letter(a_receipt(99), NOW)

    outbox(book, MaildirMailer(tmp_path / "mail")).run_once(NOW + MINUTE)

    assert states(book) == {"sent": 10}
    found = [m["X-Filedrop-Kind"] for m in Maildir(tmp_path / "mail")]
    assert sorted(found) == ["joined", "receipt"], "the joined nine once, the tenth by itself"


def test_a_server_that_is_down_costs_one_attempt_and_a_rest_not_one_a_letter(book):
    for n in range(4):
        book.put_letter(a_notice(n), NOW)
    mailer = Scripted(TryLater("connection refused"))
    box = outbox(book, mailer)

    assert box.run_once(NOW) == 0
    assert box.run_once(NOW + timedelta(seconds=9.999)) == 0, "it rests"
    assert box.run_once(NOW + timedelta(seconds=10)) == 3
    assert box.run_once(NOW + MINUTE * 3) == 1
    assert states(book) == {"sent": 4}


def test_an_answer_that_nobody_understands_means_later(book):
    book.put_letter(a_notice(), NOW)
    mailer = Scripted(ZeroDivisionError())

    outbox(book, mailer).run_once(NOW)

    assert states(book) == {"due": 1}


def test_a_letter_that_fails_for_three_days_is_set_aside_and_the_admin_is_told(book):
    book.put_letter(a_notice(), NOW)
    box = outbox(book, Scripted(*[TryLater("no route")] * 200), admin="cntt")

    now = NOW
    while now < NOW + timedelta(days=3, hours=6):
        box.run_once(now)
        now += MINUTE * 10
    error = {key: error for key, _, error in book.trouble()}["notice/1"]

    assert states(book) == {"set-aside": 1, "due": 1}
    assert "no route" in error and "3 days" in error
    (told,) = book.due_letters(now + timedelta(days=1), 9)
    assert told.letter.unit == "cntt"
    assert "notice/1" in told.letter.context["paragraphs"][0]


def test_after_days_without_power_a_letter_still_gets_its_attempts(book):
    book.put_letter(a_notice(), NOW - timedelta(days=9))

    outbox(book, Scripted(TryLater("not yet"))).run_once(NOW)

    assert states(book) == {"due": 1}


def test_a_message_the_server_will_never_take_is_set_aside_at_once(book):
    book.put_letter(a_notice(1), NOW)
    book.put_letter(a_notice(2), NOW)

    assert outbox(book, Scripted(NeverWorks("too big"))).run_once(NOW) == 1

    assert states(book) == {"set-aside": 1, "sent": 1}


def test_waiting_grows_from_a_minute_to_hours():
    waits = [backoff(n, 0.5) for n in range(12)]

    assert waits[0] == MINUTE
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(minutes=BACKOFF_MINUTES[-1])
    assert backoff(0, 0) == MINUTE * 0.8
    assert backoff(0, 1) == MINUTE * 1.2


# --- one letter stops no other -----------------------------


def test_a_broken_template_sets_aside_its_letters_alone(book, tmp_path):
    folder = shutil.copytree(TEMPLATES, tmp_path / "templates")
    (folder / "notice.html.j2").write_text("{{ chưa_có }}")
    book.put_letter(a_notice(), NOW)
    book.put_letter(a_receipt(), NOW)
    mailer = Scripted()

    outbox(book, mailer, folder).run_once(NOW)

    assert states(book) == {"set-aside": 1, "sent": 1}
    assert [m["X-Filedrop-Kind"] for m in mailer.sent] == ["receipt"]
    (waits,) = book.set_aside()
    assert waits.error == "the letter cannot be made: UndefinedError: 'chưa_có' is undefined"


def test_a_spoiled_letter_among_joined_ones_is_set_aside_and_the_others_go(book):
    for n in range(7):
        book.put_letter(a_receipt(n), NOW)
    book.put_letter(Letter("receipt/bad", "receipt", "760", {"file_name": "x"}), NOW)

    outbox(book, Scripted()).run_once(NOW)

    assert states(book) == {"set-aside": 1, "sent": 7}


def test_a_unit_that_is_not_declared_any_more_costs_its_own_letter_only(book):
    book.put_letter(a_notice(1, "999"), NOW)
    book.put_letter(a_notice(2), NOW)

    assert outbox(book, Scripted(), admin="cntt").run_once(NOW) == 1
    assert states(book) == {"set-aside": 1, "sent": 1, "due": 1}


@pytest.mark.parametrize(
    "error",
    [OSError(5, "Input/output error"), ModuleNotFoundError("No module named 'jinja2.debug'")],
)
def test_what_a_failing_disk_does_not_give_now_is_for_later(book, error):
    """An attachment, or a part of the program that is loaded when it is first needed."""

    def gone(_sha256):
        raise error

    letter = a_notice()
    book.put_letter(
        Letter(letter.key, letter.kind, "760", letter.context, (Attachment("a.xlsx", "00"),)), NOW
    )

    outbox(book, Scripted(), fetch=gone).run_once(NOW)

    assert states(book) == {"due": 1}


# --- addresses -----------------------------


def test_a_refused_address_is_recorded_and_the_letter_counts_as_sent(book):
    book.put_letter(a_notice(), NOW)

    outbox(book, Scripted(Sent(("a@q1.example",), {"b@q1.example": "550 no"}))).run_once(NOW)

    assert states(book) == {"sent": 1}


def test_only_the_addresses_that_were_put_off_get_the_letter_again(book):
    book.put_letter(a_notice(), NOW)
    put_off = Sent(("a@q1.example",), deferred={"b@q1.example": "451 busy"})
    mailer = Scripted(put_off, Sent(("b@q1.example",)))
    box = outbox(book, mailer)

    box.run_once(NOW)
    box.run_once(NOW + MINUTE * 5)

    assert states(book) == {"sent": 1}
    assert [one.addr_spec for one in mailer.sent[1]["To"].addresses] == ["b@q1.example"]
    assert mailer.sent[0]["Message-ID"] == mailer.sent[1]["Message-ID"]


def test_over_smtp_a_unit_without_an_address_is_set_aside_and_named(book):
    book.put_letter(a_notice(1, "761"), NOW)
    book.put_letter(a_notice(2, "760"), NOW)
    with mail_server(script=Script()) as (port, server):
        mailer = SmtpMailer("127.0.0.1", port, tls="none", timeout=60)
        outbox(book, mailer, admin="cntt").run_once(NOW)
        mailer.close()

    assert states(book) == {"set-aside": 1, "sent": 1, "due": 1}
    assert server.receivers == [["a@q1.example", "b@q1.example"]]
    (trouble,) = book.trouble()
    assert "unit has no e-mail address" in trouble[2]


# --- pace -----------------------------


def test_no_more_mails_leave_in_a_minute_than_allowed(book):
    for n in range(25):
        book.put_letter(a_notice(n), NOW)
    box = outbox(book, Scripted(), rate_per_minute=10)

    sent = [box.run_once(NOW + timedelta(seconds=30 * n)) for n in range(6)]

    assert sent == [10, 0, 10, 0, 5, 0]


def test_five_hundred_arrivals_for_one_address_are_one_mail_in_ten_minutes(book):
    mailer = Scripted()
    box = outbox(book, mailer)
    for n in range(500):
        book.put_letter(a_receipt(n), NOW + timedelta(seconds=n))
    for second in range(0, 1300, 5):
        box.run_once(NOW + timedelta(seconds=second))

    assert states(book) == {"sent": 500}
    assert len(mailer.sent) <= 5 + 1 + 1, "a few at once, then what ten minutes gathered"
    assert mailer.sent[-1]["X-Filedrop-Kind"] == "joined"


def test_a_burst_that_waits_is_joined_at_once_and_others_are_not_held_up(book):
    mailer = Scripted()
    for n in range(30):
        book.put_letter(a_receipt(n), NOW)
    book.put_letter(a_receipt(77, "761"), NOW)
    book.put_letter(a_notice(), NOW)

    assert outbox(book, mailer).run_once(NOW) == 3
    kinds = sorted(m["X-Filedrop-Kind"] for m in mailer.sent)
    assert kinds == ["joined", "notice", "receipt"]


def test_letters_that_are_not_about_arrivals_are_never_joined(book):
    """Reminders have a rule of their own (one a day); a flood must not swallow one."""
    mailer = Scripted()
    for n in range(9):
        book.put_letter(a_notice(n), NOW)

    assert outbox(book, mailer).run_once(NOW) == 9


# --- whose fault a refusal is ------------------------------------------------------------------

REFUSED = Sent(refused={"a@q1.example": "550 no", "b@q1.example": "550 no"})
FOUR_UNITS = Units.of(
    [Unit(str(n), f"Quận {n}", "district", email=(f"q{n}@x.example",)) for n in range(4)]
)


def refusing(book, *answers):
    """An outbox to four units whose server answers so."""
    composer = LetterComposer(
        MailTemplates(TEMPLATES), FOUR_UNITS, From("thu@bhxh.example"), lambda _: b"PK"
    )
    return Outbox(book, Scripted(*answers), composer, OutboxRules(), random.Random(1))


def test_a_letter_refused_whole_while_others_go_is_the_fault_of_its_addresses(book):
    for n in range(3):
        book.put_letter(a_notice(n, str(n)), NOW)

    refusing(book, REFUSED, Sent(("q1@x.example",)), Sent(("q2@x.example",))).run_once(NOW)

    assert states(book) == {"set-aside": 1, "sent": 2}


def test_a_server_that_refuses_the_letters_of_several_units_whole_refuses_us_and_they_wait(book):
    for n in range(4):
        book.put_letter(a_notice(n, str(n)), NOW)
    box = refusing(book, *[Sent(refused={f"q{n}@x.example": "550 sorry"}) for n in (0, 1, 0, 1)])

    assert box.run_once(NOW) == 0
    assert states(book) == {"due": 4}
    assert book.refused(NOW - MINUTE) == [], "no address is blamed"
    now = NOW
    for _ in range(8):
        now += MINUTE * 2
        box.run_once(now)
    assert states(book) == {"sent": 4}, "once the server takes us again, all of them go"


def test_a_lone_letter_that_is_refused_again_and_again_is_set_aside(book):
    book.put_letter(a_notice(1, "1"), NOW)
    box = refusing(book, *[Sent(refused={"q1@x.example": "550 unknown"})] * 9)

    box.run_once(NOW)
    assert states(book) == {"due": 1}, "nothing tells yet whose fault it is"
    for n in range(1, 9):
        box.run_once(NOW + MINUTE * 5 * n)
    assert states(book) == {"set-aside": 1}


def test_a_letter_to_no_address_at_all_asks_no_server_and_blames_nobody_else(book):
    for n in (1, 2):
        book.put_letter(a_notice(n, str(n)), NOW)
    nobody = Sent(refused={"x": "unit has no e-mail address"}, asked=False)

    refusing(book, nobody, nobody).run_once(NOW)

    assert states(book) == {"set-aside": 2}


# --- too big ------------------------------------------------------------------------------------


def with_a_copy() -> Letter:
    arrival = Arrival("d001", "760", "Quận 1", "tệp.xlsx", NOW, "Mẫu 3", "Đợt 1 năm 2015")
    copy = Attachment("tệp - CẦN SỬA.xlsx", "00")
    return letters.returned(
        arrival, [], folder="Quận 1/Trả lại", annotated_name=copy.name, attachment=copy
    )


def test_a_mail_that_is_too_big_goes_without_its_attachment_and_says_where_that_lies(book):
    book.put_letter(with_a_copy(), NOW)
    mailer = Scripted(MailTooBig("552"))

    assert outbox(book, mailer).run_once(NOW) == 1

    (sent,) = mailer.sent
    assert list(sent.iter_attachments()) == []
    text = sent.get_body(("plain",)).get_content()
    assert "Quận 1/Trả lại" in text and "quá lớn để gửi kèm" in text
    assert "kèm theo thư này" not in text


def test_a_mail_that_is_too_big_by_itself_is_set_aside(book):
    book.put_letter(a_notice(), NOW)

    outbox(book, Scripted(MailTooBig("552"))).run_once(NOW)

    assert states(book) == {"set-aside": 1}


# --- a restart, and old reminders ----------------------------------------------------------------


def test_after_a_restart_the_pace_of_a_minute_is_kept(book):
    for n in range(25):
        book.put_letter(a_notice(n), NOW)

    assert outbox(book, Scripted(), rate_per_minute=10).run_once(NOW) == 10
    again = outbox(book, Scripted(), rate_per_minute=10)
    assert again.run_once(NOW + timedelta(seconds=20)) == 0
    assert again.run_once(NOW + timedelta(seconds=70)) == 10


def test_after_a_restart_a_flood_is_still_one_mail_in_ten_minutes(book):
    for n in range(30):
        book.put_letter(a_receipt(n), NOW)
    outbox(book, Scripted()).run_once(NOW)
    for n in range(30, 40):
        book.put_letter(a_receipt(n), NOW + MINUTE)

    again = outbox(book, Scripted())
    assert again.run_once(NOW + MINUTE * 2) == 0
    assert again.run_once(NOW + MINUTE * 11) == 1
    assert states(book) == {"sent": 40}


def a_reminder(day: int) -> Letter:
    context = {"unit_name": "Quận 1", "day": f"{day}/06/2015", "items": [], "escalated": [],
               "rounds": []}  # fmt: skip
    return Letter(f"reminder/760/2015-06-{day}", "digest", "760", context)


def test_of_reminders_that_could_not_leave_for_days_only_the_last_goes(book):
    for day in (17, 18, 19):
        book.put_letter(a_reminder(day), moment(6, day, 8))
    book.put_letter(a_notice(), NOW)
    mailer = Scripted()

    outbox(book, mailer).run_once(NOW)

    assert states(book) == {"replaced": 2, "sent": 2}
    assert any("19/06/2015" in str(one["Subject"]) for one in mailer.sent)


# --- once more -----------------------------------------------------------------------------------


def test_a_letter_that_was_set_aside_goes_again_to_the_addresses_as_they_are_now(book):
    book.put_letter(a_notice(), NOW)
    put_off = Sent(("a@q1.example",), deferred={"b@q1.example": "451 busy"})
    outbox(book, Scripted(put_off, NeverWorks("no"))).run_once(NOW)
    outbox(book, Scripted(NeverWorks("no"))).run_once(NOW + MINUTE * 5)
    (waiting,) = book.set_aside()
    assert waiting.addresses(UNITS["760"]) == ("b@q1.example",)
    assert waiting.addresses(UNITS["cntt"]) == (), "an address that was changed: all of the new"

    assert book.send_again({waiting.key: ("b@q1.example",)}, NOW + MINUTE * 9) == 1
    assert book.send_again({waiting.key: ()}, NOW + MINUTE * 9) == 0, "it waits no more"
    mailer = Scripted()
    outbox(book, mailer).run_once(NOW + MINUTE * 10)

    assert [one.addr_spec for one in mailer.sent[0]["To"].addresses] == ["b@q1.example"]
    assert states(book) == {"sent": 1}
