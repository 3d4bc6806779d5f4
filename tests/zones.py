"""Every time zone that this machine knows, and the moments at which its clocks change."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import strategies as st

ZONES = sorted(available_timezones())
FIRST, LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)
# No zone changes its clocks twice within it: Morocco's Ramadan is the shortest time between two changes.
LEAP = timedelta(days=14)

# Samoa and Kwajalein left a day out, and Casey went back at night by three hours; half and three quarter hours of
# offset; half an hour of summer time; summer time by two hours; and Morocco's four changes a year.
PECULIAR = [
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "Antarctica/Casey",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Pacific/Chatham",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Africa/Casablanca",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
]


@cache
def clock_changes(name: str) -> list[datetime]:
    """The first moments, in UTC, of each new offset of a zone."""
    return list(_clock_changes(ZoneInfo(name)))


def _clock_changes(zone: ZoneInfo) -> Iterator[datetime]:
    at = FIRST
    while at < LAST:
        if at.astimezone(zone).utcoffset() != (at + LEAP).astimezone(zone).utcoffset():
            yield _change_between(zone, at, at + LEAP)
        at += LEAP


def _change_between(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


@st.composite
def zones_and_moments(draw: st.DrawFn) -> tuple[str, datetime]:
    """A zone and a moment, most often within two days of a change of its clocks."""
    name = draw(st.sampled_from(PECULIAR) | st.sampled_from(ZONES))
    changes = clock_changes(name)
    if changes and draw(st.integers(0, 3)):
        near = st.timedeltas(timedelta(days=-2), timedelta(days=2))
        return name, draw(st.sampled_from(changes)) + draw(near)
    return name, draw(st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None), timezones=st.just(UTC)))
