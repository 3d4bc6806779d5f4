from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.web import attempt, attempt_click, form_for, signed_in
from apps.deadlines import actions, queries
from apps.deadlines.forms import AbsenceForm

WAITS_A_PAGE = 50


def waiting_page(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    deadlines = queries.open_waits()
    page = Paginator(deadlines, WAITS_A_PAGE).get_page(request.GET.get("page"))
    waits = queries.waits(page.object_list)
    context = {
        "page": page,
        "waits": waits,
        "rows": [(wait, wait.ladder(now)) for wait in waits],
        "total": page.paginator.count,
        "late": deadlines.filter(due_at__lt=now).count(),
        "now": now,
    }
    return render(request, "deadlines/waiting.html", context)


@signed_in
def absence_page(request: HttpRequest) -> HttpResponse:
    form = form_for(request, AbsenceForm)
    if request.method == "POST" and form.is_valid():
        begins_at, ends_at = form.cleaned_data["begins_at"], form.cleaned_data["ends_at"]
        declared = attempt(
            form, actions.declare_absence, begins_at=begins_at, ends_at=ends_at, by=request.user, now=timezone.now()
        )
        if declared:
            messages.success(request, _("Noted. Only you can see it."))
            return redirect("deadlines:absence")
    return render(request, "deadlines/absence.html", {"form": form, "absence": queries.absence_of(request.user)})


@signed_in
@require_POST
def end_absence(request: HttpRequest) -> HttpResponse:
    attempt_click(request, actions.come_back, by=request.user, now=timezone.now(), done=_("Welcome back."))
    return redirect("deadlines:absence")
