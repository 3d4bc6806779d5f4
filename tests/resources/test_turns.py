"""Whose turn it is: who keeps a place, who gets the next one, and what a yes of the stewards holds for."""

from datetime import timedelta

import pytest

from apps.core.clock import add_working_days
from apps.core.refused import Refused
from apps.deadlines.actions import open_deadline
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises
from apps.deadlines.rules import RULES
from apps.deadlines.sweep import sweep
from apps.groups.actions import cancel_meeting, change_meeting, form_group
from apps.notifications.models import Letter
from apps.resources import actions, queries
from apps.resources.deadlines import WAIT_FOR_SEAT
from apps.resources.models import Resource, ResourceRequest
from tests.conftest import NOW
from tests.groups.test_meetings import changed, plan
from tests.resources.offers import LINKS, ask, offer, pool, terms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def others(person):
    """Groups with a coordinator each, one after the other."""

    def make():
        number = 0
        while True:
            number += 1
            by = person(f"Coordinator {number}")
            yield form_group(name=f"Group {number}", by=by, now=NOW), by

    return make()


def refused(sentence, act, *args, field="", **kwargs):
    with pytest.raises(Refused, match=sentence) as refusal:
        act(*args, **kwargs)
    assert not field or refusal.value.field == field


def letters(person, kind):
    return Letter.objects.filter(recipient=person, notice__kind=f"resources.{kind}")


def states(*requests):
    for request in requests:
        request.refresh_from_db()
    return [request.state for request in requests]


# --- What is over --------------------------------------------------------------------------------


def test_what_is_over_cannot_be_kept_and_whoever_waits_comes_before_a_newcomer(volunteer, group, coordinator, others):
    resource = pool(volunteer, links=LINKS[:1])
    mine = ask(resource, group, by=coordinator)
    (waits, who), (newcomer, by) = next(others), next(others)
    first = ask(resource, waits, by=who)
    over = mine.ends_at
    assert queries.can_be_kept(mine, over - HOUR)
    assert not queries.can_be_kept(mine, over)
    refused("was over on 17 September 2026", actions.keep_using, mine, by=coordinator, now=over)
    second = ask(resource, newcomer, by=by, now=over + HOUR)  # No sweep has come meanwhile.
    assert states(first, second) == ["in_use", "waiting"]
    sweep(now=over + HOUR)
    assert states(mine, first, second) == ["returned", "in_use", "waiting"]
    assert broken_promises() == []


# --- What the stewards said yes to ---------------------------------------------------------------


def given_room(policy, volunteer, group, coordinator):
    room = offer(volunteer, kind="room", policy=policy, max_hours=3)
    wish = ask(room, group, by=coordinator, starts_at=NOW + DAY, ends_at=NOW + DAY + HOUR)
    return actions.give_resource(wish, address="https://a.org/b", answer="Yes.", by=volunteer, now=NOW)


def test_stewards_hear_when_what_they_gave_is_moved_extended_or_kept(volunteer, group, coordinator):
    mine = given_room("stewards_decide", volunteer, group, coordinator)
    start = NOW + 3 * DAY
    actions.change_booking(mine, starts_at=start, ends_at=start + HOUR, by=coordinator, now=NOW)
    assert "10 September 2026, 10:00 UTC" in letters(volunteer, "changed_after_yes").get().body
    actions.extend_use(mine, half_hours=1, by=coordinator, now=start)
    assert letters(volunteer, "changed_after_yes").count() == 2
    survey = ask(offer(volunteer, name="Survey", lasts_days=20), group, by=coordinator)
    survey = actions.give_resource(survey, address="", answer="", by=volunteer, now=NOW)
    actions.keep_using(survey, by=coordinator, now=NOW + 19 * DAY)
    assert "until 17 October 2026" in letters(volunteer, "kept_after_yes").get().body


