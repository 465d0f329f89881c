"""Bounces as mail servers write them, made up: names, hosts and addresses are nobody's."""

from __future__ import annotations

import base64

LETTER = "<0123456789abcdef0123456789abcdef01234567@bhxh.example>"
"""The Message-ID of the letter that they return."""

GONE = "nghi-viec@q1.example"
OTHER = "day-hop-thu@q1.example"

_RETURNED = f"""From: =?utf-8?q?Ph=C3=B2ng_Thu?= <thu@bhxh.example>
To: =?utf-8?q?Qu=E1=BA=ADn_1?= <{GONE}>
Subject: =?utf-8?q?=C4=90=C3=A3_nh=E1=BA=ADn?=
Message-ID: {LETTER}
Auto-Submitted: auto-generated
"""


def _crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def postfix(
    address: str = GONE,
    letter: str = LETTER,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "550 5.1.1 User unknown in virtual mailbox table",
    recipient: str = "",
) -> bytes:
    """Postfix 3: text, `message/delivery-status`, `text/rfc822-headers`."""
    final = recipient or f"Final-Recipient: rfc822; {address}\nOriginal-Recipient: rfc822;{address}"
    returned = _RETURNED.replace(LETTER, letter)
    return _crlf(f"""Return-Path: <>
Date: Sat, 20 Jun 2015 09:00:00 +0700 (+07)
From: MAILER-DAEMON@mail.bhxh.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: thu@bhxh.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4B2C1.1434765600/mail.bhxh.example"
Content-Transfer-Encoding: 8bit
Message-Id: <20150620020000.4B2C2@mail.bhxh.example>

This is a MIME-encapsulated message.

--4B2C1.1434765600/mail.bhxh.example
Content-Description: Notification
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

This is the mail system at host mail.bhxh.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<{address}>: host mx.q1.example said: {diagnostic}

--4B2C1.1434765600/mail.bhxh.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.bhxh.example
X-Postfix-Queue-ID: 4B2C1
X-Postfix-Sender: rfc822; thu@bhxh.example
Arrival-Date: Sat, 20 Jun 2015 08:59:58 +0700 (+07)

{final}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.q1.example
Diagnostic-Code: smtp; {diagnostic}

--4B2C1.1434765600/mail.bhxh.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers
Content-Transfer-Encoding: 8bit

{returned}
--4B2C1.1434765600/mail.bhxh.example--
""")


def exim() -> bytes:
    """Exim 4.8 and later: also names the receivers in a header, returns the whole letter."""
    return _crlf(f"""Return-path: <>
Envelope-to: thu@bhxh.example
X-Failed-Recipients: {GONE},
  {OTHER}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.bhxh.example>
To: thu@bhxh.example
References: {LETTER}
Content-Type: multipart/report; report-type=delivery-status; boundary=1434765600-eximdsn-804289383
MIME-Version: 1.0
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1Z67Jd-0001Ab-3x@mx.bhxh.example>

--1434765600-eximdsn-804289383
Content-type: text/plain; charset=us-ascii

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {GONE}
    host mx.q1.example [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<{GONE}>:
    550 5.1.1 no such user

--1434765600-eximdsn-804289383
Content-type: message/delivery-status

Reporting-MTA: dns; mx.bhxh.example

Action: failed
Final-Recipient: rfc822;{GONE}
Status: 5.0.0
Remote-MTA: dns; mx.q1.example
Diagnostic-Code: smtp; 550 5.1.1 no such user

Action: failed
Final-Recipient: rfc822;{OTHER}
Status: 5.0.0
Remote-MTA: dns; mx.q1.example
Diagnostic-Code: smtp; 552 5.2.2 mailbox full

--1434765600-eximdsn-804289383
Content-type: message/rfc822

Return-path: <thu@bhxh.example>
{_RETURNED}
Kính gửi BHXH Quận 1,

--1434765600-eximdsn-804289383--
""")


def old_exim() -> bytes:
    """Exim before 4.8: words alone, the receivers in a header."""
    return _crlf(f"""X-Failed-Recipients: {GONE}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.bhxh.example>
To: thu@bhxh.example
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {GONE}
    SMTP error from remote mail server after RCPT TO:<{GONE}>:
    host mx.q1.example [192.0.2.1]: 550 5.1.1 no such user

------ This is a copy of the message, including all the headers. ------

{_RETURNED}
Kính gửi BHXH Quận 1,
""")


