"""Asking for a resource: for one time or for several."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.groups.models import Group, Meeting
from apps.record.actions import write
from apps.resources import queries, words
from apps.resources.actions.giving import (
    State,
    give_or_wait,
    let_line_go_first,
)
from apps.resources.actions.limits import refuse_over_limit, refuse_too_many, refuse_unsuited
from apps.resources.actions.passing_on import (
    ask_stewards,
    pass_on,
)
from apps.resources.models import Resource, ResourceRequest


@transaction.atomic
def request_resource(
    resource: Resource,
    *,
    group: Group,
    purpose: str,
    details: str = "",
    quantity: int = 1,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    meeting: Meeting | None = None,
    may_wait: bool = True,
    by: User,
    now: datetime,
) -> ResourceRequest:
    """Ask for a resource, or for several places of it (`quantity`), all at the same time.

    Self-service is given at once, otherwise its stewards owe an answer.

    A full resource puts the group on its waiting list, or refuses unless it `may_wait`. The resource's row is held
    while seats are counted, so there are never two groups in one seat, on both databases. Refuses times that cannot
    be, limits that are reached, and the second click.
    """
    resource = _hold(resource, now=now)
    refuse_unsuited(resource, group, now=now)
    refuse_too_many(resource, quantity)
    if resource.is_booked_by_time:
        if starts_at is None or ends_at is None:
            raise Refused(_("Say when it begins and how long it lasts."), field="starts_at")
        times = [(starts_at, ends_at)]
    else:
        if queries.asked_just_now(resource, group, purpose=purpose, details=details, now=now).exists():
            raise Refused(_("Your group has asked for this already, a moment ago."), field="purpose")
        refuse_over_limit(resource, group, quantity=quantity, now=now)
        times = []
    wish = ResourceRequest(
        resource=resource, group=group, purpose=purpose, details=details, quantity=quantity, meeting=meeting,
        asked_at=now, asked_by=by,
    )  # fmt: skip
    [request] = _ask_for_times(wish, times, may_wait=may_wait, now=now) if times else [_ask_without_time(wish, now=now)]
    return request


@transaction.atomic
def request_dates(
    resource: Resource,
    *,
    group: Group,
    purpose: str,
    details: str = "",
    quantity: int = 1,
    times: Iterable[queries.Span],
    zone: str = "UTC",
    may_wait: bool,
    by: User,
    now: datetime,
) -> list[ResourceRequest]:
    """Ask for several times in one act, holding the resource once: all of it happens, or nothing.

    Full ones go to the waiting list, each for itself, or are left out unless they `may_wait`. When the series moves, it
    stays on the clock of its `zone`, whoever moves it. Refuses too many dates,
    any that cannot be or is over the limit, and when nothing would be left.
    """
    times = list(times)
    if not times:
        raise Refused(_("Choose at least one date."))
    if len(times) > queries.MOST_DATES:
        most = queries.MOST_DATES
        raise Refused(
            ngettext("At most %(most)d date at once.", "At most %(most)d dates at once.", most) % {"most": most}
        )
    resource = _hold(resource, now=now)
    refuse_unsuited(resource, group, now=now)
    refuse_too_many(resource, quantity)
    wish = ResourceRequest(
        resource=resource, group=group, purpose=purpose, details=details, quantity=quantity, zone=zone, asked_at=now,
        asked_by=by,
    )  # fmt: skip
    return _ask_for_times(wish, times, may_wait=may_wait, now=now)


def _hold(resource: Resource, *, now: datetime) -> Resource:
    resource = Resource.objects.select_for_update(no_key=True).get(pk=resource.pk)
    let_line_go_first(resource, now=now)
    return resource


def _ask_without_time(wish: ResourceRequest, *, now: datetime) -> ResourceRequest:
    if wish.resource.lasts_days:
        wish.starts_at, wish.ends_at = now, now + timedelta(days=wish.resource.lasts_days)
    write(words.ASKED, by=wish.asked_by, now=now, group=wish.group, resource=wish.resource)
    return enter(wish, now=now)


def _ask_for_times(
    wish: ResourceRequest, times: Iterable[queries.Span], *, may_wait: bool, now: datetime
) -> list[ResourceRequest]:
    """One request for each time, of a resource whose row is held."""
    resource = wish.resource
    outcomes = queries.look_ahead(resource, wish.group, times, now=now, quantity=wish.quantity, full_count=may_wait)
    for outcome in outcomes:
        if not outcome.can_be_had:
            raise Refused(outcome.why, field=outcome.field)
    wanted = [outcome for outcome in outcomes if outcome.is_free or may_wait]
    if not wanted:
        raise Refused(outcomes[0].why, field="starts_at")
    write(words.ASKED, by=wish.asked_by, now=now, group=wish.group, resource=resource)
    series = secrets.token_hex(12) if len(wanted) > 1 else ""
    return [
        enter(
            wish_at(wish, outcome.starts_at, outcome.ends_at, series),
            now=now,
            dates=len(wanted) if outcome is wanted[0] else 0,
        )
        for outcome in wanted
    ]


def wish_at(wish: ResourceRequest, starts_at: datetime, ends_at: datetime, series: str = "") -> ResourceRequest:
    """The same wish for another time, not saved yet."""
    return ResourceRequest(
        resource=wish.resource,
        group=wish.group,
        purpose=wish.purpose,
        details=wish.details,
        quantity=wish.quantity,
        meeting=wish.meeting,
        asked_at=wish.asked_at,
        asked_by=wish.asked_by,
        starts_at=starts_at,
        ends_at=ends_at,
        series=series,
        zone=wish.zone,
    )


def enter(request: ResourceRequest, *, now: datetime, dates: int = 1) -> ResourceRequest:
    """Give it, let it wait, or ask the stewards, who get one letter for all `dates` of a series, with the first."""
    request.key, request.state = secrets.token_hex(12), State.ASKED
    if request.resource.policy == Resource.Policy.SELF_SERVICE:
        return give_or_wait(request, now=now)
    if not queries.stewards_of(request.resource).exists():
        return pass_on(request, now=now)
    request.save()
    ask_stewards(request, now=now, dates=dates)
    return request
