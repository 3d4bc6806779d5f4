"""What letters carry that nobody else can make: the proof in their unsubscribe link, and their Message-ID."""

import re

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from apps.accounts.models import User
from apps.notifications.models import Letter

UNSUBSCRIBE_SALT = "notifications.unsubscribe"
# What a link stops, where it is not one kind of letter.
ALL_MAIL, DIGESTS = "", "digests"

Unsubscribing = tuple[int, str]


def unsubscribe_token(person: User, what: str = ALL_MAIL) -> str:
    """Proves that somebody has a letter to this person: of one kind (its name), a digest, or any."""
    return signing.dumps([person.pk, what], salt=UNSUBSCRIBE_SALT)


def unsubscribing(token: str) -> Unsubscribing | None:
    """The person, by id, and what they stop. Tokens of the first letters named the person alone."""
    try:
        found = signing.loads(token, salt=UNSUBSCRIBE_SALT)
    except signing.BadSignature:
        return None
    return (found, ALL_MAIL) if isinstance(found, int) else (found[0], found[1])


def message_id(letter: Letter, *, is_digest: bool = False) -> str:
    """The same whenever a letter is sent, so that mail programs show it once; a digest has that of its first one."""
    name = f"{'digest' if is_digest else 'letter'}-{letter.pk}"
    return f"<{name}-{_seal(name)}@{settings.SITE_HOST}>"


def letter_id_in(message_id: str) -> int | None:
    """The id of the letter that was sent under this Message-ID; None for one that this site never made."""
    found = re.fullmatch(r"<((?:letter|digest)-(\d{1,18}))-([0-9a-f]+)@[^<>]*>", message_id.strip())
    return int(found[2]) if found and constant_time_compare(found[3], _seal(found[1])) else None


def _seal(name: str) -> str:
    return salted_hmac("notifications.message_id", name, algorithm="sha256").hexdigest()[:20]
