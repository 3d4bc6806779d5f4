"""What no story of booking thinks of: nights in which clocks change, and any order of acts on one resource."""

from contextlib import suppress
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apps.core.refused import Refused
from apps.deadlines.queries import broken_promises
from apps.groups.actions import form_group
from apps.resources import actions, queries
from apps.resources.forms import RequestForm
from apps.resources.models import Resource, ResourceRequest
from tests.conftest import NOW
from tests.journeys.at_once import people
from tests.zones import PECULIAR, clock_changes, zones_and_moments

pytestmark = pytest.mark.slow


def changes_to_come(name):
    now = timezone.now()
    return [change for change in clock_changes(name) if now < change < now + timedelta(days=400)]


@pytest.mark.parametrize("hours", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("name", [*PECULIAR, "Europe/Berlin", "America/New_York"])
def test_a_booking_lasts_as_long_as_was_chosen(catalogue, group, coordinator, name, hours):
    room = Resource.objects.get(slug="video-meeting-room")
    with timezone.override(name):
        for change in changes_to_come(name):
            for before in range(-1, 5):
                starts_at = change - timedelta(minutes=30 * before)
                typed = {
                    "starts_at": f"{timezone.localtime(starts_at):%Y-%m-%dT%H:%M}",
                    "hours": str(hours),
                    "group": str(group.pk),
                    "purpose": "A call",
                }
                form = RequestForm(typed, resource=room, person=coordinator, now=NOW)
                if form.is_valid():
                    [time] = form.times
                    assert time.starts_at == starts_at
                    assert time.ends_at - starts_at == timedelta(hours=hours)
                else:
                    assert set(form.errors) == {"starts_at"}, "An hour that comes twice, or never."


@given(zones_and_moments(), st.integers(0, 26), st.sampled_from([0.5, 1.0, 3.0]))
def test_a_series_shows_the_same_time_on_the_clock_or_says_why_not(zone_and_moment, weeks, hours):
    name, moment = zone_and_moment
    zone = ZoneInfo(name)
    first = moment.astimezone(zone)
    at = first.time().replace(microsecond=0)
    days = queries.weekly(first.date(), first.date() + timedelta(weeks=weeks))
    times = queries.times_on(days, at, timedelta(hours=hours), zone)
    assert len(times) == weeks + 1
    for day, each in zip(days, times, strict=True):
        shown = each.starts_at.astimezone(zone).replace(tzinfo=None)
        assert each.ends_at - each.starts_at == timedelta(hours=hours)
        if "no " not in each.note:
            assert (shown.date(), shown.time()) == (day, at)
        else:
            assert shown.time() != at or shown.date() != day


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12), st.integers(1, 3)), max_size=30),
    st.integers(0, 40),
    st.integers(1, 12),
)
def test_the_sweep_line_counts_what_counting_every_moment_counts(uses, start, length):
    step = timedelta(minutes=15)
    spans = [(NOW + a * step, NOW + (a + b) * step, quantity) for a, b, quantity in uses]
    begins_at, ends_at = NOW + start * step, NOW + (start + length) * step
    moments = [begins_at + n * step for n in range(length)]
    by_hand = [sum(quantity for s, e, quantity in spans if s <= at < e) for at in moments]
    swept, grown = queries.Seats(spans), queries.Seats([])
    for span in spans:
        grown.add(*span)
    for seats in (swept, grown):
        assert seats.most(begins_at, ends_at) == max(by_hand)
        for capacity in (1, 2, 5):
            first = next((at for at, taken in zip(moments, by_hand, strict=True) if taken >= capacity), None)
            assert seats.first_full(capacity, begins_at, ends_at) == first
        of_two = (at for at, taken in zip(moments, by_hand, strict=True) if taken + 2 > 5)
        assert seats.first_full(5, begins_at, ends_at, 2) == next(of_two, None)


HALF = timedelta(minutes=30)
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["book", "series", "change", "change series", "extend", "back", "series back"]),
        st.integers(0, 3),
        st.integers(0, 8),
        st.integers(1, 4),
        st.integers(0, 9),
    ),
    max_size=14,
)


@given(acts=ACTS)
def test_whatever_people_book_and_change_no_seat_is_given_twice_and_nobody_waits_beside_a_free_one(catalogue, acts):
    with transaction.atomic():
        room = Resource.objects.get(slug="video-meeting-room")
        Resource.objects.filter(pk=room.pk).update(capacity=2, max_per_month=6)
        groups = [(form_group(name=f"Any {who.pk}", by=who, now=NOW), who) for who in people(4, "Any")]
        for act, who, start, halves, which in acts:
            with suppress(Refused), transaction.atomic():
                _do(act, room, *groups[who], NOW + timedelta(days=1) + start * HALF, halves * HALF, which)
            _assert_nothing_is_wrong(room)
        transaction.set_rollback(True)


def _do(act, room, group, who, starts_at, length, which):
    times = {"starts_at": starts_at, "ends_at": starts_at + length}
    about = {"by": who, "now": NOW}
    if act == "book":
        actions.request_resource(room, group=group, purpose="Call", **times, **about)
    elif act == "series":
        days = [starts_at + timedelta(days=n) for n in range(1 + which % 4)]
        spans = [(at, at + length) for at in days]
        actions.request_dates(room, group=group, purpose="Calls", times=spans, may_wait=bool(which % 2), **about)
    elif mine := list(ResourceRequest.objects.order_by("pk")):
        wish = mine[which % len(mine)]
        match act:
            case "change":
                actions.change_booking(wish, **times, **about)
            case "change series":
                actions.change_series(wish, **times, **about)
            case "extend":
                actions.extend_use(wish, half_hours=1, by=who, now=wish.starts_at)
            case "back":
                actions.give_back(wish, **about)
            case "series back":
                actions.give_back_series(wish, **about)


def _assert_nothing_is_wrong(room):
    held = [(w.starts_at, w.ends_at, w.state) for w in ResourceRequest.objects.filter(state__in=["in_use", "waiting"])]
    taken = [(start, end) for start, end, state in held if state == "in_use"]
    for start, end, state in held:
        most = max(sum(s <= at < e for s, e in taken) for at in {start, *(s for s, _e in taken if start < s < end)})
        assert most <= 2
        assert state == "in_use" or most == 2, "It waits beside a free seat."
    for group in {w.group_id for w in ResourceRequest.objects.all()}:
        starts = sorted(
            ResourceRequest.objects.filter(group=group, state__in=["in_use", "waiting"]).values_list(
                "starts_at", flat=True
            )
        )
        assert len(starts) == len(set(starts)) <= 6
    assert broken_promises() == []
