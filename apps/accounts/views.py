from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.contrib import auth, messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import actions, pages, queries, staff, wikimedia
from apps.accounts.forms import SettingsForm, settings_initial
from apps.accounts.models import User
from apps.accounts.pages import PersonsRequest
from apps.core.languages import language, regions
from apps.core.web import attempt_click, form_for, signed_in

View = Callable[..., HttpResponse]
NO_PASSWORD = "django.contrib.auth.backends.ModelBackend"

_wikimedia_login = OAuth2LoginView.adapter_view(wikimedia.WikimediaOAuth2Adapter)
_wikimedia_callback = OAuth2CallbackView.adapter_view(wikimedia.WikimediaOAuth2Adapter)


# Signing in and out


@never_cache
@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    next_url = pages.safe_next(request)
    if request.user.is_authenticated:
        return redirect(next_url or settings.LOGIN_REDIRECT_URL)
    return render(
        request,
        "accounts/sign_in.html",
        {
            "next": next_url,
            "wikimedia_works": bool(settings.WIKIMEDIA_CLIENT_ID),
            "staff_link": pages.with_next("accounts:staff", next_url) if settings.STAFF_SIGN_IN else "",
            "demo_link": pages.with_next("accounts:demo", next_url) if settings.DEMO else "",
        },
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    auth.logout(request)
    messages.success(request, _("You are signed out here. Where you proved who you are, you may still be signed in."))
    return redirect(settings.LOGOUT_REDIRECT_URL)


def with_wikimedia(view: View) -> View:
    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        if not settings.WIKIMEDIA_CLIENT_ID:
            return pages.failed(
                request,
                _("Signing in with Wikimedia is not set up here"),
                _("Whoever runs this site has to register it with Wikimedia first. Reading works without signing in."),
                status=404,
            )
        return view(request)

    return wrapped


@never_cache
@require_http_methods(["GET", "POST"])
@with_wikimedia
def wikimedia_login(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return redirect(pages.with_next("accounts:sign_in", pages.safe_next(request)))
    return _wikimedia_login(request)


@never_cache
@require_safe
@with_wikimedia
def wikimedia_callback(request: HttpRequest) -> HttpResponse:
    return _wikimedia_callback(request)


# Staff


def with_staff_sign_in(view: View) -> View:
    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        if not settings.STAFF_SIGN_IN:
            return pages.failed(
                request,
                _("There is no staff sign-in here"),
                _("It is not set up on this site. Administrators can make people reviewers without it."),
                status=404,
            )
        return view(request)

    return wrapped


@never_cache
@require_http_methods(["GET", "POST"])
@with_staff_sign_in
def staff_start(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return staff.StaffStart.as_view()(request)
    return render(request, "accounts/staff.html", {"here": pages.with_next("accounts:staff", pages.safe_next(request))})


@never_cache
@require_safe
@with_staff_sign_in
def staff_callback(request: HttpRequest) -> HttpResponse:
    return staff.StaffCallback.as_view()(request)


@never_cache
@require_http_methods(["GET", "POST"])
@with_staff_sign_in
def staff_link(request: HttpRequest) -> HttpResponse:
    """One click that links the staff sign-in and the Wikimedia account that this session has proven."""
    now = timezone.now()
    waits = staff.waiting(request, now=now)
    if waits is None:
        return pages.failed(
            request,
            _("No staff sign-in waits to be linked"),
            _("It waits for ten minutes only. Sign in as staff again."),
            status=404,
            again="accounts:staff",
        )
    person, signed_in_at = waits
    is_proven = wikimedia.proven_in(request)
    if request.method == "GET" or not is_proven:
        return render(request, "accounts/staff_link.html", {"staff_name": person.name, "is_proven": is_proven})
    attempt_click(
        request,
        actions.link_staff_sign_in,
        request.user,
        issuer=person.issuer,
        subject=person.subject,
        is_reviewer=person.is_reviewer,
        signed_in_at=signed_in_at,
        now=now,
        done=_("Your staff sign-in is linked. From now on either of the two signs you in."),
    )
    staff.forget(request)
    return redirect(request.session.get("oidc_login_next") or settings.LOGIN_REDIRECT_URL)


# Settings and data


@signed_in
def settings_page(request: PersonsRequest) -> HttpResponse:
    user = request.user
    form = form_for(request, SettingsForm, initial=settings_initial(user))
    if request.method == "POST" and form.is_valid():
        actions.change_settings(user, **form.cleaned_data)
        messages.success(request, _("Your settings are saved."))
        response = redirect("accounts:settings")
        # The language menu's cookie would win over the setting that was just made.
        response.delete_cookie(
            settings.LANGUAGE_COOKIE_NAME, settings.LANGUAGE_COOKIE_PATH, settings.LANGUAGE_COOKIE_DOMAIN
        )
        return response
    return render(
        request,
        "accounts/settings.html",
        {
            "form": form,
            "change_email": wikimedia.wiki_address("Special:ChangeEmail"),
            "staff_works": settings.STAFF_SIGN_IN,
            "staff_identity": queries.staff_identity_of(user),
        },
    )


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def export(request: PersonsRequest) -> HttpResponse:
    """Everything the site holds about the person, as a download."""
    response = JsonResponse(queries.data_about(request.user), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="movement-strategy-account-{request.user.pk}.json"'
    return response


@signed_in
@require_POST
def make_calendar(request: PersonsRequest) -> HttpResponse:
    done = _("Your calendar has an address now. Copy it into your calendar program.")
    attempt_click(request, actions.make_calendar_key, request.user, done=done)
    return redirect("home:my_calendar")


@signed_in
@require_POST
def renew_calendar(request: PersonsRequest) -> HttpResponse:
    done = _("Your calendar has a new address. The old one has stopped.")
    attempt_click(request, actions.renew_calendar_key, request.user, done=done)
    return redirect("home:my_calendar")


@signed_in
@require_POST
def drop_calendar(request: PersonsRequest) -> HttpResponse:
    attempt_click(request, actions.drop_calendar_key, request.user, done=_("The address of your calendar has stopped."))
    return redirect("home:my_calendar")


# Example people


@never_cache
@require_http_methods(["GET", "POST"])
def demo(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO:
        raise Http404
    if request.method == "POST":
        person = get_object_or_404(queries.example_people(), pk=_number(request.POST.get("person")))
        auth.login(request, person, backend=NO_PASSWORD)
        return redirect(pages.safe_next(request) or settings.LOGIN_REDIRECT_URL)
    people = list(queries.example_people())
    words = queries.words_for_roles(people)
    return render(
        request,
        "accounts/demo.html",
        {
            "next": pages.safe_next(request),
            "people": [_described(person, words.get(person.pk, [])) for person in people],
        },
    )


def _number(text: str | None) -> int:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Http404
    return int(text)


def _described(person: User, words: list[str]) -> dict[str, Any]:
    region = regions().get(person.region)
    return {
        "pk": person.pk,
        "username": person.username,
        "words": words,
        "languages": [language(code) for code in person.languages],
        "region": region.name if region else "",
    }
