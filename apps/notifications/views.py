from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.core.web import attempt_click, signed_in
from apps.notifications import actions, queries

LETTERS_A_PAGE = 30


@signed_in
def letters_page(request: HttpRequest) -> HttpResponse:
    page = Paginator(queries.letters_to(request.user, timezone.now()), LETTERS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "notifications/page.html", {"page": page})


@signed_in
def letter_page(request: HttpRequest, pk: int) -> HttpResponse:
    letter = get_object_or_404(queries.letters_to(request.user, timezone.now()), pk=pk)
    actions.mark_read(letter, now=timezone.now())
    return render(request, "notifications/letter_page.html", {"letter": letter})


@signed_in
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    actions.mark_all_read(by=request.user, now=timezone.now())
    return redirect("notifications:index")


def example_letters_page(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO:
        raise Http404
    page = Paginator(queries.letters_of_the_example(), LETTERS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "notifications/example.html", {"page": page})


@csrf_exempt  # RFC 8058: the mail program posts, signed out; the signed token is the proof.
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    if request.method == "POST" and attempt_click(request, actions.unsubscribe, token):
        return render(
            request,
            "message.html",
            {
                "headline": _("No more letters by mail"),
                "sentence": _("Notices wait for you on the site. You can turn mail on again in your settings."),
            },
        )
    return render(request, "notifications/unsubscribe.html", {"token": token})
