from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from apps.accounts.models import StaffIdentity, User, valid_staff_reviewers
from apps.accounts.queries import personal_data, role_words
from apps.people.models import Affiliate, RoleTerm


def running_terms(now: datetime) -> QuerySet[RoleTerm]:
    return RoleTerm.objects.filter(starts_at__lte=now, ends_at__gt=now)


def holders_of(role: str, now: datetime) -> QuerySet[User]:
    """The people who hold a granted role now and are not blocked."""
    terms = running_terms(now).filter(role=role)
    return User.objects.filter(blocked_at=None, pk__in=terms.values("user"))


def reviewers(now: datetime) -> QuerySet[User]:
    """Everybody who may review: granted for a term, or by a linked staff sign-in of the last 30 days."""
    granted = running_terms(now).filter(role=RoleTerm.Role.REVIEWER)
    staff = StaffIdentity.objects.filter(valid_staff_reviewers(now))
    return User.objects.filter(Q(pk__in=granted.values("user")) | Q(pk__in=staff.values("user")), blocked_at=None)


def administrators(now: datetime) -> QuerySet[User]:
    return holders_of(RoleTerm.Role.ADMINISTRATOR, now)


def affiliates_by_region() -> Iterable[Affiliate]:
    return Affiliate.objects.order_by("region", "name")


@role_words
def _roles_in_words(people: list[User]) -> dict[int, list[str]]:
    words: dict[int, list[str]] = {}
    for term in RoleTerm.objects.filter(user__in=people):
        words.setdefault(term.user_id, []).append(term.get_role_display())
    return words


@personal_data("roles")
def _roles_of(person: User) -> dict[str, Any]:
    granted = RoleTerm.objects.filter(granted_by=person)
    return {
        "held": list(person.role_terms.values("role", "starts_at", "ends_at")),
        "granted": list(granted.values("user__username", "role", "starts_at", "ends_at")),
    }
