from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from apps.core.web import HtmxRequest, attempt, attempt_click, not_allowed, signed_in
from apps.deadlines import queries as deadlines
from apps.resources import actions, policy, queries
from apps.resources.forms import GiveForm, ReasonForm
from apps.resources.models import ResourceRequest
from apps.resources.views.ways_on import back_to_request


@never_cache
def request_page(request: HtmxRequest, pk: int) -> HttpResponse:
    wish = get_object_or_404(ResourceRequest.objects.select_related(*queries.SHOWN_WITH), pk=pk)
    if request.htmx and request.htmx.target == "place":
        return _place_state(request, wish)
    return _request_page(request, wish)


def _place_state(request: HttpRequest, wish: ResourceRequest) -> HttpResponse:
    """For a page that is open: where it is or how far it is, when that is another thing than what stands there."""
    now = timezone.now()
    place = queries.place_shown(wish, request.user, now)
    if request.GET.get("seen") == place.mark:
        return HttpResponse(status=204)
    return render(request, "resources/place.html#state", {"place": place, "wish": wish, "now": now})


def _request_page(request: HttpRequest, wish: ResourceRequest, **more: object) -> HttpResponse:
    now = timezone.now()
    may_answer = policy.may_answer(request.user, wish.resource)
    may_see = policy.may_see_address(request.user, wish, now)
    waits = deadlines.waits_about(wish)
    context: dict[str, object] = {
        "wish": wish,
        "place": queries.place_shown(wish, request.user, now),
        "sees_details": may_answer or may_see,
        "may_answer": may_answer,
        "coordinates": policy.may_ask_for(request.user, wish.group, now),
        "may_keep": queries.can_be_kept(wish, now),
        "may_say_still_wanted": bool(waits) and queries.can_still_be_wanted(wish, waits[0].silence_at, now),
        "wait": waits[0] if waits else None,
        "ladder": waits[0].ladder(now) if waits else [],
        "making": [wait for job in queries.open_jobs().filter(key=wish.key) for wait in deadlines.waits_about(job)],
        **_booking_shown(wish, now),
        "give_form": GiveForm(resource=wish.resource),
        "reason_form": ReasonForm(prefix="no"),
        "jobs": queries.failing_jobs_of(wish) if may_answer else [],
        "now": now,
    }
    return render(request, "resources/request.html", context | more)


def _booking_shown(wish: ResourceRequest, now: datetime) -> dict[str, object]:
    """What the page says of a time: its place in the line, its series, how long it can go on, whether anybody came."""
    state, is_booking = ResourceRequest.State(wish.state), wish.is_booking
    has_begun = wish.starts_at is not None and wish.starts_at <= now
    runs = is_booking and state == state.IN_USE and has_begun and wish.ends_at is not None and wish.ends_at > now
    series = queries.series_of(wish)
    return {
        "in_line": queries.place_in_line(wish) if state == state.WAITING else 0,
        "series": series,
        "left": [date for date in series if _goes_back(date, wish, now)],
        "may_change": is_booking and state in actions.CHANGEABLE and not has_begun and not queries.why_it_stays(wish),
        "longer": queries.longer_ends(wish) if runs else None,
        "may_note": queries.use_can_be_noted(wish, now),
        "follows": wish.meeting if wish.meeting and wish.meeting.state == wish.meeting.State.PLANNED else None,
    }


def _goes_back(date: ResourceRequest, wish: ResourceRequest, now: datetime) -> bool:
    """Whether a date of a series is given back with this one and all later ones."""
    if date.starts_at is None or wish.starts_at is None or date.state not in actions.CHANGEABLE:
        return False
    return date.starts_at > now and date.starts_at >= wish.starts_at


@signed_in
@require_POST
def give(request: HttpRequest, pk: int) -> HttpResponse:
    wish = get_object_or_404(ResourceRequest.objects.select_related("resource", "group"), pk=pk)
    if not policy.may_answer(request.user, wish.resource):
        return not_allowed(request, _("The stewards of a resource answer."), back_to_request(wish))
    form = GiveForm(request.POST, resource=wish.resource)
    if form.is_valid() and (
        given := attempt(form, actions.give_resource, wish, **form.given, by=request.user, now=timezone.now())
    ):
        waits = _("There is no free place for it: it is given as soon as there is. The group is told.")
        messages.success(request, _("Given. The group is told.") if given.is_held else waits)
        return redirect(_way_back(request, wish))
    return _request_page(request, wish, give_form=form, form=form)


def _way_back(request: HttpRequest, wish: ResourceRequest) -> str:
    """To the page on which it was answered: that of the resource has all that waits."""
    return (wish.resource if "from_resource" in request.POST else wish).get_absolute_url()


@signed_in
@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    wish = get_object_or_404(ResourceRequest.objects.select_related("resource", "group"), pk=pk)
    if not policy.may_answer(request.user, wish.resource):
        return not_allowed(request, _("The stewards of a resource answer."), back_to_request(wish))
    form = ReasonForm(request.POST, prefix="no")
    if form.is_valid() and attempt(
        form, actions.decline_request, wish, answer=form.cleaned_data["answer"], by=request.user, now=timezone.now()
    ):
        messages.success(request, _("Declined. The group is told why."))
        return redirect(_way_back(request, wish))
    return _request_page(request, wish, reason_form=form, form=form)


@signed_in
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    wish = get_object_or_404(ResourceRequest.objects.select_related("resource", "group"), pk=pk)
    if not policy.may_answer(request.user, wish.resource):
        return not_allowed(request, _("The stewards of a resource end a use."), back_to_request(wish))
    form = ReasonForm(request.POST, prefix="no")
    if form.is_valid() and attempt(
        form, actions.end_use, wish, reason=form.cleaned_data["answer"], by=request.user, now=timezone.now()
    ):
        messages.success(request, _("Ended. The group is told why."))
        return redirect(wish)
    return _request_page(request, wish, reason_form=form, form=form)


@signed_in
@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    wish = get_object_or_404(ResourceRequest.objects.select_related("resource", "group"), pk=pk)
    if not policy.may_ask_for(request.user, wish.group, timezone.now()):
        return not_allowed(request, _("Coordinators give back what their group has."), back_to_request(wish))
    attempt_click(
        request,
        actions.give_back,
        wish,
        by=request.user,
        now=timezone.now(),
        done=_("Thank you. It is free for others now."),
    )
    return redirect(wish)


@signed_in
@require_POST
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    wish = get_object_or_404(ResourceRequest.objects.select_related("resource", "group"), pk=pk)
    if not policy.may_ask_for(request.user, wish.group, timezone.now()):
        return not_allowed(request, _("Coordinators say whether their group still needs it."), back_to_request(wish))
    attempt_click(request, actions.keep_using, wish, by=request.user, now=timezone.now(), done=_("It stays yours."))
    return redirect(wish)
