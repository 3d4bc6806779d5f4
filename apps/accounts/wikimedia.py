"""Signing in with a Wikimedia account: what allauth's mediawiki provider leaves out.

allauth runs the OAuth 2 protocol (state, PKCE, code, token). It would also keep a copy of the profile, let hidden
and unattached accounts in, rewrite names and miss renames; so the profile is read here, and the account is made and
renamed in `actions.sign_in_from_wikimedia`. No row of allauth's own tables is written: `User.wikimedia_id` is the link.

Profile: https://www.mediawiki.org/wiki/Extension:OAuth (resource/profile).
Blocks: https://www.mediawiki.org/wiki/API:Users (blockinfo) and CentralAuth's meta=globaluserinfo.
"""

import logging
from dataclasses import dataclass
from typing import Any

import requests
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base import AuthError, ProviderException
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.mediawiki.provider import MediaWikiProvider
from allauth.socialaccount.providers.mediawiki.views import MediaWikiOAuth2Adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.accounts import actions, pages, queries, remote

log = logging.getLogger(__name__)

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
LONGEST_ID = 40
LONGEST_NAME = 255
LONGEST_EMAIL = 254


class AccountRefused(ProviderException):
    """Wikimedia answered, but this account cannot be used here. Its words are a sentence for the person."""


class UnreadableProfile(ProviderException):
    """Wikimedia's answer is not a profile."""


@dataclass(frozen=True)
class Profile:
    wikimedia_id: str
    username: str
    email: str
    says_blocked: bool


def read_profile(answer: dict[str, Any]) -> Profile:
    """What we use of a profile. Refuses accounts without a central id and accounts without a name."""
    wikimedia_id = answer.get("sub")
    if (
        not isinstance(wikimedia_id, (str, int))
        or isinstance(wikimedia_id, bool)
        or len(str(wikimedia_id)) > LONGEST_ID
    ):
        raise UnreadableProfile("The profile has no usable sub.")
    if str(wikimedia_id).strip() in {"", "0"}:
        raise AccountRefused(
            _(
                "Your account is not part of Wikimedia’s unified login, so nobody could tell it from another one. "
                "Visit Special:MergeAccount on Meta-Wiki, then try again."
            )
        )
    username = answer.get("username")
    if username is None or username == "":
        raise AccountRefused(
            _(
                "Wikimedia hides this account and does not tell us its name, so it cannot be used here. "
                "Ask the stewards on Meta-Wiki if you think that is wrong."
            )
        )
    if not isinstance(username, str) or len(username) > LONGEST_NAME or any(ord(letter) < 32 for letter in username):
        raise UnreadableProfile("The profile has no usable username.")
    return Profile(str(wikimedia_id), username, _confirmed_email(answer), answer.get("blocked") is True)


def _confirmed_email(answer: dict[str, Any]) -> str:
    """The e-mail address, if Wikimedia says that it was confirmed and nothing in the profile denies it."""
    words = [answer[name] for name in ("confirmed_email", "email_verified") if name in answer]
    email = answer.get("email")
    if not words or not all(word is True for word in words) or not isinstance(email, str) or len(email) > LONGEST_EMAIL:
        return ""
    try:
        validate_email(email)
    except ValidationError:
        return ""
    return email


def is_blocked(username: str) -> bool | None:
    """Whether the account is locked globally or blocked sitewide on Meta; None if the wiki's API does not say.

    The profile's own `blocked` is true for partial blocks too. Blocks of addresses are no blocks of an account.
    Only who is blocked has a `blockpartial`; an id does not tell, since several blocks together have none.
    """
    try:
        query = remote.get_json(
            settings.WIKIMEDIA_API,
            params={
                "action": "query",
                "list": "users",
                "usprop": "blockinfo",
                "ususers": username,
                "meta": "globaluserinfo",
                "guiuser": username,
                "format": "json",
                "formatversion": "2",
            },
        )["query"]
        account, everywhere = query["users"][0], query["globaluserinfo"]
        is_locked = bool(everywhere.get("locked"))
        is_blocked_sitewide = account.get("blockpartial") is False
    except (requests.RequestException, LookupError, TypeError, AttributeError) as error:
        log.warning("Wikimedia did not say whether an account is blocked: %r", error)
        return None
    return is_locked or is_blocked_sitewide


def is_blocked_as_far_as_known(profile: Profile) -> bool:
    """Whether the account is blocked, with a decision for when the wiki's API is dead.

    Then nothing changes for who is known: a dead API neither locks anybody out nor lets a blocked person in.
    Somebody new is taken at the profile's word: who it calls blocked reads only, until the next sign-in asks again.
    """
    answer = is_blocked(profile.username)
    if answer is not None:
        return answer
    known = queries.person_with_wikimedia_id(profile.wikimedia_id)
    return known.is_blocked if known else profile.says_blocked


