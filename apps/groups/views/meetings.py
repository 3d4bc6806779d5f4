from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from apps.core.dates import moment_in
from apps.core.languages import language
from apps.core.web import attempt, attempt_click, form_for, form_page, not_allowed, signed_in
from apps.deadlines.queries import waits_about
from apps.groups import actions, policy, queries
from apps.groups.forms import CancelMeetingForm, MeetingForm, NotesForm
from apps.groups.models import Group, Meeting
from apps.notifications.web import how_many_are_told, offer_recall

MEETINGS_A_PAGE = 25


def index(request: HttpRequest, slug: str) -> HttpResponse:
    group = get_object_or_404(Group, slug=slug)
    page = Paginator(queries.meetings_of(group).select_related("group"), MEETINGS_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "group": group,
        "page": page,
        "may_plan": policy.may_plan(request.user, group, timezone.now()),
        "now": timezone.now(),
    }
    return render(request, "groups/meetings.html", context)


@never_cache
def page(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting, now = _meeting(slug, pk), timezone.now()
    notes = list(meeting.notes.select_related("published_by"))
    newest = notes[0] if notes else None
    is_member = policy.is_member(request.user, meeting.group)
    context = {
        "meeting": meeting,
        "group": meeting.group,
        "languages": [language(code) for code in meeting.languages],
        "notes": newest,
        "spoken": [language(code) for code in newest.languages] if newest else [],
        "earlier_notes": notes[1:],
        "waits": waits_about(meeting) if meeting.state == Meeting.State.HELD else [],
        "coming": queries.people_coming(meeting).count(),
        "comes": queries.wants_to_come(request.user, meeting),
        "is_member": is_member,
        "may_change": is_member or policy.facilitates(request.user, meeting.group, now),
        "may_come": policy.may_come(request.user, meeting),
        "room": queries.meeting_rooms([meeting], request.user, now).get(meeting.pk),
        "may_book": policy.coordinates(request.user, meeting.group)
        or policy.facilitates(request.user, meeting.group, now),
        "has_begun": meeting.starts_at <= now,
        "is_over": meeting.ends_at <= now,
        "now": now,
    }
    return render(request, "groups/meeting.html", context)


@signed_in
def new(request: HttpRequest, slug: str) -> HttpResponse:
    group = get_object_or_404(Group, slug=slug)
    if not policy.may_plan(request.user, group, timezone.now()):
        return not_allowed(request, _("Coordinators plan meetings, and facilitators whom the group accepts."))
    form = form_for(request, MeetingForm, led=queries.initiatives_led_by(group))
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        planned = attempt(form, actions.plan_meeting, group, **form.cleaned_data, by=request.user, now=now)
        if planned:
            messages.success(request, _("Planned. It stands in the calendars of the members, and they are told."))
            offer_recall(request, by=request.user, now=now)
            return redirect(planned)
    told = queries.count_of_others(queries.active_members_of(group), request.user)
    owed = _("Once it is over the group owes its notes within 7 days. To publish them counts as an act of the lead.")
    return form_page(
        request,
        form,
        headline=_("Plan a meeting"),
        lede=f"{owed} {how_many_are_told(told)}".strip(),
        button=_("Plan the meeting"),
        back=(group.get_absolute_url(), group),
    )


@signed_in
def change(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting = _meeting(slug, pk)
    if not policy.may_change_meeting(request.user, meeting, timezone.now()):
        return not_allowed(request, _("Members of the group change its meetings."))
    led, now = queries.initiatives_led_by(meeting.group), timezone.now()
    has_room = meeting.pk in queries.meeting_rooms([meeting], request.user, now)
    chosen = moment_in(request.GET.get("start", ""))
    form = form_for(request, MeetingForm, led=led, meeting=meeting, has_room=has_room, starts_at=chosen)
    if request.method == "POST" and form.is_valid():
        changed = attempt(form, actions.change_meeting, meeting, **form.cleaned_data, by=request.user, now=now)
        if changed:
            messages.success(request, _("Saved."))
            offer_recall(request, by=request.user, now=now)
            return redirect(meeting)
    return _form_of(
        request,
        form,
        meeting,
        headline=_("Change the meeting"),
        lede=f"{_('Whoever wants to come is told of a new time or place.')} {_told(request, meeting)}".strip(),
        button=_("Save"),
    )


@signed_in
def cancel(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting = _meeting(slug, pk)
    if not policy.may_change_meeting(request.user, meeting, timezone.now()):
        return not_allowed(request, _("Members of the group cancel its meetings."))
    form = form_for(request, CancelMeetingForm)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        if attempt(form, actions.cancel_meeting, meeting, **form.cleaned_data, by=request.user, now=now):
            messages.success(request, _("Cancelled."))
            offer_recall(request, by=request.user, now=now)
            return redirect(meeting)
    return _form_of(
        request,
        form,
        meeting,
        headline=_("Cancel the meeting"),
        lede=_told(request, meeting),
        button=_("Cancel the meeting"),
    )


@signed_in
@require_POST
def coming(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting = _meeting(slug, pk)
    if request.POST.get("coming") == "no":
        actions.take_back_coming(meeting, by=request.user)
    else:
        done = _("Noted: it stands in your calendar, and you are told of changes.")
        attempt_click(request, actions.want_to_come, meeting, by=request.user, now=timezone.now(), done=done)
    return redirect(meeting)


@signed_in
def notes(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Publish the notes of a meeting, or correct them."""
    meeting = _meeting(slug, pk)
    if not policy.is_member(request.user, meeting.group):
        return not_allowed(request, _("Members of the group publish the notes."))
    corrects = meeting.state == Meeting.State.NOTED
    newest = queries.newest_notes(meeting) if corrects else None
    form = form_for(request, NotesForm, meeting=meeting, newest=newest)
    if request.method == "POST" and form.is_valid():
        now, act = timezone.now(), actions.correct_notes if corrects else actions.publish_notes
        if attempt(form, act, meeting, **form.cleaned_data, by=request.user, now=now):
            messages.success(request, _("Corrected.") if corrects else _("Published. Thank you."))
            offer_recall(request, by=request.user, now=now)
            return redirect(meeting)
    if corrects:
        return _form_of(
            request,
            form,
            meeting,
            headline=_("Correct the notes"),
            lede=_("What stands there now stays readable below the new notes."),
            button=_("Save the correction"),
        )
    counts = _("It counts as an act of the lead: the days begin at zero again.")
    return _form_of(
        request,
        form,
        meeting,
        headline=_("Publish the notes"),
        lede=f"{counts} {_told(request, meeting)}".strip(),
        button=_("Publish the notes"),
    )


def _meeting(slug: str, pk: int) -> Meeting:
    return get_object_or_404(Meeting.objects.select_related("group"), group__slug=slug, pk=pk)


def _told(request: HttpRequest, meeting: Meeting) -> str:
    return how_many_are_told(queries.people_coming(meeting, without=request.user).count())


def _form_of(request: HttpRequest, form: Any, meeting: Meeting, **words: str) -> HttpResponse:
    way_back = reverse("groups:meeting", args=[meeting.group.slug, meeting.pk])
    return form_page(request, form, back=(way_back, meeting), **words)
