"""Using what was given, and giving it back."""

from datetime import datetime, timedelta

from django.db import transaction

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline, meet_deadline, open_deadline
from apps.record.actions import write
from apps.resources import queries, words
from apps.resources.actions.giving import close, held_request, move_up, use_rule
from apps.resources.actions.telling import tell_answer, tell_coordinators, tell_stewards, tell_who_comes
from apps.resources.deadlines import ANSWER, END_OF_BOOKING, STILL_IN_USE, STILL_WANTED, WAIT_FOR_SEAT
from apps.resources.models import ResourceRequest

State = ResourceRequest.State
OPEN = (State.IN_USE, State.ASKED, State.WAITING, State.WANTED)


@transaction.atomic
def keep_using(request: ResourceRequest, *, by: User, now: datetime) -> ResourceRequest:
    """ "Still in use": the use goes on for another term, from its end.

    Stewards who said yes to it are told. Refuses what has no term, what has ended, though no sweep has noted it yet,
    what has more than 30 days left, a retired link, what was withdrawn, and what costs something: that needs another
    yes.
    """
    request = held_request(request, State.IN_USE)
    if why := queries.why_not_kept(request, now):
        raise Refused(why)
    assert request.ends_at is not None
    request.ends_at += timedelta(days=request.resource.lasts_days or 0)
    request.save(update_fields=["ends_at"])
    meet_deadline(STILL_IN_USE, request, now=now, by=by, outcome="kept")
    open_deadline(STILL_IN_USE, request, now=now, ends_at=request.ends_at)
    if queries.has_a_yes(request):
        tell_stewards(request, kind=words.KEPT_AFTER_YES, by=by, now=now, until=request.ends_at)
    return request


@transaction.atomic
def give_back(request: ResourceRequest, *, by: User, now: datetime) -> ResourceRequest:
    """Give back what is in use, or take a wish back; the waiting list moves up by itself."""
    return give_back_held(held_request(request, *OPEN), by=by, now=now)


def give_back_held(request: ResourceRequest, *, by: User, now: datetime, tells: bool = True) -> ResourceRequest:
    """What is held already; `tells`: whoever comes to its meeting hears that the place has gone."""
    was_in_use, waited = request.state == State.IN_USE, request.state == State.WAITING
    for rule in (ANSWER, WAIT_FOR_SEAT, STILL_WANTED):
        cancel_deadline(rule, request, now=now, by=by)
    meet_deadline(use_rule(request), request, now=now, by=by, outcome="given back")
    close(request, State.RETURNED if was_in_use else State.TAKEN_BACK, now=now)
    if was_in_use:
        write(words.RETURNED, by=by, now=now, group=request.group, resource=request.resource)
        if tells:
            tell_who_comes(request, by=by, now=now)
    if was_in_use or waited:  # Whoever waited for several places kept those behind waiting for one.
        move_up(request.resource, now=now)
    return request


@transaction.atomic
def end_use(request: ResourceRequest, *, reason: str, by: User, now: datetime) -> ResourceRequest:
    """A steward ends a use at once, with a reason."""
    request = held_request(request, State.IN_USE)
    cancel_deadline(use_rule(request), request, now=now, by=by)
    request.answer, request.answered_by, request.answered_at = reason, by, now
    close(request, State.ENDED, now=now)
    write(words.ENDED, by=by, now=now, group=request.group, resource=request.resource)
    tell_answer(request, now=now)
    tell_who_comes(request, by=by, now=now)
    move_up(request.resource, now=now)
    return request


@END_OF_BOOKING.when_silent
@STILL_IN_USE.when_silent
@transaction.atomic
def give_back_after_silence(request: ResourceRequest, *, now: datetime) -> None:
    """A booking is over, or nobody said "still in use": it is given back."""
    request = held_request(request, State.IN_USE)
    close(request, State.RETURNED, now=now)
    write(words.RETURNED_BY_SILENCE, by=None, now=now, group=request.group, resource=request.resource)
    if request.resource.lasts_days:
        tell_coordinators(request, now=now, kind=words.USE_ENDED, key="ended")
    move_up(request.resource, now=now)


@WAIT_FOR_SEAT.when_silent
@transaction.atomic
def let_wish_lapse(request: ResourceRequest, *, now: datetime) -> None:
    """The time that was wished for has come and no place came free."""
    request = held_request(request, State.WAITING)
    close(request, State.LAPSED, now=now)
    tell_answer(request, now=now)
    move_up(request.resource, now=now)
