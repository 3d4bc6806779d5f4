"""The page of one entry: its evidence, who confirms it, who doubts it, and its history."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.web import attempt, attempt_click, form_for, form_page, not_allowed, signed_in
from apps.engagement import actions, policy, queries
from apps.engagement.forms.doubts import AnswerDoubtForm, ConfirmForm, DoubtForm, JudgeForm
from apps.engagement.forms.entries import EntryForm, entry_initial
from apps.engagement.models import Doubt, Entry
from apps.engagement.queries.entry import EntryPage, has_confirmed
from apps.engagement.queries.entry import entry_page as entry_page_of


def _entry(pk: int) -> Entry:
    found = Entry.objects.select_related("adoption__initiative", "step", "group", "withdrawn_by")
    return get_object_or_404(found, pk=pk)


def _doubt(pk: int) -> Doubt:
    found = Doubt.objects.select_related("entry__adoption__initiative", "entry__step", "entry__group", "group")
    return get_object_or_404(found, pk=pk)


def _back(entry: Entry) -> tuple[str, object]:
    return entry.get_absolute_url(), entry


def entry_page(request: HttpRequest, pk: int) -> HttpResponse:
    entry, now = _entry(pk), timezone.now()
    page = entry_page_of(entry)
    context = {
        "entry": entry,
        "page": page,
        "initiative": entry.adoption.initiative,
        "form": ConfirmForm(),
        "may": _what_one_may(request, page, now),
        "now": now,
    }
    return render(request, "engagement/entry_page.html", context)


def _what_one_may(request: HttpRequest, page: EntryPage, now: datetime) -> dict[str, bool]:
    """The buttons of this reader. Visitors see those of everybody, and sign in on the way."""
    entry, doubt, person = page.shown.entry, page.running, request.user
    if entry.adoption.ended_at or entry.withdrawn_at or entry.state == Entry.State.STRUCK:
        return {}
    is_note, can_be_doubted = not entry.url, entry.counts and doubt is None
    if not person.is_authenticated:
        return {"confirm": is_note, "doubt": can_be_doubted}
    is_member = policy.may_log(person, entry.adoption)
    return {
        "correct": is_member,
        "take_confirmation_back": is_note and has_confirmed(person, entry),
        "confirm": is_note and policy.may_confirm(person, entry, now),
        "doubt": can_be_doubted and policy.may_doubt(person, entry),
        "answer": is_member and doubt is not None and doubt.state == Doubt.State.OPEN,
        "judge": doubt is not None and doubt.state == Doubt.State.ANSWERED and policy.may_judge(person, doubt, now),
        "take_doubt_back": doubt is not None and doubt.doubted_by_id == person.pk,
    }


@signed_in
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    entry, now = _entry(pk), timezone.now()
    if request.POST.get("say") == "no":
        done = _("Taken back. Your name, if you showed it, is gone from this page.")
        attempt_click(request, actions.take_back_confirmation, entry, by=request.user, now=now, done=done)
        return redirect(entry)
    if not policy.may_confirm(request.user, entry, now):
        return not_allowed(
            request, _("Somebody outside the group confirms a note: no member of now or of the last 12 months.")
        )
    form = ConfirmForm(request.POST)
    is_named = form.is_valid() and form.cleaned_data["is_named"]
    done = _("Thank you. The entry counts with what you said.")
    attempt_click(request, actions.confirm_entry, entry, is_named=is_named, by=request.user, now=now, done=done)
    return redirect(entry)


@signed_in
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    entry = _entry(pk)
    group = policy.leading_group_of(request.user, entry.adoption)
    if group is None:
        return not_allowed(request, _("Members of the leading group correct entries, as long as its term runs."))
    line = next(row.line for row in queries.checklist_of(entry.adoption).steps if row.step.pk == entry.step_id)
    to_tell = list(dict.fromkeys([*queries.whom_to_tell(entry.adoption, line.named), *filter(None, [entry.told])]))
    form = form_for(request, EntryForm, step=entry.step, to_tell=to_tell, initial=entry_initial(entry))
    if request.method == "POST" and form.is_valid():
        act = {"group": group, "by": request.user, "now": timezone.now()}
        if attempt(form, actions.correct_entry, entry, **act, **form.cleaned_data):
            messages.success(request, _("Corrected. What it said before stays readable below."))
            return redirect(entry)
    return form_page(
        request,
        form,
        headline=_("Correct this entry"),
        lede=_("The earlier text stays readable. A corrected note is confirmed anew by somebody who was there."),
        button=_("Save the correction"),
        back=_back(entry),
    )


@signed_in
def doubt(request: HttpRequest, pk: int) -> HttpResponse:
    entry = _entry(pk)
    if not policy.may_doubt(request.user, entry):
        return not_allowed(request, _("This is an entry of your own group: correct it or withdraw it."))
    form = form_for(request, DoubtForm)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, actions.doubt_entry, entry, reason=reason, by=request.user, now=timezone.now()):
            messages.success(request, _("Noted. The group owes an answer in 10 working days; you are told of it."))
            return redirect(entry)
    return form_page(
        request,
        form,
        headline=_("Doubt this entry"),
        lede=_(
            "The group owes an answer in 10 working days. If none comes, the entry does not count. An answered doubt "
            "falls after 10 more, unless a reviewer says otherwise."
        ),
        button=_("Doubt it, with this reason"),
        back=_back(entry),
    )


@signed_in
@require_POST
def take_back_doubt(request: HttpRequest, pk: int) -> HttpResponse:
    found = _doubt(pk)
    done = _("Taken back. The entry counts as before.")
    attempt_click(request, actions.take_back_doubt, found, by=request.user, now=timezone.now(), done=done)
    return redirect(found.entry)


@signed_in
def answer_doubt(request: HttpRequest, pk: int) -> HttpResponse:
    found = _doubt(pk)
    group = policy.leading_group_of(request.user, found.entry.adoption)
    if group is None:
        return not_allowed(request, _("Members of the leading group answer doubts, as long as its term runs."))
    form = form_for(request, AnswerDoubtForm)
    if request.method == "POST" and form.is_valid():
        act = {"group": group, "by": request.user, "now": timezone.now()}
        if attempt(form, actions.answer_doubt, found, **form.cleaned_data, **act):
            messages.success(request, _("Answered. The doubt falls in 10 working days, unless a reviewer upholds it."))
            return redirect(found)
    return form_page(
        request,
        form,
        headline=_("Answer a doubt about “%(entry)s”") % {"entry": found.entry},
        lede=_("They wrote: “%(reason)s”") % {"reason": found.reason},
        button=_("Answer"),
        back=_back(found.entry),
    )


@signed_in
def judge_doubt(request: HttpRequest, pk: int) -> HttpResponse:
    found, now = _doubt(pk), timezone.now()
    if not policy.may_judge(request.user, found, now):
        return not_allowed(
            request,
            _("Reviewers judge doubts, but never of groups they belong to or belonged to in the last 12 months, "
              "and not their own."),
        )  # fmt: skip
    form = form_for(request, JudgeForm)
    if request.method == "POST" and form.is_valid():
        act = {"uphold": actions.uphold_doubt, "dismiss": actions.dismiss_doubt}[form.cleaned_data["decision"]]
        if attempt(form, act, found, note=form.cleaned_data["note"], by=request.user, now=now):
            messages.success(request, _("Noted. The group and whoever doubted are told."))
            return redirect(found)
    return form_page(
        request,
        form,
        headline=_("Judge a doubt about “%(entry)s”") % {"entry": found.entry},
        lede=_("The doubt: “%(reason)s” The answer: “%(answer)s”")
        % {"reason": found.reason, "answer": found.answer or _("The group corrected the entry.")},
        button=_("Decide"),
        back=_back(found.entry),
    )
