"""Secrets that the database keeps, and that a copy of it gives away to nobody: sealed with a key of the site.

The key is worked out of SECRET_KEY, so that there is one secret to keep; SECRET_KEY_FALLBACKS still open what was
sealed before the key changed.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes


def seal(text: str) -> str:
    """The text as only this site can read it; "" stays "", so that an empty field can be seen to be one."""
    return _keys().encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str:
    """What was sealed; "" when the key it was sealed with is gone, since a page is no place to fail for it."""
    try:
        return _keys().decrypt(sealed.encode()).decode() if sealed else ""
    except InvalidToken:
        return ""


def _keys() -> MultiFernet:
    return MultiFernet([_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str | bytes) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"movement-strategy: sealed").derive(
        force_bytes(secret)
    )
    return Fernet(base64.urlsafe_b64encode(derived))
