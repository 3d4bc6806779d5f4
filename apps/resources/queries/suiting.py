"""Whom an offer is for, and which offers suit a group."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.dates import day
from apps.core.languages import language, regions
from apps.core.text import listed
from apps.groups.models import Group
from apps.groups.queries import coordinators_of, coordinators_of_each
from apps.people.queries import confirmed_contacts
from apps.resources.models import Resource, ResourceRequest


def on_offer() -> QuerySet[Resource]:
    """What has not been withdrawn."""
    return Resource.objects.filter(withdrawn_at=None)


def why_withdrawn(resource: Resource) -> str:
    """That it was withdrawn, and when, in a sentence; "" while it is on offer."""
    if resource.withdrawn_at is None:
        return ""
    return _("“%(resource)s” was withdrawn on %(day)s. Look at what else is on offer.") % {
        "resource": resource.name,
        "day": day(resource.withdrawn_at),
    }


def has_stewards() -> Exists:
    """Whether somebody can answer for a resource, as an expression of its row."""
    named = Resource.stewards.through.objects.filter(resource=OuterRef("pk"), user__blocked_at=None)
    return Exists(named)


def speaks_for_affiliate() -> Exists:
    """Whether a steward is a confirmed contact of the affiliate that it is offered by, as an expression of its row.

    Without one the affiliate's name is unconfirmed: anybody says that they are a contact, and one can be taken off.
    """
    named = Resource.stewards.through.objects.filter(resource=OuterRef("pk"), user__blocked_at=None)
    contacts = confirmed_contacts().filter(affiliate=OuterRef(OuterRef("affiliate")))
    return Exists(named.filter(user__in=contacts.values("user")))


def languages_of_group(group: Group) -> set[str]:
    """The languages that its coordinators read."""
    return {code for person in coordinators_of(group) for code in person.reads}


def languages_of_groups(groups: Iterable[Group]) -> dict[int, set[str]]:
    """The same for many groups, by their ids; one query."""
    found = coordinators_of_each(group.pk for group in groups)
    return {pk: {code for person in people for code in person.reads} for pk, people in found.items()}


def suits(resource: Resource, group: Group, languages: Collection[str], now: datetime) -> bool:
    """Whether a group, whose coordinators read these languages, is one of those whom it is for."""
    if resource.for_regions and group.region not in resource.for_regions:
        return False
    if resource.for_languages and set(resource.for_languages).isdisjoint(languages):
        return False
    days = resource.for_groups_older_than_days
    return days is None or group.formed_at <= now - timedelta(days=days)


def for_whom(resource: Resource) -> list[str]:
    """In words: groups of which regions, languages and age; nothing if it is for everybody."""
    found, named = [], regions()
    if resource.for_regions:
        places = listed(named[code].short for code in resource.for_regions if code in named)
        found.append(_("groups of: %(regions)s") % {"regions": places})
    if resource.for_languages:
        read = listed(language(code).autonym for code in resource.for_languages)
        found.append(_("groups with a coordinator who reads: %(languages)s") % {"languages": read})
    days = resource.for_groups_older_than_days
    if days:
        words = ngettext("groups that exist for %(days)d day", "groups that exist for %(days)d days", days)
        found.append(words % {"days": days})
    return found


def has_time_for(resource: Resource, starts_at: datetime | None, ends_at: datetime | None) -> bool:
    """Whether a booking of this length fits into its limits and its hours; whether it is free is another question.

    A wish of before, when people's time was asked for without a time, fits: the answer says when.
    """
    if not resource.is_booked_by_time or starts_at is None or ends_at is None:
        return True
    if resource.max_hours and ends_at - starts_at > timedelta(hours=resource.max_hours):
        return False
    if resource.opens_hour is None or resource.closes_hour is None:
        return True
    midnight = starts_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    opens_at = midnight + timedelta(hours=resource.opens_hour)
    return opens_at <= starts_at and ends_at <= midnight + timedelta(hours=resource.closes_hour)


def has_places_for(resource: Resource, quantity: int) -> bool:
    """Whether one wish can be for so many of it; whether they are free is another question."""
    return quantity <= most_of(resource)


def most_of(resource: Resource) -> int:
    """How many one wish can be for: as many as the offer says, and no more than there are."""
    return min(resource.most_at_once, resource.capacity or resource.most_at_once)


def others_that_suit(resource: Resource, group: Group, now: datetime) -> list[Resource]:
    """Other offers of the same kind for this group that somebody, or a machine, answers; two queries."""
    answered = Q(policy=Resource.Policy.SELF_SERVICE) | Q(has_stewards())
    others = on_offer().filter(answered, kind=resource.kind).exclude(pk=resource.pk)
    languages = languages_of_group(group)
    return [other for other in others if suits(other, group, languages, now)]


def next_offers(request: ResourceRequest, now: datetime) -> list[Resource]:
    """The offers of the same kind that suit the group, the time and how many, and were not silent on it, best first.

    None for what is like nothing else: two offers called “something else” have nothing in common.
    """
    if request.resource.kind == Resource.Kind.OTHER:
        return []
    return [
        offer
        for offer in others_that_suit(request.resource, request.group, now)
        if offer.pk not in request.silent
        and has_time_for(offer, request.starts_at, request.ends_at)
        and has_places_for(offer, request.quantity)
    ]


def silence_may_give(resource: Resource) -> bool:
    """Whether silence gives it where a place is free: a machine makes it, it costs nothing more, and it was agreed."""
    agreed = resource.silence_gives and resource.policy == Resource.Policy.STEWARDS_DECIDE
    return agreed and resource.provider != Resource.Provider.BY_HAND
