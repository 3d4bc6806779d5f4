from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from apps.core.web import attempt, attempt_click, form_for, form_page, not_allowed, signed_in
from apps.resources import actions, policy, queries
from apps.resources.forms import HandForm
from apps.resources.models import Job, ResourceRequest


@never_cache
@require_GET
def enter(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead each person to an address of their own; neither we nor the machine keep where they came from."""
    wish = get_object_or_404(ResourceRequest.objects.select_related("resource", "group", "meeting", "asked_by"), pk=pk)
    now = timezone.now()
    if not policy.may_enter(request.user, wish, now):
        return _not_for_them(request, wish)
    place = queries.place_shown(wish, request.user, now)
    if not place.is_entered:
        return redirect(wish)
    response = HttpResponseRedirect(place.address)
    response["Referrer-Policy"] = "no-referrer"
    return response


@signed_in
def _not_for_them(request: HttpRequest, wish: ResourceRequest) -> HttpResponse:
    if not wish.is_held:
        return redirect(wish)
    return not_allowed(request, _("Only the group enters here. Ask to join it, or ask its coordinators for the way."))


@signed_in
@require_POST
def be_on_list(request: HttpRequest, pk: int) -> HttpResponse:
    wish = get_object_or_404(ResourceRequest.objects.select_related("resource", "group"), pk=pk)
    if not policy.may_be_on_list(request.user, wish):
        return not_allowed(request, _("Only members of the group are on its list."))
    act, done = actions.join_list, _("Your address goes to the list. You can take it back at any time.")
    if request.POST.get("be") == "off":
        act, done = actions.leave_list, _("Your address is taken off the list.")
    attempt_click(request, act, wish, by=request.user, now=timezone.now(), done=done)
    return redirect(wish)


@signed_in
@require_POST
def try_again(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(Job.objects.select_related("request__resource", "resource"), pk=pk)
    if not policy.may_answer(request.user, job.resource):
        return not_allowed(request, _("The stewards of a resource see to its machine."))
    done = _("The machine is asked again within seconds.")
    attempt_click(request, actions.try_again, job, by=request.user, now=timezone.now(), done=done)
    return redirect(job)


@signed_in
def do_by_hand(request: HttpRequest, pk: int) -> HttpResponse:
    """For what has to be made with the address of it; for everything else one click."""
    job = get_object_or_404(Job.objects.select_related("request__resource", "request__group", "resource"), pk=pk)
    if not policy.may_answer(request.user, job.resource):
        return not_allowed(request, _("The stewards of a resource see to its machine."))
    form = form_for(request, HandForm, job=job)
    sent = request.method == "POST" and form.is_valid()
    if sent and attempt(form, actions.do_by_hand, job, **form.cleaned_data, by=request.user, now=timezone.now()):
        messages.success(request, _("Thank you. It is noted, and the machine is not asked any more."))
        return redirect(job)
    return form_page(
        request,
        form,
        headline=_("%(resource)s for %(group)s, by hand") % {"resource": job.resource, "group": job.request.group},
        lede=_("What its machine did not do: %(act)s. Do it, then say so here.") % {"act": job.get_act_display()},
        button=_("It is done"),
        back=(job.get_absolute_url(), job.request),
    )
