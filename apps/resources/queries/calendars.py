"""The calendar of a resource: a week hour by hour, a month day by day."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from apps.resources.models import Resource
from apps.resources.queries.seats import Span, is_open, opening_hours, seats_between, times_taken, uses_between

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SECONDS = 24 * 3600


@dataclass(frozen=True)
class Slot:
    """A start time; `free` is how many seats are, or None where their number has no limit."""

    starts_at: datetime
    free: int | None
    is_past: bool
    is_open: bool = True


def has_calendar(resource: Resource) -> bool:
    """Whether a calendar tells anything: it is booked by time, and not always given, nor always for people to say."""
    at_once = resource.policy == Resource.Policy.SELF_SERVICE
    has_limits = resource.capacity is not None or resource.opens_hour is not None
    return resource.is_booked_by_time and (at_once or has_limits)


def free_slots(resource: Resource, *, first_day: datetime, now: datetime, hours: Iterable[int]) -> list[list[Slot]]:
    """A week of start times: for each hour of the day, how many seats are free on each of seven days."""
    seats = seats_between(resource, first_day, first_day + 8 * DAY)

    def slot(at: datetime) -> Slot:
        free = None if resource.capacity is None else max(0, resource.capacity - seats.most(at, at + HOUR))
        return Slot(at, free, at < now, is_open(resource, at, at + HOUR))

    return [[slot(first_day + timedelta(days=day, hours=hour)) for day in range(7)] for hour in hours]


def clock_beside(slots: list[Slot], zone: tzinfo) -> str:
    """What a reader's clock shows at these start times of one hour: mostly one time, two if clocks change meanwhile."""
    shown = []
    for slot in slots:
        local = slot.starts_at.astimezone(zone)
        days = (local.date() - slot.starts_at.astimezone(UTC).date()).days
        shown.append(f"{local:%H:%M}" + (f" {days:+d}".replace("-", "−") if days else ""))
    return " / ".join(dict.fromkeys(shown))


@dataclass
class MonthDay:
    """A day as the month shows it: how much of its open hours is free, and its fullest hour."""

    day: date
    is_shown: bool
    open_seconds: float
    capacity: int | None
    taken_seconds: float = 0
    most: int = 0
    fullest_at: datetime | None = None

    @property
    def percent_free(self) -> int:
        """Rounded so that neither "all" nor "nothing" is said unless it is so."""
        if not self.capacity or not self.taken_seconds:
            return 100
        share = 1 - self.taken_seconds / (self.open_seconds * self.capacity)
        return 0 if share <= 0 else max(1, min(99, round(100 * share)))

    @property
    def fewest_free(self) -> int:
        return max(0, (self.capacity or 0) - self.most)

    @property
    def fullest_until(self) -> datetime | None:
        return self.fullest_at and self.fullest_at + HOUR

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.day, time(), UTC)


def month_of(resource: Resource, *, month: date, now: datetime) -> list[list[MonthDay]]:
    """The weeks of a month, Monday to Sunday, in UTC; days of other months and past ones are not shown.

    One query, and one pass over the times at which the number of taken seats changes.
    """
    first = month.replace(day=1)
    after = (first + 31 * DAY).replace(day=1)
    days = {
        day: _empty_day(resource, day, now=now, is_shown=day >= now.astimezone(UTC).date())
        for day in (first + timedelta(days=n) for n in range((after - first).days))
    }
    if resource.capacity is not None:
        _sweep(resource, list(days.values()), now=now)
    return _weeks(days)


def _empty_day(resource: Resource, day: date, *, now: datetime, is_shown: bool) -> MonthDay:
    opens_at, closes_at = _hours_left(resource, datetime.combine(day, time(), UTC), now)
    return MonthDay(day, is_shown, (closes_at - opens_at).total_seconds(), resource.capacity)


def _hours_left(resource: Resource, at: datetime, now: datetime) -> Span:
    """Of today only what is still to come counts."""
    opens_at, closes_at = opening_hours(resource, at)
    return min(max(opens_at, now), closes_at), closes_at


def _sweep(resource: Resource, days: list[MonthDay], *, now: datetime) -> None:
    """Count what is taken on each day, in seconds since the month began: thousands of times are cheap as numbers."""
    begins_at = days[0].starts_at
    ends_at = begins_at + len(days) * DAY
    zero = int(begins_at.timestamp())
    uses = times_taken(uses_between(resource, begins_at, ends_at))
    changes: Counter[int] = Counter()
    for start, end, quantity in uses:
        changes[max(0, int(start.timestamp()) - zero)] += quantity
        changes[int(end.timestamp()) - zero] -= quantity
    hours = [_hours_left(resource, day.starts_at, now) for day in days]
    open_hours = [(int(opens.timestamp()) - zero, int(closes.timestamp()) - zero) for opens, closes in hours]
    taken, last = 0, len(days) * SECONDS
    for at, until in pairwise(sorted(changes)):
        taken += changes[at]
        while taken and at < min(until, last):
            number = at // SECONDS
            midnight = (number + 1) * SECONDS
            opens, closes = open_hours[number]
            _count(days[number], max(opens, at), min(closes, until, midnight), taken, begins_at)
            at = midnight


def _count(day: MonthDay, start: int, end: int, taken: int, begins_at: datetime) -> None:
    """A stretch of open time with as many taken places."""
    if start >= end:
        return
    day.taken_seconds += taken * (end - start)
    if taken > day.most:
        day.most, day.fullest_at = taken, begins_at + timedelta(seconds=start - start % 3600)


def _weeks(days: dict[date, MonthDay]) -> list[list[MonthDay]]:
    first, last = min(days), max(days)
    monday = first - timedelta(days=first.weekday())
    whole = [monday + timedelta(days=n) for n in range((last - monday).days // 7 * 7 + 7)]
    shown = [days.get(day) or MonthDay(day, is_shown=False, open_seconds=0, capacity=None) for day in whole]
    return [shown[n : n + 7] for n in range(0, len(shown), 7)]
