"""What groups asked for and use."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.core.dates import day
from apps.deadlines.models import Deadline
from apps.groups.models import Group
from apps.groups.queries import why_to_stay
from apps.resources.models import SAID_AFTERWARDS, Resource, ResourceRequest
from apps.resources.queries.limits import MONTH
from apps.resources.queries.seats import TAKES_A_SEAT
from apps.resources.queries.suiting import why_withdrawn

State = ResourceRequest.State
KEPT_IN_THE_LAST = timedelta(days=30)
# The same words again within this time are a second click.
SECOND_CLICK = timedelta(hours=1)
# The rule of what stewards owe groups; deadlines.py declares it.
ANSWERED_BY_STEWARDS = "resources.answer"
# What the way into a place is worked out from.
SHOWN_WITH = ("resource", "group", "asked_by", "meeting", "link")
OPEN_STATES = [State.ASKED, State.WAITING, State.IN_USE, State.WANTED]


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


def has_at_once(resource: Resource, group: Group, now: datetime) -> int:
    """How many places a group has of a resource, or waits for.

    What costs something and ends soon does not count: its next term is asked for while it is still theirs.
    """
    held = resource.requests.filter(group=group, state__in=[State.ASKED, State.WAITING, State.IN_USE])
    if resource.policy == Resource.Policy.COSTED:
        held = held.exclude(state=State.IN_USE, ends_at__lte=now + KEPT_IN_THE_LAST)
    places: int = held.aggregate(places=Sum("quantity", default=0))["places"]
    return places


def asked_this_month(resource: Resource, group: Group, now: datetime) -> int:
    """How often a group asked for a resource in the last 30 days; what was declined or taken back does not count."""
    counts = [State.ASKED, State.WAITING, State.IN_USE, State.GIVEN, State.RETURNED, State.ENDED]
    return resource.requests.filter(group=group, state__in=counts, asked_at__gt=now - MONTH).count()


def can_be_kept(request: ResourceRequest, now: datetime) -> bool:
    """Whether a use goes on for another term, if its group says so now."""
    return request.state == State.IN_USE and not why_not_kept(request, now)


def why_not_kept(request: ResourceRequest, now: datetime) -> str:
    """What stands in the way of another term for a use without a time of its own, in a sentence; "" for nothing.

    It is kept in its last 30 days, while it is on offer. At its end it is the next group's, noted or not.
    """
    resource, ends_at = request.resource, request.ends_at
    if not resource.lasts_days or ends_at is None:
        return _("This ends by itself. Book it again for another time.")
    if ends_at <= now:
        return _("Its time was over on %(day)s, and the place is the next group's. Ask for it again.") % {
            "day": day(ends_at)
        }
    if why := why_it_stays(request):
        return why
    if request.link and request.link.retired_at:
        return _("The link that your group has is retired: it ends on %(day)s. Ask again for another one.") % {
            "day": day(ends_at)
        }
    if ends_at - now > KEPT_IN_THE_LAST:
        return _("It is yours until %(day)s. There is time.") % {"day": day(ends_at)}
    return ""


def has_a_yes(request: ResourceRequest) -> bool:
    """Whether stewards said yes to it as it is: it was given, or is given as soon as a place comes free."""
    is_agreed = request.state == State.IN_USE or request.answered_by_id is not None
    return is_agreed and request.resource.policy != Resource.Policy.SELF_SERVICE


def needs_another_yes(request: ResourceRequest) -> bool:
    """Whether nothing of it changes without another yes, since it costs somebody money."""
    return has_a_yes(request) and request.resource.policy == Resource.Policy.COSTED


def why_it_stays(request: ResourceRequest) -> str:
    """Why nothing of what a group has can change, in a sentence; "" where it can."""
    if why := why_withdrawn(request.resource):
        return why
    return (
        _("It costs somebody money, so any change needs another yes. Ask anew.") if needs_another_yes(request) else ""
    )


def page_to_ask_again(request: ResourceRequest) -> str:
    """The page of what was asked for, filled in with the group and what it is for."""
    asked = {"group": request.group.slug, "purpose": request.purpose}
    asked |= {"quantity": str(request.quantity)} if request.quantity > 1 else {}
    return f"{request.resource.get_absolute_url()}?{urlencode(asked)}"


def waiting_list(resource: Resource) -> QuerySet[ResourceRequest]:
    return resource.requests.filter(state=State.WAITING).order_by("asked_at", "pk")


def line_of(resource: Resource) -> QuerySet[ResourceRequest]:
    """Those of the waiting list whose turn can come: for more places than there are by now nobody makes room."""
    waiting = waiting_list(resource)
    return waiting if resource.capacity is None else waiting.filter(quantity__lte=resource.capacity)


def place_in_line(request: ResourceRequest) -> int:
    """Which one in the waiting list it is, from 1 on: of those who asked for an overlapping time before it."""
    before = Q(asked_at__lt=request.asked_at) | Q(asked_at=request.asked_at, pk__lt=request.pk)
    ahead = request.resource.requests.filter(before, state=State.WAITING)
    if request.is_booking:
        ahead = ahead.filter(starts_at__lt=request.ends_at, ends_at__gt=request.starts_at)
    return ahead.count() + 1


def series_of(request: ResourceRequest) -> list[ResourceRequest]:
    """All dates of its series in the order of time, those that ended too; none if it is alone."""
    if not request.series:
        return []
    dates = ResourceRequest.objects.filter(series=request.series).select_related("resource", "group")
    return list(dates.order_by("starts_at", "pk"))


def use_can_be_noted(request: ResourceRequest, now: datetime) -> bool:
    """Whether people may say that a booking took place or that nobody came: in the 7 days after its end."""
    if not request.is_booking or request.ends_at is None:
        return False
    was_whole = request.state == State.IN_USE or (
        request.state == State.RETURNED and request.closed_at is not None and request.closed_at >= request.ends_at
    )
    return was_whole and request.ends_at <= now <= request.ends_at + SAID_AFTERWARDS


def requests_to_answer(resource: Resource) -> QuerySet[ResourceRequest]:
    """What waits for its stewards, the oldest first, each with the day on which they owe an answer: `due_at`."""
    owed = Deadline.objects.filter(
        rule=ANSWERED_BY_STEWARDS, subject_id=OuterRef("pk"), state=Deadline.State.OPEN
    ).values("due_at")
    asked = resource.requests.filter(state=State.ASKED).select_related("group", "resource")
    return asked.annotate(due_at=Subquery(owed[:1])).order_by("asked_at", "pk")


def uses_of(resource: Resource) -> QuerySet[ResourceRequest]:
    """What is in use or booked, the next end first."""
    return (
        resource.requests.filter(state__in=TAKES_A_SEAT).select_related("group", "resource").order_by("ends_at", "pk")
    )


def requests_of(groups: Iterable[Group]) -> QuerySet[ResourceRequest]:
    """What groups asked for and use, the newest first."""
    return (
        ResourceRequest.objects.filter(group__in=list(groups))
        .select_related("resource", "group")
        .order_by("-asked_at", "-pk")
    )


def bookings_of(groups: Iterable[Group]) -> QuerySet[ResourceRequest]:
    """What groups have booked, rooms and people's time, each from its start to its end."""
    booked = ResourceRequest.objects.filter(resource__kind__in=Resource.BOOKED_BY_TIME, state=State.IN_USE)
    return booked.filter(group__in=list(groups), starts_at__isnull=False).select_related(*SHOWN_WITH)


@why_to_stay
def _the_group_has_or_wants_something(group: Group) -> str:
    request = requests_of([group]).filter(state__in=OPEN_STATES).first()
    if request is None:
        return ""
    words = _("You are the last member, and your group asked for “%(resource)s”. Give it back first, then leave.")
    return words % {"resource": request.resource}
