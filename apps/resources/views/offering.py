"""Offering, changing and withdrawing a resource; its stewards, and what a pool holds."""

from collections.abc import Callable
from datetime import timedelta
from math import ceil

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from apps.core.web import attempt, attempt_click, form_for, form_page, not_allowed, signed_in
from apps.deadlines.queries import waits_about
from apps.people.queries import affiliates_of
from apps.resources import actions, policy, queries
from apps.resources.deadlines import silence_on_request
from apps.resources.forms import (
    AcceptForm,
    ChangeOfferForm,
    InviteStewardForm,
    LinksForm,
    OfferForm,
    WithdrawForm,
    names_of,
)
from apps.resources.models import PoolLink, Resource, ResourceRequest, Stewardship
from apps.resources.views.ways_on import back_to_request, back_to_resource

USES_SHOWN = 100


@signed_in
def offer(request: HttpRequest) -> HttpResponse:
    person, now = request.user, timezone.now()
    wish = queries.wish_numbered(request.GET.get("wish", ""))
    form = form_for(
        request,
        OfferForm,
        person=person,
        affiliates=affiliates_of(person),
        is_reachable=policy.is_reachable(person),
        initial={
            **({"kind": request.GET.get("kind", "")} if wish is None else _enough_for(wish)),
            "language": person.language,
            "languages": names_of(dict.fromkeys([person.language, *person.languages])),
        },
    )
    if request.method == "POST" and form.is_valid():
        terms = actions.Terms(**form.terms)
        offered = attempt(form, actions.offer_resource, terms, **form.offered, wish=wish, by=person, now=now)
        if offered:
            messages.success(request, _("Thank you. It is on offer, and you are its first steward."))
            if wish and queries.wish_numbered(str(wish.pk)):
                messages.warning(
                    request, _("The wish that led here stays under “wanted”: the offer does not suit what it asks for.")
                )
            return redirect("resources:stewards", slug=offered.slug)
    return render(request, "resources/offer.html", {"form": form, "wish": wish})


def _enough_for(wish: ResourceRequest) -> dict[str, object]:
    """What an offer says at least that can answer a wish."""
    hours = (wish.ends_at - wish.starts_at) / timedelta(hours=1) if wish.starts_at and wish.ends_at else 0
    return {
        "kind": wish.resource.kind,
        "max_quantity": wish.quantity if wish.quantity > 1 else None,
        "max_hours": ceil(hours) if wish.is_booking else None,
    }


@signed_in
def change(request: HttpRequest, slug: str) -> HttpResponse:
    resource = get_object_or_404(Resource, slug=slug)
    if not policy.may_answer(request.user, resource):
        return not_allowed(request, _("The stewards of a resource change what it offers."), back_to_resource(resource))
    form = form_for(
        request, ChangeOfferForm, resource=resource, person=request.user, affiliates=affiliates_of(request.user)
    )
    if request.method == "POST" and form.is_valid():
        terms = actions.Terms(**form.terms)
        if attempt(form, actions.change_offer, resource, terms, by=request.user, now=timezone.now()):
            messages.success(request, _("Saved."))
            return redirect(resource)
    return render(request, "resources/offer.html", {"form": form, "resource": resource})


@signed_in
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    resource = get_object_or_404(Resource, slug=slug)
    if not policy.may_withdraw(request.user, resource, timezone.now()):
        return not_allowed(
            request, _("The stewards of a resource, or administrators, withdraw it."), back_to_resource(resource)
        )
    form = form_for(request, WithdrawForm)
    if request.method == "POST" and form.is_valid():
        done = attempt(form, actions.withdraw_offer, resource, **form.cleaned_data, by=request.user, now=timezone.now())
        if done:
            messages.success(request, _("Withdrawn. Everybody whom it concerns is told."))
            return redirect(resource)
    return form_page(
        request,
        form,
        headline=_("Withdraw “%(resource)s”") % {"resource": resource.name},
        lede=_(
            "What is in use or booked goes on to its end. Whoever waits for an answer is passed on to another offer, "
            "or their wish is shown as wanted. You can offer it again at any time."
        ),
        button=_("Withdraw it"),
        back=(resource.get_absolute_url(), resource.name),
    )


@signed_in
@require_POST
def offer_again(request: HttpRequest, slug: str) -> HttpResponse:
    resource = get_object_or_404(Resource, slug=slug)
    if not policy.may_withdraw(request.user, resource, timezone.now()):
        return not_allowed(
            request, _("The stewards of a resource, or administrators, offer it again."), back_to_resource(resource)
        )
    attempt_click(
        request, actions.offer_again, resource, by=request.user, now=timezone.now(), done=_("It is on offer again.")
    )
    return redirect(resource)


# --- The page of its stewards -----------------------------------------------------------------


@signed_in
def stewards(request: HttpRequest, slug: str) -> HttpResponse:
    resource = get_object_or_404(Resource, slug=slug)
    if not policy.may_answer(request.user, resource):
        return not_allowed(request, _("This page is for the stewards of the resource."), back_to_resource(resource))
    return _stewards_page(request, resource)


