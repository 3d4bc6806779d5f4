"""What anybody signed in does: translate and answer."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.languages import all_languages, language
from apps.core.web import attempt, attempt_click, form_for, not_allowed, signed_in
from apps.feedback import actions, policy, queries
from apps.feedback.forms import AnswerForm, TranslationForm, answer_initial, translation_initial
from apps.feedback.views.rounds import readable


@signed_in
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = readable(request, pk)
    row = queries.shown(round_, [request.GET.get("in", ""), *queries.languages_of(request.user)])
    mine = queries.answer_of(request.user, round_)
    initial = answer_initial(mine, request.user.language)
    form = form_for(request, AnswerForm, questions=row.shown.questions, initial=initial)
    if request.method == "POST" and form.is_valid():
        answered = attempt(form, actions.give_answer, round_, **form.said, by=request.user, now=timezone.now())
        if answered:
            messages.success(request, _("Thank you. You can correct it or take it back until the round closes."))
            return redirect(f"{round_.get_absolute_url()}#answers")
    context = {"round": round_, "row": row, "text": row.shown, "form": form, "mine": mine, "now": timezone.now()}
    return render(request, "feedback/answer.html", context)


@signed_in
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = readable(request, pk)
    done = _("Your answer is gone.")
    attempt_click(request, actions.take_back_answer, round_, by=request.user, now=timezone.now(), done=done)
    return redirect(round_)


@signed_in
def translate(request: HttpRequest, pk: int, into: str) -> HttpResponse:
    round_ = readable(request, pk)
    if into not in all_languages():
        raise Http404
    row = queries.shown(round_, [into])
    before = row.shown if row.shown.translation else None
    if not policy.may_translate(request.user, round_, before and before.translation):
        return not_allowed(request, _("A translation is corrected by its writer, or by members of the group."))
    initial = translation_initial(before, round_.version)
    form = form_for(request, TranslationForm, questions=round_.questions, initial=initial)
    if request.method == "POST" and form.is_valid():
        written = attempt(
            form,
            actions.write_translation,
            round_,
            into=into,
            version=form.cleaned_data["version"],
            **form.translated,
            by=request.user,
            now=timezone.now(),
        )
        if written:
            messages.success(request, _("Thank you. It is there at once."))
            return redirect(f"{reverse('feedback:round', args=[pk])}?in={into}")
    context = {"round": round_, "source": row.texts[0], "into": language(into), "form": form, "before": before}
    return render(request, "feedback/translate.html", context)
