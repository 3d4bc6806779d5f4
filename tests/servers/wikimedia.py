"""A stand-in for Wikimedia: there is no MediaWiki to sign in to on a test machine.

It follows what is published: the OAuth extension's OAuth 2 endpoints and profile
(https://www.mediawiki.org/wiki/OAuth/For_Developers, https://www.mediawiki.org/wiki/Extension:OAuth), the action API's
`list=users&usprop=blockinfo` and `meta=globaluserinfo`, and the User-Agent policy. What it knows about real servers is
from those texts and from what was measured in the libraries, not from a running wiki.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from html import escape
from typing import Any

from tests.servers.web import Answer, Asked, StandIn, hidden_fields

REST = "/w/rest.php"
API = "/w/api.php"
AUTHORIZE = f"{REST}/oauth2/authorize"
TOKEN = f"{REST}/oauth2/access_token"
PROFILE = f"{REST}/oauth2/resource/profile"


@dataclass
class Account:
    """A central account, as this wiki (Meta) sees it."""

    sub: str
    username: str
    email: str = ""
    email_confirmed: bool = True
    hidden: bool = False
    locked: bool = False
    # "", "sitewide", "sitewide and another", "partial", "two partial" or "address"
    blocked: str = ""

    def profile(self) -> dict[str, Any]:
        if self.hidden:
            return {"sub": self.sub, "blocked": True}
        return {
            "sub": self.sub,
            "username": self.username,
            "editcount": 12,
            "confirmed_email": bool(self.email) and self.email_confirmed,
            "blocked": bool(self.blocked),
            "registered": "20150102030405",
            "groups": ["*", "user", "autoconfirmed"],
            "rights": ["read", "edit"],
            "grants": ["basic", "mwoauth-authonlyprivate"],
            "realname": "Somebody Real",
            "email": self.email if self.email_confirmed else "",
            "email_verified": bool(self.email) and self.email_confirmed,
        }

    def block_info(self) -> dict[str, Any]:
        """Blocks of an address are not blocks of the account, so `list=users` does not show them.

        Several blocks are told as one (a CompositeBlock), without an id, sitewide if any of them is.
        """
        if self.blocked in {"", "address"}:
            return {}
        is_one = self.blocked in {"sitewide", "partial"}
        return {
            "blockid": 77 if is_one else None,
            "blockedby": "An administrator",
            "blockedbyid": 5,
            "blockreason": "Vandalism",
            "blockedtimestamp": "2026-10-01T00:00:00Z",
            "blockexpiry": "infinite",
            "blockpartial": not self.blocked.startswith("sitewide"),
            "blocknocreate": True,
            "blockanononly": False,
        }


class Wikimedia(StandIn):
    wants_a_contact = True

    def __init__(self, *accounts: Account, redirect_uri: str = "", port: int = 0) -> None:
        super().__init__(port)
        self.client_id, self.client_secret = "the-client", "the-secret"
        self.redirect_uri = redirect_uri
        self.accounts = {account.sub: account for account in accounts}
        self.rest_api, self.api = self.url + REST, self.url + API
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: dict[str, str] = {}
        self.profile_extra: dict[str, Any] = {}
        self.routes = {AUTHORIZE: self.authorize, TOKEN: self.token, PROFILE: self.profile, API: self.action_api}

    # The person's browser

    def authorize(self, asked: Asked) -> Answer:
        wrong = self._wrong_in_request(asked)
        if wrong:
            return Answer.html(f"<h1>OAuth error</h1><p>{wrong}</p>", 400)
        if asked.method == "GET":
            return Answer.html(self._approval_form(asked.query))
        if asked.form.get("decision") != "approve":
            return Answer.to(
                asked.given("redirect_uri"),
                error="access_denied",
                error_description="The resource owner or authorization server denied the request.",
                state=asked.given("state"),
            )
        code = secrets.token_urlsafe(24)
        self.codes[code] = {
            "sub": asked.form["account"],
            "redirect_uri": asked.given("redirect_uri"),
            "code_challenge": asked.given("code_challenge"),
        }
        return Answer.to(asked.given("redirect_uri"), code=code, state=asked.given("state"))

    def _wrong_in_request(self, asked: Asked) -> str:
        if asked.given("response_type") != "code":
            return "unsupported_response_type"
        if asked.given("client_id") != self.client_id:
            return "invalid_client"
        if self.redirect_uri and asked.given("redirect_uri") != self.redirect_uri:
            return "The redirect address is not the registered one."
        if not asked.given("state"):
            return "There is no state."
        if asked.given("code_challenge_method") != "S256" or not asked.given("code_challenge"):
            return "There is no PKCE code challenge with S256."
        return ""

    def _approval_form(self, parameters: dict[str, str]) -> str:
        options = "".join(
            f'<option value="{escape(account.sub)}">{escape(account.username)}</option>'
            for account in self.accounts.values()
        )
        return (
            "<h1>Stand-in for Wikimedia</h1><p>Movement Strategy would like to know who you are.</p>"
            f'<form method="post" action="{AUTHORIZE}">{hidden_fields(parameters)}'
            f'<label>Account <select name="account">{options}</select></label>'
            '<button name="decision" value="approve">Allow</button>'
            '<button name="decision" value="deny">Cancel</button></form>'
        )

    # The site

    def token(self, asked: Asked) -> Answer:
        if self._client(asked) != (self.client_id, self.client_secret):
            return oauth_error("invalid_client", "Client authentication failed", 401)
        if asked.form.get("grant_type") != "authorization_code":
            return oauth_error("unsupported_grant_type", "The grant type is not supported", 400)
        code = self.codes.pop(asked.form.get("code", ""), None)
        if code is None:
            return oauth_error("invalid_grant", "The code is unknown or was used already", 400)
        if asked.form.get("redirect_uri") != code["redirect_uri"]:
            return oauth_error("invalid_request", "The redirect address differs", 400)
        if s256(asked.form.get("code_verifier", "")) != code["code_challenge"]:
            return oauth_error("invalid_grant", "Failed to verify `code_verifier`.", 400)
        token = secrets.token_urlsafe(24)
        self.tokens[token] = code["sub"]
        return Answer.json(
            {
                "token_type": "Bearer",
                "expires_in": 14400,
                "access_token": token,
                "refresh_token": secrets.token_urlsafe(24),
            }
        )

    def _client(self, asked: Asked) -> tuple[str, str]:
        basic = asked.headers.get("authorization", "")
        if basic.startswith("Basic "):
            name, _, secret = base64.b64decode(basic[6:]).decode().partition(":")
            return name, secret
        return asked.form.get("client_id", ""), asked.form.get("client_secret", "")

    def profile(self, asked: Asked) -> Answer:
        sub = self.tokens.get(asked.headers.get("authorization", "").removeprefix("Bearer "))
        if sub is None:
            return Answer.json({"error": "rest-read-denied", "httpCode": 403, "httpReason": "Forbidden"}, 403)
        return Answer.json({**self.accounts[sub].profile(), **self.profile_extra})

    def action_api(self, asked: Asked) -> Answer:
        if asked.query.get("format") != "json" or asked.query.get("formatversion") != "2":
            return Answer.html("MediaWiki API help")
        name = asked.query.get("ususers", "")
        account = next((found for found in self.accounts.values() if found.username == name and not found.hidden), None)
        if account is None:
            user, everywhere = {"name": name, "missing": True}, {"missing": True}
        else:
            blocks = account.block_info() if asked.query.get("usprop") == "blockinfo" else {}
            user = {"userid": 4711, "name": name, **blocks}
            everywhere = {"home": "metawiki", "id": int(account.sub), "name": name} | (
                {"locked": True} if account.locked else {}
            )
        wants_central = asked.query.get("meta") == "globaluserinfo" and asked.query.get("guiuser") == name
        return Answer.json(
            {
                "batchcomplete": True,
                "query": {"users": [user]} | ({"globaluserinfo": everywhere} if wants_central else {}),
            }
        )


def oauth_error(error: str, description: str, status: int) -> Answer:
    return Answer.json({"error": error, "error_description": description, "message": description}, status)


def s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
