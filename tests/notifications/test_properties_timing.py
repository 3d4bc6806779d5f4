"""When letters leave, for every time zone and around every change of clocks: in the recipient's morning, never early.

A morning is seven to eleven o'clock. No zone has lacked a whole morning since 1990 except on the days that Samoa and
Kwajalein left out: what would leave then leaves at seven of the day that came instead.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.models import User
from apps.core.dates import zone
from apps.deadlines.words import ALL_TOLD
from apps.groups.words import INVITATION
from apps.notifications.actions import write_letters
from apps.notifications.mail import Press
from apps.notifications.models import Letter, Notice
from apps.notifications.timing import leaves, morning, next_digest
from tests.zones import PECULIAR, ZONES, clock_changes, zones_and_moments

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
AROUND = [n * HOUR / 2 for n in (-50, -36, -24, -13, -9, -7, -5, -3, -2, -1, 0, 1, 2, 3, 5, 7, 12, 24)]

PLAIN, URGENT = INVITATION, ALL_TOLD


def waited(name: str, now: datetime, at: datetime) -> timedelta:
    """By a stopwatch, or by the clock on the wall, whichever is less: they differ when clocks change."""
    wall = [moment.astimezone(ZoneInfo(name)).replace(tzinfo=None) for moment in (now, at)]
    return min(at - now, wall[1] - wall[0])


def check_morning(name: str, now: datetime) -> None:
    at = morning(name, now)
    there = at.astimezone(ZoneInfo(name))
    assert now <= at
    assert waited(name, now, at) <= 20 * HOUR, "From eleven o'clock to seven."
    assert 7 <= there.hour < 11
    assert morning(name, at) == at, "Who asks again in the morning gets the same answer."
    if at > now:
        assert (there.hour, there.minute) == (7, 0)


def check_digests(name: str, now: datetime) -> None:
    for weekly, most in ((False, DAY), (True, 7 * DAY)):
        at = next_digest(name, now, weekly=weekly)
        there = at.astimezone(ZoneInfo(name))
        assert now < at
        assert waited(name, now, at) <= most
        assert (there.hour, there.minute) == (7, 0)
        assert not weekly or there.weekday() == 0
        assert next_digest(name, at - timedelta(seconds=1), weekly=weekly) == at, "Nothing leaves before it."


@given(zones_and_moments())
def test_a_letter_leaves_in_a_morning_and_a_digest_at_seven(zone_and_moment):
    check_morning(*zone_and_moment)
    check_digests(*zone_and_moment)


@pytest.mark.parametrize("name", PECULIAR)
def test_it_does_around_every_change_of_peculiar_clocks(name):
    for change in clock_changes(name):
        for moment in AROUND:
            check_morning(name, change + moment)
            check_digests(name, change + moment)


@pytest.mark.slow
def test_it_does_around_every_change_of_all_clocks():
    """Zones with the same changes and the same names of days are one zone with several names."""
    seen = set()
    for name in ZONES:
        changes = clock_changes(name)
        key = (*changes, *(change.astimezone(ZoneInfo(name)).utcoffset() for change in changes))
        if changes and key not in seen:
            seen.add(key)
            for change in changes:
                for moment in AROUND:
                    check_morning(name, change + moment)
                    check_digests(name, change + moment)
    assert len(seen) > 100


def test_on_the_day_that_samoa_left_out_letters_leave_the_next_morning():
    evening = datetime(2011, 12, 29, 20, tzinfo=ZoneInfo("Pacific/Apia"))
    seven_on_the_31st = datetime(2011, 12, 30, 17, tzinfo=UTC)
    assert morning("Pacific/Apia", evening) == next_digest("Pacific/Apia", evening, weekly=False) == seven_on_the_31st
    assert seven_on_the_31st.astimezone(ZoneInfo("Pacific/Apia")).day == 31


@given(
    zones_and_moments(),
    st.sampled_from(User.Mail.values),
    st.sampled_from([PLAIN, URGENT]),
    st.none() | st.timedeltas(timedelta(days=-3), timedelta(days=10)),
)
def test_no_letter_leaves_early_or_after_the_date_that_it_names(zone_and_moment, choice, kind, due_in):
    name, now = zone_and_moment
    due_at = None if due_in is None else now + due_in
    person = User(username="Ada", email="ada@example.org", time_zone=name, mail=choice)
    mail, at = leaves(person, kind, now, due_at=due_at)
    if choice == User.Mail.SITE:
        assert (mail, at) == (Letter.Mail.NONE, None)
        return
    assert at >= now
    if due_at is not None and due_at > now:
        assert at < due_at
    if mail == Letter.Mail.QUEUED and kind.urgent:
        assert at == now
    if mail == Letter.Mail.QUEUED and choice != User.Mail.AT_ONCE:
        assert due_at is not None, "A digest is passed over for the sake of a date alone."
    if due_at is None and not kind.urgent:
        assert 7 <= at.astimezone(ZoneInfo(name)).hour < 11


@given(st.text(max_size=60) | st.sampled_from(["America", "posix", "../UTC", "/etc/passwd", "x" * 60, "a\x00b"]))
def test_whatever_stands_in_a_row_is_some_zone(name):
    """A row keeps the name of a zone for years, and machines differ in the zones that they know."""
    assert datetime(2026, 9, 7, tzinfo=zone(name)).utcoffset() is not None


@given(zones_and_moments(), zones_and_moments())
def test_a_letter_shows_the_readers_clock_whichever_zone_wrote_it(reader, writer):
    """Day and hour are those of the reader's own calendar, and the name of the zone stands beside them."""
    (name, moment), (zone_of_writer, _) = reader, writer
    written = moment.astimezone(ZoneInfo(zone_of_writer))
    notice = Notice(words={"en": ["%(at)s", "%(at)s", ""]}, times={"at": written.isoformat()})
    with timezone.override(ZoneInfo(name)):
        subject, body, _link = notice.filled("en")
    there = moment.astimezone(ZoneInfo(name))
    assert subject == f"{there.day} {there:%B} {there.year}"
    assert body == f"{subject}, {there:%H:%M} {there:%Z}"


@pytest.mark.parametrize(
    "name", ["America/Lima", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia", "Pacific/Kiritimati"]
)
def test_page_and_mail_of_one_letter_show_the_same_moment_on_the_readers_clock(sign_in, volunteer, name):
    """The moment lies in the hour that comes twice in Berlin."""
    volunteer.time_zone = name
    volunteer.save()
    due_at = datetime(2026, 10, 25, 0, 20, tzinfo=UTC)
    words = {"person": "Bola", "group": "First Steps", "due_at": due_at}
    write_letters(INVITATION, to=[volunteer], key="1", link="/", now=due_at - 9 * DAY, **words)
    letter = volunteer.letters.get()
    there = due_at.astimezone(ZoneInfo(name))
    expected = f"{there.day} {there:%B} {there.year}, {there:%H:%M} {there.tzname()}"
    assert expected in sign_in(volunteer).get(letter.get_absolute_url()).content.decode()
    assert expected in Press().mail([letter]).text
