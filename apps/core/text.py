"""Sentences, translated now or when they are shown, and what they are put together from."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import pgettext

Words = str | Promise


def comma() -> str:
    """What stands between the items of a list; Arabic has a comma of its own."""
    return pgettext("between the items of a list", ", ")


def semicolon() -> str:
    """What stands between the items of a list that have commas of their own."""
    return pgettext("between the items of a list that have commas of their own", "; ")


def listed(items: Iterable[object], between: str = "") -> str:
    return (between or comma()).join(str(item) for item in items)
