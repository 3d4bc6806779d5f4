"""Days in words, in the active language and time zone. Translators may change the order of the parts."""

from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext


@lru_cache(maxsize=1000)
def zone(name: str) -> tzinfo:
    """The time zone of this name; UTC if this machine does not know it (any more)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of zones
        return UTC


YEARS = range(2020, 2100)


def moment_in(text: str) -> datetime | None:
    """The moment that an address names, with its zone: 2026-11-18T16:00Z; None if it is none of these years."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and moment.tzinfo and moment.year in YEARS else None


def day(when: date | datetime) -> str:
    """18 November 2026"""
    return _format(when, pgettext("date format, in Django's letters", "j F Y"))


def day_and_time(when: datetime) -> str:
    """18 November 2026, 16:00 UTC"""
    return _format(when, pgettext("date and time format, in Django's letters", "j F Y, H:i T"))


def time_of_day(when: datetime) -> str:
    """16:00 UTC"""
    return _format(when, pgettext("time format, in Django's letters", "H:i T"))


def near_time(when: datetime, now: datetime) -> str:
    """16:00 UTC; with its day, unless that is today."""
    if local(when).date() != local(now).date():
        return day_and_time(when)
    return time_of_day(when)


def ago(seconds: float) -> str:
    """ "8 seconds ago", "5 minutes ago", "3 hours ago", "2 days ago"."""
    count = int(seconds)
    if count < 2 * 60:
        words = ngettext("%(count)d second ago", "%(count)d seconds ago", count)
    elif (count := count // 60) < 2 * 60:
        words = ngettext("%(count)d minute ago", "%(count)d minutes ago", count)
    elif (count := count // 60) < 2 * 24:
        words = ngettext("%(count)d hour ago", "%(count)d hours ago", count)
    else:
        count //= 24
        words = ngettext("%(count)d day ago", "%(count)d days ago", count)
    return words % {"count": count}


def days_ago(when: datetime, now: datetime) -> str:
    """ "today" and "yesterday" as the reader's calendar has them, in the first 24 hours; then "2 days ago"."""
    if local(when).date() == local(now).date():
        return _("today")
    count = (now - when).days
    if not count:
        return _("yesterday")
    return ngettext("%(count)d day ago", "%(count)d days ago", count) % {"count": count}


def ahead(seconds: float) -> str:
    """ "in 5 minutes", "in 3 hours", "in 2 days"."""
    count = int(seconds) // 60
    if count < 2 * 60:
        words = ngettext("in %(count)d minute", "in %(count)d minutes", count)
    elif (count := count // 60) < 2 * 24:
        words = ngettext("in %(count)d hour", "in %(count)d hours", count)
    else:
        count //= 24
        words = ngettext("in %(count)d day", "in %(count)d days", count)
    return words % {"count": count}


def local(when: datetime) -> datetime:
    """In the reader's time zone; what the filter |utc has put into another one stays there."""
    if timezone.is_naive(when) or not getattr(when, "convert_to_local_time", True):
        return when
    return timezone.localtime(when)


def _format(when: date | datetime, letters: str) -> str:
    if not isinstance(when, datetime):
        return date_format(when, letters)
    moment = local(when)
    return date_format(moment, letters.replace("T", _verbatim(moment.tzname() or "")))


def _verbatim(text: str) -> str:
    """Django leaves the zone out when clocks go back and the hour comes twice: just where it tells which of them."""
    return "".join(f"\\{letter}" for letter in text)
