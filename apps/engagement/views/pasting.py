from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.web import attempt, form_for, not_allowed, signed_in
from apps.engagement import actions, policy, queries
from apps.engagement.forms.pasted import read_lines
from apps.engagement.forms.pasting import LineForm, PasteForm, forms_of_lines, forms_posted, headings_of, mark_logged
from apps.engagement.views.adoption import adoption_of, step_of, step_url


@signed_in
def paste(request: HttpRequest, number: int, words: str, code: str) -> HttpResponse:
    """Two posts of the same page: the text comes back line by line, as it was understood; then it is logged."""
    adoption = adoption_of(number)
    step = step_of(adoption, code)
    group = policy.leading_group_of(request.user, adoption)
    if group is None:
        return not_allowed(request, _("Members of the leading group log entries, as long as its term runs."))
    line = next(row.line for row in queries.checklist_of(adoption).steps if row.step.pk == step.pk)
    form = form_for(request, PasteForm)
    lines = _lines(request, form, step=step, to_tell=queries.whom_to_tell(adoption, line.named))
    mark_logged(lines, queries.logged_already(adoption, step) if lines else set())
    if _is_to_log(request) and all(row.is_valid() for row in lines) and form.is_valid():
        chosen = [row.what for row in lines if row.is_to_log]
        act = {"step": step, "lines": chosen, "group": group, "by": request.user, "now": timezone.now()}
        if logged := attempt(form, actions.log_entries, adoption, **act):
            messages.success(request, _logged_words(len(logged), len(lines) - len(logged)))
            return redirect(step_url(adoption, step))
    context = {
        "initiative": adoption.initiative,
        "step": step,
        "form": form,
        "lines": lines,
        "to_log": sum(row.is_to_log for row in lines),
        "logged_already": sum(row.is_logged for row in lines),
        "with_errors": sum(bool(row.errors) for row in lines),
        "way_back": step_url(adoption, step),
    }
    return render(request, "engagement/paste.html", context)


def _is_to_log(request: HttpRequest) -> bool:
    return "line-0-title" in request.POST and request.POST.get("do") != "read"


def _lines(request: HttpRequest, form: PasteForm, **known: Any) -> list[LineForm]:
    if _is_to_log(request):
        form.fields["pasted"].required = False
        return forms_posted(request.POST, most=actions.MOST_LINES, **known)
    if not form.is_bound or not form.is_valid():
        return []
    found = read_lines(form.cleaned_data["pasted"], headings_of(known["step"]))
    if len(found) > actions.MOST_LINES:
        sentence = _("These are %(count)d lines; at most %(most)d at once. Log the first ones, then the others.")
        form.add_error("pasted", sentence % {"count": len(found), "most": actions.MOST_LINES})
        return []
    if not found:
        form.add_error("pasted", _("No line was found beside the heading."))
    return forms_of_lines(found, **known)


def _logged_words(logged: int, left_out: int) -> str:
    words = ngettext("%(count)d entry is logged.", "%(count)d entries are logged.", logged) % {"count": logged}
    if not left_out:
        return words
    more = ngettext("%(count)d line was left out.", "%(count)d lines were left out.", left_out) % {"count": left_out}
    return f"{words} {more}"
