"""Working days beside an oracle that counts them one by one, as product.md has them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apps.core.clock import add_working_days, is_working_day
from apps.core.dates import day, day_and_time
from apps.core.forms import Moment
from apps.core.templatetags.ui import due_words
from tests.core.counting import working_days_between
from tests.zones import ZONES, zones_and_moments

COUNTS = st.integers(0, 90)


def counts_as_working(day: date) -> bool:
    """Monday to Friday without 21 December to 3 January, told otherwise than the code tells it."""
    winter = {date(day.year, 12, n) for n in range(21, 32)} | {date(day.year, 1, n) for n in (1, 2, 3)}
    return f"{day:%a}" not in {"Sat", "Sun"} and day not in winter


def slow_end(start: datetime, count: int) -> datetime:
    """Hour by hour, in UTC."""
    at = start.astimezone(UTC)
    while count:
        for _hour in range(24):
            at += timedelta(hours=1)
        count -= counts_as_working(at.date())
    return at


@given(zones_and_moments(), COUNTS)
def test_the_end_is_what_a_slow_counter_says(zone_and_moment, count):
    _zone, start = zone_and_moment
    assert add_working_days(start, count) == slow_end(start, count)


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)))
def test_a_day_works_or_not_whoever_counts(day):
    assert is_working_day(day) is counts_as_working(day)


@given(zones_and_moments(), st.sampled_from(ZONES), COUNTS)
def test_the_zone_in_which_a_moment_is_written_moves_nothing(zone_and_moment, elsewhere, count):
    name, moment = zone_and_moment
    ends = {add_working_days(moment.astimezone(ZoneInfo(where)), count) for where in ("UTC", name, elsewhere)}
    assert len(ends) == 1


@given(zones_and_moments(), COUNTS, COUNTS)
def test_days_add_up(zone_and_moment, one, other):
    _zone, start = zone_and_moment
    assert add_working_days(add_working_days(start, one), other) == add_working_days(start, one + other)


@given(zones_and_moments(), COUNTS)
def test_as_many_lie_between_as_were_added(zone_and_moment, count):
    _zone, start = zone_and_moment
    assert working_days_between(start, add_working_days(start, count)) == count


# --- What people type, and what they read ----------------------------------------------------


class _Call(forms.Form):
    starts_at = Moment(years=60)


@given(zones_and_moments())
def test_a_moment_that_is_typed_is_the_moment_of_the_readers_clock_or_is_refused(zone_and_moment):
    """Refused where the clock shows an hour twice or never: then nobody can tell which moment is meant."""
    name, moment = zone_and_moment
    there = moment.astimezone(ZoneInfo(name)).replace(second=0, microsecond=0)
    with timezone.override(ZoneInfo(name)):
        form = _Call({"starts_at": f"{there:%Y-%m-%dT%H:%M}"})
        if form.is_valid():
            typed = form.cleaned_data["starts_at"]
            assert typed == moment.replace(second=0, microsecond=0) - timedelta(seconds=there.utcoffset().seconds % 60)
            assert typed.tzinfo is UTC, "So that hours that are added to it are hours."
        else:
            assert there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset()


@given(zones_and_moments())
def test_a_time_in_words_names_its_zone_also_in_the_hour_that_comes_twice(zone_and_moment):
    name, moment = zone_and_moment
    there = moment.astimezone(ZoneInfo(name))
    with timezone.override(ZoneInfo(name)):
        assert day(moment) == f"{there.day} {there:%B} {there.year}"
        assert day_and_time(moment) == f"{day(moment)}, {there:%H:%M} {there.tzname()}"


@given(zones_and_moments(), st.timedeltas(timedelta(days=-3), timedelta(days=3)))
def test_a_due_date_is_late_by_the_moment_and_today_by_the_readers_calendar(zone_and_moment, ahead):
    name, now = zone_and_moment
    due_at, here = now + ahead, ZoneInfo(name)
    with timezone.override(here):
        words = due_words(due_at, now)
    there = due_at.astimezone(here)
    days = (there.date() - now.astimezone(here).date()).days
    assert words.startswith("late since") == (due_at < now)
    near = {0: "due today", 1: "due tomorrow"}
    if due_at >= now and days in near:
        assert words == f"{near[days]}, {there:%H:%M} {there.tzname()}"
