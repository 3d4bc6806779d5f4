"""What liaisons do: carry a round, decline it, report on several at once."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.web import attempt, attempt_click, form_for, form_page, not_allowed, signed_in
from apps.feedback import actions, queries
from apps.feedback.forms import DeclineForm, ReportForm
from apps.feedback.models import Carry
from apps.feedback.views.rounds import readable


@signed_in
@require_POST
def carry(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = readable(request, pk)
    done = _("Thank you. You carry it; your report is due 7 days after the closing.")
    attempt_click(request, actions.carry_round, round_, by=request.user, now=timezone.now(), done=done)
    return redirect(round_)


@signed_in
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = readable(request, pk)
    mine = queries.carry_of(request.user, round_)
    if mine is None or mine.state != Carry.State.ASKED:
        return not_allowed(request, _("Liaisons who are asked to carry a round decline it."))
    form = form_for(request, DeclineForm)
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["note"]
        attempt(form, actions.decline_to_carry, round_, note=note, by=request.user, now=timezone.now())
        if not form.errors:
            messages.success(request, _("Declined. Thank you for saying so; your name is not shown."))
            return redirect(round_)
    return form_page(
        request,
        form,
        headline=_("Decline to carry this round"),
        lede=_("Asking is free, and so is declining. You can still carry it later, until it closes."),
        button=_("Decline"),
        back=(round_.get_absolute_url(), round_),
    )


@signed_in
def report(request: HttpRequest) -> HttpResponse:
    chosen = request.GET.get("round", "")
    initial = {"rounds": [chosen], "language": request.user.language, "is_relayed": True}
    form = form_for(request, ReportForm, person=request.user, initial=initial)
    if not form.fields["rounds"].choices:
        return not_allowed(request, _("You carry no round now. Liaisons report on those that they carry."))
    if request.method == "POST" and form.is_valid():
        written = attempt(form, actions.write_report, **form.cleaned_data, by=request.user, now=timezone.now())
        if written:
            messages.success(request, _("Thank you. The group reads your report, and so does everybody."))
            return redirect("feedback:round", form.cleaned_data["rounds"][0])
    return form_page(
        request,
        form,
        headline=_("Report what communities say"),
        lede=_("One report can cover several rounds. It is shown as that of a liaison, without your name."),
        button=_("Report"),
        back=(reverse("feedback:index"), _("Feedback rounds")),
    )
