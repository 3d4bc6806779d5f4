"""The summary that is owed: published, corrected, or missing for ever."""

import pytest

from apps.deadlines.queries import broken_promises, open_waits, waits
from apps.deadlines.sweep import sweep
from apps.feedback import actions, queries
from apps.feedback.models import Round
from apps.initiatives.models import Lead
from apps.notifications.actions import put_into_words
from apps.notifications.models import Letter
from tests.conftest import NOW
from tests.feedback.conftest import DAY, answer_with, refused
from tests.feedback.test_rounds import letters, state_of

pytestmark = pytest.mark.django_db

CLOSED = NOW + 31 * DAY
SUMMARY = {"text": "We heard you.", "language": "en"}


@pytest.fixture
def closed(round_, volunteer, stranger) -> Round:
    actions.give_answer(round_, **answer_with(), by=volunteer, now=NOW)
    actions.give_answer(round_, **answer_with(wants_news=False, is_named=True), by=stranger, now=NOW)
    sweep(now=CLOSED)
    round_.refresh_from_db()
    return round_


def test_at_closing_the_group_owes_a_summary_in_public(closed):
    [wait] = [wait for wait in waits(open_waits()) if wait.rule.name == "feedback.summarise"]
    assert (wait.owner_name, wait.due_at) == ("First Steps", CLOSED + 30 * DAY)
    assert letters("summary_owed") == {"Bola"}
    assert broken_promises() == []


def test_a_summary_is_published_once_and_told_to_those_who_asked(closed, coordinator):
    actions.publish_summary(closed, **SUMMARY, by=coordinator, now=CLOSED + DAY)
    assert letters("summary_there") == {"Ada"}
    assert "not possible" in refused(actions.publish_summary, closed, **SUMMARY, by=coordinator, now=CLOSED + DAY)
    sweep(now=CLOSED + 40 * DAY)
    assert state_of(closed) == "summarised"
    assert broken_promises() == []


def test_no_summary_after_30_days_stays_for_ever(closed, coordinator):
    sweep(now=CLOSED + 29 * DAY)
    assert state_of(closed) == "closed"
    reminders = Letter.objects.filter(notice__kind="deadlines.reminder", written_at__gt=CLOSED)
    put_into_words(reminders)
    assert len([letter for letter in reminders if "The summary of" in letter.subject]) == 2
    sweep(now=CLOSED + 30 * DAY)
    assert state_of(closed) == "unsummarised"
    assert letters("no_summary") == {"Ada"}
    late = refused(actions.publish_summary, closed, **SUMMARY, by=coordinator, now=CLOSED + 31 * DAY)
    assert "no summary" in late


def test_a_summary_counts_as_an_act_of_the_lead(adoption, closed, coordinator):
    actions.publish_summary(closed, **SUMMARY, by=coordinator, now=CLOSED)
    assert Lead.objects.get().last_act_at == CLOSED


def test_those_who_answered_correct_it_for_14_days(closed, coordinator, volunteer, stranger, reviewer):
    there = CLOSED + DAY
    actions.publish_summary(closed, **SUMMARY, by=coordinator, now=there)
    actions.note_correction(closed, text="Not what I said.", by=volunteer, now=there + DAY)
    actions.note_correction(closed, text="Nor I.", by=stranger, now=there + 13 * DAY)
    assert [row.name for row in queries.corrections_shown(closed)] == ["", "Sven"]
    assert letters("correction_there") == {"Bola"}
    again = refused(actions.note_correction, closed, text="More", by=volunteer, now=there + DAY)
    assert "already" in again
    other = refused(actions.note_correction, closed, text="Me too", by=reviewer, now=there + DAY)
    assert "Those who answered" in other
    late = refused(actions.note_correction, closed, text="Late", by=volunteer, now=there + 14 * DAY)
    assert "14 days" in late


def test_the_group_takes_corrections_up_while_they_are_open(closed, coordinator):
    actions.publish_summary(closed, **SUMMARY, by=coordinator, now=CLOSED)
    better = {"text": "We heard you both.", "language": "en"}
    actions.change_summary(closed, **better, by=coordinator, now=CLOSED + 13 * DAY)
    assert "Nothing is changed" in refused(
        actions.change_summary, closed, **better, by=coordinator, now=CLOSED + 13 * DAY
    )
    assert "14 days" in refused(actions.change_summary, closed, **SUMMARY, by=coordinator, now=CLOSED + 14 * DAY)
