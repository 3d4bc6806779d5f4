"""Signing in as staff, with OpenID Connect: what mozilla-django-oidc leaves out.

The library runs the protocol (state, nonce, PKCE, code). It would match people by e-mail address, make accounts,
check no audience and no issuer, follow any redirect and wait for ever; so those parts are replaced here. A person
is issuer and subject. Nobody becomes a user by a staff sign-in alone: it is linked once to a Wikimedia account.

Checks of the ID token: https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
Discovery: https://openid.net/specs/openid-connect-discovery-1_0.html
"""

import logging
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests
from django.conf import settings
from django.contrib import auth
from django.core.cache import cache
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from apps.accounts import actions, pages, queries, remote, wikimedia
from apps.accounts.models import StaffIdentity, User

log = logging.getLogger(__name__)

ENDPOINTS_KEPT_SECONDS = 3600
CLOCKS_MAY_DIFFER = timedelta(seconds=60)
WAITS_FOR_LINK = timedelta(minutes=10)
WAITING = "staff_sign_in_to_link"
LONGEST_SUBJECT = 255
LONGEST_NAME = 100


class UntrustedAnswer(Exception):
    """The provider's answer fails a check, so it says nothing about anybody."""


# Where the provider is


@dataclass(frozen=True)
class Endpoints:
    authorization: str
    token: str
    userinfo: str
    jwks: str


def endpoints() -> Endpoints:
    """The provider's addresses: as set, or else as its issuer publishes them, asked for once an hour."""
    if settings.OIDC_OP_AUTHORIZATION_ENDPOINT:
        return Endpoints(
            settings.OIDC_OP_AUTHORIZATION_ENDPOINT,
            settings.OIDC_OP_TOKEN_ENDPOINT,
            settings.OIDC_OP_USER_ENDPOINT,
            settings.OIDC_OP_JWKS_ENDPOINT,
        )
    kept = cache.get(_cache_key())
    if kept is None:
        kept = asdict(_discover())
        cache.set(_cache_key(), kept, ENDPOINTS_KEPT_SECONDS)
    return Endpoints(**kept)


def _cache_key() -> str:
    return f"oidc-endpoints:{settings.OIDC_ISSUER}"


def _discover() -> Endpoints:
    found = remote.get_json(f"{settings.OIDC_ISSUER}/.well-known/openid-configuration")
    if str(found.get("issuer", "")).rstrip("/") != settings.OIDC_ISSUER:
        raise UntrustedAnswer("The published configuration belongs to another issuer.")
    names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
    addresses = [str(found.get(name, "")) for name in names]
    allowed = {"https", urlsplit(settings.OIDC_ISSUER).scheme}
    if any(urlsplit(address).scheme not in allowed for address in addresses):
        raise UntrustedAnswer("The published configuration lacks an address, or one is unsafe.")
    if urlsplit(addresses[0]).netloc != urlsplit(settings.OIDC_ISSUER).netloc:
        # Browsers would stop at the Content-Security-Policy without a word.
        raise UntrustedAnswer("People sign in on another host than the issuer's: set the four OIDC_…_ENDPOINT.")
    return Endpoints(*addresses)


# Who it says is there


@dataclass(frozen=True)
class StaffPerson:
    issuer: str
    subject: str
    name: str
    is_reviewer: bool


def read_claims(claims: dict[str, Any]) -> StaffPerson:
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or "\0" in subject:
        raise UntrustedAnswer("The subject cannot be used.")
    name = next((claims[key] for key in ("preferred_username", "name") if isinstance(claims.get(key), str)), "")
    return StaffPerson(
        settings.OIDC_ISSUER, subject, name[:LONGEST_NAME] or subject, _is_reviewer(claims.get("groups"))
    )


def _is_reviewer(groups: Any) -> bool:
    """Whether one of the directory's groups makes reviewers. Names in LDAP ignore case and spaces round commas."""
    listed = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
    wanted = {_same_name(group) for group in settings.OIDC_REVIEWER_GROUPS}
    return any(_same_name(group) in wanted for group in listed if isinstance(group, str))


