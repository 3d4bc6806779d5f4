from datetime import UTC, date, datetime, time, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from apps.core.languages import language
from apps.core.markdown import render as render_markdown
from apps.core.web import attempt, form_for, signed_in
from apps.groups.queries import groups_to_ask_for
from apps.resources import actions, policy, queries
from apps.resources.forms import CatalogueForm, RequestForm
from apps.resources.models import Resource

HOURS_SHOWN = (6, 9, 12, 14, 16, 19)
WEEKS_AHEAD = 25
WISHES_SHOWN = 100
YEARS_SHOWN = range(2020, 2100)


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


def resource_page(request: HttpRequest, slug: str) -> HttpResponse:
    resource = get_object_or_404(Resource.objects.select_related("affiliate"), slug=slug)
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
    is_steward = policy.may_answer(request.user, resource)
    context: dict[str, object] = {
        "resource": resource,
        "description": render_markdown(resource.description),
        "server": queries.host_name_of(resource),
        "stewards": list(queries.stewards_of(resource).order_by("username")),
        "has_group": request.user.is_authenticated and groups_to_ask_for(request.user, now).exists(),
        "to_answer": queries.requests_to_answer(resource) if is_steward else [],
        "is_steward": is_steward,
        "for_whom": queries.for_whom(resource),
        "languages": [language(code) for code in resource.languages],
        "may_withdraw": is_steward or policy.may_withdraw(request.user, resource, now),
        "jobs": queries.jobs_for_stewards(resource) if is_steward else [],
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
