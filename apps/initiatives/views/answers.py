"""Pages where somebody is owed an answer: bids for the lead, objections, and what is in the way."""

from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from apps.accounts.models import User
from apps.core.web import attempt, attempt_click, not_allowed, signed_in
from apps.deadlines.queries import waits_about
from apps.groups import policy as groups
from apps.initiatives import actions, policy, queries
from apps.initiatives.forms.adopting import DecideObjectionForm, DeclineForm, PlanForm
from apps.initiatives.forms.leading import AnswerObstacleForm, GoOnForm
from apps.initiatives.models import Bid, Initiative, Lead, Objection, Obstacle
from apps.notifications.web import how_many_are_told, offer_recall

DISPUTES_A_PAGE = 25
NOT_YOURS = gettext_lazy("Coordinators of the group that was asked answer here.")


def bid(request: HttpRequest, pk: int) -> HttpResponse:
    return _bid_page(request, _found_bid(pk))


def _found_bid(pk: int) -> Bid:
    related = ("group", "answered_by_group", "adoption__initiative", "adoption__guidelines", "offered_by__group")
    return get_object_or_404(Bid.objects.select_related(*related), pk=pk)


def _bid_page(request: HttpRequest, bid: Bid, **refused: object) -> HttpResponse:
    now, adoption = timezone.now(), bid.adoption
    my_lead = _my_lead(request, bid)
    version = adoption.guidelines
    may_answer = policy.may_answer_bid(request.user, bid, my_lead)
    context = {
        "bid": bid,
        "adoption": adoption,
        "initiative": adoption.initiative,
        "leads": list(adoption.leads.filter(ended_at=None).select_related("group")),
        "waits": [(wait, wait.ladder(now)) for wait in waits_about(bid)],
        "my_lead": my_lead,
        "may_answer": may_answer,
        "told": how_many_are_told(queries.told_of_an_answer(bid)) if may_answer else "",
        "may_take_back": policy.may_take_back_bid(request.user, bid),
        "may_go_on": my_lead is not None and not my_lead.has_gone_on,
        "go_on": GoOnForm(prefix="go_on"),
        "decline": DeclineForm(prefix="decline"),
        "accept": PlanForm(prefix="accept", version=version, initial={"plan": adoption.plan}),
        "version": version,
        "now": now,
        **refused,
    }
    return render(request, "initiatives/bid.html", context)


def _my_lead(request: HttpRequest, bid: Bid) -> Lead | None:
    leads = bid.adoption.leads.filter(ended_at=None).select_related("group")
    return next((lead for lead in leads if groups.coordinates(request.user, lead.group)), None)


@signed_in
@require_POST
def answer_bid(request: HttpRequest, pk: int) -> HttpResponse:
    bid, now = _found_bid(pk), timezone.now()
    my_lead, chosen = _my_lead(request, bid), request.POST.get("answer", "")
    if chosen == "take_back":
        if not policy.may_take_back_bid(request.user, bid):
            return not_allowed(request, _("Whoever made it can take it back."))
        attempt_click(request, actions.withdraw_bid, bid, by=request.user, now=now, done=_("Taken back."))
        return redirect(bid)
    if not policy.may_answer_bid(request.user, bid, my_lead):
        return not_allowed(request, str(NOT_YOURS))
    if chosen == "share":
        attempt_click(
            request, actions.share_lead, bid, by=request.user, now=now, done=_("Your groups lead together now.")
        )
    elif chosen == "hand_over" and my_lead:
        attempt_click(
            request,
            actions.hand_over_to_bidder,
            bid,
            lead=my_lead,
            by=request.user,
            now=now,
            done=_("Handed over. Thank you for what you did."),
        )
    offer_recall(request, by=request.user, now=now)
    return redirect(bid.adoption)


