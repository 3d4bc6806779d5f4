from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language

from apps.core.languages import offered_languages, regions
from apps.core.web import signed_in
from apps.deadlines import queries as deadlines
from apps.engagement import queries as engagement
from apps.groups import queries as groups
from apps.groups.models import Group, Membership
from apps.guidelines.queries import current_version
from apps.home import queries
from apps.initiatives import queries as initiatives
from apps.initiatives.badge import badge_of
from apps.initiatives.forms import InterestForm, interest_initial
from apps.initiatives.models import Initiative, Recommendation
from apps.people.policy import may_grant_roles, may_review
from apps.record import queries as record
from apps.resources import queries as resources

TIMELINE_LINES = 8


def town_square(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    offered = {language.code for language in offered_languages()}
    chosen = request.GET.get("in", "")
    code = chosen if chosen in offered else (get_language() or "en")
    catalogue = Initiative.objects.select_related("recommendation").defer("summaries")
    shown = initiatives.all_initiatives(now, initiatives=catalogue, language_code=code)
    language, ways = queries.help_in(code, shown)
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
        "quiet": queries.quiet_ones(shown),
        "nobody_leads": queries.nobody_leads(shown),
        "waits": waits,
        "waits_total": waits_total,
        "help_language": language,
        "ways_to_help": ways,
        "offered_languages": offered_languages(),
        "now": now,
    }
    return render(request, "home/town_square.html", context)


STRIP_ORDER = ["led", "proposed", "quiet", "released", "open"]


def recommendation(request: HttpRequest, number: int) -> HttpResponse:
    found = get_object_or_404(Recommendation, number=number)
    shown = initiatives.all_initiatives(timezone.now(), initiatives=Initiative.objects.filter(recommendation=found))
    context = {
        "recommendation": found,
        "initiatives": shown,
        "counts": initiatives.counts_by_state(shown),
        "free": sum(row.running is None for row in shown),
    }
    return render(request, "home/recommendation.html", context)


def initiative_by_number(request: HttpRequest, number: int) -> HttpResponse:
    return redirect(get_object_or_404(Initiative, number=number), permanent=True)


def initiative(request: HttpRequest, number: int, words: str) -> HttpResponse:
    found = get_object_or_404(Initiative.objects.select_related("recommendation"), number=number)
    if words != found.words:
        return redirect(found, permanent=True)
    now = timezone.now()
    adoptions = initiatives.adoptions_of(found)
    newest = adoptions[0] if adoptions else None
    running = newest if newest and newest.ended_at is None else None
    leads = initiatives.running_leads(running) if running else []
    lead_groups = [lead.group for lead in leads]
    person = request.user
    mine = queries.memberships_in(person, lead_groups)
    active = {pk: membership for pk, membership in mine.items() if membership.state == Membership.State.ACTIVE}
    my_lead = next((lead for lead in leads if lead.group_id in active), None)
    interest = initiatives.interest_shown(found)
    said = interest.of(person)
    checklist = engagement.checklist_of(running) if running else None
    waits = queries.waits_of_initiative(running, lead_groups)
    context = {
        "initiative": found,
        "badge": badge_of(running, newest, now),
        "running": running,
        "term": queries.TermShown(running, now) if running else None,
        "leads": leads,
        "lead_group": lead_groups[0] if lead_groups else None,
        "my_lead": my_lead,
        "coordinates": my_lead is not None and active[my_lead.group_id].is_coordinator,
        "asked": next(
            (membership for membership in mine.values() if membership.state != Membership.State.ACTIVE), None
        ),
        "renewable": running is not None and initiatives.term_can_be_renewed(running, now),
        "history": [adoption for adoption in adoptions if adoption.ended_at],
        "interest": interest,
        "said": said,
        "interest_form": InterestForm(initial=interest_initial(said, person)) if person.is_authenticated else None,
        "checklist": checklist,
        "map": queries.map_shown(engagement.coverage_of(running)) if running else None,
        "updates": running.updates.select_related("group")[:3] if running else [],
        "waits": [(wait, wait.ladder(now)) for wait in waits],
        "timeline": record.lines(
            record.acts_about(found)[:TIMELINE_LINES],
            known=[found, *lead_groups, *(checklist.guidelines_steps if checklist else [])],
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
        "is_member": is_member,
        "coordinates": coordinates,
        "requests": queries.requests_with_dates(found) if coordinates else [],
        "leads": [(lead, badge_of(lead.adoption, None, now)) for lead in initiatives.running_leads_of([found])],
        "resources": resources.requests_of([found])[:20],
        "waits": [(wait, wait.ladder(now)) for wait in queries.waits_of_group(found)],
        "timeline": record.lines(record.acts_about(found)[:TIMELINE_LINES]),
        "region": regions().get(found.region),
        "may_confirm": found.is_unconfirmed  # type: ignore[attr-defined]
        and may_grant_roles(request.user, now),
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
        "languages": [language for language in offered_languages() if language.code in person.languages],
        "region": regions().get(person.region),
        "now": now,
    }
    return render(request, "home/me.html", context)
