"""Where what was given is: for whom, and how its machine calls it."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
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
# Whoever comes to an open meeting from outside is let in from then on.
GUESTS_COME_BEFORE = timedelta(minutes=15)


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
        starts_at=request.starts_at if request.is_booking else None,
        ends_at=request.ends_at if request.is_booking else None,
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
        return _place_now(request, now)
    name = person.username if isinstance(person, User) else _("Guest")
    is_host = _is_host(request.group, person, now)
    return machine.address_for(order_for(request), place_of(request), name=name, is_host=is_host, now=now)


def shared_address(request: ResourceRequest, now: datetime) -> str:
    """The address that is the same for all who may come, or what a steward said; "" where each person has their own."""
    machine = _made_by(request)
    if machine is None:
        return _place_now(request, now)
    if not request.is_made:
        return ""
    place = place_of(request)
    for_anybody = machine.address_for(order_for(request), place, name="", is_host=False, now=now)
    return place.address if for_anybody == place.address else ""


def way_in(request: ResourceRequest, now: datetime) -> str:
    """What meetings and calendars say: the address that a machine made for all, or the link that leads each person in.

    What a steward said, and a ready link, stand nowhere: the link may be another group's tomorrow.
    """
    if _made_by(request):
        return shared_address(request, now) or enter_address(request)
    return enter_address(request) if request.is_made or request.resource.is_made_by_a_machine else ""


def _place_now(request: ResourceRequest, now: datetime) -> str:
    """What people said, or a ready link while it is theirs: before and afterwards another group may be there."""
    return request.place if _is_theirs_now(request, now) else ""


def _is_theirs_now(request: ResourceRequest, now: datetime) -> bool:
    """Always, but for a link of a pool: that is theirs from the start to the end of their time alone."""
    if not request.resource.is_pool or request.starts_at is None or request.ends_at is None:
        return True
    return request.starts_at <= now < request.ends_at


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
    """Members, accepted facilitators, and everybody while an open meeting is held there; blocked people never."""
    return request.is_held and (_is_open_to(request, person, now) or is_of_group(request, person, now))


def may_enter_later(request: ResourceRequest, person: Person, now: datetime) -> bool:
    """Whoever is let in once it begins, such as guests of an open meeting who come too early."""
    return request.starts_at is not None and may_enter(request, person, max(now, request.starts_at))


def is_of_group(request: ResourceRequest, person: Person, now: datetime) -> bool:
    """Members and accepted facilitators; blocked people never."""
    if _is_blocked(person):
        return False
    return is_member(person, request.group) or facilitates(person, request.group, now)


def _is_open_to(request: ResourceRequest, person: Person, now: datetime) -> bool:
    """Guests come in from 15 minutes before the start to the end."""
    if not is_for_everybody(request) or _is_blocked(person):
        return False
    has_begun = request.starts_at is None or request.starts_at - GUESTS_COME_BEFORE <= now
    return has_begun and (request.ends_at is None or now < request.ends_at)


def _is_blocked(person: Person) -> bool:
    return isinstance(person, User) and person.is_blocked


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
    # It is there, and they enter when it begins.
    opens_later: bool
    may_be_on_list: bool
    is_on_list: bool

    @property
    def is_entered(self) -> bool:
        """Whether a click leads there; the others are mail addresses, or words of a steward."""
        return self.address.startswith(("https://", "http://"))

    @property
    def said(self) -> str:
        """What is no address to go to, such as words of a steward, for whoever may know it now."""
        return self.shared or ("" if self.is_entered else self.address)

    @property
    def enter_address(self) -> str:
        """What can be passed on: it leads everybody to an address of their own."""
        return enter_address(self.request)

    @property
    def mark(self) -> str:
        if self.opens_later:
            return "later"
        return self.progress.mark if self.progress else "settled"

    @property
    def opens_at(self) -> datetime | None:
        """From when on guests of an open meeting come in."""
        return self.request.starts_at and self.request.starts_at - GUESTS_COME_BEFORE


def place_shown(request: ResourceRequest, person: Person, now: datetime) -> PlaceShown:
    is_seen = is_of_group(request, person, now)
    is_list = request.resource.provider == Resource.Provider.MAILMAN and request.is_held
    address = address_for(request, person, now)
    return PlaceShown(
        request,
        progress_of(request, now),
        address=address,
        shared=urldefrag(shared_address(request, now)).url if is_seen else "",
        is_seen=is_seen,
        is_host=_is_host(request.group, person, now),
        is_for_everybody=is_for_everybody(request),
        opens_later=not address and request.is_made and may_enter_later(request, person, now),
        may_be_on_list=is_list and is_seen and is_member(person, request.group),
        is_on_list=is_list and is_on_the_list(request, person),
    )


def address_of_server(name: str) -> str:
    """The address of a server; "" when the settings know it no longer."""
    try:
        return server_named(name).url
    except ProviderError:
        return ""


def opens_before(resource: Resource) -> int:
    """How many minutes before its time the machine of a room makes it; 0 where it is made at once."""
    try:
        lead_time = machine_of(resource).lead_time if resource.is_made_by_a_machine else None
    except ProviderError:
        lead_time = None
    return (lead_time or timedelta()) // timedelta(minutes=1)


def host_name_of(resource: Resource) -> str:
    """The name of the machine that makes it, so that everybody knows where the data lies; "" where none does."""
    return urlsplit(address_of_server(resource.server)).hostname or "" if resource.is_made_by_a_machine else ""
