"""Rooms of meetings: booked from the meeting's page, and going along with it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.groups.actions import when_meeting_changes, when_room_is_wanted
from apps.groups.models import Meeting
from apps.resources import queries, words
from apps.resources.actions.booking import enter, request_resource, wish_at
from apps.resources.actions.changing import change_times, hold_all
from apps.resources.actions.giving import (
    State,
    move_up,
)
from apps.resources.actions.telling import (
    tell_coordinators,
    tell_who_comes,
)
from apps.resources.actions.using import (
    give_back_held,
)
from apps.resources.actions.wanting import want_at
from apps.resources.models import ResourceRequest


@when_room_is_wanted
@transaction.atomic
def book_room_for(meeting: Meeting, *, may_wait: bool = True, by: User, now: datetime) -> ResourceRequest:
    """Book the best free self-service room for a meeting, from ten minutes before it to its end.

    If all are full it waits for one, or refuses unless it `may_wait`. Refuses a meeting that has a room, has begun
    or was cancelled, and one for which the group can have no room. The meeting is held first, then the resource.
    """
    meetings = Meeting.objects.select_for_update(of=("self",), no_key=True).select_related("group")
    meeting = meetings.get(pk=meeting.pk)
    if meeting.state != Meeting.State.PLANNED or meeting.starts_at <= now:
        raise Refused(_("A room is booked for a meeting that is planned and has not begun."))
    if queries.bookings_for(meeting).exists():
        raise Refused(_("This meeting has a room already, or waits for one."))
    choice = queries.room_for(meeting, meeting.group, now)
    if choice is None:
        raise Refused(_("Nobody offers a room that is given at once. Say where people go."), field="place")
    starts_at, ends_at = queries.span_of(meeting, choice.room)
    request = request_resource(
        choice.room,
        group=meeting.group,
        purpose=meeting.title,
        starts_at=starts_at,
        ends_at=ends_at,
        meeting=meeting,
        may_wait=may_wait,
        by=by,
        now=now,
    )
    if request.state == State.IN_USE:
        tell_who_comes(request, by=by, now=now)
    return request


@when_meeting_changes
@transaction.atomic
def follow_meeting(meeting: Meeting, *, by: User, now: datetime) -> None:
    """The room of a meeting goes along to its new time, or waits for it; with a cancelled one it is given back.

    Where the group can have no room at the new time it has none, and its coordinators are told why. Whoever comes is
    told by the meeting's own letter.
    """
    for request in hold_all(queries.bookings_for(meeting)):
        starts_at, ends_at = queries.span_of(meeting, request.resource)
        if meeting.state == Meeting.State.CANCELLED:
            give_back_held(request, by=by, now=now, tells=False)
        elif (request.starts_at, request.ends_at) != (starts_at, ends_at):
            _move_with_meeting(request, starts_at, ends_at, by=by, now=now)


def _move_with_meeting(
    request: ResourceRequest, starts_at: datetime, ends_at: datetime, *, by: User, now: datetime
) -> None:
    if request.state == State.WANTED:
        want_at(request, starts_at, ends_at, now=now)
        return
    outcome = _outlook(request, starts_at, ends_at, now=now)
    has_place = outcome.is_free or (outcome.is_full and request.state != State.IN_USE)
    if has_place and not queries.why_it_stays(request):
        change_times(request, starts_at, ends_at, by=by, now=now)
        move_up(request.resource, now=now)
        return
    give_back_held(request, by=by, now=now, tells=False)
    if outcome.can_be_had and not request.resource.withdrawn_at:
        enter(wish_at(request, starts_at, ends_at, request.series), now=now)
    else:
        _tell_that_it_is_lost(request, starts_at, ends_at, now=now)


def _outlook(request: ResourceRequest, starts_at: datetime, ends_at: datetime, *, now: datetime) -> queries.Outcome:
    times = [(starts_at, ends_at)]
    [outcome] = queries.look_ahead(request.resource, request.group, times, now=now, without=[request.pk])
    return outcome


def _tell_that_it_is_lost(request: ResourceRequest, starts_at: datetime, ends_at: datetime, *, now: datetime) -> None:
    """With the reason, in the language of whoever reads it."""

    def why() -> str:
        return queries.why_withdrawn(request.resource) or _outlook(request, starts_at, ends_at, now=now).why

    key = f"room:{now.isoformat()}"
    link = request.meeting.get_absolute_url() if request.meeting else request.get_absolute_url()
    tell_coordinators(request, now=now, kind=words.ROOM_LOST, key=key, link=link, why=why)
