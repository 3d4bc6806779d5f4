"""An OpenID provider that signs with RS256, and can be told to answer wrongly.

`oidc-provider-mock` answers rightly only: it lets nobody change audience, issuer, nonce or signature of an ID token,
and those are what has to be tested. This one follows OpenID Connect Core 1.0 and Discovery 1.0 as far as the code flow
goes, with the claims of Wikimedia's provider (groups as LDAP names).
"""

import secrets
import time
from dataclasses import dataclass, field
from functools import cache
from html import escape
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests.servers.web import Answer, Asked, StandIn, hidden_fields
from tests.servers.wikimedia import oauth_error, s256

CONFIGURATION = "/oidc/.well-known/openid-configuration"
AUTHORIZE = "/oidc/authorize"
TOKEN = "/oidc/token"
USERINFO = "/oidc/userinfo"
KEYS = "/oidc/jwks"
REVIEWERS = "cn=wmf,ou=groups,dc=wikimedia,dc=org"


@cache
def private_key(_which: str) -> rsa.RSAPrivateKey:
    """Made once in each process: it takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Employee:
    sub: str
    name: str
    email: str = ""
    groups: list[str] | None = field(default_factory=lambda: [REVIEWERS])

    def claims(self) -> dict[str, Any]:
        claims = {"sub": self.sub, "preferred_username": self.name, "email": self.email, "groups": self.groups}
        return {name: value for name, value in claims.items() if value is not None}


class StaffProvider(StandIn):
    """`wrong` replaces claims of the ID token; `signed_with` is "ours", "another key", "HS256" or "none"."""

    def __init__(self, *employees: Employee, redirect_uri: str = "", port: int = 0) -> None:
        super().__init__(port)
        self.client_id, self.client_secret = "staff-client", "staff-secret"
        self.redirect_uri = redirect_uri
        self.issuer = f"{self.url}/oidc"
        self.employees = {employee.sub: employee for employee in employees}
        self.key = private_key("ours")
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: dict[str, str] = {}
        self.wrong: dict[str, Any] = {}
        self.wrong_userinfo: dict[str, Any] = {}
        self.wrong_configuration: dict[str, Any] = {}
        self.signed_with = "ours"
        self.key_id: str | None = "key-1"
        self.routes = {
            CONFIGURATION: self.configuration,
            AUTHORIZE: self.authorize,
            TOKEN: self.token,
            USERINFO: self.userinfo,
            KEYS: self.keys,
        }

    def configuration(self, _asked: Asked) -> Answer:
        return Answer.json(
            {
                "issuer": self.issuer,
                "authorization_endpoint": self.url + AUTHORIZE,
                "token_endpoint": self.url + TOKEN,
                "userinfo_endpoint": self.url + USERINFO,
                "jwks_uri": self.url + KEYS,
                "id_token_signing_alg_values_supported": ["RS256"],
                **self.wrong_configuration,
            }
        )

    def authorize(self, asked: Asked) -> Answer:
        is_for_us = asked.given("client_id") == self.client_id and asked.given("response_type") == "code"
        is_safe = asked.given("nonce") and asked.given("state") and asked.given("code_challenge_method") == "S256"
        if not is_for_us or not is_safe or "openid" not in asked.given("scope").split():
            return Answer.html("<p>invalid_request</p>", 400)
        if self.redirect_uri and asked.given("redirect_uri") != self.redirect_uri:
            return Answer.html("<p>The redirect address is not the registered one.</p>", 400)
        if asked.method == "GET":
            return Answer.html(self._form(asked.query))
        if asked.form.get("decision") != "approve":
            return Answer.to(asked.given("redirect_uri"), error="access_denied", state=asked.given("state"))
        code = secrets.token_urlsafe(24)
        self.codes[code] = {
            "sub": asked.form["account"],
            **{name: asked.given(name) for name in ("redirect_uri", "nonce", "code_challenge")},
        }
        return Answer.to(asked.given("redirect_uri"), code=code, state=asked.given("state"))

    def _form(self, parameters: dict[str, str]) -> str:
        options = "".join(
            f'<option value="{escape(employee.sub)}">{escape(employee.name)}</option>'
            for employee in self.employees.values()
        )
        return (
            "<h1>Stand-in for the staff sign-in</h1>"
            f'<form method="post" action="{AUTHORIZE}">{hidden_fields(parameters)}'
            f'<label>Account <select name="account">{options}</select></label>'
            '<button name="decision" value="approve">Sign in</button>'
            '<button name="decision" value="deny">Cancel</button></form>'
        )

    def token(self, asked: Asked) -> Answer:
        if (asked.form.get("client_id"), asked.form.get("client_secret")) != (self.client_id, self.client_secret):
            return oauth_error("invalid_client", "Client authentication failed", 401)
        code = self.codes.pop(asked.form.get("code", ""), None)
        if code is None or asked.form.get("redirect_uri") != code["redirect_uri"]:
            return oauth_error("invalid_grant", "The code is unknown, or was used already", 400)
        if s256(asked.form.get("code_verifier", "")) != code["code_challenge"]:
            return oauth_error("invalid_grant", "PKCE verification failed", 400)
        token = secrets.token_urlsafe(24)
        self.tokens[token] = code["sub"]
        return Answer.json(
            {"token_type": "Bearer", "expires_in": 3600, "access_token": token, "id_token": self.id_token(code)}
        )

    def id_token(self, code: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": code["sub"],
            "aud": self.client_id,
            "nonce": code["nonce"],
            "iat": now,
            "exp": now + 300,
            **self.wrong,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        headers = {"kid": self.key_id} if self.key_id else {}
        if self.signed_with == "none":
            return jwt.encode(claims, None, algorithm="none", headers=headers)
        if self.signed_with == "HS256":
            return jwt.encode(claims, self.client_secret * 4, algorithm="HS256", headers=headers)
        key = private_key("another") if self.signed_with == "another key" else self.key
        return jwt.encode(claims, key, algorithm="RS256", headers=headers)

    def userinfo(self, asked: Asked) -> Answer:
        sub = self.tokens.get(asked.headers.get("authorization", "").removeprefix("Bearer "))
        if sub is None:
            return Answer.json({"error": "invalid_token"}, 401)
        return Answer.json({**self.employees[sub].claims(), **self.wrong_userinfo})

    def keys(self, _asked: Asked) -> Answer:
        public = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return Answer.json({"keys": [{**public, "kid": "key-1", "use": "sig", "alg": "RS256"}]})
