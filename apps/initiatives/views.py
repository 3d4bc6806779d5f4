from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from apps.core.web import HtmxRequest, attempt, form_for, form_page, not_allowed, signed_in
from apps.guidelines.queries import current_version
from apps.initiatives import actions, policy, queries
from apps.initiatives.forms import (
    AdoptForm,
    FilterForm,
    InterestForm,
    PlaceForm,
    RenewForm,
    StepDownForm,
    UpdateForm,
    interest_initial,
)
from apps.initiatives.models import Initiative, Lead
from apps.notifications.web import how_many_are_told, offer_recall


@vary_on_headers("HX-Request")
def index(request: HtmxRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    chosen = form.readable
    shown = queries.all_initiatives(timezone.now())
    context = {
        "form": form,
        "counts": queries.counts_by_state(shown),
        "chosen": chosen,
        "total": len(shown),
        "initiatives": queries.matching(
            shown,
            words=chosen["q"],
            state=chosen["state"],
            recommendation=chosen["recommendation"],
            interest=chosen["interest"],
        ),
    }
    # A page that comes back from the history is asked for whole.
    part = request.htmx and not request.htmx.history_restore_request
    template = "initiatives/index.html#initiatives" if part else "initiatives/index.html"
    return render(request, template, context)


@signed_in
def adopt(request: HttpRequest, number: int, words: str) -> HttpResponse:
    initiative = get_object_or_404(Initiative.objects.select_related("recommendation"), number=number)
    now, version = timezone.now(), current_version()
    running = queries.running_adoption(initiative)
    form = form_for(request, AdoptForm, person=request.user, version=version)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        adoption = attempt(
            form,
            actions.adopt_initiative,
            initiative,
            guidelines=version if typed["version"] == version.number else None,
            plan=typed["plan"],
            first_steps=[typed["step_1"], typed["step_2"], typed["step_3"]],
            group=form.chosen_group,
            new_group_name=typed["new_group"],
            beside=form.people,
            seeks_members=typed["seeks_members"],
            by=request.user,
            now=now,
        )
        if adoption:
            messages.success(request, _("Your group leads this initiative now. Thank you for taking it on."))
            offer_recall(request, by=request.user, now=now)
            return redirect(initiative)
    context = {
        "initiative": initiative,
        "form": form,
        "version": version,
        "running": running,
        "leads": queries.running_leads(running) if running else [],
        "ladder": queries.adoption_ladder(now),
        "told": how_many_are_told(queries.told_of_an_adoption(initiative, by=request.user)),
        "now": now,
    }
    return render(request, "initiatives/adopt.html", context)


@signed_in
def interest(request: HttpRequest, number: int, words: str) -> HttpResponse:
    initiative = get_object_or_404(Initiative, number=number)
    said = queries.interest_of(request.user, initiative)
    form = form_for(request, InterestForm, initial=interest_initial(said, request.user))
    if request.method == "POST" and form.is_valid():
        typed, now = form.cleaned_data, timezone.now()
        interested = attempt(form, actions.say_interest, initiative, **typed, by=request.user, now=now)
        if interested:
            messages.success(request, _("Noted. You can change or take back your interest at any time."))
            return redirect(initiative)
    return form_page(
        request,
        form,
        headline=_("I am interested in “%(initiative)s”") % {"initiative": initiative.title},
        lede=_("It binds you to nothing."),
        button=_("Say so"),
        back=(initiative.get_absolute_url(), initiative),
    )


@signed_in
@require_POST
def end_interest(request: HttpRequest, number: int, words: str) -> HttpResponse:
    initiative = get_object_or_404(Initiative, number=number)
    actions.take_back_interest(initiative, by=request.user)
    messages.success(request, _("Your interest is taken back: your name and what you chose are gone."))
    return redirect(initiative)


@signed_in
def update(request: HttpRequest, number: int, words: str) -> HttpResponse:
    initiative = get_object_or_404(Initiative, number=number)
    lead = my_lead(request, initiative)
    if lead is None or not policy.may_act_for(request.user, lead):
        return not_allowed(request, _("Members of the leading group post updates."))
    form = form_for(request, UpdateForm)
    if request.method == "POST" and form.is_valid():
        posted = attempt(
            form,
            actions.post_update,
            lead.adoption,
            group=lead.group,
            **form.cleaned_data,
            by=request.user,
            now=timezone.now(),
        )
        if posted:
            messages.success(request, _("Posted. The days count from today again."))
            return redirect(initiative)
    return form_page(
        request,
        form,
        headline=_("Post an update"),
        lede=_("The easiest act that counts: after it the days begin at zero again."),
        button=_("Post the update"),
        back=(initiative.get_absolute_url(), initiative),
    )


@signed_in
def renew(request: HttpRequest, number: int, words: str) -> HttpResponse:
    initiative = get_object_or_404(Initiative, number=number)
    lead = my_lead(request, initiative)
    if lead is None or not policy.may_end(request.user, lead):
        return not_allowed(request, _("Coordinators of the leading group renew its term."))
    form = form_for(request, RenewForm)
    if request.method == "POST" and form.is_valid():
        renewed = attempt(
            form, actions.renew_term, lead, summary=form.cleaned_data["summary"], by=request.user, now=timezone.now()
        )
        if renewed:
            messages.success(request, _("Renewed for twelve months."))
            return redirect(initiative)
    return form_page(
        request,
        form,
        headline=_("Renew the term"),
        lede=_("A term lasts twelve months. A short summary renews it."),
        button=_("Renew for twelve months"),
        back=(initiative.get_absolute_url(), initiative),
    )


@signed_in
def step_down(request: HttpRequest, number: int, words: str) -> HttpResponse:
    initiative = get_object_or_404(Initiative, number=number)
    lead = my_lead(request, initiative)
    if lead is None or not policy.may_end(request.user, lead):
        return not_allowed(request, _("Coordinators of the leading group can step down."))
    form = form_for(request, StepDownForm)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        ended = attempt(form, actions.step_down, lead, notes=form.cleaned_data["notes"], by=request.user, now=now)
        if ended:
            messages.success(request, _("Your group has stepped down. Thank you for what you did."))
            offer_recall(request, by=request.user, now=now)
            return redirect(initiative)
    no_shame = _(
        "No reason is needed, and it is no shame. The initiative reads “released” at once, and anybody can adopt it."
    )
    return form_page(
        request,
        form,
        headline=_("Step down"),
        lede=f"{no_shame} {how_many_are_told(queries.told_of_an_end(lead))}".strip(),
        button=_("Step down"),
        back=(initiative.get_absolute_url(), initiative),
    )


@signed_in
def add_place(request: HttpRequest, number: int, words: str) -> HttpResponse:
    initiative = get_object_or_404(Initiative, number=number)
    form = form_for(request, PlaceForm)
    if request.method == "POST" and form.is_valid():
        typed, now = form.cleaned_data, timezone.now()
        place = attempt(form, actions.add_place, initiative, **typed, by=request.user, now=now)
        if place:
            messages.success(request, _("Added."))
            return redirect(initiative)
    return form_page(
        request,
        form,
        headline=_("Add a place where it is discussed"),
        lede=str(initiative),
        button=_("Add the place"),
        back=(initiative.get_absolute_url(), initiative),
    )


def my_lead(request: HttpRequest, initiative: Initiative) -> Lead | None:
    """The leading group of this initiative in which the reader is a member."""
    return queries.leads_of_members(request.user).filter(adoption__initiative=initiative).first()
