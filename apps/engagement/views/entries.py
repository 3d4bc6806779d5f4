from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.web import attempt, attempt_click, form_for, form_page, not_allowed, signed_in
from apps.deadlines.queries import Wait, deadlines_about, waits
from apps.engagement import actions, policy, queries
from apps.engagement.deadlines import REVIEW
from apps.engagement.forms.entries import EntryForm, NeighboursForm
from apps.engagement.forms.review import AnswerForm, EarlyForm
from apps.engagement.models import Entry
from apps.engagement.queries.checklist import in_words
from apps.engagement.views.adoption import adoption_of, step_of, step_url
from apps.guidelines.models import Step
from apps.guidelines.queries import current_version


def _logged_words(entry: Entry) -> str:
    if entry.counts:
        return _("Logged. The checklist has measured itself again.")
    return _("Logged. It counts once somebody who was there says so on its page: send them the link.")


def checklist_page(request: HttpRequest, number: int, words: str) -> HttpResponse:
    """Every step with its entries; members log and hand in here."""
    adoption = adoption_of(number)
    entries_by_step: dict[int, list[Entry]] = {}
    for entry in queries.entries_of(adoption):
        entries_by_step.setdefault(entry.step_id, []).append(entry)
    checklist = queries.checklist_of(adoption)
    reviews = _reviews(checklist)
    may_log = request.user.is_authenticated and policy.may_log(request.user, adoption)
    context = {
        "adoption": adoption,
        "initiative": adoption.initiative,
        "checklist": checklist,
        "rows": [
            (shown, in_words(entries_by_step.get(shown.step.pk, [])), reviews.get(shown.line.submission_id))
            for shown in checklist.steps
        ],
        "earlier": [(shown, in_words(entries_by_step.get(shown.step.pk, []))) for shown in checklist.earlier],
        "may_log": may_log,
        "in_force": current_version() if may_log else None,
        "now": timezone.now(),
    }
    return render(request, "engagement/checklist.html", context)


def _reviews(checklist: queries.Checklist) -> dict[int | None, Wait]:
    """What is waited for from reviewers, by the submission; nothing is asked where nothing is in review."""
    handed_in = {shown.line.submission_id for shown in checklist.steps if shown.look == "in_review"}
    found = waits(deadlines_about(REVIEW, handed_in)) if handed_in else []
    return {wait.subject.pk: wait for wait in found}


@signed_in
def step_page(request: HttpRequest, number: int, words: str, code: str) -> HttpResponse:
    """Log an entry for one step, and see those that are there."""
    adoption = adoption_of(number)
    step = step_of(adoption, code)
    group = policy.leading_group_of(request.user, adoption)
    if group is None:
        return not_allowed(request, _("Members of the leading group log entries, as long as its term runs."))
    checklist = queries.checklist_of(adoption)
    shown = next(row for row in checklist.steps if row.step.pk == step.pk)
    to_tell = queries.whom_to_tell(adoption, shown.line.named)
    form = form_for(request, EntryForm, step=step, to_tell=to_tell)
    if request.method == "POST" and form.is_valid():
        entry = attempt(
            form,
            actions.log_entry,
            adoption,
            step=step,
            group=group,
            by=request.user,
            now=timezone.now(),
            **form.cleaned_data,
        )
        if entry:
            messages.success(request, _logged_words(entry))
            return redirect(step_url(adoption, step))
    context = {
        "adoption": adoption,
        "initiative": adoption.initiative,
        "step": step,
        "shown": shown,
        "entries": in_words(entry for entry in queries.entries_of(adoption) if entry.step_id == step.pk),
        "review": _reviews(checklist).get(shown.line.submission_id),
        "now": timezone.now(),
        "form": form,
        "needs_names": step.measure == Step.Measure.TOLD,
        "to_tell": to_tell,
        "may_hand_in_early": shown.line.state in queries.CAN_BE_HANDED_IN and not shown.line.is_met,
    }
    return render(request, "engagement/step.html", context)


