"""The use of resources as people read it, and as data."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from math import ceil

from django.template.defaultfilters import floatformat
from django.utils.translation import ngettext, ngettext_lazy

from apps.core.text import Words, listed
from apps.deadlines.answers import AnswerTable, OutcomePart, answer_table, answer_times, parts_of_bar, percent
from apps.deadlines.board import Chosen, Data
from apps.groups.models import Group
from apps.resources.models import Resource
from apps.resources.queries.offers import taken_now
from apps.resources.queries.requests import ANSWERED_BY_STEWARDS
from apps.resources.queries.use import HOUR, Shared, Use, UseCounted

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
        """Hours of what is booked. What nobody said, and no machine saw, is not known: neither used nor lost."""
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
    "resource", "resource_name", "group", "group_name", "asked", "given", "places", "given_by_silence", "declined",
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
