"""The summary of a round, and its corrections."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.web import attempt, form_for, form_page, not_allowed, signed_in
from apps.feedback import actions, policy, queries
from apps.feedback.forms import CorrectionForm, SummaryForm
from apps.feedback.models import Round
from apps.feedback.views.rounds import readable
from apps.notifications.web import how_many_are_told, offer_recall


@signed_in
def summarise(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish the summary, or change it while corrections are open."""
    round_, now = readable(request, pk), timezone.now()
    if not policy.may_run(request.user, round_):
        return not_allowed(request, _("Coordinators of the group write the summary."))
    is_there = round_.state == Round.State.SUMMARISED
    initial = {"language": round_.summary_language or round_.language, "text": round_.summary}
    form = form_for(request, SummaryForm, initial=initial)
    if request.method == "POST" and form.is_valid():
        act = actions.change_summary if is_there else actions.publish_summary
        if attempt(form, act, round_, **form.cleaned_data, by=request.user, now=now):
            messages.success(request, _("Thank you. It stands on the page of the round."))
            offer_recall(request, by=request.user, now=now)
            return redirect(f"{round_.get_absolute_url()}#summary")
    told = "" if is_there else how_many_are_told(queries.people_to_tell(round_).count())
    return form_page(
        request,
        form,
        headline=_("Change the summary") if is_there else _("What did you hear?"),
        lede=told,
        button=_("Save") if is_there else _("Publish the summary"),
        back=(round_.get_absolute_url(), round_),
    )


@signed_in
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    round_, now = readable(request, pk), timezone.now()
    if not policy.may_correct_summary(request.user, round_, now):
        return not_allowed(request, _("Those who answered correct the summary, for 14 days after it is there."))
    form = form_for(request, CorrectionForm)
    if request.method == "POST" and form.is_valid():
        noted = attempt(form, actions.note_correction, round_, **form.cleaned_data, by=request.user, now=now)
        if noted:
            messages.success(request, _("Noted. It stands beside the summary, and the group is told."))
            return redirect(f"{round_.get_absolute_url()}#summary")
    return form_page(
        request,
        form,
        headline=_("Correct the summary"),
        lede=_("Everybody reads it beside the summary; with your name if your answer has it."),
        button=_("Note the correction"),
        back=(round_.get_absolute_url(), round_),
    )
