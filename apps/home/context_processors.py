"""What every page shows: who reads it, what they owe, and what the footer says."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from apps.deadlines.queries import deadlines_owed_by
from apps.notifications.queries import unread_count
from apps.people.policy import may_review


def site(request: HttpRequest) -> dict[str, Any]:
    now = timezone.now()
    context = {
        "now": now,
        "demo": settings.DEMO,
        "privacy_url": settings.PRIVACY_URL,
        "source_url": settings.SOURCE_URL,
        "theme": "",
        "is_reviewer": False,
    }
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return context
    return context | {
        "theme": person.theme,
        "owed_count": SimpleLazyObject(lambda: deadlines_owed_by(person, now).count()),
        "unread_count": SimpleLazyObject(lambda: unread_count(person)),
        "is_reviewer": SimpleLazyObject(lambda: may_review(person, now)),
    }
