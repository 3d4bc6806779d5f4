"""The page of people, and the page of an affiliate with its contacts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.languages import regions
from apps.core.web import attempt, attempt_click, not_allowed, signed_in
from apps.deadlines.queries import Wait, deadlines_about, waits
from apps.people import actions, policy, queries, words
from apps.people.board import Chosen, affiliates_shown, board
from apps.people.deadlines import CONFIRM_CONTACT
from apps.people.forms import FilterForm, ReasonForm
from apps.people.models import Affiliate, Contact, RoleTerm


def index(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    form = FilterForm(request.GET)
    chosen = Chosen(**form.known)
    shown = board(chosen, now)
    form.offer(shown.languages)
    context = {
        "board": shown,
        "chosen": chosen,
        "form": form,
        "roles": [(role, words.BECOME[role], words.DOES[role]) for role in RoleTerm.ASKED_FOR],
        "reviewers": queries.reviewers(now).order_by("username"),
        "affiliates": affiliates_shown(chosen),
        "may_grant": policy.may_grant_roles(request.user, now),
    }
    return render(request, "people/page.html", context)


def affiliate(request: HttpRequest, pk: int) -> HttpResponse:
    return _affiliate_page(request, get_object_or_404(Affiliate, pk=pk))


def _affiliate_page(request: HttpRequest, found: Affiliate, **more: object) -> HttpResponse:
    now = timezone.now()
    contacts = list(queries.shown_contacts().filter(affiliate=found))
    open_ = waits(deadlines_about(CONFIRM_CONTACT, [contact.pk for contact in contacts]))
    context: dict[str, object] = {
        "affiliate": found,
        "contacts": [(contact, _wait_of(contact, open_)) for contact in contacts],
        "roles": [queries.covered_by(term) for term in queries.roles_of_affiliate(found, now)],
        "mine": next((contact for contact in contacts if contact.user_id == request.user.pk), None),
        "may_answer": policy.may_answer_for(request.user, found, now),
        "may_grant": policy.may_grant_roles(request.user, now),
        "region": regions().get(found.region),
        "reason_form": ReasonForm(),
        "now": now,
    }
    return render(request, "people/affiliate.html", context | more)


def _wait_of(contact: Contact, open_: list[Wait]) -> Wait | None:
    return next((wait for wait in open_ if wait.subject.pk == contact.pk), None)


@signed_in
@require_POST
def say_contact(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Affiliate, pk=pk)
    attempt_click(
        request,
        actions.say_contact,
        found,
        by=request.user,
        now=timezone.now(),
        done=_("Your name stands here now, unconfirmed. You can take it back at any time."),
    )
    return redirect(found)


@signed_in
@require_POST
def take_back_contact(request: HttpRequest, pk: int) -> HttpResponse:
    contact = _contact(pk)
    if contact.user_id != request.user.pk:
        return not_allowed(request, _("People take their own name back."))
    attempt_click(
        request, actions.take_back_contact, contact, by=request.user, now=timezone.now(), done=_("Taken back.")
    )
    return redirect(contact)


@signed_in
@require_POST
def confirm_contact(request: HttpRequest, pk: int) -> HttpResponse:
    contact, now = _contact(pk), timezone.now()
    if not policy.may_answer_for(request.user, contact.affiliate, now):
        return not_allowed(request, _("Administrators and confirmed contacts of the affiliate confirm others."))
    attempt_click(request, actions.confirm_contact, contact, by=request.user, now=now, done=_("Confirmed."))
    return redirect(contact)


@signed_in
@require_POST
def refuse_contact(request: HttpRequest, pk: int) -> HttpResponse:
    contact, now = _contact(pk), timezone.now()
    if not policy.may_take_off(request.user, contact, now):
        return not_allowed(request, _("Administrators take a name off; confirmed contacts one that is unconfirmed."))
    form = ReasonForm(request.POST)
    if form.is_valid() and attempt(
        form, actions.refuse_contact, contact, reason=form.cleaned_data["reason"], by=request.user, now=now
    ):
        return redirect(contact)
    return _affiliate_page(request, contact.affiliate, reason_form=form, form=form, refused=contact.pk)


def _contact(pk: int) -> Contact:
    return get_object_or_404(Contact.objects.select_related("affiliate", "user"), pk=pk)
