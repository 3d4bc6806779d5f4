"""Questions on an initiative: owed an answer, passed on with the lead, split, and answered late."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core.refused import Refused
from apps.deadlines.actions import say_me_too
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises, deadlines_owed_by
from apps.deadlines.sweep import sweep
from apps.groups.actions import form_group
from apps.initiatives.actions import step_down
from apps.initiatives.models import Initiative, Lead
from apps.notifications.models import Letter
from apps.questions import actions, policy, queries
from apps.questions.models import Question
from apps.record.queries import acts_about
from tests.conftest import adopt
from tests.journeys.reader import Reader

pytestmark = pytest.mark.django_db

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def ask(initiative: Initiative, *, by, now, title: str = "Who pays for it?") -> Question:
    return actions.ask_question(initiative, title=title, details="", by=by, now=now)


def wait_of(question: Question) -> Deadline:
    return Deadline.objects.get(rule="questions.answer", subject_id=question.pk, state="open")


def answer(question: Question, *, by, now, lead=None) -> Question:
    lead = lead or queries.lead_of_member(by, question.initiative)
    return actions.answer_question(question, answer="The movement does.", lead=lead, by=by, now=now)


def told(kind: str) -> set:
    return {letter.recipient for letter in Letter.objects.filter(notice__kind=f"questions.{kind}")}


@pytest.fixture
def question(adoption, initiative, volunteer, now) -> Question:
    return ask(initiative, by=volunteer, now=now)


@pytest.fixture
def unled(initiative, reviewer, volunteer, now) -> Question:
    return ask(initiative, by=volunteer, now=now)


# --- Asking and answering --------------------------------------------------------------------


def test_the_lead_owes_an_answer_in_fourteen_days(question, group, coordinator, now):
    wait = wait_of(question)
    assert (wait.owner, wait.due_at) == (f"group:{group.pk}", now + 14 * DAY)
    assert told("asked") == {coordinator}
    assert wait in deadlines_owed_by(coordinator, now)
    assert broken_promises() == []


def test_where_nobody_leads_the_reviewers_owe_it(unled, reviewer, other_reviewer, now):
    assert wait_of(unled).owner == "role:reviewer"
    assert told("asked") == {reviewer}
    assert wait_of(unled) in deadlines_owed_by(other_reviewer, now), "Any one of them."


def test_the_same_question_is_asked_once_at_a_time(question, initiative, volunteer, stranger, now):
    with pytest.raises(Refused, match="asked this already"):
        ask(initiative, by=volunteer, now=now)
    ask(initiative, by=stranger, now=now)
    assert Question.objects.count() == 2


def test_an_answer_is_an_act_of_the_lead_and_tells_who_asked(adoption, question, coordinator, volunteer, now):
    later = now + 3 * DAY
    answer(question, by=coordinator, now=later)
    adoption.refresh_from_db()
    assert (adoption.last_act_at, adoption.last_act) == (later, "questions.answered")
    assert acts_about(adoption.initiative)[0].verb == "questions.answered"
    assert told("answered") == {volunteer}
    with pytest.raises(Refused, match="settled already: Answered"):
        answer(question, by=coordinator, now=later)
    assert broken_promises() == []


def test_a_question_to_oneself_keeps_no_term_alive(adoption, initiative, coordinator, now):
    mine = ask(initiative, by=coordinator, now=now)
    answer(mine, by=coordinator, now=now + DAY)
    adoption.refresh_from_db()
    assert adoption.last_act_at == now


def test_a_reviewer_answers_where_nobody_leads_and_only_there(question, reviewer, now):
    assert question.owner is not None
    assert not policy.may_answer(reviewer, question, None, now)
    with pytest.raises(Refused, match="A group leads"):
        actions.answer_question(question, answer="No", lead=None, by=reviewer, now=now)


def test_a_reviewers_answer_counts_for_nobody(unled, reviewer, stranger, now):
    assert policy.may_answer(reviewer, unled, None, now)
    assert not policy.may_answer(stranger, unled, None, now)
    answer(unled, by=reviewer, now=now)
    assert acts_about(unled.initiative)[0].verb == "questions.answered_by_reviewer"


def test_silence_reads_not_answered_and_stays_open_to_a_late_answer(question, coordinator, volunteer, stranger, now):
    say_me_too(wait_of(question), by=stranger, now=now)
    sweep(now=now + 14 * DAY - SECOND)
    question.refresh_from_db()
    assert question.state == "open"
    sweep(now=now + 14 * DAY)
    question.refresh_from_db()
    assert question.state == "unanswered"
    assert told("unanswered") == {volunteer}
    assert broken_promises() == []
    late = answer(question, by=coordinator, now=now + 20 * DAY)
    assert late.is_late
    assert told("answered") == {volunteer, stranger}, "Who said me too hears of the late answer, too."
    assert broken_promises() == []


# --- When the lead changes -------------------------------------------------------------------


def test_when_the_lead_steps_down_the_reviewers_owe_it_by_the_same_date(question, reviewer, coordinator, now):
    step_down(Lead.objects.get(), notes="", by=coordinator, now=now + 5 * DAY)
    wait = wait_of(question)
    assert (wait.owner, wait.due_at) == ("role:reviewer", now + 14 * DAY)
    assert told("passed_on") == {reviewer}
    answer(Question.objects.get(), by=reviewer, now=now + 6 * DAY)


def test_whoever_adopts_takes_over_the_open_questions_by_their_dates(unled, initiative, coordinator, group, now):
    adopt(initiative, group=group, by=coordinator, now=now + 5 * DAY)
    wait = wait_of(unled)
    assert (wait.owner, wait.due_at) == (f"group:{group.pk}", now + 14 * DAY)
    assert told("passed_on") == {coordinator}
    assert Question.objects.get().owner == group


def test_a_lapse_passes_questions_on_too(question, reviewer, coordinator, now):
    later = ask(question.initiative, by=reviewer, now=now + 80 * DAY, title="And now?")
    sweep(now=now + 90 * DAY)
    assert Lead.objects.get().ended_at is not None
    assert wait_of(later).owner == "role:reviewer"
    assert broken_promises() == []


def test_settled_questions_stay_with_whom_they_were(question, coordinator, group, now):
    answer(question, by=coordinator, now=now)
    step_down(Lead.objects.get(), notes="", by=coordinator, now=now)
    assert Question.objects.get().owner == group


def test_what_was_left_unanswered_is_answered_late_by_whoever_owes_answers_now(question, reviewer, coordinator, now):
    sweep(now=now + 15 * DAY)
    step_down(Lead.objects.get(), notes="", by=coordinator, now=now + 16 * DAY)
    question.refresh_from_db()
    assert policy.may_answer(reviewer, question, None, now + 17 * DAY)
    assert answer(question, by=reviewer, now=now + 17 * DAY).is_late


def test_whoever_has_stepped_down_meanwhile_answers_nothing(question, coordinator, now):
    lead = Lead.objects.get()
    step_down(lead, notes="", by=coordinator, now=now)
    with pytest.raises(Refused, match="This term has ended"):
        answer(question, by=coordinator, lead=lead, now=now)


def test_of_two_leading_groups_the_other_one_takes_over(adoption, question, group, coordinator, person, now):
    cleo = person("Cleo")
    second = Lead.objects.create(
        adoption=adoption, group=form_group(name="Second", by=cleo, now=now), began_at=now + DAY, last_act_at=now
    )
    assert queries.lead_of_member(cleo, question.initiative) == second
    step_down(Lead.objects.get(group=group), notes="", by=coordinator, now=now + 2 * DAY)
    assert wait_of(question).owner == f"group:{second.group_id}"


# --- Splitting -------------------------------------------------------------------------------


def test_everybody_who_waits_comes_along_to_each_part_and_the_date_stands(question, coordinator, stranger, person, now):
    others = [stranger, person("Otto")]
    for other in others:
        say_me_too(wait_of(question), by=other, now=now)
    parts = actions.split_question(question, parts=["Who pays?", "How much?"], by=coordinator, now=now + 9 * DAY)
    assert [part.part_of for part in parts] == [question, question]
    for part in parts:
        assert wait_of(part).due_at == now + 14 * DAY
        assert set(queries.people_who_wait_too(part)) == set(others)
        assert part.asked_by == question.asked_by
    question.refresh_from_db()
    assert question.state == "split"
    assert not Letter.objects.filter(recipient=stranger).exists(), "They wait for the parts, and are told then."
    assert broken_promises() == []
    answer(parts[0], by=coordinator, now=now + 10 * DAY)
    assert Letter.objects.filter(recipient=stranger, notice__kind="deadlines.answered").count() == 1


@pytest.mark.parametrize("parts", [[], ["One"], ["One", "One"], [f"Part {n}" for n in range(11)]])
def test_a_question_is_split_into_several(question, coordinator, now, parts):
    with pytest.raises(Refused, match="at least two different questions"):
        actions.split_question(question, parts=parts, by=coordinator, now=now)
    assert Question.objects.get().state == "open"


def test_a_part_that_waits_already_is_left_out(question, initiative, volunteer, coordinator, now):
    ask(initiative, by=volunteer, now=now, title="How much?")
    with pytest.raises(Refused, match="waits for an answer already"):
        actions.split_question(question, parts=["Who?", "How much?"], by=coordinator, now=now)


def test_what_was_split_or_answered_is_not_split_again(question, coordinator, now):
    parts = actions.split_question(question, parts=["Who pays for it?", "How much?"], by=coordinator, now=now)
    with pytest.raises(Refused, match="settled already"):
        actions.split_question(question, parts=["A", "B"], by=coordinator, now=now)
    with pytest.raises(Refused, match="settled already"):
        answer(question, by=coordinator, now=now)
    answer(parts[0], by=coordinator, now=now)
    with pytest.raises(Refused, match="settled already"):
        actions.split_question(parts[0], parts=["A", "B"], by=coordinator, now=now)


def test_members_of_the_lead_and_reviewers_split_and_nobody_else(question, reviewer, stranger, coordinator, now):
    lead = queries.lead_of_member(coordinator, question.initiative)
    assert policy.may_split(coordinator, lead, now)
    assert policy.may_split(reviewer, None, now)
    assert not policy.may_split(stranger, queries.lead_of_member(stranger, question.initiative), now)


@pytest.mark.parametrize("wrong", [{"state": "answered"}, {"state": "split"}, {"answer": "Yes"}, {"is_late": True}])
def test_the_database_keeps_what_a_question_promises(question, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.update(**wrong)


# --- Pages -----------------------------------------------------------------------------------


def reader(person=None) -> Reader:
    reader = Reader()
    if person:
        reader.client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return reader


@pytest.fixture
def led(initiative, coordinator):
    now = timezone.now()
    group = form_group(name="Now", by=coordinator, now=now)
    adopt(initiative, group=group, by=coordinator, now=now)
    return group


def test_a_question_from_asking_to_its_answer_on_the_pages(led, initiative, volunteer, stranger, coordinator):
    address = f"{initiative.get_absolute_url()}questions/"
    ada, sven, bola = reader(volunteer), reader(stranger), reader(coordinator)
    assert "Nobody has asked anything yet." in ada.open(address).text
    ada.follow("Ask a question")
    assert "Now leads this, and owes the answer in 14 days." in ada.page.text
    ada.press("Ask in public", title="Who <b>pays</b>?", details="And when?")
    assert "Now owes an answer by" in ada.page.text
    assert "Who <b>pays</b>?" in ada.page.text
    assert "Silence: it reads “not answered”" in ada.page.text

    sven.open(ada.page.address)
    sven.press("Me too")
    assert "1 person" in sven.page.text
    sven.press("I do not wait for it any more")
    assert "0 people" in sven.page.text
    sven.press("Me too")

    bola.open(ada.page.address)
    bola.follow("Split the question")
    bola.press("Split it", parts="Who pays?")
    assert "at least two different questions" in bola.page.text
    bola.press("Split it", parts="Who pays?\nHow much?")
    assert "Split into 2 questions." in bola.page.text
    bola.follow("How much?")
    assert "A part of: Who <b>pays</b>?" in bola.page.text
    assert "1 person" in bola.page.text
    bola.follow("Answer the question")
    bola.press("Publish the answer", answer="Not <i>much</i>.")
    assert "Answered on" in bola.page.text
    assert "Not <i>much</i>." in bola.page.text
    listed = ada.open(address).text
    assert "1 question waits for an answer." in listed
    assert "Who <b>pays</b>?" not in listed, "It stands there in its parts."


def test_a_question_that_nobody_answered_says_so(unled, now):
    sweep(now=now + 14 * DAY)
    page = reader().open(unled.get_absolute_url())
    assert "Not answered." in page.text
    assert "A late answer is still welcome" in page.text
