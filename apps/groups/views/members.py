from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.languages import regions
from apps.core.web import attempt, attempt_click, form_for, form_page, not_allowed, signed_in
from apps.groups import actions, policy, queries
from apps.groups.forms import ChangeGroupForm, FormGroupForm, InviteForm, JoinForm
from apps.groups.models import Facilitation, Group, Membership
from apps.people.models import RoleTerm
from apps.people.policy import may_grant_roles

GROUPS_A_PAGE = 50


def index(request: HttpRequest) -> HttpResponse:
    seeking = "seeking" in request.GET
    groups = queries.groups_seeking_members() if seeking else queries.all_groups()
    page = Paginator(groups, GROUPS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "groups/index.html", {"page": page, "seeking": seeking})


@signed_in
def new(request: HttpRequest) -> HttpResponse:
    form = form_for(request, FormGroupForm)
    if request.method == "POST" and form.is_valid():
        group = attempt(form, actions.form_group, **form.cleaned_data, by=request.user, now=timezone.now())
        if group:
            messages.success(request, _("The group exists. You coordinate it."))
            return redirect(group)
    return form_page(
        request,
        form,
        headline=_("Form a working group"),
        lede=_("A group can begin with you alone. Nobody has to be asked."),
        button=_("Form the group"),
        back=(reverse("groups:index"), _("All groups")),
    )


@signed_in
def change(request: HttpRequest, slug: str) -> HttpResponse:
    group = get_object_or_404(Group, slug=slug)
    if not policy.coordinates(request.user, group):
        return not_allowed(request, _("Coordinators describe the group."))
    before = {"purpose": group.purpose, "region": group.region, "seeks_members": group.seeks_members}
    form = form_for(request, ChangeGroupForm, initial=before)
    if request.method == "POST" and form.is_valid():
        changed = attempt(form, actions.change_group, group, **form.cleaned_data, by=request.user, now=timezone.now())
        if changed:
            messages.success(request, _("Saved."))
            return redirect(group)
    return form_page(
        request, form, headline=_("Describe the group"), button=_("Save"), back=(group.get_absolute_url(), group)
    )


@signed_in
def join(request: HttpRequest, slug: str) -> HttpResponse:
    group = get_object_or_404(Group, slug=slug)
    form = form_for(request, JoinForm)
    if request.method == "POST" and form.is_valid():
        asked = attempt(
            form, actions.ask_to_join, group, message=form.cleaned_data["message"], by=request.user, now=timezone.now()
        )
        if asked:
            messages.success(request, _said_after_asking(asked))
            return redirect(group)
    invited = queries.is_invited(request.user, group)
    lede = _("A coordinator owes you an answer in 14 days. Silence makes you a member.")
    if invited:
        lede = _("The group has invited you already: you become a member at once.")
    return form_page(
        request,
        form,
        headline=_("Ask to join %(group)s") % {"group": group},
        button=_("Join") if invited else _("Ask to join"),
        back=(group.get_absolute_url(), group),
        lede=lede,
    )


def _said_after_asking(membership: Membership) -> str:
    if membership.state == Membership.State.ACTIVE:
        return _("You are a member now: the group had invited you already.")
    return _("Asked. A coordinator owes you an answer in 14 days; if none comes, you are a member.")


@signed_in
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    group = get_object_or_404(Group, slug=slug)
    if not policy.coordinates(request.user, group):
        return not_allowed(request, _("Coordinators invite people."))
    form = form_for(request, InviteForm)
    if request.method == "POST" and form.is_valid():
        invited = attempt(form, actions.invite, group, people=form.people, by=request.user, now=timezone.now())
        if invited:
            messages.success(request, _("Invited. They have 14 days to accept."))
            return redirect(group)
        if invited == []:
            form.add_error("names", _("They are members, asked or invited already."))
    return form_page(
        request, form, headline=_("Invite people"), button=_("Invite"), back=(group.get_absolute_url(), group)
    )


@signed_in
@require_POST
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    group = get_object_or_404(Group, slug=slug)
    attempt_click(request, actions.leave_group, group, by=request.user, now=timezone.now())
    return redirect(group)


@signed_in
@require_POST
def confirm(request: HttpRequest, slug: str) -> HttpResponse:
    group = get_object_or_404(Group, slug=slug)
    if not may_grant_roles(request.user, timezone.now()):
        return not_allowed(request, _("Administrators confirm groups."))
    attempt_click(request, actions.confirm_group, group, by=request.user, now=timezone.now(), done=_("Confirmed."))
    return redirect(group)


