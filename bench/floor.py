"""The floor of the pages: a bare Django view with one query and a small template, and no middleware at all.

    /<rows>/ shows that many rows.

It reads a table of its own (`bench_row`, filled by bench/world.py) in the database of DATABASE_URL, and is served
by the same server with the same options as the site.
"""

import os

import django
import environ
from django.conf import settings

ROWS = {
    "rows.html": "<!DOCTYPE html><html><title>Rows</title><ul>{% for row in rows %}"
    '<li>{{ row.number }} <a href="/{{ row.number }}/">{{ row.title }}</a> {{ row.state }}</li>'
    "{% endfor %}</ul></html>"
}

settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": environ.Env.db_url_config(os.environ["DATABASE_URL"]) | {"CONN_MAX_AGE": 60}},
    INSTALLED_APPS=[],
    MIDDLEWARE=[],
    ROOT_URLCONF="bench.floor",
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                # As Django has it by default: templates are compiled once.
                "loaders": [
                    ("django.template.loaders.cached.Loader", [("django.template.loaders.locmem.Loader", ROWS)])
                ]
            },
        }
    ],
    USE_TZ=True,
)
django.setup()

from django.core.wsgi import get_wsgi_application
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path


class Row(models.Model):
    number = models.IntegerField(primary_key=True)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=20)

    class Meta:
        app_label = "floor"
        managed = False
        db_table = "bench_row"


def rows(request: HttpRequest, count: int) -> HttpResponse:
    return render(request, "rows.html", {"rows": Row._default_manager.order_by("number")[:count]})


urlpatterns = [path("<int:count>/", rows)]
application = get_wsgi_application()