def exchange() -> bytes:
    """Exchange and Microsoft 365: words in two forms, its own fields among the standard ones."""
    return _crlf(f"""From: <postmaster@q1.example>
To: <thu@bhxh.example>
Date: Sat, 20 Jun 2015 02:00:00 +0000
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="_03c5_EX01q1example_"
X-MS-Exchange-Message-Is-Ndr:
Content-Language: vi-VN
Message-ID: <aaaa-bbbb@EX01.q1.example>
In-Reply-To: {LETTER}
References: {LETTER}
Subject: =?utf-8?b?S2jDtG5nIHRo4buDIGfhu61pOiDEkMOjIG5o4bqtbg==?=
Auto-Submitted: auto-replied
MIME-Version: 1.0

--_03c5_EX01q1example_
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="_inner_"

--_inner_
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

{base64.b64encode("Không chuyển được đến người nhận sau.".encode()).decode()}
--_inner_
Content-Type: text/html; charset="utf-8"

<html><body>Không chuyển được</body></html>
--_inner_--

--_03c5_EX01q1example_
Content-Type: message/delivery-status

Reporting-MTA: dns;EX01.q1.example
Received-From-MTA: dns;mail.bhxh.example
Arrival-Date: Sat, 20 Jun 2015 01:59:59 +0000

Final-recipient: rfc822;{GONE.upper()}
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient {GONE} not found
 by SMTP address lookup
X-Display-Name: =?utf-8?b?UXXhuq1uIDE=?=

--_03c5_EX01q1example_
Content-Type: message/rfc822

{_RETURNED}
Kính gửi BHXH Quận 1,
--_03c5_EX01q1example_--
""")


def gmail() -> bytes:
    """Gmail: pictures in the words, a reason of several lines."""
    return _crlf(f"""From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>
To: thu@bhxh.example
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: {LETTER}
In-Reply-To: {LETTER}
X-Failed-Recipients: {GONE}
Message-ID: <5584.1c69fb81.0001.GMR@mx.example>
Content-Type: multipart/report; boundary="00000000000012ab"; report-type=delivery-status

--00000000000012ab
Content-Type: multipart/related; boundary="00000000000012ac"

--00000000000012ac
Content-Type: text/html; charset="UTF-8"

<p>Address not found</p>
--00000000000012ac
Content-Type: image/png; name="icon.png"
Content-Transfer-Encoding: base64
Content-ID: <icon.png>

iVBORw0KGgo=
--00000000000012ac--

--00000000000012ab
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.example
Arrival-Date: Fri, 19 Jun 2015 19:00:00 -0700 (PDT)
X-Original-Message-ID: {LETTER}

Final-Recipient: rfc822; {GONE}
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.q1.example. (192.0.2.1, the server for the domain.)
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.
 550 5.1.1 Please try double-checking the recipient's email address.
Last-Attempt-Date: Fri, 19 Jun 2015 19:00:00 -0700 (PDT)

--00000000000012ab
Content-Type: message/rfc822

{_RETURNED}
Kính gửi BHXH Quận 1,
--00000000000012ab--
""")


def qmail() -> bytes:
    """qmail: words in a fixed form (QSBMF)."""
    return f"""Return-Path: <>
From: MAILER-DAEMON@mx.q1.example
To: thu@bhxh.example
Subject: failure notice

Hi. This is the qmail-send program at mx.q1.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{GONE}>:
Sorry, no mailbox here by that name. (#5.1.1)

<{OTHER}>:
192.0.2.1 does not like recipient.
Remote host said: 452 4.2.2 mailbox full
I'm not going to try again; this message has been in the queue too long.

--- Below this line is a copy of the message.

Return-Path: <thu@bhxh.example>
{_RETURNED}
Kính gửi BHXH Quận 1,
""".encode()


def _plain(headers: str, text: str) -> bytes:
    given = f"From: Quận 1 <{GONE}>\nTo: thu@bhxh.example\nIn-Reply-To: {LETTER}\n{headers}\n"
    return f"{given}Content-Type: text/plain; charset=utf-8\n\n{text}\n".encode()


def answer(text: str = "Đơn vị đã sửa và nộp lại, xin kiểm tra.") -> bytes:
    """What a clerk answers."""
    return _plain("Subject: Re: Trả lại danh sách", text)


def absence() -> bytes:
    """What a mail program answers while its owner is on leave."""
    return _plain("Auto-Submitted: auto-replied (vacation)\nSubject: Nghỉ phép", "Tôi nghỉ phép.")


def receipt() -> bytes:
    """A receipt of reading (RFC 8098), which has the shape of a bounce."""
    text = postfix().decode().replace("delivery-status", "disposition-notification")
    return text.replace("Action: failed", "Disposition: manual-action/MDN-sent; displayed").encode()


def passed_on(bounce: bytes) -> bytes:
    """A bounce that a person attached to a mail."""
    head = _crlf("""From: to.truong@bhxh.example
To: thu@bhxh.example
Subject: Fwd
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="x1"

--x1
Content-Type: text/plain

Xem giup.
--x1
Content-Type: message/rfc822

""")
    return head + bounce + b"\r\n--x1--\r\n"
