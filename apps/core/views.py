"""Pages for what went wrong. Each says what happened and what to do next."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.core.web import send_again


def _page(request: HttpRequest, headline: str, sentence: str, status: int, **more: object) -> HttpResponse:
    return render(request, "message.html", {"headline": headline, "sentence": sentence, **more}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request,
        _("That was too much, or not readable"),
        _(
            "The site could not read what was sent. Go back: what you typed is still there. Shorten it and send "
            "it again."
        ),
        400,
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, _("This is not yours to do"), _("Only some people may open this page."), 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request,
        _("There is no such page"),
        _("The address may be old or mistyped. All initiatives are one click away."),
        404,
    )


def server_error(request: HttpRequest) -> HttpResponse:
    # Rendered without context processors: the database may be what failed.
    return render(None, "500.html", status=500)  # type: ignore[arg-type]


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid token: an expired session, or a page elsewhere that posted here.

    What was typed is shown in either case. It can be sent again with one click only if the browser
    says that the form stood on this site, so that no other site can put words into anybody's mouth.
    """
    return send_again(request, request.POST, ours=_stood_here(request), status=403)


def _stood_here(request: HttpRequest) -> bool:
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    try:
        return urlsplit(origin).netloc == request.get_host()
    except ValueError:  # such as http://[::1
        return False
