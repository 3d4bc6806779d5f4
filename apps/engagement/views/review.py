from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.dates import time_of_day
from apps.core.languages import Language, language
from apps.core.web import attempt, attempt_click, form_for, form_page, not_allowed, signed_in
from apps.deadlines.queries import Wait
from apps.engagement import actions, policy, queries
from apps.engagement.deadlines import REVIEW
from apps.engagement.forms.review import DecisionForm, ReplyForm
from apps.engagement.models import Decision, Submission
from apps.engagement.queries.checklist import EntryShown, in_words
from apps.engagement.queries.review import QueueLine
from apps.initiatives.deadlines import DECIDE_OBJECTION
from apps.initiatives.queries import objections_for
from apps.people.policy import may_review

# Each line has its evidence and its form on the page, open or not, so that it works without a script.
LINES_A_PAGE = 10
ACTS = {
    "accept": actions.accept_steps,
    "more": actions.ask_for_more,
    "waive": actions.waive_steps,
    "refuse": actions.refuse_steps,
}


@signed_in
def review(request: HttpRequest) -> HttpResponse:
    if may_review(request.user, timezone.now()):
        return _review_page(request)
    submission = queries.open_submissions().filter(pk=_number(request, "line")).first()
    if submission is None:
        return _for_reviewers(request)
    # Whoever waits for the review comes here from lists of what waits; they read of it on the checklist.
    initiative = submission.adoption.initiative
    return redirect("engagement:checklist", number=initiative.number, words=initiative.words)


def _for_reviewers(request: HttpRequest) -> HttpResponse:
    return not_allowed(
        request, _("Reviewers answer here. An administrator grants the role, or a linked staff sign-in.")
    )


def _review_page(
    request: HttpRequest, form: DecisionForm | None = None, decided: Submission | None = None
) -> HttpResponse:
    """The queue; one line of it is open: the one that was asked for or decided, else the first."""
    now = timezone.now()
    mine = queries.submissions_for(request.user, now)
    page = _page_of(request, mine)
    lines = queries.queue_lines(page.object_list, reads=request.user.reads)
    about: dict[str, Any] = {
        "chosen": decided.pk if decided else _chosen(request, lines),
        "posted": decided.pk if decided else 0,
        "now": now,
    }
    languages, decisions = queries.languages_of_reviewers(now), list(queries.last_decisions_of(request.user))
    total, not_shown = page.paginator.count, queries.lines_in_conflict(request.user, now)
    objections = objections_for(request.user, now)
    late = [objection for objection in objections if DECIDE_OBJECTION.due_at(objection.made_at, None) < now]
    context = {
        "page": page,
        "rows": [_row(line, request.user.reads, languages, **about) for line in lines],
        "is_any_open": any(line.submission.pk == about["chosen"] for line in lines),
        "is_gone": "line" in request.GET and all(line.submission.pk != about["chosen"] for line in lines),
        "total": total,
        "owed": total + len(objections),
        "late": mine.filter(due_at__lt=now).count() + len(late),
        "not_shown": not_shown,
        "for_others": queries.open_submissions().count() - total - sum(hidden.count for hidden in not_shown),
        "decisions": decisions,
        # Until then the newest one can be taken back.
        "told_at": time_of_day(decisions[0].told_at) if decisions else "",
        "replies": queries.replies_of(request.user),
        "objections": objections,
        "form": form,
        "now": now,
    }
    return render(request, "engagement/review.html", context)