@signed_in
@require_POST
def answer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_object_or_404(Membership.objects.select_related("group"), group__slug=slug, pk=pk)
    if not policy.coordinates(request.user, membership.group):
        return not_allowed(request, _("Coordinators admit members."))
    admit = request.POST.get("answer") == "admit"
    attempt_click(
        request,
        actions.answer_join,
        membership,
        admit=admit,
        by=request.user,
        now=timezone.now(),
        done=_("Admitted.") if admit else _("Declined. They are told."),
    )
    return redirect(membership.group)


@signed_in
@require_POST
def coordinate(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_object_or_404(Membership.objects.select_related("group"), group__slug=slug, pk=pk)
    if not policy.coordinates(request.user, membership.group):
        return not_allowed(request, _("Coordinators name coordinators."))
    attempt_click(request, actions.make_coordinator, membership, by=request.user, now=timezone.now(), done=_("Done."))
    return redirect(membership.group)


@signed_in
@require_POST
def succession(request: HttpRequest, slug: str) -> HttpResponse:
    """Members offer to coordinate when the coordinators seem to be gone; these say that they are there."""
    group = get_object_or_404(Group, slug=slug)
    if not policy.is_member(request.user, group):
        return not_allowed(request, _("Members of the group decide who coordinates it."))
    act: Callable[..., object] = actions.offer_to_coordinate
    done = _("Noted. If no coordinator answers in 14 days, a member becomes one.")
    chosen = request.POST.get("answer")
    if chosen == "here" and policy.coordinates(request.user, group):
        act, done = actions.say_still_here, _("Noted. Nothing changes.")
    elif chosen == "take_back":
        act, done = actions.take_back_offer, _("Taken back.")
    attempt_click(request, act, group, by=request.user, now=timezone.now(), done=done)
    return redirect(group)


@signed_in
@require_POST
def answer_invitation(request: HttpRequest, slug: str) -> HttpResponse:
    """Accept or decline an invitation, or take one's own request back: acts on nobody's membership but mine."""
    group = get_object_or_404(Group, slug=slug)
    membership = queries.running_membership(request.user, group)
    chosen = request.POST.get("answer")
    if membership is None:
        messages.error(request, _("There is no invitation any more. You can ask to join."))
    elif chosen == "take_back":
        attempt_click(
            request, actions.take_back_request, membership, by=request.user, now=timezone.now(), done=_("Taken back.")
        )
    else:
        attempt_click(
            request,
            actions.answer_invitation,
            membership,
            accept=chosen == "accept",
            now=timezone.now(),
            done=_("You are a member now.") if chosen == "accept" else _("Declined. Your name is not shown."),
        )
    return redirect(group)


def facilitators(request: HttpRequest, slug: str) -> HttpResponse:
    group, now = get_object_or_404(Group, slug=slug), timezone.now()
    coordinates = policy.coordinates(request.user, group)
    context = {
        "group": group,
        "coordinates": coordinates,
        "accepted": queries.facilitators_accepted_by(group),
        "to_accept": queries.facilitators_to_accept(group, now) if coordinates else [],
        "region": regions().get(group.region),
        "now": now,
    }
    return render(request, "groups/facilitators.html", context)


@signed_in
@require_POST
def accept_facilitator(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Accept the holder of this term."""
    group = get_object_or_404(Group, slug=slug)
    if not policy.coordinates(request.user, group):
        return not_allowed(request, _("Coordinators accept a facilitator."))
    term = get_object_or_404(RoleTerm.objects.select_related("user"), pk=pk)
    attempt_click(
        request,
        actions.accept_facilitator,
        group,
        person=term.user,
        by=request.user,
        now=timezone.now(),
        done=_("Accepted. They are told."),
    )
    return redirect("groups:facilitators", slug=slug)


@signed_in
@require_POST
def end_facilitation(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    found = get_object_or_404(Facilitation.objects.select_related("group", "user"), group__slug=slug, pk=pk)
    if found.user_id != request.user.pk and not policy.coordinates(request.user, found.group):
        return not_allowed(request, _("Coordinators or the facilitator end this."))
    attempt_click(request, actions.end_facilitation, found, by=request.user, now=timezone.now(), done=_("Ended."))
    return redirect("groups:facilitators", slug=slug)
