"""Use and fairness, for everybody to see."""

from datetime import datetime

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from apps.core.web import csv_response
from apps.deadlines.board import Data, in_utc
from apps.resources import queries
from apps.resources.models import Resource

OFFERS_A_PAGE = 25


def use_page(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    counted = queries.use_counted(now)
    page = Paginator(queries.most_asked(counted), OFFERS_A_PAGE).get_page(request.GET.get("page"))
    everything, offers = queries.use_of_offers(counted, page.object_list, now)
    context = {
        "everything": everything,
        "offers": offers,
        "page": page,
        "times": queries.times_of_stewards(now),
        "counted_at": counted.counted_at,
    }
    return render(request, "resources/use.html", context)


def use_of_one(request: HttpRequest, slug: str) -> HttpResponse:
    resource = get_object_or_404(Resource, slug=slug)
    now = timezone.now()
    counted = queries.use_counted(now)
    context = {
        "resource": resource,
        "shown": queries.use_of_offer(counted, resource, now),
        "times": queries.times_of_stewards(now, resource),
        "counted_at": counted.counted_at,
    }
    return render(request, "resources/use_of_one.html", context)


def use_json(request: HttpRequest) -> HttpResponse:
    counted_at, rows = _data(timezone.now())
    return JsonResponse({"counted_at": in_utc(counted_at), "rows": rows})


def use_csv(request: HttpRequest) -> HttpResponse:
    _counted_at, rows = _data(timezone.now())
    return csv_response("resources-use", queries.USE_FIELDS, rows)


def _data(now: datetime) -> tuple[datetime, list[Data]]:
    counted = queries.use_counted(now)
    _everything, offers = queries.use_of_offers(counted, queries.most_asked(counted), now)
    return counted.counted_at, queries.use_as_data(offers)
