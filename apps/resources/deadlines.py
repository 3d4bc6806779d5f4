from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.deadlines.owners import THE_CLOCK, OwnerKind, id_in, keys_of
from apps.deadlines.rules import (
    Rule,
    days,
    days_before_end,
    nobody,
    or_at_end,
    reads,
    remind,
    silence,
    tell_all,
    working_days,
)
from apps.deadlines.states import all_of, declare, one_of
from apps.groups.deadlines import coordinators, region_of_group
from apps.resources.models import Job, Resource, ResourceRequest, Stewardship
from apps.resources.queries import (
    ANSWERED_BY_STEWARDS,
    DUE_IN_WORKING_DAYS,
    OWED_BY_STEWARDS,
    SILENT_AFTER_WORKING_DAYS,
    silence_may_give,
    stewarded_by,
    stewards_of_each,
)


def _stewards_name(resource: Resource) -> str:
    return _("the stewards of “%(resource)s”") % {"resource": resource.name}


def _names_of_stewards(keys: Iterable[str]) -> dict[str, str]:
    found = Resource.objects.filter(pk__in=[id_in(key) for key in keys])
    return {f"stewards:{resource.pk}": _stewards_name(resource) for resource in found}


@reads("resource_id")
def _stewards(requests: Sequence[ResourceRequest | Job], now: datetime) -> dict[int, list[User]]:
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
    return _("%(resource)s for %(group)s") % {"resource": request.asked_for, "group": request.group}


def silence_on_request(request: ResourceRequest) -> str:
    """What ten working days of silence will do with this wish; without a look at other offers, which may change."""
    means = _silence_on(request)
    if not request.is_booking:
        return means
    return _("%(means)s; it lapses when its time comes before that") % {"means": means}


def _silence_on(request: ResourceRequest) -> str:
    if silence_may_give(request.resource):
        return _(
            "it is given if a place is free then, as the stewards agreed beforehand; otherwise the next offer of that "
            "kind is asked, or the wish appears under “wanted”"
        )
    if request.resource.policy == Resource.Policy.COSTED:
        return _("the next offer of that kind is asked, or the wish appears under “wanted”; silence never spends money")
    return _("the next offer of that kind is asked, or the wish appears under “wanted”")


ANSWER = Rule(
    ANSWERED_BY_STEWARDS,
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
    silence_means=silence_on_request,
    ladder=[
        remind(working_days(3)),
        tell_all(working_days(DUE_IN_WORKING_DAYS)),
        silence(or_at_end(working_days(SILENT_AFTER_WORKING_DAYS))),
    ],
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
        _("Still in use? %(resource)s of %(group)s") % {"resource": request.asked_for, "group": request.group}
    ),
    silence_means=gettext_lazy("it is given back"),
    # What lasts for a week or less is asked about, too.
    ladder=[remind(days_before_end(7)), remind(days_before_end(1)), silence(days_before_end(0))],
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
        _("The end of a booking: %(resource)s for %(group)s") % {"resource": request.asked_for, "group": request.group}
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
        _("A free place: %(resource)s for %(group)s") % {"resource": request.asked_for, "group": request.group}
    ),
    silence_means=gettext_lazy("it leaves the waiting list, and the group is told"),
    ladder=[silence(days_before_end(0))],
    public=False,
)


def _job(job: Job) -> str:
    sentences = {
        Job.Act.MAKE: _("%(resource)s for %(group)s: make it"),
        Job.Act.KEEP_IN_STEP: _("%(resource)s for %(group)s: bring its people up to date"),
        Job.Act.LOOK: _("%(resource)s for %(group)s: see whether it is used"),
        Job.Act.END: _("%(resource)s for %(group)s: end it"),
    }
    return sentences[Job.Act(job.act)] % {"resource": job.resource.name, "group": job.request.group}


def _what_machines_silence_means(job: Job) -> str:
    return _("nobody looks any more") if job.act == Job.Act.LOOK else _("the stewards are asked to do it by hand")


def _what_hands_silence_means(job: Job) -> str:
    if job.act == Job.Act.MAKE:
        return _("the group has it no longer, and its wish goes on to the next offer of that kind, or to “wanted”")
    if job.is_for_people:
        return _("it stands on the page of the stewards until one of them says that it is done")
    return _("it stands on the page of the stewards as given up, and is found again by the daily comparison")


