from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.web import not_allowed, signed_in
from apps.operations import actions, queries
from apps.people.policy import may_grant_roles

FAILURES_A_PAGE = 50
View = Callable[..., HttpResponse]


def for_administrators(view: View) -> View:
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_grant_roles(request.user, timezone.now()):
            return not_allowed(request, _("Administrators see how the site works."))
        return view(request, *args, **kwargs)

    return wrapped


@signed_in
@for_administrators
def operations_page(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    page = Paginator(queries.failures(), FAILURES_A_PAGE).get_page(request.GET.get("page"))
    operations = queries.operations(now)
    context = {
        "operations": operations,
        "strays": queries.strays(),
        "waiting": queries.waiting_rows(operations.backlog),
        "page": page,
        "failures": queries.failures_of(page.object_list),
        "now": now,
    }
    return render(request, "operations/page.html", context)


@signed_in
@require_POST
@for_administrators
def retry_all(request: HttpRequest) -> HttpResponse:
    return _retried(request, actions.retry(by=request.user, now=timezone.now()))


@signed_in
@require_POST
@for_administrators
def retry_one(request: HttpRequest, what: str, pk: int) -> HttpResponse:
    if what not in actions.RETRIES:
        raise Http404
    return _retried(request, actions.retry([what], ids=[pk], by=request.user, now=timezone.now()))


def _retried(request: HttpRequest, retried: actions.Retried) -> HttpResponse:
    messages.success(request, retried.words)
    return redirect("operations:index")
