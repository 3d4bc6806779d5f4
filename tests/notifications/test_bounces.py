"""Mail that comes back: a dead address is written to no more, and nothing else has that effect."""

import io
import sys
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from apps.accounts.models import User
from apps.notifications.bounces import read_bounce
from apps.notifications.models import Letter
from apps.notifications.tokens import letter_id_in, message_id
from tests.conftest import NOW
from tests.notifications.post import arrived, post, post_digests, write_to

pytestmark = pytest.mark.django_db

REPORT = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
To: strategy@localhost
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Arrival-Date: Mon, 7 Sep 2026 10:00:00 +0000

Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; 550 5.1.1 <{to}>: Recipient address rejected:
    User unknown

--B
Content-Type: {returned}

From: Movement Strategy <strategy@localhost>
To: {to}
Subject: By 21 September 2026: will you join First Steps?
Message-ID: {message_id}

--B--
"""


@pytest.fixture
def sent(smtp_sink, clock, volunteer):
    [letter] = write_to(volunteer)
    assert post(clock) == 1
    return letter


def report_about(letter, **other):
    words = {
        "to": letter.recipient.email,
        "action": "failed",
        "status": "5.1.1",
        "returned": "message/rfc822",
        "message_id": message_id(letter),
    }
    return REPORT.format(**words | other).encode()


def pipe(monkeypatch, content):
    """What an alias of the mail server does with a mail; returns what the command says."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    said = io.StringIO()
    call_command("bounce", stdout=said)
    return said.getvalue()


def is_paused(person):
    person.refresh_from_db()
    return person.mail_paused_at is not None


# --- Reports (RFC 3464) ----------------------------------------------------------------------


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers"])
def test_a_report_of_a_permanent_failure_pauses_the_address(monkeypatch, sent, volunteer, returned):
    said = pipe(monkeypatch, report_about(sent, returned=returned))
    assert "wait on the site from now on" in said
    assert is_paused(volunteer)
    assert "User unknown" in volunteer.mail_paused_why
    letter = Letter.objects.get()
    assert (letter.mail, "User unknown" in letter.last_error) == (Letter.Mail.NONE, True)


def test_a_report_about_a_digest_pauses_too(smtp_sink, clock, monkeypatch, person):
    reader = person("Dina", mail="daily")
    write_to(reader, key="1")
    write_to(reader, key="2")
    clock.pass_by(days=1)
    post_digests(clock)
    [digest] = smtp_sink.messages
    pipe(monkeypatch, report_about(reader.letters.first(), message_id=digest["Message-ID"]))
    assert is_paused(reader)


def test_the_same_report_twice_is_no_harm(monkeypatch, sent, volunteer):
    for _ in range(2):
        pipe(monkeypatch, report_about(sent))
    assert is_paused(volunteer)


@pytest.mark.parametrize(
    "other",
    [
        {"action": "delayed", "status": "4.4.1"},
        {"action": "failed", "status": "4.4.7"},
        {"action": "delivered", "status": "2.0.0"},
        {"action": "", "status": ""},
        {"message_id": "<letter-1-0123456789abcdef0123@localhost>"},
        {"message_id": "<letter-1@localhost>"},
        {"message_id": ""},
        {"message_id": "<" + "x" * 5000 + ">"},
        {"message_id": "<letter-99999999999999999999-00@localhost>"},
        {"to": "somebody-else@example.org"},
        {"returned": "text/plain"},
    ],
    ids=str,
)
def test_what_is_no_permanent_failure_of_a_letter_of_ours_changes_nothing(monkeypatch, sent, volunteer, other):
    assert "Nothing was done." in pipe(monkeypatch, report_about(sent, **other))
    assert not is_paused(volunteer)
    assert Letter.objects.get().mail == Letter.Mail.SENT


