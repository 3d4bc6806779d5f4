"""Time as the movement counts it.

Working days are Monday to Friday in UTC, without 21 December to 3 January, the same for everybody
(product.md, Deadlines). All times are aware; all counting is done in UTC.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache


def is_working_day(day: date) -> bool:
    in_winter_break = (day.month == 12 and day.day >= 21) or (day.month == 1 and day.day <= 3)
    return day.weekday() < 5 and not in_winter_break


def working_days_from(day: date) -> Iterator[date]:
    """The working days after `day`, in order."""
    while True:
        day += timedelta(days=1)
        if is_working_day(day):
            yield day


def add_working_days(start: datetime, count: int) -> datetime:
    """The same time of day (UTC), `count` working days after `start`.

    An act on a weekend counts from there: one working day after a Saturday is the Monday.
    """
    start = start.astimezone(UTC)
    return datetime.combine(_working_day_after(start.date(), count), start.timetz())


@lru_cache(maxsize=10_000)
def _working_day_after(day: date, count: int) -> date:
    days = working_days_from(day)
    for _ in range(count):
        day = next(days)
    return day
