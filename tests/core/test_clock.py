from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.clock import add_working_days, is_working_day
from tests.core.counting import working_days_between

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 9, 7), True),
        (date(2026, 9, 5), False),
        (date(2026, 9, 6), False),
        (date(2026, 12, 18), True),
        (date(2026, 12, 21), False),
        (date(2026, 12, 31), False),
        (date(2027, 1, 1), False),
        (date(2027, 1, 4), True),
        (date(2028, 1, 3), False),
        (date(2025, 12, 19), True),
    ],
)
def test_working_days_are_monday_to_friday_without_the_winter_break(day, works):
    assert is_working_day(day) is works


def test_ten_working_days_from_a_monday_are_the_monday_two_weeks_later():
    assert add_working_days(datetime(2026, 9, 7, 10, tzinfo=UTC), 10) == datetime(2026, 9, 21, 10, tzinfo=UTC)


def test_a_weekend_counts_from_there():
    assert add_working_days(datetime(2026, 9, 5, 23, tzinfo=UTC), 1) == datetime(2026, 9, 7, 23, tzinfo=UTC)


def test_the_winter_break_is_passed_over():
    assert add_working_days(datetime(2026, 12, 18, 8, tzinfo=UTC), 1) == datetime(2027, 1, 4, 8, tzinfo=UTC)


def test_days_are_counted_in_utc_wherever_the_clock_stands():
    in_samoa = datetime(2026, 9, 7, 23, 30, tzinfo=timezone(timedelta(hours=-11)))  # Tuesday 10:30 UTC
    assert add_working_days(in_samoa, 1) == datetime(2026, 9, 9, 10, 30, tzinfo=UTC)


@given(MOMENTS, st.integers(1, 60))
def test_the_end_is_a_working_day_and_that_many_lie_between(start, count):
    end = add_working_days(start, count)
    assert is_working_day(end.date())
    assert end.timetz() == start.timetz()
    assert working_days_between(start, end) == count


@given(MOMENTS, MOMENTS, st.integers(0, 30))
def test_who_asks_earlier_is_never_due_later(one, other, count):
    first, second = sorted([one, other])
    if first.date() != second.date():
        assert add_working_days(first, count).date() <= add_working_days(second, count).date()
