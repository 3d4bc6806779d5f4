from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.web import attempt, attempt_click, form_for, form_page, not_allowed, signed_in
from apps.deadlines.models import Deadline
from apps.deadlines.queries import LadderRung, Wait, people_who_can_answer, waits_about
from apps.news import actions, policy, queries
from apps.news.deadlines import ANSWER, EDITORS
from apps.news.forms import CorrectForm, DeclineForm, SubmitForm
from apps.news.kinds import published_items
from apps.news.models import Item
from apps.translations.kinds import SOURCE

ITEMS_A_PAGE = 25
State = Item.State


def index(request: HttpRequest) -> HttpResponse:
    items = published_items().select_related("initiative")
    page = Paginator(items, ITEMS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "items": queries.shown(page.object_list),
        "has_editors": queries.editors(timezone.now()).exists(),
        "now": timezone.now(),
    }
    return render(request, "news/index.html", context)


@signed_in
def submit(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    again = queries.over_and_mine(request.user, request.GET.get("again", ""))
    form = form_for(request, SubmitForm, initial=SubmitForm.again(again))
    if request.method == "POST" and form.is_valid():
        item = attempt(form, actions.submit_item, **form.cleaned_data, by=request.user, now=now)
        if item:
            messages.success(request, _("Submitted. You are told of the answer."))
            return redirect(item)
    context = {
        "form": form,
        "can_answer": _somebody_can_answer(Item(pk=0, submitted_by_id=request.user.pk or 0), now),
        "ladder": _ladder_beforehand(now),
        "now": now,
    }
    return render(request, "news/submit.html", context)


def _ladder_beforehand(now: datetime) -> list[LadderRung]:
    """The dates of an item that would be submitted now."""
    return Wait(Deadline(rule=ANSWER.name, owner=EDITORS, opened_at=now, rung=0), ANSWER, Item()).ladder(now)


def _somebody_can_answer(item: Item, now: datetime) -> bool:
    return bool(people_who_can_answer(ANSWER, [item], now)[item.pk])


def page(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _item(pk))


def _item(pk: int) -> Item:
    return get_object_or_404(Item.objects.select_related("initiative", "submitted_by"), pk=pk)


def _page(request: HttpRequest, item: Item, **more: object) -> HttpResponse:
    now = timezone.now()
    waits = waits_about(item)
    may_answer = policy.may_answer(request.user, item, now)
    context: dict[str, object] = {
        "item": item,
        "shown": queries.shown([item])[0],
        "corrections": queries.corrections_of(item),
        "is_mine": item.submitted_by_id == request.user.pk,
        "may_answer": may_answer,
        "may_read": may_answer or policy.may_read(request.user, item, now),
        "can_answer": _somebody_can_answer(item, now) if waits else True,
        "wait": waits[0] if waits else None,
        "decline_form": DeclineForm(),
        "now": now,
    }
    return render(request, "news/page.html", context | more)


@signed_in
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    item, now = _item(pk), timezone.now()
    if not policy.may_answer(request.user, item, now):
        return _not_yours(request)
    attempt_click(
        request,
        actions.publish_item,
        item,
        by=request.user,
        now=now,
        done=_("Published. Whoever submitted it is told."),
    )
    return redirect(item)


@signed_in
@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    item, now = _item(pk), timezone.now()
    if not policy.may_answer(request.user, item, now):
        return _not_yours(request)
    form = DeclineForm(request.POST)
    if form.is_valid() and attempt(form, actions.decline_item, item, **form.cleaned_data, by=request.user, now=now):
        messages.success(request, _("Declined. Whoever submitted it reads why."))
        return redirect(item)
    return _page(request, _item(pk), decline_form=form, form=form)


def _not_yours(request: HttpRequest) -> HttpResponse:
    return not_allowed(
        request, _("Editors of Strategy News answer and correct; nobody what they submitted themselves.")
    )


@signed_in
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    item = _item(pk)
    if item.submitted_by_id != request.user.pk:
        return not_allowed(request, _("This is for whoever submitted it."))
    attempt_click(request, actions.withdraw_item, item, by=request.user, now=timezone.now(), done=_("Withdrawn."))
    return redirect(item)


@signed_in
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    item, now = _item(pk), timezone.now()
    if not policy.may_answer(request.user, item, now):
        return _not_yours(request)
    seen = queries.corrections_of(item).count()
    form = form_for(request, CorrectForm, initial={"text": item.texts[SOURCE], "link": item.link, "seen": seen})
    if request.method == "POST" and form.is_valid():
        if attempt(form, actions.correct_item, item, **form.cleaned_data, by=request.user, now=now):
            messages.success(request, _("Corrected. What was translated is marked as outdated."))
            return redirect(item)
        form.now_seen(queries.corrections_of(item).count())
    return form_page(
        request,
        form,
        headline=_("Correct what is published"),
        lede=_(
            "It changes at once for all readers. Its translations stay, marked as outdated, until somebody redoes them."
        ),
        button=_("Correct it"),
        back=(item.get_absolute_url(), item),
    )