@signed_in
@require_POST
def go_on_alone(request: HttpRequest, pk: int) -> HttpResponse:
    """The lead of a quiet initiative goes on, with evidence."""
    bid = _found_bid(pk)
    my_lead = _my_lead(request, bid)
    if my_lead is None or not policy.may_answer_bid(request.user, bid, my_lead):
        return not_allowed(request, str(NOT_YOURS))
    form = GoOnForm(request.POST, prefix="go_on")
    who = {"by": request.user, "now": timezone.now()}
    if form.is_valid() and attempt(form, actions.go_on_alone, bid, lead=my_lead, **form.cleaned_data, **who):
        return _noted(request, bid, **who)
    return _bid_page(request, bid, go_on=form, refused="go_on")


@signed_in
@require_POST
def decline_bid(request: HttpRequest, pk: int) -> HttpResponse:
    bid = _found_bid(pk)
    if not policy.may_answer_bid(request.user, bid, _my_lead(request, bid)):
        return not_allowed(request, str(NOT_YOURS))
    form = DeclineForm(request.POST, prefix="decline")
    who = {"by": request.user, "now": timezone.now()}
    if form.is_valid() and attempt(form, actions.decline_bid, bid, **form.cleaned_data, **who):
        return _noted(request, bid, **who)
    return _bid_page(request, bid, decline=form, refused="decline")


@signed_in
@require_POST
def accept_lead(request: HttpRequest, pk: int) -> HttpResponse:
    """The group that is offered the lead takes it."""
    bid = _found_bid(pk)
    if not policy.may_answer_bid(request.user, bid, _my_lead(request, bid)):
        return not_allowed(request, str(NOT_YOURS))
    form = PlanForm(request.POST, prefix="accept", version=bid.adoption.guidelines)
    plan = {"plan": form.cleaned_data["plan"], "first_steps": form.first_steps} if form.is_valid() else None
    who = {"by": request.user, "now": timezone.now()}
    if plan and attempt(form, actions.accept_lead, bid, **plan, **who):
        return _noted(request, bid, **who)
    return _bid_page(request, bid, accept=form, refused="accept")


def _noted(request: HttpRequest, bid: Bid, *, by: User, now: datetime) -> HttpResponse:
    messages.success(request, _("Noted. The other group is told."))
    offer_recall(request, by=by, now=now)
    return redirect(bid.adoption)


# --- What was decided ------------------------------------------------------------------------


def disputes(request: HttpRequest, number: int, words: str) -> HttpResponse:
    """The objections and bids of an initiative that are over; each leads to its page with both plans."""
    initiative = get_object_or_404(Initiative, number=number)
    page = Paginator(queries.disputes_over(initiative), DISPUTES_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "initiatives/disputes.html", {"initiative": initiative, "page": page})


# --- Objections ------------------------------------------------------------------------------


def objection(request: HttpRequest, pk: int) -> HttpResponse:
    return _objection_page(request, _found_objection(pk))


def _found_objection(pk: int) -> Objection:
    return get_object_or_404(Objection.objects.select_related("group", "adoption__initiative"), pk=pk)


def _objection_page(request: HttpRequest, objection: Objection, form: object = None) -> HttpResponse:
    now = timezone.now()
    may_decide = queries.may_decide(request.user, objection, now)
    context = {
        "objection": objection,
        "adoption": objection.adoption,
        "initiative": objection.adoption.initiative,
        "leads": list(objection.adoption.leads.select_related("group")),
        "waits": [(wait, wait.ladder(now)) for wait in waits_about(objection)],
        "may_decide": may_decide,
        "told": how_many_are_told(queries.told_of_a_decision(objection)) if may_decide else "",
        "is_mine": objection.made_by_id == request.user.pk,
        "form": form or DecideObjectionForm(has_plan=objection.group is not None),
        "now": now,
    }
    return render(request, "initiatives/objection.html", context)


@signed_in
@require_POST
def decide_objection(request: HttpRequest, pk: int) -> HttpResponse:
    objection, now = _found_objection(pk), timezone.now()
    if not queries.may_decide(request.user, objection, now):
        return not_allowed(request, _("Any one reviewer without a part in it decides."))
    form = DecideObjectionForm(request.POST, has_plan=objection.group is not None)
    if form.is_valid():
        act = {
            form.DISMISS: actions.dismiss_objection,
            form.SHARE: actions.let_objectors_share,
            form.UPHOLD: actions.uphold_objection,
        }[form.cleaned_data["decision"]]
        if attempt(form, act, objection, note=form.cleaned_data["note"], by=request.user, now=now):
            messages.success(request, _("Noted. Both sides are told."))
            offer_recall(request, by=request.user, now=now)
            return redirect(objection)
    return _objection_page(request, objection, form)