def test_what_costs_something_is_neither_moved_nor_extended_nor_kept_without_another_yes(volunteer, group, coordinator):
    mine = given_room("costed", volunteer, group, coordinator)
    later = {"starts_at": NOW + 2 * DAY, "ends_at": NOW + 2 * DAY + HOUR}
    refused("costs somebody money", actions.change_booking, mine, **later, by=coordinator, now=NOW)
    refused("costs somebody money", actions.extend_use, mine, half_hours=1, by=coordinator, now=mine.starts_at)
    seat = offer(volunteer, name="A paid seat", policy="costed", lasts_days=20, max_at_once=1, capacity=1)
    used = actions.give_resource(ask(seat, group, by=coordinator), address="", answer="", by=volunteer, now=NOW)
    refused("which is the limit", ask, seat, group, by=coordinator, purpose="More", now=NOW - 11 * DAY)
    near_the_end = used.ends_at - DAY
    assert not queries.can_be_kept(used, near_the_end)
    refused("needs another yes", actions.keep_using, used, by=coordinator, now=near_the_end)
    assert ask(seat, group, by=coordinator, now=near_the_end).state == "asked"  # Though it is the limit until then.


# --- Another policy ------------------------------------------------------------------------------


def test_wishes_go_along_when_an_offer_changes_who_says_yes(volunteer, group, coordinator, others):
    resource = pool(volunteer, links=LINKS[:1])
    mine = ask(resource, group, by=coordinator)
    (waits, who), (later, by) = next(others), next(others)
    second, third = ask(resource, waits, by=who), ask(resource, later, by=by)

    def change(policy, now):
        said = terms(name="Another", policy=policy, lasts_days=10)
        actions.change_offer(resource, said, by=volunteer, now=now)
        assert broken_promises() == []

    change("costed", NOW + HOUR)
    assert states(mine, second, third) == ["in_use", "asked", "asked"]
    assert letters(volunteer, "stewards_asked").count() == 2
    assert "its stewards answer now" in letters(who, "other_policy").get().body
    actions.give_back(mine, by=coordinator, now=NOW + HOUR)
    assert states(second, third) == ["asked", "asked"], "Nothing that costs something is given without a yes."
    change("self_service", NOW + 2 * HOUR)
    assert states(second, third) == ["in_use", "waiting"], "Whoever asked first comes first."
    assert letters(who, "answered").exists()
    change("stewards_decide", NOW + 3 * HOUR)
    assert states(second, third) == ["in_use", "asked"]


# --- A yes that waits for a place ----------------------------------------------------------------


def test_a_yes_to_what_is_full_waits_for_a_place_and_is_given_by_itself(volunteer, group, coordinator, others):
    resource = offer(volunteer, capacity=1, lasts_days=20)
    give = {"address": "https://a.org/b", "answer": "Be kind.", "by": volunteer}
    first = actions.give_resource(ask(resource, group, by=coordinator), **give, now=NOW)
    (waits, who), (slow, by) = next(others), next(others)
    unanswered, second = ask(resource, slow, by=by), ask(resource, waits, by=who)
    second = actions.give_resource(second, **give, now=NOW + HOUR)
    assert (second.state, second.place, second.answered_by) == ("waiting", "", volunteer)
    assert "as soon as a place comes free" in letters(who, "yes_that_waits").get().body
    assert Deadline.objects.get(rule="resources.answer", subject_id=second.pk).outcome == "given"
    assert broken_promises() == []
    actions.give_back(first, by=coordinator, now=NOW + DAY)
    assert states(second, unanswered) == ["in_use", "asked"]
    assert (second.place, second.answer, second.answered_by) == ("https://a.org/b", "Be kind.", volunteer)
    assert second.ends_at == NOW + 21 * DAY
    third = actions.give_resource(unanswered, **give, now=NOW + 2 * DAY)
    actions.withdraw_offer(resource, reason="Gone.", by=volunteer, now=NOW + 2 * DAY)
    assert states(third) == ["wanted"]
    assert (third.address, third.answer, third.answered_by) == ("", "", None), "A yes of one offer is none of another."
    assert broken_promises() == []


