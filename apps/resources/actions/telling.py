"""Telling a group, its stewards and whoever comes to its meeting how a request stands."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.groups.actions import tell_of_place
from apps.groups.policy import facilitates
from apps.groups.queries import coordinators_of
from apps.notifications.actions import write_letters
from apps.notifications.kinds import LetterKind
from apps.resources import queries, words
from apps.resources.models import ResourceRequest

State = ResourceRequest.State


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
            "resource": lambda: request.asked_for,
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
    is_booking = request.is_booking
    return {
        State.IN_USE: words.BOOKED if is_booking else words.GIVEN_UNTIL,
        State.GIVEN: words.GIVEN_FOR_GOOD,
        State.DECLINED: words.DECLINED_A_TIME if is_booking else words.DECLINED_LETTER,
        State.ENDED: words.ENDED_BOOKING if is_booking else words.ENDED_LETTER,
        State.LAPSED: words.NO_PLACE_THEN if is_booking else words.NO_PLACE,
    }[State(request.state)]


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


def tell_stewards(request: ResourceRequest, *, kind: LetterKind, by: User, now: datetime, **more: Any) -> None:
    """Tell its stewards, but for whoever did it, what became of something to which one of them said yes."""
    write_letters(
        kind,
        to=queries.stewards_of(request.resource).exclude(pk=by.pk),
        key=f"{request.pk}:{now:%Y%m%d%H%M%S}",
        link=request.get_absolute_url(),
        now=now,
        group=request.group,
        resource=lambda: request.asked_for,
        purpose=request.purpose,
        **more,
    )


def tell_who_comes(request: ResourceRequest, *, by: User | None, now: datetime) -> None:
    """The meeting for which it was booked has another place now."""
    if request.meeting:
        tell_of_place(request.meeting, by=by, now=now)
