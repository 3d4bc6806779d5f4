import re
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from apps.core.languages import language
from apps.core.markdown import render as render_markdown
from apps.core.web import HtmxRequest, attempt, form_for, signed_in
from apps.groups.models import Group, Meeting
from apps.groups.queries import groups_to_ask_for
from apps.people.policy import may_grant_roles
from apps.resources import actions, policy, queries
from apps.resources.forms import CatalogueForm, RequestForm, answer_forms
from apps.resources.models import Resource, ResourceRequest
from apps.resources.views.choosing import (
    DatesShown,
    calendar_shown,
    chosen_start,
    date_chosen,
    dates_shown,
    made_words,
    was_shown,
)

HOUR = timedelta(hours=1)
WISHES_SHOWN = 100


def index(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    groups = groups_to_ask_for(request.user, now) if request.user.is_authenticated else []
    form = CatalogueForm(
        request.GET, kinds=queries.kinds_on_offer(), languages=queries.languages_on_offer(), groups=groups
    )
    chosen = queries.Chosen(**form.known)
    found = list(queries.wanted()[: WISHES_SHOWN + 1])
    context = {
        "form": form,
        "chosen": chosen,
        "is_filtered": chosen != queries.EVERYTHING,
        "offers": queries.offers(now, chosen),
        "wanted": found[:WISHES_SHOWN],
        "more_wanted": len(found) > WISHES_SHOWN,
        "now": now,
    }
    return render(request, "resources/index.html", context)


@vary_on_headers("HX-Request")
def resource_page(request: HtmxRequest, slug: str) -> HttpResponse:
    resource = get_object_or_404(Resource.objects.select_related("affiliate"), slug=slug)
    if request.method == "GET" and not request.user.is_authenticated:
        return render(request, "resources/page.html", _about(request, resource))
    return ask(request, resource)


@signed_in
def ask(request: HtmxRequest, resource: Resource) -> HttpResponse:
    """The same page for people who are signed in, with the form. What is only looked at (`look`) is not written."""
    now = timezone.now()
    initial = _initial(request, resource, now)
    form = form_for(request, RequestForm, resource=resource, person=request.user, now=now, initial=initial)
    looks = "look" in request.POST
    if request.method == "POST" and not form.groups:
        form.add_error(None, _("Coordinators ask for their group. Form a group first: it can begin with you alone."))
    elif request.method == "POST" and form.is_valid() and not looks and (made := _ask_for(request, form, now)):
        return redirect(made)
    shown = {"form": form, "dates": _dates(request, form, initial, now), "looks": looks}
    shown["is_shown_first"] = bool(form.is_bound and not looks and not form.errors and shown["dates"])
    if request.htmx and looks:
        return render(request, "resources/page.html#chosen", {"resource": resource, "now": now, **shown})
    return render(request, "resources/page.html", {**_about(request, resource), **shown})


def _ask_for(request: HtmxRequest, form: RequestForm, now: datetime) -> ResourceRequest | None:
    """Ask for what the form says: a full time only with "wait", the dates of a series only once they were shown."""
    about = {**form.wish, "by": request.user, "now": now}
    if not form.resource.is_booked_by_time:
        return attempt(form, actions.request_resource, form.resource, **about)
    if not form.is_series:
        starts_at, ends_at = form.times[0].span
        about |= {"starts_at": starts_at, "ends_at": ends_at, "may_wait": "wait" in request.POST}
        return attempt(form, actions.request_resource, form.resource, **about)
    if not was_shown(form, request.POST):
        return None
    times = [date.span for date in dates_shown(form, request.POST, now=now).to_have]
    about |= {"times": times, "zone": str(timezone.get_current_timezone())}
    may_wait = request.POST.get("full") != "leave"
    made = attempt(form, actions.request_dates, form.resource, may_wait=may_wait, **about)
    if made is None:
        return None
    messages.success(request, made_words(made))
    return made[0]


def _dates(request: HtmxRequest, form: RequestForm, initial: dict[str, Any], now: datetime) -> DatesShown | None:
    """What would become of the times that were typed, or clicked in the calendar."""
    if not form.resource.is_booked_by_time or not form.groups:
        return None
    if form.is_bound:
        return dates_shown(form, request.POST, now=now)
    return date_chosen(form, initial, now=now) if chosen_start(request) else None


@require_safe
def of_kind(request: HttpRequest, kind: str) -> HttpResponse:
    """To the first offer of a kind that is given at once; what it is for goes along."""
    offer = queries.self_service(kind).first()
    if offer is None:
        return redirect("resources:index")
    query = request.META["QUERY_STRING"]
    return redirect(f"{offer.get_absolute_url()}{'?' if query else ''}{query}#form")


def _about(request: HttpRequest, resource: Resource) -> dict[str, object]:
    now = timezone.now()
    is_steward = policy.may_answer(request.user, resource)
    to_answer = list(queries.requests_to_answer(resource)) if is_steward else []
    context: dict[str, object] = {
        "resource": resource,
        "description": render_markdown(resource.description),
        "server": queries.host_name_of(resource),
        "opens_before": queries.opens_before(resource),
        "stewards": list(queries.stewards_of(resource).order_by("username")),
        "has_group": request.user.is_authenticated and groups_to_ask_for(request.user, now).exists(),
        "is_steward": is_steward,
        "is_affiliate_confirmed": queries.is_affiliate_confirmed(resource),
        "for_whom": queries.for_whom(resource),
        "most_in_one_wish": queries.most_of(resource),
        "languages": [language(code) for code in resource.languages],
        "may_withdraw": is_steward or may_grant_roles(request.user, now),
        "jobs": queries.jobs_for_stewards(resource) if is_steward else [],
        "to_answer": [(wish, *answer_forms(wish)) for wish in to_answer],
        "now": now,
    }
    if queries.has_calendar(resource):
        context |= {"has_calendar": True, **calendar_shown(request, resource, now)}
    return context


def _initial(request: HttpRequest, resource: Resource, now: datetime) -> dict[str, Any]:
    """What is known already: the time that was clicked, or the next free one; the group; the meeting it is for.

    `chosen` names what the link to this page chose: it is newer than what was typed before. The links of the calendar
    choose a time alone, and carry the rest along as it came.
    """
    brought = {"starts_at"} if chosen_start(request) else set()
    if not {"week", "month"} & request.GET.keys():
        brought |= {"group", "purpose", "hours", "quantity"} & request.GET.keys()
    initial: dict[str, Any] = {"chosen": brought}
    groups = groups_to_ask_for(request.user, now)
    meeting = _meeting_of(request, groups, now)
    if meeting:
        initial |= {"group": str(meeting.group_id), "purpose": meeting.title}
    elif (slug := request.GET.get("group", "").replace("\0", "")) and (group := groups.filter(slug=slug).first()):
        initial["group"] = str(group.pk)
    if purpose := request.GET.get("purpose", "").replace("\0", "")[:200]:
        initial["purpose"] = purpose
    quantity = request.GET.get("quantity", "")
    if quantity in {str(n) for n in range(1, queries.most_of(resource) + 1)}:
        initial["quantity"] = quantity
    if not resource.is_booked_by_time or request.method == "POST":
        return initial
    hours = request.GET.get("hours", "")
    if hours in {str(n / 2) for n in range(1, (resource.max_hours or 1) * 2 + 1)}:
        initial["hours"] = hours
    if start := chosen_start(request) or (meeting.starts_at if meeting else None):
        return initial | {"starts_at": start}
    free_at = queries.next_free(resource, HOUR, now=queries.asked_in_time_from(resource, now))
    return initial | ({"starts_at": free_at} if free_at else {})


def _meeting_of(request: HttpRequest, groups: QuerySet[Group], now: datetime) -> Meeting | None:
    pk = request.GET.get("meeting", "")
    if not re.fullmatch(r"[0-9]{1,18}", pk):
        return None
    return Meeting.objects.filter(pk=pk, group__in=groups, starts_at__gt=now).first()
