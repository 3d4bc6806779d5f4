"""Use and fairness: what was asked of each offer, what became of it, and which groups got how much.

All of it is counted from what was asked in the last twelve months. A wish that went on to another offer counts at each
of them, once. Persons are named nowhere.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from operator import add, attrgetter
from typing import Any

from django.core.cache import cache
from django.db import models
from django.db.models import Case, Count, ExpressionWrapper, F, Q, QuerySet, Sum, When
from django.db.models.functions import Cast, Coalesce

from apps.deadlines.models import Deadline
from apps.resources.models import Resource, ResourceRequest
from apps.resources.queries.requests import ANSWERED_BY_STEWARDS

State = ResourceRequest.State
COUNTED = timedelta(days=365)
KEPT_FOR = timedelta(minutes=5)
MOST_GROUPS = 25
HOUR = timedelta(hours=1)
# What a group got, whatever became of it later.
GOT = [State.IN_USE, State.GIVEN, State.RETURNED, State.ENDED]
LENGTH = models.DurationField()


@dataclass
class Use:
    """What was asked and what became of it, counted; only what is booked has hours."""

    given: int = 0
    places: int = 0  # of what was given: how many of it
    given_by_silence: int = 0  # of what was given
    ended: int = 0  # of what was given: by a steward
    given_back: int = 0  # of what was given: before its end
    declined: int = 0
    went_on_in_silence: int = 0  # to another offer or to "wanted", since no steward answered
    went_on_otherwise: int = 0  # the same, since nobody was there to answer, or it was never ready
    wanted: int = 0  # of what went on
    taken_back: int = 0
    no_place: int = 0
    waiting: int = 0
    unanswered: int = 0  # and not late enough for silence to decide
    no_shows: int = 0
    used: timedelta = timedelta()
    nobody_came: timedelta = timedelta()
    not_known: timedelta = timedelta()
    to_come: timedelta = timedelta()

    def __add__(self, other: "Use") -> "Use":
        return Use(*map(add, _numbers_of(self), _numbers_of(other)))

    @property
    def asked(self) -> int:
        went_on = self.went_on_in_silence + self.went_on_otherwise
        left = self.taken_back + self.no_place + self.waiting + self.unanswered
        return self.given + self.declined + went_on + left

    @property
    def booked(self) -> timedelta:
        """What a group kept for itself: until a booking was given back or ended, nobody else could have it."""
        return self.used + self.nobody_came + self.not_known + self.to_come


_numbers_of = attrgetter(*(one.name for one in fields(Use)))


@dataclass(frozen=True)
class Shared:
    """The use of one offer, or of all, and of the groups that got most of it: of hours, or of places."""

    whole: Use = field(default_factory=Use)
    groups: list[tuple[int, Use]] = field(default_factory=list)
    more_groups: int = 0
    in_hours: bool = False

    def share_of(self, use: Use) -> float:
        if self.in_hours:
            return use.booked / self.whole.booked
        return use.places / self.whole.places if self.whole.places else 0.0


@dataclass(frozen=True)
class UseCounted:
    everything: Shared
    by_resource: dict[int, Shared]
    counted_at: datetime


def use_counted(now: datetime) -> UseCounted:
    """Counted in the database, and again after five minutes."""
    found: UseCounted | None = cache.get("resources_use")
    if found is None:
        found = count_use(now)
        cache.set("resources_use", found, KEPT_FOR.total_seconds())
    return found


def count_use(now: datetime) -> UseCounted:
    """Three queries, whose answers grow with the groups and not with the wishes."""
    counted: dict[tuple[int, int], Use] = defaultdict(Use)
    asked = ResourceRequest.objects.filter(asked_at__gt=now - COUNTED).order_by()
    for resource, group, use in [*_what_stayed(asked, now), *_what_went_on(asked, now)]:
        counted[resource, group] += use
    by_resource: dict[int, dict[int, Use]] = defaultdict(dict)
    everything: dict[int, Use] = defaultdict(Use)
    for (resource, group), use in counted.items():
        by_resource[resource][group] = use
        everything[group] += use
    shared = {resource: _shared(groups, in_hours=True) for resource, groups in by_resource.items()}
    return UseCounted(_shared(everything), shared, now)


def _shared(groups: Mapping[int, Use], *, in_hours: bool = False) -> Shared:
    """The biggest share first: of hours, where there are any and they are what is shared; else of places.

    Whoever asked and got nothing is there, too.
    """
    whole = sum(groups.values(), Use())
    in_hours = in_hours and bool(whole.booked)
    found = list(groups.items())
    found.sort(key=lambda one: (-one[1].booked if in_hours else timedelta(), -one[1].places, one[0]))
    return Shared(whole, found[:MOST_GROUPS], len(found[MOST_GROUPS:]), in_hours)


def _what_stayed(asked: QuerySet[ResourceRequest], now: datetime) -> Iterable[tuple[int, int, Use]]:
    """What the offer still has that was asked for it, by offer and group."""
    until = Case(When(closed_at__lt=F("ends_at"), then=F("closed_at")), default=F("ends_at"))
    is_kept = Q(state__in=GOT, resource__kind__in=Resource.BOOKED_BY_TIME) & (
        Q(closed_at=None) | Q(closed_at__gt=F("starts_at"))
    )
    is_over = Q(ends_at__lte=now) | Q(closed_at__isnull=False)
    never_moved = Q(silent=[])

    def length(which: Q) -> Coalesce:
        times = ExpressionWrapper((F("until") - F("starts_at")) * F("times"), output_field=LENGTH)
        return Coalesce(Sum(times, filter=is_kept & which, output_field=LENGTH), timedelta())

    rows = (
        asked.annotate(until=until, times=Cast("quantity", models.IntegerField()))
        .values("resource", "group")
        .annotate(
            given=Count("pk", filter=Q(state__in=GOT)),
            places=Coalesce(Sum("quantity", filter=Q(state__in=GOT)), 0),
            ended=Count("pk", filter=Q(state=State.ENDED)),
            given_back=Count("pk", filter=Q(state=State.RETURNED, closed_at__lt=F("ends_at"))),
            declined=Count("pk", filter=Q(state=State.DECLINED)),
            taken_back=Count("pk", filter=never_moved & Q(state=State.TAKEN_BACK)),
            no_place=Count("pk", filter=never_moved & Q(state=State.LAPSED)),
            waiting=Count("pk", filter=Q(state=State.WAITING)),
            unanswered=Count("pk", filter=Q(state=State.ASKED)),
            no_shows=Count("pk", filter=Q(was_used=False)),
            used=length(Q(was_used=True)),
            nobody_came=length(Q(was_used=False)),
            not_known=length(is_over & Q(was_used=None)),
            to_come=length(~is_over & Q(was_used=None)),
        )
    )
    for row in rows:
        counts: dict[str, Any] = {**row}
        yield counts.pop("resource"), counts.pop("group"), Use(**counts)


def _what_went_on(asked: QuerySet[ResourceRequest], now: datetime) -> Iterable[tuple[int, int, Use]]:
    """What silence decided, and what went on to another offer or to "wanted": one by one, since it is rare."""
    lapsed = Deadline.objects.filter(
        rule=ANSWERED_BY_STEWARDS, state=Deadline.State.LAPSED, opened_at__gt=now - COUNTED
    ).order_by("opened_at")
    silences = {(pk, owner): at for pk, owner, at in lapsed.values_list("subject_id", "owner", "opened_at")}
    moved = asked.filter(~Q(silent=[]) | Q(pk__in=lapsed.order_by().values("subject_id")))
    for pk, resource, group, state, silent, wanted_at in moved.values_list(
        "pk", "resource", "group", "state", "silent", "wanted_at"
    ):
        for left in set(silent):
            was_silence, is_wanted = (pk, f"stewards:{left}") in silences, wanted_at is not None
            counts = Use(
                went_on_in_silence=int(was_silence),
                went_on_otherwise=int(not was_silence),
                wanted=int(is_wanted),
            )
            yield left, group, counts
        if resource in silent:
            continue
        lapsed_at = silences.get((pk, f"stewards:{resource}"))
        # A silence of before it was wanted, where the same stewards gave it in the end, gave nothing.
        gave = state in GOT and lapsed_at is not None and (wanted_at is None or lapsed_at >= wanted_at)
        yield (
            resource,
            group,
            Use(
                given_by_silence=int(gave),
                taken_back=int(bool(silent) and state == State.TAKEN_BACK),
                no_place=int(bool(silent) and state == State.LAPSED),
            ),
        )
