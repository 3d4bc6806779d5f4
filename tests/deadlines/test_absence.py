"""Being away: what one is asked passes to others who can answer, and comes back if it is still open."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.core.refused import Refused
from apps.deadlines import queries
from apps.deadlines.actions import ask_another, come_back, declare_absence
from apps.deadlines.models import Absence, Deadline
from apps.deadlines.rules import RULES
from apps.deadlines.sweep import sweep
from apps.engagement.actions import accept_steps, hand_in_measured, pass_on
from apps.groups.actions import ask_to_join
from apps.notifications.models import Letter
from apps.record.models import Act
from tests.conftest import NOW, add_member, granted, meet_early_steps

DAY = timedelta(days=1)


@pytest.fixture
def bundle(adoption, group, coordinator, reviewer):
    meet_early_steps(adoption, by=coordinator, group=group)
    return hand_in_measured(adoption, group=group, by=coordinator, now=NOW)


def review():
    return Deadline.objects.get(rule="engagement.review")


def letters(kind, person):
    return Letter.objects.filter(notice__kind=kind, recipient=person).count()


def owed_by(person, now=NOW):
    return [deadline.rule for deadline in queries.deadlines_owed_by(person, now)]


def away(person, begins_at=NOW, ends_at=NOW + 30 * DAY, now=NOW):
    return declare_absence(begins_at=begins_at, ends_at=ends_at, by=person, now=now)


def test_what_the_absent_was_asked_passes_to_another_who_can_answer(bundle, reviewer, other_reviewer):
    assert review().asked == reviewer
    due_at = review().due_at
    away(reviewer)
    assert (review().asked, review().asked_first, review().due_at) == (other_reviewer, reviewer, due_at)
    assert letters("deadlines.passed_to_you", other_reviewer) == 1
    assert (owed_by(reviewer), owed_by(other_reviewer)) == ([], ["engagement.review"])


def test_it_comes_back_if_still_open(bundle, reviewer, other_reviewer):
    away(reviewer, ends_at=NOW + 3 * DAY)
    sweep(now=NOW + 3 * DAY)
    assert (review().asked, review().asked_first) == (reviewer, None)
    assert letters("deadlines.welcome_back", reviewer) == 1
    assert Absence.objects.get().state == "over"
    sweep(now=NOW + 7 * DAY)  # the reminder of day 5 goes to whoever owes it again
    assert letters("deadlines.reminder", reviewer) == 1
    assert letters("deadlines.reminder", other_reviewer) == 0


def test_it_does_not_come_back_if_answered(bundle, reviewer, other_reviewer):
    away(reviewer, ends_at=NOW + 3 * DAY)
    accept_steps(bundle, by=other_reviewer, now=NOW + DAY)
    sweep(now=NOW + 3 * DAY)
    assert review().state == "met"
    assert letters("deadlines.welcome_back", reviewer) == 0


def test_an_absence_of_later_begins_by_itself(bundle, reviewer, other_reviewer):
    away(reviewer, begins_at=NOW + 2 * DAY)
    assert review().asked == reviewer
    sweep(now=NOW + 2 * DAY)
    assert review().asked == other_reviewer
    assert queries.broken_promises() == []


def test_if_nobody_else_can_the_date_stands_and_nobody_is_written_to(bundle, reviewer):
    away(reviewer)
    assert (review().asked, review().asked_first) == (reviewer, None)
    assert queries.people_who_can_answer(RULES["engagement.review"], [bundle], NOW) == {bundle.pk: []}
    sweep(now=NOW + 8 * DAY)
    assert letters("deadlines.reminder", reviewer) == 0
    sweep(now=NOW + 60 * DAY)
    assert review().state == "lapsed"


def test_the_absence_of_a_second_hands_it_on_and_it_comes_back_to_the_first(bundle, reviewer, other_reviewer, person):
    granted(person("Tess"), "reviewer")
    away(reviewer, ends_at=NOW + 5 * DAY)
    away(review().asked, ends_at=NOW + 3 * DAY)
    assert review().asked not in {reviewer, None}
    assert review().asked_first == reviewer
    sweep(now=NOW + 3 * DAY)
    assert review().asked_first == reviewer
    sweep(now=NOW + 5 * DAY)
    assert (review().asked, review().asked_first) == (reviewer, None)


def test_a_stand_in_is_whom_the_rule_would_ask_and_not_who_has_passed_it_on(bundle, reviewer, other_reviewer, person):
    third = granted(person("Tess"), "reviewer")
    pass_on(bundle, language="fr", by=reviewer, now=NOW)
    ask_another(RULES["engagement.review"], bundle, asked=other_reviewer)
    away(other_reviewer, ends_at=NOW + 5 * DAY)
    assert review().asked == third, "Whoever passed it on is asked for least, and is not asked again."
    away(third, ends_at=NOW + 3 * DAY)
    assert review().asked == reviewer, "Better whoever passed it on than nobody."


def test_of_several_coordinators_only_those_who_are_there_are_reminded(group, coordinator, volunteer, stranger):
    add_member(group, volunteer, coordinates=True)
    ask_to_join(group, message="", by=stranger, now=NOW)
    away(coordinator)
    sweep(now=NOW + 7 * DAY)
    assert (letters("deadlines.reminder", coordinator), letters("deadlines.reminder", volunteer)) == (0, 1)


def test_whoever_is_away_is_not_asked(adoption, group, coordinator, reviewer, other_reviewer):
    away(reviewer)
    meet_early_steps(adoption, by=coordinator, group=group)
    hand_in_measured(adoption, group=group, by=coordinator, now=NOW)
    assert review().asked == other_reviewer


def test_coming_back_early_ends_it_at_once_and_leaves_no_wait(bundle, reviewer, other_reviewer):
    away(reviewer)
    come_back(by=reviewer, now=NOW + DAY)
    assert review().asked == reviewer
    assert not Deadline.objects.filter(rule__startswith="deadlines.", state="open").exists()
    with pytest.raises(Refused, match="not away"):
        come_back(by=reviewer, now=NOW + DAY)


@pytest.mark.parametrize(
    ("begins_at", "ends_at", "why"),
    [
        (NOW + 2 * DAY, NOW + DAY, "before the first"),
        (NOW - 3 * DAY, NOW - DAY, "in the past"),
        (NOW, NOW + 400 * DAY, "a year at most"),
    ],
)
def test_days_that_make_no_sense_are_refused(reviewer, begins_at, ends_at, why):
    with pytest.raises(Refused, match=why):
        away(reviewer, begins_at, ends_at)


def test_a_second_absence_beside_the_first_is_refused(reviewer):
    away(reviewer)
    with pytest.raises(Refused, match="already"):
        away(reviewer, NOW + 2 * DAY)


def test_an_absence_is_private(reviewer, volunteer, sign_in):
    before = Act.objects.count()
    away(reviewer)
    assert Act.objects.count() == before
    assert "away" not in sign_in(volunteer).get(reverse("people:index")).content.decode()


def test_the_page_takes_days_in_the_persons_zone(person, sign_in):
    kiri = person("Kiri", time_zone="Pacific/Kiritimati")
    client = sign_in(kiri)
    today = timezone.now().date()
    first, last = today + 10 * DAY, today + 12 * DAY
    client.post(reverse("deadlines:absence"), {"first_on": first.isoformat(), "last_on": last.isoformat()})
    absence = Absence.objects.get()
    assert absence.begins_at == datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(hours=14)
    assert absence.ends_at - absence.begins_at == 3 * DAY
    assert "You are away from" in client.get(reverse("deadlines:absence")).content.decode()
    client.post(reverse("deadlines:end_absence"))
    assert "Say when you are away" in client.get(reverse("deadlines:absence")).content.decode()
