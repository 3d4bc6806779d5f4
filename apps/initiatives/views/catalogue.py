"""The list of initiatives, and what anybody may leave on one: interest, places, hints."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from apps.core.web import HtmxRequest, attempt, attempt_click, form_for, form_page, not_allowed, signed_in
from apps.initiatives import actions, queries
from apps.initiatives.forms.catalogue import FilterForm, HintForm, InterestForm, PlaceForm, interest_initial
from apps.initiatives.models import Hint, Initiative


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


@signed_in
def add_hint(request: HttpRequest, number: int, words: str) -> HttpResponse:
    initiative = get_object_or_404(Initiative, number=number)
    form = form_for(request, HintForm)
    if request.method == "POST" and form.is_valid():
        hint = attempt(form, actions.leave_hint, initiative, **form.cleaned_data, by=request.user, now=timezone.now())
        if hint:
            messages.success(request, _("Thank you. Your hint stands on the page; you can take it back there."))
            return redirect(initiative)
    return form_page(
        request,
        form,
        headline=_("I know who leads this"),
        lede=_(
            "A hint for whoever looks for them. It changes no badge: leadership shows here by dated acts on this "
            "site, for everybody alike. Whoever leads it can adopt it here in ten minutes."
        ),
        button=_("Leave the hint"),
        back=(initiative.get_absolute_url(), initiative),
    )


@signed_in
@require_POST
def take_back_hint(request: HttpRequest, pk: int) -> HttpResponse:
    hint = get_object_or_404(Hint.objects.select_related("initiative"), pk=pk, left_by=request.user)
    actions.take_back_hint(hint, by=request.user)
    messages.success(request, _("Taken back."))
    return redirect(hint.initiative)


@signed_in
@require_POST
def start_group(request: HttpRequest, number: int, words: str) -> HttpResponse:
    """One click: a group with an invitation to everybody who would join and agreed to be told."""
    initiative = get_object_or_404(Initiative, number=number)
    if queries.interest_of(request.user, initiative) is None:
        return not_allowed(request, _("Say first that you are interested; then you can start a group."))
    group = attempt_click(
        request,
        actions.start_group_from_interest,
        initiative,
        by=request.user,
        now=timezone.now(),
        done=_("The group exists, and everybody who would join is invited. Names show once they accept."),
    )
    return redirect(group or initiative)
