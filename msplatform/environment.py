"""What the site reads from its environment, refused with a sentence when it is wrong.

The table in docs/operations.md explains every name; a test holds the two together.
"""

import json
import re
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from apps.resources.providers.protocol import Server

NAMES = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
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
    "RESOURCE_SERVERS",
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

# Each kind of server with what it cannot do without.
SERVER_KINDS: dict[str, tuple[str, ...]] = {
    "jitsi": (),
    "bigbluebutton": ("secret",),
    "etherpad": (),
    "discourse": ("secret", "user"),
    "mailman": ("secret", "user"),
}
# What else can be said of each, in `options`, beside the `ca_file` of any; True where it cannot do without.
SERVER_OPTIONS: dict[str, dict[str, bool]] = {
    "jitsi": {"audience": False, "domain": False, "algorithm": False},
    "bigbluebutton": {"checksum": False},
    "etherpad": {},
    "discourse": {"category": True},
    "mailman": {"domain": False},
}
CHECKSUMS = ("sha1", "sha256", "sha384", "sha512")
# Of tokens that are signed with a shared secret.
ALGORITHMS = ("HS256", "HS384", "HS512")

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


def resource_servers() -> dict[str, Server]:
    """The servers that rooms and other things are made on, by name. Refusals name the server and never its secret."""
    try:
        found = json.loads(text("RESOURCE_SERVERS") or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise refuse("RESOURCE_SERVERS", "must be a JSON object with a name for each server.")
    servers = {
        kind: Server(name=kind, kind=kind, url=address(name, default))
        for kind, name, default in (
            ("jitsi", "JITSI_URL", "https://meet.jit.si"),
            ("etherpad", "ETHERPAD_URL", "https://etherpad.wikimedia.org"),
        )
    }
    return servers | {name: _server(name, about) for name, about in found.items()}


def _server(name: str, about: Any) -> Server:
    if why := _server_refusal(name, about):
        raise refuse("RESOURCE_SERVERS", why)
    return Server(
        name=name,
        kind=about["kind"],
        url=about["url"].strip().rstrip("/"),
        secret=about.get("secret", ""),
        user=about.get("user", ""),
        options=about.get("options", {}),
        is_internal=about.get("internal", False),
    )


def _server_refusal(name: str, about: Any) -> str:
    """Why a server cannot be as it is described; "" when it can."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
        return "names a server with other signs than small letters, digits and hyphens, or more than 40."
    if not isinstance(about, dict) or set(about) - {"kind", "url", "secret", "user", "internal", "options"}:
        return f"must describe {name} by kind, url, secret, user, internal and options, and nothing else."
    options = about.get("options", {})
    if not isinstance(options, dict) or not isinstance(about.get("internal", False), bool):
        return f"must give {name} options as an object, and internal as true or false."
    texts = [about.get(part, "") for part in ("kind", "url", "secret", "user")]
    if not all(isinstance(value, str) for value in [*texts, *options.values()]):
        return f"must give kind, url, secret, user and options of {name} as text."
    if about.get("kind") not in SERVER_KINDS:
        return f"must give {name} a kind, one of: {', '.join(SERVER_KINDS)}."
    if missing := [part for part in SERVER_KINDS[about["kind"]] if not about.get(part)]:
        return f"must give {name} a {' and a '.join(missing)}."
    return (
        _address_refusal(name, about) or _options_refusal(name, about["kind"], options) or _token_refusal(name, about)
    )


def _address_refusal(name: str, about: dict[str, Any]) -> str:
    try:
        parts = urlsplit(about.get("url", "").strip())
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        has_host = False
    if not has_host or parts.scheme not in {"http", "https"} or parts.username or parts.query or parts.fragment:
        return f"must give {name} an address such as https://example.org, without a password in it."
    if parts.scheme == "http" and not about.get("internal", False):
        return f"must give {name} an address with https://, since its secret travels there; http:// needs internal."
    return ""


def _options_refusal(name: str, kind: str, options: dict[str, str]) -> str:
    known = SERVER_OPTIONS[kind]
    if set(options) - {*known, "ca_file"}:
        return f"must give {name} no other options than: {', '.join([*known, 'ca_file'])}."
    if missing := [option for option, is_needed in known.items() if is_needed and not options.get(option)]:
        return f"must give {name} the option {' and '.join(missing)}."
    if not re.fullmatch(r"\d{0,9}", options.get("category", "")):
        return f"must give {name} the number of its category."
    if options.get("checksum", "sha256") not in CHECKSUMS:
        return f"must give {name} a checksum that is one of: {', '.join(CHECKSUMS)}."
    if options.get("ca_file") and not Path(options["ca_file"]).is_file():
        return f"must give {name} a ca_file that is there."
    return ""


def _token_refusal(name: str, about: dict[str, Any]) -> str:
    """Jitsi alone has tokens: a secret signs them, and a user says whose they are."""
    if about["kind"] != "jitsi":
        return ""
    if bool(about.get("secret")) != bool(about.get("user")):
        return f"must give {name} both a secret and a user, or none of them."
    algorithm = about.get("options", {}).get("algorithm", "HS256")
    if algorithm not in ALGORITHMS:
        return f"must give {name} an algorithm that is one of: {', '.join(ALGORITHMS)}."
    return ""


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


def secret_key_fallbacks() -> list[str]:
    """The keys of before, with spaces between: what was sealed or signed with them can still be read."""
    found = text("SECRET_KEY_FALLBACKS").split()
    if any(len(key) < 50 for key in found):
        raise refuse("SECRET_KEY_FALLBACKS", "must be keys of at least 50 characters, with spaces between.")
    return found


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
