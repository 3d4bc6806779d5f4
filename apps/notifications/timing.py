"""When a letter leaves, and in which language: the recipient's choice, and the morning of where they live."""

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

from apps.accounts.models import User
from apps.core.dates import zone
from apps.notifications.kinds import LetterKind
from apps.notifications.models import Letter

# What is written to more people than this can be recalled by whoever did the act.
MANY = 20
RECALL_LASTS = timedelta(minutes=10)
MORNING_BEGINS, MORNING_ENDS = time(7), time(11)
MONDAY = 0

Leaves = tuple[Letter.Mail, datetime | None]


def leaves(person: User, kind: LetterKind, now: datetime, *, due_at: datetime | None) -> Leaves:
    """How and when a letter of this kind goes to a person by mail; never earlier than `now`.

    A morning or digest after the date that the letter names would be of no use: then it leaves earlier.
    """
    mail = person.mail_for(kind.name)
    if mail == User.Mail.SITE:
        return Letter.Mail.NONE, None
    if mail != User.Mail.AT_ONCE:
        digest_at = next_digest(person.time_zone, now, weekly=mail == User.Mail.WEEKLY)
        if due_at is None or digest_at < due_at:
            return Letter.Mail.DIGEST, digest_at
    leaves_at = now if kind.urgent else morning(person.time_zone, now)
    return Letter.Mail.QUEUED, leaves_at if due_at is None or leaves_at < due_at else now


@lru_cache(maxsize=1000)
def morning(zone_name: str, now: datetime) -> datetime:
    """The first time from `now` on, in UTC, that lies in a morning of this zone: seven to eleven o'clock."""
    local = now.astimezone(zone(zone_name))
    if MORNING_BEGINS <= local.time() < MORNING_ENDS:
        return now
    return _morning_of(local, days=0 if local.time() < MORNING_BEGINS else 1)


def next_digest(zone_name: str, now: datetime, *, weekly: bool) -> datetime:
    """The next time after `now` at which a digest leaves: a morning at seven, of a Monday if weekly."""
    local = now.astimezone(zone(zone_name))
    days = 0 if local.time() < MORNING_BEGINS else 1
    if weekly:
        days += (MONDAY - (local + timedelta(days=days)).weekday()) % 7
    return _morning_of(local, days=days)


def _morning_of(local: datetime, *, days: int) -> datetime:
    """Seven o'clock, some days after a local time; counted by the calendar, so that no clock change shifts it."""
    day = local.date() + timedelta(days=days)
    return datetime.combine(day, MORNING_BEGINS, local.tzinfo).astimezone(UTC)


def letter_language(person: User) -> str:
    """The first of the person's own languages that the site speaks, else English."""
    return person.spoken_language or "en"
