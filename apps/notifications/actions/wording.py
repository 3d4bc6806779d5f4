"""The words of a notice in one language."""

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import override

from apps.core.dates import day
from apps.notifications.kinds import LetterKind

LONGEST_SUBJECT = 280


def render(kind: LetterKind, language: str, context: dict[str, Any]) -> tuple[str, str, str]:
    """Subject, body and link words of a notice in one language, with the times left open."""
    subject, body, link_words = _translated(kind, language, is_quoted=bool(context.get("quote")))
    with override(language):
        words = {name: in_words(name, value) for name, value in context.items()}
    return shortened(" ".join((subject % words).split())), body % words, link_words


@lru_cache(maxsize=1000)
def _translated(kind: LetterKind, language: str, *, is_quoted: bool) -> tuple[str, str, str]:
    """Subject, body and link words with all names left open."""
    quote = kind.quote if is_quoted else ""
    with override(language):
        parts = [str(part) for part in (kind.happened, quote, kind.asked, kind.silence, kind.why) if part]
        return str(kind.subject), "\n\n".join(parts), str(kind.link_words)


def in_words(name: str, value: Any) -> str:
    if isinstance(value, datetime):
        return f"%({name})s"
    if callable(value):
        value = value()
    return (day(value) if isinstance(value, date) else str(value)).replace("%", "%%")


def shortened(subject: str) -> str:
    """At most 300 characters, never cut within a "%(due_at)s" or "%%"."""
    return subject if len(subject) <= LONGEST_SUBJECT else re.sub(r"%(\([^)]*)?$", "", subject[:LONGEST_SUBJECT]) + "…"
