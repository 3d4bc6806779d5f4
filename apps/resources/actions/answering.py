"""What stewards answer, and what their silence means."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import meet_deadline
from apps.deadlines.models import Deadline
from apps.record.actions import write
from apps.resources import queries, words
from apps.resources.actions.giving import (
    begin_now,
    give,
    has_free_seat,
    held_request,
    is_its_turn,
    let_line_go_first,
    let_wait,
    time_has_come,
)
from apps.resources.actions.passing_on import pass_on
from apps.resources.actions.telling import tell_answer, tell_coordinators, tell_where_it_went
from apps.resources.deadlines import ANSWER
from apps.resources.models import ResourceRequest

State = ResourceRequest.State


@transaction.atomic
def give_resource(request: ResourceRequest, *, address: str, answer: str, by: User, now: datetime) -> ResourceRequest:
    """A steward gives it, with an address or words that say how to use it.

    Where every place is taken the yes holds: it is on the waiting list, and given as soon as a place comes free.
    Refuses a time that is over, and more places than there are.
    """
    request = held_request(request, State.ASKED)
    capacity = request.resource.capacity
    if capacity is not None and request.quantity > capacity:
        words_ = ngettext(
            "There is %(count)d place in all. Decline, and say what else could help.",
            "There are %(count)d places in all. Decline, and say what else could help.",
            capacity,
        )
        raise Refused(words_ % {"count": capacity})
    if request.is_booking and request.ends_at and request.ends_at <= now:
        raise Refused(_("This time is over. Decline, and say what else could help."))
    let_line_go_first(request.resource, now=now)
    begin_now(request, now=now)
    meet_deadline(ANSWER, request, now=now, by=by, outcome="given")
    request.address, request.answer, request.answered_by = address, answer, by
    if is_its_turn(request) and has_free_seat(request):
        give(request, by=by, now=now)
        tell_answer(request, now=now)
        return request
    request.answered_at = now
    let_wait(request, now=now)
    write(words.YES_THAT_WAITS, by=by, now=now, group=request.group, resource=request.resource)
    tell_coordinators(request, now=now, kind=words.YES_THAT_WAITS_LETTER, key=f"yes:{now.isoformat()}", quote=answer)
    return request


@transaction.atomic
def decline_request(request: ResourceRequest, *, answer: str, by: User, now: datetime) -> ResourceRequest:
    """A steward declines, with a reason."""
    request = held_request(request, State.ASKED)
    meet_deadline(ANSWER, request, now=now, by=by, outcome="declined")
    request.state, request.answer = State.DECLINED, answer
    request.answered_at, request.answered_by, request.closed_at = now, by, now
    request.save()
    write(words.DECLINED, by=by, now=now, group=request.group, resource=request.resource)
    tell_answer(request, now=now)
    return request


@ANSWER.when_silent
@transaction.atomic
def answer_after_silence(request: ResourceRequest, *, now: datetime) -> None:
    """Ten working days of silence: given where that was agreed and a place is free; otherwise it goes on.

    Then the next offer of that kind is asked, or the wish is shown as wanted. What costs something is never given.
    """
    request = held_request(request, State.ASKED)
    lapsed = Deadline.objects.filter(rule=ANSWER.name, subject_id=request.pk).latest("pk")
    if queries.silence_may_give(request.resource) and not time_has_come(request, now=now):
        let_line_go_first(request.resource, now=now)
        begin_now(request, now=now)
        if has_free_seat(request):
            give(request, now=now)
            tell_answer(request, now=now)
            return
    silent = request.resource
    pass_on(request, now=now)
    tell_where_it_went(request, kind=words.MOVED_ON, key=str(lapsed.pk), now=now, resource=lambda: silent.name)
