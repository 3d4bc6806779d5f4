from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.markdown import render as render_markdown
from apps.core.web import View, attempt, attempt_click, form_for, form_page, not_allowed, signed_in
from apps.guidelines import actions, policy, queries
from apps.guidelines.deadlines import COME_INTO_FORCE, PUBLISH, notice_ends_at
from apps.guidelines.forms import AnnounceForm, DraftForm
from apps.guidelines.kinds import GUIDELINES
from apps.guidelines.models import Draft, Version
from apps.notifications.web import how_many_are_told, offer_recall
from apps.translations.kinds import SOURCE, target_languages
from apps.translations.queries import Unit, unit_of

WORDS_A_MINUTE = 220


def current_page(request: HttpRequest) -> HttpResponse:
    return redirect(queries.current_version())


def version_page(request: HttpRequest, number: str) -> HttpResponse:
    version = get_object_or_404(Version.objects.prefetch_related("steps"), number=number)
    now, versions = timezone.now(), list(Version.objects.all())
    wait = None if version.in_force_at else queries.wait_of(COME_INTO_FORCE.name, version)
    context = {
        "version": version,
        "body": render_markdown(version.body),
        "steps": version.steps.all(),
        "minutes": max(1, round(len(version.body.split()) / WORDS_A_MINUTE)),
        "versions": versions,
        "current": next(other for other in versions if other.in_force_at),
        "before": next((other for other in versions[versions.index(version) + 1 :]), None),
        "draft": queries.announced_draft(),
        "translation": _translation_of(version),
        "in_force_at_latest": wait.silence_at if wait else None,
        "ladder": queries.ladder_of(wait, _("Published"), now) if wait else [],
        "now": now,
    }
    return render(request, "guidelines/version.html", context)


def _translation_of(version: Version) -> Unit | None:
    """How far the text is translated into the reader's language, if that is not the one it was written in."""
    code = get_language() or SOURCE
    return unit_of(GUIDELINES, version, code) if code in target_languages() else None


def changes_page(request: HttpRequest, number: str) -> HttpResponse:
    """What a version changed, against the one before it."""
    version = get_object_or_404(Version, number=number)
    versions = list(Version.objects.all())
    before = next((other for other in versions[versions.index(version) + 1 :]), None)
    if before is None:
        return redirect(version)
    context = {"version": version, "before": before, "comparison": queries.comparison_between(before, version)}
    return render(request, "guidelines/changes.html", context)


# --- The draft ------------------------------------------------------------------------------------


def draft_page(request: HttpRequest) -> HttpResponse:
    """The draft with what it changes: for everybody once it is announced, for those who draft at any time."""
    now, draft = timezone.now(), queries.open_draft()
    may_draft = request.user.is_authenticated and policy.may_draft(request.user, now)
    is_shown = draft is not None and (may_draft or draft.state == Draft.State.ANNOUNCED)
    wait = queries.wait_of(PUBLISH.name, draft) if draft and draft.state == Draft.State.ANNOUNCED else None
    may_publish = draft is not None and wait is not None and notice_ends_at(draft) <= now
    context = {
        "draft": draft if is_shown else None,
        "body": render_markdown(draft.body) if draft and is_shown else "",
        "comparison": queries.comparison_of(draft) if draft and is_shown else None,
        "may_draft": may_draft,
        "wait": wait,
        "ladder": queries.ladder_of(wait, _("Announced"), now) if wait else [],
        "may_publish": may_publish,
        "told": how_many_are_told(queries.told_of_a_text()) if may_publish and may_draft else "",
        "version": queries.current_version(),
        "now": now,
    }
    return render(request, "guidelines/draft.html", context)


def drafter(view: View) -> View:
    """Only those who draft come in, with the draft; without one they are told on its page."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not policy.may_draft(request.user, timezone.now()):
            return not_allowed(request, _("Reviewers and administrators draft the guidelines."))
        draft = queries.open_draft()
        if draft is None:
            messages.error(request, _("There is no draft at the moment. Start one first."))
            return redirect("guidelines:draft")
        return view(request, draft, *args, **kwargs)

    return wrapped


@signed_in
@require_POST
def start_draft(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    if not policy.may_draft(request.user, now):
        return not_allowed(request, _("Reviewers and administrators draft the guidelines."))
    started = attempt_click(request, actions.start_draft, by=request.user, now=now)
    return redirect("guidelines:edit_draft" if started else "guidelines:draft")


@signed_in
@drafter
def edit_draft(request: HttpRequest, draft: Draft) -> HttpResponse:
    if draft.state != Draft.State.DRAFTED:
        messages.error(request, _("What people comment on stands still. Take the draft back to work on it."))
        return redirect("guidelines:draft")
    form = form_for(request, DraftForm, draft=draft)
    if request.method == "POST" and form.is_valid():
        typed = {name: form.cleaned_data[name] for name in ("seen", "number", "title", "body", "steps")}
        if attempt(form, actions.save_draft, draft, **typed, by=request.user, now=timezone.now()):
            messages.success(request, _("Saved. This is what it changes."))
            return redirect("guidelines:draft")
        form.take_up(queries.open_draft())
    return render(request, "guidelines/edit.html", {"form": form, "draft": draft})


@signed_in
@drafter
def announce_draft(request: HttpRequest, draft: Draft) -> HttpResponse:
    form, now = form_for(request, AnnounceForm), timezone.now()
    if request.method == "POST" and form.is_valid():
        url = form.cleaned_data["comments_url"]
        if attempt(form, actions.announce_draft, draft, comments_url=url, by=request.user, now=now):
            messages.success(request, _("Announced. From the end of the notice any of you can publish it."))
            offer_recall(request, by=request.user, now=now)
            return redirect("guidelines:draft")
    notice = _("For 14 days everybody can read what it changes and comment. Meanwhile the text stands still.")
    told = queries.told_of_a_notice(by=request.user, now=now)
    return form_page(
        request,
        form,
        headline=_("Announce guidelines %(number)s") % {"number": draft.number},
        lede=f"{notice} {how_many_are_told(told)}".strip(),
        button=_("Announce it"),
        back=(draft.get_absolute_url(), _("Draft")),
    )


@signed_in
@require_POST
@drafter
def take_draft_back(request: HttpRequest, draft: Draft) -> HttpResponse:
    done = _("It is a draft again. Once it is written, announce it with a notice of its own.")
    attempt_click(request, actions.take_draft_back, draft, by=request.user, now=timezone.now(), done=done)
    return redirect("guidelines:draft")


@signed_in
@require_POST
@drafter
def drop_draft(request: HttpRequest, draft: Draft) -> HttpResponse:
    done = _("The draft is dropped. The guidelines stay as they are.")
    attempt_click(request, actions.drop_draft, draft, by=request.user, now=timezone.now(), done=done)
    return redirect("guidelines:draft")


@signed_in
@require_POST
@drafter
def publish_draft(request: HttpRequest, draft: Draft) -> HttpResponse:
    done = _("Published. This text never changes any more.")
    now = timezone.now()
    version = attempt_click(request, actions.publish_draft, draft, by=request.user, now=now, done=done)
    offer_recall(request, by=request.user, now=now)
    return redirect(version or "guidelines:draft")
