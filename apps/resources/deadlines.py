from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.deadlines.owners import THE_CLOCK, OwnerKind, keys_of
from apps.deadlines.rules import Rule, days_before_end, remind, silence, tell_all, working_days
from apps.groups.queries import coordinators_of
from apps.resources.models import ResourceRequest
from apps.resources.queries import stewarded_by, stewards_of

STEWARDS = OwnerKind("stewards", keys=lambda person, now: keys_of(stewarded_by(person), "stewards"))


def _stewards_name(request: ResourceRequest) -> str:
    return _("the stewards of “%(resource)s”") % {"resource": request.resource.name}


def _what(request: ResourceRequest) -> str:
    return _("%(resource)s for %(group)s") % {"resource": request.resource.name, "group": request.group}


ANSWER = Rule(
    "resources.answer",
    subject="resources.ResourceRequest",
    related=("resource", "group"),
    owed_by=lambda request: f"stewards:{request.resource_id}",
    owner_name=_stewards_name,
    answerers=lambda request, now: stewards_of(request.resource),
    what=_what,
    silence_means=gettext_lazy(
        "the next offer of that kind is asked, or the wish appears under “wanted”; silence never spends money"
    ),
    ladder=[remind(working_days(3)), tell_all(working_days(5)), silence(working_days(10))],
)

STILL_IN_USE = Rule(
    "resources.still_in_use",
    subject="resources.ResourceRequest",
    related=("resource", "group"),
    owed_by=lambda request: f"group:{request.group_id}",
    owner_name=lambda request: request.group.name,
    answerers=lambda request, now: coordinators_of(request.group),
    what=lambda request: (
        _("Still in use? %(resource)s of %(group)s") % {"resource": request.resource.name, "group": request.group}
    ),
    silence_means=gettext_lazy("it is given back"),
    ladder=[remind(days_before_end(7)), silence(days_before_end(0))],
    public=False,
)

END_OF_BOOKING = Rule(
    "resources.end_of_booking",
    subject="resources.ResourceRequest",
    related=("resource", "group"),
    owed_by=lambda request: THE_CLOCK,
    owner_name=lambda request: _("the clock"),
    answerers=lambda request, now: [],
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
    subject="resources.ResourceRequest",
    related=("resource", "group"),
    owed_by=lambda request: THE_CLOCK,
    owner_name=lambda request: _("the clock"),
    answerers=lambda request, now: [],
    what=lambda request: (
        _("A free place: %(resource)s for %(group)s") % {"resource": request.resource.name, "group": request.group}
    ),
    silence_means=gettext_lazy("no place came free, and the group is told"),
    ladder=[silence(days_before_end(0))],
    public=False,
)

WAITING = {
    (ResourceRequest, ResourceRequest.State.ASKED): (ANSWER,),
    (ResourceRequest, ResourceRequest.State.IN_USE): (STILL_IN_USE, END_OF_BOOKING),
    (ResourceRequest, ResourceRequest.State.WAITING): (WAIT_FOR_SEAT,),
}
RESTING = {
    (ResourceRequest, state)
    for state in (
        ResourceRequest.State.GIVEN,
        ResourceRequest.State.DECLINED,
        ResourceRequest.State.WANTED,
        ResourceRequest.State.RETURNED,
        ResourceRequest.State.ENDED,
        ResourceRequest.State.TAKEN_BACK,
        ResourceRequest.State.LAPSED,
    )
}
