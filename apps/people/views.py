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
    now = timezone.now()
    may_grant = policy.may_grant_roles(request.user, now)
    if request.method == "POST" and not may_grant:
        return not_allowed(request, _("Administrators grant roles."))
    form = form_for(request, GrantForm) if may_grant else None
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        if attempt(
            form, actions.grant_role, form.person, role=typed["role"], until=typed["until"], by=request.user, now=now
        ):
            return redirect("people:index")
    named = regions()
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
