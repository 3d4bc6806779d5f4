"""Adopting, in every state that an initiative may be in; and objecting while the notice runs."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.text import Words
from apps.core.web import attempt, form_for, form_page, signed_in
from apps.guidelines.queries import current_version
from apps.initiatives import actions, queries
from apps.initiatives.badge import State, badge_of, running_state
from apps.initiatives.forms.adopting import AdoptForm, ObjectForm
from apps.initiatives.models import Adoption, Bid, Initiative
from apps.notifications.web import how_many_are_told, offer_recall


@dataclass(frozen=True)
class Way:
    """How one comes to lead an initiative in its present state, in words."""

    name: str
    headline: Words
    lede: Words
    button: Words
    done: Words


def way_to_lead(running: Adoption | None, is_done: bool, now: datetime) -> Way | None:
    """None where a group leads and nobody can join it: one can offer help."""
    state = running_state(running, now) if running else None
    if state is None:
        return Way(
            "adopt",
            _("Reopen “%(title)s”") if is_done else _("Adopt “%(title)s”"),
            _("Your group leads at once. Nobody has to be asked."),
            _("Adopt and lead"),
            _("Your group leads this initiative now. Thank you for taking it on."),
        )
    if state is State.HANDING_OVER:
        return Way(
            "take_over",
            _("Take over “%(title)s”"),
            _("Its lead seeks a successor: your group leads at once."),
            _("Take over and lead"),
            _("Your group leads this initiative now. Thank you for taking it on."),
        )
    if state is State.QUIET:
        return Way(
            Bid.Kind.QUIET,
            _("Adopt “%(title)s”"),
            _("It is quiet: its lead has 14 days to hand over, to share or to go on; silence makes you joint leads."),
            _("Adopt it"),
            _("Its lead is told. After 14 days of silence your groups lead together."),
        )
    if state is State.PROPOSED or queries.incumbents_can_join(now):
        return Way(
            Bid.Kind.JOIN,
            _("Lead “%(title)s”, too"),
            _("A group leads it. It owes you an answer in 14 days; silence makes you joint leads."),
            _("Ask to lead, too"),
            _("Asked. After 14 days of silence your groups lead together."),
        )
    return None


@signed_in
def adopt(request: HttpRequest, number: int, words: str) -> HttpResponse:
    initiative = get_object_or_404(Initiative.objects.select_related("recommendation"), number=number)
    now, terms = timezone.now(), queries.adoptions_of(initiative)
    running = terms[0] if terms and terms[0].ended_at is None else None
    way = way_to_lead(running, badge_of(running, terms[0] if terms else None, now).state is State.DONE, now)
    version = running.guidelines if running else current_version()
    form = form_for(
        request, AdoptForm, person=request.user, version=version, asks_evidence=queries.incumbents_can_join(now)
    )
    if request.method == "POST" and form.is_valid():
        proposal = actions.Proposal(**form.proposed(version))
        leads = attempt(
            form, actions.lead_in_a_way, initiative, proposal, way=form.cleaned_data["way"], by=request.user, now=now
        )
        if leads:
            messages.success(request, way.done if way else _("Done."))
            offer_recall(request, by=request.user, now=now)
            return redirect(initiative)
    context = {
        "initiative": initiative,
        "form": form,
        "way": way,
        "headline": (way.headline if way else _("Adopt “%(title)s”")) % {"title": initiative.title},
        "version": version,
        "running": running,
        "leads": queries.running_leads(running) if running else [],
        "ladder": queries.adoption_ladder(now) if running is None else queries.bid_ladder(way.name if way else "", now),
        "told": how_many_are_told(_told_of_leading(initiative, running, way, by=request.user)),
        "now": now,
    }
    return render(request, "initiatives/adopt.html", context)


def _told_of_leading(initiative: Initiative, running: Adoption | None, way: Way | None, *, by: User) -> int:
    """To ask for a part in the lead is told to the few who answer; to lead at once to all who want news."""
    if running is None:
        return queries.told_of_news(initiative, by=by)
    return queries.told_of_a_takeover(running, by=by) if way and way.name == "take_over" else 0


@signed_in
def object_to(request: HttpRequest, number: int, words: str) -> HttpResponse:
    initiative = get_object_or_404(Initiative, number=number)
    running = queries.running_adoption(initiative)
    if running is None:
        messages.error(request, _("Nobody leads it: there is nothing to object to."))
        return redirect(initiative)
    form = form_for(request, ObjectForm, person=request.user)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        objection = attempt(form, actions.object_to, running, **form.cleaned_data, by=request.user, now=now)
        if objection:
            messages.success(request, _("Noted. Any one reviewer without a part in it decides in 14 days."))
            offer_recall(request, by=request.user, now=now)
            return redirect(objection)
    rule = _(
        "Any one reviewer without a part in it decides in 14 days; silence means that the adoption stands. The group "
        "leads on meanwhile."
    )
    told = queries.told_of_objecting(running, by=request.user, now=timezone.now())
    return form_page(
        request,
        form,
        headline=_("Object to the adoption"),
        lede=f"{rule} {how_many_are_told(told)}".strip(),
        button=_("Object"),
        back=(initiative.get_absolute_url(), initiative),
    )
