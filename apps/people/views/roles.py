"""Asking for a role, answering, renewing, giving back."""

from collections.abc import Callable
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.web import attempt, attempt_click, form_for, not_allowed, signed_in
from apps.deadlines.models import Deadline
from apps.deadlines.queries import LadderRung, Wait, waits_about
from apps.people import actions, policy, queries, words
from apps.people.deadlines import CONFIRM_ROLE
from apps.people.forms import AskForm, GrantForm, ReasonForm
from apps.people.models import RoleTerm

State = RoleTerm.State


@signed_in
def ask(request: HttpRequest, role: str) -> HttpResponse:
    if role not in RoleTerm.ASKED_FOR:
        raise Http404
    now = timezone.now()
    had = queries.in_the_way(request.user, role, now)
    if had and request.method == "GET":
        return redirect(had)
    affiliates = queries.affiliates_of(request.user)
    form = form_for(request, AskForm, role=role, affiliates=affiliates, initial=_chosen(request))
    if request.method == "POST" and form.is_valid():
        term = attempt(form, actions.ask_for_role, role=role, **form.asked, by=request.user, now=now)
        if term:
            return redirect(term)
    context = {
        "form": form,
        "role": role,
        "headline": words.BECOME[role],
        "does": words.DOES[role],
        "confirmers": queries.confirmers_of(role, now, without=request.user.pk).count(),
        "silence_grants": role in RoleTerm.GRANTED_BY_SILENCE,
        "ladder": _ladder_beforehand(role, now),
        "now": now,
    }
    return render(request, "people/ask.html", context)


def _chosen(request: HttpRequest) -> dict[str, object]:
    """What the link that led here was about, else what the person said about themselves."""
    person = request.user
    return {
        "languages": request.GET.getlist("language") or person.languages,
        "regions": request.GET.getlist("region") or [person.region],
        "recommendations": request.GET.getlist("recommendation"),
        "affiliate": request.GET.get("affiliate"),
    }


def _ladder_beforehand(role: str, now: datetime) -> list[LadderRung]:
    """The dates of a request that would be made now."""
    return Wait(Deadline(rule=CONFIRM_ROLE.name, opened_at=now, rung=0), CONFIRM_ROLE, RoleTerm(role=role)).ladder(now)


def role_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _role_page(request, _term(pk))


def _term(pk: int) -> RoleTerm:
    return get_object_or_404(RoleTerm.objects.select_related("user", "affiliate"), pk=pk)


def _role_page(request: HttpRequest, term: RoleTerm, **more: object) -> HttpResponse:
    now = timezone.now()
    waits, covers = waits_about(term), queries.covered_by(term)
    is_mine, may_confirm = term.user_id == request.user.pk, policy.may_confirm(request.user, term, now)
    is_running = term.is_running(now)
    context: dict[str, object] = {
        "term": term,
        "is_mine": is_mine,
        "is_running": is_running,
        "is_named": is_running or term.state == State.ASKED or is_mine or may_confirm,
        "may_confirm": may_confirm and (term.state == State.ASKED or (is_running and term.is_unconfirmed)),
        "may_end": is_running and policy.may_grant_roles(request.user, now),
        "may_renew": is_mine and is_running and queries.can_be_renewed(term, now),
        "sees_why": is_mine or may_confirm,
        "does": words.DOES[term.role],
        "languages": covers.languages,
        "regions": covers.regions,
        "recommendations": covers.recommendations,
        "confirmers": queries.confirmers_of(term.role, now, without=term.user_id).count(),
        "contact": queries.contact_behind(term),
        "wait": waits[0] if waits else None,
        "reason_form": ReasonForm(),
        "now": now,
    }
    return render(request, "people/role.html", context | more)


@signed_in
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    term = _term(pk)
    if not policy.may_confirm(request.user, term, timezone.now()):
        return _not_yours(request)
    attempt_click(
        request, actions.confirm_role, term, by=request.user, now=timezone.now(), done=_("Confirmed. They are told.")
    )
    return redirect(term)


@signed_in
@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    term = _term(pk)
    if not policy.may_confirm(request.user, term, timezone.now()):
        return _not_yours(request)
    return _with_reason(request, term, actions.decline_role)


def _not_yours(request: HttpRequest) -> HttpResponse:
    return not_allowed(request, _("Those who hold the role, or administrators, answer; nobody for themselves."))


@signed_in
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    if not policy.may_grant_roles(request.user, timezone.now()):
        return not_allowed(request, _("Administrators end roles."))
    return _with_reason(request, _term(pk), actions.end_role)


def _with_reason(request: HttpRequest, term: RoleTerm, act: Callable[..., RoleTerm]) -> HttpResponse:
    form = ReasonForm(request.POST)
    if form.is_valid() and attempt(form, act, term, **form.cleaned_data, by=request.user, now=timezone.now()):
        return redirect(term)
    return _role_page(request, _term(term.pk), reason_form=form, form=form)


@signed_in
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    return _act_on_my_own(request, pk, actions.take_back_role_request, done=_("Taken back."))


@signed_in
@require_POST
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    return _act_on_my_own(request, pk, actions.renew_role, done=_("Renewed for 12 months. Thank you."))


@signed_in
@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    return _act_on_my_own(request, pk, actions.give_role_back, done=_("Given back. Thank you for what you did."))


def _act_on_my_own(request: HttpRequest, pk: int, act: Callable[..., RoleTerm], *, done: str) -> HttpResponse:
    term = _term(pk)
    if term.user_id != request.user.pk:
        return not_allowed(request, _("This is for the person whose role it is."))
    attempt_click(request, act, term, by=request.user, now=timezone.now(), done=done)
    return redirect(term)


@signed_in
def grant(request: HttpRequest) -> HttpResponse:
    """Granting by hand, for administrators."""
    now = timezone.now()
    if not policy.may_grant_roles(request.user, now):
        return not_allowed(request, _("Administrators grant roles."))
    form = form_for(request, GrantForm)
    if request.method == "POST" and form.is_valid():
        term = attempt(form, actions.grant_role, form.person, **form.granted, by=request.user, now=now)
        if term:
            return redirect("people:grant")
    terms = queries.running_terms(now).select_related("user").order_by("role", "user__username")
    return render(request, "people/grant.html", {"form": form, "terms": terms})
