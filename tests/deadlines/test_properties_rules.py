"""The ladder of every rule of the site, opened at any moment: in order, whole, and the same in every zone."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.deadlines.rules import RULES, Kind
from tests.core.counting import working_days_between
from tests.zones import zones_and_moments

ENDS_IN = st.none() | st.timedeltas(timedelta(minutes=1), timedelta(days=400))


def rung_times(rule, opened_at, ends_at):
    """What the rule says, or None for one that counts back and got no end."""
    try:
        return rule.rung_times(opened_at, ends_at)
    except ValueError:
        assert ends_at is None
        return None


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@given(zones_and_moments(), ENDS_IN)
def test_rungs_come_in_order_none_before_the_opening_and_silence_last(rule, zone_and_moment, ends_in):
    zone, opened_at = zone_and_moment
    ends_at = opened_at + ends_in if ends_in else None
    rungs = rung_times(rule, opened_at, ends_at)
    if rungs is None:
        return
    numbers, times = [number for number, _rung, _at in rungs], [at for *_, at in rungs]
    assert numbers == sorted(numbers)
    assert times == sorted(set(times)), "No two rungs share a moment, and a later rung is a later time."
    assert all(at > opened_at for at in times)
    assert [rung.kind for _number, rung, _at in rungs].index(Kind.SILENCE) == len(rungs) - 1
    due_at = rule.due_at(opened_at, ends_at)
    assert opened_at < due_at <= times[-1]
    here = ZoneInfo(zone)
    same = rung_times(rule, opened_at.astimezone(here), ends_at and ends_at.astimezone(here))
    assert [at for *_, at in same] == times


@given(zones_and_moments())
def test_a_review_is_due_in_ten_working_days_and_settled_in_twenty(zone_and_moment):
    _zone, opened_at = zone_and_moment
    times = [at for *_, at in RULES["engagement.review"].rung_times(opened_at, None)]
    assert [working_days_between(opened_at, at) for at in times] == [5, 9, 10, 20]
    assert {at.astimezone(UTC).timetz() for at in times} == {opened_at.astimezone(UTC).timetz()}


@given(zones_and_moments(), zones_and_moments())
def test_who_asks_earlier_is_never_due_later(one, other):
    first, second = sorted([one[1], other[1]])
    for rule in RULES.values():
        sooner, later = rung_times(rule, first, None), rung_times(rule, second, None)
        # On a weekend the hour of asking is kept, so two acts of one weekend may be due in the order of their hours.
        if sooner and second - first > timedelta(days=4):
            assert all(a[2] <= b[2] for a, b in zip(sooner, later, strict=True))
