from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.languages import regions
from apps.people import policy, queries


def index(request: HttpRequest) -> HttpResponse:
    now, named = timezone.now(), regions()
    context = {
        "may_grant": policy.may_grant_roles(request.user, now),
        "reviewers": queries.reviewers(now).order_by("username"),
        "affiliates": [
            (named[code].name if code in named else _("Across regions"), list(rows))
            for code, rows in groupby(queries.affiliates_by_region(), key=lambda affiliate: affiliate.region)
        ],
    }
    return render(request, "people/page.html", context)
