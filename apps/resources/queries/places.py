"""Where what was given is: for whom, and how its machine calls it."""

import json
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urldefrag, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.sealed import unseal
from apps.groups.models import Group, Membership
from apps.groups.policy import coordinates, facilitates, is_member
from apps.resources.models import Job, Resource, ResourceRequest
from apps.resources.providers import provider_for, server_named
from apps.resources.providers.protocol import Order, Participant, Place, Provider, ProviderError
from apps.resources.queries.jobs import Progress, is_on_the_list, progress_of

Person = User | AnonymousUser


def machine_of(resource: Resource) -> Provider:
    """What makes this resource. Raises ProviderError when the settings name no such server."""
    server = server_named(resource.server)
    if server.kind != resource.provider:
        raise ProviderError(f"{server.name} is no server of the kind {resource.provider}.", is_final=True)
    return provider_for(server)


def machine_for(job: Job) -> Provider:
    """The machine that a job asks, also when its resource has moved on to another one. Raises as `machine_of` does."""
    is_there = job.server == job.resource.server and job.resource.is_made_by_a_machine
    return machine_of(job.resource) if is_there else provider_for(server_named(job.server))


def order_for(request: ResourceRequest, *, key: str = "") -> Order:
    """What the machine is told: no more than it needs. `key` is another one than the request's for what was before."""
    return Order(
        key=key or request.key,
        title=request.purpose,
        group=request.group.name,
        about=settings.SITE_URL + request.group.get_absolute_url(),
        language=request.asked_by.language,
        starts_at=request.starts_at if request.resource.is_booked_by_time else None,
        ends_at=request.ends_at if request.resource.is_booked_by_time else None,
        participants=_participants(request),
    )


def _participants(request: ResourceRequest) -> tuple[Participant, ...]:
    """The members who let this mailing list have their address, and nobody else; blocked people are left out."""
    if request.resource.provider != Resource.Provider.MAILMAN:
        return ()
    members = Membership.objects.filter(
        pk__in=request.on_the_list.values("membership"), state=Membership.State.ACTIVE, user__blocked_at=None
    ).exclude(user__email="")
    return tuple(
        Participant(member.user.username, member.user.email, member.is_coordinator)
        for member in members.select_related("user").order_by("pk")
    )


def place_of(request: ResourceRequest) -> Place:
    return Place(request.address, opened(request.reference))


def opened(reference: str) -> dict[str, str]:
    """A sealed reference, read; empty when the key that sealed it is gone."""
    found: dict[str, str] = json.loads(unseal(reference) or "{}")
    return found


def place_to_end(job: Job) -> Place:
    """Where what has to be ended is; empty when nobody knows, and the key alone has to do."""
    found = opened(job.place)
    return Place(found.get("address", ""), opened(found.get("reference", "")))


def address_for(request: ResourceRequest, person: Person, now: datetime) -> str:
    """The address by which this person enters, by role; "" for whoever may not, and before it is made.

    Coordinators and accepted facilitators enter as hosts, members as guests; and so does everybody, signed in or not,
    where it is booked for an open meeting. Blocked people never. A host's address is given to that host alone.
    """
    if not request.is_made or not may_enter(request, person, now):
        return ""
    machine = _made_by(request)
    if machine is None:
        return request.place
    name = person.username if isinstance(person, User) else _("Guest")
    is_host = _is_host(request.group, person, now)
    return machine.address_for(order_for(request), place_of(request), name=name, is_host=is_host, now=now)


def shared_address(request: ResourceRequest, now: datetime) -> str:
    """The address that is the same for all who may come, or what a steward said; "" where each person has their own."""
    machine = _made_by(request)
    if machine is None:
        return request.place
    if not request.is_made:
        return ""
    place = place_of(request)
    for_anybody = machine.address_for(order_for(request), place, name="", is_host=False, now=now)
    return place.address if for_anybody == place.address else ""


def way_in(request: ResourceRequest, now: datetime) -> str:
    """What pages and calendars of a meeting say: its address, or the link that leads each person to their own."""
    shared = shared_address(request, now)
    return shared if shared or not request.resource.is_made_by_a_machine else enter_address(request)


def enter_address(request: ResourceRequest) -> str:
    return settings.SITE_URL + reverse("resources:enter", args=[request.pk])


def _made_by(request: ResourceRequest) -> Provider | None:
    """The machine that made it; None when somebody did by hand, or when the settings know the machine no longer."""
    if not request.server:
        return None
    try:
        machine = provider_for(server_named(request.server))
    except ProviderError:
        return None
    return None if machine.needs_network and not request.reference else machine


def may_enter(request: ResourceRequest, person: Person, now: datetime) -> bool:
    """Members, accepted facilitators, and everybody where an open meeting is held there; blocked people never."""
    if isinstance(person, User) and person.is_blocked:
        return False
    if not request.is_held:
        return False
    return is_for_everybody(request) or is_member(person, request.group) or facilitates(person, request.group, now)


def is_for_everybody(request: ResourceRequest) -> bool:
    return request.meeting is not None and request.meeting.is_open


def _is_host(group: Group, person: Person, now: datetime) -> bool:
    return coordinates(person, group) or facilitates(person, group, now)


@dataclass(frozen=True)
class PlaceShown:
    """What the page of a request says to one person about where it is, or how far its machine is."""

    request: ResourceRequest
    progress: Progress | None
    # By role; "" when it is not made, or not for them.
    address: str
    # What the group may share where it is the same for all, or the words of a steward.
    shared: str
    # Whether they are of the group: they see what it may share, and how far it is.
    is_seen: bool
    is_host: bool
    is_for_everybody: bool
    may_be_on_list: bool
    is_on_list: bool

    @property
    def is_entered(self) -> bool:
        """Whether a click leads there; the others are mail addresses, or words of a steward."""
        return self.address.startswith(("https://", "http://"))

    @property
    def enter_address(self) -> str:
        """What can be passed on: it leads everybody to an address of their own."""
        return enter_address(self.request)

    @property
    def mark(self) -> str:
        return self.progress.mark if self.progress else "settled"


def place_shown(request: ResourceRequest, person: Person, now: datetime) -> PlaceShown:
    is_blocked = isinstance(person, User) and person.is_blocked
    is_of_group = is_member(person, request.group)
    is_seen = (is_of_group or facilitates(person, request.group, now)) and not is_blocked
    is_list = request.resource.provider == Resource.Provider.MAILMAN and request.is_held
    return PlaceShown(
        request,
        progress_of(request, now),
        address=address_for(request, person, now),
        shared=urldefrag(shared_address(request, now)).url if is_seen else "",
        is_seen=is_seen,
        is_host=_is_host(request.group, person, now),
        is_for_everybody=is_for_everybody(request),
        may_be_on_list=is_list and is_of_group and not is_blocked,
        is_on_list=is_list and is_on_the_list(request, person),
    )


def address_of_server(name: str) -> str:
    """The address of a server; "" when the settings know it no longer."""
    try:
        return server_named(name).url
    except ProviderError:
        return ""


def host_name_of(resource: Resource) -> str:
    """The name of the machine that makes it, so that everybody knows where the data lies; "" where none does."""
    return urlsplit(address_of_server(resource.server)).hostname or "" if resource.is_made_by_a_machine else ""
