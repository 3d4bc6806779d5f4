from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.web import attempt_click, not_allowed, signed_in
from apps.engagement import actions, policy, queries
from apps.guidelines.queries import comparison_between, current_version
from apps.initiatives.models import Initiative
from apps.initiatives.queries import running_adoption, told_of_a_move
from apps.notifications.web import how_many_are_told, offer_recall


@signed_in
def move(request: HttpRequest, number: int, words: str) -> HttpResponse:
    """What the guidelines in force change in the checklist of a running adoption, and the button that moves it."""
    initiative = get_object_or_404(Initiative, number=number)
    adoption = running_adoption(initiative)
    if adoption is None:
        raise Http404
    group = policy.coordinated_group_of(request.user, adoption)
    if group is None:
        return not_allowed(request, _("Coordinators of the leading group move it to newer guidelines."))
    if request.method == "POST":
        done = _("Moved. The checklist has measured itself again.")
        read, now = request.POST.get("version", ""), timezone.now()
        act = actions.move_to_guidelines
        moved = attempt_click(request, act, adoption, number=read, group=group, by=request.user, now=now, done=done)
        offer_recall(request, by=request.user, now=now)
        return redirect("engagement:checklist" if moved else "engagement:move", number, words)
    version = current_version()
    context = {
        "initiative": initiative,
        "adoption": adoption,
        "version": version,
        "is_there": adoption.guidelines_id == version.pk,
        "in_review": queries.steps_in_review(adoption),
        "comparison": comparison_between(adoption.guidelines, version),
        "told": how_many_are_told(told_of_a_move(adoption, by=request.user)),
    }
    return render(request, "engagement/move.html", context)
