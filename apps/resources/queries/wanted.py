"""What is wanted and nobody offers, and who could help."""

from datetime import datetime, timedelta
from itertools import chain, islice

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.groups.queries import coordinators_of
from apps.people.models import Contact, RoleTerm
from apps.people.queries import shown_contacts, terms_of_role
from apps.resources.models import Resource, ResourceRequest
from apps.resources.queries.suiting import (
    has_places_for,
    has_time_for,
    languages_of_group,
    languages_of_groups,
    on_offer,
    suits,
)

State = ResourceRequest.State
MOST_TOLD = 20
LONGEST_ID = 19
KEPT_IN_THE_LAST = timedelta(days=30)


def wanted() -> QuerySet[ResourceRequest]:
    """Wishes that nobody answers: what somebody could offer."""
    found = ResourceRequest.objects.filter(state=State.WANTED).select_related("resource", "group")
    return found.order_by("asked_at", "pk")


def wish_numbered(number: str) -> ResourceRequest | None:
    """The wanted wish with this number, as it stands in an address; None for anything else."""
    is_id = number.isascii() and number.isdigit() and len(number) < LONGEST_ID
    return wanted().filter(pk=number).first() if is_id else None


def can_still_be_wanted(request: ResourceRequest, ends_at: datetime, now: datetime) -> bool:
    """Whether the last 30 days have begun in which a group says that it still wants something."""
    return request.state == State.WANTED and ends_at - now <= KEPT_IN_THE_LAST


def wishes_for(resource: Resource, now: datetime, *, wish: ResourceRequest | None = None) -> list[ResourceRequest]:
    """The wanted wishes that this offer could answer, the oldest first.

    `wish` is the one that led to the offer: of whatever kind it is. Of “something else” nothing but that wish, and
    wishes for the very same offer, since what is called so is alike in nothing.
    """
    found = [
        one
        for one in wanted()
        if (wish is not None and one.pk == wish.pk)
        or one.resource_id == resource.pk
        or (one.resource.kind == resource.kind and resource.kind != Resource.Kind.OTHER)
    ]
    languages = languages_of_groups(one.group for one in found)
    return [
        one
        for one in found
        if suits(resource, one.group, languages.get(one.group_id, set()), now)
        and has_time_for(resource, one.starts_at, one.ends_at)
        and has_places_for(resource, one.quantity)
        and (one.starts_at is None or not resource.is_booked_by_time or one.starts_at > now)
    ]


def could_help(request: ResourceRequest, now: datetime) -> list[User]:
    """At most 20 people who might offer what a group wants, or know who does: those nearest to it first.

    Stewards of other offers of that kind, confirmed contacts of affiliates of the group's region, and facilitators
    and liaisons of that region or of a language of its coordinators; never those who ask.
    """
    group, languages = request.group, languages_of_group(request.group)
    regions = [group.region] if group.region else []
    terms = [*terms_of_role(RoleTerm.Role.FACILITATOR, now), *terms_of_role(RoleTerm.Role.LIAISON, now)]
    near = (term.user for term in terms if term.covers_any(languages=languages, regions=regions))
    own = {request.asked_by_id, *coordinators_of(group).values_list("pk", flat=True)}
    people = chain(_stewards_of_others(request), _contacts_in(group.region), near)
    others = {person.pk: person for person in people if person.pk not in own}
    return list(islice(others.values(), MOST_TOLD))


def _stewards_of_others(request: ResourceRequest) -> list[User]:
    kind = request.resource.kind
    if kind == Resource.Kind.OTHER:
        return []
    asked = {request.resource_id, *request.silent}
    alike = on_offer().filter(kind=kind).exclude(pk__in=asked)
    return list(User.objects.filter(stewarded__in=alike, blocked_at=None).distinct().order_by("pk"))


def _contacts_in(region: str) -> list[User]:
    if not region:
        return []
    confirmed = shown_contacts().filter(state=Contact.State.CONFIRMED, affiliate__region=region)
    return [contact.user for contact in confirmed]
