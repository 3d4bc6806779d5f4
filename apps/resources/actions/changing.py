"""Another time for what is booked, alone or with its series; a longer use; whether anybody came."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.core.dates import day_and_time
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline, open_deadline, set_end
from apps.groups.models import Meeting
from apps.groups.queries import coordinators_of
from apps.notifications.actions import write_letters
from apps.notifications.kinds import LetterKind
from apps.record.actions import write
from apps.resources import queries, words
from apps.resources.actions.giving import (
    State,
    give_in_its_turn,
    has_free_seat,
    held_request,
    let_wait,
    move_up,
    use_rule,
)
from apps.resources.actions.making import follow_times
from apps.resources.actions.passing_on import (
    answered_before,
)
from apps.resources.actions.telling import (
    tell_stewards,
)
from apps.resources.actions.using import (
    give_back_held,
)
from apps.resources.deadlines import ANSWER, WAIT_FOR_SEAT
from apps.resources.models import Resource, ResourceRequest

Word = ResourceRequest.Word
HALF_HOUR = timedelta(minutes=30)
# What can still get another time.
CHANGEABLE = (State.IN_USE, State.WAITING, State.ASKED)


@transaction.atomic
def change_booking(
    request: ResourceRequest, *, starts_at: datetime, ends_at: datetime, by: User, now: datetime
) -> ResourceRequest:
    """Another time for a booking or a wish that has not begun; who waits for the old one moves up.

    What is booked keeps its seat if the new time is full. What waits goes on waiting for the new time, behind those
    who asked for it before. Refuses times that cannot be, limits counted without itself, and what follows a meeting.
    """
    request = held_request(request, *CHANGEABLE)
    _refuse_what_stands(request, now=now)
    if (request.starts_at, request.ends_at) == (starts_at, ends_at):
        return request
    [outcome] = queries.look_ahead(
        request.resource, request.group, [(starts_at, ends_at)], now=now, quantity=request.quantity,
        without=[request.pk],
    )  # fmt: skip
    if why := _why_it_stays(request, outcome):
        raise Refused(why, field=outcome.field)
    change_times(request, starts_at, ends_at, by=by, now=now)
    move_up(request.resource, now=now)
    return request


@dataclass(frozen=True)
class Changed:
    """What became of a series: the dates that have another time now, and those that stay, with the reasons."""

    moved: list[ResourceRequest]
    stayed: list[tuple[ResourceRequest, str]]


@transaction.atomic
def change_series(
    request: ResourceRequest, *, starts_at: datetime, ends_at: datetime, by: User, now: datetime
) -> Changed:
    """Move this date of a series and all later ones: as many days, and to the same time on the clock of the series.

    Where the start stays, each date keeps its own, and only the length changes. Each date keeps its seat if its new
    time is full or cannot be. Refuses when none can move.
    """
    dates = _hold_from(request, now=now)
    new = queries.moved_times(dates, request, starts_at, ends_at)
    # From the far end, so that none stands in the way of the next.
    goes_later = bool(request.starts_at and starts_at > request.starts_at)
    moved: list[ResourceRequest] = []
    stayed: list[tuple[ResourceRequest, str]] = []
    for date in reversed(dates) if goes_later else dates:
        times = new[date.pk].span
        [outcome] = queries.look_ahead(
            date.resource, date.group, [times], now=now, quantity=date.quantity, without=[date.pk]
        )
        why = _why_it_stays(date, outcome)
        if why:
            stayed.append((date, why))
        elif times != (date.starts_at, date.ends_at):
            change_times(date, *times, by=by, now=now, tells=False)
            moved.append(date)
    if stayed and not moved:
        raise Refused(stayed[0][1], field="starts_at")
    _tell_of_series(moved, len(stayed), by=by, now=now)
    for resource in {date.resource_id: date.resource for date in moved}.values():
        move_up(resource, now=now)
    return Changed(moved, stayed)


def _tell_of_series(moved: list[ResourceRequest], stayed: int, *, by: User, now: datetime) -> None:
    """One letter for all dates that moved, which says of how many; about one date alone it says no more than that."""
    moved = sorted(moved, key=lambda date: (date.starts_at or now, date.pk))
    for first in moved[:1]:
        _tell_who_said_yes(first, by=by, now=now)
    if len(moved) == 1 and not stayed:
        _tell_the_others(words.BOOKING_CHANGED, moved[0], by=by, now=now)
    elif moved:
        about = {"how_many": lambda: _how_many_moved(len(moved), stayed)}
        _tell_the_others(words.SERIES_CHANGED, moved[0], by=by, now=now, **about)


def _how_many_moved(moved: int, stayed: int) -> str:
    """How many dates of a series have another time, and how many found none; in the language of the reader."""
    sentence = ngettext("%(count)d date has another time.", "%(count)d dates have another time.", moved)
    found = [sentence % {"count": moved}]
    if stayed:
        sentence = ngettext("%(count)d date keeps its old time.", "%(count)d dates keep their old time.", stayed)
        found.append(sentence % {"count": stayed})
    return " ".join(found)


@transaction.atomic
def give_back_series(request: ResourceRequest, *, by: User, now: datetime) -> list[ResourceRequest]:
    """Give back this date of a series and all later ones; refuses when none is left."""
    return [give_back_held(date, by=by, now=now) for date in _hold_from(request, now=now)]


def _hold_from(request: ResourceRequest, *, now: datetime) -> list[ResourceRequest]:
    """The dates of a series from this one on that have not begun, held, in the order of time."""
    if not request.series or request.starts_at is None:
        raise Refused(_("This is not one of a series."))
    later = ResourceRequest.objects.filter(series=request.series, starts_at__gte=request.starts_at, starts_at__gt=now)
    held = hold_all(later.filter(state__in=CHANGEABLE))
    if not held:
        raise Refused(_("No date of this series is left from here on."))
    return held


def hold_all(requests: QuerySet[ResourceRequest]) -> list[ResourceRequest]:
    """Their resources, then the requests, held in this order as everywhere."""
    ids = set(requests.order_by().values_list("resource", flat=True))
    list(Resource.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    held = requests.select_for_update(of=("self",), no_key=True).select_related("resource", "group")
    return [request for request in held.order_by("starts_at", "pk") if request.resource_id in ids]


def _refuse_what_stands(request: ResourceRequest, *, now: datetime) -> None:
    if not request.resource.is_booked_by_time or request.starts_at is None:
        raise Refused(_("This has no time of its own."))
    if request.starts_at <= now:
        raise Refused(_("It has begun already. Extend it, or give it back."))
    if request.meeting and request.meeting.state == Meeting.State.PLANNED:
        raise Refused(_("It follows its meeting: change the time of the meeting, and the room goes along."))


def _why_it_stays(request: ResourceRequest, outcome: queries.Outcome) -> str:
    if why := queries.why_it_stays(request):
        return why
    if outcome.is_full and request.state == State.IN_USE:
        return _("There is no free place for it at the new time. What you have booked stays as it is.")
    return "" if outcome.can_be_had else outcome.why


def change_times(
    request: ResourceRequest, starts_at: datetime, ends_at: datetime, *, by: User, now: datetime, tells: bool = True
) -> None:
    """Give what is held another time, as was found possible; what is given by that has a letter of its own.

    `tells`: the others of the group, and the stewards who had said yes, are told.
    """
    waited = request.state == State.WAITING
    _set_times(request, starts_at, ends_at, now=now)
    write(words.CHANGED_BOOKING, by=by, now=now, group=request.group, resource=request.resource)
    if not tells:
        return
    if not (waited and request.state == State.IN_USE):
        _tell_the_others(words.BOOKING_CHANGED, request, by=by, now=now)
    _tell_who_said_yes(request, by=by, now=now)


def _tell_who_said_yes(request: ResourceRequest, *, by: User, now: datetime) -> None:
    if queries.has_a_yes(request) and request.starts_at:
        moment = request.starts_at
        tell_stewards(request, kind=words.CHANGED_AFTER_YES, by=by, now=now, moment=lambda: day_and_time(moment))


def _set_times(request: ResourceRequest, starts_at: datetime, ends_at: datetime, *, now: datetime) -> None:
    runs = request.starts_at == starts_at and starts_at <= now
    request.starts_at, request.ends_at, request.changed_at = starts_at, ends_at, now
    if request.state == State.IN_USE:
        cancel_deadline(use_rule(request), request, now=now)
        request.link = queries.link_for(request, runs=runs)
        request.save(update_fields=["starts_at", "ends_at", "changed_at", "link"])
        open_deadline(use_rule(request), request, now=now, ends_at=ends_at)
        follow_times(request, now=now)
    elif request.state == State.WAITING and has_free_seat(request):
        give_in_its_turn(request, now=now)
    elif request.state == State.WAITING:
        cancel_deadline(WAIT_FOR_SEAT, request, now=now)
        request.asked_at = now  # Those who asked for this time before come first.
        let_wait(request, now=now)
    else:
        request.save(update_fields=["starts_at", "ends_at", "changed_at"])
        set_end(ANSWER, request, ends_at=answered_before(request), now=now)


def _tell_the_others(kind: LetterKind, request: ResourceRequest, *, by: User, now: datetime, **more: Any) -> None:
    """The coordinators who have not done it themselves."""
    write_letters(
        kind,
        to=coordinators_of(request.group).exclude(pk=by.pk),
        key=f"{request.pk}:{now:%Y%m%d%H%M%S}",
        link=request.get_absolute_url(),
        now=now,
        by=by,
        group=request.group,
        resource=lambda: request.asked_for,
        purpose=request.purpose,
        starts_at=request.starts_at,
        ends_at=request.ends_at,
        **more,
    )


@transaction.atomic
def extend_use(request: ResourceRequest, *, half_hours: int, by: User, now: datetime) -> ResourceRequest:
    """Go on with what runs now, by some half hours.

    Refuses when the seat is taken meanwhile, saying from when on, and what is longer than the resource is given.
    """
    request = held_request(request, State.IN_USE)
    starts_at, ends_at = request.starts_at, request.ends_at
    runs = request.is_booking and starts_at and ends_at and starts_at <= now < ends_at
    if not runs or starts_at is None or ends_at is None:
        raise Refused(_("Only what runs now is extended. Before it begins, change its time."))
    longer = queries.longer_ends(request)
    until = ends_at + half_hours * HALF_HOUR
    if until not in longer.ends:
        raise Refused(longer.why_not)
    change_times(request, starts_at, until, by=by, now=now, tells=False)
    _tell_the_others(words.BOOKING_EXTENDED, request, by=by, now=now)
    _tell_who_said_yes(request, by=by, now=now)
    return request


# --- Whether anybody came --------------------------------------------------------------------


@transaction.atomic
def note_use(request: ResourceRequest, *, was_used: bool, by: User, now: datetime) -> ResourceRequest:
    """Say whether anybody came to a booking; one that nobody came to counts twice against the limit.

    In the 7 days after its end. The group corrects what a machine saw, or one of its own said; what a steward said, a
    steward alone. Refuses what is not over, or was given back before its end.
    """
    request = held_request(request, State.IN_USE, State.RETURNED)
    if not queries.use_can_be_noted(request, now):
        raise Refused(_("This is said in the 7 days after the end of a booking that was not given back."))
    is_steward = queries.stewards_of(request.resource).filter(pk=by.pk).exists()
    before = request.was_used
    if request.stewards_have_said and not is_steward:
        if before == was_used:
            return request
        raise Refused(_("A steward has said this already. A steward can correct it."))
    request.was_used, request.whose_word = was_used, Word.STEWARDS if is_steward else Word.GROUP
    request.save(update_fields=["was_used", "whose_word"])
    if before == was_used:
        return request
    verb = words.TOOK_PLACE if was_used else words.NOBODY_CAME
    write(verb, by=by, now=now, group=request.group, resource=request.resource)
    if not was_used:
        kind = words.NOBODY_CAME_SAY_STEWARDS if is_steward else words.NOBODY_CAME_LETTER
        _tell_the_others(kind, request, by=by, now=now, until=request.noted_until)
    return request