def proven_in(request: HttpRequest) -> bool:
    """Whether the person of this session signed in with Wikimedia in it, and not in another way."""
    return request.user.is_authenticated and request.session.get(BACKEND_SESSION_KEY) == BACKEND


def wiki_address(title: str, **parameters: str) -> str:
    """The address of a page of the wiki whose API we ask, Meta-Wiki unless set otherwise."""
    wiki = settings.WIKIMEDIA_API.removesuffix("api.php").rstrip("/")
    return f"{wiki}/index.php?{urlencode({'title': title, **parameters})}"


# What allauth calls


class WikimediaOAuth2Adapter(MediaWikiOAuth2Adapter):
    """The protocol's addresses, read when they are needed: allauth reads its settings once, at import."""

    headers = None  # the session says who asks

    @property
    def authorize_url(self) -> str:
        return f"{settings.WIKIMEDIA_REST_API}/oauth2/authorize"

    @property
    def access_token_url(self) -> str:
        return f"{settings.WIKIMEDIA_REST_API}/oauth2/access_token"

    @property
    def profile_url(self) -> str:
        return f"{settings.WIKIMEDIA_REST_API}/oauth2/resource/profile"

    def get_access_token_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        try:
            data = super().get_access_token_data(*args, **kwargs)
            if isinstance(data["access_token"], str):
                return dict(data)
        except (LookupError, TypeError, ValueError) as error:
            raise OAuth2Error("The answer holds no access token.") from error
        raise OAuth2Error("The answer holds no access token.")

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        return SocialToken(token=data["access_token"])

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        answer = remote.get_json(self.profile_url, headers={"Authorization": f"Bearer {token.token}"})
        profile = read_profile(answer)
        login = SocialLogin(
            provider=self.get_provider(), account=SocialAccount(provider=self.provider_id, uid=profile.wikimedia_id)
        )
        login.wikimedia_profile = profile
        return login


class WikimediaProvider(MediaWikiProvider):
    oauth2_adapter_class = WikimediaOAuth2Adapter
    pkce_enabled_default = True

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Nothing of the request but where to go next: no other process, scope or parameter can be smuggled in."""
        return {"process": AuthProcess.LOGIN, "next_url": pages.safe_next(request)}


class AccountAdapter(DefaultAccountAdapter):
    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing after signing in: the page shows the name."""


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The one client, from the settings."""
        return [
            SocialApp(
                provider=WikimediaProvider.id,
                client_id=settings.WIKIMEDIA_CLIENT_ID,
                secret=settings.WIKIMEDIA_CLIENT_SECRET,
            )
        ]

    def get_requests_session(self) -> requests.Session:
        return remote.Session()

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find or make the person before allauth would; it then signs them in."""
        profile: Profile = sociallogin.wikimedia_profile
        sociallogin.user = actions.sign_in_from_wikimedia(
            profile.wikimedia_id,
            username=profile.username,
            email=profile.email,
            is_blocked=is_blocked_as_far_as_known(profile),
            language=_interface_language(),
            now=timezone.now(),
        )

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        state = (extra_context or {}).get("state") or {}
        raise ImmediateHttpResponse(_what_went_wrong(request, error, exception, state))


def _interface_language() -> str:
    language = get_language()
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _what_went_wrong(
    request: HttpRequest, error: str | None, exception: Exception | None, state: dict[str, Any]
) -> HttpResponse:
    next_url = state.get("next", "")
    if error == AuthError.CANCELLED:
        return pages.failed(
            request,
            _("You did not sign in"),
            _("You told Wikimedia not to let this site know who you are. Nothing was read, and nothing has changed."),
            status=200,
            next_url=next_url,
        )
    if isinstance(exception, AccountRefused):
        return pages.failed(
            request, _("This account cannot be used here"), str(exception), status=403, next_url=next_url
        )
    if not state:
        return pages.failed(
            request,
            _("This sign-in is no longer valid"),
            _(
                "It was begun in another window, more than ten minutes ago, or used already. "
                "Nobody was signed in. Begin again here."
            ),
            status=400,
        )
    log.warning("Signing in with Wikimedia failed: %r", exception or request.GET.get("error"))
    return pages.failed(
        request,
        _("Wikimedia did not answer as expected"),
        _(
            "We could not find out who you are, so nobody was signed in. "
            "It is probably busy: wait a minute and try again. Reading works without signing in."
        ),
        status=pages.PROVIDER_FAILED,
        next_url=next_url,
    )
