from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.notifications.actions import write_letters
from apps.people import words
from apps.people.models import Affiliate, RoleTerm
from apps.record.actions import write


@transaction.atomic
def grant_role(person: User, *, role: str, until: datetime, by: User | None, now: datetime) -> RoleTerm:
    """Grant a role until a time; `by` is an administrator, or None for the command of an operator."""
    if until <= now:
        raise Refused(_("A term ends in the future."), field="until")
    if person.is_blocked:
        raise Refused(_("This account is blocked and cannot hold a role."), field="username")
    if RoleTerm.objects.filter(user=person, role=role, starts_at__lte=now, ends_at__gt=now).exists():
        raise Refused(_("This person holds the role already."), field="username")
    term = RoleTerm.objects.create(user=person, role=role, starts_at=now, ends_at=until, granted_by=by)
    write(words.GRANTED if by else words.GRANTED_BY_OPERATOR, by=by, now=now, term=term)
    write_letters(
        words.ROLE_GRANTED,
        to=[person],
        key=str(term.pk),
        link=reverse("home:me"),
        now=now,
        role=lambda: RoleTerm.Role(role).label,
        until=until,
    )
    return term


@transaction.atomic
def end_role(term: RoleTerm, *, by: User | None, now: datetime) -> None:
    """End a term before its time."""
    term = RoleTerm.objects.select_for_update().get(pk=term.pk)
    if term.ends_at <= now:
        raise Refused(_("This term has ended already."))
    term.ends_at = now
    term.save(update_fields=["ends_at"])
    write(words.ENDED, by=by, now=now, term=term)


@transaction.atomic
def load_affiliates(data: dict[str, Any]) -> int:
    """Bring the list of affiliates up to date with its file; returns how many."""
    for row in data["affiliates"]:
        Affiliate.objects.update_or_create(
            name=row["name"],
            defaults={"country": row["country"], "region": row["region"] or "", "kind": row["type"]},
        )
    return len(data["affiliates"])
