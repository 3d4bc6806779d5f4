from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.web import attempt, attempt_click, form_for, form_page, not_allowed, signed_in
from apps.deadlines.actions import say_me_too, take_back_me_too
from apps.deadlines.queries import waits_about
from apps.initiatives.models import Initiative
from apps.questions import actions, policy, queries
from apps.questions.forms import AnswerForm, AskForm, SplitForm
from apps.questions.models import Question

QUESTIONS_A_PAGE = 25


def index(request: HttpRequest, number: int, words: str) -> HttpResponse:
    initiative = get_object_or_404(Initiative, number=number)
    page = Paginator(queries.questions_on(initiative), QUESTIONS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "initiative": initiative,
        "page": page,
        "open": queries.open_questions_on(initiative).count(),
        "now": timezone.now(),
    }
    return render(request, "questions/index.html", context)


@signed_in
def ask(request: HttpRequest, number: int, words: str) -> HttpResponse:
    initiative = get_object_or_404(Initiative, number=number)
    form = form_for(request, AskForm)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        question = attempt(form, actions.ask_question, initiative, **form.cleaned_data, by=request.user, now=now)
        if question:
            messages.success(request, _("Asked. An answer is owed to you in 14 days."))
            return redirect(question)
    group = queries.leading_group(initiative)
    lede = _("Nobody leads this: any reviewer can answer, and one owes it within 14 days.")
    if group:
        lede = _("%(group)s leads this, and owes the answer in 14 days.") % {"group": group}
    return form_page(
        request,
        form,
        headline=_("Ask a question"),
        lede=lede,
        button=_("Ask in public"),
        back=(initiative.get_absolute_url(), initiative),
    )


def page(request: HttpRequest, pk: int) -> HttpResponse:
    question, now, person = _question(pk), timezone.now(), request.user
    lead = queries.lead_of_member(person, question.initiative)
    waits = waits_about(question) if question.state == Question.State.OPEN else []
    context = {
        "question": question,
        "initiative": question.initiative,
        "wait": waits[0] if waits else None,
        "parts": queries.parts_of(question),
        "me_toos": queries.people_who_wait_too(question).count(),
        "says_me_too": queries.says_me_too(person, question),
        "may_answer": policy.may_answer(person, question, lead, now),
        "may_split": policy.may_split(person, lead, now),
        "now": now,
    }
    return render(request, "questions/page.html", context)


@signed_in
@require_POST
def me_too(request: HttpRequest, pk: int) -> HttpResponse:
    question = _question(pk)
    deadline = queries.latest_wait(question)
    if deadline and request.POST.get("say") == "no":
        take_back_me_too(deadline, by=request.user)
    elif deadline:
        done = _("Noted: you are told when it is answered.")
        attempt_click(request, say_me_too, deadline, by=request.user, now=timezone.now(), done=done)
    return redirect(question)


@signed_in
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    question, now = _question(pk), timezone.now()
    lead = queries.lead_of_member(request.user, question.initiative)
    if not policy.may_answer(request.user, question, lead, now):
        return not_allowed(request, _("Members of the leading group answer; where nobody leads, the reviewers."))
    form = form_for(request, AnswerForm)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data["answer"]
        if attempt(form, actions.answer_question, question, answer=typed, lead=lead, by=request.user, now=now):
            messages.success(request, _("Answered. Whoever asked is told."))
            return redirect(question)
    counts = _("It counts as an act of the lead: the days begin at zero again.")
    return form_page(
        request,
        form,
        headline=_("Answer the question"),
        lede=f"{question.title} {counts if lead and question.asked_by_id != request.user.pk else ''}".strip(),
        button=_("Publish the answer"),
        back=(question.get_absolute_url(), question),
    )


@signed_in
def split(request: HttpRequest, pk: int) -> HttpResponse:
    question, now = _question(pk), timezone.now()
    lead = queries.lead_of_member(request.user, question.initiative)
    if not policy.may_split(request.user, lead, now):
        return not_allowed(request, _("Members of the leading group and reviewers split questions."))
    form = form_for(request, SplitForm)
    if request.method == "POST" and form.is_valid():
        parts = form.cleaned_data["parts"]
        if attempt(form, actions.split_question, question, parts=parts, by=request.user, now=now):
            messages.success(request, _("Split. Whoever asked is told."))
            return redirect(question)
    return form_page(
        request,
        form,
        headline=_("Split the question"),
        lede=question.title,
        button=_("Split it"),
        back=(question.get_absolute_url(), question),
    )


def _question(pk: int) -> Question:
    with_names = Question.objects.select_related("initiative", "owner", "answered_for", "part_of", "asked_by")
    return get_object_or_404(with_names, pk=pk)
