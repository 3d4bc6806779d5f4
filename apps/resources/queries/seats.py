"""Seats: how many of them are taken at which moment."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import accumulate

from django.db.models import QuerySet

from apps.resources.models import Resource, ResourceRequest

State = ResourceRequest.State
TAKES_A_SEAT = [State.IN_USE]
Span = tuple[datetime, datetime]
# From when to when, and how many seats.
Taken = tuple[datetime, datetime, int]


class Seats:
    """How many seats are taken at each moment, from one pass over the uses in the order of time.

    `taken[n]` are taken from `times[n]` until the next of these times. One use that ends when another begins makes
    room for it.
    """

    def __init__(self, uses: Iterable[Taken]) -> None:
        changes: dict[datetime, int] = defaultdict(int)
        for starts_at, ends_at, quantity in uses:
            changes[starts_at] += quantity
            changes[ends_at] -= quantity
        self.times = sorted(changes)
        self.taken = list(accumulate(changes[at] for at in self.times))

    def most(self, starts_at: datetime, ends_at: datetime) -> int:
        """The most seats taken at one moment between two times."""
        first = max(0, bisect_right(self.times, starts_at) - 1)
        return max(self.taken[first : bisect_left(self.times, ends_at)], default=0)

    def add(self, starts_at: datetime, ends_at: datetime, quantity: int = 1) -> None:
        """One more use, of so many seats."""
        first, last = self._place(starts_at), self._place(ends_at)
        for place in range(first, last):
            self.taken[place] += quantity

    def _place(self, at: datetime) -> int:
        place = bisect_left(self.times, at)
        if self.times[place : place + 1] != [at]:
            self.times.insert(place, at)
            self.taken.insert(place, self.taken[place - 1] if place else 0)
        return place

    def first_full(self, capacity: int, starts_at: datetime, ends_at: datetime, quantity: int = 1) -> datetime | None:
        """The first moment between two times at which so many seats are not free."""
        first = max(0, bisect_right(self.times, starts_at) - 1)
        for place in range(first, bisect_left(self.times, ends_at)):
            if self.taken[place] + quantity > capacity:
                return max(self.times[place], starts_at)
        return None


class LinkSeats(Seats):
    """The seats of a pool: one whole time is one link, so every link in use at any moment of it is taken."""

    def __init__(self, uses: Iterable[tuple[int, Span]]) -> None:
        self.uses = list(uses)
        super().__init__((*span, 1) for _link, span in self.uses)

    def most(self, starts_at: datetime, ends_at: datetime) -> int:
        return len({link for link, use in self.uses if use[0] < ends_at and use[1] > starts_at})

    def add(self, starts_at: datetime, ends_at: datetime, quantity: int = 1) -> None:
        """One more use, of a link that is not among those in use: which one is known when it is given."""
        super().add(starts_at, ends_at, quantity)
        self.uses.append((-len(self.uses) - 1, (starts_at, ends_at)))


def seats_between(resource: Resource, starts_at: datetime, ends_at: datetime, *, without: Sequence[int] = ()) -> Seats:
    """The seats of a resource between two times, one query; `without` are requests that do not count."""
    uses = uses_between(resource, starts_at, ends_at)
    uses = uses.exclude(pk__in=without) if without else uses
    if not resource.is_pool:
        return Seats(times_taken(uses))
    on_offer = uses.filter(link__retired_at=None).order_by().values_list("link", "starts_at", "ends_at")
    return LinkSeats((link, (start, end)) for link, start, end in on_offer if link and start and end)


def uses_between(resource: Resource, starts_at: datetime, ends_at: datetime) -> QuerySet[ResourceRequest]:
    return resource.requests.filter(state__in=TAKES_A_SEAT, starts_at__lt=ends_at, ends_at__gt=starts_at)


def times_taken(requests: QuerySet[ResourceRequest]) -> list[Taken]:
    """What requests take, and when; those without times are left out. Nothing else of the rows is read."""
    rows = requests.order_by().values_list("starts_at", "ends_at", "quantity")
    return [(starts_at, ends_at, quantity) for starts_at, ends_at, quantity in rows if starts_at and ends_at]


def are_free(resource: Resource, seats: Seats, starts_at: datetime, ends_at: datetime, quantity: int) -> bool:
    """Whether so many seats are free in the whole time."""
    return resource.capacity is None or seats.most(starts_at, ends_at) + quantity <= resource.capacity


def is_open(resource: Resource, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether a resource can be used in the whole time: it lies in the hours of one day, or is open at all hours."""
    opens_at, closes_at = opening_hours(resource, starts_at)
    if closes_at - opens_at == timedelta(days=1):
        return True
    return opens_at <= starts_at and ends_at <= closes_at


def opening_hours(resource: Resource, at: datetime) -> Span:
    """When it opens and closes on the day of a moment, in UTC."""
    midnight = datetime.combine(at.astimezone(UTC).date(), time(), UTC)
    if resource.opens_hour is None or resource.closes_hour is None:
        return midnight, midnight + timedelta(days=1)
    return midnight + timedelta(hours=resource.opens_hour), midnight + timedelta(hours=resource.closes_hour)
