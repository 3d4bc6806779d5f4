"""What the ways of signing in share: where to go afterwards, and a page for what went wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from apps.accounts.models import User

LONGEST_ADDRESS = 2000
# A provider that fails is not an error of this server, so alarms on 5xx stay about us.
PROVIDER_FAILED = 424


class PersonsRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: User


def safe_next(request: HttpRequest) -> str:
    """Where to go after signing in: an address of this site that came with the request, or ""."""
    address = request.POST.get("next") or request.GET.get("next") or ""
    return address if is_ours(request, address) else ""


def is_ours(request: HttpRequest, address: str) -> bool:
    # Without a slash or a scheme, `redirect` would take it for the name of a view.
    return (
        len(address) <= LONGEST_ADDRESS
        and address.startswith(("/", "http://", "https://"))
        and url_has_allowed_host_and_scheme(
            address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )
    )


def with_next(view_name: str, next_url: str) -> str:
    address = resolve_url(view_name)
    return f"{address}?{urlencode({'next': next_url})}" if next_url else address


def failed(
    request: HttpRequest,
    headline: str,
    sentence: str,
    *,
    status: int,
    again: str = "accounts:sign_in",
    next_url: str = "",
) -> HttpResponse:
    """A page that says what happened and what to do, with a link to try again."""
    return render(
        request,
        "accounts/failed.html",
        {"headline": headline, "sentence": sentence, "link": with_next(again, next_url), "link_words": _("Try again")},
        status=status,
    )
