"""Digests: one mail in the morning, with only what is still open when it leaves."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.accounts.models import User
from apps.groups.actions import answer_join, ask_to_join, form_group, leave_group, make_coordinator
from apps.groups.models import Membership
from apps.groups.words import ADMITTED
from apps.notifications.delivery import BATCH, deliver_digests
from apps.notifications.models import Letter
from tests.conftest import NOW, add_member
from tests.journeys.at_once import people
from tests.notifications.post import arrived, parts_of, post, post_digests, unsubscribe_link, words_of, write_to

pytestmark = pytest.mark.django_db
TUESDAY_MORNING = datetime(2026, 9, 8, 7, 0, tzinfo=UTC)
NEXT_MONDAY = datetime(2026, 9, 14, 7, 0, tzinfo=UTC)


@pytest.fixture
def reader(person):
    return person("Dina", mail="daily")


def mails(letters):
    return set(letters.values_list("mail", flat=True))


def test_several_letters_come_as_one_mail_in_the_morning(smtp_sink, clock, reader):
    write_to(reader, kind=ADMITTED, key="news", group="Old Friends")
    write_to(reader, key="1", group="First Steps", due_at=NOW + timedelta(days=14))
    write_to(reader, key="2", group="Second Steps", due_at=NOW + timedelta(days=7), link="/groups/second/")
    assert post(clock) == 0
    assert post_digests(clock) == 0, "It is not morning yet."
    clock.now = TUESDAY_MORNING
    assert post_digests(clock) == 1
    assert post_digests(clock) == 0
    [mail] = smtp_sink.messages
    assert mail["To"] == reader.email
    text, html = parts_of(mail).values()
    for part in (text, html):
        for words in ("First Steps", "Second Steps", "You are a member of Old Friends"):
            assert words in words_of(part)
        assert part.count("http://localhost:8000/groups/second/") == 1
        assert unsubscribe_link(mail) in part
    assert mails(reader.letters) == {Letter.Mail.SENT}


def test_what_is_asked_comes_first_and_the_nearest_date_is_the_subject(smtp_sink, clock, reader, coordinator):
    """A letter that asks names a deadline; the others tell."""
    write_to(reader, kind=ADMITTED, key="news", group="Old Friends")
    group = form_group(name="Askers", by=reader, now=NOW)
    ask_to_join(group, message="", by=coordinator, now=NOW)
    clock.now = TUESDAY_MORNING
    assert post_digests(clock) == 1
    [mail] = smtp_sink.messages
    assert mail["Subject"] == "By 21 September 2026: Bola asks to join Askers (and 1 more)"
    text = words_of(parts_of(mail)["text/plain"])
    assert text.index("Asked of you") < text.index("Askers") < text.index("What else is new") < text.index("Friends")


def test_one_letter_alone_needs_no_and_more(smtp_sink, clock, reader):
    write_to(reader, kind=ADMITTED)
    clock.now = TUESDAY_MORNING
    post_digests(clock)
    assert smtp_sink.messages[0]["Subject"] == "You are a member of First Steps"


def test_a_weekly_digest_leaves_on_monday(smtp_sink, clock, person):
    weekly = person("Wei", mail="weekly")
    write_to(weekly)
    clock.now = NEXT_MONDAY - timedelta(seconds=1)
    assert post_digests(clock) == 0
    clock.now = NEXT_MONDAY
    assert post_digests(clock) == 1


# --- Only what is still open -----------------------------------------------------------------


@pytest.fixture
def asked(reader, coordinator):
    """Somebody asked to join a group that the reader coordinates, and a letter says so."""
    group = form_group(name="Askers", by=reader, now=NOW)
    request = ask_to_join(group, message="", by=coordinator, now=NOW)
    assert mails(reader.letters) == {Letter.Mail.DIGEST}
    return request


def leave_it(request, reader):
    return None


def answer_it(request, reader):
    answer_join(request, admit=True, by=reader, now=NOW)


def leave_the_group(request, reader):
    other = Membership.objects.exclude(user=reader).filter(state="active").first() or add_member(
        request.group, people(1)[0]
    )
    make_coordinator(other, by=reader, now=NOW)
    leave_group(request.group, by=reader, now=NOW)


def read_it(request, reader):
    reader.letters.update(read_at=NOW)


def choose_the_site(request, reader):
    reader.mail = "site"
    reader.save()


def choose_the_site_for_this_kind(request, reader):
    reader.mail_by_kind = {"groups.asks_to_join": "site"}
    reader.save()


def lose_the_address(request, reader):
    reader.email = ""
    reader.save()


def be_blocked(request, reader):
    reader.blocked_at = NOW
    reader.save()


@pytest.mark.parametrize(
    "happens",
    [
        answer_it,
        leave_the_group,
        read_it,
        choose_the_site,
        choose_the_site_for_this_kind,
        lose_the_address,
        be_blocked,
    ],
)
def test_what_is_over_by_the_morning_is_left_out_and_nothing_left_is_no_mail(smtp_sink, clock, reader, asked, happens):
    clock.now = TUESDAY_MORNING
    happens(asked, reader)
    assert post_digests(clock) == 0
    assert smtp_sink.messages == []
    assert mails(reader.letters.filter(notice__kind="groups.asks_to_join")) == {Letter.Mail.NONE}


def test_it_leaves_when_nothing_of_that_happens(smtp_sink, clock, reader, asked):
    clock.now = TUESDAY_MORNING
    leave_it(asked, reader)
    assert post_digests(clock) == 1


def test_only_the_open_part_of_a_digest_leaves(smtp_sink, clock, reader, asked):
    answer_it(asked, reader)
    write_to(reader, kind=ADMITTED, group="Old Friends")
    clock.now = TUESDAY_MORNING
    assert post_digests(clock) == 1
    text = parts_of(smtp_sink.messages[0])["text/plain"]
    assert "Old Friends" in text
    assert "Askers" not in text


@pytest.mark.parametrize("happens", [answer_it, leave_the_group])
def test_a_single_letter_does_not_leave_either_when_it_is_over(smtp_sink, clock, person, coordinator, happens):
    auckland = person("Aroha", time_zone="Pacific/Auckland")
    request = ask_to_join(form_group(name="Askers", by=auckland, now=NOW), message="", by=coordinator, now=NOW)
    assert mails(auckland.letters) == {Letter.Mail.QUEUED}, "It waits for the morning."
    happens(request, auckland)
    clock.pass_by(days=1)
    post(clock)
    assert auckland.email not in arrived(smtp_sink)
    assert mails(auckland.letters.filter(notice__kind="groups.asks_to_join")) == {Letter.Mail.NONE}


def test_on_the_site_a_letter_says_that_it_is_over(sign_in, reader, asked):
    [letter] = reader.letters.all()
    over = "This was answered meanwhile"
    Letter.objects.update(written_at=NOW - timedelta(days=1000))
    assert over not in sign_in(reader).get(letter.get_absolute_url()).content.decode()
    answer_it(asked, reader)
    assert over in sign_in(reader).get(letter.get_absolute_url()).content.decode()


# --- As sure as a letter ---------------------------------------------------------------------


def test_a_digest_that_is_refused_is_put_off_as_a_whole_and_arrives_once(smtp_sink, clock, reader):
    write_to(reader, key="1")
    write_to(reader, key="2")
    clock.now = TUESDAY_MORNING
    smtp_sink.refuse(451)
    assert post_digests(clock) == 0
    assert set(reader.letters.values_list("mail", "attempts", "wake_at")) == {
        (Letter.Mail.DIGEST, 1, clock.now + timedelta(minutes=2))
    }
    smtp_sink.accept()
    clock.pass_by(minutes=2)
    assert post_digests(clock) == 1
    assert post_digests(clock) == 0
    assert len(smtp_sink.messages) == 1


def test_a_digest_taken_without_a_word_comes_again_with_the_same_message_id(smtp_sink, clock, reader):
    write_to(reader, key="1")
    write_to(reader, key="2")
    clock.now = TUESDAY_MORNING
    smtp_sink.drop(after_taking=True)
    post_digests(clock)
    smtp_sink.accept()
    clock.pass_by(minutes=2)
    assert post_digests(clock) == 1
    first, second = smtp_sink.messages
    assert first["Message-ID"] == second["Message-ID"] != None  # noqa: E711


def test_what_one_worker_has_claimed_no_other_one_sends(smtp_sink, clock):
    everybody = people(BATCH + 10)
    User.objects.update(mail="daily")
    for key in ("1", "2"):
        write_to(*User.objects.filter(pk__in=[person.pk for person in everybody]), key=key)
    clock.now = TUESDAY_MORNING
    second_worker_has_been = False

    def first_workers_clock():
        """Asked before each mail; in the middle of the first batch a second worker begins."""
        nonlocal second_worker_has_been
        if len(smtp_sink.messages) >= 10 and not second_worker_has_been:
            second_worker_has_been = True
            assert post_digests(clock) == 10, "What the first one has not claimed."
        return clock.now

    assert deliver_digests(now=clock.now, clock=first_workers_clock) == BATCH
    assert sorted(arrived(smtp_sink)) == sorted(person.email for person in everybody)
