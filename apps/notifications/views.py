from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.accounts.actions import try_address_again
from apps.core.text import Words
from apps.core.web import attempt_click, form_for, signed_in
from apps.notifications import actions, queries
from apps.notifications.forms import ChoicesForm
from apps.notifications.kinds import KINDS
from apps.notifications.models import Letter

LETTERS_A_PAGE = 30


# On the site


@signed_in
def letters_page(request: HttpRequest) -> HttpResponse:
    letters = queries.letters_to(request.user, timezone.now())
    unread_only = "unread" in request.GET
    shown = letters.filter(read_at=None) if unread_only else letters
    context = {
        "page": _page_in_words(request, shown),
        "unread_only": unread_only,
        "has_told_many": queries.notices_sent_by(request.user).exists(),
    }
    return render(request, "notifications/page.html", context)


@signed_in
def letter_page(request: HttpRequest, pk: int) -> HttpResponse:
    now = timezone.now()
    letter = get_object_or_404(queries.letters_to(request.user, now), pk=pk)
    actions.put_into_words([letter])
    actions.mark_read(letter, now=now)
    context = {"letter": letter, "is_over": letter.pk in queries.out_of_date([letter], now)}
    return render(request, "notifications/letter_page.html", context)


@signed_in
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    actions.mark_all_read(by=request.user, now=timezone.now())
    return redirect("notifications:index")


def example_letters_page(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO:
        raise Http404
    page = _page_in_words(request, queries.letters_of_the_example())
    return render(request, "notifications/example.html", {"page": page})


def _page_in_words(request: HttpRequest, letters: QuerySet[Letter]) -> Page:
    page = Paginator(letters, LETTERS_A_PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    actions.put_into_words(page.object_list)
    return page


# What one's own acts told to many


@signed_in
def sent_page(request: HttpRequest) -> HttpResponse:
    page = Paginator(queries.notices_sent_by(request.user), LETTERS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "notifications/sent.html", {"page": page})


@signed_in
@require_POST
def recall(request: HttpRequest, pk: int) -> HttpResponse:
    notice = get_object_or_404(queries.notices_sent_by(request.user), pk=pk)
    done = _("Recalled: nobody is told. What you did stands.")
    attempt_click(request, actions.recall_letters, notice, by=request.user, now=timezone.now(), done=done)
    return redirect("notifications:sent")


# By mail


@signed_in
def choices_page(request: HttpRequest) -> HttpResponse:
    form = form_for(request, ChoicesForm, person=request.user)
    if request.method == "POST" and form.is_valid():
        actions.choose_mail(**form.cleaned_data, by=request.user)
        messages.success(request, _("Saved. From now on letters come like this."))
        return redirect("notifications:choices")
    return render(request, "notifications/choices.html", {"form": form})


@signed_in
@require_POST
def try_again(request: HttpRequest) -> HttpResponse:
    try_address_again(by=request.user)
    messages.success(request, _("Letters go to your address again."))
    return redirect("notifications:choices")


@csrf_exempt  # RFC 8058: the mail program posts, signed out; the signed token is the proof.
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    if request.method == "POST":
        stopped = attempt_click(request, actions.unsubscribe, token, all_mail="all" in request.POST)
        if stopped is not None:
            return render(request, "notifications/unsubscribed.html", {"kind": title_of(stopped), "stopped": stopped})
        return render(request, "notifications/unsubscribe.html")
    stops = attempt_click(request, actions.understand, token)
    return render(request, "notifications/unsubscribe.html", {"stops": stops, "kind": title_of(stops or "")})


def title_of(stopped: str) -> Words:
    """What a kind of letter is called; "" where it is no kind, or one that the site no longer has."""
    return KINDS[stopped].title if stopped in KINDS else ""
