"""Wishes that nobody answered, and the offer that takes them on."""

from datetime import datetime

from apps.deadlines.actions import cancel_deadline
from apps.record.actions import write
from apps.resources import queries, words
from apps.resources.actions.giving import (
    State,
    move_to,
    take_seat,
)
from apps.resources.actions.passing_on import (
    ask_stewards,
)
from apps.resources.actions.telling import (
    tell_answer,
    tell_coordinators,
)
from apps.resources.deadlines import ANSWER, STILL_WANTED
from apps.resources.models import Resource, ResourceRequest


def take_on_wishes(resource: Resource, *, wish: ResourceRequest | None = None, now: datetime) -> None:
    """Put the wanted wishes that an offer suits before its stewards, or give them what is there at once.

    The caller holds the resource, which has a steward or gives at once; the oldest wish comes first, and what finds
    no place stays wanted. Each group is told.
    """
    if resource.withdrawn_at or not (
        resource.policy == Resource.Policy.SELF_SERVICE or queries.stewards_of(resource).exists()
    ):
        return
    held = ResourceRequest.objects.select_for_update(of=("self",), no_key=True).select_related("resource", "group")
    ids = [one.pk for one in queries.wishes_for(resource, now, wish=wish)]
    for request in held.filter(pk__in=ids, state=State.WANTED).order_by("asked_at", "pk"):
        _take_on(request, resource, now=now)


def _take_on(request: ResourceRequest, resource: Resource, *, now: datetime) -> None:
    request.silent = [pk for pk in request.silent if pk != resource.pk]
    if resource.policy == Resource.Policy.SELF_SERVICE:
        if take_seat(request, resource, now=now):
            cancel_deadline(STILL_WANTED, request, now=now)
            tell_answer(request, now=now)
        return
    cancel_deadline(STILL_WANTED, request, now=now)
    move_to(resource, request, now=now)
    request.state = State.ASKED
    request.save()
    write(words.TAKEN_ON, by=None, now=now, group=request.group, resource=resource)
    deadline = ask_stewards(request, now=now)
    tell_coordinators(
        request,
        now=now,
        kind=words.TAKEN_ON_LETTER,
        key=str(deadline.pk),
        due_at=deadline.due_at,
        silence_at=ANSWER.rung_times(now, deadline.ends_at)[-1][2],
        silence=lambda: ANSWER.silence_words(request),
    )
