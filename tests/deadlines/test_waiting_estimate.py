"""The estimate itself: what is open counts up to its age, what lapsed was never answered."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from apps.deadlines.answer_times import (
    HALF,
    NINETY,
    Cohort,
    axis_for,
    in_days,
    plot,
    quarter_code,
    quarter_of,
    quarters_before,
)

DAY = timedelta(days=1)
TIMES = st.lists(st.integers(0, 400), max_size=30)


def one_by_one(share, answered, left, lapsed):
    """The definition, written down for single waits, in whole numbers."""
    unanswered = 1.0
    for time in sorted(set(answered)):
        waiting = sum(other >= time for other in [*answered, *left]) + lapsed
        unanswered *= (waiting - answered.count(time)) / waiting
        if unanswered <= 1 - share + 1e-9:
            return time
    return None


@given(answered=TIMES, left=TIMES, lapsed=st.integers(0, 30), share=st.sampled_from([HALF, NINETY]))
def test_the_estimate_is_that_of_single_waits(answered, left, lapsed, share):
    cohort = Cohort(Counter(answered), Counter(left), lapsed=lapsed)
    assert cohort.answered_by(share) == one_by_one(share, answered, left, lapsed)


@given(answered=TIMES, left=TIMES, lapsed=st.integers(0, 30))
def test_more_that_lapsed_never_looks_faster(answered, left, lapsed):
    def half(lapsed):
        found = Cohort(Counter(answered), Counter(left), lapsed=lapsed).answered_by(HALF)
        return float("inf") if found is None else found

    assert half(lapsed + 1) >= half(lapsed)


def test_without_anything_open_it_is_the_plain_median():
    cohort = Cohort(Counter([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]))
    assert (cohort.answered_by(HALF), cohort.answered_by(NINETY)) == (5, 9)


def test_days_have_a_decimal_under_ten_and_what_has_begun_counts():
    assert [in_days(tenths) for tenths in (None, 0, 1, 45, 99, 100, 101)] == [None, 0, 0.1, 4.5, 9.9, 10, 11]


def test_quarters():
    assert quarter_of(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == date(2026, 10, 1)
    assert quarters_before(date(2026, 1, 1), 1) == date(2025, 10, 1)
    assert quarters_before(date(2026, 7, 1), 4) == date(2025, 7, 1)
    assert quarter_code(date(2026, 10, 1)) == "2026-Q4"


def test_what_is_late_and_never_came_runs_to_the_end_of_the_drawing():
    fine = Cohort(Counter([20] * 10), promised=10 * 14 * DAY)
    never = Cohort(Counter([20] * 5), lapsed=5, late=5, promised=10 * 14 * DAY)
    young = Cohort(Counter([20] * 5), Counter([30] * 5), still_open=5, promised=10 * 14 * DAY)
    assert axis_for([fine, never]) == 15
    assert (plot(fine, 15).beyond, plot(fine, 15).end) == ("", "13.3%")
    assert (plot(never, 15).beyond, plot(never, 15).end) == ("93.3%", "100.0%")
    assert (plot(young, 15).beyond, plot(young, 15).end) == ("", "13.3%")
