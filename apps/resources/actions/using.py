"""Giving a resource or letting wait for it, answering, using it and giving it back."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline, meet_deadline, open_deadline
from apps.deadlines.models import Deadline
from apps.deadlines.rules import Rule
from apps.groups.actions import tell_of_place
from apps.groups.policy import facilitates
from apps.groups.queries import coordinators_of
from apps.notifications.actions import write_letters
from apps.notifications.kinds import LetterKind
from apps.record.actions import write
from apps.resources import queries, words
from apps.resources.actions import making, stuck
from apps.resources.actions.wanting import put_up_as_wanted
from apps.resources.deadlines import ANSWER, END_OF_BOOKING, STILL_IN_USE, STILL_WANTED, WAIT_FOR_SEAT
from apps.resources.models import Resource, ResourceRequest

State = ResourceRequest.State
OPEN = (State.IN_USE, State.ASKED, State.WAITING, State.WANTED)

# How long a wish without a time of its own stays on the waiting list.
LONGEST_WAIT = timedelta(days=90)


def give_or_wait(request: ResourceRequest, *, now: datetime) -> ResourceRequest:
    """Give a seat that is free in the whole time; otherwise put the wish on the waiting list."""
    return give(request, now=now) if has_free_seat(request) else let_wait(request, now=now)


def let_wait(request: ResourceRequest, *, now: datetime) -> ResourceRequest:
    """Put a wish on the waiting list: until its time has come, or for 90 days where it has none."""
    request.state = State.WAITING
    request.save()
    lapses_at = request.starts_at if request.resource.is_booked_by_time else now + LONGEST_WAIT
    open_deadline(WAIT_FOR_SEAT, request, now=now, ends_at=lapses_at)
    return request


def _begin_now(request: ResourceRequest, *, now: datetime) -> None:
    """What has no time of its own lasts from the moment at which it is given."""
    if request.starts_at and request.ends_at and not request.resource.is_booked_by_time:
        request.starts_at, request.ends_at = now, now + (request.ends_at - request.starts_at)


def has_free_seat(request: ResourceRequest, seats: queries.Seats | None = None) -> bool:
    """Whether a seat is free in its whole time; asked only while the row of its resource is held."""
    if request.resource.is_pool:
        return queries.link_for(request) is not None
    capacity = request.resource.capacity
    if capacity is None or request.starts_at is None or request.ends_at is None:
        return True
    if seats is None:
        seats = queries.seats_between(request.resource, request.starts_at, request.ends_at)
    return seats.most(request.starts_at, request.ends_at) < capacity


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
    return END_OF_BOOKING if request.resource.is_booked_by_time else STILL_IN_USE


def answered_before(request: ResourceRequest) -> datetime | None:
    """When an answer is of no use any more: once the time has come that was asked for."""
    return request.starts_at if request.resource.is_booked_by_time else None


def ask_stewards(request: ResourceRequest, *, now: datetime, dates: int = 1) -> Deadline:
    """From now on its stewards owe an answer, before its time if it has one.

    Their letter is about so many `dates` of a series; about none, it is not written.
    """
    deadline = open_deadline(ANSWER, request, now=now, ends_at=answered_before(request))
    if not dates:
        return deadline
    more = dates - 1
    write_letters(
        _asked_for(request, dates),
        to=queries.stewards_of(request.resource),
        key=str(deadline.pk),
        link=_page_of_stewards(request.resource) if more else request.get_absolute_url(),
        now=now,
        deadline=deadline,
        group=request.group,
        resource=lambda: request.resource.name,
        purpose=request.purpose,
        starts_at=request.starts_at,
        ends_at=request.ends_at,
        more=lambda: ngettext("on %(count)d more date", "on %(count)d more dates", more) % {"count": more},
        due_at=deadline.due_at,
        silence_at=ANSWER.rung_times(now, deadline.ends_at)[-1][2],
        silence=lambda: ANSWER.silence_words(request),
    )
    return deadline


def _asked_for(request: ResourceRequest, dates: int) -> LetterKind:
    if not request.resource.is_booked_by_time:
        return words.STEWARDS_ASKED
    return words.STEWARDS_ASKED_FOR_A_SERIES if dates > 1 else words.STEWARDS_ASKED_FOR_A_TIME


def _page_of_stewards(resource: Resource) -> str:
    return reverse("resources:stewards", args=[resource.slug])


# --- Answering --------------------------------------------------------------------------------


@transaction.atomic
def give_resource(request: ResourceRequest, *, address: str, answer: str, by: User, now: datetime) -> ResourceRequest:
    """A steward gives it, with an address or words that say how to use it.

    Where every place is taken the yes holds: it is on the waiting list, and given as soon as a place comes free.
    Refuses a time that is over.
    """
    request = held_request(request, State.ASKED)
    if request.resource.is_booked_by_time and request.ends_at and request.ends_at <= now:
        raise Refused(_("This time is over. Decline, and say what else could help."))
    let_line_go_first(request.resource, now=now)
    _begin_now(request, now=now)
    meet_deadline(ANSWER, request, now=now, by=by, outcome="given")
    request.address, request.answer, request.answered_by = address, answer, by
    if has_free_seat(request):
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
    if queries.silence_may_give(request.resource) and not _time_has_come(request, now=now):
        let_line_go_first(request.resource, now=now)
        _begin_now(request, now=now)
        if has_free_seat(request):
            give(request, now=now)
            tell_answer(request, now=now)
            return
    silent = request.resource
    pass_on(request, now=now)
    tell_where_it_went(request, kind=words.MOVED_ON, key=str(lapsed.pk), now=now, resource=lambda: silent.name)


def pass_on_open_wishes(resource: Resource, *, reason: str = "", now: datetime) -> None:
    """Nobody answers at a resource any more: what waits for it goes on, and each group is told where to.

    The caller holds the resource.
    """
    waiting = resource.requests.select_for_update(of=("self",), no_key=True).select_related("resource", "group")
    for request in waiting.filter(state__in=[State.ASKED, State.WAITING]).order_by("asked_at", "pk"):
        for rule in (ANSWER, WAIT_FOR_SEAT):
            cancel_deadline(rule, request, now=now)
        request.resource = resource
        pass_on(request, now=now)
        key = f"{resource.pk}:{now.isoformat()}"
        tell_where_it_went(request, kind=words.WENT_ON, key=key, now=now, quote=reason, resource=lambda: resource.name)


def follow_policy(resource: Resource, *, now: datetime) -> None:
    """Wishes go along when the policy of their offer has changed; the caller holds it.

    Given at once from now on: what its stewards had to answer joins the waiting list, in the order of asking, and moves
    up. Not any more: what waits without a yes is before its stewards, or goes on where there are none. Whose time has
    come is left to the clock.
    """
    is_at_once = resource.policy == Resource.Policy.SELF_SERVICE
    if not is_at_once and not queries.stewards_of(resource).exists():
        pass_on_open_wishes(resource, now=now)
        return
    held = resource.requests.select_for_update(of=("self",), no_key=True).select_related("resource", "group")
    wishes = held.filter(state=State.ASKED) if is_at_once else held.filter(state=State.WAITING, answered_by=None)
    moved = [request for request in wishes.order_by("asked_at", "pk") if not _time_has_come(request, now=now)]
    for request in moved:
        cancel_deadline(ANSWER if is_at_once else WAIT_FOR_SEAT, request, now=now)
        if is_at_once:
            let_wait(request, now=now)
        else:
            request.state = State.ASKED
            request.save()
            ask_stewards(request, now=now)
    move_up(resource, now=now)
    what_now = (
        gettext_lazy("it is on the waiting list, and moves up by itself.")
        if is_at_once
        else gettext_lazy("its stewards answer now.")
    )
    for request in held.filter(pk__in=[one.pk for one in moved]).exclude(state=State.IN_USE):
        tell_coordinators(request, now=now, kind=words.OTHER_POLICY, key=f"policy:{now.isoformat()}", what_now=what_now)


def pass_on(request: ResourceRequest, *, now: datetime) -> ResourceRequest:
    """Put it before the next offer that suits; without one it is wanted, and once its time has come it lapses."""
    request.silent = [*request.silent, request.resource_id]
    # A yes of one offer is none of another.
    request.address, request.answer, request.answered_at, request.answered_by = "", "", None, None
    if _time_has_come(request, now=now):
        _close(request, State.LAPSED, now=now)
        return request
    for offer in queries.next_offers(request, now):
        if _put_before(request, offer, now=now):
            return request
    return put_up_as_wanted(request, now=now)


def _put_before(request: ResourceRequest, offer: Resource, *, now: datetime) -> bool:
    """Ask the stewards of another offer, or take what it gives at once; False where it has no place."""
    if offer.policy != Resource.Policy.SELF_SERVICE:
        move_to(offer, request, now=now)
        request.state = State.ASKED
        request.save()
        write(words.PASSED_ON, by=None, now=now, group=request.group, resource=offer)
        ask_stewards(request, now=now)
        return True
    # Another resource is held already; whoever holds this one may wait for that, so that nobody waits here.
    held = Resource.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=offer.pk).first()
    return held is not None and take_seat(request, held, now=now)


def take_seat(request: ResourceRequest, resource: Resource, *, now: datetime) -> bool:
    """Give a wish a seat of another resource, which the caller holds; False, and nothing changed, without one."""
    before = request.resource, request.starts_at, request.ends_at
    let_line_go_first(resource, now=now)
    move_to(resource, request, now=now)
    if not has_free_seat(request):
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


def _time_has_come(request: ResourceRequest, *, now: datetime) -> bool:
    return request.resource.is_booked_by_time and request.starts_at is not None and request.starts_at <= now


def tell_where_it_went(request: ResourceRequest, *, kind: LetterKind, key: str, now: datetime, **more: Any) -> None:
    """Tell the group what became of a wish that was passed on; `resource` in `more` names the offer that it left."""
    tell_coordinators(request, now=now, kind=kind, key=key, what_now=lambda: _where_it_went(request), **more)


def _where_it_went(request: ResourceRequest) -> str:
    sentences = {
        State.ASKED: _("The stewards of “%(resource)s” are asked now."),
        State.WANTED: _("It stands under “wanted” now, where anybody can offer it."),
        State.LAPSED: _("Its time has come meanwhile, so that nobody is asked any more."),
    }
    given = _("Another offer gave it at once: “%(resource)s”.")
    return sentences.get(State(request.state), given) % {"resource": request.resource.name}


# --- Using and giving back --------------------------------------------------------------------


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
    was_in_use = request.state == State.IN_USE
    for rule in (ANSWER, WAIT_FOR_SEAT, STILL_WANTED):
        cancel_deadline(rule, request, now=now, by=by)
    meet_deadline(use_rule(request), request, now=now, by=by, outcome="given back")
    _close(request, State.RETURNED if was_in_use else State.TAKEN_BACK, now=now)
    if was_in_use:
        write(words.RETURNED, by=by, now=now, group=request.group, resource=request.resource)
        if tells:
            tell_who_comes(request, by=by, now=now)
        move_up(request.resource, now=now)
    return request


@transaction.atomic
def end_use(request: ResourceRequest, *, reason: str, by: User, now: datetime) -> ResourceRequest:
    """A steward ends a use at once, with a reason."""
    request = held_request(request, State.IN_USE)
    cancel_deadline(use_rule(request), request, now=now, by=by)
    request.answer, request.answered_by, request.answered_at = reason, by, now
    _close(request, State.ENDED, now=now)
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
    _close(request, State.RETURNED, now=now)
    write(words.RETURNED_BY_SILENCE, by=None, now=now, group=request.group, resource=request.resource)
    if request.resource.lasts_days:
        tell_coordinators(request, now=now, kind=words.USE_ENDED, key="ended")
    move_up(request.resource, now=now)


@WAIT_FOR_SEAT.when_silent
@transaction.atomic
def let_wish_lapse(request: ResourceRequest, *, now: datetime) -> None:
    """The time that was wished for has come and no place came free."""
    request = held_request(request, State.WAITING)
    _close(request, State.LAPSED, now=now)
    tell_answer(request, now=now)


def move_up(resource: Resource, *, now: datetime) -> None:
    """Give places that came free to the waiting list, in the order of asking; seats are counted once for all."""
    about = ("resource", "group", "meeting")
    waiting = [one for one in queries.waiting_list(resource).select_related(*about) if _is_given_in_its_turn(one)]
    for request in waiting:
        _begin_now(request, now=now)
    waiting = [request for request in waiting if request.ends_at is None or request.ends_at > now]
    times = [at for request in waiting for at in (request.starts_at, request.ends_at) if at]
    seats = queries.seats_between(resource, min(times), max(times)) if times else None
    for request in waiting:
        if has_free_seat(request, seats):
            give_in_its_turn(request, now=now)
            tell_who_comes(request, by=None, now=now)
            if seats and request.starts_at and request.ends_at:
                seats.add(request.starts_at, request.ends_at)
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


def tell_who_comes(request: ResourceRequest, *, by: User | None, now: datetime) -> None:
    """The meeting for which it was booked has another place now."""
    if request.meeting:
        tell_of_place(request.meeting, by=by, now=now)


def _close(request: ResourceRequest, state: ResourceRequest.State, *, now: datetime) -> None:
    """Close it, and have ended what a machine made, or what people did."""
    left_to_people = stuck.what_people_end(request, now=now)
    request.state, request.closed_at = state, now
    making.finish(request, now=now)
    request.save()
    if left_to_people is not None:
        stuck.ask_stewards_to_end(request, left_to_people, now=now)


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


def tell_coordinators(
    request: ResourceRequest, *, now: datetime, kind: LetterKind, key: str, to: Iterable[User] = (), **more: Any
) -> None:
    """Tell its group how a request stands, and whoever else is named in `to`."""
    write_letters(
        kind,
        to=[*coordinators_of(request.group), *to],
        now=now,
        **{
            "key": f"{request.pk}:{key}",
            "link": request.get_absolute_url(),
            "group": request.group,
            "resource": lambda: request.resource.name,
            "purpose": request.purpose,
            "starts_at": request.starts_at,
            "ends_at": request.ends_at,
            **more,
        },
    )


def tell_answer(request: ResourceRequest, *, now: datetime) -> None:
    """Tell the group, and the facilitator who asked for it, what became of its request.

    The same wish can be answered twice, in the same way: what was given and never made goes on to the next offer.
    """
    about: dict[str, Any] = {"quote": request.answer}
    if request.state == State.LAPSED:
        about["link"] = queries.page_to_ask_again(request)
    asked = [request.asked_by] if facilitates(request.asked_by, request.group, now) else []
    key = f"{request.state}:{now.isoformat()}"
    tell_coordinators(request, now=now, kind=_answer_in_words(request), key=key, to=asked, **about)


def _answer_in_words(request: ResourceRequest) -> LetterKind:
    is_booking = request.resource.is_booked_by_time
    return {
        State.IN_USE: words.BOOKED if is_booking else words.GIVEN_UNTIL,
        State.GIVEN: words.GIVEN_FOR_GOOD,
        State.DECLINED: words.DECLINED_A_TIME if is_booking else words.DECLINED_LETTER,
        State.ENDED: words.ENDED_BOOKING if is_booking else words.ENDED_LETTER,
        State.LAPSED: words.NO_PLACE_THEN if is_booking else words.NO_PLACE,
    }[State(request.state)]


def tell_stewards(request: ResourceRequest, *, kind: LetterKind, by: User, now: datetime, **more: Any) -> None:
    """Tell its stewards, but for whoever did it, what became of something to which one of them said yes."""
    write_letters(
        kind,
        to=queries.stewards_of(request.resource).exclude(pk=by.pk),
        key=f"{request.pk}:{now:%Y%m%d%H%M%S}",
        link=request.get_absolute_url(),
        now=now,
        group=request.group,
        resource=lambda: request.resource.name,
        purpose=request.purpose,
        **more,
    )
