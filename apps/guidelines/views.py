from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from apps.core.markdown import render as render_markdown
from apps.guidelines import queries
from apps.guidelines.models import Version

WORDS_A_MINUTE = 220


def current_page(request: HttpRequest) -> HttpResponse:
    return redirect(queries.current_version())


def version_page(request: HttpRequest, number: str) -> HttpResponse:
    version = get_object_or_404(Version.objects.prefetch_related("steps"), number=number)
    context = {
        "version": version,
        "body": render_markdown(version.body),
        "steps": version.steps.all(),
        "minutes": max(1, round(len(version.body.split()) / WORDS_A_MINUTE)),
        "versions": Version.objects.all(),
    }
    return render(request, "guidelines/version.html", context)
