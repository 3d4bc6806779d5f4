"""What those who lead do: updates, renewal, pause, hand over, conclude, step down."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.dates import day
from apps.core.web import attempt, attempt_click, form_for, form_page, not_allowed, signed_in
from apps.initiatives import actions, policy, queries
from apps.initiatives.forms.adopting import OfferForm
from apps.initiatives.forms.leading import ConcludeForm, HoldForm, RenewForm, ResumeForm, StepDownForm, UpdateForm
from apps.initiatives.models import Initiative, Lead
from apps.notifications.web import how_many_are_told, offer_recall

LeadView = Callable[[HttpRequest, Initiative, Lead], HttpResponse]


def of_coordinators(view: LeadView) -> Callable[..., HttpResponse]:
    """A page for coordinators of a leading group; the view is given the initiative and their lead."""

    @signed_in
    @wraps(view)
    def wrapped(request: HttpRequest, number: int, words: str) -> HttpResponse:
        initiative = get_object_or_404(Initiative, number=number)
        lead = my_lead(request, initiative)
        if lead is None or not policy.may_end(request.user, lead):
            return not_allowed(request, _("Coordinators of the leading group decide about its lead."))
        return view(request, initiative, lead)

    return wrapped


@signed_in
def update(request: HttpRequest, number: int, words: str) -> HttpResponse:
    initiative = get_object_or_404(Initiative, number=number)
    lead = my_lead(request, initiative)
    if lead is None or not policy.may_act_for(request.user, lead):
        return not_allowed(request, _("Members of the leading group post updates."))
    form = form_for(request, UpdateForm)
    if request.method == "POST" and form.is_valid():
        typed, in_the_way = form.cleaned_data, form.in_the_way
        posted = attempt(
            form,
            actions.post_update,
            lead.adoption,
            group=lead.group,
            text=typed["text"],
            next_step=typed["next_step"],
            link=typed["link"],
            obstacle=actions.InTheWay(**in_the_way) if in_the_way else None,
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


@of_coordinators
def options(request: HttpRequest, initiative: Initiative, lead: Lead) -> HttpResponse:
    """Everything that a coordinator can do about the lead, with what follows from it."""
    context = {
        "initiative": initiative,
        "lead": lead,
        "adoption": lead.adoption,
        "renewable": queries.term_can_be_renewed(lead.adoption, timezone.now()),
        "offer": queries.open_bids(lead.adoption).filter(offered_by=lead).first(),
        "told": _who_is_told(request, initiative),
    }
    return render(request, "initiatives/options.html", context)


@of_coordinators
def renew(request: HttpRequest, initiative: Initiative, lead: Lead) -> HttpResponse:
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


@of_coordinators
def step_down(request: HttpRequest, initiative: Initiative, lead: Lead) -> HttpResponse:
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


@of_coordinators
def hold(request: HttpRequest, initiative: Initiative, lead: Lead) -> HttpResponse:
    form = form_for(request, HoldForm)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        held = attempt(form, actions.put_on_hold, lead, **form.cleaned_data, by=request.user, now=now)
        if held:
            messages.success(request, _("On hold. You are reminded before the day of your next look."))
            offer_recall(request, by=request.user, now=now)
            return redirect(initiative)
    how_long = _(
        "For at most 180 days of any 365. If nobody looks at it again within 14 days of the date that you choose, "
        "it reads quiet, and another group can adopt it."
    )
    return form_page(
        request,
        form,
        headline=_("Put it on hold"),
        lede=f"{how_long} {_who_is_told(request, initiative)}".strip(),
        button=_("Put it on hold"),
        back=(initiative.get_absolute_url(), initiative),
    )


@of_coordinators
def hold_longer(request: HttpRequest, initiative: Initiative, lead: Lead) -> HttpResponse:
    held = queries.running_hold(lead.adoption)
    if held is None:
        messages.error(request, _("It is not on hold any more."))
        return redirect(initiative)
    form = form_for(request, HoldForm, initial={"reason": held.reason, "waits_for": held.waits_for})
    if request.method == "POST" and form.is_valid():
        who = {"by": request.user, "now": timezone.now()}
        if attempt(form, actions.hold_for_longer, lead, **form.cleaned_data, **who):
            messages.success(request, _("On hold for longer. You are reminded before the day of your next look."))
            return redirect(initiative)
    latest = queries.longest_hold(lead.adoption, timezone.now())
    return form_page(
        request,
        form,
        headline=_("Keep it on hold for longer"),
        lede=_("At most 180 days of any 365: until %(date)s. Your next day to look is as public as the first.")
        % {"date": day(latest)},
        button=_("Keep it on hold"),
        back=(initiative.get_absolute_url(), initiative),
    )


@of_coordinators
def resume(request: HttpRequest, initiative: Initiative, lead: Lead) -> HttpResponse:
    form = form_for(request, ResumeForm)
    if request.method == "POST" and form.is_valid():
        resumed = attempt(
            form, actions.resume, lead, text=form.cleaned_data["text"], by=request.user, now=timezone.now()
        )
        if resumed:
            messages.success(request, _("Resumed. The days count from today."))
            return redirect(initiative)
    return form_page(
        request,
        form,
        headline=_("Resume it"),
        lede=_("An update ends the hold; it counts as an act of the lead."),
        button=_("Resume"),
        back=(initiative.get_absolute_url(), initiative),
    )


@of_coordinators
def offer(request: HttpRequest, initiative: Initiative, lead: Lead) -> HttpResponse:
    leading = lead.adoption.leads.filter(ended_at=None).values_list("group", flat=True)
    form = form_for(request, OfferForm, leading=leading)
    if request.method == "POST" and form.is_valid():
        offered = attempt(
            form, actions.offer_lead, lead, group=form.cleaned_data["group"], by=request.user, now=timezone.now()
        )
        if offered:
            messages.success(request, _("Offered. The group has 14 days; you lead on meanwhile."))
            return redirect(offered)
    return form_page(
        request,
        form,
        headline=_("Hand it over to a group"),
        lede=_("If the group accepts, it leads from that moment. If it declines or does not answer, nothing changes."),
        button=_("Offer the lead"),
        back=(initiative.get_absolute_url(), initiative),
    )


@of_coordinators
@require_POST
def seek(request: HttpRequest, initiative: Initiative, lead: Lead) -> HttpResponse:
    """Seek a successor in public, or stop doing so."""
    stops, now = request.POST.get("seek") == "no", timezone.now()
    attempt_click(
        request,
        actions.stop_seeking if stops else actions.seek_successor,
        lead,
        by=request.user,
        now=now,
        done=_("Your group leads on.")
        if stops
        else _("Everybody sees it now. Your group leads until another one does."),
    )
    offer_recall(request, by=request.user, now=now)
    return redirect(initiative)


@of_coordinators
def conclude(request: HttpRequest, initiative: Initiative, lead: Lead) -> HttpResponse:
    form = form_for(request, ConcludeForm)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        concludes = attempt(
            form, actions.conclude, lead, summary=form.cleaned_data["summary"], by=request.user, now=now
        )
        if concludes:
            messages.success(request, _("Announced. It is done in 14 days, unless you take it back."))
            offer_recall(request, by=request.user, now=now)
            return redirect(initiative)
    notice = _("It is done after a notice of 14 days. Anybody can reopen it later by adopting it again.")
    return form_page(
        request,
        form,
        headline=_("Conclude it"),
        lede=f"{notice} {_who_is_told(request, initiative)}".strip(),
        button=_("Announce that it is done"),
        back=(initiative.get_absolute_url(), initiative),
    )


@of_coordinators
@require_POST
def go_on(request: HttpRequest, initiative: Initiative, lead: Lead) -> HttpResponse:
    attempt_click(
        request,
        actions.take_back_conclusion,
        lead,
        by=request.user,
        now=timezone.now(),
        done=_("Taken back: your group goes on."),
    )
    return redirect(initiative)


def _who_is_told(request: HttpRequest, initiative: Initiative) -> str:
    return how_many_are_told(queries.told_of_news(initiative, by=request.user))


def my_lead(request: HttpRequest, initiative: Initiative) -> Lead | None:
    """The leading group of this initiative in which the reader is a member; rather one that they coordinate."""
    leads = queries.leads_of_members(request.user).filter(adoption__initiative=initiative)
    return min(leads, key=lambda lead: not policy.may_end(request.user, lead), default=None)