def _page_of(request: HttpRequest, mine: QuerySet[Any]) -> Page[Any]:
    """The page that was asked for, or the one on which a line stands."""
    paginator = Paginator(mine, LINES_A_PAGE)
    place = queries.place_in_queue(mine, _number(request, "line")) if "line" in request.GET else None
    return paginator.get_page(request.GET.get("page") if place is None else place // LINES_A_PAGE + 1)


def _chosen(request: HttpRequest, lines: list[QueueLine]) -> int:
    """The line that is open: by its number, or by its place, which is that of the next one after a decision."""
    if not lines:
        return 0
    if "line" in request.GET:
        return _number(request, "line")
    return lines[min(_number(request, "at"), len(lines) - 1)].submission.pk


def _number(request: HttpRequest, name: str) -> int:
    given = request.GET.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 18 else 0


def _row(
    line: QueueLine, reads: Collection[str], languages: Collection[str], *, chosen: int, posted: int, now: datetime
) -> dict[str, Any]:
    wait = Wait(line.deadline, REVIEW, line.submission)
    return {
        "submission": line.submission,
        "wait": wait,
        "ladder": wait.ladder(now),
        "steps": [(shown, *_by_reader(entries), len(entries), _in_all(entries)) for shown, entries in line.steps],
        "comes_again": line.comes_again,
        "before": line.decided_before,
        "passes": [(passed, language(passed.language)) for passed in line.passes],
        "languages": _languages_to_pass(line, reads, languages),
        "is_open": line.submission.pk == chosen,
        "is_mine": line.submission.pk == posted,
    }


def _by_reader(entries: list[Any]) -> tuple[list[EntryShown], list[EntryShown]]:
    """The evidence in languages that the reviewer reads, and the rest."""
    return in_words(e for e in entries if e.is_read), in_words(e for e in entries if not e.is_read)


def _in_all(entries: list[Any]) -> int:
    return entries[0].in_all if entries else 0


def _languages_to_pass(line: QueueLine, reads: Collection[str], others: Collection[str]) -> list[Language]:
    """Those of the evidence, rather one that the reviewer does not read; then every other that some reviewer reads."""
    own = sorted(line.languages, key=lambda code: code in reads)
    return [language(code) for code in [*own, *sorted(set(others) - set(own))]]


@signed_in
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer, pass on, or begin the note with a reply; then the next line is open."""
    submission = get_object_or_404(Submission.objects.select_related("group"), pk=pk)
    now = timezone.now()
    if not policy.may_decide(request.user, submission, now):
        return not_allowed(
            request, _("Reviewers answer, but never on a group they belong to or belonged to in the last 12 months.")
        )
    form = DecisionForm(request.POST)
    if form.is_valid():
        decision = form.cleaned_data["decision"]
        if decision == form.BEGIN:
            return _review_page(request, form.begun_with(_reply_text(request, form)), submission)
        if decision == form.PASS:
            chosen = {"language": form.cleaned_data["language"]}
            if passed := attempt(form, actions.pass_on, submission, **chosen, by=request.user, now=now):
                messages.success(request, _passed_words(passed.language, found=passed.found_reader))
                return _next_line(request, step=1)
        else:
            typed = {"steps": form.chosen_steps, "note": form.cleaned_data["note"]}
            if attempt(form, ACTS[decision], submission, **typed, by=request.user, now=now):
                return _next_line(request)
    return _review_page(request, form, submission)


def _reply_text(request: HttpRequest, form: DecisionForm) -> str:
    replies = {reply.key: reply.text for reply in queries.replies_of(request.user)}
    return replies.get(form.cleaned_data["reply"], "")


def _passed_words(code: str, *, found: bool) -> str:
    words = (
        _("Passed on. Somebody who reads %(language)s is asked now; the date stands.")
        if found
        else _("Nobody else who can answer reads %(language)s. It stays with all reviewers; the date stands.")
    )
    return words % {"language": language(code).autonym}


def _next_line(request: HttpRequest, *, step: int = 0) -> HttpResponse:
    """Back to the same place of the queue: what was answered is gone, so the next line stands there."""
    place = {"page": max(1, _number(request, "page")), "at": _number(request, "at") + step}
    return redirect(f"{reverse('engagement:review')}?{urlencode(place)}#here")


@signed_in
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    decision = get_object_or_404(Decision.objects.select_related("submission"), pk=pk)
    if decision.decided_by_id != request.user.pk:
        return not_allowed(request, _("Only the reviewer who gave an answer takes it back."))
    done = _("Taken back. It is in review again with its old date, and the group was not told.")
    if attempt_click(request, actions.take_back, decision, by=request.user, now=timezone.now(), done=done):
        return redirect(decision.submission.get_absolute_url())
    return redirect("engagement:review")


# --- Replies that a reviewer keeps ----------------------------------------------------------------


@signed_in
def replies(request: HttpRequest) -> HttpResponse:
    """The reviewer's own replies, and a form for another one; those of the site stand below."""
    if not may_review(request.user, timezone.now()):
        return _for_reviewers(request)
    form = form_for(request, ReplyForm)
    typed = request.method == "POST" and form.is_valid()
    if typed and attempt(form, actions.save_reply, **form.cleaned_data, by=request.user, now=timezone.now()):
        messages.success(request, _("Kept. You find it beside the note of every line."))
        return redirect("engagement:replies")
    all_of_them = queries.replies_of(request.user)
    context = {
        "form": form,
        "own": queries.own_replies(request.user),
        "ours": [found for found in all_of_them if not found.is_own],
    }
    return render(request, "engagement/replies.html", context)


@signed_in
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one of the reviewer's own replies."""
    own = get_object_or_404(queries.own_replies(request.user), pk=pk)
    form = form_for(request, ReplyForm, initial={"title": own.title, "answer": own.answer, "text": own.text})
    typed = request.method == "POST" and form.is_valid()
    if typed and attempt(form, actions.change_reply, own, **form.cleaned_data, now=timezone.now()):
        return redirect("engagement:replies")
    return form_page(
        request,
        form,
        headline=_("Change a reply"),
        lede=_("Only you see it."),
        button=_("Save"),
        back=(reverse("engagement:replies"), _("Your replies")),
    )


@signed_in
@require_POST
def remove_reply(request: HttpRequest, pk: int) -> HttpResponse:
    actions.remove_reply(get_object_or_404(queries.own_replies(request.user), pk=pk))
    return redirect("engagement:replies")
