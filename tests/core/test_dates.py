"""Days in words: in the reader's zone, unless the page says UTC."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import timezone

from apps.core.dates import day, day_and_time, days_ago
from apps.core.templatetags import ui

LATE = datetime(2026, 9, 7, 22, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def far_ahead():
    with timezone.override(ZoneInfo("Pacific/Kiritimati")):
        yield


def shown(template: str) -> str:
    return Template(template, engine=None).render(Context({"at": LATE, "now": LATE}))


def test_a_moment_falls_on_the_day_of_the_reader():
    assert day(LATE) == "8 September 2026"
    assert day_and_time(LATE).startswith("8 September 2026, 12:00")
    assert day(date(2026, 9, 7)) == "7 September 2026"


@pytest.mark.parametrize(
    ("later", "words"),
    [
        (timedelta(), "today"),
        (timedelta(hours=11), "today"),
        (timedelta(hours=13), "yesterday"),
        (timedelta(hours=24), "1 day ago"),
        (timedelta(days=40, hours=23), "40 days ago"),
    ],
)
def test_an_act_of_today_was_today_and_not_no_days_ago(later, words):
    """It is noon in Kiritimati."""
    assert days_ago(LATE, LATE + later) == words


def test_what_a_page_shows_in_utc_keeps_its_day():
    assert shown("{% load tz %}{{ at|utc|day }} {{ at|day }}") == "7 September 2026 8 September 2026"
    assert shown("{% load tz %}{% near_day at|utc now %}") == "7 September"


def test_a_day_without_a_zone_stays_as_it_is():
    assert ui.day(datetime(2026, 9, 7, 22, 0)) == "7 September 2026"
