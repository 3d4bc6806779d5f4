"""What machines have to do for requests: opened here as jobs, and closed here when it is done or needed no longer.

No machine is asked here but those that need no network; asking the others is in provisioning.py.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from apps.core.sealed import seal
from apps.deadlines.actions import cancel_deadline, meet_deadline, open_deadline
from apps.groups.models import Group
from apps.groups.queries import coordinators_of
from apps.notifications.actions import write_letters
from apps.notifications.kinds import LetterKind
from apps.resources import queries, words
from apps.resources.deadlines import MAKE, MAKE_BY_HAND
from apps.resources.models import Job, Resource, ResourceRequest
from apps.resources.providers.protocol import Place, Provider, ProviderError

Act, State = Job.Act, Job.State

# For this long the machine is asked; then people are.
ASKED_FOR = timedelta(hours=1)
# What is made shortly before its start is handed to people at the start, unless that leaves the machine less than this.
ASKED_AT_LEAST = timedelta(minutes=10)
# While a booking runs, this often somebody looks whether anybody is there.
LOOKS_EVERY = timedelta(minutes=10)
# The last look, before the clock ends the booking and with it the room.
LAST_LOOK = timedelta(minutes=1)


def begin(request: ResourceRequest, *, now: datetime) -> None:
    """Have it made, for a request that was just given: at once where an address alone makes it, or else by a job.

    What is booked is made shortly before its start, where its machine says so. Does nothing for what people make.
    """
    if not request.resource.is_made_by_a_machine or request.address:
        return
    machine = _known_machine(request.resource)
    if machine and not machine.needs_network:
        place = machine.create(queries.order_for(request))
        keep_place(request, place, {}, server=request.resource.server)
    else:
        add_job(request, Act.MAKE, wake_at=_making_at(request, machine, now), now=now)


def finish(request: ResourceRequest, *, now: datetime) -> None:
    """The use is over, or its wish goes on: end what was made, also what may have been made, and void what is undone.

    Forgets the address, so that nobody finds the next group in it.
    """
    undone, place = _undone_jobs(request), _sealed_place(request)
    make, server = undone.get(Act.MAKE), queries.server_of(request)
    request.address = request.reference = request.server = ""
    end_at = _end_at(make, now) if make else now
    for job in undone.values():
        _void(job, request, now=now)
    # No try has reached a server that the settings do not name.
    if place or (make and make.attempts and queries.address_of_server(make.server)):
        resource, key = request.resource, request.key
        end_what_is_left(request, resource=resource, key=key, server=server, place=place, now=now, wake_at=end_at)


def _undone_jobs(request: ResourceRequest) -> dict[str, Job]:
    """Its open jobs but the one that ends it, by their act; held, so that no worker begins one meanwhile."""
    jobs = (
        queries.jobs_of_machines()
        .filter(key=request.key)
        .exclude(act=Act.END)
        .select_for_update(no_key=True, of=("self",))
    )
    return {job.act: job for job in jobs.select_related("resource")}


def _end_at(make: Job, now: datetime) -> datetime:
    """A try that is under way would make it after its end; so the end waits until nobody can be at it any more."""
    return max(now, make.claimed_at + queries.CLAIM_LASTS) if make.claimed_at else now


def follow_times(request: ResourceRequest, *, now: datetime) -> None:
    """A booking got other times: what is not made yet is made in time for them.

    What stands, or may stand, at its machine stays if it is needed now, and is looked after until its new end. If it
    is needed later it is ended, and made anew under another key, since machines drop what nobody enters.
    """
    make = queries.open_job(request, Act.MAKE)
    if make and not make.attempts and not request.reference:
        _void(make, request, now=now)
        begin(request, now=now)
    elif not (make or request.reference):
        return
    elif _making_at(request, _known_machine(request.resource), now) > now:
        _make_anew(request, now=now)
    elif request.reference:
        look_after(request, now=now)


def follow_server(resource: Resource, *, now: datetime) -> None:
    """It is made on another server from now on: what is not made yet is made there, and what stands stays to its end.

    The caller holds the resource.
    """
    if not resource.is_made_by_a_machine:
        return
    undone = queries.open_jobs().filter(resource=resource, act=Act.MAKE).exclude(server=resource.server)
    keys = list(undone.values_list("key", flat=True))
    waiting = ResourceRequest.objects.select_for_update(of=("self",), no_key=True).select_related("resource", "group")
    for request in waiting.filter(key__in=keys, reference="", state__in=ResourceRequest.HELD).order_by("pk"):
        _make_anew(request, now=now)


def _make_anew(request: ResourceRequest, *, now: datetime) -> None:
    """Under another key, since what was tried may stand somewhere, and is ended."""
    finish(request, now=now)
    request.key = secrets.token_hex(12)
    request.save(update_fields=["key", "address", "reference", "server"])
    begin(request, now=now)


def look_after(request: ResourceRequest, *, now: datetime) -> None:
    """From its start to its end somebody looks whether a booked room is still there, and whether anybody comes."""
    if not request.resource.is_booked_by_time or request.starts_at is None or request.ends_at is None:
        return
    if look := queries.open_job(request, Act.LOOK):
        _void(look, request, now=now)
    first_at = min(max(now, request.starts_at) + LOOKS_EVERY, request.ends_at - LAST_LOOK)
    add_job(request, Act.LOOK, wake_at=max(now, first_at), now=now)


def follow_members(group: Group, *, now: datetime) -> None:
    """Somebody of the group came, left, or coordinates: its mailing lists are brought in step."""
    lists = group.resource_requests.filter(
        resource__provider=Resource.Provider.MAILMAN, state__in=ResourceRequest.HELD
    ).exclude(reference="")
    for request in lists.select_related("resource", "group"):
        keep_in_step(request, now=now)


def keep_in_step(request: ResourceRequest, *, now: datetime) -> bool:
    """Have the machine told who takes part, as it is when it is told; False when it is to be told already."""
    return _open_once(request, Act.KEEP_IN_STEP, now=now)


def make_again(request: ResourceRequest, *, now: datetime) -> bool:
    """It is gone from its machine though the group has it: make it again, under the same key."""
    return _open_once(request, Act.MAKE, now=now)


def _open_once(request: ResourceRequest, act: Job.Act, *, now: datetime) -> bool:
    if queries.open_job(request, act):
        return False
    add_job(request, act, wake_at=now, now=now)
    return True


def end_what_is_left(
    request: ResourceRequest,
    *,
    resource: Resource,
    key: str,
    server: str,
    now: datetime,
    place: str = "",
    wake_at: datetime | None = None,
) -> bool:
    """Something stands, or may stand, at a machine that nobody has any more: end it; False when that is under way."""
    if queries.open_jobs().filter(key=key, act=Act.END, server=server).exists():
        return False
    about = {"resource": resource, "key": key, "server": server, "place": place}
    add_job(request, Act.END, wake_at=wake_at or now, now=now, **about)
    return True


def _known_machine(resource: Resource) -> Provider | None:
    """None when the settings name no such server: then a job says so, to its stewards."""
    try:
        return queries.machine_of(resource)
    except ProviderError:
        return None


def _making_at(request: ResourceRequest, machine: Provider | None, now: datetime) -> datetime:
    lead_time = machine.lead_time if machine else None
    if lead_time is None or request.starts_at is None or not request.resource.is_booked_by_time:
        return now
    return max(now, request.starts_at - lead_time)


def add_job(request: ResourceRequest, act: Job.Act, *, wake_at: datetime, now: datetime, **about: Any) -> Job:
    """Leave this to the machine from `wake_at` on, with its wait: `about` says what differs from the request now."""
    server = request.server or request.resource.server
    job = Job.objects.create(
        **{"request": request, "resource": request.resource, "key": request.key, "server": server, **about},
        act=act,
        opened_at=now,
        wake_at=wake_at,
    )
    open_deadline(MAKE, job, now=now, ends_at=_asked_until(job))
    return job


def _asked_until(job: Job) -> datetime:
    until, starts_at = job.wake_at + ASKED_FOR, job.request.starts_at
    if job.act == Act.LOOK and job.request.ends_at:
        return max(job.request.ends_at, until)
    is_booked = job.act == Act.MAKE and job.request.is_booking
    if is_booked and starts_at and job.wake_at + ASKED_AT_LEAST <= starts_at < until:
        return starts_at
    return until


def _void(job: Job, request: ResourceRequest, *, now: datetime) -> None:
    was_stuck = job.state == State.STUCK
    close_job(job, State.VOID, now=now)
    if job.act == Act.MAKE and was_stuck and request.state == ResourceRequest.State.RETURNED:
        tell_group(words.NEVER_MADE, job, now=now, link=queries.page_to_ask_again(request))


def close_job(job: Job, state: Job.State, *, now: datetime) -> None:
    """Close it with its waits: answered when it is done, without a point when it is not."""
    job.state, job.closed_at, job.claimed_at = state, now, None
    job.save()
    for rule in (MAKE, MAKE_BY_HAND):
        if state == State.DONE:
            meet_deadline(rule, job, now=now, outcome="by hand" if job.done_by_id else "done")
        else:
            cancel_deadline(rule, job, now=now)


def _sealed_place(request: ResourceRequest) -> str:
    return sealed_place(request.address, request.reference) if request.reference else ""


def sealed_place(address: str, reference: str = "") -> str:
    """Where something is, as a job keeps it; what its machine needs is sealed already."""
    return seal(json.dumps({"address": address, "reference": reference}))


def held_job(job: Job) -> Job:
    """The resource, the request, then the job, held in this order everywhere."""
    Resource.objects.select_for_update(no_key=True).get(pk=job.request.resource_id)
    ResourceRequest.objects.select_for_update(no_key=True).get(pk=job.request_id)
    return (
        Job.objects.select_for_update(of=("self",), no_key=True)
        .select_related("resource", "request__resource", "request__group", "request__asked_by")
        .get(pk=job.pk)
    )


def keep_place(request: ResourceRequest, place: Place, reference: Mapping[str, str], *, server: str) -> None:
    """Where it was made, the address that the group may share, and what only its machine has to know, sealed.

    An address that is the machine's own leads nobody anywhere: then each person gets one of their own.
    """
    is_shared = place.address != queries.address_of_server(server)
    request.server = server
    request.address = place.address if is_shared else ""
    request.reference = seal(json.dumps(dict(reference))) if reference else ""
    request.save(update_fields=["server", "address", "reference"])


def tell_group(kind: LetterKind, job: Job, *, now: datetime, **more: Any) -> None:
    """Write to its coordinators how it goes with what was left to the machine; once for each job and kind."""
    request = job.request
    context: dict[str, Any] = {
        "link": request.get_absolute_url(),
        "group": request.group,
        "resource": lambda: job.resource.name,
        "purpose": request.purpose,
        **more,
    }
    write_letters(kind, to=coordinators_of(request.group), key=f"{job.pk}", now=now, **context)
