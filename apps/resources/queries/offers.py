"""What is offered, by whom, and what is wanted."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.queries import personal_data, role_words
from apps.core.languages import Language, language
from apps.core.text import listed
from apps.groups.models import Group
from apps.resources.models import PoolLink, Resource, ResourceRequest, Stewardship
from apps.resources.queries.requests import SECOND_CLICK
from apps.resources.queries.seats import TAKES_A_SEAT
from apps.resources.queries.suiting import (
    for_whom,
    has_stewards,
    languages_of_group,
    on_offer,
    speaks_for_affiliate,
    suits,
)

State = ResourceRequest.State


@dataclass(frozen=True)
class Chosen:
    """The filters of the catalogue; what is empty leaves nothing out."""

    kind: str = ""
    region: str = ""
    language: str = ""
    group: Group | None = None
    is_free: bool = False


@dataclass(frozen=True)
class Offer:
    """A resource as the catalogue shows it."""

    resource: Resource
    taken_now: int
    waiting: int
    has_stewards: bool
    # Whether the affiliate that it is offered by has confirmed somebody who answers for it.
    speaks_for_affiliate: bool

    @property
    def free_now(self) -> int | None:
        if self.resource.capacity is None:
            return None
        return max(0, self.resource.capacity - self.taken_now)

    @property
    def for_whom(self) -> list[str]:
        return for_whom(self.resource)

    @property
    def languages(self) -> list[Language]:
        """Those in which its stewards answer."""
        return [language(code) for code in self.resource.languages]


EVERYTHING = Chosen()


def offers(now: datetime, chosen: Chosen = EVERYTHING) -> list[Offer]:
    """What is on offer, with its free seats; three queries, and one more where a group is chosen."""
    resources = (
        on_offer()
        .select_related("affiliate")
        .annotate(has_stewards=has_stewards(), speaks_for_affiliate=speaks_for_affiliate())
    )
    if chosen.kind:
        resources = resources.filter(kind=chosen.kind)
    taken = taken_now(now)
    asked = Counter(ResourceRequest.objects.filter(state=State.ASKED).order_by().values_list("resource", flat=True))
    found = [
        Offer(
            resource,
            taken[resource.pk],
            asked[resource.pk],
            bool(resource.has_stewards),
            bool(resource.speaks_for_affiliate),
        )
        for resource in _chosen(resources, chosen, now)
    ]
    return [offer for offer in found if offer.free_now != 0] if chosen.is_free else found


def is_affiliate_confirmed(resource: Resource) -> bool:
    """Whether the affiliate that it is offered by is rightly named; one query, and none where it names none."""
    if resource.affiliate_id is None:
        return False
    return Resource.objects.filter(speaks_for_affiliate(), pk=resource.pk).exists()


def taken_now(now: datetime) -> Counter[int]:
    """How many seats are in use at this moment, by the resource's id; one query."""
    in_use = ResourceRequest.objects.filter(state__in=TAKES_A_SEAT, starts_at__lte=now, ends_at__gt=now)
    # The link of a use that was retired meanwhile goes with it, and is no seat of the pool any more.
    seats = in_use.filter(link__retired_at=None).order_by().values("resource").annotate(seats=Sum("quantity"))
    return Counter(dict(seats.values_list("resource", "seats")))


def _chosen(resources: Iterable[Any], chosen: Chosen, now: datetime) -> list[Any]:
    """What is for everybody is for this region and in this language, too."""
    found = [
        one
        for one in resources
        if _is_among(chosen.region, one.for_regions)
        and _is_among(chosen.language, [*one.languages, *one.for_languages])
    ]
    if chosen.group is None:
        return found
    languages = languages_of_group(chosen.group)
    return [one for one in found if suits(one, chosen.group, languages, now)]


def _is_among(code: str, codes: list[str]) -> bool:
    return not code or not codes or code in codes


def kinds_on_offer() -> set[str]:
    return set(on_offer().order_by().values_list("kind", flat=True).distinct())


def languages_on_offer() -> list[str]:
    """Every language in which stewards answer, or whose readers something is for; one query."""
    rows = on_offer().order_by("pk").values_list("languages", "for_languages")
    return sorted({code for answered, read in rows for code in [*answered, *read]})


def offered_just_now(person: User, *, kind: str, name: str, now: datetime) -> bool:
    """Whether they have offered this within the hour: a second click, or the page sent again."""
    lately = Resource.objects.filter(offered_by=person, kind=kind, offered_at__gt=now - SECOND_CLICK)
    return any(name in offer.names.values() for offer in lately)


def stewards_of(resource: Resource) -> QuerySet[User]:
    return resource.stewards.filter(blocked_at=None)


def stewards_of_each(resource_ids: Iterable[int]) -> dict[int, list[User]]:
    """The stewards of many resources, by the resource's id; one query."""
    named = Resource.stewards.through.objects.filter(resource__in=set(resource_ids), user__blocked_at=None)
    found: dict[int, list[User]] = defaultdict(list)
    for row in named.select_related("user").order_by("pk"):
        found[row.resource_id].append(row.user)
    return found


def stewarded_by(person: User) -> QuerySet[Resource]:
    return Resource.objects.filter(stewards=person)


def open_invitations(resource: Resource) -> QuerySet[Stewardship]:
    found = resource.invitations.filter(state=Stewardship.State.INVITED)
    return found.select_related("person").order_by("invited_at")


@role_words
def _stewards_in_words(people: list[User]) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {}
    for row in Resource.stewards.through.objects.filter(user__in=people).select_related("resource"):
        names.setdefault(row.user_id, []).append(row.resource.name)
    return {pk: [_("steward of: %(resources)s") % {"resources": listed(found)}] for pk, found in names.items()}


@personal_data("resources")
def _asked_and_answered(person: User) -> dict[str, Any]:
    # Where it is, and what its steward said to the group, is the group's: its page tells it to whoever is of it now.
    about = ("resource__slug", "group__name", "state", "answered_at", "closed_at", "wanted_at")
    wish = (*about, "purpose", "details", "quantity", "starts_at", "ends_at", "asked_at")
    return {
        "asked": list(ResourceRequest.objects.filter(asked_by=person).values(*wish)),
        "answered": list(ResourceRequest.objects.filter(answered_by=person).values(*about, "answer")),
        "steward_of": list(person.stewarded.values_list("slug", flat=True)),
        "offered": list(Resource.objects.filter(Q(offered_by=person) | Q(withdrawn_by=person)).values()),
        "links": [
            *PoolLink.objects.filter(Q(added_by=person) | Q(retired_by=person)).values(
                "resource__slug", "added_at", "retired_at"
            )
        ],
        "stewardships": list(
            Stewardship.objects.filter(Q(person=person) | Q(invited_by=person)).values(
                "resource__slug", "state", "invited_at", "answered_at"
            )
        ),
    }
