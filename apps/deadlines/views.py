from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from apps.deadlines import queries

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