@signed_in
def neighbours(request: HttpRequest, number: int, words: str, code: str) -> HttpResponse:
    adoption = adoption_of(number)
    step = step_of(adoption, code)
    group = policy.leading_group_of(request.user, adoption)
    if group is None or step.measure != Step.Measure.TOLD:
        return not_allowed(request, _("Members of the leading group name those whom they tell."))
    line = next(row.line for row in queries.checklist_of(adoption).steps if row.step.pk == step.pk)
    names = queries.whom_to_tell(adoption, line.named or [])
    form = form_for(request, NeighboursForm, initial={"names": "\n".join(names)})
    if request.method == "POST" and form.is_valid():
        named = attempt(
            form,
            actions.name_neighbours,
            adoption,
            step=step,
            names=form.cleaned_data["names"],
            group=group,
            by=request.user,
            now=timezone.now(),
        )
        if named:
            return redirect(step_url(adoption, step))
    return form_page(
        request,
        form,
        headline=_("Whom do you tell?"),
        lede=step.expectation,
        button=_("Save"),
        back=(step_url(adoption, step), step.title),
    )


@signed_in
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    entry = get_object_or_404(Entry.objects.select_related("adoption__initiative", "step", "group"), pk=pk)
    if not policy.may_log(request.user, entry.adoption):
        return not_allowed(request, _("Members of the leading group withdraw entries."))
    attempt_click(
        request,
        actions.withdraw_entry,
        entry,
        by=request.user,
        now=timezone.now(),
        done=_("Withdrawn. It stays in the history and counts no more."),
    )
    return redirect(step_url(entry.adoption, entry.step))


@signed_in
@require_POST
def hand_in(request: HttpRequest, number: int, words: str) -> HttpResponse:
    adoption = adoption_of(number)
    group = policy.leading_group_of(request.user, adoption)
    if group is None:
        return not_allowed(request, _("Members of the leading group hand in."))
    attempt_click(
        request,
        actions.hand_in_measured,
        adoption,
        group=group,
        by=request.user,
        now=timezone.now(),
        done=_("Handed in. A reviewer answers in 10 working days; on day 20 silence confirms what is measured."),
    )
    return redirect("engagement:checklist", number, words)


@signed_in
def hand_in_early(request: HttpRequest, number: int, words: str, code: str) -> HttpResponse:
    adoption = adoption_of(number)
    step = step_of(adoption, code)
    group = policy.leading_group_of(request.user, adoption)
    if group is None:
        return not_allowed(request, _("Members of the leading group hand in."))
    form = form_for(request, EarlyForm)
    if request.method == "POST" and form.is_valid():
        submission = attempt(
            form,
            actions.hand_in_early,
            adoption,
            step=step,
            reason=form.cleaned_data["reason"],
            group=group,
            by=request.user,
            now=timezone.now(),
        )
        if submission:
            messages.success(request, _("Handed in. A reviewer judges your reason in 10 working days."))
            return redirect("engagement:checklist", number, words)
    return form_page(
        request,
        form,
        headline=_("Hand in early: %(step)s") % {"step": step.title},
        lede=_("A reviewer judges your reason in 10 working days. After 20 the step reads “not reviewed”."),
        button=_("Hand in with this reason"),
        back=(step_url(adoption, step), step.title),
    )


@signed_in
def answer(request: HttpRequest, number: int, words: str, code: str) -> HttpResponse:
    """Answer a reviewer who asked for more and hand the step in again. The checklist has this form in place."""
    adoption = adoption_of(number)
    step = step_of(adoption, code)
    group = policy.leading_group_of(request.user, adoption)
    if group is None:
        return not_allowed(request, _("Members of the leading group hand in."))
    form = form_for(request, AnswerForm)
    if request.method == "POST" and form.is_valid():
        typed = {"step": step, "answer": form.cleaned_data["answer"], "group": group}
        if attempt(form, actions.hand_in_again, adoption, **typed, by=request.user, now=timezone.now()):
            messages.success(request, _("Handed in again with your answer. A reviewer answers in 10 working days."))
            return redirect(reverse("engagement:checklist", args=[number, words]) + f"#step-{code}")
    line = next(row.line for row in queries.checklist_of(adoption).steps if row.step.pk == step.pk)
    return form_page(
        request,
        form,
        headline=_("Answer the reviewer: %(step)s") % {"step": step.title},
        lede=line.note or line.get_state_display(),
        button=_("Answer and hand in again"),
        back=(step_url(adoption, step), step.title),
    )
