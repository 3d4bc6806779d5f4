"""Days in words, in the active language and time zone. Translators may change the order of the parts."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import pgettext


def day(when: date | datetime) -> str:
    """18 November 2026"""
    return _format(when, pgettext("date format, in Django's letters", "j F Y"))


def day_and_time(when: datetime) -> str:
    """18 November 2026, 16:00 UTC"""
    return _format(when, pgettext("date and time format, in Django's letters", "j F Y, H:i T"))


def _format(when: date | datetime, letters: str) -> str:
    if not isinstance(when, datetime):
        return date_format(when, letters)
    local = timezone.localtime(when)
    return date_format(local, letters.replace("T", _verbatim(local.tzname() or "")))


def _verbatim(text: str) -> str:
    """Django leaves the zone out when clocks go back and the hour comes twice: just where it tells which of them."""
    return "".join(f"\\{letter}" for letter in text)
