"""Rooms of meetings: which one to book, and what the meeting's page says about it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from apps.accounts.models import User
from apps.groups.models import Group, Meeting
from apps.groups.queries import MeetingRoom, rooms_of_meetings
from apps.resources.models import Resource, ResourceRequest
from apps.resources.queries.dates import Outcome, look_ahead
from apps.resources.queries.places import way_in
from apps.resources.queries.requests import SHOWN_WITH
from apps.resources.queries.seats import TAKES_A_SEAT, Seats, Span, Taken
from apps.resources.queries.suiting import languages_of_group, suits

State = ResourceRequest.State
# So that whoever leads the call can come in first.
BEFORE_A_MEETING = timedelta(minutes=10)
NO_LIMIT = 1_000
# What a meeting has, or may get: a wish on the board goes along with it, too.
HELD = [State.IN_USE, State.WAITING, State.ASKED, State.WANTED]


def self_service(kind: str) -> QuerySet[Resource]:
    """What a group gets at once, of a kind and still on offer."""
    return Resource.objects.filter(kind=kind, policy=Resource.Policy.SELF_SERVICE, withdrawn_at=None)


def span_of(meeting: Meeting, room: Resource) -> Span:
    """From ten minutes before a meeting to its end; less before it where the room is not given for so long."""
    begins_at = meeting.starts_at - BEFORE_A_MEETING
    if room.max_hours:
        longest_from = meeting.ends_at - timedelta(hours=room.max_hours)
        begins_at = min(max(begins_at, longest_from), meeting.starts_at)
    return begins_at, meeting.ends_at


@dataclass(frozen=True)
class RoomChoice:
    """A room for a meeting, and what would become of asking for it."""

    room: Resource
    outcome: Outcome


def room_for(meeting: Meeting, group: Group, now: datetime) -> RoomChoice | None:
    """The self-service room for this group with the most free seats at the time of a meeting; None if there is none.

    If none is free it is one with a waiting list, else one whose outcome says why the group cannot have it.
    """
    languages = languages_of_group(group)
    rooms = [room for room in self_service(Resource.Kind.ROOM) if suits(room, group, languages, now)]
    free = _free_seats(rooms, meeting)
    best: RoomChoice | None = None
    for room in sorted(rooms, key=lambda room: -free[room.pk]):
        if best and best.outcome.can_be_had and free[room.pk] <= 0:
            break  # It is full, and so are all that come after it.
        [outcome] = look_ahead(room, group, [span_of(meeting, room)], now=now)
        if outcome.is_free:
            return RoomChoice(room, outcome)
        if best is None or (outcome.can_be_had and not best.outcome.can_be_had):
            best = RoomChoice(room, outcome)
    return best


def _free_seats(rooms: list[Resource], meeting: Meeting) -> dict[int, int]:
    """How many seats of each room are free at the time of a meeting; one query."""
    starts_at, ends_at = meeting.starts_at - BEFORE_A_MEETING, meeting.ends_at
    uses: dict[int, list[Taken]] = defaultdict(list)
    taking = ResourceRequest.objects.filter(resource__in=rooms, state__in=TAKES_A_SEAT)
    for pk, start, end, quantity in taking.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).values_list(
        "resource", "starts_at", "ends_at", "quantity"
    ):
        if start and end:
            uses[pk].append((start, end, quantity))
    return {room.pk: (room.capacity or NO_LIMIT) - Seats(uses[room.pk]).most(starts_at, ends_at) for room in rooms}


def bookings_for(meeting: Meeting) -> QuerySet[ResourceRequest]:
    """The rooms that a meeting has or waits for."""
    return meeting.bookings.filter(state__in=HELD, resource__kind=Resource.Kind.ROOM).order_by("resource", "pk")


@rooms_of_meetings
def _rooms(meetings: Iterable[Meeting], person: User | AnonymousUser | None, now: datetime) -> dict[int, MeetingRoom]:
    held = ResourceRequest.objects.filter(
        meeting__in=[meeting.pk for meeting in meetings], state__in=HELD, resource__kind=Resource.Kind.ROOM
    )
    return {
        request.meeting_id: MeetingRoom(
            name=request.resource.name,
            link=request.get_absolute_url(),
            address=way_in(request, now) if request.state == State.IN_USE else "",
            waits=request.state != State.IN_USE,
        )
        for request in held.select_related(*SHOWN_WITH).order_by("-state", "-pk")
        if request.meeting_id
    }
