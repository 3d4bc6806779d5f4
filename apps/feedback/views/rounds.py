"""The list of rounds, the page of one, and what its group does with it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.languages import language
from apps.core.web import attempt, attempt_click, form_for, form_page, not_allowed, signed_in
from apps.deadlines.queries import waits_about
from apps.feedback import actions, policy, queries
from apps.feedback.forms import CancelForm, RoundForm, round_initial
from apps.feedback.models import Round
from apps.groups.policy import is_member
from apps.initiatives.models import Initiative
from apps.notifications.web import how_many_are_told, offer_recall

ROUNDS_A_PAGE = 25


def index(request: HttpRequest) -> HttpResponse:
    """All rounds, or those of one initiative; a number that no initiative has is left out."""
    codes, initiative = queries.languages_of(request.user), _initiative(request)
    open_ = [queries.shown(round_, codes) for round_ in queries.open_rounds(initiative)]
    page = Paginator(queries.rounds_that_are_over(initiative), ROUNDS_A_PAGE).get_page(request.GET.get("page"))
    mine = [row for row in open_ if row.codes & set(codes)]
    context = {
        "initiative": initiative,
        "open": open_,
        "mine": mine,
        "others": [row for row in open_ if row not in mine],
        "page": page,
        "over": [queries.shown(round_, codes) for round_ in page],
        "drafts": queries.drafts_of_members(request.user) if request.user.pk and initiative is None else [],
        "now": timezone.now(),
    }
    return render(request, "feedback/index.html", context)


def round_page(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = readable(request, pk)
    person, now = request.user, timezone.now()
    row = queries.shown(round_, [request.GET.get("in", ""), *queries.languages_of(person)])
    wanted, my_carry = queries.wanted_shown(round_, now), queries.carry_of(person, round_)
    may_run = policy.may_run(person, round_)
    may_open = may_run and round_.state == Round.State.DRAFT
    context = {
        "round": round_,
        "row": row,
        "text": row.shown,
        "answers": queries.answers_shown(round_, row.shown.questions),
        "mine": queries.answer_of(person, round_),
        "my_carry": my_carry,
        "carry_waits": waits_about(my_carry) if my_carry else [],
        "may_carry": round_.state == Round.State.OPEN and queries.term_that_fits(person, round_, now) is not None,
        "wanted": wanted,
        "nobody": [one.name for one in wanted if one.has_nobody],
        "reports": queries.reports_shown(round_),
        "is_member": is_member(person, round_.group),
        "may_run": may_run,
        "told": how_many_are_told(queries.told_of_an_opening(round_, now)) if may_open else "",
        "may_correct_text": policy.may_translate(person, round_, row.shown.translation),
        "summary_language": language(round_.summary_language) if round_.summary else None,
        "corrections": queries.corrections_shown(round_) if round_.summary else [],
        "may_correct": policy.may_correct_summary(person, round_, now),
        "waits": [(wait, wait.ladder(now)) for wait in waits_about(round_)],
        "now": now,
    }
    return render(request, "feedback/round.html", context)


def readable(request: HttpRequest, pk: int) -> Round:
    """A round that this reader may see; what was never opened is not there for anybody else."""
    round_: Round = get_object_or_404(queries.all_rounds(), pk=pk)
    if not policy.may_read(request.user, round_):
        raise Http404
    return round_


@signed_in
def new(request: HttpRequest) -> HttpResponse:
    initiative = _initiative(request)
    initial = {"initiative": initiative, "language": request.user.language, "languages": request.user.languages}
    form = form_for(request, RoundForm, person=request.user, initial=initial)
    if not form.fields["group"].queryset.exists():
        return not_allowed(request, _("Only groups ask. Form a working group first; it can begin with you alone."))
    if request.method == "POST" and form.is_valid():
        round_ = attempt(form, actions.draft_round, **form.asked, by=request.user, now=timezone.now())
        if round_:
            messages.success(request, _("The draft is there. Only your group sees it until a coordinator opens it."))
            return redirect(round_)
    return form_page(
        request,
        form,
        headline=_("Ask for feedback"),
        lede=_("You see a draft first. Once it is open, anybody answers in any language until it closes."),
        button=_("Save the draft"),
        back=(reverse("feedback:index"), _("Feedback rounds")),
    )


def _initiative(request: HttpRequest) -> Initiative | None:
    """The one that the address names by its number, if there is one."""
    typed = request.GET.get("initiative", "")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 5):
        return None
    return Initiative.objects.filter(number=int(typed)).first()


@signed_in
def change(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = readable(request, pk)
    if not policy.may_draft(request.user, round_):
        return not_allowed(request, _("Coordinators of the group change what is asked."))
    form = form_for(request, RoundForm, person=request.user, round_=round_, initial=round_initial(round_))
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        if attempt(form, actions.change_round, round_, **form.asked, by=request.user, now=now):
            messages.success(request, _("Saved."))
            offer_recall(request, by=request.user, now=now)
            return redirect(round_)
    is_open = round_.state == Round.State.OPEN
    return form_page(
        request,
        form,
        headline=_("Change what is asked"),
        lede=_("Other words make its translations outdated. You can ask in more languages and regions.")
        if is_open
        else "",
        button=_("Save"),
        back=(round_.get_absolute_url(), round_),
    )


@signed_in
@require_POST
def open_round(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = readable(request, pk)
    if not policy.may_run(request.user, round_):
        return not_allowed(request, _("Coordinators of the group open its rounds."))
    done = _("It is open. Translations come first: send the address of this page to people who can write them.")
    now = timezone.now()
    attempt_click(request, actions.open_round, round_, by=request.user, now=now, done=done)
    offer_recall(request, by=request.user, now=now)
    return redirect(round_)


@signed_in
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = readable(request, pk)
    if not policy.may_draft(request.user, round_):
        return not_allowed(request, _("Members put the drafts of their group away."))
    attempt_click(
        request, actions.discard_draft, round_, by=request.user, now=timezone.now(), done=_("The draft is put away.")
    )
    return redirect("feedback:index")


@signed_in
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = readable(request, pk)
    if not policy.may_run(request.user, round_):
        return not_allowed(request, _("Coordinators of the group cancel its rounds."))
    form = form_for(request, CancelForm)
    if request.method == "POST" and form.is_valid():
        reason, now = form.cleaned_data["reason"], timezone.now()
        attempt(form, actions.cancel_round, round_, reason=reason, by=request.user, now=now)
        if not form.errors:
            messages.success(request, _("Cancelled. Your reason stands on its page."))
            offer_recall(request, by=request.user, now=now)
            return redirect(round_)
    means = _("Nobody can answer any more, and no summary is owed. Answers that came stay on the page.")
    return form_page(
        request,
        form,
        headline=_("Cancel this round"),
        lede=f"{means} {how_many_are_told(queries.told_of_a_cancel(round_))}".strip(),
        button=_("Cancel the round"),
        back=(round_.get_absolute_url(), round_),
    )
