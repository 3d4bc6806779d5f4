"""What would become of a wish for some times, as things stand; and the times of a series."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.clock import add_working_days
from apps.core.dates import day, day_and_time, time_of_day
from apps.core.text import listed
from apps.groups.models import Group
from apps.resources.models import Resource, ResourceRequest
from apps.resources.queries.limits import (
    Counted,
    counted_uses,
    free_from,
    fullest_month,
    times_counted,
)
from apps.resources.queries.requests import why_it_stays
from apps.resources.queries.seats import (
    TAKES_A_SEAT,
    Seats,
    Span,
    are_free,
    is_open,
    opening_hours,
    seats_between,
    times_taken,
)

LATE = timedelta(minutes=15)
FARTHEST = timedelta(days=180)
# How far around a full time another one is looked for, and in which steps.
AROUND = timedelta(days=7)
STEP = timedelta(minutes=30)
# In how many working days stewards answer, and after how many silence does; deadlines.py declares the rule.
DUE_IN_WORKING_DAYS, SILENT_AFTER_WORKING_DAYS = 5, 10


class Outlook(Enum):
    FREE = "free"
    FULL = "full"
    LIMIT = "limit"
    CLOSED = "closed"
    REFUSED = "refused"


@dataclass(frozen=True)
class Outcome:
    """A time of a wish and what would become of it; `why` is a sentence if it is not free.

    `note` is one if it is free, but comes before its stewards have to answer.
    """

    starts_at: datetime
    ends_at: datetime
    outlook: Outlook
    why: str = ""
    field: str = "starts_at"
    note: str = ""

    @property
    def is_free(self) -> bool:
        return self.outlook is Outlook.FREE

    @property
    def is_full(self) -> bool:
        return self.outlook is Outlook.FULL

    @property
    def gives_way(self) -> bool:
        """Whether another time nearby would help."""
        return self.outlook in {Outlook.FULL, Outlook.CLOSED}

    @property
    def can_be_had(self) -> bool:
        """At once, or after waiting."""
        return self.outlook in {Outlook.FREE, Outlook.FULL}


def look_ahead(
    resource: Resource,
    group: Group | None,
    times: Iterable[Span],
    *,
    now: datetime,
    quantity: int = 1,
    without: Sequence[int] = (),
    full_count: bool = True,
) -> list[Outcome]:
    """What would become of so many places at each of these times, all asked for now; two queries, however many times.

    Each counts for those after it, full ones only if they would wait (`full_count`). `without` are requests that give
    their own time up for it.
    """
    times = sorted(times)
    if not times:
        return []
    first, last = times[0][0], max(ends_at for _starts_at, ends_at in times)
    seats = seats_between(resource, first, last, without=without)
    counted = counted_uses(resource, group, first, last, without=without) if group else []
    taken = {use.starts_at for use in counted if use.is_held}
    found = []
    for starts_at, ends_at in times:
        outcome = _outcome(resource, (starts_at, ends_at), quantity, seats, counted, taken, now=now)
        found.append(outcome)
        if outcome.is_free:
            seats.add(starts_at, ends_at, quantity)
        if outcome.is_free or (outcome.is_full and full_count):
            counted.append(Counted(starts_at))
            taken.add(starts_at)
    return found


def _outcome(
    resource: Resource,
    span: Span,
    quantity: int,
    seats: Seats,
    counted: list[Counted],
    taken: set[datetime],
    *,
    now: datetime,
) -> Outcome:
    starts_at, ends_at = span
    field = "hours" if _is_too_long(resource, span) else "starts_at"
    if why := _why_never(resource, span, taken, now):
        return Outcome(starts_at, ends_at, Outlook.REFUSED, why, field)
    if not is_open(resource, starts_at, ends_at):
        return Outcome(starts_at, ends_at, Outlook.CLOSED, _closed_words(resource, starts_at))
    if why := _why_too_many(resource, counted, starts_at):
        return Outcome(starts_at, ends_at, Outlook.LIMIT, why)
    if not are_free(resource, seats, starts_at, ends_at, quantity):
        return Outcome(starts_at, ends_at, Outlook.FULL, _full_words(resource, seats.most(starts_at, ends_at)))
    return Outcome(starts_at, ends_at, Outlook.FREE, note=_soon_words(resource, starts_at, now))


def _full_words(resource: Resource, taken: int) -> str:
    free = (resource.capacity or 0) - taken
    if free <= 0:
        return _("Every place is taken at this time.")
    return ngettext(
        "Only %(free)d place is free at this time.", "Only %(free)d places are free at this time.", free
    ) % {"free": free}


def _soon_words(resource: Resource, starts_at: datetime, now: datetime) -> str:
    due_at = add_working_days(now, DUE_IN_WORKING_DAYS)
    if starts_at >= due_at or resource.policy == Resource.Policy.SELF_SERVICE:
        return ""
    words = _("This comes before the stewards owe an answer, on %(day)s. If nobody answers until then, it lapses.")
    return words % {"day": day(due_at)}


def _is_too_long(resource: Resource, span: Span) -> bool:
    return bool(resource.max_hours) and span[1] - span[0] > timedelta(hours=resource.max_hours or 0)


def _why_never(resource: Resource, span: Span, taken: set[datetime], now: datetime) -> str:
    if span[0] < now - LATE:
        return _("This time is in the past. Choose a later one.")
    if span[0] > now + FARTHEST:
        return _("Times are booked at most 180 days ahead.")
    if _is_too_long(resource, span):
        most = resource.max_hours or 0
        return ngettext("At most %(hours)d hour at once.", "At most %(hours)d hours at once.", most) % {"hours": most}
    if span[0] in taken:
        return _("Your group has asked for this time already. Another call needs another time.")
    return ""


def _closed_words(resource: Resource, at: datetime) -> str:
    opens_at, closes_at = opening_hours(resource, at)
    words = _("It is closed then. It can be used from %(opens)s to %(closes)s UTC, on one day.")
    return words % {"opens": f"{opens_at:%H:%M}", "closes": "24:00" if closes_at.hour == 0 else f"{closes_at:%H:%M}"}


def _why_too_many(resource: Resource, counted: list[Counted], starts_at: datetime) -> str:
    most = resource.max_per_month
    month = fullest_month(counted, starts_at)
    used = times_counted(month)
    if not most or used < most:
        return ""
    words = ngettext(
        "Your group has %(used)d use within 30 days, which is the limit, so that every group finds a place: "
        "%(days)s. Give it back, or choose a later day: another is free from %(from)s on.",
        "Your group has %(used)d uses within 30 days, which is the limit, so that every group finds a place: "
        "%(days)s. Give one back, or choose a later day: another is free from %(from)s on.",
        used,
    )
    days = (
        _("%(day)s (counts twice, since nobody came)") % {"day": day(use.starts_at)}
        if use.times > 1
        else day(use.starts_at)
        for use in sorted(month, key=lambda use: use.starts_at)
    )
    return words % {
        "used": used,
        "days": listed(days),
        "from": day_and_time(free_from(counted, starts_at, most)),
    }


# --- Another time ----------------------------------------------------------------------------


def nearest_instead(
    resource: Resource,
    starts_at: datetime,
    ends_at: datetime,
    *,
    now: datetime,
    group: Group | None,
    quantity: int = 1,
    without: Sequence[int] = (),
) -> list[datetime]:
    """Free start times near one that is full or closed; none if it is free, or another time would not help.

    `without` are requests that give their own time up for it.
    """
    about: dict[str, Any] = {"now": now, "quantity": quantity, "without": without}
    [outcome] = look_ahead(resource, group, [(starts_at, ends_at)], **about)
    if not outcome.gives_way:
        return []
    return nearest_free(resource, starts_at, ends_at, group=group, **about)


def nearest_free(
    resource: Resource,
    starts_at: datetime,
    ends_at: datetime,
    *,
    now: datetime,
    group: Group | None = None,
    quantity: int = 1,
    without: Sequence[int] = (),
) -> list[datetime]:
    """The three free start times that are nearest to a time, in the order of time; within a week around it."""
    length = ends_at - starts_at
    seats = seats_between(resource, starts_at - AROUND, ends_at + AROUND, without=without)
    counted = counted_uses(resource, group, starts_at, ends_at, without=without) if group else []
    own = {use.starts_at for use in counted if use.is_held}
    found = (
        at
        for at in _around(starts_at)
        if at >= now and at <= now + FARTHEST and at not in own and _fits(resource, seats, at, at + length, quantity)
    )
    return sorted(islice(found, 3))


def next_free(resource: Resource, length: timedelta, *, now: datetime) -> datetime | None:
    """The first half hour from now on at which a seat is free for so long; within a week."""
    at = now.replace(minute=0, second=0, microsecond=0)
    seats = seats_between(resource, at, at + AROUND + length)
    starts = (at + n * STEP for n in range(1, AROUND // STEP))
    return next((start for start in starts if start > now and _fits(resource, seats, start, start + length, 1)), None)


def asked_in_time_from(resource: Resource, now: datetime) -> datetime:
    """From when on a time is far enough away to ask for now: even silence of its stewards leads somewhere before it."""
    at_once = resource.policy == Resource.Policy.SELF_SERVICE
    return now if at_once else add_working_days(now, SILENT_AFTER_WORKING_DAYS)


def _around(at: datetime) -> Iterator[datetime]:
    for n in range(1, AROUND // STEP):
        yield at + n * STEP
        yield at - n * STEP


def _fits(resource: Resource, seats: Seats, starts_at: datetime, ends_at: datetime, quantity: int) -> bool:
    return are_free(resource, seats, starts_at, ends_at, quantity) and is_open(resource, starts_at, ends_at)


# --- A longer use ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Longer:
    """Until when a use can go on, in half hours; and what stops it then, in words."""

    ends: list[datetime]
    why_not: str


def longer_ends(request: ResourceRequest) -> Longer:
    """Until when a use that runs can be extended; one query."""
    if request.starts_at is None or request.ends_at is None:
        return Longer([], "")
    if why := why_it_stays(request):
        return Longer([], why)
    resource = request.resource
    last = request.starts_at + timedelta(hours=resource.max_hours or 24)
    seats = _seats_after(request, last)
    ends: list[datetime] = []
    while True:
        until = request.ends_at + (len(ends) + 1) * STEP
        if why := _why_no_longer(request, seats, until):
            return Longer(ends, why)
        ends.append(until)


def _seats_after(request: ResourceRequest, last: datetime) -> Seats:
    """Who else has a seat after its end; of a pool it is its own link that matters, which everybody there has."""
    assert request.ends_at is not None
    if not request.resource.is_pool:
        return seats_between(request.resource, request.ends_at, last, without=[request.pk])
    uses = request.resource.requests.filter(link=request.link_id, state__in=TAKES_A_SEAT, ends_at__gt=request.ends_at)
    return Seats(times_taken(uses.exclude(pk=request.pk)))


def _why_no_longer(request: ResourceRequest, seats: Seats, until: datetime) -> str:
    resource, starts_at, ends_at = request.resource, request.starts_at, request.ends_at
    assert starts_at is not None
    assert ends_at is not None
    longest = resource.max_hours or 24
    if until - starts_at > timedelta(hours=longest):
        return ngettext("At most %(hours)d hour at once.", "At most %(hours)d hours at once.", longest) % {
            "hours": longest
        }
    if not is_open(resource, starts_at, until):
        return _closed_words(resource, starts_at)
    capacity = 1 if resource.is_pool else resource.capacity
    full_at = None if capacity is None else seats.first_full(capacity, ends_at, until, request.quantity)
    if full_at:
        return _("There is no free place for it from %(time)s on.") % {"time": time_of_day(full_at)}
    return ""