@signed_in
@require_POST
def withdraw_objection(request: HttpRequest, pk: int) -> HttpResponse:
    objection = get_object_or_404(Objection, pk=pk, made_by=request.user)
    attempt_click(
        request, actions.withdraw_objection, objection, by=request.user, now=timezone.now(), done=_("Taken back.")
    )
    return redirect(objection)


# --- What is in the way ----------------------------------------------------------------------


def obstacle(request: HttpRequest, pk: int) -> HttpResponse:
    return _obstacle_page(request, _found_obstacle(pk))


def _found_obstacle(pk: int) -> Obstacle:
    related = ("group", "person", "update__group", "adoption__initiative")
    return get_object_or_404(Obstacle.objects.select_related(*related), pk=pk)


def _obstacle_page(request: HttpRequest, obstacle: Obstacle, form: object = None) -> HttpResponse:
    now = timezone.now()
    is_asked = obstacle.state == Obstacle.State.ASKED and obstacle.person_id == request.user.pk
    may_answer = policy.may_answer_obstacle(request.user, obstacle, now)
    may_clear = policy.may_clear_obstacle(request.user, obstacle)
    knows = is_asked or may_clear
    context = {
        "obstacle": obstacle,
        "initiative": obstacle.adoption.initiative,
        "waits_for": queries.whom_it_waits_for(obstacle),
        # Whether a person is asked is between them and the group.
        "waits": [(wait, wait.ladder(now)) for wait in waits_about(obstacle) if wait.rule.public or knows],
        "is_asked": is_asked,
        "may_answer": may_answer,
        "told": how_many_are_told(queries.told_of_an_obstacle(obstacle)) if may_answer else "",
        "may_clear": may_clear,
        "form": form or AnswerObstacleForm(),
        "now": now,
    }
    return render(request, "initiatives/obstacle.html", context)


@signed_in
@require_POST
def answer_obstacle(request: HttpRequest, pk: int) -> HttpResponse:
    obstacle, now = _found_obstacle(pk), timezone.now()
    if not policy.may_answer_obstacle(request.user, obstacle, now):
        return not_allowed(request, _("Whoever it waits for answers here."))
    form = AnswerObstacleForm(request.POST)
    typed = form.cleaned_data if form.is_valid() else None
    if typed and attempt(form, actions.answer_obstacle, obstacle, **typed, by=request.user, now=now):
        messages.success(request, _("Answered. The group is told."))
        offer_recall(request, by=request.user, now=now)
        return redirect(obstacle)
    return _obstacle_page(request, obstacle, form)


@signed_in
@require_POST
def say_whether_mine(request: HttpRequest, pk: int) -> HttpResponse:
    """The person who was asked says whether it waits for them."""
    obstacle = get_object_or_404(Obstacle, pk=pk, person=request.user)
    accepts = request.POST.get("answer") == "yes"
    attempt_click(
        request,
        actions.accept_obstacle if accepts else actions.decline_obstacle,
        obstacle,
        by=request.user,
        now=timezone.now(),
        done=_("Thank you: you have 14 days to answer.") if accepts else _("Noted. Your name was shown to nobody."),
    )
    return redirect(obstacle)


@signed_in
@require_POST
def clear_obstacle(request: HttpRequest, pk: int) -> HttpResponse:
    obstacle = _found_obstacle(pk)
    if not policy.may_clear_obstacle(request.user, obstacle):
        return not_allowed(request, _("Members of the leading group say that it is out of the way."))
    attempt_click(
        request, actions.clear_obstacle, obstacle, by=request.user, now=timezone.now(), done=_("Out of the way.")
    )
    return redirect(obstacle.adoption)
