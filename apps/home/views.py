from functools import partial

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from apps.core.languages import language, regions
from apps.core.web import signed_in
from apps.deadlines import queries as deadlines
from apps.engagement import queries as engagement
from apps.groups import queries as groups
from apps.groups.models import Group, Membership
from apps.groups.policy import facilitates
from apps.guidelines.queries import current_version
from apps.home import queries
from apps.initiatives import queries as initiatives
from apps.initiatives.badge import badge_of
from apps.initiatives.forms.catalogue import InterestForm, interest_initial
from apps.initiatives.models import Initiative, Recommendation
from apps.people import queries as people
from apps.people.policy import may_grant_roles, may_review
from apps.record import queries as record
from apps.resources import queries as resources

TIMELINE_LINES = 8


def town_square(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    help_language = queries.help_language(request.GET.get("in", ""), request.user)
    catalogue = Initiative.objects.select_related("recommendation").defer("summaries")
    shown = initiatives.all_initiatives(now, initiatives=catalogue, language_code=help_language.code)
    waits, waits_total = queries.oldest_waits()
    by_state = initiatives.counts_by_state(shown)
    counts = {state: by_state[state] for state in STRIP_ORDER}
    context = {
        "shown": shown,
        "counts": counts,
        "total": len(shown),
        "free": counts["open"] + counts["released"],
        "cells": sorted((row.state.value for row in shown), key=STRIP_ORDER.index),
        "recommendations": queries.by_recommendation(shown),
        "happening": queries.happening_now(shown, now),
        "still": queries.on_hold_or_quiet(shown),
        "nobody_leads": queries.nobody_leads(shown),
        "waits": waits,
        "waits_total": waits_total,
        "help_language": help_language,
        "help_languages": queries.with_offered(help_language),
        "ways_to_help": queries.ways_to_help(shown),
        "now": now,
    }
    return render(request, "home/town_square.html", context)


STRIP_ORDER = ["done", "led", "proposed", "handing_over", "on_hold", "quiet", "released", "open"]


def recommendation(request: HttpRequest, number: int) -> HttpResponse:
    found, now = get_object_or_404(Recommendation, number=number), timezone.now()
    shown = initiatives.all_initiatives(now, initiatives=Initiative.objects.filter(recommendation=found))
    context = {
        "recommendation": found,
        "initiatives": shown,
        "counts": initiatives.counts_by_state(shown),
        "free": sum(row.running is None for row in shown),
        "facilitators": people.facilitators_of(number, now),
    }
    return render(request, "home/recommendation.html", context)


def initiative_by_number(request: HttpRequest, number: int) -> HttpResponse:
    return redirect(get_object_or_404(Initiative, number=number), permanent=True)


def initiative(request: HttpRequest, number: int, words: str) -> HttpResponse:
    catalogue = queries.with_what_is_open(Initiative.objects.select_related("recommendation"))
    found = get_object_or_404(catalogue, number=number)
    if words != found.words:
        return redirect(found, permanent=True)
    person, now = request.user, timezone.now()
    leading = queries.leading(found, person)
    running = leading.running
    interest = initiatives.interest_shown(found)
    said = interest.of(person)
    checklist = engagement.checklist_of(running) if running else None
    waits, more_waits = queries.waits_shown(found, leading.groups)
    context = {
        "initiative": found,
        "leading": leading,
        "badge": badge_of(running, leading.newest, now),
        "running": running,
        "term": queries.TermShown(running, now) if running else None,
        "incumbents_can_join": running is not None and initiatives.incumbents_can_join(now),
        "renewable": running is not None and initiatives.term_can_be_renewed(running, now),
        "interest": interest,
        "said": said,
        "interest_form": InterestForm(initial=interest_initial(said, person)) if person.is_authenticated else None,
        "checklist": checklist,
        "map": engagement.coverage_of(running) if running else None,
        "updates": running.updates.select_related("group", "obstacle")[:3] if running else [],
        "hints": initiatives.hints_about(found) if running is None else [],
        "waits": [(wait, wait.ladder(now)) for wait in waits],
        "more_waits": more_waits,
        "public_rules": deadlines.public_rules() if more_waits else [],
        "timeline": record.lines(
            record.acts_about(found)[:TIMELINE_LINES],
            known=[found, *leading.groups, *(checklist.guidelines_steps if checklist else [])],
        ),
        "places": queries.places_of(found),
        "adoption_ladder": initiatives.adoption_ladder(now) if running is None else [],
        "guidelines": running.guidelines if running else current_version(),
        "now": now,
    }
    return render(request, "home/initiative.html", context)


def group(request: HttpRequest, slug: str) -> HttpResponse:
    with_affiliate = Group.objects.select_related("affiliate").annotate(is_unconfirmed=groups.unconfirmed())
    found = get_object_or_404(with_affiliate, slug=slug)
    now = timezone.now()
    mine = groups.running_membership(request.user, found)
    coordinates = bool(mine and mine.is_coordinator)
    is_member = bool(mine and mine.state == Membership.State.ACTIVE)
    context = {
        "group": found,
        "members": groups.members_of(found),
        "mine": mine,
        "my_waits": deadlines.waits_about(mine) if mine and not is_member else [],
        "is_member": is_member,
        "coordinates": coordinates,
        "may_book": coordinates or facilitates(request.user, found, now),
        "succession": queries.succession_wait(found) if is_member else [],
        "requests": queries.requests_with_waits(found) if coordinates else [],
        "leads": [(lead, badge_of(lead.adoption, None, now)) for lead in initiatives.running_leads_of([found])],
        "resources": resources.requests_of([found])[:20],
        "meetings": groups.meetings_shown(found, now),
        "proposals": groups.newest_proposals(found),
        "waits": [(wait, wait.ladder(now)) for wait in queries.waits_of_group(found)],
        "timeline": record.lines(record.acts_about(found)[:TIMELINE_LINES]),
        "region": regions().get(found.region),
        # Asked by the template alone where there is something to confirm.
        "may_confirm": partial(may_grant_roles, request.user, now),
        "now": now,
    }
    return render(request, "home/group.html", context)


@signed_in
def me(request: HttpRequest) -> HttpResponse:
    person, now = request.user, timezone.now()
    memberships = list(groups.groups_of(person))
    my_groups = [membership.group for membership in memberships]
    mine = deadlines.deadlines_owed_by(person, now)
    page = Paginator(mine, 25).get_page(request.GET.get("page"))
    owed = deadlines.waits(page.object_list)
    leads = {
        lead.group_id: (lead, badge_of(lead.adoption, None, now)) for lead in initiatives.running_leads_of(my_groups)
    }
    context = {
        "page": page,
        "owed": owed,
        "renewable": queries.renewable_leads(owed, now),
        "owed_total": page.paginator.count,
        "late": mine.filter(due_at__lt=now).count(),
        "next_due": mine.filter(due_at__gte=now).values_list("due_at", flat=True).first(),
        "waits": queries.waits_for(person, my_groups),
        "groups": [(membership, leads.get(membership.group_id)) for membership in memberships],
        "review_total": engagement.submissions_for(person, now).count() if may_review(person, now) else 0,
        "languages": [language(code) for code in person.languages],
        "region": regions().get(person.region),
        "absence": deadlines.absence_of(person),
        "my_roles": people.roles_of(person, now),
        "now": now,
    }
    return render(request, "home/me.html", context)


@never_cache
@signed_in
def my_calendar(request: HttpRequest) -> HttpResponse:
    key = request.user.calendar_key
    address = settings.SITE_URL + reverse("home:calendar_of_person", args=[key]) if key else ""
    return render(request, "home/calendar.html", {"address": address})
