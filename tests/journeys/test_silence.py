"""Silence to the letter: the clock moves on, sweeps run every few hours and two at once, and nobody does anything.

Every rung of every ladder happens on its day and exactly once. The days are written out here, as in
product.md, and not computed by the code under test. Day 0 is Monday, 7 September 2026, 10:00 UTC.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from apps.deadlines.models import Deadline
from apps.deadlines.sweep import sweep
from apps.engagement import actions as engagement
from apps.engagement.models import ChecklistStep
from apps.groups import actions as groups
from apps.groups.models import Membership
from apps.initiatives import queries as initiatives
from apps.initiatives.actions import post_update, say_interest
from apps.initiatives.badge import State
from apps.initiatives.models import Adoption, Ending, Lead
from apps.notifications.models import Letter
from apps.record.models import Act
from apps.resources import actions as resources
from apps.resources.models import Resource, ResourceRequest
from tests.conftest import NOW, meet_early_steps, step_called
from tests.journeys.at_once import assert_promises_hold, at_once

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SEPTEMBER, OCTOBER = partial(date, 2026, 9), partial(date, 2026, 10)


def let_pass(begin, until, *, every=timedelta(hours=5)):
    """The clock moves on; every few hours the sweep runs, and runs again in the same moment."""
    at = begin
    while at <= until:
        sweep(now=at)
        sweep(now=at)
        at += every


def letters(kind, **about):
    """Who got a letter of this kind on which day, each line once for each letter."""
    found = Letter.objects.filter(notice__kind=kind, **about).order_by("written_at", "recipient__username")
    return [(letter.written_at.date(), letter.recipient.username) for letter in found]


def days_of(kind, person):
    return [day for day, _name in letters(kind, recipient=person)]


def acts(verb):
    return list(Act.objects.filter(verb=verb).order_by("at").values_list("at__date", flat=True))


# --- Review ----------------------------------------------------------------------------------


@pytest.fixture
def submission(adoption, group, coordinator, reviewer, other_reviewer):
    meet_early_steps(adoption, by=coordinator, group=group)
    return engagement.hand_in_measured(adoption, group=group, by=coordinator, now=NOW)


def asked_for(submission):
    return Deadline.objects.get(rule="engagement.review", subject_id=submission.pk).asked


def states(submission):
    return Counter(ChecklistStep.objects.filter(submission=submission).values_list("state", flat=True))


@pytest.mark.django_db(transaction=True)
def test_nobody_reviews_two_reminders_one_telling_then_confirmed_by_silence(submission, coordinator):
    """The sweeps of each moment are real threads here, so that two of them want the same rows."""
    at = NOW
    while at <= NOW + timedelta(days=35):
        at_once(*[partial(sweep, now=at)] * 2)
        at += timedelta(hours=7)
    asked = asked_for(submission).username
    assert letters("engagement.review_asked") == [(SEPTEMBER(7), asked)]
    assert letters("deadlines.reminder") == [(SEPTEMBER(14), asked), (SEPTEMBER(18), asked)]
    assert letters("deadlines.all_told") == [(SEPTEMBER(21), "Omar"), (SEPTEMBER(21), "Rhea")]
    assert letters("engagement.settled_by_silence") == [(OCTOBER(5), coordinator.username)]
    assert states(submission) == {"confirmed_by_silence": 4}
    assert acts("engagement.confirmed_by_silence") == [OCTOBER(5)] * 4
    submission.refresh_from_db()
    assert submission.settled_at.date() == OCTOBER(5)
    deadline = Deadline.objects.get(rule="engagement.review")
    assert (deadline.state, deadline.outcome, deadline.closed_at.date()) == ("lapsed", "silence", OCTOBER(5))
    assert_promises_hold()


def test_nothing_happens_a_minute_before_its_time(submission):
    minute = timedelta(minutes=1)
    for day, kind, before in (
        (datetime(2026, 9, 14, 10, tzinfo=UTC), "deadlines.reminder", 0),
        (datetime(2026, 9, 18, 10, tzinfo=UTC), "deadlines.reminder", 1),
        (datetime(2026, 9, 21, 10, tzinfo=UTC), "deadlines.all_told", 0),
    ):
        sweep(now=day - minute)
        assert Letter.objects.filter(notice__kind=kind).count() == before
        sweep(now=day)
        assert Letter.objects.filter(notice__kind=kind).count() > before
    day_20 = datetime(2026, 10, 5, 10, tzinfo=UTC)
    sweep(now=day_20 - minute)
    assert states(submission) == {"in_review": 4}
    sweep(now=day_20)
    assert states(submission) == {"confirmed_by_silence": 4}


def test_an_early_step_reads_not_reviewed_for_ever(adoption, group, coordinator, reviewer):
    submission = engagement.hand_in_early(
        adoption, step=step_called("languages"), reason="Two are enough here.", group=group, by=coordinator, now=NOW
    )
    let_pass(NOW, NOW + timedelta(days=35))
    assert states(submission) == {"not_reviewed": 1}
    assert acts("engagement.not_reviewed") == [OCTOBER(5)]
    assert letters("engagement.settled_by_silence") == [(OCTOBER(5), coordinator.username)]


def test_a_measure_that_fell_meanwhile_is_not_confirmed(submission, adoption, coordinator):
    withdrawn = adoption.entries.get(step__code="nutshell")
    engagement.withdraw_entry(withdrawn, by=coordinator, now=NOW + timedelta(days=3))
    let_pass(NOW, NOW + timedelta(days=35))
    assert states(submission) == {"confirmed_by_silence": 3, "not_reviewed": 1}


@pytest.mark.parametrize("after_days", [3, 10, 20])
def test_an_answered_review_is_never_reminded_again(submission, reviewer, other_reviewer, after_days):
    let_pass(NOW, NOW + timedelta(days=after_days))
    before = letters("deadlines.reminder") + letters("deadlines.all_told")
    engagement.accept_steps(submission, by=other_reviewer, now=NOW + timedelta(days=after_days))
    let_pass(NOW + timedelta(days=after_days), NOW + timedelta(days=40))
    assert letters("deadlines.reminder") + letters("deadlines.all_told") == before
    assert states(submission) == {"accepted": 4}
    assert letters("engagement.settled_by_silence") == []


def test_working_days_skip_the_winter_break(adoption, group, coordinator, reviewer, other_reviewer):
    monday = datetime(2026, 12, 14, 10, tzinfo=UTC)
    meet_early_steps(adoption, by=coordinator, group=group, now=monday)
    submission = engagement.hand_in_measured(adoption, group=group, by=coordinator, now=monday)
    let_pass(monday, datetime(2027, 1, 28, tzinfo=UTC))
    asked = asked_for(submission)
    # 15 to 18 December are days 1 to 4; 4 January is day 5.
    assert days_of("deadlines.reminder", asked) == [date(2027, 1, 4), date(2027, 1, 8)]
    assert days_of("deadlines.all_told", asked) == [date(2027, 1, 11)]
    assert acts("engagement.confirmed_by_silence") == [date(2027, 1, 25)] * 4


def test_after_three_weeks_without_sweeps_everything_due_happens_once(submission, group, volunteer, coordinator):
    groups.ask_to_join(group, message="", by=volunteer, now=NOW)
    let_pass(NOW, NOW + timedelta(days=3))
    back = NOW + timedelta(days=24)  # 1 October
    let_pass(back, back + timedelta(days=11))
    asked = asked_for(submission)
    assert days_of("deadlines.reminder", asked) == [OCTOBER(1), OCTOBER(1)]
    assert letters("deadlines.all_told") == [(OCTOBER(1), "Omar"), (OCTOBER(1), "Rhea")]
    assert acts("engagement.confirmed_by_silence") == [OCTOBER(5)] * 4
    assert days_of("deadlines.reminder", coordinator) == [OCTOBER(1)]
    assert acts("groups.joined_by_silence") == [OCTOBER(1)]
    assert_promises_hold()


def test_a_single_sweep_after_everything_is_over_does_all_of_it_once(submission, reviewer, other_reviewer):
    let_pass(NOW + timedelta(days=60), NOW + timedelta(days=61))
    assert len(letters("deadlines.reminder", recipient=asked_for(submission))) == 2
    assert len(letters("deadlines.all_told")) == 2
    assert states(submission) == {"confirmed_by_silence": 4}
    assert len(acts("engagement.confirmed_by_silence")) == 4


# --- Leading ---------------------------------------------------------------------------------


@pytest.fixture
def interested(adoption, initiative, volunteer):
    say_interest(
        initiative, ways=["would_join"], languages=[], region="", is_named=False, wants_news=True, by=volunteer, now=NOW
    )
    return volunteer


def state_of(initiative, now):
    return next(row.state for row in initiatives.all_initiatives(now) if row.initiative == initiative)


def test_a_silent_lead_is_reminded_twice_turns_quiet_and_lapses_with_thanks(
    adoption, initiative, coordinator, interested
):
    let_pass(NOW, NOW + timedelta(days=95), every=timedelta(hours=11))
    # Days 46, 57 and 90 after 7 September.
    assert letters("deadlines.reminder") == [(OCTOBER(23), "Bola"), (date(2026, 11, 3), "Bola")]
    assert acts("initiatives.lapsed") == [date(2026, 12, 6)]
    assert letters("initiatives.term_ended") == [(date(2026, 12, 6), "Bola")]
    assert "Thank you" in Letter.objects.get(notice__kind="initiatives.term_ended").body
    assert letters("initiatives.free_again") == [(date(2026, 12, 6), interested.username)]
    adoption.refresh_from_db()
    assert adoption.ending == Ending.LAPSED
    assert state_of(initiative, NOW + timedelta(days=95)) == State.OPEN
    assert set(Deadline.objects.values_list("rule", "state")) == {
        ("initiatives.keep_alive", "lapsed"),
        ("initiatives.renew_term", "cancelled"),
    }
    assert_promises_hold()


def test_day_60_turns_quiet_when_read_and_no_row_changes(adoption, initiative, coordinator, group):
    meet_early_steps(adoption, by=coordinator, group=group)
    let_pass(NOW, NOW + timedelta(days=58), every=timedelta(days=1))
    before = list(Adoption.objects.values()), list(Deadline.objects.values()), Act.objects.count()
    day_60 = NOW + timedelta(days=60)
    assert state_of(initiative, day_60 - timedelta(minutes=1)) == State.LED
    assert state_of(initiative, day_60) == State.QUIET
    sweep(now=day_60)
    assert (list(Adoption.objects.values()), list(Deadline.objects.values()), Act.objects.count()) == before


def test_a_counted_act_restarts_the_days(adoption, initiative, coordinator, group):
    let_pass(NOW, NOW + timedelta(days=56), every=timedelta(days=1))
    assert letters("deadlines.reminder") == [(OCTOBER(23), "Bola")]
    post_update(adoption, group=group, text="We met.", link="", by=coordinator, now=NOW + timedelta(days=56))
    let_pass(NOW + timedelta(days=56), NOW + timedelta(days=145), every=timedelta(days=1))
    # Day 0 is 2 November now: day 46 is 18 December, day 57 is 29 December, day 90 is 31 January.
    assert letters("deadlines.reminder")[1:] == [(date(2026, 12, 18), "Bola"), (date(2026, 12, 29), "Bola")]
    assert Lead.objects.get().ended_at is None
    let_pass(NOW + timedelta(days=145), NOW + timedelta(days=148), every=timedelta(days=1))
    assert acts("initiatives.lapsed") == [date(2027, 1, 31)]


def test_every_counted_act_before_a_reminder_makes_it_fall_away(adoption, coordinator, group):
    at = NOW
    for _month in range(4):
        let_pass(at, at + timedelta(days=45), every=timedelta(days=3))
        at += timedelta(days=45)
        post_update(adoption, group=group, text="We went on.", link="", by=coordinator, now=at)
    assert letters("deadlines.reminder") == []


def test_a_term_that_nobody_renews_ends_after_twelve_months(adoption, coordinator, group):
    for month in range(1, 13):
        post_update(adoption, group=group, text="On.", link="", by=coordinator, now=NOW + timedelta(days=30 * month))
    let_pass(NOW + timedelta(days=330), NOW + timedelta(days=370), every=timedelta(hours=12))
    # Days 335 and 358 remind, day 365 ends it.
    assert days_of("deadlines.reminder", coordinator) == [date(2027, 8, 8), date(2027, 8, 31)]
    assert acts("initiatives.expired") == [date(2027, 9, 7)]
    assert acts("initiatives.lapsed") == []
    assert_promises_hold()


# --- Joining ---------------------------------------------------------------------------------


def test_silence_admits_on_day_14(group, coordinator, volunteer):
    membership = groups.ask_to_join(group, message="", by=volunteer, now=NOW)
    let_pass(NOW, NOW + timedelta(days=13, hours=23))
    membership.refresh_from_db()
    assert membership.state == Membership.State.ASKED
    let_pass(NOW + timedelta(days=14), NOW + timedelta(days=20))
    membership.refresh_from_db()
    assert membership.state == Membership.State.ACTIVE
    assert letters("deadlines.reminder") == [(SEPTEMBER(14), coordinator.username)]
    assert letters("groups.admitted") == [(SEPTEMBER(21), volunteer.username)]
    assert acts("groups.joined_by_silence") == [SEPTEMBER(21)]


def test_an_invitation_lapses_on_day_14_and_nobody_is_told(group, coordinator, volunteer):
    [membership] = groups.invite(group, people=[volunteer], by=coordinator, now=NOW)
    recorded = Act.objects.count()
    let_pass(NOW, NOW + timedelta(days=20))
    membership.refresh_from_db()
    assert (membership.state, membership.ended_at.date()) == (Membership.State.LAPSED, SEPTEMBER(21))
    assert letters("deadlines.reminder") == [(SEPTEMBER(14), volunteer.username)]
    assert Letter.objects.exclude(recipient=volunteer).count() == 0
    assert Act.objects.count() == recorded


# --- Resources -------------------------------------------------------------------------------


@pytest.fixture
def wish(group, coordinator, steward, stranger, catalogue):
    resource = Resource.objects.get(slug="mailing-list")
    for someone in (steward, stranger):
        resources.name_steward(resource, person=someone, now=NOW)
    return resources.request_resource(resource, group=group, purpose="Newcomers", by=coordinator, now=NOW)


def test_silent_stewards_are_reminded_and_told_then_the_wish_is_wanted(wish, coordinator):
    let_pass(NOW, NOW + timedelta(days=20))
    both = ["Sven", "Tala"]
    # Working days 3, 5 and 10.
    assert letters("deadlines.reminder") == [(SEPTEMBER(10), name) for name in both]
    assert letters("deadlines.all_told") == [(SEPTEMBER(14), name) for name in both]
    assert acts("resources.wanted") == [SEPTEMBER(21)]
    assert letters("resources.moved_on") == [(SEPTEMBER(21), coordinator.username)]
    wish.refresh_from_db()
    assert wish.state == ResourceRequest.State.WANTED
    assert_promises_hold()


def test_a_use_is_asked_about_seven_days_and_a_day_before_its_end_and_given_back_by_silence(
    group, coordinator, catalogue
):
    pad = Resource.objects.get(slug="notes-pad")
    use = resources.request_resource(pad, group=group, purpose="Notes", by=coordinator, now=NOW)
    let_pass(NOW + timedelta(days=170), NOW + timedelta(days=183))
    # It lasts 180 days, until 6 March.
    assert days_of("deadlines.reminder", coordinator) == [date(2027, 2, 27), date(2027, 3, 5)]
    assert acts("resources.returned_by_silence") == [date(2027, 3, 6)]
    assert letters("resources.use_ended") == [(date(2027, 3, 6), coordinator.username)]
    use.refresh_from_db()
    assert (use.state, use.address) == (ResourceRequest.State.RETURNED, "")
