from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.languages import regions
from apps.core.web import attempt, attempt_click, form_for, not_allowed, signed_in
from apps.people import actions, policy, queries
from apps.people.forms import GrantForm
from apps.people.models import RoleTerm


def people_page(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return grant(request)
    may_grant = policy.may_grant_roles(request.user, timezone.now())
    return _people_page(request, form_for(request, GrantForm) if may_grant else None)


@signed_in
def grant(request: HttpRequest) -> HttpResponse:
    """What the form on the page of people posts."""
    now = timezone.now()
    if not policy.may_grant_roles(request.user, now):
        return not_allowed(request, _("Administrators grant roles."))
    form = GrantForm(request.POST)
    if form.is_valid():
        typed = form.cleaned_data
        if attempt(
            form, actions.grant_role, form.person, role=typed["role"], until=typed["until"], by=request.user, now=now
        ):
            return redirect("people:index")
    return _people_page(request, form)


def _people_page(request: HttpRequest, form: GrantForm | None) -> HttpResponse:
    now, named = timezone.now(), regions()
    context = {
        "form": form,
        "reviewers": queries.reviewers(now).order_by("username"),
        "terms": queries.running_terms(now).select_related("user").order_by("role", "user__username"),
        "affiliates": [
            (named[code].name if code in named else _("Across regions"), list(rows))
            for code, rows in groupby(queries.affiliates_by_region(), key=lambda affiliate: affiliate.region)
        ],
    }
    return render(request, "people/page.html", context)


@signed_in
@require_POST
def end_role(request: HttpRequest, pk: int) -> HttpResponse:
    now = timezone.now()
    if not policy.may_grant_roles(request.user, now):
        return not_allowed(request, _("Administrators end roles."))
    term = get_object_or_404(RoleTerm, pk=pk)
    attempt_click(request, actions.end_role, term, by=request.user, now=now, done=_("The term has ended."))
    return redirect("people:index")