def _same_name(group: str) -> str:
    return ",".join(part.strip().casefold() for part in group.split(","))


class StaffBackend(OIDCAuthenticationBackend):
    """Turns a code into the person of a linked staff sign-in; into nobody if it is not linked yet.

    Django makes one for every request of a signed-in person, so making it must ask nobody anything.
    """

    def __init__(self) -> None:
        self.UserModel = User
        self.OIDC_RP_CLIENT_ID = settings.OIDC_RP_CLIENT_ID
        self.OIDC_RP_CLIENT_SECRET = settings.OIDC_RP_CLIENT_SECRET

    def authenticate(self, request: HttpRequest | None, *, nonce: str, code_verifier: str) -> User | None:
        person: User | None = super().authenticate(request, nonce=nonce, code_verifier=code_verifier)
        return person

    def get_token(self, payload: dict[str, Any]) -> dict[str, Any]:
        with remote.Session() as session:
            return remote.json_object(session.post(endpoints().token, data=payload))

    def verify_token(self, token: str, **kwargs: Any) -> dict[str, Any]:
        """The claims of an ID token that this issuer signed for this client, just now, in answer to this request."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self.retrieve_matching_jwk(token),
                algorithms=[settings.OIDC_RP_SIGN_ALGO],
                audience=settings.OIDC_RP_CLIENT_ID,
                issuer=[settings.OIDC_ISSUER, f"{settings.OIDC_ISSUER}/"],
                leeway=CLOCKS_MAY_DIFFER,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except jwt.PyJWTError as error:
            raise UntrustedAnswer(f"The ID token is not valid: {error}") from error
        if claims.get("azp", settings.OIDC_RP_CLIENT_ID) != settings.OIDC_RP_CLIENT_ID:
            raise UntrustedAnswer("The ID token was made for another client.")
        if not kwargs["nonce"] or claims.get("nonce") != kwargs["nonce"]:
            raise UntrustedAnswer("The ID token answers another request.")
        return claims

    def retrieve_matching_jwk(self, token: str) -> jwt.PyJWK:
        keys = jwt.PyJWKSet.from_dict(remote.get_json(endpoints().jwks)).keys
        key_id = jwt.get_unverified_header(token).get("kid")
        matching = [key for key in keys if key.key_id == key_id] if key_id else keys
        if len(matching) != 1:
            raise UntrustedAnswer("The provider publishes no key for this ID token.")
        return matching[0]

    def get_userinfo(self, access_token: str, id_token: str, payload: dict[str, Any]) -> dict[str, Any]:
        info = remote.get_json(endpoints().userinfo, headers={"Authorization": f"Bearer {access_token}"})
        if info.get("sub") != payload["sub"]:
            raise UntrustedAnswer("The user information is about somebody else.")
        return {**payload, **info}

    def get_or_create_user(self, access_token: str, id_token: str, payload: dict[str, Any]) -> User | None:
        """The linked person. Who is not linked waits on the request for the link; no account is ever made here."""
        staff_person = read_claims(self.get_userinfo(access_token, id_token, payload))
        self.request.staff_person = staff_person
        identity = queries.linked_staff_identity(staff_person.issuer, staff_person.subject)
        return identity.user if identity else None


# The two views of the protocol


class StaffStart(OIDCAuthenticationRequestView):
    """Off to the provider. By POST, so that no other site can begin a staff sign-in for anybody."""

    http_method_names = ("post",)

    def __init__(self, **kwargs: Any) -> None:
        """Ask for no address yet: that may fail, and `post` has a page for it."""

    def post(self, request: HttpRequest) -> HttpResponse:
        self.OIDC_RP_CLIENT_ID = settings.OIDC_RP_CLIENT_ID
        try:
            self.OIDC_OP_AUTH_ENDPOINT = endpoints().authorization
        except (requests.RequestException, UntrustedAnswer) as error:
            return _provider_failed(request, error)
        return self.get(request)


class StaffCallback(OIDCAuthenticationCallbackView):
    """Back from the provider. The library would also sign a volunteer out if they change their mind there."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if "error" in request.GET:
            return self._no_from_provider()
        try:
            return super().get(request)
        except SuspiciousOperation:
            return _begin_again(request)
        except UntrustedAnswer as error:
            return _untrusted(request, error)
        except (requests.RequestException, LookupError, TypeError, AttributeError) as error:
            return _provider_failed(request, error)

    def _no_from_provider(self) -> HttpResponse:
        states = self.request.session.get("oidc_states", {})
        if states.pop(self.request.GET.get("state"), None) is None:
            return _begin_again(self.request)
        self.request.session["oidc_states"] = states
        if self.request.GET["error"] != "access_denied":
            return _provider_failed(self.request, self.request.GET["error"])
        return pages.failed(
            self.request,
            _("You did not sign in as staff"),
            _("You stopped at the staff sign-in. Nothing was read, and nothing has changed here."),
            status=200,
            again="accounts:staff",
        )

    def login_success(self) -> HttpResponse:
        """The staff sign-in is linked: sign its person in, unless somebody else is signed in here."""
        identity = StaffIdentity.objects.get(user=self.user)
        if self.request.user.is_authenticated and self.request.user != self.user:
            return _linked_to_another(self.request, self.user)
        actions.sign_in_as_staff(
            identity,
            is_reviewer=self.request.staff_person.is_reviewer,
            is_blocked=wikimedia.is_blocked(self.user.username),
            now=timezone.now(),
        )
        if not self.request.user.is_authenticated:
            auth.login(self.request, self.user)
        return HttpResponseRedirect(self.success_url)

    def login_failure(self) -> HttpResponse:
        """Nobody was found: either the sign-in is not linked yet, or nothing was proven."""
        staff_person = getattr(self.request, "staff_person", None)
        if staff_person is None:
            return _begin_again(self.request)
        remember(self.request, staff_person, now=timezone.now())
        return redirect("accounts:staff_link")


