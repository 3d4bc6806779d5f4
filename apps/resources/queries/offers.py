"""What is offered, by whom, and what is wanted."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.queries import personal_data, role_words
from apps.core.text import listed
from apps.resources.models import Resource, ResourceRequest
from apps.resources.queries.seats import TAKES_A_SEAT

State = ResourceRequest.State


@dataclass(frozen=True)
class Offer:
    """A resource as the catalogue shows it."""

    resource: Resource
    taken_now: int
    waiting: int
    has_stewards: bool

    @property
    def free_now(self) -> int | None:
        if self.resource.capacity is None:
            return None
        return max(0, self.resource.capacity - self.taken_now)


def offers(now: datetime) -> list[Offer]:
    """Every resource with its free seats; three queries."""
    stewarded = Exists(Resource.stewards.through.objects.filter(resource=OuterRef("pk")))
    resources = Resource.objects.annotate(has_stewards=stewarded)
    in_use = ResourceRequest.objects.filter(state__in=TAKES_A_SEAT, starts_at__lte=now, ends_at__gt=now)
    taken = Counter(in_use.values_list("resource", flat=True))
    asked = Counter(ResourceRequest.objects.filter(state=State.ASKED).values_list("resource", flat=True))
    return [
        Offer(resource, taken[resource.pk], asked[resource.pk], bool(resource.has_stewards)) for resource in resources
    ]


def wanted() -> QuerySet[ResourceRequest]:
    """Wishes that nobody answers: what somebody could offer."""
    return ResourceRequest.objects.filter(state=State.WANTED).select_related("resource", "group").order_by("asked_at")


def next_offer(request: ResourceRequest) -> Resource | None:
    """The next resource of the same kind that has stewards and did not stay silent on this wish."""
    passed = {request.resource_id, *request.silent}
    return (
        Resource.objects.filter(kind=request.resource.kind, stewards__isnull=False)
        .exclude(pk__in=passed)
        .distinct()
        .order_by("position", "pk")
        .first()
    )


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


@role_words
def _stewards_in_words(people: list[User]) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {}
    for row in Resource.stewards.through.objects.filter(user__in=people).select_related("resource"):
        names.setdefault(row.user_id, []).append(row.resource.name)
    return {pk: [_("steward of: %(resources)s") % {"resources": listed(found)}] for pk, found in names.items()}


@personal_data("resources")
def _asked_and_answered(person: User) -> dict[str, Any]:
    about = ("resource__slug", "group__name", "state", "address", "answer", "answered_at", "closed_at")
    wish = (*about, "purpose", "details", "starts_at", "ends_at", "asked_at")
    return {
        "asked": list(ResourceRequest.objects.filter(asked_by=person).values(*wish)),
        "answered": list(ResourceRequest.objects.filter(answered_by=person).values(*about)),
        "steward_of": list(person.stewarded.values_list("slug", flat=True)),
    }
