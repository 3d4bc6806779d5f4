"""What every page shows: who reads it, what they owe, and what the footer says."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import lazy

from apps.home.queries import header_of


def site(request: HttpRequest) -> dict[str, Any]:
    now = timezone.now()
    context = {
        "now": now,
        "demo": settings.DEMO,
        "run_by": settings.RUN_BY,
        "privacy_url": settings.PRIVACY_URL,
        "source_url": settings.SOURCE_URL,
        "theme": "",
        "is_reviewer": False,
        "is_administrator": False,
    }
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return context
    # Asked once, and only by pages that show it. Lazy numbers, so that plural forms can calculate with them.
    header = cache(lambda: header_of(person, now))
    return context | {
        "theme": person.theme,
        "owed_count": lazy(lambda: header().owed, int)(),
        "unread_count": lazy(lambda: header().unread, int)(),
        "is_reviewer": lazy(lambda: int(header().is_reviewer), int)(),
        "is_administrator": lazy(lambda: int(header().is_administrator), int)(),
    }