# A staff sign-in that waits for its Wikimedia account


def remember(request: HttpRequest, staff_person: StaffPerson, *, now: datetime) -> None:
    request.session[WAITING] = {"person": asdict(staff_person), "at": now.isoformat()}


def waiting(request: HttpRequest, *, now: datetime) -> tuple[StaffPerson, datetime] | None:
    """The staff sign-in proven in this session within ten minutes, and when; None if there is none."""
    kept = request.session.get(WAITING)
    if kept is None:
        return None
    at = datetime.fromisoformat(kept["at"])
    return (StaffPerson(**kept["person"]), at) if now - at <= WAITS_FOR_LINK else None


def forget(request: HttpRequest) -> None:
    request.session.pop(WAITING, None)


# Pages for what went wrong


def _provider_failed(request: HttpRequest, error: object) -> HttpResponse:
    log.warning("Signing in as staff failed: %r", error)
    return pages.failed(
        request,
        _("The staff sign-in did not answer as expected"),
        _(
            "Nobody was signed in. It is probably busy: wait a minute and try again. "
            "Signing in with a Wikimedia account works meanwhile."
        ),
        status=pages.PROVIDER_FAILED,
        again="accounts:staff",
    )


def _untrusted(request: HttpRequest, error: UntrustedAnswer) -> HttpResponse:
    log.error("The staff sign-in's answer fails a check: %s", error)
    return pages.failed(
        request,
        _("The staff sign-in’s answer could not be trusted"),
        _(
            "A safety check failed, so nobody was signed in. Try again; "
            "if it happens twice, tell those who run this site."
        ),
        status=403,
        again="accounts:staff",
    )


def _begin_again(request: HttpRequest) -> HttpResponse:
    return pages.failed(
        request,
        _("This staff sign-in is no longer valid"),
        _("It was begun in another window, too long ago, or used already. Nobody was signed in. Begin again here."),
        status=400,
        again="accounts:staff",
    )


def _linked_to_another(request: HttpRequest, owner: User) -> HttpResponse:
    return pages.failed(
        request,
        _("This staff sign-in belongs to another account"),
        _("It is linked to “%(name)s”. To use it, sign out here first, then sign in as staff again.")
        % {"name": owner.username},
        status=403,
        again="accounts:staff",
    )