def test_a_report_about_an_address_that_was_changed_since_changes_nothing(monkeypatch, sent, volunteer):
    report = report_about(sent)
    User.objects.filter(pk=volunteer.pk).update(email="new@example.org")
    assert "Nothing was done." in pipe(monkeypatch, report)
    assert not is_paused(volunteer)


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"\x00\xff\xfe",
        b"Subject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nI am away until Monday.\r\n",
        b"Subject: Re: By 21 September\r\n\r\nThank you! Action: failed Status: 5.1.1\r\n",
        b"Content-Type: multipart/report; boundary=B\r\n\r\n--B\r\nContent-Type: message/delivery-status\r\n\r\n",
        b"Content-Type: multipart/report; boundary=B\r\n\r\nno parts at all",
        b"Content-Type: multipart/report\r\n\r\n--B\r\nContent-Type: message/rfc822\r\n\r\n--B--",
        b"Content-Type: multipart/report; boundary=\xff\xff\r\nContent-Type: \xe9\r\n\r\n\xff",
        REPORT.encode()[:700],
    ],
)
def test_odd_mail_gets_a_sentence_and_never_an_error(monkeypatch, mail):
    """An error would make the mail server write to whoever wrote, who may be a machine that does the same."""
    assert "Nothing was done." in pipe(monkeypatch, mail)


def test_a_mistake_of_ours_is_no_error_of_the_mail_server_either(monkeypatch, sent):
    def fail(bounce, now):
        raise RuntimeError("a mistake")

    monkeypatch.setattr("apps.notifications.actions.note_bounce", fail)
    assert "Nothing was done." in pipe(monkeypatch, report_about(sent))


def test_without_the_database_the_mail_server_shall_try_again(monkeypatch, sent):
    def fail(bounce, now):
        raise OperationalError("gone")

    monkeypatch.setattr("apps.notifications.actions.note_bounce", fail)
    with pytest.raises(CommandError) as error:
        pipe(monkeypatch, report_about(sent))
    assert error.value.returncode == 75  # EX_TEMPFAIL


def test_a_message_id_cannot_be_guessed(sent):
    ours = message_id(sent)
    assert letter_id_in(ours) == sent.pk
    assert letter_id_in(ours.replace(f"-{sent.pk}-", f"-{sent.pk + 1}-")) is None
    assert letter_id_in(ours.replace("letter", "digest")) is None


def test_the_first_failed_person_of_a_report_counts(sent):
    twice = report_about(sent).replace(
        b"Final-Recipient",
        b"Final-Recipient: rfc822; other@example.org\nAction: delivered\nStatus: 2.0.0\n\nFinal-Recipient",
        1,
    )
    assert "User unknown" in read_bounce(twice).why


# --- Refused at once -------------------------------------------------------------------------


def test_an_address_that_the_server_refuses_is_paused_at_once(smtp_sink, clock, volunteer, stranger):
    smtp_sink.refuse(only=volunteer.email)
    write_to(volunteer, stranger)
    write_to(volunteer, key="2")
    assert post(clock) == 1
    assert is_paused(volunteer)
    assert "No such person" in volunteer.mail_paused_why
    assert set(volunteer.letters.values_list("mail", flat=True)) == {Letter.Mail.NONE}
    attempts = smtp_sink.attempts
    write_to(volunteer, key="3")
    clock.pass_by(days=1)
    post(clock)
    assert smtp_sink.attempts == attempts, "Nothing was even tried."
    assert arrived(smtp_sink) == [stranger.email]


@pytest.mark.parametrize(
    ("answer", "pauses"),
    [
        ("550 No such person", True),
        ("551 moved away", True),
        ("553 what a name", True),
        ("550 5.1.1 who?", True),
        ("550 5.2.1 closed", True),
        ("550 5.7.1 this looks like spam", False),
        ("552 5.2.2 mailbox full", False),
        ("554 no", False),
        ("450 4.2.1 later", False),
        ("451 5.1.1 odd", False),
    ],
)
def test_only_a_refusal_of_the_address_itself_pauses_it(smtp_sink, clock, volunteer, answer, pauses):
    smtp_sink.refuse(only=volunteer.email, answer=answer)
    write_to(volunteer)
    assert post(clock) == 0
    assert is_paused(volunteer) is pauses
    assert Letter.objects.get().mail == (Letter.Mail.NONE if pauses else Letter.Mail.QUEUED)


def test_a_server_that_refuses_the_mail_itself_pauses_nobody(smtp_sink, clock, volunteer):
    smtp_sink.refuse(550)
    write_to(volunteer)
    assert post(clock) == 0
    assert not is_paused(volunteer)
    assert Letter.objects.get().wake_at == NOW + timedelta(minutes=2)
