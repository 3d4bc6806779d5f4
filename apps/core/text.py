"""Sentences, translated now or when they are shown, and what they are put together from."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import pgettext

Words = str | Promise


def comma() -> str:
    """What stands between the items of a list; Arabic has a comma of its own."""
    return pgettext("between the items of a list", ", ")


def listed(items: Iterable[object]) -> str:
    return comma().join(str(item) for item in items)
