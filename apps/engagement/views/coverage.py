from dataclasses import asdict

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.vary import vary_on_headers

from apps.core.web import HtmxRequest, csv_response
from apps.deadlines.board import in_utc
from apps.engagement.forms.coverage import CoverageForm
from apps.engagement.queries import coverage


@vary_on_headers("HX-Request")
def coverage_page(request: HtmxRequest) -> HttpResponse:
    form = CoverageForm(request.GET)
    where = form.chosen
    found = coverage.coverage(where, timezone.now())
    context = {
        "form": form,
        "where": where,
        "found": found,
        "map": found.map,
        "headline": coverage.heard_words(found, about=form.about, is_part=where != coverage.Where()),
        "filters": urlencode({name: value for name, value in asdict(where).items() if value}),
    }
    template = "engagement/coverage.html"
    return render(request, f"{template}#coverage" if request.htmx else template, context)


def coverage_json(request: HttpRequest) -> HttpResponse:
    form = CoverageForm(request.GET)
    found = coverage.coverage(form.chosen, timezone.now())
    left_out = list(form.errors)
    return JsonResponse({"counted_at": in_utc(found.counted_at), "rows": coverage.as_data(found), "left_out": left_out})


def coverage_csv(request: HttpRequest) -> HttpResponse:
    found = coverage.coverage(CoverageForm(request.GET).chosen, timezone.now())
    return csv_response("engagement-coverage", coverage.FIELDS, coverage.as_data(found))
