"""Letters on their way: what stands in them, whom they reach, and a mail server that refuses, hangs or drops."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from html import unescape

import pytest
from django.conf import settings as django_settings
from django.urls import reverse
from django.utils import timezone

from apps.deadlines.words import REMINDER
from apps.groups.actions import form_group, invite
from apps.initiatives.actions import say_interest
from apps.notifications.actions import write_letters
from apps.notifications.delivery import CLAIM_LASTS, deliver
from apps.notifications.mail import Press
from apps.notifications.models import Letter
from apps.notifications.tokens import message_id
from tests.conftest import NOW, adopt
from tests.journeys.at_once import people
from tests.notifications.post import arrived, parts_of, post, unsubscribe_link, words_of, write_to

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


# --- What stands in a letter -----------------------------------------------------------------


@pytest.fixture
def mail(smtp_sink, volunteer, coordinator, clock):
    group = form_group(name='Tea & "Cake" <b>', by=coordinator, now=NOW)
    invite(group, people=[volunteer], by=coordinator, now=NOW)
    assert post(clock) == 1
    return smtp_sink.messages[0]


def test_plain_text_comes_first_and_html_has_the_same_words(mail):
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    plain, html = parts_of(mail).values()
    letter = Letter.objects.get()
    body_of_html = re.sub(r"<[^>]+>", " ", html.split("<body>")[1])
    for paragraph in [*letter.paragraphs, letter.link_words, "No more letters of this kind"]:
        assert words_of(paragraph) in words_of(plain)
        assert words_of(paragraph) in words_of(body_of_html)
    assert 'Tea & "Cake" <b>' in plain
    assert "Tea &amp; &quot;Cake&quot; &lt;b&gt;" in html


def test_a_letter_says_what_happened_what_is_asked_by_when_and_what_silence_does(mail):
    plain = words_of(parts_of(mail)["text/plain"])
    assert "Bola invites you to the working group" in plain
    assert "Accept or decline by 21 September 2026, 10:00 UTC." in plain
    assert "If you do not answer, the invitation lapses." in plain
    assert "You get this because somebody named you." in plain
    assert mail["Subject"].startswith("By 21 September 2026: will you join")


def test_a_letter_has_one_link_to_act_beside_the_one_to_unsubscribe(mail):
    letter = Letter.objects.get()
    act = f"http://localhost:8000{letter.notice.link}"
    unsubscribe = unsubscribe_link(mail)
    plain, html = parts_of(mail).values()
    assert re.findall(r"https?://\S+", plain) == [act, unsubscribe]
    assert [unescape(link) for link in re.findall(r'href="([^"]*)"', html)] == [act, unsubscribe]
    assert re.findall(r'\ssrc="', html) == []


def test_a_letter_can_be_unsubscribed_with_one_click_as_rfc_8058_says(mail):
    assert unsubscribe_link(mail).startswith("http://localhost:8000/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    sent = Press().mail([Letter.objects.get()]).as_bytes().decode()
    assert re.search(r"^List-Unsubscribe: <http://localhost:8000/\S+>\r$", sent, re.M), "Neither encoded nor broken."


def test_a_letter_is_from_the_site_to_one_person_and_answers_nobody_by_itself(mail, volunteer):
    assert parseaddr(mail["From"])[1] == parseaddr(django_settings.DEFAULT_FROM_EMAIL)[1]
    assert mail["To"] == mail["X-Envelope-To"] == volunteer.email
    assert mail["Cc"] is mail["Bcc"] is None
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == message_id(Letter.objects.get())
    assert mail["Date"]


def test_each_reads_the_letter_in_their_own_language(smtp_sink, clock, initiative, person, coordinator):
    english, arabic = person("Emma"), person("Amina", language="ar")
    for someone in (english, arabic):
        say_interest(
            initiative,
            ways=["would_join"],
            languages=[],
            region="",
            is_named=False,
            wants_news=True,
            by=someone,
            now=NOW,
        )
    Letter.objects.all().delete()
    adopt(initiative, group=None, by=coordinator, new_group_name="First Steps")
    post(clock)
    mails = {mail["To"]: parts_of(mail) for mail in smtp_sink.messages}
    assert initiative.titles["en"] in words_of(mails[english.email]["text/plain"])
    assert '<html lang="en" dir="ltr">' in mails[english.email]["text/html"]
    for content in mails[arabic.email].values():
        assert initiative.titles["ar"] in words_of(content)
        assert initiative.titles["en"] not in words_of(content)
    assert '<html lang="ar" dir="rtl">' in mails[arabic.email]["text/html"]


def test_a_day_is_the_recipients_day_whoever_caused_the_letter(person):
    """Ten in the evening in London is the next morning in Auckland."""
    due_at = datetime(2026, 9, 7, 22, 0, tzinfo=UTC)
    in_london, in_auckland = person("Liz", time_zone="Europe/London"), person("Aroha", time_zone="Pacific/Auckland")
    for key, zone_of_the_writer in (("1", "Pacific/Auckland"), ("2", "America/Lima")):
        with timezone.override(zone_of_the_writer):
            write_to(in_london, in_auckland, key=key, due_at=due_at)
    assert subjects_read_by(in_london) == {"By 7 September 2026: will you join First Steps?"}
    assert subjects_read_by(in_auckland) == {"By 8 September 2026: will you join First Steps?"}


def subjects_read_by(person):
    with timezone.override(person.time_zone):
        return {letter.subject for letter in person.letters.all()}


@pytest.mark.parametrize(
    "name",
    [
        "Evil\r\nBcc: everybody@example.org",
        "Evil\nSubject: other",
        "Evil\r\n\r\n<script>alert(1)</script>",
        "Evil\u2028X: y",
    ],
)
def test_a_name_with_newlines_injects_no_header(smtp_sink, clock, volunteer, coordinator, person, name):
    """The forms refuse such names; a letter must not depend on it."""
    group = form_group(name=name, by=coordinator, now=NOW)
    invite(group, people=[volunteer], by=person("Eve\r\nCc: eve@example.org"), now=NOW)
    assert post(clock) == 1
    mail = smtp_sink.messages[0]
    assert mail["X-Envelope-To"] == volunteer.email
    assert mail["Bcc"] is mail["Cc"] is mail["X"] is None
    assert len(mail.get_all("Subject")) == 1
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert "<script>" not in parts_of(mail)["text/html"]


def test_percent_signs_and_right_to_left_names_stay_what_they_are(smtp_sink, clock, volunteer):
    write_to(volunteer, group="100 %(due_at)s فريق", person="أحمد")
    assert post(clock) == 1
    assert "أحمد invites you to the working group 100 %(due_at)s فريق." in parts_of(smtp_sink.messages[0])["text/plain"]


def test_a_very_long_name_is_cut_in_the_subject_and_whole_in_the_text(smtp_sink, clock, volunteer):
    write_to(volunteer, group="x" * 2000)
    assert post(clock) == 1
    assert len(smtp_sink.messages[0]["Subject"]) < 300
    assert "x" * 2000 in parts_of(smtp_sink.messages[0])["text/plain"].replace("\n", "")


# --- Whom it reaches -------------------------------------------------------------------------


def test_one_letter_for_each_key_and_person(smtp_sink, clock, volunteer, stranger):
    write_to(volunteer, volunteer, stranger)
    write_to(volunteer, stranger)
    write_to(volunteer, key="2")
    assert post(clock) == 3
    assert post(clock) == 0
    assert sorted(arrived(smtp_sink)) == sorted([volunteer.email, volunteer.email, stranger.email])


def test_the_same_key_of_another_kind_is_another_letter(volunteer):
    write_to(volunteer)
    write_letters(
        REMINDER,
        to=[volunteer],
        key="1",
        link="/",
        now=NOW,
        what="x",
        silence="y",
        opened_at=NOW,
        due_at=NOW,
        silence_at=NOW,
    )
    assert volunteer.letters.count() == 2


def test_blocked_people_get_none_on_the_site_or_by_mail(smtp_sink, clock, blocked, volunteer):
    write_to(blocked, volunteer)
    assert post(clock) == 1
    assert (blocked.letters.count(), volunteer.letters.count()) == (0, 1)


@pytest.mark.parametrize("choice", [{"email": ""}, {"mail": "site"}])
def test_without_an_address_or_with_that_choice_a_letter_waits_on_the_site_only(
    smtp_sink, clock, person, sign_in, choice
):
    someone = person("Noor", **choice)
    write_to(someone)
    assert post(clock) == 0
    assert smtp_sink.messages == []
    assert Letter.objects.get().mail == Letter.Mail.NONE
    assert "will you join First Steps?" in sign_in(someone).get(reverse("notifications:index")).content.decode()


@pytest.mark.parametrize("change", [{"email": ""}, {"mail": "site"}, {"blocked_at": NOW}])
def test_what_a_person_changed_after_it_was_written_counts_when_it_is_sent(smtp_sink, clock, volunteer, change):
    [letter] = write_to(volunteer)
    for name, value in change.items():
        setattr(volunteer, name, value)
    volunteer.save()
    assert post(clock) == 0
    assert smtp_sink.messages == []
    letter = Letter.objects.get()
    assert (letter.mail, letter.sent_at) == (Letter.Mail.NONE, None)


# --- A mail server in trouble ----------------------------------------------------------------


@pytest.fixture
def impatient(settings):
    settings.EMAIL_TIMEOUT = 0.3


def test_a_refused_letter_is_put_off_with_growing_delay_and_arrives_later(smtp_sink, clock, volunteer):
    write_to(volunteer)
    smtp_sink.refuse(451)
    delays = []
    for _ in range(4):
        assert post(clock) == 0
        letter = Letter.objects.get()
        delays.append((letter.wake_at - clock.now) / timedelta(minutes=1))
        assert post(clock) == 0, "It is asleep now."
        clock.now = letter.wake_at
    assert delays == [2, 4, 8, 16]
    assert "451" in Letter.objects.get().last_error
    smtp_sink.accept()
    assert post(clock) == 1
    letter = Letter.objects.get()
    assert (letter.mail, letter.last_error, letter.attempts) == (Letter.Mail.SENT, "", 4)
    assert arrived(smtp_sink) == [volunteer.email]


def test_letters_outlast_a_weekend_without_a_mail_server(smtp_sink, clock, volunteer):
    write_to(volunteer)
    smtp_sink.refuse(451)
    for _ in range(60):
        post(clock)
        clock.pass_by(hours=1)
    smtp_sink.accept()
    for _ in range(12):
        post(clock)
        clock.pass_by(hours=1)
    assert arrived(smtp_sink) == [volunteer.email]


def test_a_letter_that_fails_for_ever_does_not_block_the_next_and_is_given_up_at_last(smtp_sink, clock):
    first, second, third = people(3)
    smtp_sink.refuse(only=first.email, answer="554 5.7.1 This looks like spam")
    write_to(first, second, third)
    assert post(clock) == 2
    assert arrived(smtp_sink) == [second.email, third.email]
    for _ in range(30):
        clock.pass_by(hours=13)
        post(clock)
    failed = Letter.objects.get(recipient=first)
    assert (failed.mail, failed.wake_at) == (Letter.Mail.FAILED, None)
    assert "554" in failed.last_error
    assert arrived(smtp_sink) == [second.email, third.email]


def test_a_server_that_hangs_is_left_after_the_time_out_and_letters_arrive_later(
    smtp_sink, clock, volunteer, stranger, impatient
):
    write_to(volunteer, stranger)
    smtp_sink.hang()
    assert post(clock) == 0
    assert set(Letter.objects.values_list("mail", "attempts")) == {(Letter.Mail.QUEUED, 1)}
    smtp_sink.accept()
    clock.pass_by(minutes=2)
    assert post(clock) == 2
    assert sorted(arrived(smtp_sink)) == sorted([volunteer.email, stranger.email])


def test_a_dropped_connection_puts_the_letter_off_and_the_next_gets_a_new_one(smtp_sink, clock, volunteer, stranger):
    write_to(volunteer, stranger)
    smtp_sink.drop()
    assert post(clock) == 0
    smtp_sink.accept()
    clock.pass_by(minutes=2)
    assert post(clock) == 2
    assert sorted(arrived(smtp_sink)) == sorted([volunteer.email, stranger.email])


def test_a_letter_taken_without_a_word_comes_again_with_the_same_message_id(smtp_sink, clock, volunteer):
    """The server took it and the connection broke before the 250: nobody can know. Mail programs show it once."""
    write_to(volunteer)
    smtp_sink.drop(after_taking=True)
    assert post(clock) == 0
    smtp_sink.accept()
    clock.pass_by(minutes=2)
    assert post(clock) == 1
    first, second = smtp_sink.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"]


def test_no_server_at_all_puts_everything_off(settings, clock, volunteer):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    write_to(volunteer)
    assert post(clock) == 0
    assert Letter.objects.get().mail == Letter.Mail.QUEUED


def each_letter_takes(sink, clock, **time):
    """A slow server: the clock moves on while it takes a letter."""

    def answer(server, envelope):
        clock.pass_by(**time)
        return sink._take(server, envelope)

    sink._answer = answer


@pytest.mark.slow
def test_a_slow_server_lets_no_second_worker_send_what_the_first_one_holds(smtp_sink, clock):
    """Half a minute for each letter: a hundred letters, a whole claim, take much longer than a claim lasts."""
    write_to(*people(120))
    each_letter_takes(smtp_sink, clock, seconds=30)
    second_worker_begins_at = NOW + CLAIM_LASTS + timedelta(minutes=1)

    def first_workers_clock():
        nonlocal second_worker_begins_at
        if clock.now >= second_worker_begins_at:
            second_worker_begins_at = clock.now + timedelta(minutes=5)
            post(clock, bulk=True)
        return clock.now

    for _ in range(120):
        deliver(now=clock.now, clock=first_workers_clock, bulk=True)
    everybody = arrived(smtp_sink)
    assert len(set(everybody)) == 120, "Each letter arrived,"
    assert len(everybody) == 120, "and none of them twice."


@pytest.mark.parametrize(("bulk", "letters"), [(False, 4), (True, 30)])
def test_a_slow_server_does_not_keep_the_worker_from_the_next_sweep(smtp_sink, clock, bulk, letters):
    """Delivering stops after eight seconds, a mailing after a minute; what is left goes with the next run."""
    write_to(*people(60))
    Letter.objects.update(is_bulk=bulk)
    each_letter_takes(smtp_sink, clock, seconds=2)
    assert post(clock, bulk=bulk) == letters
    assert clock.now - NOW == timedelta(seconds=2 * letters)
    assert not Letter.objects.filter(mail=Letter.Mail.QUEUED, wake_at__gt=clock.now).exists(), "Nothing is held back."
