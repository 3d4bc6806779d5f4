"""Anyone doubts an entry with a reason; the group answers in time, or it does not count."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.core.clock import add_working_days
from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises
from apps.deadlines.rules import RULES
from apps.deadlines.sweep import sweep
from apps.engagement import actions, policy, queries
from apps.engagement.actions.doubts import pass_doubts_to_whoever_leads
from apps.engagement.models import ChecklistStep, Doubt, EarlierText, Entry
from apps.groups.actions import form_group
from apps.initiatives.actions import step_down
from apps.initiatives.models import Lead
from apps.notifications.models import Letter
from apps.notifications.queries import out_of_date
from tests.conftest import NOW, add_member, granted, hand_over, log

pytestmark = pytest.mark.slow

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@pytest.fixture
def entry(adoption, group, coordinator):
    return log(adoption, "conversations", by=coordinator, group=group)


@pytest.fixture
def doubt(entry, stranger):
    return actions.doubt_entry(entry, reason="The link leads nowhere.", by=stranger, now=NOW)


@pytest.fixture
def answered(doubt, group, coordinator, reviewer):
    return actions.answer_doubt(doubt, answer="It moved; see the archive.", group=group, by=coordinator, now=NOW)


def step_of(adoption):
    return queries.checklist_of(adoption).steps[0]


def state_of(row):
    row.refresh_from_db()
    return row.state


def told(kind):
    return {letter.recipient.username for letter in Letter.objects.filter(notice__kind=f"engagement.{kind}")}


# --- Unanswered ------------------------------------------------------------------------------


def test_a_doubted_entry_counts_until_ten_working_days_have_passed_in_silence(doubt, entry, adoption):
    assert state_of(entry) == "doubted"
    assert step_of(adoption).is_met
    sweep(now=add_working_days(NOW, 10) - SECOND)
    assert state_of(entry) == "doubted"
    sweep(now=add_working_days(NOW, 10))
    assert (state_of(entry), state_of(doubt)) == ("struck", "unanswered")
    assert not step_of(adoption).is_met
    assert broken_promises() == []
    assert told("doubt_news") == {"Bola", "Sven"}


def test_what_was_struck_stays_and_the_same_is_not_logged_again(doubt, entry, adoption, group, coordinator):
    late = add_working_days(NOW, 10)
    sweep(now=late)
    for act in (
        lambda: actions.withdraw_entry(entry, by=coordinator, now=late),
        lambda: actions.correct_entry(entry, group=group, by=coordinator, now=late, title="Better"),
    ):
        with pytest.raises(Refused, match="Log it again, with better evidence"):
            act()
    with pytest.raises(Refused, match="logged already"):
        log(adoption, "conversations", by=coordinator, group=group)
    with pytest.raises(Refused, match="does not count now"):
        actions.doubt_entry(entry, reason="Again", by=coordinator, now=late)


# --- Answered --------------------------------------------------------------------------------


def test_an_answer_counts_as_an_act_and_goes_to_a_reviewer_and_to_whoever_doubted(
    doubt, adoption, group, coordinator, reviewer
):
    actions.answer_doubt(doubt, answer="It moved.", group=group, by=coordinator, now=NOW + SECOND)
    adoption.refresh_from_db()
    assert adoption.last_act == "engagement.doubt_answered"
    assert Deadline.objects.get(rule="engagement.judge_doubt").asked == reviewer
    assert (told("doubt_to_judge"), told("doubt_news")) == ({"Rhea"}, {"Sven"})
    assert broken_promises() == []


def test_an_answered_doubt_falls_after_ten_more_working_days(answered, entry, adoption):
    sweep(now=add_working_days(NOW, 10) - SECOND)
    assert state_of(answered) == "answered"
    sweep(now=add_working_days(NOW, 10))
    assert (state_of(entry), state_of(answered)) == ("counts", "fallen")
    assert step_of(adoption).is_met
    assert broken_promises() == []


@pytest.mark.parametrize(
    ("judge", "entry_is", "doubt_is", "met"),
    [(actions.uphold_doubt, "struck", "upheld", False), (actions.dismiss_doubt, "counts", "dismissed", True)],
)
def test_a_reviewer_judges_an_answered_doubt(answered, entry, adoption, reviewer, judge, entry_is, doubt_is, met):
    with pytest.raises(Refused, match="Say why"):
        judge(answered, note="", by=reviewer, now=NOW)
    judge(answered, note="I looked.", by=reviewer, now=NOW)
    assert (state_of(entry), state_of(answered)) == (entry_is, doubt_is)
    assert step_of(adoption).is_met == met
    assert broken_promises() == []
    with pytest.raises(Refused, match="has ended"):
        actions.dismiss_doubt(answered, note="Me too.", by=reviewer, now=NOW)


def test_nobody_judges_before_the_answer_nor_with_a_part_in_it(doubt, entry, group, coordinator, reviewer, person):
    with pytest.raises(Refused, match="not answered yet"):
        actions.dismiss_doubt(doubt, note="Fine.", by=reviewer, now=NOW)
    assert policy.may_judge(reviewer, doubt, NOW)
    conflicted = granted(person("Mona"), "reviewer")
    add_member(group, conflicted)
    assert not policy.may_judge(conflicted, doubt, NOW)
    assert not policy.may_judge(doubt.doubted_by, doubt, NOW)


def test_nobody_judges_a_doubt_about_what_their_group_leads_with_another(
    doubt, adoption, group, coordinator, reviewer, other_reviewer, person
):
    joint = form_group(name="Joint Lead", by=person("Joan"), now=NOW)
    Lead.objects.create(adoption=adoption, group=joint, began_at=NOW, last_act_at=NOW)
    membership = add_member(joint, reviewer)
    actions.answer_doubt(doubt, answer="It moved.", group=group, by=coordinator, now=NOW)
    assert Deadline.objects.get(rule="engagement.judge_doubt").asked == other_reviewer
    assert not policy.may_judge(reviewer, doubt, NOW)
    membership.state, membership.ended_at = "left", NOW
    membership.save()
    assert not policy.may_judge(reviewer, doubt, NOW + timedelta(days=364))
    assert policy.may_judge(reviewer, doubt, NOW + timedelta(days=366))


def test_a_reviewer_who_doubts_leaves_the_judgement_to_another(entry, group, coordinator, reviewer):
    doubt = actions.doubt_entry(entry, reason="No.", by=reviewer, now=NOW)
    actions.answer_doubt(doubt, answer="Yes.", group=group, by=coordinator, now=NOW)
    assert Deadline.objects.get(rule="engagement.judge_doubt").asked is None
    with pytest.raises(Refused, match="doubted this entry yourself"):
        actions.uphold_doubt(doubt, note="I said so.", by=reviewer, now=NOW)
    assert not policy.may_judge(reviewer, doubt, NOW)


def test_a_second_answer_is_refused(answered, group, coordinator):
    with pytest.raises(Refused, match="answered this doubt already"):
        actions.answer_doubt(answered, answer="And more.", group=group, by=coordinator, now=NOW)


# --- When the lead changes -------------------------------------------------------------------


@pytest.fixture
def heirs(volunteer, person):
    """A group that comes to lead after the one of the entry; Ada coordinates it, Mona is a member."""
    group = form_group(name="Second Wind", by=volunteer, now=NOW)
    add_member(group, person("Mona"))
    return group


def joined(adoption, group):
    return Lead.objects.create(adoption=adoption, group=group, began_at=NOW, last_act_at=NOW)


def open_wait(rule="answer_doubt"):
    return Deadline.objects.get(rule=f"engagement.{rule}", state="open")


def can_answer(now=NOW):
    rule = RULES["engagement.answer_doubt"]
    [found] = rule.answerers(list(rule.subjects(Doubt.objects.values_list("pk", flat=True)).values()), now).values()
    return {person.username for person in found}


def test_a_doubt_after_a_handover_goes_to_who_leads_now_and_they_may_answer(
    adoption, entry, heirs, coordinator, volunteer, stranger
):
    hand_over(adoption, to=heirs)
    doubt = actions.doubt_entry(entry, reason="The link leads nowhere.", by=stranger, now=NOW)
    assert (told("doubt_to_answer"), can_answer()) == ({"Ada", "Mona"}, {"Ada", "Mona"})
    assert open_wait().owner == f"group:{heirs.pk}"
    assert out_of_date(Letter.objects.filter(notice__kind="engagement.doubt_to_answer"), NOW) == set()
    assert [policy.leading_group_of(who, adoption) for who in (coordinator, volunteer)] == [None, heirs]
    actions.answer_doubt(doubt, answer="It moved.", group=heirs, by=volunteer, now=NOW)
    sweep(now=add_working_days(NOW, 10))
    assert state_of(entry) == "counts"
    assert told("doubt_news") == {"Ada", "Mona", "Sven"}


def test_an_open_doubt_is_handed_on_with_the_lead_and_its_date_stands(doubt, entry, adoption, heirs, coordinator):
    due_at = open_wait().due_at
    hand_over(adoption, to=heirs, now=NOW + 3 * DAY)
    doubt.refresh_from_db()
    assert (doubt.group, open_wait().owner, open_wait().due_at) == (heirs, f"group:{heirs.pk}", due_at)
    letters = Letter.objects.filter(notice__kind="engagement.doubt_to_answer")
    assert [letter.recipient.username for letter in letters.order_by("pk")] == ["Bola", "Ada", "Mona"]
    assert {letter.recipient.username for letter in letters if letter.pk not in out_of_date(letters, NOW)} == {
        "Ada",
        "Mona",
    }, "Whoever left can do nothing about it."
    sweep(now=due_at)
    assert state_of(entry) == "struck"
    assert told("doubt_news") == {"Ada", "Mona", "Sven"}
    assert broken_promises() == []


def test_of_groups_that_lead_together_each_may_answer_and_the_one_of_the_entry_owes_it(
    doubt, entry, adoption, group, heirs, coordinator, volunteer
):
    joined(adoption, heirs)
    pass_doubts_to_whoever_leads(adoption.initiative, now=NOW)
    assert open_wait().owner == f"group:{group.pk}"
    assert can_answer() == {"Bola", "Ada", "Mona"}
    actions.answer_doubt(doubt, answer="It moved.", group=heirs, by=volunteer, now=NOW)
    doubt.refresh_from_db()
    assert doubt.group == heirs, "The page says who answered."
    step_down(Lead.objects.get(group=heirs), notes="", by=volunteer, now=NOW)
    doubt.refresh_from_db()
    assert doubt.group == heirs, "What is answered is not handed on."


def test_when_the_group_of_an_entry_leaves_those_who_stay_owe_the_answer(doubt, adoption, group, heirs, coordinator):
    joined(adoption, heirs)
    step_down(Lead.objects.get(group=group), notes="", by=coordinator, now=NOW)
    assert (open_wait().owner, can_answer()) == (f"group:{heirs.pk}", {"Ada", "Mona"})


def test_nobody_judges_a_doubt_about_what_their_group_logged_before_it_left(
    entry, adoption, group, heirs, volunteer, stranger, reviewer, other_reviewer
):
    add_member(group, reviewer)
    hand_over(adoption, to=heirs)
    doubt = actions.doubt_entry(entry, reason="Hm.", by=stranger, now=NOW)
    actions.answer_doubt(doubt, answer="It moved.", group=heirs, by=volunteer, now=NOW)
    assert [policy.may_judge(who, doubt, NOW) for who in (reviewer, other_reviewer)] == [False, True]
    assert open_wait("judge_doubt").asked == other_reviewer


# --- Who doubts, and how often ---------------------------------------------------------------


def test_one_doubt_at_a_time(doubt, entry, reviewer):
    with pytest.raises(Refused, match="doubts this entry already"):
        actions.doubt_entry(entry, reason="Me too.", by=reviewer, now=NOW)
    assert Doubt.objects.count() == 1


def test_a_settled_doubt_is_not_repeated_by_the_same_person(answered, entry, stranger, reviewer, volunteer):
    actions.dismiss_doubt(answered, note="It is fine.", by=reviewer, now=NOW)
    with pytest.raises(Refused, match="You doubted this entry before"):
        actions.doubt_entry(entry, reason="Still.", by=stranger, now=NOW)
    assert actions.doubt_entry(entry, reason="I doubt it, too.", by=volunteer, now=NOW).is_running


def test_whoever_doubted_can_take_it_back_and_doubt_again(doubt, entry, stranger, reviewer):
    with pytest.raises(Refused, match="Only whoever doubted"):
        actions.take_back_doubt(doubt, by=reviewer, now=NOW)
    actions.take_back_doubt(doubt, by=stranger, now=NOW)
    assert (state_of(entry), state_of(doubt)) == ("counts", "taken_back")
    assert broken_promises() == []
    assert actions.doubt_entry(entry, reason="After all.", by=stranger, now=NOW).is_running


def test_members_correct_instead_of_doubting(entry, group, coordinator, volunteer, stranger):
    add_member(group, volunteer)
    assert [policy.may_doubt(who, entry) for who in (coordinator, volunteer, stranger)] == [False, False, True]


def test_a_doubt_ends_with_its_entry_and_with_the_term(doubt, entry, adoption, group, coordinator, stranger):
    actions.withdraw_entry(entry, by=coordinator, now=NOW)
    assert (state_of(entry), state_of(doubt)) == ("withdrawn", "pointless")
    other = log(adoption, "conversations", by=coordinator, group=group, n=2)
    actions.doubt_entry(other, reason="Hm.", by=stranger, now=NOW)
    step_down(Lead.objects.get(), notes="", by=coordinator, now=NOW)
    assert state_of(other) == "counts"
    assert broken_promises() == []


# --- Correcting ------------------------------------------------------------------------------


def test_an_earlier_text_stays_and_the_step_is_measured_again(adoption, group, coordinator):
    entry = log(adoption, "languages", by=coordinator, group=group, languages=["sw"])
    later = NOW + timedelta(hours=1)
    actions.correct_entry(entry, group=group, by=coordinator, now=later, languages=["ar"], title="In Arabic")
    entry.refresh_from_db()
    assert (entry.title, entry.languages, entry.text_number) == ("In Arabic", ["ar"], 2)
    earlier = EarlierText.objects.get()
    assert (earlier.number, earlier.what["languages"], earlier.what["title"]) == (1, ["sw"], "An entry for languages")
    languages = next(row for row in queries.checklist_of(adoption).steps if row.step.code == "languages")
    assert languages.line.measured["names"] == ["ar"]


def test_a_correction_that_changes_nothing_or_repeats_another_entry_is_refused(entry, adoption, group, coordinator):
    with pytest.raises(Refused, match="Nothing is different"):
        actions.correct_entry(entry, group=group, by=coordinator, now=NOW, title=entry.title)
    other = log(adoption, "conversations", by=coordinator, group=group, n=2)
    with pytest.raises(Refused, match="logged already"):
        actions.correct_entry(other, group=group, by=coordinator, now=NOW, url=entry.url)
    assert not EarlierText.objects.exists()


def test_correcting_answers_an_open_doubt(doubt, entry, group, coordinator):
    actions.correct_entry(entry, group=group, by=coordinator, now=NOW, url="https://meta.wikimedia.org/wiki/New")
    assert (state_of(doubt), state_of(entry)) == ("answered", "doubted")
    assert Deadline.objects.get(rule="engagement.answer_doubt").outcome == "corrected"
    assert broken_promises() == []
    sweep(now=add_working_days(NOW, 10))
    assert state_of(entry) == "counts"


def test_a_corrected_note_is_confirmed_anew(adoption, group, coordinator, stranger):
    note = log(adoption, "reach", by=coordinator, group=group, url="", note="Two hundred came.")
    actions.confirm_entry(note, is_named=False, by=stranger, now=NOW)
    actions.correct_entry(note, group=group, by=coordinator, now=NOW, note="Twenty came.")
    assert state_of(note) == "awaiting"
    assert broken_promises() == []
    actions.confirm_entry(note, is_named=False, by=stranger, now=NOW)
    assert state_of(note) == "counts"
    actions.correct_entry(note, group=group, by=coordinator, now=NOW, url="https://meta.wikimedia.org/wiki/Pictures")
    assert state_of(note) == "counts"
    assert broken_promises() == []


def test_a_note_that_waits_counts_once_it_is_given_a_link(adoption, group, coordinator):
    note = log(adoption, "reach", by=coordinator, group=group, url="", note="Twenty came.")
    actions.correct_entry(note, group=group, by=coordinator, now=NOW, url="https://meta.wikimedia.org/wiki/Pictures")
    assert state_of(note) == "counts"
    assert Deadline.objects.get(rule="engagement.confirm_note").outcome == "corrected"
    assert broken_promises() == []


def test_a_settled_step_stays_settled_whatever_becomes_of_its_entries(entry, adoption, group, coordinator, reviewer):
    submission = actions.hand_in_measured(adoption, group=group, by=coordinator, now=NOW)
    actions.accept_steps(submission, by=reviewer, now=NOW)
    actions.correct_entry(entry, group=group, by=coordinator, now=NOW, title="Corrected later")
    actions.withdraw_entry(entry, by=coordinator, now=NOW)
    adoption.refresh_from_db()
    assert ChecklistStep.objects.get(adoption=adoption, step=entry.step).state == "accepted"
    assert step_of(adoption).is_met
    assert adoption.musts_met == 1


# --- The database ----------------------------------------------------------------------------


def refused_by_database(act):
    with pytest.raises(IntegrityError), transaction.atomic():
        act()


def test_the_database_keeps_these_promises(doubt, entry, group, stranger, reviewer):
    more = {"entry": entry, "group": group, "text_number": 1, "reason": "Hm.", "doubted_at": NOW}
    refused_by_database(lambda: Doubt.objects.create(doubted_by=reviewer, **more))
    refused_by_database(lambda: Doubt.objects.create(doubted_by=stranger, state="unanswered", ended_at=NOW, **more))
    for wrong in (
        {"reason": ""},
        {"answered_at": NOW},
        {"state": "answered"},
        {"ended_at": NOW},
        {"state": "fallen", "ended_at": NOW},
        {"judged_at": NOW, "judged_by": reviewer},
        {"state": "taken_back"},
    ):
        refused_by_database(lambda wrong=wrong: Doubt.objects.update(**wrong))
    EarlierText.objects.create(entry=entry, number=1, what={}, corrected_at=NOW, corrected_by=stranger)
    refused_by_database(
        lambda: EarlierText.objects.create(entry=entry, number=1, what={}, corrected_at=NOW, corrected_by=stranger)
    )
    assert Entry.objects.count() == 1