def _stewards_page(request: HttpRequest, resource: Resource, **more: object) -> HttpResponse:
    now = timezone.now()
    to_answer = list(queries.requests_to_answer(resource))
    uses = list(queries.uses_of(resource)[: USES_SHOWN + 1])
    context: dict[str, object] = {
        "resource": resource,
        "to_answer": to_answer,
        "silence_means": silence_on_request(to_answer[0]) if to_answer else "",
        "waiting": queries.waiting_list(resource).count(),
        "uses": queries.progress_of_each(uses[:USES_SHOWN], now),
        "last_done_at": queries.last_done_at(resource) if resource.is_made_by_a_machine else None,
        "more_uses": len(uses) > USES_SHOWN,
        "stewards": list(queries.stewards_of(resource).order_by("username")),
        "invitations": queries.open_invitations(resource),
        "jobs": queries.jobs_for_stewards(resource),
        "links": queries.links_of(resource, now) if resource.is_pool else [],
        "invite_form": InviteStewardForm(),
        "links_form": LinksForm(),
        "now": now,
    }
    return render(request, "resources/stewards.html", context | more)


@signed_in
@require_POST
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    resource = get_object_or_404(Resource, slug=slug)
    if not policy.may_answer(request.user, resource):
        return not_allowed(request, _("The stewards of a resource invite others."), back_to_resource(resource))
    form = InviteStewardForm(request.POST)
    if form.is_valid() and attempt(
        form, actions.invite_steward, resource, person=form.person, by=request.user, now=timezone.now()
    ):
        messages.success(request, _("Invited. They have 14 days to accept."))
        return redirect("resources:stewards", slug=slug)
    return _stewards_page(request, resource, invite_form=form, form=form)


@signed_in
@require_POST
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    resource = get_object_or_404(Resource, slug=slug)
    if not policy.may_answer(request.user, resource):
        return not_allowed(request, _("You are no steward of this."), back_to_resource(resource))
    attempt_click(
        request,
        actions.leave_stewards,
        resource,
        by=request.user,
        now=timezone.now(),
        done=_("You are no steward of this any more. Thank you for what you did."),
    )
    return redirect(resource)


@signed_in
@require_POST
def take_back_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Stewardship.objects.select_related("resource"), pk=pk)
    if not policy.may_answer(request.user, invitation.resource):
        return not_allowed(
            request, _("The stewards of a resource take an invitation back."), back_to_resource(invitation.resource)
        )
    attempt_click(
        request,
        actions.take_back_stewardship,
        invitation,
        by=request.user,
        now=timezone.now(),
        done=_("Taken back."),
    )
    return redirect("resources:stewards", slug=invitation.resource.slug)


@signed_in
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """For the one who is invited, and for nobody else: who declines is named nowhere.

    Stewards, who wait for the answer, are led to their own page, where open invitations stand.
    """
    found = get_object_or_404(Stewardship.objects.select_related("resource", "invited_by"), pk=pk)
    if found.person_id != request.user.pk:
        if not policy.may_answer(request.user, found.resource):
            raise Http404
        return redirect("resources:stewards", slug=found.resource.slug)
    form = form_for(request, AcceptForm)
    if request.method == "POST" and form.is_valid():
        accepts = request.POST.get("answer") == "accept"
        act: Callable[..., Stewardship | None] = actions.accept_stewardship if accepts else actions.decline_stewardship
        extra = form.cleaned_data if accepts else {}
        if attempt(form, act, found, **extra, by=request.user, now=timezone.now()):
            if accepts:
                messages.success(request, _("You are a steward of it now. Thank you."))
                return redirect("resources:stewards", slug=found.resource.slug)
            messages.success(request, _("Declined. Your name is not shown."))
            return redirect(found.resource)
    context = {
        "invitation": found,
        "resource": found.resource,
        "form": form,
        "is_reachable": policy.is_reachable(request.user),
        "waits": waits_about(found),
        "now": timezone.now(),
    }
    return render(request, "resources/invitation.html", context)


# --- Ready links ------------------------------------------------------------------------------


@signed_in
@require_POST
def add_links(request: HttpRequest, slug: str) -> HttpResponse:
    resource = get_object_or_404(Resource, slug=slug)
    if not policy.may_answer(request.user, resource):
        return not_allowed(request, _("The stewards of a resource write its links."), back_to_resource(resource))
    form = LinksForm(request.POST)
    if form.is_valid():
        added = attempt(form, actions.add_links, resource, **form.cleaned_data, by=request.user, now=timezone.now())
        if added:
            words = ngettext("%(count)d link is in the pool now.", "%(count)d links are in the pool now.", added)
            messages.success(request, words % {"count": added})
            return redirect(f"{reverse('resources:stewards', args=[slug])}#links")
    return _stewards_page(request, resource, links_form=form, form=form)


@signed_in
@require_POST
def retire_link(request: HttpRequest, pk: int) -> HttpResponse:
    link = get_object_or_404(PoolLink.objects.select_related("resource"), pk=pk)
    if not policy.may_answer(request.user, link.resource):
        return not_allowed(request, _("The stewards of a resource retire its links."), back_to_resource(link.resource))
    attempt_click(request, actions.retire_link, link, by=request.user, now=timezone.now(), done=_("Retired."))
    return redirect(f"{reverse('resources:stewards', args=[link.resource.slug])}#links")


# --- What is wanted ---------------------------------------------------------------------------


@signed_in
@require_POST
def still_wanted(request: HttpRequest, pk: int) -> HttpResponse:
    wish = get_object_or_404(ResourceRequest.objects.select_related("resource", "group"), pk=pk)
    if not policy.may_ask_for(request.user, wish.group, timezone.now()):
        return not_allowed(request, _("Coordinators say whether their group still wants it."), back_to_request(wish))
    attempt_click(
        request,
        actions.say_still_wanted,
        wish,
        by=request.user,
        now=timezone.now(),
        done=_("Noted. It stays on the board for another 90 days."),
    )
    return redirect(wish)
