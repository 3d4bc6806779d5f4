"""Asking again, and waiting for the same answer."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.queries import data_about
from apps.core.clock import add_working_days
from apps.core.refused import Refused
from apps.deadlines.actions import ask_again, declare_absence, say_me_too, take_back_me_too
from apps.deadlines.models import Deadline, MeToo
from apps.deadlines.queries import waits
from apps.deadlines.sweep import sweep
from apps.engagement.actions import accept_steps, hand_in_measured
from apps.groups.actions import answer_join, ask_to_join, take_back_request
from apps.notifications.models import Letter
from apps.record.models import Act
from apps.record.queries import acts_about, lines
from tests.conftest import NOW, add_member, meet_early_steps
from tests.journeys.at_once import at_once
from tests.journeys.reader import Reader

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)


@pytest.fixture
def join(group, volunteer):
    return ask_to_join(group, message="", by=volunteer, now=NOW)


@pytest.fixture
def deadline(join):
    return Deadline.objects.get(rule="groups.answer_join")


def again(deadline, *, by, now=NOW):
    [wait] = waits([Deadline.objects.get(pk=deadline.pk)])
    ask_again(wait, by=by, now=now)


def letters(kind):
    return list(Letter.objects.filter(notice__kind=kind).order_by("recipient__username"))


# --- Asking again ----------------------------------------------------------------------------


def test_asking_again_is_public_and_reaches_everybody_who_can_answer_now(
    deadline, group, person, coordinator, stranger
):
    there, away = person("Cora"), person("Cyd")
    for other in (there, away):
        add_member(group, other, coordinates=True)
    declare_absence(begins_at=NOW, ends_at=NOW + 20 * DAY, by=away, now=NOW)
    again(deadline, by=stranger, now=NOW + DAY)
    assert [letter.recipient for letter in letters("deadlines.asked_again")] == [coordinator, there]
    [letter, _other] = letters("deadlines.asked_again")
    assert letter.subject == "Asked again, by 21 September 2026: A request to join First Steps"
    assert "If nothing comes by 21 September 2026" in letter.body
    assert "Sven" not in letter.body
    assert letter.notice.deadline_id == deadline.pk
    act = Act.objects.get(verb="deadlines.asked_again")
    assert (act.by, act.at) == (stranger, NOW + DAY)
    [line] = lines(acts_about(deadline))
    assert line.words == (
        "<bdi>Sven</bdi> asked again for an answer: "
        f'<a href="/waiting/{deadline.pk}/"><bdi>Requests to join a group</bdi></a>'
    )


def test_once_a_week_whoever_asks(deadline, stranger, person):
    again(deadline, by=stranger, now=NOW)
    with pytest.raises(Refused, match="possible again on 14 September 2026"):
        again(deadline, by=person("Dora"), now=NOW + 7 * DAY - timedelta(seconds=1))
    again(deadline, by=person("Dirk"), now=NOW + 7 * DAY)
    assert Act.objects.filter(verb="deadlines.asked_again").count() == 2
    assert len(letters("deadlines.asked_again")) == 2


def test_each_wait_has_a_week_of_its_own(deadline, group, stranger, person):
    ask_to_join(group, message="", by=person("Dora"), now=NOW)
    for row in Deadline.objects.filter(rule="groups.answer_join"):
        again(row, by=stranger)
    assert Act.objects.filter(verb="deadlines.asked_again").count() == 2


def test_where_nobody_can_answer_nobody_is_asked_and_the_week_is_not_used_up(deadline, coordinator, stranger):
    declare_absence(begins_at=NOW, ends_at=NOW + 5 * DAY, by=coordinator, now=NOW)
    with pytest.raises(Refused, match="Nobody can answer at the moment; the date stands"):
        again(deadline, by=stranger)
    assert not Act.objects.filter(verb="deadlines.asked_again").exists()
    again(deadline, by=stranger, now=NOW + 5 * DAY)


def test_whoever_can_answer_is_told_so(deadline, coordinator):
    with pytest.raises(Refused, match="You can answer it yourself"):
        again(deadline, by=coordinator)


def test_what_is_answered_is_not_asked_again(deadline, join, coordinator, stranger):
    [wait] = waits([deadline])  # as it was when the page was opened
    answer_join(join, admit=True, by=coordinator, now=NOW)
    with pytest.raises(Refused, match="not waited for any more"):
        ask_again(wait, by=stranger, now=NOW)
    assert letters("deadlines.asked_again") == []


@pytest.mark.django_db(transaction=True)
def test_of_many_who_ask_again_at_the_same_moment_one_does(deadline, person):
    people = [person(f"Asker{n}") for n in range(4)]
    [wait] = waits([deadline])
    answers = at_once(*(partial(ask_again, wait, by=one, now=NOW) for one in people))
    assert sorted(isinstance(answer, Refused) for answer in answers) == [False, True, True, True]
    assert Act.objects.filter(verb="deadlines.asked_again").count() == 1


# --- Me too ----------------------------------------------------------------------------------


def test_me_too_counts_once_and_can_be_taken_back(deadline, stranger, person):
    for one in (stranger, stranger, person("Dora")):
        say_me_too(deadline, by=one, now=NOW)
    assert deadline.me_toos.count() == 2
    take_back_me_too(deadline, by=stranger)
    take_back_me_too(deadline, by=stranger)
    assert deadline.me_toos.count() == 1


def test_the_database_keeps_it_at_one_for_each_person(deadline, stranger):
    say_me_too(deadline, by=stranger, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        MeToo.objects.create(deadline=deadline, person=stranger, at=NOW)


def test_whoever_said_so_is_told_the_outcome_once(deadline, join, stranger, coordinator):
    say_me_too(deadline, by=stranger, now=NOW)
    answer_join(join, admit=False, by=coordinator, now=NOW + DAY)
    [letter] = letters("deadlines.answered")
    assert letter.recipient == stranger
    assert letter.subject == "No longer waiting: A request to join First Steps"
    assert "The outcome: declined." in letter.body
    assert letter.notice.link == f"/waiting/{deadline.pk}/"
    assert letter.notice.deadline_id is None  # it asks for nothing, so it is never out of date


def test_they_are_told_when_it_lapses(deadline, stranger):
    say_me_too(deadline, by=stranger, now=NOW)
    for _twice in range(2):
        sweep(now=NOW + 14 * DAY)
    [letter] = letters("deadlines.answered")
    assert "nobody answered: whoever asked becomes a member" in letter.body


def test_they_are_told_when_it_is_taken_back(deadline, join, volunteer, stranger):
    say_me_too(deadline, by=stranger, now=NOW)
    take_back_request(join, by=volunteer, now=NOW + DAY)
    [letter] = letters("deadlines.answered")
    assert "it is not needed any more" in letter.body


def test_who_took_it_back_is_not_told(deadline, join, stranger, coordinator):
    say_me_too(deadline, by=stranger, now=NOW)
    take_back_me_too(deadline, by=stranger)
    answer_join(join, admit=True, by=coordinator, now=NOW + DAY)
    assert letters("deadlines.answered") == []


def test_what_is_answered_takes_no_me_too(deadline, join, stranger, coordinator):
    answer_join(join, admit=True, by=coordinator, now=NOW)
    with pytest.raises(Refused, match="not waited for any more"):
        say_me_too(deadline, by=stranger, now=NOW)


def test_what_nobody_else_waits_for_takes_no_me_too(adoption, stranger):
    with pytest.raises(Refused):
        say_me_too(Deadline.objects.get(rule="initiatives.keep_alive"), by=stranger, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_count_once(deadline, stranger):
    at_once(*(partial(say_me_too, deadline, by=stranger, now=NOW) for _twice in range(4)))
    assert deadline.me_toos.count() == 1


def test_a_review_says_what_was_decided(adoption, group, coordinator, reviewer, stranger):
    meet_early_steps(adoption, by=coordinator, group=group)
    bundle = hand_in_measured(adoption, group=group, by=coordinator, now=NOW)
    say_me_too(Deadline.objects.get(rule="engagement.review"), by=stranger, now=NOW)
    accept_steps(bundle, by=reviewer, now=add_working_days(NOW, 1))
    [letter] = letters("deadlines.answered")
    assert "The outcome: accepted." in letter.body


def test_what_one_said_is_in_the_download_of_ones_data(deadline, stranger):
    say_me_too(deadline, by=stranger, now=NOW)
    assert data_about(stranger)["waiting"] == [
        {"deadline": deadline.pk, "wait": "Requests to join a group", "said_at": NOW}
    ]


# --- The page --------------------------------------------------------------------------------


@pytest.fixture
def reader(stranger):
    reader = Reader()
    reader.client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    return reader


def test_me_too_on_the_page_and_back(reader, deadline):
    reader.open(deadline.get_absolute_url())
    assert "1 person" in reader.press("Me too").text
    assert "1 person" in reader.press_again().text  # a second click takes nothing back
    assert "Sven" not in reader.page.html[reader.page.html.index("<main") :]
    assert "1 says “me too”" in Reader().open("/waiting/").text
    assert "0 people" in reader.press("I do not wait for it any more").text


def test_ask_again_on_the_page(reader, deadline, stranger):
    reader.open(deadline.get_absolute_url())
    shown = reader.press("Ask again")
    assert "Asked again. Everybody who can answer now is told, and the record says so." in shown.text
    assert "it can be asked again on" in shown.text
    assert not any(form.has("Ask again") for form in shown.forms)
    assert "Somebody asked again within the last week." in reader.press_again().text
    assert "Sven asked again for an answer: Requests to join a group" in Reader().open("/record/").text


def test_a_visitor_signs_in_first_and_sends_it_then(deadline):
    reader = Reader()
    reader.open(deadline.get_absolute_url())
    assert "/accounts/sign-in/" in reader.press("Me too").address


def test_whoever_can_answer_is_led_to_the_answer(deadline, coordinator, group):
    reader = Reader()
    reader.client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    shown = reader.open(deadline.get_absolute_url())
    assert shown.link("Answer it") == group.get_absolute_url()
    assert not any(form.has("Me too") or form.has("Ask again") for form in shown.forms)


def test_of_many_who_are_told_the_number_stands_beside_the_button(deadline, group, person, reader):
    for n in range(25):
        add_member(group, person(f"Many{n}"), coordinates=True)
    shown = reader.open(deadline.get_absolute_url())
    assert "It goes to 26 people; you can recall it for ten minutes." in shown.text


def test_the_number_of_a_few_is_not_said_since_it_would_say_who_is_away(deadline, reader):
    assert "It goes to" not in reader.open(deadline.get_absolute_url()).text
