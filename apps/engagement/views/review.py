from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.web import attempt, not_allowed, signed_in
from apps.deadlines.queries import Wait
from apps.engagement import actions, policy, queries
from apps.engagement.deadlines import REVIEW
from apps.engagement.forms.review import DecisionForm
from apps.engagement.models import Submission
from apps.engagement.queries.checklist import in_words
from apps.groups.queries import groups_in_conflict
from apps.people.policy import may_review

LINES_A_PAGE = 25


@signed_in
def review(request: HttpRequest) -> HttpResponse:
    if not may_review(request.user, timezone.now()):
        return not_allowed(
            request, _("Reviewers answer here. An administrator grants the role, or a linked staff sign-in.")
        )
    return _review_page(request)


def _review_page(
    request: HttpRequest, form: DecisionForm | None = None, decided: Submission | None = None
) -> HttpResponse:
    now = timezone.now()
    mine = queries.submissions_for(request.user, now)
    page = Paginator(mine, LINES_A_PAGE).get_page(request.GET.get("page"))
    lines = queries.queue_lines(page.object_list)
    waits = [Wait(line.deadline, REVIEW, line.submission) for line in lines]
    context = {
        "page": page,
        "lines": lines,
        "rows": [
            {
                "submission": line.submission,
                "wait": wait,
                "ladder": wait.ladder(now),
                "steps": [(shown, in_words(entries)) for shown, entries in line.steps],
                "may_refuse": any(shown.line.more_asked_at for shown, _entries in line.steps),
                "is_refused": decided is not None and line.submission.pk == decided.pk,
            }
            for line, wait in zip(lines, waits, strict=True)
        ],
        "decided_is_shown": decided is not None and any(line.submission.pk == decided.pk for line in lines),
        "total": page.paginator.count,
        "late": sum(line.deadline.due_at < now for line in lines),
        "not_shown": queries.open_submissions().count() - page.paginator.count,
        "has_conflicts": groups_in_conflict(request.user, now).exists(),
        "decisions": queries.last_decisions_of(request.user),
        "form": form,
        "decided": decided,
        "now": now,
    }
    return render(request, "engagement/review.html", context)


@signed_in
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    submission = get_object_or_404(Submission.objects.select_related("group"), pk=pk)
    now = timezone.now()
    if not policy.may_decide(request.user, submission.group, now):
        return not_allowed(
            request, _("Reviewers answer, but never on a group they belong to or belonged to in the last 12 months.")
        )
    form = DecisionForm(request.POST)
    if form.is_valid():
        act = {
            "accept": actions.accept_steps,
            "more": actions.ask_for_more,
            "waive": actions.waive_steps,
            "refuse": actions.refuse_steps,
        }[form.cleaned_data["decision"]]
        typed = {"steps": form.chosen_steps, "note": form.cleaned_data["note"]}
        if attempt(form, act, submission, **typed, by=request.user, now=now):
            messages.success(request, _("Noted. The group is told."))
            return redirect("engagement:review")
    return _review_page(request, form, submission)
