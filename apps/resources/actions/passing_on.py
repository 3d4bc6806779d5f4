"""Who is asked: the stewards of one offer, then those of the next, and in the end everybody."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from apps.deadlines.actions import cancel_deadline, open_deadline
from apps.deadlines.models import Deadline
from apps.notifications.actions import write_letters
from apps.notifications.kinds import LetterKind
from apps.record.actions import write
from apps.resources import queries, words
from apps.resources.actions.giving import close, let_wait, move_to, move_up, take_seat, time_has_come
from apps.resources.actions.telling import tell_coordinators, tell_where_it_went
from apps.resources.actions.wanting import put_up_as_wanted
from apps.resources.deadlines import ANSWER, WAIT_FOR_SEAT
from apps.resources.models import Resource, ResourceRequest

State = ResourceRequest.State


def pass_on(request: ResourceRequest, *, now: datetime) -> ResourceRequest:
    """Put it before the next offer that suits; without one it is wanted, and once its time has come it lapses."""
    request.silent = [*request.silent, request.resource_id]
    # A yes of one offer is none of another.
    request.address, request.answer, request.answered_at, request.answered_by = "", "", None, None
    if time_has_come(request, now=now):
        close(request, State.LAPSED, now=now)
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
    moved = [request for request in wishes.order_by("asked_at", "pk") if not time_has_come(request, now=now)]
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


def answered_before(request: ResourceRequest) -> datetime | None:
    """When an answer is of no use any more: once the time has come that was asked for."""
    return request.starts_at if request.is_booking else None


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
        resource=lambda: request.asked_for,
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
    if not request.is_booking:
        return words.STEWARDS_ASKED
    return words.STEWARDS_ASKED_FOR_A_SERIES if dates > 1 else words.STEWARDS_ASKED_FOR_A_TIME


def _page_of_stewards(resource: Resource) -> str:
    return reverse("resources:stewards", args=[resource.slug])
