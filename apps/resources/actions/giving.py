"""Seats: giving one, letting wait for one, moving the waiting list up; whoever counts them holds the resource's row."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import meet_deadline, open_deadline
from apps.deadlines.rules import Rule
from apps.record.actions import write
from apps.resources import queries, words
from apps.resources.actions import making, stuck
from apps.resources.actions.telling import tell_answer, tell_who_comes
from apps.resources.deadlines import END_OF_BOOKING, STILL_IN_USE, WAIT_FOR_SEAT
from apps.resources.models import Resource, ResourceRequest

State = ResourceRequest.State

# How long a wish without a time of its own stays on the waiting list.
LONGEST_WAIT = timedelta(days=90)


def held_request(request: ResourceRequest, *expected: ResourceRequest.State) -> ResourceRequest:
    """The resource, then the request, held in this order everywhere; refused when somebody was faster."""
    held = request.resource_id
    Resource.objects.select_for_update(no_key=True).get(pk=held)
    request = (
        ResourceRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("resource", "group")
        .get(pk=request.pk)
    )
    if request.resource_id != held:
        raise Refused(_("This wish has gone on to another offer meanwhile. Open its page again."))
    if request.state not in expected:
        raise Refused(
            _("This was settled before you: %(state)s. What you wrote is still here.")
            % {"state": request.get_state_display()}
        )
    return request


def give_or_wait(request: ResourceRequest, *, now: datetime) -> ResourceRequest:
    """Give a seat that is free in the whole time; otherwise put the wish on the waiting list.

    A wish for one place does not overtake an older one for several, where both would begin now.
    """
    return give(request, now=now) if is_its_turn(request) and has_free_seat(request) else let_wait(request, now=now)


def is_its_turn(request: ResourceRequest) -> bool:
    """Whether nobody waits before it; who has chosen a time of their own waits for that time alone."""
    return request.is_booking or not queries.line_of(request.resource).exclude(pk=request.pk).exists()


def let_wait(request: ResourceRequest, *, now: datetime) -> ResourceRequest:
    """Put a wish on the waiting list: until its time has come, or for 90 days where it has none."""
    request.state = State.WAITING
    request.save()
    lapses_at = request.starts_at if request.is_booking else now + LONGEST_WAIT
    open_deadline(WAIT_FOR_SEAT, request, now=now, ends_at=lapses_at)
    return request


def begin_now(request: ResourceRequest, *, now: datetime) -> None:
    """What has no time of its own lasts from the moment at which it is given."""
    if request.starts_at and request.ends_at and not request.is_booking:
        request.starts_at, request.ends_at = now, now + (request.ends_at - request.starts_at)


def has_free_seat(request: ResourceRequest, seats: queries.Seats | None = None) -> bool:
    """Whether its seats are free in its whole time; asked only while the row of its resource is held."""
    if request.resource.is_pool:
        return queries.link_for(request) is not None
    if request.resource.capacity is None or request.starts_at is None or request.ends_at is None:
        return True
    if seats is None:
        seats = queries.seats_between(request.resource, request.starts_at, request.ends_at)
    return queries.are_free(request.resource, seats, request.starts_at, request.ends_at, request.quantity)


def give(request: ResourceRequest, *, now: datetime, by: User | None = None) -> ResourceRequest:
    """Give it: with an end if it lasts, so that the group is asked in time whether it still needs it.

    What a steward said to it, now or when it had to wait for a place, stands in the request already.
    """
    request.state = State.IN_USE if request.ends_at else State.GIVEN
    request.answered_at = now
    request.link = queries.link_for(request)
    request.save()
    making.begin(request, now=now)
    if request.ends_at:
        open_deadline(use_rule(request), request, now=now, ends_at=request.ends_at)
    write(words.GIVEN, by=by, now=now, group=request.group, resource=request.resource)
    return request


def use_rule(request: ResourceRequest) -> Rule:
    """A booking ends by itself; what has no time of its own ends unless the group still uses it."""
    return END_OF_BOOKING if request.is_booking else STILL_IN_USE


def take_seat(request: ResourceRequest, resource: Resource, *, now: datetime) -> bool:
    """Give a wish a seat of another resource, which the caller holds; False, and nothing changed, without one."""
    before = request.resource, request.starts_at, request.ends_at
    let_line_go_first(resource, now=now)
    move_to(resource, request, now=now)
    if not (is_its_turn(request) and has_free_seat(request)):
        request.resource, request.starts_at, request.ends_at = before
        return False
    give(request, now=now)
    return True


def move_to(resource: Resource, request: ResourceRequest, *, now: datetime) -> None:
    """From now on it is a wish for that resource, and lasts as long as that one does."""
    request.resource = resource
    if not resource.is_booked_by_time:
        lasts = resource.lasts_days
        request.starts_at, request.ends_at = (now, now + timedelta(days=lasts)) if lasts else (None, None)


def time_has_come(request: ResourceRequest, *, now: datetime) -> bool:
    return request.resource.is_booked_by_time and request.starts_at is not None and request.starts_at <= now


def move_up(resource: Resource, *, now: datetime) -> None:
    """Give places that came free to the waiting list, in the order of asking; seats are counted once for all."""
    about = ("resource", "group", "meeting")
    waiting = [one for one in queries.line_of(resource).select_related(*about) if _is_given_in_its_turn(one)]
    for request in waiting:
        begin_now(request, now=now)
    waiting = [request for request in waiting if request.ends_at is None or request.ends_at > now]
    times = [at for request in waiting for at in (request.starts_at, request.ends_at) if at]
    seats = queries.seats_between(resource, min(times), max(times)) if times else None
    for request in waiting:
        if has_free_seat(request, seats):
            give_in_its_turn(request, now=now)
            tell_who_comes(request, by=None, now=now)
            if seats and request.starts_at and request.ends_at:
                seats.add(request.starts_at, request.ends_at, request.quantity)
        elif not resource.is_booked_by_time:
            break  # The others would begin now, too.


def _is_given_in_its_turn(request: ResourceRequest) -> bool:
    """What is given at once elsewhere needs no yes; everything else has one, or waits on."""
    return request.resource.policy == Resource.Policy.SELF_SERVICE or request.answered_by_id is not None


def give_in_its_turn(request: ResourceRequest, *, now: datetime) -> None:
    """It waited, and now a place is free for it."""
    meet_deadline(WAIT_FOR_SEAT, request, now=now, outcome="given")
    give(request, now=now)
    tell_answer(request, now=now)


def let_line_go_first(resource: Resource, *, now: datetime) -> None:
    """What is over is free, though no sweep has noted it yet: whoever waits for it comes before a newcomer."""
    if not resource.is_booked_by_time:
        move_up(resource, now=now)


def close(request: ResourceRequest, state: ResourceRequest.State, *, now: datetime) -> None:
    """Close it, and have ended what a machine made, or what people did."""
    left_to_people = stuck.what_people_end(request, now=now)
    request.state, request.closed_at = state, now
    making.finish(request, now=now)
    request.save()
    if left_to_people is not None:
        stuck.ask_stewards_to_end(request, left_to_people, now=now)
