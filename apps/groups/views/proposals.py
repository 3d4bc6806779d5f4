from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.web import attempt, attempt_click, form_for, form_page, not_allowed, signed_in
from apps.deadlines.queries import waits_about
from apps.groups import actions, policy, queries
from apps.groups.forms import AnswerObjectionForm, InsistForm, PositionForm, ProposalForm, VersionForm
from apps.groups.models import Group, Position, Proposal, Version
from apps.notifications.web import how_many_are_told, offer_recall

PROPOSALS_A_PAGE = 25


def index(request: HttpRequest, slug: str) -> HttpResponse:
    group = get_object_or_404(Group, slug=slug)
    page = Paginator(queries.proposals_of(group), PROPOSALS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "group": group,
        "page": page,
        "is_member": policy.is_member(request.user, group),
        "now": timezone.now(),
    }
    return render(request, "groups/proposals.html", context)


def page(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    proposal, now, person = _proposal(slug, pk), timezone.now(), request.user
    versions = list(proposal.versions.all())
    before, after = _compared(request, versions)
    positions = queries.positions_on(proposal)
    context = {
        "proposal": proposal,
        "group": proposal.group,
        "versions": versions,
        "newest": versions[-1],
        "before": before,
        "after": after,
        "changes": queries.changes_between(before.text, after.text) if before and after else [],
        "positions": positions,
        "mine": positions.of(person),
        "waits": waits_about(proposal),
        "is_member": policy.is_member(person, proposal.group),
        "counts": queries.was_member_before(person, proposal),
        "settles": {
            shown.position.pk
            for shown in positions.counting
            if shown.wait and policy.may_settle(person, shown.position, now)
        },
        "takes_positions": proposal.state == Proposal.State.OPEN and proposal.closes_at > now,
        "is_undecided": proposal.state in Proposal.UNDECIDED,
        "now": now,
    }
    return render(request, "groups/proposal.html", context)


def _compared(request: HttpRequest, versions: list[Version]) -> tuple[Version | None, Version | None]:
    """The two versions that the address names, else the last two."""
    by_number = {str(version.number): version for version in versions}
    before, after = by_number.get(request.GET.get("from", "")), by_number.get(request.GET.get("to", ""))
    if before and after:
        return before, after
    return (versions[-2], versions[-1]) if len(versions) > 1 else (None, None)


@signed_in
def new(request: HttpRequest, slug: str) -> HttpResponse:
    group = get_object_or_404(Group, slug=slug)
    if not policy.is_member(request.user, group):
        return not_allowed(request, _("Members of the group make proposals."))
    form = form_for(request, ProposalForm, led=queries.initiatives_led_by(group))
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        proposal = attempt(form, actions.open_proposal, group, **form.cleaned_data, by=request.user, now=now)
        if proposal:
            messages.success(request, _("Opened. The members are told."))
            offer_recall(request, by=request.user, now=now)
            return redirect(proposal)
    told = queries.count_of_others(queries.active_members_of(group), request.user)
    rule = _("Silence is consent: on the end date it is adopted, unless an objection is open.")
    return form_page(
        request,
        form,
        headline=_("Make a proposal"),
        lede=f"{rule} {how_many_are_told(told)}".strip(),
        button=_("Open the proposal"),
        back=(group.get_absolute_url(), group),
    )


@signed_in
def version(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    proposal = _proposal(slug, pk)
    if not policy.is_member(request.user, proposal.group):
        return not_allowed(request, _("Members of the group publish new versions."))
    form = form_for(request, VersionForm, newest=queries.newest_version(proposal))
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        if attempt(form, actions.publish_version, proposal, **form.cleaned_data, by=request.user, now=now):
            messages.success(request, _("Published. Whoever took a position is asked again."))
            offer_recall(request, by=request.user, now=now)
            return redirect(proposal)
    told = queries.people_with_a_position(proposal, without=request.user).count()
    rule = _("Each version is open for at least 14 days: the end date moves, if it has to. Open objections stay open.")
    return _form_of(
        request,
        form,
        proposal,
        headline=_("Publish a new version"),
        lede=f"{rule} {how_many_are_told(told)}".strip(),
        button=_("Publish the version"),
    )


@signed_in
def position(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    proposal = _proposal(slug, pk)
    said = queries.position_of(request.user, proposal)
    form = form_for(request, PositionForm, said=said)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        if attempt(form, actions.take_position, proposal, **form.cleaned_data, by=request.user, now=now):
            messages.success(request, _("Noted. You can say something else until the end date."))
            return redirect(proposal)
    lede = _("It is shown apart: positions of members from before the opening count.")
    if queries.was_member_before(request.user, proposal):
        lede = _("An open objection stops the proposal; the group owes you an answer to it.")
    return _form_of(request, form, proposal, headline=_("Take a position"), lede=lede, button=_("Take this position"))


@signed_in
@require_POST
def withdraw(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    proposal, now = _proposal(slug, pk), timezone.now()
    if not policy.is_member(request.user, proposal.group):
        return not_allowed(request, _("Members of the group withdraw its proposals."))
    attempt_click(request, actions.withdraw_proposal, proposal, by=request.user, now=now, done=_("Withdrawn."))
    offer_recall(request, by=request.user, now=now)
    return redirect(proposal)


@signed_in
def answer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    objection = _objection(slug, pk)
    if not policy.is_member(request.user, objection.proposal.group):
        return not_allowed(request, _("Members of the group answer objections."))
    form = form_for(request, AnswerObjectionForm)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        if attempt(form, actions.answer_objection, objection, **form.cleaned_data, by=request.user, now=now):
            messages.success(request, _("Answered. Whoever objected is told."))
            return redirect(objection.proposal)
    return _form_of(
        request,
        form,
        objection.proposal,
        headline=_("Answer the objection"),
        lede=_("If whoever objected says nothing for 14 days, the objection counts as answered."),
        button=_("Publish the answer"),
    )


@signed_in
@require_POST
def settle(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    objection, now = _objection(slug, pk), timezone.now()
    if not policy.may_settle(request.user, objection, now):
        return not_allowed(request, _("Whoever objected, or a reviewer from outside, says that it is answered."))
    attempt_click(
        request, actions.settle_objection, objection, by=request.user, now=now, done=_("The objection is settled.")
    )
    return redirect(objection.proposal)


@signed_in
def insist(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    objection = _objection(slug, pk)
    if request.user.pk != objection.person_id:
        return not_allowed(request, _("Whoever objected says whether the answer does."))
    form = form_for(request, InsistForm)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        if attempt(form, actions.insist_on_objection, objection, **form.cleaned_data, by=request.user, now=now):
            messages.success(request, _("Noted: your objection is open again."))
            return redirect(objection.proposal)
    return _form_of(
        request,
        form,
        objection.proposal,
        headline=_("The answer does not do"),
        lede=_("The group owes you another answer. A reviewer from outside can settle it."),
        button=_("Keep the objection open"),
    )


def _proposal(slug: str, pk: int) -> Proposal:
    return get_object_or_404(Proposal.objects.select_related("group"), group__slug=slug, pk=pk)


def _objection(slug: str, pk: int) -> Position:
    objections = Position.objects.filter(stance=Position.Stance.OBJECT, counts=True)
    return get_object_or_404(objections.select_related("proposal__group"), proposal__group__slug=slug, pk=pk)


def _form_of(request: HttpRequest, form: Any, proposal: Proposal, **words: str) -> HttpResponse:
    return form_page(request, form, back=(proposal.get_absolute_url(), proposal), **words)
