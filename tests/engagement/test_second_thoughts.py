"""A reviewer takes an answer back, or passes a submission to those who read its language."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.forms.models import model_to_dict
from django.utils import timezone

from apps.core.clock import add_working_days
from apps.core.refused import Refused
from apps.deadlines.actions import declare_absence, say_me_too
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises, deadlines_owed_by
from apps.deadlines.sweep import sweep
from apps.engagement import actions
from apps.engagement.models import ChecklistStep, Decision, Pass
from apps.initiatives.actions import conclude, step_down, take_back_conclusion
from apps.initiatives.models import Adoption, Lead
from apps.notifications.delivery import deliver
from apps.notifications.models import Letter, Notice
from apps.notifications.queries import letters_to
from apps.record.models import Act
from tests.conftest import NOW, add_member, granted, meet_early_steps, step_called

MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.slow


@pytest.fixture
def bundle(adoption, group, coordinator, reviewer, other_reviewer):
    meet_early_steps(adoption, by=coordinator, group=group)
    return actions.hand_in_measured(adoption, group=group, by=coordinator, now=NOW)


def deadline_of(submission):
    return Deadline.objects.get(rule="engagement.review", subject_id=submission.pk)


def everything_about(submission):
    """All that a decision changes: the lines, the submission, its wait, how far the adoption is."""
    submission.refresh_from_db()
    submission.adoption.refresh_from_db()
    lines = [model_to_dict(line) for line in ChecklistStep.objects.filter(adoption=submission.adoption)]
    return lines, model_to_dict(submission), model_to_dict(deadline_of(submission)), model_to_dict(submission.adoption)


def early(adoption, group, coordinator, code="languages"):
    return actions.hand_in_early(
        adoption, step=step_called(code), reason="It is enough.", group=group, by=coordinator, now=NOW
    )


# --- Taking back ------------------------------------------------------------------------------


@pytest.mark.parametrize("act", [actions.accept_steps, actions.ask_for_more, actions.waive_steps])
def test_what_is_taken_back_leaves_everything_as_it_was(adoption, group, coordinator, reviewer, other_reviewer, act):
    submission = early(adoption, group, coordinator)
    before = everything_about(submission)
    decision = act(submission, steps=None, note="Because.", by=reviewer, now=NOW + MINUTE)
    assert everything_about(submission) != before
    actions.take_back(decision, by=reviewer, now=NOW + 10 * MINUTE)
    assert everything_about(submission) == before
    assert broken_promises() == []
    assert Act.objects.filter(verb="engagement.taken_back").count() == 1


def test_a_refusal_taken_back_leaves_what_more_was_asked_for(
    bundle, adoption, group, coordinator, reviewer, other_reviewer
):
    actions.ask_for_more(bundle, steps=None, note="Where?", by=reviewer, now=NOW)
    typed = {"step": step_called("nutshell"), "answer": "There.", "group": group, "by": coordinator}
    again = actions.hand_in_again(adoption, **typed, now=NOW + MINUTE)
    before = everything_about(again)
    decision = actions.refuse_steps(again, steps=None, note="No.", by=other_reviewer, now=NOW + 2 * MINUTE)
    actions.take_back(decision, by=other_reviewer, now=NOW + 3 * MINUTE)
    assert everything_about(again) == before


def test_one_part_of_a_bundle_is_taken_back_and_the_other_stays(bundle, reviewer, other_reviewer):
    first, *rest = list(bundle.steps.values_list("pk", flat=True))
    decision = actions.accept_steps(bundle, steps=[first], by=reviewer, now=NOW)
    actions.waive_steps(bundle, steps=rest, note="Fine.", by=other_reviewer, now=NOW)
    actions.take_back(decision, by=reviewer, now=NOW + MINUTE)
    assert dict(bundle.steps.values_list("pk", "state")) == {first: "in_review"} | dict.fromkeys(rest, "waived")
    bundle.refresh_from_db()
    assert (bundle.state, deadline_of(bundle).state) == ("open", "open")
    actions.accept_steps(bundle, by=other_reviewer, now=NOW + 2 * MINUTE)
    assert deadline_of(bundle).state == "met"


def test_nobody_is_told_of_what_is_taken_back(bundle, coordinator, stranger, reviewer):
    say_me_too(deadline_of(bundle), by=stranger, now=NOW)
    decision = actions.accept_steps(bundle, by=reviewer, now=NOW)
    for person in (coordinator, stranger):
        told = letters_to(person, NOW + 9 * MINUTE)
        assert not told.filter(notice__kind__in=["engagement.decided", "deadlines.answered"]).exists()
    deliver(now=NOW + 9 * MINUTE, clock=lambda: NOW + 9 * MINUTE)
    actions.take_back(decision, by=reviewer, now=NOW + 9 * MINUTE)
    deliver(now=NOW + 60 * MINUTE, clock=lambda: NOW + 60 * MINUTE)
    assert not [sent.subject for sent in mail.outbox if "4 steps" in sent.subject and "review" not in sent.subject]
    assert not Notice.objects.filter(kind__in=["engagement.decided", "deadlines.answered"]).exists()


def test_after_ten_minutes_the_group_is_told_and_the_answer_stands(bundle, coordinator, stranger, reviewer):
    say_me_too(deadline_of(bundle), by=stranger, now=NOW)
    decision = actions.accept_steps(bundle, by=reviewer, now=NOW)
    for person, kind in ((coordinator, "engagement.decided"), (stranger, "deadlines.answered")):
        assert letters_to(person, NOW + 10 * MINUTE).filter(notice__kind=kind).count() == 1
    with pytest.raises(Refused, match="Ten minutes have passed"):
        actions.take_back(decision, by=reviewer, now=NOW + 10 * MINUTE)
    assert set(bundle.steps.values_list("state", flat=True)) == {"accepted"}


def test_a_letter_in_a_workers_hands_is_not_taken_back(bundle, reviewer):
    """The worker's clock is ahead of the web server's by some seconds."""
    decision = actions.accept_steps(bundle, by=reviewer, now=NOW)
    deliver(now=NOW + 10 * MINUTE, clock=lambda: NOW + 10 * MINUTE)
    with pytest.raises(Refused, match="has left already"):
        actions.take_back(decision, by=reviewer, now=NOW + 9.9 * MINUTE)


def test_who_answers_again_after_taking_back_is_heard(bundle, coordinator, stranger, reviewer):
    say_me_too(deadline_of(bundle), by=stranger, now=NOW)
    decision = actions.accept_steps(bundle, by=reviewer, now=NOW)
    actions.take_back(decision, by=reviewer, now=NOW + MINUTE)
    actions.ask_for_more(bundle, steps=None, note="Where?", by=reviewer, now=NOW + 2 * MINUTE)
    told = [letter.subject for letter in letters_to(coordinator, NOW + 20 * MINUTE)]
    assert told[0] == "4 steps: A reviewer asked for more"
    assert letters_to(stranger, NOW + 20 * MINUTE).count() == 1
    assert deadline_of(bundle).outcome == "more_asked"


def test_only_the_one_who_answered_takes_it_back_and_once(bundle, reviewer, other_reviewer):
    decision = actions.accept_steps(bundle, by=reviewer, now=NOW)
    with pytest.raises(Refused, match="Only the reviewer"):
        actions.take_back(decision, by=other_reviewer, now=NOW)
    actions.take_back(decision, by=reviewer, now=NOW)
    with pytest.raises(Refused, match="already"):
        actions.take_back(decision, by=reviewer, now=NOW)


def test_what_the_group_handed_in_again_stands(bundle, adoption, group, coordinator, reviewer):
    decision = actions.ask_for_more(bundle, steps=None, note="Where?", by=reviewer, now=NOW)
    actions.hand_in_again(
        adoption, step=step_called("nutshell"), answer="There.", group=group, by=coordinator, now=NOW + MINUTE
    )
    with pytest.raises(Refused, match="handed it in again"):
        actions.take_back(decision, by=reviewer, now=NOW + 2 * MINUTE)


def test_nothing_is_taken_back_after_the_term(bundle, coordinator, reviewer):
    decision = actions.accept_steps(bundle, by=reviewer, now=NOW)
    step_down(Lead.objects.get(), notes="", by=coordinator, now=NOW + MINUTE)
    with pytest.raises(Refused, match="term has ended"):
        actions.take_back(decision, by=reviewer, now=NOW + 2 * MINUTE)


def test_nothing_is_taken_back_while_the_initiative_concludes(bundle, coordinator, reviewer):
    decision = actions.accept_steps(bundle, by=reviewer, now=NOW)
    Adoption.objects.update(musts_settled=True)
    lead = Lead.objects.get()
    conclude(lead, summary="Done.", by=coordinator, now=NOW + MINUTE)
    with pytest.raises(Refused, match="the initiative is done, so this answer stands"):
        actions.take_back(decision, by=reviewer, now=NOW + 2 * MINUTE)
    take_back_conclusion(lead, by=coordinator, now=NOW + 3 * MINUTE)
    actions.take_back(decision, by=reviewer, now=NOW + 4 * MINUTE)


def test_nothing_is_taken_back_into_silence(bundle, adoption, coordinator, reviewer):
    last = add_working_days(NOW, 20)
    decision = actions.accept_steps(bundle, by=reviewer, now=last - 5 * MINUTE)
    with pytest.raises(Refused, match="last day has come"):
        actions.take_back(decision, by=reviewer, now=last)
    actions.take_back(decision, by=reviewer, now=last - MINUTE)
    sweep(now=last)
    assert set(bundle.steps.values_list("state", flat=True)) == {"confirmed_by_silence"}
    assert [row.answer for row in Decision.objects.order_by("pk")] == ["accepted", "confirmed_by_silence"]


def test_the_old_rung_stands(bundle, reviewer):
    sweep(now=add_working_days(NOW, 5))
    at = add_working_days(NOW, 6)
    rung = deadline_of(bundle).rung
    actions.take_back(actions.accept_steps(bundle, by=reviewer, now=at), by=reviewer, now=at + MINUTE)
    assert (deadline_of(bundle).rung, deadline_of(bundle).due_at) == (rung, add_working_days(NOW, 10))
    sweep(now=add_working_days(NOW, 9))
    assert Letter.objects.filter(recipient=reviewer, notice__kind="deadlines.reminder").count() == 2


# --- Passing on -------------------------------------------------------------------------------


def test_a_submission_is_passed_to_one_who_reads_the_language(bundle, reviewer, other_reviewer):
    due_at, wake_at = deadline_of(bundle).due_at, deadline_of(bundle).wake_at
    assert deadline_of(bundle).asked == reviewer
    passed = actions.pass_on(bundle, language="ar", by=reviewer, now=NOW + MINUTE)
    deadline = deadline_of(bundle)
    assert (passed.found_reader, deadline.asked) == (True, other_reviewer)
    assert (deadline.due_at, deadline.wake_at) == (due_at, wake_at)
    letter = Letter.objects.get(notice__kind="engagement.passed_to_you")
    assert letter.recipient == other_reviewer
    assert "العربية" in letter.subject
    assert Act.objects.filter(verb="engagement.passed").count() == 1
    assert [row.rule for row in deadlines_owed_by(other_reviewer, NOW)] == ["engagement.review"]
    assert not deadlines_owed_by(reviewer, NOW).exists()


def test_of_those_who_read_it_the_one_with_the_fewest_open_is_asked_without_a_conflict_and_here(
    bundle, adoption, group, coordinator, reviewer, other_reviewer, person
):
    member, away, free = (granted(person(name, languages=["ar"]), "reviewer") for name in ("Mia", "Avi", "Fay"))
    add_member(group, member)
    declare_absence(begins_at=NOW, ends_at=NOW + timedelta(days=30), by=away, now=NOW)
    Deadline.objects.filter(pk=deadline_of(early(adoption, group, coordinator)).pk).update(asked=other_reviewer)
    actions.pass_on(bundle, language="ar", by=reviewer, now=NOW)
    assert deadline_of(bundle).asked == free


def test_who_passed_is_not_asked_again_and_may_still_answer(bundle, reviewer, other_reviewer, person):
    actions.pass_on(bundle, language="ar", by=reviewer, now=NOW)
    passed = actions.pass_on(bundle, language="en", by=other_reviewer, now=NOW)
    assert (passed.found_reader, deadline_of(bundle).asked) == (False, None)
    assert broken_promises() == []
    with pytest.raises(Refused, match="passed this on already"):
        actions.pass_on(bundle, language="ar", by=reviewer, now=NOW)
    actions.accept_steps(bundle, by=reviewer, now=NOW)
    assert deadline_of(bundle).state == "met"


def test_who_is_asked_and_reads_it_stays_asked(bundle, reviewer, other_reviewer, person):
    granted(person("Fay"), "reviewer")
    actions.pass_on(bundle, language="en", by=other_reviewer, now=NOW)
    assert deadline_of(bundle).asked == reviewer
    assert not Letter.objects.filter(notice__kind="engagement.passed_to_you").exists()


def test_if_nobody_reads_it_all_are_reminded_and_silence_settles_it_as_ever(bundle, reviewer, other_reviewer):
    passed = actions.pass_on(bundle, language="sw", by=reviewer, now=NOW)
    assert (passed.found_reader, deadline_of(bundle).asked) == (False, None)
    sweep(now=add_working_days(NOW, 5))
    reminded = Letter.objects.filter(notice__kind="deadlines.reminder")
    assert {letter.recipient for letter in reminded} == {reviewer, other_reviewer}
    sweep(now=add_working_days(NOW, 20))
    assert set(bundle.steps.values_list("state", flat=True)) == {"confirmed_by_silence"}


def test_what_is_answered_is_not_passed_on(bundle, reviewer, other_reviewer):
    actions.accept_steps(bundle, by=other_reviewer, now=NOW)
    with pytest.raises(Refused, match="answered this before you"):
        actions.pass_on(bundle, language="ar", by=reviewer, now=NOW)


# --- Answering in place -----------------------------------------------------------------------


def test_a_measured_step_handed_in_again_with_an_answer_is_confirmed_by_silence(
    bundle, adoption, group, coordinator, reviewer, other_reviewer
):
    actions.ask_for_more(bundle, steps=None, note="Where?", by=reviewer, now=NOW)
    again = actions.hand_in_again(
        adoption, step=step_called("nutshell"), answer="On Meta.", group=group, by=coordinator, now=NOW
    )
    assert (again.kind, again.reason, again.step_count) == ("bundle", "On Meta.", 1)
    assert deadline_of(again).asked == other_reviewer
    sweep(now=add_working_days(NOW, 20))
    assert again.steps.get().state == "confirmed_by_silence"


def test_an_unmeasured_one_is_not(adoption, group, coordinator, reviewer):
    first = early(adoption, group, coordinator)
    actions.ask_for_more(first, steps=None, note="One more?", by=reviewer, now=NOW)
    again = actions.hand_in_again(
        adoption, step=step_called("languages"), answer="There is none.", group=group, by=coordinator, now=NOW
    )
    sweep(now=add_working_days(NOW, 20))
    assert (again.kind, again.steps.get().state) == ("early", "not_reviewed")


def test_nothing_is_answered_that_nobody_asks(bundle, adoption, group, coordinator):
    typed = {"answer": "There.", "group": group, "by": coordinator, "now": NOW}
    for code in ("nutshell", "calls"):
        with pytest.raises(Refused, match="No reviewer asks for more"):
            actions.hand_in_again(adoption, step=step_called(code), **typed)


def test_a_second_click_answers_once(bundle, adoption, group, coordinator, reviewer):
    actions.ask_for_more(bundle, steps=None, note="Where?", by=reviewer, now=NOW)
    typed = {"step": step_called("nutshell"), "answer": "There.", "group": group, "by": coordinator, "now": NOW}
    actions.hand_in_again(adoption, **typed)
    with pytest.raises(Refused, match="In review"):
        actions.hand_in_again(adoption, **typed)


# --- What the database keeps ------------------------------------------------------------------


def refused_by_database(change):
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


def test_the_database_keeps_decisions_and_passes(bundle, reviewer):
    decision = actions.accept_steps(bundle, by=reviewer, now=NOW)
    row = Decision.objects.filter(pk=decision.pk)
    refused_by_database(lambda: row.update(decided_by=None))
    refused_by_database(lambda: row.update(answer="confirmed_by_silence"))
    refused_by_database(lambda: row.update(answer="open"))
    refused_by_database(lambda: row.update(answer="waived"))
    refused_by_database(lambda: row.update(taken_back_at=NOW - MINUTE))
    passed = {"submission": bundle, "found_reader": True, "passed_at": timezone.now(), "passed_by": reviewer}
    Pass.objects.create(language="ar", **passed)
    refused_by_database(lambda: Pass.objects.create(language="sw", **passed))
