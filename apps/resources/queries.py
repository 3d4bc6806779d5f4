"""Reads of the catalogue of resources, their seats and their requests."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.queries import personal_data, role_words
from apps.core.text import listed
from apps.groups.models import Group
from apps.groups.queries import why_to_stay
from apps.resources.models import Resource, ResourceRequest

State = ResourceRequest.State
KEPT_IN_THE_LAST = timedelta(days=30)
MONTH = timedelta(days=30)
# The same words again within this time are a second click.
SECOND_CLICK = timedelta(hours=1)
TAKES_A_SEAT = [State.IN_USE]
OPEN_STATES = [State.ASKED, State.WAITING, State.IN_USE, State.WANTED]
Span = tuple[datetime, datetime]


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


def asked_just_now(
    resource: Resource, group: Group, *, purpose: str, details: str, now: datetime
) -> QuerySet[ResourceRequest]:
    """The same wish, of minutes ago: of the kind, since it may have gone on to another offer at once."""
    return ResourceRequest.objects.filter(
        resource__kind=resource.kind,
        group=group,
        purpose=purpose,
        details=details,
        asked_at__gt=now - SECOND_CLICK,
        state__in=[*OPEN_STATES, State.GIVEN],
    )


def can_be_kept(request: ResourceRequest, now: datetime) -> bool:
    """A use without a time of its own goes on for another term, if that is said in its last 30 days."""
    if request.resource.lasts_days is None or request.ends_at is None:
        return False
    return request.state == State.IN_USE and request.ends_at - now <= KEPT_IN_THE_LAST


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


def waiting_list(resource: Resource) -> QuerySet[ResourceRequest]:
    return resource.requests.filter(state=State.WAITING).order_by("asked_at", "pk")


def requests_to_answer(resource: Resource) -> QuerySet[ResourceRequest]:
    return resource.requests.filter(state=State.ASKED).select_related("group", "resource").order_by("asked_at", "pk")


def requests_of(groups: Iterable[Group]) -> QuerySet[ResourceRequest]:
    """What groups asked for and use, the newest first."""
    return (
        ResourceRequest.objects.filter(group__in=list(groups))
        .select_related("resource", "group")
        .order_by("-asked_at", "-pk")
    )


def bookings_of(groups: Iterable[Group]) -> QuerySet[ResourceRequest]:
    """The rooms that groups have booked, each from its start to its end."""
    booked = ResourceRequest.objects.filter(resource__kind=Resource.Kind.ROOM, state=State.IN_USE)
    return booked.filter(group__in=list(groups), starts_at__isnull=False).select_related("resource", "group")


@why_to_stay
def _the_group_has_or_wants_something(group: Group) -> str:
    request = requests_of([group]).filter(state__in=OPEN_STATES).first()
    if request is None:
        return ""
    words = _("You are the last member, and your group asked for “%(resource)s”. Give it back first, then leave.")
    return words % {"resource": request.resource}


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
