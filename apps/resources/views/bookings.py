"""What a group does with a booking: another time, longer, the rest of its series, whether anybody came."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from apps.core.dates import day, day_and_time
from apps.core.text import listed, semicolon
from apps.core.web import attempt, attempt_click, form_for, form_page, not_allowed, signed_in
from apps.groups.models import Meeting
from apps.resources import actions, policy, queries
from apps.resources.forms import ChangeForm
from apps.resources.models import ResourceRequest
from apps.resources.views.ways_on import back_to_request


def _wish(pk: int) -> ResourceRequest:
    return get_object_or_404(ResourceRequest.objects.select_related("resource", "group", "meeting"), pk=pk)


@signed_in
def change(request: HttpRequest, pk: int) -> HttpResponse:
    wish, now = _wish(pk), timezone.now()
    if not policy.may_ask_for(request.user, wish.group, now):
        return not_allowed(request, _("Coordinators change what their group has booked."), back_to_request(wish))
    if not wish.is_booking:
        return redirect(wish)
    form: ChangeForm = form_for(request, ChangeForm, wish=wish)
    if request.method == "POST" and form.is_valid():
        if _change(request, form, wish, now):
            return redirect(wish)
        _say_what_is_free(form, wish, now)
    return form_page(
        request,
        form,
        headline=_("Another time"),
        lede=_("If the new time is full, what you have booked stays as it is."),
        button=_("Change the time"),
        back=(wish.get_absolute_url(), wish.resource),
    )


def _change(request: HttpRequest, form: ChangeForm, wish: ResourceRequest, now: datetime) -> bool:
    """This date alone, or with all later ones; says what became of them, and whether anything did."""
    about = {**form.times, "by": request.user, "now": now}
    if form.cleaned_data.get("which") != ChangeForm.LATER:
        moved = attempt(form, actions.change_booking, wish, **about)
        if moved:
            messages.success(request, _("It has another time now."))
        return moved is not None
    changed = attempt(form, actions.change_series, wish, **about)
    if changed:
        _say_what_changed(request, changed)
    return changed is not None


def _say_what_is_free(form: ChangeForm, wish: ResourceRequest, now: datetime) -> None:
    """After a refusal, if the time was full or closed: other ones nearby."""
    nearest = queries.nearest_instead(
        wish.resource, **form.times, now=now, group=wish.group, quantity=wish.quantity, without=[wish.pk]
    )
    if nearest:
        times = listed(map(day_and_time, nearest), between=semicolon())
        form.add_error("starts_at", _("Free nearby: %(times)s") % {"times": times})


def _say_what_changed(request: HttpRequest, changed: actions.Changed) -> None:
    """How many dates moved, and of those that did not move why, each reason once."""
    count = len(changed.moved)
    words = ngettext("%(count)d date has another time now.", "%(count)d dates have another time now.", count)
    messages.success(request, words % {"count": count})
    stayed: dict[str, list[str]] = {}
    for date, why in sorted(changed.stayed, key=lambda one: one[0].starts_at or one[0].asked_at):
        stayed.setdefault(why, []).append(day(date.starts_at) if date.starts_at else "")
    for why, days in stayed.items():
        words = ngettext("%(days)s stays as it is: %(why)s", "%(days)s stay as they are: %(why)s", len(days))
        messages.warning(request, words % {"days": listed(days), "why": why})


@signed_in
@require_POST
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    wish, now = _wish(pk), timezone.now()
    if not policy.may_ask_for(request.user, wish.group, now):
        return not_allowed(request, _("Coordinators extend what their group uses."), back_to_request(wish))
    typed = request.POST.get("half_hours", "")
    half_hours = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 1
    done = _("It goes on for longer.")
    attempt_click(request, actions.extend_use, wish, half_hours=half_hours, by=request.user, now=now, done=done)
    return redirect(wish)


@signed_in
@require_POST
def give_back_series(request: HttpRequest, pk: int) -> HttpResponse:
    wish, now = _wish(pk), timezone.now()
    if not policy.may_ask_for(request.user, wish.group, now):
        return not_allowed(request, _("Coordinators give back what their group has."), back_to_request(wish))
    if given := attempt_click(request, actions.give_back_series, wish, by=request.user, now=now):
        words = ngettext("%(count)d date is given back.", "%(count)d dates are given back.", len(given))
        messages.success(request, words % {"count": len(given)})
    return redirect(wish)


@signed_in
@require_POST
def note_use(request: HttpRequest, pk: int) -> HttpResponse:
    wish, now = _wish(pk), timezone.now()
    if not (policy.may_ask_for(request.user, wish.group, now) or policy.may_answer(request.user, wish.resource)):
        return not_allowed(
            request, _("Coordinators of the group and the stewards say whether anybody came."), back_to_request(wish)
        )
    was_used = request.POST.get("came") != "no"
    done = _("Noted. Thank you.")
    attempt_click(request, actions.note_use, wish, was_used=was_used, by=request.user, now=now, done=done)
    return redirect(wish)


@signed_in
@require_POST
def room_for_meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """One click gives the meeting a room. If all are full a page says so first, with a waiting list and other times."""
    meeting, now = get_object_or_404(Meeting.objects.select_related("group"), pk=pk), timezone.now()
    if not policy.may_ask_for(request.user, meeting.group, now):
        return not_allowed(
            request,
            _("Coordinators and facilitators book rooms for the meetings of a group."),
            (meeting.get_absolute_url(), _("Open the page of the meeting")),
        )
    may_wait = "wait" in request.POST
    choice = queries.room_for(meeting, meeting.group, now) if meeting.state == Meeting.State.PLANNED else None
    if choice and choice.outcome.is_full and not may_wait and not queries.bookings_for(meeting).exists():
        full = choice.outcome
        nearest = queries.nearest_free(choice.room, full.starts_at, full.ends_at, now=now, group=meeting.group)
        context = {"meeting": meeting, "group": meeting.group, "room": choice.room, "now": now}
        context["nearest"] = [at + (meeting.starts_at - full.starts_at) for at in nearest]
        return render(request, "resources/meeting_room.html", context)
    booked = attempt_click(request, actions.book_room_for, meeting, may_wait=may_wait, by=request.user, now=now)
    if booked:
        if booked.state == ResourceRequest.State.IN_USE:
            messages.success(request, _("The meeting has its room. Recording is off unless somebody switches it on."))
        else:
            messages.success(request, _("The meeting waits for a room. Whoever comes is told when it has one."))
    return redirect(meeting)
