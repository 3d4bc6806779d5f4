from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from apps.accounts.models import User
from apps.people import queries


def may_review(person: User | AnonymousUser, now: datetime) -> bool:
    """Reviewers: a linked staff sign-in in the right directory group, or a role granted for a term."""
    return person.pk is not None and queries.reviewers(now).filter(pk=person.pk).exists()


def may_grant_roles(person: User | AnonymousUser, now: datetime) -> bool:
    return person.pk is not None and queries.administrators(now).filter(pk=person.pk).exists()