def test_a_yes_that_waits_is_kept_when_its_time_changes(volunteer, group, coordinator, others):
    room = offer(volunteer, kind="room", max_hours=3, capacity=1)
    at = {"starts_at": NOW + 3 * DAY, "ends_at": NOW + 3 * DAY + HOUR}
    (waits, who) = next(others)
    give = {"address": "https://a.org/b", "answer": "", "by": volunteer, "now": NOW}
    actions.give_resource(ask(room, group, by=coordinator, **at), **give)
    second = actions.give_resource(ask(room, waits, by=who, **at), **give)
    assert second.state == "waiting"
    later = {"starts_at": NOW + 4 * DAY, "ends_at": NOW + 4 * DAY + HOUR}
    second = actions.change_booking(second, **later, by=who, now=NOW)
    assert (second.state, second.place, second.answered_by) == ("in_use", "https://a.org/b", volunteer)
    assert letters(volunteer, "changed_after_yes").count() == 1


# --- Answers before the time that they are about -------------------------------------------------


def test_stewards_answer_before_the_time_that_is_asked_for(volunteer, group, coordinator):
    room = offer(volunteer, kind="room", max_hours=3)
    soon = {"starts_at": NOW + DAY, "ends_at": NOW + DAY + HOUR}
    [outlook] = queries.look_ahead(room, group, [tuple(soon.values())], now=NOW)
    assert outlook.is_free
    assert "before the stewards owe an answer" in outlook.note
    wish = ask(room, group, by=coordinator, **soon)
    owed = Deadline.objects.get(rule="resources.answer", subject_id=wish.pk)
    assert (owed.due_at, owed.wake_at) == (NOW + DAY, NOW + DAY)
    assert "it lapses when its time comes" in RULES["resources.answer"].silence_words(wish)
    later = {"starts_at": NOW + 40 * DAY, "ends_at": NOW + 40 * DAY + HOUR}
    [outlook] = queries.look_ahead(room, group, [tuple(later.values())], now=NOW)
    assert outlook.note == ""
    wish = actions.change_booking(wish, **later, by=coordinator, now=NOW + HOUR)
    owed.refresh_from_db()
    assert (owed.opened_at, owed.due_at) == (NOW, add_working_days(NOW, 5)), "It was asked when it was asked."
    wish = actions.change_booking(wish, **soon, by=coordinator, now=NOW + HOUR)
    give = {"address": "", "answer": "", "by": volunteer}
    refused("This time is over", actions.give_resource, wish, **give, now=NOW + DAY + HOUR)
    sweep(now=NOW + DAY)
    assert states(wish) == ["lapsed"]
    assert "Its time has come meanwhile" in letters(coordinator, "moved_on").get().body
    assert broken_promises() == []


# --- Limits that hold ----------------------------------------------------------------------------


def test_what_has_begun_counts_against_the_limit_however_it_ended(catalogue, group, coordinator, steward):
    room = Resource.objects.get(slug="video-meeting-room")
    Resource.objects.filter(pk=room.pk).update(max_per_month=3)
    room.stewards.add(steward)

    def book(days, now=NOW):
        start = NOW + days * DAY
        return ask(room, group, by=coordinator, starts_at=start, ends_at=start + HOUR, now=now)

    early, ended, unbegun = book(1), book(2), book(3)
    actions.give_back(early, by=coordinator, now=early.ends_at - HOUR / 60)
    actions.end_use(ended, reason="Spam.", by=steward, now=ended.starts_at + HOUR / 2)
    actions.give_back(unbegun, by=coordinator, now=unbegun.starts_at - HOUR)
    now = NOW + 4 * DAY
    assert book(5, now).state == "in_use"
    refused("3 uses within 30 days", book, 6, now)


# --- A link that was retired ---------------------------------------------------------------------


def test_a_retired_link_is_not_kept_but_a_running_call_goes_on_in_it(volunteer, group, coordinator):
    survey = pool(volunteer)
    mine = ask(survey, group, by=coordinator)
    room = pool(volunteer, name="Calls", kind="room", max_hours=3, lasts_days=None)
    call = ask(room, group, by=coordinator, starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR)
    for use in (mine, call):
        actions.retire_link(use.link, by=volunteer, now=NOW + HOUR)
        use.refresh_from_db()
    assert not queries.can_be_kept(mine, NOW + 9 * DAY)
    refused("link that your group has is retired", actions.keep_using, mine, by=coordinator, now=NOW + 9 * DAY)
    longer = actions.extend_use(call, half_hours=1, by=coordinator, now=NOW + HOUR)
    assert longer.link == call.link, "Nobody is thrown into another room in the middle of a call."
    assert longer.ends_at == NOW + 2.5 * HOUR
    assert ask(room, group, by=coordinator, starts_at=NOW + DAY, ends_at=NOW + DAY + HOUR).link != call.link


