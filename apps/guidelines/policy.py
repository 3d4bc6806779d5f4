from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from apps.accounts.models import User
from apps.guidelines.queries import drafters


def may_draft(person: User | AnonymousUser, now: datetime) -> bool:
    """Administrators and reviewers draft, announce and publish; any one of them."""
    return person.pk is not None and drafters(now).filter(pk=person.pk).exists()