MAKE = Rule(
    "resources.make",
    title=gettext_lazy("What machines have to do"),
    subject="resources.Job",
    outcomes={"done": gettext_lazy("done"), "by hand": gettext_lazy("done by hand")},
    region=lambda job: region_of_group(job.request),
    related=("resource", "request__resource", "request__group"),
    owed_by=lambda job: THE_CLOCK,
    owner_name=lambda job: _("the clock"),
    answerers=nobody,
    what=_job,
    silence_means=_what_machines_silence_means,
    ladder=[silence(days_before_end(0))],
    public=False,
)

MAKE_BY_HAND = Rule(
    OWED_BY_STEWARDS,
    title=gettext_lazy("What stewards have to do by hand"),
    subject="resources.Job",
    outcomes={"done": gettext_lazy("done by the machine after all"), "by hand": gettext_lazy("done by hand")},
    region=lambda job: region_of_group(job.request),
    related=("resource", "request__resource", "request__group"),
    owed_by=lambda job: f"stewards:{job.resource_id}",
    owner_name=lambda job: _stewards_name(job.resource),
    answerers=_stewards,
    what=_job,
    silence_means=_what_hands_silence_means,
    ladder=[remind(working_days(1)), tell_all(working_days(3)), silence(working_days(5))],
)

declare(
    Job,
    waiting={Job.State.DUE: all_of(MAKE), Job.State.STUCK: all_of(MAKE_BY_HAND)},
    resting={Job.State.DONE, Job.State.VOID, Job.State.GIVEN_UP},
)

STILL_WANTED = Rule(
    "resources.still_wanted",
    title=gettext_lazy("Wishes that nobody offers yet: still wanted?"),
    subject="resources.ResourceRequest",
    outcomes={"still wanted": gettext_lazy("still wanted")},
    region=region_of_group,
    related=("resource", "group"),
    owed_by=lambda request: f"group:{request.group_id}",
    owner_name=lambda request: request.group.name,
    answerers=coordinators,
    what=lambda request: (
        _("Still wanted? %(resource)s for %(group)s") % {"resource": request.asked_for, "group": request.group}
    ),
    silence_means=gettext_lazy("the wish is taken off the board of what is wanted"),
    ladder=[remind(days_before_end(7)), silence(days_before_end(0))],
    public=False,
)

ANSWER_STEWARDSHIP = Rule(
    "resources.answer_stewardship",
    title=gettext_lazy("Invitations to become a steward"),
    subject="resources.Stewardship",
    related=("resource", "person"),
    owed_by=lambda invitation: f"person:{invitation.person_id}",
    owner_name=lambda invitation: _("one person"),
    answerers=lambda invitations, now: {invitation.pk: [invitation.person] for invitation in invitations},
    what=lambda invitation: (
        _("An invitation to become a steward of “%(resource)s”") % {"resource": invitation.resource.name}
    ),
    silence_means=gettext_lazy("the invitation lapses"),
    outcomes={"accepted": gettext_lazy("accepted"), "declined": gettext_lazy("declined")},
    ladder=[remind(days(7)), silence(days(14))],
    public=False,
)

declare(
    Stewardship,
    waiting={Stewardship.State.INVITED: all_of(ANSWER_STEWARDSHIP)},
    resting={
        Stewardship.State.ACCEPTED,
        Stewardship.State.DECLINED,
        Stewardship.State.LAPSED,
        Stewardship.State.TAKEN_BACK,
    },
)

declare(
    ResourceRequest,
    waiting={
        ResourceRequest.State.ASKED: all_of(ANSWER),
        ResourceRequest.State.IN_USE: one_of(STILL_IN_USE, END_OF_BOOKING),
        ResourceRequest.State.WAITING: all_of(WAIT_FOR_SEAT),
        ResourceRequest.State.WANTED: all_of(STILL_WANTED),
    },
    resting={
        ResourceRequest.State.GIVEN,
        ResourceRequest.State.DECLINED,
        ResourceRequest.State.RETURNED,
        ResourceRequest.State.ENDED,
        ResourceRequest.State.TAKEN_BACK,
        ResourceRequest.State.LAPSED,
        ResourceRequest.State.UNMET,
    },
)
