"""What the site reads from its environment, refused with a sentence when it is wrong.

The table in docs/operations.md explains every name; a test holds the two together.
"""

from datetime import date
from ipaddress import ip_address
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

NAMES = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "SITE_URL",
    "ALLOWED_HOSTS",
    "EMAIL_URL",
    "DEFAULT_FROM_EMAIL",
    "WIKIMEDIA_CLIENT_ID",
    "WIKIMEDIA_CLIENT_SECRET",
    "WIKIMEDIA_REST_API",
    "WIKIMEDIA_API",
    "OIDC_ISSUER",
    "OIDC_AUTHORIZATION_ENDPOINT",
    "OIDC_TOKEN_ENDPOINT",
    "OIDC_USERINFO_ENDPOINT",
    "OIDC_JWKS_ENDPOINT",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "OIDC_REVIEWER_GROUPS",
    "JITSI_URL",
    "ETHERPAD_URL",
    "DEMO",
    "DATA_DIR",
    "SOURCE_URL",
    "RUN_BY",
    "LAUNCHED_ON",
)

OIDC_ENDPOINTS = (
    "OIDC_AUTHORIZATION_ENDPOINT",
    "OIDC_TOKEN_ENDPOINT",
    "OIDC_USERINFO_ENDPOINT",
    "OIDC_JWKS_ENDPOINT",
)

env = environ.Env()


def refuse(name: str, reason: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} {reason} See the table in docs/operations.md.")


def text(name: str, default: str = "") -> str:
    return str(env.str(name, default=default)).strip()


def flag(name: str) -> bool:
    value = text(name).lower()
    if value in {"", "0", "no", "false", "off"}:
        return False
    if value in {"1", "yes", "true", "on"}:
        return True
    raise refuse(name, f"is {value!r}, but must be 1 or 0.")


def words(name: str) -> list[str]:
    return [part.strip() for part in text(name).split(";" if "=" in text(name) else ",") if part.strip()]


def day(name: str) -> date | None:
    """A day such as 2026-11-01, or None when none is set."""
    value = text(name)
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise refuse(name, f"is {value!r}, but must be a day such as 2026-11-01.") from error


def address(name: str, default: str = "") -> str:
    """An http(s) address without a trailing slash, or "" when none is set."""
    value = text(name, default).rstrip("/")
    if not value:
        return ""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise refuse(name, f"is {value!r}, but must be an address such as https://example.org.")
    return value


def origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def sign_in_origins(*addresses: str) -> list[str]:
    """Where the form of a sign-in may lead. Browsers hold every hop of the redirects against this list.

    Meta-Wiki sends people who are signed out on to auth.wikimedia.org, by way of login.wikimedia.org.
    """
    found = dict.fromkeys(origin(address) for address in addresses if address)
    if any((urlsplit(name).hostname or "").endswith(".wikimedia.org") for name in found):
        found["https://*.wikimedia.org"] = None
    return list(found)


def service(name: str, default: str, schemes: tuple[str, ...]) -> str:
    """The address of a service such as a database, checked for its scheme."""
    value = text(name, default)
    if value and urlsplit(value).scheme not in schemes:
        raise refuse(name, f"must begin with one of: {', '.join(s + '://' for s in schemes)}.")
    return value


def secret_key(*, demo: bool) -> str:
    value = text("SECRET_KEY")
    if not value and demo:
        return "example-only-" + "x" * 50
    if len(value) < 50 or len(set(value)) < 5:
        raise refuse("SECRET_KEY", "must be set to at least 50 random characters.")
    return value


def together(*names: str) -> None:
    """Refuse settings of which some are set and some are not."""
    missing = [name for name in names if not text(name)]
    if missing and len(missing) < len(names):
        raise refuse(", ".join(missing), f"must be set too, since {names[0]} and the others belong together.")


def staff_sign_in() -> bool:
    """Whether staff can sign in: an issuer or all four endpoints, with a client."""
    together("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    together(*OIDC_ENDPOINTS)
    if not text("OIDC_CLIENT_ID"):
        return False
    if not text("OIDC_ISSUER"):
        raise refuse("OIDC_ISSUER", "must be set with OIDC_CLIENT_ID: staff are matched on issuer and subject.")
    return True


def is_loopback(host: str) -> bool:
    host = host.strip("[]")
    if host in {"localhost", "testserver"} or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def demo_refusal(*, site_url: str, allowed_hosts: list[str]) -> str:
    """Why DEMO cannot be on with these settings; "" when it can."""
    public = [h for h in [urlsplit(site_url).hostname or "", *allowed_hosts] if not is_loopback(h)]
    if urlsplit(site_url).scheme == "https" or public:
        return (
            "DEMO lets anybody sign in as anybody, so it works on this machine alone: "
            "SITE_URL must be http:// and every host a loopback address"
            + (f", which {public[0]} is not." if public else ".")
        )
    return ""
