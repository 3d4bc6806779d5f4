from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.deadlines.owners import THE_CLOCK, OwnerKind, id_in, keys_of
from apps.deadlines.rules import Rule, days_before_end, nobody, reads, remind, silence, tell_all, working_days
from apps.deadlines.states import all_of, declare, one_of
from apps.groups.deadlines import coordinators, region_of_group
from apps.resources.models import Resource, ResourceRequest
from apps.resources.queries import stewarded_by, stewards_of_each


def _stewards_name(resource: Resource) -> str:
    return _("the stewards of “%(resource)s”") % {"resource": resource.name}


def _names_of_stewards(keys: Iterable[str]) -> dict[str, str]:
    found = Resource.objects.filter(pk__in=[id_in(key) for key in keys])
    return {f"stewards:{resource.pk}": _stewards_name(resource) for resource in found}


@reads("resource_id")
def _stewards(requests: list[ResourceRequest], now: datetime) -> dict[int, list[User]]:
    found = stewards_of_each(request.resource_id for request in requests)
    return {request.pk: found.get(request.resource_id, []) for request in requests}


STEWARDS = OwnerKind(
    "stewards",
    title=gettext_lazy("Stewards of resources"),
    keys=lambda person, now: keys_of(stewarded_by(person), "stewards"),
    names=_names_of_stewards,
    all_told=gettext_lazy("Due; all stewards are told"),
)


def _what(request: ResourceRequest) -> str:
    return _("%(resource)s for %(group)s") % {"resource": request.resource.name, "group": request.group}


ANSWER = Rule(
    "resources.answer",
    title=gettext_lazy("Requests for a resource"),
    subject="resources.ResourceRequest",
    outcomes={
        "given": gettext_lazy("given"),
        "declined": gettext_lazy("declined"),
    },
    region=region_of_group,
    related=("resource", "group"),
    owed_by=lambda request: f"stewards:{request.resource_id}",
    owner_name=lambda request: _stewards_name(request.resource),
    answerers=_stewards,
    what=_what,
    silence_means=gettext_lazy(
        "the next offer of that kind is asked, or the wish appears under “wanted”; silence never spends money"
    ),
    ladder=[remind(working_days(3)), tell_all(working_days(5)), silence(working_days(10))],
)

STILL_IN_USE = Rule(
    "resources.still_in_use",
    title=gettext_lazy("Resources still in use?"),
    subject="resources.ResourceRequest",
    outcomes={"kept": gettext_lazy("kept"), "given back": gettext_lazy("given back")},
    region=region_of_group,
    related=("resource", "group"),
    owed_by=lambda request: f"group:{request.group_id}",
    owner_name=lambda request: request.group.name,
    answerers=coordinators,
    what=lambda request: (
        _("Still in use? %(resource)s of %(group)s") % {"resource": request.resource.name, "group": request.group}
    ),
    silence_means=gettext_lazy("it is given back"),
    ladder=[remind(days_before_end(7)), silence(days_before_end(0))],
    public=False,
)

END_OF_BOOKING = Rule(
    "resources.end_of_booking",
    title=gettext_lazy("Ends of bookings"),
    subject="resources.ResourceRequest",
    outcomes={"given back": gettext_lazy("given back")},
    region=region_of_group,
    related=("resource", "group"),
    owed_by=lambda request: THE_CLOCK,
    owner_name=lambda request: _("the clock"),
    answerers=nobody,
    what=lambda request: (
        _("The end of a booking: %(resource)s for %(group)s")
        % {"resource": request.resource.name, "group": request.group}
    ),
    silence_means=gettext_lazy("the place is free for others"),
    ladder=[silence(days_before_end(0))],
    public=False,
)

WAIT_FOR_SEAT = Rule(
    "resources.wait_for_seat",
    title=gettext_lazy("Waiting lists of resources"),
    subject="resources.ResourceRequest",
    outcomes={"given": gettext_lazy("given")},
    region=region_of_group,
    related=("resource", "group"),
    owed_by=lambda request: THE_CLOCK,
    owner_name=lambda request: _("the clock"),
    answerers=nobody,
    what=lambda request: (
        _("A free place: %(resource)s for %(group)s") % {"resource": request.resource.name, "group": request.group}
    ),
    silence_means=gettext_lazy("no place came free, and the group is told"),
    ladder=[silence(days_before_end(0))],
    public=False,
)

declare(
    ResourceRequest,
    waiting={
        ResourceRequest.State.ASKED: all_of(ANSWER),
        ResourceRequest.State.IN_USE: one_of(STILL_IN_USE, END_OF_BOOKING),
        ResourceRequest.State.WAITING: all_of(WAIT_FOR_SEAT),
    },
    resting={
        ResourceRequest.State.GIVEN,
        ResourceRequest.State.DECLINED,
        ResourceRequest.State.WANTED,
        ResourceRequest.State.RETURNED,
        ResourceRequest.State.ENDED,
        ResourceRequest.State.TAKEN_BACK,
        ResourceRequest.State.LAPSED,
    },
)