# --- Withdrawn offers ----------------------------------------------------------------------------


def test_what_is_booked_of_a_withdrawn_offer_ends_as_it_was_booked(volunteer, group, coordinator):
    survey = pool(volunteer)
    mine = ask(survey, group, by=coordinator)
    room = pool(volunteer, name="Calls", kind="room", max_hours=3, lasts_days=None)
    times = [(NOW + n * DAY, NOW + n * DAY + HOUR) for n in (1, 2)]
    first, second = actions.request_dates(
        room, group=group, purpose="Weekly", times=times, may_wait=True, by=coordinator, now=NOW
    )
    for resource in (survey, room):
        actions.withdraw_offer(resource, reason="Gone.", by=volunteer, now=NOW)
    for use in (mine, first, second):
        use.refresh_from_db()
    assert not queries.can_be_kept(mine, mine.ends_at - DAY)
    later = {"starts_at": NOW + 5 * DAY, "ends_at": NOW + 5 * DAY + HOUR, "by": coordinator, "now": NOW}
    refused("was withdrawn on", actions.change_booking, first, **later)
    refused("was withdrawn on", actions.change_series, first, **later)
    refused("was withdrawn on", actions.extend_use, first, half_hours=1, by=coordinator, now=first.starts_at)
    assert queries.longer_ends(first).ends == []
    actions.give_back(second, by=coordinator, now=NOW)
    assert states(first, second) == ["in_use", "returned"]


# --- Rooms of meetings ---------------------------------------------------------------------------


def test_a_lost_room_of_a_meeting_is_told_with_the_reason_and_a_wanted_one_goes_along(group, coordinator, volunteer):
    Resource.objects.exclude(slug="video-meeting-room").filter(kind="room").delete()
    room = Resource.objects.get(slug="video-meeting-room")
    Resource.objects.filter(pk=room.pk).update(opens_hour=8, closes_hour=18)

    meeting = plan(group, by=coordinator, now=NOW, starts_at=NOW + DAY, minutes=60)
    mine = actions.book_room_for(meeting, by=coordinator, now=NOW)
    at_night = (NOW + DAY).replace(hour=22)
    change_meeting(meeting, **changed(meeting, starts_at=at_night), by=coordinator, now=NOW)
    assert states(mine) == ["returned"]
    assert "from 08:00 to 18:00 UTC" in letters(coordinator, "room_lost").get().body

    meeting = change_meeting(meeting, **changed(meeting, starts_at=NOW + 2 * DAY), by=coordinator, now=NOW)
    mine = actions.book_room_for(meeting, by=coordinator, now=NOW)
    ResourceRequest.objects.filter(pk=mine.pk).update(state="waiting")
    Deadline.objects.filter(rule="resources.end_of_booking", subject_id=mine.pk).delete()
    mine.refresh_from_db()
    open_deadline(WAIT_FOR_SEAT, mine, now=NOW, ends_at=mine.starts_at)
    room.stewards.add(volunteer)
    room.refresh_from_db()
    actions.withdraw_offer(room, reason="Gone.", by=volunteer, now=NOW)
    assert states(mine) == ["wanted"]
    refused("has a room already, or waits", actions.book_room_for, meeting, by=coordinator, now=NOW)
    meeting = change_meeting(meeting, **changed(meeting, starts_at=NOW + 9 * DAY), by=coordinator, now=NOW)
    assert states(mine) == ["wanted"]
    shown_until = Deadline.objects.get(rule="resources.still_wanted", state="open").ends_at
    assert mine.starts_at == shown_until == NOW + 9 * DAY - timedelta(minutes=10)
    cancel_meeting(meeting, reason="Nobody has time.", by=coordinator, now=NOW)
    assert states(mine) == ["taken_back"]
    assert broken_promises() == []
