"""Days in words, in the active language and time zone. Translators may change the order of the parts."""

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import pgettext


def zone(name: str) -> tzinfo:
    """The time zone of this name; UTC if this machine does not know it (any more)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def day(when: date | datetime) -> str:
    """18 November 2026"""
    return _format(when, pgettext("date format, in Django's letters", "j F Y"))


def day_and_time(when: datetime) -> str:
    """18 November 2026, 16:00 UTC"""
    return _format(when, pgettext("date and time format, in Django's letters", "j F Y, H:i T"))


def _format(when: date | datetime, letters: str) -> str:
    return date_format(timezone.localtime(when) if isinstance(when, datetime) else when, letters)
