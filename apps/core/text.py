"""Sentences, translated now or when they are shown, and what they are put together from."""

import re
from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import pgettext

Words = str | Promise
MAIL_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")


def comma() -> str:
    """What stands between the items of a list; Arabic has a comma of its own."""
    return pgettext("between the items of a list", ", ")


def without_mail_addresses(words: str) -> str:
    """What a server said: it may echo the address of somebody, which is nobody else's to read."""
    return MAIL_ADDRESS.sub("…", words)


def semicolon() -> str:
    """What stands between the items of a list that have commas of their own."""
    return pgettext("between the items of a list that have commas of their own", "; ")


def listed(items: Iterable[object], between: str = "") -> str:
    return (between or comma()).join(str(item) for item in items)
