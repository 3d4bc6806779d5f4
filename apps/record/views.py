from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.record import queries

ACTS_A_PAGE = 50


def record_page(request: HttpRequest) -> HttpResponse:
    page = Paginator(queries.newest_acts(), ACTS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "record/page.html", {"page": page, "lines": queries.lines(page.object_list)})
