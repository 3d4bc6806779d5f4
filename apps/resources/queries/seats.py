"""Seats: how many are taken when, and how often a group has had one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from apps.groups.models import Group
from apps.resources.models import Resource, ResourceRequest

State = ResourceRequest.State
MONTH = timedelta(days=30)
TAKES_A_SEAT = [State.IN_USE]
Span = tuple[datetime, datetime]


def seats_taken(resource: Resource, starts_at: datetime, ends_at: datetime) -> int:
    """The most seats taken at one moment between two times."""
    return _fullest(_uses_between(resource, starts_at, ends_at), starts_at, ends_at)


def _fullest(uses: Iterable[Span], starts_at: datetime, ends_at: datetime) -> int:
    """The most of these uses at one moment between two times; one that ends when another begins makes room for it."""
    within = [(max(start, starts_at), end) for start, end in uses if start < ends_at and end > starts_at]
    taken = most = 0
    for _at, change in sorted(change for start, end in within for change in ((start, 1), (end, -1))):
        taken += change
        most = max(most, taken)
    return most


def _uses_between(resource: Resource, starts_at: datetime, ends_at: datetime) -> list[Span]:
    return _spans(resource.requests.filter(state__in=TAKES_A_SEAT, starts_at__lt=ends_at, ends_at__gt=starts_at))


def _spans(requests: QuerySet[ResourceRequest]) -> list[Span]:
    return [(start, end) for start, end in requests.values_list("starts_at", "ends_at") if start and end]


def uses_this_month(resource: Resource, group: Group, starts_at: datetime) -> int:
    """The most uses that a group has in any 30 days to which one more at this time would belong.

    Those that are over count too; what was given back before its end or came to nothing does not.
    """
    used = Q(state__in=[State.IN_USE, State.WAITING]) | Q(state=State.RETURNED, closed_at__gte=F("ends_at"))
    near = resource.requests.filter(
        used, group=group, starts_at__gt=starts_at - MONTH, starts_at__lt=starts_at + MONTH
    ).values_list("starts_at", flat=True)
    starts = [at for at in near if at]
    months = [starts_at, *(at for at in starts if at < starts_at)]
    return max(sum(first <= at < first + MONTH for at in starts) for first in months)


@dataclass(frozen=True)
class Slot:
    """A start time; `free` is how many seats are, or None where their number has no limit."""

    starts_at: datetime
    free: int | None
    is_past: bool


def free_slots(resource: Resource, *, first_day: datetime, now: datetime, hours: Iterable[int]) -> list[list[Slot]]:
    """A week of start times: for each hour of the day, how many seats are free on each of seven days."""
    uses = _uses_between(resource, first_day, first_day + timedelta(days=8))

    def slot(at: datetime) -> Slot:
        taken = _fullest(uses, at, at + timedelta(hours=1))
        free = None if resource.capacity is None else max(0, resource.capacity - taken)
        return Slot(at, free, at < now)

    return [[slot(first_day + timedelta(days=day, hours=hour)) for day in range(7)] for hour in hours]
