"""How a machine of others can tell what is ours: several sites, such as a trial copy, may share one server.

Whoever reconciles ends what it does not know, so a site must never find the rooms of another one among its own.
"""

from hashlib import sha256

from django.conf import settings


def site_mark() -> str:
    """Six signs for this site."""
    return sha256(settings.SITE_URL.encode()).hexdigest()[:6]


def prefix() -> str:
    """What the name of everything begins with that this site makes. With a key it has 49 signs; Discourse takes 50."""
    return f"movement-strategy-{site_mark()}-"


def named(key: str) -> str:
    return prefix() + key


def key_in(name: str) -> str:
    """The key in a name of ours, or "" when this site did not make it."""
    return name.removeprefix(prefix()) if name.startswith(prefix()) else ""
