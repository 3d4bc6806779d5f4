"""A reminder is written without words and gets them when somebody first reads or is sent it; from then on they stay."""

from collections import namedtuple
from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.queries import data_about
from apps.deadlines.models import Deadline
from apps.deadlines.queries import waits
from apps.deadlines.rules import RULES
from apps.deadlines.sweep import sweep
from apps.deadlines.words import REMINDER
from apps.groups.actions import ask_to_join
from apps.groups.models import Group, Membership
from apps.notifications.actions import put_into_words, write_letters
from apps.notifications.models import Letter, Notice
from tests.conftest import NOW, add_member
from tests.journeys.at_once import at_once
from tests.notifications.post import Clock, arrived, parts_of, post

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.fixture
def readers(group, person):
    """A coordinator for each language of the site, beside the one who has formed the group."""
    people = [person(f"Reader {code}", language=code, email=f"{code}@example.org") for code in LANGUAGES]
    for reader in people:
        add_member(group, reader, coordinates=True)
    return people


@pytest.fixture
def asked(group, volunteer):
    return ask_to_join(group, message="", by=volunteer, now=NOW)


@pytest.fixture
def reminded(asked, readers):
    sweep(now=NOW + WEEK)
    return list(letters())


def letters():
    return Letter.objects.filter(notice__kind=REMINDER.name).select_related("notice", "recipient").order_by("pk")


def read(letter):
    [found] = letters().filter(pk=letter.pk)
    put_into_words([found])
    return found


def test_a_reminder_says_in_each_language_what_it_would_have_said_at_once(reminded, readers):
    assert {(letter.notice.link, *letter.notice.words) for letter in reminded} == {("",)}
    [wait] = waits(letter_deadlines(reminded[:1]))
    context = {"what": lambda: wait.what, "silence": lambda: wait.silence_means}
    times = {"opened_at": wait.opened_at, "due_at": wait.due_at, "silence_at": wait.silence_at}
    write_letters(REMINDER, to=readers, key="at once", link=wait.link, now=NOW, **context, **times)
    put_into_words(reminded)
    for late in [letter for letter in reminded if letter.recipient in readers]:
        at_once = letters().get(recipient=late.recipient, notice__key__endswith="at once")
        assert at_once.language == late.language == late.recipient.language
        assert (late.subject, late.body, late.link_words) == (at_once.subject, at_once.body, at_once.link_words)
        assert late.notice.link == at_once.notice.link
    assert len({letter.subject for letter in reminded}) == len(LANGUAGES)


def letter_deadlines(found):
    return Deadline.objects.filter(pk__in=[letter.notice.deadline_id for letter in found])


def test_it_names_things_as_they_are_called_when_it_is_first_read_and_stays_so_for_all(reminded, group):
    first, *others = reminded
    Group.objects.filter(pk=group.pk).update(name="Second Steps")
    assert "Second Steps" in read(first).subject
    Group.objects.filter(pk=group.pk).update(name="Third Steps")
    for letter in [first, *others]:
        assert "Second Steps" in read(letter).body
        assert "Third Steps" not in read(letter).body


def test_of_what_is_gone_a_reminder_says_the_kind_of_wait(reminded, asked):
    Membership.objects.filter(pk=asked.pk).delete()
    english = read(next(letter for letter in reminded if letter.language == "en"))
    assert english.subject.endswith("Requests to join a group")
    assert "nothing follows, since it is gone" in english.body
    assert english.notice.link == f"/waiting/{english.notice.deadline_id}/"


def test_the_site_and_the_export_show_reminders_in_words(sign_in, coordinator, group, volunteer):
    ask_to_join(group, message="", by=volunteer, now=timezone.now() - WEEK)
    sweep(now=timezone.now())
    Notice.objects.exclude(kind=REMINDER.name).delete()
    assert "A request to join First Steps" in str(data_about(coordinator)["letters"])
    Notice.objects.update(words={}, link="")
    browser = sign_in(coordinator)
    assert "A request to join First Steps" in browser.get("/notices/").content.decode()
    Notice.objects.update(words={}, link="")
    [letter] = letters()
    page = browser.get(letter.get_absolute_url()).content.decode()
    assert "A request to join First Steps" in page
    assert f'href="{Notice.objects.get(pk=letter.notice_id).link}"' in page


def test_one_whose_words_cannot_be_made_is_put_off_and_the_others_arrive(
    smtp_sink, person, coordinator, asked, monkeypatch
):
    broken = ask_to_join(asked.group, message="", by=person("Noor"), now=NOW)
    rule = RULES["groups.answer_join"]
    works = rule.what

    def fail_for_one(membership):
        if membership == broken:
            raise RuntimeError("no such word")
        return works(membership)

    monkeypatch.setattr(rule, "what", fail_for_one)
    sweep(now=NOW + WEEK)
    Notice.objects.exclude(kind=REMINDER.name).delete()
    clock = Clock()
    clock.now = NOW + WEEK + timedelta(days=1)
    assert post(clock) == 1
    assert arrived(smtp_sink) == [coordinator.email]
    assert "A request to join First Steps" in parts_of(smtp_sink.messages[0])["text/plain"]
    [late] = letters().filter(attempts=1)
    assert "has no words yet" in late.last_error
    monkeypatch.setattr(rule, "what", works)
    clock.now = late.wake_at
    assert post(clock) == 1


def test_many_reminders_take_as_many_statements_as_one(group, person):
    def statements(count, now):
        for n in range(count):
            ask_to_join(group, message="", by=person(f"P{n} of {count}"), now=now)
        with CaptureQueriesContext(connection) as found:
            assert sweep(now=now + WEEK) == count
        return len(found)

    assert statements(1, NOW) == statements(4, NOW + timedelta(days=1))


def test_answerers_read_no_other_columns_than_they_say():
    rules = [rule for rule in RULES.values() if hasattr(rule.answerers, "columns")]
    assert {rule.answerers.__name__ for rule in rules} >= {"coordinators", "reviewers_for_each"}
    for rule in rules:
        row = namedtuple("row", ["pk", *rule.answerers.columns])
        assert rule.answerers([row(*[1] * len(row._fields))], NOW) == {1: []}, rule.name
        assert rule.seen_by_answerers([1]) == {}, rule.name


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_two_who_read_it_first_at_the_same_moment_read_the_same(reminded, group):
    """Each finds the group under another name; the second one waits and takes the words of the first."""
    names = iter(["Second Steps", "Third Steps"])

    def rename_and_read(name):
        Group.objects.filter(pk=group.pk).update(name=name)
        return read(reminded[0]).body

    bodies = at_once(*[partial(rename_and_read, name) for name in names])
    assert bodies[0] == bodies[1] == read(reminded[0]).body
