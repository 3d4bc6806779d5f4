"""Use and fairness: what was asked of each offer, what became of it, and which groups got how much.

All of it is counted from what was asked in the last twelve months. A wish that went on to another offer counts at each
of them, once. Persons are named nowhere.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from math import ceil
from operator import add, attrgetter
from typing import Any

from django.core.cache import cache
from django.db import models
from django.db.models import Case, Count, F, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce
from django.template.defaultfilters import floatformat
from django.utils.translation import ngettext, ngettext_lazy

from apps.core.text import Words, listed
from apps.deadlines.answers import AnswerTable, OutcomePart, answer_table, answer_times, parts_of_bar, percent
from apps.deadlines.board import Chosen, Data
from apps.deadlines.models import Deadline
from apps.groups.models import Group
from apps.resources.models import Resource, ResourceRequest
from apps.resources.queries.offers import taken_now
from apps.resources.queries.requests import ANSWERED_BY_STEWARDS

State = ResourceRequest.State
# The rule by which the stewards owe an answer, by its name: rules stand above queries.
COUNTED = timedelta(days=365)
KEPT_FOR = timedelta(minutes=5)
MOST_GROUPS = 25
HOUR = timedelta(hours=1)
# What a group got, whatever became of it later.
GOT = [State.IN_USE, State.GIVEN, State.RETURNED, State.ENDED]
LENGTH = models.DurationField()


@dataclass
class Use:
    """What was asked and what became of it, counted; only rooms have hours."""

    given: int = 0
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
    """The use of one offer, or of all, and of the groups that got most of it: of hours, or of times."""

    whole: Use = field(default_factory=Use)
    groups: list[tuple[int, Use]] = field(default_factory=list)
    more_groups: int = 0
    in_hours: bool = False

    def share_of(self, use: Use) -> float:
        if self.in_hours:
            return use.booked / self.whole.booked
        return use.given / self.whole.given if self.whole.given else 0.0


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
    """The biggest share first: of hours, where there are any and they are what is shared; else of times.

    Whoever asked and got nothing is there, too.
    """
    whole = sum(groups.values(), Use())
    in_hours = in_hours and bool(whole.booked)
    found = list(groups.items())
    found.sort(key=lambda one: (-one[1].booked if in_hours else timedelta(), -one[1].given, one[0]))
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
        return Coalesce(Sum(F("until") - F("starts_at"), filter=is_kept & which, output_field=LENGTH), timedelta())

    rows = (
        asked.annotate(until=until)
        .values("resource", "group")
        .annotate(
            given=Count("pk", filter=Q(state__in=GOT)),
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


# --- As people read it -----------------------------------------------------------------------

# Each with its number, since in many languages the word follows it.
GIVEN = ngettext_lazy("%(number)s given", "%(number)s given", "count")
GIVEN_BY_SILENCE = ngettext_lazy("%(number)s given by silence", "%(number)s given by silence", "count")
DECLINED = ngettext_lazy("%(number)s declined", "%(number)s declined", "count")
WENT_ON_IN_SILENCE = ngettext_lazy(
    "%(number)s went on: no steward answered", "%(number)s went on: no steward answered", "count"
)
WENT_ON_OTHERWISE = ngettext_lazy(
    "%(number)s went on: nobody was there to answer", "%(number)s went on: nobody was there to answer", "count"
)
NO_PLACE = ngettext_lazy("%(number)s for which no place came free", "%(number)s for which no place came free", "count")
TAKEN_BACK = ngettext_lazy("%(number)s taken back by the group", "%(number)s taken back by the group", "count")
WAITING = ngettext_lazy("%(number)s on the waiting list", "%(number)s on the waiting list", "count")
UNANSWERED = ngettext_lazy("%(number)s not answered yet", "%(number)s not answered yet", "count")
ENDED = ngettext_lazy("%(number)s ended by a steward", "%(number)s ended by a steward", "count")
GIVEN_BACK = ngettext_lazy("%(number)s given back before its end", "%(number)s given back before their end", "count")
NO_SHOWS = ngettext_lazy("%(number)s to which nobody came", "%(number)s to which nobody came", "count")
WANTED = ngettext_lazy("%(number)s put up as wanted", "%(number)s put up as wanted", "count")
# In hours.
USED = ngettext_lazy("%(number)s used", "%(number)s used", "count")
NOT_KNOWN = ngettext_lazy("%(number)s not known", "%(number)s not known", "count")
TO_COME = ngettext_lazy("%(number)s still to come", "%(number)s still to come", "count")


def _in_words(words: Words, number: float) -> str:
    """ "3 given": whole or with one decimal, as its language has it."""
    return words % {"count": ceil(number), "number": floatformat(number, "-1")}


def _bar(numbers: Iterable[tuple[str, Words, float]]) -> list[OutcomePart]:
    return parts_of_bar((tone, _in_words(words, number), number) for tone, words, number in numbers)


@dataclass(frozen=True)
class GroupShare:
    """What one group got, and how much of the whole that is."""

    group: Group
    use: Use
    share: float

    @property
    def percent(self) -> str:
        return percent(self.share)

    @property
    def width(self) -> str:
        return f"{self.share:.2%}"

    @property
    def hours(self) -> float:
        return self.use.booked / HOUR


@dataclass(frozen=True)
class UseShown:
    """The use of one offer, or of all of them (`resource` is None), in words and bars."""

    resource: Resource | None
    in_use_now: int
    use: Use
    shares: list[GroupShare]
    more_groups: int
    in_hours: bool

    @property
    def what_became(self) -> list[OutcomePart]:
        use = self.use
        return _bar([
            ("1", GIVEN, use.given - use.given_by_silence),
            ("silence", GIVEN_BY_SILENCE, use.given_by_silence),
            ("2", DECLINED, use.declined),
            ("silence", WENT_ON_IN_SILENCE, use.went_on_in_silence),
            ("3", WENT_ON_OTHERWISE, use.went_on_otherwise),
            ("3", NO_PLACE, use.no_place),
            ("3", TAKEN_BACK, use.taken_back),
            ("3", WAITING, use.waiting),
            ("3", UNANSWERED, use.unanswered),
        ])  # fmt: skip

    @property
    def afterwards(self) -> list[str]:
        """What is a part of what was given, or of what went on."""
        use = self.use
        found = [(use.ended, ENDED), (use.given_back, GIVEN_BACK), (use.no_shows, NO_SHOWS), (use.wanted, WANTED)]
        return [_in_words(words, number) for number, words in found if number]

    @property
    def hours(self) -> list[OutcomePart]:
        """Hours of rooms. What nobody has said, and no machine has seen, is not known: it is neither used nor lost."""
        use = self.use
        return _bar([
            ("1", USED, use.used / HOUR),
            ("silence", NO_SHOWS, use.nobody_came / HOUR),
            ("3", NOT_KNOWN, use.not_known / HOUR),
            ("2", TO_COME, use.to_come / HOUR),
        ])  # fmt: skip

    @property
    def booked(self) -> float:
        return self.use.booked / HOUR

    @property
    def biggest(self) -> GroupShare | None:
        return next((got for got in self.shares if got.share), None)

    @property
    def limit(self) -> str:
        """The limit that holds for every group, in words; empty if there is none."""
        return limit_words(self.resource) if self.resource else ""


def limit_words(resource: Resource) -> str:
    hours, uses, at_once = resource.max_hours, resource.max_per_month, resource.max_at_once
    found = []
    if hours:
        found.append(ngettext("%(number)d hour at once", "%(number)d hours at once", hours) % {"number": hours})
    if uses:
        found.append(ngettext("%(number)d use in 30 days", "%(number)d uses in 30 days", uses) % {"number": uses})
    if at_once:
        words = ngettext("%(number)d at the same time", "%(number)d at the same time", at_once)
        found.append(words % {"number": at_once})
    return listed(found)


def most_asked(counted: UseCounted) -> list[int]:
    """The ids of all offers that were asked for anything, the most asked first."""
    return sorted(counted.by_resource, key=lambda pk: (-counted.by_resource[pk].whole.asked, pk))


def use_of_offers(counted: UseCounted, ids: Iterable[int], now: datetime) -> tuple[UseShown, list[UseShown]]:
    """The use of everything, and of some offers in their order; three queries, however many there are."""
    resources = Resource.objects.in_bulk(list(ids))
    everything, *offers = _shown(
        [(None, counted.everything), *((one, counted.by_resource[pk]) for pk, one in resources.items())], now
    )
    by_id = {one.resource.pk: one for one in offers if one.resource}
    return everything, [by_id[pk] for pk in ids if pk in by_id]


def use_of_offer(counted: UseCounted, resource: Resource, now: datetime) -> UseShown:
    """The use of one offer; all zeros if nobody asked for it."""
    return _shown([(resource, counted.by_resource.get(resource.pk, Shared()))], now)[0]


def _shown(uses: list[tuple[Resource | None, Shared]], now: datetime) -> list[UseShown]:
    groups = Group.objects.in_bulk({pk for _resource, shared in uses for pk, _use in shared.groups})
    taken = taken_now(now)
    return [
        UseShown(
            resource=resource,
            in_use_now=taken[resource.pk] if resource else taken.total(),
            use=shared.whole,
            shares=[GroupShare(groups[pk], use, shared.share_of(use)) for pk, use in shared.groups if pk in groups],
            more_groups=shared.more_groups,
            in_hours=shared.in_hours,
        )
        for resource, shared in uses
    ]


def times_of_stewards(now: datetime, resource: Resource | None = None) -> AnswerTable:
    """How long the stewards took to answer: of one offer, or all of them together and those who were asked most."""
    owner = f"stewards:{resource.pk}" if resource else "stewards"
    times = answer_times(Chosen(owner=owner, kind=ANSWERED_BY_STEWARDS), now)
    return answer_table([*times.kinds, *times.owners])


# --- As data ---------------------------------------------------------------------------------

USE_FIELDS = (
    "resource", "resource_name", "group", "group_name", "asked", "given", "given_by_silence", "declined",
    "went_on_in_silence", "went_on_otherwise", "wanted", "taken_back", "no_place", "waiting", "unanswered", "ended",
    "given_back", "no_shows", "hours_booked", "hours_used", "hours_nobody_came", "hours_not_known", "hours_to_come",
    "share", "in_use_now", "capacity",
)  # fmt: skip


def use_as_data(offers: Iterable[UseShown]) -> list[Data]:
    """For each offer all groups together, then those that got most of it; described in docs/data.md."""
    return [row for one in offers for row in (_row(one, one.use), *(_row(one, got.use, got) for got in one.shares))]


def _row(shown: UseShown, use: Use, got: GroupShare | None = None) -> Data:
    """One offer as a whole, or what one group got of it."""
    resource = shown.resource
    return {
        "resource": resource.slug if resource else None,
        "resource_name": resource.name if resource else None,
        "group": got.group.slug if got else None,
        "group_name": got.group.name if got else None,
        "asked": use.asked,
        **{one.name: number for one in fields(Use) if isinstance(number := getattr(use, one.name), int)},
        "hours_booked": _hours(use.booked),
        "hours_used": _hours(use.used),
        "hours_nobody_came": _hours(use.nobody_came),
        "hours_not_known": _hours(use.not_known),
        "hours_to_come": _hours(use.to_come),
        "share": round(got.share, 4) if got else None,
        "in_use_now": None if got else shown.in_use_now,
        "capacity": None if got or not resource else resource.capacity,
    }


def _hours(length: timedelta) -> float:
    return round(length / HOUR, 2)
