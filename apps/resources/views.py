from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.markdown import render as render_markdown
from apps.core.web import attempt, attempt_click, form_for, not_allowed, signed_in
from apps.deadlines import queries as deadlines
from apps.groups.queries import groups_to_ask_for
from apps.resources import actions, policy, queries
from apps.resources.forms import GiveForm, ReasonForm, RequestForm
from apps.resources.models import Resource, ResourceRequest

HOURS_SHOWN = (6, 9, 12, 14, 16, 19)
WEEKS_AHEAD = 25
YEARS_SHOWN = range(2020, 2100)
State = ResourceRequest.State


def index(request: HttpRequest) -> HttpResponse:
    context = {"offers": queries.offers(timezone.now()), "wanted": queries.wanted()}
    return render(request, "resources/index.html", context)


def resource_page(request: HttpRequest, slug: str) -> HttpResponse:
    resource = get_object_or_404(Resource, slug=slug)
    if request.method == "GET" and not request.user.is_authenticated:
        return render(request, "resources/page.html", _about(request, resource))
    return ask(request, resource)


@signed_in
def ask(request: HttpRequest, resource: Resource) -> HttpResponse:
    """The same page for people who are signed in, with the form."""
    now = timezone.now()
    form = form_for(
        request, RequestForm, resource=resource, person=request.user, now=now, initial=_chosen_start(request)
    )
    if request.method == "POST" and not form.groups:
        form.add_error(None, _("Coordinators ask for their group. Form a group first: it can begin with you alone."))
    elif request.method == "POST" and form.is_valid():
        wish = attempt(form, actions.request_resource, resource, **form.wish, by=request.user, now=now)
        if wish:
            return redirect(wish)
    return render(request, "resources/page.html", {**_about(request, resource), "form": form})


def _about(request: HttpRequest, resource: Resource) -> dict[str, object]:
    now = timezone.now()
    context: dict[str, object] = {
        "resource": resource,
        "description": render_markdown(resource.description),
        "server": _server(resource),
        "stewards": list(queries.stewards_of(resource).order_by("username")),
        "has_group": request.user.is_authenticated and groups_to_ask_for(request.user, now).exists(),
        "to_answer": queries.requests_to_answer(resource) if policy.may_answer(request.user, resource) else [],
        "now": now,
    }
    if resource.is_booked_by_time:
        first_day = _first_day(request.GET.get("week"), now)
        context |= {
            "first_day": first_day,
            "days": [first_day + timedelta(days=n) for n in range(7)],
            "week": queries.free_slots(resource, first_day=first_day, now=now, hours=HOURS_SHOWN),
            "week_before": first_day - timedelta(days=7) if first_day > now else None,
            "week_after": first_day + timedelta(days=7) if first_day.date() < _last_day(now) else None,
            "chosen": _chosen_start(request).get("starts_at"),
        }
    return context


def _server(resource: Resource) -> str:
    """The host that makes it, so that everybody knows where the data lies."""
    addresses = {Resource.Provider.JITSI: settings.JITSI_URL, Resource.Provider.ETHERPAD: settings.ETHERPAD_URL}
    return urlsplit(addresses.get(Resource.Provider(resource.provider), "")).hostname or ""


def _first_day(chosen: str | None, now: datetime) -> datetime:
    """The first of the seven days to show, from today to half a year ahead."""
    try:
        day = parse_date(chosen or "") or now.date()
    except ValueError:
        day = now.date()
    return datetime.combine(min(max(day, now.date()), _last_day(now)), time(), UTC)


def _last_day(now: datetime) -> date:
    return now.date() + timedelta(weeks=WEEKS_AHEAD)


def _chosen_start(request: HttpRequest) -> dict[str, datetime]:
    """The time that was clicked in the calendar."""
    try:
        start = parse_datetime(request.GET.get("start", ""))
    except ValueError:
        start = None
    if start is None or start.tzinfo is None or start.year not in YEARS_SHOWN:
        return {}
    return {"starts_at": start}


def request_page(request: HttpRequest, pk: int) -> HttpResponse:
    wish = get_object_or_404(ResourceRequest.objects.select_related("resource", "group", "asked_by"), pk=pk)
    return _request_page(request, wish)


def _request_page(request: HttpRequest, wish: ResourceRequest, **more: object) -> HttpResponse:
    now = timezone.now()
    may_answer = policy.may_answer(request.user, wish.resource)
    may_see = policy.may_see_address(request.user, wish, now)
    waits = deadlines.waits_about(wish)
    context: dict[str, object] = {
        "wish": wish,
        "sees_address": may_see,
        "sees_details": may_answer or may_see,
        "may_answer": may_answer,
        "coordinates": policy.may_ask_for(request.user, wish.group, now),
        "may_keep": queries.can_be_kept(wish, now),
        "wait": waits[0] if waits else None,
        "ladder": waits[0].ladder(now) if waits else [],
        "give_form": GiveForm(),
        "reason_form": ReasonForm(prefix="no"),
        "now": now,
    }
    return render(request, "resources/request.html", context | more)


@signed_in
@require_POST
def give(request: HttpRequest, pk: int) -> HttpResponse:
    wish = get_object_or_404(ResourceRequest.objects.select_related("resource", "group"), pk=pk)
    if not policy.may_answer(request.user, wish.resource):
        return not_allowed(request, _("The stewards of a resource answer."))
    form = GiveForm(request.POST)
    if form.is_valid() and attempt(
        form, actions.give_resource, wish, **form.cleaned_data, by=request.user, now=timezone.now()
    ):
        messages.success(request, _("Given. The group is told."))
        return redirect(wish)
    return _request_page(request, wish, give_form=form, form=form)


@signed_in
@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    wish = get_object_or_404(ResourceRequest.objects.select_related("resource", "group"), pk=pk)
    if not policy.may_answer(request.user, wish.resource):
        return not_allowed(request, _("The stewards of a resource answer."))
    form = ReasonForm(request.POST, prefix="no")
    if form.is_valid() and attempt(
        form, actions.decline_request, wish, answer=form.cleaned_data["answer"], by=request.user, now=timezone.now()
    ):
        messages.success(request, _("Declined. The group is told why."))
        return redirect(wish)
    return _request_page(request, wish, reason_form=form, form=form)


@signed_in
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    wish = get_object_or_404(ResourceRequest.objects.select_related("resource", "group"), pk=pk)
    if not policy.may_answer(request.user, wish.resource):
        return not_allowed(request, _("The stewards of a resource end a use."))
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
        return not_allowed(request, _("Coordinators give back what their group has."))
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
        return not_allowed(request, _("Coordinators say whether their group still needs it."))
    attempt_click(request, actions.keep_using, wish, by=request.user, now=timezone.now(), done=_("It stays yours."))
    return redirect(wish)
