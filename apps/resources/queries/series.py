"""The times of a series: the same time on the clock of a zone, on several days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from apps.resources.models import ResourceRequest
from apps.resources.queries.seats import Span

WEEK = timedelta(days=7)
# Half a year of weeks.
MOST_DATES = 26


@dataclass(frozen=True)
class SeriesTime:
    """One time of a series; `note` says what the clocks do that night, if they do anything."""

    starts_at: datetime
    ends_at: datetime
    note: str = ""

    @property
    def span(self) -> Span:
        return self.starts_at, self.ends_at


def weekly(first: date, until: date) -> list[date]:
    """The same day of the week, from one day until another; never more than a series may have, and one."""
    count = max(0, (until - first).days // 7 + 1)
    return [first + n * WEEK for n in range(min(count, MOST_DATES + 1))]


def times_on(days: Iterable[date], at: time, length: timedelta, zone: tzinfo) -> list[SeriesTime]:
    """The same time on the clock of a zone, on each of these days.

    A time that does not exist, since clocks go forward, becomes the one that the clock shows instead; of one that
    comes twice the first is taken. Both are said.
    """
    return [_time_on(each, at, length, zone) for each in sorted(set(days))]


def _time_on(on: date, at: time, length: timedelta, zone: tzinfo) -> SeriesTime:
    wall = datetime.combine(on, at)
    starts_at = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    shown = starts_at.astimezone(zone).replace(tzinfo=None)
    note = ""
    if shown != wall:
        words = _("Clocks go forward: there is no %(time)s on that day, so it begins at %(shown)s.")
        note = words % {"time": f"{at:%H:%M}", "shown": f"{shown:%H:%M}"}
    elif second > starts_at:
        note = _("Clocks go back: %(time)s comes twice on that day, and the first is taken.") % {"time": f"{at:%H:%M}"}
    return SeriesTime(starts_at, starts_at + length, note)


def moved_times(
    requests: Iterable[ResourceRequest], moved: ResourceRequest, starts_at: datetime, ends_at: datetime
) -> dict[int, SeriesTime]:
    """The new times of a series of which one moves: as many days later or earlier, at the new time on its clock.

    Where the start stays, only the length changes.
    """
    if moved.starts_at is None:
        return {}
    zone, length = ZoneInfo(moved.zone), ends_at - starts_at
    if starts_at == moved.starts_at:
        return {each.pk: SeriesTime(each.starts_at, each.starts_at + length) for each in requests if each.starts_at}
    new = starts_at.astimezone(zone)
    by_days = new.date() - moved.starts_at.astimezone(zone).date()
    return {
        each.pk: _time_on(each.starts_at.astimezone(zone).date() + by_days, new.time(), length, zone)
        for each in requests
        if each.starts_at
    }
