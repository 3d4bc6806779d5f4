"""The reader's language and time zone; and blocked people, who read only."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import tzinfo
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from apps.accounts import wikimedia
from apps.accounts.models import User
from apps.accounts.pages import PersonsRequest
from apps.core.dates import zone
from apps.core.languages import first_spoken
from apps.core.web import typed_texts

GetResponse = Callable[[HttpRequest], HttpResponse]
READING = {"GET", "HEAD", "OPTIONS"}
OPEN_TO_BLOCKED = {"accounts:sign_out", "accounts:export", "set_language"}


class ReaderMiddleware:
    """Show the page in the reader's language and time zone.

    `?language=` wins, then the cookie of the language menu, then the languages of who is signed in. For visitors
    Django's LocaleMiddleware has decided already, by cookie and Accept-Language. It runs before anybody is known;
    what is activated here stays active until it has written the Content-Language header.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = chosen_language(request)
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = language
        own_zone = _zone_of(request.user)
        with timezone.override(own_zone) if own_zone else nullcontext():
            return self.get_response(request)


def chosen_language(request: HttpRequest) -> str:
    """The language that this reader chose, or "" if they did not."""
    chosen = first_spoken((request.GET.get("language", ""), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")))
    if chosen or not request.user.is_authenticated:
        return chosen
    return request.user.spoken_language


def _zone_of(user: User | AnonymousUser) -> tzinfo | None:
    """The person's time zone; none for visitors."""
    return zone(user.time_zone) if user.is_authenticated else None


class BlockedAccountsReadOnlyMiddleware:
    """People whom Wikimedia has blocked read everything and take their data with them, and nothing else."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if request.method in READING or not request.user.is_authenticated or not request.user.is_blocked:
            return None
        if request.resolver_match and request.resolver_match.view_name in OPEN_TO_BLOCKED:
            return None
        why = _why_and_what_was_typed(cast(PersonsRequest, request))
        return render(request, "accounts/blocked.html", why, status=403)


def _why_and_what_was_typed(request: PersonsRequest) -> dict[str, Any]:
    name = request.user.get_username()
    return {
        "blocked_at": request.user.blocked_at,
        "block_log": wikimedia.wiki_address("Special:Log", type="block", page=f"User:{name}"),
        "lock_log": wikimedia.wiki_address("Special:CentralAuth", target=name),
        "typed": typed_texts(request, request.POST),
    }
